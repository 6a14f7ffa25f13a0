/*
 * python_hold.c - a thread of a CPython, held still for a moment
 * (python_hold.h), by ptrace. It gets no signal. What it waits for goes on, but
 * for a few system calls, such as epoll_wait, which end with EINTR: CPython
 * calls them again.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "python_hold.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

/* Its state, such as R, and its number in its own process; false: it ended. */
static bool look_at(long pid, struct held *thread, char *state)
{
    char path[64], line[256];
    FILE *file;
    const char *last;
    int found = 0;

    snprintf(path, sizeof(path), "/proc/%ld/task/%d/status", pid,
             thread->number);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    while (fgets(line, sizeof(line), file) != NULL) {
        found += sscanf(line, "State: %c", state) == 1;
        if (strncmp(line, "NSpid:", 6) == 0) {
            line[strcspn(line, "\n")] = '\0';
            last = strrchr(line, '\t');
            thread->own = last != NULL ? strtol(last + 1, NULL, 10) : 0;
            found += thread->own > 0;
        }
    }
    fclose(file);
    return found == 2;
}

/* The last one goes when there are too many. */
static void put(struct held threads[MOST_HELD], size_t *count, size_t at,
                const struct held *thread)
{
    size_t i;

    if (at == MOST_HELD)
        return;
    if (*count < MOST_HELD)
        (*count)++;
    for (i = *count - 1; i > at; i--)
        threads[i] = threads[i - 1];
    threads[at] = *thread;
}

size_t hold_candidates(long pid, struct held threads[MOST_HELD])
{
    char path[64];
    DIR *directory;
    struct dirent *entry;
    struct held thread;
    size_t count = 0, running = 0;
    char state;

    snprintf(path, sizeof(path), "/proc/%ld/task", pid);
    directory = opendir(path);
    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        thread = (struct held){.number = atoi(entry->d_name)};
        if (thread.number <= 0 || thread.number == pid ||
            !look_at(pid, &thread, &state) || strchr("RS", state) == NULL)
            continue;
        put(threads, &count, state == 'R' ? running : count, &thread);
        if (state == 'R' && running < MOST_HELD)
            running++;
    }
    if (directory != NULL)
        closedir(directory);
    return count;
}

bool hold(struct held *thread)
{
    int status;

    thread->signal = 0;
    if (ptrace(PTRACE_SEIZE, thread->number, NULL, NULL) != 0)
        return false;
    if (ptrace(PTRACE_INTERRUPT, thread->number, NULL, NULL) != 0)
        return false; /* it has ended */
    while (waitpid(thread->number, &status, __WALL) < 0)
        if (errno != EINTR)
            return false;
    if (!WIFSTOPPED(status))
        return false;
    /* One that comes now is delivered when it is let go. */
    if (status >> 16 == 0)
        thread->signal = WSTOPSIG(status);
    return true;
}

void hold_end(const struct held *thread)
{
    ptrace(PTRACE_DETACH, thread->number, NULL, (long)thread->signal);
}
