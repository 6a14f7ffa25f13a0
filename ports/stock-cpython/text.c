/*
 * text.c - strings, as tracers read them. SPDX-License-Identifier: MIT
 */
#include "watch.h"

const char *text(PyObject *string, PyObject **owner)
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
