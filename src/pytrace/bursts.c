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
     * Of an event, in the program, at most. Where events are rare, each takes
     * longer, as other work has taken the recorder's place in the caches: 220
     * to 380 were measured (docs/performance.md).
     */
    COST = 400,
};
static const uint64_t shortest_burst = MILLISECOND,
                      shortest_pause = 20 * MILLISECOND;
/* What is not spent is kept for so long; the program begins with that. */
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

static uint64_t longest_pause(const struct bursts *bursts)
{
    return bursts->longest != 0 ? bursts->longest : 1000 * MILLISECOND;
}

/* What counts as the program's time since the last look. */
static double earned(const struct bursts *bursts, uint64_t now, uint64_t used)
{
    uint64_t part = bursts->part != 0 ? bursts->part : 20;
    uint64_t least = (now - bursts->looked) / part;
    uint64_t time = used - bursts->used;

    return (double)(time > least ? time : least);
}

/* Events have taken no more than all that the program has used meanwhile. */
static double taken(const struct bursts *bursts, uint64_t used, uint64_t events)
{
    double most = (double)(used - bursts->used);
    double cost = (double)COST * (double)(events - bursts->events);

    return cost < most ? cost : most;
}

bool bursts_look(struct bursts *bursts, uint64_t now, uint64_t used,
                 uint64_t events)
{
    uint64_t lasted;
    double time, cost;

    if (bursts->budget == 0)
        return false;
    if (bursts->began == 0) {
        bursts->began = bursts->looked = bursts->changed = now;
        bursts->used = used;
        bursts->balance = bursts->budget * (double)kept;
    }
    time = earned(bursts, now, used);
    cost = taken(bursts, used, events);
    bursts->time += time;
    bursts->balance += bursts->budget * time;
    if (bursts->balance > bursts->budget * (double)kept)
        bursts->balance = bursts->budget * (double)kept;
    bursts->balance -= cost;
    bursts->spent += cost;
    bursts->events = events;
    bursts->used = used;
    bursts->looked = now;
    lasted = now - bursts->changed;
    if (bursts->is_paused
            ? bursts->balance < enough(bursts) && lasted < longest_pause(bursts)
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
    /* (It earns more slowly where it uses less time than passes.) */
    if (missing > 0 && wait < shortest_burst)
        wait = shortest_burst;
    if (wait + lasted > longest_pause(bursts))
        wait =
            lasted < longest_pause(bursts) ? longest_pause(bursts) - lasted : 0;
    return wait;
}

char *bursts_text(const struct bursts *bursts, uint64_t now)
{
    uint64_t whole = now - bursts->began;
    uint64_t paused =
        bursts->paused + (bursts->is_paused ? now - bursts->changed : 0);
    double share = bursts->time > 0 ? bursts->spent / bursts->time : 0;

    if (bursts->began == 0 || whole == 0)
        return NULL;
    if (bursts->count == 0)
        return formatted("recorded without a pause, as that took %.1f %% of "
                         "the program's time at most",
                         100 * share);
    return formatted(
        "recorded in bursts: %.1f %%, %.1f ms of each %.1f ms%s", 100 * share,
        (double)(whole - paused) / 1e6 / (double)bursts->count,
        (double)whole / 1e6 / (double)bursts->count,
        share > bursts->budget * 1.1 ? "; this is more than was asked for"
                                     : "");
}
