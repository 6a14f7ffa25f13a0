/*
 * fibers.c - the example of docs/embedding.md for fibers and coroutines: they
 * have a stack of frames of their own, which functions in C share. What is
 * between two lines "docs" is in the document.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace_probes.h"

#include <stddef.h>

/* ---- docs ---- */
struct frame {
    const char *file, *function; /* NULL: a function in C */
    int line;
    unsigned char entered; /* its function__entry was fired */
};

struct fiber {
    struct frame frames[8];
    int count;
    struct fiber *resumer; /* while it runs */
};

static struct fiber *running;

static void report_entry(struct frame *frame)
{
    frame->entered = 1;
    PYTRACE_FUNCTION_ENTRY(frame->file, frame->function, frame->line);
}

static void report_return(const struct frame *frame)
{
    PYTRACE_FUNCTION_RETURN(frame->file, frame->function, frame->line);
}

/* The only place where a frame ends: a return, or an error. */
static void pop_frame(void)
{
    struct frame *frame = &running->frames[running->count - 1];

    if (frame->entered && PYTRACE_FUNCTION_RETURN_ENABLED())
        report_return(frame);
    running->count--;
}

static void resume(struct fiber *fiber)
{
    int i;

    fiber->resumer = running;
    running = fiber;
    if (PYTRACE_FUNCTION_ENTRY_ENABLED())
        for (i = 0; i < fiber->count; i++) /* the outermost first */
            if (fiber->frames[i].entered)
                report_entry(&fiber->frames[i]);
}

static void yield(void)
{
    struct fiber *fiber = running;
    int i;

    if (PYTRACE_FUNCTION_RETURN_ENABLED())
        for (i = fiber->count; i-- > 0;) /* the innermost first */
            if (fiber->frames[i].entered)
                report_return(&fiber->frames[i]);
    running = fiber->resumer;
}
/* ---- docs ---- */

static void push_frame(const char *function)
{
    struct frame frame = {"fiber.t", function, 1, 0};

    running->frames[running->count++] = frame;
    if (function != NULL && PYTRACE_FUNCTION_ENTRY_ENABLED())
        report_entry(&running->frames[running->count - 1]);
}

int main(void)
{
    static struct fiber outer, inner;

    running = &outer;
    push_frame("main");
    resume(&inner);
    push_frame("generate");
    push_frame(NULL); /* a function in C, which calls back */
    push_frame("step");
    yield();
    push_frame("use");
    pop_frame();
    resume(&inner);
    while (inner.count > 0)
        pop_frame(); /* by an error that passes through all */
    yield();
    pop_frame();
    return 0;
}
