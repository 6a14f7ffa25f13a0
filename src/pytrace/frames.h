/*
 * frames.h - the calls of a recording, or of two that are compared, as one tree
 * to draw: threads are put together, and callees are in the order of their
 * names.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_FRAMES_H
#define PYTRACE_FRAMES_H

#include "stacks.h"

/* Of two recordings, the tree is drawn as the second one has it. */
enum { NOW, BEFORE, RECORDINGS };

enum frames_by { BY_OWN_TIME, BY_CALLS, BY_COLLECTIONS };

struct frame {
    struct frame *parent, *child, *next;
    const struct function *function; /* NULL: it is no function's */
    char *text;                      /* what it is then, or NULL */
    size_t order;                    /* among its siblings */
    /* ns, calls or objects: itself, and with its callees. */
    uint64_t own[RECORDINGS], total[RECORDINGS];
    uint64_t calls[RECORDINGS];
    uint64_t at; /* where an output has it, in the same unit */
};

/* A function of the recordings. */
struct place {
    const struct function *function;
    size_t order;
    struct frame *frame; /* the last one made for it */
    uint64_t own[RECORDINGS];
    bool is_in[RECORDINGS];
};

struct frames {
    enum frames_by by;
    struct frame *root;
    struct place **places; /* in the order of names */
    size_t count;
    uint64_t deep; /* what was deeper than DEEPEST, and is its caller's here */
};

enum { DEEPEST = 1024 };

/*
 * After stacks_end(). stacks[BEFORE] is NULL where there is one recording.
 * Where it is by collections, a node's number is of its objects. All that is in
 * stacks has to stay, but its functions' data and its nodes' numbers, which are
 * changed.
 */
struct frames *frames_new(struct stacks *const *stacks, enum frames_by by);
void frames_free(struct frames *frames);
/* The next frame, callees first; NULL behind the last one. */
struct frame *frames_next(const struct frame *frame, bool with_callees);
/* "name (file:line)", of any bytes; allocated. */
char *frame_text(const struct frame *frame);

#endif
