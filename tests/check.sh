#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace check: which markers are there, once, and with the arguments that the
# host says; what strip and prelink change about it.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

says "a good file is well" 0 "all 2 markers of provider p are well" \
    "$pytrace" check good

# ---- which are there

judged "a marker that is missing" "b: is missing" << EOD
a one 8@%rdi -4@%esi
host p | a s -4 | b -w
fires p a
EOD
judged "a marker that is fired, and has lost its note" \
    "b: is fired, but its note is missing: a strip or a linker has lost it" \
    << EOD
a one 8@%rdi -4@%esi
EOD
judged "a marker that is called, and has lost its note" \
    "b: is fired, but its note is missing: a strip or a linker has lost it" \
    << EOD
a one 8@%rdi -4@%esi
host p | a s -4 | b -w
fires p a
calls p b
EOD
judged "no marker at all" "none of the 2 markers of provider p is there
provider p: its notes for tracers (.note.stapsdt) are missing: a strip or a\
 linker has lost them" << EOD
q:a one 8@%rdi
host p | a=one s -4 | b=two -w
fires p a
EOD
judged "a marker that is there twice" "a: has 2 sites, where one is expected" \
    << EOD
$good
a one 8@%rdi -4@%esi
EOD
judged "a real DTrace's host, which has no semaphores" \
    "none of the 2 markers of provider p is there
provider p: is built with a real DTrace, whose markers are not in\
 .note.stapsdt: they are not judged here" << EOD
host p | a=none s -4 | b=none -w
fires p a
fires p b
EOD

# ---- arguments

judged "sizes, signs and numbers of arguments" \
    "a: argument 1 has 4 bytes, unsigned; the host says 8, unsigned
a: argument 2 has 4 bytes, unsigned; the host says 4, signed
a: has 3 arguments; the host says 2
b: has 0 arguments; the host says 1" << EOD
a one 4@%edi 4@%esi 8@%rdx
b two
EOD
judged "an argument without a size" "a: argument 1 does not say its size" << EOD
a one %rdi -4@%esi
b two -8@%rdi
EOD
judged "which of two sites is wrong" "a: has 2 sites, where one is expected
a: argument 2 has 8 bytes, signed at ADDRESS; the host says 4, signed" << EOD
$good
a one 8@%rdi -8@%rsi
EOD
well "a plain char has either sign" << EOD
a one -1@%al
b two 1@%al
host p | a c | b c
fires p a
fires p b
EOD
# Each shape, with an operand as it should be, and one of another size or sign.
for shape in s:8:4 p:8:-8 w:8:-8 -w:-8:8 c:1:2 1:1:-1 -1:-1:1 2:2:4 -2:-2:2 \
    4:4:8 -4:-4:4 8:8:4 -8:-8:8; do
    wrong=${shape##*:} right=${shape#*:}
    right=${right%:*} shape=${shape%%:*}
    make_file shape << EOD
a one $right@%rdi
b two $wrong@%rdi
host p | a $shape | b $shape
fires p a
fires p b
EOD
    says "the size and sign of shape $shape" 1 "$(echo "$wrong $right $shape" |
        awk '
            function is(bytes) {
                return bytes < 0 ? "signed" : "unsigned"
            }
            {
                n = $1 < 0 ? -$1 : $1
                right = $2 < 0 ? -$2 : $2
                print "b: argument 1 has " n " byte" (n > 1 ? "s" : "") ", " \
                    is($1) "; the host says " right ", " is($2)
            }')" "$pytrace" check shape
done
{
    i=0
    while [ $i -lt 12 ]; do
        echo "a one 8@%rdi -8@%rsi"
        i=$((i + 1))
    done
    echo "b two -8@%rdi"
} > many
make_file many_sites < many
says "of many shortfalls, eight are printed" 1 \
    "a: has 12 sites, where one is expected
$(yes "a: argument 2 has 8 bytes, signed at ADDRESS; the host says 4,\
 signed" | head -n 7)
a: 5 more of this kind" "$pytrace" check many_sites

# ---- what strip, a debug file and prelink change

make_file moved -v moved=4096 << EOD
$good
EOD
"$pytrace" check good | sed 1d > unmoved
"$pytrace" check moved | sed 1d > out
same "addresses are those after prelink" "$(cat unmoved)" "$(cat out)"
strip -o stripped good
"$pytrace" check stripped | sed 1d > out
same "a stripped file has them still" "$(cat unmoved)" "$(cat out)"
objcopy -R .note.stapsdt good without_notes
says "a file whose notes for tracers were removed" 1 \
    "none of the 2 markers of provider p is there
provider p: its notes for tracers (.note.stapsdt) are missing: a strip or a\
 linker has lost them" "$pytrace" check without_notes
make_notes baseless 64 << EOD
$good
EOD
# (What a linker leaves that drops the section.)
sed -e 's/^\.section \.stapsdt\.base.*/.section .other,"a"/' baseless.s |
    as --64 -o baseless.o - && link_small "ld -m elf_x86_64" baseless baseless.o
says "a file without .stapsdt.base" 1 \
    "provider p: is in a file without the section .stapsdt.base, where gdb finds\
 no marker" "$pytrace" check baseless

# ---- hosts as they are built

if [ -x "$lua" ]; then
    says "a port's build has run it" 0 "all 8 markers of provider lua are well" \
        "$builddir/hosts/lua/prefix/bin/pytrace" check "$lua"
    refuses "a port's build fails where it falls short" "is no pytrace host" \
        sh -c '. "$0" && cd "$1" && check_markers "$2"' "$srcdir/ports/lib.sh" \
        "$builddir/hosts/lua" "$unpatched_lua"
else
    skip "a port's build has run it" "Lua could not be built"
fi
finish
