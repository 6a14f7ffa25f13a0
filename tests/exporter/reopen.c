/*
 * reopen.c - open a library with markers, fire until they are traced, close it,
 * again and again:
 *
 *   reopen LIBRARY COUNT
 *
 * Each time it prints how often that was; at the end it waits for its input to
 * end. With -DMARKED, it has markers itself, too, and with -DLIBRARY it is the
 * library.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "pytrace_probes.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#ifdef LIBRARY

/* Whether it is traced. */
int fire(void);
int fire(void)
{
    int is_traced = PYTRACE_FUNCTION_ENTRY_ENABLED();

    PYTRACE_FUNCTION_ENTRY("reopen.x", "reopened", 1);
    PYTRACE_FUNCTION_RETURN("reopen.x", "reopened", 1);
    return is_traced;
}

#else

int main(int argc, char **argv)
{
    long count = argc == 3 ? atol(argv[2]) : 0, i;
    int (*fire)(void);

    setvbuf(stdout, NULL, _IONBF, 0);
    for (i = 1; i <= count; i++) {
        void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);

        if (library == NULL) {
            fprintf(stderr, "reopen: %s\n", dlerror());
            return 1;
        }
        *(void **)&fire = dlsym(library, "fire");
        while (!fire()) {
#ifdef MARKED
            PYTRACE_FUNCTION_ENTRY("reopen.x", "waits", 1);
            PYTRACE_FUNCTION_RETURN("reopen.x", "waits", 1);
#endif
            usleep(1000);
        }
        dlclose(library);
        printf("%ld\n", i);
    }
    return getchar() != EOF;
}

#endif
