/*
** $Id: lpytrace.h $
** Static markers (pytrace) for the Lua core
** See Copyright Notice in lua.h
** SPDX-License-Identifier: MIT
**
** The core calls these functions only behind a marker's guard, or on paths
** that are rare (errors, coroutines, 'require', a collection's atomic step).
** None of them can raise an error, use the state's allocator, or change what
** the program sees.
*/

#ifndef lpytrace_h
#define lpytrace_h

#include "pytrace_probes.h"

#include "lobject.h"
#include "lstate.h"

/* since 5.4.5, what points into the stack is a union */
#if LUA_VERSION_RELEASE_NUM > 50404
#define luaP_stkid(s)	((s).p)
#else
#define luaP_stkid(s)	(s)
#endif

/*
** Bits in 'callstatus', of which 5.5 has 32: of a C function, which is a
** 'require' at work; and of a thread's base, whose functions have been ended
*/
#if LUA_VERSION_NUM >= 505
#define CIST_IMPORT	(1u<<30)
#define CIST_ABANDONED	(1u<<31)
#define luaP_mainthread(g)	mainthread(g)
#else
#define CIST_IMPORT	(1<<14)
#define CIST_ABANDONED	(1<<15)
#define luaP_mainthread(g)	((g)->mainthread)
#endif

/* 'gcfreed' of the main thread while there is no GC cycle */
#define LUAP_NOCYCLE	(~(l_uint32)0)

/* Bits in 'hookmask', set while a tracer wants what they say */
#define LUA_MASKMARKFUNC	(1<<6)  /* the ends of functions */
#define LUA_MASKMARKLINE	(1<<7)  /* lines */
#define LUA_MASKMARKERS		(LUA_MASKMARKFUNC | LUA_MASKMARKLINE)

/* (out of the way of what is called while untraced) */
#if defined(__GNUC__)
#define LUAP_FUNC	__attribute__((cold)) LUAI_FUNC
#else
#define LUAP_FUNC	LUAI_FUNC
#endif

/*
** An error ends all calls down to 'last', which itself is not ended. (Programs
** may raise errors all the time; so nothing is looked for in vain.)
*/
#define luaP_abandon(L,last) \
	{ if (PYTRACE_FUNCTION_RETURN_ENABLED() || \
	      PYTRACE_CFUNCTION_RETURN_ENABLED() || \
	      PYTRACE_IMPORT_FIND_LOAD_DONE_ENABLED()) \
	    luaP_abandonframes(L, last); }

/*
** An audit event, about the strings 's' and 't', which may be NULL.
*/
#define luaP_audit(L,event,s,t) \
	luaP_auditl(L, event, s, ((s) != NULL) ? strlen(s) : 0, t)
#define luaP_auditl(L,event,s,l,t) \
	{ if (PYTRACE_AUDIT_ENABLED() || PYTRACE_AUDITING_ENABLED()) \
	    luaP_fireaudit(L, event, s, l, t); }

/* The ends of functions are wanted. */
#define luaP_iswatched() \
	(PYTRACE_EVAL_ENABLED() || PYTRACE_CFUNCTIONS_ENABLED())

/*
** An error is thrown; one, whose value is on the top, has come to the running
** function; a coroutine runs or stops.
*/
#define luaP_thrown(L,errcode) \
	{ if (PYTRACE_EXCEPTION_THROWN_ENABLED() && (errcode) > LUA_YIELD) \
	    luaP_firethrown(L, errcode); }
#define luaP_caught(L) \
	{ if (PYTRACE_EXCEPTION_CAUGHT_ENABLED()) luaP_firecaught(L); }
#define luaP_task(L,enters) \
	{ if (PYTRACE_TASKS_ENABLED()) luaP_firetask(L, enters); }

LUAP_FUNC void luaP_watch (lua_State *L);
LUAP_FUNC lu_byte luaP_mask (lua_State *L);
LUAP_FUNC void luaP_enter (lua_State *L, CallInfo *ci);
LUAP_FUNC void luaP_return (lua_State *L, CallInfo *ci);
LUAP_FUNC void luaP_abandonframes (lua_State *L, CallInfo *last);
LUAP_FUNC void luaP_abandonthreads (lua_State *L);
LUAP_FUNC int luaP_suspend (lua_State *L, int status);
LUAP_FUNC void luaP_resume (lua_State *L);
LUAP_FUNC void luaP_line (lua_State *L, CallInfo *ci, int pc);
LUAP_FUNC void luaP_enterc (lua_State *L, CallInfo *ci);
LUAP_FUNC void luaP_returnc (lua_State *L, CallInfo *ci);
LUAP_FUNC void luaP_firethrown (lua_State *L, int errcode);
LUAP_FUNC void luaP_firecaught (lua_State *L);
LUAP_FUNC void luaP_firetask (lua_State *L, int enters);
LUAP_FUNC void luaP_importstart (lua_State *L, const char *name);
LUAP_FUNC void luaP_importdone (lua_State *L, const char *name);
LUAP_FUNC void luaP_fireaudit (lua_State *L, const char *event, const char *s,
                               size_t l, const char *t);
LUAI_FUNC void luaP_forget (void);

/* defined in ldebug.c, where the names of functions are found */
LUAI_FUNC const char *luaG_callname (lua_State *L, CallInfo *ci);

/* defined in lstring.c */
LUAI_FUNC unsigned int luaP_hash (lua_State *L, const char *str, size_t l);

#endif
