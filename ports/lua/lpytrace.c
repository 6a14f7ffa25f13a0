/*
** $Id: lpytrace.c $
** Static markers (pytrace) for the Lua core
** See Copyright Notice in lua.h
** SPDX-License-Identifier: MIT
**
** What the markers of functions and lines need to know: which frames begin
** and end, what they are called, and where the line marker stands. The other
** markers are fired where they happen.
*/

#define lpytrace_c
#define LUA_CORE

#include "lprefix.h"


#include <stdio.h>
#include <string.h>

#include "lua.h"

#include "lauxlib.h"
#include "ldebug.h"
#include "lobject.h"
#include "lpytrace.h"
#include "lstate.h"
#include "lstring.h"
#include "ltable.h"
#include "lualib.h"
#include "lvm.h"


/*
** {======================================================
** The names of functions and files
** =======================================================
*/

/*
** So many nodes of tables are searched for a function's name, at most: a large
** table in a module must not make each event expensive. A table that is too
** large is left out, and the name is then the one that the call uses.
*/
#define SEARCHLIMIT	4096

/* room for "module.function" or "<file:line>"; longer names end in "..." */
#define NAMESIZE	256


#if LUA_VERSION_NUM >= 505
#define luaP_getshortstr(t,key)	luaH_Hgetshortstr(t, key)
#else
#define luaP_getshortstr(t,key)	luaH_getshortstr(t, key)
#endif


/*
** The internalised string 's', or NULL if there is none. (Looking it up must
** not create it.)
*/
static TString *findstring (lua_State *L, const char *s) {
  size_t l = strlen(s);
  stringtable *tb = &G(L)->strt;
  TString *ts;
  if (l > LUAI_MAXSHORTLEN)
    return NULL;
  for (ts = tb->hash[lmod(luaP_hash(L, s, l), tb->size)];
       ts != NULL;
       ts = ts->u.hnext) {
    if ((size_t)ts->shrlen == l && memcmp(s, getstr(ts), l) == 0)
      return ts;
  }
  return NULL;
}


/* The value t[s], or NULL if it is absent. */
static const TValue *getfield (lua_State *L, Table *t, const char *s) {
  TString *key = findstring(L, s);
  const TValue *v = (key != NULL) ? luaP_getshortstr(t, key) : NULL;
  return (v != NULL && !isempty(v)) ? v : NULL;
}


static int isfunction (const TValue *v, const TValue *f) {
  return v != NULL && luaV_rawequalobj(v, f);
}


/*
** The string key under which 't' holds the function 'f', or NULL. 'limit' is
** how many nodes may still be searched.
*/
static const char *findfield (Table *t, const TValue *f, int *limit) {
  int i, size = cast_int(sizenode(t));
  if (size > *limit)
    return NULL;
  *limit -= size;
  for (i = 0; i < size; i++) {
    Node *n = gnode(t, i);
    if (isfunction(gval(n), f) && (keyisshrstr(n) ||
                                    keytt(n) == ctb(LUA_VLNGSTR)))
      return getstr(gco2ts(gckey(n)));
  }
  return NULL;
}


static const char *fitname (char *buff, const char *module, const char *name) {
  if (snprintf(buff, NAMESIZE, "%s.%s", module, name) >= NAMESIZE)
    strcpy(buff + NAMESIZE - 4, "...");
  return buff;
}


/*
** A name for the function by which a loaded module offers it, as a
** traceback looks for one; 'callname' is what the call itself calls it.
*/
static const char *globalname (lua_State *L, const TValue *f,
                               const char *callname, char *buff) {
  const TValue *v = getfield(L, hvalue(&G(L)->l_registry), LUA_LOADED_TABLE);
  const char *name;
  Table *loaded;
  int i, limit = SEARCHLIMIT;
  if (v == NULL || !ttistable(v))
    return NULL;
  loaded = hvalue(v);
  v = getfield(L, loaded, LUA_GNAME);
  if (v != NULL && ttistable(v)) {  /* globals first: no prefix */
    if (callname && isfunction(getfield(L, hvalue(v), callname), f))
      return callname;  /* most calls of global functions end here */
    if ((name = findfield(hvalue(v), f, &limit)) != NULL)
      return name;
  }
  for (i = 0; i < cast_int(sizenode(loaded)) && i < SEARCHLIMIT; i++) {
    Node *n = gnode(loaded, i);
    if (!keyisshrstr(n) && keytt(n) != ctb(LUA_VLNGSTR))
      continue;
    if (isfunction(gval(n), f))
      return getstr(gco2ts(gckey(n)));
    if (ttistable(gval(n)) &&
        (name = findfield(hvalue(gval(n)), f, &limit)) != NULL)
      return fitname(buff, getstr(gco2ts(gckey(n))), name);
  }
  return NULL;
}


