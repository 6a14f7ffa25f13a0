/* scanner.h - the words, signs, types and macros of a definition. */
#ifndef PYTRACE_CHECK_SCANNER_H
#define PYTRACE_CHECK_SCANNER_H

#include "check.h"

/* ---- scanner.c ---- */

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
bool span_is_among(struct span span, const char *const *words);
/* The precision and the argument of "%.*s". */
#define SPAN(span) (int)(span).length, (span).at

/* ---- types.c ---- */

/* A type by its words without "const", joined by spaces; or a pointer to it. */
bool type_find(const char *name, bool is_pointer,
               struct expected_argument *argument);
/* A word that can follow another one in a type. */
bool type_is_word(struct span word);
/* Of C or C++. */
bool type_is_keyword(struct span word);

/* ---- macros.c ---- */

/* A macro's name without PYTRACE_, or a function's without pytrace_. */
struct macro {
    char text[65];
};

/* Of a probe, or of a group, in capitals. */
struct macro macro_of(struct span name, bool is_probe);
struct macro macro_function(struct span probe);
/* Whether a macro is the other one with this behind it. */
bool macro_is(const struct macro *macro, const struct macro *other,
              const char *suffix);
/* Whether it is one of those that the other one's probe has beside it. */
bool macro_is_shared(const struct macro *macro, const struct macro *other);
/* Whether a probe's function or macro is something else in the library. */
bool macro_is_taken(struct span probe);

#endif
