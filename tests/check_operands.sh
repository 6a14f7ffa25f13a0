#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace check: which operands tracers read, by processor; files of 32 bits and
# in the other byte order.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

# ---- operands, by processor

# The same bytes, for another processor: set e_machine, at 18.
patch_machine() {
    case $3 in
    big) echo "0 $2" ;;
    *) echo "$2 0" ;;
    esac | awk '{ printf "%c%c", $1, $2 }' | dd of="$1" bs=1 seek=18 conv=notrunc 2> dd.log
}

# nop_of NAME: the bytes of that processor's nop.
nop_of() {
    case $1 in
    x86) echo 0x90 ;;
    arm) echo 0x00,0xf0,0x20,0xe3 ;;
    riscv) echo 0x13,0,0,0 ;;
    aarch64) echo 0x1f,0x20,0x03,0xd5 ;;
    ppc | ppc64) echo 0x60,0,0,0 ;;
    s390) echo 0x47,0,0,0 ;;
    *) echo 0 ;;
    esac
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

# operands NAME BITS ORDER PROCESSOR < "OPERAND | the report": each is the
# argument of a marker of its own, in a file for that processor.
operands() {
    sed 's/ *| */|/' > table
    {
        awk -F '|' '{ print "o" NR, "three", "-" size "@" $1 }' \
            size=$(($2 / 8)) table
        awk '{ host = host " | o" NR " -w"; print "fires p o" NR }
            END { print "host p" host }' table
    } > list
    make_notes operands "$2" -v nop="$(nop_of "$1")" < list
    if ! "make_$1" 2> ld.log; then
        fail "operands, $1" "$(cat ld.log)"
        return
    fi
    # (They share a semaphore, which is not the question here.)
    "$pytrace" check operands > out
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
operands unknown 64 little "processor 250, whose operands and\
 instructions are not judged" \
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

part="is one register, which has fewer bytes: a tracer reads a part of the\
 argument"
foreign() {
    says "$1: a pointer and a long have 4 bytes" 0 \
        "all 2 markers of provider p are well" "$pytrace" check "$2"
    says "$1: 8 bytes are too many" 1 \
        "b: argument 1 has 8 bytes, signed; the host says 4, signed
b: argument 1, '$3', $part" "$pytrace" check "$2.wrong"
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
foreign "32 bits, little-endian" i386 %edi
# 64 bits in a register of 32 are a half; in memory, or where registers are wider
# than addresses, they are whole.
wide_list() {
    echo "a one 8@$1"
    echo "b two -8@$1"
    echo "host p | a 8 | b -8"
    echo "fires p a"
    echo "fires p b"
}
wide_list %eax | make_notes half 32
wide_list "4(%esp)" | make_notes whole 32
for i386 in half whole; do
    as --32 -o o.o $i386.s && link_small "ld -m elf_i386" $i386 o.o
done
says "64 bits in a register of 32" 1 "a: argument 1, '%eax', $part
b: argument 1, '%eax', $part" "$pytrace" check half
says "64 bits in memory, on a processor of 32" 0 \
    "all 2 markers of provider p are well" "$pytrace" check whole
wide_list %rdi | make_notes x32 32
as --x32 -o o.o x32.s && link_small "ld -m elf32_x86_64" x32 o.o
says "64 bits in a register of x32" 0 "all 2 markers of provider p are well" \
    "$pytrace" check x32
if have powerpc-linux-gnu-as; then
    small_list 3 4 | make_notes ppc 32 -v nop="$(nop_of ppc)"
    small_list 3 8 | make_notes ppc.wrong 32 -v nop="$(nop_of ppc)"
    for ppc in ppc ppc.wrong; do
        powerpc-linux-gnu-as -a32 -o o.o $ppc.s &&
            link_small "powerpc-linux-gnu-ld -m elf32ppc" $ppc o.o
    done
    foreign "32 bits, big-endian" ppc 3
fi
finish
