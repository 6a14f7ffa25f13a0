#!/bin/sh
# SPDX-License-Identifier: MIT
# traced.sh - what an event costs while it is traced; as root.
#
#   traced.sh [--quick] DIRECTORY RESULTS [PART...]
#
# Builds in DIRECTORY, which can be kept for the next run, measures, and then
# appends to the file RESULTS a line for each figure, its fields separated by
# tabs: TABLE ROW COLUMN UNIT VALUE LOW HIGH N. VALUE is the median of N
# samples, LOW and HIGH are the lowest and the highest. The samples of a PART
# are taken in turns, in an order that rotates, so that they can be compared.
# The parts, all unless some are named, and their tables:
#
#   event     "event": ns an event of one marker in one thread, processor time
#             (which other work on the machine disturbs less); counted by
#             bpftrace in the kernel ("counted", gc__done with its integer), and
#             with two strings copied there (column "strings", function__entry;
#             they are the key of the map that counts, 64 bytes each at most).
#             LTTng-UST records the event with its integer, or with two strings
#             and an integer, and the time, in memory shared with its daemon,
#             which writes them to a file; pytrace record the same, in memory
#             shared with the command, which writes a file, too. debug.sethook
#             is Lua's own call hook: what a call takes longer that a hook
#             counts ("strings": and asks for the function's source, name and
#             line).
#             "site": what stood at the probe site meanwhile, a trap or a call
#   threads   "threads": ns an event in each of 1, 2, 4 and 8 threads, all
#             firing at once, counted; the time that goes by, as the threads
#             share the machine's processors
#   attach    "attach": ms to attach to a marker and to detach, with 1, 10, 100
#             and 500 running processes: the kernel's part (perf_event_open),
#             and bpftrace and pytrace record, from its start until it is
#             attached, and from its being told to end until it has
#   slowdown  "slowdown": the processor time of a Lua program with 1 to 8
#             markers counted by bpftrace, or recorded, to that without
#   recorder  "recorder": how many events a second pytrace record writes to a
#             file for a minute (--quick: 3 seconds) without losing one, with
#             its default ring (the program sleeps between its bursts; the
#             reader has a real-time priority, so that other work cannot keep it
#             away), and which part of a processor the reader takes; the memory
#             that it shares with a thread; and, where the CPython of
#             "./quickstart cpython" is there, what a call of an empty function
#             takes longer with both of its events recorded. The other parts
#             add what they compare it with
#   sharing   "sharing": untraced; ns a guard in one thread, alone or while
#             another one (2) counts, in the semaphore's cache line or elsewhere
#
# What was counted must be what was fired; else there are no results. Where events
# of pytrace record were lost, as the machine is busy, the sample is taken again.
# --quick takes fewer samples. PYTRACE_BPFTRACE is the bpftrace to use, CC the
# compiler; the Lua is the one in the build directory $builddir, build/ unless
# given. Exit status 1 when something could not be measured, 2 when the command
# line is wrong.

set -eu
LC_ALL=C
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
source=$(dirname "$here")
build=${builddir:-$source/build}
parts="event threads attach slowdown recorder sharing"

usage() {
    echo "usage: traced.sh [--quick] DIRECTORY RESULTS [PART...]" \
        "(parts: $parts)" >&2
    exit 2
}

fail() {
    printf 'traced.sh: %s\n' "$*" >&2
    exit 1
}

# In a mount namespace of its own, for a private LTTng: its sockets are in /run
# and its buffers in /dev/shm. Nothing is left mounted.
[ "$(id -u)" = 0 ] || fail "tracing by the kernel needs root"
umask 022
# shellcheck source=SCRIPTDIR/../tests/tools/mounts.sh
. "$source/tests/tools/mounts.sh"
need_private_mounts "$0" "$@"
# shellcheck source=SCRIPTDIR/../tests/tools/wait.sh
. "$source/tests/tools/wait.sh"

quick=
case ${1:-} in
--quick)
    quick=1
    shift ;;
