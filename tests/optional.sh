#!/bin/sh
# SPDX-License-Identifier: MIT
# Optional groups of markers: one that is left out costs nothing, one that
# configure's --with-groups names is as any other. (What the ports' fire is
# checked by their live cases.)
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

cd "$work" || exit 1
cp "$srcdir/tests/definitions/accepted/optional.d" .

# fill GROUPS TEMPLATE: a template of the project, for the definition above.
fill() {
    generate -v probes=optional.d -v version=1.0 -v with="$1" "$srcdir/$2"
}
signatures() {
    echo @SIGNATURES@ | generate -v probes="$1" -v with="$2" -
}
names() {
    signatures "$1" "$2" | sed 's/(.*//' | paste -sd ' ' -
}

# ---- which there are

same "no optional group is built in unless it is named" "take give here" \
    "$(names optional.d '')"
same "one that is named is, in the definition's order" \
    "take lock__wait give lock__take here" "$(names optional.d waits)"
same "two can be named" "take lock__wait give lock__take here gone" \
    "$(names optional.d rare,waits)"
same "\"all\" names all of them" "take lock__wait give lock__take here gone" \
    "$(names optional.d all)"
refuses "a group that there is not" \
    "^--with-groups: there is no optional group 'wait'; there are waits, rare$" \
    signatures optional.d waits,wait
refuses "a group that is not optional" \
    "^--with-groups: there is no optional group 'placed'; there are waits, " \
    signatures optional.d placed
printf 'provider p {\n/* @group g\n@optional */\nprobe a();\n};\n' > only.d
refuses "no marker at all" "^only.d: .*, --with-groups=NAME$" signatures only.d ''
same "probes.d: the eight come first, whatever is named" \
    "$(names "$srcdir/probes.d" '')" \
    "$(names "$srcdir/probes.d" all | cut -d ' ' -f 1-8)"

# ---- what one that is left out costs

# A host that has them all, and the same without.
cat > host.c <<'END'
#include "pytrace_probes.h"
int host(int size);
int host(int size)
{
    PYTRACE_TAKE(size);
#ifndef WITHOUT
    PYTRACE_LOCK_WAIT(&size, size);
    PYTRACE_LOCK_WAIT_TEXT(&size, size, "a lock");
    if (PYTRACE_WAITS_ENABLED())
        pytrace_lock_take(&size);
    while (PYTRACE_WAITS_ENABLED_OR(*(unsigned char *)&size))
        size++;
#if PYTRACE_HAS_WAITS
    size += 2;
#endif
#else
    while (*(unsigned char *)&size)
        size++;
#endif
    return size;
}
END
# made GROUPS [FLAG...]: host.o, all that is in its sections.
made() {
    fill "$1" include/pytrace_probes.h.in > pytrace_probes.h
    shift
    $CC -O2 -std=c99 -Wall -Wextra -Werror -pedantic "$@" -c host.c -o host.o &&
        objdump -s -d -r host.o | sed '/^host.o:/d'
}
if have objdump && [ -n "$DTRACE" ]; then
    made '' > placed
    made '' -DWITHOUT > nothing
    same "a marker that is left out adds no byte to a host" "" \
        "$(diff nothing placed | head)"
    made waits > built
    refuses "and one that is built in does" lock__wait diff placed built
    made waits -DPYTRACE_WITHOUT_DTRACE > built
    made waits -DPYTRACE_WITHOUT_DTRACE -DWITHOUT > nothing
    same "without markers nor does one that is built in" "" \
        "$(diff nothing built | head)"
else
    skip "what a marker costs that is left out" "there is no objdump or dtrace"
fi
fill '' src/runtime/pytrace_probes.c.in > without
same "nor is it in the runtime" "" \
    "$(grep -n 'lock\|gone' without | grep -v '@group\|SPDX' | grep -i 'lock_\(wait\|take\)')"
fill waits src/runtime/pytrace_probes.c.in > with
succeeds "one that is built in is in the runtime" \
    grep -q 'heap_lock__wait_semaphore' with

# ---- configure

if [ ! -x "$srcdir/configure" ]; then
    skip "configure" "there is no configure"
    finish
fi
mkdir build
cd build || exit 1
configure() {
    "$srcdir/configure" -q --disable-maintainer-mode CC="$CC" \
        --with-probes="$work/optional.d" "$@" > output 2>&1 ||
        { cat output; return 1; }
}
refuses "configure: a group that there is not" \
    "error: --with-groups: there is no optional group 'wait'" \
    configure --with-groups=wait
refuses "configure: --with-groups without a name" "needs names" \
    configure --with-groups
refuses "configure: no name of a group" "names of groups, with a comma" \
    configure --with-groups='a b'
succeeds "configure: a group" configure --with-groups=waits
succeeds "the library of it is built" \
    "$MAKE" -s include/pytrace_probes.h libpytrace-heap.a
same "and has its markers" "give here lock__take lock__wait take" \
    "$(readelf -n libpytrace-heap.a 2> /dev/null | sed -n 's/^ *Name: //p' |
        sort | paste -sd ' ' -)"
finish
