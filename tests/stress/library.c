/*
 * library.c - a host in a shared library, for libraries.c. Built twice, with
 * markers of two providers.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace_probes.h"

int fire(int times);

/* Returns how often the guard said yes. */
int fire(int times)
{
    int i, taken = 0;

    for (i = 0; i < times; i++)
        if (PYTRACE_GC_START_ENABLED()) {
            taken++;
            pytrace_gc_start(i);
        }
    return taken;
}
