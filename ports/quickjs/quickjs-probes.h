/*
 * quickjs-probes.h - what QuickJS says to the markers of pytrace.
 *
 * quickjs.c includes this before its functions, and quickjs-probes.c behind
 * them, as what the markers say of a function is private to that file. The
 * markers that need nothing but a number or a C string are fired where they
 * happen.
 *
 * None of these functions allocates from a JSRuntime, throws, or calls what a
 * program has written. They use below 5 KiB of stack.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef QUICKJS_PROBES_H
#define QUICKJS_PROBES_H

#include "pytrace_probes.h"

#if defined(__GNUC__)
#define JS_PROBES_COLD static __attribute__((cold, noinline))
#else
#define JS_PROBES_COLD static
#endif

/* The function of 'sf' begins, or goes on where it was suspended, at 'pc'. */
JS_PROBES_COLD void js_probes_enter(JSContext *ctx, JSStackFrame *sf,
                                    const uint8_t *pc);

/* The function of 'sf' ends, or waits, at the instruction before 'pc'. */
JS_PROBES_COLD void js_probes_return(JSContext *ctx, JSStackFrame *sf,
                                     const uint8_t *pc);

#if PYTRACE_HAS_EXCEPTIONS
/* The current exception has come to the function of 'sf', behind 'pc': if it
   was thrown just now, and not in a function that it has ended. */
JS_PROBES_COLD void js_probes_thrown(JSContext *ctx, JSStackFrame *sf,
                                     const uint8_t *pc);

/* The function takes it. */
JS_PROBES_COLD void js_probes_caught(JSContext *ctx, JSStackFrame *sf,
                                     const uint8_t *pc);
#endif

/*
 * 'pc' is behind an OP_invalid. Returns the opcode that is to run in its place,
 * after the marker of its line; or OP_invalid, when it was there from the
 * beginning.
 */
JS_PROBES_COLD int js_probes_line(JSContext *ctx, JSStackFrame *sf,
                                  const uint8_t *pc);

/* Lines are traced: the functions that are running stop at their lines. */
JS_PROBES_COLD void js_probes_watch(JSRuntime *rt);

/* The bytecode of 'b' is about to be read as data, or freed: it becomes what it
   was. */
JS_PROBES_COLD void js_probes_forget(JSFunctionBytecode *b);

#endif
