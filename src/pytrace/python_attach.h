/* python_attach.h - the markers for a CPython that runs without them. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_PYTHON_ATTACH_H
#define PYTRACE_PYTHON_ATTACH_H

#include "python.h"

/*
 * Where the process is a CPython that nothing has prepared, have it load the
 * markers (ports/stock-cpython). True also where that is not needed, or where
 * it is no CPython. False: it cannot be; why not, and what works. force: also
 * where a filter of system calls may end the process. Within a second or so.
 */
bool python_attach(long pid, bool force, struct reason *reason);
/* Leave all of these processes as they were. */
void python_detach(void);

/* Whether it is a CPython that takes none while it runs; why, and what works.
 */
bool python_refuses(long pid, struct reason *reason);
/* Whether one could be given the markers. */
bool python_can_attach(const struct python *python);
/* Whether a file with markers is the module that a CPython loads. */
bool python_is_module(const char *path);
/* Whether it is at work in the process; else its markers never fire. */
bool python_module_works(long pid);

#endif
