#!/bin/sh
# SPDX-License-Identifier: MIT
# Definitions that people write: what is accepted means what a reader would
# think, and all that is made of it compiles; what is refused is, in one line.
# tests/definitions has the inputs, and random.awk there more of them by chance:
# SEED (default: 1) and COUNT (default: 20) say which.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

inputs=$srcdir/tests/definitions
cd "$work" || exit 1
mkdir accepted tapset random

# everything FILE: all that the generator can make of a definition.
everything() {
    generate -v probes="$1" -v version=1.0 -v binary=/usr/bin/x \
        "$inputs/everything"
}

# fill FILE TEMPLATE: a template of the project, filled.
fill() {
    generate -v probes="$1" -v version=1.0 -v binary=/usr/bin/x \
        "$srcdir/$2" 2> /dev/null
}

# made WORD FILE: what a word of a template stands for.
made() {
    echo "$1" | generate -v probes="$2" - 2> /dev/null
}

warnings='-Wall -Wextra -Wpedantic -Werror'

# compiles FILE DIRECTORY: the header and the runtime of a definition, in C and
# C++, with what dtrace makes of it; and the header without markers.
compiles() {
    rm -rf "$2"
    mkdir "$2"
    for template in include/pytrace_probes.h include/pytrace.h \
        src/runtime/pytrace_probes.c; do
        fill "$1" "$template.in" > "$2/${template##*/}" || return 1
    done
    made @SIGNATURES@ "$1" | awk -f "$inputs/calls.awk" > "$2/calls.c"
    # shellcheck disable=SC2086
    (
        cd "$2" || exit 1
        for standard in c99 gnu11; do
            "$CC" -std=$standard $warnings -c calls.c || exit 1
        done
        "$CC" -std=c11 $warnings -DPYTRACE_WITHOUT_DTRACE -c calls.c || exit 1
        if have g++; then
            for standard in c++11 gnu++20; do
                g++ -x c++ -std=$standard $warnings -c calls.c || exit 1
            done
        fi
    ) || return 1
    [ -n "$DTRACE" ] || return 0
    made @DEFINITION@ "$1" > "$2/probes.d"
    # shellcheck disable=SC2086
    (
        cd "$2" || exit 1
        "$DTRACE" -h -s probes.d -o pytrace_provider.h || exit 1
        # Over a real DTrace's header it is another runtime: see whole.sh.
        grep -q 'sys/sdt\.h' pytrace_provider.h || exit 0
        "$CC" -std=gnu11 $warnings -c pytrace_probes.c
    )
}

# lint FILE: what mandoc says of the manual page, but for its date.
lint() {
    fill "$1" docs/pytrace.7.in > manual.7
    mandoc -Tlint -W warning manual.7 2>&1 | grep -v 'missing date'
}

# reads_again FILE: the definition written again means the same.
reads_again() {
    everything "$1" > once 2> /dev/null
    made @DEFINITION@ "$1" > again.d
    everything again.d > twice 2> /dev/null
    diff once twice
}

awks() {
    for other in mawk gawk "gawk --posix" "busybox awk"; do
        ! have "${other%% *}" || echo "$other"
    done
}

# agree FILE: every awk makes the same of it, or refuses it in the same words.
agree() {
    # The default one is as good as any.
    everything "$1" > agreed 2>&1
    agreed=$?
    awks | while read -r other; do
        AWK=$other everything "$1" > output 2>&1
        status=$?
        if [ $status != $agreed ] || ! diff agreed output > difference; then
            echo "$other: $1: status $status"
            head -n 5 difference
        fi
    done
}

# ---- what is accepted ------------------------------------------------------------

