/*
 * process.c - the files of a process, by /proc/PID/maps, and where their
 * addresses are in its memory. A file is opened through /proc/PID/exe or
 * /proc/PID/map_files, where it can be even when it was deleted or lies in
 * another container, or, without the permission for that, by its path below the
 * process' own root.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

struct process {
    long pid;
    int memory; /* /proc/PID/mem, or -1: errno is in memory_error */
    int memory_error;
    struct mapping *mappings; /* ordered by file and address */
    size_t count;
    struct mapping *visited; /* those of the file that is being visited */
    size_t visited_count;
    bool is_deleted; /* that file was deleted or replaced */
};

/* ---- reading the list ---- */

static bool parse_line(struct mapping *mapping, char *line)
{
    char permissions[8];
    int path = 0;

    if (sscanf(line, "%llx-%llx %7s %llx %x:%x %llu %n", &mapping->start,
               &mapping->end, permissions, &mapping->offset, &mapping->major,
               &mapping->minor, &mapping->inode, &path) < 7 ||
        path == 0 || mapping->inode == 0 || line[path] != '/')
        return false;
    mapping->writable = permissions[1] == 'w';
    mapping->executable = permissions[2] == 'x';
    mapping->path = formatted("%s", line + path);
    mapping->path[strcspn(mapping->path, "\n")] = '\0';
    return true;
}

static int by_file(const struct mapping *a, const struct mapping *b)
{
    if (a->major != b->major)
        return a->major < b->major ? -1 : 1;
    if (a->minor != b->minor)
        return a->minor < b->minor ? -1 : 1;
    return (a->inode > b->inode) - (a->inode < b->inode);
}

static int by_file_and_start(const void *left, const void *right)
{
    const struct mapping *a = left;
    const struct mapping *b = right;
    int order = by_file(a, b);

    return order != 0 ? order : (a->start > b->start) - (a->start < b->start);
}

/* Not a part of the kernel, and not one that has ended. */
static bool has_program(long pid)
{
    char name[64], first;

    snprintf(name, sizeof(name), "/proc/%ld/exe", pid);
    return readlink(name, &first, 1) >= 0;
}

/* (A process that executes a program has no files mapped for a moment.) */
static bool read_mappings(struct process *process, struct reason *reason)
{
    char name[64];
    FILE *list;
    char *line = NULL;
    size_t capacity = 0;
    struct mapping mapping;
    bool good = true;

    snprintf(name, sizeof(name), "/proc/%ld/maps", process->pid);
    errno = 0;
    list = fopen(name, "re");
    if (list == NULL)
        return errno == ENOENT ? because(reason, "there is no such process")
                               : because(reason,
                                         "its list of mappings, %s, cannot be "
                                         "read: %s",
                                         name, strerror(errno));
    while (good && getline(&line, &capacity, list) > 0) {
        if (!parse_line(&mapping, line))
            continue;
        process->mappings =
            grown(process->mappings, process->count, sizeof(mapping));
        process->mappings[process->count++] = mapping;
        if (process->count > MAX_MAPPINGS)
            good = because(reason, "it has more than %d mappings of files",
                           MAX_MAPPINGS);
    }
    if (good && ferror(list))
        good = because(reason, "its list of mappings, %s, cannot be read: %s",
                       name, strerror(errno));
    free(line);
    fclose(list);
    if (good && process->count == 0 && !has_program(process->pid))
        good = because(reason, "it has no files mapped: it has ended, or is a "
                               "part of the kernel");
    if (good && process->count != 0)
        qsort(process->mappings, process->count, sizeof(mapping),
              by_file_and_start);
    return good;
}

/* ---- visiting the files ---- */

/* A group of mappings is a file: where it begins, and how many. */
struct group {
    size_t first, count;
    unsigned long long start;
};

static int by_start(const void *left, const void *right)
{
    const struct group *a = left;
    const struct group *b = right;

    return (a->start > b->start) - (a->start < b->start);
}

static struct group *group_mappings(const struct process *process,
                                    size_t *count)
{
    struct group *groups = NULL;
    size_t i;

    *count = 0;
    for (i = 0; i < process->count; i++) {
        if (i == 0 ||
            by_file(&process->mappings[i - 1], &process->mappings[i]) != 0) {
            groups = grown(groups, *count, sizeof(*groups));
            groups[*count].first = i;
            groups[*count].count = 0;
            groups[(*count)++].start = process->mappings[i].start;
        }
        groups[*count - 1].count++;
    }
    if (*count != 0)
        qsort(groups, *count, sizeof(*groups), by_start);
    return groups;
}

