/*
 * names.c - the examples of docs/embedding.md for strings that are not C's, and
 * for functions without a name. What is between two lines "docs" is in the
 * document.
 *
 * SPDX-License-Identifier: MIT
 */
#include "pytrace_probes.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* ---- docs ---- */
enum { TEXT_SIZE = 256 };

/* Bytes with a length. Without room, they are cut between characters. */
static const char *from_bytes(char *text, const char *bytes, size_t length)
{
    if (length >= TEXT_SIZE) {
        length = TEXT_SIZE - 1;
        while (length > 0 && ((unsigned char)bytes[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(text, bytes, length);
    text[length] = '\0';
    return text;
}

/* UTF-16, as UTF-8. Half of a pair becomes U+FFFD. */
static const char *from_utf16(char *text, const uint16_t *units, size_t n)
{
    size_t i, to = 0;

    for (i = 0; i < n && to + 4 < TEXT_SIZE; i++) {
        uint32_t c = units[i];
        int more; /* bytes behind the first one */

        if ((c & 0xfc00) == 0xd800 && i + 1 < n &&
            (units[i + 1] & 0xfc00) == 0xdc00)
            c = 0x10000 + ((c & 0x3ff) << 10) + (units[++i] & 0x3ff);
        else if ((c & 0xf800) == 0xd800)
            c = 0xfffd;
        more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
        if (more != 0) /* the first byte says how many follow */
            text[to++] = (char)(0xff00 >> (more + 1) | c >> 6 * more);
        else
            text[to++] = (char)c;
        while (more-- > 0)
            text[to++] = (char)(0x80 | (c >> 6 * more & 0x3f));
    }
    text[to] = '\0';
    return text;
}
/* ---- docs ---- */

struct function {
    const char *file, *name; /* interned: they end with a NUL */
    size_t length;           /* of the name, where it is not 0 */
    const uint16_t *wide;    /* the name, if it is UTF-16 */
    size_t wide_count;
    int line;
    int is_chunk; /* the whole file */
};

/* ---- docs ---- */
/* The buffer is the caller's, on its stack. */
static const char *name_of(const struct function *function, char *text)
{
    if (function->wide != NULL)
        return from_utf16(text, function->wide, function->wide_count);
    if (function->length != 0)
        return from_bytes(text, function->name, function->length);
    if (function->name != NULL)
        return function->name; /* interned, and ends with a NUL */
    if (function->is_chunk)
        return "<main>";
    snprintf(text, TEXT_SIZE, "<%s:%d>", function->file, function->line);
    return text;
}

static void report_entry(const struct function *function)
{
    char text[TEXT_SIZE];

    PYTRACE_FUNCTION_ENTRY(function->file, name_of(function, text),
                           function->line);
}
/* ---- docs ---- */

int main(void)
{
    static const uint16_t wide[] = {'g', 0xfc, 0x20ac, 0xd83d, 0xde00, 0xd800};
    static char long_name[400];
    static const struct function functions[] = {
        {"a.t", NULL, 0, NULL, 0, 1, 1},
        {"a.t", "interned", 0, NULL, 0, 2, 0},
        {"a.t", "lengthXXX", 6, NULL, 0, 3, 0},
        {"a.t", NULL, 0, wide, 6, 4, 0},
        {"a.t", NULL, 0, NULL, 0, 5, 0},
        {"a.t", long_name, sizeof(long_name), NULL, 0, 6, 0},
    };
    size_t i;

    for (i = 0; i < sizeof(long_name); i++) /* of characters of two bytes */
        long_name[i] = (char)(i % 2 == 0 ? 0xc3 : 0xa4);
    for (i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
        if (PYTRACE_FUNCTION_ENTRY_ENABLED())
            report_entry(&functions[i]);
    return 0;
}
