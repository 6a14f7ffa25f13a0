/*
 * clock.c - the times of events (clock.h).
 *
 * The first two readings give a line. Each later one begins another where the
 * former is at that time, so that time neither jumps nor goes back, and leads
 * it to where the clocks should be at the next reading.
 *
 * SPDX-License-Identifier: MIT
 */
#include "clock.h"

/* Nanoseconds a tick: a counter of 1 MHz, and one of 100 GHz. */
static const double slowest = 1000, fastest = 0.01;

static uint64_t on_line(const struct line *line, uint64_t ticks)
{
    double ns = (double)(int64_t)(ticks - line->ticks) * line->slope;

    if (ns > 4e18)
        ns = 4e18;
    if (ns < -4e18)
        ns = -4e18;
    return line->ns + (uint64_t)(int64_t)ns;
}

uint64_t clock_ns(const struct clock *clock, uint64_t ticks)
{
    if (clock->readings == 0 || !clock->first.is_counter)
        return ticks;
    return on_line((int64_t)(ticks - clock->line.ticks) < 0 ? &clock->before
                                                            : &clock->line,
                   ticks);
}

bool clock_is_known(const struct clock *clock)
{
    return clock->readings >= (clock->first.is_counter ? 2 : 1);
}

uint64_t clock_wall(const struct clock *clock)
{
    return clock->first.wall - clock->first.monotonic;
}

static bool read_counter(struct clock *clock, const struct reading *reading)
{
    double passed = (double)(reading->ticks - clock->last.ticks);
    double mean, slope;
    uint64_t ns;

    if (reading->ticks <= clock->last.ticks ||
        reading->monotonic <= clock->last.monotonic)
        return false;
    mean = (double)(reading->monotonic - clock->first.monotonic) /
           (double)(reading->ticks - clock->first.ticks);
    if (mean < fastest || mean > slowest)
        return false;
    if (clock->readings == 1) {
        clock->before =
            (struct line){clock->first.ticks, clock->first.monotonic, mean};
        clock->line = (struct line){reading->ticks, reading->monotonic, mean};
        return true;
    }
    ns = clock_ns(clock, reading->ticks);
    slope = mean + (double)(int64_t)(reading->monotonic - ns) / passed;
    if (slope < mean / 2)
        slope = mean / 2;
    if (slope > mean * 2)
        slope = mean * 2;
    clock->before = clock->line;
    clock->line = (struct line){reading->ticks, ns, slope};
    return true;
}

bool clock_read(struct clock *clock, const struct reading *reading)
{
    if (clock->readings == 0) {
        clock->first = *reading;
        clock->line = (struct line){reading->ticks, reading->monotonic, 1};
        clock->before = clock->line;
    } else if (reading->is_counter != clock->first.is_counter ||
               (reading->is_counter && !read_counter(clock, reading))) {
        return false;
    }
    clock->last = *reading;
    clock->readings++;
    return true;
}
