#!/bin/sh
# pytrace-check: what it says of good files, and of each way to fall short.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

# judged NAME EXPECTED < LIST: a library of these sites against two.d.
judged() {
    make_file judged
    says "$1" 1 "$2" "$check" --probes two.d judged
}

says "a good file is well" 0 "all 2 markers of provider p are well" \
    "$check" --probes two.d good

# ---- each shortfall

judged "a marker that is missing" "b: is missing" << EOD
a one 8@%rdi -4@%esi
EOD
judged "a marker that is there twice" "a: has 2 sites, where one is expected" \
    << EOD
$good
a one 8@%rdi -4@%esi
EOD
judged "no marker at all" "none of the 2 markers of provider p is there" << EOD
q:a one 8@%rdi
EOD
judged "sizes, signs and numbers of arguments" \
    "a: argument 1 has 4 bytes, unsigned; the definition says 8, unsigned
a: argument 2 has 4 bytes, unsigned; the definition says 4, signed
a: has 3 arguments; the definition says 2
b: has 0 arguments; the definition says 1" << EOD
a one 4@%edi 4@%esi 8@%rdx
b two
EOD
judged "an argument without a size" "a: argument 1 does not say its size" << EOD
a one %rdi -4@%esi
b two -8@%rdi
EOD
judged "which of two sites is wrong" "a: has 2 sites, where one is expected
a: argument 2 has 8 bytes, signed at ADDRESS; the definition says 4, signed" \
    << EOD
$good
a one 8@%rdi -8@%rsi
EOD
for place in "none:has no semaphore, so that its guard never learns of a tracer" \
    "readonly:its semaphore ADDRESS is not in a writable mapping (PT_LOAD with\
 PF_W)" \
    "text:its semaphore ADDRESS is not in a writable mapping (PT_LOAD with\
 PF_W)" \
    "relro:its semaphore ADDRESS becomes read-only when the program starts\
 (PT_GNU_RELRO)" \
    "bss:its semaphore ADDRESS is in memory that is not in the file, where the\
 kernel need not count" \
    "odd:its semaphore ADDRESS has an odd address, which the kernel refuses" \
    "0x7fffffffffffffff:its semaphore ADDRESS is in no mapping of the file" \
    "0xffffffffffffffff:its semaphore ADDRESS is in no mapping of the file"; do
    judged "a semaphore: ${place%%:*}" "b: ${place#*:}" << EOD
a one 8@%rdi -4@%esi
b ${place%%:*} -8@%rdi
EOD
done
if have ld.lld; then
    ld.lld -shared -z relro -o twice good.o
    says "a semaphore in a page of the file that is mapped twice" 1 \
        "a: its semaphore ADDRESS is in a page of the file that an earlier\
 writable mapping has, too, where the kernel counts when a program starts traced
b: its semaphore ADDRESS is in a page of the file that an earlier\
 writable mapping has, too, where the kernel counts when a program starts traced" \
        "$check" --probes two.d twice
    ld.lld -shared -z relro -z separate-loadable-segments -o once good.o
    says "a semaphore in a page of its own is well" 0 \
        "all 2 markers of provider p are well" "$check" --probes two.d once
else
    skip "a page of the file that is mapped twice" "there is no ld.lld"
fi
make_notes baseless 64 << EOD
$good
EOD
# (What a linker leaves that drops the section.)
sed -e 's/^\.section \.stapsdt\.base.*/.section .other,"a"/' baseless.s |
    as --64 -o baseless.o - && link_small "ld -m elf_x86_64" baseless baseless.o
says "a file without .stapsdt.base" 1 \
    "a: is in a file without the section .stapsdt.base, where gdb finds none
b: is in a file without the section .stapsdt.base, where gdb finds none" \
    "$check" --probes two.d baseless
judged "a semaphore that two markers share" \
    "a: its semaphore ADDRESS is also that of p:b
b: its semaphore ADDRESS is also that of p:a" << EOD
a one 8@%rdi -4@%esi
b one -8@%rdi
EOD
judged "a semaphore shared with another provider" \
    "b: its semaphore ADDRESS is also that of q:x" << EOD
$good
q:x two
EOD
judged "a site that is no code" \
    "a: its site ADDRESS is in no executable mapping (PT_LOAD with PF_X)" << EOD
