/*
 * definition.c - read a provider definition, such as probes.d: the language of
 * src/generate, with the same rules and the same messages, so that what one
 * refuses the other does. tests/fuzz.sh compares them.
 */
#include "scanner.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct probe {
    struct span name;
    struct macro macro;
    size_t line;
    struct span arguments[MAX_ARGUMENTS];
};

struct group {
    struct span name;
    struct macro macro;
    size_t size;
};

struct parser {
    struct scanner scanner;
    struct reason *reason;
    struct probe *probes;
    struct expected_marker *markers; /* one for each probe */
    size_t count;
    struct group *groups;
    size_t group_count;
};

/* ---- messages ---- */

/* A long name is cut here, and not in awk; there is no end to names. */
#define FAIL_AT(parser, line, format, ...) \
    because((parser)->reason, "%s:%zu: " format, (parser)->scanner.file, line, \
            __VA_ARGS__)
#define FAIL(parser, ...) \
    FAIL_AT(parser, (parser)->scanner.token_line, __VA_ARGS__)

static const char *quote(const struct parser *parser)
{
    return parser->scanner.token.length == 0 ? "" : "'";
}

static struct span shown(const struct parser *parser)
{
    static const char end[] = "the end of the file";

    return parser->scanner.token.length != 0
               ? parser->scanner.token
               : (struct span){end, sizeof(end) - 1};
}

#define SHOWN(parser) quote(parser), SPAN(shown(parser)), quote(parser)

/* ---- tokens ---- */

static bool at_token(const struct parser *parser, const char *text)
{
    return span_is(parser->scanner.token, text);
}

static bool next(struct parser *parser)
{
    return scanner_next(&parser->scanner, parser->reason);
}

/* after is followed by name, in quotes, where there is one. */
static bool expect(struct parser *parser, const char *text, const char *after,
                   struct span name)
{
    const char *mark = name.length != 0 ? "'" : "";

    if (!at_token(parser, text))
        return FAIL(parser, "expected '%s' after %s%s%.*s%s, found %s%.*s%s",
                    text, after, mark, SPAN(name), mark, SHOWN(parser));
    return next(parser);
}

static const struct span no_name = {"", 0};

/* ---- types ---- */

/* The words of a type without its consts, joined by spaces. */
struct base {
    char text[256];
    size_t length;
    bool is_cut;
};

static void add_word(struct base *base, struct span word)
{
    size_t space = base->length != 0;
    size_t room = sizeof(base->text) - 1 - base->length;

    if (base->is_cut || space + word.length > room) {
        base->is_cut = true; /* no type is so long */
        return;
    }
    if (space)
        base->text[base->length++] = ' ';
    memcpy(base->text + base->length, word.at, word.length);
    base->length += word.length;
}

/* A const is left out, but not the second of two that follow each other. */
static bool parse_base(struct parser *parser, struct base *base)
{
    bool after_const = false;
    bool is_first = true;

    while (span_is_identifier(parser->scanner.token) &&
           (is_first || (after_const && base->length == 0) ||
            type_is_word(parser->scanner.token))) {
        if (at_token(parser, "const") && !after_const) {
            after_const = true;
        } else {
            after_const = false;
            add_word(base, parser->scanner.token);
        }
        is_first = false;
        if (!next(parser))
            return false;
    }
    return true;
}

static bool parse_stars(struct parser *parser, bool *is_pointer)
{
    *is_pointer = false;
    while (at_token(parser, "*") ||
           (*is_pointer && at_token(parser, "const"))) {
        *is_pointer = true;
        if (!next(parser))
            return false;
    }
    return true;
}

static bool find_type(const struct parser *parser, const struct base *base,
                      bool is_pointer, size_t line,
                      struct expected_argument *argument)
{
    if (strcmp(base->text, "float") == 0 || strcmp(base->text, "double") == 0 ||
        strcmp(base->text, "long double") == 0)
        return FAIL_AT(parser, line,
                       "a tracer cannot read '%s'; use an integer or a pointer",
                       base->text);
    if (base->is_cut || !type_find(base->text, is_pointer, argument))
        return FAIL_AT(parser, line,
                       "unknown type '%s'; use C's integer types, those of "
                       "stdint.h, size_t, or a pointer to one or to void",
                       base->text);
    return true;
}

/* ---- arguments ---- */

/* The name of an argument that has none. The seventh is one too many. */
static struct span default_name(unsigned number)
{
    static const char names[] = "arg1arg2arg3arg4arg5arg6arg7";

