/*
 * relatives.c - all processes there are, and who has started whom, by /proc.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "relatives.h"

#include <dirent.h>
#include <stdlib.h>

static int by_pid(const void *left, const void *right)
{
    const struct relative *a = left;
    const struct relative *b = right;

    return (a->pid > b->pid) - (a->pid < b->pid);
}

struct relatives relatives_read(void)
{
    struct relatives all = {NULL, 0};
    DIR *directory = opendir("/proc");
    struct dirent *entry;

    if (directory == NULL)
        return all;
    while ((entry = readdir(directory)) != NULL) {
        struct relative relative = {.pid = strtol(entry->d_name, NULL, 10)};
        struct reason reason;

        if (relative.pid <= 0 ||
            !status_read(&relative.status, relative.pid, &reason))
            continue;
        all.list = grown(all.list, all.count, sizeof(relative));
        all.list[all.count++] = relative;
    }
    closedir(directory);
    if (all.count != 0)
        qsort(all.list, all.count, sizeof(*all.list), by_pid);
    return all;
}

void relatives_mark(struct relatives *relatives, long pid)
{
    bool is_new = true;
    size_t i;

    while (is_new) {
        is_new = false;
        for (i = 0; i < relatives->count; i++) {
            struct relative *relative = &relatives->list[i];
            const struct relative *parent =
                relatives_find(relatives, relative->status.parent);

            if (!relative->descends && (relative->status.parent == pid ||
                                        (parent != NULL && parent->descends)))
                is_new = relative->descends = true;
        }
    }
}

struct relative *relatives_find(const struct relatives *relatives, long pid)
{
    const struct relative key = {.pid = pid};

    return relatives->count == 0
               ? NULL
               : bsearch(&key, relatives->list, relatives->count, sizeof(key),
                         by_pid);
}
