/*
 * exporter_file.c - the file of pytrace export --output: it is replaced as a
 * whole, and removed in the end. What is no regular file is left alone, and so
 * is what another program has put in its place.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "exporter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Also a link is not: rename() would put the file in its place. */
static bool is_regular_or_new(const char *path, struct reason *reason)
{
    struct stat status;

    if (lstat(path, &status) != 0)
        return errno == ENOENT ||
               because(reason, " cannot be written: %s", strerror(errno));
    return S_ISREG(status.st_mode) ||
           because(reason, S_ISLNK(status.st_mode)
                               ? " is not replaced: it is a symbolic link"
                               : " is not replaced: it is no regular file");
}

static bool write_all(int file, const char *text, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t count = write(file, text + done, size - done);

        if (count <= 0)
            return false;
        done += (size_t)count;
    }
    return true;
}

bool output_write(struct output *output, const char *text, size_t size,
                  struct reason *reason)
{
    struct stat status;
    char *name;
    bool is_good;
    int file;

    if (!is_regular_or_new(output->path, reason))
        return false;
    /* (A new file, whatever others have put into the directory.) */
    name = formatted("%s.XXXXXX", output->path);
    file = mkostemp(name, O_CLOEXEC);
    is_good = file >= 0 && write_all(file, text, size) &&
              fchmod(file, 0644) == 0 && fstat(file, &status) == 0;
    if (file >= 0 && close(file) != 0)
        is_good = false;
    is_good = is_good && rename(name, output->path) == 0;
    if (is_good) {
        output->written = status;
    } else {
        because(reason, " cannot be written: %s", strerror(errno));
        if (file >= 0)
            unlink(name);
    }
    free(name);
    return is_good;
}

void output_remove(const struct output *output)
{
    const struct stat *written = &output->written;
    struct stat status;

    /* (An inode's number is soon another file's.) */
    if (lstat(output->path, &status) == 0 && status.st_dev == written->st_dev &&
        status.st_ino == written->st_ino &&
        status.st_mtim.tv_sec == written->st_mtim.tv_sec &&
        status.st_mtim.tv_nsec == written->st_mtim.tv_nsec)
        unlink(output->path);
}
