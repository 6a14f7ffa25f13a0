/*
 * writer.c - the runtime's half of the recorder, by itself: what is written is
 * what was fired, or is counted as lost, from threads, in signal handlers,
 * after jumps, fork and cancellation, with rings that are full, and without a
 * reader.
 *
 *   writer CASE [AMOUNT]
 *
 * Prints what it counted; the exit status is 0 when all of it is right.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"
#include "reader.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { RING = 1 << 20, ALWAYS = 0x7fffffff };

static int failures;

static void expect(int right, const char *what, unsigned long got,
                   unsigned long wanted)
{
    if (!right) {
        printf("WRONG: %s: %lu, not %lu\n", what, got, wanted);
        failures++;
    }
}

static void expect_same(const char *what, unsigned long got,
                        unsigned long wanted)
{
    expect(got == wanted, what, got, wanted);
}

static void fire(int sequence)
{
    PYTRACE_FUNCTION_ENTRY("a file.c", "a function", sequence);
}

/* ---- threads: each fires the same, and its events stay in order ---- */

static unsigned long amount;

static void *fire_all(void *unused)
{
    unsigned long i;

    for (i = 0; i < amount; i++)
        PYTRACE_FUNCTION_ENTRY("thread.c", i % 2 ? "odd" : "even", (int)i);
    return unused;
}

static void expect_order(void)
{
    struct {
        uint32_t tid, next;
    } threads[64] = {{0, 0}};
    unsigned long i;
    unsigned t;

    for (i = 0; i < reader_events; i++) {
        const struct seen *seen = reader_seen + i;

        for (t = 0; threads[t].tid != seen->tid && threads[t].tid != 0; t++)
            ;
        threads[t].tid = seen->tid;
        if (seen->sequence < threads[t].next ||
            strcmp(seen->second, seen->sequence % 2 ? "odd" : "even") != 0)
            expect_same("the order in a thread", seen->sequence,
                        threads[t].next);
        threads[t].next = seen->sequence + 1;
    }
}

static void threads(void)
{
    pthread_t thread[8];
    unsigned i;

    reader_start(0, 16, RING, ALWAYS);
    for (i = 0; i < 8; i++)
        pthread_create(&thread[i], NULL, fire_all, NULL);
    for (i = 0; i < 8; i++)
        pthread_join(thread[i], NULL);
    reader_stop();
    expect_order();
    expect_same("events and losses", reader_events + reader_lost(), 8 * amount);
    expect_same("threads", reader_begins, 8);
}

/* ---- strings ---- */

static void expect_string(const char *got, const char *wanted)
{
    size_t kept = strlen(wanted);

    if (kept > PYTRACE__LONGEST_STRING)
        kept = PYTRACE__LONGEST_STRING;
    expect(strlen(got) == kept && memcmp(got, wanted, kept) == 0, "a string",
           strlen(got), kept);
}

static void string_number(char *text, unsigned long i)
{
    snprintf(text, 64, "%.*lu", (int)(i % 50) + 1, i % 5000);
}

/* Seen again by their contents, in a buffer that has another one each time. */
static void strings(void)
{
    static char longest[9000];
    char text[64];
    unsigned long i, length;

    reader_start(PYTRACE__BLOCK, 4, RING, ALWAYS);
    for (length = 0; length < sizeof(longest); length++) {
        PYTRACE_FUNCTION_ENTRY(longest, "", (int)length);
        longest[length] = (char)('!' + length % 90);
        longest[length + 1 < sizeof(longest) ? length + 1 : length] = '\0';
    }
    for (i = 0; i < amount; i++) {
        string_number(text, i);
        PYTRACE_FUNCTION_RETURN(text, NULL, (int)i);
    }
    reader_stop();
    expect_same("events", reader_events, sizeof(longest) + amount);
    memset(longest, 0, sizeof(longest));
    for (i = 0; i < reader_events && failures == 0; i++) {
        const struct seen *seen = reader_seen + i;

        if (i < sizeof(longest)) {
            if (i > 0)
                longest[i - 1] = (char)('!' + (i - 1) % 90);
            expect_string(seen->first, longest);
        } else {
            string_number(text, i - sizeof(longest));
            expect_string(seen->first, text);
        }
        expect_string(seen->second, "");
    }
    printf("%lu strings of %lu events; ", reader_strings, reader_events);
}

