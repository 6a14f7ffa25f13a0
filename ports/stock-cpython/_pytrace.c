/*
 * _pytrace.c - the eight markers in a CPython that was built without them: an
 * extension module, which fires each marker from what the interpreter offers
 * to Python programs: sys.monitoring, gc.callbacks, the import system's own
 * function, and audit hooks. Each is in use only while its marker is traced.
 *
 *   callbacks   what the interpreter calls: each fires a marker, or nothing
 *   switches    what turns the callbacks on and off; with the GIL
 *   waiting     a thread, without the GIL, which sees that a semaphore changes
 *   module      install(), remove() and what the interpreter must know
 *
 * One binary, for the limited API of 3.12, serves that version and newer ones.
 * What that API does not have is looked up when the module is loaded.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030c0000
#include <Python.h>

#include "pytrace_probes.h"

#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

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

static unsigned traced(void)
{
    unsigned bits = 0;

    if (PYTRACE_FUNCTION_ENTRY_ENABLED())
        bits |= ENTRIES;
    if (PYTRACE_FUNCTION_RETURN_ENABLED())
        bits |= RETURNS;
    if (PYTRACE_LINE_ENABLED())
        bits |= LINES;
    if (PYTRACE_GC_START_ENABLED() || PYTRACE_GC_DONE_ENABLED())
        bits |= COLLECTIONS;
    if (PYTRACE_IMPORT_FIND_LOAD_START_ENABLED() ||
        PYTRACE_IMPORT_FIND_LOAD_DONE_ENABLED())
        bits |= IMPORTS;
    if (PYTRACE_AUDIT_ENABLED())
        bits |= AUDIT;
    return bits;
}

/* Of the whole process, the same for all interpreters; set once. */
static int (*line_at)(PyObject *code, int offset);
static int (*add_audit_hook)(int (*hook)(const char *, PyObject *, void *),
                             void *data);
static PyObject *disable; /* sys.monitoring.DISABLE, which is static */
/* Where a code object has these names, in bytes; 0: not known. */
static Py_ssize_t filename_at, funcname_at;
static int has_audit_hook;

/* ---- callbacks ---- */

/*
 * A string in UTF-8. What UTF-8 cannot say, a lone surrogate, is written
 * \udcff. *owner is what must be released when the marker has fired, or NULL.
 */
static const char *text(PyObject *string, PyObject **owner)
{
    const char *bytes;

    *owner = NULL;
    if (string == NULL || !PyUnicode_Check(string)) {
        PyErr_Clear();
        return "?";
    }
    bytes = PyUnicode_AsUTF8AndSize(string, NULL);
    if (bytes != NULL)
        return bytes;
    PyErr_Clear();
    *owner = PyUnicode_AsEncodedString(string, "utf-8", "backslashreplace");
    if (*owner == NULL) {
        PyErr_Clear();
        return "?";
    }
    return PyBytes_AsString(*owner);
}

/* The names of a code object, while a marker fires. */
struct names {
    const char *filename, *funcname;
    PyObject *objects[4];
};

static void take_names(PyObject *code, struct names *names)
{
    PyObject *filename, *funcname;

    memset(names->objects, 0, sizeof(names->objects));
    if (filename_at != 0 && funcname_at != 0) {
        memcpy(&filename, (const char *)code + filename_at, sizeof(filename));
        memcpy(&funcname, (const char *)code + funcname_at, sizeof(funcname));
    } else {
        filename = PyObject_GetAttrString(code, "co_filename");
        funcname = PyObject_GetAttrString(code, "co_name");
        names->objects[0] = filename;
        names->objects[1] = funcname;
    }
    names->filename = text(filename, &names->objects[2]);
    names->funcname = text(funcname, &names->objects[3]);
}

static void release_names(struct names *names)
{
    size_t i;

    for (i = 0; i < sizeof(names->objects) / sizeof(names->objects[0]); i++)
        Py_XDECREF(names->objects[i]);
}

/* The line of an instruction; 0 where there is none. */
static int line_of(PyObject *code, PyObject *offset)
{
    long number = PyLong_AsLong(offset);
    int line = line_at(code, (int)number);

    return line < 0 ? 0 : line;
}

/* The arguments are (code, offset, ...). */
static PyObject *entered(PyObject *self, PyObject *const *arguments,
                         Py_ssize_t count)
{
    struct names names;

    (void)self, (void)count;
    if (PYTRACE_FUNCTION_ENTRY_ENABLED()) {
        take_names(arguments[0], &names);
        PYTRACE_FUNCTION_ENTRY(names.filename, names.funcname,
                               line_of(arguments[0], arguments[1]));
        release_names(&names);
    }
    Py_RETURN_NONE;
}

