/*
 * recursive.c - the example of docs/embedding.md for an interpreter that calls
 * itself for each call of the program: functions, errors that jump, imports
 * that fail. What is between two lines "docs" is in the document.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace_probes.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

/* ---- docs ---- */
struct frame {
    struct frame *caller;
    const char *file, *function;
    int line;
    const char *importing; /* a module, while it is loaded; or NULL */
};

static struct frame *current; /* of this thread */

static void report_return(const struct frame *frame)
{
    if (frame->importing != NULL)
        PYTRACE_IMPORT_FIND_LOAD_DONE(frame->importing, 0);
    PYTRACE_FUNCTION_RETURN(frame->file, frame->function, frame->line);
}

/* Before longjmp: the frames down to the one that goes on have ended. */
static void report_abandoned(const struct frame *until)
{
    const struct frame *frame;

    for (frame = current; frame != until; frame = frame->caller)
        report_return(frame);
    if (until->importing != NULL) /* it catches an error of its import */
        PYTRACE_IMPORT_FIND_LOAD_DONE(until->importing, 0);
}
/* ---- docs ---- */

struct node {
    enum { CALL, FAIL, IMPORT, TRY, NOTHING } kind;
    const char *name; /* of what is called, imported or tried */
    int line;
};

struct function {
    const char *name;
    int line;
    struct node body[4]; /* the last one is NOTHING */
};

static const char file[] = "toy.t";
static const struct function functions[] = {
    {"main",
     1,
     {{CALL, "outer", 2},
      {TRY, "broken", 3},
      {TRY, "loads", 4},
      {NOTHING, "", 0}}},
    {"outer", 6, {{CALL, "inner", 7}, {IMPORT, "good", 8}, {NOTHING, "", 0}}},
    {"inner", 10, {{NOTHING, "", 0}}},
    {"broken", 12, {{CALL, "fails", 13}, {NOTHING, "", 0}}},
    {"fails", 15, {{FAIL, "", 16}, {NOTHING, "", 0}}},
    {"loads", 18, {{IMPORT, "bad", 19}, {NOTHING, "", 0}}},
};

static jmp_buf *handler;
static struct frame *handler_frame;

static void call(const struct function *function);

static const struct function *find(const char *name)
{
    size_t i;

    for (i = 0; strcmp(functions[i].name, name) != 0; i++)
        ;
    return &functions[i];
}

/* ---- docs ---- */
static void raise_error(void)
{
    if (PYTRACE_FUNCTION_RETURN_ENABLED() ||
        PYTRACE_IMPORT_FIND_LOAD_DONE_ENABLED())
        report_abandoned(handler_frame);
    current = handler_frame;
    current->importing = NULL;
    longjmp(*handler, 1);
}
/* ---- docs ---- */

static void load(const char *name)
{
    if (strcmp(name, "bad") == 0)
        raise_error();
}

/* ---- docs ---- */
static void import_module(const char *name)
{
    if (*name == '\0')
        raise_error(); /* before the start: there is no done */
    PYTRACE_IMPORT_FIND_LOAD_START(name);
    current->importing = name;
    load(name); /* it may raise an error */
    current->importing = NULL;
    PYTRACE_IMPORT_FIND_LOAD_DONE(name, 1);
}
/* ---- docs ---- */

static void try_call(const char *name)
{
    jmp_buf here, *outer = handler;
    struct frame *outer_frame = handler_frame;

    handler = &here;
    handler_frame = current;
    if (setjmp(here) == 0)
        call(find(name));
    handler = outer;
    handler_frame = outer_frame;
}

static void evaluate(const struct node *node)
{
    switch (node->kind) {
    case CALL: call(find(node->name)); break;
    case FAIL: raise_error(); break;
    case IMPORT: import_module(node->name); break;
    case TRY: try_call(node->name); break;
    case NOTHING: break;
    }
}

/* ---- docs ---- */
static void call(const struct function *callee)
{
    struct frame frame = {current, file, callee->name, callee->line, NULL};
    const struct node *node;

    current = &frame;
    PYTRACE_FUNCTION_ENTRY(frame.file, frame.function, frame.line);
    for (node = callee->body; node->kind != NOTHING; node++) {
        frame.line = node->line;
        evaluate(node);
    }
    if (PYTRACE_FUNCTION_RETURN_ENABLED())
        report_return(&frame);
    current = frame.caller;
}
/* ---- docs ---- */

int main(void)
{
    call(find("main"));
    return 0;
}
