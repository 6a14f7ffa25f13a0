/*
 * host.c - a very small interpreter, to embed the markers in: it executes one
 * "function" and fires every marker. C99 and C++11; tests/embed.sh builds it
 * in every way that the documents describe.
 *
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#ifdef HOST_LISTS_MARKERS
#include "pytrace.h"
#endif
#include "pytrace_probes.h"

static int evaluations;

static const char *evaluated(const char *string)
{
    evaluations++;
    return string;
}

int main(void)
{
    int collected = 3, found = 1;
    void *tuple = &collected;
    unsigned char byte = 1;

    PYTRACE_FUNCTION_ENTRY(evaluated("host.x"), "main", 1);
    if (found)
        PYTRACE_LINE(evaluated("host.x"), "main", 2);
    else
        PYTRACE_LINE("host.x", "main", 3);
    PYTRACE_IMPORT_FIND_LOAD_START("module");
    PYTRACE_IMPORT_FIND_LOAD_DONE("module", found);
    PYTRACE_GC_START(0);
    PYTRACE_GC_DONE(collected);
    PYTRACE_AUDIT("host.event", tuple);
    if (PYTRACE_EVAL_ENABLED())
        pytrace_function_return("host.x", "main", 4);
    PYTRACE_FUNCTION_RETURN("host.x", "main", 4);
    if (!PYTRACE_EVAL_ENABLED_OR(byte))
        printf("the byte is not tested\n");
    byte = 0;
    if (PYTRACE_EVAL_ENABLED_OR(byte) != PYTRACE_EVAL_ENABLED())
        printf("the byte is not all that is tested\n");

#ifdef HOST_LISTS_MARKERS
    {
        size_t count, i;
        const struct pytrace_marker *markers = pytrace_markers(&count);

        for (i = 0; i < count; i++)
            printf("%s:%s\n", markers[i].provider, markers[i].name);
    }
#endif
    printf("%d arguments evaluated\n", evaluations);
    return 0;
}
