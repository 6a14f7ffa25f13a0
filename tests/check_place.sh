#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace check: where a kernel can set a probe, and where it counts tracers.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

# ---- the code

judged "a site that is no code" \
    "a: its site ADDRESS is in no executable mapping (PT_LOAD with PF_X)" << EOD
data a one 8@%rdi -4@%esi
b two -8@%rdi
EOD
no_nop="has an instruction that is not a probe's nop: the code was moved or\
 changed after it was linked"
for bytes in 0 0xcc,0xcc 0x0f,0x1f,0x40,0 0xc3 \
    0x66,0x2e,0x0f,0x1f,0x84,0,0,0,0,0; do
    judged "a site with the bytes $bytes" "a: its site ADDRESS $no_nop" << EOD
bytes=$bytes a one 8@%rdi -4@%esi
b two -8@%rdi
EOD
done
for bytes in 0x90 0x90,0x0f,0x1f,0x44,0,0 0x0f,0x1f,0x44,0,0 \
    0x90,0x66,0x2e,0x0f,0x1f,0x84,0,0,0,0,0; do
    well "a site with the nop $bytes" << EOD
bytes=$bytes a one 8@%rdi -4@%esi
b two -8@%rdi
EOD
done
# A section that no program header maps, at an address of its own.
make_notes unloaded 64 << EOD
$good
EOD
sed 's/^\.text$/.section .unloaded,"",%progbits/' unloaded.s | as --64 -o unloaded.o - &&
    link_small "ld -m elf_x86_64 --section-start=.unloaded=0x700000" \
        unloaded unloaded.o
says "a site in a section that is not loaded" 1 \
    "a: its site ADDRESS is in no executable mapping (PT_LOAD with PF_X)
b: its site ADDRESS is in no executable mapping (PT_LOAD with PF_X)" \
    "$pytrace" check unloaded
writable="is in a writable mapping (PT_LOAD with PF_W), where the kernel sets no\
 probe"
ld -m elf_x86_64 -N -shared -o omagic good.o 2> ld.log
says "code in a writable mapping" 1 "a: its site ADDRESS $writable
b: its site ADDRESS $writable" "$pytrace" check omagic
# Code in memory that has no bytes in the file. (ld makes that writable: take the
# flag away from the segment that can be run, too.)
make_notes late 64 << EOD
$good
EOD
sed -e 's/^\.text$/.section .late,"axw",%nobits/' -e 's/: \.byte 0x90/: .zero 1/' \
    -e 's/^text: .*/text: .zero 16/' late.s > late.tmp
printf '.text\nnop\n' >> late.tmp
as --64 -o late.o late.tmp && link_small "ld -m elf_x86_64" late late.o
python3 -I - << 'EOD'
data = bytearray(open("late", "rb").read())
table = int.from_bytes(data[32:40], "little")
for header in range(table, table + 56 * data[56], 56):
    if data[header] == 1 and data[header + 4] == 7:
        data[header + 4] = 5
open("late", "wb").write(data)
EOD
late="is in memory that is not in the file, where the kernel sets no probe"
readonly="is not in a writable mapping (PT_LOAD with PF_W)"
says "code that is not in the file" 1 "a: its site ADDRESS $late
a: its semaphore ADDRESS $readonly
b: its site ADDRESS $late
b: its semaphore ADDRESS $readonly" "$pytrace" check late

# ---- Thumb code

arm_list() {
    echo "bytes=$1 a one 4@r0 -4@r1"
    echo "bytes=$1 b two -4@r0"
}
if have arm-linux-gnueabihf-as; then
    link_arm() {
        make_notes "$1" 32 && arm-linux-gnueabihf-as -o o.o "$1.s" &&
            link_small arm-linux-gnueabihf-ld "$1" o.o
    }
    arm_list 0x00,0xf0,0x20,0xe3 | link_arm arm
    says "ARM code" 0 "all 2 markers of provider p are well" "$pytrace" check arm
    arm_list 0,0,0xa0,0xe1 | link_arm arm_old
    says "ARM code before version 6K" 0 "all 2 markers of provider p are well" \
        "$pytrace" check arm_old
    thumb="is Thumb code, where kernels set no probe; compile the runtime as ARM\
 code (-marm)"
    for bytes in 0x00,0xbf 0xc0,0x46; do
        arm_list $bytes | link_arm thumb
        says "Thumb code with the nop $bytes" 1 "a: its site ADDRESS $thumb
