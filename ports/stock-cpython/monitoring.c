/*
 * monitoring.c - functions and lines, by sys.monitoring: what the interpreter
 * calls, and what turns that on and off.
 *
 * SPDX-License-Identifier: MIT
 */
#include "watch.h"

static PyObject *disable; /* sys.monitoring.DISABLE, which is static */

/* ---- callbacks ---- */

/* The line of an instruction; 0 where there is none. */
static int line_of(PyObject *code, PyObject *offset)
{
    int line = line_at(code, PyLong_AsLong(offset));

    return line < 0 ? 0 : line;
}

/* The arguments are (code, offset, ...). */
static PyObject *entered(PyObject *self, PyObject *const *arguments,
                         Py_ssize_t count)
{
    struct names names;
    void *frame;
    char generator[64];

    (void)self, (void)count;
    if (PYTRACE_FUNCTION_ENTRY_ENABLED()) {
        frame = running_frame();
        take_names(arguments[0], &names);
        if (PYTRACE_FUNCTION_ENTRY_RECORDED() &&
            is_of_generator(arguments[0], frame, generator))
            pytrace_function_entry_text(names.filename, names.funcname,
                                        line_of(arguments[0], arguments[1]),
                                        frame, generator);
        else
            PYTRACE_FUNCTION_ENTRY(names.filename, names.funcname,
                                   line_of(arguments[0], arguments[1]), frame);
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
                                line_of(arguments[0], arguments[1]),
                                running_frame());
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
                                line < 0 ? 0 : line, running_frame());
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
        line = line_at(arguments[0], to);
        if (line == line_at(arguments[0], from)) {
            if (line >= 0)
                fire_line(arguments[0], line);
            Py_RETURN_NONE;
        }
    }
    return Py_NewRef(disable);
}
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

int switch_evaluation(struct watch *watch, unsigned wanted)
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

int find_monitoring(void)
{
    PyObject *monitoring = PySys_GetObject("monitoring");

    if (monitoring == NULL) {
        PyErr_SetString(PyExc_ImportError,
                        "pytrace needs CPython 3.12 or newer");
        return 0;
    }
    disable = PyObject_GetAttrString(monitoring, "DISABLE");
    return disable != NULL;
}
