/* process.h - the files of a process. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_PROCESS_H
#define PYTRACE_PROCESS_H

#include "image.h"

enum { MAX_MAPPINGS = 65536 }; /* of files, that are read of a process */

/* One mapping of a file. */
struct mapping {
    unsigned long long start, end, offset;
    unsigned long long inode;
    unsigned major, minor;
    bool writable, executable;
    char *path;
};

struct process;
struct report;

/* What is done with each file: by its path there, and by one to open here. */
typedef void process_visit(struct process *process, const char *name,
                           const char *path, void *data);

/* Call visit for each file that the process has mapped. */
bool process_visit_files(long pid, process_visit *visit, void *data,
                         struct reason *reason);

/* ---- in visit ---- */

/*
 * The mapping of that address of the file, for writing or for running; *there
 * is where it is in the process' memory. NULL: there is none.
 */
const struct mapping *process_mapping(const struct process *process,
                                      const struct image *image,
                                      uint64_t address, bool is_code,
                                      uint64_t *there);
/* /proc/PID/mem for reading, or -1, and errno. */
int process_memory(const struct process *process);
/* Whether it runs code of the file. */
bool process_runs_file(const struct process *process);
/* Whether the file was deleted or replaced since it was mapped. */
bool process_file_is_deleted(const struct process *process);
/*
 * semaphores.c: what the semaphore at that address of the file counts there.
 * -1: that is not mapped. False when its memory may not be read, and errno.
 */
bool process_semaphore(const struct process *process, const struct image *image,
                       uint64_t semaphore, long *value);
/*
 * semaphores.c: fill in the values in the report of the file visited, and what
 * the process' mappings say of its sites. False when its memory may not be
 * read.
 */
bool process_judge(struct process *process, struct report *report,
                   struct reason *reason);

#endif
