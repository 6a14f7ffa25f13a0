/*
 * trace.h - the markers of @PROVIDER@: what the interpreter calls. What has to
 * be filled in is in trace.c.
 *
 * While a program is untraced, each macro is a comparison with memory and a
 * branch that is not taken.
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
 * while the call runs: a frame, a call info, a level of a context. The
 * arguments of the macros below are examples: give them what your names need,
 * such as the interpreter or the thread, here and in trace.c.
 */
struct frame;

/* @IF function__entry@ */
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
/* @END@ */

/* @IF function__return@ */
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
/* @END@ */

/* @IF line@ */
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
/* @END@ */

/*
 * The other markers need no function in trace.c. Write them where it happens:
 *
 * @IF gc__start@
 *     PYTRACE_GC_START(generation)           a collection cycle starts
 * @END@
 * @IF gc__done@
 *     PYTRACE_GC_DONE(objects_freed)         the cycle is finished
 * @END@
 * @IF import__find__load__start@
 *     PYTRACE_IMPORT_FIND_LOAD_START(name)   a module is looked for
 * @END@
 * @IF import__find__load__done@
 *     PYTRACE_IMPORT_FIND_LOAD_DONE(name, found)   also after an error: found 0
 * @END@
 * @IF audit@
 *     PYTRACE_AUDIT(event, pointer)          before what it announces happens
 * @END@
 *
 * In the interpreter, none of them is in trace.c: pytrace check then tells you
 * which ones you have not placed yet.
 */

/* Private: trace.c. */
/* @IF function__entry@ */
void trace_entry(const struct frame *frame);
/* @END@ */
/* @IF function__return@ */
void trace_return(const struct frame *frame);
void trace_unwind(const struct frame *from, const struct frame *to);
/* @END@ */
/* @IF line@ */
void trace_line(const struct frame *frame);
/* @END@ */

#ifdef __cplusplus
}
#endif

#endif
