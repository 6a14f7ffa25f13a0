/*
 * bursts.c - when to record, and when to pause (bursts.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "bursts.h"

/* Nanoseconds. */
#define MILLISECOND UINT64_C(1000000)
enum {
    /*
     * Of an event, in the program: more than was measured for most programs
     * (docs/performance.md), as the first ones after a pause take longer.
     */
    COST = 150,
};
static const uint64_t shortest_burst = MILLISECOND,
                      shortest_pause = 20 * MILLISECOND,
                      longest_pause = 1000 * MILLISECOND;
/* What is not spent is kept for so long. */
static const uint64_t kept = 100 * MILLISECOND;

static void change(struct bursts *bursts, uint64_t now)
{
    if (bursts->is_paused)
        bursts->paused += now - bursts->changed;
    else
        bursts->count++;
    bursts->is_paused = !bursts->is_paused;
    bursts->changed = now;
}

/* What a burst needs: what the shortest pause earns. */
static double enough(const struct bursts *bursts)
{
    return bursts->budget * (double)shortest_pause;
}

bool bursts_look(struct bursts *bursts, uint64_t now, uint64_t events)
{
    uint64_t lasted;

    if (bursts->budget == 0)
        return false;
    if (bursts->began == 0)
        bursts->began = bursts->looked = bursts->changed = now;
    bursts->balance += bursts->budget * (double)(now - bursts->looked);
    if (bursts->balance > bursts->budget * (double)kept)
        bursts->balance = bursts->budget * (double)kept;
    bursts->balance -= (double)COST * (double)(events - bursts->events);
    bursts->spent += events - bursts->events;
    bursts->events = events;
    bursts->looked = now;
    lasted = now - bursts->changed;
    if (bursts->is_paused
            ? bursts->balance < enough(bursts) && lasted < longest_pause
            : bursts->balance >= 0 || lasted < shortest_burst)
        return false;
    change(bursts, now);
    return true;
}

uint64_t bursts_wait(const struct bursts *bursts, uint64_t now)
{
    uint64_t lasted = now - bursts->changed;
    double missing = enough(bursts) - bursts->balance;
    uint64_t wait;

    if (!bursts->is_paused)
        return lasted < shortest_burst ? shortest_burst - lasted
                                       : shortest_burst;
    wait = missing > 0 ? (uint64_t)(missing / bursts->budget) + 1 : 0;
    if (wait + lasted > longest_pause)
        wait = lasted < longest_pause ? longest_pause - lasted : 0;
    return wait;
}

char *bursts_text(const struct bursts *bursts, uint64_t now)
{
    uint64_t whole = now - bursts->began;
    uint64_t paused =
        bursts->paused + (bursts->is_paused ? now - bursts->changed : 0);
    double share;

    if (bursts->began == 0 || whole == 0)
        return NULL;
    share = (double)COST * (double)bursts->spent / (double)whole;
    if (bursts->count == 0)
        return formatted("recorded without a pause, as that took about %.1f %% "
                         "of the time",
                         100 * share);
    return formatted(
        "recorded in bursts: %.1f %%, %.1f ms of each %.1f ms%s", 100 * share,
        (double)(whole - paused) / 1e6 / (double)bursts->count,
        (double)whole / 1e6 / (double)bursts->count,
        share > bursts->budget * 1.1 ? "; this is more than was asked for"
                                     : "");
}
