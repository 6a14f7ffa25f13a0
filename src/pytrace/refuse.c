/*
 * refuse.c - why a process cannot be recorded: each time a sentence that says
 * what to do next. What the kernel allows, open() of /proc/PID/mem has said
 * before; this file only finds out why not.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "refuse.h"
#include "hosts.h"
#include "process.h"
#include "python_attach.h"
#include "relatives.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- the status ---- */

static void read_line(struct status *status, const char *line)
{
    unsigned *users = status->users;
    char state;
    int at;

    if (sscanf(line, "State: %c", &state) == 1)
        status->has_ended = state == 'Z' || state == 'X';
    else if (sscanf(line, "PPid: %ld", &status->parent) == 1)
        return;
    else if (sscanf(line, "Uid: %u %u %u %u", &users[0], &users[1], &users[2],
                    &users[3]) == 4)
        return;
    else if (sscanf(line, "VmLck: %ld", &status->locked) == 1 ||
             sscanf(line, "Seccomp: %d", &status->seccomp) == 1)
        return;
    else if (strncmp(line, "NSpid:", 6) == 0) {
        for (line += 6; sscanf(line, "%ld%n", &status->inside, &at) == 1;
             line += at)
            ;
    }
}

bool status_read(struct status *status, long pid, struct reason *reason)
{
    char name[64];
    char line[512];
    FILE *file;

    memset(status, 0, sizeof(*status));
    status->inside = pid;
    snprintf(name, sizeof(name), "/proc/%ld/status", pid);
    file = fopen(name, "re");
    if (file != NULL) {
        while (fgets(line, sizeof(line), file) != NULL)
            read_line(status, line);
        fclose(file);
    }
    if (file == NULL || status->has_ended)
        return because(reason,
                       "there is no process %ld%s: ps -e lists those there are",
                       pid, file != NULL ? " any more" : "");
    return true;
}

/* ---- access ---- */

static long number_in(const char *path)
{
    FILE *file = fopen(path, "re");
    long number = -1;

    if (file == NULL)
        return -1;
    if (fscanf(file, "%ld", &number) != 1)
        number = -1;
    fclose(file);
    return number;
}

static bool refuse_by_yama(long pid, long scope, struct reason *reason)
{
    if (scope == 1)
        return because(reason,
                       "the kernel lets only root and its ancestors record "
                       "process %ld (Yama: kernel.yama.ptrace_scope is 1): be "
                       "root, start it by pytrace record -- COMMAND, or allow "
                       "it by sysctl kernel.yama.ptrace_scope=0",
                       pid);
    if (scope == 2)
        return because(reason,
                       "the kernel lets only root record process %ld (Yama: "
                       "kernel.yama.ptrace_scope is 2): be root, or allow it "
                       "by sysctl kernel.yama.ptrace_scope=1, and start it by "
                       "pytrace record -- COMMAND",
                       pid);
    return because(reason,
                   "the kernel lets no one record process %ld until the next "
                   "boot (Yama: kernel.yama.ptrace_scope is 3)",
                   pid);
}

bool refuse_access(long pid, const struct status *status, int error,
                   struct reason *reason)
{
    unsigned user = (unsigned)geteuid();
    long scope;
    int i;

    if ((error == ENOENT || error == ESRCH) &&
        (pid == 2 || status->parent == 2))
        return because(reason,
                       "process %ld is a part of the kernel, and has no "
                       "markers: " PROGRAM " ps lists the processes with some",
                       pid);
    if (error == ENOENT || error == ESRCH)
        return because(reason,
                       "there is no process %ld any more: ps -e lists those "
                       "there are",
                       pid);
    if (error != EACCES && error != EPERM)
        return because(reason, "the memory of process %ld cannot be opened: %s",
                       pid, strerror(error));
    for (i = 0; i < 4 && user != 0; i++)
        if (status->users[i] != user)
            return because(reason,
                           "process %ld is of another user (%u; this is %u): "
                           "be that user, or root",
                           pid, status->users[i], user);
    scope = number_in("/proc/sys/kernel/yama/ptrace_scope");
    if (scope == 3 || (scope > 0 && user != 0))
        return refuse_by_yama(pid, scope, reason);
    if (user == 0)
        return because(reason,
                       "the kernel does not let this user record process %ld: "
                       "be root with the capability CAP_SYS_PTRACE, outside "
                       "of its container",
                       pid);
    return because(reason,
                   "the kernel lets only root record process %ld, as it can "
                   "do more than its user or has asked for it (it is not "
                   "dumpable): be root",
                   pid);
}

