/*
 * loop.h - the example of docs/embedding.md for a loop that is compiled twice:
 * what its parts share.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LOOP_H
#define LOOP_H

struct instruction {
    enum { ADD, CALL, JUMP_BACK, RETURN } operation;
    int operand; /* what is added; or how many instructions to go back */
    int line;
};

struct vm {
    const struct instruction *pc; /* where it goes on */
    const char *function;
    int line; /* the last one that was reported */
    long sum;
    long rounds;                    /* until JUMP_BACK goes on */
    volatile unsigned char pending; /* something else is to be done */
};

/* The rest of the function, from vm->pc on. */
void run_plain(struct vm *vm);
void run_traced(struct vm *vm);
void call(struct vm *vm); /* twice.c */
void round_traced(struct vm *vm);

#endif