/*
** The function's name, as a traceback would give it: the name of a global or of
** a module's function, what the call called it, or where it was defined; and
** "<main>" for a chunk.
*/
static const char *findname (lua_State *L, CallInfo *ci, char *buff) {
  const Proto *p = isLua(ci) ? ci_func(ci)->p : NULL;
  const char *callname, *name;
  if (p != NULL && p->linedefined == 0)
    return "<main>";
  callname = luaG_callname(L, ci);
  name = globalname(L, s2v(luaP_stkid(ci->func)), callname, buff);
  if (name == NULL)
    name = callname;
  if (name == NULL && p == NULL)
    name = "?";
  if (name == NULL) {
    char id[LUA_IDSIZE];
    if (p->source)
      luaO_chunkid(id, getstr(p->source), tsslen(p->source));
    else
      strcpy(id, "?");
    snprintf(buff, NAMESIZE, "<%s:%d>", id, p->linedefined);
    name = buff;
  }
  return name;
}


/*
** Finding a name takes thousands of instructions, so those of the last
** functions are kept, each for the place that it was called from: there, the
** call's own name for it is always the same. They are kept until a collection
** is about to free objects, as another function may then get the address; a
** function that is given another name keeps the old one until then, too. All
** states of the process share the table; a thread that finds it busy does
** without. Two names share a place, so that the caller's own name, found in
** between, does not drive out the one that is looked for next. Behind its end
** a name is filled up with zeros: bcc's tools take all 80 bytes for the name,
** and would not know a function again.
*/
#define FOUNDNAMES	256  /* a power of 2 */
#define FOUNDSIZE	80  /* longer names are not kept */

/* what a name is found for */
typedef struct NameKey {
  const void *function;
  const Instruction *call;  /* after the calling one, or NULL (not Lua code) */
  size_t collections;  /* how many there had been */
} NameKey;

typedef struct FoundName {
  NameKey key;
  char name[FOUNDSIZE];
} FoundName;

static FoundName foundnames[FOUNDNAMES];
static char busy;  /* someone is using them */
static size_t collections = 1;  /* of all states, and what counts as one */


/* Forget all names. */
void luaP_forget (void) {
  __atomic_fetch_add(&collections, 1, __ATOMIC_RELAXED);
}


/*
** The key of the function that runs in 'ci'; false when it has none, as it was
** called from between instructions.
*/
static int makekey (NameKey *key, const CallInfo *ci) {
  const CallInfo *caller = ci->previous;
  const TValue *f = s2v(luaP_stkid(ci->func));
  key->function = iscollectable(f) ? (const void *)gcvalue(f)
                                   : (const void *)(size_t)fvalue(f);
  key->call = (isLua(caller) && !(ci->callstatus & CIST_TAIL))
              ? caller->u.l.savedpc : NULL;
  key->collections = __atomic_load_n(&collections, __ATOMIC_RELAXED);
  return !(caller->callstatus & (CIST_HOOKED | CIST_FIN));
}


static int iskey (const NameKey *a, const NameKey *b) {
  return a->function == b->function && a->call == b->call &&
         a->collections == b->collections;
}


/* The two names that 'key' may have: the one that was kept last is first. */
static FoundName *place (const NameKey *key) {
  size_t hash = (size_t)key->function / sizeof(LClosure) ^
                (size_t)key->call / sizeof(Instruction);
  return &foundnames[(hash & (FOUNDNAMES / 2 - 1)) * 2];
}


/* Copy the name kept for 'key' to 'buff'; false when there is none. */
static int recall (const NameKey *key, char *buff) {
  const FoundName *kept = place(key);
  int found;
  if (__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE))
    return 0;
  if (!iskey(&kept->key, key))
    kept++;
  found = iskey(&kept->key, key);
  if (found)
    memcpy(buff, kept->name, FOUNDSIZE);
  __atomic_clear(&busy, __ATOMIC_RELEASE);
  return found;
}


static void keep (const FoundName *found) {
  if (!__atomic_test_and_set(&busy, __ATOMIC_ACQUIRE)) {
    FoundName *kept = place(&found->key);
    kept[1] = kept[0];
    kept[0] = *found;
    __atomic_clear(&busy, __ATOMIC_RELEASE);
  }
}


