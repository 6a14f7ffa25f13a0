#!/bin/sh
# SPDX-License-Identifier: MIT
# The header and the bundle in surroundings that we have never seen: macros of
# the host's of any name, unity builds, two providers in one program, C++, no
# ELF, 32-bit ARM in Thumb code.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need "surroundings" gcc readelf "$MAKE"
need_markers "surroundings"
cd "$work" || exit 1

# bundle_of NAME DEFINITION: its two files, in NAME/.
source=$work/source
(cd "$builddir" && $MAKE -s distdir distdir="$source") > log 2>&1
bundle_of() {
    mkdir "$1.build" && (
        cd "$1.build" &&
            "$source/configure" -q --disable-maintainer-mode \
                --with-probes="$2" && $MAKE -s bundle && cp -R bundle "../$1"
    )
}
succeeds "a bundle" bundle_of bundle "$srcdir/probes.d"
markers=8
# notes_of FILE: how many markers it has.
notes_of() {
    readelf -nW "$1" 2> /dev/null | grep -c 'NT_STAPSDT'
}

cat > host.c << 'E'
#include "pytrace_probes.h"
#ifdef HOST_DATA
#include "pytrace.h"
#endif
int main(void)
{
    PYTRACE_FUNCTION_ENTRY("a", "b", 1);
    if (PYTRACE_EVAL_ENABLED())
        pytrace_line("a", "b", 1);
    PYTRACE_AUDIT("c", (void *)0);
    return 0;
}
E

# ---- macros of the host's

# The words of a header that are neither C's nor the preprocessor's, and not
# reserved to us: a host may have any of them as a macro.
echo 'pytrace_.* PYTRACE_.* __.* python_.* if ifdef ifndef else elif endif define
    undef include pragma defined error GCC diagnostic push pop ignored
    push_macro pop_macro volatile const char int long short unsigned void struct
    extern static return do while for inline size_t NULL stddef stdint h' |
    tr -s ' ' '\n' > not-the-hosts
words_of() {
    sed 's/"[^"]*"//g' "$1" |
        tr -c 'A-Za-z_0-9' '\n' | grep '^[A-Za-z_]' | sort -u |
        grep -v -x -f not-the-hosts
}
headers=$builddir/include
for header in pytrace_probes.h pytrace.h; do    # without their comments
    gcc -fpreprocessed -dD -E -P "$headers/$header"
done > plain.h 2> /dev/null
words=$(words_of plain.h)
broken=
for word in $words; do
    for form in 'unsigned char' '3' '(x, y)'; do
        gcc -std=c99 -Werror -DHOST_DATA "-D$word=$form" -I"$headers" -c host.c \
            -o host.o > log 2>&1 || broken="$broken $word"
    done
done
same "a host may have a macro of any name" "" "$broken"
if [ "$(echo "$words" | grep -c -x -e filename -e semaphore)" = 2 ]; then
    pass "names of arguments and members were tried"
else
    fail "names of arguments and members were tried" "$words"
fi
for word in $words; do
    echo "int $word;"
done > globals.h
succeeds "none of our names hides one of the host's" \
    gcc -std=c99 -Wshadow -Werror -DHOST_DATA -include ./globals.h -I"$headers" \
    -c host.c -o host.o

# ---- one translation unit

printf '#include "bundle/pytrace_probes.c"\n#include "host.c"\n' > before.c
printf '#include "host.c"\n#include "bundle/pytrace_probes.c"\n' > after.c
cat > sdt_later.c << 'E'
#include "bundle/pytrace_probes.c"
#include <sys/sdt.h>
#include "host.c"
void other(void);
void other(void) { DTRACE_PROBE(other, marker); }
E
printf '#define line __LINE__\n#define audit(x) x\n%s\n' \
    '#include "bundle/pytrace_probes.c"' > macros.c
printf '#include "host.c"\n' >> macros.c
for unit in before after macros; do
    for compiler in gcc clang g++; do
        have $compiler || continue
        language=c
        [ $compiler != g++ ] || language=c++
        same "one translation unit, $unit, $compiler" "$markers" "$(
            $compiler -O2 -Wall -Werror -Ibundle -x $language $unit.c -o $unit \
                2>&1
            notes_of $unit)"
    done
