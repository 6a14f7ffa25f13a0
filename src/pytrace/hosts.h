/* hosts.h - the pytrace hosts in the files that processes have mapped. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_HOSTS_H
#define PYTRACE_HOSTS_H

#include "image.h"

/* A host, as all processes that run its file have it. */
struct known_host {
    const struct host *host;
    uint32_t number; /* in the recording; 0: not written yet */
};

struct known_file {
    struct known_file *next;
    unsigned long long device, inode, size, changed; /* what file it is */
    char *name;         /* its path as the first process sees it */
    struct image image; /* where there are hosts, or CPython */
    struct known_host *hosts;
    size_t count;
    char *why; /* why it cannot be read as a host, or NULL */

    struct file file; /* its bytes, where they are needed */
    size_t users;     /* spots (attach.h) that it is of */
    uint64_t seen;    /* monotonic, when it was last asked for */
};

/*
 * The file of that path; name is what the process calls it. Each is read once,
 * and stays until hosts_forget(); one that is no host only until the next call,
 * where there are many. NULL: it cannot be opened.
 */
struct known_file *known_file(const char *path, const char *name);
/*
 * For what runs for days: forget those that have no user and were not seen
 * since that time. on_gone is called for each of their hosts before.
 */
void hosts_forget(uint64_t before, void (*on_gone)(struct known_host *host));

#endif
