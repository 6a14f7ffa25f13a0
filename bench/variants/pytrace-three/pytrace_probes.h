/*
 * The markers of pytrace, without the test of the group: where the host asks
 * for any of the three, it is answered by three guards.
 *
 * SPDX-License-Identifier: MIT
 */
#include_next <pytrace_probes.h>

#undef PYTRACE_EVAL_ENABLED
#define PYTRACE_EVAL_ENABLED() \
    (PYTRACE_FUNCTION_ENTRY_ENABLED() || PYTRACE_FUNCTION_RETURN_ENABLED() || \
     PYTRACE_LINE_ENABLED())
