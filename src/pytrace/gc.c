/*
 * gc.c - pytrace gc: the collections of the garbage collector, how long they
 * took, and what they interrupted. The manual page is docs/pytrace.1.in.
 *
 * SPDX-License-Identifier: MIT
 */
#include "commands.h"
#include "histogram.h"
#include "rows.h"
#include "running.h"
#include "stacks.h"
#include "steps.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

enum { LIMIT = 'A' };

static struct {
    unsigned long limit; /* rows; 0: all */
} options;

struct cycle {
    int64_t since;
    uint64_t duration;
    int64_t objects;
    uint64_t calls; /* that began on its thread meanwhile */
    const struct lane *lane;
    struct running_place place;
    int32_t generation;
};

struct generation {
    int32_t number;
    int64_t objects;
    struct histogram durations;
};

/* Of a thread. */
struct thread {
    struct running running;
    struct cycle cycle; /* that goes on; its lane is NULL: none does */
    bool has_cycles;
    bool has_lost; /* events since a cycle's start, which is given up */
};

struct view_of_cycles {
    struct cycle *cycles; /* the longest ones */
    size_t count;
    uint64_t all, calls;
    struct histogram durations;
    struct steps steps;
    struct generation *generations;
    size_t generation_count;
    uint64_t busy; /* cycles during which functions were called */
    uint64_t late, open, uncertain;
};

/* ---- counting ---- */

static struct thread *thread_of(struct lane *lane)
{
    if (lane->data == NULL)
        lane->data = allocate(1, sizeof(struct thread));
    return lane->data;
}

static int longer_first(const void *left, const void *right)
{
    const struct cycle *a = left, *b = right;

    if (a->duration != b->duration)
        return a->duration < b->duration ? 1 : -1;
    return a->since == b->since ? 0 : a->since < b->since ? -1 : 1;
}

static void sort(struct view_of_cycles *view)
{
    if (view->count != 0)
        qsort(view->cycles, view->count, sizeof(*view->cycles), longer_first);
    if (options.limit != 0 && view->count > options.limit)
        view->count = options.limit;
}

static struct generation *generation_of(struct view_of_cycles *view,
                                        int32_t number)
{
    size_t i;

    for (i = 0; i < view->generation_count; i++)
        if (view->generations[i].number == number)
            return &view->generations[i];
    view->generations = grown(view->generations, i, sizeof(*view->generations));
    view->generations[i] = (struct generation){.number = number};
    view->generation_count++;
    return &view->generations[i];
}

static void add(struct view_of_cycles *view, const struct cycle *cycle)
{
    struct generation *generation = generation_of(view, cycle->generation);

    view->all++;
    view->busy += cycle->calls != 0;
    histogram_add(&view->durations, cycle->duration);
    histogram_add(&generation->durations, cycle->duration);
    generation->objects += cycle->objects;
    view->steps.counts[step_of(cycle->duration)]++;
    view->cycles = grown(view->cycles, view->count, sizeof(*view->cycles));
    view->cycles[view->count++] = *cycle;
    /* Those that will not be shown need no memory. */
    if (options.limit != 0 && view->count / 2 >= options.limit &&
        view->count >= 1024)
        sort(view);
}

static void on_start(struct view_of_cycles *view, struct lane *lane,
                     const struct event *event)
{
    struct thread *thread = thread_of(lane);

    if (thread->cycle.lane != NULL)
        view->uncertain++;
    thread->has_cycles = true;
    thread->has_lost = false;
    thread->cycle = (struct cycle){
        .since = event->since,
        .generation = (int32_t)event->values[0].number,
        .lane = lane,
        .place = running_now(&thread->running, lane),
    };
}

