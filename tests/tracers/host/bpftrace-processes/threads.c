/* Runs a Lua program on two threads, in an interpreter of its own each. */
#include <pthread.h>
#include <stddef.h>

typedef struct lua_State lua_State;
lua_State *luaL_newstate(void);
void luaL_openlibs(lua_State *L);
int luaL_loadfilex(lua_State *L, const char *name, const char *mode);
int lua_pcallk(lua_State *L, int arguments, int results, int handler,
               ptrdiff_t context, void *continuation);

static void *run(void *name)
{
    lua_State *L = luaL_newstate();

    luaL_openlibs(L);
    if (luaL_loadfilex(L, name, NULL) == 0)
        lua_pcallk(L, 0, 0, 0, 0, NULL);
    return NULL;
}

int main(int argc, char **argv)
{
    pthread_t thread;

    (void)argc;
    pthread_create(&thread, NULL, run, argv[1]);
    run(argv[1]);
    pthread_join(thread, NULL);
    return 0;
}
