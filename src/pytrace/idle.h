/*
 * idle.h - what a process does that fires no marker: the kernel knows whether
 * it waits, and for what.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_IDLE_H
#define PYTRACE_IDLE_H

#include "base.h"

struct idle {
    uint32_t pid, tid;
    char state; /* as in /proc/PID/stat: R runs, S and D wait, T is stopped */
    long call;  /* the system call's number, or -1: in none, or not known */
    const char *call_name; /* or NULL */
    char waits_in[64];     /* the kernel's function, or "" */
};

/*
 * Look at the process: at a thread that runs, or else at its first one. False:
 * it has ended.
 */
bool idle_look(struct idle *idle, uint32_t pid);
/* A sentence or two, for people; allocated. */
char *idle_text(const struct idle *idle);

#endif
