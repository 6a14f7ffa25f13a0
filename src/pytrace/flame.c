/*
 * flame.c - pytrace flame: a flame graph of a recording, or of two that are
 * compared. The manual page is docs/pytrace.1.in.
 *
 * SPDX-License-Identifier: MIT
 */
#include "flame.h"

#include "commands.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

enum { BY = 'A', FOLDED };

static struct {
    enum frames_by by;
    bool is_folded;
} options;

/* ---- texts ---- */

static char *counted(uint64_t count, const char *thing)
{
    char *number = count_text(count);
    char *text = formatted("%s %s%s", number, thing, count == 1 ? "" : "s");

    free(number);
    return text;
}

char *flame_amount(const struct flame *flame, uint64_t amount)
{
    switch (flame->frames->by) {
    case BY_CALLS: return counted(amount, "call");
    case BY_COLLECTIONS: return counted(amount, "object");
    default: return time_text(amount);
    }
}

/* What was recorded: the first process that did something. */
static char *what_text(struct stacks *stacks, const char *file)
{
    size_t others = 0, i, count = stacks_lanes(stacks);
    const struct lane *first = NULL;

    for (i = 0; i < count; i++) {
        const struct lane *lane = stacks_lane(stacks, i);
        size_t j = 0;

        while (stacks_lane(stacks, j)->pid != lane->pid)
            j++;
        if (first == NULL && lane->events != 0)
            first = lane;
        else if (j == i)
            others++;
    }
    if (first == NULL)
        return formatted("%s: no process fired a marker", file);
    return formatted(others == 0 ? "%s (process %u)"
                                 : "%s (process %u, and %zu more)",
                     first->process != NULL && first->process->command != NULL
                         ? first->process->command
                         : file,
                     first->pid, others);
}

/* ---- reading ---- */

/* One of the recordings. */
struct part {
    struct reader *reader;
    struct stacks *stacks;
    double cost;
};

/*
 * Objects are of what ran when the collection began, as what it calls (a
 * finalizer) may run when it ends.
 */
static void count_objects(struct lane *lane, const struct event *event)
{
    const struct recorded_marker *marker = event->marker;
    struct node *node =
        lane->depth != 0 ? lane->stack[lane->depth - 1].node : &lane->root;
    int64_t objects;

    if (strcmp(marker->name, "gc__start") == 0) {
        lane->data = node;
    } else if (strcmp(marker->name, "gc__done") == 0) {
        objects =
            marker->count != 0 && marker->arguments[0].kind != ARGUMENT_STRING
                ? (int64_t)event->values[0].number
                : 0;
        if (lane->data != NULL)
            node = lane->data;
        if (objects > 0)
            node->number += (uint64_t)objects;
        lane->data = NULL;
    }
}

static bool read_part(struct view_run *run, size_t i, struct part *part)
{
    const struct event *event;

    part->cost = options.by == BY_OWN_TIME ? view_cost(run, i) : 0;
    part->stacks = stacks_new(part->cost, NULL, NULL);
    part->reader = view_begin(run, i);
    if (part->reader == NULL)
        return false;
    while ((event = reader_next(part->reader)) != NULL) {
        struct lane *lane = stacks_event(part->stacks, event);

        if (options.by == BY_COLLECTIONS && lane != NULL &&
            event->kind == EVENT_MARKER)
            count_objects(lane, event);
    }
    stacks_end(part->stacks, reader_span(part->reader).end);
    return true;
}

/* How long it was, in ns: until its end, and until its last event at least. */
static uint64_t length_of(const struct part *part)
{
    struct recording_span span = reader_span(part->reader);
    size_t i;

    for (i = 0; i < stacks_lanes(part->stacks); i++)
        if (stacks_lane(part->stacks, i)->last > span.end)
            span.end = stacks_lane(part->stacks, i)->last;
    return span.end > span.begin ? (uint64_t)(span.end - span.begin) : 0;
}

