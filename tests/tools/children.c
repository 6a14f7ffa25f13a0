/*
 * children.c - follow a process by src/pytrace/children.c, and write down what
 * the recorder would be told, until all have ended: for tests/launch.sh.
 * Processes are numbered as they come. children [-o] PID: -o tells orphans,
 * too.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "children.h"

#include "base.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct list {
    struct children *children;
    bool tells_orphans;
    long *pids;
    size_t count, alive;
};

static size_t number_of(struct list *list, long pid)
{
    size_t i;

    for (i = list->count; i > 0 && list->pids[i - 1] != pid; i--)
        ;
    if (i > 0)
        return i;
    list->pids = grown(list->pids, list->count, sizeof(pid));
    list->pids[list->count++] = pid;
    return list->count;
}

static void visit(enum children_kind kind, long pid, long parent, void *data)
{
    struct list *list = data;
    size_t number;

    switch (kind) {
    case CHILDREN_BORN:
        number = number_of(list, parent);
        printf("#%zu forked #%zu\n", number, number_of(list, pid));
        list->alive++;
        break;
    case CHILDREN_ORPHAN:
        if (list->tells_orphans)
            printf("orphan %ld\n", pid);
        break;
    case CHILDREN_EXECUTED:
        printf("#%zu executed\n", number_of(list, pid));
        break;
    case CHILDREN_ENDED:
        number = number_of(list, pid);
        list->pids[number - 1] = 0;
        printf("#%zu ended\n", number);
        list->alive--;
        break;
    }
}

int main(int argc, char **argv)
{
    static const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    struct list list = {.children = children_new(true), .alive = 1};
    clock_t begin;
    long looks = 0;

    list.tells_orphans = argc > 2 && strcmp(argv[1], "-o") == 0;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc < 2 || !children_follow(list.children, atol(argv[argc - 1]))) {
        puts("there is no such process");
        return 1;
    }
    number_of(&list, atol(argv[argc - 1]));
    puts("ready");
    begin = clock();
    while (list.alive > 0) {
        children_look(list.children, visit, &list);
        nanosleep(&pause, NULL);
        looks++;
    }
    fprintf(stderr, "%ld looks, %.1f microseconds each\n", looks,
            (double)(clock() - begin) * 1e6 / CLOCKS_PER_SEC / (double)looks);
    children_free(list.children);
    free(list.pids);
    return 0;
}
