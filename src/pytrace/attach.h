/* attach.h - a process that is recorded: its hosts, and the request to them. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_ATTACH_H
#define PYTRACE_ATTACH_H

#include "hosts.h"
#include "segment.h"

/* What is asked of each process. */
struct wishes {
    const char **markers; /* their names; none: all */
    bool *is_known;       /* whether a host had a marker of that name */
    size_t marker_count;
    uint32_t flags; /* of a request */
    uint32_t ring_bytes;
    uint64_t check_ticks;
    bool force; /* also where a filter of system calls may end the process */
};

enum spot_state {
    SPOT_FOUND,     /* nothing is written yet */
    SPOT_REQUESTED, /* the semaphores have the bit */
    SPOT_ANSWERED,  /* and there is a segment */
    SPOT_OVER
};

/* A host in a process. */
struct spot {
    struct known_file *file;
    struct known_host *host;
    enum spot_state state;
    uint64_t control;     /* its address in the process */
    uint64_t *semaphores; /* likewise, of each marker; 0: none */
    bool *is_wanted;      /* each marker */
    uint32_t request;
    uint32_t pid;   /* in its control block: whose request it has */
    uint32_t early; /* what it counted before this request */
    struct rings_wishes wishes;
    struct rings *rings; /* or NULL */
    bool is_owner;       /* else they are of another process: a fork */
    enum { NOT_SWITCHED, SWITCHED_ON, SWITCHED_OFF } bits;
};

struct target {
    long pid, inside; /* as this program sees it, and as it does itself */
    long parent;
    int memory; /* /proc/PID/mem; its lock keeps other recorders away */
    int end;    /* a descriptor that can be read when it has ended, or -1 */
    uint32_t number; /* in the recording */
    struct spot *spots;
    size_t count;
    bool has_filter; /* of system calls; --force was given */
    uint64_t looked; /* when it was last looked for hosts, monotonic */
    uint64_t used;   /* its processor time, ns; 0: not read yet */
    /* Why target_open() has refused it. */
    enum {
        REFUSED_OTHERWISE,
        REFUSED_ACCESS,
        REFUSED_UNDER_WAY,
        REFUSED_FILTER
    } refusal;
};

enum finding {
    FOUND,
    NO_HOST,  /* none of its files is one */
    VANISHED, /* it has ended, or executes another program */
    REFUSED
};

/* The threads of a process as they see themselves, as they were read last. */
struct threads {
    uint32_t *inside;
    size_t count;
};

/* Whether one is of this process. They are read where it is not known. */
bool process_has_thread(struct threads *threads, long pid, uint32_t inside);
void threads_forget(struct threads *threads);
/*
 * vfork's child, and posix_spawn's, before it executes a program: its memory is
 * its parent's, which is recorded, or not.
 */
bool process_is_in_parent(long pid);

/* Find the hosts. Nothing is written. NO_HOST has no reason. */
enum finding target_open(struct target *target, long pid,
                         const struct wishes *wishes, struct reason *reason);
/*
 * Libraries that it has opened since then may have others: these are the last
 * ones of its spots. Returns how many.
 */
size_t target_find_more(struct target *target, const struct wishes *wishes);
/* Forget a spot that is over; the last one takes its place. */
void target_drop(struct target *target, size_t i);
void target_close(struct target *target);
/* Not when it executes another program, either. */
bool target_has_memory(const struct target *target);
bool target_has_ended(const struct target *target);

enum answer {
    NO_ANSWER, /* yet: no event came */
    ANSWER,    /* there are rings now */
    GONE,      /* its memory is: the process has ended, or executes another
                  program, or has closed the library */
    FAILED     /* the program could not, and has ended the recording */
};

/*
 * Ask the host to record. NO_ANSWER, as it is only asked; GONE; or FAILED and
 * why not: nothing is asked then.
 */
enum answer spot_request(const struct target *target, struct spot *spot,
                         const struct wishes *wishes,
                         const struct rings_calls *calls,
                         struct reason *reason);
/*
 * Where the process is a child by fork of one that is recorded, it has its
 * parent's request in its memory: that number, or 0.
 */
uint32_t spot_inherited(const struct target *target, const struct spot *spot);
/*
 * Be a child of that one, with this request. Where its parent had a segment, it
 * writes to that, and else makes its own.
 */
bool spot_inherit(const struct target *target, struct spot *spot,
                  const struct spot *parent);

enum answer spot_look(const struct target *target, struct spot *spot,
                      struct reason *reason);
/* Whether there is memory where it was. */
bool spot_has_memory(const struct target *target, const struct spot *spot);
/* Whether the request is still as it was written. */
enum answer spot_check(const struct target *target, const struct spot *spot,
                       struct reason *reason);
/* Set the bits that are missing. */
void spot_mend(const struct target *target, const struct spot *spot);
/*
 * Clear the bits, while the request stays: no event is recorded until they are
 * set again. What it is already is not done again.
 */
void spot_switch(const struct target *target, struct spot *spot, bool on);
/* Take the request back. */
void spot_release(const struct target *target, struct spot *spot);
/* How many events were lost before there was a segment. */
uint32_t spot_early(const struct target *target, const struct spot *spot);

#endif
