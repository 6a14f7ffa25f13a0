/*
 * lua_library.c - the Lua port in a shared library, for libraries.c: this
 * library brings liblua.so with it, and takes it away.
 *
 * SPDX-License-Identifier: MIT
 */
#include "lauxlib.h"
#include "lua.h"

int fire(int times);

/* Returns how often a function was entered: the program, and that in it. */
int fire(int times)
{
    lua_State *state = luaL_newstate();
    int failed;

    if (state == NULL)
        return 0;
    failed = luaL_loadstring(state, "local function nothing() end\n"
                                    "for i = 1, ... do nothing() end");
    lua_pushinteger(state, times);
    failed = failed || lua_pcall(state, 1, 0, 0) != LUA_OK;
    lua_close(state);
    return failed ? 0 : times + 1;
}
