/*
 * host.c - a host for tests/processors.sh. At each line of its input it fires
 * every marker of probes.d, and prints
 *
 *   N taken, semaphores N N N N
 *
 * how many of the four guards it found taken, and what the semaphores are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace_probes.h"

#include <stdint.h>
#include <stdio.h>

static int taken;

static const char *text(void)
{
    taken++;
    return "a string";
}

static int number(void)
{
    taken++;
    return -2;
}

static void fire(void)
{
    taken = 0;
    PYTRACE_FUNCTION_ENTRY(text(), NULL, 3);
    PYTRACE_WORDS(text(), (size_t)UINT64_C(0x8877665544332211),
                  (intptr_t)-INT64_C(0x1122334455667788));
    PYTRACE_NARROW(number(), -3, 200);
    if (PYTRACE_BARE_ENABLED()) {
        taken++;
        pytrace_bare();
    }
}

int main(void)
{
    size_t count, i;
    const struct pytrace_marker *markers = pytrace_markers(&count);
    int c;

    while ((c = getchar()) != EOF) {
        if (c != '\n')
            continue;
        fire();
        printf("%d taken, semaphores", taken);
        for (i = 0; i < count; i++)
            printf(" %d", *markers[i].semaphore);
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
