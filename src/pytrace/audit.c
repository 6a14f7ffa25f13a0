/*
 * audit.c - pytrace audit: the audit events, and which line of which function
 * caused each. The manual page is docs/pytrace.1.in.
 *
 * SPDX-License-Identifier: MIT
 */
#include "commands.h"
#include "rows.h"
#include "running.h"
#include "stacks.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT = 'A' };

static struct {
    unsigned long limit; /* events; 0: all */
} options;

/* An event's name. */
struct name {
    char *text, *shown;
    size_t size;
    uint64_t count;
    struct name *next; /* of the same slot */
};

struct audit {
    int64_t since;
    const struct name *name;
    const struct lane *lane;
    struct running_place place;
};

enum { SLOTS = 4096 };

struct audits {
    struct audit *items; /* the first ones */
    size_t count;
    struct name *slots[SLOTS];
    struct name **names;
    size_t name_count;
    uint64_t all;
};

/* ---- counting ---- */

static const struct string unknown = {0, 1, 1, true, (char[]){"?"}};

static struct name *name_of(struct audits *audits, const struct string *string)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    struct name *name;
    size_t i;

    if (string == NULL)
        string = &unknown;
    for (i = 0; i < string->kept; i++)
        hash =
            (hash ^ (unsigned char)string->text[i]) * UINT64_C(0x100000001b3);
    hash = (hash ^ hash >> 32) % SLOTS;
    for (name = audits->slots[hash]; name != NULL; name = name->next)
        if (name->size == string->kept &&
            memcmp(name->text, string->text, name->size) == 0)
            return name;
    name = allocate(1, sizeof(*name));
    name->size = string->kept;
    name->text = allocate(name->size + 1, 1);
    memcpy(name->text, string->text, name->size);
    name->shown = printable(name->text, MAX_NAME);
    name->next = audits->slots[hash];
    audits->slots[hash] = name;
    audits->names = grown(audits->names, audits->name_count, sizeof(name));
    audits->names[audits->name_count++] = name;
    return name;
}

static struct running *running_of(struct lane *lane)
{
    if (lane->data == NULL)
        lane->data = allocate(1, sizeof(struct running));
    return lane->data;
}

/* is_paused: between bursts; what runs is not known. */
static void on_marker(struct audits *audits, struct lane *lane,
                      const struct event *event, bool is_paused)
{
    struct running_place place = {0};
    struct name *name;

    if (!is_paused)
        running_event(running_of(lane), lane, event);
    if (strcmp(event->marker->name, "audit") != 0 ||
        event->marker->count == 0 ||
        event->marker->arguments[0].kind != ARGUMENT_STRING)
        return;
    name = name_of(audits, event->values[0].string);
    name->count++;
    audits->all++;
    if (options.limit != 0 && audits->count >= options.limit)
        return;
    if (!is_paused)
        place = running_now(running_of(lane), lane);
    audits->items = grown(audits->items, audits->count, sizeof(struct audit));
    audits->items[audits->count++] =
        (struct audit){event->since, name, lane, place};
}

/* ---- showing ---- */

static int most_first(const void *left, const void *right)
{
    const struct name *a = *(struct name *const *)left;
    const struct name *b = *(struct name *const *)right;

    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return strcmp(a->text, b->text);
}

static void print_names(const struct audits *audits, struct out *out)
{
    static const char *const titles[] = {"count", "<event", NULL};
    struct rows *rows = rows_new(titles);
    size_t i;

    for (i = 0; i < audits->name_count; i++) {
        rows_cell(rows, count_text(audits->names[i]->count));
        rows_cell(rows, formatted("%s", audits->names[i]->shown));
    }
    rows_print(rows, out);
    rows_free(rows);
}

static void print_text(const struct audits *audits, struct out *out)
{
    static const char *const titles[] = {"at", "<thread", "<event", "<function",
                                         NULL};
    struct rows *rows;
    size_t i;

    if (audits->all == 0) {
        out_text(out, "no audit event\n");
        return;
    }
    print_names(audits, out);
    out_char(out, '\n');
    rows = rows_new(titles);
    for (i = 0; i < audits->count; i++) {
        const struct audit *audit = &audits->items[i];

        rows_cell(rows, formatted("%.6f s", (double)audit->since / 1e9));
        rows_cell(rows, thread_text(audit->lane));
        rows_cell(rows, formatted("%s", audit->name->shown));
        rows_cell(rows, running_text(&audit->place));
    }
    rows_print(rows, out);
    rows_free(rows);
    rows_more(out, audits->all - audits->count);
}

