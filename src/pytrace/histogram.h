/*
 * histogram.h - a distribution of times: counted in classes, each at most a
 * 32nd wide of what it has, so that a quantile is right within 3 percent.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_HISTOGRAM_H
#define PYTRACE_HISTOGRAM_H

#include "base.h"

struct histogram {
    uint64_t count, sum, least, most;
    uint32_t *classes; /* allocated with the first value */
    size_t size;       /* of them */
};

/* All zeroed is an empty one. */
void histogram_add(struct histogram *histogram, uint64_t value);
/* The smallest value that a share (0 to 1) of the values is not above. */
uint64_t histogram_quantile(const struct histogram *histogram, double share);
/* How many values there are from one up to, without, another. */
uint64_t histogram_between(const struct histogram *histogram, uint64_t from,
                           uint64_t to);
void histogram_free(struct histogram *histogram);

#endif
