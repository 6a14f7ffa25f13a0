/*
 * top_table.c - the figures of pytrace top: each second, all stacks are summed
 * up by function and thread, and what they were a second before is taken off.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "top.h"

#include "rows.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_NODES = 2000000 };

/* A function in a thread. */
struct cell {
    struct figures sum, before; /* of the tree: now, and a second ago */
    struct figures last, all;   /* as they would be without pauses */
    uint32_t depth; /* how often it is in the stack, while summing up */
};

/* A thread's, by the number of the function. */
struct cells {
    struct cell **cells;
    size_t size;
    uint64_t events_before, events;
};

static struct cells *cells_of(struct lane *lane)
{
    if (lane->data == NULL)
        lane->data = allocate(1, sizeof(struct cells));
    return lane->data;
}

static struct cell *cell_of(struct lane *lane, const struct function *function)
{
    struct cells *cells = cells_of(lane);

    while (cells->size <= function->index) {
        cells->cells = grown(cells->cells, cells->size, sizeof(struct cell *));
        cells->cells[cells->size++] = NULL;
    }
    if (cells->cells[function->index] == NULL)
        cells->cells[function->index] = allocate(1, sizeof(struct cell));
    return cells->cells[function->index];
}

void table_forget(struct top *top)
{
    size_t i, j;

    for (i = 0; i < stacks_lanes(top->stacks); i++) {
        struct cells *cells = stacks_lane(top->stacks, i)->data;

        if (cells == NULL)
            continue;
        for (j = 0; j < cells->size; j++)
            free(cells->cells[j]);
        free(cells->cells);
        free(cells);
    }
    free(top->rows);
    top->rows = NULL;
    top->count = 0;
}

/* ---- a second ---- */

static void add(struct figures *sum, const struct figures *figures)
{
    sum->calls += figures->calls;
    sum->own += figures->own;
    sum->total += figures->total;
}

/* Where a walk over a thread's stacks is. */
struct walk {
    struct lane *lane;
    const struct node *running; /* its innermost call, or NULL */
    uint64_t open;              /* ns that it runs since the last event */
    size_t nodes;
};

static void come(struct walk *walk, struct node *node)
{
    struct cell *cell = cell_of(walk->lane, node->function);

    walk->nodes++;
    node->total = node->own + (node == walk->running ? walk->open : 0);
    cell->depth++;
    cell->sum.calls += node->calls;
    cell->sum.own += node->total;
}

/* (In the time of a function that calls itself, the outer call's is all.) */
static void go(const struct walk *walk, const struct node *node)
{
    struct cell *cell = cell_of(walk->lane, node->function);

    if (--cell->depth == 0)
        cell->sum.total += node->total;
    node->parent->total += node->total;
}

/* (Without recursion: a stack can be a million calls deep.) */
static void sum_up(struct walk *walk)
{
    struct node *root = &walk->lane->root;
    struct node *node = root->child;

    root->total = 0;
    while (node != NULL) {
        come(walk, node);
        if (node->child != NULL) {
            node = node->child;
            continue;
        }
        while (node != root && node->next == NULL) {
            go(walk, node);
            node = node->parent;
        }
        if (node == root)
            return;
        go(walk, node);
        node = node->next;
    }
}

/*
 * What came in the last second; in the bursts, or about that in all of it. (A
 * call that began before the recording comes at once, with all its time.)
 */
static uint64_t grown_by(const struct top *top, uint64_t now, uint64_t before,
                         uint64_t most)
{
    double difference = now > before ? (double)(now - before) : 0;

    if (top->recorded != 0 && top->recorded < top->interval)
        difference *= (double)top->interval / (double)top->recorded;
    return difference < (double)most ? (uint64_t)(difference + 0.5) : most;
}

