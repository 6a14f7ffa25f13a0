/*
 * idle.c - what a process does that fires no marker (idle.h).
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "idle.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

/* ---- system calls: those in which programs wait ---- */

#define CALL(name) \
    { \
        SYS_##name, #name \
    }

static const struct {
    long number;
    const char *name;
} calls[] = {
    CALL(read),
    CALL(write),
    CALL(readv),
    CALL(writev),
    CALL(pread64),
    CALL(pwrite64),
    CALL(openat),
    CALL(fsync),
    CALL(fdatasync),
    CALL(ppoll),
    CALL(pselect6),
    CALL(epoll_pwait),
#ifdef SYS_poll
    CALL(poll),
#endif
#ifdef SYS_select
    CALL(select),
#endif
#ifdef SYS_epoll_wait
    CALL(epoll_wait),
#endif
#ifdef SYS_pause
    CALL(pause),
#endif
#ifdef SYS_accept
    CALL(accept),
    CALL(recvfrom),
    CALL(sendto),
    CALL(recvmsg),
    CALL(sendmsg),
    CALL(connect),
#endif
#ifdef SYS_accept4
    CALL(accept4),
#endif
#ifdef SYS_futex
    CALL(futex),
#endif
#ifdef SYS_futex_waitv
    CALL(futex_waitv),
#endif
#ifdef SYS_nanosleep
    CALL(nanosleep),
#endif
#ifdef SYS_clock_nanosleep
    CALL(clock_nanosleep),
#endif
#ifdef SYS_wait4
    CALL(wait4),
#endif
    CALL(waitid),
    CALL(flock),
    CALL(fcntl),
    CALL(ioctl),
    CALL(rt_sigsuspend),
    CALL(rt_sigtimedwait),
    CALL(restart_syscall),
#ifdef SYS_io_uring_enter
    CALL(io_uring_enter),
#endif
#ifdef SYS_io_getevents
    CALL(io_getevents),
#endif
#ifdef SYS_semtimedop
    CALL(semtimedop),
#endif
#ifdef SYS_msgrcv
    CALL(msgrcv),
#endif
};

static const char *name_of(long number)
{
    size_t i;

    for (i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
        if (calls[i].number == number)
            return calls[i].name;
    return NULL;
}

/* ---- /proc ---- */

/* The first line of a thread's file, without its end. */
static bool read_line(uint32_t pid, uint32_t tid, const char *name, char *line,
                      size_t size)
{
    char path[96];
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), "/proc/%u/task/%u/%s", pid, tid, name);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    length = fread(line, 1, size - 1, file);
    fclose(file);
    line[length] = '\0';
    line[strcspn(line, "\n")] = '\0';
    return length != 0;
}

/* 0: it has ended. */
static char state_of(uint32_t pid, uint32_t tid)
{
    char line[512];
    const char *end;

    if (!read_line(pid, tid, "stat", line, sizeof(line)))
        return '\0';
    end = strrchr(line, ')'); /* of its name, which can have any character */
    if (end == NULL || end[1] != ' ' || end[2] == 'Z' || end[2] == 'X')
        return '\0';
    return end[2];
}

static void find_running(struct idle *idle)
{
    struct dirent *entry;
    DIR *directory;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%u/task", idle->pid);
    directory = opendir(path);
    if (directory == NULL)
        return;
    while (idle->state != 'R' && (entry = readdir(directory)) != NULL) {
        uint32_t tid = (uint32_t)strtoul(entry->d_name, NULL, 10);

        if (tid != 0 && state_of(idle->pid, tid) == 'R') {
            idle->tid = tid;
            idle->state = 'R';
        }
    }
    closedir(directory);
}

bool idle_look(struct idle *idle, uint32_t pid)
{
    char line[256], *end;

    *idle = (struct idle){.pid = pid, .tid = pid, .call = -1};
    idle->state = state_of(pid, pid);
    if (idle->state == '\0')
        return false;
    find_running(idle);
    if (idle->state == 'R')
        return true;
    if (read_line(pid, idle->tid, "syscall", line, sizeof(line))) {
        long call = strtol(line, &end, 10);

        if (end != line)
            idle->call = call;
        idle->call_name = name_of(idle->call);
    }
    if (read_line(pid, idle->tid, "wchan", line, sizeof(line)) &&
        strcmp(line, "0") != 0)
        snprintf(idle->waits_in, sizeof(idle->waits_in), "%.63s", line);
    return true;
}

/* ---- for people ---- */

char *idle_text(const struct idle *idle)
{
    char call[96] = "", function[96] = "";
    char *shown = printable(idle->waits_in, sizeof(idle->waits_in));
    char *text;

    if (idle->call >= 0)
        snprintf(call, sizeof(call), " in system call %ld%s%s%s", idle->call,
                 idle->call_name != NULL ? " (" : "",
                 idle->call_name != NULL ? idle->call_name : "",
                 idle->call_name != NULL ? ")" : "");
    if (*shown != '\0')
        snprintf(function, sizeof(function), ", kernel function %.64s", shown);
    free(shown);
    switch (idle->state) {
    case 'R':
        text = formatted("process %u fires nothing: thread %u computes in C "
                         "(R); perf top -p %u shows where",
                         idle->pid, idle->tid, idle->pid);
        break;
    case 'T':
    case 't':
        text = formatted("process %u fires nothing: it is stopped (%c); kill "
                         "-CONT %u continues it",
                         idle->pid, idle->state, idle->pid);
        break;
    default:
        text = formatted("process %u fires nothing: it is blocked (%c)%s%s; "
                         "gdb -p %u -batch -ex bt shows where",
                         idle->pid, idle->state, call, function, idle->pid);
        break;
    }
    return text;
}
