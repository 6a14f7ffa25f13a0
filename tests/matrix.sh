#!/bin/sh
# SPDX-License-Identifier: MIT
# Everywhere: the library and a host (tests/matrix/host.c), built by each
# compiler, linker and way to compile that tests/matrix/cells lists, for each
# processor. Of each cell: the notes, by pytrace check; the guard's code; what
# the host does, untraced and under a tracer. The header, under each standard.
#
# The selection in the list, or all of it with CELLS=all; CELLS="NAME..." builds
# these.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

started=$(date +%s)
need "the matrix" gcc objdump readelf gdb
need_markers "the matrix"
if [ ! -x "$pytrace" ]; then
    skip "the matrix" "pytrace was not built"
    finish
fi
need_x86_64 "the matrix"
# judge_notes FILE: all markers are there, and well. (host.c fires three.)
judge_notes() {
    "$pytrace" check --except function__return --except gc__start --except gc__done \
        --except import__find__load__start --except import__find__load__done \
        "$1"
}
# shellcheck source=SCRIPTDIR/code/judge.sh
. "$srcdir/tests/code/judge.sh"
matrix=$srcdir/tests/matrix
source=$work/source
(cd "$builddir" && $MAKE -s distdir distdir="$source") > "$work/log" 2>&1
cd "$work" || exit 1

# Compilers that do not look where this system has its headers find this one
# here; it is the same for every processor and C library.
mkdir -p sdt/sys
for header in sys/sdt.h sys/sdt-config.h; do
    echo "#include <$header>" | gcc -E -x c - |
        sed -n "s,^# [0-9]* \"\(/.*$header\)\".*,\1,p" | head -n 1 |
        xargs -I FILE cp FILE sdt/sys
done

# shellcheck source=SCRIPTDIR/matrix/whole.sh
. "$matrix/whole.sh"
# shellcheck source=SCRIPTDIR/matrix/build.sh
. "$matrix/build.sh"
# shellcheck source=SCRIPTDIR/matrix/tracers.sh
. "$matrix/tracers.sh"

# ---- a cell

traced='event host.event
event host.event
event host.event
3 evaluated'
why_not_traced=$(can_trace) || true

# why_not: what the cell needs that is not here.
why_not() {
    have "$compiler" || { echo "there is no $compiler"; return; }
    # shellcheck disable=SC2086
    echo 'int main(void) { return 0; }' | $compiler $link -x c \
        -o /dev/null - 2> /dev/null ||
        { echo "there is no linker $linker"; return; }
    is_native || have "qemu-$processor-static" ||
        echo "there is no qemu-$processor-static"
}

# judge_cell NAME: build and judge it.
judge_cell() {
    cell=$1
    link=-fuse-ld=$linker
    [ "$processor" = x86_64 ] || link="-B$work/linkers $link"
    reason=$(why_not)
    if [ -n "$reason" ]; then
        skip "$cell" "$reason"
        return
    fi
    triplet=$($compiler -dumpmachine)
    mkdir "$cell"
    cd "$cell" || exit 1
    succeeds "$cell: the library builds" build_library
    succeeds "$cell: the runtime has its flags" has_its_flags
    succeeds "$cell: the host builds" build_host
    succeeds "$cell: all markers are there, and well" judge_notes "$(image)"
    succeeds "$cell: the guard compiles" compile_guard
    case $processor$flags in
    *-O0*) ;;       # (no compiler makes it short there)
    x86_64*)
        same "$cell: the guard is one comparison and one branch" "" \
            "$(judge_guard loop w; judge_guard one w; judge_guard group q)"
        same "$cell: the guard is not hoisted out of a loop" "" \
            "$(judge_loop loop; judge_loop wait)" ;;
    *)
        same "$cell: the guard is a load, a test and a branch" "" \
            "$(foreign_guard)" ;;
    esac
    # (For x86-64 tests/unit.sh runs them, too.)
    if [ "$processor" != x86_64 ] || [ -n "${CELLS:-}" ]; then
        succeeds "$cell: the unit tests" unit_tests
    fi
    if is_native; then
        same "$cell: runs untraced" "0 evaluated" "$(./host 2>&1)"
        same "$cell: fires under gdb" "$traced" "$(under_gdb)"
        if [ -n "$why_not_traced" ]; then
            skip "$cell: fires under bpftrace" "$why_not_traced"
        else
            same "$cell: fires under bpftrace" \
                "3 evaluated
@[host.event]: 3" "$(under_bpftrace)"
        fi
    else
        same "$cell: runs untraced" "0 evaluated" "$(emulate 2>&1)"
        if have gdb-multiarch; then
            same "$cell: fires under gdb" "$traced" "$(under_emulated_gdb)"
        else
            skip "$cell: fires under gdb" "there is no gdb-multiarch"
        fi
    fi
    cd "$work" || exit 1
}

same "the selection has every value of the list" "" "$(awk '
    !/^#/ {
        for (i = 3; i <= NF; i++) {
            value[$i]
            if ($1 == "+")
                selected[$i]
        }
    }
    END {
        for (v in value)
            if (!(v in selected))
                print v
    }' "$matrix/cells")"

judged=0
while read -r selected cell compiler linker kind processor flags <&3; do
    case $selected in
    '' | '#'*) continue ;;
    esac
    case ${CELLS:-} in
    all) ;;
    '') [ "$selected" = + ] || continue ;;
    *)
        case " $CELLS " in
        *" $cell "*) ;;
        *) continue ;;
        esac ;;
    esac
    judge_cell "$cell"
    judged=$((judged + 1))
    # A cell's files are of no use to the next.
    [ -n "${CELLS:-}" ] || rm -rf "${work:?}/$cell"
done 3< "$matrix/cells"
if [ $judged = 0 ]; then
    fail "cells" "tests/matrix/cells has none of these: $CELLS"
else
    pass "$judged cells, in $(($(date +%s) - started)) s"
fi
finish
