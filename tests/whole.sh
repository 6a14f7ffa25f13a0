#!/bin/sh
# SPDX-License-Identifier: MIT
# Over large programs, counted in the kernel: entries and returns nest, name by
# name, and the line marker sees the lines that a line hook sees.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "whole programs"
need_tracing "whole programs"

sh "$srcdir/tests/tools/replace.sh" @LUA@ "$lua" \
    < "$srcdir/tests/lua/whole.bt" > "$work/whole.bt"
# Short strings, so that the comparison of names fits into the BPF stack.
traced() {
    BPFTRACE_STRLEN=32 bpftrace -q "$work/whole.bt" \
        -c "$lua $srcdir/tests/lua/large.lua $*" 2> "$work/errors"
}

source=$builddir/hosts/lua/src/unpatched/src
# shellcheck disable=SC2086
succeeds "the line hook to compare with compiles" \
    $CC -O2 -I"$source" -o "$work/hook_lines" \
    "$srcdir/tests/lua/hook_lines.c" "$source/liblua.a" -lm -ldl
hooked() {
    "$work/hook_lines" "$srcdir/tests/lua/large.lua" "$@"
}

for seed in 1 2 3; do
    got=$(traced $seed 20000)
    numbers=$(echo "$got" | grep '^entries')
    entries=$(echo "$numbers" | sed 's/^entries \([0-9]*\),.*/\1/')
    if [ "${entries:-0}" -lt 100000 ]; then
        fail "entries and returns nest, program $seed" \
            "fewer than 100,000 entries: $numbers" "$(cat "$work/errors")"
    else
        same "entries and returns nest, program $seed, $entries of each" \
            "entries $entries, returns $entries, open 0, mismatches 0" \
            "$numbers"
    fi
    same "lines are those of a line hook, program $seed" \
        "$(hooked $seed 20000 quiet | grep '^lines')" \
        "$(traced $seed 20000 quiet | grep '^lines')"
done

# The same for the live case about lines, which is small enough to show.
cd "$srcdir/tests/live/lua" || exit 1
same "lines are those of a line hook, one by one" \
    "$("$work/hook_lines" -v lines.lua | grep -v '^--')" \
    "$(sed 's/^[^ ]* //' lines.expected)"
finish
