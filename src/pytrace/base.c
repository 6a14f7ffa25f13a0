/* base.c - memory, sentences, and numbers in a file. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "base.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs(PROGRAM ": out of memory\n", stderr);
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

static char *vformatted(const char *format, va_list arguments)
{
    char *text;

    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    return checked(text);
}

char *formatted(const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = vformatted(format, arguments);
    va_end(arguments);
    return text;
}

/* ---- sentences ---- */

bool because(struct reason *reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason->text, sizeof(reason->text), format, arguments);
    va_end(arguments);
    return false;
}

void say(struct sentences *sentences, const char *format, ...)
{
    va_list arguments;

    if (sentences->count == MAX_SENTENCES) {
        sentences->unsaid++;
        return;
    }
    va_start(arguments, format);
    sentences->text[sentences->count++] = vformatted(format, arguments);
    va_end(arguments);
}

void sentences_free(struct sentences *sentences)
{
    while (sentences->count != 0)
        free(sentences->text[--sentences->count]);
}

/* ---- numbers ---- */

uint64_t number_at(const unsigned char *at, unsigned bytes, bool big_endian)
{
    uint64_t number = 0;
    unsigned i;

    for (i = 0; i < bytes; i++)
        number = number << 8 | at[big_endian ? i : bytes - 1 - i];
    return number;
}
