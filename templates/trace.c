/*
 * trace.c - the markers of @PROVIDER@: what the interpreter's frames are.
 * Nothing here runs while a program is untraced.
 *
 * It is C and C++. Where your headers are C++, it is trace.cpp, here and in the
 * file for your build system.
 *
 * SPDX-License-Identifier: MIT
 */
#include "trace.h"

/* FILL IN 2: the headers that say what a frame is. */
#include "example.h"

/*
 * FILL IN 3: where a frame is: its source file, the name of its function as a
 * traceback gives it, and the line that runs. It must not allocate from the
 * interpreter's heap, raise an error, or change anything that the program can
 * see. At an entry, the frame may have no position in the code yet, or an old
 * one: give the line where the function begins. A function without a name gets
 * one by which it is found, such as "<file:12>"; one without a file gets what
 * a traceback shows there, such as "(unknown)". NULL and "" are no names.
 *
 * A string that does not end with a NUL, or is UTF-16, is copied: give struct
 * place a "char text[256]", and let the pointer show there. It is read before
 * the marker returns.
 */
void trace_find(const struct frame *frame, struct place *place)
{
    place->file = frame->file;
    place->function = frame->function;
    place->line = frame->line;
}

/*
 * FILL IN 4: the frame that called this one, or NULL. For TRACE_UNWIND, which
 * fires a return for each: leave out frames of functions in C, for which no
 * entry was fired.
 */
const struct frame *trace_caller(const struct frame *frame)
{
    return frame->caller;
}
