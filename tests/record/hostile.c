/*
 * hostile.c - a program that writes what it wants into the memory that it
 * shares with pytrace: that its events are of process PID, which has nothing to
 * do with it.
 *
 *   hostile PID
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace_probes.c"

#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    const void *frame = __builtin_frame_address(0);
    struct pytrace__ring *ring;
    int i;

    if (argc != 2)
        return 2;
    puts("ready");
    fflush(stdout);
    while (!PYTRACE_FUNCTION_ENTRY_ENABLED())
        usleep(1000);
    PYTRACE_FUNCTION_ENTRY("hostile.c", "honest", 0);
    ring = pytrace__thread.ring;
    if (ring == NULL)
        return 3;
    pytrace__begin(ring, frame, (uint64_t)atoi(argv[1]) << 32 | 1,
                   ring->request);
    for (i = 1; i < 300; i++) {
        PYTRACE_FUNCTION_ENTRY("hostile.c", "false", i);
        usleep(1000);
    }
    return 0;
}