/* The name of the function of 'key': in 'buff', unless it is a long one. */
static const char *functionname (lua_State *L, CallInfo *ci,
                                 const NameKey *key, char *buff) {
  const char *name;
  FoundName found;
  if (recall(key, buff))
    return buff;
  name = findname(L, ci, buff);
  if (strlen(name) >= FOUNDSIZE)
    return name;
  found.key = *key;
  strncpy(found.name, name, FOUNDSIZE);
  keep(&found);
  return (const char *)memcpy(buff, found.name, FOUNDSIZE);
}


/*
** The file's name as the source gives it, or what stands for it where the
** chunk does not come from a file. 'buff' has LUA_IDSIZE bytes.
*/
static const char *filename (const Proto *p, char *buff) {
  if (p->source == NULL)
    return "?";
  if (*getstr(p->source) == '@')
    return getstr(p->source) + 1;
  luaO_chunkid(buff, getstr(p->source), tsslen(p->source));
  return buff;
}

/* }====================================================== */


/*
** {======================================================
** Being watched: bits of our own in 'hookmask' make the interpreter leave its
** short cuts as it does for hooks: it stops at each line, it keeps track of
** lines, and it ends functions by 'luaD_poscall'. So its loop has no guard.
** The bits are set where a tracer's coming is noticed (functions beginning,
** coroutines going on, steps of the collector, hooks being set) and cleared
** at the first instruction after it has gone; by single instructions, as a
** signal handler may set hooks at any time.
** =======================================================
*/

void luaP_watch (lua_State *L) {
  int wanted = LUA_MASKMARKFUNC;
  if (PYTRACE_LINE_ENABLED())
    wanted |= LUA_MASKMARKLINE;
  if (luaP_iswatched() && (L->hookmask & wanted) != wanted) {
    CallInfo *ci;
    __atomic_fetch_or(&L->hookmask, wanted, __ATOMIC_RELAXED);
    for (ci = L->ci; ci != NULL; ci = ci->previous) {
      if (isLua(ci))
        ci->u.l.trap = 1;
    }
  }
}


/*
** The mask by which to trace an instruction: the program's own, and lines
** while they are wanted.
*/
lu_byte luaP_mask (lua_State *L) {
  int unwanted = 0;
  if (!PYTRACE_LINE_ENABLED())
    unwanted = luaP_iswatched() ? LUA_MASKMARKLINE : LUA_MASKMARKERS;
  if (L->hookmask & unwanted)
    __atomic_fetch_and(&L->hookmask, ~unwanted, __ATOMIC_RELAXED);
  return cast_byte((L->hookmask & LUA_MASKMARKLINE)
                   ? L->hookmask | LUA_MASKLINE : L->hookmask);
}

/* }====================================================== */


/*
** {======================================================
** Functions and lines
** =======================================================
*/

/*
** Where a function is, as the markers say it, and for which function that was
** found: the next event of a thread is often in the same one.
*/
typedef struct Place {
  NameKey key;
  const char *filename, *funcname;
  int pc, line;  /* an instruction of it and its line, or -1 */
  char file[LUA_IDSIZE];
  char name[NAMESIZE];
} Place;

static __thread Place lastplace;

/* so far from the last instruction a line is found by differences */
#define NEARPC		64


/* A provider definition may give functions a fourth argument: 'frameptr'. */
#if PYTRACE_FUNCTION_ENTRY_NARGS > 3
#define withframe(ci)	, (ci)
#else
#define withframe(ci)
#endif


static Place *locate (lua_State *L, CallInfo *ci) {
  Place *place = &lastplace;
  NameKey key;
  int haskey = makekey(&key, ci);
  if (haskey && iskey(&place->key, &key))
    return place;
  place->filename = filename(ci_func(ci)->p, place->file);
  place->funcname = haskey ? functionname(L, ci, &key, place->name)
                           : findname(L, ci, place->name);
  place->pc = -1;
  place->key = key;
  if (!haskey || place->funcname != place->name)
    place->key.function = NULL;  /* not for the next event */
  return place;
}


/*
** The line of the instruction 'pc'. Near the last one that was asked for, it is
** that line and the differences between.
*/
static int lineof (Place *place, const Proto *p, int pc) {
  int i = place->pc, line = place->line;
  if (i >= 0 && p->lineinfo != NULL && pc - i < NEARPC && i - pc < NEARPC) {
    while (i < pc && p->lineinfo[i + 1] != ABSLINEINFO)
      line += p->lineinfo[++i];
    while (i > pc && p->lineinfo[i] != ABSLINEINFO)
      line -= p->lineinfo[i--];
  }
  if (i != pc)
    line = luaG_getfuncline(p, pc);
  place->pc = pc;
  return place->line = line;
}


