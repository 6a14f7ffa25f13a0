/*
 * The markers of the eval loop as calls through pointers to functions, which
 * are NULL while untraced.
 *
 * SPDX-License-Identifier: MIT
 */
#include_next <pytrace_probes.h>

typedef void (*marker_hook)(const char *, const char *, int);
extern marker_hook function_entry_hook, function_return_hook, line_hook;

/* Defined where the port defines its functions. */
#ifdef lpytrace_c
marker_hook function_entry_hook, function_return_hook, line_hook;
#endif

#define CALL_HOOK(hook, filename, funcname, lineno) \
    PYTRACE__FIRE(hook, hook(filename, funcname, lineno))

#undef PYTRACE_FUNCTION_ENTRY
#define PYTRACE_FUNCTION_ENTRY(filename, funcname, lineno) \
    CALL_HOOK(function_entry_hook, filename, funcname, lineno)
#undef PYTRACE_FUNCTION_RETURN
#define PYTRACE_FUNCTION_RETURN(filename, funcname, lineno) \
    CALL_HOOK(function_return_hook, filename, funcname, lineno)
#undef PYTRACE_LINE_ENABLED
#define PYTRACE_LINE_ENABLED() (line_hook != 0)
#undef PYTRACE_LINE
#define PYTRACE_LINE(filename, funcname, lineno) \
    CALL_HOOK(line_hook, filename, funcname, lineno)