static void on_done(struct view_of_cycles *view, struct lane *lane,
                    const struct event *event)
{
    struct thread *thread = thread_of(lane);
    struct cycle *cycle = &thread->cycle;

    if (cycle->lane == NULL) {
        if (!thread->has_lost)
            *(lane->lost != 0 ? &view->uncertain : &view->late) += 1;
        thread->has_lost = false;
        return;
    }
    if (event->since > cycle->since)
        cycle->duration = (uint64_t)(event->since - cycle->since);
    cycle->objects = (int64_t)event->values[0].number;
    add(view, cycle);
    cycle->lane = NULL;
}

static void on_marker(struct view_of_cycles *view, struct lane *lane,
                      const struct event *event)
{
    const char *name = event->marker->name;
    bool has_number = event->marker->count != 0 &&
                      event->marker->arguments[0].kind != ARGUMENT_STRING;

    if (strcmp(name, "gc__start") == 0 && has_number)
        on_start(view, lane, event);
    else if (strcmp(name, "gc__done") == 0 && has_number)
        on_done(view, lane, event);
    else if (strcmp(name, "function__entry") == 0)
        thread_of(lane)->cycle.calls++;
    running_event(&thread_of(lane)->running, lane, event);
}

/* An event that is lost in a cycle can be its end. */
static void on_lost(struct view_of_cycles *view, struct lane *lane)
{
    struct thread *thread = thread_of(lane);

    if (thread->cycle.lane == NULL)
        return;
    view->uncertain++;
    thread->has_lost = true;
    thread->cycle.lane = NULL;
}

/* Between bursts, collections begin and end unseen. */
static void on_pause(struct view_of_cycles *view, const struct stacks *stacks)
{
    size_t i;

    for (i = 0; i < stacks_lanes(stacks); i++) {
        struct thread *thread = thread_of(stacks_lane(stacks, i));

        on_lost(view, stacks_lane(stacks, i));
        thread->has_lost = true;
    }
}

/* ---- showing ---- */

static int by_number(const void *left, const void *right)
{
    const struct generation *a = left, *b = right;

    return a->number == b->number ? 0 : a->number < b->number ? -1 : 1;
}

/* (A host may pass any number.) */
static char *objects_text(int64_t count)
{
    return count < 0 ? formatted("%lld", (long long)count)
                     : count_text((uint64_t)count);
}

static void print_generations(const struct view_of_cycles *view,
                              struct out *out)
{
    static const char *const titles[] = {"generation", "collections", "total",
                                         "median",     "99 %",        "longest",
                                         "objects",    NULL};
    struct rows *rows = rows_new(titles);
    size_t i;

    for (i = 0; i < view->generation_count; i++) {
        const struct generation *generation = &view->generations[i];
        const struct histogram *durations = &generation->durations;

        rows_cell(rows, formatted("%ld", (long)generation->number));
        rows_cell(rows, count_text(durations->count));
        rows_cell(rows, time_text(durations->sum));
        rows_cell(rows, time_text(histogram_quantile(durations, 0.5)));
        rows_cell(rows, time_text(histogram_quantile(durations, 0.99)));
        rows_cell(rows, time_text(durations->most));
        rows_cell(rows, objects_text(generation->objects));
    }
    rows_print(rows, out);
    rows_free(rows);
}

static void print_cycles(const struct view_of_cycles *view, struct out *out,
                         bool has_threads)
{
    static const char *const one[] = {
        "at", "duration", "generation", "objects", "calls", "<function", NULL};
    static const char *const many[] = {"at",        "duration", "generation",
                                       "objects",   "calls",    "<thread",
                                       "<function", NULL};
    struct rows *rows = rows_new(has_threads ? many : one);
    size_t i;

    for (i = 0; i < view->count; i++) {
        const struct cycle *cycle = &view->cycles[i];

        rows_cell(rows, formatted("%.6f s", (double)cycle->since / 1e9));
        rows_cell(rows, time_text(cycle->duration));
        rows_cell(rows, formatted("%ld", (long)cycle->generation));
        rows_cell(rows, objects_text(cycle->objects));
        rows_cell(rows, count_text(cycle->calls));
        if (has_threads)
            rows_cell(rows, thread_text(cycle->lane));
        rows_cell(rows, running_text(&cycle->place));
    }
    rows_print(rows, out);
    rows_free(rows);
}

