/*
 * output.h - the forms of what is printed: table.c for people, json.c for
 * programs.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_OUTPUT_H
#define PYTRACE_OUTPUT_H

#include "judge.h"

struct printer {
    void (*begin)(long pid); /* 0 when files are checked */
    void (*report)(const struct report *report);
    void (*unreadable)(const char *file, const char *why);
    /* With what falls short of the process as a whole. */
    void (*end)(enum outcome outcome, const struct sentences *shortfalls);
};

extern const struct printer table_printer, json_printer;

#endif
