/*
 * attach.c - tracers that come and go while a host runs.
 *
 *   attach cycles BOARD|PID SITES TIMES SEED
 *   attach kills  BOARD|PID SITES TIMES SEED
 *
 * SITES is the host's list of sites (sites.sh). The host is host.c, with its
 * BOARD, or any other by its PID: then only its semaphores can be compared, and
 * it may end meanwhile.
 *
 * "cycles" has the kernel trace each marker for some milliseconds, again and
 * again, at times by chance, all independently of each other; TIMES times
 * altogether. Each time the marker must be counted neither less nor more often
 * than it can have been fired, and its semaphore must be 1, then 0. Now and
 * then all of that rests, with some of the markers traced: these must be
 * counted exactly as often as they are fired, and the others not fired at all.
 *
 * "kills" starts a tracer and kills it with SIGKILL, TIMES times, while another
 * one of one marker goes on, which counts exactly; all other semaphores are 0
 * then, and these markers are not fired. Of a tracer that is killed while it
 * attaches or detaches the kernel leaves the semaphore raised now and then
 * ("failed to unregister, leaking uprobe"), until another one has come and
 * gone. The other one is there also because, when the last breakpoint of all is
 * removed, the kernel may, though rarely does, kill a program with threads by
 * SIGTRAP (docs/tracing.md).
 *
 * Prints what was counted. Exit status 1, and a sentence for the first thing
 * that is wrong; 2 when the command line is.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "board.h"
#include "semaphores.h"
#include "uprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of one marker between two rests, how often it comes and goes. */
#define CYCLES_A_WAVE 5

static struct board *board; /* or NULL */
static struct site site[MARKERS];
static int markers;
static struct semaphores semaphores;
static atomic_long ended; /* cycles */
static atomic_flag over = ATOMIC_FLAG_INIT;

static struct marker {
    struct uprobe uprobe;
    int attached;
    long taken, fired; /* on the board when it was attached */
    long compared;     /* events, at least, in all of its time */
    unsigned seed;
} marker[MARKERS];