    return (struct span){names + 4 * number, 4};
}

static bool parse_argument(struct parser *parser)
{
    struct probe *probe = &parser->probes[parser->count - 1];
    struct expected_marker *marker = &parser->markers[parser->count - 1];
    unsigned number = marker->argument_count;
    struct scanner start = parser->scanner;
    struct base base = {0};
    struct expected_argument argument;
    struct span name;
    size_t line;
    bool is_pointer;
    unsigned i;

    if (!parse_base(parser, &base) || !parse_stars(parser, &is_pointer))
        return false;
    if (base.length == 0 && !base.is_cut) {
        parser->scanner = start;
        return FAIL(parser, "expected an argument's type, found %s%.*s%s",
                    SHOWN(parser));
    }
    if (!find_type(parser, &base, is_pointer, start.token_line, &argument))
        return false;
    name = default_name(number);
    line = parser->scanner.token_line;
    if (span_is_identifier(parser->scanner.token)) {
        name = parser->scanner.token;
        if (!next(parser))
            return false;
    }
    if (type_is_keyword(name))
        return FAIL_AT(parser, line,
                       "an argument cannot be called '%.*s', a keyword of C or "
                       "C++",
                       SPAN(name));
    for (i = 0; i < number; i++)
        if (span_same(probe->arguments[i], name))
            return FAIL_AT(parser, line, "two arguments are called '%.*s'",
                           SPAN(name));
    if (number == MAX_ARGUMENTS)
        return FAIL(parser,
                    "probe '%.*s' has more than six arguments, which no longer "
                    "fit in registers",
                    SPAN(probe->name));
    probe->arguments[number] = name;
    marker->arguments[number] = argument;
    marker->argument_count++;
    return true;
}

static bool parse_arguments(struct parser *parser)
{
    if (at_token(parser, "void")) {
        struct scanner start = parser->scanner;

        if (!next(parser))
            return false;
        if (at_token(parser, ")"))
            return true;
        parser->scanner = start;
    }
    if (at_token(parser, ")"))
        return true;
    for (;;) {
        if (!parse_argument(parser))
            return false;
        if (!at_token(parser, ","))
            return true;
        if (!next(parser))
            return false;
    }
}

/* ---- names, and the macros that they stand for ---- */

static bool check_length(const struct parser *parser, const char *whose,
                         struct span name, size_t limit)
{
    return name.length <= limit ||
           FAIL(parser,
                "the %s's name '%.*s' must not be longer than %zu characters",
                whose, SPAN(name), limit);
}

static bool check_provider(const struct parser *parser, struct span name)
{
    size_t i;

    if (!span_is_identifier(name))
        return FAIL(parser,
                    "the provider's name '%.*s' must be a C identifier "
                    "(letters, digits, '_')",
                    SPAN(name));
    if (!check_length(parser, "provider", name, 32))
        return false;
    for (i = 0; i + 1 < name.length; i++)
        if (name.at[i] == '_' && name.at[i + 1] == '_')
            return FAIL(parser,
                        "the provider's name '%.*s' must not contain '__', "
                        "which tracers read as '-'",
                        SPAN(name));
    if (isdigit((unsigned char)name.at[name.length - 1]))
        return FAIL(parser,
                    "the provider's name '%.*s' must not end in a digit, where "
                    "DTrace puts the process id",
                    SPAN(name));
    return true;
}

static bool has_bad_underscores(struct span name)
{
    size_t run = 0;
    size_t i;

    for (i = 0; i < name.length; i++) {
        run = name.at[i] == '_' ? run + 1 : 0;
        if (run == 3)
            return true;
    }
    return name.at[0] == '_' || name.at[name.length - 1] == '_';
}

static bool check_probe_name(const struct parser *parser, struct span name)
{
    struct macro macro = macro_of(name, true);
    size_t i;

    if (!span_is_identifier(name))
        return FAIL(parser,
                    "expected the probe's name after 'probe', found %s%.*s%s",
                    SHOWN(parser));
    if (!check_length(parser, "probe", name, 64))
        return false;
    if (has_bad_underscores(name))
        return FAIL(parser,
                    "the probe's name '%.*s' must not begin or end in '_' or "
                    "contain three of them",
                    SPAN(name));
    for (i = 0; i < parser->count; i++) {
        const struct probe *other = &parser->probes[i];

        if (macro_is(&macro, &other->macro, ""))
            return FAIL(parser,
                        "the probes '%.*s' and '%.*s' would share the macro "
                        "PYTRACE_%s",
                        SPAN(other->name), SPAN(name), macro.text);
        if (macro_is_shared(&macro, &other->macro) ||
            macro_is_shared(&other->macro, &macro))
            return FAIL(parser,
                        "the probe '%.*s' would share a macro with the test or "
                        "the number of arguments of '%.*s'",
                        SPAN(name), SPAN(other->name));
    }
    if (macro_is_taken(name))
        return FAIL(parser,
                    "a probe cannot be called '%.*s', as pytrace_%s or "
                    "PYTRACE_%s is something else",
                    SPAN(name), macro_function(name).text, macro.text);
    return true;
}

