/*
 * hosts.c - the pytrace hosts in the files that processes have mapped. A
 * hundred processes may have the same: each file is read once.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "hosts.h"
#include "ticks.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* That are no hosts; a process can map as many files as it likes. */
enum { MOST_OTHERS = 4096 };

static struct known_file *files;
static size_t other_count;

static struct known_file *find(const struct stat *status)
{
    struct known_file *known;

    for (known = files; known != NULL; known = known->next)
        if (known->device == status->st_dev && known->inode == status->st_ino &&
            known->size == (unsigned long long)status->st_size &&
            known->changed ==
                (unsigned long long)status->st_mtim.tv_sec * 1000000000 +
                    (unsigned long long)status->st_mtim.tv_nsec)
            return known;
    known = allocate(1, sizeof(*known));
    known->device = status->st_dev;
    known->inode = status->st_ino;
    known->size = (unsigned long long)status->st_size;
    known->changed = (unsigned long long)status->st_mtim.tv_sec * 1000000000 +
                     (unsigned long long)status->st_mtim.tv_nsec;
    return known;
}

static void read_hosts(struct known_file *known, const struct file *file)
{
    struct reason reason;
    size_t i;

    if (file->size < SELFMAG || memcmp(file->bytes, ELFMAG, SELFMAG) != 0)
        return;
    if (!image_read(&known->image, file->bytes, file->size, &reason)) {
        known->why = formatted("%s", reason.text);
        return;
    }
    known->count = known->image.host_count;
    known->hosts = allocate(known->count, sizeof(*known->hosts));
    for (i = 0; i < known->count; i++)
        known->hosts[i].host = &known->image.hosts[i];
}

static bool is_other(const struct known_file *known)
{
    return known->count == 0 && known->image.python == 0;
}

static void forget(struct known_file **at)
{
    struct known_file *known = *at;

    *at = known->next;
    other_count -= is_other(known);
    if (known->file.bytes != NULL) {
        image_free(&known->image);
        file_close(&known->file);
    }
    free(known->hosts);
    free(known->name);
    free(known->why);
    free(known);
}

/* The one that was not seen for the longest time. */
static void forget_other(void)
{
    struct known_file **at, **oldest = NULL;

    for (at = &files; *at != NULL; at = &(*at)->next)
        if (is_other(*at) && (*at)->users == 0 &&
            (oldest == NULL || (*at)->seen < (*oldest)->seen))
            oldest = at;
    if (oldest != NULL)
        forget(oldest);
}

struct known_file *known_file(const char *path, const char *name)
{
    struct reason reason;
    struct stat status;
    struct known_file *known;
    struct file file;

    if (stat(path, &status) != 0)
        return NULL;
    known = find(&status);
    known->seen = monotonic_now();
    if (known->name != NULL)
        return known;
    if (!file_open(&file, path, name, &reason)) {
        free(known);
        return NULL;
    }
    known->name = formatted("%s", name);
    read_hosts(known, &file);
    if (is_other(known)) {
        image_free(&known->image);
        file_close(&file);
        if (++other_count > MOST_OTHERS)
            forget_other();
    } else {
        known->file = file;
    }
    known->next = files;
    files = known;
    return known;
}

void hosts_forget(uint64_t before, void (*on_gone)(struct known_host *host))
{
    struct known_file **at = &files;
    size_t i;

    while (*at != NULL) {
        struct known_file *known = *at;

        if (known->users != 0 || known->seen >= before) {
            at = &known->next;
            continue;
        }
        for (i = 0; i < known->count; i++)
            on_gone(&known->hosts[i]);
        forget(at);
    }
}
