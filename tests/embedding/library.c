/*
 * library.c - the example of docs/embedding.md for a host that is a library:
 * the library has the eval loop, and the markers. What is between two lines
 * "docs" is in the document.
 *
 * SPDX-License-Identifier: MIT
 */
/* ---- docs ---- */
#include "library.h"
#include "pytrace_probes.h"

__attribute__((__visibility__("default"))) int toy_run(const char *file)
{
    PYTRACE_FUNCTION_ENTRY(file, "<main>", 1);
    /* the eval loop */
    PYTRACE_FUNCTION_RETURN(file, "<main>", 1);
    return 0;
}

/* For the executable, which raises audit events of its own. */
__attribute__((__visibility__("default"))) void toy_audit(const char *event,
                                                          void *arguments)
{
    PYTRACE_AUDIT(event, arguments);
}
/* ---- docs ---- */
