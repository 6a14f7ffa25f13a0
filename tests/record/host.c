/*
 * host.c - a program with the markers, for pytrace record: it fires
 * function__entry, with the number of the event as the line, and says how many
 * it has fired while they were on. See main() for what it can do.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Fire so many. Returns how many were on; *last is kept up to date, too. */
static long fire(long events, volatile long *last)
{
    long fired = 0;
    long i;

    for (i = 0; i < events; i++)
        if (PYTRACE_FUNCTION_ENTRY_ENABLED()) {
            PYTRACE_FUNCTION_ENTRY("host.c", i % 2 ? "odd" : "even", (int)i);
            fired++;
            if (last != NULL)
                *last = fired;
        }
    return fired;
}

static void say(long fired)
{
    printf("fired %ld\n", fired);
    fflush(stdout);
}

/* ---- threads ---- */

static long thread_events;

static void *run(void *fired)
{
    *(long *)fired = fire(thread_events, NULL);
    return NULL;
}

static long fire_in_threads(int count)
{
    pthread_t *threads = calloc((size_t)count, sizeof(*threads));
    long *fired = calloc((size_t)count, sizeof(*fired));
    long sum = 0;
    int i;

    for (i = 0; i < count; i++)
        if (pthread_create(&threads[i], NULL, run, &fired[i]) != 0)
            abort();
    for (i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
        sum += fired[i];
    }
    free(threads);
    free(fired);
    return sum;
}

/* ---- children ---- */

static long fire_in_child(long events)
{
    long fired;
    int ends[2];

    if (pipe(ends) != 0)
        abort();
    if (fork() == 0) {
        fired = fire(events, NULL);
        _exit(write(ends[1], &fired, sizeof(fired)) != sizeof(fired));
    }
    if (read(ends[0], &fired, sizeof(fired)) != sizeof(fired))
        abort();
    wait(NULL);
    close(ends[0]);
    close(ends[1]);
    return fired;
}

/* ---- until a signal ---- */

static volatile sig_atomic_t is_over;

static void on_signal(int number)
{
    (void)number;
    is_over = 1;
}

static void loop(void)
{
    const struct timespec moment = {0, 200000};
    long fired = 0;
    int line = 0;

    signal(SIGTERM, on_signal);
    puts("ready");
    fflush(stdout);
    while (!is_over) {
        if (PYTRACE_FUNCTION_ENTRY_ENABLED()) {
            PYTRACE_FUNCTION_ENTRY("host.c", "loop", line++);
            fired++;
        }
        nanosleep(&moment, NULL);
    }
    say(fired);
}

/* At full speed. */
static void spin(void)
{
    long fired = 0;

    signal(SIGTERM, on_signal);
    puts("ready");
    fflush(stdout);
    while (!is_over)
        fired += fire(1000, NULL);
    say(fired);
}

/*
 * Open a library that has the markers, too, for more than the second in which
 * pytrace looks for it, and close it; twice. Fire here meanwhile.
 */
static void reopen_library(const char *path)
{
    const struct timespec moment = {0, 1000000};
    long fired = 0;
    int i, j;

    for (i = 0; i < 2; i++) {
        void *library = dlopen(path, RTLD_NOW);

        if (library == NULL)
            abort();
        for (j = 0; j < 1300; j++) {
            fired += fire(1, NULL);
            nanosleep(&moment, NULL);
        }
        dlclose(library);
        for (j = 0; j < 300; j++) {
            fired += fire(1, NULL);
            nanosleep(&moment, NULL);
        }
    }
    say(fired);
}

/* Open such a library until its markers have fired 50 times. */
static void open_library(const char *path)
{
    const struct timespec moment = {0, 1000000};
    void *library = dlopen(path, RTLD_NOW);
    int (*fire_in_library)(int);
    void *function;
    long fired = fire(10, NULL), inside = 0;
    int i;

    function = library != NULL ? dlsym(library, "fire_in_library") : NULL;
    if (function == NULL)
        abort();
    memcpy(&fire_in_library, &function, sizeof(function));
    for (i = 0; i < 60000 && inside < 50; i++) {
        inside += fire_in_library(i);
        nanosleep(&moment, NULL);
    }
    say(fired + inside);
}

static void wait_for_signal(void)
{
    puts("ready");
    fflush(stdout);
    pause();
}

/* A filter of system calls: all are allowed but this one, which ends it. */
static void allow_all_but(unsigned call)
{
    struct sock_filter filter[] = {
        {BPF_LD | BPF_W | BPF_ABS, 0, 0, 0}, /* the call's number */
        {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, call},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_KILL_PROCESS},
        {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW}};
    struct sock_fprog program = {4, filter};

    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        abort();
}

/* A count in a file, which is there when this process was killed. */
static volatile long *count_in(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    void *count;

    if (file < 0 || ftruncate(file, sizeof(long)) != 0)
        abort();
    count =
        mmap(NULL, sizeof(long), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (count == MAP_FAILED)
        abort();
    return count;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    long number = argc > 2 ? atol(argv[2]) : 0;
    long other = argc > 3 ? atol(argv[3]) : 0;
    int i;

    if (strcmp(what, "fire") == 0) { /* EVENTS [STATUS] */
        say(fire(number, NULL));
        return (int)other;
    }
    if (strcmp(what, "threads") == 0) { /* THREADS EVENTS */
        thread_events = other;
        say(fire_in_threads((int)number));
    } else if (strcmp(what, "fork") == 0) { /* CHILDREN EVENTS */
        long fired = fire(10, NULL);

        for (i = 0; i < number; i++)
            fired += fire_in_child(other);
        say(fired);
    } else if (strcmp(what, "loop") == 0) {
        loop();
    } else if (strcmp(what, "spin") == 0) {
        spin();
    } else if (strcmp(what, "opens") == 0) { /* LIBRARY */
        open_library(argv[2]);
    } else if (strcmp(what, "reopens") == 0) { /* LIBRARY */
        reopen_library(argv[2]);
    } else if (strcmp(what, "wait") == 0) {
        wait_for_signal();
    } else if (strcmp(what, "filter") == 0) {
        allow_all_but(~0u);
        loop();
    } else if (strcmp(what, "forbid") == 0) {
        allow_all_but(SYS_memfd_create);
        loop();
    } else if (strcmp(what, "undumpable") == 0) {
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
        wait_for_signal();
    } else if (strcmp(what, "killed") == 0) { /* EVENTS FILE: by itself */
        fire(number, count_in(argv[3]));
        kill(getpid(), SIGKILL);
    } else {
        return 2;
    }
    return 0;
}