static PyObject *returned(PyObject *self, PyObject *const *arguments,
                          Py_ssize_t count)
{
    struct names names;

    (void)self, (void)count;
    if (PYTRACE_FUNCTION_RETURN_ENABLED()) {
        take_names(arguments[0], &names);
        PYTRACE_FUNCTION_RETURN(names.filename, names.funcname,
                                line_of(arguments[0], arguments[1]));
        release_names(&names);
    }
    Py_RETURN_NONE;
}

/*
 * An exception leaves a function. The instruction may have no line, and then
 * the frame knows the last one. 3.15 also unwinds frames that never started:
 * the running frame is then another function's.
 */
static PyObject *unwound(PyObject *self, PyObject *const *arguments,
                         Py_ssize_t count)
{
    PyFrameObject *frame;
    PyObject *code;
    struct names names;
    int line;

    (void)self, (void)count;
    if (!PYTRACE_FUNCTION_RETURN_ENABLED())
        Py_RETURN_NONE;
    frame = PyEval_GetFrame();
    if (frame == NULL)
        Py_RETURN_NONE;
    code = (PyObject *)PyFrame_GetCode(frame);
    if (code == arguments[0]) {
        line = PyFrame_GetLineNumber(frame);
        take_names(code, &names);
        PYTRACE_FUNCTION_RETURN(names.filename, names.funcname,
                                line < 0 ? 0 : line);
        release_names(&names);
    }
    Py_DECREF(code);
    Py_RETURN_NONE;
}

static void fire_line(PyObject *code, int line)
{
    struct names names;

    if (PYTRACE_LINE_ENABLED()) {
        take_names(code, &names);
        PYTRACE_LINE(names.filename, names.funcname, line);
        release_names(&names);
    }
}

/* The arguments are (code, line). */
static PyObject *came_to_line(PyObject *self, PyObject *const *arguments,
                              Py_ssize_t count)
{
    (void)self, (void)count;
    fire_line(arguments[0], (int)PyLong_AsLong(arguments[1]));
    Py_RETURN_NONE;
}

/*
 * A jump back within a line is a line event of sys.settrace(), too; each other
 * jump says nothing. The arguments are (code, offset, offset of its target).
 */
static PyObject *jumped(PyObject *self, PyObject *const *arguments,
                        Py_ssize_t count)
{
    long from = PyLong_AsLong(arguments[1]);
    long to = PyLong_AsLong(arguments[2]);
    int line;

    (void)self, (void)count;
    if (to <= from) {
        line = line_at(arguments[0], (int)to);
        if (line == line_at(arguments[0], (int)from)) {
            if (line >= 0)
                fire_line(arguments[0], line);
            Py_RETURN_NONE;
        }
    }
    return Py_NewRef(disable);
}

/* gc.callbacks: (phase, info). */
static PyObject *collecting(PyObject *self, PyObject *const *arguments,
                            Py_ssize_t count)
{
    static const char *const keys[] = {"generation", "collected",
                                       "uncollectable"};
    long numbers[3] = {0};
    PyObject *owner;
    const char *phase;
    size_t i;

    (void)self;
    if (count != 2 || !PyDict_Check(arguments[1]))
        Py_RETURN_NONE;
    for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        PyObject *number = PyDict_GetItemString(arguments[1], keys[i]);

        if (number != NULL)
            numbers[i] = PyLong_AsLong(number);
    }
    phase = text(arguments[0], &owner);
    if (strcmp(phase, "start") == 0)
        PYTRACE_GC_START((int)numbers[0]);
    else if (strcmp(phase, "stop") == 0)
        PYTRACE_GC_DONE(numbers[1] + numbers[2]);
    Py_XDECREF(owner);
    PyErr_Clear();
    Py_RETURN_NONE;
}

/*
 * In the place of importlib's _find_and_load(name, import_): self is a tuple of
 * that function and of importlib's own _gcd_import, which calls it for
 * importlib.import_module(). The interpreter's markers do not fire then.
 */
static PyObject *find_and_load(PyObject *self, PyObject *const *arguments,
                               Py_ssize_t count, PyObject *names)
{
    PyObject *found;
    PyObject *owner = NULL;
    const char *name = NULL;
    PyObject *positional = NULL;
    PyObject *named = NULL;
    Py_ssize_t i;

    if (names == NULL && count == 2 && arguments[1] != PyTuple_GetItem(self, 1))
        name = text(arguments[0], &owner);
    if (name != NULL)
        PYTRACE_IMPORT_FIND_LOAD_START(name);
    positional = PyTuple_New(count);
    if (positional != NULL)
        for (i = 0; i < count; i++)
            PyTuple_SetItem(positional, i, Py_NewRef(arguments[i]));
    if (names != NULL && positional != NULL) {
        named = PyDict_New();
        for (i = 0; named != NULL && i < PyTuple_Size(names); i++)
            if (PyDict_SetItem(named, PyTuple_GetItem(names, i),
                               arguments[count + i]) < 0)
                Py_CLEAR(named);
    }
    found = positional == NULL || (names != NULL && named == NULL)
                ? NULL
                : PyObject_Call(PyTuple_GetItem(self, 0), positional, named);
    Py_XDECREF(named);
    Py_XDECREF(positional);
    if (name != NULL)
        PYTRACE_IMPORT_FIND_LOAD_DONE(name, found != NULL);
    Py_XDECREF(owner);
    return found;
}

