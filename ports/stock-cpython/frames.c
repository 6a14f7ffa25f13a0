/*
 * frames.c - what runs: the names of code objects, their lines, the frames'
 * addresses; and where the interpreter has these.
 *
 * SPDX-License-Identifier: MIT
 */
#include "watch.h"

#include <dlfcn.h>

/* Of the whole process, the same for all interpreters; set once. */
static int (*addr2line)(PyObject *code, int offset);
/* The type of code objects; NULL where not all of it is known. */
static PyTypeObject *code_type;
/* Where a code object has these, in bytes; 0: not known. */
static Py_ssize_t filename_at, funcname_at, flags_at, line_number_at;
/* Where a thread state has the running frame, and a generator its own. */
static Py_ssize_t current_at, frame_at;

/* ---- where it is ---- */

/*
 * Where an object of that many bytes has this pointer; 0: not just once. (From
 * 3.14 on the lowest bits of a pointer may say how it is counted.)
 */
static Py_ssize_t find_in(const void *object, Py_ssize_t size,
                          const void *pointer)
{
    uintptr_t there;
    Py_ssize_t found = 0;
    Py_ssize_t at;

    for (at = sizeof(PyObject); at + (Py_ssize_t)sizeof(there) <= size;
         at += sizeof(there)) {
        memcpy(&there, (const char *)object + at, sizeof(there));
        if ((there & ~(uintptr_t)7) == (uintptr_t)pointer) {
            if (found != 0)
                return 0;
            found = at;
        }
    }
    return found;
}

/* The same for a number. */
static Py_ssize_t find_number_in(const void *object, Py_ssize_t size,
                                 int number)
{
    int there;
    Py_ssize_t found = 0;
    Py_ssize_t at;

    for (at = sizeof(PyObject); at + (Py_ssize_t)sizeof(there) <= size;
         at += sizeof(there)) {
        memcpy(&there, (const char *)object + at, sizeof(there));
        if (there == number) {
            if (found != 0)
                return 0;
            found = at;
        }
    }
    return found;
}

/* The bytes of an object, without a variable part; 0 with an exception. */
static Py_ssize_t size_of(PyObject *object)
{
    PyObject *size =
        PyObject_GetAttrString((PyObject *)Py_TYPE(object), "__basicsize__");
    Py_ssize_t number = size == NULL ? 0 : PyLong_AsSsize_t(size);

    Py_XDECREF(size);
    return number < 0 ? 0 : number;
}

/* A code object that nothing else has; NULL with an exception. */
static PyObject *code_with(PyObject *names)
{
    PyObject *plain = Py_CompileString("0", "pytrace.filename", Py_eval_input);
    PyObject *replace =
        plain == NULL ? NULL : PyObject_GetAttrString(plain, "replace");
    PyObject *none = PyTuple_New(0);
    PyObject *code = replace == NULL || none == NULL || names == NULL
                         ? NULL
                         : PyObject_Call(replace, none, names);

    Py_XDECREF(none);
    Py_XDECREF(replace);
    Py_XDECREF(plain);
    Py_XDECREF(names);
    return code;
}

/*
 * To ask a code object for an attribute takes as long as to fire a marker, and
 * the limited API does not say where it has its names; but it is the same for
 * all code objects of an interpreter.
 */
static void find_names(void)
{
    PyObject *code =
        code_with(Py_BuildValue("{ssss}", "co_name", "pytrace.name",
                                "co_qualname", "pytrace.qualname"));
    PyObject *filename =
        code == NULL ? NULL : PyObject_GetAttrString(code, "co_filename");
    PyObject *funcname =
        code == NULL ? NULL : PyObject_GetAttrString(code, "co_name");

    if (filename != NULL && funcname != NULL) {
        code_type = Py_TYPE(code);
        filename_at = find_in(code, size_of(code), filename);
        funcname_at = find_in(code, size_of(code), funcname);
    }
    PyErr_Clear();
    Py_XDECREF(funcname);
    Py_XDECREF(filename);
    Py_XDECREF(code);
}

