/*
 * hooks.c - collections, imports and audit events: what the interpreter calls,
 * and what turns that on and off.
 *
 * SPDX-License-Identifier: MIT
 */
#include "watch.h"

#include <dlfcn.h>

static int (*add_audit_hook)(int (*hook)(const char *, PyObject *, void *),
                             void *data);
static int has_audit_hook;

/* ---- callbacks ---- */

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
    char buffer[TEXT_SIZE];

    (void)data;
    PYTRACE_AUDIT_TEXT(event, arguments, describe(arguments, buffer));
    return 0;
}
static PyMethodDef callback_collecting = {"collecting", FAST(collecting),
                                          METH_FASTCALL, NULL};
static PyMethodDef callback_import = {"_find_and_load", FAST(find_and_load),
                                      METH_FASTCALL | METH_KEYWORDS, NULL};

/* ---- switches ---- */

int switch_collections(struct watch *watch, unsigned wanted)
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

int switch_imports(struct watch *watch, unsigned wanted)
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
int switch_audit(unsigned wanted)
{
    if (wanted && !has_audit_hook)
        has_audit_hook = add_audit_hook(audited, NULL) == 0;
    return 1;
}

PyObject *new_collecting(void)
{
    return PyCFunction_New(&callback_collecting, NULL);
}

int find_hooks(void)
{
    *(void **)&add_audit_hook = dlsym(RTLD_DEFAULT, "PySys_AddAuditHook");
    if (add_audit_hook == NULL)
        PyErr_SetString(PyExc_ImportError,
                        "pytrace needs a CPython with PySys_AddAuditHook()");
    return add_audit_hook != NULL;
}
