/*
 * imports.c - pytrace imports: the tree of imports, and how long each took.
 * The manual page is docs/pytrace.1.in.
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

enum { MOST_INDENTED = 20 }; /* deeper ones stand below each other */

enum state { OPEN, FOUND, NOT_FOUND, LOST };

/* An import, by what it was asked for by, the parent. */
struct import {
    struct import *parent, *child, *next;
    const struct lane *lane;
    char *name;
    size_t name_size;
    int64_t since, done;
    uint64_t inside; /* ns in its children */
    size_t depth;    /* 0: an outermost one */
    enum state state;
};

/* Of a thread: the import that goes on, or the root. */
struct thread {
    struct import root, *now;
};

/* The start of a process: up to the end of its last outermost import. */
struct start {
    uint32_t pid;
    int64_t first, covered_to;
    uint64_t in_none, longest; /* ns that no import covers; in one part */
    const char *before;        /* the import behind that part */
};

struct tree {
    struct import *first; /* the outermost ones of all threads */
    uint64_t count, not_found, late, open, uncertain;
    struct start *starts;
    size_t start_count;
    size_t threads;
};

/* ---- building ---- */

static struct thread *thread_of(struct lane *lane)
{
    struct thread *thread = lane->data;

    if (thread == NULL) {
        thread = lane->data = allocate(1, sizeof(*thread));
        thread->now = &thread->root;
    }
    return thread;
}

static struct start *start_of(struct tree *tree, const struct event *event)
{
    size_t i;

    for (i = tree->start_count; i-- > 0;)
        if (tree->starts[i].pid == event->pid)
            return &tree->starts[i];
    tree->starts = grown(tree->starts, tree->start_count, sizeof(struct start));
    tree->starts[tree->start_count] = (struct start){
        .pid = event->pid, .first = event->since, .covered_to = event->since};
    return &tree->starts[tree->start_count++];
}

static const struct string unknown = {0, 1, 1, true, (char[]){"?"}};

static void on_start(struct tree *tree, struct lane *lane,
                     const struct event *event)
{
    struct thread *thread = thread_of(lane);
    const struct string *name = event->values[0].string;
    struct import *import = allocate(1, sizeof(*import));

    if (name == NULL)
        name = &unknown;
    import->lane = lane;
    import->parent = thread->now;
    import->next = thread->now->child;
    thread->now->child = import;
    import->depth =
        import->parent == &thread->root ? 0 : import->parent->depth + 1;
    import->since = event->since;
    import->name = allocate((size_t)name->kept + 1, 1);
    memcpy(import->name, name->text, name->kept);
    import->name_size = name->kept;
    thread->now = import;
    tree->count++;
}

static void end_import(struct thread *thread, int64_t now, enum state state)
{
    struct import *import = thread->now;

    import->done = now;
    import->state = state;
    if (now > import->since)
        import->parent->inside += (uint64_t)(now - import->since);
    thread->now = import->parent;
}

static bool has_name(const struct import *import, const struct string *name)
{
    return name == NULL || (import->name_size == name->kept &&
                            memcmp(import->name, name->text, name->kept) == 0);
}

/* Its start is the innermost open one of that name. */
static void on_done(struct tree *tree, struct lane *lane,
                    const struct event *event)
{
    struct thread *thread = thread_of(lane);
    const struct string *name = event->values[0].string;
    const struct import *import = thread->now;
    bool found = event->marker->count < 2 || event->values[1].number != 0;

    while (import != &thread->root && !has_name(import, name))
        import = import->parent;
    if (import == &thread->root) {
        *(lane->lost != 0 ? &tree->uncertain : &tree->late) += 1;
        return;
    }
    while (thread->now != import) {
        end_import(thread, event->since, LOST);
        tree->uncertain++;
    }
    end_import(thread, event->since, found ? FOUND : NOT_FOUND);
    tree->not_found += !found;
}

static void on_marker(struct tree *tree, struct lane *lane,
                      const struct event *event)
{
    const char *name = event->marker->name;

    start_of(tree, event);
    if (event->marker->count == 0 ||
        event->marker->arguments[0].kind != ARGUMENT_STRING)
        return;
    if (strcmp(name, "import__find__load__start") == 0)
        on_start(tree, lane, event);
    else if (strcmp(name, "import__find__load__done") == 0)
        on_done(tree, lane, event);
}

/* ---- ordering ---- */

static uint64_t duration(const struct import *import)
{
    return import->done > import->since
               ? (uint64_t)(import->done - import->since)
               : 0;
}

static bool is_slower(const struct import *a, const struct import *b)
{
    return duration(a) != duration(b) ? duration(a) > duration(b)
                                      : a->since <= b->since;
}

static bool is_earlier(const struct import *a, const struct import *b)
{
    return a->since <= b->since;
}

