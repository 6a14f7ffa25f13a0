/*
 * running.h - which function a thread runs, and at which line: what collections
 * and audit events are blamed on.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_RUNNING_H
#define PYTRACE_RUNNING_H

#include "out.h"
#include "stacks.h"

/* A thread's lines, by the depth of its stack. All zeroed is an empty one. */
struct running {
    int32_t *lines;
    size_t size;
};

struct running_place {
    const struct function *function; /* NULL: none that was seen to begin */
    int32_t line;                    /* the latest one recorded of that call */
};

/* Behind stacks_event(), for each event of a marker. */
void running_event(struct running *running, const struct lane *lane,
                   const struct event *event);
struct running_place running_now(const struct running *running,
                                 const struct lane *lane);
void running_free(struct running *running);

/* "f (a.lua:12)", or "-"; allocated. */
char *running_text(const struct running_place *place);
/* ,"function":"f","file":"a.lua","line":12; or nothing. */
void running_json(const struct running_place *place, struct out *out);
/* "12", or with its thread, "12/13", where it is not the first; allocated. */
char *thread_text(const struct lane *lane);

#endif
