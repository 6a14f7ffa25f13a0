/*
 * probes_audit.c - what the arguments of an audit event are, as a text for the
 * recorder: strings, bytes and numbers as Python writes them, the items of
 * tuples, lists and dicts, and of all else its type and address.
 *
 * It only reads: no code of the program runs, no exception is set, nothing is
 * allocated, and no reference is kept. The caller holds the GIL.
 *
 * SPDX-License-Identifier: MIT
 */
#ifdef WITH_PYTRACE

#include "Python.h"
#include "pycore_code.h"
#include "pycore_long.h"
#include "pycore_probes.h"

#include <errno.h>

/* A definition of the markers may have no text for the recorder. */
#ifndef PYTRACE_AUDIT_TEXT
#define PYTRACE_AUDIT_TEXT(event, tuple, text) \
    (0 ? (void)(text) : pytrace_audit(event, tuple))
#endif

enum {
    TEXT_SIZE = 4096, /* the recorder keeps no more */
    RESERVED = 256,   /* bytes for each argument behind a long one */
    MAX_DEPTH = 4,
    MAX_BITS = 1024   /* of a number that is written out */
};

/* A text that is being written; what does not fit is "..." once. */
struct text {
    char *at, *end;
    int is_full;
};

static void
put_bytes(struct text *text, const char *bytes, size_t count)
{
    if (text->is_full || count > (size_t)(text->end - text->at)) {
        text->is_full = 1;
        return;
    }
    memcpy(text->at, bytes, count);
    text->at += count;
}

static void
put(struct text *text, const char *string)
{
    put_bytes(text, string, strlen(string));
}

