/*
 * The markers of the eval loop as users of sys/sdt.h write them: a semaphore
 * that is read as any variable is, and the probe behind it, where the event
 * happens. The macros are those that dtrace -h makes for the provider lua; the
 * semaphores are pytrace's.
 *
 * SPDX-License-Identifier: MIT
 */
#include_next <pytrace_probes.h>

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

#undef PYTRACE_FUNCTION_ENTRY_ENABLED
#define PYTRACE_FUNCTION_ENTRY_ENABLED() \
    __builtin_expect(lua_function__entry_semaphore, 0)
#undef PYTRACE_FUNCTION_ENTRY
#define PYTRACE_FUNCTION_ENTRY(filename, funcname, lineno) \
    PYTRACE__FIRE( \
        PYTRACE_FUNCTION_ENTRY_ENABLED(), \
        DTRACE_PROBE3(lua, function__entry, filename, funcname, lineno))

#undef PYTRACE_FUNCTION_RETURN_ENABLED
#define PYTRACE_FUNCTION_RETURN_ENABLED() \
    __builtin_expect(lua_function__return_semaphore, 0)
#undef PYTRACE_FUNCTION_RETURN
#define PYTRACE_FUNCTION_RETURN(filename, funcname, lineno) \
    PYTRACE__FIRE( \
        PYTRACE_FUNCTION_RETURN_ENABLED(), \
        DTRACE_PROBE3(lua, function__return, filename, funcname, lineno))

#undef PYTRACE_LINE_ENABLED
#define PYTRACE_LINE_ENABLED() __builtin_expect(lua_line_semaphore, 0)
#undef PYTRACE_LINE
#define PYTRACE_LINE(filename, funcname, lineno) \
    PYTRACE__FIRE(PYTRACE_LINE_ENABLED(), \
                  DTRACE_PROBE3(lua, line, filename, funcname, lineno))
