/*
 * sharing.c - what a guard costs while another processor writes beside it.
 *
 *   sharing beside|apart 1|2 COUNT
 *
 * It is untraced. A thread on the first processor executes a guard COUNT times;
 * with 2, a thread on the second one counts in memory as fast as it can:
 * "beside" in the cache line of the semaphore, as where a semaphore lies among
 * other data; "apart" elsewhere, the semaphore being one of the library's own.
 * Prints the nanoseconds of a guard, in processor time. Exit status 1 when
 * there are no two processors or it is traced, 2 when the command line is
 * wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pytrace.h"
#include "pytrace_probes.h"

/*
 * Guards are executed by slices; one during which the other thread did not
 * get its processor, as other work had it, does not count.
 */
#define SLICE 100000
#define LEAST_WRITES 100
#define MOST_SLICES 50000

static struct {
    _Alignas(64) unsigned short semaphore;
    atomic_ulong counter;
} crowded;
static struct {
    _Alignas(64) atomic_ulong counter;
} roomy;

static atomic_int writes, over;

static int pin(int processor)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof(set), &set) == 0;
}

static void *write_counter(void *argument)
{
    atomic_ulong *counter = argument;

    if (!pin(1))
        return NULL;
    atomic_store(&writes, 1);
    while (!atomic_load_explicit(&over, memory_order_relaxed))
        atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    return NULL;
}

/* The header's own guard, at a semaphore anywhere. */
static __attribute__((__noinline__)) long
guards(const volatile unsigned short *semaphore, long count)
{
    long i, taken = 0;

    for (i = 0; i < count; i++)
        if (PYTRACE__ENABLED(*(const unsigned short *)semaphore))
            taken++;
    return taken;
}

static double processor_time(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char **argv)
{
    const struct timespec moment = {0, 1000000};
    double before, spent, nanoseconds = 0;
    pthread_t writer;
    int beside, tries, threads = argc == 4 ? atoi(argv[2]) : 0;
    long taken = 0, done = 0, count = argc == 4 ? atol(argv[3]) : 0;
    unsigned long written;
    const volatile unsigned short *semaphore = &crowded.semaphore;
    atomic_ulong *counter = &crowded.counter;

    if (threads < 1 || threads > 2 || count <= 0 ||
        !((beside = strcmp(argv[1], "beside") == 0) ||
          strcmp(argv[1], "apart") == 0)) {
        fprintf(stderr, "usage: sharing beside|apart 1|2 COUNT\n");
        return 2;
    }
    if (!beside) {
        semaphore = pytrace_find("line")->semaphore;
        counter = &roomy.counter;
    }
    if (!pin(0)) {
        fprintf(stderr, "sharing: cannot use the first processor\n");
        return 1;
    }
    if (threads == 2) {
        if (pthread_create(&writer, NULL, write_counter, counter) != 0)
            return 1;
        for (tries = 0; !atomic_load(&writes); tries++) {
            if (tries == 5000) {
                fprintf(stderr, "sharing: cannot use a second processor\n");
                return 1;
            }
            nanosleep(&moment, NULL);
        }
    }
    guards(semaphore, SLICE);
    for (tries = 0; done < count && tries < MOST_SLICES; tries++) {
        written = atomic_load(counter);
        before = processor_time();
        taken += guards(semaphore, SLICE);
        spent = processor_time() - before;
        if (threads == 2 && atomic_load(counter) - written < LEAST_WRITES)
            continue;
        nanoseconds += spent;
        done += SLICE;
    }
    if (threads == 2) {
        atomic_store(&over, 1);
        pthread_join(writer, NULL);
    }
    if (taken != 0) {
        fprintf(stderr, "sharing: %s is traced\n", argv[0]);
        return 1;
    }
    if (done < count) {
        fprintf(stderr, "sharing: the second processor is busy\n");
        return 1;
    }
    printf("%.3f\n", nanoseconds / (double)done);
    return 0;
}