static void tick_lane(struct top *top, struct lane *lane, int64_t now,
                      size_t *nodes)
{
    struct cells *cells = cells_of(lane);
    struct walk walk = {.lane = lane};
    size_t i;

    /* (After a pause, what runs is not known before the first event.) */
    if (lane->depth != 0 && now > lane->last && !top->is_paused &&
        !lane->is_resumed) {
        walk.running = lane->stack[lane->depth - 1].node;
        walk.open = (uint64_t)(now - lane->last);
    }
    for (i = 0; i < cells->size; i++)
        if (cells->cells[i] != NULL) {
            cells->cells[i]->before = cells->cells[i]->sum;
            memset(&cells->cells[i]->sum, 0, sizeof(struct figures));
        }
    sum_up(&walk);
    for (i = 0; i < cells->size; i++) {
        struct cell *cell = cells->cells[i];

        if (cell == NULL)
            continue;
        cell->last.calls =
            grown_by(top, cell->sum.calls, cell->before.calls, UINT64_MAX);
        cell->last.own =
            grown_by(top, cell->sum.own, cell->before.own, top->interval);
        cell->last.total =
            grown_by(top, cell->sum.total, cell->before.total, top->interval);
        add(&cell->all, &cell->last);
    }
    cells->events = lane->events - cells->events_before;
    cells->events_before = lane->events;
    *nodes += walk.nodes;
}

bool table_tick(struct top *top, int64_t now)
{
    const struct recording_count *count = reader_count(top->reader);
    size_t nodes = 0, i;
    uint64_t paused;

    if (now < top->at)
        now = top->at;
    paused = count->paused;
    if (top->is_paused && now > top->paused_at)
        paused += (uint64_t)(now - top->paused_at);
    top->interval = (uint64_t)(now - top->at);
    top->recorded = paused - top->paused < top->interval
                        ? top->interval - (paused - top->paused)
                        : 0;
    top->paused = paused;
    top->at = now;
    top->events = count->events - top->events_before;
    top->events_before = count->events;
    top->lost = count->lost;
    top->threads = stacks_lanes(top->stacks);
    for (i = 0; i < top->threads; i++)
        tick_lane(top, stacks_lane(top->stacks, i), now, &nodes);
    return nodes <= MOST_NODES;
}

/* ---- rows ---- */

static bool is_chosen(const struct top *top, const struct lane *lane)
{
    return (top->pid == 0 || lane->pid == top->pid) &&
           (top->tid == 0 || lane->tid == top->tid);
}

static uint64_t key(const struct figures *figures, enum top_sort sort)
{
    switch (sort) {
    case BY_CALLS: return figures->calls;
    case BY_TOTAL: return figures->total;
    default: return figures->own;
    }
}

static int by_key(const void *left, const void *right, void *sort)
{
    const struct top_row *a = left;
    const struct top_row *b = right;
    uint64_t last_a = key(&a->last, *(enum top_sort *)sort);
    uint64_t last_b = key(&b->last, *(enum top_sort *)sort);

    if (last_a == last_b) {
        last_a = key(&a->all, *(enum top_sort *)sort);
        last_b = key(&b->all, *(enum top_sort *)sort);
    }
    if (last_a != last_b)
        return last_a < last_b ? 1 : -1;
    if (a->function == NULL || b->function == NULL)
        return a->function == NULL ? -1 : 1;
    return a->function->index < b->function->index ? -1 : 1;
}

static void add_lane(const struct lane *lane, struct top_row *rows)
{
    const struct cells *cells = lane->data;
    size_t i;

    for (i = 0; cells != NULL && i < cells->size; i++)
        if (cells->cells[i] != NULL) {
            add(&rows[i].all, &cells->cells[i]->all);
            add(&rows[i].last, &cells->cells[i]->last);
        }
}

static bool passes(const struct top *top, const struct top_row *row)
{
    return (row->all.calls != 0 || row->all.total != 0) &&
           (*top->filter == '\0' ||
            strstr(row->function->shown_name, top->filter) != NULL ||
            strstr(row->function->shown_file, top->filter) != NULL);
}

void table_choose(struct top *top)
{
    size_t functions = stacks_functions(top->stacks);
    struct top_row *rows = allocate(functions, sizeof(*rows));
    size_t i, kept = 0;

    for (i = 0; i < functions; i++)
        rows[i].function = stacks_function(top->stacks, i);
    for (i = 0; i < stacks_lanes(top->stacks); i++)
        if (is_chosen(top, stacks_lane(top->stacks, i)))
            add_lane(stacks_lane(top->stacks, i), rows);
    top->own = 0;
    for (i = 0; i < functions; i++) {
        top->own += rows[i].last.own;
        if (passes(top, &rows[i]))
            rows[kept++] = rows[i];
    }
    qsort_r(rows, kept, sizeof(*rows), by_key, &top->sort);
    free(top->rows);
    top->rows = rows;
    top->count = kept;
}

