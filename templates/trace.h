/*
 * trace.h - the markers of @PROVIDER@: what the interpreter calls. What has to
 * be filled in is here, and in trace.c.
 *
 * While a program is untraced, each macro is a comparison with memory and a
 * branch that is not taken. A marker that no source of the interpreter has is
 * in no file: pytrace check names it, and says where it goes.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef TRACE_H
#define TRACE_H

#include "pytrace_probes.h"

#ifdef __cplusplus
extern "C" {
#endif

/*
 * FILL IN 1: what your interpreter calls the thing that it keeps of a call
 * while the call runs: a frame, a call info, a level of a context. Where a
 * frame does not say all, give the functions and macros below one argument
 * more, such as the interpreter or the thread.
 */
struct frame;

/* Where a frame is. */
struct place {
    const char *file, *function; /* end with a NUL */
    int line;                    /* from 1 */
};

/* trace.c. */
void trace_find(const struct frame *frame, struct place *place);
const struct frame *trace_caller(const struct frame *frame);

/*
 * What is done while a program is traced. Each function is in those files only
 * whose sources have its macro. (Compilers warn of "inline" with "noinline".)
 */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wattributes"
#define TRACE_COLD static __inline__ __attribute__((noinline, cold, unused))

TRACE_COLD void trace_entry(const struct frame *frame)
{
    struct place place;

    trace_find(frame, &place);
    PYTRACE_FUNCTION_ENTRY(place.file, place.function, place.line);
}

TRACE_COLD void trace_return(const struct frame *frame)
{
    struct place place;

    trace_find(frame, &place);
    PYTRACE_FUNCTION_RETURN(place.file, place.function, place.line);
}

TRACE_COLD void trace_unwind(const struct frame *from, const struct frame *to)
{
    for (; from != to && from != 0; from = trace_caller(from))
        trace_return(from);
}

TRACE_COLD void trace_line(const struct frame *frame)
{
    struct place place;

    trace_find(frame, &place);
    PYTRACE_LINE(place.file, place.function, place.line);
}
#pragma GCC diagnostic pop

/*
 * A function of the program (never one in C) has begun. Where its frame is the
 * current one, and nothing can fail before its first instruction. Look for each
 * place that begins to run code: calls, calls from C, tail calls (the caller
 * returns first). A coroutine or generator that is resumed enters again, each
 * of its frames.
 */
#define TRACE_ENTRY(frame) \
    do { \
        if (PYTRACE_FUNCTION_ENTRY_ENABLED()) \
            trace_entry(frame); \
    } while (0)

/*
 * It has ended, by a return, or by an error that passes through this frame; or
 * a coroutine or generator yields. Where nothing can fail any more, after the
 * last cleanup, and before the frame's memory is used again.
 */
#define TRACE_RETURN(frame) \
    do { \
        if (PYTRACE_FUNCTION_RETURN_ENABLED()) \
            trace_return(frame); \
    } while (0)

/*
 * Where an error jumps over frames (longjmp, a C++ exception), or a coroutine
 * is closed: frames from the innermost one on are abandoned, and "to" goes on
 * (NULL: none does). Before the innermost frame is set back to it. Look for
 * each place that does so.
 *
 * If one function of yours pops every frame, also for errors, you need no walk:
 * set a mark in the frame with TRACE_ENTRY, clear it where a frame is pushed,
 * and let that function do TRACE_RETURN where the mark is set.
 */
#define TRACE_UNWIND(from, to) \
    do { \
        if (PYTRACE_FUNCTION_RETURN_ENABLED()) \
            trace_unwind(from, to); \
    } while (0)

/*
 * Another line begins. Where the interpreter can stop at lines already, for a
 * debugger. If there is no such place, leave this marker out:
 * docs/embedding.md of pytrace says what that would take.
 */
#define TRACE_LINE(frame) \
    do { \
        if (PYTRACE_LINE_ENABLED()) \
            trace_line(frame); \
    } while (0)

/*
 * The other markers need no function here. Write them where it happens:
 *
 *     PYTRACE_GC_START(generation)           a collection cycle starts
 *     PYTRACE_GC_DONE(objects_freed)         the cycle is finished
 *     PYTRACE_IMPORT_FIND_LOAD_START(name)   a module is looked for
 *     PYTRACE_IMPORT_FIND_LOAD_DONE(name, found)   also after an error: found 0
 *     PYTRACE_AUDIT(event, pointer)          before what it announces happens
 *
 * check.sh excepts those that you do not place.
 */

#ifdef __cplusplus
}
#endif

#endif
