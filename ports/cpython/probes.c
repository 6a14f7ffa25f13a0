/* The markers' arguments: names that any tracer can read, and lines. */
/* SPDX-License-Identifier: MIT */
#ifdef WITH_PYTRACE

#include "Python.h"
#include "pycore_code.h"
#include "pycore_frame.h"
#include "pycore_instruments.h"
#include "pycore_opcode_metadata.h"
#include "pycore_probes.h"
#include "opcode.h"

const char _PyProbes_detached;

/* Longer names are cut when they are not ASCII; tracers read far less. */
#define NAME_SIZE 1024

/*
 * str in UTF-8. What UTF-8 cannot say, a lone surrogate, is written \udcff, as
 * errors="backslashreplace" does. ASCII needs no copy. PyUnicode_AsUTF8()
 * would raise, and leave a copy with the object that sys.getsizeof() counts.
 */
static const char *
text(PyObject *str, char buffer[NAME_SIZE])
{
    if (!PyUnicode_Check(str)) {
        return "?";
    }
    if (PyUnicode_IS_ASCII(str)) {
        return (const char *)PyUnicode_1BYTE_DATA(str);
    }
    int kind = PyUnicode_KIND(str);
    const void *data = PyUnicode_DATA(str);
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    char *end = buffer;
    for (Py_ssize_t i = 0; i < length && end < buffer + NAME_SIZE - 7; i++) {
        Py_UCS4 c = PyUnicode_READ(kind, data, i);
        if (c < 0x80) {
            *end++ = (char)c;
        }
        else if (c < 0x800) {
            *end++ = (char)(0xc0 | (c >> 6));
            *end++ = (char)(0x80 | (c & 0x3f));
        }
        else if (Py_UNICODE_IS_SURROGATE(c)) {
            end += snprintf(end, 7, "\\u%04x", (unsigned int)c);
        }
        else if (c < 0x10000) {
            *end++ = (char)(0xe0 | (c >> 12));
            *end++ = (char)(0x80 | ((c >> 6) & 0x3f));
            *end++ = (char)(0x80 | (c & 0x3f));
        }
        else {
            *end++ = (char)(0xf0 | (c >> 18));
            *end++ = (char)(0x80 | ((c >> 12) & 0x3f));
            *end++ = (char)(0x80 | ((c >> 6) & 0x3f));
            *end++ = (char)(0x80 | (c & 0x3f));
        }
    }
    *end = '\0';
    return buffer;
}

/* The line of sys.settrace()'s events, f_lineno; 0 where there is none. */
static int
current_line(_PyInterpreterFrame *frame)
{
    int line = PyUnstable_InterpreterFrame_GetLine(frame);
    return line < 0 ? 0 : line;
}

/* (A definition of the markers may have no text for the recorder.) */
#ifdef PYTRACE_FUNCTION_ENTRY_TEXT
/* What the code of a frame that is an object's makes of that. */
static const char *
kind(PyCodeObject *code)
{
    if (code->co_flags & CO_ASYNC_GENERATOR) {
        return "asynchronous generator";
    }
    return code->co_flags & (CO_COROUTINE | CO_ITERABLE_COROUTINE)
               ? "coroutine" : "generator";
}
#endif

/* The recorder learns which object it is that begins or goes on. */
void
_PyProbes_FunctionEntry(_PyInterpreterFrame *frame)
{
    char filename[NAME_SIZE], funcname[NAME_SIZE];
    PyCodeObject *code = _PyFrame_GetCode(frame);
#ifdef PYTRACE_FUNCTION_ENTRY_TEXT
    char coroutine[64];
    if (frame->owner == FRAME_OWNED_BY_GENERATOR &&
        PYTRACE_FUNCTION_ENTRY_RECORDED())
    {
        snprintf(coroutine, sizeof(coroutine), "%s %p", kind(code),
                 (void *)_PyFrame_GetGenerator(frame));
        pytrace_function_entry_text(text(code->co_filename, filename),
                                    text(code->co_name, funcname),
                                    current_line(frame), frame, coroutine);
        return;
    }
#endif
    pytrace_function_entry(text(code->co_filename, filename),
                           text(code->co_name, funcname),
                           current_line(frame), frame);
}

