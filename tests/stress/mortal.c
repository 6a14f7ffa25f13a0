/*
 * mortal.c - a host whose threads fire gc__start without end, each with its own
 * numbers, and which ends in the middle of that.
 *
 *   mortal BOARD THREADS MICROSECONDS HOW
 *
 * It ends so long after its first event: by a signal that it sends itself
 * ("kill", "crash", "abort"), by exit() or _exit() ("exit", "leave"), by
 * executing another program ("exec"), or, with "wait", by others. The board
 * (board.h) has how often its guards said yes, and came back.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "board.h"
#include "pytrace_probes.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static void *fire(void *argument)
{
    struct counters *counters = argument;
    int number = 0;

    for (;;)
        if (PYTRACE_GC_START_ENABLED()) {
            counters->taken[0]++;
            pytrace_gc_start(number++);
            counters->fired[0]++;
        }
    return NULL;
}

static void end(const char *how)
{
    volatile int *volatile nowhere = NULL;

    if (strcmp(how, "kill") == 0)
        kill(getpid(), SIGKILL);
    if (strcmp(how, "crash") == 0)
        *nowhere = 1;
    if (strcmp(how, "abort") == 0)
        abort();
    if (strcmp(how, "exit") == 0)
        exit(3);
    if (strcmp(how, "leave") == 0)
        _exit(4);
    if (strcmp(how, "exec") == 0)
        execlp("true", "true", (char *)NULL);
    for (;;)
        pause();
}

int main(int argc, char **argv)
{
    const struct rlimit none = {0, 0};
    struct board *board;
    pthread_t thread;
    int i;

    if (argc != 5 || atoi(argv[2]) < 1 || atoi(argv[2]) > THREADS) {
        fprintf(stderr, "usage: mortal BOARD THREADS MICROSECONDS HOW\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setrlimit(RLIMIT_CORE, &none);
    board = board_open(argv[1]);
    board->threads = atoi(argv[2]);
    board->pid = getpid();
    for (i = 0; i < board->threads; i++)
        if (pthread_create(&thread, NULL, fire, &board->thread[i]) != 0)
            return 1;
    board->ready = 1;
    while (board_fired(board, 0) == 0)
        usleep(100);
    usleep((useconds_t)atoi(argv[3]));
    end(argv[4]);
    return 1;
}
