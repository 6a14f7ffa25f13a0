/*
 * host.c - a host that fires a marker many times, for what an event costs.
 *
 *   host counted|strings THREADS COUNT SITE   fire, when traced
 *   host paced RATE SECONDS                   fire so many strings a second
 *   host wait                                 say "." and wait to be killed
 *
 * Compiled with HOST_PYTRACE its markers are pytrace's, with HOST_SDT those of
 * sys/sdt.h, inline behind a semaphore, with HOST_LTTNG those of LTTng-UST.
 * With HOST_RECORDED, too, it is for pytrace record: it warms up for so long
 * that a ring of 1 MiB is all in use, and lets the reader empty it before it
 * fires. "counted" is gc__done with its integer, "strings" is function__entry
 * with its two strings. Waits until a tracer is attached, fires in each thread
 * some to warm up and then, all threads at once, COUNT times. Prints
 *
 *   ELAPSED PROCESSOR FIRED BYTES
 *
 * the mean time of an event in a thread, in nanoseconds that went by and in
 * those that the thread had a processor, both without the warm-up; how often a
 * guard was taken, warm-up and all; and the bytes that stood, traced, at the
 * address SITE (hexadecimal, as in the note), or "-" where SITE is 0. "paced"
 * sleeps between bursts of at most a millisecond's events, and prints
 *
 *   FIRED ELAPSED PROCESSOR MEMORY
 *
 * the events; seconds that went by, and of the processor; and how many bytes of
 * memory it shares with pytrace record. Exit status 1 when no tracer comes
 * within 20 s, or a guard was not taken each time; 2 when the command line is
 * wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#if defined(HOST_PYTRACE)

#include "pytrace_probes.h"
#define COUNTED_ENABLED() PYTRACE_GC_DONE_ENABLED()
#define COUNTED(number) pytrace_gc_done(number)
#define STRINGS_ENABLED() PYTRACE_FUNCTION_ENTRY_ENABLED()
#define STRINGS(file, name, line) pytrace_function_entry(file, name, line)

#elif defined(HOST_SDT)

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>
#define SEMAPHORE(name) \
    __extension__ unsigned short name \
        __attribute__((__section__(".probes"), __used__))
SEMAPHORE(python_gc__done_semaphore);
SEMAPHORE(python_function__entry_semaphore);
#define TEST(name) \
    __builtin_expect(*(const volatile unsigned short *)&(name), 0)
#define COUNTED_ENABLED() TEST(python_gc__done_semaphore)
#define COUNTED(number) STAP_PROBE1(python, gc__done, number)
#define STRINGS_ENABLED() TEST(python_function__entry_semaphore)
#define STRINGS(file, name, line) \
    STAP_PROBE3(python, function__entry, file, name, line)

#elif defined(HOST_LTTNG)

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "host_events.h"
#define COUNTED_ENABLED() lttng_ust_tracepoint_enabled(python, gc__done)
#define COUNTED(number) lttng_ust_do_tracepoint(python, gc__done, number)
#define STRINGS_ENABLED() lttng_ust_tracepoint_enabled(python, function__entry)
#define STRINGS(file, name, line) \
    lttng_ust_do_tracepoint(python, function__entry, file, name, line)

#else
#error "define HOST_PYTRACE, HOST_SDT or HOST_LTTNG"
#endif

#ifdef HOST_RECORDED
enum { WARM_UP = 50000, BURST = 10000 };
#else
enum { WARM_UP = 1000, BURST = WARM_UP };
#endif

/* 51 and 22 characters. */
static const char *const filename =
    "/usr/share/lua/5.4/warehouse/inventory/movement.lua";
static const char *const funcname = "update_stock_of_orders";

static pthread_barrier_t barrier;
static long count;
static int with_strings;

struct thread {
    pthread_t id;
    long taken;
    double elapsed, processor;
};

static int is_traced(void)
{
    return with_strings ? STRINGS_ENABLED() : COUNTED_ENABLED();
}

/* Each in a function of its own, so that each marker has one probe site. */
static __attribute__((__noinline__)) long fire_counted(long times)
{
    long i, taken = 0;

    for (i = 0; i < times; i++)
        if (COUNTED_ENABLED()) {
            taken++;
            COUNTED(i);
        }
    return taken;
}

static __attribute__((__noinline__)) long fire_strings(long times)
{
    long i, taken = 0;

    for (i = 0; i < times; i++)
        if (STRINGS_ENABLED()) {
            taken++;
            STRINGS(filename, funcname, (int)i);
        }
    return taken;
}

static long fire(long times)
{
    return with_strings ? fire_strings(times) : fire_counted(times);
}

