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
    finish
fi
faults=$srcdir/tests/faults
cd "$work" || exit 1

# found NAME PATTERN COMMAND...: the first lines that the command prints say it.
found() {
    name=$1 pattern=$2
    shift 2
    "$@" > out 2> err
    if head -n 4 out | grep -e "$pattern" > /dev/null; then
        pass "$name"
    else
        fail "$name" "expected a line like: $pattern" "
$(cat out err)"
    fi
}

found "a handler that looks at its whole list" \
    "^ *6,000 .* [5-9][0-9]\\.[0-9] %.* add_once " \
    "$pytrace" time -- "$lua" "$faults/quadratic.lua"
found "a coroutine that does not hand over" \
    "^ *200 .* [5-9][0-9]\\.[0-9] %.* greedy " \
    "$pytrace" time -- "$lua" "$faults/coroutine.lua"
finish
