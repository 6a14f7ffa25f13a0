/*
 * calls.c - pytrace calls: who calls whom, as a tree with times, or call by
 * call in the order of time. The manual page is docs/pytrace.1.in.
 *
 * SPDX-License-Identifier: MIT
 */
#include "commands.h"
#include "rows.h"
#include "stacks.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

enum { BELOW = 'A', LEAST, IN_ORDER };
enum { MOST_INDENTED = 40 }; /* deeper ones say how deep they are */

static struct {
    const char *below; /* a function's name, or NULL */
    double least;      /* percent of the time that a shown branch has */
    bool in_order;
} options;

/* ---- the forms of a line ---- */

static const char *const red = "\033[31m", *const yellow = "\033[33m",
                         *const plain = "\033[m";

static bool is_wanted(const struct function *function)
{
    return options.below == NULL || strcmp(function->name, options.below) == 0;
}

static void put_place(struct out *out, const struct function *function,
                      size_t depth)
{
    size_t i;

    for (i = 0; i < depth && i < MOST_INDENTED; i++)
        out_blanks(out, 2);
    if (depth > MOST_INDENTED) {
        out_char(out, '[');
        out_number(out, depth);
        out_text(out, "] ");
    }
    out_text(out, function->shown_name);
    out_text(out, " (");
    out_text(out, function->shown_file);
    if (function->line != INT64_MAX) {
        out_char(out, ':');
        out_signed(out, function->line);
    }
    out_char(out, ')');
}

/* To the right, in so many columns. */
static void put_right(struct out *out, char *text, size_t width)
{
    size_t length = strlen(text);

    out_blanks(out, width > length ? width - length : 0);
    out_text(out, text);
    free(text);
}

/* ---- the tree ---- */

struct tree {
    struct view_run *run;
    uint64_t whole;  /* ns of all that is shown */
    uint64_t hidden; /* branches */
    bool is_found;   /* the function that was asked for */
};

static int by_total(const void *left, const void *right)
{
    const struct node *a = *(struct node *const *)left;
    const struct node *b = *(struct node *const *)right;

    if (a->total != b->total)
        return a->total < b->total ? 1 : -1;
    return a->function->index < b->function->index ? -1 : 1;
}

/* A node's callees, the most expensive first. */
static void sort_callees(struct node *node)
{
    struct node **callees = NULL, *callee, **next = &node->child;
    size_t count = 0, i;

    for (callee = node->child; callee != NULL; callee = callee->next) {
        callees = grown(callees, count, sizeof(callee));
        callees[count++] = callee;
    }
    if (count != 0)
        qsort(callees, count, sizeof(callee), by_total);
    for (i = 0; i < count; i++) {
        *next = callees[i];
        next = &callees[i]->next;
    }
    *next = NULL;
    free(callees);
}

static void put_row(struct tree *tree, const struct node *node, size_t depth)
{
    struct out *out = &tree->run->out;
    double share =
        tree->whole != 0 ? 100 * (double)node->total / (double)tree->whole : 0;
    const char *colour = share >= 20 ? red : share >= 5 ? yellow : NULL;

    if (!tree->run->has_colours)
        colour = NULL;
    if (colour != NULL)
        out_text(out, colour);
    put_right(out, share_text((double)node->total, (double)tree->whole), 7);
    put_right(out, time_text(node->total), 10);
    put_right(out, time_text(node->own), 10);
    put_right(out, count_text(node->calls), 13);
    out_blanks(out, 2);
    put_place(out, node->function, depth);
    if (colour != NULL)
        out_text(out, plain);
    out_char(out, '\n');
}

static bool is_shown(const struct tree *tree, uint64_t time)
{
    return tree->whole == 0 ||
           100 * (double)time >= options.least * (double)tree->whole;
}

/* (Without recursion: a tree can be a million calls deep.) */
static void put_branch(struct tree *tree, struct node *top)
{
    struct node *node = top;
    size_t depth = 0;

    for (;;) {
        bool shown = is_shown(tree, node->total);

        if (shown)
            put_row(tree, node, depth);
        else
            tree->hidden++;
        if (shown && node->child != NULL) {
            sort_callees(node);
            node = node->child;
            depth++;
            continue;
        }
        while (node != top && node->next == NULL) {
            node = node->parent;
            depth--;
        }
        if (node == top)
            return;
        node = node->next;
    }
}

/* The next node in the order of the tree; below: also its callees. */
static struct node *next_node(const struct node *root, struct node *node,
                              bool below)
{
    if (below && node->child != NULL)
        return node->child;
    while (node != root && node->next == NULL)
        node = node->parent;
    return node == root ? NULL : node->next;
}

