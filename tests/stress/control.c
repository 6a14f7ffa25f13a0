/*
 * control.c - lead a host (host.c) from the shell, by its board.
 *
 *   control BOARD COMMAND [MICROSECONDS]
 *
 * "ready" waits until it runs, "hold" until all its threads wait; "go" lets
 * them go on, "stop" end. "taken" prints how often each marker's guard said
 * yes, "rounds" how many rounds there were. "rest" has each thread rest for so
 * long between two rounds. Exit status 1 when the host does
 * not do so, 2 when the command line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    const char *command = argc == 3 || argc == 4 ? argv[2] : "";
    struct board *board = argc == 3 || argc == 4 ? board_open(argv[1]) : NULL;
    int i;

    if (strcmp(command, "ready") == 0) {
        for (i = 0; !board->ready; i++) {
            if (i == 10000) {
                fprintf(stderr, "control: the host does not start\n");
                return 1;
            }
            usleep(1000);
        }
    } else if (strcmp(command, "hold") == 0) {
        board_hold(board);
    } else if (strcmp(command, "go") == 0) {
        board_go(board);
    } else if (strcmp(command, "stop") == 0) {
        board->stop = 1;
    } else if (strcmp(command, "rest") == 0 && argc == 4) {
        board->rest = atoi(argv[3]);
    } else if (strcmp(command, "taken") == 0) {
        for (i = 0; i < MARKERS; i++)
            printf("%s %ld\n", board->marker[i], board_taken(board, i));
    } else if (strcmp(command, "rounds") == 0) {
        printf("%ld\n", board_rounds(board));
    } else {
        fprintf(stderr, "usage: control BOARD "
                        "ready|hold|go|stop|taken|rounds|rest\n");
        return 2;
    }
    return 0;
}
