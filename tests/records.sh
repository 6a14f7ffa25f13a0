#!/bin/sh
# SPDX-License-Identifier: MIT
# The records of what a host fires, in .note.pytrace: pytrace check learns from
# them which markers are fired nowhere, through compilers, levels, linkers and
# strip, with the archive and with the bundle. (tests/check_hosts.sh has what
# pytrace check makes of records in files that are made for the purpose.)
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need "records" gcc "$MAKE"
need_markers "records"
if [ ! -x "$pytrace" ]; then
    skip "records" "pytrace was not built"
    finish
fi
cd "$work" || exit 1
(cd "$builddir" && $MAKE -s bundle) > log 2>&1 || cat log
bundle=$builddir/bundle

# It fires two markers by their macros and one by its function; another one
# only in a function that is not used, which compilers drop.
cat > dropped.h << 'E'
static inline void dropped(void)
{
    PYTRACE_LINE("", "", 1);
}
E
cat > few.c << 'E'
#include "pytrace_probes.h"
#include "dropped.h"
int main(int argc, char **argv)
{
    (void)argv;
    PYTRACE_AUDIT("x", (void *)0);
    PYTRACE_GC_START(argc);
    if (PYTRACE_GC_DONE_ENABLED())
        pytrace_gc_done(argc);
    return 0;
}
E
# The same with the other markers, in a second source.
cat > rest.c << 'E'
#include "pytrace_probes.h"
void rest(void);
void rest(void)
{
    PYTRACE_FUNCTION_ENTRY("", "", 1);
    PYTRACE_FUNCTION_RETURN("", "", 1);
    PYTRACE_LINE("", "", 1);
    PYTRACE_IMPORT_FIND_LOAD_START("");
    PYTRACE_IMPORT_FIND_LOAD_DONE("", 1);
}
E
nowhere="function__entry
function__return
import__find__load__done
import__find__load__start
line"

# judged NAME FILE: what pytrace check says is fired nowhere is that, no more.
judged() {
    came=0
    "$pytrace" check "$2" > said 2>&1 || came=$?
    same "$1" "$nowhere
exit status 1" "$(sed -n 's/^ *\([a-z_]*\): .*fired nowhere.*/\1/p' said |
        sort)
exit status $came"
}

# cell COMPILER FLAGS...: with the bundle; skipped where that cannot be built.
cell() {
    name="$*"
    compiler=$1
    shift
    if ! have "$compiler"; then
        skip "$name" "there is no $compiler"
        return
    fi
    for flag; do
        case $flag in
        -fuse-ld=bfd | -fuse-ld=gold) linker=ld.${flag#-fuse-ld=} ;;
        -fuse-ld=lld) linker=ld.lld ;;
        -fuse-ld=*) linker=${flag#-fuse-ld=} ;;
        *) continue ;;
        esac
        have "$linker" || {
            skip "$name" "there is no $linker"
            return
        }
    done
    rm -f few
    if ! "$compiler" "$@" -I"$bundle" -o few few.c "$bundle/pytrace_probes.c" \
        > log 2>&1; then
        fail "$name" "$(cat log)"
        return
    fi
    judged "$name" few
}

for level in -O0 -Og -O1 -O2 -O3 -Os; do
    cell gcc $level -Wall -Wextra -Wpedantic -Werror
    cell clang $level -Wall -Wextra -Wpedantic -Werror
done
cell gcc -O2 -flto
cell gcc -O2 -fno-toplevel-reorder
cell gcc -O0 --coverage
cell gcc -O2 -static
sections="-O2 -ffunction-sections -fdata-sections -Wl,--gc-sections"
# shellcheck disable=SC2086
for linker in bfd gold lld mold; do
    cell gcc $sections -fuse-ld=$linker
done
for linker in gold lld mold; do
    cell gcc -O2 -ffunction-sections -fuse-ld=$linker -Wl,--icf=all
done

# ---- the archive, strip, several sources

with_archive() {
    gcc -O2 -I"$builddir/include" -o few few.c "$builddir/libpytrace.a"
}
succeeds "a host with the archive" with_archive
judged "the archive" few
strip --strip-all -o stripped few
judged "stripped" stripped
strip --strip-debug -o stripped few
judged "stripped of what is for debuggers" stripped
for llvm_strip in llvm-strip llvm-strip-14 llvm-strip-19; do
    ! have $llvm_strip || break
done
if have "$llvm_strip"; then
    $llvm_strip --keep-section=.note.stapsdt -o stripped few
    judged "stripped by llvm-strip, but for the notes" stripped
    $llvm_strip -o stripped few
    refuses "llvm-strip has taken the notes" \
        "notes for tracers (.note.stapsdt) are missing" "$pytrace" check stripped
else
    skip "stripped by llvm-strip" "there is no llvm-strip"
fi
with_rest() {
    gcc -O2 -I"$bundle" -o whole few.c rest.c "$bundle/pytrace_probes.c"
}
succeeds "a host of two sources" with_rest
succeeds "what another source fires is fired" "$pytrace" check whole
whole_again() {
    grep -v -e PYTRACE_FUNCTION -e PYTRACE_LINE rest.c > less.c &&
        gcc -O2 -I"$bundle" -o whole few.c less.c "$bundle/pytrace_probes.c"
}
nowhere="function__entry
function__return
line"
succeeds "a source that has lost three of its markers" whole_again
judged "it is found out" whole
finish