/* The outermost calls that are wanted. */
static struct node *first_wanted(struct node *root)
{
    struct node *node = root->child;

    while (node != NULL && !is_wanted(node->function))
        node = next_node(root, node, true);
    return node;
}

static struct node *next_wanted(struct node *root, struct node *node)
{
    node = next_node(root, node, false);
    while (node != NULL && !is_wanted(node->function))
        node = next_node(root, node, true);
    return node;
}

static uint64_t time_of_lane(struct lane *lane)
{
    struct node *node;
    uint64_t time = 0;

    for (node = first_wanted(&lane->root); node != NULL;
         node = next_wanted(&lane->root, node))
        time += node->total;
    return time;
}

/* Of a call from the root, those that are wanted. */
static struct node *first_within(struct node *top)
{
    return is_wanted(top->function) ? top : first_wanted(top);
}

static struct node *next_within(struct node *top, struct node *node)
{
    return node == top ? NULL : next_wanted(top, node);
}

static uint64_t time_within(struct node *top)
{
    struct node *node;
    uint64_t time = 0;

    for (node = first_within(top); node != NULL; node = next_within(top, node))
        time += node->total;
    return time;
}

static void put_heading(struct out *out, const struct lane *lane,
                        const struct function *coroutine)
{
    char *name = printable(lane->name != NULL ? lane->name : "", MAX_NAME);
    char *line =
        formatted("\nprocess %u, thread %u%s%s",
                  lane->process != NULL ? lane->process->pid : lane->pid,
                  lane->tid, *name != '\0' ? ", " : "", name);

    out_text(out, line);
    if (coroutine != NULL) {
        out_text(out, ", coroutine ");
        put_place(out, coroutine, 0);
    }
    out_char(out, '\n');
    free(line);
    free(name);
}

/* First what is no coroutine's. */
static void put_lane(struct tree *tree, struct lane *lane, bool is_named)
{
    struct node *top, *node;
    uint64_t coroutines = 0;
    bool has_heading = false;

    if (first_wanted(&lane->root) == NULL)
        return;
    if (!tree->is_found)
        out_text(&tree->run->out,
                 "  share      time       own        calls  function\n");
    tree->is_found = true;
    sort_callees(&lane->root);
    for (top = lane->root.child; top != NULL; top = top->next)
        if (top->is_coroutine)
            coroutines += time_within(top);
    is_named &= is_shown(tree, lane->root.number - coroutines);
    for (top = lane->root.child; top != NULL; top = top->next)
        for (node = top->is_coroutine ? NULL : first_within(top); node != NULL;
             node = next_within(top, node)) {
            if (is_named && !has_heading)
                put_heading(&tree->run->out, lane, NULL);
            has_heading = true;
            put_branch(tree, node);
        }
    for (top = lane->root.child; top != NULL; top = top->next) {
        if (!top->is_coroutine || first_within(top) == NULL)
            continue;
        if (is_shown(tree, time_within(top)))
            put_heading(&tree->run->out, lane, top->function);
        for (node = first_within(top); node != NULL;
             node = next_within(top, node))
            put_branch(tree, node);
    }
}

/* The time of a thread is its root's number. */
static int by_time(const void *left, const void *right)
{
    const struct lane *a = *(struct lane *const *)left;
    const struct lane *b = *(struct lane *const *)right;

    if (a->root.number != b->root.number)
        return a->root.number < b->root.number ? 1 : -1;
    return a->tid < b->tid ? -1 : a->tid > b->tid;
}

static void begin_object(struct out *out, const struct lane *lane,
                         bool is_first)
{
    out_text(out, is_first ? "\n{\"pid\":" : ",\n{\"pid\":");
    out_number(out, lane->process != NULL ? lane->process->pid : lane->pid);
    out_text(out, ",\"tid\":");
    out_number(out, lane->tid);
}

/* What a node's number is while the tree is written as JSON. */
enum { IS_INSIDE = 1, IN_COROUTINE = 2, ONE_DEEPER = 4 };