static void print_json(const struct audits *audits, struct out *out)
{
    size_t i;

    out_text(out, "{\"count\":");
    out_number(out, audits->all);
    out_text(out, ",\"names\":[");
    for (i = 0; i < audits->name_count; i++) {
        const struct name *name = audits->names[i];

        out_text(out, i != 0 ? ",\n" : "\n");
        out_text(out, "{\"count\":");
        out_number(out, name->count);
        out_key_json(out, "event", name->text, name->size);
        out_char(out, '}');
    }
    out_text(out, "\n],\"events\":[");
    for (i = 0; i < audits->count; i++) {
        const struct audit *audit = &audits->items[i];

        out_text(out, i != 0 ? ",\n" : "\n");
        out_text(out, "{\"since_ns\":");
        out_signed(out, audit->since);
        out_key_json(out, "event", audit->name->text, audit->name->size);
        out_key_number(out, "pid", audit->lane->pid);
        out_key_number(out, "tid", audit->lane->tid);
        running_json(&audit->place, out);
        out_char(out, '}');
    }
    out_text(out, "\n]");
}

static void free_audits(struct audits *audits)
{
    size_t i;

    for (i = 0; i < audits->name_count; i++) {
        free(audits->names[i]->text);
        free(audits->names[i]->shown);
        free(audits->names[i]);
    }
    free(audits->names);
    free(audits->items);
}

static int show(struct view_run *run)
{
    struct audits audits = {0};
    struct reader *reader = view_begin(run, 0);
    struct stacks *stacks;
    const struct event *event;
    uint64_t late = 0, uncertain = 0;
    bool is_paused = false;
    size_t i;

    if (reader == NULL)
        return UNREADABLE;
    stacks = stacks_new(0, NULL, NULL);
    while ((event = reader_next(reader)) != NULL) {
        struct lane *lane = stacks_event(stacks, event);

        if (event->kind == EVENT_PAUSE)
            is_paused = event->paused == 0;
        if (lane != NULL && event->kind == EVENT_MARKER)
            on_marker(&audits, lane, event, is_paused);
    }
    if (audits.name_count != 0)
        qsort(audits.names, audits.name_count, sizeof(*audits.names),
              most_first);
    for (i = 0; i < stacks_lanes(stacks); i++) {
        late += stacks_lane(stacks, i)->late;
        uncertain += stacks_lane(stacks, i)->uncertain;
    }
    if (run->json) {
        print_json(&audits, &run->out);
        out_key_number(&run->out, "lost", reader_count(reader)->lost);
        out_text(&run->out, "}\n");
    } else {
        print_text(&audits, &run->out);
        out_flush(&run->out);
        if (audits.all != 0 && late != 0)
            fprintf(stderr,
                    PROGRAM " audit: %llu call%s began before the recording: "
                            "which function ran in them is not known\n",
                    (unsigned long long)late, late == 1 ? "" : "s");
        stacks_note("audit", 0, uncertain, 0);
    }
    for (i = 0; i < stacks_lanes(stacks); i++) {
        if (stacks_lane(stacks, i)->data != NULL)
            running_free(stacks_lane(stacks, i)->data);
        free(stacks_lane(stacks, i)->data);
    }
    free_audits(&audits);
    stacks_free(stacks);
    return view_end(run, 0, reader);
}

/* ---- the command line ---- */

static bool set_option(int option, const char *argument)
{
    (void)option;
    return rows_limit("audit", argument, &options.limit);
}

int audit_main(int argc, char **argv)
{
    static const struct option own[] = {
        {"limit", required_argument, NULL, LIMIT}, {NULL, 0, NULL, 0}};
    static const char *const markers[] = {"audit", "function__entry",
                                          "function__return", NULL};
    static const struct view view = {
        .name = "audit",
        .what = "Show which audit events were raised, how often, and by which "
                "line of which\nfunction; in the order of time.",
        .options_help =
            "  --limit N      so many events (default: 100; 0: all)\n",
        .options = own,
        .set_option = set_option,
        .markers = markers,
        .has_json = true,
        .is_paged = true,
        .show = show};

    options.limit = 100;
    return view_main(&view, argc, argv);
}
