/* process.h - the files of a process, and what its semaphores count. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_PROCESS_H
#define PYTRACE_PROCESS_H

#include "judge.h"

enum { MAX_MAPPINGS = 65536 }; /* of files, that are read of a process */

struct process;

/* What is done with each file: by its path there, and by one to open here. */
typedef void process_visit(struct process *process, const char *name,
                           const char *path, void *data);

/* Call visit for each file that the process has mapped. */
bool process_visit_files(long pid, process_visit *visit, void *data,
                         struct reason *reason);
/*
 * In visit: fill in the values in the report of the file visited, and what the
 * process' mappings say of its sites. False when its memory may not be read.
 */
bool process_judge(struct process *process, struct report *report,
                   struct reason *reason);
/* In visit: whether the file was deleted or replaced since it was mapped. */
bool process_file_is_deleted(const struct process *process);

#endif
