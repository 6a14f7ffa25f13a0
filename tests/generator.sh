#!/bin/sh
# SPDX-License-Identifier: MIT
# The generator: what it accepts, what it refuses and how, and that it does not
# depend on which awk runs it.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

cd "$work" || exit 1
cp -R "$srcdir/src/generate" .

# generate DEFINITION TEMPLATE [OPTION...]
generate() {
    printf '%s\n' "$1" > def.d
    template=$2
    shift 2
    printf '%s\n' "$template" | sh generate/generate.sh -v probes=def.d "$@" -
}

# rejects NAME MESSAGE DEFINITION
rejects() {
    refuses "$1" "^$2\$" generate "$3" @PROVIDER@
}

same "a definition of one probe" "f__o(const char *a, int b)" \
    "$(generate 'provider p { probe f__o(const char *a, int b); };' \
        @SIGNATURES@)"
same "comments, pragmas and odd spacing are passed over" \
    "a(unsigned long long arg1)
b()
c()" \
    "$(generate '#pragma D attributes Evolving/Evolving/Common provider p
/* a comment */ provider /* here */ p // and there
{ probe a ( unsigned long
 long ) ; probe b();probe c(void); }' @SIGNATURES@)"
same "sizes and signs of every kind of type" \
    "t 1 -1
t 2 1
t 3 -2
t 4 8
t 5 8
t 6 -8" \
    "$(generate 'provider p { probe t(char a, const uint8_t b, short int c,
        size_t d, const void *const *e, int64_t f); };' @NOTE_ARGUMENTS@)"
same "what a host's note says of every kind of type" \
    "c -1 2 -w w -8
w -w s p -4 8" \
    "$(generate 'provider p { probe t(char a, int8_t b, unsigned short c,
        long int d, unsigned long e, signed long long int f);
        probe u(size_t a, intptr_t b, char *c, void *d, const int e,
        uint64_t f); };' @NOTE@ |
        sed -n 's/.*\.asciz \\"\([-1248cpsw ]* [-1248cpsw ]*\)\\"\\n"$/\1/p')"
same "headers are included only where a type needs them" \
    "#include <stddef.h>
#include <stdint.h>" \
    "$(generate 'provider p { probe t(int32_t a, size_t b); };' @INCLUDES@
    generate 'provider p { probe t(int a, char *b); };' @INCLUDES@)"
same "--with-provider has precedence" "other" \
    "$(generate 'provider p { probe t(int a); };' @PROVIDER@ \
        -v provider=other)"

definition=$(cat "$srcdir/probes.d")
same "the definition written again means the same" \
    "$(generate "$definition" '@SIGNATURES@
@PUBLIC_MARKERS@
@SEMAPHORE_DEFINITIONS@')" \
    "$(generate "$(generate "$definition" @DEFINITION@)" '@SIGNATURES@
@PUBLIC_MARKERS@
@SEMAPHORE_DEFINITIONS@')"
# The definition for hosts that have frames, but for what it adds.
sed -f "$srcdir/ports/frames.sed" "$srcdir/probes.d" > frames.d
same "frames.sed adds the frame's address to two probes" \
    "function__entry function__return
$(generate "$definition" @DEFINITION@)" \
    "$(generate "$(cat frames.d)" @SIGNATURES@ |
        sed -n 's/(.*, void \*frameptr)$//p' | paste -sd ' ' -
    generate "$(cat frames.d)" @DEFINITION@ | sed -e 's/, void \*frameptr)/)/' \
        -e '/^ *\* frameptr: the frame.s address, the same at its entry/d')"
same "a group of three is padded to a word of four" \
    "p__g_group
p_a_semaphore
p_b_semaphore
p_c_semaphore
PADDING
p_d_semaphore" \
    "$(generate 'provider p {
    probe d(int x);
    /* @group g */ probe a(int x);
    /* @group g */ probe b(int x);
    /* @group g */ probe c(int x); };' @SEMAPHORE_DEFINITIONS@ |
        sed 's/.*PYTRACE__//; s/.*(//; s/)//')"

rejects "an empty file" "def.d:1: expected 'provider' after the beginning,\
 found the end of the file" ""
rejects "no provider's name" "def.d:1: the provider's name '{' must be a C\
 identifier.*" "provider { probe a(); };"
rejects "a provider's name that ends in a digit" "def.d:1: .* must not end in\
 a digit.*" "provider p1 { probe a(); };"