cp "$inputs"/accepted/*.d accepted
cd accepted || exit 1
for file in *.d; do
    input=${file%.d}
    same "$input.d means what is expected" "$(cat "$inputs/accepted/$input.expected")" \
        "$(echo @DEFINITION@ | generate -v probes="$file" - 2>&1)"
    same "$input.d, written again, means the same" "" "$(reads_again "$file")"
    same "$input.d: every awk agrees" "" "$(agree "$file")"
    succeeds "$input.d: what is made of it compiles" compiles "$file" made_of
    fill "$file" scripts/systemtap/tapset/pytrace.stp.in > ../tapset/"$input.stp"
    if have mandoc; then
        same "$input.d: its manual page has no mistakes" "" "$(lint "$file")"
    fi
done
cd ..
have mandoc || skip "manual pages" "there is no mandoc"

# Its text is not roff, nor are its characters.
if have mandoc; then
    text=".SH x 'br \\fB \\(aq -x --long a-b ~/x \`c\` ^ \\ & ../x % \"q\" \\"
    printf 'provider p { probe a(); // %s\n probe b(); // %s\n};\n' \
        ".TP x $text" "'br y $text" > roff.d
    same "a manual page shows a comment's text as it is" ".TP x $text
'br y $text" \
        "$(fill roff.d docs/pytrace.7.in | mandoc -Tascii -O width=200 |
            grep -o '\.TP x.*\|.br y.*')"
fi

# The same with CRLF, with a byte order mark, and without the last line's end.
file=$inputs/accepted/behind.d
everything "$file" > expected
same "a file from another system means the same" "" \
    "$({ printf '\357\273\277'
        sed "s/\$/$(printf '\r')/" "$file"
        printf '// the end'; } > crlf.d
    everything crlf.d 2>&1 | diff expected -)"

# ---- what is refused -------------------------------------------------------------

# Each definition in a file of its own, with its sentence beside it.
mkdir refused
awk 'BEGIN { RS = ""; FS = "\n" }
    /^#  *[A-Z]/ { next }
    {
        n++
        sub(/^= /, "", $NF)
        for (i = 1; i < NF; i++)
            print $i > ("refused/" n ".d")
        print n ".d:" $NF > ("refused/" n ".expected")
        close("refused/" n ".d")
        close("refused/" n ".expected")
    }' "$inputs/refused"
cd refused || exit 1
i=0
while [ -f $((i += 1)).d ]; do
    got=$(everything $i.d 2>&1)
    status=$?
    same "refused: $(sed 's/^[^ ]* //' $i.expected)" "1: $(cat $i.expected)" \
        "$status: $got"
done
cd ..

# What the sentence about the preprocessor advises.
printf '%s\n' '#define Oid unsigned int' '/* the heap'"'"'s */' \
    'provider linux {' '#if 0' '    probe gone(Oid x);' '#endif' \
    '    /* what it'"'"'s for */' '    probe take(Oid x); // its size' '};' \
    '#pragma D attributes Private/Private/Common provider linux args' > cpp.d
refuses "a definition for the preprocessor" \
    "^cpp.d:1: '#define' is .* 'cpp -undef -nostdinc -P -C' first$" \
    everything cpp.d
if have cpp; then
    cpp -undef -nostdinc -P -C cpp.d > plain.d
    same "the preprocessor's output is accepted" 'provider linux {
    /*
     * what it'"'"'s for its size
     */
    probe take(unsigned int x);
};' "$(made @DEFINITION@ plain.d)"
else
    skip "the preprocessor's output is accepted" "there is no cpp"
fi

# ---- by chance --------------------------------------------------------------------

seed=${SEED:-1} count=${COUNT:-20}
echo "# seed $seed, $count definitions"
LC_ALL=C awk -v seed="$seed" -v count="$count" -v directory=random \
    -f "$inputs/random.awk"
different='' compiled='' lines='' pages='' again='' n=0 accepted=0
while [ $((n += 1)) -le "$count" ]; do
    file=random/$n.d
    different=$different$(agree $file)
    if everything $file > output 2> errors; then
        accepted=$((accepted + 1))
        again=$again$(reads_again $file)
        output=$(compiles $file made_of 2>&1) ||
            compiled="$compiled$file: $output
"
        fill $file scripts/systemtap/tapset/pytrace.stp.in > tapset/$n.stp
        ! have mandoc || pages=$pages$(lint $file)
    elif [ $? != 1 ] || [ -s output ] ||
        [ "$(grep -c "^$file:[1-9][0-9]*: [^ ]" errors)" != 1 ] ||
        [ "$(wc -l < errors)" != 1 ]; then
        lines="$lines$file: $(cat errors)
"
    fi
done
echo "# $accepted of them are accepted"
[ $((accepted * 4)) -gt "$count" ] && [ "$accepted" -lt "$count" ]
same "some are accepted, and some are refused" 0 $?
same "every awk agrees" "" "$different"
same "what is accepted compiles" "" "$compiled"
same "what is accepted, written again, means the same" "" "$again"
same "what is refused is one line, and status 1" "" "$lines"
! have mandoc || same "the manual pages have no mistakes" "" "$pages"

# ---- the tapsets, as SystemTap reads them ------------------------------------------

# It needs no kernel to parse, but what looks like the headers of one.
need "SystemTap reads the tapsets" stap
mkdir -p kernel/include/config kernel/include/generated own
echo CONFIG_MODULES=y > kernel/.config
echo 6.1.0-none > kernel/include/config/kernel.release
touch kernel/System.map kernel/Makefile kernel/Module.symvers

# read_tapsets: what SystemTap says of them, without a tapset of its own.
read_tapsets() {
    SYSTEMTAP_TAPSET=$work/own SYSTEMTAP_DIR=$work/cache \
        stap -r "$work/kernel" -I tapset -p1 -e 'probe begin { exit() }' 2>&1 |
        grep -v 'symbol table missing\|^# \|^probe begin\|^exit()\|^[{}]*$'
}
same "SystemTap reads the tapsets" "" "$(read_tapsets)"
echo 'probe x.1 = begin { print = 1 }' > tapset/wrong.stp
same "SystemTap says when it cannot read one" "tapset/wrong.stp" \
    "$(read_tapsets | grep -o -m 1 'tapset/[a-z0-9]*.stp')"
finish