/* Whether the memory of a child can be written. */
static bool can_write_to_child(void)
{
    char name[64];
    pid_t child = fork();
    int file;

    if (child < 0)
        return true; /* starting the command will say why */
    if (child == 0) {
        pause();
        _exit(0);
    }
    snprintf(name, sizeof(name), "/proc/%ld/mem", (long)child);
    file = open(name, O_RDWR | O_CLOEXEC);
    if (file >= 0)
        close(file);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    return file >= 0;
}

bool may_record_commands(struct reason *reason)
{
    long scope = number_in("/proc/sys/kernel/yama/ptrace_scope");

    if (scope < 2 || can_write_to_child())
        return true;
    if (scope == 2)
        return because(reason,
                       "the kernel lets only root record a command (Yama: "
                       "kernel.yama.ptrace_scope is 2): be root, or allow it "
                       "by sysctl kernel.yama.ptrace_scope=1");
    return because(reason, "the kernel lets no one record a command until the "
                           "next boot (Yama: kernel.yama.ptrace_scope is 3)");
}

bool refuse_filter(long pid, struct reason *reason)
{
    return because(
        reason,
        "process %ld has a filter of system calls (seccomp), which "
        "can end it when it makes the shared memory: where the "
        "filter allows memfd_create, fstat, getrlimit, fcntl, close, mmap, "
        "munmap, madvise, nanosleep, getpid, gettid, tgkill and "
        "sigaltstack, say --force",
        pid);
}

bool refuse_under_way(long pid, long other, struct reason *reason)
{
    char by[64] = "";

    if (other > 0)
        snprintf(by, sizeof(by), ", by process %ld", other);
    return because(reason,
                   "process %ld is being recorded already%s: end that "
                   "recording first",
                   pid, by);
}

/* A line is "1: FLOCK  ADVISORY  WRITE 123 00:05:4711 0 EOF". */
long lock_holder(unsigned long long inode)
{
    FILE *file = fopen("/proc/locks", "re");
    char line[256];
    long holder = 0;

    if (file == NULL)
        return 0;
    while (holder == 0 && fgets(line, sizeof(line), file) != NULL) {
        unsigned long long locked;
        long pid;

        if (sscanf(line, "%*s FLOCK %*s WRITE %ld %*x:%*x:%llu", &pid,
                   &locked) == 2 &&
            locked == inode)
            holder = pid;
    }
    fclose(file);
    return holder;
}

/* ---- no markers ---- */

static void visit(struct process *process, const char *name, const char *path,
                  void *data)
{
    const struct known_file *file = known_file(path, name);
    bool *has_host = data;

    (void)process;
    *has_host |= file != NULL && file->count != 0;
}

static bool has_host(long pid)
{
    struct reason reason;
    bool has = false;

    process_visit_files(pid, visit, &has, &reason);
    return has;
}

/* A descendant that has a host, or 0. */
static long relative_with_host(long pid)
{
    struct relatives all = relatives_read();
    long found = 0;
    size_t i;

    relatives_mark(&all, pid);
    for (i = 0; i < all.count && found == 0; i++)
        if (all.list[i].descends && has_host(all.list[i].pid))
            found = all.list[i].pid;
    free(all.list);
    return found;
}

void name_read(long pid, char name[static 32])
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/comm", pid);
    file = fopen(path, "re");
    if (file == NULL || fgets(name, 32, file) == NULL)
        strcpy(name, "?");
    if (file != NULL)
        fclose(file);
    name[strcspn(name, "\n")] = '\0';
}

bool refuse_no_markers(long pid, struct reason *reason)
{
    char name[32], other_name[32];
    long other = relative_with_host(pid);

    if (other == 0 && python_refuses(pid, reason))
        return false;
    name_read(pid, name);
    if (other == 0)
        return because(reason,
                       "process %ld (%s) has no markers: pytrace check -p %ld "
                       "says more, and docs/embedding.md how a program gets "
                       "them",
                       pid, name, pid);
    name_read(other, other_name);
    return because(reason,
                   "process %ld (%s) has no markers, but process %ld (%s), "
                   "which it has started, does: say -p %ld",
                   pid, name, other, other_name, other);
}
