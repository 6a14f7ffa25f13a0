/*
 * events.h - what a recording tells a view: hosts, processes, and one stream of
 * events. A view knows neither files nor rings; read.h gives it the events of a
 * file, one by one.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_EVENTS_H
#define PYTRACE_EVENTS_H

#include "base.h"

enum { MAX_ARGUMENTS = 16 }; /* of a marker (a definition allows for six) */

enum argument_kind {
    ARGUMENT_SIGNED,
    ARGUMENT_UNSIGNED,
    ARGUMENT_POINTER, /* whose address alone is recorded */
    ARGUMENT_STRING,
};

struct argument {
    char *type, *name; /* "const char *", "filename" */
    enum argument_kind kind;
    bool is_wide; /* has 64 bits */
};

struct recorded_marker {
    const char *name;
    const char *declaration; /* "const char *filename, int lineno" */
    const char *group;       /* "" where it has none */
    size_t count;            /* of its arguments */
    struct argument arguments[MAX_ARGUMENTS];
    size_t bytes;  /* of the shortest record that has them all */
    unsigned mark; /* a view's own; 0 at first */
};

struct recorded_host {
    const char *library, *provider, *file;
    struct recorded_marker *markers;
    size_t count;
    void *text; /* where the strings are */
};

struct recorded_process {
    uint32_t pid;     /* as who recorded saw it */
    uint32_t self;    /* as it sees itself */
    uint32_t parent;  /* 0: not known */
    char *command;    /* its arguments, joined by blanks */
    bool was_running; /* when it was attached to: functions ran already */
    uint64_t whole;   /* ticks when all of its markers were on; 0: always */
};

/* A string that was recorded. It has no NUL inside, and none at its end. */
struct string {
    uint32_t number;
    uint32_t kept;  /* bytes that are here */
    uint32_t whole; /* bytes that it had; more than kept: it was cut */
    bool is_plain;  /* printable ASCII, without '"' and '\\' */
    char *text;
};

struct value {
    uint64_t number;             /* extended to 64 bits, as its type says */
    const struct string *string; /* NULL: what it was is not known */
};

enum event_kind {
    EVENT_MARKER,
    EVENT_LOST,
    /* What is known of a host, a process, a thread; again when that changes. */
    EVENT_HOST,
    EVENT_PROCESS,
    EVENT_THREAD,
    EVENT_PAUSE, /* of all threads: no event is recorded; or it is over */
};

enum lost_why {
    LOST_FULL,   /* the thread's ring was full */
    LOST_BEHIND, /* behind the thread's last event, for whatever reason */
    LOST_EARLY,  /* the process had no memory for events yet */
    LOST_NO_RING /* all rings were taken by other threads */
};

struct event {
    enum event_kind kind;
    bool has_time; /* those of a marker all have one */
    uint64_t ticks;
    int64_t since; /* ns since the recording's first event */
    int64_t wall;  /* ns of CLOCK_REALTIME */
    const struct recorded_host *host;
    const struct recorded_process *process; /* NULL: not known */
    uint32_t pid, tid;                      /* 0: not known */
    struct recorded_marker *marker;
    bool is_partial; /* not all markers were on: its partner may be missing */
    struct value values[MAX_ARGUMENTS];
    const struct string *text; /* of a marker, beside its arguments; or NULL */
    uint64_t lost;             /* how many events */
    enum lost_why why;
    const char *name; /* of the thread */
    int64_t paused;   /* ns of the pause that is over; 0: one begins */
};

#endif
