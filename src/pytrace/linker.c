/*
 * linker.c - the dynamic linker of a process. The kernel maps it beside the
 * executable and says where in the auxiliary vector (AT_BASE). When a command
 * line names the linker itself, with the program's name as its argument, it is
 * the executable.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "linker.h"

#include "base.h"

#include <elf.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* ---- where it is ---- */

/* The bytes read of a file of the process, or 0. */
static size_t read_of(long pid, const char *file, void *bytes, size_t size)
{
    char name[64];
    int descriptor;
    ssize_t length;

    snprintf(name, sizeof(name), "/proc/%ld/%s", pid, file);
    descriptor = open(name, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return 0;
    length = read(descriptor, bytes, size);
    close(descriptor);
    return length < 0 ? 0 : (size_t)length;
}

/* A name such as ld-linux-x86-64.so.2, ld-musl-aarch64.so.1 or ld64.so.2. */
static bool executes_linker(long pid)
{
    char name[64];
    char path[4096];
    ssize_t length;
    const char *base;

    snprintf(name, sizeof(name), "/proc/%ld/exe", pid);
    length = readlink(name, path, sizeof(path) - 1);
    if (length < 0)
        return false;
    path[length] = '\0';
    base = strrchr(path, '/');
    base = base == NULL ? path : base + 1;
    return strncmp(base, "ld-", 3) == 0 || strncmp(base, "ld.", 3) == 0 ||
           strncmp(base, "ld64.", 5) == 0;
}

/* An address in the linker; 0 when there is none. */
static uint64_t find_address(long pid)
{
    static const union {
        uint16_t number;
        unsigned char first;
    } order = {1};
    unsigned char header[EI_NIDENT];
    unsigned char vector[4096];
    uint64_t base = 0;
    uint64_t entry = 0;
    unsigned word;
    size_t length, i;

    if (read_of(pid, "exe", header, sizeof(header)) != sizeof(header))
        return 0;
    word = header[EI_CLASS] == ELFCLASS64 ? 8 : 4;
    length = read_of(pid, "auxv", vector, sizeof(vector));
    for (i = 0; i + 2 * word <= length; i += 2 * word) {
        uint64_t type = number_at(vector + i, word, order.first == 0);
        uint64_t value = number_at(vector + i + word, word, order.first == 0);

        if (type == AT_BASE)
            base = value;
        else if (type == AT_ENTRY)
            entry = value;
    }
    return base == 0 && executes_linker(pid) ? entry : base;
}

struct line {
    uint64_t start, end;
    char device[32];
    unsigned long long inode;
    const char *name; /* of the file, without directories */
};

static bool parse_line(struct line *line, char *text)
{
    unsigned long long start, end;
    char *slash = strrchr(text, '/');

    text[strcspn(text, "\n")] = '\0';
    if (sscanf(text, "%llx-%llx %*s %*s %31s %llu", &start, &end, line->device,
               &line->inode) != 4 ||
        line->inode == 0 || slash == NULL)
        return false;
    line->start = start;
    line->end = end;
    line->name = slash + 1;
    return true;
}

bool linker_find(long pid, struct linker *linker)
{
    uint64_t address = find_address(pid);
    char name[64];
    FILE *list;
    char *text = NULL;
    size_t capacity = 0;
    struct line line;
    struct line found = {0};

    if (address == 0)
        return false;
    snprintf(name, sizeof(name), "/proc/%ld/maps", pid);
    list = fopen(name, "re");
    if (list == NULL)
        return false;
    *linker = (struct linker){0};
    while (getline(&text, &capacity, list) > 0) {
        if (!parse_line(&line, text))
            continue;
        /* The first mapping of its file may lie before the entry point's. */
        if (line.inode != found.inode ||
            strcmp(line.device, found.device) != 0) {
            if (linker->end > address)
                break;
            found = line;
            linker->start = line.start;
            linker->is_libc = strncmp(line.name, "ld-musl", 7) == 0 ||
                              strncmp(line.name, "libc.", 5) == 0;
        }
        linker->end = line.end;
    }
    free(text);
    fclose(list);
    return linker->start <= address && address < linker->end;
}

/* ---- its system calls ---- */

/* A 64-bit recorder can see a process of 32 bits, which has other numbers. */
static bool is_native(const struct linker_call *call)
{
    return ((call->architecture & __AUDIT_ARCH_64BIT) != 0) ==
           (sizeof(long) == 8);
}

/*
 * Where the linker is the C library, too, the program calls from there as well;
 * but hardly a program makes only calls of these, or closes so many files that
 * it has not mapped.
 */
static const int calls_of_linker[] = {
    SYS_brk,        SYS_close,    SYS_fcntl,           SYS_getcwd, SYS_lseek,
    SYS_madvise,    SYS_mprotect, SYS_munmap,          SYS_openat, SYS_pread64,
    SYS_read,       SYS_readv,    SYS_set_tid_address,
#ifdef SYS_open
    SYS_open,
#endif
#ifdef SYS_readlink
    SYS_readlink,
#endif
    SYS_readlinkat,
#ifdef SYS_mmap
    SYS_mmap,
#endif
#ifdef SYS_mmap2
    SYS_mmap2,
#endif
#ifdef SYS_arch_prctl
    SYS_arch_prctl,
#endif
#ifdef SYS_fstat
    SYS_fstat,
#endif
#ifdef SYS_fstat64
    SYS_fstat64,
#endif
#ifdef SYS_newfstatat
    SYS_newfstatat,
#endif
#ifdef SYS_statx
    SYS_statx,
#endif
};

static bool is_mapping(const struct linker_call *call)
{
#ifdef SYS_mmap2
    if (call->number == SYS_mmap2)
        return true;
#endif
#ifdef SYS_mmap
    return call->number == SYS_mmap;
#else
    return false;
#endif
}

/* It closes a file that it has mapped, or its list of directories. */
static bool closes_in_vain(struct linker *linker,
                           const struct linker_call *call)
{
    enum { MOST = 8 };

    if (is_mapping(call))
        linker->closed = 0;
    return linker_closes(call) && ++linker->closed > MOST;
}

bool linker_calls(struct linker *linker, const struct linker_call *call)
{
    size_t i;

    if (call->pointer < linker->start || call->pointer >= linker->end)
        return false;
    if (!linker->is_libc)
        return true;
    if (!is_native(call) || closes_in_vain(linker, call))
        return false;
    for (i = 0; i < sizeof(calls_of_linker) / sizeof(calls_of_linker[0]); i++)
        if (call->number == (uint64_t)calls_of_linker[i])
            return true;
    return false;
}

bool linker_closes(const struct linker_call *call)
{
    /* The number on every processor of 32 bits whose 64-bit kin runs it. */
    return call->number == (is_native(call) ? (uint64_t)SYS_close : 6);
}