static void set_titles(struct flame *flame, const struct view_run *run,
                       struct part *parts)
{
    static const char *const kinds[] = {"%s of own time", "%s", "%s collected"};
    const struct recording_count *count = reader_count(parts[NOW].reader);
    char *what[RECORDINGS] = {NULL, NULL};
    char *amount = flame_amount(flame, flame->frames->root->total[NOW]);
    char *recorded = time_text(length_of(&parts[NOW]));
    char *events = counted(count->events, "event");
    char *lost = count_text(count->lost);
    char *whole;

    what[NOW] = what_text(parts[NOW].stacks, run->files[run->count - 1]);
    whole = formatted(kinds[options.by], amount);
    flame->subtitle = formatted("%s; recorded: %s, %s, %s lost", whole,
                                recorded, events, lost);
    if (flame->is_difference) {
        what[BEFORE] = what_text(parts[BEFORE].stacks, run->files[0]);
        flame->title =
            formatted("%s, compared with %s", what[NOW], what[BEFORE]);
        free(what[NOW]);
        free(what[BEFORE]);
    } else {
        flame->title = what[NOW];
    }
    free(amount);
    free(whole);
    free(recorded);
    free(events);
    free(lost);
}

/* ---- notes ---- */

static int by_own_before(const void *left, const void *right)
{
    const struct place *a = *(struct place *const *)left;
    const struct place *b = *(struct place *const *)right;

    if (a->own[BEFORE] != b->own[BEFORE])
        return a->own[BEFORE] < b->own[BEFORE] ? 1 : -1;
    return a->order < b->order ? -1 : 1;
}

enum { NAMED = 10 };

/* The functions that only the first recording has, and their share of it. */
static void note_vanished(const struct frames *frames, const char *file)
{
    struct place **vanished = NULL;
    size_t count = 0, i;

    for (i = 0; i < frames->count; i++) {
        if (frames->places[i]->is_in[NOW])
            continue;
        vanished = grown(vanished, count, sizeof(struct place *));
        vanished[count++] = frames->places[i];
    }
    if (count == 0)
        return;
    qsort(vanished, count, sizeof(struct place *), by_own_before);
    fprintf(stderr,
            PROGRAM " flame: %zu function%s only in the first recording, ",
            count, count == 1 ? " is" : "s are");
    print_printable(stderr, file);
    fputc('\n', stderr);
    for (i = 0; i < count && i < NAMED; i++) {
        char *share = share_text((double)vanished[i]->own[BEFORE],
                                 (double)frames->root->total[BEFORE]);

        fprintf(stderr, PROGRAM " flame:   %s of it: %s (%s)\n", share,
                vanished[i]->function->shown_name,
                vanished[i]->function->shown_file);
        free(share);
    }
    if (count > NAMED)
        fprintf(stderr, PROGRAM " flame:   and %zu more\n", count - NAMED);
    free(vanished);
}

static void print_notes(const struct flame *flame, const struct view_run *run,
                        const struct part *parts)
{
    const char *name = run->view->name;
    size_t i, j;

    if (flame->frames->root->total[NOW] == 0)
        fprintf(stderr, PROGRAM " %s: %s\n", name,
                options.by == BY_COLLECTIONS
                    ? "no collected objects were recorded: the picture is empty"
                    : "no calls were recorded: the picture is empty");
    if (flame->left_out != 0) {
        char *share = share_text((double)flame->left_out_sum,
                                 (double)flame->frames->root->total[NOW]);

        fprintf(stderr,
                PROGRAM " %s: the narrowest %llu frame%s, %s of the whole, "
                        "%s not drawn\n",
                name, (unsigned long long)flame->left_out,
                flame->left_out == 1 ? "" : "s", share,
                flame->left_out == 1 ? "is" : "are");
        free(share);
    }
    if (flame->frames->deep != 0)
        fprintf(stderr,
                PROGRAM " %s: %llu call%s deeper than %d, and count%s as the "
                        "caller's\n",
                name, (unsigned long long)flame->frames->deep,
                flame->frames->deep == 1 ? " is" : "s are", DEEPEST,
                flame->frames->deep == 1 ? "s" : "");
    if (flame->is_difference)
        note_vanished(flame->frames, run->files[0]);
    for (i = RECORDINGS; i-- > 0;) {
        uint64_t late = 0, uncertain = 0;

        for (j = 0;
             parts[i].stacks != NULL && j < stacks_lanes(parts[i].stacks);
             j++) {
            late += stacks_lane(parts[i].stacks, j)->late;
            uncertain += stacks_lane(parts[i].stacks, j)->uncertain;
        }
        stacks_note(name, late, uncertain, parts[i].cost);
    }
}

