/*
 * text.c - text from elsewhere, for a terminal: what leads it is escaped, and
 * what it may not be able to show.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "base.h"

#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

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

uint32_t utf8_code(const char *text, size_t length)
{
    uint32_t c = (unsigned char)text[0];
    size_t i;

    if (length > 1)
        c &= 0x7fu >> length;
    for (i = 1; i < length; i++)
        c = c << 6 | ((unsigned char)text[i] & 0x3f);
    return c;
}

/* Characters that change how others are shown, or where. */
static bool is_harmful(uint32_t c)
{
    static const uint32_t ranges[][2] = {
        {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
        {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
        {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff}};
    size_t i;

    for (i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (c >= ranges[i][0] && c <= ranges[i][1])
            return true;
    return false;
}

bool is_utf8(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}

size_t shown_length(const char *text, size_t size)
{
    size_t length = utf8_length(text, size);

    return length > 1 && (!is_utf8() || is_harmful(utf8_code(text, length)))
               ? 0
               : length * (*text != 0x7f);
}

char *printable(const char *text, size_t limit)
{
    const char *end = text + strlen(text);
    char *result = allocate(limit + 4, 1);
    size_t length = 0;

    while (text < end) {
        size_t whole = shown_length(text, (size_t)(end - text));

        if (length + 4 > limit) {
            strcpy(result + length, "...");
            return result;
        }
        if (whole != 0)
            memcpy(result + length, text, whole);
        else
            sprintf(result + length, "\\x%02x", (unsigned char)*text);
        length += whole != 0 ? whole : 4;
        text += whole != 0 ? whole : 1;
    }
    return result;
}

void print_printable(FILE *stream, const char *text)
{
    char *shown = printable(text, MAX_NAME);

    fputs(shown, stream);
    free(shown);
}

/* A control character, which is not in text that is printable, has none. */
static size_t columns_of_one(const char *text, size_t length)
{
    int columns = length > 1 ? wcwidth((wchar_t)utf8_code(text, length)) : 1;

    return columns > 0 ? (size_t)columns : 0;
}

size_t columns_of(const char *text)
{
    size_t size = strlen(text), columns = 0;

    while (size != 0) {
        size_t length = utf8_length(text, size);

        length = length != 0 ? length : 1;
        columns += columns_of_one(text, length);
        text += length;
        size -= length;
    }
    return columns;
}

size_t fitting(const char *text, size_t columns)
{
    const char *at = text;
    size_t size = strlen(text);

    while (size != 0) {
        size_t length = utf8_length(at, size), wide;

        length = length != 0 ? length : 1;
        wide = columns_of_one(at, length);
        if (wide > columns)
            break;
        columns -= wide;
        at += length;
        size -= length;
    }
    return (size_t)(at - text);
}