/* The coroutine 'L', as the markers say it; the last one is kept. */
static const char *coroutinename (lua_State *L) {
  static __thread lua_State *last;
  static __thread char name[32];
  if (last != L)
    snprintf(name, sizeof(name), "coroutine %p", (void *)L);
  last = L;
  return name;
}


static void fireentry (lua_State *L, CallInfo *ci) {
  int line = ci_func(ci)->p->linedefined;
  const Place *place = locate(L, ci);
#if defined(PYTRACE_FUNCTION_ENTRY_RECORDED)
  if (L != luaP_mainthread(G(L)) && PYTRACE_FUNCTION_ENTRY_RECORDED()) {
    pytrace_function_entry_text(place->filename, place->funcname,
                                line > 0 ? line : 1 withframe(ci),
                                coroutinename(L));
    return;
  }
#endif
  pytrace_function_entry(place->filename, place->funcname,
                         line > 0 ? line : 1 withframe(ci));
}


/*
** A Lua function begins.
*/
void luaP_enter (lua_State *L, CallInfo *ci) {
  if (PYTRACE_FUNCTION_ENTRY_ENABLED())
    fireentry(L, ci);
  luaP_watch(L);
}


static void firereturn (lua_State *L, CallInfo *ci, const Instruction *pc) {
  const Proto *p = ci_func(ci)->p;
  Place *place = locate(L, ci);
  pytrace_function_return(place->filename, place->funcname,
                          lineof(place, p, pcRel(pc, p)) withframe(ci));
}


/*
** A Lua function ends, at the instruction before 'savedpc'.
*/
void luaP_return (lua_State *L, CallInfo *ci) {
  firereturn(L, ci, ci->u.l.savedpc);
}


/* }====================================================== */


/*
** {======================================================
** C functions. They end in 'rethook', as the bit in 'hookmask' makes Lua
** functions do; or they are abandoned.
** =======================================================
*/

/*
** The Lua function that runs in 'ci', or has called what does; "[C]" where
** there is none. Sets 'line' to its line.
*/
static const Place *locatelua (lua_State *L, CallInfo *ci, int *line) {
  static const Place none = {.filename = "[C]", .funcname = "?"};
  for (; ci != NULL; ci = ci->previous) {
    if (isLua(ci)) {
      Place *place = locate(L, ci);
      const Proto *p = ci_func(ci)->p;
      *line = lineof(place, p, pcRel(ci->u.l.savedpc, p));
      return place;
    }
  }
  *line = -1;
  return &none;
}


typedef void (*CMarker) (const char *classname, const char *funcname,
                         const char *filename, int line);

/*
** A marker of the C function in 'ci', of which the name is parted: "string" and
** "format".
*/
static void firec (lua_State *L, CallInfo *ci, CMarker marker) {
  char buff[NAMESIZE], module[NAMESIZE];
  NameKey key;
  const char *name = makekey(&key, ci) ? functionname(L, ci, &key, buff)
                                       : findname(L, ci, buff);
  const char *dot = strrchr(name, '.');
  size_t l = (dot != NULL && dot[1] != '\0') ? (size_t)(dot - name) : 0;
  int line;
  const Place *place = locatelua(L, ci->previous, &line);
  if (l >= NAMESIZE)
    l = NAMESIZE - 1;
  memcpy(module, name, l);
  module[l] = '\0';
  marker(module, (l > 0) ? dot + 1 : name, place->filename, line);
}


/* A C function begins. */
void luaP_enterc (lua_State *L, CallInfo *ci) {
  if (PYTRACE_CFUNCTION_ENTRY_ENABLED())
    firec(L, ci, pytrace_cfunction_entry);
  luaP_watch(L);
}


/* It ends. */
void luaP_returnc (lua_State *L, CallInfo *ci) {
  firec(L, ci, pytrace_cfunction_return);
}

/* }====================================================== */


/*
** {======================================================
** Errors and coroutines
** =======================================================
*/

