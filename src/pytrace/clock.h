/*
 * clock.h - from the clock of the events to nanoseconds, by readings of both
 * clocks together. What is read later changes no time that was given before, so
 * it serves a file as well as what is being recorded.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_CLOCK_H
#define PYTRACE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct reading {
    bool is_counter; /* ticks are the processor's counter; else nanoseconds */
    uint64_t ticks, monotonic, wall;
};

/* From ticks on, nanoseconds are ns + slope * what is added to ticks. */
struct line {
    uint64_t ticks, ns;
    double slope;
};

struct clock {
    unsigned readings;
    struct reading first, last;
    struct line line, before; /* before: until line's ticks */
};

/* False when it does not fit to the former ones; then it is left out. */
bool clock_read(struct clock *clock, const struct reading *reading);
/* Whether there were readings enough. */
bool clock_is_known(const struct clock *clock);
/* Nanoseconds of CLOCK_MONOTONIC. */
uint64_t clock_ns(const struct clock *clock, uint64_t ticks);
/* What to add to them for CLOCK_REALTIME, as at the first reading. */
uint64_t clock_wall(const struct clock *clock);

#endif