void
_PyProbes_FunctionReturn(_PyInterpreterFrame *frame)
{
    char filename[NAME_SIZE], funcname[NAME_SIZE];
    /* A shim around __init__(), or a function that did not come to its RESUME:
       neither has entered. */
    if (_PyFrame_IsIncomplete(frame)) {
        return;
    }
    PyCodeObject *code = _PyFrame_GetCode(frame);
    pytrace_function_return(text(code->co_filename, filename),
                            text(code->co_name, funcname),
                            current_line(frame), frame);
}

int
_PyProbes_IsResume(_PyInterpreterFrame *frame, _Py_CODEUNIT *next_instr)
{
    PyCodeObject *code = _PyFrame_GetCode(frame);
    return _Py_GetBaseOpcode(code, (int)(next_instr - _PyCode_CODE(code))) ==
        RESUME;
}

int
_PyProbes_StartsElsewhere(_PyInterpreterFrame *frame)
{
    PyCodeObject *code = _PyFrame_GetCode(frame);
    return frame->owner == FRAME_OWNED_BY_GENERATOR &&
        frame->instr_ptr >= _PyCode_CODE(code) + code->_co_firsttraceable &&
        !_PyProbes_IsResume(frame, frame->instr_ptr);
}

/*
 * sys.settrace() reports a line where an instruction that starts one follows
 * one of another line or a RESUME, and where a jump goes back within a line:
 * see _Py_call_instrumentation_line() and sys_trace_jump_func().
 */
void
_PyProbes_Instruction(_PyInterpreterFrame *frame, _Py_CODEUNIT *next_instr)
{
    char filename[NAME_SIZE], funcname[NAME_SIZE];
    if (_PyFrame_IsIncomplete(frame)) {
        return;
    }
    PyCodeObject *code = _PyFrame_GetCode(frame);
    if (_PyInstrumentation_FindLines(code) < 0) {
        return;
    }
    int index = (int)(next_instr - _PyCode_CODE(code));
    int line = _Py_Instrumentation_GetLine(code, index);
    if (line < 0) {
        return;
    }
    int starts = _PyInstrumentation_StartsLine(code, index);
    int previous = (int)(frame->instr_ptr - _PyCode_CODE(code));
    if (_Py_Instrumentation_GetLine(code, previous) == line) {
        int opcode = _Py_GetBaseOpcode(code, previous);
        /* Where f_lineno has been set, index is previous, too; the one that
           jumps to itself goes back by two, its own size. */
        int back = index < previous ||
            (index == previous && _PyCode_CODE(code)[index].op.arg == 2);
        if (opcode == JUMP_BACKWARD ? !back : !starts || opcode != RESUME) {
            return;
        }
    }
    else if (!starts) {
        return;
    }
    pytrace_line(text(code->co_filename, filename),
                 text(code->co_name, funcname), line);
}

void
_PyProbes_ImportStart(PyObject *name)
{
    char buffer[NAME_SIZE];
    pytrace_import_find_load_start(text(name, buffer));
}

void
_PyProbes_ImportDone(PyObject *name, int found)
{
    char buffer[NAME_SIZE];
    pytrace_import_find_load_done(text(name, buffer), found);
}

/* An exception that the frame has met first: the traceback has begun here. One
   that has been caught and is raised again by its name has a longer one. */
static int
is_thrown_here(PyObject *exc, _PyInterpreterFrame *frame, _Py_CODEUNIT *instr)
{
    PyCodeObject *code = _PyFrame_GetCode(frame);
    PyTracebackObject *traceback =
        (PyTracebackObject *)((PyBaseExceptionObject *)exc)->traceback;
    if (traceback == NULL || traceback->tb_frame->f_frame != frame) {
        return 0;
    }
    return traceback->tb_next == NULL ||
        _Py_GetBaseOpcode(code, (int)(instr - _PyCode_CODE(code))) ==
            RAISE_VARARGS;
}

