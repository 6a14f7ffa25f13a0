/* ticks.h - the clock of a recording. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_TICKS_H
#define PYTRACE_TICKS_H

#include "base.h"

/* The same moment by three clocks. */
struct moment {
    uint64_t ticks, monotonic, real; /* the latter two in nanoseconds */
};

uint64_t monotonic_now(void); /* nanoseconds */

/* Whether events take their time from the processor's counter. */
bool ticks_are_counted(void);
uint64_t ticks_now(void);
struct moment moment_now(void);
/* In a second. The first call can take a millisecond. */
uint64_t ticks_a_second(void);

#endif
