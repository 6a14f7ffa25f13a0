/* semaphores.c - see semaphores.h. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "semaphores.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void semaphores_open(struct semaphores *semaphores, pid_t pid,
                     const struct site *site, int sites)
{
    unsigned long start, end, offset;
    char name[64], line[4096], mode[8];
    int i, found = 0;
    FILE *maps;

    snprintf(name, sizeof(name), "/proc/%d/maps", (int)pid);
    maps = fopen(name, "r");
    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
        if (sscanf(line, "%lx-%lx %7s %lx", &start, &end, mode, &offset) != 4 ||
            mode[1] != 'w')
            continue;
        for (i = 0; i < sites; i++)
            if (strstr(line, site[i].file) != NULL &&
                site[i].semaphore >= offset &&
                site[i].semaphore - offset < end - start) {
                semaphores->address[i] = start + site[i].semaphore - offset;
                found++;
            }
    }
    if (maps == NULL || found != sites) {
        fprintf(stderr, "%s: %d semaphores, and not %d\n", name, found, sites);
        exit(1);
    }
    fclose(maps);
    snprintf(name, sizeof(name), "/proc/%d/mem", (int)pid);
    semaphores->memory = open(name, O_RDONLY | O_CLOEXEC);
    if (semaphores->memory == -1) {
        fprintf(stderr, "%s: %s\n", name, strerror(errno));
        exit(1);
    }
}

int semaphores_read(const struct semaphores *semaphores, int i)
{
    unsigned short value;
    ssize_t size = pread(semaphores->memory, &value, sizeof(value),
                         (off_t)semaphores->address[i]);

    if (size == sizeof(value))
        return value;
    if (size != 0) {
        fprintf(stderr, "a semaphore cannot be read: %s\n", strerror(errno));
        exit(1);
    }
    return -1;
}
