/*
 * simulate.c - a program that is recorded within a budget, without a program.
 *
 *   simulate PERCENT RUNS GAP COST
 *
 * For 100 seconds, a program has a processor for RUNS microseconds of each
 * 1000, works GAP nanoseconds from one event to the next, and an event takes
 * COST while it is recorded. Prints what recording took, in percent of the
 * program's time, and what pytrace would say.
 *
 * SPDX-License-Identifier: MIT
 */
#include "bursts.h"

#include <stdlib.h>

int main(int argc, char **argv)
{
    struct bursts bursts = {0};
    uint64_t now = 1, used = 0, events = 0;
    double runs, gap, cost, took = 0;
    char *text;

    if (argc != 5)
        return 2;
    bursts.budget = atof(argv[1]) / 100;
    runs = atof(argv[2]);
    gap = atof(argv[3]);
    cost = atof(argv[4]);
    bursts_look(&bursts, now, used, events);
    while (now < UINT64_C(100000000000)) {
        uint64_t wait = bursts_wait(&bursts, now), part;

        if (wait > 1000000 || wait == 0) /* (pytrace looks that often) */
            wait = 1000000;
        part = (uint64_t)((double)wait * runs / 1000);
        now += wait;
        used += part;
        if (!bursts.is_paused) {
            uint64_t came = (uint64_t)((double)part / (gap + cost));

            events += came;
            took += (double)came * cost;
        }
        bursts_look(&bursts, now, used, events);
    }
    text = bursts_text(&bursts, now);
    printf("%.1f %s\n", 100 * took / (double)used, text);
    free(text);
    return 0;
}
