#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh - show the markers of the Lua port: in the notes, recorded without
# root, and live by another tracer.
#
#   demo.sh DIRECTORY SIGNATURES PYTRACE
#
# DIRECTORY is where build.sh has put the interpreter; SIGNATURES is a file
# with the markers of the definition, one a line; PYTRACE is the program that
# records. TRACER is bpftrace or gdb; where it is not given, bpftrace where it
# can be used and otherwise gdb, with a line that says why. Exit status 0 when
# every marker fired.

set -eu
# What programs print is read below: in English, and bytes as they are.
LC_ALL=C
export LC_ALL
unset CDPATH
here=$(cd "$(dirname "$0")" && pwd)
directory=$(cd "$1" && pwd)
signatures=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
pytrace=$(cd "$(dirname "$3")" && pwd)/$(basename "$3")
lua=$directory/lua
work=$directory/traced
if ! { mkdir -p "$work" && rm -f "$work/"* && : > "$work/events"; } \
    2> /dev/null; then
    echo "demo.sh: cannot write to $work; copy $directory to a place where" \
        "you can" >&2
    exit 1
fi

echo
echo "The markers of $lua, as readelf -n prints them"
echo
sh "$here/../../../tests/tools/sites.sh" "$lua" | awk '
    function row(a, b, c, d) { printf "  %-8s %-26s %-26s %s\n", a, b, c, d }
    BEGIN { row("PROVIDER", "MARKER", "ARGUMENTS", "SEMAPHORE") }
    {
        provider = $1
        name = $2
        semaphore = $4
        sub(/0x0+/, "0x", semaphore)
        sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ ?/, "")
        row(provider, name, $0, semaphore)
    }'
markers=$(sed 's/(.*//' "$signatures" | tr '\n' ' ')

sudo=
why=
if [ -z "${TRACER:-}" ]; then
    TRACER=bpftrace
    if [ "$(id -u)" != 0 ]; then
        if command -v sudo > /dev/null && sudo -n true 2> /dev/null; then
            sudo=sudo
        else
            why="bpftrace needs root or sudo"
        fi
    fi
    command -v bpftrace > /dev/null || why="there is no bpftrace"
fi

cd "$here"

# ---- recorded by pytrace itself

# show_recording FILE: a few calls, and which markers are in it.
show_recording() {
    "$pytrace" print "$1" | awk -v markers="$markers" '
        BEGIN { expected = split(markers, marker, " ") }
        !/^#/ { fired[$3] }
        /funcname="relay"/ && !shown { shown = 1 }
        shown > 0 && shown <= 8 && / function__/ {
            print "  " $0
            shown++
        }
        END {
            for (i = 1; i <= expected; i++)
                if (marker[i] in fired)
                    count++
                else
                    print "not recorded: " marker[i]
            printf "\n%d of %d markers are recorded\n", count, expected
            exit count < expected
        }'
}

recorded=none
echo
if [ ! -x "$pytrace" ]; then
    echo "Note: pytrace was not built, as libelf or zlib is missing; there is" \
        "no recording."
elif "$pytrace" record -o "$work/sample.rec" -- "$lua" sample.lua \
    > /dev/null 2> "$work/said" &&
    "$pytrace" print "$work/sample.rec" 2> /dev/null | grep -q '^[^#]'; then
    recorded=all
    echo "Recorded by pytrace, which needs no root; some of the calls:" \
        "$lua sample.lua"
    echo
    show_recording "$work/sample.rec" || recorded=some
    sed 's/, into .*//' "$work/said"
    echo "See the whole: $pytrace print $work/sample.rec"
else
    echo "Note: pytrace cannot record here ($(head -n 1 "$work/said"))."
fi

# ---- live, by another tracer

trace_with_bpftrace() {
    sh "$here/../../../tests/tools/replace.sh" @LUA@ "$lua" \
        < "$here/trace.bt" > "$work/trace.bt"
    $sudo env BPFTRACE_PERF_RB_PAGES=1024 \
        bpftrace -q "$work/trace.bt" -c "$lua sample.lua" \
        > "$work/unsorted" 2> "$work/errors" || return 1
    # The processors' buffers are read one after the other.
    grep '^[0-9]' "$work/unsorted" | sort -s -n -k1,1 > "$work/events"
    [ -s "$work/events" ]
}

trace_with_gdb() {
    EVENTS=$work/events PROVIDER=lua DEFINITION=$signatures \
        gdb -q -batch -nx -x "$here/trace.py" \
        --args "$lua" sample.lua > "$work/errors" 2>&1 ||
        return 1
}

echo
if [ "$TRACER" = bpftrace ] && [ -z "$why" ]; then
    if trace_with_bpftrace; then
        echo "Live, by bpftrace: $lua sample.lua"
        grep 'Lost' "$work/unsorted" "$work/errors" >&2 || true
    else
        why=$(grep -v -e RLIMIT_MEMLOCK -e '^$' "$work/errors" | head -n 1)
        why="bpftrace cannot trace here${why:+ ($why)}"
    fi
fi
if [ "$TRACER" = gdb ] || [ -n "$why" ]; then
    [ -z "$why" ] || echo "Note: $why; gdb shows the live part instead."
    if ! command -v gdb > /dev/null; then
        if [ $recorded = all ]; then
            echo "There is no gdb either: the recording is all that is shown."
            exit 0
        fi
        echo "demo.sh: there is no gdb either; install gdb or bpftrace" >&2
        exit 1
    fi
    if ! trace_with_gdb; then
        tail -n 5 "$work/errors" >&2
        echo "demo.sh: gdb could not trace $lua" >&2
        exit 1
    fi
    echo "Live, by gdb (whose stops are in the times):" \
        "$lua sample.lua"
fi

awk -v markers="$markers" -f "$here/show.awk" "$work/events"
[ $recorded != some ]
