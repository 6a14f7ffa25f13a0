/*
 * host.c - a program that fires what it is told, a line of its standard input
 * at a time, and answers each with "done":
 *
 *   calls FUNCTION COUNT    the function is called so many times
 *   many COUNT              so many functions, once each
 *   nested FUNCTION FUNCTION MS    the one calls the other, which waits
 *   odd                     a function whose name and file are no plain text
 *   other                   a function of that name, in no file
 *   threads FUNCTION MS     four threads are in it all the time, ten times each
 *   gc GENERATION MS        a collection
 *   import MODULE MS
 *   flood MS                calls until it has used so much of a processor;
 *                           "calls COUNT" says how many
 *   fork                    a child does what comes next, up to "end"
 *   exec                    this program, anew
 *   end
 *
 * host.c fire: an event each 20 ms, until it is killed.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void wait_ms(long ms)
{
    const struct timespec time = {ms / 1000, ms % 1000 * 1000000};

    nanosleep(&time, NULL);
}

/* (An interpreter would do more in it.) */
static void work(void)
{
    for (volatile int i = 0; i < 200; i++)
        ;
}

static void call(const char *function)
{
    PYTRACE_FUNCTION_ENTRY("host.x", function, 1);
    PYTRACE_FUNCTION_RETURN("host.x", function, 1);
}

static void flood(double ms)
{
    unsigned long count = 0;
    clock_t end = clock() + (clock_t)(ms / 1000 * CLOCKS_PER_SEC);

    do
        for (int i = 0; i < 1000; i++, count++) {
            PYTRACE_FUNCTION_ENTRY("host.x", "flood", 1);
            work();
            PYTRACE_FUNCTION_RETURN("host.x", "flood", 1);
        }
    while (clock() < end);
    printf("calls %lu\n", count);
}

static void nest(const char *outer, const char *inner, long ms)
{
    PYTRACE_FUNCTION_ENTRY("host.x", outer, 1);
    PYTRACE_FUNCTION_ENTRY("host.x", inner, 1);
    wait_ms(ms);
    PYTRACE_FUNCTION_RETURN("host.x", inner, 1);
    PYTRACE_FUNCTION_RETURN("host.x", outer, 1);
}

static const char *shared;
static long shared_ms;

static void *call_shared(void *data)
{
    wait_ms((long)data);
    for (int i = 0; i < 10; i++) {
        PYTRACE_FUNCTION_ENTRY("host.x", shared, 1);
        wait_ms(shared_ms);
        PYTRACE_FUNCTION_RETURN("host.x", shared, 1);
    }
    return NULL;
}

static void run_threads(const char *function, long ms)
{
    pthread_t threads[4];
    long i;

    shared = function;
    shared_ms = ms;
    for (i = 0; i < 4; i++)
        if (pthread_create(&threads[i], NULL, call_shared,
                           (void *)(i * ms / 4)) != 0)
            abort();
    for (i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
}

static void obey(char **argv, const char *line)
{
    char one[64] = "", two[64] = "";
    long number = 0;
    pid_t child;

    if (sscanf(line, "calls %63s %ld", one, &number) == 2) {
        while (number-- > 0)
            call(one);
    } else if (sscanf(line, "many %ld", &number) == 1) {
        while (number-- > 0) {
            snprintf(one, sizeof(one), "many%ld", number);
            call(one);
        }
    } else if (sscanf(line, "nested %63s %63s %ld", one, two, &number) == 3) {
        nest(one, two, number);
    } else if (sscanf(line, "threads %63s %ld", one, &number) == 2) {
        run_threads(one, number);
    } else if (strncmp(line, "other", 5) == 0) {
        PYTRACE_FUNCTION_ENTRY("", "other", 1);
        PYTRACE_FUNCTION_RETURN("", "other", 1);
    } else if (strncmp(line, "odd", 3) == 0) {
        PYTRACE_FUNCTION_ENTRY("a\\b\"c\n\001.x", "\xff\xc3\xa9{}", 1);
        PYTRACE_FUNCTION_RETURN("a\\b\"c\n\001.x", "\xff\xc3\xa9{}", 1);
    } else if (sscanf(line, "gc %63s %ld", one, &number) == 2) {
        PYTRACE_GC_START(atoi(one));
        wait_ms(number);
        PYTRACE_GC_DONE(1);
    } else if (sscanf(line, "import %63s %ld", one, &number) == 2) {
        PYTRACE_IMPORT_FIND_LOAD_START(one);
        wait_ms(number);
        PYTRACE_IMPORT_FIND_LOAD_DONE(one, 1);
    } else if (sscanf(line, "flood %ld", &number) == 1) {
        flood((double)number);
    } else if (strncmp(line, "fork", 4) == 0) {
        child = fork();
        if (child != 0)
            waitpid(child, NULL, 0);
        else
            printf("child %ld\n", (long)getpid());
    } else if (strncmp(line, "exec", 4) == 0) {
        execv("/proc/self/exe", argv);
    } else if (strncmp(line, "end", 3) == 0) {
        puts("done");
        exit(0);
    }
    puts("done");
}

int main(int argc, char **argv)
{
    char line[256];

    while (argc > 1) {
        call("fire");
        wait_ms(20);
    }
    /* (A line at a time, so that a child gets the next.) */
    setvbuf(stdin, NULL, _IONBF, 0);
    setvbuf(stdout, NULL, _IONBF, 0);
    puts("ready");
    while (fgets(line, sizeof(line), stdin) != NULL)
        obey(argv, line);
    return 0;
}