/* ---- a probe's comment ---- */

static bool join_group(struct parser *parser, const struct probe *probe,
                       struct span name)
{
    size_t i;

    for (i = 0; i < parser->group_count; i++)
        if (span_same(parser->groups[i].name, name))
            break;
    if (i == parser->group_count) {
        parser->groups = grown(parser->groups, i, sizeof(*parser->groups));
        parser->groups[i] = (struct group){name, macro_of(name, false), 0};
        parser->group_count++;
    }
    if (++parser->groups[i].size > 4)
        return FAIL_AT(
            parser, probe->line,
            "group '%.*s' has more than four probes, which no longer "
            "fit in one word",
            SPAN(name));
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Without the blanks and stars before it, and the blanks behind it. */
static struct span trimmed(struct span line)
{
    while (line.length > 0 && is_blank(*line.at))
        line.at++, line.length--;
    while (line.length > 0 && *line.at == '*')
        line.at++, line.length--;
    while (line.length > 0 && is_blank(*line.at))
        line.at++, line.length--;
    while (line.length > 0 && is_blank(line.at[line.length - 1]))
        line.length--;
    return line;
}

/* The name in "@group NAME", or an empty one. */
static struct span group_name(struct span line)
{
    static const char word[] = "@group";
    size_t length = sizeof(word) - 1;
    struct span name = {line.at + length, 0};
    size_t i;

    if (line.length <= length || memcmp(line.at, word, length) != 0 ||
        !is_blank(*name.at))
        return no_name;
    while (is_blank(*name.at))
        name.at++;
    name.length = (size_t)(line.at + line.length - name.at);
    if (!span_is_identifier(name))
        return no_name;
    for (i = 0; i < name.length; i++)
        if (!isalnum((unsigned char)name.at[i]) && name.at[i] != '_')
            return no_name;
    return name;
}

/* The word in a line "word: meaning", or an empty one. */
static struct span explained_word(struct span line)
{
    size_t length = 0;

    while (length < line.length &&
           (islower((unsigned char)line.at[length]) || line.at[length] == '_' ||
            (length > 0 && isdigit((unsigned char)line.at[length]))))
        length++;
    return length > 0 && length + 1 < line.length && line.at[length] == ':' &&
                   line.at[length + 1] == ' '
               ? (struct span){line.at, length}
               : no_name;
}

static bool explains_argument(const struct probe *probe, unsigned count,
                              struct span line)
{
    unsigned i;

