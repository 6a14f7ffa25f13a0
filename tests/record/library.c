/* library.c - a library with the markers. SPDX-License-Identifier: MIT */
#include "pytrace_probes.h"

/* Fire function__return once. Returns whether it was on. */
int fire_in_library(int line);

int fire_in_library(int line)
{
    if (!PYTRACE_FUNCTION_RETURN_ENABLED())
        return 0;
    PYTRACE_FUNCTION_RETURN("library.c", "library", line);
    return 1;
}
