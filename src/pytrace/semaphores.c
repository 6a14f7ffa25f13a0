/*
 * semaphores.c - what the semaphores of a process count, and where its
 * mappings keep a kernel from setting a probe.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "judge.h"
#include "process.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* A file's code can become writable when the program runs. */
static void judge_mapping(const struct process *process,
                          const struct image *image,
                          struct judgement *judgement, struct verdict *verdict)
{
    uint64_t there;
    const struct mapping *mapping =
        process_mapping(process, image, verdict->sites[0].pc, true, &there);

    if (mapping == NULL || !mapping->writable)
        return;
    judgement->too_short += verdict->shortfalls.count == 0;
    say(&verdict->shortfalls,
        "its site 0x%llx is in memory that the process has made writable, "
        "where the kernel sets no probe",
        (unsigned long long)verdict->sites[0].pc);
}

bool process_semaphore(const struct process *process, const struct image *image,
                       uint64_t semaphore, long *value)
{
    unsigned char bytes[2];
    uint64_t address;

    *value = -1;
    if (process_mapping(process, image, semaphore, false, &address) == NULL)
        return true;
    if (pread(process_memory(process), bytes, sizeof(bytes), (off_t)address) !=
        sizeof(bytes))
        return false;
    *value = (long)number_at(bytes, 2, image->big_endian);
    return true;
}

bool process_judge(struct process *process, struct report *report,
                   struct reason *reason)
{
    size_t i, j;

    if (process_memory(process) < 0)
        return because(reason, "its memory cannot be read: %s",
                       strerror(errno));
    for (i = 0; i < report->count; i++)
        for (j = 0; j < report->judgements[i].count; j++) {
            struct verdict *verdict = &report->judgements[i].verdicts[j];

            if (verdict->site_count == 0)
                continue;
            judge_mapping(process, report->image, &report->judgements[i],
                          verdict);
            if (!process_semaphore(process, report->image,
                                   verdict->sites[0].semaphore,
                                   &verdict->value))
                return because(reason, "its memory cannot be read: %s",
                               strerror(errno));
        }
    return true;
}
