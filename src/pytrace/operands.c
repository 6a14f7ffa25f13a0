/*
 * operands.c - the text that says where a site's arguments are: "8@%rdi
 * -4@%esi", the assembler's own notation behind a size that is negative where
 * the argument is signed. Each tracer parses some of the forms that compilers
 * write. The tables below say which forms there are for a processor, and who
 * does not read one; they were made from what bcc, libbpf and perf have in
 * their sources, and say nothing of a tracer that reads none of a processor's.
 */
#include "check.h"

#include <ctype.h>
#include <elf.h>
#include <string.h>

/*
 * In a pattern, R is one of the processor's registers, N a number, S a sum of
 * numbers and symbols, W a word; others stand for themselves. Spaces in the
 * operand do not count.
 */
struct form {
    const char *pattern;
    const char *objection; /* NULL when it is read by all */
};

struct machine {
    unsigned number;
    const char *name;
    const char *registers;
    const struct form *forms;
};

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

static const char s390_registers[] =
    " r0 r1 r2 r3 r4 r5 r6 r7 r8 r9 r10 r11 r12 r13 r14 r15 ";

static const struct form s390_forms[] = {
    {"%R", NULL},
    {"N(%R)", NULL},
    {"N", NULL},
    {"N(%R,%R)", "has an index register, which libbpf does not read"},
    {NULL, NULL},
};

static const struct machine machines[] = {
    {EM_X86_64, "x86-64", x86_registers, x86_forms},
    {EM_386, "i386", x86_registers, x86_forms},
    {EM_AARCH64, "aarch64", aarch64_registers, aarch64_forms},
    {EM_ARM, "arm", arm_registers, arm_forms},
    {EM_PPC64, "ppc64", power_registers, power_forms},
    {EM_PPC, "ppc", power_registers, power_forms},
    {EM_RISCV, "riscv", riscv_registers, riscv_forms},
    {EM_S390, "s390", s390_registers, s390_forms},
};

static const struct machine *machine_of(unsigned number)
{
    size_t i;

    for (i = 0; i < sizeof(machines) / sizeof(machines[0]); i++)
        if (machines[i].number == number)
            return &machines[i];
    return NULL;
}

const char *machine_name(unsigned number)
{
    const struct machine *machine = machine_of(number);

    return machine != NULL ? machine->name : NULL;
}

/* ---- an operand against the forms ---- */

struct text {
    const char *at, *end;
};

static bool is_digit(const struct text *text)
{
    return text->at < text->end && *text->at >= '0' && *text->at <= '9';
}

static bool is_word(const struct text *text)
{
    return text->at < text->end &&
           (isalnum((unsigned char)*text->at) || *text->at == '_' ||
            *text->at == '.' || *text->at == '$' || *text->at == '@');
}

static void skip_spaces(struct text *text)
{
    while (text->at < text->end && (*text->at == ' ' || *text->at == '\t'))
        text->at++;
}

static bool skip(struct text *text, char character)
{
    if (text->at == text->end || *text->at != character)
        return false;
    text->at++;
    return true;
}

static bool take_number(struct text *text)
{
    skip(text, '-');
    if (!is_digit(text))
        return false;
    while (is_digit(text))
        text->at++;
    return true;
}

static bool take_word(struct text *text)
{
    if (is_digit(text) || !is_word(text))
        return false;
    while (is_word(text))
        text->at++;
    return true;
}

static bool take_sum(struct text *text)
{
    do {
        skip(text, '-');
        if (!is_word(text))
            return false;
        while (is_word(text))
            text->at++;
    } while (skip(text, '+') || (text->at < text->end && *text->at == '-'));
    return true;
}

/* (None has more than four letters: of a longer word, five are enough.) */
static bool take_register(struct text *text, const char *registers)
{
    char word[8] = " ";
    size_t length = 1;

    while (is_word(text) && length < sizeof(word) - 2)
        word[length++] = *text->at++;
    word[length] = ' ';
    return length > 1 && strstr(registers, word) != NULL;
}

static bool matches(struct text text, const char *pattern,
                    const char *registers)
{
    for (; *pattern != '\0'; pattern++) {
        skip_spaces(&text);
        switch (*pattern) {
        case 'R':
            if (!take_register(&text, registers))
                return false;
            break;
        case 'N':
            if (!take_number(&text))
                return false;
            break;
        case 'S':
            if (!take_sum(&text))
                return false;
            break;
        case 'W':
            if (!take_word(&text))
                return false;
            skip(&text, ',');
            break;
        default:
            if (!skip(&text, *pattern))
                return false;
        }
    }
    skip_spaces(&text);
    return text.at == text.end;
}

const char *operand_objection(const struct operand *operand, unsigned machine)
{
    const struct machine *known = machine_of(machine);
    struct text text = {operand->text, operand->text + operand->length};
    const struct form *form;

    if (known == NULL)
        return NULL;
    for (form = known->forms; form->pattern != NULL; form++)
        if (matches(text, form->pattern, known->registers))
            return form->objection;
    return "is in none of the forms that tracers read";
}

/* ---- the operands of a note ---- */

/* The length of "-8@" or the like where an operand begins, or 0. */
static size_t size_prefix(const char *at)
{
    size_t sign = *at == '-';
    size_t digits = strspn(at + sign, "0123456789");

    return digits >= 1 && digits <= 4 && at[sign + digits] == '@'
               ? sign + digits + 1
               : 0;
}

/*
 * An operand can have spaces in it ("8@[sp, 16]"): it ends before the next that
 * begins with a size.
 */
bool operand_next(struct operand *operand, const char **arguments)
{
    static const char spaces[] = " \t";
    const char *at = *arguments + strspn(*arguments, spaces);
    size_t prefix = size_prefix(at);
    size_t gap;

    if (*at == '\0')
        return false;
    operand->is_signed = *at == '-';
    operand->bytes = 0;
    operand->text = at + prefix;
    for (at += operand->is_signed; prefix != 0 && *at != '@'; at++)
        operand->bytes = 10 * operand->bytes + (unsigned)(*at - '0');
    at = operand->text;
    for (;;) {
        at += strcspn(at, spaces);
        gap = strspn(at, spaces);
        if (at[gap] == '\0' || size_prefix(at + gap) != 0)
            break;
        at += gap;
    }
    operand->length = (size_t)(at - operand->text);
    *arguments = at + gap;
    return true;
}