data a one 8@%rdi -4@%esi
b two -8@%rdi
EOD
{
    i=0
    while [ $i -lt 12 ]; do
        echo "a one 8@%rdi -8@%rsi"
        i=$((i + 1))
    done
    echo "b two -8@%rdi"
} > many
make_file many_sites < many
says "of many shortfalls, eight are said" 1 \
    "a: has 12 sites, where one is expected
$(yes "a: argument 2 has 8 bytes, signed at ADDRESS; the definition says 4,\
 signed" | head -n 7)
a: 5 more of this kind" "$check" --probes two.d many_sites

# ---- what is said beside

make_file others << EOD
$good
c three
q:x three
r:y four
EOD
"$check" --probes two.d others > out
same "other providers and markers are named" \
    "  other markers of the provider: c
  other providers: q, r" "$(grep '^  other' out)"
says "--provider names another one" 1 \
    "none of the 2 markers of provider q is there" \
    "$check" --probes two.d --provider q good
make_file signs << EOD
a one -1@%al
b two 1@%al
EOD
printf 'provider p { probe a(char c); probe b(char c); };\n' > char.d
says "a plain char has either sign" 0 "all 2 markers of provider p are well" \
    "$check" --probes char.d signs
# A marker for each type, with notes by the sizes that the generator has.
sed -n 's/.*{"\([a-z_0-9 ]*\)", *[{A-Z].*/\1/p' "$srcdir/src/pytrace/types.c" |
    awk '{ print "probe t" NR "(" $0 " a, " $0 " *b);" }' > types
{
    echo "provider p {"
    cat types
    echo "};"
} > types.d
echo @NOTE_ARGUMENTS@ |
    generate -v probes=types.d - |
    awk '$2 == 1 { printf "%s %d %s@%%rdi", $1, 8192 + 2 * NR, $3 }
        $2 == 2 { print " " $3 "@%rsi" }' > list
make_file types.so < list
"$check" --probes types.d types.so > out
same "sizes and signs of all types are those of generate.awk" \
    "$(wc -l < types) markers, none with other arguments" \
    "$(grep -c '^  [a-z]* *t[0-9]* .*@' out) markers, $(grep argument out |
        grep -v ' arguments$' || echo none with other arguments)"
make_file moved -v moved=4096 << EOD
$good
EOD
"$check" --probes two.d good | sed 1d > unmoved
"$check" --probes two.d moved | sed 1d > out
same "addresses are those after prelink" "$(cat unmoved)" "$(cat out)"
strip -o stripped good
"$check" --probes two.d stripped | sed 1d > out
same "a stripped file has them still" "$(cat unmoved)" "$(cat out)"

# ---- operands, by processor

# The same bytes, for another processor: set e_machine, at 18.
patch_machine() {
    case $3 in
    big) echo "0 $2" ;;
    *) echo "$2 0" ;;
    esac | awk '{ printf "%c%c", $1, $2 }' | dd of="$1" bs=1 seek=18 conv=notrunc 2> dd.log
}

make_x86() {
    as --64 -o o.o operands.s && link_small "ld -m elf_x86_64" operands o.o
}
make_arm() {
    as --32 -o o.o operands.s && link_small "ld -m elf_i386" operands o.o &&
        patch_machine operands 40 little
}
make_riscv() {
    make_x86 && patch_machine operands 243 little
}
make_unknown() {
    make_x86 && patch_machine operands 250 little
}
make_aarch64() {
    aarch64-linux-gnu-as -o o.o operands.s &&
        link_small aarch64-linux-gnu-ld operands o.o
}
make_ppc() {
    powerpc-linux-gnu-as -a32 -o o.o operands.s &&
        link_small "powerpc-linux-gnu-ld -m elf32ppc" operands o.o
}
make_ppc64() {
    powerpc-linux-gnu-as -a64 -o o.o operands.s &&
        link_small "powerpc-linux-gnu-ld -m elf64ppc" operands o.o
}
make_s390() {
    make_ppc64 && patch_machine operands 22 big
}

