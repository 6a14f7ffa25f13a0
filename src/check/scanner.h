/* scanner.h - the words and signs of a provider definition (scanner.c). */
#ifndef PYTRACE_CHECK_SCANNER_H
#define PYTRACE_CHECK_SCANNER_H

#include "check.h"

/* A part of the text. */
struct span {
    const char *at;
    size_t length;
};

struct scanner {
    const char *file;
    const char *at, *end;
    size_t line;
    bool in_line; /* something of this line has been seen */
    /* The present token: an identifier or number, a sign, or, empty, the end.
     */
    struct span token;
    size_t token_line;
    struct span comment; /* the last one before it, without its marks */
};

/* Begin, with the first token. */
bool scanner_begin(struct scanner *scanner, const char *file, const char *text,
                   size_t size, struct reason *reason);
/* Go on to the next token. */
bool scanner_next(struct scanner *scanner, struct reason *reason);

bool span_is(struct span span, const char *text);
bool span_same(struct span a, struct span b);
bool span_is_identifier(struct span span);
/* The precision and the argument of "%.*s". */
#define SPAN(span) (int)(span).length, (span).at

#endif
