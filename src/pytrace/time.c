/*
 * time.c - pytrace time: how often each function was called, and how long it
 * took. The manual page is docs/pytrace.1.in.
 *
 * SPDX-License-Identifier: MIT
 */
#include "commands.h"
#include "histogram.h"
#include "rows.h"
#include "stacks.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

enum { SORT = 'A', BY_PROCESS, LIMIT };

static struct {
    enum { BY_OWN, BY_TOTAL, BY_CALLS } sort;
    bool by_process;
    unsigned long limit; /* rows; 0: all */
} options;

/* A row: a function, of one process or of all. */
struct row {
    const struct function *function;
    const struct recorded_process *process; /* NULL: of all */
    uint64_t calls, own, total;
    struct histogram durations;
};

struct table {
    struct row **rows; /* as they were found */
    size_t count;
    uint64_t own; /* of all functions */
    uint64_t late, uncertain;
};

/* ---- counting ---- */

/* Its rows are in a list: one, unless each process has its own. */
struct cell {
    struct row row;
    struct cell *next;
};

static struct row *row_of(struct table *table, struct function *function,
                          const struct recorded_process *process)
{
    struct cell *cell;

    if (!options.by_process)
        process = NULL;
    for (cell = function->data; cell != NULL; cell = cell->next)
        if (cell->row.process == process)
            return &cell->row;
    cell = allocate(1, sizeof(*cell));
    cell->row.function = function;
    cell->row.process = process;
    cell->next = function->data;
    function->data = cell;
    table->rows = grown(table->rows, table->count, sizeof(struct row *));
    table->rows[table->count++] = &cell->row;
    return &cell->row;
}

/* In the time of a function that calls itself, the outer call's is all. */
static void on_return(struct stacks *stacks, struct lane *lane,
                      const struct activation *call, uint64_t duration,
                      bool is_whole, const struct event *event, void *data)
{
    struct row *row = row_of(data, call->node->function, lane->process);

    (void)stacks;
    (void)event;
    if (is_whole)
        histogram_add(&row->durations, duration);
}

/*
 * Own times and calls are those of the tree; so are times with callees, where
 * the function is not called within itself.
 */
static void add_tree(struct table *table, const struct lane *lane)
{
    const struct node *node = lane->root.child;

    while (node != NULL) {
        struct row *row = row_of(table, node->function, lane->process);
        const struct node *outer = node->parent;

        row->calls += node->calls;
        row->own += node->own;
        table->own += node->own;
        while (outer != &lane->root && outer->function != node->function)
            outer = outer->parent;
        if (outer == &lane->root)
            row->total += node->total;
        if (node->child != NULL) {
            node = node->child;
            continue;
        }
        while (node != &lane->root && node->next == NULL)
            node = node->parent;
        node = node == &lane->root ? NULL : node->next;
    }
}

/* ---- showing ---- */

static uint64_t key(const struct row *row)
{
    switch (options.sort) {
    case BY_TOTAL: return row->total;
    case BY_CALLS: return row->calls;
    default: return row->own;
    }
}

static int by_key(const void *left, const void *right)
{
    const struct row *a = *(struct row *const *)left;
    const struct row *b = *(struct row *const *)right;

    if (key(a) != key(b))
        return key(a) < key(b) ? 1 : -1;
    return a->function->index < b->function->index ? -1 : 1;
}

static char *place_text(const struct function *function)
{
    if (function->line == INT64_MAX)
        return formatted("%s (%s)", function->shown_name, function->shown_file);
    return formatted("%s (%s:%lld)", function->shown_name, function->shown_file,
                     (long long)function->line);
}

static void print_text(const struct table *table, struct out *out, size_t shown)
{
    static const char *const all[] = {"calls",        "own",       "own %",
                                      "with callees", "median",    "99 %",
                                      "longest",      "<function", NULL};
    static const char *const each[] = {
        "pid",    "calls", "own",     "own %",     "with callees",
        "median", "99 %",  "longest", "<function", NULL};
    struct rows *rows = rows_new(options.by_process ? each : all);
    size_t i;

    for (i = 0; i < shown; i++) {
        const struct row *row = table->rows[i];
        bool has_times = row->durations.count != 0;

        if (options.by_process)
            rows_cell(rows, row->process == NULL
                                ? formatted("?")
                                : formatted("%u", row->process->pid));
        rows_cell(rows, count_text(row->calls));
        rows_cell(rows, time_text(row->own));
        rows_cell(rows, share_text((double)row->own, (double)table->own));
        rows_cell(rows, time_text(row->total));
        rows_cell(rows,
                  has_times
                      ? time_text(histogram_quantile(&row->durations, 0.5))
                      : formatted("-"));
        rows_cell(rows,
                  has_times
                      ? time_text(histogram_quantile(&row->durations, 0.99))
                      : formatted("-"));
        rows_cell(rows,
                  has_times ? time_text(row->durations.most) : formatted("-"));
        rows_cell(rows, place_text(row->function));
    }
    rows_print(rows, out);
    rows_free(rows);
    rows_more(out, table->count - shown);
}

