/*
 * processor.h - what tracers and kernels know of a processor: its registers,
 * the operands that tracers read, its pages, and the probes' instructions.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_PROCESSOR_H
#define PYTRACE_PROCESSOR_H

#include "image.h"

/*
 * In a pattern, R is one of the processor's registers, N a number, S a sum of
 * numbers and symbols, W a word; others stand for themselves. Spaces in the
 * operand do not count.
 */
struct form {
    const char *pattern;
    const char *objection; /* NULL when all tracers read it */
};

/* The first bytes of a probe, as a number in the order of the code. */
struct nop {
    unsigned bytes;
    uint64_t number;
};

struct processor {
    unsigned machine; /* EM_X86_64 and so on */
    const char *name;
    unsigned register_bytes; /* 0: as the file's class */
    uint64_t page;           /* the largest that its kernels have, in bytes */
    const char *registers;
    const struct form *forms;       /* up to one without a pattern */
    const struct nop *nops;         /* up to one of 0 bytes */
    const struct nop *foreign_nops; /* of code that kernels do not trace */
};

/* ---- processors.c ---- */

/* NULL for a processor that is not known here. */
const struct processor *processor_of(unsigned machine);
/* Whether its instructions are little-endian even in a big-endian file. */
bool processor_code_is_little(unsigned machine, uint64_t flags);

/* ---- operands.c: the text that says where a site's arguments are ---- */

struct operand {
    unsigned bytes; /* 0 when it does not say */
    bool is_signed;
    const char *text; /* behind the '@', or all of it without one */
    size_t length;
};

/* The next operand of *arguments, which is advanced; false at the end. */
bool operand_next(struct operand *operand, const char **arguments);
/* What a tracer has against this operand, or NULL when all of them read it. */
const char *operand_objection(const struct operand *operand,
                              const struct image *image);

#endif