/* The type of a value; as messages say it, by '__name' where there is one. */
static const char *typeofvalue (lua_State *L, const TValue *v) {
  Table *mt = ttistable(v) ? hvalue(v)->metatable
            : ttisfulluserdata(v) ? uvalue(v)->metatable : NULL;
  const TValue *name = (mt != NULL) ? getfield(L, mt, "__name") : NULL;
  return (name != NULL && ttisstring(name)) ? getstr(tsvalue(name))
                                            : ttypename(ttype(v));
}


/*
** An error is thrown: its value is on the top, or it has none of its own.
*/
void luaP_firethrown (lua_State *L, int errcode) {
  const TValue *v = s2v(luaP_stkid(L->top) - 1);
  int hasvalue = (errcode == LUA_ERRRUN || errcode == LUA_ERRSYNTAX);
  const char *text = !hasvalue ? (errcode == LUA_ERRMEM ? "not enough memory"
                                  : "error in error handling")
                   : ttisstring(v) ? getstr(tsvalue(v)) : "";
  int line;
  const Place *place = locatelua(L, L->ci, &line);
  PYTRACE_EXCEPTION_THROWN_TEXT(hasvalue ? typeofvalue(L, v) : "string",
                                place->filename, line, place->funcname, text);
}


/*
** An error, whose value is on the top, has come to the running function.
*/
void luaP_firecaught (lua_State *L) {
  int line;
  const Place *place = locatelua(L, L->ci, &line);
  PYTRACE_EXCEPTION_CAUGHT(typeofvalue(L, s2v(luaP_stkid(L->top) - 1)),
                           place->filename, line, place->funcname);
}


void luaP_abandonframes (lua_State *L, CallInfo *last) {
  CallInfo *ci;
  for (ci = L->ci; ci != last; ci = ci->previous) {
    if (isLua(ci)) {
      if (PYTRACE_FUNCTION_RETURN_ENABLED())
        luaP_return(L, ci);
      continue;
    }
    if (PYTRACE_CFUNCTION_RETURN_ENABLED())
      luaP_returnc(L, ci);
    if (ci->callstatus & CIST_IMPORT) {
      const TValue *name = s2v(luaP_stkid(ci->func) + 1);  /* module */
      PYTRACE_IMPORT_FIND_LOAD_DONE(ttisstring(name) ? getstr(tsvalue(name))
                                                     : "?", 0);
    }
  }
}


/*
** The running thread with the most C calls below 'limit', but not 'L'; each
** has more than the one that resumed it.
*/
static lua_State *innermost (lua_State *L, l_uint32 limit) {
  lua_State *found = NULL;
  GCObject *o;
  for (o = G(L)->allgc; o != NULL; o = o->next) {
    if (o->tt == LUA_VTHREAD) {
      lua_State *th = gco2th(o);
      if (th != L && th->errorJmp != NULL && getCcalls(th) < limit &&
          !(th->base_ci.callstatus & CIST_ABANDONED) &&
          (found == NULL || getCcalls(th) > getCcalls(found)))
        found = th;
    }
  }
  return found;
}


/*
** All coroutines that run are left for good, the innermost first: an error
** passes over them to the main thread, 'L', or the state is closed.
*/
void luaP_abandonthreads (lua_State *L) {
  if (PYTRACE_FUNCTION_RETURN_ENABLED() ||
      PYTRACE_CFUNCTION_RETURN_ENABLED()) {
    lua_State *th;
    l_uint32 limit = ~(l_uint32)0;
    while ((th = innermost(L, limit)) != NULL) {
      limit = getCcalls(th);
      th->base_ci.callstatus |= CIST_ABANDONED;  /* it cannot be resumed */
      luaP_abandon(th, &th->base_ci);
    }
  }
}


/*
** A function that yields in a hook is to run its instruction yet. Until 5.4.6
** its 'savedpc' is at this instruction then, and otherwise behind the one that
** ran; so there one is added.
*/
#if LUA_VERSION_RELEASE_NUM > 50406
#define hookpc(ci)	0
#else
#define hookpc(ci)	(((ci)->callstatus & CIST_HOOKYIELD) != 0)
#endif


/*
** A coroutine stops. Where it has yielded, all its functions return, the
** innermost first. Gives 'status' back, so that the caller need not keep it.
*/
int luaP_suspend (lua_State *L, int status) {
  CallInfo *ci;
  if (status == LUA_YIELD) {
    for (ci = L->ci; ci != &L->base_ci; ci = ci->previous) {
      if (!isLua(ci)) {
        if (PYTRACE_CFUNCTION_RETURN_ENABLED())
          luaP_returnc(L, ci);
      }
      else if (PYTRACE_FUNCTION_RETURN_ENABLED())
        firereturn(L, ci, ci->u.l.savedpc + hookpc(ci));
    }
  }
  return status;
}


