/*
 * host_events.h - the two events of host.c as LTTng-UST defines them: an
 * integer, and two strings and an integer. Read several times, as LTTng's
 * macros ask for; not a header to include elsewhere.
 *
 * SPDX-License-Identifier: MIT
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER python

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "host_events.h"

#if !defined(HOST_EVENTS_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define HOST_EVENTS_H

#include <lttng/tracepoint.h>

/* clang-format off */
LTTNG_UST_TRACEPOINT_EVENT(
    python, gc__done,
    LTTNG_UST_TP_ARGS(long, collected),
    LTTNG_UST_TP_FIELDS(
        lttng_ust_field_integer(long, collected, collected)))

LTTNG_UST_TRACEPOINT_EVENT(
    python, function__entry,
    LTTNG_UST_TP_ARGS(const char *, filename, const char *, funcname,
                      int, lineno),
    LTTNG_UST_TP_FIELDS(
        lttng_ust_field_string(filename, filename)
        lttng_ust_field_string(funcname, funcname)
        lttng_ust_field_integer(int, lineno, lineno)))
/* clang-format on */

#endif /* HOST_EVENTS_H */

#include <lttng/tracepoint-event.h>
