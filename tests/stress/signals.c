/*
 * signals.c - a host whose markers are interrupted, and fire at odd moments.
 *
 *   signals ROUNDS
 *
 * While another thread sends signals, one after the other,
 *   line                     is fired ROUNDS times or more, until ROUNDS / 100
 *                            signals have come, and by their handler
 *   function__entry          is fired, until the handler has left it ROUNDS /
 *                            100 times by siglongjmp()
 *   import__find__load__start  is fired by ROUNDS / 100 threads until they are
 *                            cancelled, anywhere, and by their cleanup handlers
 *   audit                    is fired before main() and in an atexit function
 * At each marker errno must stay as it is, and a computation must go on. Prints
 * for each marker how often it was fired at least and at most, as one that is
 * interrupted may have been fired or not,
 *   NAME LEAST MOST
 * and, as a comment, "#", how often it was interrupted. Exit status 1 when
 * something went wrong, 2 when the command line is.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"
#include "stop.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* How often a marker's guard said yes, and how often its function returned. */
struct marker {
    atomic_long taken, fired;
};
static struct marker line, entry, import, audit;

#define FIRE(marker, enabled, call) \
    do { \
        if (enabled) { \
            (marker).taken++; \
            call; \
            (marker).fired++; \
        } \
    } while (0)
#define FIRE_LINE() \
    FIRE(line, PYTRACE_LINE_ENABLED(), pytrace_line("file", "function", 1))
#define FIRE_ENTRY() \
    FIRE(entry, PYTRACE_FUNCTION_ENTRY_ENABLED(), \
         pytrace_function_entry("file", "function", 1))
#define FIRE_IMPORT() \
    FIRE(import, PYTRACE_IMPORT_FIND_LOAD_START_ENABLED(), \
         pytrace_import_find_load_start("module"))
#define FIRE_AUDIT() \
    FIRE(audit, PYTRACE_AUDIT_ENABLED(), pytrace_audit("event", NULL))

static volatile sig_atomic_t leaving; /* the handler is to jump */
static atomic_int within;             /* the marker is being fired */
static atomic_long interrupts, inside, jumps, cancelled;
static sigjmp_buf away;
static pthread_t main_thread;
static atomic_int over;

static void report(void)
{
    FIRE_AUDIT();
    stop_if_counted();
    printf("line %ld %ld\n", line.fired, line.taken);
    printf("function__entry %ld %ld\n", entry.fired, entry.taken);
    printf("import__find__load__start %ld %ld\n", import.fired, import.taken);
    printf("audit %ld %ld\n", audit.fired, audit.taken);
    printf("# %ld signals, %ld inside a marker; %ld jumps;"
           " %ld threads cancelled\n",
           interrupts, inside, jumps, cancelled);
}

static __attribute__((__constructor__)) void before_main(void)
{
    FIRE_AUDIT();
}

static void on_signal(int signal)
{
    int saved = errno;

    (void)signal;
    interrupts++;
    inside += within;
    if (leaving) {
        jumps++;
        siglongjmp(away, 1);
    }
    errno = 1234;
    FIRE_LINE();
    if (errno != 1234)
        abort();
    errno = saved;
}

/* With a short pause, in which the program goes on, also on one processor. */
static void *send_signals(void *unused)
{
    (void)unused;
    while (!over) {
        pthread_kill(main_thread, SIGUSR1);
        usleep(20);
    }
    return NULL;
}

static unsigned long next(unsigned long x)
{
    return x * 6364136223846793005u + 1442695040888963407u;
}

/* Returns whether what is computed beside the markers is right. */
static int fire_lines(long rounds)
{
    unsigned long x = 1, expected = 1;
    long i, done = 0;

    while (done < rounds || interrupts < rounds / 100) {
        x = next(x);
        errno = 4321;
        within = 1;
        FIRE_LINE();
        within = 0;
        if (errno != 4321)
            abort();
        done++;
    }
    for (i = 0; i < done; i++)
        expected = next(expected);
    return x == expected;
}

static void fire_and_leave(long times)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    /*
     * The jump leaves the signal blocked, as it is in the handler: here, where
     * the handler's stack has been left, it may come again. Were it let in
     * before that, by siglongjmp(), a storm of signals would nest handlers
     * until the stack ends.
     */
    if (sigsetjmp(away, 0) == 0)
        leaving = 1;
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
    while (jumps < times) {
        within = 1;
        FIRE_ENTRY();
        within = 0;
    }
    leaving = 0;
}

static void at_end_of_thread(void *unused)
{
    (void)unused;
    FIRE_IMPORT();
}

static void *fire_for_ever(void *started)
{
    int old;

    pthread_cleanup_push(at_end_of_thread, NULL);
    sem_post(started);
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    for (;;)
        FIRE_IMPORT();
    pthread_cleanup_pop(1);
    return NULL;
}

static void cancel_threads(long threads)
{
    sem_t started;

    sem_init(&started, 0, 0);
    while (threads-- > 0) {
        pthread_t thread;
        void *result;

        if (pthread_create(&thread, NULL, fire_for_ever, &started) != 0)
            abort();
        while (sem_wait(&started) != 0)
            ;
        usleep((useconds_t)(threads % 300));
        pthread_cancel(thread);
        pthread_join(thread, &result);
        cancelled += result == PTHREAD_CANCELED;
    }
}

int main(int argc, char **argv)
{
    long rounds = argc == 2 ? atol(argv[1]) : 0;
    struct sigaction action = {0};
    pthread_t sender;

    if (rounds <= 0) {
        fprintf(stderr, "usage: signals ROUNDS\n");
        return 2;
    }
    atexit(report);
    action.sa_handler = on_signal;
    sigaction(SIGUSR1, &action, NULL);
    main_thread = pthread_self();
    if (pthread_create(&sender, NULL, send_signals, NULL) != 0)
        return 1;
    if (!fire_lines(rounds)) {
        fprintf(stderr, "signals: what was computed is wrong\n");
        return 1;
    }
    fire_and_leave(rounds / 100);
    over = 1;
    pthread_join(sender, NULL);
    cancel_threads(rounds / 100);
    return 0;
}