static double now(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Between the bursts a reader gets some time. */
static long warm_up(void)
{
    const struct timespec moment = {0, 5000000};
    long taken = 0, times;

    for (times = 0; times < WARM_UP; times += BURST) {
        taken += fire(BURST);
        if (WARM_UP > BURST)
            nanosleep(&moment, NULL);
    }
    return taken;
}

static void *work(void *argument)
{
    struct thread *thread = argument;
    double elapsed, processor;

    thread->taken = warm_up();
    pthread_barrier_wait(&barrier);
    elapsed = now(CLOCK_MONOTONIC);
    processor = now(CLOCK_THREAD_CPUTIME_ID);
    thread->taken += fire(count);
    processor = now(CLOCK_THREAD_CPUTIME_ID) - processor;
    elapsed = now(CLOCK_MONOTONIC) - elapsed;
    thread->elapsed = elapsed / (double)count;
    thread->processor = processor / (double)count;
    return NULL;
}

/* What the kernel has put into this process at the site, if anything. */
static void print_bytes(unsigned long site)
{
    extern const char __executable_start[];
    unsigned char bytes[16];
    int i, file = open("/proc/self/mem", O_RDONLY);
    off_t at = (off_t)(unsigned long)__executable_start + (off_t)site;

    if (site == 0 || pread(file, bytes, sizeof(bytes), at) != sizeof(bytes))
        printf("-");
    else
        for (i = 0; i < (int)sizeof(bytes); i++)
            printf("%02x", bytes[i]);
    close(file);
    printf("\n");
}

static int wait_for_tracer(void)
{
    int tries;

    for (tries = 0; !is_traced(); tries++) {
        if (tries == 20000) {
            fprintf(stderr, "host: no tracer came to %s in 20 seconds\n",
                    with_strings ? "function__entry" : "gc__done");
            return 0;
        }
        usleep(1000);
    }
    return 1;
}

static int run(int threads, unsigned long site)
{
    struct thread *thread = calloc((size_t)threads, sizeof(*thread));
    double elapsed = 0, processor = 0;
    long taken = 0;
    int i;

    if (thread == NULL || !wait_for_tracer())
        return 1;
    pthread_barrier_init(&barrier, NULL, (unsigned)threads);
    for (i = 0; i < threads; i++)
        if (pthread_create(&thread[i].id, NULL, work, &thread[i]) != 0) {
            fprintf(stderr, "host: cannot make %d threads\n", threads);
            return 1;
        }
    for (i = 0; i < threads; i++) {
        pthread_join(thread[i].id, NULL);
        taken += thread[i].taken;
        elapsed += thread[i].elapsed / threads;
        processor += thread[i].processor / threads;
    }
    if (taken != threads * (count + WARM_UP)) {
        fprintf(stderr, "host: a guard was taken %ld times of %ld\n", taken,
                threads * (count + WARM_UP));
        return 1;
    }
    printf("%.2f %.2f %ld ", elapsed, processor, taken);
    print_bytes(site);
    free(thread);
    return 0;
}

/* Bytes of the recorder's file, of which only what is in use has memory. */
static long long shared_memory(void)
{
    DIR *directory = opendir("/proc/self/fd");
    struct dirent *entry;
    long long bytes = 0;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char target[64];
        struct stat status;
        ssize_t length = readlinkat(dirfd(directory), entry->d_name, target,
                                    sizeof(target) - 1);

        if (length <= 0)
            continue;
        target[length] = '\0';
        if (strncmp(target, "/memfd:pytrace", 14) == 0 &&
            fstat(atoi(entry->d_name), &status) == 0)
            bytes += (long long)status.st_blocks * 512;
    }
    if (directory != NULL)
        closedir(directory);
    return bytes;
}

/* Time that other work takes is not made up for. */
static int run_paced(double rate, double seconds)
{
    const struct timespec pause = {0, 100000};
    double begin, last, time, due = 0, processor;
    long taken = 0, fired = 0;

    with_strings = 1;
    if (!wait_for_tracer())
        return 1;
    processor = now(CLOCK_PROCESS_CPUTIME_ID);
    begin = last = now(CLOCK_MONOTONIC);
    do {
        nanosleep(&pause, NULL);
        time = now(CLOCK_MONOTONIC);
        due += rate * (time - last < 1e6 ? time - last : 1e6) / 1e9;
        last = time;
        taken += fire((long)due);
        fired += (long)due;
        due -= (double)(long)due;
    } while (time - begin < seconds * 1e9);
    if (taken != fired) {
        fprintf(stderr, "host: a guard was taken %ld times of %ld\n", taken,
                fired);
        return 1;
    }
    printf("%ld %.3f %.3f %lld\n", fired, (last - begin) / 1e9,
           (now(CLOCK_PROCESS_CPUTIME_ID) - processor) / 1e9, shared_memory());
    return 0;
}

int main(int argc, char **argv)
{
    int threads;

    if (argc == 2 && strcmp(argv[1], "wait") == 0) {
        if (write(STDOUT_FILENO, ".", 1) != 1)
            return 1;
        for (;;)
            pause();
    }
    if (argc == 4 && strcmp(argv[1], "paced") == 0 && atof(argv[2]) > 0 &&
        atof(argv[3]) > 0)
        return run_paced(atof(argv[2]), atof(argv[3]));
    if (argc == 5) {
        with_strings = strcmp(argv[1], "strings") == 0;
        threads = atoi(argv[2]);
        count = atol(argv[3]);
        if ((with_strings || strcmp(argv[1], "counted") == 0) && threads > 0 &&
            count > 0)
            return run(threads, strtoul(argv[4], NULL, 16));
    }
    fprintf(stderr, "usage: host counted|strings THREADS COUNT SITE\n"
                    "       host paced RATE SECONDS\n"
                    "       host wait\n");
    return 2;
}
