/*
 * audit_text.c - what the arguments of an audit event are, as a text for the
 * recorder, as CPython's port has it (ports/cpython/probes_audit.c), by the
 * limited API: strings, bytes and numbers as Python writes them, the items of
 * tuples, lists and dicts, and of all else its type and address.
 *
 * No code of the program runs, no exception is set, and no reference is kept.
 *
 * SPDX-License-Identifier: MIT
 */
#include "watch.h"

#include <errno.h>
#include <stdio.h>

enum {
    RESERVED = 256, /* bytes for each argument behind a long one */
    MAX_DEPTH = 4,
    MAX_BITS = 1024 /* of a number that is written out */
};

/* A text that is being written; what does not fit is "..." once. */
struct text {
    char *at, *end;
    int is_full;
};

static void put_bytes(struct text *text, const char *bytes, size_t count)
{
    if (text->is_full || count > (size_t)(text->end - text->at)) {
        text->is_full = 1;
        return;
    }
    memcpy(text->at, bytes, count);
    text->at += count;
}

static void put(struct text *text, const char *string)
{
    put_bytes(text, string, strlen(string));
}

/* A character, in UTF-8; one that is none, or cannot be shown, escaped. */
static void put_character(struct text *text, Py_UCS4 c)
{
    char bytes[16];
    size_t count = 0;

    if (c == '\\' || c == '\'') {
        bytes[count++] = '\\';
        bytes[count++] = (char)c;
    } else if (c == '\n' || c == '\r' || c == '\t') {
        bytes[count++] = '\\';
        bytes[count++] = c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
    } else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
        count = (size_t)snprintf(bytes, sizeof(bytes), "\\x%02x", (unsigned)c);
    } else if (c < 0x80) {
        bytes[count++] = (char)c;
    } else if (c < 0x800) {
        bytes[count++] = (char)(0xc0 | (c >> 6));
        bytes[count++] = (char)(0x80 | (c & 0x3f));
    } else if (c >= 0xd800 && c < 0xe000) {
        count = (size_t)snprintf(bytes, sizeof(bytes), "\\u%04x", (unsigned)c);
    } else if (c < 0x10000) {
        bytes[count++] = (char)(0xe0 | (c >> 12));
        bytes[count++] = (char)(0x80 | ((c >> 6) & 0x3f));
        bytes[count++] = (char)(0x80 | (c & 0x3f));
    } else {
        bytes[count++] = (char)(0xf0 | (c >> 18));
        bytes[count++] = (char)(0x80 | ((c >> 12) & 0x3f));
        bytes[count++] = (char)(0x80 | ((c >> 6) & 0x3f));
        bytes[count++] = (char)(0x80 | (c & 0x3f));
    }
    put_bytes(text, bytes, count);
}

/*
 * What is between quotes is cut between two characters, and closed; so that
 * there is room for it, the end comes earlier meanwhile.
 */
static int begin_quotes(struct text *text, const char *quote)
{
    put(text, quote);
    if (text->is_full || text->end == text->at) {
        text->is_full = 1;
        return 0;
    }
    text->end--;
    return 1;
}

static void end_quotes(struct text *text)
{
    int was_full = text->is_full;

    text->end++;
    text->is_full = 0;
    put(text, "'");
    text->is_full = was_full;
}

static void put_str(struct text *text, PyObject *str)
{
    Py_ssize_t length = PyUnicode_GetLength(str);
    Py_ssize_t i;

    if (!begin_quotes(text, "'"))
        return;
    for (i = 0; i < length && !text->is_full; i++)
        put_character(text, PyUnicode_ReadChar(str, i));
    end_quotes(text);
}

static void put_raw(struct text *text, const char *quote, const char *bytes,
                    Py_ssize_t count)
{
    char escape[5];
    Py_ssize_t i;

    if (!begin_quotes(text, quote))
        return;
    for (i = 0; i < count && !text->is_full; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c < 0x7f) {
            put_character(text, c);
        } else {
            snprintf(escape, sizeof(escape), "\\x%02x", c);
            put(text, escape);
        }
    }
    end_quotes(text);
}

/* One that is too large for a C number, in base 16. */
static void put_large(struct text *text, PyObject *number)
{
    PyObject *digits = PyNumber_ToBase(number, 16);
    const char *string =
        digits == NULL ? NULL : PyUnicode_AsUTF8AndSize(digits, NULL);
    const char *first = string == NULL ? NULL : strchr(string, 'x') + 1;
    size_t bits = 0;
    char buffer[64];
    int nibble;

    if (first != NULL) {
        bits = 4 * strlen(first);
        nibble = *first <= '9' ? *first - '0' : *first - 'a' + 10;
        while (nibble < 8) {
            nibble *= 2;
            bits--;
        }
    }
    if (bits > MAX_BITS) {
        snprintf(buffer, sizeof(buffer), "<int of %zu bits>", bits);
        put(text, buffer);
    } else {
        put(text, string == NULL ? "<int>" : string);
    }
    PyErr_Clear();
    Py_XDECREF(digits);
}

static void put_int(struct text *text, PyObject *number)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    char buffer[32];

    if (overflow) {
        put_large(text, number);
        return;
    }
    snprintf(buffer, sizeof(buffer), "%lld", value);
    put(text, buffer);
}

