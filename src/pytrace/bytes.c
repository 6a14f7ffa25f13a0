/* bytes.c - numbers as they are in a file, in either byte order. */
#include "check.h"

uint64_t number_at(const unsigned char *at, unsigned bytes, bool big_endian)
{
    uint64_t number = 0;
    unsigned i;

    for (i = 0; i < bytes; i++)
        number = number << 8 | at[big_endian ? i : bytes - 1 - i];
    return number;
}
