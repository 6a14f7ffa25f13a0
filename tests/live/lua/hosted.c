/*
 * hosted.c - a host for hosted.lua, with what only C can do to Lua: threads
 * called without protection, hooks that yield, continuations, and an
 * allocator that fails.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#if LUA_VERSION_NUM >= 505
#define new_state(allocate, data) lua_newstate(allocate, data, 0)
#else
#define new_state(allocate, data) lua_newstate(allocate, data)
#endif

static size_t used, limit = (size_t)-1;
static int failures;

static void *allocate(void *unused, void *block, size_t old, size_t size)
{
    (void)unused;
    if (block == NULL)
        old = 0;
    if (size > 0 && failures > 0) {
        failures--;
        return NULL;
    }
    if (size > old && used + (size - old) > limit)
        return NULL;
    used = used - old + size;
    if (size == 0) {
        free(block);
        return NULL;
    }
    return realloc(block, size);
}

/* limited(f): call f, protected, with 50,000 bytes more than are used. */
static int limited(lua_State *L)
{
    int status;

    limit = used + 50000;
    status = lua_pcall(L, 0, 0, 0);
    limit = (size_t)-1;
    lua_pushboolean(L, status == LUA_ERRMEM);
    return 1;
}

/* fail_once(): the next allocation fails, which makes Lua collect and try
 * again. */
static int fail_once(lua_State *L)
{
    (void)L;
    failures = 1;
    return 0;
}

/* thread(f): call f in a new thread that has no handler of its own. */
static int thread(lua_State *L)
{
    lua_State *other = lua_newthread(L);

    lua_pushvalue(L, 1);
    lua_xmove(L, other, 1);
    lua_call(other, 0, 0);
    return 0;
}

static void yielding(lua_State *L, lua_Debug *event)
{
    (void)event;
    if (lua_isyieldable(L))
        lua_yield(L, 0);
}

/* yields(thread, mask, count): a hook that yields at each event. */
static int yields(lua_State *L)
{
    lua_sethook(lua_tothread(L, 1), yielding, (int)lua_tointeger(L, 2),
                (int)lua_tointeger(L, 3));
    return 0;
}

static int continued(lua_State *L, int status, lua_KContext unused)
{
    (void)unused;
    lua_pushinteger(L, status);
    return 1;
}

/* pcallk(f): lua_pcallk, which can be yielded across. */
static int pcallk(lua_State *L)
{
    return continued(L, lua_pcallk(L, 0, 0, 0, 0, continued), 0);
}

/* mask(): the mask of the program's own hooks. */
static int mask(lua_State *L)
{
    lua_pushinteger(L, lua_gethookmask(L));
    return 1;
}

int main(int argc, char **argv)
{
    static const luaL_Reg functions[] = {
        {"limited", limited}, {"fail_once", fail_once}, {"thread", thread},
        {"yields", yields},   {"pcallk", pcallk},       {"mask", mask},
        {NULL, NULL},
    };
    lua_State *L = new_state(allocate, NULL);
    int status;

    if (argc != 2 || L == NULL)
        return 2;
    luaL_openlibs(L);
    lua_pushglobaltable(L);
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
    status = luaL_dofile(L, argv[1]);
    if (status != LUA_OK)
        printf("%s\n", lua_tostring(L, -1));
    lua_close(L);
    return status;
}