/* A string has one number, while there is room for copies. */
static void numbers(void)
{
    char one[] = "the same", other[] = "the same";
    unsigned long i;

    reader_start(PYTRACE__BLOCK, 4, RING, ALWAYS);
    for (i = 0; i < amount; i++)
        PYTRACE_FUNCTION_ENTRY(i % 2 ? one : other, "the same", 1);
    reader_stop();
    expect_same("strings", reader_strings, 1);
    expect_same("events", reader_events, amount);
}

/* ---- signals, which interrupt a marker, and fire one ---- */

static volatile sig_atomic_t handled;
static volatile sig_atomic_t is_child;

static void on_signal(int number)
{
    int saved = errno;

    (void)number;
    errno = 12345;
    PYTRACE_FUNCTION_RETURN("handler.c", "on_signal", (int)handled);
    expect_same("errno in a handler", (unsigned long)errno, 12345);
    handled++;
    errno = saved;
}

static void with_signals(void (*handler)(int), void (*work)(void), int flags)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
    struct itimerval often = {{0, 20}, {0, 20}}, never = {{0, 0}, {0, 0}};

    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &often, NULL);
    work();
    setitimer(ITIMER_REAL, &never, NULL);
}

static void fire_in_order(void)
{
    unsigned long i;

    for (i = 0; i < amount; i++)
        fire((int)i);
}

static void expect_both_in_order(unsigned long fired)
{
    uint32_t next[2] = {0, 0};
    unsigned long i;

    for (i = 0; i < reader_events && i < KEPT; i++) {
        const struct seen *seen = reader_seen + i;

        expect(seen->sequence >= next[seen->marker], "the order",
               seen->sequence, next[seen->marker]);
        next[seen->marker] = seen->sequence + 1;
    }
    expect_same("events and losses", reader_events + reader_lost(), fired);
}

static void signals(void)
{
    reader_start(0, 4, RING, ALWAYS);
    with_signals(on_signal, fire_in_order, 0);
    reader_stop();
    expect_both_in_order(amount + (unsigned long)handled);
    printf("%d signals; ", (int)handled);
}

/* On a stack of their own, which lies above the frames that they interrupt. */
static void alternate(void)
{
    static char low[65536];
    char high[65536];
    stack_t stack = {.ss_sp = amount % 2 ? low : high, .ss_size = sizeof(high)};

    sigaltstack(&stack, NULL);
    reader_start(0, 4, RING, ALWAYS);
    with_signals(on_signal, fire_in_order, SA_ONSTACK);
    reader_stop();
    stack.ss_flags = SS_DISABLE;
    sigaltstack(&stack, NULL);
    expect_both_in_order(amount + (unsigned long)handled);
    printf("%d signals; ", (int)handled);
}

/* ---- jumps out of a handler, and so out of the marker ---- */

static sigjmp_buf back;
static volatile int may_jump;
static volatile unsigned long jumps, before, after;

static void on_signal_jump(int number)
{
    (void)number;
    if (handled++ % 3 == 0)
        PYTRACE_FUNCTION_RETURN("handler.c", "jump", (int)handled);
    else
        return;
    before++;
    after++;
    if (may_jump) {
        may_jump = 0;
        jumps++;
        siglongjmp(back, 1);
    }
}

static __attribute__((__noinline__)) void fire_deeper(int depth, int sequence)
{
    if (depth > 0) {
        fire_deeper(depth - 1, sequence);
    } else {
        before++;
        fire(sequence);
    }
    after += depth == 0;
}

static void fire_and_jump(void)
{
    volatile unsigned long i;

    for (i = 0; i < amount; i++) {
        if (sigsetjmp(back, 1) == 0) {
            may_jump = 1;
            fire_deeper((int)(i % 7), (int)i);
        }
        may_jump = 0;
    }
}

static void jump(void)
{
    unsigned long counted;

    reader_start(PYTRACE__BLOCK, 4, RING, ALWAYS);
    with_signals(on_signal_jump, fire_and_jump, 0);
    reader_stop();
    counted = reader_events + reader_lost();
    /* What was left in the middle may have been counted, or not. */
    expect(counted >= after && counted <= before, "events and losses", counted,
           after);
    /* That it was left shows at the next event that is not deeper. */
    expect(reader_lost() <= 20 * jumps, "losses", reader_lost(), 20 * jumps);
    printf("%lu jumps, %lu of %lu events lost; ", jumps, reader_lost(), before);
}

/* ---- threads that are cancelled anywhere ---- */

static _Atomic uint32_t cancelled_tid;

static void *fire_until_cancelled(void *unused)
{
    int sequence = 0;

    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
    cancelled_tid = (uint32_t)syscall(SYS_gettid);
    for (;;)
        fire(sequence++);
    return unused;
}

