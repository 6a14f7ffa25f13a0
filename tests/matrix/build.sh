# SPDX-License-Identifier: MIT
# build.sh - of the matrix, how a cell's library, host and guard are built, and
# whether another processor's guard is as it should be. matrix.sh sources it.
#
# shellcheck shell=sh disable=SC2154 # (its variables are matrix.sh's)

# Compilers for other processors look for no linker but their own on the PATH.
mkdir linkers
for linker in lld mold; do
    ! path=$(command -v "ld.$linker") || ln -s "$path" linkers
done

# The following work in the directory of a cell, whose values are in $compiler,
# $link, $kind, $processor and $flags.

build_library() {
    if [ "$processor" = x86_64 ]; then
        set --
    else
        set -- --host="$triplet"
    fi
    "$source/configure" -q --disable-maintainer-mode "$@" CC="$compiler" \
        CFLAGS="$flags" CPPFLAGS="-I$work/sdt" && $MAKE -s libpytrace.a
}

# Every marker must be in the calling convention's or other registers, out of
# reach of a red zone, whatever the flags say.
has_its_flags() {
    grep '^RUNTIME_CFLAGS = .*-fPIC.*-fno-lto' Makefile || return 1
    [ "$processor" != x86_64 ] ||
        grep '^RUNTIME_CFLAGS = .*-mno-red-zone' Makefile
}

build_host() {
    case $kind in
    pie) how="-fPIE -pie" ;;
    nopie) how="-fno-pie -no-pie" ;;
    static) how="-fno-pie -static" ;;
    static-pie) how="-fPIE -static-pie" ;;
    shared) how="-fPIC -shared" ;;
    *)
        echo "tests/matrix/cells: no kind of output is called $kind" >&2
        return 1 ;;
    esac
    # shellcheck disable=SC2086
    case $kind in
    shared)
        $compiler $flags $link $how -Iinclude -o libhost.so \
            "$matrix/host.c" libpytrace.a &&
            $compiler $flags -DHOST_MAIN -o host "$matrix/host.c" \
                ./libhost.so -Wl,-rpath,"$PWD" ;;
    *)
        $compiler $flags $how -Iinclude -DHOST_MAIN -c -o main.o \
            "$matrix/host.c" &&
            $compiler $flags $how -Iinclude -c -o host.o "$matrix/host.c" &&
            $compiler $flags $link $how -o host main.o host.o \
                libpytrace.a ;;
    esac
}

# unit_tests: build and run them, with the cell's flags and this machine's only
# replacement for the library Check (tests/matrix/check.h).
unit_tests() {
    where=$link
    [ "$processor" = x86_64 ] || where="$where -static"
    # shellcheck disable=SC2086
    $compiler -std=gnu11 $flags $where -Iinclude -I"$matrix" \
        -DPROVIDER='"python"' -DVERSION_CONFIGURED="\"$version\"" -o unit \
        "$srcdir/tests/unit/pytrace_test.c" "$srcdir/tests/unit/trap.c" \
        libpytrace.a -lpthread || return 1
    if is_native; then
        timeout 300 ./unit
    else
        timeout 300 "qemu-$processor-static" ./unit
    fi
}
version=$(sed -n 's/^AC_INIT(\[pytrace\], \[\(.*\)\])/\1/p' \
    "$srcdir/configure.ac")

# compile_guard: tests/code/guard.c to guard.o; what is link-time optimised
# becomes machine code by a link.
compile_guard() {
    # shellcheck disable=SC2086
    case $compiler$flags in
    gcc*-flto*)
        $compiler $flags -fPIC -Iinclude -c -o early.o \
            "$srcdir/tests/code/guard.c" &&
            $compiler $flags -fPIC -r -flinker-output=nolto-rel \
                -Wl,--no-gc-sections -o guard.o early.o ;;
    clang*-flto*)
        $compiler $flags -fPIC -Iinclude -c -o early.o \
            "$srcdir/tests/code/guard.c" &&
            $compiler $flags -fPIC $link -nostdlib -r -o guard.o \
                early.o ;;
    *)
        $compiler $flags -fPIC -Iinclude -c -o guard.o \
            "$srcdir/tests/code/guard.c" ;;
    esac
}
object=guard.o

# foreign_guard: nothing when function "one" has one of the sequences that
# tests/matrix/guards lists for the processor, and no access by way of the
# global offset table; else what it has.
foreign_guard() {
    "$triplet-objdump" -dr --no-show-raw-insn "$object" |
        awk -v processor="$processor" '
        FNR == NR {
            if ($1 == processor) {
                sub(/^[^ ]+ +/, "")
                wanted[$0]
            }
            next
        }
        /^[0-9a-f]+ <.*>:/ { if ($2 !~ /^<\.L/) inside = $2 == "<one>:" }
        inside && /R_[A-Z0-9]+_.*GOT[^O]*_?.*semaphore/ && !/GOTOFF/ {
            print "GOT: " $0
        }
        # (POWER has the addresses in a table of its own.)
        inside && /R_PPC64_TOC16.*\t\.toc/ { print "TOC: " $0 }
        inside && /^ *[0-9a-f]+:\t/ && !/\tR_/ {
            split($0, field, "\t")
            sub(/ .*/, "", field[2])
            sub(/\.n$/, "", field[2])
            code = code " " field[2]
        }
        END {
            for (sequence in wanted)
                if (index(code " ", " " sequence " "))
                    exit
            print "none of its sequences is in:" code
        }' "$matrix/guards" -
}
