/*
 * ticks.c - the clock of a recording: the processor's counter where the kernel
 * trusts it, too, as it is twice as fast to read; else CLOCK_MONOTONIC.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "ticks.h"

#include <string.h>
#include <time.h>

enum { SECOND = 1000000000, CALIBRATION = 1000000 /* ns */ };

static uint64_t clock_now(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
}

uint64_t monotonic_now(void)
{
    return clock_now(CLOCK_MONOTONIC);
}

/* ---- the counter ---- */

#if defined(__x86_64__) || defined(__i386__)
static uint64_t counter_now(void)
{
    /* What was read before must not be read later. */
    __builtin_ia32_lfence();
    return __builtin_ia32_rdtsc();
}

static bool has_word(const char *line, const char *word)
{
    size_t length = strlen(word);

    for (; (line = strstr(line, word)) != NULL; line += length)
        if (line[-1] == ' ' && (line[length] == ' ' || line[length] == '\n'))
            return true;
    return false;
}

static bool is_trusted(void)
{
    char line[8192];
    FILE *file = fopen("/proc/cpuinfo", "re");
    bool is_steady = false;

    if (file == NULL)
        return false;
    while (fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "flags", 5) == 0) {
            is_steady =
                has_word(line, "constant_tsc") && has_word(line, "nonstop_tsc");
            break;
        }
    fclose(file);
    if (!is_steady)
        return false;
    file = fopen(
        "/sys/devices/system/clocksource/clocksource0/current_clocksource",
        "re");
    if (file == NULL)
        return false;
    is_steady =
        fgets(line, sizeof(line), file) != NULL && strcmp(line, "tsc\n") == 0;
    fclose(file);
    return is_steady;
}
#elif defined(__aarch64__)
static uint64_t counter_now(void)
{
    uint64_t now;

    __asm__ volatile("isb; mrs %0, cntvct_el0" : "=r"(now) : : "memory");
    return now;
}

static bool is_trusted(void)
{
    return true;
}
#else
static uint64_t counter_now(void)
{
    return 0;
}

static bool is_trusted(void)
{
    return false;
}
#endif

bool ticks_are_counted(void)
{
    static int are = -1;

    if (are < 0)
        are = is_trusted();
    return are != 0;
}

uint64_t ticks_now(void)
{
    return ticks_are_counted() ? counter_now() : monotonic_now();
}

/* Of a few, the one that took the shortest time: it was not interrupted. */
struct moment moment_now(void)
{
    struct moment best = {0};
    uint64_t shortest = UINT64_MAX;
    int i;

    for (i = 0; i < 5; i++) {
        uint64_t first = ticks_now();
        uint64_t monotonic = monotonic_now();
        uint64_t real = clock_now(CLOCK_REALTIME);
        uint64_t last = ticks_now();

        if (last - first < shortest) {
            shortest = last - first;
            best.ticks = ticks_are_counted() ? first + shortest / 2 : monotonic;
            best.monotonic = monotonic;
            best.real = real;
        }
    }
    return best;
}

uint64_t ticks_a_second(void)
{
    static uint64_t rate;
    struct moment first, now;

    if (rate == 0 && !ticks_are_counted())
        rate = SECOND;
    if (rate == 0) {
        first = moment_now();
        do
            now = moment_now();
        while (now.monotonic - first.monotonic < CALIBRATION);
        rate = (uint64_t)((double)(now.ticks - first.ticks) * SECOND /
                          (double)(now.monotonic - first.monotonic));
    }
    return rate;
}
