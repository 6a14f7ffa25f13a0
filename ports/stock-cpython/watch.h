/*
 * watch.h - what the parts of the module share. It fires the eight markers in
 * a CPython that was built without them, from what the interpreter offers to
 * Python programs: sys.monitoring, gc.callbacks, the import system's own
 * function, and audit hooks. Each is in use only while its marker is traced.
 *
 *   install.c      install(), remove() and what the interpreter must know
 *   semaphores.c   a thread, without the GIL, which sees that a semaphore
 *                  changes, and turns the callbacks on and off
 *   monitoring.c   functions and lines: callbacks of sys.monitoring
 *   hooks.c        collections, imports and audit events
 *   frames.c       what runs: names, lines, the frames' addresses
 *   audit_text.c   the arguments of audit events, for the recorder
 *   text.c         strings, as tracers read them
 *
 * One binary, for the limited API of 3.12, serves that version and newer ones.
 * What that API does not have is looked up when the module is loaded. A build
 * without the GIL has no such API, and takes a binary of its own: callbacks run
 * in several threads at once, and what changes a watch is locked.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_WATCH_H
#define PYTRACE_WATCH_H

#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#include <pyconfig.h>
#ifndef Py_GIL_DISABLED
#define Py_LIMITED_API 0x030c0000
#endif
#include <Python.h>
#ifndef Py_GIL_DISABLED /* which serves as the lock of each object */
#define Py_BEGIN_CRITICAL_SECTION(object) {
#define Py_END_CRITICAL_SECTION() }
#endif

#include "pytrace_probes.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#pragma GCC visibility push(hidden)

/* What is traced, as bits; the first three by sys.monitoring. */
enum {
    ENTRIES = 1,
    RETURNS = 2,
    LINES = 4,
    EVALUATION = ENTRIES | RETURNS | LINES,
    COLLECTIONS = 8,
    IMPORTS = 16,
    AUDIT = 32
};

/*
 * What there is once for each interpreter; it stays until the process ends, as
 * a pending call may refer to it. The first two are read by other copies of
 * this library, which may be of another version.
 */
struct watch {
    const void *copy; /* the library that has made it */
    int is_installed;
    int is_registered; /* the hooks are there, which stay */
    PyInterpreterState *interpreter;
    int is_first;     /* of the process */
    unsigned applied; /* what is on */

    pid_t applying; /* the thread that turns it on or off now, or 0 */

    PyObject *monitoring; /* sys.monitoring */
    int tool;             /* the number taken there, or -1 */
    PyObject *callbacks;  /* gc.callbacks */
    PyObject *collecting; /* what is put there */
    PyObject *importlib;  /* importlib._bootstrap */
    PyObject *gcd_import; /* its function of that name */
    PyObject *importing;  /* what is put there, while it is */
    PyObject *imported;   /* what was there before */

    int is_temporary;        /* it goes by itself */
    struct waiting *waiting; /* its thread; NULL: there is none */
};

#define FAST(function) ((PyCFunction)(void (*)(void))(function))

/* ---- semaphores.c ---- */

unsigned traced(void);

/*
 * Turn on and off what is traced now. Needs the GIL of the watch's interpreter,
 * and changes no exception of its thread. An audit hook that is written in
 * Python may run within, and so other threads.
 */
void apply(struct watch *watch, unsigned wanted);

/* Start the thread; false, with an errno, when there can be none. */
int start_waiting(struct watch *watch);
/* End it, with the GIL, which it may be waiting for. */
void stop_waiting(struct watch *watch);

/* ---- monitoring.c ---- */

/* False, with an exception, where there is no sys.monitoring. */
int find_monitoring(void);
/* False, without an exception, when all numbers of tools are taken. */
int switch_evaluation(struct watch *watch, unsigned wanted);

/* ---- hooks.c ---- */

/* False, with an exception, where there are no audit events. */
int find_hooks(void);
/* What is put into gc.callbacks; NULL with an exception. */
PyObject *new_collecting(void);

/* Each is false, perhaps with an exception, when it does not succeed. */
int switch_collections(struct watch *watch, unsigned wanted);
int switch_imports(struct watch *watch, unsigned wanted);
int switch_audit(unsigned wanted);

/* ---- frames.c ---- */

/* False, with an exception, where the interpreter has not what is needed. */
int find_layout(void);

/* The names of a code object, while a marker fires. */
struct names {
    const char *filename, *funcname;
    PyObject *objects[4];
};

void take_names(PyObject *code, struct names *names);
void release_names(struct names *names);

/* The line of an instruction; negative where there is none. */
int line_at(PyObject *code, long offset);

/*
 * The address of the frame that has called a callback of sys.monitoring, the
 * same from its entry to its return, and for a generator as long as that lives;
 * NULL where it is not known.
 */
void *running_frame(void);

/*
 * Whether a frame is a generator's or a coroutine's; then the text says which:
 * "coroutine 0x7f..." with the address of the object, id().
 */
int is_of_generator(PyObject *code, const void *frame, char text[64]);

/* What a code object has; the strings are borrowed. */
struct place {
    PyObject *filename, *funcname;
    int line; /* its first */
};

int is_code(PyObject *object, struct place *place);
/* A type's name, with its module's where it is written in C. */
const char *name_of(PyTypeObject *type);

/* ---- audit_text.c ---- */

enum { TEXT_SIZE = 4096 }; /* the recorder keeps no more */
/* The arguments of an audit event, a tuple, as a text. */
const char *describe(PyObject *arguments, char buffer[TEXT_SIZE]);

/* ---- text.c ---- */

/*
 * A string in UTF-8. What UTF-8 cannot say, a lone surrogate, is written
 * \udcff. *owner is what must be released when the marker has fired, or NULL.
 */
const char *text(PyObject *string, PyObject **owner);

#pragma GCC visibility pop

#endif