static int audited(const char *event, PyObject *arguments, void *data)
{
    (void)data;
    PYTRACE_AUDIT(event, arguments);
    return 0;
}

#define FAST(function) ((PyCFunction)(void (*)(void))(function))
static PyMethodDef callback_entered = {"entered", FAST(entered), METH_FASTCALL,
                                       NULL};
static PyMethodDef callback_returned = {"returned", FAST(returned),
                                        METH_FASTCALL, NULL};
static PyMethodDef callback_unwound = {"unwound", FAST(unwound), METH_FASTCALL,
                                       NULL};
static PyMethodDef callback_line = {"line", FAST(came_to_line), METH_FASTCALL,
                                    NULL};
static PyMethodDef callback_jumped = {"jumped", FAST(jumped), METH_FASTCALL,
                                      NULL};
static PyMethodDef callback_collecting = {"collecting", FAST(collecting),
                                          METH_FASTCALL, NULL};
static PyMethodDef callback_import = {"_find_and_load", FAST(find_and_load),
                                      METH_FASTCALL | METH_KEYWORDS, NULL};

/* The events of sys.monitoring, and for which markers each is on. */
static const struct {
    const char *name;
    unsigned traced;
    PyMethodDef *callback;
} events[] = {
    /* Without the first two, lines lose functions of one line. */
    {"PY_START", ENTRIES | LINES, &callback_entered},
    {"PY_RESUME", ENTRIES | LINES, &callback_entered},
    {"PY_THROW", ENTRIES, &callback_entered},
    {"PY_RETURN", RETURNS, &callback_returned},
    {"PY_YIELD", RETURNS, &callback_returned},
    {"PY_UNWIND", RETURNS, &callback_unwound},
    {"LINE", LINES, &callback_line},
    {"JUMP", LINES, &callback_jumped},
};
enum { EVENT_COUNT = sizeof(events) / sizeof(events[0]) };

/* ---- switches ---- */

/*
 * What there is once for each interpreter; it stays until the process ends, as
 * a pending call may refer to it. The first two are read by other copies of
 * this library, which may be of another version.
 */
struct watch {
    const void *copy; /* the library that has made it: &disable */
    int is_installed;
    int is_registered; /* the hooks are there, which stay */
    PyInterpreterState *interpreter;
    int is_first;     /* of the process */
    unsigned applied; /* what is on */

    int is_applying;

    PyObject *monitoring; /* sys.monitoring */
    int tool;             /* the number taken there, or -1 */
    PyObject *callbacks;  /* gc.callbacks */
    PyObject *collecting; /* what is put there */
    PyObject *importlib;  /* importlib._bootstrap */
    PyObject *gcd_import; /* its function of that name */
    PyObject *importing;  /* what is put there, while it is */
    PyObject *imported;   /* what was there before */

    int is_temporary; /* it goes by itself */
    pthread_t thread;
    pid_t pid;  /* the process that has the thread; 0: there is none */
    int stop;   /* an eventfd: the thread is to end */
    int opened; /* an inotify: a program has opened this library's file */
};

static const char tool_name[] = "pytrace";

/* The number of an event; 0 with an exception. */
static long event_number(const struct watch *watch, const char *name)
{
    PyObject *all = PyObject_GetAttrString(watch->monitoring, "events");
    PyObject *one = all == NULL ? NULL : PyObject_GetAttrString(all, name);
    long number = one == NULL ? 0 : PyLong_AsLong(one);

    Py_XDECREF(one);
    Py_XDECREF(all);
    return number;
}

/* Calls a function of sys.monitoring; false with an exception. */
static int monitor(const struct watch *watch, const char *function,
                   const char *format, ...)
{
    PyObject *arguments, *called, *result = NULL;
    va_list list;

    va_start(list, format);
    arguments = Py_VaBuildValue(format, list);
    va_end(list);
    called = PyObject_GetAttrString(watch->monitoring, function);
    if (arguments != NULL && called != NULL)
        result = PyObject_CallObject(called, arguments);
    Py_XDECREF(called);
    Py_XDECREF(arguments);
    Py_XDECREF(result);
    return result != NULL;
}

static void leave_tool(struct watch *watch)
{
    size_t i;

    if (watch->tool < 0)
        return;
    monitor(watch, "set_events", "(ii)", watch->tool, 0);
    PyErr_Clear();
    for (i = 0; i < EVENT_COUNT; i++) {
        monitor(watch, "register_callback", "(ilO)", watch->tool,
                event_number(watch, events[i].name), Py_None);
        PyErr_Clear();
    }
    monitor(watch, "free_tool_id", "(i)", watch->tool);
    PyErr_Clear();
    watch->tool = -1;
}

