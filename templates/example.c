/*
 * example.c - a stand-in for your interpreter, which shows where each marker
 * goes. Delete it when yours has them. A line of its programs is a word and a
 * number or a name:
 *
 *     call 3      call a function, which calls itself 3 times
 *     fail 3      the same, and the innermost call raises an error
 *     import m    load a module
 *     collect 0   collect garbage
 *
 * SPDX-License-Identifier: MIT
 */
#include "example.h"
#include "trace.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct frame *current; /* the innermost one */

/* Where an error goes on: a place in C, and a frame. */
static jmp_buf handler;
static struct frame *handler_frame;

static void raise_error(void)
{
    /* @IF function__return@ */
    /* While the frames are still there. */
    TRACE_UNWIND(current, handler_frame);
    /* @END@ */
    current = handler_frame;
    longjmp(handler, 1);
}

static void call(const char *file, int depth, int fails)
{
    struct frame frame = {current, file, "recurse", 1};

    current = &frame;
    /* @IF function__entry@ */
    TRACE_ENTRY(current); /* nothing can fail before its first line */
    /* @END@ */
    frame.line = 2;
    /* @IF line@ */
    TRACE_LINE(current);
    /* @END@ */
    if (depth > 0)
        call(file, depth - 1, fails);
    else if (fails)
        raise_error();
    /* @IF function__return@ */
    TRACE_RETURN(current); /* nothing can fail after it */
    /* @END@ */
    current = frame.caller;
}

static void import_module(const char *name)
{
    /* @IF audit@ */
    PYTRACE_AUDIT("import", NULL); /* before it happens */
    /* @END@ */
    /* @IF import__find__load__start@ */
    PYTRACE_IMPORT_FIND_LOAD_START(name);
    /* @END@ */
    printf("module %s\n", name);
    /* @IF import__find__load__done@ */
    PYTRACE_IMPORT_FIND_LOAD_DONE(name, 1); /* 0: it was not found */
    /* @END@ */
}

static void collect(int generation)
{
    /* @IF gc__start@ */
    PYTRACE_GC_START(generation);
    /* @END@ */
    printf("generation %d\n", generation);
    /* @IF gc__done@ */
    PYTRACE_GC_DONE(0); /* the number of objects freed */
    /* @END@ */
}

static void obey(const char *file, const char *word, const char *argument)
{
    if (strcmp(word, "import") == 0) {
        import_module(argument);
    } else if (strcmp(word, "collect") == 0) {
        collect(atoi(argument));
    } else {
        handler_frame = current;
        if (setjmp(handler) == 0)
            call(file, atoi(argument), strcmp(word, "fail") == 0);
        else
            puts("an error was caught");
    }
}

static void run(FILE *program, const char *file)
{
    struct frame frame = {NULL, file, "main", 1};
    char word[16], argument[64];

    current = &frame;
    /* @IF function__entry@ */
    TRACE_ENTRY(current);
    /* @END@ */
    for (; fscanf(program, "%15s %63s", word, argument) == 2; frame.line++) {
        /* @IF line@ */
        TRACE_LINE(current);
        /* @END@ */
        obey(file, word, argument);
    }
    /* @IF function__return@ */
    TRACE_RETURN(current);
    /* @END@ */
    current = NULL;
}

int main(int argc, char **argv)
{
    FILE *program = argc == 2 ? fopen(argv[1], "r") : NULL;

    if (program == NULL) {
        fputs("usage: example PROGRAM\n", stderr);
        return 2;
    }
    run(program, argv[1]);
    fclose(program);
    return 0;
}
