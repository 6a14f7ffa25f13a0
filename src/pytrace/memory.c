/* memory.c - memory that is there, or the end of the program. */
#define _GNU_SOURCE
#include "check.h"

#include <stdarg.h>
#include <stdlib.h>

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs("pytrace-check: out of memory\n", stderr);
        exit(UNREADABLE);
    }
    return memory;
}

void *allocate(size_t count, size_t size)
{
    return checked(calloc(count != 0 ? count : 1, size));
}

void *grown(void *array, size_t count, size_t size)
{
    size_t capacity = count != 0 ? 2 * count : 1;

    if ((count & (count - 1)) != 0)
        return array;
    return checked(reallocarray(array, capacity, size));
}

char *formatted(const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    return checked(text);
}
