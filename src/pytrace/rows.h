/*
 * rows.h - tables for people: columns as wide as they need to be, a title over
 * each, numbers to the right; and numbers with their units.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_ROWS_H
#define PYTRACE_ROWS_H

#include "out.h"

struct rows;

/*
 * titles ends with NULL. A title that begins with '<' is of a column of text,
 * to the left, without the '<'; the others are to the right. The last column is
 * as wide as each row needs.
 */
struct rows *rows_new(const char *const *titles);
/* The next cell, row by row. The text is allocated, and freed here. */
void rows_cell(struct rows *rows, char *text);
void rows_print(const struct rows *rows, struct out *out);
void rows_free(struct rows *rows);

/* "--limit N" of a command: so many rows, 0: all. False: it is none, told. */
bool rows_limit(const char *command, const char *text, unsigned long *limit);
/* That so many rows are not shown, unless there are none. */
void rows_more(struct out *out, uint64_t count);

/* "1.23 s", "45.6 ms", "789 us", "12 ns"; allocated. */
char *time_text(uint64_t ns);
/* "1,234"; allocated. */
char *count_text(uint64_t count);
/* "12.3 %"; allocated. Of nothing, "-". */
char *share_text(double part, double whole);

#endif