    for (i = 0; i < count; i++) {
        size_t length = probe->arguments[i].length;

        if (line.length >= length + 2 &&
            memcmp(line.at, probe->arguments[i].at, length) == 0 &&
            memcmp(line.at + length, ": ", 2) == 0)
            return true;
    }
    return false;
}

static bool check_comment_line(struct parser *parser, const struct probe *probe,
                               unsigned argument_count, struct span line)
{
    struct span group = group_name(line);
    struct span word = explained_word(line);

    if (group.length != 0)
        return join_group(parser, probe, group);
    if (line.length > 0 && *line.at == '@')
        return FAIL_AT(parser, probe->line,
                       "unknown '%.*s' in the comment of probe '%.*s'; use "
                       "'@group NAME'",
                       SPAN(line), SPAN(probe->name));
    if (word.length != 0 && !explains_argument(probe, argument_count, line))
        return FAIL_AT(parser, probe->line,
                       "the comment of probe '%.*s' explains '%.*s', which is "
                       "not an argument of it",
                       SPAN(probe->name), SPAN(word));
    return true;
}

static bool check_comment(struct parser *parser, const struct probe *probe,
                          unsigned argument_count, struct span comment)
{
    while (comment.length > 0) {
        const char *end = memchr(comment.at, '\n', comment.length);
        struct span line = comment;

        if (end != NULL)
            line.length = (size_t)(end - comment.at);
        comment.at += line.length + (end != NULL);
        comment.length -= line.length + (end != NULL);
        if (end != NULL && line.length > 0 && line.at[line.length - 1] == '\r')
            line.length--;
        if (!check_comment_line(parser, probe, argument_count, trimmed(line)))
            return false;
    }
    return true;
}

/* ---- the whole ---- */

static bool parse_probe(struct parser *parser)
{
    struct span comment = parser->scanner.comment;
    struct probe probe = {.line = parser->scanner.token_line};
    size_t index = parser->count;

    if (!next(parser) || !check_probe_name(parser, parser->scanner.token))
        return false;
    probe.name = parser->scanner.token;
    probe.macro = macro_of(probe.name, true);
    parser->probes = grown(parser->probes, index, sizeof(*parser->probes));
    parser->markers = grown(parser->markers, index, sizeof(*parser->markers));
    parser->probes[index] = probe;
    memset(&parser->markers[index], 0, sizeof(*parser->markers));
    parser->count++;
    parser->markers[index].name = formatted("%.*s", SPAN(probe.name));
    return next(parser) &&
           expect(parser, "(", "the name of probe ", probe.name) &&
           parse_arguments(parser) &&
           expect(parser, ")", "the arguments of probe ", probe.name) &&
           expect(parser, ";", "probe ", probe.name) &&
           check_comment(parser, &parser->probes[index],
                         parser->markers[index].argument_count, comment);
}

static bool check_groups(const struct parser *parser)
{
    static const char *const suffixes[] = {"", "_ENABLED", "_ENABLED_OR"};
    size_t g, i, s;

    for (g = 0; g < parser->group_count; g++)
        for (i = 0; i < parser->count; i++)
            for (s = 0; s < 3; s++) {
                const struct group *group = &parser->groups[g];
                const struct probe *probe = &parser->probes[i];

                if (group->name.length <= 64 &&
                    macro_is(&probe->macro, &group->macro, suffixes[s]))
                    return FAIL_AT(parser, probe->line,
                                   "the probe '%.*s' and the group '%.*s' "
                                   "would share the macro PYTRACE_%s%s",
                                   SPAN(probe->name), SPAN(group->name),
                                   group->macro.text,
                                   s == 2 ? suffixes[2] : suffixes[1]);
            }
    return true;
}

/* What is wrong with a word or a comment anywhere comes first, as in awk. */
static bool scan(const char *file, const char *text, size_t size,
                 struct reason *reason)
{
    struct scanner scanner;
    bool good = scanner_begin(&scanner, file, text, size, reason);

    while (good && scanner.token.length != 0)
        good = scanner_next(&scanner, reason);
    return good;
}

static bool parse(struct parser *parser, struct span *provider)
{
    if (!expect(parser, "provider", "the beginning", no_name))
        return false;
    *provider = parser->scanner.token;
    if (!check_provider(parser, *provider) || !next(parser) ||
        !expect(parser, "{", "the provider's name", no_name))
        return false;
    while (at_token(parser, "probe"))
        if (!parse_probe(parser))
            return false;
    if (parser->count == 0)
        return FAIL(parser, "expected a probe, found %s%.*s%s", SHOWN(parser));
    if (!expect(parser, "}", "the probes of provider ", *provider))
        return false;
    if (at_token(parser, ";") && !next(parser))
        return false;
    if (parser->scanner.token.length != 0)
        return FAIL(parser,
                    "expected the end of the file after the provider, found "
                    "%s%.*s%s",
                    SHOWN(parser));
    return check_groups(parser);
}

bool definition_parse(struct definition *definition, const char *file,
                      const char *text, size_t size, struct reason *reason)
{
    struct parser parser = {.reason = reason};
    struct span provider;
    bool good;

    memset(definition, 0, sizeof(*definition));
    if (size > MAX_DEFINITION_BYTES)
        return because(reason, "%s: is larger than %d bytes", file,
                       MAX_DEFINITION_BYTES);
    good = scan(file, text, size, reason) &&
           scanner_begin(&parser.scanner, file, text, size, reason) &&
           parse(&parser, &provider);
    definition->markers = parser.markers;
    definition->count = parser.count;
    if (good)
        definition->provider = formatted("%.*s", SPAN(provider));
    else
        definition_free(definition);
    free(parser.probes);
    free(parser.groups);
    return good;
}

void definition_free(struct definition *definition)
{
    size_t i;

    for (i = 0; i < definition->count; i++)
        free((char *)definition->markers[i].name);
    free((void *)definition->markers);
    free((char *)definition->provider);
    memset(definition, 0, sizeof(*definition));
}
