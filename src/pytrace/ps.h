/* ps.h - the processes that pytrace ps lists, and its two forms. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_PS_H
#define PYTRACE_PS_H

#include "base.h"

/* A host in a process. The strings are allocated. */
struct ps_host {
    char *provider;
    char *file;      /* its path, as the process sees it */
    bool is_deleted; /* or replaced, since the process mapped it */
    size_t markers;
    bool has_recorder;
    bool is_known; /* whether it is traced: else the rest is not filled in */
    bool by_kernel;
    bool by_recorder;
    long recorder; /* the process that records it; 0: not known */
};

struct ps_process {
    long pid, parent;
    char *user;    /* its name, or its number */
    char *command; /* the command line, as the process has it now */
    struct ps_host *hosts;
    size_t count;
    bool is_attachable;             /* a CPython that can be given markers */
    const struct ps_process *above; /* the nearest ancestor listed, or NULL */
    bool is_printed;
};

/* A table of the processes, as a tree. False: it cannot be written. */
bool ps_table(struct ps_process *processes, size_t count);
/* JSON, an object a line; in their order. */
bool ps_json(struct ps_process *processes, size_t count);

#endif