/* Of how much time: the recording's, for each process that collects. */
struct whole {
    uint64_t wall;
    size_t processes, threads;
};

static void print_text(const struct view_of_cycles *view, struct out *out,
                       const struct whole *whole)
{
    char *count = count_text(view->all),
         *total = time_text(view->durations.sum);
    char *longest = time_text(view->durations.most);
    char *wall = time_text(whole->wall);
    char *share = share_text((double)view->durations.sum,
                             (double)whole->wall * (double)whole->processes);
    char *line;

    if (view->all == 0) {
        line = formatted("no collection in %s\n", wall);
    } else {
        line = formatted("%s collection%s, %s: %s of %s", count,
                         view->all == 1 ? "" : "s", total, share, wall);
        out_text(out, line);
        free(line);
        line = whole->processes == 1
                   ? formatted("; the longest %s\n\n", longest)
                   : formatted(" in each of %zu processes; the longest %s\n\n",
                               whole->processes, longest);
    }
    out_text(out, line);
    free(line);
    if (view->all != 0) {
        print_generations(view, out);
        out_char(out, '\n');
        steps_print(&view->steps, "collections", out);
        out_char(out, '\n');
        print_cycles(view, out, whole->threads > 1);
        rows_more(out, view->all - view->count);
    }
    free(count);
    free(total);
    free(longest);
    free(wall);
    free(share);
}

static void print_json(const struct view_of_cycles *view, struct out *out,
                       const struct whole *whole)
{
    size_t i;

    out_text(out, "{\"collections\":");
    out_number(out, view->all);
    out_key_number(out, "total_ns", view->durations.sum);
    out_key_number(out, "longest_ns", view->durations.most);
    out_key_number(out, "wall_ns", whole->wall);
    out_key_number(out, "processes", whole->processes);
    out_key_number(out, "busy", view->busy);
    out_key_number(out, "late", view->late);
    out_key_number(out, "open", view->open);
    out_key_number(out, "uncertain", view->uncertain);
    out_text(out, ",\"generations\":[");
    for (i = 0; i < view->generation_count; i++) {
        const struct generation *generation = &view->generations[i];

        out_text(out, i != 0 ? ",\n" : "\n");
        out_text(out, "{\"generation\":");
        out_signed(out, generation->number);
        out_key_number(out, "collections", generation->durations.count);
        out_key_number(out, "total_ns", generation->durations.sum);
        out_key_number(out, "longest_ns", generation->durations.most);
        out_key_signed(out, "objects", generation->objects);
        out_char(out, '}');
    }
    out_char(out, ']');
    steps_json(&view->steps, out);
    out_text(out, ",\"longest\":[");
    for (i = 0; i < view->count; i++) {
        const struct cycle *cycle = &view->cycles[i];

        out_text(out, i != 0 ? ",\n" : "\n");
        out_text(out, "{\"since_ns\":");
        out_signed(out, cycle->since);
        out_key_number(out, "duration_ns", cycle->duration);
        out_key_signed(out, "generation", cycle->generation);
        out_key_signed(out, "objects", cycle->objects);
        out_key_number(out, "calls", cycle->calls);
        out_key_number(out, "pid", cycle->lane->pid);
        out_key_number(out, "tid", cycle->lane->tid);
        running_json(&cycle->place, out);
        out_char(out, '}');
    }
    out_text(out, "\n]");
}

static void note(uint64_t count, const char *one, const char *many)
{
    if (count != 0)
        fprintf(stderr, PROGRAM " gc: %llu collection%s %s\n",
                (unsigned long long)count, count == 1 ? "" : "s",
                count == 1 ? one : many);
}

