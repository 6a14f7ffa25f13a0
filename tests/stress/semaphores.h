/* semaphores.h - read the semaphores that a process has, in its memory. */
/* SPDX-License-Identifier: MIT */
#ifndef SEMAPHORES_H
#define SEMAPHORES_H

#include "uprobe.h"

struct semaphores {
    unsigned long address[MARKERS]; /* in the process, in the sites' order */
    int memory;                     /* its /proc/PID/mem */
};

/*
 * Find the semaphores of the sites where the process has mapped their files.
 * Ends the program with status 1 when one is not there.
 */
void semaphores_open(struct semaphores *semaphores, pid_t pid,
                     const struct site *site, int sites);

/* The i-th one's value; -1 when the process has ended. */
int semaphores_read(const struct semaphores *semaphores, int i);

#endif