/* ---- showing ---- */

static int show(struct view_run *run)
{
    struct part parts[RECORDINGS] = {{0}};
    struct stacks *stacks[RECORDINGS];
    struct flame flame = {.is_difference = run->count > 1};
    int status = ALL_WELL;
    size_t i;

    /* The first one named is the one before. */
    for (i = 0; i < run->count; i++)
        if (!read_part(run, i, &parts[run->count - 1 - i]))
            return UNREADABLE;
    for (i = 0; i < RECORDINGS; i++)
        stacks[i] = parts[i].stacks;
    flame.frames = frames_new(stacks, options.by);
    set_titles(&flame, run, parts);
    if (options.is_folded)
        folded_print(&flame, &run->out);
    else
        flame_svg(&flame, &run->out);
    out_flush(&run->out);
    print_notes(&flame, run, parts);
    free(flame.title);
    free(flame.subtitle);
    frames_free(flame.frames);
    for (i = 0; i < run->count; i++) {
        struct part *part = &parts[run->count - 1 - i];
        int one;

        stacks_free(part->stacks);
        one = view_end(run, i, part->reader);
        status = one > status ? one : status;
    }
    return status;
}

int flame_show(struct view_run *run)
{
    options.by = BY_OWN_TIME;
    options.is_folded = false;
    return show(run);
}

int folded_show(struct view_run *run)
{
    options.by = BY_OWN_TIME;
    options.is_folded = true;
    return show(run);
}

/* ---- the command line ---- */

/* What is recorded; by collections, two more. */
static const char *markers[5] = {"function__entry", "function__return"};

static bool set_option(int option, const char *argument)
{
    if (option == FOLDED) {
        options.is_folded = true;
    } else if (strcmp(argument, "own") == 0) {
        options.by = BY_OWN_TIME;
    } else if (strcmp(argument, "calls") == 0) {
        options.by = BY_CALLS;
    } else if (strcmp(argument, "collections") == 0) {
        options.by = BY_COLLECTIONS;
        markers[2] = "gc__start";
        markers[3] = "gc__done";
    } else {
        return wrong_usage(
            "flame", "--by is own, calls or collections, and not ", argument);
    }
    return true;
}

int flame_main(int argc, char **argv)
{
    static const struct option own[] = {{"by", required_argument, NULL, BY},
                                        {"folded", no_argument, NULL, FOLDED},
                                        {NULL, 0, NULL, 0}};
    static const struct view view = {
        .name = "flame",
        .what = "Draw a flame graph, as an SVG that a browser shows: callees "
                "are below their\ncaller, and a frame is as wide as its share. "
                "Of two recordings, the second is\ndrawn, and its colours say "
                "what is more or less than in the first.",
        .options_help =
            "  --by KIND      widths are own (time, the default), calls, or\n"
            "                 collections (objects that these collected)\n"
            "  --folded       no picture, but lines \"a;b;c NUMBER\" for "
            "other\n"
            "                 tools, in microseconds, calls or objects\n",
        .options = own,
        .set_option = set_option,
        .markers = markers,
        .recordings = 2,
        .is_file = true,
        .show = show};

    return view_main(&view, argc, argv);
}
