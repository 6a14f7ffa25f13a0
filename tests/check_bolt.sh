#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace check: a host that BOLT has rewritten. BOLT changes the notes, but
# what it has not moved goes on calling the code from before; with its option
# --skip-funcs the markers stay where they are.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

bolt=
for name in llvm-bolt llvm-bolt-19 llvm-bolt-16; do
    [ -n "$bolt" ] || ! have $name || bolt=$name
done
if [ -z "$bolt" ]; then
    skip "BOLT" "there is no llvm-bolt"
    finish
fi
cat > host.c << 'EOD'
#include "pytrace_probes.h"
int main(void)
{
    int i;

    for (i = 0; i < 200; i++)
        PYTRACE_LINE("file", "function", i);
    return 0;
}
EOD
# shellcheck disable=SC2086
succeeds "a host is built for BOLT" ${CC:-gcc} -O2 -I"$builddir/include" \
    -o host host.c "$builddir/libpytrace.a" -Wl,--emit-relocs
succeeds "BOLT moves its code" $bolt host -o moved
succeeds "BOLT leaves the markers where they are" \
    $bolt host -o kept --skip-funcs='pytrace__.*'
# line PROGRAM: what falls short of the marker that is fired.
line() {
    "$pytrace" check --except all "$1" > out
    sed -n 's/^  line: its site 0x[0-9a-f]* //p' out
}
same "a marker that BOLT has moved" "is in code that BOLT has moved, where the\
 code before may run instead; give BOLT --skip-funcs='pytrace__.*'" \
    "$(line moved)"
same "a marker that BOLT has left where it was" "" "$(line kept)"
succeeds "all of them" "$pytrace" check --except all kept
if why=$(can_trace); then
    same "a tracer sees the marker that stayed" "@: 200" \
        "$(bpftrace -e "usdt:$work/kept:python:line { @ = count(); }" \
            -c "$work/kept" 2> bpftrace.log | grep '^@')"
else
    skip "a tracer sees the marker that stayed" "$why"
fi
finish
