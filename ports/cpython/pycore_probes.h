/*
 * pycore_probes.h - what the interpreter says to the markers of pytrace.
 *
 * Python/ceval.c, import.c and instrumentation.c include this; the markers of
 * collections and audit events are in Include/pydtrace.h.
 * Every function here may be called with an exception set, sets none, leaves
 * the one that is set alone, and keeps no reference. The caller holds the GIL.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef Py_INTERNAL_PROBES_H
#define Py_INTERNAL_PROBES_H
#ifdef WITH_PYTRACE

#ifndef Py_BUILD_CORE
#  error "this header requires Py_BUILD_CORE define"
#endif
#ifdef Py_GIL_DISABLED
#  error "pytrace does not know the free-threaded build"
#endif
#ifdef _Py_TIER2
#  error "pytrace does not know the JIT: its code has no place for markers"
#endif

#include "pycore_frame.h"
#include "pytrace_probes.h"

/* An exception is thrown, in a frame: it is tstate's, which has just come to
   the frame, from the instruction. One that passes through is left out. It is
   caught, by the handler that begins with an instruction. One that the compiler
   has added, to clean up and to pass it on, is left out. */
extern void _PyProbes_ExceptionThrown(PyThreadState *tstate,
                                      _PyInterpreterFrame *frame,
                                      _Py_CODEUNIT *instr);
extern void _PyProbes_ExceptionCaught(_PyInterpreterFrame *frame,
                                      _Py_CODEUNIT *instr, PyObject *exc);

/* A thread begins to run func, or has ended. */
extern void _PyProbes_Thread(PyObject *func, int starts);

/* A task of asyncio begins to run or goes on, or it stops; name is its name, or
   the number in it, or NULL. For an extension module, so exported. */
PyAPI_FUNC(void) _PyProbes_Task(PyObject *task, PyObject *name, int enters);

/* The arguments, a tuple, as text; size is at least 4096. */
extern const char *_PyProbes_Describe(PyObject *arguments, char *buffer);

/* A frame begins to run, goes on, or ends. Its line is f_lineno's. Frames that
   run no code of their own, such as a shim's, are left out. */
extern void _PyProbes_FunctionEntry(_PyInterpreterFrame *frame);
extern void _PyProbes_FunctionReturn(_PyInterpreterFrame *frame);

/* next_instr is about to run, after the instruction frame->instr_ptr; fires
   the marker where sys.settrace() would report a line. */
extern void _PyProbes_Instruction(_PyInterpreterFrame *frame,
                                  _Py_CODEUNIT *next_instr);

/* A module is about to be found and loaded; it was, or was not. */
extern void _PyProbes_ImportStart(PyObject *name);
extern void _PyProbes_ImportDone(PyObject *name, int found);

/* A generator's frame begins to run, and not where it yielded: f_lineno was set
   meanwhile, so no RESUME tells that it goes on. */
extern int _PyProbes_StartsElsewhere(_PyInterpreterFrame *frame);
extern int _PyProbes_IsResume(_PyInterpreterFrame *frame,
                              _Py_CODEUNIT *next_instr);

/* How a frame gets into the loop with markers. */
enum {
    _PyProbes_GOING_ON, /* with the instruction at *where */
    _PyProbes_THROWING, /* with the exception that is thrown into it */
    _PyProbes_MOVED,    /* at *where, as f_lineno was set: no new entry */
    _PyProbes_STARTED   /* at *where, as f_lineno was set while it was
                           suspended: an entry */
};

/* The evaluation loop with markers. Runs frame on, and returns what
   _PyEval_EvalFrameDefault() would; or, when the last tracer has gone,
   _PyProbes_DETACHED, which is no object: then tstate->current_frame is to run
   on from *where, without markers. */
extern PyObject *_PyEval_EvalFrameProbed(PyThreadState *tstate,
                                         _PyInterpreterFrame *frame,
                                         int how, _Py_CODEUNIT **where);
extern const char _PyProbes_detached;
#define _PyProbes_DETACHED ((PyObject *)&_PyProbes_detached)

/* In instrumentation.c. Which instructions of code start a line: computed
   once, kept with the code. Returns 0, or -1 when there is no memory. */
extern int _PyInstrumentation_FindLines(PyCodeObject *code);
extern int _PyInstrumentation_StartsLine(PyCodeObject *code, int index);

#define PROBE_THROWN(tstate, frame, instr)                  \
    if (PYTRACE_EXCEPTION_THROWN_ENABLED()) {               \
        _PyProbes_ExceptionThrown(tstate, frame, instr);    \
    }
#define PROBE_CAUGHT(frame, instr, exc)                     \
    if (PYTRACE_EXCEPTION_CAUGHT_ENABLED()) {               \
        _PyProbes_ExceptionCaught(frame, instr, exc);       \
    }
#define PROBE_THREAD(func, starts)                          \
    if (PYTRACE_THREADS_ENABLED()) {                        \
        _PyProbes_Thread(func, starts);                     \
    }
#define PROBE_GIL_WAIT(interp, gil)                         \
    if (PYTRACE_GIL_WAIT_ENABLED() &&                       \
        _Py_atomic_load_int_relaxed(&(gil)->locked)) {      \
        pytrace_gil_wait((long)(interp)->id);               \
    }
#define PROBE_GIL_TAKE(interp) PYTRACE_GIL_TAKE((long)(interp)->id)
#define PROBE_GIL_DROP(interp) PYTRACE_GIL_DROP((long)(interp)->id)

#else /* !WITH_PYTRACE */

#define PROBE_THROWN(tstate, frame, instr) ((void)0)
#define PROBE_CAUGHT(frame, instr, exc) ((void)0)
#define PROBE_THREAD(func, starts) ((void)0)
#define PROBE_GIL_WAIT(interp, gil) ((void)0)
#define PROBE_GIL_TAKE(interp) ((void)0)
#define PROBE_GIL_DROP(interp) ((void)0)

#endif
/* Where this is 0, a task's steps call nothing. */
#if defined(WITH_PYTRACE) && PYTRACE_HAS_TASKS
#define PROBE_TASK(task, name, enters) _PyProbes_Task(task, name, enters)
#else
#define PROBE_TASK(task, name, enters) ((void)0)
#endif
#endif /* !Py_INTERNAL_PROBES_H */
