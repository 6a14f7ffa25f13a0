/*
 * install.c - the extension module: install(), remove(), and what the
 * interpreter must know of them.
 *
 * SPDX-License-Identifier: MIT
 */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

/* By its address this copy of the library is known. */
static const char this_copy;

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
    struct watch *watch = PyCapsule_GetPointer(self, key);

    (void)none;
    /* (By threads that are not in the child.) */
    watch->applying = 0;
    stop_waiting(watch);
    start_pending(watch);
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
    watch->collecting = new_collecting();
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
    if (watch != NULL && watch->copy == &this_copy)
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
    watch->copy = &this_copy;
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
    if (watch->monitoring == NULL && !find_objects(watch)) {
        release_objects(watch);
        return 0;
    }
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

static PyObject *install_alone(PyObject *self, PyObject *arguments,
                               PyObject *names)
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
    if (!watch->is_installed && !install_watch(watch))
        return NULL;
    Py_RETURN_NONE;
}

static PyObject *install(PyObject *self, PyObject *arguments, PyObject *names)
{
    PyObject *result;

    Py_BEGIN_CRITICAL_SECTION(self);
    result = install_alone(self, arguments, names);
    Py_END_CRITICAL_SECTION();
    return result;
}

static PyObject *is_installed(PyObject *self, PyObject *none)
{
    const struct watch *watch = find_watch();

    (void)self, (void)none;
    if (PyErr_Occurred())
        return NULL;
    return PyBool_FromLong(watch != NULL && watch->copy == &this_copy &&
                           watch->is_installed);
}

static PyObject *remove_watch(PyObject *self, PyObject *none)
{
    struct watch *watch = find_watch();

    (void)self, (void)none;
    if (PyErr_Occurred())
        return NULL;
    Py_BEGIN_CRITICAL_SECTION(self);
    if (watch != NULL && watch->copy == &this_copy && watch->is_installed) {
        watch->is_installed = 0;
        stop_waiting(watch);
        /* (Meanwhile another thread may have installed it again.) */
        if (!watch->is_installed)
            apply(watch, 0);
    }
    Py_END_CRITICAL_SECTION();
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
 * not for long. It switches on one marker after the other: wait until no more
 * follow.
 */
static PyObject *await_recorder(PyObject *self, PyObject *none)
{
    static const struct timespec pause = {.tv_nsec = 1000 * 1000};
    enum { SETTLED = 20 };
    struct watch *watch = find_watch();
    int looks = is_launched() ? 2500 : 0, unchanged = 0;
    unsigned before = 0, now;

    (void)self, (void)none;
    Py_BEGIN_ALLOW_THREADS;
    while (looks-- > 0 && unchanged < SETTLED) {
        __atomic_signal_fence(__ATOMIC_ACQUIRE);
        now = traced();
        unchanged = is_recorded() && now == before ? unchanged + 1 : 0;
        before = now;
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
static int execute(PyObject *module)
{
    (void)module;
    return find_monitoring() && find_hooks() && find_layout() ? 0 : -1;
}

static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, __extension__(void *) execute},
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
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
#ifndef Py_GIL_DISABLED
    /* Objects have another layout there, so nothing of the module is used. */
    if (strstr(Py_GetVersion(), "free-threading") != NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "this build of pytrace is for CPython with the GIL");
        return NULL;
    }
#endif
    return PyModuleDef_Init(&definition);
}
