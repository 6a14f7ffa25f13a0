/*
 * ceval_probes.h - the places of the evaluation loop where markers belong.
 *
 * The loop is compiled twice. In ceval.c, _PyEval_EvalFrameDefault() has no
 * marker: it looks where a function begins or goes on (RESUME), where an
 * exception is thrown into a generator, and where a loop goes round
 * (JUMP_BACKWARD), whether a tracer is there, and then calls the other for the
 * rest of its evaluation. That one, _PyEval_EvalFrameProbed() in
 * ceval_probes.c, with PROBED defined, has all markers, and returns to the
 * first when it finds at one of these places that the last tracer has gone.
 * So bytecode is never changed for a tracer's sake, and neither sys.settrace()
 * nor sys.monitoring knows of it.
 *
 * PROBE_RESUME()   a frame begins or goes on; before its instruction does
 *                  anything, and with next_instr one behind it
 * PROBE_AGAIN()    that instruction is about to be dispatched once more
 * PROBE_JUMP()     a loop goes round: instead of CHECK_EVAL_BREAKER()
 * PROBE_JUMPED()   the same after the jump, beside CHECK_EVAL_BREAKER()
 * PROBE_THROW()    an exception is thrown into the frame
 * PROBE_RETURN()   the frame returns, yields, or is unwound
 *
 * A trace function that sets f_lineno moves its frame. A function that is moved
 * to the line of its def runs its RESUME once more, and does not begin. So a
 * frame that was moved goes on in the loop with markers, which knows that until
 * it has run the next instruction. A generator that is moved in the trace
 * function's "return" for its yield goes on without a RESUME.
 *
 * PROBE_MOVED()    the frame was moved to next_instr
 * PROBE_LINE()     INSTRUMENTED_LINE is about to run, after prev
 * PROBE_START()    a frame starts, or starts again
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef WITH_PYTRACE

#define PROBE_RESUME() ((void)0)
#define PROBE_AGAIN() ((void)0)
#define PROBE_JUMPED() ((void)0)
#define PROBE_THROW() ((void)0)
#define PROBE_RETURN() ((void)0)
#define PROBE_MOVED() ((void)0)
#define PROBE_LINE(prev, here) ((void)0)
#define PROBE_START() ((void)0)

#elif !defined(PROBED)

#define PROBE_RESUME()             \
    if (PYTRACE_EVAL_ENABLED()) {  \
        goto attached_resuming;    \
    }
#define PROBE_AGAIN() ((void)0)

/* One test for both: a round of a loop costs no instruction more. It jumps
   first, as gcc 12 then leaves the other instructions as they were. */
#define PROBE_JUMP()                                      \
    QSBR_QUIESCENT_STATE(tstate);                         \
    if (PYTRACE_EVAL_ENABLED_OR(PROBE_EVAL_EVENTS)) {     \
        JUMPBY(-oparg);                                   \
        goto attached_jumping;                            \
    }
#define PROBE_JUMPED()             \
    if (PYTRACE_EVAL_ENABLED()) {  \
        goto attached;             \
    }
#define PROBE_THROW()              \
    if (PYTRACE_EVAL_ENABLED()) {  \
        goto attached_throwing;    \
    }
#define PROBE_RETURN() ((void)0)
#define PROBE_MOVED() goto attached_moved
/* Only where it starts has the instruction before it the same address. */
#define PROBE_LINE(prev, here)                           \
    if (PYTRACE_EVAL_ENABLED() && (prev) == (here) &&    \
        _PyProbes_StartsElsewhere(frame)) {              \
        goto attached_started;                           \
    }
#define PROBE_START() ((void)0)

/* The byte of the eval breaker that _PY_EVAL_EVENTS_MASK masks. */
static_assert(_PY_EVAL_EVENTS_MASK == 0xff, "the events are one byte");
#if PY_BIG_ENDIAN
#define PROBE_EVAL_EVENTS \
    (((unsigned char *)&tstate->eval_breaker)[sizeof(uintptr_t) - 1])
#else
#define PROBE_EVAL_EVENTS (*(unsigned char *)&tstate->eval_breaker)
#endif

#else

#include "ceval_macros.h"
static int do_raise(PyThreadState *, PyObject *, PyObject *);

#define _PyEval_EvalFrameDefault(tstate, frame, throwflag) \
    _PyEval_EvalFrameProbed(tstate, frame, throwflag, _Py_CODEUNIT **where)

/* The frame that ends this evaluation belongs to the other loop's. */
#define entry_frame (*entry)

#define PROBE_RESUME()                         \
    if (again) {                               \
        again = 0;                             \
    }                                          \
    else if (!PYTRACE_EVAL_ENABLED()) {        \
        next_instr--;                          \
        goto detached;                         \
    }                                          \
    else {                                     \
        PROBE_ENTRY();                         \
    }
#define PROBE_AGAIN() (again = 1)
#define PROBE_ENTRY()                          \
    if (PYTRACE_FUNCTION_ENTRY_ENABLED()) {    \
        _PyProbes_FunctionEntry(frame);        \
    }
#define PROBE_JUMP()                           \
    CHECK_EVAL_BREAKER();                      \
    if (!PYTRACE_EVAL_ENABLED()) {             \
        JUMPBY(-oparg);                        \
        goto detached;                         \
    }
#define PROBE_JUMPED()                         \
    if (!PYTRACE_EVAL_ENABLED()) {             \
        goto detached;                         \
    }
#define PROBE_THROW()                          \
    throwing:                                  \
    PROBE_ENTRY()
#define PROBE_RETURN()                         \
    if (PYTRACE_FUNCTION_RETURN_ENABLED()) {   \
        _PyProbes_FunctionReturn(frame);       \
    }

#define PROBE_MOVED() (again = _PyProbes_IsResume(frame, next_instr))
#define PROBE_LINE(prev, here) ((void)0)
#define PROBE_START()                          \
    if (_PyProbes_StartsElsewhere(frame)) {    \
        PROBE_ENTRY();                         \
    }

/* Each instruction, before it runs. */
#undef PRE_DISPATCH_GOTO
#define PRE_DISPATCH_GOTO()                                     \
    if (PYTRACE_LINE_ENABLED()) {                               \
        _PyProbes_Instruction(frame, next_instr);               \
    }

#endif
