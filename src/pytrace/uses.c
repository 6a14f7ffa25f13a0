/*
 * uses.c - which markers the sources of a host fire. Each source file leaves a
 * record of a marker that it fires, or whose function it calls by itself; a
 * call from another language or from generated code leaves none.
 *
 * SPDX-License-Identifier: MIT
 */
#include "judge.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

/* ---- a provider's records ---- */

/* The first of the uses whose provider is not less, or is greater. */
static size_t first_use(const struct image *image, const char *provider,
                        bool is_greater)
{
    size_t low = 0;
    size_t high = image->use_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(image->uses[middle].provider, provider);

        if (order < 0 || (is_greater && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct usage usage_of(struct image *image, const char *provider)
{
    size_t first = first_use(image, provider, false);
    struct usage usage = {
        .uses = first < image->use_count ? &image->uses[first] : NULL,
        .count = first_use(image, provider, true) - first,
    };
    size_t i;

    usage.has_no_macro = usage.count != 0;
    for (i = 0; i < usage.count; i++)
        if (usage.uses[i].is_fired)
            usage.has_no_macro = false;
    return usage;
}

static struct use *use_of(const struct usage *usage, const char *marker)
{
    size_t low = 0;
    size_t high = usage->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(usage->uses[middle].marker, marker) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < usage->count && strcmp(usage->uses[low].marker, marker) == 0
               ? &usage->uses[low]
               : NULL;
}

/* ---- exceptions ---- */

static bool is_excepted(struct exceptions *exceptions, const char *marker)
{
    bool is = false;
    size_t i;

    for (i = 0; i < exceptions->count; i++)
        if (strcmp(exceptions->names[i], marker) == 0 ||
            strcmp(exceptions->names[i], "all") == 0)
            is = exceptions->is_used[i] = true;
    return is;
}

/* Whether the exception is for this marker alone. */
static bool is_named(const struct exceptions *exceptions, const char *marker)
{
    size_t i;

    for (i = 0; i < exceptions->count; i++)
        if (strcmp(exceptions->names[i], marker) == 0)
            return true;
    return false;
}

/* ---- the judgement ---- */

/* "function__entry" as in PYTRACE_FUNCTION_ENTRY. */
static void macro_of(char *macro, size_t size, const char *name)
{
    size_t length = 0;

    for (; *name != '\0' && length < size - 1; name++) {
        macro[length++] = (char)toupper((unsigned char)*name);
        if (name[0] == '_' && name[1] == '_')
            name++;
    }
    macro[length] = '\0';
}

/* Where the definition's own markers go; in short, as docs/embedding.md. */
static const struct {
    const char *name, *macro, *where; /* macro: of pytrace new, or NULL */
} places[] = {
    {"function__entry", "TRACE_ENTRY", "a function of the program has begun"},
    {"function__return", "TRACE_RETURN",
     "a function of the program has ended, also by an error"},
    {"line", "TRACE_LINE", "another line begins"},
    {"gc__start", NULL, "a collection cycle starts"},
    {"gc__done", NULL, "a collection cycle is finished"},
    {"import__find__load__start", NULL, "a module is looked for"},
    {"import__find__load__done", NULL,
     "a module was looked for, also where that has failed"},
};

/* What to do about a marker that is fired nowhere; "" where it is not known. */
static void place_of(char *text, size_t size, const char *name)
{
    size_t i;

    text[0] = '\0';
    for (i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (strcmp(places[i].name, name) == 0)
            snprintf(text, size, "%s%s%s: write it where %s",
                     places[i].macro != NULL ? ", or " : "",
                     places[i].macro != NULL ? places[i].macro : "",
                     places[i].macro != NULL ? "(...) of " PROGRAM " new" : "",
                     places[i].where);
}

void judge_use(struct verdict *verdict, struct judgement *judgement,
               const struct usage *usage, struct exceptions *exceptions)
{
    const char *name = verdict->marker->name;
    struct use *use = use_of(usage, name);
    bool excepted = is_excepted(exceptions, name);
    char macro[64], place[160];

    verdict->fires = use != NULL           ? FIRES
                     : usage->has_no_macro ? FIRES_UNKNOWN
                                           : FIRES_NOT;
    if (use != NULL)
        use->is_known = true;
    if (use != NULL && is_named(exceptions, name))
        say(&judgement->remarks, "%.64s is fired, although --except names it",
            name);
    judgement->unfired += verdict->fires == FIRES_NOT && !excepted;
    judgement->unjudged += verdict->fires == FIRES_UNKNOWN && !excepted;
    if (verdict->site_count == 0) {
        say(&verdict->shortfalls,
            use != NULL ? "is fired, but its note is missing: a strip or a "
                          "linker has lost it"
                        : "is missing");
    } else if (usage->count != 0 && verdict->fires == FIRES_NOT && !excepted) {
        macro_of(macro, sizeof(macro), name);
        place_of(place, sizeof(place), name);
        say(&verdict->shortfalls,
            "is built in, and fired nowhere: no source of the host has "
            "PYTRACE_%s(...)%s",
            macro, place);
    }
}

void judge_usage(struct judgement *judgement, const struct usage *usage)
{
    size_t i;

    if (usage->count == 0 && judgement->unfired != 0)
        say(&judgement->shortfalls,
            "no source of the host fires a marker; where generated code or "
            "another language does, say --except all");
    if (judgement->unjudged != 0)
        say(&judgement->remarks,
            "the sources fire no marker by its macro, and call a function "
            "instead: whether the other markers (%zu) are fired cannot be "
            "judged",
            judgement->unjudged);
    for (i = 0; i < usage->count; i++)
        if (!usage->uses[i].is_known) {
            say(&judgement->shortfalls,
                "a source fires %.64s, which the runtime does not have: header "
                "and runtime are of different definitions",
                usage->uses[i].marker);
            usage->uses[i].is_known = true;
        }
}

void judge_other_uses(struct report *report, const struct image *image)
{
    size_t i;

    for (i = 0; i < image->use_count; i++)
        if (!image->uses[i].is_known &&
            (i == 0 ||
             strcmp(image->uses[i].provider, image->uses[i - 1].provider) != 0))
            say(&report->shortfalls,
                "its sources fire markers of provider %.64s, whose runtime is "
                "not in it, or has lost its note",
                image->uses[i].provider);
}
