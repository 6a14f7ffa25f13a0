/*
 * hooks.c - what Lua's own call hook costs, a call: an unpatched Lua that calls
 * an empty function many times, without and with a hook.
 *
 *   hooks C|Lua counted|strings COUNT
 *
 * The hook is set by lua_sethook (C) or debug.sethook (Lua), and counts the
 * calls; with "strings" it also asks for the function's source, name and line
 * and, in C, copies the two strings. Prints
 *
 *   NANOSECONDS CALLS
 *
 * the processor time that a call takes more than without the hook, and how many
 * calls the hook counted. Exit status 1 when these are not all, 2 when the
 * command line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#define TURNS 10 /* without and with the hook, one after the other */

static long calls;
static char source[64], name[64];

static void count_call(lua_State *L, lua_Debug *ar)
{
    (void)L;
    (void)ar;
    calls++;
}

static void copy_call(lua_State *L, lua_Debug *ar)
{
    calls++;
    lua_getinfo(L, "nSl", ar);
    strncpy(source, ar->source, sizeof(source) - 1);
    strncpy(name, ar->name != NULL ? ar->name : "", sizeof(name) - 1);
}

static const char program[] =
    "local calls = 0\n"
    "local source, name, line\n"
    "local function called() end\n"
    "function run(n) for i = 1, n do called() end end\n"
    "function counted()\n"
    "    debug.sethook(function() calls = calls + 1 end, 'c')\n"
    "end\n"
    "function strings()\n"
    "    debug.sethook(function()\n"
    "        calls = calls + 1\n"
    "        local info = debug.getinfo(2, 'nSl')\n"
    "        source, name = info.source, info.name\n"
    "        line = info.currentline\n"
    "    end, 'c')\n"
    "end\n"
    "function total() return calls end\n";

static void call(lua_State *L, const char *function, long argument)
{
    lua_getglobal(L, function);
    lua_pushinteger(L, argument);
    lua_call(L, 1, 1);
}

/* Run it; the processor time that each round takes. */
static double run(lua_State *L, long count)
{
    struct timespec start, end;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &start);
    call(L, "run", count);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return ((double)(end.tv_sec - start.tv_sec) * 1e9 +
            (double)(end.tv_nsec - start.tv_nsec)) /
           (double)count;
}

int main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    long count = argc == 4 ? atol(argv[3]) / TURNS : 0;
    int in_c, with_strings, turn;
    double plain = 0, hooked = 0;

    if (L == NULL)
        return 1;
    if (count <= 0 ||
        !((in_c = strcmp(argv[1], "C") == 0) || strcmp(argv[1], "Lua") == 0) ||
        !((with_strings = strcmp(argv[2], "strings") == 0) ||
          strcmp(argv[2], "counted") == 0)) {
        fprintf(stderr, "usage: hooks C|Lua counted|strings COUNT\n");
        return 2;
    }
    luaL_openlibs(L);
    if (luaL_dostring(L, program) != LUA_OK) {
        fprintf(stderr, "hooks: %s\n", lua_tostring(L, -1));
        return 1;
    }
    run(L, count); /* to warm up */
    for (turn = 0; turn < TURNS; turn++) {
        plain += run(L, count) / TURNS;
        if (in_c)
            lua_sethook(L, with_strings ? copy_call : count_call, LUA_MASKCALL,
                        0);
        else
            call(L, argv[2], 0);
        hooked += run(L, count) / TURNS;
        lua_sethook(L, NULL, 0, 0);
    }
    if (!in_c) {
        call(L, "total", 0);
        calls = (long)lua_tointeger(L, -1);
    }
    printf("%.2f %ld\n", hooked - plain, calls);
    lua_close(L);
    if (calls != TURNS * (count + 1)) { /* run() itself is called as well */
        fprintf(stderr, "hooks: the hook counted %ld calls of %ld\n", calls,
                TURNS * (count + 1));
        return 1;
    }
    return 0;
}
