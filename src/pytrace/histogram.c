/* histogram.c - a distribution of times. SPDX-License-Identifier: MIT */
#include "histogram.h"

#include <stdlib.h>
#include <string.h>

enum { PART_BITS = 5, PARTS = 1 << PART_BITS };

/* Values below 32 have a class each; above, each power of 2 has 32. */
static size_t class_of(uint64_t value)
{
    unsigned power;

    if (value < PARTS)
        return (size_t)value;
    power = 63 - (unsigned)__builtin_clzll(value);
    return (size_t)(power - PART_BITS + 1) * PARTS +
           (size_t)((value >> (power - PART_BITS)) & (PARTS - 1));
}

static uint64_t first_of(size_t class)
{
    unsigned power = (unsigned)(class / PARTS);

    if (power == 0)
        return class;
    return (uint64_t)(PARTS + class % PARTS) << (power - 1);
}

void histogram_add(struct histogram *histogram, uint64_t value)
{
    size_t class = class_of(value);

    if (class >= histogram->size) {
        size_t size = (class / PARTS + 1) * PARTS;
        uint32_t *classes = allocate(size, sizeof(*classes));

        if (histogram->size != 0)
            memcpy(classes, histogram->classes,
                   histogram->size * sizeof(*classes));
        free(histogram->classes);
        histogram->classes = classes;
        histogram->size = size;
    }
    if (histogram->count == 0 || value < histogram->least)
        histogram->least = value;
    if (value > histogram->most)
        histogram->most = value;
    histogram->count++;
    histogram->sum += value;
    if (histogram->classes[class] != UINT32_MAX)
        histogram->classes[class]++;
}

uint64_t histogram_quantile(const struct histogram *histogram, double share)
{
    double wanted = share * (double)histogram->count;
    uint64_t found = 0;
    size_t i;

    for (i = 0; i < histogram->size; i++) {
        found += histogram->classes[i];
        if (found != 0 && (double)found >= wanted) {
            /* The middle of the class; but nothing is above the last. */
            uint64_t middle = (first_of(i) + first_of(i + 1) - 1) / 2;

            if (found == histogram->count)
                return histogram->most;
            return middle < histogram->least ? histogram->least : middle;
        }
    }
    return histogram->most;
}

uint64_t histogram_between(const struct histogram *histogram, uint64_t from,
                           uint64_t to)
{
    uint64_t count = 0;
    size_t i;

    for (i = class_of(from); i < histogram->size && first_of(i) < to; i++)
        if (first_of(i) >= from)
            count += histogram->classes[i];
    return count;
}

void histogram_free(struct histogram *histogram)
{
    free(histogram->classes);
    memset(histogram, 0, sizeof(*histogram));
}
