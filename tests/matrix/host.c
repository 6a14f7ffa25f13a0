/*
 * host.c - what tests/matrix.sh builds and traces: a host that uses three
 * markers of eight, so that a linker may think that it can do without the
 * others. With HOST_MAIN defined it is the program that calls it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifdef HOST_MAIN

int host(void);

int main(void)
{
    return host();
}

#else

#include "pytrace_probes.h"
#include <stdio.h>

static int evaluated;

static const char *event(void)
{
    evaluated++;
    return "host.event";
}

int host(void);

int host(void)
{
    int i;

    for (i = 0; i < 3; i++) {
        PYTRACE_FUNCTION_ENTRY("host.x", "host", i);
        PYTRACE_AUDIT(event(), NULL);
        if (PYTRACE_EVAL_ENABLED())
            pytrace_line("host.x", "host", i);
    }
    printf("%d evaluated\n", evaluated);
    return 0;
}

#endif