static void cancel(void)
{
    unsigned long i;

    reader_start(0, 2, RING, ALWAYS);
    for (i = 0; i < amount; i++) {
        pthread_t thread;

        cancelled_tid = 0;
        pthread_create(&thread, NULL, fire_until_cancelled, NULL);
        while (cancelled_tid == 0)
            sched_yield();
        usleep((useconds_t)(i % 500));
        pthread_cancel(thread);
        pthread_join(thread, NULL);
        if (reader_segment != NULL)
            reader_free_ended();
    }
    fire(0);
    reader_stop();
    expect_same("events without a ring", reader_segment->unringed, 0);
    printf("%lu threads began; ", reader_begins);
}

/* ---- full rings ---- */

static void full(void)
{
    unsigned long i;

    reader_start(0, 2, 4096, ALWAYS);
    fire(0);
    for (i = 1; i < amount; i++) {
        if (i % 1000 == 1)
            reader_pause(i % 2000 == 1);
        fire((int)i);
    }
    reader_stop();
    expect(reader_lost() > 0, "losses", reader_lost(), 1);
    expect_both_in_order(amount);
    printf("%lu lost; ", reader_lost());
}

static void block(void)
{
    reader_start(PYTRACE__BLOCK, 2, 4096, ALWAYS);
    fire_in_order();
    reader_stop();
    expect_same("losses", reader_lost(), 0);
    expect_both_in_order(amount);
}

static void no_ring(void)
{
    pthread_t thread[4];
    unsigned i;

    reader_start(0, 2, RING, ALWAYS);
    fire(0);
    for (i = 0; i < 4; i++)
        pthread_create(&thread[i], NULL, fire_all, NULL);
    for (i = 0; i < 4; i++)
        pthread_join(thread[i], NULL);
    reader_stop();
    expect_same("threads", reader_begins, 2);
    expect_same("events without a ring", reader_segment->unringed, 3 * amount);
    expect_same("events and losses", reader_events + reader_lost(),
                4 * amount + 1);
}

/* ---- the reader dies, or never comes ---- */

static int is_recorded(void)
{
    return PYTRACE_FUNCTION_ENTRY_ENABLED() ||
           PYTRACE_FUNCTION_RETURN_ENABLED();
}

static uint64_t milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void reader_dies(void)
{
    unsigned long fired = 0;
    uint64_t start;

    reader_start(amount % 2 ? PYTRACE__BLOCK : 0, 2, 4096, 100000000);
    while (fired < 100)
        fire((int)fired++);
    reader_pause(1);
    start = milliseconds();
    while (is_recorded() && milliseconds() - start < 60000)
        fire((int)fired++);
    expect_same("still recorded", (unsigned long)is_recorded(), 0);
    expect_same("the request", reader_control.request, 0);
    expect(reader_segment->ended != 0, "ended", reader_segment->ended, 1);
    expect_same("why", reader_control.error, ETIMEDOUT);
    fire(0);
    reader_stop();
}

static void no_reader(void)
{
    struct pytrace__control *control = &reader_control;

    control->pid = (uint32_t)getpid();
    control->segment_bytes = 1 << 20;
    control->request = 0x10000;
    python_function__entry_semaphore |= PYTRACE__RECORDED;
    python_function__return_semaphore |= PYTRACE__RECORDED;
    errno = 4711;
    fire(0);
    expect_same("errno", (unsigned long)errno, 4711);
    expect_same("still recorded", (unsigned long)is_recorded(), 0);
    expect_same("why", control->error, ETIMEDOUT);
    fire(1);
}

/* ---- one recording after the other ---- */

static void again(void)
{
    unsigned long i, lost = 0;

    for (i = 0; i < amount; i++) {
        pthread_t thread;

        reader_start(i % 10 == 0 ? 0 : PYTRACE__AGAIN, 8, 65536, ALWAYS);
        pthread_create(&thread, NULL, fire_all, NULL);
        pthread_join(thread, NULL);
        fire(0);
        reader_free_ended();
        reader_stop();
        expect_same("events and losses", reader_events + reader_lost() - lost,
                    amount + 1);
        expect_same("threads", reader_begins, 2);
        lost = i % 10 == 9 ? 0 : reader_lost();
        if (i % 10 != 9)
            continue;
        reader_segment = NULL;
    }
}

/* ---- children ---- */

static unsigned long events_of(uint32_t pid)
{
    unsigned long i, count = 0;

    for (i = 0; i < reader_events; i++)
        count += reader_seen[i].pid == pid;
    return count;
}

