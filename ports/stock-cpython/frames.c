/*
 * frames.c - what the interpreter's code objects have, and where.
 *
 * SPDX-License-Identifier: MIT
 */
#include "watch.h"

#include <dlfcn.h>

/* Of the whole process, the same for all interpreters; set once. */
static int (*addr2line)(PyObject *code, int offset);
/* Where a code object has these names, in bytes; 0: not known. */
static Py_ssize_t filename_at, funcname_at;

/* ---- where it is ---- */

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
int find_layout(void)
{
    *(void **)&addr2line = dlsym(RTLD_DEFAULT, "PyCode_Addr2Line");
    if (addr2line == NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "pytrace needs a CPython with PyCode_Addr2Line()");
        return 0;
    }
    find_names();
    return 1;
}

/* ---- what it is ---- */

void take_names(PyObject *code, struct names *names)
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

void release_names(struct names *names)
{
    size_t i;

    for (i = 0; i < sizeof(names->objects) / sizeof(names->objects[0]); i++)
        Py_XDECREF(names->objects[i]);
}

int line_at(PyObject *code, long offset)
{
    return addr2line(code, (int)offset);
}