b: its site ADDRESS $thumb" "$pytrace" check thumb
    done
    arm_list 0x00,0xf0,0x20,0xe3 | make_notes odd 32
    sed 's/^\.4byte site1,/.4byte site1 + 1,/' odd.s |
        arm-linux-gnueabihf-as -o o.o - && link_small arm-linux-gnueabihf-ld odd o.o
    says "an odd address" 1 "a: its site ADDRESS $thumb" "$pytrace" check odd
    # BE8: data are big-endian, and instructions are not.
    arm_list 0xe3,0x20,0xf0,0x00 | make_notes be8 32
    arm-linux-gnueabihf-as -EB -o o.o be8.s &&
        link_small "arm-linux-gnueabihf-ld -EB" be32 o.o
    says "big-endian ARM code" 0 "all 2 markers of provider p are well" \
        "$pytrace" check be32
    sed 's/^site[0-9]*: .byte.*/.arm\n$&/' be8.s > be8.tmp
    sed -e 's/^\$\(site[0-9]*\): .byte.*/\1: .inst 0xe320f000/' be8.tmp |
        arm-linux-gnueabihf-as -EB -o o.o - &&
        link_small "arm-linux-gnueabihf-ld -EB --be8" be8 o.o
    says "little-endian ARM code with big-endian data" 0 \
        "all 2 markers of provider p are well" "$pytrace" check be8
else
    skip "Thumb code" "there is no binutils-arm-linux-gnueabihf"
fi

# ---- code that BOLT has moved

# What BOLT leaves: the old code under a new name, and a note of its own.
bolted() {
    sed -e "s/^\.text\$/.section .bolt.org.text,\"ax\",%progbits/" "$1.s" |
        sed "s/^site1:/$2&/" > bolted.s
    printf '%s\n' '.section .note.bolt_info,"",%note' '.4byte 4, 0, 4' \
        '.asciz "GNU"' >> bolted.s
    as --64 -o bolted.o bolted.s && link_small "ld -m elf_x86_64" bolted bolted.o
}
make_notes plain 64 << EOD
$good
EOD
bolted plain ""
skip="give BOLT --skip-funcs='pytrace__.*'"
moved="is in code that BOLT may have moved, and no symbol tells; $skip"
says "code that BOLT may have moved" 1 "a: its site ADDRESS $moved
b: its site ADDRESS $moved" "$pytrace" check bolted
bolted plain '.type f, %function\n.size f, 4\nf: '
says "code that BOLT has moved, and a function where it was" 1 \
    "b: its site ADDRESS is in code from before BOLT, which has moved it; $skip" \
    "$pytrace" check bolted
bolted plain '.type f, %function\n.size f, 8\nf: '
says "code that BOLT has not moved" 0 "all 2 markers of provider p are well" \
    "$pytrace" check bolted
sed -i -e 's/^\.section \.bolt\.org\.text.*/&\n.zero 64\n.section .text/' bolted.s
as --64 -o bolted.o bolted.s && link_small "ld -m elf_x86_64" bolted bolted.o
moved="is in code that BOLT has moved, where the code before may run instead; $skip"
says "code where BOLT has put it" 1 "a: its site ADDRESS $moved
b: its site ADDRESS $moved" "$pytrace" check bolted

# ---- the semaphore

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
    "0x7fffffffffffffff:its semaphore ADDRESS is in no mapping of the file: the\
 linker has dropped the section .probes (--gc-sections), or something has moved\
 it" \
    "0xffffffffffffffff:its semaphore ADDRESS is in no mapping of the file: the\
 linker has dropped the section .probes (--gc-sections), or something has moved\
 it"; do
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
        "$pytrace" check twice
    ld.lld -shared -z relro -z separate-loadable-segments -o once good.o
    says "a semaphore in a page of its own is well" 0 \
        "all 2 markers of provider p are well" "$pytrace" check once
else
    skip "a page of the file that is mapped twice" "there is no ld.lld"
fi
judged "a semaphore that two markers share" \
    "a: its semaphore ADDRESS is shared with p:b
b: its semaphore ADDRESS is shared with p:a" << EOD
a one 8@%rdi -4@%esi
b one -8@%rdi
EOD
judged "a semaphore shared with another provider" \
    "b: its semaphore ADDRESS is shared with q:x" << EOD
$good
q:x two
EOD
judged "a semaphore that the guards do not test" "a: its semaphore ADDRESS is\
 not the one that the host's guards test, ADDRESS" << EOD
$good
host p | a=three s -4 | b -w
fires p a
fires p b
EOD
finish
