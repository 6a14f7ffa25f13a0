/*
 * uprobe.h - have the kernel trace the probe sites of a file, as tracers have
 * it, in both ways that it has; it raises the semaphore too.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef UPROBE_H
#define UPROBE_H

#include <sys/types.h>

#define MARKERS 8

/* A marker of a file; both places are offsets in the file. */
struct site {
    char name[40];
    char *file;
    unsigned long site, semaphore;
};

/*
 * Read a list of sites, as sites.sh writes it. Returns their number; ends the
 * program with status 1 when the list is not readable or has none.
 */
int read_sites(const char *list, struct site site[MARKERS]);

/*
 * A tracer of one site. By a program in the kernel, as newer tracers do it
 * (Linux 6.6), which is quick to end; or by perf's events, one for each
 * processor, as older ones do.
 */
struct uprobe {
    volatile long *counter; /* of the program; NULL where there is none */
    int event[64];          /* or the program's link */
    void *buffer[64];       /* of the events */
    int events;
};

/*
 * Begin to count: in every process, or in the process pid only (its first
 * thread, with events) where that is not -1. Ends the program with status 1
 * when the kernel refuses. With events, each one is also written to a buffer in
 * this process's memory, and never read.
 */
void uprobe_open(struct uprobe *uprobe, const struct site *site, pid_t pid);
void uprobe_open_events(struct uprobe *uprobe, const struct site *site,
                        pid_t pid);

/* How often the site was passed since it was opened. */
long uprobe_count(const struct uprobe *uprobe);

void uprobe_close(struct uprobe *uprobe);

#endif
