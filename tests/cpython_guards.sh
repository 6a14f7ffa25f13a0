#!/bin/sh
# SPDX-License-Identifier: MIT
# The machine code of the guards in CPython's evaluation loop: what each costs.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_cpython "CPython's guards"
need "CPython's guards" objdump
need_x86_64 "CPython's guards"

# guards IMAGE: each instruction of the loop that reads the group's word, as
# its name and the name of the one after. (What the loop moves anyway may stand
# between a test and its branch.)
guards() {
    objdump -d --no-show-raw-insn --disassemble=_PyEval_EvalFrameDefault "$1" |
        awk -F'\t' '
            { name = $2; sub(/ .*/, "", name) }
            found && name ~ /^(mov|lea)/ { next }
            found { print found, name; found = "" }
            /<python__eval_group>/ { found = name }'
}

# The text of guards that are none of the two: a comparison with memory and a
# branch; or, with the byte that a loop tests anyway, an "or" and a branch.
others() {
    printf '%s\n' "$1" | grep -v -E -x '(cmpq|or) jn?e'
}

# at_least COUNT PATTERN TEXT
at_least() {
    count=$(printf '%s\n' "$3" | grep -c -x -E -e "$2")
    [ "$count" -ge "$1" ] || echo "$count of $2; there is: $3"
}

# RESUME, RESUME_CHECK and INSTRUMENTED_RESUME, and throw(). (Others run when a
# loop's guard has led to them, or while the program itself is instrumented.)
for image in "$cpython" "$libcpython"; do
    guards=$(guards "$image")
    same "$(basename "$image"): each guard is a test in memory and a branch" \
        "" "$(others "$guards")"
    same "$(basename "$image"): a guard wherever a frame begins or goes on" \
        "" "$(at_least 4 'cmpq jn?e' "$guards")"
    same "$(basename "$image"): a loop's guard is part of the loop's own test" \
        "" "$(at_least 1 'or jn?e' "$guards")"
done
same "as released, there are none" "" "$(guards "$unpatched_cpython")"

# ---- that it can fail

gcc -std=c99 -O2 -shared -fPIC -DFORM_atomic \
    -Dgroup=_PyEval_EvalFrameDefault -I"$srcdir/bench/guards" \
    -I"$builddir/include" -o "$work/slow.so" "$srcdir/tests/code/guard.c" \
    "$builddir/libpytrace.a"
case $(others "$(guards "$work/slow.so")") in
mov*) pass "a guard that takes a register is found out" ;;
*) fail "a guard that takes a register is found out" \
    "$(guards "$work/slow.so")" ;;
esac

# ---- the patched source

# It still makes CPython as released.
source=$cpython_host/src
for file in ceval ceval_probes probes import instrumentation; do
    # shellcheck disable=SC2086
    succeeds "without --with-dtrace=pytrace, $file.c compiles" \
        $CC -std=c11 -fsyntax-only -Werror=implicit-function-declaration \
        -DPy_BUILD_CORE -I"$cpython_host/unpatched" \
        -I"$source/Include" -I"$source/Include/internal" \
        "$source/Python/$file.c"
done
finish
