/* board.c - see board.h. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "board.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void fail(const char *what, const char *why)
{
    fprintf(stderr, "board: %s: %s\n", what, why);
    exit(1);
}

struct board *board_open(const char *name)
{
    int file = open(name, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct board *board;

    if (file == -1 || ftruncate(file, sizeof(*board)) != 0)
        fail(name, strerror(errno));
    board =
        mmap(NULL, sizeof(*board), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (board == MAP_FAILED)
        fail(name, strerror(errno));
    close(file);
    return board;
}

void board_close(struct board *board)
{
    munmap(board, sizeof(*board));
}

/* Wait until all threads are held, or none, for 20 seconds at most. */
static void await_held(const struct board *board, int held)
{
    int i, tries = 0;

    for (i = 0; i < board->threads; i++)
        while (board->thread[i].held != held) {
            usleep(100);
            if (tries++ == 200000 || kill(board->pid, 0) != 0)
                fail("the host", "its threads have ended, or do not run");
        }
}

void board_hold(struct board *board)
{
    board->hold = 1;
    await_held(board, 1);
}

void board_go(struct board *board)
{
    board->hold = 0;
    await_held(board, 0);
}

long board_taken(const struct board *board, int marker)
{
    long sum = 0;
    int i;

    for (i = 0; i < board->threads; i++)
        sum += board->thread[i].taken[marker];
    return sum;
}

long board_fired(const struct board *board, int marker)
{
    long sum = 0;
    int i;

    for (i = 0; i < board->threads; i++)
        sum += board->thread[i].fired[marker];
    return sum;
}

long board_rounds(const struct board *board)
{
    long sum = 0;
    int i;

    for (i = 0; i < board->threads; i++)
        sum += board->thread[i].rounds;
    return sum;
}
