/*
 * late.c - a program without markers, with a library that has them: a part of
 * it is mapped for a while, as while a linker is at work, before it is opened.
 *
 *   late LIBRARY
 *
 * It ends when the library's marker has fired 10 times, or after half a minute.
 *
 * SPDX-License-Identifier: MIT
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static void nap(long milliseconds)
{
    const struct timespec time = {0, milliseconds * 1000000};

    nanosleep(&time, NULL);
}

int main(int argc, char **argv)
{
    int (*fire)(int);
    void *part, *library;
    int file, i, fired = 0;

    if (argc != 2)
        return 2;
    file = open(argv[1], O_RDONLY);
    part = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 0);
    if (part == MAP_FAILED)
        return 3;
    nap(300);
    munmap(part, 4096);
    close(file);
    library = dlopen(argv[1], RTLD_NOW);
    if (library == NULL)
        return 4;
    *(void **)&fire = dlsym(library, "fire_in_library");
    for (i = 0; i < 30000 && fired < 10; i++) {
        fired += fire(fired);
        nap(1);
    }
    return fired == 10 ? 0 : 5;
}