static void print_json(const struct table *table, struct out *out, size_t shown)
{
    size_t i;

    out_text(out, "{\"functions\":[");
    for (i = 0; i < shown; i++) {
        const struct row *row = table->rows[i];

        out_text(out, i != 0 ? ",\n" : "\n");
        out_text(out, "{\"calls\":");
        out_number(out, row->calls);
        out_key_number(out, "own_ns", row->own);
        out_key_number(out, "total_ns", row->total);
        if (row->durations.count != 0) {
            out_key_number(out, "median_ns",
                           histogram_quantile(&row->durations, 0.5));
            out_key_number(out, "p99_ns",
                           histogram_quantile(&row->durations, 0.99));
            out_key_number(out, "longest_ns", row->durations.most);
        }
        if (row->process != NULL)
            out_key_number(out, "pid", row->process->pid);
        out_key_json(out, "function", row->function->name,
                     row->function->name_size);
        out_key_json(out, "file", row->function->file,
                     row->function->file_size);
        if (row->function->line != INT64_MAX) {
            out_text(out, ",\"line\":");
            out_signed(out, row->function->line);
        }
        out_char(out, '}');
    }
    out_text(out, "\n]");
}

static void free_table(const struct table *table)
{
    size_t i;

    for (i = 0; i < table->count; i++) {
        histogram_free(&table->rows[i]->durations);
        free(table->rows[i]); /* its cell begins with it */
    }
    free(table->rows);
}

static int show(struct view_run *run)
{
    const struct stacks_calls calls = {NULL, on_return};
    struct table table = {0};
    double cost = view_cost(run, 0);
    struct stacks *stacks = stacks_new(cost, &calls, &table);
    struct reader *reader = view_begin(run, 0);
    const struct event *event;
    size_t i, shown;

    if (reader == NULL)
        return UNREADABLE;
    while ((event = reader_next(reader)) != NULL)
        stacks_event(stacks, event);
    stacks_end(stacks, reader_span(reader).end);
    for (i = 0; i < stacks_lanes(stacks); i++) {
        const struct lane *lane = stacks_lane(stacks, i);

        add_tree(&table, lane);
        table.late += lane->late;
        table.uncertain += lane->uncertain;
    }
    if (table.count != 0)
        qsort(table.rows, table.count, sizeof(struct row *), by_key);
    shown = options.limit != 0 && options.limit < table.count ? options.limit
                                                              : table.count;
    if (run->json) {
        print_json(&table, &run->out, shown);
        out_key_number(&run->out, "lost", reader_count(reader)->lost);
        out_text(&run->out, "}\n");
    } else {
        print_text(&table, &run->out, shown);
        out_flush(&run->out);
        if (table.count == 0)
            view_tell_idle(run);
        stacks_note("time", table.late, table.uncertain, cost);
    }
    free_table(&table);
    stacks_free(stacks);
    return view_end(run, 0, reader);
}

/* ---- the command line ---- */

static bool set_option(int option, const char *argument)
{
    switch (option) {
    case SORT:
        if (strcmp(argument, "own") == 0)
            options.sort = BY_OWN;
        else if (strcmp(argument, "callees") == 0)
            options.sort = BY_TOTAL;
        else if (strcmp(argument, "calls") == 0)
            options.sort = BY_CALLS;
        else
            return wrong_usage(
                "time", "--sort is own, callees or calls, and not ", argument);
        return true;
    case BY_PROCESS: options.by_process = true; return true;
    default: return rows_limit("time", argument, &options.limit);
    }
}

int time_main(int argc, char **argv)
{
    static const struct option own[] = {
        {"sort", required_argument, NULL, SORT},
        {"by-process", no_argument, NULL, BY_PROCESS},
        {"limit", required_argument, NULL, LIMIT},
        {NULL, 0, NULL, 0}};
    static const char *const markers[] = {"function__entry", "function__return",
                                          NULL};
    static const struct view view = {
        .name = "time",
        .what = "Show how often each function was called, and how long it "
                "took: itself,\nand with its callees; the most expensive "
                "first.",
        .options_help =
            "  --sort KEY     own (time, the default), callees (time with "
            "them), calls\n"
            "  --by-process   a row for each process\n"
            "  --limit N      so many rows (default: 40; 0: all)\n",
        .options = own,
        .set_option = set_option,
        .markers = markers,
        .has_json = true,
        .show = show};

    options.limit = 40;
    return view_main(&view, argc, argv);
}
