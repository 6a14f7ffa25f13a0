/*
 * tree.c - a program with the markers, for pytrace ps: a process, its children
 * and a grandchild, which wait until they are ended. The first one says their
 * numbers when all are there; when it ends, so do the others.
 *
 *   tree [ANYTHING...]
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static int numbers[2]; /* a pipe */

/* A child that waits; with a child of its own, where that is asked for. */
static void start(int with_child)
{
    pid_t parent = getpid();
    pid_t self;

    if (fork() != 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    self = getpid();
    if (write(numbers[1], &self, sizeof(self)) != sizeof(self))
        _exit(1);
    if (with_child)
        start(0);
    for (;;)
        pause();
}

static pid_t next_number(void)
{
    pid_t pid;

    if (read(numbers[0], &pid, sizeof(pid)) != sizeof(pid))
        abort();
    return pid;
}

int main(void)
{
    pid_t first, grandchild;

    if (PYTRACE_FUNCTION_ENTRY_ENABLED())
        PYTRACE_FUNCTION_ENTRY("tree.c", "main", 1);
    if (pipe(numbers) != 0)
        abort();
    start(1);
    first = next_number();
    grandchild = next_number();
    start(0);
    printf("%d %d %d %d ready\n", (int)getpid(), (int)first, (int)grandchild,
           (int)next_number());
    fflush(stdout);
    for (;;)
        pause();
}