/* Each node is an object; its depth says where it is in the tree. */
static void put_json(struct tree *tree, struct lane *lane, bool *is_first)
{
    struct out *out = &tree->run->out;
    struct node *node;

    for (node = lane->root.child; node != NULL;
         node = next_node(&lane->root, node, true)) {
        bool in_coroutine;

        node->number =
            node->parent == &lane->root ? 0 : node->parent->number + ONE_DEEPER;
        if (is_wanted(node->function))
            node->number |= IS_INSIDE;
        if (node->is_coroutine)
            node->number |= IN_COROUTINE;
        if (!(node->number & IS_INSIDE))
            continue;
        in_coroutine = (node->number & IN_COROUTINE) != 0;
        tree->is_found = true;
        begin_object(out, lane, *is_first);
        *is_first = false;
        out_text(out, ",\"depth\":");
        out_number(out, node->number / ONE_DEEPER);
        out_text(out, ",\"calls\":");
        out_number(out, node->calls);
        out_text(out, ",\"own_ns\":");
        out_number(out, node->own);
        out_text(out, ",\"total_ns\":");
        out_number(out, node->total);
        out_text(out, ",\"function\":");
        out_json(out, node->function->name, node->function->name_size);
        out_text(out, ",\"file\":");
        out_json(out, node->function->file, node->function->file_size);
        out_text(out, in_coroutine ? ",\"coroutine\":true}" : "}");
    }
}

static void put_tree(struct tree *tree, struct stacks *stacks)
{
    size_t count = stacks_lanes(stacks), i;
    struct lane **lanes = allocate(count, sizeof(*lanes));
    bool is_first = true;

    for (i = 0; i < count; i++) {
        lanes[i] = stacks_lane(stacks, i);
        lanes[i]->root.number = time_of_lane(lanes[i]);
        tree->whole += lanes[i]->root.number;
    }
    if (count != 0)
        qsort(lanes, count, sizeof(*lanes), by_time);
    if (tree->run->json) {
        out_text(&tree->run->out, "{\"calls\":[");
        for (i = 0; i < count; i++)
            put_json(tree, lanes[i], &is_first);
        free(lanes);
        return;
    }
    for (i = 0; i < count; i++)
        put_lane(tree, lanes[i], count > 1);
    free(lanes);
}

/* ---- in the order of time ---- */

/* A call whose line is not written yet: it may end before it calls another. */
struct open_call {
    int64_t time;
    bool is_open;
};

struct order {
    struct view_run *run;
    struct lane *last; /* whose call is open */
    struct open_call call;
    bool is_found;
};

static bool is_below(const struct lane *lane, size_t *depth)
{
    size_t i;

    for (i = 0; i < lane->depth; i++)
        if (is_wanted(lane->stack[i].node->function)) {
            *depth = lane->depth - 1 - i;
            return true;
        }
    return false;
}

static void begin_line(struct order *order, const struct lane *lane,
                       int64_t time)
{
    struct out *out = &order->run->out;

    out_seconds(out, time, 14);
    put_right(out, formatted("%u", lane->tid), 9);
    out_blanks(out, 2);
}

static void end_open_line(struct order *order)
{
    if (order->call.is_open)
        out_char(&order->run->out, '\n');
    order->call.is_open = false;
}

static void begin_order(struct order *order)
{
    if (!order->is_found && !order->run->json)
        out_text(&order->run->out, "          time   thread  function\n");
    order->is_found = true;
}

static void on_entry(struct stacks *stacks, struct lane *lane,
                     const struct event *event, void *data)
{
    struct order *order = data;
    size_t depth;

    (void)stacks;
    if (order->run->json || !is_below(lane, &depth))
        return;
    begin_order(order);
    end_open_line(order);
    begin_line(order, lane, event->since);
    put_place(&order->run->out, lane->stack[lane->depth - 1].node->function,
              depth);
    order->call = (struct open_call){event->since, true};
    order->last = lane;
}

/* In JSON, a call is an object, and comes when it has ended. */
static void put_ended(struct order *order, const struct lane *lane,
                      const struct activation *call, size_t depth,
                      uint64_t duration, bool is_whole, int64_t end)
{
    const struct function *function = call->node->function;
    struct out *out = &order->run->out;

    begin_object(out, lane, !order->is_found);
    order->is_found = true;
    out_text(out, ",\"depth\":");
    out_number(out, depth);
    out_text(out, ",\"end_ns\":");
    out_signed(out, end);
    out_text(out, is_whole ? ",\"total_ns\":" : ",\"least_ns\":");
    out_number(out, duration);
    out_text(out, ",\"function\":");
    out_json(out, function->name, function->name_size);
    out_text(out, ",\"file\":");
    out_json(out, function->file, function->file_size);
    out_char(out, '}');
}