typedef bool order(const struct import *a, const struct import *b);

static struct import *merged(struct import *a, struct import *b,
                             order *is_before)
{
    struct import *first = NULL, **end = &first;

    while (a != NULL && b != NULL) {
        struct import **from = is_before(a, b) ? &a : &b;

        *end = *from;
        *from = (*from)->next;
        end = &(*end)->next;
    }
    *end = a != NULL ? a : b;
    return first;
}

/* A list, by merging ever longer parts of it. */
static struct import *sorted(struct import *list, order *is_before)
{
    enum { PARTS = 48 };
    struct import *parts[PARTS] = {0};
    size_t i;

    while (list != NULL) {
        struct import *one = list;

        list = list->next;
        one->next = NULL;
        for (i = 0; i + 1 < PARTS && parts[i] != NULL; i++) {
            one = merged(parts[i], one, is_before);
            parts[i] = NULL;
        }
        parts[i] = merged(parts[i], one, is_before);
    }
    for (i = 0; i < PARTS; i++)
        list = merged(parts[i], list, is_before);
    return list;
}

/* What comes behind an import in the tree, callees first; NULL: nothing. */
static struct import *following(const struct import *import)
{
    if (import->child != NULL)
        return import->child;
    while (import != NULL && import->next == NULL)
        import = import->parent;
    return import != NULL ? import->next : NULL;
}

/* ---- the end ---- */

/* Those that go on have taken all the time until now. */
static void end_open(struct tree *tree, struct thread *thread, int64_t now)
{
    while (thread->now != &thread->root) {
        if (thread->now->lane->last > now)
            now = thread->now->lane->last;
        end_import(thread, now, OPEN);
        tree->open++;
    }
}

static void cover(struct tree *tree, const struct import *import)
{
    const struct event at = {.pid = import->lane->pid, .since = import->since};
    struct start *start = start_of(tree, &at);

    if (import->since > start->covered_to) {
        uint64_t part = (uint64_t)(import->since - start->covered_to);

        start->in_none += part;
        if (part > start->longest) {
            start->longest = part;
            start->before = import->name;
        }
    }
    if (import->done > start->covered_to)
        start->covered_to = import->done;
}

static void finish(struct tree *tree, const struct stacks *stacks, int64_t end)
{
    struct import *import;
    size_t i;

    for (i = 0; i < stacks_lanes(stacks); i++) {
        struct thread *thread = stacks_lane(stacks, i)->data;

        if (thread == NULL)
            continue;
        end_open(tree, thread, end);
        tree->threads += thread->root.child != NULL;
        while ((import = thread->root.child) != NULL) {
            thread->root.child = import->next;
            import->parent = NULL;
            import->next = tree->first;
            tree->first = import;
        }
    }
    tree->first = sorted(tree->first, is_earlier);
    for (import = tree->first; import != NULL; import = import->next)
        cover(tree, import);
    tree->first = sorted(tree->first, is_slower);
    for (import = tree->first; import != NULL; import = following(import))
        import->child = sorted(import->child, is_slower);
}

/* ---- showing ---- */

static const char *const states[] = {
    [OPEN] = " (not done)",
    [FOUND] = "",
    [NOT_FOUND] = " (not found)",
    [LOST] = " (events were lost)",
};

static uint64_t own(const struct import *import)
{
    uint64_t all = duration(import);

    return all > import->inside ? all - import->inside : 0;
}

static void print_starts(const struct tree *tree, struct out *out)
{
    size_t i;

    for (i = 0; i < tree->start_count; i++) {
        const struct start *start = &tree->starts[i];
        uint64_t whole = (uint64_t)(start->covered_to - start->first);
        char *all = time_text(whole), *none = time_text(start->in_none);
        char *share = share_text((double)start->in_none, (double)whole);
        char *longest = time_text(start->longest);
        char *name;
        char *line;

        if (whole != 0) {
            line = formatted(
                "\nprocess %u: %s from its first event to the end of its last "
                "import, of which\n%s (%s) are in no import",
                start->pid, all, none, share);
            out_text(out, line);
            free(line);
            if (start->before != NULL) {
                name = printable(start->before, MAX_NAME);
                line = formatted("; the longest part, %s, comes before %s",
                                 longest, name);
                out_text(out, line);
                free(line);
                free(name);
            }
            out_char(out, '\n');
        }
        free(all);
        free(none);
        free(share);
        free(longest);
    }
}

