/*
 * processors.c - the processors that are known, in one table. What it says of
 * operands was made from what bcc, libbpf and perf have in their sources: which
 * forms compilers write, and who does not read one. It says nothing of a tracer
 * that reads none of a processor's.
 *
 * SPDX-License-Identifier: MIT
 */
#include "processor.h"

#include <elf.h>

/* ---- x86 ---- */

#define CONSTANT "is a constant, which perf passes over"
#define INDEXED "has an index register, which perf and older libbpf do not read"
#define SYMBOLIC "names a symbol, which perf, libbpf and gdb do not read"
#define ABSOLUTE \
    "is an address without a register, which bcc, libbpf and perf do not read"

static const char x86_registers[] =
    " rax eax ax al rbx ebx bx bl rcx ecx cx cl rdx edx dx dl"
    " rsi esi si sil rdi edi di dil rbp ebp bp bpl rsp esp sp spl"
    " r8 r8d r8w r8b r9 r9d r9w r9b r10 r10d r10w r10b r11 r11d r11w r11b"
    " r12 r12d r12w r12b r13 r13d r13w r13b r14 r14d r14w r14b"
    " r15 r15d r15w r15b ";

static const struct form x86_forms[] = {
    {"%R", NULL},           {"N(%R)", NULL},         {"(%R)", NULL},
    {"$N", CONSTANT},       {"N(%R,%R,N)", INDEXED}, {"(%R,%R,N)", INDEXED},
    {"N(%R,%R)", INDEXED},  {"(%R,%R)", INDEXED},    {"N(,%R,N)", INDEXED},
    {"S(%rip)", SYMBOLIC},  {"S(%R)", SYMBOLIC},     {"S(%R,%R,N)", SYMBOLIC},
    {"S(%R,%R)", SYMBOLIC}, {"S(,%R,N)", SYMBOLIC},  {"S", ABSOLUTE},
    {NULL, NULL},
};

/* nop, perhaps with one of many bytes behind it, and 0f 1f 44 00 00. */
static const struct nop x86_nops[] = {{1, 0x90}, {5, 0x441f0f}, {0, 0}};

/* ---- ARM ---- */

static const char aarch64_registers[] =
    " x0 x1 x2 x3 x4 x5 x6 x7 x8 x9 x10 x11 x12 x13 x14 x15 x16 x17 x18 x19"
    " x20 x21 x22 x23 x24 x25 x26 x27 x28 x29 x30 sp ";

static const struct form aarch64_forms[] = {
    {"[sp,N]", NULL},
    {"[sp]", NULL},
    {"R", NULL},
    {"N", CONSTANT},
    {"[R,N]", "is memory at another register than sp, which perf passes over"},
    {"[R]", "is memory at another register than sp, which perf passes over"},
    {"[R,W]", "has an index register, which bcc, libbpf and perf do not read"},
    {"[R,WWN]", "has an index register, which bcc, libbpf and perf do not "
                "read"},
    {NULL, NULL},
};

static const struct nop aarch64_nops[] = {{4, 0xd503201f}, {0, 0}};

static const char arm_registers[] =
    " r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 fp ip sp lr pc ";

static const struct form arm_forms[] = {
    {"R", NULL},
    {"[R,#N]", NULL},
    {"[R]", NULL},
    {"#N", NULL},
    {"[R,R]", "has an index register, which libbpf does not read"},
    {"[R,R,W#N]", "has an index register, which libbpf does not read"},
    {NULL, NULL},
};

static const struct nop arm_nops[] = {{4, 0xe320f000}, {4, 0xe1a00000}, {0, 0}};
static const struct nop thumb_nops[] = {{2, 0xbf00}, {2, 0x46c0}, {0, 0}};

/* ---- POWER: a register is a number, with or without %r ---- */

static const char power_registers[] =
    " 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26"
    " 27 28 29 30 31 ";

static const struct form power_forms[] = {
    {"%rR", NULL},
    {"R", NULL},
    {"N(%rR)", NULL},
    {"N(R)", NULL},
    {"iN", CONSTANT},
    {"%rR,%rR", "has an index register, which perf passes over"},
    {"R,R", "has an index register, which perf passes over"},
    {NULL, NULL},
};

static const struct nop power_nops[] = {{4, 0x60000000}, {0, 0}};

/* ---- RISC-V and S/390 ---- */

static const char riscv_registers[] =
    " ra sp gp tp a0 a1 a2 a3 a4 a5 a6 a7 s0 s1 s2 s3 s4 s5 s6 s7 s8 s9 s10"
    " s11 t0 t1 t2 t3 t4 t5 t6 ";

static const struct form riscv_forms[] = {
    {"R", NULL},
    {"N(R)", NULL},
    {"N", NULL},
    {NULL, NULL},
};

static const struct nop riscv_nops[] = {{2, 0x0001}, {4, 0x13}, {0, 0}};

static const char s390_registers[] =
    " r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 ";

static const struct form s390_forms[] = {
    {"%R", NULL},
    {"N(%R)", NULL},
    {"N", NULL},
    {"N(%R,%R)", "has an index register, which libbpf does not read"},
    {NULL, NULL},
};

static const struct nop s390_nops[] = {{4, 0x47000000}, {0, 0}};

/* ---- the table ---- */

static const struct processor processors[] = {
    {EM_X86_64, "x86-64", 8, 4096, x86_registers, x86_forms, x86_nops, NULL},
    {EM_386, "i386", 4, 4096, x86_registers, x86_forms, x86_nops, NULL},
    {EM_AARCH64, "aarch64", 8, 65536, aarch64_registers, aarch64_forms,
     aarch64_nops, NULL},
    {EM_ARM, "arm", 4, 4096, arm_registers, arm_forms, arm_nops, thumb_nops},
    {EM_PPC64, "ppc64", 8, 65536, power_registers, power_forms, power_nops,
     NULL},
    {EM_PPC, "ppc", 4, 65536, power_registers, power_forms, power_nops, NULL},
    {EM_RISCV, "riscv", 0, 4096, riscv_registers, riscv_forms, riscv_nops,
     NULL},
    {EM_S390, "s390", 0, 4096, s390_registers, s390_forms, s390_nops, NULL},
};

const struct processor *processor_of(unsigned machine)
{
    size_t i;

    for (i = 0; i < sizeof(processors) / sizeof(processors[0]); i++)
        if (processors[i].machine == machine)
            return &processors[i];
    return NULL;
}

bool processor_code_is_little(unsigned machine, uint64_t flags)
{
    const uint64_t be8 = 0x00800000; /* EF_ARM_BE8 */

    return machine == EM_AARCH64 || machine == EM_RISCV ||
           (machine == EM_ARM && (flags & be8) != 0);
}
