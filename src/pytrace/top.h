/*
 * top.h - pytrace top: what a program does now, each second anew. The parts:
 * top.c reads the recording while it is made, and says when a second is over;
 * top_table.c has the figures; top_screen.c and top_text.c show them.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_TOP_H
#define PYTRACE_TOP_H

#include "capture.h"
#include "histogram.h"
#include "out.h"
#include "read.h"
#include "stacks.h"

struct figures {
    uint64_t calls;
    uint64_t own, total; /* ns; the latter with callees */
};

/* A function, of all threads that are chosen. */
struct top_row {
    struct function *function; /* NULL: no function, the thread itself */
    struct figures last;       /* since the second before */
    struct figures all;        /* since the beginning */
};

enum top_sort { BY_OWN, BY_CALLS, BY_TOTAL };

struct top {
    struct capture capture;
    bool json, is_screen;

    /* The recording. */
    int pipe;
    pid_t recorder;
    struct reader *reader;
    struct stacks *stacks;
    const struct recorded_process **processes; /* as they were told */
    size_t process_count;
    struct histogram pairs; /* for what an event takes */
    bool has_cost;
    double cost;         /* ns of an event */
    int64_t latest;      /* ns since the first event: the latest one */
    uint64_t first_mono; /* monotonic: when the first event was */
    bool has_event;
    bool is_paused; /* between two bursts; since when, ns */
    int64_t paused_at;
    bool has_ended; /* the recording has */
    bool is_over;   /* no more is to be shown */
    bool is_asked;  /* and this program was asked to end before it had ended */
    bool is_anew;   /* there were too many stacks, and it began anew */
    uint64_t next;  /* monotonic: when the second is over */
    int output;     /* the command's file, where there is a screen; or -1 */
    char *output_name;

    /* What is to be shown. */
    enum top_sort sort;
    char filter[64];
    uint32_t pid, tid; /* 0: all */

    /* The last second. */
    int64_t at;        /* its end: ns since the first event */
    uint64_t interval; /* ns */
    uint64_t recorded; /* ns of it, without pauses */
    uint64_t paused;   /* ns of pauses up to its end, since the beginning */
    uint64_t events_before, events, lost;
    size_t threads;
    struct top_row *rows; /* the worst first */
    size_t count;
    uint64_t own; /* of all rows, in the last second */
};

/* ---- top_table.c ---- */

/* A second is over. Returns false where there are too many stacks to go on. */
bool table_tick(struct top *top, int64_t now);
/* Choose the rows, and sort them. */
void table_choose(struct top *top);
/*
 * Whether a process has fired something in the last second; true, too, where
 * that is not known, as nearly all of it was paused.
 */
bool table_has_fired(const struct top *top, uint32_t pid);
/*
 * Who calls a function, or (is_callees) what it calls; since the beginning, the
 * most expensive first. Allocated.
 */
struct top_row *table_relatives(const struct top *top,
                                const struct function *function,
                                bool is_callees, size_t *count);
/* Before the stacks are freed. */
void table_forget(struct top *top);
/* "name (file:line)"; allocated. */
char *table_place(const struct function *function);
/* A number of the last second, for one second. */
uint64_t table_rate(const struct top *top, uint64_t number);
/* What is to be told of all; allocated. */
char *table_summary(const struct top *top);

/* ---- top_text.c: one table each second ---- */

void text_show(struct top *top, struct out *out);

/* ---- top_screen.c ---- */

/* Whether there can be one; else why not. */
bool screen_is_possible(struct reason *reason);
void screen_begin(void);
void screen_end(void);
void screen_show(struct top *top);
/* The functions are gone. */
void screen_forget(void);
/* Whether the user has asked that nothing changes. */
bool screen_is_frozen(const struct top *top);
/* Take the keys that wait. False: it is to end. */
bool screen_keys(struct top *top);

#endif
