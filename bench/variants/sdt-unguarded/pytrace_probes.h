/*
 * The markers of functions as users of sys/sdt.h write them who want no
 * semaphores: the probe, where the event happens, with its arguments found each
 * time. So they are what lies at hand, as in hosts that do without guards: the
 * source's name and the line of the definition; for the function's name the
 * frame, and for the current line the instruction, from which a tracer has to
 * find them.
 *
 * SPDX-License-Identifier: MIT
 */
#include_next <pytrace_probes.h>

#include <sys/sdt.h>

#undef PYTRACE_FUNCTION_ENTRY
#define PYTRACE_FUNCTION_ENTRY(filename, frame, lineno) \
    DTRACE_PROBE3(lua, function__entry, filename, frame, lineno)
#undef PYTRACE_FUNCTION_RETURN
#define PYTRACE_FUNCTION_RETURN(filename, frame, instruction) \
    DTRACE_PROBE3(lua, function__return, filename, frame, instruction)

#define luaP_loopname(L, ci) (ci)
#define luaP_loopline(p, pc) (pc)
