/*
 * heat.h - heat maps of durations over time, as an SVG.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_HEAT_H
#define PYTRACE_HEAT_H

#include "steps.h"

struct heat {
    char *title;           /* allocated; the function */
    int64_t origin, width; /* ns: where the first slice begins; of a slice */
    const struct steps *slices; /* of time, by when a call began */
    size_t count;               /* of slices */
};

/* One below the other. title is what was recorded. */
void heat_svg(const struct heat *heats, size_t count, const char *title,
              struct out *out);

#endif