-*) usage ;;
esac
[ $# -ge 2 ] || usage
directory=$1 results=$2
shift 2
[ $# = 0 ] || {
    for part; do
        case " $parts " in
        *" $part "*) ;;
        *) usage ;;
        esac
    done
    parts=$*
}
(: >> "$results") 2> /dev/null || fail "cannot write to $results"
mkdir -p "$directory" 2> /dev/null || fail "cannot make $directory"
directory=$(cd "$directory" && pwd)
cc=${CC:-gcc}
bpftrace=${PYTRACE_BPFTRACE:-bpftrace}

for program in "${cc%% *}" "$bpftrace" make pkg-config readelf lttng \
    lttng-sessiond babeltrace2; do
    command -v "$program" > /dev/null ||
        fail "there is no $program (Debian's packages: gcc bpftrace make" \
            "pkg-config binutils lttng-tools liblttng-ust-dev babeltrace2)"
done
[ -e /sys/bus/event_source/devices/uprobe ] ||
    fail "this kernel has no uprobes"
[ -f "$build/Makefile" ] ||
    fail "$build is not configured; run ./quickstart demo first"
[ -x "$build/pytrace" ] ||
    fail "there is no pytrace in $build (Debian's package: libelf-dev)"
[ -x "$source/configure" ] ||
    fail "there is no configure in $source; run ./quickstart demo first"
default_nop=$(sed -n 's/^PYTRACE_NOP = //p' "$build/Makefile")

# ---- what is left of a run, however it ends

scratch=$(mktemp -d "$directory/run.XXXXXX")
pids=

end_session() {
    if [ -f "$scratch/lttng/session" ]; then
        rm "$scratch/lttng/session"
        lttng --no-sessiond destroy bench > /dev/null 2>&1 || true
    fi
}

# shellcheck disable=SC2086
clean_up() {
    trap '' INT TERM HUP
    end_session
    [ -z "$pids" ] || kill $pids 2> /dev/null || true
    [ -z "$pids" ] || wait $pids 2> /dev/null || true
    rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs tmpfs /dev/shm

# ---- building

# step TEXT COMMAND...: run it; its output is shown when it fails.
step() {
    echo "$1" >&2
    shift
    "$@" > "$scratch/log" 2>&1 || {
        tail -n 20 "$scratch/log" >&2
        fail "this failed: $*"
    }
}

# library FORM: the library with that probe instruction, in DIRECTORY/FORM.
library() (
    mkdir -p "$directory/$1" && cd "$directory/$1" || exit
    if [ ! -f config.status ] ||
        [ -n "$(find "$source/configure" -newer config.status)" ]; then
        "$source/configure" -q --disable-maintainer-mode CC="$cc" \
            --with-probe-nop="$1" || exit
    fi
    make -s libpytrace.a
)

# compile PROGRAM SOURCE ARGUMENT...
compile() {
    program=$1
    file=$here/$2
    shift 2
    $cc -std=gnu11 -O2 -Wall -Wextra -Wpedantic \
        -o "$directory/$program.new" "$file" "$@" -lpthread &&
        mv "$directory/$program.new" "$directory/$program"
}

nops="nop nop5 nop+nop5 nop+nop10"
lua_source=$build/hosts/lua/src/unpatched/src

build_all() {
    for nop in $nops; do
        step "build: the library with $nop" library "$nop"
        step "build: host, $nop" compile "host-$nop" host.c -DHOST_PYTRACE \
            -I"$directory/$nop/include" "$directory/$nop/libpytrace.a"
    done
    step "build: host, sys/sdt.h" compile host-sdt host.c -DHOST_SDT
    step "build: host, pytrace record" compile host-recorder host.c \
        -DHOST_PYTRACE -DHOST_RECORDED -I"$directory/$default_nop/include" \
        "$directory/$default_nop/libpytrace.a"
    step "build: host, LTTng-UST" compile host-lttng host.c -DHOST_LTTNG \
        -I"$here" -llttng-ust -ldl
    step "build: attach" compile attach attach.c
    step "build: sharing" compile sharing sharing.c \
        -I"$directory/$default_nop/include" \
        "$directory/$default_nop/libpytrace.a"
    step "build: Lua" make -C "$build" hosts/lua/unpatched/lua
    step "build: hooks" compile hooks hooks.c -I"$lua_source" \
        "$lua_source/liblua.a" -lm -ldl
}

# ---- samples and records

# name_of TECHNIQUE: as the tables have it.
name_of() {
    case $1 in
    nop*) echo "pytrace $1" ;;
    sdt) echo "sys/sdt.h inline" ;;
    recorder) echo "pytrace record" ;;
    lttng) echo "LTTng-UST" ;;
    hooks-*) echo "debug.sethook, ${1#hooks-}" ;;
    esac
}

