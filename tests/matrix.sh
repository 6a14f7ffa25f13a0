#!/bin/sh
# Everywhere: the library and a host (tests/matrix/host.c), built by each
# compiler, linker and way to compile that tests/matrix/cells lists, for each
# processor. Of each cell: the notes, by pytrace-check; the guard's code; what
# the host does, untraced and under a tracer. The header, under each standard.
#
# The selection in the list, or all of it with CELLS=all; CELLS="NAME..." builds
# these.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

started=$(date +%s)
need "the matrix" gcc objdump readelf gdb
need_markers "the matrix"
check=$builddir/pytrace-check
if [ ! -x "$check" ]; then
    skip "the matrix" "pytrace-check was not built"
    finish
fi
need_x86_64 "the matrix"
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

# ---- what cannot work says so

if have clang-14; then
    refuses "the header, for a system without ELF" \
        "pytrace needs GCC or clang and ELF; define PYTRACE_WITHOUT_DTRACE" \
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
        "$check" bundled
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

# ---- a cell

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
        timeout 100 ./unit
    else
        timeout 100 "qemu-$processor-static" ./unit
    fi
}
version=$(sed -n 's/^AC_INIT(\[pytrace\], \[\(.*\)\])/\1/p' "$srcdir/configure.ac")

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

# The image that has the markers.
image() {
    if [ "$kind" = shared ]; then
        echo "$PWD/libhost.so"
    else
        echo "$PWD/host"
    fi
}

# Whether this machine runs the cell's programs itself.
is_native() {
    [ "$processor" = x86_64 ] || [ "$processor" = i386 ]
}

# emulate: run the host on its processor.
emulate() {
    timeout 60 "qemu-$processor-static" -L "/usr/$triplet" "$PWD/host"
}

# What a debugger does: stop at each audit event, say its first argument.
cat > commands.gdb <<'END'
set debuginfod enabled off
set pagination off
set breakpoint pending on
END
# events ARGUMENT: the commands.
events() {
    cat <<END
break -probe-stap python:audit
commands
silent
printf "event %s\n", (char *)\$$1
continue
end
END
}
events _probe_arg0 > events.gdb
# gdb 13 reads no operand on RISC-V; that register is what the operand says.
events a0 > events-riscv64.gdb

under_gdb() {
    if [ "$kind" = shared ]; then
        set -- -ex 'catch load libhost' -ex run -x ../events.gdb -ex continue
    else
        set -- -x ../events.gdb -ex run
    fi
    timeout 60 gdb -q -batch -nx -x ../commands.gdb "$@" ./host 2> gdb-errors |
        grep -e '^event' -e evaluated
}

# The same, by way of the emulator's own debugging stub.
under_emulated_gdb() {
    events=../events-$processor.gdb
    [ -f "$events" ] || events=../events.gdb
    rm -f stub
    # (No function, so that what is killed below is the emulator itself.)
    "qemu-$processor-static" -L "/usr/$triplet" -g "$PWD/stub" "$PWD/host" \
        > printed 2>&1 &
    emulator=$!
    tries=0
    while [ ! -S stub ] && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    if [ "$kind" = shared ]; then
        set -- -ex 'break main' -ex continue -x "$events" -ex continue
    else
        set -- -x "$events" -ex continue
    fi
    timeout 60 gdb-multiarch -q -batch -nx -x ../commands.gdb \
        -ex "set sysroot /usr/$triplet" -ex "file $PWD/host" \
        -ex "target remote $PWD/stub" "$@" \
        2> gdb-errors | grep -e '^event'
    kill $emulator 2> /dev/null
    wait $emulator 2> /dev/null
    grep evaluated printed
}

# What the kernel counts. (The timer is attached last; when it speaks, all is.
# bpftrace does not find a library of a program that it starts itself.)
under_bpftrace() {
    : > counted
    timeout 60 env --default-signal=INT bpftrace -q -e "
        usdt:$(image):python:audit { @[str(arg0)] = count(); }
        interval:ms:50 { printf(\"ready\n\"); }" > counted 2> complaints &
    tracer=$!
    wait_said counted $tracer
    ./host
    kill -INT $tracer
    wait $tracer
    grep '^@' counted || cat complaints
}

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
    succeeds "$cell: all markers are there, and well" "$check" "$(image)"
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
