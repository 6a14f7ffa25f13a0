#!/bin/sh
# SPDX-License-Identifier: MIT
# Whole programs: the markers for functions and lines are, one by one and in
# order, what the programs of tests/quickjs/generate.js say of themselves.
# (QuickJS has no debugger's hook that they could be compared with.)
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_quickjs "whole programs in QuickJS"
need_recorder "whole programs in QuickJS"

# events: those of functions whose names are a letter and a number.
events() {
    "$pytrace" print --marker function__entry --marker function__return \
        --marker line "$work/recording" |
        sed -n -e 's/^# ended with .*, 0 lost$/whole/p' \
            -e 's/ filename="[^"]*"//' \
            -e 's/^.* function__entry *funcname="\([a-z][0-9]*\)" .*/> \1/p' \
            -e 's/^.* function__return *funcname="\([a-z][0-9]*\)" .*/< \1/p' \
            -e 's/^.* line *funcname="\([a-z][0-9]*\)" lineno=/\1 /p'
}

for seed in 1 2 3 4 5; do
    "$unpatched_quickjs" "$srcdir/tests/quickjs/generate.js" $seed \
        > "$work/program.js" 2> "$work/errors" ||
        fail "program $seed is made" "$(cat "$work/program.js" "$work/errors")"
    "$unpatched_quickjs" --std --no-unhandled-rejection \
        "$work/program.js" > "$work/released" 2>&1
    "$pytrace" record --full block -o "$work/recording" -- \
        "$quickjs" --std --no-unhandled-rejection \
        "$work/program.js" > "$work/said" 2> "$work/errors"
    if cmp "$work/released" "$work/said" > "$work/log" 2>&1; then
        pass "program $seed does what it does untraced"
    else
        fail "program $seed does what it does untraced" "$(cat "$work/log" \
            "$work/errors")"
    fi
    events > "$work/events"
    echo whole >> "$work/said"
    count=$(wc -l < "$work/said")
    if [ "$count" -gt 10000 ] && cmp "$work/said" "$work/events" \
        > "$work/log" 2>&1; then
        pass "program $seed: $count events are what it says"
    else
        fail "program $seed: its events are what it says" \
            "$count in all; $(cat "$work/log" "$work/errors")" "
$(diff "$work/said" "$work/events" | head -n 20)"
    fi
done
finish
