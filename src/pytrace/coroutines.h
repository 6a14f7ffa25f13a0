/*
 * coroutines.h - which coroutine a call is of. Where a host says it, a
 * function__entry has a text beside it, such as "coroutine 0x1234" or
 * "generator 0x1234": what it is that begins or goes on, and what tells it from
 * others. Calls that such a one makes need no text; those with the same text
 * are of the same one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_COROUTINES_H
#define PYTRACE_COROUTINES_H

#include "stacks.h"

/*
 * A text names another one once the first is gone; that has the same track, if
 * it is of the same function.
 */
struct coroutine {
    uint32_t pid;
    uint32_t tid; /* of too many; else 0 */
    char *text;
    size_t size;
    const struct function *function; /* it begins with */
    size_t index;                    /* from 0 on */
    size_t number;                   /* from 1 on; 0: of too many */
    void *data;                      /* a view's own */
};

/* A thread's calls, by their depth. All zeroed is an empty one. */
struct coroutine_calls {
    struct coroutine **begun;  /* it begins or goes on there; or NULL */
    struct coroutine **inside; /* the innermost one; or NULL */
    size_t size;
};

struct coroutines;

/*
 * So many have a number; all others of a thread and a function are one, whose
 * number is 0.
 */
struct coroutines *coroutines_new(size_t most);
void coroutines_free(struct coroutines *coroutines);
size_t coroutines_count(const struct coroutines *coroutines);
struct coroutine *coroutines_at(const struct coroutines *coroutines, size_t i);

/* From a view's entered(): the call on top of the stack is taken down. */
void coroutines_entered(struct coroutines *coroutines,
                        struct coroutine_calls *calls, const struct lane *lane,
                        const struct event *event);
/*
 * From returned(), before which entered() was called for it: of the call on top
 * of the stack.
 */
struct coroutine *coroutines_begun(const struct coroutine_calls *calls,
                                   const struct lane *lane);
struct coroutine *coroutines_inside(const struct coroutine_calls *calls,
                                    const struct lane *lane);
void coroutine_calls_free(struct coroutine_calls *calls);

/* "coroutine 3: main (a.py:12)", allocated. */
char *coroutine_text(const struct coroutine *coroutine);

#endif
