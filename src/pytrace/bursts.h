/*
 * bursts.h - when to record, and when to pause, so that recording takes no more
 * than a share of the program's time: the processor time that it uses, or a
 * part of the time that passes, where that is more, as what hardly does
 * anything can be recorded whole.
 *
 * What the program uses earns a balance, and events spend it. What an event
 * takes cannot be seen from outside, but the most that it can be: all that the
 * program has used meanwhile (where it fires all the time), and no more than
 * COST. A pause begins when the balance is spent, and ends when it is enough
 * for a burst. So a program that fires little is recorded all the time, and one
 * that fires much in short bursts.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_BURSTS_H
#define PYTRACE_BURSTS_H

#include "base.h"

struct bursts {
    double budget; /* the share of time that events may take; 0: any */
    /* Of the time that passes, 1 / part counts if less is used; 0: 1 / 20. */
    uint64_t part;
    uint64_t longest; /* pause, ns; 0: a second */
    bool is_paused;
    uint64_t changed; /* when it began or ended to be, monotonic; 0: never */

    double balance; /* ns that events may take now */
    uint64_t looked;
    uint64_t used; /* ns of the processors, by the program */
    uint64_t events;

    /* What came of it. */
    uint64_t began;
    uint64_t count;  /* of pauses */
    uint64_t paused; /* ns of those that are over */
    double time;     /* ns, the program's */
    double spent;    /* ns of them, at most, by events */
};

/*
 * So much processor time the program has used, and so many events have come,
 * since the recording began. True: is_paused has changed.
 */
bool bursts_look(struct bursts *bursts, uint64_t now, uint64_t used,
                 uint64_t events);
/* How long it is, in nanoseconds, until it can change without an event. */
uint64_t bursts_wait(const struct bursts *bursts, uint64_t now);
/* A sentence for the end; allocated. NULL: there was no limit. */
char *bursts_text(const struct bursts *bursts, uint64_t now);

#endif
