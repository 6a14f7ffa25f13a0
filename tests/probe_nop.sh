#!/bin/sh
# SPDX-License-Identifier: MIT
# The probe's instruction: each form that --with-probe-nop offers is what the
# note points at, and fires under each tracer; and no form, whatever the
# runtime is compiled with, lets a kernel overwrite what functions keep below
# the stack pointer.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need "the probe's instruction" gcc objdump readelf
need_x86_64 "the probe's instruction"
need_markers "the probe's instruction"
source=$work/source
(cd "$builddir" && $MAKE -s distdir distdir="$source") > "$work/log" 2>&1
cd "$work" || exit 1

# build NAME NOP [OPTION...]: a library with that instruction.
build() {
    name=$1 nop=$2
    shift 2
    mkdir "$name"
    (cd "$name" && "$source/configure" -q --disable-maintainer-mode \
        ${nop:+--with-probe-nop="$nop"} "$@" && $MAKE -s) > "$name.log" 2>&1 ||
        fail "$name builds" "$(tail -n 20 "$name.log")"
}

# ---- each form

cat > host.c <<'END'
#include "pytrace_probes.h"
#include <unistd.h>
int main(void)
{
    int i = 0;

    while (!PYTRACE_GC_START_ENABLED() && i++ < 2000)
        usleep(10000);
    usleep(200000); /* for the probe itself */
    for (i = 1; i <= 1000; i++)
        PYTRACE_GC_START(i);
    return 0;
}
END

# at_probe BINARY: the bytes that gc__start's note points at.
at_probe() {
    address=$(sh "$srcdir/tests/tools/sites.sh" "$1" |
        awk '$2 == "gc__start" { print $3 }')
    objdump -d --start-address="$address" "$1" | awk -F '\t' '
        /^ *[0-9a-f]+:/ { printf "%s", $2 }' | sed 's/ *c3.*//; s/  */ /g'
}

# traced HOST: what its probe counts, and adds up, in the kernel.
traced() {
    bpftrace -q -c "$1" -e "usdt:$1:python:gc__start {
            @count = count(); @sum = sum(arg0);
        }" 2> errors | grep .
}

nop="90"
nop5="0f 1f 44 00 00"
nop10="66 2e 0f 1f 84 00 00 00 00 00"
why=$(can_trace) || true
for form in "nop|$nop" "nop5|$nop5" "nop+nop5|$nop $nop5" \
    "nop+nop10|$nop $nop10" "|$nop $nop5"; do
    option=${form%%|*}
    name=${option:-default}
    build "$name" "$option"
    gcc -O2 -I"$name/include" -o "host-$name" host.c "$name/libpytrace.a"
    same "$name: what the note points at" "${form#*|}" \
        "$(at_probe "host-$name")"
    if [ -n "$why" ]; then
        skip "$name: fires" "$why"
    else
        same "$name: fires" "@count: 1000
@sum: 500500" "$(traced "$PWD/host-$name")"
    fi
done
refuses "another instruction is refused" \
    "--with-probe-nop=nop9 is none of those there are for this processor: nop" \
    "$source/configure" -q --with-probe-nop=nop9

# ---- the red zone

# build_leaf NAME COMPILER: tests/code/leaf.c, its second part in place of the
# runtime's source: made by the library's own rule.
build_leaf() {
    mv "$1/pytrace_probes.c" "$1/runtime.c"
    {
        echo '#define RUNTIME "runtime.c"'
        cat "$srcdir/tests/code/leaf.c"
    } > "$1/pytrace_probes.c"
    $MAKE -s -C "$1" libpytrace.a &&
        gcc -O2 -I"$1" -I"$1/include" -c -o "$1/host.o" \
            "$srcdir/tests/code/leaf.c" &&
        "$2" -o "$1/leaf" "$1/host.o" "$1/libpytrace.a"
}

# leaf NAME COMPILER CFLAGS: what it prints, traced.
leaf() {
    build "$1" nop5 CC="$2" CFLAGS="$3"
    if ! build_leaf "$1" "$2" > "$1.log" 2>&1; then
        cat "$1.log"
        return
    fi
    bpftrace -q -c "$PWD/$1/leaf" \
        -e "usdt:$PWD/$1/leaf:python:gc__start { @ = count(); }" 2> errors |
        grep .
}

cat > expected <<'END'
at the probe: a call
wrong in a host: yes
wrong in the runtime: 0
@: 20000
END
if [ -n "$why" ]; then
    skip "no value is overwritten" "$why"
    finish
fi
# Its own flags win over these.
for cell in "gcc -O2" "gcc -O0" "gcc -O3 -flto -mred-zone" "clang -O2" \
    "clang -O2 -flto -mred-zone"; do
    compiler=${cell%% *}
    have "$compiler" || {
        skip "$cell: no value is overwritten" "there is no $compiler"
        continue
    }
    result=$(leaf "$(echo "$cell" | tr -d ' ')" "$compiler" \
        "${cell#* }")
    case $result in
    "at the probe: a trap"*)
        skip "$cell: no value is overwritten" \
            "this kernel puts no call in place of a nop5" ;;
    *)
        same "$cell: no value is overwritten" "$(cat expected)" "$result" ;;
    esac
done
finish