static __attribute__((__format__(__printf__, 1, 2))) void
fail(const char *format, ...)
{
    va_list arguments;

    fprintf(stderr, "attach: ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    if (board != NULL)
        board->hold = 0;
    exit(1);
}

static int semaphore_of(int i)
{
    int value = semaphores_read(&semaphores, i);

    if (value == -1 && board == NULL) {
        while (atomic_flag_test_and_set(&over))
            pause(); /* another thread says it */
        printf("%ld cycles, and the host ended\n", (long)ended);
        exit(0);
    }
    if (value == -1)
        fail("the host has ended");
    return value;
}

static void check_semaphore(int i)
{
    int value = semaphore_of(i);

    if (value != marker[i].attached)
        fail("the semaphore of %s is %d, and not %d", site[i].name, value,
             marker[i].attached);
}

static void check_semaphores(void)
{
    int i;

    for (i = 0; i < markers; i++)
        check_semaphore(i);
}

static void check_results(void)
{
    if (board->wrong != 0)
        fail("%ld rounds had another result than untraced", (long)board->wrong);
}

/* How often the host's guard said yes, and how often it came back. */
static long taken(int i)
{
    return board == NULL ? 0 : board_taken(board, i);
}

static long fired(int i)
{
    return board == NULL ? 0 : board_fired(board, i);
}

static void check_count(int i, long counted, long least, long most)
{
    if (counted < least || counted > most)
        fail("%s was fired %ld to %ld times, and counted %ld times",
             site[i].name, least, most, counted);
}

/*
 * What was counted lies between what was fired from after attaching and what
 * was fired from before.
 */
static void attach(int i)
{
    struct marker *m = &marker[i];

    m->fired = fired(i);
    uprobe_open(&m->uprobe, &site[i], -1);
    m->taken = taken(i);
    m->attached = 1;
    check_semaphore(i);
}

static void detach(int i)
{
    struct marker *m = &marker[i];
    long least = fired(i) - m->taken;
    long counted = uprobe_count(&m->uprobe);

    check_count(i, counted, least,
                board == NULL ? LONG_MAX : taken(i) - m->fired);
    if (board == NULL)
        m->compared += counted;
    else
        m->compared += least > 0 ? least : 0;
    uprobe_close(&m->uprobe);
    m->attached = 0;
    ended++;
    check_semaphore(i);
}

static void *come_and_go(void *argument)
{
    struct marker *m = argument;
    int i = (int)(m - marker), cycle;

    for (cycle = 0; cycle < CYCLES_A_WAVE; cycle++) {
        if (!m->attached)
            attach(i);
        usleep((useconds_t)(rand_r(&m->seed) % 8000));
        detach(i);
        usleep((useconds_t)(rand_r(&m->seed) % 2000));
    }
    if (rand_r(&m->seed) % 2)
        attach(i);
    return NULL;
}

/* No tracer comes or goes for a while: all is exact. Returns the events. */
static long rest(useconds_t microseconds)
{
    long counted[MARKERS] = {0}, before[MARKERS], events = 0;
    int i;

    check_semaphores();
    if (board == NULL) {
        usleep(microseconds);
        check_semaphores();
        return 0;
    }
    board_hold(board);
    for (i = 0; i < markers; i++) {
        before[i] = fired(i);
        if (marker[i].attached)
            counted[i] = uprobe_count(&marker[i].uprobe);
    }
    board_go(board);
    usleep(microseconds);
    board_hold(board);
    for (i = 0; i < markers; i++) {
        long fires = fired(i) - before[i];

        if (marker[i].attached)
            check_count(i, uprobe_count(&marker[i].uprobe) - counted[i], fires,
                        fires);
        else if (fires != 0)
            fail("%s is not traced, and was fired %ld times", site[i].name,
                 fires);
        if (taken(i) != fired(i))
            fail("%s was taken %ld times and fired %ld times", site[i].name,
                 taken(i), fired(i));
        events += fires;
    }
    check_results();
    board_go(board);
    return events;
}

static void cycles(long times)
{
    pthread_t thread[MARKERS];
    long exactly = 0, within = 0;
    int i;

    while (ended < times) {
        for (i = 0; i < markers; i++) {
            marker[i].seed = (unsigned)random();
            if (pthread_create(&thread[i], NULL, come_and_go, &marker[i]) != 0)
                fail("there are no threads to be had");
        }
        for (i = 0; i < markers; i++)
            pthread_join(thread[i], NULL);
        exactly += rest(3000);
    }
    for (i = 0; i < markers; i++) {
        if (marker[i].attached)
            detach(i);
        within += marker[i].compared;
    }
    rest(3000);
    printf("%ld cycles, %ld events counted", (long)ended, exactly + within);
    if (board != NULL)
        printf(", %ld of them exactly", exactly);
    printf("\n");
}

/*
 * A tracer, of the older kind or of the newer one. Writes a dot when it is
 * attached; then stays, or, of two markers, detaches and attaches over and
 * over.
 */
static void trace(int i, int stays, int output)
{
    void (*const open_one)(struct uprobe *, const struct site *, pid_t) =
        random() % 8 == 0 ? uprobe_open_events : uprobe_open;
    int other = (i + 1) % markers;
    char dot = '.';

    for (;;) {
        open_one(&marker[i].uprobe, &site[i], -1);
        if (!stays)
            open_one(&marker[other].uprobe, &site[other], -1);
        if (output != -1 && write(output, &dot, 1) != 1)
            _exit(1);
        output = -1;
        while (stays)
            pause();
        usleep(3000);
        uprobe_close(&marker[i].uprobe);
        uprobe_close(&marker[other].uprobe);
    }
}

/* Returns when it has been killed after a while. */
static void start_and_kill(int i, int stays)
{
    unsigned seed = (unsigned)random();
    int ends[2], status;
    pid_t pid;
    char dot;

    if (pipe2(ends, O_CLOEXEC) != 0 || (pid = fork()) == -1)
        fail("a tracer cannot be started: %s", strerror(errno));
    if (pid == 0) {
        srandom(seed);
        trace(i, stays, ends[1]);
    }
    close(ends[1]);
    /* Or while it attaches for the first time. */
    if ((stays || random() % 2 == 0) && read(ends[0], &dot, 1) != 1)
        fail("the tracer did not attach");
    usleep((useconds_t)(random() % 8000));
    kill(pid, SIGKILL);
    if (waitpid(pid, &status, 0) != pid || !WIFSIGNALED(status))
        fail("the tracer has ended before it was killed");
    close(ends[0]);
}

static void kills(long times)
{
    long killed, left = 0;
    const int steady = 0;

    attach(steady);
    for (killed = 0; killed < times; killed++) {
        int i = (int)(random() % markers), stays = random() % 3 != 0;

        start_and_kill(i, stays);
        for (i = 0; !stays && i < markers; i++)
            if (!marker[i].attached && semaphore_of(i) == 1) {
                left++;
                attach(i);
                detach(i);
            }
        rest(500);
    }
    detach(steady);
    rest(500);
    printf("%ld tracers killed, %ld times a semaphore was left raised\n",
           killed, left);
}

int main(int argc, char **argv)
{
    long times;
    int i, pid;

    if (argc != 6 || (times = atol(argv[4])) <= 0 ||
        (strcmp(argv[1], "cycles") != 0 && strcmp(argv[1], "kills") != 0)) {
        fprintf(stderr,
                "usage: attach cycles|kills BOARD|PID SITES TIMES SEED\n");
        return 2;
    }
    srandom((unsigned)atol(argv[5]));
    markers = read_sites(argv[3], site);
    pid = atoi(argv[2]);
    if (pid == 0) {
        board = board_open(argv[2]);
        pid = board->pid;
        for (i = 0; i < MARKERS; i++)
            if (strcmp(site[i].name, board->marker[i]) != 0)
                fail("%s is not %s", site[i].name, board->marker[i]);
    }
    semaphores_open(&semaphores, pid, site, markers);
    rest(500);
    if (strcmp(argv[1], "cycles") == 0)
        cycles(times);
    else
        kills(times);
    return 0;
}
