# SPDX-License-Identifier: MIT
# whole.sh - of the matrix, what is no cell: the header under each standard,
# what cannot work and says so, and the bundle. matrix.sh sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are matrix.sh's)

# ---- the header, under each standard

warnings="-Wall -Wextra -Wpedantic -Wconversion -Werror"
for compiler in gcc-12 clang-14 clang-16 clang-19; do
    have $compiler || {
        skip "the header with $compiler" "there is no $compiler"
        continue
    }
    for standard in c99 c11 c17 c2x c++11 c++14 c++17 c++20; do
        case $standard in
        c++*) language=c++ extra="-Wold-style-cast -Wsign-conversion" ;;
        *) language=c extra="-Wcast-qual -Wstrict-prototypes" ;;
        esac
        # shellcheck disable=SC2086
        succeeds "the header, $compiler -std=$standard" \
            $compiler -x $language -std=$standard $warnings $extra -O2 \
            -I"$builddir/include" -c -o header.o "$matrix/header.c"
    done
done

# ---- where there are no markers, and what cannot work

if have clang-14; then
    succeeds "the header, for a system without ELF" \
        clang-14 --target=x86_64-pc-windows-gnu -fsyntax-only -ffreestanding \
        -I"$builddir/include" -include pytrace_probes.h -x c /dev/null
else
    skip "the header, for a system without ELF" "there is no clang-14"
fi
refuses "a library linked without the archive" \
    "undefined hidden symbol .python_" \
    gcc -fPIC -shared -I"$builddir/include" -o without.so "$matrix/host.c"

# ---- the bundle, which hosts compile with their own flags

# bundled COMPILER FLAG...: a host with it has all markers, and runs.
bundled() {
    "$@" -Ibundle -DHOST_MAIN -c -o main.o "$matrix/host.c" &&
        "$@" -Ibundle -c -o host.o "$matrix/host.c" &&
        "$@" -Ibundle -c -o probes.o bundle/pytrace_probes.c &&
        "$@" -o bundled main.o host.o probes.o && ./bundled &&
        judge_notes bundled
}
mkdir library
(cd library && "$source/configure" -q --disable-maintainer-mode &&
    $MAKE -s bundle && mv bundle ..) > log 2>&1
for cell in "gcc-12 -O2 -flto -flto-partition=max" \
    "gcc-12 -O3 -flto -flto-partition=one" "clang-14 -O2 -flto -fuse-ld=lld" \
    "clang-14 -O3 -flto=thin -fuse-ld=lld" \
    "gcc-12 -O2 -ffunction-sections -fdata-sections -Wl,--gc-sections" \
    "gcc-12 -Os -ffunction-sections -Wl,--gc-sections -fuse-ld=lld" \
    "clang-19 -O2 -ffunction-sections -Wl,--gc-sections -fuse-ld=mold" \
    "gcc-12 -O2 -fsanitize=address,undefined" \
    "gcc-12 -O2 -fPIC -mcmodel=large"; do
    # shellcheck disable=SC2086
    if ! echo 'int main(void) { return 0; }' | $cell -x c -o /dev/null - \
        2> log; then
        skip "the bundle, $cell" "this cannot be linked here: $(head -n 1 log)"
    else
        succeeds "the bundle, $cell" bundled $cell
    fi
done
