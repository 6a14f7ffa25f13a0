/*
 * out.c - much text, fast (out.h): without stdio, whose formats and locks would
 * take most of the time.
 *
 * SPDX-License-Identifier: MIT
 */
#include "out.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    CAPACITY = 1 << 16,
    DIGITS = 20, /* of a number of 64 bits */
};

static const char hex[] = "0123456789abcdef";

void out_begin(struct out *out, int descriptor)
{
    *out = (struct out){.descriptor = descriptor};
    out->bytes = allocate(CAPACITY, 1);
}

void out_flush(struct out *out)
{
    size_t done = 0;

    if (out->take != NULL && out->error == 0) {
        out->error = out->take(out->data, out->bytes, out->count);
        done = out->count;
    }
    while (done < out->count && out->error == 0) {
        ssize_t count =
            write(out->descriptor, out->bytes + done, out->count - done);

        if (count >= 0)
            done += (size_t)count;
        else if (errno != EINTR)
            out->error = errno;
    }
    out->count = 0;
}

void out_end(struct out *out)
{
    out_flush(out);
    free(out->bytes);
}

/* Room for so many bytes, which are fewer than CAPACITY. */
static inline char *room(struct out *out, size_t count)
{
    if (CAPACITY - out->count < count)
        out_flush(out);
    return out->bytes + out->count;
}

void out_bytes(struct out *out, const char *bytes, size_t count)
{
    while (count != 0) {
        size_t part = count < CAPACITY ? count : CAPACITY;

        memcpy(room(out, part), bytes, part);
        out->count += part;
        bytes += part;
        count -= part;
    }
}

void out_text(struct out *out, const char *text)
{
    out_bytes(out, text, strlen(text));
}

void out_char(struct out *out, char c)
{
    *room(out, 1) = c;
    out->count++;
}

void out_blanks(struct out *out, size_t count)
{
    while (count-- != 0)
        out_char(out, ' ');
}

/* ---- numbers ---- */

/* Backwards from end; returns the first digit. */
static char *digits(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return end;
}

void out_number(struct out *out, uint64_t number)
{
    char text[DIGITS];
    char *first = digits(text + DIGITS, number);

    out_bytes(out, first, (size_t)(text + DIGITS - first));
}

void out_signed(struct out *out, int64_t number)
{
    if (number < 0)
        out_char(out, '-');
    out_number(out, number < 0 ? -(uint64_t)number : (uint64_t)number);
}

void out_hex(struct out *out, uint64_t number)
{
    char text[16];
    char *at = text + sizeof(text);

    do {
        *--at = hex[number & 15];
        number >>= 4;
    } while (number != 0);
    out_bytes(out, "0x", 2);
    out_bytes(out, at, (size_t)(text + sizeof(text) - at));
}

void out_grouped(struct out *out, uint64_t number)
{
    char text[DIGITS];
    char *at = digits(text + DIGITS, number);

    for (; at < text + DIGITS; at++) {
        out_char(out, *at);
        if ((text + DIGITS - at) % 3 == 1 && at + 1 < text + DIGITS)
            out_char(out, ',');
    }
}

size_t out_seconds(struct out *out, int64_t ns, size_t width)
{
    static const uint64_t second = 1000000000;
    uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    char text[2 * DIGITS];
    char *end = text + sizeof(text);
    char *at = digits(end, size % second);
    size_t length;

    while (end - at < 9)
        *--at = '0';
    *--at = '.';
    at = digits(at, size / second);
    if (ns < 0)
        *--at = '-';
    length = (size_t)(end - at);
    if (length < width)
        out_blanks(out, width - length);
    out_bytes(out, at, length);
    return length < width ? width : length;
}

/* ---- strings ---- */

/* A byte as two digits behind what begins an escape. */
static void out_byte(struct out *out, const char *before, char byte)
{
    out_text(out, before);
    out_char(out, hex[(unsigned char)byte >> 4]);
    out_char(out, hex[byte & 15]);
}

/* Write all that needs no escape; returns how much that is. */
static size_t out_plain(struct out *out, const char *text, size_t size)
{
    size_t count = 0;

    while (count < size && text[count] >= ' ' && text[count] <= '~' &&
           text[count] != '"' && text[count] != '\\')
        count++;
    out_bytes(out, text, count);
    return count;
}

/* The letter behind the backslash, or NUL. */
static char letter_of(char c)
{
    switch (c) {
    case '"':
    case '\\': return c;
    case '\n': return 'n';
    case '\t': return 't';
    case '\r': return 'r';
    default: return '\0';
    }
}

void out_quoted(struct out *out, const char *text, size_t size)
{
    const char *end = text + size;

    out_char(out, '"');
    for (;;) {
        text += out_plain(out, text, (size_t)(end - text));
        if (text == end)
            break;
        if (letter_of(*text) != '\0') {
            out_char(out, '\\');
            out_char(out, letter_of(*text));
        } else {
            out_byte(out, "\\x", *text);
        }
        text++;
    }
    out_char(out, '"');
}

void out_json(struct out *out, const char *text, size_t size)
{
    const char *end = text + size;

    out_char(out, '"');
    for (;;) {
        size_t length;

        text += out_plain(out, text, (size_t)(end - text));
        if (text == end)
            break;
        length = utf8_length(text, (size_t)(end - text));
        if (letter_of(*text) != '\0') {
            out_char(out, '\\');
            out_char(out, letter_of(*text));
        } else if ((unsigned char)*text < 0x20) {
            out_byte(out, "\\u00", *text);
        } else if (length != 0) {
            out_bytes(out, text, length);
        } else {
            out_text(out, "\\ufffd");
        }
        text += length != 0 ? length : 1;
    }
    out_char(out, '"');
}

static void out_key(struct out *out, const char *key)
{
    out_text(out, ",\"");
    out_text(out, key);
    out_text(out, "\":");
}

void out_key_json(struct out *out, const char *key, const char *text,
                  size_t size)
{
    out_key(out, key);
    out_json(out, text, size);
}

void out_key_number(struct out *out, const char *key, uint64_t number)
{
    out_key(out, key);
    out_number(out, number);
}

void out_key_signed(struct out *out, const char *key, int64_t number)
{
    out_key(out, key);
    out_signed(out, number);
}
