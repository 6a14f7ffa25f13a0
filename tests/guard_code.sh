#!/bin/sh
# The machine code of the guard: two instructions, no register, nothing hoisted;
# together with the test of a byte, three.
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

for compiler in gcc clang; do
    if ! have $compiler; then
        skip "guard code with $compiler" "there is no $compiler"
        continue
    fi
    for flags in "-O2 -fPIE" "-O2 -fPIC" "-O2 -fno-pic -fno-pie" \
        "-O2 -masm=intel" "-O3 -fPIC" "-O1 -fPIC" "-Os -fPIC"; do
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
done
finish