static void fork_one(int follow, int depth)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        fire(1);
        fire(2);
        if (!follow && is_recorded())
            _exit(3);
        if (depth > 0)
            fork_one(follow, depth - 1);
        _exit(0);
    }
    waitpid(child, &status, 0);
    expect_same("a child's status", (unsigned long)status, 0);
}

static void children(int follow)
{
    unsigned long i;

    reader_start(follow ? PYTRACE__FOLLOW : 0, 64, 65536, ALWAYS);
    fire(0);
    for (i = 0; i < 10; i++) {
        fork_one(follow, 1);
        fire((int)i);
    }
    reader_stop();
    expect_same("events of the parent", events_of((uint32_t)getpid()), 11);
    expect_same("events", reader_events, follow ? 51 : 11);
    expect_same("losses", reader_lost(), 0);
}

static void child(void)
{
    children(0);
}

static void followed(void)
{
    children(1);
}

static void vforked(void)
{
    unsigned long i;

    reader_start(0, 4, RING, ALWAYS);
    fire(0);
    for (i = 0; i < amount; i++) {
        pid_t pid = vfork();

        if (pid == 0) {
            fire(1);
            _exit(0);
        }
        waitpid(pid, NULL, 0);
        fire(2);
    }
    expect_same("recorded", (unsigned long)is_recorded(), 1);
    reader_stop();
    expect_same("events", reader_events, 2 * amount + 1);
}

/* A handler forks while it interrupts a marker; the child goes on with it. */
static volatile sig_atomic_t may_fork;

static void on_signal_fork(int number)
{
    (void)number;
    if (may_fork && handled++ % 50 == 0) {
        pid_t pid = fork();

        if (pid == 0) {
            is_child = 1;
        } else {
            waitpid(pid, NULL, 0);
        }
    }
}

static void fire_until_child(void)
{
    unsigned long i;

    may_fork = 1;
    for (i = 0; i < amount && !is_child; i++)
        fire((int)i);
    may_fork = 0;
    if (is_child) {
        fire(-1);
        _exit(0);
    }
}

static void fork_inside(void)
{
    unsigned long counted;

    reader_start(0, 4, RING, ALWAYS);
    with_signals(on_signal_fork, fire_until_child, 0);
    reader_stop();
    counted = reader_events + reader_lost();
    /* In the middle of an event, a child may count it as lost, too. */
    expect(counted >= amount && counted <= amount + (unsigned long)handled / 50,
           "events and losses", counted, amount);
    printf("%d signals; ", (int)handled);
}

/* ---- a program that closes what it does not know ---- */

static void closed(void)
{
    int i;

    reader_start(0, 4, RING, ALWAYS);
    fire(0);
    for (i = 3; i < 2000; i++)
        close(i);
    fire(1);
    reader_stop();
    expect_same("events", reader_events, 2);
    i = open("/dev/null", O_RDONLY);
    dup2(i, reader_control.descriptor);
    reader_start(0, 4, RING, ALWAYS);
    fire(2);
    reader_stop();
    expect_same("events", reader_events, 1);
    expect(fcntl(i, F_GETFD) >= 0, "the program's own file", 0, 1);
}

/* Without anything asked for, a marker that is fired does nothing. */
static void nothing(void)
{
    fire(0);
    pytrace_function_entry("a", "b", 1);
    expect_same("the answer", reader_control.answer, 0);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
        unsigned long amount;
    } cases[] = {
        {"nothing", nothing, 1},
        {"threads", threads, 200000},
        {"strings", strings, 200000},
        {"numbers", numbers, 100000},
        {"signals", signals, 1000000},
        {"alternate", alternate, 1000000},
        {"alternate_low", alternate, 1000001},
        {"jumps", jump, 1000000},
        {"cancel", cancel, 500},
        {"full", full, 100000},
        {"block", block, 100000},
        {"no_ring", no_ring, 10000},
        {"reader_dies", reader_dies, 2},
        {"reader_dies_block", reader_dies, 1},
        {"no_reader", no_reader, 1},
        {"again", again, 200},
        {"child", child, 1},
        {"followed", followed, 1},
        {"vforked", vforked, 1000},
        {"fork_inside", fork_inside, 300000},
        {"closed", closed, 1},
    };
    size_t i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        if (argc > 1 && strcmp(argv[1], cases[i].name) == 0) {
            amount = argc > 2 ? strtoul(argv[2], NULL, 10) : cases[i].amount;
            cases[i].run();
            printf("%lu events recorded\n", reader_events);
            return failures != 0;
        } else if (argc == 1) {
            puts(cases[i].name);
        }
    return argc != 1;
}