static void print_text(const struct tree *tree, struct out *out)
{
    static const char *const one[] = {"all", "own", "at", "<module", NULL};
    static const char *const many[] = {"all",     "own",     "at",
                                       "<thread", "<module", NULL};
    bool has_threads = tree->threads > 1;
    struct rows *rows;
    const struct import *import;

    if (tree->first == NULL) {
        out_text(out, "no import\n");
        return;
    }
    rows = rows_new(has_threads ? many : one);
    for (import = tree->first; import != NULL; import = following(import)) {
        size_t depth = import->depth;
        char *name = printable(import->name, MAX_NAME);

        rows_cell(rows, time_text(duration(import)));
        rows_cell(rows, time_text(own(import)));
        rows_cell(rows, formatted("%.6f s", (double)import->since / 1e9));
        if (has_threads)
            rows_cell(rows, thread_text(import->lane));
        rows_cell(rows,
                  formatted("%*s%s%s",
                            (int)(2 * (depth < MOST_INDENTED ? depth
                                                             : MOST_INDENTED)),
                            "", name, states[import->state]));
        free(name);
    }
    rows_print(rows, out);
    rows_free(rows);
    print_starts(tree, out);
}

static void print_json(const struct tree *tree, struct out *out)
{
    static const char *const words[] = {"open", "found", "not found", "lost"};
    const struct import *import;
    size_t i;

    out_text(out, "{\"imports\":[");
    for (import = tree->first; import != NULL; import = following(import)) {
        out_text(out, import != tree->first ? ",\n" : "\n");
        out_text(out, "{\"depth\":");
        out_number(out, import->depth);
        out_key_json(out, "module", import->name, import->name_size);
        out_key_number(out, "duration_ns", duration(import));
        out_key_number(out, "own_ns", own(import));
        out_key_signed(out, "since_ns", import->since);
        out_key_json(out, "state", words[import->state],
                     strlen(words[import->state]));
        out_key_number(out, "pid", import->lane->pid);
        out_key_number(out, "tid", import->lane->tid);
        out_char(out, '}');
    }
    out_text(out, "\n],\"processes\":[");
    for (i = 0; i < tree->start_count; i++) {
        const struct start *start = &tree->starts[i];

        out_text(out, i != 0 ? ",\n" : "\n");
        out_text(out, "{\"pid\":");
        out_number(out, start->pid);
        out_key_number(out, "start_ns",
                       (uint64_t)(start->covered_to - start->first));
        out_key_number(out, "in_no_import_ns", start->in_none);
        out_char(out, '}');
    }
    out_text(out, "\n]");
    out_key_number(out, "late", tree->late);
    out_key_number(out, "open", tree->open);
    out_key_number(out, "uncertain", tree->uncertain);
}

static void note(uint64_t count, const char *what)
{
    if (count != 0)
        fprintf(stderr, PROGRAM " imports: %llu import%s %s\n",
                (unsigned long long)count, count == 1 ? "" : "s", what);
}

static void free_tree(struct tree *tree, const struct stacks *stacks)
{
    struct import *import, *gone, *last;
    size_t i;

    for (import = tree->first; import != NULL;) {
        gone = import;
        /* Its children come next. */
        if (import->child != NULL) {
            for (last = import->child; last->next != NULL; last = last->next)
                ;
            last->next = import->next;
            import->next = import->child;
        }
        import = import->next;
        free(gone->name);
        free(gone);
    }
    for (i = 0; i < stacks_lanes(stacks); i++)
        free(stacks_lane(stacks, i)->data);
    free(tree->starts);
}

static int show(struct view_run *run)
{
    struct tree tree = {0};
    struct reader *reader = view_begin(run, 0);
    struct stacks *stacks;
    const struct event *event;

    if (reader == NULL)
        return UNREADABLE;
    stacks = stacks_new(0, NULL, NULL);
    while ((event = reader_next(reader)) != NULL) {
        struct lane *lane = stacks_event(stacks, event);

        if (lane != NULL && event->kind == EVENT_MARKER)
            on_marker(&tree, lane, event);
    }
    finish(&tree, stacks, reader_span(reader).end);
    if (run->json) {
        print_json(&tree, &run->out);
        out_key_number(&run->out, "lost", reader_count(reader)->lost);
        out_text(&run->out, "}\n");
    } else {
        print_text(&tree, &run->out);
        out_flush(&run->out);
        note(tree.late, "began before the recording: left out");
        note(tree.open, "went on at the end: until then is shown");
        note(tree.uncertain, "uncertain, as events were lost");
    }
    free_tree(&tree, stacks);
    stacks_free(stacks);
    return view_end(run, 0, reader);
}

/* ---- the command line ---- */

int imports_main(int argc, char **argv)
{
    static const char *const markers[] = {"import__find__load__start",
                                          "import__find__load__done", "audit",
                                          "gc__start", NULL};
    static const struct view view = {
        .name = "imports",
        .what = "Show what was imported by what, and how long that took: all, "
                "and itself;\nthe slowest first.",
        .options_help = "",
        .markers = markers,
        .has_json = true,
        .is_paged = true,
        .show = show};

    return view_main(&view, argc, argv);
}
