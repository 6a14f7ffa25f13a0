/*
 * judge.h - an image's markers against what its hosts say of themselves. What
 * a report points to in the image must stay as long as the report does.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_JUDGE_H
#define PYTRACE_JUDGE_H

#include "image.h"

/* Markers that need not be fired: their names, or "all". */
struct exceptions {
    const char **names;
    bool *is_used; /* whether that one has named a marker */
    size_t count;
};

enum fires { FIRES_NOT, FIRES, FIRES_UNKNOWN };

/* A marker of a host. */
struct verdict {
    const struct marker *marker;
    const struct site *sites; /* those of this marker */
    size_t site_count;
    enum fires fires;
    struct sentences shortfalls;
    long value; /* of the semaphore in a process, or -1 */
};

/* A host. */
struct judgement {
    const struct host *host;
    struct verdict *verdicts; /* one for each marker */
    size_t count;
    size_t found;                /* how many markers are there at all */
    size_t too_short;            /* how many markers fall short */
    size_t unfired;              /* that no source fires, unless excepted */
    size_t unjudged;             /* of which that is not known, likewise */
    struct sentences shortfalls; /* of the whole host */
    struct sentences remarks;
};

/* A file. */
struct report {
    const char *file;
    const struct image *image;
    struct judgement *judgements; /* one for each provider */
    size_t count;
    bool is_bystander;           /* mapped by a process, and of no host */
    struct sentences shortfalls; /* of the whole file */
    struct sentences remarks;
};

/* ---- judge.c ---- */

/* in_process: the file is one of those that a process has mapped. */
void judge(struct report *report, const char *file, struct image *image,
           bool in_process, struct exceptions *exceptions);
void report_free(struct report *report);
bool judgement_is_well(const struct judgement *judgement);
bool report_is_well(const struct report *report);

/* Whether a host of the file has this provider. */
bool report_has_host(const struct report *report, const char *provider);

/* The sites of no host's marker, one marker after the other. */
struct others {
    const struct image *image;
    size_t at;
};
/* The first site of the next marker, and how many it has; NULL at the end. */
const struct site *others_next(struct others *others, size_t *count);

/* ---- uses.c: who fires the markers ---- */

/* What the sources do with the markers of a provider. */
struct usage {
    struct use *uses; /* ordered by marker */
    size_t count;
    bool has_no_macro; /* functions only, as another language calls them, too */
};

struct usage usage_of(struct image *image, const char *provider);
void judge_use(struct verdict *verdict, struct judgement *judgement,
               const struct usage *usage, struct exceptions *exceptions);
/* When each marker has been judged. */
void judge_usage(struct judgement *judgement, const struct usage *usage);
/* When each host has been: what is left is of no host. */
void judge_other_uses(struct report *report, const struct image *image);

/* ---- place.c: where a site and its semaphore are ---- */

/* The image's sites that have a semaphore, by its address. */
struct semaphores {
    const struct site **sites;
    size_t count;
};

void semaphores_order(struct semaphores *semaphores, const struct image *image);
void judge_code(struct sentences *shortfalls, const struct image *image,
                const struct site *site);
/* where is " at 0x...", or "" where a marker has one site. */
void judge_semaphore(struct sentences *shortfalls, const struct image *image,
                     const struct semaphores *semaphores,
                     const struct site *site, const struct marker *marker,
                     const char *where);

#endif
