/*
 * scanner.c - the words and signs of a provider definition, as generate.awk
 * takes them from its lines: comments of both kinds and lines that begin with
 * '#' are passed over; a comment is kept for the token behind it.
 */
#include "scanner.h"

#include <ctype.h>
#include <string.h>

bool span_is(struct span span, const char *text)
{
    return span.length == strlen(text) &&
           memcmp(span.at, text, span.length) == 0;
}

bool span_same(struct span a, struct span b)
{
    return a.length == b.length && memcmp(a.at, b.at, a.length) == 0;
}

static bool is_word_character(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

bool span_is_identifier(struct span span)
{
    return span.length > 0 && is_word_character(*span.at) &&
           !isdigit((unsigned char)*span.at);
}

bool span_is_among(struct span span, const char *const *words)
{
    for (; *words != NULL; words++)
        if (span_is(span, *words))
            return true;
    return false;
}

static bool looking_at(const struct scanner *scanner, const char *text)
{
    size_t length = strlen(text);

    return (size_t)(scanner->end - scanner->at) >= length &&
           memcmp(scanner->at, text, length) == 0;
}

static void skip_line(struct scanner *scanner)
{
    while (scanner->at < scanner->end && *scanner->at != '\n')
        scanner->at++;
}

/* Where a line begins: pass over one that says nothing to us. */
static void skip_directive(struct scanner *scanner)
{
    const char *at = scanner->at;

    while (at < scanner->end && (*at == ' ' || *at == '\t'))
        at++;
    scanner->in_line = true;
    if (at < scanner->end && *at == '#')
        skip_line(scanner);
}

static bool skip_comment(struct scanner *scanner, struct reason *reason)
{
    size_t first_line = scanner->line;

    scanner->at += 2;
    scanner->comment.at = scanner->at;
    while (scanner->at < scanner->end && !looking_at(scanner, "*/")) {
        if (*scanner->at == '\n')
            scanner->line++;
        scanner->at++;
    }
    if (scanner->at == scanner->end)
        return because(reason, "%s:%zu: this comment does not end",
                       scanner->file, first_line);
    scanner->comment.length = (size_t)(scanner->at - scanner->comment.at);
    scanner->at += 2;
    return true;
}

static bool is_line_end(const struct scanner *scanner)
{
    return looking_at(scanner, "\n") || looking_at(scanner, "\r\n") ||
           (looking_at(scanner, "\r") && scanner->at + 1 == scanner->end);
}

/* What stands between two tokens. */
static bool skip_gap(struct scanner *scanner, struct reason *reason)
{
    while (scanner->at < scanner->end) {
        if (!scanner->in_line)
            skip_directive(scanner);
        if (is_line_end(scanner)) {
            skip_line(scanner);
            if (scanner->at < scanner->end) {
                scanner->at++;
                scanner->line++;
            }
            scanner->in_line = false;
        } else if (looking_at(scanner, "/*")) {
            if (!skip_comment(scanner, reason))
                return false;
        } else if (looking_at(scanner, "//")) {
            skip_line(scanner);
        } else if (scanner->at < scanner->end && *scanner->at != '\0' &&
                   strchr(" \t\f\v", *scanner->at) != NULL) {
            scanner->at++;
        } else {
            break;
        }
    }
    return true;
}

bool scanner_next(struct scanner *scanner, struct reason *reason)
{
    scanner->comment.length = 0;
    if (!skip_gap(scanner, reason))
        return false;
    scanner->token.at = scanner->at;
    scanner->token.length = 0;
    scanner->token_line = scanner->line;
    if (scanner->at == scanner->end) {
        /* A line's end is not the beginning of another. */
        if (!scanner->in_line && scanner->line > 1)
            scanner->token_line--;
        return true;
    }
    while (scanner->at < scanner->end && is_word_character(*scanner->at))
        scanner->at++;
    if (scanner->at == scanner->token.at) {
        if (*scanner->at == '\0' || strchr("{}(),;*", *scanner->at) == NULL)
            return because(reason, "%s:%zu: unexpected character '%.1s'",
                           scanner->file, scanner->line, scanner->at);
        scanner->at++;
    }
    scanner->token.length = (size_t)(scanner->at - scanner->token.at);
    return true;
}

bool scanner_begin(struct scanner *scanner, const char *file, const char *text,
                   size_t size, struct reason *reason)
{
    memset(scanner, 0, sizeof(*scanner));
    scanner->file = file;
    scanner->at = text;
    scanner->end = text + size;
    scanner->line = 1;
    return scanner_next(scanner, reason);
}
