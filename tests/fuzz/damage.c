/*
 * damage.c - print a recording cut at each byte, and with each byte changed.
 * Each time pytrace print must say what is wrong, in a sentence or more, and
 * end with status 1; or 2 where the file's header is concerned.
 *
 *   damage FILE
 *
 * Prints how many were tried. Exit status 1 when one was not noticed.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "commands.h"
#include "format.h"

#include <getopt.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int file, messages;
static char path[64];
static FILE *report;
static unsigned long tried, wrong;

static int opened(const char *name)
{
    int descriptor = memfd_create(name, 0);

    if (descriptor < 0)
        abort();
    return descriptor;
}

static void try_file(const unsigned char *bytes, size_t size, bool in_header,
                     const char *what, size_t at)
{
    char *argv[] = {"print", path, NULL};
    int status;

    if (ftruncate(file, 0) != 0 ||
        pwrite(file, bytes, size, 0) != (ssize_t)size ||
        ftruncate(messages, 0) != 0)
        abort();
    optind = 0;
    status = print_main(2, argv);
    fflush(stderr);
    tried++;
    if (status == (in_header ? UNREADABLE : FALLS_SHORT) &&
        lseek(messages, 0, SEEK_END) > 0)
        return;
    fprintf(report, "%s at byte %zu: exit status %d\n", what, at, status);
    wrong++;
}

static size_t read_all(const char *name, unsigned char **bytes)
{
    static unsigned char all[1 << 16];
    FILE *stream = fopen(name, "rb");
    size_t size;

    if (stream == NULL)
        abort();
    size = fread(all, 1, sizeof(all), stream);
    fclose(stream);
    *bytes = all;
    return size;
}

int main(int argc, char **argv)
{
    static const unsigned char changes[] = {0x01, 0x80, 0xff};
    const size_t header = sizeof(struct file_header);
    unsigned char *bytes;
    size_t size, i, j;

    if (argc != 2)
        return 2;
    size = read_all(argv[1], &bytes);
    report = fdopen(dup(STDOUT_FILENO), "w");
    file = opened("recording");
    messages = opened("messages");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    if (report == NULL || freopen("/dev/null", "w", stdout) == NULL ||
        dup2(messages, STDERR_FILENO) < 0)
        abort();
    for (i = 0; i < size; i++)
        try_file(bytes, i, i < header, "cut", i);
    for (i = 0; i < size; i++)
        for (j = 0; j < sizeof(changes); j++) {
            bytes[i] ^= changes[j];
            try_file(bytes, size, i < header, "changed", i);
            bytes[i] ^= changes[j];
        }
    fprintf(report, "%lu tried, %lu not noticed\n", tried, wrong);
    return fflush(report) != 0 || wrong != 0;
}
