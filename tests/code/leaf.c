/*
 * leaf.c - a leaf function that keeps its values below the stack pointer, in
 * the red zone, while it fires a marker. It is compiled twice:
 *
 *   with RUNTIME as the runtime's file, as a part of the runtime, by the
 *   library's own rule: leaf_in_runtime()
 *   otherwise as any code of a host, with main(): leaf_in_host()
 *
 * Some kernels put a call in place of a probe, which overwrites what is there.
 * Where the compiler was told to leave the red zone alone, nothing is.
 *
 * main() waits for a tracer, calls both, prints in how many of the calls each
 * had wrong values, and what stood at leaf_in_host()'s probe meanwhile.
 *
 * SPDX-License-Identifier: MIT
 */
#ifdef RUNTIME
#include RUNTIME
#define leaf leaf_in_runtime
#else
#include "pytrace_probes.h"
#include "pytrace_provider.h"
#undef _SDT_NOP
#define _SDT_NOP \
    leaf_probe: \
    .byte 0x0f; \
    .byte 0x1f; \
    .byte 0x44; \
    .byte 0; \
    .byte 0
#include <stdio.h>
#include <unistd.h>
#define leaf leaf_in_host
#endif

enum { VALUES = 12 };

int leaf_in_host(int number);
int leaf_in_runtime(int number);

/* 0 when all values are what was put there. */
__attribute__((__noinline__)) int leaf(int number)
{
    volatile long values[VALUES];
    int i, wrong = 0;

    for (i = 0; i < VALUES; i++)
        values[i] = number + i;
    PYTHON_GC_START(number);
    for (i = 0; i < VALUES; i++)
        wrong |= values[i] != number + i;
    return wrong;
}

#ifndef RUNTIME

enum { CALLS = 10000 };

extern const volatile unsigned char leaf_probe[];

int main(void)
{
    int i, in_host = 0, in_runtime = 0, waited = 0;

    while (!PYTRACE_GC_START_ENABLED() && waited++ < 2000)
        usleep(10000);
    usleep(200000); /* for the probes themselves */
    for (i = 0; i < CALLS; i++) {
        in_host += leaf_in_host(i);
        in_runtime += leaf_in_runtime(i);
    }
    printf("at the probe: %s\n", leaf_probe[0] == 0xe8   ? "a call"
                                 : leaf_probe[0] == 0xcc ? "a trap"
                                                         : "nothing");
    printf("wrong in a host: %s\n", in_host > 0 ? "yes" : "no");
    printf("wrong in the runtime: %d\n", in_runtime);
    return 0;
}

#endif
