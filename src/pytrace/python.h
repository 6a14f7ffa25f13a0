/*
 * python.h - a CPython that another program runs: its version, and a script for
 * one of its threads, by the interpreter's own interface for that (PEP 768,
 * from 3.14 on). Nothing is executed here, and nothing is stopped there.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_PYTHON_H
#define PYTRACE_PYTHON_H

#include "hosts.h"
#include "process.h"

struct python {
    int memory;       /* /proc/PID/mem: of who has filled this in */
    uint64_t runtime; /* where its state is in the process */
    unsigned word;    /* bytes of an address */
    bool big_endian;
    unsigned machine;
    unsigned minor; /* of 3.MINOR; 0: it is so old that it is not known */
    bool is_free_threaded;
};

/*
 * In the visit of a process' files: whether this one is a CPython, and which.
 * memory is /proc/PID/mem, or -1: it may not be read.
 */
bool python_in_file(struct python *python, const struct process *process,
                    const struct known_file *file, int memory);

/* What it says to a script from outside. */
enum python_state {
    PYTHON_TAKES,
    PYTHON_TOO_OLD,
    PYTHON_TOO_NEW, /* how it takes one is not known here */
    PYTHON_FORBIDS, /* by its configuration */
    PYTHON_NOT_UP   /* it is starting or ending, or cannot be read */
};

/* Where a thread's request is in the process. */
struct python_thread {
    uint64_t pending, path, breaker;
    uint64_t path_bytes;
};

/*
 * thread is filled in where it takes one; NULL: only the state is asked. number
 * is the thread's own, as its process has it, or 0 for the main one, which is
 * there until the interpreter ends. The state of another may be freed at any
 * time, unless the thread is held (python_hold.h).
 */
enum python_state python_state(const struct python *python, long number,
                               struct python_thread *thread);

/*
 * Ask for a script by its path, as the process sees it. It runs when the
 * interpreter next looks, which python_hurry() asks for. False: it cannot be
 * written.
 */
bool python_ask(const struct python *python, const struct python_thread *thread,
                const char *path);
void python_hurry(const struct python *python,
                  const struct python_thread *thread);
/* Whether it has not begun to run. */
bool python_is_asked(const struct python *python,
                     const struct python_thread *thread);
void python_take_back(const struct python *python,
                      const struct python_thread *thread);

#endif