static int register_callbacks(const struct watch *watch)
{
    size_t i;

    for (i = 0; i < EVENT_COUNT; i++) {
        PyObject *callback = PyCFunction_New(events[i].callback, NULL);
        int is_done = callback != NULL &&
                      monitor(watch, "register_callback", "(ilO)", watch->tool,
                              event_number(watch, events[i].name), callback);

        Py_XDECREF(callback);
        if (!is_done)
            return 0;
    }
    return 1;
}

/* False, without an exception, when all numbers are taken. */
static int take_tool(struct watch *watch)
{
    /* Those without a name of their own (3, 4) first. */
    static const int numbers[] = {4, 3, 5, 2, 1, 0};
    size_t i;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        if (!monitor(watch, "use_tool_id", "(is)", numbers[i], tool_name)) {
            PyErr_Clear();
            continue;
        }
        watch->tool = numbers[i];
        if (register_callbacks(watch))
            return 1;
        PyErr_Clear();
        leave_tool(watch);
        return 0;
    }
    return 0;
}

static int switch_evaluation(struct watch *watch, unsigned wanted)
{
    long mask = 0;
    size_t i;

    if (wanted == 0) {
        leave_tool(watch);
        return 1;
    }
    if (watch->tool < 0 && !take_tool(watch))
        return 0;
    for (i = 0; i < EVENT_COUNT; i++)
        if (events[i].traced & wanted)
            mask |= event_number(watch, events[i].name);
    if (monitor(watch, "set_events", "(il)", watch->tool, mask))
        return 1;
    PyErr_Clear();
    leave_tool(watch);
    return 0;
}

static int switch_collections(struct watch *watch, unsigned wanted)
{
    PyObject *result;

    if (wanted)
        return PyList_Append(watch->callbacks, watch->collecting) == 0;
    result =
        PyObject_CallMethod(watch->callbacks, "remove", "O", watch->collecting);
    Py_XDECREF(result);
    return 1;
}

static const char import_name[] = "_find_and_load";

static int switch_imports(struct watch *watch, unsigned wanted)
{
    PyObject *self, *now;
    int is_done;

    if (!wanted) {
        now = PyObject_GetAttrString(watch->importlib, import_name);
        if (now == watch->importing)
            PyObject_SetAttrString(watch->importlib, import_name,
                                   watch->imported);
        Py_XDECREF(now);
        Py_CLEAR(watch->importing);
        Py_CLEAR(watch->imported);
        return 1;
    }
    watch->imported = PyObject_GetAttrString(watch->importlib, import_name);
    self = watch->imported == NULL
               ? NULL
               : PyTuple_Pack(2, watch->imported, watch->gcd_import);
    watch->importing =
        self == NULL ? NULL : PyCFunction_New(&callback_import, self);
    Py_XDECREF(self);
    is_done = watch->importing != NULL &&
              PyObject_SetAttrString(watch->importlib, import_name,
                                     watch->importing) == 0;
    if (!is_done) {
        Py_CLEAR(watch->importing);
        Py_CLEAR(watch->imported);
    }
    return is_done;
}

/* A hook stays for ever, and makes each audit event more expensive. */
static int switch_audit(unsigned wanted)
{
    if (wanted && !has_audit_hook)
        has_audit_hook = add_audit_hook(audited, NULL) == 0;
    return 1;
}

/*
 * Turn on and off what is traced now. Needs the GIL of the watch's interpreter,
 * and changes no exception of its thread. An audit hook that is written in
 * Python may run within, and so other threads.
 */
static void apply(struct watch *watch, unsigned wanted)
{
    PyObject *exception;
    unsigned changed = wanted ^ watch->applied;
    unsigned failed = 0;

    if (watch->is_applying)
        return;
    watch->is_applying = 1;
    exception = PyErr_GetRaisedException();
    if ((changed & COLLECTIONS) &&
        !switch_collections(watch, wanted & COLLECTIONS))
        failed |= COLLECTIONS;
    PyErr_Clear();
    if ((changed & IMPORTS) && !switch_imports(watch, wanted & IMPORTS))
        failed |= IMPORTS;
    PyErr_Clear();
    /* These last, as what is above would be traced. */
    if ((changed & EVALUATION) &&
        !switch_evaluation(watch, wanted & EVALUATION))
        failed |= EVALUATION;
    PyErr_Clear();
    if ((changed & AUDIT) && !switch_audit(wanted & AUDIT))
        failed |= AUDIT;
    PyErr_Clear();
    /* What failed is tried again. */
    __atomic_store_n(&watch->applied, wanted & ~failed, __ATOMIC_RELAXED);
    watch->is_applying = 0;
    PyErr_SetRaisedException(exception);
}

/* ---- waiting ---- */

/*
 * How long it waits between two looks at the semaphores. A tracer opens this
 * library's file, to read where the markers are, and then attaches.
 */
