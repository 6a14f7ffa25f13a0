/*
 * inherit.c - what a forked process has of its parent's tracers.
 *
 *   inherit SITES
 *
 * SITES is the list of this program's own sites (sites.sh). For a tracer of
 * every process, and for one of the parent only, prints the semaphore of
 * gc__done in a child that was forked meanwhile: at first, after it has fired
 * the marker, and when the tracer has gone; and in one that did not fire it;
 * and in one that is forked before a tracer comes:
 *   TRACER CHILD VALUE...
 * Exit status 1 when something cannot be done.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace.h"
#include "pytrace_probes.h"
#include "uprobe.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static int semaphore(void)
{
    return *pytrace_find("gc__done")->semaphore;
}

/* Does what it is told by a letter: f(ire), or s(ay) its semaphore's value. */
static void child(int line)
{
    char letter;

    while (read(line, &letter, 1) == 1) {
        if (letter == 'f')
            PYTRACE_GC_DONE(1);
        letter = (char)semaphore();
        if (write(line, &letter, 1) != 1)
            break;
    }
    _exit(0);
}

static int tell(int line, char letter)
{
    if (write(line, &letter, 1) != 1 || read(line, &letter, 1) != 1)
        return -1;
    return letter;
}

/* Returns the line to the new process. */
static int start(void)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return -1;
    if (fork() == 0) {
        /* It must not keep the tracer's files open. */
        dup2(ends[1], STDIN_FILENO);
        close_range(STDERR_FILENO + 1, ~0U, 0);
        child(STDIN_FILENO);
    }
    close(ends[1]);
    return ends[0];
}

static void show(const char *tracer, const struct site *site, pid_t pid,
                 void (*attach)(struct uprobe *, const struct site *, pid_t))
{
    int before = start(), firing, silent;
    struct uprobe uprobe;

    attach(&uprobe, site, pid);
    firing = start();
    silent = start();
    printf("%s fires %d", tracer, tell(firing, 's'));
    printf(" %d", tell(firing, 'f'));
    printf(" counted %ld", uprobe_count(&uprobe));
    printf("\n%s silent %d", tracer, tell(silent, 's'));
    printf("\n%s earlier %d\n", tracer, tell(before, 's'));
    printf("%s self %d\n", tracer, semaphore());
    uprobe_close(&uprobe);
    printf("%s gone %d %d %d %d\n", tracer, tell(firing, 's'),
           tell(silent, 's'), tell(before, 's'), semaphore());
    close(before);
    close(firing);
    close(silent);
    while (wait(NULL) > 0)
        ;
}

int main(int argc, char **argv)
{
    struct site site[MARKERS];
    int i, sites;

    if (argc != 2) {
        fprintf(stderr, "usage: inherit SITES\n");
        return 2;
    }
    setvbuf(stdout, NULL, _IONBF, 0); /* nothing for a child to print again */
    sites = read_sites(argv[1], site);
    for (i = 0; i < sites && strcmp(site[i].name, "gc__done") != 0; i++)
        ;
    if (i == sites)
        return 1;
    show("all", &site[i], -1, uprobe_open);
    show("all-events", &site[i], -1, uprobe_open_events);
    show("process", &site[i], getpid(), uprobe_open);
    show("process-events", &site[i], getpid(), uprobe_open_events);
    return 0;
}
