/*
 * header.c - every macro of the header and every function of pytrace.h, for
 * compilers that are asked for all their warnings. C99 and C++11.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace.h"
#include "pytrace_probes.h"

unsigned long use(const char *string, int number, void *pointer);

unsigned long use(const char *string, int number, void *pointer)
{
    size_t count;
    const struct pytrace_marker *marker = pytrace_markers(&count);
    unsigned char byte = 0;

    PYTRACE_FUNCTION_ENTRY(string, string, number);
    PYTRACE_FUNCTION_RETURN(string, string, number);
    PYTRACE_LINE(string, string, number);
    PYTRACE_GC_START(number);
    PYTRACE_GC_DONE(number);
    PYTRACE_IMPORT_FIND_LOAD_START(string);
    PYTRACE_IMPORT_FIND_LOAD_DONE(string, number);
    PYTRACE_AUDIT(string, pointer);
    if (PYTRACE_EVAL_ENABLED() || PYTRACE_EVAL_ENABLED_OR(byte))
        pytrace_line(string, string, number);
    if (PYTRACE_FUNCTION_ENTRY_ENABLED() || PYTRACE_FUNCTION_RETURN_ENABLED() ||
        PYTRACE_LINE_ENABLED() || PYTRACE_GC_START_ENABLED() ||
        PYTRACE_GC_DONE_ENABLED() || PYTRACE_IMPORT_FIND_LOAD_START_ENABLED() ||
        PYTRACE_IMPORT_FIND_LOAD_DONE_ENABLED() || PYTRACE_AUDIT_ENABLED())
        count++;
    if (marker != pytrace_find(string) || *pytrace_version() != '\0')
        count += *marker->semaphore;
    return count;
}