enum {
    JUST_OPENED = 2,        /* ms: a program has opened the file ... */
    JUST_OPENED_LOOKS = 60, /* ... that many looks ago, or less */
    OPENED = 95,            /* ... or not long ago; or that is not known */
    OPENED_LOOKS = 60 * 10, /* a minute */
    IDLE = 1000,
    TRACED = 20,   /* it detaches, or another attaches */
    TEMPORARY = 10 /* seconds */
};

/* The time until the next one, when a program has opened the file before. */
static int pause_after(const struct watch *watch, long looks, unsigned applied)
{
    if (looks < JUST_OPENED_LOOKS)
        return JUST_OPENED;
    if (applied != 0)
        return TRACED;
    return looks < OPENED_LOOKS || watch->opened < 0 ? OPENED : IDLE;
}

static int apply_pending(void *data)
{
    struct watch *watch = data;

    if (watch->is_installed && traced() != watch->applied)
        apply(watch, traced());
    return 0;
}

/*
 * A thread that runs Python code gives up the GIL after 5 ms or so. The first
 * interpreter's main thread does it between two instructions, when it runs; it
 * may also be blocked in C.
 */
static void apply_in_thread(struct watch *watch)
{
    PyThreadState *state;

    if (watch->is_first)
        Py_AddPendingCall(apply_pending, watch);
    state = PyThreadState_New(watch->interpreter);
    if (state == NULL)
        return;
    PyEval_AcquireThread(state);
    apply_pending(watch);
    PyThreadState_Clear(state);
    PyEval_ReleaseThread(state);
    PyThreadState_Delete(state);
}

/*
 * A tracer raises one semaphore after the other. Wait until it has done so, or
 * entries would be seen for a moment, and their returns not.
 */
static void settle(void)
{
    static const struct timespec pause = {.tv_nsec = 1000 * 1000};
    unsigned before;
    int looks = 0;

    do {
        before = traced();
        nanosleep(&pause, NULL);
    } while (traced() != before && ++looks < 20);
}

static int has_come(int descriptor)
{
    char bytes[4096];

    return descriptor >= 0 && read(descriptor, bytes, sizeof(bytes)) > 0;
}

static time_t seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static void release_objects(struct watch *watch);

/* What remove() does, by the thread itself; false when another does it now. */
static int leave_in_thread(struct watch *watch)
{
    PyThreadState *state = PyThreadState_New(watch->interpreter);
    int is_left = 0;

    if (state == NULL)
        return 0;
    PyEval_AcquireThread(state);
    if (watch->pid == getpid() && watch->is_installed && watch->is_temporary) {
        is_left = 1;
        watch->pid = 0;
        watch->is_installed = 0;
        apply(watch, 0);
        release_objects(watch);
        pthread_detach(watch->thread);
        close(watch->stop);
        if (watch->opened >= 0)
            close(watch->opened);
    }
    PyThreadState_Clear(state);
    PyEval_ReleaseThread(state);
    PyThreadState_Delete(state);
    return is_left;
}

static void *wait_for_tracers(void *data)
{
    struct watch *watch = data;
    struct pollfd ends[2] = {{.fd = watch->stop, .events = POLLIN},
                             {.fd = watch->opened, .events = POLLIN}};
    long looks = 0; /* since a program has opened the file */
    time_t traced_at = seconds();
    unsigned applied;

    for (;;) {
        applied = __atomic_load_n(&watch->applied, __ATOMIC_RELAXED);
        poll(ends, 2, pause_after(watch, looks, applied));
        if (ends[0].revents != 0)
            return NULL;
        if (applied != 0)
            traced_at = seconds();
        else if (watch->is_temporary && seconds() - traced_at > TEMPORARY &&
                 leave_in_thread(watch))
            return NULL;
        if (has_come(watch->opened))
            looks = 0;
        else
            looks++;
        if (traced() != applied) {
            settle();
            apply_in_thread(watch);
        }
    }
}

/* The file that this library was loaded from; a tracer opens it, too. */
static const char *own_file(void)
{
    Dl_info info;

    return dladdr(&python_line_semaphore, &info) != 0 ? info.dli_fname : NULL;
}

/* False, with an errno, when there can be no thread. */
static int start_waiting(struct watch *watch)
{
    sigset_t all, mask;
    pthread_attr_t attributes;
    const char *file = own_file();
    int error;

    if (watch->pid == getpid())
        return 1;
    watch->stop = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (watch->stop < 0)
        return 0;
    watch->opened = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (watch->opened >= 0 &&
        (file == NULL || inotify_add_watch(watch->opened, file, IN_OPEN) < 0)) {
        close(watch->opened);
        watch->opened = -1;
    }
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, (size_t)1024 * 1024);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    error =
        pthread_create(&watch->thread, &attributes, wait_for_tracers, watch);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    pthread_attr_destroy(&attributes);
    if (error == 0) {
        pthread_setname_np(watch->thread, "pytrace");
        watch->pid = getpid();
        return 1;
    }
    close(watch->stop);
    if (watch->opened >= 0)
        close(watch->opened);
    errno = error;
    return 0;
}

