/*
 * example.h - the frames of the example. Delete it when trace.c includes the
 * header of your interpreter.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EXAMPLE_H
#define EXAMPLE_H

struct frame {
    struct frame *caller;
    const char *file, *function;
    int line; /* the line that runs */
};

#endif
