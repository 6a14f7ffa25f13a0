/*
 * stop.h - at its end, a program that count.c runs (or the shell, with COUNTED
 * in the environment) stops itself, so that its semaphores can be read when its
 * tracers have gone.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef STOP_H
#define STOP_H

#include <signal.h>
#include <stdlib.h>

static inline void stop_if_counted(void)
{
    if (getenv("COUNTED") != NULL)
        raise(SIGSTOP);
}

#endif
