/*
 * host.c - a host for tests/security.sh. It fires every marker: without an
 * argument, whatever tracers there are; with "armed", as if a tracer were
 * there; with "marked", the same, but with the recorder's bit. "wait" waits for
 * the end of its input; "undumpable" does that too, having asked the kernel to
 * keep debuggers away. Compiled with PYTRACE_WITHOUT_DTRACE it does the same
 * without the library.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace.h"
#include "pytrace_probes.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

static void arm(unsigned short value)
{
    size_t count, i;
    const struct pytrace_marker *markers = pytrace_markers(&count);

    for (i = 0; i < count; i++)
        *(volatile unsigned short *)(uintptr_t)markers[i].semaphore = value;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "armed") == 0)
        arm(1);
    if (strcmp(what, "marked") == 0)
        arm(0x4000);
    if (strcmp(what, "undumpable") == 0)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    if (strcmp(what, "wait") == 0 || strcmp(what, "undumpable") == 0) {
        puts("waits");
        fflush(stdout);
        while (getchar() != EOF)
            ;
    }
    PYTRACE_FUNCTION_ENTRY("file", "function", 1);
    PYTRACE_LINE("file", "function", 1);
    PYTRACE_GC_START(0);
    PYTRACE_GC_DONE(1);
    PYTRACE_IMPORT_FIND_LOAD_START("module");
    PYTRACE_IMPORT_FIND_LOAD_DONE("module", 1);
    PYTRACE_AUDIT("event", NULL);
    PYTRACE_FUNCTION_RETURN("file", "function", 1);
    return 0;
}