/* With the GIL, which the thread may be waiting for. */
static void stop_waiting(struct watch *watch)
{
    static const uint64_t one = 1;
    int is_own = watch->pid == getpid();

    if (watch->pid == 0)
        return;
    watch->pid = 0;
    if (is_own) {
        Py_BEGIN_ALLOW_THREADS;
        if (write(watch->stop, &one, sizeof(one)) == sizeof(one))
            pthread_join(watch->thread, NULL);
        Py_END_ALLOW_THREADS;
    }
    close(watch->stop);
    if (watch->opened >= 0)
        close(watch->opened);
}

/* ---- module ---- */

static const char key[] = "pytrace.watch";

/* The interpreter's watch; NULL, without an exception, when there is none. */
static struct watch *find_watch(void)
{
    PyObject *all = PyInterpreterState_GetDict(PyInterpreterState_Get());
    PyObject *one = all == NULL ? NULL : PyDict_GetItemString(all, key);

    return one == NULL ? NULL : PyCapsule_GetPointer(one, key);
}

/* What the interpreter calls around a fork; self has the watch. */
static PyObject *before_fork(PyObject *self, PyObject *none)
{
    (void)none;
    stop_waiting(PyCapsule_GetPointer(self, key));
    Py_RETURN_NONE;
}

static int start_pending(void *data)
{
    struct watch *watch = data;

    if (watch->is_installed)
        start_waiting(watch);
    return 0;
}

/*
 * Some versions count threads after this and warn when there are two. So the
 * main thread, when it is the one that forks, starts it a moment later; where
 * another thread forks, there are two in any case.
 */
static PyObject *after_fork_in_parent(PyObject *self, PyObject *none)
{
    struct watch *watch = PyCapsule_GetPointer(self, key);

    (void)none;
    if (gettid() != getpid() || Py_AddPendingCall(start_pending, watch) != 0)
        start_pending(watch);
    Py_RETURN_NONE;
}

static PyObject *after_fork_in_child(PyObject *self, PyObject *none)
{
    (void)none;
    start_pending(PyCapsule_GetPointer(self, key));
    Py_RETURN_NONE;
}

static PyObject *attribute_of(const char *module, const char *name)
{
    PyObject *imported = PyImport_ImportModule(module);
    PyObject *attribute =
        imported == NULL ? NULL : PyObject_GetAttrString(imported, name);

    Py_XDECREF(imported);
    return attribute;
}

/* What the switches need, so that they need not look for it. */
static int find_objects(struct watch *watch)
{
    watch->monitoring = Py_XNewRef(PySys_GetObject("monitoring"));
    watch->callbacks = attribute_of("gc", "callbacks");
    watch->collecting = PyCFunction_New(&callback_collecting, NULL);
    watch->importlib = PyImport_ImportModule("_frozen_importlib");
    watch->gcd_import = attribute_of("_frozen_importlib", "_gcd_import");
    if (PyErr_Occurred())
        return 0;
    if (watch->monitoring == NULL)
        PyErr_SetString(PyExc_RuntimeError, "there is no sys.monitoring");
    return watch->monitoring != NULL;
}

static void release_objects(struct watch *watch)
{
    Py_CLEAR(watch->monitoring);
    Py_CLEAR(watch->callbacks);
    Py_CLEAR(watch->collecting);
    Py_CLEAR(watch->importlib);
    Py_CLEAR(watch->gcd_import);
    Py_CLEAR(watch->importing);
    Py_CLEAR(watch->imported);
}

/* The interpreter ends. What is on stays on: more functions run. */
static PyObject *at_exit(PyObject *self, PyObject *none)
{
    struct watch *watch = PyCapsule_GetPointer(self, key);

    (void)none;
    watch->is_installed = 0;
    stop_waiting(watch);
    release_objects(watch);
    Py_RETURN_NONE;
}

static PyMethodDef hook_before_fork = {"before_fork", before_fork, METH_NOARGS,
                                       NULL};
static PyMethodDef hook_after_fork_in_parent = {
    "after_fork_in_parent", after_fork_in_parent, METH_NOARGS, NULL};
static PyMethodDef hook_after_fork_in_child = {
    "after_fork_in_child", after_fork_in_child, METH_NOARGS, NULL};
static PyMethodDef hook_at_exit = {"at_exit", at_exit, METH_NOARGS, NULL};

/* module.function(hook), or with the hook as the named argument; steals it. */
static int call_with(const char *module, const char *function, PyObject *hook,
                     const char *name)
{
    PyObject *called = attribute_of(module, function);
    PyObject *arguments =
        name == NULL && hook != NULL ? PyTuple_Pack(1, hook) : PyTuple_New(0);
    PyObject *named = name == NULL ? NULL : Py_BuildValue("{sO}", name, hook);
    PyObject *result = NULL;

    if (hook != NULL && called != NULL && arguments != NULL &&
        (name == NULL || named != NULL))
        result = PyObject_Call(called, arguments, named);
    Py_XDECREF(named);
    Py_XDECREF(arguments);
    Py_XDECREF(called);
    Py_XDECREF(hook);
    Py_XDECREF(result);
    return result != NULL;
}

