/*
 * print.h - the forms in which events are printed: print_text.c for people,
 * print_json.c for programs.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_PRINT_H
#define PYTRACE_PRINT_H

#include "out.h"
#include "read.h"

/* What print_text.c has to know of what came before. */
struct columns {
    size_t thread, marker; /* how wide they are */
    const char *provider;  /* the first host's, which needs not be named */
};

struct printing {
    struct out out;
    struct columns columns;
    uint64_t shown;   /* events of markers */
    bool is_filtered; /* only marked markers are shown */
    bool has_began;   /* the time of the first event is printed */
};

struct form {
    /* The wall time of what the other times count from. */
    void (*began)(struct printing *printing, const char *wall);
    void (*event)(struct printing *printing, const struct event *event);
    void (*end)(struct printing *printing, const struct recording_end *end,
                const struct recording_count *count);
};

extern const struct form text_form, json_form;
/* A value as JSON: a number, a string, an address as text, or null. */
void print_json_value(struct out *out, const struct argument *argument,
                      const struct value *value);

#endif
