/* base.c - memory, sentences, printable text, and numbers in a file. */
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

/* ---- text that a terminal can show ---- */

char *printable(const char *text, size_t limit)
{
    char *result = allocate(limit + 4, 1);
    size_t length = 0;

    for (; *text != '\0'; text++) {
        if (length + 4 > limit) {
            strcpy(result + length, "...");
            return result;
        }
        if (*text >= ' ' && *text <= '~')
            result[length++] = *text;
        else
            length += (size_t)snprintf(result + length, 5, "\\x%02x",
                                       (unsigned char)*text);
    }
    return result;
}

void print_printable(FILE *stream, const char *text)
{
    char *shown = printable(text, MAX_NAME);

    fputs(shown, stream);
    free(shown);
}

size_t utf8_length(const char *text, size_t size)
{
    static const struct {
        unsigned char first, last, low, high;
        size_t length;
    } kinds[] = {
        /* the first byte's range, the second one's, and how many there are */
        {0x20, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    const unsigned char *at = (const unsigned char *)text;
    size_t i, j;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (*at < kinds[i].first || *at > kinds[i].last)
            continue;
        if (kinds[i].length > size)
            return 0;
        if (kinds[i].length > 1 &&
            (at[1] < kinds[i].low || at[1] > kinds[i].high))
            return 0;
        for (j = 2; j < kinds[i].length; j++)
            if (at[j] < 0x80 || at[j] > 0xbf)
                return 0;
        return kinds[i].length;
    }
    return 0;
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