static int register_hooks(struct watch *watch)
{
    PyObject *self = PyCapsule_New(watch, key, NULL);
    int is_done =
        self != NULL &&
        call_with("os", "register_at_fork",
                  PyCFunction_New(&hook_before_fork, self), "before") &&
        call_with("os", "register_at_fork",
                  PyCFunction_New(&hook_after_fork_in_parent, self),
                  "after_in_parent") &&
        call_with("os", "register_at_fork",
                  PyCFunction_New(&hook_after_fork_in_child, self),
                  "after_in_child") &&
        call_with("atexit", "register", PyCFunction_New(&hook_at_exit, self),
                  NULL);

    Py_XDECREF(self);
    return is_done;
}

/* A new one, or the one that is there; NULL with an exception. */
static struct watch *get_watch(void)
{
    PyObject *all = PyInterpreterState_GetDict(PyInterpreterState_Get());
    struct watch *watch = find_watch();
    PyObject *capsule;
    int is_kept;

    if (PyErr_Occurred())
        return NULL;
    if (watch != NULL && watch->copy == &disable)
        return watch;
    if (watch != NULL && watch->is_installed) {
        PyErr_SetString(PyExc_RuntimeError,
                        "pytrace is installed in this interpreter already, "
                        "from another file; remove() that one first");
        return NULL;
    }
    watch = calloc(1, sizeof(*watch));
    if (watch == NULL || all == NULL) {
        free(watch);
        PyErr_NoMemory();
        return NULL;
    }
    watch->copy = &disable;
    watch->interpreter = PyInterpreterState_Get();
    watch->is_first = PyInterpreterState_GetID(watch->interpreter) == 0;
    watch->tool = -1;
    capsule = PyCapsule_New(watch, key, NULL);
    is_kept = capsule != NULL && PyDict_SetItemString(all, key, capsule) == 0;
    Py_XDECREF(capsule);
    if (!is_kept) {
        free(watch);
        return NULL;
    }
    return watch;
}

/* False with an exception where the markers cannot be had. */
static int install_watch(struct watch *watch)
{
    if (!find_objects(watch))
        return 0;
    if (!watch->is_registered) {
        if (!register_hooks(watch))
            return 0;
        watch->is_registered = 1;
    }
    if (!start_waiting(watch)) {
        PyErr_Format(PyExc_RuntimeError,
                     "the thread that waits for tracers cannot be started: %s",
                     strerror(errno));
        return 0;
    }
    watch->is_installed = 1;
    apply(watch, traced());
    return 1;
}

static PyObject *install(PyObject *self, PyObject *arguments, PyObject *names)
{
    static char *keywords[] = {"temporary", NULL};
    struct watch *watch;
    int is_temporary = 0;

    (void)self;
    if (!PyArg_ParseTupleAndKeywords(arguments, names, "|$p:install", keywords,
                                     &is_temporary))
        return NULL;
    watch = get_watch();
    if (watch == NULL)
        return NULL;
    if (!watch->is_installed || !is_temporary)
        watch->is_temporary = is_temporary;
    if (!watch->is_installed && !install_watch(watch)) {
        release_objects(watch);
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *is_installed(PyObject *self, PyObject *none)
{
    const struct watch *watch = find_watch();

    (void)self, (void)none;
    if (PyErr_Occurred())
        return NULL;
    return PyBool_FromLong(watch != NULL && watch->copy == &disable &&
                           watch->is_installed);
}

static PyObject *remove_watch(PyObject *self, PyObject *none)
{
    struct watch *watch = find_watch();

    (void)self, (void)none;
    if (PyErr_Occurred())
        return NULL;
    if (watch != NULL && watch->copy == &disable && watch->is_installed) {
        watch->is_installed = 0;
        stop_waiting(watch);
        apply(watch, 0);
        release_objects(watch);
    }
    Py_RETURN_NONE;
}

/* Whether pytrace has started this process, and looks for hosts in it. */
static int is_launched(void)
{
    char line[128];
    long tracer = 0;
    FILE *file = fopen("/proc/self/status", "re");

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "TracerPid: %ld", &tracer) == 1)
            break;
    fclose(file);
    snprintf(line, sizeof(line), "/proc/%ld/comm", tracer);
    file = tracer == 0 ? NULL : fopen(line, "re");
    if (file == NULL)
        return 0;
    if (fgets(line, sizeof(line), file) == NULL)
        line[0] = '\0';
    fclose(file);
    return strcmp(line, "pytrace\n") == 0;
}