rejects "a provider's name with two underscores" "def.d:1: .* must not contain\
 '__'.*" "provider p__q { probe a(); };"
rejects "a provider's name that is too long" "def.d:1: .* must not be longer\
 than 32 characters" "provider a23456789012345678901234567890123x { probe a(); };"
rejects "no probe" "def.d:1: expected a probe, found '}'" "provider p { };"
rejects "no semicolon" "def.d:3: expected ';' after probe 'a', found 'probe'" \
    "provider p {
    probe a(int x)
    probe b(int x);
};"
rejects "an unknown type" "def.d:2: unknown type 'Oid'; .* 'void \*'" "provider p {
    probe a(Oid x); };"
rejects "a floating-point type" "def.d:1: a tracer cannot read\
 'double'.*" "provider p { probe a(double x); };"
rejects "void as an argument's type" "def.d:1: an argument cannot be\
 'void'; use 'void \*'" \
    "provider p { probe a(int x, void y); };"
rejects "seven arguments" "def.d:1: probe 'a' has more than six arguments.*" \
    "provider p { probe a(int a, int b, int c, int d, int e, int f, int g); };"
rejects "a keyword as a name" "def.d:1: an argument cannot be called 'class'.*" \
    "provider p { probe a(int class); };"
rejects "two arguments of one name" "def.d:1: two arguments are called 'x'" \
    "provider p { probe a(int x, int x); };"
rejects "two probes of one macro" "def.d:2: the probe 'a_b' and the probe\
 'a__b' would share the macro PYTRACE_A_B" "provider p { probe a__b(int x);
    probe a_b(int x); };"
rejects "a probe called like a function of the library" \
    "def.d:1: a probe cannot be called 'find', as pytrace_find or .*" \
    "provider p { probe find(int x); };"
rejects "a probe called like another one's test" "def.d:1: the probe\
 'a__enabled' and the probe 'a' would share the macro PYTRACE_A_ENABLED" \
    "provider p { probe a(int x); probe a__enabled(); };"
rejects "a probe called like another one with a text" "def.d:1: the probe\
 'a' and the probe 'a__text' would share the macro PYTRACE_A_TEXT" \
    "provider p { /* @text */ probe a(); probe a__text(); };"
rejects "a group of five" "def.d:6: group 'g' has more than four probes.*" \
    "provider p {
    /* @group g */ probe a(); /* @group g */ probe b();
    /* @group g */ probe c();
    /* @group g */ probe d();

    /* @group g */ probe e(); };"
rejects "a group called like a probe" "def.d:1: the group 'a' and the probe 'a'\
 would share the macro PYTRACE_A_ENABLED" "provider p { /* @group a */ probe a(); };"
rejects "a probe called like a group's test" "def.d:1: the group 'g' and the\
 probe 'g__enabled' would share the macro PYTRACE_G_ENABLED" \
    "provider p { /* @group g */ probe a(); probe g__enabled(); };"
rejects "a probe called like a group's test with a byte" "def.d:1: the group 'g' and\
 the probe 'g__enabled__or' would share the macro PYTRACE_G_ENABLED_OR" \
    "provider p { /* @group g */ probe a(); probe g__enabled__or(); };"
rejects "a comment that does not end" "def.d:2: this comment does not end" \
    "provider p {
    /* never"
rejects "a strange character" "def.d:1: unexpected character '\\$'" \
    "provider p { probe \$a(); };"
rejects "something after the end" "def.d:1: expected the end of the file.*" \
    "provider p { probe a(); }; int x;"
rejects "a second provider" "def.d:1: a definition has one provider; .* 'q'" \
    "provider p { probe a(); }; provider q { probe b(); };"
refuses "a file that is not there" "^nowhere.d: cannot be read$" \
    sh generate/generate.sh -v probes=nowhere.d

everything="$(cat "$srcdir/tests/definitions/everything")
@NOTE_ARGUMENTS@"
expected=$(generate "$definition" "$everything")
for other in mawk gawk "gawk --posix" "busybox awk"; do
    if ! have "${other%% *}"; then
        skip "$other writes the same" "there is no ${other%% *}"
        continue
    fi
    same "$other writes the same" "$expected" \
        "$(printf '%s\n' "$everything" |
            AWK=$other sh generate/generate.sh -v probes="$srcdir/probes.d" -)"
done
finish
