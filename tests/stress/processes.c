/*
 * processes.c - a host that starts processes and ends them.
 *
 *   processes fork|vfork|spawn|exec TIMES
 *
 * Fires gc__start once before each new process and once after it has ended;
 * the new one fires gc__done three times: a forked or vforked one itself, a
 * spawned one after posix_spawn() of this program. With "exec" the program
 * replaces itself instead, and each instance fires gc__start. Prints how often
 * the guards said yes:
 *   gc__start COUNT
 *   gc__done COUNT
 * Exit status 1 when a process cannot be started, 2 when the command line is
 * wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"
#include "stop.h"

#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static long starts;

static void fire_start(void)
{
    if (PYTRACE_GC_START_ENABLED()) {
        starts++;
        pytrace_gc_start(0);
    }
}

/* What the new process does. */
static int fire_done(void)
{
    int i, taken = 0;

    for (i = 0; i < 3; i++)
        if (PYTRACE_GC_DONE_ENABLED()) {
            taken++;
            pytrace_gc_done(i);
        }
    return taken;
}

static pid_t start(const char *how)
{
    char name[] = "/proc/self/exe", child[] = "child";
    char *const command[] = {name, child, NULL};
    pid_t pid;

    if (strcmp(how, "spawn") == 0) {
        if (posix_spawn(&pid, name, NULL, NULL, command, environ) != 0)
            return -1;
        return pid;
    }
    pid = strcmp(how, "fork") == 0 ? fork() : vfork();
    if (pid == 0)
        _exit(fire_done());
    return pid;
}

int main(int argc, char **argv)
{
    long times, dones = 0;
    int status;

    if (argc == 2 && strcmp(argv[1], "child") == 0)
        return fire_done();
    if (argc < 3 || (times = atol(argv[2])) < 0) {
        fprintf(stderr, "usage: processes fork|vfork|spawn|exec TIMES\n");
        return 2;
    }
    if (strcmp(argv[1], "exec") == 0) {
        char left[32], sum[32];

        starts = argc > 3 ? atol(argv[3]) : 0;
        fire_start();
        snprintf(left, sizeof(left), "%ld", times - 1);
        snprintf(sum, sizeof(sum), "%ld", starts);
        if (times > 1) {
            execl("/proc/self/exe", "processes", "exec", left, sum,
                  (char *)NULL);
            return 1;
        }
        times = 0;
    }
    while (times-- > 0) {
        pid_t pid;

        fire_start();
        pid = start(argv[1]);
        if (pid == -1 || waitpid(pid, &status, 0) != pid ||
            !WIFEXITED(status)) {
            fprintf(stderr, "processes: a process did not start, or end\n");
            return 1;
        }
        dones += WEXITSTATUS(status);
        fire_start();
    }
    stop_if_counted();
    printf("gc__start %ld\ngc__done %ld\n", starts, dones);
    return 0;
}