void
_PyProbes_ExceptionThrown(PyThreadState *tstate, _PyInterpreterFrame *frame,
                          _Py_CODEUNIT *instr)
{
    char filename[NAME_SIZE], funcname[NAME_SIZE], arguments[4096];
    PyCodeObject *code = _PyFrame_GetCode(frame);
    PyObject *exc = tstate->current_exception;
    if (_PyFrame_IsIncomplete(frame) || !is_thrown_here(exc, frame, instr)) {
        return;
    }
    PYTRACE_EXCEPTION_THROWN_TEXT(
        Py_TYPE(exc)->tp_name, text(code->co_filename, filename),
        current_line(frame), text(code->co_name, funcname),
        _PyProbes_Describe(((PyBaseExceptionObject *)exc)->args, arguments));
}

void
_PyProbes_ExceptionCaught(_PyInterpreterFrame *frame, _Py_CODEUNIT *instr,
                          PyObject *exc)
{
    char filename[NAME_SIZE], funcname[NAME_SIZE];
    PyCodeObject *code = _PyFrame_GetCode(frame);
    /* Only those that are in the source begin so. */
    if (_Py_GetBaseOpcode(code, (int)(instr - _PyCode_CODE(code))) !=
        PUSH_EXC_INFO)
    {
        return;
    }
    pytrace_exception_caught(Py_TYPE(exc)->tp_name,
                             text(code->co_filename, filename),
                             current_line(frame),
                             text(code->co_name, funcname));
}

/* An attribute of the object itself; its class's own way to get one is code of
   the program, and does not run. Returns NULL where there is none. */
static PyObject *
own_attribute(PyObject *object, const char *name)
{
    PyObject *key = PyUnicode_InternFromString(name), *value = NULL;
    if (key != NULL) {
        value = PyObject_GenericGetAttr(object, key);
        Py_DECREF(key);
    }
    PyErr_Clear();
    return value;
}

/* What threading starts is a method of its Thread, which has a name; func of
   _thread.start_new_thread() has none, and the program does not wait for it. */
void
_PyProbes_Thread(PyObject *func, int starts)
{
    char buffer[NAME_SIZE];
    PyObject *exc = PyErr_GetRaisedException();
    PyObject *name = NULL, *daemon = NULL;
    if (PyMethod_Check(func)) {
        name = own_attribute(PyMethod_GET_SELF(func), "_name");
        daemon = own_attribute(PyMethod_GET_SELF(func), "_daemonic");
    }
    const char *shown = name != NULL ? text(name, buffer) : "";
    (starts ? pytrace_thread_start : pytrace_thread_stop)(
        shown, (unsigned long)strlen(shown), PyThread_get_thread_ident(),
        PyThread_get_thread_native_id(), daemon != Py_False);
    Py_XDECREF(name);
    Py_XDECREF(daemon);
    PyErr_SetRaisedException(exc);
}

void
_PyProbes_Task(PyObject *task, PyObject *name, int enters)
{
    char buffer[NAME_SIZE];
    const char *shown = Py_TYPE(task)->tp_name;
    if (!PYTRACE_TASKS_ENABLED()) {
        return;
    }
    if (name != NULL && PyUnicode_Check(name)) {
        shown = text(name, buffer);
    }
    else if (name != NULL && PyLong_CheckExact(name)) {
        snprintf(buffer, sizeof(buffer), "Task-%ld", PyLong_AsLong(name));
        shown = buffer;
    }
    if (enters) {
        PYTRACE_TASK_ENTER(task, shown);
    }
    else {
        PYTRACE_TASK_LEAVE(task, shown);
    }
}

#endif /* WITH_PYTRACE */