# operands NAME BITS ORDER PROCESSOR < "OPERAND | what is said": each is the
# argument of a marker of its own, in a file for that processor.
operands() {
    sed 's/ *| */|/' > table
    {
        echo "provider p {"
        awk '{ print "probe o" NR "(long n);" }' table
        echo "};"
    } > operands.d
    awk -F '|' '{ print "o" NR, "three", "-" size "@" $1 }' \
        size=$(($2 / 8)) table > list
    make_notes operands "$2" < list
    if ! "make_$1" 2> ld.log; then
        fail "operands, $1" "$(cat ld.log)"
        return
    fi
    # (They share a semaphore, which is not the question here.)
    "$check" --probes operands.d operands > out
    same "operands, $1" "$2-bit, $3-endian, $4
$(cat table)" "$(sed -n '1s/[^:]*: //p' out)
$(sed -n "s/^  o\([0-9]*\): argument 1, '.*', \(.*\)/\1|\2/p" out |
        awk -F '|' 'FILENAME != "table" { said[$1] = $2; next }
            { print $1 "|" said[FNR] }' - table)"
}

operands x86 64 little x86-64 << 'EOD'
%rdi                | 
%r15d               | 
-8(%rbp)            | 
(%rax)              | 
$1                  | is a constant, which perf passes over
$-1                 | is a constant, which perf passes over
(%rax,%rcx,4)       | has an index register, which perf and older libbpf do not read
-8(%rax,%rcx)       | has an index register, which perf and older libbpf do not read
sym(%rip)           | names a symbol, which perf, libbpf and gdb do not read
sym+8(%rip)         | names a symbol, which perf, libbpf and gdb do not read
16+sym(%rip)        | names a symbol, which perf, libbpf and gdb do not read
4096                | is an address without a register, which bcc, libbpf and perf do not read
sym                 | is an address without a register, which bcc, libbpf and perf do not read
%ah                 | is in none of the forms that tracers read
%xmm0               | is in none of the forms that tracers read
%fs:8               | is in none of the forms that tracers read
8(%rdi              | is in none of the forms that tracers read
%rdi junk           | is in none of the forms that tracers read
%rdirdirdirdi       | is in none of the forms that tracers read
                    | is in none of the forms that tracers read
EOD
operands arm 32 little arm << 'EOD'
r0                  | 
fp                  | 
[r7, #4]            | 
[r7]                | 
#-1                 | 
[r1, r2]            | has an index register, which libbpf does not read
[r1, r2, lsl #2]    | has an index register, which libbpf does not read
%rdi                | is in none of the forms that tracers read
EOD
operands riscv 64 little riscv << 'EOD'
a0                  | 
-8(s0)              | 
5                   | 
x10                 | is in none of the forms that tracers read
EOD
operands unknown 64 little "processor 250, whose operands are not judged" \
    << 'EOD'
anything            | 
EOD
if have aarch64-linux-gnu-as; then
    operands aarch64 64 little aarch64 << 'EOD'
x0                  | 
[sp, 16]            | 
[sp]                | 
3                   | is a constant, which perf passes over
[x29, 16]           | is memory at another register than sp, which perf passes over
[x0, x1]            | has an index register, which bcc, libbpf and perf do not read
[x0, w1, sxtw 3]    | has an index register, which bcc, libbpf and perf do not read
w0                  | is in none of the forms that tracers read
EOD
else
    skip "operands, aarch64" "there is no binutils-aarch64-linux-gnu"
fi
if have powerpc-linux-gnu-as; then
    operands ppc 32 big ppc << 'EOD'
3                   | 
%r31                | 
32(%r1)             | 
-8(31)              | 
i5                  | is a constant, which perf passes over
9,10                | has an index register, which perf passes over
x0                  | is in none of the forms that tracers read
EOD
    operands ppc64 64 big ppc64 << 'EOD'
3                   | 
32(%r1)             | 
EOD
    operands s390 64 big s390 << 'EOD'
%r2                 | 
160(%r15)           | 
7                   | 
0(%r2,%r3)          | has an index register, which libbpf does not read
%rdi                | is in none of the forms that tracers read
EOD
else
    skip "operands, big-endian" "there is no binutils-powerpc-linux-gnu"
fi

# ---- of 32 bits, and in the other byte order

foreign() {
    says "$1: a pointer and a long have 4 bytes" 0 \
        "all 2 markers of provider p are well" "$check" --probes two.d "$2"
    says "$1: 8 bytes are too many" 1 \
        "b: argument 1 has 8 bytes, signed; the definition says 4, signed" \
        "$check" --probes two.d "$2.wrong"
}
small_list() {
    echo "a one 4@$1 -4@$1"
    echo "b two -$2@$1"
}
small_list %edi 4 | make_notes i386 32
small_list %edi 8 | make_notes i386.wrong 32
for i386 in i386 i386.wrong; do
    as --32 -o o.o $i386.s && link_small "ld -m elf_i386" $i386 o.o
done
foreign "32 bits, little-endian" i386
if have powerpc-linux-gnu-as; then
    small_list 3 4 | make_notes ppc 32
    small_list 3 8 | make_notes ppc.wrong 32
    for ppc in ppc ppc.wrong; do
        powerpc-linux-gnu-as -a32 -o o.o $ppc.s &&
            link_small "powerpc-linux-gnu-ld -m elf32ppc" $ppc o.o
    done
    foreign "32 bits, big-endian" ppc
fi

# ---- JSON

cat > read_json.py <<'EOD'
"""Print what pytrace-check --json says: a line for each marker's site."""
import json
import sys

read = json.load(sys.stdin)
for file in read["files"]:
    if "error" in file:
        print("error", file["error"])
    for marker in file.get("markers", []):
        assert marker["present"] == bool(marker["sites"])
        assert marker["well"] == (not marker["shortfalls"])
        for site in marker["sites"]:
            print(marker["name"], int(site["address"], 16),
                  int(site["semaphore"] or "0", 16),
                  *("%s%d@%s" % ("-" if argument["signed"] else "",
                                 argument["bytes"],
                                 ascii(argument["operand"])[1:-1])
                    for argument in site["arguments"]))
        for text in marker["shortfalls"]:
            print(marker["name"] + ":", ascii(text)[1:-1])
print(read["outcome"])
EOD
json() {
    "$check" --json "$@" 2> err | python3 -I read_json.py 2>&1
}

# The same from readelf.
read_notes() {
    readelf -nW "$1" | awk '
        function number(hex,    i, n) {
            for (i = 3; i <= length(hex); i++)
                n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        $1 == "Name:" { name = $2 }
        $1 == "Location:" { sub(/,/, "", $2); pc = number($2)
            semaphore = number($NF) }
        $1 == "Arguments:" { sub(/ *Arguments: */, "")
            print name, pc, semaphore, $0 }'
}
# What readelf -n shows must be what comes out, of every file that is there.
for file in "lua $lua" "lua $liblua" "lua $lua.stripped" "python $cpython" \
    "python $libcpython"; do
    provider=${file%% *} file=${file#* }
    definition=$srcdir/probes.d
    if [ "$provider" != lua ]; then
        definition=$work/frames.d
        sed -f "$srcdir/ports/frames.sed" "$srcdir/probes.d" > "$definition"
    fi
    case $file in
    *.stripped)
        [ ! -x "$lua" ] || strip -o "$work/lua.stripped" "$lua"
        file=$work/lua.stripped ;;
    esac
    name=$(basename "$file")
    if [ ! -e "$file" ]; then
        skip "JSON of $name is what readelf shows" "it could not be built"
        continue
    fi
    same "JSON of $name is what readelf shows" "$(read_notes "$file")
all well" "$(json --provider "$provider" --probes "$definition" "$file")"
done
if [ -x "$lua" ]; then
    same "the configured definition is that of probes.d" \
        "$("$check" --provider lua --probes "$srcdir/probes.d" --json "$lua")" \
        "$("$check" --provider lua --json "$lua")"
    says "a port's build has run it" 0 "all 8 markers of provider lua are well" \
        "$builddir/hosts/lua/prefix/bin/pytrace-check" "$lua" 
    refuses "a port's build fails where it falls short" \
        "none of the 8 markers of provider lua is there" \
        sh -c '. "$0" && cd "$1" && check_markers "$2"' "$srcdir/ports/lib.sh" \
        "$builddir/hosts/lua" "$unpatched_lua"
fi
make_file strange << 'EOD'
a one 8@\"\\\\\t\001\033\303\251\377\342\202 -4@%esi
b two -8@%rdi
EOD
same "JSON of strange bytes" 'a 8@"\\\\\t\x01\x1b\xe9\ufffd\ufffd\ufffd -4@%esi' \
    "$(json --probes two.d strange | sed -n 's/^a [0-9]* [0-9]* /a /p')"
"$check" --probes two.d strange > out
same "the table of strange bytes" \
    '8@"\\\x09\x01\x1b\xc3\xa9\xff\xe2\x82 -4@%esi' \
    "$(sed -n 's/^  short  a .*  \(8@.*\)/\1/p' out)"
same "JSON of several files, one of them none" "error is a directory, not a file
unreadable" "$(json --probes two.d good . good | grep -v '^[ab] ')"
finish
