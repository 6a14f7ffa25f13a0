/* refuse.h - why a process cannot be recorded, in sentences. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_REFUSE_H
#define PYTRACE_REFUSE_H

#include "base.h"

/* What /proc/PID/status says of a process. */
struct status {
    long inside;       /* its number as it sees itself */
    long parent;       /* or 0 */
    unsigned users[4]; /* real, effective, saved, of files */
    int seccomp;       /* 2: a filter */
    long locked;       /* KiB that it keeps in memory (mlock) */
    bool has_ended;    /* a zombie */
};

/* False, and why: there is no such process. */
bool status_read(struct status *status, long pid, struct reason *reason);

/* What the kernel calls it; "?" where it is not there. */
void name_read(long pid, char name[static 32]);

/* After open() of a file of its own has failed with that errno. */
bool refuse_access(long pid, const struct status *status, int error,
                   struct reason *reason);
/* Whether a command that this process starts can be recorded; or why not. */
bool may_record_commands(struct reason *reason);
bool refuse_filter(long pid, struct reason *reason);
/* None of its files is a host. Names a descendant that has one. */
bool refuse_no_markers(long pid, struct reason *reason);
/* other: the process that records it, or 0 when that is not known. */
bool refuse_under_way(long pid, long other, struct reason *reason);

/* The process that holds a lock (flock) on that file, or 0. */
long lock_holder(unsigned long long inode);

#endif
