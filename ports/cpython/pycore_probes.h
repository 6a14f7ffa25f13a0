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

#endif /* WITH_PYTRACE */
#endif /* !Py_INTERNAL_PROBES_H */
