/* relatives.h - all processes there are, and who has started whom. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_RELATIVES_H
#define PYTRACE_RELATIVES_H

#include "refuse.h"

struct relative {
    long pid;
    struct status status;
    bool descends; /* relatives_mark() has said so */
};

struct relatives {
    struct relative *list; /* ordered by pid; the caller frees it */
    size_t count;
};

struct relatives relatives_read(void);
/* Mark the descendants of a process; not itself. */
void relatives_mark(struct relatives *relatives, long pid);
/* The process of that number, or NULL. */
struct relative *relatives_find(const struct relatives *relatives, long pid);

#endif