static void print_notes(const struct view_of_cycles *view)
{
    note(view->busy,
         "let functions run: its duration is no pause, where the collector is "
         "incremental or the functions are finalizers",
         "let functions run: their durations are no pauses, where the "
         "collector is incremental or the functions are finalizers");
    note(view->late, "began before the recording, and is left out",
         "began before the recording, and are left out");
    note(view->open, "was not done at the end, and is left out",
         "were not done at the end, and are left out");
    note(view->uncertain,
         "is left out, as events of it were lost, or not recorded",
         "are left out, as events of them were lost, or not recorded");
}

/* Whether no lane before this one is a collecting one of its process. */
static bool is_first(const struct stacks *stacks, size_t lane)
{
    uint32_t pid = stacks_lane(stacks, lane)->pid;

    while (lane-- > 0) {
        const struct lane *other = stacks_lane(stacks, lane);
        const struct thread *thread = other->data;

        if (other->pid == pid && thread != NULL && thread->has_cycles)
            return false;
    }
    return true;
}

static int show(struct view_run *run)
{
    struct view_of_cycles view = {0};
    struct whole whole = {0};
    struct stacks *stacks;
    struct reader *reader = view_begin(run, 0);
    struct recording_span span;
    const struct event *event;
    bool is_paused = false;
    size_t i;

    if (reader == NULL)
        return UNREADABLE;
    stacks = stacks_new(0, NULL, NULL);
    while ((event = reader_next(reader)) != NULL) {
        struct lane *lane = stacks_event(stacks, event);

        if (event->kind == EVENT_PAUSE) {
            is_paused = event->paused == 0;
            on_pause(&view, stacks);
        }
        if (lane != NULL && event->kind == EVENT_MARKER && !is_paused)
            on_marker(&view, lane, event);
        else if (lane != NULL && event->kind == EVENT_LOST)
            on_lost(&view, lane);
    }
    sort(&view);
    if (view.generation_count != 0)
        qsort(view.generations, view.generation_count,
              sizeof(*view.generations), by_number);
    span = reader_span(reader);
    whole.wall = (uint64_t)(span.end - span.begin);
    for (i = 0; i < stacks_lanes(stacks); i++) {
        const struct thread *thread = stacks_lane(stacks, i)->data;

        if (thread == NULL)
            continue;
        view.open += thread->cycle.lane != NULL;
        whole.threads += thread->has_cycles;
        whole.processes += thread->has_cycles && is_first(stacks, i);
    }
    if (run->json) {
        print_json(&view, &run->out, &whole);
        out_key_number(&run->out, "lost", reader_count(reader)->lost);
        out_text(&run->out, "}\n");
    } else {
        print_text(&view, &run->out, &whole);
        out_flush(&run->out);
        print_notes(&view);
    }
    for (i = 0; i < stacks_lanes(stacks); i++) {
        struct thread *thread = stacks_lane(stacks, i)->data;

        if (thread != NULL)
            running_free(&thread->running);
        free(thread);
    }
    for (i = 0; i < view.generation_count; i++)
        histogram_free(&view.generations[i].durations);
    histogram_free(&view.durations);
    free(view.generations);
    free(view.cycles);
    stacks_free(stacks);
    return view_end(run, 0, reader);
}

/* ---- the command line ---- */

static bool set_option(int option, const char *argument)
{
    (void)option;
    return rows_limit("gc", argument, &options.limit);
}

int gc_main(int argc, char **argv)
{
    static const struct option own[] = {
        {"limit", required_argument, NULL, LIMIT}, {NULL, 0, NULL, 0}};
    static const char *const markers[] = {
        "gc__start", "gc__done", "function__entry", "function__return", NULL};
    static const struct view view = {
        .name = "gc",
        .what = "Show the collections of the garbage collector: how many, how "
                "long, and\nwhich function each came in; the longest first.",
        .options_help = "  --limit N      so many rows (default: 20; 0: all)\n",
        .options = own,
        .set_option = set_option,
        .markers = markers,
        .has_json = true,
        .show = show};

    options.limit = 20;
    return view_main(&view, argc, argv);
}
