/*
 * base.h - what every part of the program uses: memory, sentences, text that
 * a terminal can show, numbers as they are in a file, and files in memory.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_BASE_H
#define PYTRACE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define PROGRAM "pytrace" /* as messages call it */

/* What the program ends with: the worst of what it has seen. */
enum outcome { ALL_WELL = 0, FALLS_SHORT = 1, UNREADABLE = 2 };

/* ---- memory: never NULL; the program ends when there is none ---- */

void *allocate(size_t count, size_t size); /* zeroed */
/* The array with room for one more; its capacity is a power of two. */
void *grown(void *array, size_t count, size_t size);
char *formatted(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- sentences: why something cannot be read, what falls short ---- */

struct reason {
    char text[512];
};

/* Fill in the text. Returns false, which most callers return in turn. */
bool because(struct reason *reason, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

enum { MAX_SENTENCES = 8 }; /* that are kept of one list */

struct sentences {
    char *text[MAX_SENTENCES];
    size_t count, unsaid; /* unsaid: those beyond the last */
};

void say(struct sentences *sentences, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void sentences_free(struct sentences *sentences);

/* ---- text.c: text from elsewhere, without what would lead a terminal ---- */

enum { MAX_NAME = 4096 }; /* bytes of a path, or of a sentence with one */

/* Whether the user's locale is one of UTF-8; main() has set it. */
bool is_utf8(void);
/*
 * What is not printable ASCII is escaped, byte by byte; where the locale is one
 * of UTF-8, only what is no character or changes how others are shown. At most
 * limit bytes. Allocated; the caller frees it.
 */
char *printable(const char *text, size_t limit);
void print_printable(FILE *stream, const char *text);

/*
 * The length of the UTF-8 sequence that text, of size bytes and not empty,
 * begins with; 0 when that is none, or a control character.
 */
size_t utf8_length(const char *text, size_t size);
/* The character that a sequence of that length stands for. */
uint32_t utf8_code(const char *text, size_t length);
/* The same length; 0 where it must be escaped for the user's terminal. */
size_t shown_length(const char *text, size_t size);
/* How many columns of a terminal it takes; it is printable. */
size_t columns_of(const char *text);
/* How many of its bytes fit into so many columns. */
size_t fitting(const char *text, size_t columns);

/* ---- numbers as they are in a file ---- */

uint64_t number_at(const unsigned char *at, unsigned bytes, bool big_endian);

/* ---- file.c: a file in memory ---- */

struct file {
    void *bytes;
    size_t size;
};

/* name is for messages about a file that changes while it is being read. */
bool file_open(struct file *file, const char *path, const char *name,
               struct reason *reason);
void file_close(struct file *file);

#endif
