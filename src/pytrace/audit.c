/*
 * audit.c - pytrace audit: the audit events, their arguments where the host
 * says them, and which line of which function caused each. The manual page is
 * docs/pytrace.1.in.
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

enum { LIMIT = 'A', EVENT };

static struct {
    unsigned long limit; /* events; 0: all */
    const char *event;   /* they are of that name; NULL: of any */
} options;

/* An event's name; or the text that tells its arguments. */
struct name {
    char *text, *shown;
    size_t size;
    uint32_t whole; /* bytes; more than size: it was cut */
    uint64_t count;
    struct name *next; /* of the same slot */
};

struct audit {
    int64_t since;
    const struct name *name;
    const struct name *arguments; /* NULL: the host does not say them */
    const struct lane *lane;
    struct running_place place;
};

enum { SLOTS = 65536 };

/* Names, or texts: each is there once. */
struct names {
    struct name *slots[SLOTS];
    struct name **items;
    size_t count;
};

struct audits {
    struct audit *items; /* the first ones */
    size_t count;
    struct names names, arguments;
    uint64_t all, wanted;
};

/* ---- counting ---- */

static const struct string unknown = {0, 1, 1, true, (char[]){"?"}};

static struct name *name_of(struct names *names, const struct string *string)
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
    for (name = names->slots[hash]; name != NULL; name = name->next)
        if (name->size == string->kept && name->whole == string->whole &&
            memcmp(name->text, string->text, name->size) == 0)
            return name;
    name = allocate(1, sizeof(*name));
    name->size = string->kept;
    name->whole = string->whole;
    name->text = allocate(name->size + 1, 1);
    memcpy(name->text, string->text, name->size);
    name->next = names->slots[hash];
    names->slots[hash] = name;
    names->items = grown(names->items, names->count, sizeof(name));
    names->items[names->count++] = name;
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
    name = name_of(&audits->names, event->values[0].string);
    if (name->shown == NULL)
        name->shown = printable(name->text, MAX_NAME);
    name->count++;
    audits->all++;
    if (options.event != NULL && strcmp(options.event, name->text) != 0)
        return;
    audits->wanted++;
    if (options.limit != 0 && audits->count >= options.limit)
        return;
    if (!is_paused)
        place = running_now(running_of(lane), lane);
    audits->items = grown(audits->items, audits->count, sizeof(struct audit));
    audits->items[audits->count++] = (struct audit){
        event->since, name,
        event->text != NULL ? name_of(&audits->arguments, event->text) : NULL,
        lane, place};
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

/*
 * The arguments, for people; allocated. The host has quoted them, as its
 * language does; so what cannot be shown is written with a backslash, too.
 */
static char *arguments_text(const struct name *name)
{
    const char *text = name->text, *end = name->text + name->size;
    char *shown = allocate(4 * name->size + 64, 1), *to = shown;

    while (text < end) {
        size_t size = (size_t)(end - text), length = utf8_length(text, size);
        uint32_t c = length != 0 ? utf8_code(text, length) : 0;

        if (length == 0 || c == 0x7f) {
            length = 1;
            to += sprintf(to, "\\x%02x", (unsigned char)*text);
        } else if (shown_length(text, size) == 0) {
            to += sprintf(to, c > 0xffff ? "\\U%08x" : "\\u%04x", (unsigned)c);
        } else {
            memcpy(to, text, length);
            to += length;
        }
        text += length;
    }
    if (name->whole > name->size)
        sprintf(to, "... (%lu bytes)", (unsigned long)name->whole);
    return shown;
}

static void print_names(const struct audits *audits, struct out *out)
{
    static const char *const titles[] = {"count", "<event", NULL};
    struct rows *rows = rows_new(titles);
    size_t i;

    for (i = 0; i < audits->names.count; i++) {
        rows_cell(rows, count_text(audits->names.items[i]->count));
        rows_cell(rows, formatted("%s", audits->names.items[i]->shown));
    }
    rows_print(rows, out);
    rows_free(rows);
}

