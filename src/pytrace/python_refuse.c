/*
 * python_refuse.c - why a CPython is given no markers: each time a sentence
 * that says what works.
 *
 * SPDX-License-Identifier: MIT
 */
#include "python_refuse.h"
#include "idle.h"
#include "refuse.h"

bool refuse_python_state(enum python_state state, const struct python *python,
                         long pid, struct reason *reason)
{
    char name[32];

    name_read(pid, name);
    switch (state) {
    case PYTHON_TOO_OLD:
        if (python->minor >= 12)
            return because(reason,
                           "process %ld (%s) has no markers, and its CPython "
                           "3.%u takes none while it runs, as 3.14 and newer "
                           "do: start it by python3.%u -m pytrace SCRIPT",
                           pid, name, python->minor, python->minor);
        return because(reason,
                       "process %ld (%s) has no markers, and its CPython "
                       "(3.%u) is too old to be given any: use 3.12 or newer, "
                       "or build it with them (ports/cpython)",
                       pid, name, python->minor);
    case PYTHON_TOO_NEW:
        return because(reason,
                       "process %ld (%s) has no markers, and its CPython 3.%u "
                       "is newer than this pytrace: use a newer pytrace, or "
                       "start it by python3.%u -m pytrace SCRIPT",
                       pid, name, python->minor, python->minor);
    case PYTHON_FORBIDS:
        return because(reason,
                       "process %ld (%s) has no markers, and forbids to load "
                       "them (PYTHON_DISABLE_REMOTE_DEBUG, -X "
                       "disable-remote-debug, or how CPython was built): start "
                       "it by python3.%u -m pytrace SCRIPT",
                       pid, name, python->minor);
    default:
        return because(reason,
                       "process %ld (%s) has no markers, and its CPython is "
                       "starting or ending: try again",
                       pid, name);
    }
}

bool refuse_no_module(const struct python *python, long pid,
                      struct reason *reason)
{
    return because(reason,
                   "process %ld runs CPython 3.%u%s without markers, and this "
                   "pytrace has no module for it in %s: make stock-cpython "
                   "builds it",
                   pid, python->minor,
                   python->is_free_threaded ? " (free-threaded)" : "",
                   PYTRACE_PYTHON_DIRECTORY);
}

bool refuse_blocked(const struct python *python, long pid,
                    struct reason *reason)
{
    struct idle idle;
    char name[32], where[96];

    name_read(pid, name);
    if (!idle_look(&idle, (uint32_t)pid))
        return because(reason, "there is no process %ld any more", pid);
    if (idle.state == 'T' || idle.state == 't')
        return because(reason,
                       "process %ld (%s) has no markers, and is stopped: kill "
                       "-CONT %ld continues it",
                       pid, name, pid);
    if (idle.call >= 0 && idle.call_name != NULL)
        snprintf(where, sizeof(where), "waits in %s", idle.call_name);
    else if (idle.call >= 0)
        snprintf(where, sizeof(where), "waits in system call %ld", idle.call);
    else
        snprintf(where, sizeof(where), "runs C code");
    return because(reason,
                   "process %ld (%s) has no markers, and cannot load them now, "
                   "as its main thread %s and runs no Python: try again when "
                   "it does, or start it by python3.%u -m pytrace SCRIPT",
                   pid, name, where, python->minor);
}
