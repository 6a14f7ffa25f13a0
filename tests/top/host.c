/*
 * host.c - a program with the markers, for pytrace top: a service that calls
 * functions, with entries and returns, until it gets a signal. See main().
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t is_over;

static void on_signal(int number)
{
    (void)number;
    is_over = 1;
}

static void enter(const char *name, int line)
{
    if (PYTRACE_FUNCTION_ENTRY_ENABLED())
        PYTRACE_FUNCTION_ENTRY("host.c", name, line);
}

static void leave(const char *name, int line)
{
    if (PYTRACE_FUNCTION_RETURN_ENABLED())
        PYTRACE_FUNCTION_RETURN("host.c", name, line);
}

static void call(const char *name, int line, long ns)
{
    const struct timespec time = {0, ns};

    enter(name, line);
    if (ns != 0)
        nanosleep(&time, NULL);
    leave(name, line);
}

/* "quick" has the most calls, "slow" the own time, "serve" the callees'. */
static void serve(void)
{
    int i;

    enter("serve", 1);
    call("slow", 2, 4000000);
    for (i = 0; i < 20; i++)
        call("quick", 3, 0);
    leave("serve", 1);
}

/* Each takes longer than the next. */
static void call_many(int count)
{
    const struct timespec moment = {0, 1000000};
    char name[32];
    int i;

    for (i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "function_%d", i);
        call(name, i, i == 0 ? 2000000 : 0);
    }
    nanosleep(&moment, NULL);
}

static void *serve_other(void *data)
{
    const struct timespec moment = {0, 2000000};

    while (!is_over) {
        call("other", 5, 0);
        nanosleep(&moment, NULL);
    }
    return data;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    int number = argc > 2 ? atoi(argv[2]) : 0;
    pthread_t thread;
    int i;

    signal(SIGTERM, on_signal);
    puts("ready");
    fflush(stdout);
    if (strcmp(what, "serve") == 0) {
        while (!is_over)
            serve();
    } else if (strcmp(what, "threads") == 0) {
        if (pthread_create(&thread, NULL, serve_other, NULL) != 0)
            abort();
        while (!is_over)
            serve();
        pthread_join(thread, NULL);
    } else if (strcmp(what, "many") == 0) { /* FUNCTIONS */
        while (!is_over)
            call_many(number);
    } else if (strcmp(what, "spin") == 0) { /* at full speed */
        while (!is_over)
            call("spin", 4, 0);
    } else if (strcmp(what, "wait") == 0) {
        call("before", 6, 0);
        while (!is_over)
            pause();
    } else if (strcmp(what, "compute") == 0) {
        while (!is_over)
            ;
    } else if (strcmp(what, "bad") == 0) { /* a name that clears a screen */
        while (!is_over)
            call("\033[2Jbad\n", 7, 1000000);
    } else if (strcmp(what, "end") == 0) { /* ROUNDS STATUS */
        for (i = 0; i < number; i++)
            serve();
        fputs("an error's text\n", stderr);
        return argc > 3 ? atoi(argv[3]) : 0;
    }
    return 0;
}
