#!/bin/sh
# SPDX-License-Identifier: MIT
# Six faults that programs have, each found by the one command that
# docs/tracing.md names for its question.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "faults"
need_recorder "faults"
if [ ! -x "$lua" ]; then
    skip "faults" "Lua could not be built"
    found "whole collections again and again" \
    "^[0-9]* collections, .* s: [2-9][0-9]\.[0-9] % of" \
    "$pytrace" gc -- "$lua" "$faults/collections.lua"
found "who asks for them" " shrink_cache (.*collections\.lua:" \
    in_all "$pytrace" gc -- "$lua" "$faults/collections.lua"
found "a slow start" "^ *[0-9.]* ms .* tables$" \
    in_order "$pytrace" imports -- "$lua" "$faults/slow_start.lua"
found "a file that it should not open" "io\.open .*read_settings (" \
    in_all "$pytrace" audit -- "$lua" "$faults/opens.lua"
mkfifo pipe
"$lua" "$faults/stuck.lua" pipe > said &
running=$!
trap 'kill $running 2> /dev/null' EXIT
wait_said said $running ready

# what_it_does COMMAND: the state and the system call that it says.
what_it_does() {
    "$pytrace" "$1" -d 1 -p $running 2>&1 | sed -n \
        's/^.*it is blocked (\(.\)) in system call [0-9]* (\([a-z]*\)).*$/\1 \2/p'
}
for command in time top; do
    same "a worker that waits for what does not come: $command" "S read" \
        "$(what_it_does $command)"
done
kill $running
wait $running
finish
fi
faults=$srcdir/tests/faults
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

found "a handler that looks at its whole list" 2 \
    "^ *6,000 .* \(100\.0\|[5-9][0-9]\.[0-9]\) % .* add_once (.*quadratic.lua:" \
    "$pytrace" time -- "$lua" "$faults/quadratic.lua"
found "a coroutine that does not hand over" 2 \
    "^ *200 .* \(100\.0\|[5-9][0-9]\.[0-9]\) % .* greedy (.*coroutine.lua:" \
    "$pytrace" time -- "$lua" "$faults/coroutine.lua"
found "collections again and again" 1 \
    "^[0-9]* collections, .*: [2-9][0-9]\.[0-9] % of" \
    "$pytrace" gc -- "$lua" "$faults/collections.lua"
found "who asks for them" 40 " shrink_cache (.*collections.lua:" \
    "$pytrace" gc -- "$lua" "$faults/collections.lua"
found "a slow start" 4 "^ *[0-9.]* m*s  *[0-9.]* m*s .* tables$" \
    "$pytrace" imports -- "$lua" "$faults/slow_start.lua"
found "who opens files" 10 "io\.open .*read_settings (.*opens.lua:" \
    "$pytrace" audit -- "$lua" "$faults/opens.lua"
mkfifo pipe
"$lua" "$faults/stuck.lua" pipe > said &
running=$!
trap 'kill $running 2> /dev/null' EXIT
wait_said said $running ready
for command in time top; do
    "$pytrace" $command -d 1 -p $running > out 2>&1
    same "a worker that waits for what does not come: $command" "S, read" \
        "$(sed -n 's/^.*it is blocked (\(.\)) in system call [0-9]* (\([a-z]*\)).*$/\1, \2/p' \
            out)"
done
kill $running
wait $running
finish
