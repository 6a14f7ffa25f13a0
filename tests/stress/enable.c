/*
 * enable.c - linked into a program, enables all its markers, as a tracer would
 * that comes before it runs; for where the kernel does not trace.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace.h"

static __attribute__((__constructor__)) void enable(void)
{
    size_t count, i;
    const struct pytrace_marker *markers = pytrace_markers(&count);

    for (i = 0; i < count; i++)
        ++*(volatile unsigned short *)markers[i].semaphore;
}