/*
** A coroutine starts or goes on. Where it goes on, all its functions are
** entered again, the outermost first.
*/
void luaP_resume (lua_State *L) {
  CallInfo *ci;
  if (L->status != LUA_YIELD)
    return;  /* its functions will be seen beginning */
  for (ci = L->base_ci.next; ci != L->ci->next; ci = ci->next) {
    if (!isLua(ci)) {
      if (PYTRACE_CFUNCTION_ENTRY_ENABLED())
        firec(L, ci, pytrace_cfunction_entry);
    }
    else if (PYTRACE_FUNCTION_ENTRY_ENABLED())
      fireentry(L, ci);
  }
  luaP_watch(L);
}


/* The coroutine 'L' is about to run, or has stopped. */
void luaP_firetask (lua_State *L, int enters) {
  if (enters)
    PYTRACE_TASK_ENTER(L, coroutinename(L));
  else
    PYTRACE_TASK_LEAVE(L, coroutinename(L));
}


/*
** A line begins, at the instruction 'pc'. Where hooks are off, in hooks and
** finalizers, a line hook would not be called, and the marker does not fire.
*/
void luaP_line (lua_State *L, CallInfo *ci, int pc) {
  if (L->allowhook) {
    Place *place = locate(L, ci);
    pytrace_line(place->filename, place->funcname,
                 lineof(place, ci_func(ci)->p, pc));
  }
}

/* }====================================================== */


/*
** {======================================================
** Audit events
** =======================================================
*/

/* (a provider definition may have no text for the recorder) */
#if !defined(PYTRACE_AUDIT_TEXT)
#define PYTRACE_AUDIT_TEXT(event,L,text) \
	(0 ? (void)(text) : pytrace_audit(event, L))
#endif

/* room for the arguments as text; the recorder keeps no more */
#define AUDITSIZE	4096


/*
** The string 's' in quotes, as '%q' of 'string.format' has it, at 'b'. Where it
** does not fit before 'e', as much as does, and "..." behind it.
*/
static char *quote (char *b, const char *e, const char *s, size_t l) {
  size_t i;
  e -= 4;  /* a quote and "..." */
  if (b >= e)
    return b;
  *b++ = '"';
  for (i = 0; i < l && e - b > 4; i++) {
    unsigned char c = (unsigned char)s[i];
    if (c == '"' || c == '\\' || c == '\n') {
      *b++ = '\\';
      *b++ = (c == '\n') ? 'n' : (char)c;
    }
    else if (c < ' ' || c == 127)
      b += sprintf(b, "\\%03d", c);
    else
      *b++ = (char)c;
  }
  *b++ = '"';
  if (i < l) {
    memcpy(b, "...", 3);
    b += 3;
  }
  return b;
}


/* The arguments of an audit event; 's' and 't' may be NULL. */
static const char *arguments (char *buff, const char *s, size_t l,
                              const char *t) {
  char *b = buff;
  const char *e = buff + AUDITSIZE - 1;
  if (s != NULL)  /* a long one leaves room for the other */
    b = quote(b, (t != NULL) ? e - AUDITSIZE / 8 : e, s, l);
  if (t != NULL) {
    if (s != NULL) {
      *b++ = ',';
      *b++ = ' ';
    }
    b = quote(b, e, t, strlen(t));
  }
  *b = '\0';
  return buff;
}


/*
** The audit event 'event', about the strings 's', of length 'l', and 't'.
*/
void luaP_fireaudit (lua_State *L, const char *event, const char *s, size_t l,
                     const char *t) {
  char buff[AUDITSIZE];
  PYTRACE_AUDIT_TEXT(event, L, arguments(buff, s, l, t));
  PYTRACE_AUDIT_ARGUMENTS(event, L, arguments(buff, s, l, t));
}

/* }====================================================== */


/*
** 'require', the running C function, is about to look for a module.
*/
void luaP_importstart (lua_State *L, const char *name) {
  L->ci->callstatus |= CIST_IMPORT;  /* an error will be seen in 'abandon' */
  PYTRACE_IMPORT_FIND_LOAD_START(name);
}


void luaP_importdone (lua_State *L, const char *name) {
  L->ci->callstatus &= (l_uint32)~CIST_IMPORT;
  luaP_forget();  /* a loaded module names its functions */
  PYTRACE_IMPORT_FIND_LOAD_DONE(name, 1);
}
