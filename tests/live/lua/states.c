/*
 * states.c - a host for states.lua: it runs the file's programs, each in a
 * state of its own, whose objects get the addresses that the former one's had.
 */
#include <stdio.h>
#include <string.h>

#include "lauxlib.h"
#include "lua.h"
#include "lualib.h"

#if LUA_VERSION_NUM >= 505
#define new_state(allocate, data) lua_newstate(allocate, data, 0)
#else
#define new_state(allocate, data) lua_newstate(allocate, data)
#endif

static _Alignas(16) char arena[1 << 21];
static size_t used;

static void *allocate(void *unused, void *block, size_t old, size_t size)
{
    char *place = arena + used;

    (void)unused;
    if (size == 0 || size > sizeof(arena) - used)
        return NULL;
    used += (size + 15) & ~(size_t)15;
    if (block != NULL)
        memcpy(place, block, old < size ? old : size);
    return place;
}

static int run(const char *program, size_t length)
{
    lua_State *L;
    int status;

    used = 0;
    L = new_state(allocate, NULL);
    if (L == NULL)
        return 1;
    lua_gc(L, LUA_GCSTOP); /* a collection forgets the names */
    status = luaL_loadbuffer(L, program, length, "@states.lua");
    if (status == LUA_OK)
        status = lua_pcall(L, 0, 0, 0);
    if (status != LUA_OK)
        printf("%s\n", lua_tostring(L, -1));
    lua_close(L);
    return status;
}

int main(int argc, char **argv)
{
    static char text[4096];
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    char *program = text, *end;
    int status = 0;

    if (file == NULL || fread(text, 1, sizeof(text) - 1, file) == 0)
        return 2;
    fclose(file);
    while (status == 0 && (end = strstr(program, "\n--\n")) != NULL) {
        status = run(program, (size_t)(end - program));
        program = end + 4;
    }
    return status != 0 || run(program, strlen(program)) != 0;
}
