/*
 * host.c - a threaded host that fires every marker in each round of each of
 * its threads, and knows what each round must compute.
 *
 *   host BOARD THREADS [ROUNDS]
 *
 * Counts on the board (board.h) and runs until that says stop, or for ROUNDS
 * rounds in each thread. A round computes in many registers, with all markers
 * among that, and is compared with the same computation without them. Exit
 * status 1 when they differed, 2 when the command line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "board.h"
#include "pytrace.h"
#include "pytrace_probes.h"
#include "stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

static struct board *board;
static long limit;

#define FIRE(number, enabled, call) \
    if (enabled) { \
        counters->taken[number]++; \
        call; \
        counters->fired[number]++; \
    } \
    break

/* Markers have the numbers of their places in probes.d. */
static inline void fire(struct counters *counters, int number, long value)
{
    switch (number) {
    case 0:
        FIRE(0, PYTRACE_FUNCTION_ENTRY_ENABLED(),
             pytrace_function_entry("host.x", "calculate", (int)value));
    case 1:
        FIRE(1, PYTRACE_FUNCTION_RETURN_ENABLED(),
             pytrace_function_return("host.x", "calculate", (int)value));
    case 2:
        FIRE(2, PYTRACE_LINE_ENABLED(),
             pytrace_line("host.x", "calculate", (int)value));
    case 3: FIRE(3, PYTRACE_GC_START_ENABLED(), pytrace_gc_start((int)value));
    case 4: FIRE(4, PYTRACE_GC_DONE_ENABLED(), pytrace_gc_done(value));
    case 5:
        FIRE(5, PYTRACE_IMPORT_FIND_LOAD_START_ENABLED(),
             pytrace_import_find_load_start("module"));
    case 6:
        FIRE(6, PYTRACE_IMPORT_FIND_LOAD_DONE_ENABLED(),
             pytrace_import_find_load_done(NULL, (int)value));
    case 7: FIRE(7, PYTRACE_AUDIT_ENABLED(), pytrace_audit("event", counters));
    }
}

/* In line in both callers; without counters, there are no markers in it. */
static inline __attribute__((__always_inline__)) unsigned long
calculate(struct counters *counters, unsigned long x)
{
    unsigned long a = x, b = ~x, c = x * 3, d = x ^ 0x5555;
    double e = (double)x, f = 1.5;
    int i;

    for (i = 0; i < MARKERS; i++) {
        a = a * 6364136223846793005u + 1442695040888963407u;
        b ^= a >> 7;
        c += b & 0xffff;
        e += (double)(c & 255) * f;
        if (counters != NULL)
            fire(counters, i, (long)(c & 0xffff));
        f = f * 0.75 + (double)(a & 15);
        d = (d << 5 | d >> 59) ^ c;
    }
    return a ^ b ^ c ^ d ^ (unsigned long)(e + f);
}

static __attribute__((__noinline__)) unsigned long
traced(struct counters *counters, unsigned long x)
{
    return calculate(counters, x);
}

static __attribute__((__noinline__)) unsigned long untraced(unsigned long x)
{
    return calculate(NULL, x);
}

static void *work(void *argument)
{
    struct counters *counters = argument;
    unsigned long x = (unsigned long)(counters - board->thread);

    while (!board->stop && (limit == 0 || counters->rounds < limit)) {
        if (board->hold) {
            counters->held = 1;
            while (board->hold && !board->stop)
                usleep(100);
            counters->held = 0;
        }
        if (traced(counters, x) != untraced(x))
            board->wrong++;
        x += THREADS;
        counters->rounds++;
        if (board->rest != 0)
            usleep((useconds_t)board->rest);
    }
    return NULL;
}

static void list_markers(void)
{
    size_t count, i;
    const struct pytrace_marker *markers = pytrace_markers(&count);

    for (i = 0; i < count && i < MARKERS; i++) {
        snprintf(board->marker[i], sizeof(board->marker[i]), "%s",
                 markers[i].name);
    }
}

int main(int argc, char **argv)
{
    pthread_t thread[THREADS];
    int i;

    if (argc < 3 || argc > 4 || atoi(argv[2]) < 1 || atoi(argv[2]) > THREADS) {
        fprintf(stderr, "usage: host BOARD THREADS [ROUNDS]\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit = argc > 3 ? atol(argv[3]) : 0;
    board = board_open(argv[1]);
    board->threads = atoi(argv[2]);
    board->pid = getpid();
    list_markers();
    for (i = 0; i < board->threads; i++)
        if (pthread_create(&thread[i], NULL, work, &board->thread[i]) != 0) {
            fprintf(stderr, "host: cannot make %d threads\n", board->threads);
            return 1;
        }
    board->ready = 1;
    for (i = 0; i < board->threads; i++)
        pthread_join(thread[i], NULL);
    stop_if_counted();
    return board->wrong != 0;
}