static void print_text(const struct audits *audits, struct out *out)
{
    static const char *const titles[] = {"at",        "<thread",    "<event",
                                         "<function", "<arguments", NULL};
    static const char *const without[] = {"at", "<thread", "<event",
                                          "<function", NULL};
    bool has_arguments = audits->arguments.count != 0;
    struct rows *rows;
    size_t i;

    if (audits->all == 0) {
        out_text(out, "no audit event\n");
        return;
    }
    print_names(audits, out);
    out_char(out, '\n');
    if (audits->wanted == 0) {
        out_text(out, "none has that name\n");
        return;
    }
    rows = rows_new(has_arguments ? titles : without);
    for (i = 0; i < audits->count; i++) {
        const struct audit *audit = &audits->items[i];

        rows_cell(rows, formatted("%.6f s", (double)audit->since / 1e9));
        rows_cell(rows, thread_text(audit->lane));
        rows_cell(rows, formatted("%s", audit->name->shown));
        rows_cell(rows, running_text(&audit->place));
        if (has_arguments)
            rows_cell(rows, audit->arguments != NULL
                                ? arguments_text(audit->arguments)
                                : formatted("-"));
    }
    rows_print(rows, out);
    rows_free(rows);
    rows_more(out, audits->wanted - audits->count);
}

static void print_json(const struct audits *audits, struct out *out)
{
    size_t i;

    out_text(out, "{\"count\":");
    out_number(out, audits->all);
    out_text(out, ",\"names\":[");
    for (i = 0; i < audits->names.count; i++) {
        const struct name *name = audits->names.items[i];

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
        if (audit->arguments != NULL)
            out_key_json(out, "arguments", audit->arguments->text,
                         audit->arguments->size);
        if (audit->arguments != NULL &&
            audit->arguments->whole > audit->arguments->size)
            out_key_number(out, "arguments_bytes", audit->arguments->whole);
        out_key_number(out, "pid", audit->lane->pid);
        out_key_number(out, "tid", audit->lane->tid);
        running_json(&audit->place, out);
        out_char(out, '}');
    }
    out_text(out, "\n]");
}

static void free_names(struct names *names)
{
    size_t i;

    for (i = 0; i < names->count; i++) {
        free(names->items[i]->text);
        free(names->items[i]->shown);
        free(names->items[i]);
    }
    free(names->items);
}

static void free_audits(struct audits *audits)
{
    free_names(&audits->names);
    free_names(&audits->arguments);
    free(audits->items);
    free(audits);
}

static int show(struct view_run *run)
{
    struct audits *audits;
    struct reader *reader = view_begin(run, 0);
    struct stacks *stacks;
    const struct event *event;
    uint64_t late = 0, uncertain = 0;
    bool is_paused = false;
    size_t i;

    if (reader == NULL)
        return UNREADABLE;
    audits = allocate(1, sizeof(*audits));
    stacks = stacks_new(0, NULL, NULL);
    while ((event = reader_next(reader)) != NULL) {
        struct lane *lane = stacks_event(stacks, event);

        if (event->kind == EVENT_PAUSE)
            is_paused = event->paused == 0;
        if (lane != NULL && event->kind == EVENT_MARKER)
            on_marker(audits, lane, event, is_paused);
    }
    if (audits->names.count != 0)
        qsort(audits->names.items, audits->names.count,
              sizeof(*audits->names.items), most_first);
    for (i = 0; i < stacks_lanes(stacks); i++) {
        late += stacks_lane(stacks, i)->late;
        uncertain += stacks_lane(stacks, i)->uncertain;
    }
    if (run->json) {
        print_json(audits, &run->out);
        out_key_number(&run->out, "lost", reader_count(reader)->lost);
        out_text(&run->out, "}\n");
    } else {
        print_text(audits, &run->out);
        out_flush(&run->out);
        if (audits->all != 0 && late != 0)
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
    free_audits(audits);
    stacks_free(stacks);
    return view_end(run, 0, reader);
}

/* ---- the command line ---- */

static bool set_option(int option, const char *argument)
{
    if (option == LIMIT)
        return rows_limit("audit", argument, &options.limit);
    options.event = argument;
    return true;
}

int audit_main(int argc, char **argv)
{
    static const struct option own[] = {
        {"event", required_argument, NULL, EVENT},
        {"limit", required_argument, NULL, LIMIT},
        {NULL, 0, NULL, 0}};
    static const char *const markers[] = {"audit", "function__entry",
                                          "function__return", NULL};
    static const struct view view = {
        .name = "audit",
        .what = "Show which audit events were raised, how often, and by which "
                "line of which\nfunction; in the order of time.",
        .options_help =
            "  --event NAME   count all, and list the events of that name\n"
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
