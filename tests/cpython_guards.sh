#!/bin/sh
# The machine code of the guards in CPython's evaluation loop: what each costs.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_cpython "CPython's guards"
need "CPython's guards" objdump
need_x86_64 "CPython's guards"

# guards IMAGE: each instruction of the loop that reads the group's word, as
# its name, that of the one before and that of the one after. (What the loop
# moves anyway may stand between a test and its branch.)
guards() {
    objdump -d --no-show-raw-insn --disassemble=_PyEval_EvalFrameDefault "$1" |
        awk -F'\t' '
            { name = $2; sub(/ .*/, "", name) }
            found && name == "mov" { next }
            found { print before, found, name; found = "" }
            /<python__eval_group>/ { found = name; before = previous }
            { previous = name }' | sed 's/^[^ ]* cmpq/cmpq/' | sort | uniq -c |
        sed 's/^ *//'
}

# RESUME, RESUME_CHECK and INSTRUMENTED_RESUME; throw(); and two that run when
# a loop's guard has led to them, or while the program itself is instrumented.
for image in "$cpython" "$libcpython"; do
    same "$(basename "$image"): a comparison and a branch; in a loop, no more" \
        "6 cmpq jne
1 movzbl or jne" "$(guards "$image")"
done
same "as released, there are none" "" "$(guards "$unpatched_cpython")"

# The patched source still makes CPython as released.
source=$builddir/hosts/cpython/src
for file in ceval ceval_probes probes import instrumentation; do
    # shellcheck disable=SC2086
    succeeds "without --with-dtrace=pytrace, $file.c compiles" \
        $CC -std=c11 -fsyntax-only -Werror=implicit-function-declaration \
        -DPy_BUILD_CORE -I"$builddir/hosts/cpython/unpatched" \
        -I"$source/Include" -I"$source/Include/internal" \
        "$source/Python/$file.c"
done
finish
