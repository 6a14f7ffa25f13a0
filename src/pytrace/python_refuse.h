/* python_refuse.h - why a CPython is given no markers, in sentences. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_PYTHON_REFUSE_H
#define PYTRACE_PYTHON_REFUSE_H

#include "python.h"

/* All return false. */
bool refuse_python_state(enum python_state state, const struct python *python,
                         long pid, struct reason *reason);
bool refuse_no_module(const struct python *python, long pid,
                      struct reason *reason);
/* Its main thread has not looked for what is asked. */
bool refuse_blocked(const struct python *python, long pid,
                    struct reason *reason);

#endif
