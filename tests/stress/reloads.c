/*
 * reloads.c - load a host in a shared library (library.c), have it fire for a
 * while, unload it, again and again, until the board says stop.
 *
 *   reloads BOARD LIBRARY
 *
 * The board (board.h) has how often its guard said yes as its first marker, and
 * how often it was loaded as its rounds. Exit status 1 when it cannot be
 * loaded, or stays, 2 when the command line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "board.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

static void fire_for_a_while(struct board *board, void *library)
{
    int (*fire)(int);
    long i, times = 20 + random() % 200;

    *(void **)&fire = dlsym(library, "fire");
    for (i = 0; i < times; i++) {
        board->thread[0].taken[0] += fire(10);
        usleep(50);
    }
}

int main(int argc, char **argv)
{
    struct board *board;
    void *library;

    if (argc != 3) {
        fprintf(stderr, "usage: reloads BOARD LIBRARY\n");
        return 2;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    board = board_open(argv[1]);
    board->threads = 1;
    board->pid = getpid();
    board->ready = 1;
    while (!board->stop) {
        library = dlopen(argv[2], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            fprintf(stderr, "reloads: %s\n", dlerror());
            return 1;
        }
        fire_for_a_while(board, library);
        dlclose(library);
        if (dlopen(argv[2], RTLD_NOW | RTLD_NOLOAD) != NULL) {
            fprintf(stderr, "reloads: %s stays\n", argv[2]);
            return 1;
        }
        board->thread[0].rounds++;
    }
    return 0;
}