done
if echo '#include <sys/sdt.h>' | gcc -E -x c - > /dev/null 2>&1; then
    same "sys/sdt.h behind the bundle is the host's own" $((markers + 1)) "$(
        gcc -O2 -Wall -Werror -Ibundle sdt_later.c -o sdt_later 2>&1
        notes_of sdt_later)"
    printf '#include <sys/sdt.h>\n#include "bundle/pytrace_probes.c"\n' \
        > sdt_first.c
    refuses "sys/sdt.h before the bundle: an error says the way" \
        "compile this file as one of its own" gcc -Ibundle -c sdt_first.c
fi

# ---- two providers

# Names that begin alike, and markers of one name.
for provider in one one_a; do
    cat > $provider.d << E
provider $provider {
    probe a(int x);
    /* @group g */
    probe c();
};
E
done
succeeds "a bundle of one provider" bundle_of one "$work/one.d"
succeeds "a bundle of another" bundle_of one_a "$work/one_a.d"
cat > first.c << 'E'
#include "pytrace_probes.h"
void second(void);
int main(void)
{
    PYTRACE_A(1);
    PYTRACE_C();
    second();
    return 0;
}
E
cat > second.c << 'E'
#include "pytrace_probes.h"
void second(void);
void second(void)
{
    PYTRACE_A(2);
    PYTRACE_C();
}
E
two_providers() {
    gcc -O2 -Ione -c first.c && gcc -O2 -Ione_a -c second.c &&
        gcc -O2 -c one/pytrace_probes.c -o one.o &&
        gcc -O2 -c one_a/pytrace_probes.c -o one_a.o &&
        gcc -o two first.o second.o one.o one_a.o
}
succeeds "two providers link into one program" two_providers
same "two providers: the markers of both" "one:a one:c one_a:a one_a:c" "$(
    sh "$srcdir/tests/tools/sites.sh" two | awk '{ print $1 ":" $2 }' |
        sort | tr '\n' ' ' | sed 's/ $//')"
# In one source, the macros of the first would fire for the other, too.
for provider in one one_a; do
    generate -v probes=$provider.d -v version=1.0 \
        "$srcdir/include/pytrace.h.in" > $provider/pytrace.h
done
for header in pytrace_probes.h pytrace.h; do
    printf '#include "%s"\n' one/$header one_a/$header > both.c
    refuses "two providers in one source: $header says so" \
        "#error.*$header of two providers" gcc -c both.c
    printf '#include "%s"\n' one/$header one/$header > both.c
    succeeds "one provider's $header twice" gcc -Wall -Werror -c both.c
done

# ---- other systems and instruction sets

# Without ELF, and with a compiler that is not GCC.
for define in -U__ELF__ "-U__GNUC__ -U__clang__"; do
    # shellcheck disable=SC2086
    succeeds "the header switches itself off: $define" \
        gcc -std=c99 -Wall -Wextra -Werror $define -DHOST_DATA -I"$headers" \
        host.c -o off
    same "the header switches itself off: $define, no markers" 0 \
        "$(notes_of off)"
done
if [ "$(gcc -dumpmachine | cut -d- -f1)" = x86_64 ]; then
    refuses "Intel's syntax: the bundle says what to do" \
        "must be compiled with -masm=att" \
        gcc -O2 -masm=intel -Ibundle -c bundle/pytrace_probes.c
fi
thumb="32-bit ARM: the probes' functions are ARM code in a Thumb program"
arm="arm-linux-gnueabihf"
if ! have $arm-gcc || ! have $arm-readelf; then
    skip "$thumb" "there is no $arm-gcc"
else
    # A Thumb function's address in the symbol table is odd.
    same "$thumb" "pytrace__probe_audit even, main odd" "$(
        $arm-gcc -O2 -mthumb -Ibundle host.c bundle/pytrace_probes.c -o thumb &&
            $arm-readelf -sW thumb | awk '
                function kind(address) {
                    return address ~ /[13579bdf]$/ ? "odd" : "even"
                }
                $8 == "pytrace__probe_audit" { probe = $8 " " kind($2) }
                $8 == "main" { main = $8 " " kind($2) }
                END { print probe ", " main }')"
fi
finish