/* A character, in UTF-8; one that is none, or cannot be shown, escaped. */
static void
put_character(struct text *text, Py_UCS4 c)
{
    char bytes[16];
    size_t count = 0;
    if (c == '\\' || c == '\'') {
        bytes[count++] = '\\';
        bytes[count++] = (char)c;
    }
    else if (c == '\n' || c == '\r' || c == '\t') {
        bytes[count++] = '\\';
        bytes[count++] = c == '\n' ? 'n' : c == '\r' ? 'r' : 't';
    }
    else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
        count = (size_t)snprintf(bytes, sizeof(bytes), "\\x%02x", (unsigned)c);
    }
    else if (c < 0x80) {
        bytes[count++] = (char)c;
    }
    else if (c < 0x800) {
        bytes[count++] = (char)(0xc0 | (c >> 6));
        bytes[count++] = (char)(0x80 | (c & 0x3f));
    }
    else if (Py_UNICODE_IS_SURROGATE(c)) {
        count = (size_t)snprintf(bytes, sizeof(bytes), "\\u%04x", (unsigned)c);
    }
    else if (c < 0x10000) {
        bytes[count++] = (char)(0xe0 | (c >> 12));
        bytes[count++] = (char)(0x80 | ((c >> 6) & 0x3f));
        bytes[count++] = (char)(0x80 | (c & 0x3f));
    }
    else {
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
static int
begin_quotes(struct text *text, const char *quote)
{
    put(text, quote);
    if (text->is_full || text->end == text->at) {
        text->is_full = 1;
        return 0;
    }
    text->end--;
    return 1;
}

static void
end_quotes(struct text *text)
{
    int was_full = text->is_full;
    text->end++;
    text->is_full = 0;
    put(text, "'");
    text->is_full = was_full;
}

static void
put_str(struct text *text, PyObject *str)
{
    int kind = PyUnicode_KIND(str);
    const void *data = PyUnicode_DATA(str);
    Py_ssize_t length = PyUnicode_GET_LENGTH(str);
    if (begin_quotes(text, "'")) {
        for (Py_ssize_t i = 0; i < length && !text->is_full; i++) {
            put_character(text, PyUnicode_READ(kind, data, i));
        }
        end_quotes(text);
    }
}

static void
put_raw(struct text *text, const char *quote, const char *bytes,
        Py_ssize_t count)
{
    if (begin_quotes(text, quote)) {
        for (Py_ssize_t i = 0; i < count && !text->is_full; i++) {
            unsigned char c = (unsigned char)bytes[i];
            if (c < 0x7f) {
                put_character(text, c);
            }
            else {
                char escape[5];
                snprintf(escape, sizeof(escape), "\\x%02x", c);
                put(text, escape);
            }
        }
        end_quotes(text);
    }
}

/* One that is too large for a C number, in base 16. */
static void
put_large(struct text *text, PyLongObject *number)
{
    const digit *digits = number->long_value.ob_digit;
    size_t count = (size_t)_PyLong_DigitCount(number);
    size_t bits = count * PyLong_SHIFT;
    char buffer[MAX_BITS / 4 + 8];
    for (digit last = digits[count - 1]; !(last >> (PyLong_SHIFT - 1));
         last <<= 1) {
        bits--;
    }
    if (bits > MAX_BITS) {
        snprintf(buffer, sizeof(buffer), "<int of %zu bits>", bits);
        put(text, buffer);
        return;
    }
    char *at = buffer;
    if (_PyLong_IsNegative(number)) {
        *at++ = '-';
    }
    *at++ = '0';
    *at++ = 'x';
    for (size_t i = (bits + 3) / 4; i-- > 0;) {
        unsigned nibble = 0;
        for (size_t bit = 4 * i + 4; bit-- > 4 * i;) {
            nibble <<= 1;
            if (bit < bits) {
                nibble |= digits[bit / PyLong_SHIFT] >> bit % PyLong_SHIFT & 1;
            }
        }
        *at++ = "0123456789abcdef"[nibble];
    }
    *at = '\0';
    put(text, buffer);
}

static void
put_int(struct text *text, PyObject *number)
{
    int overflow;
    long long value = PyLong_AsLongLongAndOverflow(number, &overflow);
    if (overflow) {
        put_large(text, (PyLongObject *)number);
        return;
    }
    char buffer[32];
    snprintf(buffer, sizeof(buffer), "%lld", value);
    put(text, buffer);
}

/* The shortest digits that are this number; the point is no locale's. */
static void
put_float(struct text *text, double value)
{
    char buffer[64], *from, *to = buffer;
    int digits = 15, has_point = 0;
    do {
        snprintf(buffer, sizeof(buffer) - 2, "%.*g", digits, value);
    } while (digits++ < 17 && strtod(buffer, NULL) != value);
    for (from = buffer; *from != '\0'; from++) {
        if (strchr("0123456789+-", *from) == NULL) {
            int is_letter = strchr("aefin", *from) != NULL;
            if (is_letter) {
                *to++ = *from;
            }
            else if (!has_point) {
                *to++ = '.';
            }
            has_point = 1;
        }
        else {
            *to++ = *from;
        }
    }
    *to = '\0';
    put(text, buffer);
    if (!has_point) {
        put(text, ".0");
    }
}

/* Not the object's own words, but what it is. */
static void
put_kind(struct text *text, PyObject *object)
{
    char address[32];
    put(text, "<");
    if (PyCode_Check(object)) {
        PyCodeObject *code = (PyCodeObject *)object;
        put(text, "code ");
        put_str(text, code->co_name);
        put(text, " in ");
        put_str(text, code->co_filename);
        snprintf(address, sizeof(address), ", line %d>", code->co_firstlineno);
    }
    else if (PyType_Check(object)) {
        const char *name = ((PyTypeObject *)object)->tp_name;
        put(text, "class ");
        put_raw(text, "'", name, (Py_ssize_t)strlen(name));
        strcpy(address, ">");
    }
    else {
        const char *name = Py_TYPE(object)->tp_name;
        put_raw(text, "'", name, (Py_ssize_t)strlen(name));
        snprintf(address, sizeof(address), " at %p>", (void *)object);
    }
    put(text, address);
}

static void put_object(struct text *text, PyObject *object, int depth);

static void
put_items(struct text *text, PyObject *const *items, Py_ssize_t count,
          int depth)
{
    for (Py_ssize_t i = 0; i < count && !text->is_full; i++) {
        if (i > 0) {
            put(text, ", ");
        }
        put_object(text, items[i], depth);
    }
}

static void
put_dict(struct text *text, PyObject *dict, int depth)
{
    Py_ssize_t at = 0;
    PyObject *key, *value;
    int count = 0;
    put(text, "{");
    while (!text->is_full && PyDict_Next(dict, &at, &key, &value)) {
        if (count++ > 0) {
            put(text, ", ");
        }
        put_object(text, key, depth);
        put(text, ": ");
        put_object(text, value, depth);
    }
    put(text, "}");
}

static void
put_object(struct text *text, PyObject *object, int depth)
{
    if (object == NULL) {
        put(text, "<NULL>");
    }
    else if (object == Py_None) {
        put(text, "None");
    }
    else if (PyBool_Check(object)) {
        put(text, object == Py_True ? "True" : "False");
    }
    else if (PyUnicode_Check(object)) {
        put_str(text, object);
    }
    else if (PyBytes_Check(object)) {
        put_raw(text, "b'", PyBytes_AS_STRING(object),
                PyBytes_GET_SIZE(object));
    }
    else if (PyLong_Check(object)) {
        put_int(text, object);
    }
    else if (PyFloat_Check(object)) {
        put_float(text, PyFloat_AS_DOUBLE(object));
    }
    else if (PyTuple_Check(object)) {
        put(text, "(");
        if (depth == MAX_DEPTH) {
            put(text, "...");
        }
        else {
            put_items(text, ((PyTupleObject *)object)->ob_item,
                      PyTuple_GET_SIZE(object), depth + 1);
            if (PyTuple_GET_SIZE(object) == 1) {
                put(text, ",");
            }
        }
        put(text, ")");
    }
    else if (PyList_Check(object)) {
        put(text, "[");
        if (depth == MAX_DEPTH) {
            put(text, "...");
        }
        else {
            put_items(text, ((PyListObject *)object)->ob_item,
                      PyList_GET_SIZE(object), depth + 1);
        }
        put(text, "]");
    }
    else if (PyDict_Check(object)) {
        if (depth == MAX_DEPTH) {
            put(text, "{...}");
        }
        else {
            put_dict(text, object, depth + 1);
        }
    }
    else {
        put_kind(text, object);
    }
}

/*
 * The arguments, separated by commas. A long one leaves room for those behind
 * it: compile() has a file's whole text before the file's name.
 */
const char *
_PyProbes_Describe(PyObject *arguments, char *buffer)
{
    struct text text = {buffer, buffer, 0};
    char *end = buffer + TEXT_SIZE - sizeof("...");
    Py_ssize_t count = PyTuple_Check(arguments) ? PyTuple_GET_SIZE(arguments)
                                                : 0;
    int error = errno;
    for (Py_ssize_t i = 0; i < count; i++) {
        size_t left = (size_t)(end - text.at), behind = (size_t)(count - 1 - i);
        size_t reserved = behind * RESERVED;
        if (reserved > left / 2) {
            reserved = left - left / (behind + 1);
        }
        if (reserved + RESERVED > left) {
            reserved = left > RESERVED ? left - RESERVED : 0;
        }
        text.end = end;
        if (i > 0) {
            put(&text, ", ");
        }
        text.end = end - reserved > text.at ? end - reserved : text.at;
        put_object(&text, PyTuple_GET_ITEM(arguments, i), 0);
        if (text.is_full) {
            text.is_full = 0;
            text.end = end + sizeof("...") - 1;
            put(&text, "...");
            if (text.at > end) {
                break;
            }
        }
    }
    *text.at = '\0';
    errno = error;
    return buffer;
}

void
_PyProbes_Audit(const char *event, void *arguments)
{
    char buffer[TEXT_SIZE];
    PYTRACE_AUDIT_TEXT(event, arguments,
                       _PyProbes_Describe((PyObject *)arguments, buffer));
    PYTRACE_AUDIT_ARGUMENTS(
        event, arguments, _PyProbes_Describe((PyObject *)arguments, buffer));
}

#endif /* WITH_PYTRACE */
