/*
 * trace.c - the markers of @PROVIDER@: what is done while they are traced.
 * Nothing here runs while they are not.
 *
 * It is C and C++: name it trace.cpp where your headers are C++.
 *
 * SPDX-License-Identifier: MIT
 */
#include "trace.h"

/* @IF function__entry function__return line@ */
/* FILL IN 2: the headers that say what a frame is. */
#include "example.h"

struct place {
    const char *file, *function; /* end with a NUL; NULL: there is none */
    int line;                    /* from 1 */
};

/*
 * FILL IN 3: where a frame is: its source file, the name of its function as a
 * traceback gives it, and the line that runs. It must not allocate from the
 * interpreter's heap, raise an error, or change anything that the program can
 * see. At an entry, the frame may have no position in the code yet, or an old
 * one: give the line where the function begins. A function without a name gets
 * one by which it is found, such as "<file:12>"; an empty name is no name.
 *
 * A string that does not end with a NUL, or is UTF-16, is copied: give struct
 * place a "char text[256]", and let the pointer show there. It is read before
 * the marker returns.
 */
static void find(const struct frame *frame, struct place *place)
{
    place->file = frame->file;
    place->function = frame->function;
    place->line = frame->line;
}

/* @END@ */
/* @IF function__entry@ */
void trace_entry(const struct frame *frame)
{
    struct place place;

    find(frame, &place);
    PYTRACE_FUNCTION_ENTRY(place.file, place.function, place.line);
}

/* @END@ */
/* @IF function__return@ */
void trace_return(const struct frame *frame)
{
    struct place place;

    find(frame, &place);
    PYTRACE_FUNCTION_RETURN(place.file, place.function, place.line);
}

/*
 * FILL IN 4: the frames between are those of functions of the program; leave
 * out frames of functions in C, for which no entry was fired.
 */
void trace_unwind(const struct frame *from, const struct frame *to)
{
    for (; from != to && from != NULL; from = from->caller)
        trace_return(from);
}

/* @END@ */
/* @IF line@ */
void trace_line(const struct frame *frame)
{
    struct place place;

    find(frame, &place);
    PYTRACE_LINE(place.file, place.function, place.line);
}
/* @END@ */
