/*
 * stacks.h - the calls of a recording: entries and returns of each thread make
 * a stack, and all stacks of a thread a tree.
 *
 * Entries and returns are paired by their order (docs/markers.md). Behind lost
 * events the names help: a return ends the innermost function of its name.
 *
 * Between bursts (EVENT_PAUSE) a thread calls and returns unseen: its calls are
 * over for a view then. The functions that they were of are the best guess of
 * what runs afterwards, until a return, or an entry from one that is known to
 * call it, tells better (settle()).
 *
 * What the recorder itself takes is taken off: it is the time that passes
 * between two events at least (stacks_cost()), for each event.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_STACKS_H
#define PYTRACE_STACKS_H

#include "events.h"
#include "read.h"

/* A function is known by its file and its name. */
struct function {
    const char *file, *name; /* as they were recorded; with a NUL behind */
    size_t file_size, name_size;
    const char *shown_file, *shown_name; /* what a terminal can show */
    int64_t line; /* the lowest at which it was entered */
    size_t index; /* from 0 on */
    void *data;   /* a view's own */
};

/* A function called from what its parent is; a thread's root has none. */
struct node {
    struct node *parent, *child, *next; /* its callees, first to last */
    struct function *function;          /* NULL: the root */
    uint64_t calls;
    uint64_t own;      /* ns, without callees, without the recorder's */
    uint64_t events;   /* that it has fired itself */
    uint64_t total;    /* ns, with callees: after stacks_end() */
    uint64_t number;   /* a view's own */
    bool is_coroutine; /* below the root: it stands by itself */
};

/* A call that goes on. */
struct activation {
    struct node *node;
    uint64_t frame; /* its address; 0 where the host does not say it */
    int64_t began;
    uint64_t events; /* of the thread, when it began */
    bool in_coroutine;
};

struct lane {                               /* a thread of a process */
    const struct recorded_process *process; /* NULL: not known */
    uint32_t pid, tid;
    char *name; /* or NULL */
    struct node root;
    struct activation *stack;
    size_t depth;
    int64_t first, last; /* ns; the times of its first and last event */
    uint64_t events, lost;
    uint64_t late;      /* returns of calls that began before */
    uint64_t uncertain; /* calls that lost events made uncertain */
    bool was_paused;
    bool is_resumed;  /* and no event has come since then */
    size_t guessed;   /* so many calls are from before the last pause */
    bool is_unsure;   /* and which of it runs is not known yet */
    uint64_t unknown; /* ns, of what that is */
    uint32_t *active; /* by a function's index: how often it is in the stack */
    size_t active_size;
    void *data; /* a view's own */
};

struct stacks;

struct stacks_calls {
    /* Each may be NULL. The call is on top of the stack in both. */
    void (*entered)(struct stacks *stacks, struct lane *lane,
                    const struct event *event, void *data);
    /* duration: ns, without the recorder's. is_whole: its entry was seen. */
    void (*returned)(struct stacks *stacks, struct lane *lane,
                     const struct activation *call, uint64_t duration,
                     bool is_whole, const struct event *event, void *data);
};

/* cost: ns of an event, to be taken off; 0: nothing is. */
struct stacks *stacks_new(double cost, const struct stacks_calls *calls,
                          void *data);
/*
 * From the next event on, a coroutine is not below who resumes it, but below
 * the thread's root; unless that is a coroutine, too. Where the host says that
 * it is one: a function__entry has a text that begins with "coroutine" beside
 * it.
 */
void stacks_part_coroutines(struct stacks *stacks);
/* From the next event on. */
void stacks_set_cost(struct stacks *stacks, double cost);
/*
 * Each event goes through here. Returns its thread, with the stack as it is
 * then; NULL for what is no thread's.
 */
struct lane *stacks_event(struct stacks *stacks, const struct event *event);
/* Whether a marker that was seen there is an entry or a return. */
bool stacks_is_call(const struct recorded_marker *marker);
/*
 * What goes on still goes on until end: ns since the recording's first event.
 * (Where that is before a thread's last event, until that.) Then sum up.
 */
void stacks_end(struct stacks *stacks, int64_t end);
size_t stacks_lanes(const struct stacks *stacks);
struct lane *stacks_lane(const struct stacks *stacks, size_t i);
size_t stacks_functions(const struct stacks *stacks);
struct function *stacks_function(const struct stacks *stacks, size_t i);
void stacks_free(struct stacks *stacks);

/*
 * On the standard error output: what the times of a view cannot know, and what
 * was taken off them. late and uncertain are the sums of its lanes'.
 */
void stacks_note(const char *command, uint64_t late, uint64_t uncertain,
                 double cost);

/* How often the function is in the thread's stack. */
uint32_t lane_depth(const struct lane *lane, const struct function *function);

/*
 * What an event takes, in ns: the time between two events of one thread that
 * one in a hundred pairs is not above, and at most 300; 0: there are too few.
 * Reads at most a million events.
 */
double stacks_cost(struct reader *reader);

#endif
