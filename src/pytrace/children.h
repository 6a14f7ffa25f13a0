/*
 * children.h - the children of processes that are followed, and what they
 * execute, found by looking into /proc. Nothing is stopped.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_CHILDREN_H
#define PYTRACE_CHILDREN_H

#include <stdbool.h>

struct children;

enum children_kind {
    CHILDREN_BORN,     /* pid is a child of parent */
    CHILDREN_ORPHAN,   /* pid is new, and its parent had ended before anyone
                          looked: it may be a descendant, or not. Say so with
                          children_follow() when its memory shows that it is. */
    CHILDREN_EXECUTED, /* pid has executed another program */
    CHILDREN_ENDED     /* pid has ended; it is forgotten */
};

typedef void children_visit(enum children_kind kind, long pid, long parent,
                            void *data);

/*
 * with_descendants: else no more than what is followed is looked at, for what
 * it executes and its end.
 */
struct children *children_new(bool with_descendants);
/*
 * Follow this process, too. Its descendants of this moment are told by the next
 * look. False when there is no such process.
 */
bool children_follow(struct children *children, long pid);
/*
 * Look once, and call visit for each change since the last look: each 10 ms or
 * more often. While no process was started, this reads one small file, and one
 * for each process that is known.
 */
void children_look(struct children *children, children_visit *visit,
                   void *data);
void children_free(struct children *children);

#endif
