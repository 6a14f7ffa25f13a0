/*
 * trap.h - see a marker fire in this process, without a tracer: what the
 * kernel does to a probe site, done here. The site and its arguments come
 * from the program's own note; the instruction becomes a breakpoint, and its
 * SIGTRAP reads the registers that the note names.
 * For the processors that tests/matrix.sh emulates.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TRAP_H
#define TRAP_H

#include <stdint.h>

/* What was in a marker's arguments when it fired last. */
struct trap_event {
    uint64_t argument[6]; /* sign-extended or zero-extended, as in the note */
    char copy[2][64];     /* the first bytes of arguments 0 and 1 */
    long untouched;       /* pages of the watched range not read by then */
};

/* Set the breakpoint and raise the semaphore. Aborts when there is no note. */
void trap_arm(const char *name);

/* Lower the semaphore again; the breakpoint stays. */
void trap_disarm(const char *name);

/* Copy what arguments 0 and 1 point to. On unless switched off. */
void trap_copy_strings(int on);

/*
 * Watch a range that begins a page: take the right to read it away, and give
 * it back, page by page, where they are read. (What the kernel itself says of
 * a process's pages is about the emulator, where there is one.)
 */
void trap_watch(void *start, long size);

/* How many of the watched pages have not been read yet. */
long trap_untouched(void);

long trap_count(void);
const struct trap_event *trap_last(void);

/* The address of the semaphore that the marker's note names. */
const void *trap_noted_semaphore(const char *name);

#endif
