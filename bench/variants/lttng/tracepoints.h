/*
 * tracepoints.h - the provider of LTTng-UST, in the form that its headers want:
 * they include it again to make the code that records.
 *
 * SPDX-License-Identifier: MIT
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER lua
#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./tracepoints.h"

#if !defined(TRACEPOINTS_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define TRACEPOINTS_H

#include <lttng/tracepoint.h>

LTTNG_UST_TRACEPOINT_EVENT_CLASS(
    lua, place,
    LTTNG_UST_TP_ARGS(const char *, filename, const char *, funcname, int,
                      lineno),
    LTTNG_UST_TP_FIELDS(lttng_ust_field_string(filename, filename)
                            lttng_ust_field_string(funcname, funcname)
                                lttng_ust_field_integer(int, lineno, lineno)))

#define PLACE_EVENT(name) \
    LTTNG_UST_TRACEPOINT_EVENT_INSTANCE( \
        lua, place, lua, name, \
        LTTNG_UST_TP_ARGS(const char *, filename, const char *, funcname, int, \
                          lineno))
PLACE_EVENT(function_entry)
PLACE_EVENT(function_return)
PLACE_EVENT(line)

#endif

#include <lttng/tracepoint-event.h>
