/*
 * file.c - a file in memory. It is mapped, so that only what is used is
 * read, and it costs no memory of the program's own. A file that is cut
 * short meanwhile ends the program, with a sentence.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "base.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that is mapped, as the handler writes it; allocated. */
static char *volatile current_name;

static void put(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));

    (void)written; /* (nothing is left to be done about it) */
}

static void on_bus_error(int signal)
{
    (void)signal;
    put(PROGRAM ": ");
    put(current_name != NULL ? current_name : "a file");
    put(": changed while it was being read\n");
    _exit(UNREADABLE);
}

static bool check_type(const struct stat *status, struct reason *reason)
{
    switch (status->st_mode & S_IFMT) {
    case S_IFREG:
        if (status->st_size == 0)
            return because(reason, "is empty");
        if ((uintmax_t)status->st_size > SIZE_MAX)
            return because(reason, "is too large to be mapped");
        return true;
    case S_IFDIR: return because(reason, "is a directory, not a file");
    case S_IFIFO: return because(reason, "is a FIFO, not a file");
    case S_IFSOCK: return because(reason, "is a socket, not a file");
    default: return because(reason, "is a device, not a file");
    }
}

bool file_open(struct file *file, const char *path, const char *name,
               struct reason *reason)
{
    struct stat status;
    int descriptor;
    bool good = false;

    /* First, as opening a device can have an effect. */
    if (stat(path, &status) != 0)
        return because(reason, "cannot be opened: %s", strerror(errno));
    if (!check_type(&status, reason))
        return false;
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (descriptor < 0 || fstat(descriptor, &status) != 0) {
        because(reason, "cannot be opened: %s", strerror(errno));
    } else if (check_type(&status, reason)) {
        file->size = (size_t)status.st_size;
        /* Writable, as the kernel sets breakpoints in mappings that are not. */
        file->bytes = mmap(NULL, file->size, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_NORESERVE, descriptor, 0);
        good = file->bytes != MAP_FAILED;
        if (!good)
            because(reason, "cannot be mapped: %s", strerror(errno));
        free(current_name);
        current_name = printable(name, MAX_NAME);
        signal(SIGBUS, on_bus_error);
    }
    if (descriptor >= 0)
        close(descriptor);
    return good;
}

void file_close(struct file *file)
{
    munmap(file->bytes, file->size);
}
