#!/bin/sh
# SPDX-License-Identifier: MIT
# Six faults that programs have, in Lua and in CPython, each found by the one
# command that docs/tracing.md names for its question.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "faults"
need_recorder "faults"
cd "$work" || exit 1

# found NAME LINES PATTERN COMMAND...: of what the command prints, the first so
# many lines have the pattern.
found() {
    name=$1 lines=$2 pattern=$3
    shift 3
    "$@" > out 2> err
    if head -n "$lines" out | grep -e "$pattern" > /dev/null; then
        pass "$name"
    else
        fail "$name" "expected a line like: $pattern" "
$(cat out err)"
    fi
}

# find_faults HOST DIRECTORY ENDING OPEN COMMAND...: in the programs that are
# there; OPEN is what the host calls the event.
find_faults() {
    host=$1 faults=$2 ending=$3 open=$4
    shift 4
    found "$host: a handler that looks at its whole list" 2 \
        "^ *6,000 .* \(100\.0\|[5-9][0-9]\.[0-9]\) % .* add_once (.*quadratic" \
        "$pytrace" time -- "$@" "$faults/quadratic.$ending"
    found "$host: a coroutine that does not hand over" 2 \
        "^ *20[01] .* \(100\.0\|[5-9][0-9]\.[0-9]\) % .* greedy (.*coroutine" \
        "$pytrace" time -- "$@" "$faults/coroutine.$ending"
    found "$host: collections again and again" 1 \
        "^[0-9]* collections, .*: [2-9][0-9]\.[0-9] % of" \
        "$pytrace" gc -- "$@" "$faults/collects.$ending"
    found "$host: who asks for them" 40 " shrink_cache (.*collects" \
        "$pytrace" gc -- "$@" "$faults/collects.$ending"
    found "$host: a slow start" 4 "^ *[0-9.]* m*s  *[0-9.]* m*s .* tables$" \
        "$pytrace" imports -- "$@" "$faults/slow_start.$ending"
    found "$host: who opens files" 200 \
        "$open  *read_settings (.*opens.$ending:[0-9]*)  *[\"']/etc/shadow[\"'], " \
        "$pytrace" audit --event "$open" -- "$@" "$faults/opens.$ending"
    rm -f pipe
    mkfifo pipe
    "$@" "$faults/stuck.$ending" pipe > said &
    running=$!
    trap 'kill $running 2> /dev/null' EXIT
    wait_said said $running ready
    for command in time top; do
        "$pytrace" $command -d 1 -p $running > out 2>&1
        same "$host: a worker that waits for what does not come: $command" \
            "S, read" "$(sed -n 's/^.*it is blocked (\(.\)) in system call [0-9]* (\([a-z]*\)).*$/\1, \2/p' \
                out)"
    done
    kill $running
    wait $running
}

if [ -x "$lua" ]; then
    find_faults Lua "$srcdir/tests/faults" lua io.open "$lua"
else
    skip "Lua" "it could not be built"
fi
if [ -x "$cpython" ]; then
    find_faults CPython "$srcdir/tests/faults/python" py open "$cpython" -B -I -S
else
    skip "CPython" "it could not be built"
fi
finish
