/*
 * The markers of the eval loop as tracepoints of LTTng-UST, which finds its
 * library when the program starts; see tracepoints.h.
 *
 * SPDX-License-Identifier: MIT
 */
#include_next <pytrace_probes.h>

/* Defined where the port defines its functions. */
#ifdef lpytrace_c
#define LTTNG_UST_TRACEPOINT_DEFINE
#endif
#define LTTNG_UST_TRACEPOINT_PROBE_DYNAMIC_LINKAGE
#include "tracepoints.h"

#undef PYTRACE_FUNCTION_ENTRY
#define PYTRACE_FUNCTION_ENTRY(filename, funcname, lineno) \
    lttng_ust_tracepoint(lua, function_entry, filename, funcname, lineno)
#undef PYTRACE_FUNCTION_RETURN
#define PYTRACE_FUNCTION_RETURN(filename, funcname, lineno) \
    lttng_ust_tracepoint(lua, function_return, filename, funcname, lineno)
#undef PYTRACE_LINE_ENABLED
#define PYTRACE_LINE_ENABLED() lttng_ust_tracepoint_enabled(lua, line)
#undef PYTRACE_LINE
#define PYTRACE_LINE(filename, funcname, lineno) \
    lttng_ust_tracepoint(lua, line, filename, funcname, lineno)
