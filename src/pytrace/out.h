/*
 * out.h - much text to a file, fast.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_OUT_H
#define PYTRACE_OUT_H

#include "base.h"

/*
 * What is written waits in memory until there is enough of it, or out_flush().
 * Once writing has failed, the rest goes nowhere.
 */
struct out {
    int descriptor;
    char *bytes;
    size_t count;
    int error; /* an errno, or 0 */
    /* Where it is set, it takes what is written; returns an errno, or 0. */
    int (*take)(void *data, const char *bytes, size_t count);
    void *data;
};

void out_begin(struct out *out, int descriptor);
void out_flush(struct out *out);
void out_end(struct out *out);

void out_bytes(struct out *out, const char *bytes, size_t count);
void out_text(struct out *out, const char *text);
void out_char(struct out *out, char c);
void out_blanks(struct out *out, size_t count);
void out_number(struct out *out, uint64_t number);
void out_signed(struct out *out, int64_t number);
void out_hex(struct out *out, uint64_t number); /* 0x1f */
/* 1,234,567 */
void out_grouped(struct out *out, uint64_t number);
/* A time in nanoseconds, in seconds: -1.000000002; how long that was. */
size_t out_seconds(struct out *out, int64_t ns, size_t width);
/* In quotes, for people: what is not printable ASCII as in C. */
void out_quoted(struct out *out, const char *text, size_t size);
/* In quotes, for JSON: each byte that is not UTF-8 becomes U+FFFD. */
void out_json(struct out *out, const char *text, size_t size);
/* A member of a JSON object, with the comma in front: ,"key":... */
void out_key_json(struct out *out, const char *key, const char *text,
                  size_t size);
void out_key_number(struct out *out, const char *key, uint64_t number);
void out_key_signed(struct out *out, const char *key, int64_t number);

#endif
