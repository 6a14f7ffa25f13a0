/*
 * steps.h - a distribution of times in steps of 1, 2, 5, 10, 20 ... ns, to be
 * shown as bars.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_STEPS_H
#define PYTRACE_STEPS_H

#include "out.h"

enum { STEPS = 59 };

struct steps {
    uint64_t counts[STEPS];
};

/* The step that ns is in: at least step_from(step), less than the next's. */
size_t step_of(uint64_t ns);
uint64_t step_from(size_t step);
/* Bars, from the first step that has something to the last one. */
void steps_print(const struct steps *steps, const char *title, struct out *out);
/* ,"histogram":[{"from_ns":...,"to_ns":...,"count":...},...] */
void steps_json(const struct steps *steps, struct out *out);

#endif
