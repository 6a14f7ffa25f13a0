/* python_script.h - a script that a CPython runs, and its answer. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_PYTHON_SCRIPT_H
#define PYTRACE_PYTHON_SCRIPT_H

#include "python.h"
#include "python_room.h"

struct python_process {
    long pid;
    int memory; /* /proc/PID/mem, to write */
    struct python python;
    struct python_thread thread;
    struct status status;
};

enum script_result {
    SCRIPT_RAN,
    SCRIPT_NOT_ASKED, /* errno says why not */
    SCRIPT_NOT_RUN,   /* no thread has looked for it in time */
    SCRIPT_SILENT     /* it has begun, and not answered */
};

/*
 * Run a function work(sys, path) of Python, and wait for what it returns, or
 * for its exception, as a text of at most size bytes.
 */
enum script_result script_run(const struct python_process *process,
                              const struct room *room, const char *work,
                              char *text, size_t size);
/* A path as the script's path() takes it; allocated. */
char *script_path(const char *path);
/* Its memory is gone. */
bool script_has_ended(const struct python_process *process);

#endif
