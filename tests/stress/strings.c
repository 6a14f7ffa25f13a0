/*
 * strings.c - a host that fires function__entry with strings of every kind.
 *
 *   strings FILE
 *
 * FILE is made, and mapped to read strings from it. The marker's first argument
 * is the string, its second one says of which kind it is, its third one is
 * its length. Each event is preceded by a line on the standard output:
 *   KIND LENGTH PAGES
 * with the number of the string's pages that are not in memory at that time.
 * Exit status 1 when the strings cannot be made, 2 when the command line is
 * wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"
#include "stop.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MIB (1024 * 1024)

static size_t page;

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

/* How many pages of a range this process has not mapped in. */
static long absent(const char *start, size_t size)
{
    int file = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    uintptr_t at = (uintptr_t)start / page, end;
    long count = 0;

    for (end = ((uintptr_t)start + size) / page; at <= end; at++) {
        uint64_t entry = 0;

        if (pread(file, &entry, sizeof(entry), (off_t)(at * sizeof(entry))) !=
            sizeof(entry))
            fail("/proc/self/pagemap");
        count += !(entry >> 63);
    }
    close(file);
    return count;
}

static void fire(const char *kind, const char *string, size_t length)
{
    printf("%s %zu %ld\n", kind, length,
           string == NULL ? 0 : absent(string, length));
    fflush(stdout);
    PYTRACE_FUNCTION_ENTRY(string, kind, (int)length);
}

/* Pages of memory, the last of which is followed by one that is not there. */
static char *pages(size_t size)
{
    char *memory = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (memory == MAP_FAILED || munmap(memory + size, page) != 0)
        fail("memory");
    return memory;
}

/* A file of texts, a page each, with "xxxxx" at the end of each page. */
static int make_file(const char *name)
{
    int i, file = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    char *text = calloc(1, page);

    if (file == -1 || text == NULL)
        fail(name);
    for (i = 0; i < 8; i++) {
        snprintf(text, page, "text %d of the file", i);
        memset(text + page - 5, 'x', 5);
        if (write(file, text, page) != (ssize_t)page)
            fail(name);
    }
    fsync(file); /* what is not written yet, cannot leave memory */
    free(text);
    return file;
}

/* Some of its pages, by themselves: the kernel maps what is near, too. */
static char *map(int file, size_t first, size_t count)
{
    char *memory = mmap(NULL, page * count, PROT_READ, MAP_PRIVATE, file,
                        (off_t)(page * first));

    if (memory == MAP_FAILED)
        fail("mmap");
    return memory;
}

/* A text that was read, and whose page has left this process's memory. */
static char *map_and_drop(int file, size_t first, int how)
{
    char *memory = map(file, first, 1);

    if (strlen(memory) != 18 || madvise(memory, page, how) != 0)
        fail("madvise");
    return memory;
}

int main(int argc, char **argv)
{
    const char bytes[] = "\xff\xfe caf\xe9 \xc3\x28 \xf0\x9f";
    char *long_string, *last;
    size_t i;
    int file;

    if (argc != 2) {
        fprintf(stderr, "usage: strings FILE\n");
        return 2;
    }
    page = (size_t)sysconf(_SC_PAGESIZE);
    fire("null", NULL, 0);
    fire("empty", "", 0);
    fire("plain", "plain text", 10);
    fire("bytes", bytes, strlen(bytes));

    long_string = pages(MIB);
    for (i = 0; i < MIB - 1; i++)
        long_string[i] = (char)('a' + i % 26);
    fire("long", long_string, MIB - 1);

    last = pages(page) + page - 5;
    memcpy(last, "last", 5);
    fire("last", last, 4);
    fire("end", last + 4, 0);
    /* Over the border of two pages. */
    last = pages(2 * page) + page - 5;
    memcpy(last, "on two pages", 13);
    fire("border", last, 12);

    file = make_file(argv[1]);
    fire("untouched", map(file, 1, 1), 18);
    fire("untouched-border", map(file, 3, 2) + page - 5, 23);
    fire("dropped", map_and_drop(file, 5, MADV_DONTNEED), 18);
    fire("paged-out", map_and_drop(file, 6, MADV_PAGEOUT), 18);
    stop_if_counted();
    return 0;
}
