#!/bin/sh
# SPDX-License-Identifier: MIT
# Over large programs, counted in the kernel and recorded: entries and returns
# nest, name by name, the line marker sees the lines that a line hook sees, and
# each collection that starts is done.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "whole programs"

large=$srcdir/tests/lua/large.lua
mixed=$srcdir/bench/mixed.lua
sh "$srcdir/tests/tools/replace.sh" @LUA@ "$lua" \
    < "$srcdir/tests/lua/whole.bt" > "$work/whole.bt"
# Short strings, so that the comparison of names fits into the BPF stack.
traced() {
    BPFTRACE_STRLEN=32 bpftrace -q "$work/whole.bt" \
        -c "$lua $large $*" 2> "$work/errors"
}

source=$lua_host/src/unpatched/src
# shellcheck disable=SC2086
succeeds "the line hook to compare with compiles" \
    $CC -O2 -I"$source" -o "$work/hook_lines" \
    "$srcdir/tests/lua/hook_lines.c" "$source/liblua.a" -lm -ldl
hooked() {
    "$work/hook_lines" "$large" "$@"
}

# nest NAME TEXT: what whole.bt said has many entries, and a return for each.
nest() {
    numbers=$(echo "$2" | grep '^entries')
    entries=$(echo "$numbers" | sed 's/^entries \([0-9]*\),.*/\1/')
    if [ "${entries:-0}" -lt 100000 ]; then
        fail "entries and returns nest, $1" \
            "fewer than 100,000 entries: $2" "$(cat "$work/errors")"
    else
        same "entries and returns nest, $1, $entries of each" \
            "entries $entries, returns $entries, open 0, mismatches 0" \
            "$numbers"
    fi
}

# ---- counted in the kernel

if why=$(can_trace); then
    for seed in 1 2 3; do
        nest "program $seed" "$(traced $seed 20000)"
        same "lines are those of a line hook, program $seed" \
            "$(hooked $seed 20000 quiet | grep '^lines')" \
            "$(traced $seed 20000 quiet | grep '^lines')"
    done
else
    skip "counted in the kernel" "$why"
fi

# ---- recorded

# recorded PROGRAM...: all of its events, in $work/recording.
recorded() {
    "$pytrace" record --full block -o "$work/recording" -- "$lua" "$@" \
        > "$work/printed" 2> "$work/errors"
}

# same_lines NAME PROGRAM...: line events are what a line hook sees.
same_lines() {
    name="recorded: lines are those of a line hook, one by one, $1"
    shift
    recorded "$@"
    "$work/hook_lines" -v "$@" | grep -a ':[0-9]*$' > "$work/hooked"
    "$pytrace" print --marker line "$work/recording" 2>> "$work/errors" |
        sed -n -e '$s/^# ended with .*, 0 lost$/whole/p' -e 's/\\"/"/g' \
            -e 's/^.* line filename="//' -e 's/" funcname=".*" lineno=/:/p' \
            > "$work/lines"
    echo whole >> "$work/hooked"
    count=$(wc -l < "$work/hooked")
    if [ "$count" -gt 100000 ] && cmp "$work/hooked" "$work/lines" \
        > "$work/log" 2>&1; then
        pass "$name, $((count - 1))"
    else
        fail "$name" "$(cat "$work/log" "$work/errors")" "
$(diff "$work/hooked" "$work/lines" | head -n 20)"
    fi
}

# nest_recorded NAME PROGRAM...: its calls, while lines are recorded as well.
nest_recorded() {
    name=$1
    shift
    recorded "$@"
    nest "recorded, $name" "$(sh "$srcdir/tests/tools/replay.sh" "$pytrace" \
        "$work/calls.bt" "$work/recording")"
}

if why=$(can_record); then
    sed '/^usdt:.*:line$/,/^}$/d' "$srcdir/tests/lua/whole.bt" \
        > "$work/calls.bt"
    for seed in 1 2 3; do
        nest_recorded "program $seed" "$large" $seed 20000
        same_lines "program $seed" "$large" $seed 20000 quiet
    done
    nest_recorded "mixed.lua" "$mixed" 150
    same_lines "mixed.lua" "$mixed" 150
    recorded "$srcdir/tests/lua/cycles.lua"
    same "recorded: each collection starts and is done, in all modes" \
        "30 or more, the others 0" \
        "$("$pytrace" print --marker gc__start --marker gc__done \
            "$work/recording" 2>> "$work/errors" | $AWK '
            / gc__start / { wrong += running; running = 1 }
            / gc__done / { wrong += !running; running = 0; cycles++ }
            END {
                print (cycles < 30 ? cycles + 0 : "30 or more") \
                    ", the others " wrong + running
            }')"
else
    skip "recorded" "$why"
fi

# The same for the live case about lines, which is small enough to show.
cd "$srcdir/tests/live/lua" || exit 1
same "lines are those of a line hook, one by one" \
    "$("$work/hook_lines" -v lines.lua | grep -v '^--')" \
    "$(sed 's/^[^ ]* //' lines.expected)"
finish