bool table_has_fired(const struct top *top, uint32_t pid)
{
    size_t i;

    if (top->recorded < top->interval / 100)
        return true;
    for (i = 0; i < stacks_lanes(top->stacks); i++) {
        const struct lane *lane = stacks_lane(top->stacks, i);
        const struct cells *cells = lane->data;

        if (lane->pid == pid && cells != NULL && cells->events != 0)
            return true;
    }
    return false;
}

/* ---- callers and callees ---- */

/* A call from what related is, or to it. */
static void add_call(struct top_row *rows, size_t functions,
                     const struct node *related, const struct node *node,
                     bool is_within_itself)
{
    struct top_row *row =
        &rows[related->function != NULL ? related->function->index : functions];

    row->function = related->function;
    row->all.calls += node->calls;
    row->all.own += node->own;
    if (!is_within_itself)
        row->all.total += node->total;
}

struct top_row *table_relatives(const struct top *top,
                                const struct function *function,
                                bool is_callees, size_t *count)
{
    size_t functions = stacks_functions(top->stacks);
    struct top_row *rows = allocate(functions + 1, sizeof(*rows));
    enum top_sort sort = BY_TOTAL;
    /* By function: how often it is in the stack (which can be deep). */
    size_t *depths = allocate(functions, sizeof(*depths));
    size_t i;

    for (i = 0; i < stacks_lanes(top->stacks); i++) {
        const struct lane *lane = stacks_lane(top->stacks, i);
        const struct node *node = lane->root.child;

        while (is_chosen(top, lane) && node != NULL) {
            bool is_within_itself = depths[node->function->index]++ != 0;

            if (!is_callees && node->function == function)
                add_call(rows, functions, node->parent, node, is_within_itself);
            else if (is_callees && node->parent->function == function)
                add_call(rows, functions, node, node, is_within_itself);
            if (node->child != NULL) {
                node = node->child;
                continue;
            }
            while (node != &lane->root && node->next == NULL) {
                depths[node->function->index]--;
                node = node->parent;
            }
            if (node == &lane->root)
                break;
            depths[node->function->index]--;
            node = node->next;
        }
    }
    free(depths);
    *count = 0;
    for (i = 0; i <= functions; i++)
        if (rows[i].all.calls != 0)
            rows[(*count)++] = rows[i];
    qsort_r(rows, *count, sizeof(*rows), by_key, &sort);
    return rows;
}

/* ---- in words ---- */

char *table_place(const struct function *function)
{
    if (function == NULL)
        return formatted("(the thread's beginning)");
    if (function->line == INT64_MAX)
        return formatted("%s (%s)", function->shown_name, function->shown_file);
    return formatted("%s (%s:%lld)", function->shown_name, function->shown_file,
                     (long long)function->line);
}

uint64_t table_rate(const struct top *top, uint64_t number)
{
    return top->interval != 0
               ? (uint64_t)((double)number * 1e9 / (double)top->interval + 0.5)
               : 0;
}

char *table_summary(const struct top *top)
{
    uint64_t rate =
        top->recorded != 0
            ? (uint64_t)((double)top->events * 1e9 / (double)top->recorded +
                         0.5)
            : 0;
    char *events = count_text(rate);
    char *lost = count_text(top->lost);
    char *share =
        top->recorded < top->interval
            ? formatted("%.0f %% of the time recorded, in bursts",
                        100 * (double)top->recorded / (double)top->interval)
            : formatted("recorded without pause");
    char *text = formatted("%s event%s/s, %s lost, %zu thread%s, %s", events,
                           strcmp(events, "1") == 0 ? "" : "s", lost,
                           top->threads, top->threads == 1 ? "" : "s", share);

    free(events);
    free(lost);
    free(share);
    return text;
}