/* The same for what is a number. */
static Py_ssize_t find_number(const char *name)
{
    enum { NUMBER = 0x2a5a5a50 }; /* as flags: of no argument */
    PyObject *code = code_with(Py_BuildValue("{si}", name, NUMBER));
    Py_ssize_t found =
        code == NULL ? 0 : find_number_in(code, size_of(code), NUMBER);

    PyErr_Clear();
    Py_XDECREF(code);
    return found;
}

/*
 * A generator has its frame within itself, which begins with its code. While it
 * runs, that frame is the thread's running one, and calls this.
 */
static PyObject *find_current(PyObject *self, PyObject *generator)
{
    enum { SEARCHED = 256 }; /* a thread state is larger */
    PyObject *code = PyObject_GetAttrString(generator, "gi_code");
    Py_ssize_t frame =
        code == NULL ? 0 : find_in(generator, size_of(generator), code);

    (void)self;
    if (frame != 0) {
        current_at = find_in(PyThreadState_Get(), SEARCHED,
                             (const char *)generator + frame);
        if (current_at != 0)
            frame_at = frame;
    }
    Py_XDECREF(code);
    PyErr_Clear();
    Py_RETURN_NONE;
}

static PyMethodDef finds_current = {"find", find_current, METH_O, NULL};

static void find_frames(void)
{
    static const char program[] = "generator = (find(generator) for _ in '0')\n"
                                  "next(generator)\n"
                                  "generator.close()\n";
    PyObject *code = Py_CompileString(program, "pytrace", Py_file_input);
    PyObject *find = PyCFunction_New(&finds_current, NULL);
    PyObject *names = find == NULL ? NULL : Py_BuildValue("{sO}", "find", find);
    PyObject *result = code == NULL || names == NULL
                           ? NULL
                           : PyEval_EvalCode(code, names, names);

    PyErr_Clear();
    Py_XDECREF(result);
    Py_XDECREF(names);
    Py_XDECREF(find);
    Py_XDECREF(code);
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
    flags_at = find_number("co_flags");
    line_number_at = find_number("co_firstlineno");
    if (filename_at == 0 || funcname_at == 0 || line_number_at == 0)
        code_type = NULL;
    find_frames();
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

void *running_frame(void)
{
    void *frame = NULL;

    if (current_at != 0)
        memcpy(&frame, (const char *)PyThreadState_Get() + current_at,
               sizeof(frame));
    return frame;
}

/* What is needed only for the recorder. */
static char *put_address(char *to, const char *what, uintptr_t address)
{
    int shift = 8 * (int)sizeof(address);

    to = stpcpy(to, what);
    while (shift > 4 && address >> (shift - 4) == 0)
        shift -= 4;
    for (; shift > 0; shift -= 4)
        *to++ = "0123456789abcdef"[address >> (shift - 4) & 0xf];
    *to = '\0';
    return to;
}

int is_of_generator(PyObject *code, const void *frame, char text[64])
{
    enum { GENERATOR = 0x20, COROUTINE = 0x80, ITERABLE = 0x100, BOTH = 0x200 };
    int flags;

    if (frame == NULL || flags_at == 0)
        return 0;
    memcpy(&flags, (const char *)code + flags_at, sizeof(flags));
    if ((flags & (GENERATOR | COROUTINE | BOTH)) == 0)
        return 0;
    put_address(text,
                flags & BOTH                     ? "asynchronous generator 0x"
                : flags & (COROUTINE | ITERABLE) ? "coroutine 0x"
                                                 : "generator 0x",
                (uintptr_t)frame - (uintptr_t)frame_at);
    return 1;
}

int is_code(PyObject *object, struct place *place)
{
    const char *code = (const char *)object;

    if (Py_TYPE(object) != code_type)
        return 0;
    memcpy(&place->filename, code + filename_at, sizeof(place->filename));
    memcpy(&place->funcname, code + funcname_at, sizeof(place->funcname));
    memcpy(&place->line, code + line_number_at, sizeof(place->line));
    return 1;
}

/* (The limited API gives a part of it only; it stands first.) */
const char *name_of(PyTypeObject *type)
{
    const char *name;

    memcpy(&name, (const char *)type + sizeof(PyVarObject), sizeof(name));
    return name;
}
