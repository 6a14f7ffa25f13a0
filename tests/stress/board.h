/*
 * board.h - what the threaded host shows of itself to those who trace it: a
 * file that all of them map.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef BOARD_H
#define BOARD_H

#include "uprobe.h"

#include <stdatomic.h>

#define THREADS 64

struct counters {
    _Alignas(64) atomic_long taken[MARKERS]; /* guards that said yes */
    atomic_long fired[MARKERS];              /* and came back */
    atomic_long rounds;
    atomic_int held;
};

struct board {
    atomic_int ready;
    atomic_int hold;   /* the threads are to wait before their next round */
    atomic_int stop;   /* they are to end */
    atomic_int rest;   /* microseconds between two rounds, or 0 */
    atomic_long wrong; /* rounds whose result was not the untraced one */
    int pid, threads;
    char marker[MARKERS][40]; /* their names */
    struct counters thread[THREADS];
};

/* Map the file, which is made when it is not there; or end with status 1. */
struct board *board_open(const char *file);
void board_close(struct board *board);

/* Have all threads wait, or go on; returns when they do wait. */
void board_hold(struct board *board);
void board_go(struct board *board);

long board_taken(const struct board *board, int marker);
long board_fired(const struct board *board, int marker);
long board_rounds(const struct board *board);

#endif