static void put_float(struct text *text, double value)
{
    char *digits =
        PyOS_double_to_string(value, 'r', 0, Py_DTSF_ADD_DOT_0, NULL);

    put(text, digits != NULL ? digits : "<float>");
    PyMem_Free(digits);
    PyErr_Clear();
}

/* Not the object's own words, but what it is. */
static void put_kind(struct text *text, PyObject *object)
{
    struct place place;
    char end[64];
    const char *name;

    put(text, "<");
    if (is_code(object, &place)) {
        put(text, "code ");
        put_str(text, place.funcname);
        put(text, " in ");
        put_str(text, place.filename);
        snprintf(end, sizeof(end), ", line %d>", place.line);
    } else if (PyType_Check(object)) {
        name = name_of((PyTypeObject *)object);
        put(text, "class ");
        put_raw(text, "'", name, (Py_ssize_t)strlen(name));
        strcpy(end, ">");
    } else {
        name = name_of(Py_TYPE(object));
        put_raw(text, "'", name, (Py_ssize_t)strlen(name));
        snprintf(end, sizeof(end), " at %p>", (void *)object);
    }
    put(text, end);
}

static void put_object(struct text *text, PyObject *object, int depth);

static void put_items(struct text *text, PyObject *sequence, Py_ssize_t count,
                      PyObject *(*item)(PyObject *, Py_ssize_t), int depth)
{
    Py_ssize_t i;

    if (depth == MAX_DEPTH) {
        put(text, "...");
        return;
    }
    for (i = 0; i < count && !text->is_full; i++) {
        if (i > 0)
            put(text, ", ");
        put_object(text, item(sequence, i), depth + 1);
    }
}

static void put_dict(struct text *text, PyObject *dict, int depth)
{
    PyObject *key, *value;
    Py_ssize_t at = 0;
    int count = 0;

    if (depth == MAX_DEPTH) {
        put(text, "...");
        return;
    }
    while (!text->is_full && PyDict_Next(dict, &at, &key, &value)) {
        if (count++ > 0)
            put(text, ", ");
        put_object(text, key, depth + 1);
        put(text, ": ");
        put_object(text, value, depth + 1);
    }
}

static void put_object(struct text *text, PyObject *object, int depth)
{
    char *bytes;
    Py_ssize_t count;

    if (object == NULL) {
        put(text, "<NULL>");
    } else if (object == Py_None) {
        put(text, "None");
    } else if (PyBool_Check(object)) {
        put(text, object == Py_True ? "True" : "False");
    } else if (PyUnicode_Check(object)) {
        put_str(text, object);
    } else if (PyBytes_Check(object)) {
        PyBytes_AsStringAndSize(object, &bytes, &count);
        put_raw(text, "b'", bytes, count);
    } else if (PyLong_Check(object)) {
        put_int(text, object);
    } else if (PyFloat_Check(object)) {
        put_float(text, PyFloat_AsDouble(object));
    } else if (PyTuple_Check(object)) {
        count = PyTuple_Size(object);
        put(text, "(");
        put_items(text, object, count, PyTuple_GetItem, depth);
        put(text, count == 1 && depth < MAX_DEPTH ? ",)" : ")");
    } else if (PyList_Check(object)) {
        put(text, "[");
        Py_BEGIN_CRITICAL_SECTION(object);
        put_items(text, object, PyList_Size(object), PyList_GetItem, depth);
        Py_END_CRITICAL_SECTION();
        put(text, "]");
    } else if (PyDict_Check(object)) {
        put(text, "{");
        Py_BEGIN_CRITICAL_SECTION(object);
        put_dict(text, object, depth);
        Py_END_CRITICAL_SECTION();
        put(text, "}");
    } else {
        put_kind(text, object);
    }
}

/*
 * The arguments, separated by commas. A long one leaves room for those behind
 * it: compile() has a file's whole text before the file's name.
 */
const char *describe(PyObject *arguments, char buffer[TEXT_SIZE])
{
    struct text text = {buffer, buffer, 0};
    char *end = buffer + TEXT_SIZE - sizeof("...");
    Py_ssize_t count = arguments == NULL ? 0 : PyTuple_Size(arguments);
    int error = errno;
    Py_ssize_t i;

    for (i = 0; i < count; i++) {
        size_t left = (size_t)(end - text.at), behind = (size_t)(count - 1 - i);
        size_t reserved = behind * RESERVED;

        if (reserved > left / 2)
            reserved = left - left / (behind + 1);
        if (reserved + RESERVED > left)
            reserved = left > RESERVED ? left - RESERVED : 0;
        text.end = end;
        if (i > 0)
            put(&text, ", ");
        text.end = end - reserved > text.at ? end - reserved : text.at;
        put_object(&text, PyTuple_GetItem(arguments, i), 0);
        if (text.is_full) {
            text.is_full = 0;
            text.end = end + sizeof("...") - 1;
            put(&text, "...");
            if (text.at > end)
                break;
        }
    }
    *text.at = '\0';
    PyErr_Clear();
    errno = error;
    return buffer;
}
