/* session.h - a recording that is under way: its processes, into one file. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_SESSION_H
#define PYTRACE_SESSION_H

#include "attach.h"
#include "bursts.h"
#include "children.h"
#include "keep.h"
#include "launch.h"
#include "write.h"

#include <pthread.h>

/* A process that the recording has a number for. */
struct member {
    long pid, inside;
    bool has_ended;
};

/* A process that may get a host: it is looked at again. */
struct pending {
    long pid;
    uint64_t next, interval; /* monotonic, in nanoseconds */
};

struct session {
    /* Given. */
    struct wishes wishes;
    bool follow;
    uint64_t seconds_end; /* monotonic; 0: no end is set */
    struct writer *writer;
    struct keep *keep;     /* or NULL: all events go to the file */
    struct launch *launch; /* or NULL */
    struct bursts bursts;  /* its budget */
    uint64_t used;         /* ns of the processors, by the processes */
    bool is_terminal;      /* the state is shown */
    bool (*is_asked_to_end)(void);

    /* A launch has its own thread, which attaches: for all that follows. */
    pthread_mutex_t mutex;
    struct rings_calls calls;
    struct target **targets;
    size_t count;
    struct member *members; /* by their numbers, from 1 on */
    size_t member_count;
    size_t looks; /* for hosts in libraries that are opened later */
    struct pending *pending;
    size_t pending_count;
    long *newcomers; /* processes that have written, and are no targets yet */
    size_t newcomer_count;
    long *refused; /* processes that cannot be recorded */
    size_t refused_count;
    struct children *children;
    uint32_t streams, hosts; /* the last numbers */
    uint64_t paused;         /* ticks, when the last pause began */
    bool has_written;        /* since the last PASS */
    uint64_t pace;           /* ns between two looks for an answer */
    bool is_waiting;         /* for one */
    bool is_stopped;         /* what is attached to has not fired yet */
    bool has_short_threads;  /* many have ended since the last look */
    bool is_launched;        /* the command runs */
    int launch_status;

    /* What came of it. */
    uint64_t began, ended; /* monotonic */
    uint64_t events, lost; /* of rings that have ended */
    uint64_t unringed;     /* lost, as no ring was free */
    uint64_t early;        /* of the lost ones, those before there was memory */
    uint64_t thrown;       /* events that were not kept */
    uint64_t threads;
    bool has_host; /* a process was recorded */
    enum end_reason why;
    bool has_failed; /* and a message says what went wrong */
};

void session_init(struct session *session);
/* Find the hosts of a process. NULL: why not. */
struct target *session_find(struct session *session, long pid,
                            struct reason *reason);
/* Record it. False: why not. */
bool session_add(struct session *session, struct target *target,
                 struct reason *reason);
/* For launch.h: something new is mapped in this process. */
bool session_mapped(long pid, void *session);
/*
 * Look into /proc for what this process executes and, where they are followed,
 * for its children. Record it where it is not recorded yet.
 */
void session_watch(struct session *session, long pid);
/* While more are added: answer those that are there. */
void session_answer(struct session *session);
/* For write.h, while the file takes nothing. */
void session_beat(void *session);
/* Until it is over. */
void session_run(struct session *session);
/* Take all requests back, and write the rest. */
void session_end(struct session *session, const char *sentence);

/* Of all rings, by now. */
uint64_t session_events(const struct session *session);
uint64_t session_lost(const struct session *session);

/* ---- display.c: on the standard error output ---- */

void display_state(const struct session *session, uint64_t now);
/* Over the state, a line of its own. */
void display_message(const struct session *session, const char *sentence);
/* Without a file, only what there is to say beside it. */
void display_summary(const struct session *session, const char *file,
                     bool is_written, uint64_t bytes);

#endif
