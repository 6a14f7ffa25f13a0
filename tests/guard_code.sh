#!/bin/sh
# SPDX-License-Identifier: MIT
# The machine code of the guard, with each compiler that is there: a comparison
# with memory and a branch, in its place, nothing hoisted; together with the test
# of a byte, three instructions. What it makes of the code around it is counted
# by tests/cost.sh, and in large functions by bench/guards.sh.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need "guard code" objdump gcc
need_x86_64 "guard code"
need_markers "guard code"

# shellcheck source=SCRIPTDIR/code/judge.sh
. "$srcdir/tests/code/judge.sh"

# compile FLAGS: tests/code/guard.c to $object.
object=$work/guard.o
compile() {
    # shellcheck disable=SC2086
    $compiler -std=c99 -Wall -Wextra -Wpedantic -Wcast-qual -Werror $1 \
        -I"$builddir/include" -c "$srcdir/tests/code/guard.c" -o "$object"
}

# (The versions that are not there are no loss.)
for compiler in gcc clang gcc-12 gcc-13 gcc-14 gcc-15 clang-14 clang-15 \
    clang-16 clang-17 clang-18 clang-19; do
    case $compiler,$(command -v $compiler) in
    gcc, | clang,) skip "guard code with $compiler" "there is no $compiler"
        continue ;;
    *,) continue ;;
    esac
    for flags in "-O2 -fPIE" "-O2 -fPIC" "-O2 -fno-pic -fno-pie" \
        "-O2 -masm=intel" "-O3 -fPIC" "-O1 -fPIC" "-Os -fPIC" \
        "-O2 -fPIC -DPYTRACE_GUARD_IN_ASSEMBLY"; do
        cell="$compiler $flags"
        succeeds "$cell: the header compiles without a warning" \
            compile "$flags"
        same "$cell: guard_is_one_compare_and_one_branch" "" \
            "$(judge_guard loop w; judge_guard one w)"
        same "$cell: group_guard_is_one_compare_and_one_branch" "" \
            "$(judge_guard group q)"
        same "$cell: guard_is_not_hoisted_out_of_a_loop" "" \
            "$(for function in loop wait poll; do
                judge_loop $function
            done)"
        # (gcc -O1 loads the byte and then extends it.)
        case $flags in
        -O1*) ;;
        *)
            same "$cell: group_guard_and_byte_are_three_instructions" \
                "" "$(judge_combined group_or)" ;;
        esac
        # Only these have cold sections.
        case $flags in
        -O[23]*)
            same "$cell: the_call_is_out_of_the_way" "" \
                "$(for function in loop one group group_or behind \
                    behind_group behind_group_or; do
                    judge_cold $function
                done)" ;;
        esac
    done

    # Where the program itself writes a semaphore, a plain read is a race.
    for form in "" -DPYTRACE_GUARD_IN_ASSEMBLY; do
        cell="$compiler -fsanitize=thread $form"
        compile "-O2 -fsanitize=thread $form"
        same "$cell: guard_is_an_atomic_read" "__tsan_atomic16_load
__tsan_atomic64_load
__tsan_atomic8_load" "$(nm -u "$object" | awk '
            $2 ~ /^__tsan_(atomic|volatile|unaligned|read[28])/ { print $2 }' |
            sort)"
    done
done

# ---- that it can fail

# A guard that reads once, before the loop; and one that is called.
compiler=gcc object=$work/once.o
sed 's/PYTRACE__CHANGED(pytrace__[a-z]*);/(void)0;/' \
    "$builddir/include/pytrace_probes.h" > "$work/pytrace_probes.h"
gcc -std=c99 -O2 -I"$work" -c "$srcdir/tests/code/guard.c" -o "$object"
same "a guard that is hoisted out of a loop is found out" \
    "no loop runs through the guard" "$(judge_loop wait)"
gcc -std=c99 -O2 -DFORM_call -I"$srcdir/bench/guards" -I"$builddir/include" \
    -c "$srcdir/tests/code/guard.c" -o "$object"
same "a guard that is called is found out" \
    "0 guards instead of one" "$(judge_guard one w)"
finish