# rotated TURN ITEM...: the items, another one first each turn.
rotated() {
    turn=$(($1 % ($# - 1)))
    shift
    while [ $turn -gt 0 ]; do
        turn=$((turn - 1))
        first=$1
        shift
        set -- "$@" "$first"
    done
    echo "$@"
}

# rounds_of FULL QUICK
rounds_of() {
    if [ -n "$quick" ]; then
        echo "$2"
    else
        echo "$1"
    fi
}

# record TABLE ROW COLUMN UNIT FILE: of the samples in FILE.
record() {
    sort -n "$scratch/$5" | awk -v what="$1	$2	$3	$4" '
        { sample[NR] = $1 }
        END {
            middle = int((NR + 1) / 2)
            median = (sample[middle] + sample[NR + 1 - middle]) / 2
            printf "%s\t%.3f\t%.3f\t%.3f\t%d\n", what, median, sample[1],
                sample[NR], NR
        }' >> "$scratch/records"
}

# publish: what a part has found, when all of it is right.
publish() {
    cat "$scratch/records" >> "$results"
    rm "$scratch/records"
}

# ---- one sample

# fire TECHNIQUE EVENT THREADS COUNT FILE: one sample.
fire() {
    case $1 in
    hooks-*)
        result="- $("$directory/hooks" "${1#hooks-}" "$2" "$4")" ||
            fail "$(name_of "$1"): no sample" ;;
    recorder)
        record_all -- "$directory/host-recorder" "$2" "$3" "$4" 0
        read -r result < "$scratch/output"
        count_recording "$2" ;;
    *)
        site=0
        [ "$1" = lttng ] || read -r site < "$scratch/site-$1-$2"
        result=$("$directory/host-$1" "$2" "$3" "$4" "$site") ||
            fail "$(name_of "$1"): no sample; is the marker traced?" ;;
    esac
    echo "$result" | {
        read -r elapsed processor fired bytes
        echo "$processor" >> "$scratch/$5.processor"
        echo "$elapsed" >> "$scratch/$5.elapsed"
        case $1 in
        hooks-*) return ;;
        esac
        echo "$2_$1 $fired" >> "$scratch/fired"
        case $1 in
        lttng | recorder) ;;
        *) text_of_site "$1" "$bytes" >> "$scratch/text-$1" ;;
        esac
    }
}

# ratio FACTOR OVER UNDER FILE: of the samples in two files, pair by pair.
ratio() {
    paste "$scratch/$2" "$scratch/$3" |
        awk -v factor="$1" '{ print factor * $1 / $2 }' > "$scratch/$4"
}

# goal ROW TEXT: beside what was measured for the recorder.
goal() {
    printf 'recorder\t%s\tgoal\ttext\t%s\t\t\t\n' "$1" "$2" \
        >> "$scratch/records"
}

find_sites() {
    for technique; do
        place "$directory/host-$technique" gc__done \
            > "$scratch/site-$technique-counted"
        place "$directory/host-$technique" function__entry \
            > "$scratch/site-$technique-strings"
        for event in counted strings; do
            sed -i 's/ .*//' "$scratch/site-$technique-$event"
        done
    done
}

# text_of_site TECHNIQUE BYTES: what the kernel has put there. Behind a nop
# there may be another instruction for it to change; kernels that change a nop10
# move the stack pointer out of the red zone before they call.
text_of_site() {
    case ${2#90} in
    cc*) echo trap ;;
    e8* | 488d642480e8*) echo call ;;
    *) fail "$(name_of "$1"): at its probe site is neither a trap nor a call," \
        "but $2" ;;
    esac
}

# shellcheck source=SCRIPTDIR/traced/tracers.sh
. "$here/traced/tracers.sh"
# shellcheck source=SCRIPTDIR/traced/parts.sh
. "$here/traced/parts.sh"
build_all
for part in $parts; do
    "part_$part"
    publish
done