static int is_recorded(void)
{
    return ((python_function__entry_semaphore |
             python_function__return_semaphore | python_line_semaphore |
             python_gc__start_semaphore | python_gc__done_semaphore |
             python_import__find__load__start_semaphore |
             python_import__find__load__done_semaphore |
             python_audit_semaphore) &
            0x4000) != 0;
}

/*
 * When "pytrace record -- COMMAND" or the like has started this process, it
 * does not know yet that there is a host now: wait until it has attached, but
 * not for long.
 */
static PyObject *await_recorder(PyObject *self, PyObject *none)
{
    static const struct timespec pause = {.tv_nsec = 1000 * 1000};
    struct watch *watch = find_watch();
    int looks = is_launched() ? 2500 : 0;

    (void)self, (void)none;
    Py_BEGIN_ALLOW_THREADS;
    while (looks-- > 0 && !is_recorded()) {
        __atomic_signal_fence(__ATOMIC_ACQUIRE);
        nanosleep(&pause, NULL);
    }
    Py_END_ALLOW_THREADS;
    if (watch != NULL && watch->is_installed)
        apply(watch, traced());
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"install", FAST(install), METH_VARARGS | METH_KEYWORDS,
     "install(*, temporary=False)\n--\n\nFire the markers of this "
     "interpreter while they are traced."},
    {"remove", remove_watch, METH_NOARGS,
     "remove()\n--\n\nTake back what install() has done."},
    {"is_installed", is_installed, METH_NOARGS,
     "is_installed()\n--\n\nWhether install() was called, and not remove()."},
    {"_await_recorder", await_recorder, METH_NOARGS,
     "_await_recorder()\n--\n\nWait for the pytrace that has started this "
     "process."},
    {NULL, NULL, 0, NULL},
};

/* Where an object of that many bytes has this pointer; 0: not just once. */
static Py_ssize_t find_in(PyObject *object, long size, const PyObject *pointer)
{
    const PyObject *there;
    Py_ssize_t found = 0;
    Py_ssize_t at;

    for (at = sizeof(PyObject); at + (long)sizeof(there) <= size;
         at += sizeof(there)) {
        memcpy(&there, (const char *)object + at, sizeof(there));
        if (there == pointer) {
            if (found != 0)
                return 0;
            found = at;
        }
    }
    return found;
}

/*
 * To ask a code object for an attribute takes as long as to fire a marker, and
 * the limited API does not say where it has its names; but it is the same for
 * all code objects of an interpreter.
 */
static void find_names(void)
{
    PyObject *plain = Py_CompileString("0", "pytrace.filename", Py_eval_input);
    PyObject *replace =
        plain == NULL ? NULL : PyObject_GetAttrString(plain, "replace");
    PyObject *none = PyTuple_New(0);
    PyObject *names = Py_BuildValue("{ssss}", "co_name", "pytrace.name",
                                    "co_qualname", "pytrace.qualname");
    PyObject *code = replace == NULL || none == NULL || names == NULL
                         ? NULL
                         : PyObject_Call(replace, none, names);
    PyObject *size = code == NULL
                         ? NULL
                         : PyObject_GetAttrString((PyObject *)Py_TYPE(code),
                                                  "__basicsize__");
    PyObject *filename =
        code == NULL ? NULL : PyObject_GetAttrString(code, "co_filename");
    PyObject *funcname =
        code == NULL ? NULL : PyObject_GetAttrString(code, "co_name");

    if (size != NULL && filename != NULL && funcname != NULL) {
        filename_at = find_in(code, PyLong_AsLong(size), filename);
        funcname_at = find_in(code, PyLong_AsLong(size), funcname);
    }
    PyErr_Clear();
    Py_XDECREF(funcname);
    Py_XDECREF(filename);
    Py_XDECREF(size);
    Py_XDECREF(code);
    Py_XDECREF(names);
    Py_XDECREF(none);
    Py_XDECREF(replace);
    Py_XDECREF(plain);
}

/* What the limited API does not have; the same for all interpreters. */
static int execute(PyObject *module)
{
    PyObject *monitoring = PySys_GetObject("monitoring");

    (void)module;
    *(void **)&line_at = dlsym(RTLD_DEFAULT, "PyCode_Addr2Line");
    *(void **)&add_audit_hook = dlsym(RTLD_DEFAULT, "PySys_AddAuditHook");
    if (monitoring == NULL || line_at == NULL || add_audit_hook == NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "pytrace needs CPython 3.12 or newer");
        return -1;
    }
    find_names();
    disable = PyObject_GetAttrString(monitoring, "DISABLE");
    return disable == NULL ? -1 : 0;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, __extension__(void *) execute},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_pytrace",
    .m_doc = "The markers of pytrace in a CPython that was built without them.",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__pytrace(void)
{
    /* Objects have another layout there, so nothing of the module is used. */
    if (strstr(Py_GetVersion(), "free-threading") != NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "this build of pytrace is for CPython with the GIL");
        return NULL;
    }
    return PyModuleDef_Init(&definition);
}