static void on_return(struct stacks *stacks, struct lane *lane,
                      const struct activation *call, uint64_t duration,
                      bool is_whole, const struct event *event, void *data)
{
    struct order *order = data;
    struct out *out = &order->run->out;
    size_t depth;

    (void)stacks;
    if (!is_below(lane, &depth))
        return;
    if (order->run->json) {
        put_ended(order, lane, call, depth, duration, is_whole, event->since);
        return;
    }
    begin_order(order);
    if (order->call.is_open && order->last == lane) {
        out_text(out, "  "); /* it has called nothing: one line for both */
    } else {
        end_open_line(order);
        begin_line(order, lane, event->since);
        put_place(out, call->node->function, depth);
        out_text(out, is_whole ? " ended, " : " ended, after more than ");
    }
    put_right(out, time_text(duration), 0);
    out_char(out, '\n');
    order->call.is_open = false;
}

/* ---- the view ---- */

static void print_notes(const struct view_run *run, struct stacks *stacks,
                        const struct tree *tree, double cost)
{
    unsigned long long late = 0, uncertain = 0;
    size_t i;

    for (i = 0; i < stacks_lanes(stacks); i++) {
        late += stacks_lane(stacks, i)->late;
        uncertain += stacks_lane(stacks, i)->uncertain;
    }
    if (tree->hidden != 0)
        fprintf(stderr,
                PROGRAM " calls: %llu branch%s with less than %g %% of the "
                        "time %s not shown; --least 0 shows all\n",
                (unsigned long long)tree->hidden, tree->hidden == 1 ? "" : "es",
                options.least, tree->hidden == 1 ? "is" : "are");
    if (stacks_functions(stacks) == 0)
        view_tell_idle(run);
    stacks_note("calls", late, uncertain, cost);
}

static int show(struct view_run *run)
{
    const struct stacks_calls calls = {on_entry, on_return};
    struct order order = {.run = run};
    struct tree tree = {.run = run};
    double cost = view_cost(run, 0);
    struct stacks *stacks =
        stacks_new(cost, options.in_order ? &calls : NULL, &order);
    struct reader *reader = view_begin(run, 0);
    const struct event *event;

    if (reader == NULL)
        return UNREADABLE;
    stacks_part_coroutines(stacks);
    if (options.in_order && run->json)
        out_text(&run->out, "{\"calls\":[");
    while (run->out.error == 0 && (event = reader_next(reader)) != NULL)
        stacks_event(stacks, event);
    stacks_end(stacks, reader_span(reader).end);
    end_open_line(&order);
    if (!options.in_order)
        put_tree(&tree, stacks);
    if (run->json) {
        out_text(&run->out, "\n],\"lost\":");
        out_number(&run->out, reader_count(reader)->lost);
        out_text(&run->out, "}\n");
    }
    out_flush(&run->out);
    print_notes(run, stacks, &tree, cost);
    stacks_free(stacks);
    if (options.below != NULL && !tree.is_found && !order.is_found) {
        fputs(PROGRAM " calls: no function was called ", stderr);
        print_printable(stderr, options.below);
        fputs("; " PROGRAM " time shows the names\n", stderr);
        view_end(run, 0, reader);
        return UNREADABLE;
    }
    return view_end(run, 0, reader);
}

static bool set_option(int option, const char *argument)
{
    char *end;

    switch (option) {
    case BELOW: options.below = argument; return true;
    case IN_ORDER: options.in_order = true; return true;
    default:
        options.least = strtod(argument, &end);
        return (end != argument && *end == '\0' && options.least >= 0 &&
                options.least <= 100) ||
               wrong_usage("calls", "not a share in percent: ", argument);
    }
}

int calls_main(int argc, char **argv)
{
    static const struct option own[] = {
        {"below", required_argument, NULL, BELOW},
        {"least", required_argument, NULL, LEAST},
        {"in-order", no_argument, NULL, IN_ORDER},
        {NULL, 0, NULL, 0}};
    static const char *const markers[] = {"function__entry", "function__return",
                                          NULL};
    static const struct view view = {
        .name = "calls",
        .what = "Show who calls whom, each thread as a tree, and its "
                "coroutines, the most\nexpensive branch first.",
        .options_help =
            "  --below NAME   only the calls of this function, and what is "
            "below\n"
            "  --least SHARE  hide branches with less of the time, in percent\n"
            "                 (default: 0.5)\n"
            "  --in-order     call by call, in the order of time\n",
        .options = own,
        .set_option = set_option,
        .markers = markers,
        .has_json = true,
        .is_paged = true,
        .show = show};

    options.least = 0.5;
    return view_main(&view, argc, argv);
}
