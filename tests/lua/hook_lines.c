/*
 * hook_lines.c - run a Lua program under a line hook and print what the hook
 * saw: the number of lines, and a hash of their numbers in their order. Linked
 * with an unpatched Lua, it says what the line marker has to report. With -v,
 * each line as it comes, as "source:line".
 *
 * SPDX-License-Identifier: MIT
 */
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

static uint64_t lines, hash;
static int verbose;

static void hook(lua_State *L, lua_Debug *event)
{
    lines++;
    hash = hash * 31 + (uint32_t)event->currentline;
    if (verbose) {
        lua_getinfo(L, "S", event);
        printf("%s:%d\n",
               *event->source == '@' || *event->source == '='
                   ? event->source + 1
                   : event->short_src,
               event->currentline);
    }
}

int main(int argc, char **argv)
{
    lua_State *L = luaL_newstate();
    int i, status;

    verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    argc -= verbose;
    argv += verbose;
    if (L == NULL || argc < 2) {
        fprintf(stderr, "usage: hook_lines [-v] PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    luaL_openlibs(L);
    lua_gc(L, LUA_GCGEN, 0, 0); /* as the stand-alone interpreter does */
    lua_newtable(L);
    for (i = 1; i < argc; i++) {
        lua_pushstring(L, argv[i]);
        lua_rawseti(L, -2, i - 1);
    }
    lua_setglobal(L, "arg");
    status = luaL_loadfile(L, argv[1]);
    lua_sethook(L, hook, LUA_MASKLINE, 0);
    if (status != LUA_OK || lua_pcall(L, 0, 0, 0) != LUA_OK)
        fprintf(stderr, "hook_lines: %s\n", lua_tostring(L, -1));
    lua_sethook(L, NULL, 0, 0);
    if (!verbose)
        printf("lines %" PRIu64 ", hash %" PRIu64 "\n", lines, hash);
    return 0;
}