static bool is_same_file(const char *path, const struct mapping *mapping)
{
    struct stat status;

    return stat(path, &status) == 0 && status.st_ino == mapping->inode &&
           major(status.st_dev) == mapping->major &&
           minor(status.st_dev) == mapping->minor;
}

/*
 * The name under which the visited file can be opened, though another file may
 * have its path by now. Allocated.
 */
static char *path_here(const struct process *process)
{
    const struct mapping *mapping = process->visited;
    char *path = formatted("/proc/%ld/exe", process->pid);

    if (is_same_file(path, mapping))
        return path;
    free(path);
    path = formatted("/proc/%ld/map_files/%llx-%llx", process->pid,
                     mapping->start, mapping->end);
    if (access(path, R_OK) == 0)
        return path;
    free(path);
    /* (Where only its root is another, as by chroot, the path is from ours.) */
    if (is_same_file(mapping->path, mapping))
        return formatted("%s", mapping->path);
    return formatted("/proc/%ld/root%s", process->pid, mapping->path);
}

/*
 * The list of mappings says behind the path that the file was deleted; but a
 * file can also be called so.
 */
static bool is_deleted(const struct process *process)
{
    static const char deleted[] = " (deleted)";
    const char *name = process->visited->path;
    size_t length = strlen(name);
    size_t end = sizeof(deleted) - 1;
    char *path;
    bool is;

    if (length <= end || strcmp(name + length - end, deleted) != 0)
        return false;
    path = formatted("/proc/%ld/root%s", process->pid, name);
    is = !is_same_file(path, process->visited);
    free(path);
    return is;
}

/* Devices and the like can be mapped, too; there are no markers in them. */
static bool may_have_markers(const char *path)
{
    struct stat status;

    return stat(path, &status) != 0 ||
           (S_ISREG(status.st_mode) && status.st_size != 0);
}

static void visit_files(struct process *process, process_visit *visit,
                        void *data)
{
    size_t count;
    struct group *groups = group_mappings(process, &count);
    size_t i;

    for (i = 0; i < count; i++) {
        char *path;

        process->visited = process->mappings + groups[i].first;
        process->visited_count = groups[i].count;
        path = path_here(process);
        process->is_deleted = is_deleted(process);
        if (may_have_markers(path))
            visit(process, process->visited->path, path, data);
        free(path);
    }
    free(groups);
}

bool process_visit_files(long pid, process_visit *visit, void *data,
                         struct reason *reason)
{
    struct process process = {.pid = pid};
    bool good = read_mappings(&process, reason);
    char name[64];
    size_t i;

    if (good) {
        snprintf(name, sizeof(name), "/proc/%ld/mem", pid);
        process.memory = open(name, O_RDONLY | O_CLOEXEC);
        process.memory_error = errno;
        visit_files(&process, visit, data);
        if (process.memory >= 0)
            close(process.memory);
    }
    for (i = 0; i < process.count; i++)
        free(process.mappings[i].path);
    free(process.mappings);
    return good;
}

/* ---- in visit ---- */

const struct mapping *process_mapping(const struct process *process,
                                      const struct image *image,
                                      uint64_t address, bool is_code,
                                      uint64_t *there)
{
    const struct segment *segment = image_segment(image, address, 1);
    uint64_t offset;
    size_t i;

    if (segment == NULL)
        return NULL;
    offset = address - segment->address + segment->offset;
    for (i = 0; i < process->visited_count; i++) {
        const struct mapping *mapping = &process->visited[i];

        if ((is_code ? mapping->executable : mapping->writable) &&
            offset >= mapping->offset &&
            offset - mapping->offset < mapping->end - mapping->start) {
            *there = mapping->start + (offset - mapping->offset);
            return mapping;
        }
    }
    return NULL;
}

int process_memory(const struct process *process)
{
    errno = process->memory_error;
    return process->memory;
}

bool process_runs_file(const struct process *process)
{
    size_t i;

    for (i = 0; i < process->visited_count; i++)
        if (process->visited[i].executable)
            return true;
    return false;
}

bool process_file_is_deleted(const struct process *process)
{
    return process->is_deleted;
}
