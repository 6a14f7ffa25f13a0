/*
 * recordings.c - for libFuzzer: any bytes as a recording, printed by pytrace
 * print in both forms. Built and run by run.sh beside it.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "commands.h"
#include "format.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

static int file;
static char path[64];

/*
 * What is printed is of no interest here; only that it can be. The sanitizers
 * write to the descriptor, not to stderr.
 */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    file = memfd_create("recording", 0);
    stderr = fopen("/dev/null", "w");
    if (file < 0 || stderr == NULL || freopen("/dev/null", "w", stdout) == NULL)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
    return 0;
}

/* Of the chunks that follow each other; so that what is inside is read. */
static void mend_checksums(uint8_t *data, size_t size)
{
    size_t at = sizeof(struct file_header);
    struct chunk_header header;

    while (at + sizeof(header) <= size) {
        memcpy(&header, data + at, sizeof(header));
        if (header.size > size - at - sizeof(header))
            break;
        header.magic = CHUNK_MAGIC;
        header.crc = (uint32_t)crc32(0, data + at + 4, 8);
        header.crc = (uint32_t)crc32(header.crc, data + at + sizeof(header),
                                     (uInt)header.size);
        memcpy(data + at, &header, sizeof(header));
        at += sizeof(header) + (header.size + 7) / 8 * 8;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed % 8 != 0)
        mend_checksums(data, size);
    return size;
}

static void print_as(const char *form)
{
    char *argv[] = {"print", (char *)form, path, NULL};

    optind = 0;
    print_main(3, argv);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (ftruncate(file, 0) != 0 || pwrite(file, data, size, 0) != (ssize_t)size)
        abort();
    print_as("--json");
    print_as("--marker=a");
    print_as("--");
    return 0;
}
