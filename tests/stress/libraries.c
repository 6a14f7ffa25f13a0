/*
 * libraries.c - load hosts in shared libraries, have them fire, unload them.
 *
 *   libraries TIMES LIBRARY...
 *
 * Each time all of them are in the process together; the first fires gc__start
 * once, the second twice, and so on. Prints for each how often its guard said
 * yes. Exit status 1 when one cannot be loaded, or stays, 2 when the command
 * line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "stop.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define LIBRARIES 4

int main(int argc, char **argv)
{
    long taken[LIBRARIES] = {0}, times = argc > 2 ? atol(argv[1]) : 0;
    void *library[LIBRARIES];
    int i, libraries = argc - 2;

    if (times <= 0 || libraries > LIBRARIES) {
        fprintf(stderr, "usage: libraries TIMES LIBRARY...\n");
        return 2;
    }
    while (times-- > 0) {
        for (i = 0; i < libraries; i++) {
            library[i] = dlopen(argv[2 + i], RTLD_NOW | RTLD_LOCAL);
            if (library[i] == NULL) {
                fprintf(stderr, "libraries: %s\n", dlerror());
                return 1;
            }
        }
        for (i = 0; i < libraries; i++) {
            int (*fire)(int);

            *(void **)&fire = dlsym(library[i], "fire");
            taken[i] += fire(i + 1);
        }
        if (times == 0)
            stop_if_counted();
        for (i = 0; i < libraries; i++) {
            dlclose(library[i]);
            if (dlopen(argv[2 + i], RTLD_NOW | RTLD_NOLOAD) != NULL) {
                fprintf(stderr, "libraries: %s stays\n", argv[2 + i]);
                return 1;
            }
        }
    }
    for (i = 0; i < libraries; i++)
        printf("%ld\n", taken[i]);
    return 0;
}
