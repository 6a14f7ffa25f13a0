/* process_fork(): fork for Lua. */
#include <unistd.h>

void lua_pushinteger(void *L, long long n);

int process_fork(void *L)
{
    lua_pushinteger(L, fork());
    return 1;
}
