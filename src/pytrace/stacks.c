/* stacks.c - the calls of a recording. SPDX-License-Identifier: MIT */
#include "stacks.h"

#include "histogram.h"
#include "rows.h"

#include <stdlib.h>
#include <string.h>

enum { MOST_COST = 300, LEAST_PAIRS = 200, MOST_READ = 1000000 };

/* What a marker is to us: a view's own mark, set when it is first seen. */
enum { UNSEEN, OTHER, ENTRY, RETURN };

/* Open addressing; a power of 2, at most half full. */
struct hash {
    void **slots;
    size_t size, count;
};

struct stacks {
    double cost;
    const struct stacks_calls *calls;
    void *data;
    struct function **functions;
    size_t function_count;
    struct lane **lanes;
    size_t lane_count;
    struct hash by_name; /* functions */
    struct hash by_call; /* nodes, by their parent and function */
    struct lane *last;   /* the latest event's */
    bool is_paused;
    bool parts_coroutines;
};

/* ---- finding ---- */

static uint64_t mixed(uint64_t a, uint64_t b)
{
    uint64_t hash = (a ^ (b << 32 | b >> 32)) * UINT64_C(0x9e3779b97f4a7c15);

    return hash ^ hash >> 29;
}

static uint64_t hash_text(const char *text, size_t size, uint64_t hash)
{
    uint64_t word;

    for (; size >= sizeof(word); text += sizeof(word), size -= sizeof(word)) {
        memcpy(&word, text, sizeof(word));
        hash = mixed(hash, word);
    }
    word = 0;
    memcpy(&word, text, size);
    return mixed(hash, word ^ (uint64_t)size << 56);
}

static uint64_t hash_of_function(const void *item)
{
    const struct function *function = item;

    return hash_text(function->name, function->name_size,
                     hash_text(function->file, function->file_size, 1));
}

static uint64_t hash_of_node(const void *item)
{
    const struct node *node = item;

    return mixed((uintptr_t)node->parent, (uintptr_t)node->function);
}

static void hash_put(struct hash *hash, void *item,
                     uint64_t (*hash_of)(const void *))
{
    size_t i, at;

    if (hash->count * 2 >= hash->size) {
        struct hash larger = {.size = hash->size != 0 ? hash->size * 2 : 256};

        larger.slots = allocate(larger.size, sizeof(*larger.slots));
        for (i = 0; i < hash->size; i++)
            if (hash->slots[i] != NULL)
                hash_put(&larger, hash->slots[i], hash_of);
        free(hash->slots);
        *hash = larger;
    }
    at = (size_t)hash_of(item) & (hash->size - 1);
    while (hash->slots[at] != NULL)
        at = (at + 1) & (hash->size - 1);
    hash->slots[at] = item;
    hash->count++;
}

static const struct string no_string = {0, 1, 1, true, (char[]){"?"}};

static char *copied(const char *text, size_t size)
{
    char *copy = allocate(size + 1, 1);

    memcpy(copy, text, size);
    return copy;
}

static struct function *function_of(struct stacks *stacks,
                                    const struct event *event)
{
    struct hash *hash = &stacks->by_name;
    const struct string *file = event->values[0].string;
    const struct string *name = event->values[1].string;
    struct function *function, wanted;
    size_t at;

    if (file == NULL)
        file = &no_string;
    if (name == NULL)
        name = &no_string;
    wanted.file = file->text;
    wanted.file_size = file->kept;
    wanted.name = name->text;
    wanted.name_size = name->kept;
    if (hash->size != 0)
        for (at = (size_t)hash_of_function(&wanted) & (hash->size - 1);
             (function = hash->slots[at]) != NULL;
             at = (at + 1) & (hash->size - 1))
            if (function->name_size == name->kept &&
                function->file_size == file->kept &&
                memcmp(function->name, name->text, name->kept) == 0 &&
                memcmp(function->file, file->text, file->kept) == 0)
                return function;
    function = allocate(1, sizeof(*function));
    function->file = copied(file->text, file->kept);
    function->file_size = file->kept;
    function->name = copied(name->text, name->kept);
    function->name_size = name->kept;
    function->shown_file = printable(function->file, MAX_NAME);
    function->shown_name = printable(function->name, MAX_NAME);
    function->line = INT64_MAX;
    function->index = stacks->function_count;
    stacks->functions =
        grown(stacks->functions, stacks->function_count, sizeof(function));
    stacks->functions[stacks->function_count++] = function;
    hash_put(hash, function, hash_of_function);
    return function;
}

/* NULL: the one does not call the other. */
static struct node *known_callee(const struct stacks *stacks,
                                 struct node *parent, struct function *function)
{
    const struct node wanted = {.parent = parent, .function = function};
    const struct hash *hash = &stacks->by_call;
    struct node *node;
    size_t at;

    if (hash->size != 0)
        for (at = (size_t)hash_of_node(&wanted) & (hash->size - 1);
             (node = hash->slots[at]) != NULL; at = (at + 1) & (hash->size - 1))
            if (node->parent == parent && node->function == function)
                return node;
    return NULL;
}

static struct node *callee(struct stacks *stacks, struct node *parent,
                           struct function *function)
{
    struct node *node = known_callee(stacks, parent, function);

    if (node != NULL)
        return node;
    node = allocate(1, sizeof(*node));
    node->parent = parent;
    node->function = function;
    node->next = parent->child;
    parent->child = node;
    hash_put(&stacks->by_call, node, hash_of_node);
    return node;
}

static struct lane *lane_of(struct stacks *stacks, const struct event *event)
{
    struct lane *lane = stacks->last;
    size_t i;

    if (lane != NULL && lane->tid == event->tid && lane->pid == event->pid)
        return lane;
    for (i = stacks->lane_count; i-- > 0;) {
        lane = stacks->lanes[i];
        if (lane->tid == event->tid && lane->pid == event->pid)
            return stacks->last = lane;
    }
    lane = allocate(1, sizeof(*lane));
    lane->process = event->process;
    lane->pid = event->pid;
    lane->tid = event->tid;
    lane->first = lane->last = event->since;
    stacks->lanes = grown(stacks->lanes, stacks->lane_count, sizeof(lane));
    stacks->lanes[stacks->lane_count++] = lane;
    return stacks->last = lane;
}

/* ---- the stack ---- */

uint32_t lane_depth(const struct lane *lane, const struct function *function)
{
    return function->index < lane->active_size ? lane->active[function->index]
                                               : 0;
}

static void push(struct lane *lane, const struct activation *activation)
{
    size_t index = activation->node->function->index;

    if (index >= lane->active_size) {
        size_t size = lane->active_size != 0 ? lane->active_size : 64;
        uint32_t *active;

        while (size <= index)
            size *= 2;
        active = allocate(size, sizeof(*active));
        if (lane->active_size != 0)
            memcpy(active, lane->active, lane->active_size * sizeof(*active));
        free(lane->active);
        lane->active = active;
        lane->active_size = size;
    }
    lane->active[index]++;
    lane->stack = grown(lane->stack, lane->depth, sizeof(*lane->stack));
    lane->stack[lane->depth++] = *activation;
}

static void pop(struct lane *lane)
{
    lane->active[lane->stack[--lane->depth].node->function->index]--;
}

static struct node *top(struct lane *lane)
{
    return lane->depth != 0 ? lane->stack[lane->depth - 1].node : &lane->root;
}

/* Which argument has the frame's address, behind the names and the line. */
static uint64_t frame_of(const struct event *event)
{
    const struct recorded_marker *marker = event->marker;

    return marker->count > 3 && marker->arguments[3].kind != ARGUMENT_STRING &&
                   marker->arguments[3].is_wide
               ? event->values[3].number
               : 0;
}

/* The time since the thread's last event, to the function that ran. */
static void pass_time(struct stacks *stacks, struct lane *lane, int64_t now)
{
    struct node *node = top(lane);
    double passed = (double)(now - lane->last) - stacks->cost;

    /* What ran at the end of a pause may have begun long before, unseen. */
    if (lane->events != 0 && passed > 0 && !lane->is_resumed) {
        if (lane->is_unsure && lane->depth == lane->guessed)
            lane->unknown += (uint64_t)passed;
        else
            node->own += (uint64_t)passed;
    }
    lane->is_resumed = false;
    node->events++;
    lane->events++;
    lane->last = now;
}

/* ---- after a pause ---- */

/* What ran since then was this. */
static void settle(struct lane *lane, struct node *node)
{
    node->own += lane->unknown;
    lane->unknown = 0;
}

/* Of the calls before the pause, the first so many still go on. */
static void keep_guessed(struct lane *lane, size_t count)
{
    while (lane->depth > count)
        pop(lane);
    lane->guessed = count;
    lane->is_unsure = false;
}

/*
 * Whether this call of the stack is not known to be made by the one below it,
 * which was a guess when it was entered.
 */
static bool is_outermost(const struct lane *lane, size_t i)
{
    return lane->stack[i].node->parent == &lane->root;
}

/* What is entered outermost has ended: the guess was wrong from there on. */
static void end_outermost(struct lane *lane, const struct function *function)
{
    size_t i = 0;

    while (i < lane->guessed && (lane->stack[i].node->function != function ||
                                 !is_outermost(lane, i)))
        i++;
    if (i == lane->guessed)
        return;
    keep_guessed(lane, i);
    lane->is_unsure = true;
}

/* So many calls before the pause, of which the last is known to call it; 0. */
static size_t guess_caller(const struct stacks *stacks, const struct lane *lane,
                           struct function *function)
{
    size_t depth = lane->guessed;

    while (depth > 0 &&
           known_callee(stacks, lane->stack[depth - 1].node, function) == NULL)
        depth--;
    return depth;
}

/* Who calls the function that is entered. */
static struct node *caller(const struct stacks *stacks, struct lane *lane,
                           struct function *function)
{
    size_t depth;

    if (!lane->is_unsure || lane->depth != lane->guessed)
        return top(lane);
    depth = guess_caller(stacks, lane, function);
    if (depth != 0)
        keep_guessed(lane, depth);
    else
        end_outermost(lane, function);
    settle(lane, top(lane));
    return depth != 0 ? top(lane) : &lane->root;
}

/* Of a function that was entered in the pause, or before. */
static void leave_guessed(struct stacks *stacks, struct lane *lane,
                          struct function *function)
{
    size_t depth = lane->guessed;

    while (depth > 0 && lane->stack[depth - 1].node->function != function)
        depth--;
    if (depth != 0) {
        bool is_unsure = is_outermost(lane, depth - 1);

        settle(lane, lane->stack[depth - 1].node);
        keep_guessed(lane, depth - 1);
        lane->is_unsure = is_unsure;
        return;
    }
    depth = guess_caller(stacks, lane, function);
    if (depth != 0)
        keep_guessed(lane, depth);
    else
        lane->is_unsure = true;
    settle(lane,
           callee(stacks, depth != 0 ? top(lane) : &lane->root, function));
}

/* Such a one begins or goes on, and is not yet in one. */
static bool parts_here(const struct stacks *stacks, const struct event *event,
                       bool in_coroutine)
{
    static const char word[] = "coroutine";
    const struct string *text = event->text;

    return stacks->parts_coroutines && !in_coroutine && text != NULL &&
           text->kept >= sizeof(word) &&
           memcmp(text->text, word, sizeof(word) - 1) == 0;
}

static void enter(struct stacks *stacks, struct lane *lane,
                  const struct event *event)
{
    struct function *function = function_of(stacks, event);
    bool in_coroutine = lane->depth > lane->guessed &&
                        lane->stack[lane->depth - 1].in_coroutine;
    bool parts = parts_here(stacks, event, in_coroutine);
    struct node *parent = caller(stacks, lane, function);
    struct activation call = {
        callee(stacks, parts ? &lane->root : parent, function), frame_of(event),
        event->since, lane->events, in_coroutine || parts};
    int64_t line = (int32_t)event->values[2].number;

    if (line < function->line)
        function->line = line;
    call.node->is_coroutine |= parts;
    call.node->calls++;
    push(lane, &call);
    if (stacks->calls != NULL && stacks->calls->entered != NULL)
        stacks->calls->entered(stacks, lane, event, stacks->data);
}

/*
 * A call that began before the recording: all that the thread has done so far
 * was within it.
 */
static void leave_late(struct stacks *stacks, struct lane *lane,
                       const struct event *event)
{
    struct function *function = function_of(stacks, event);
    struct node *node = allocate(1, sizeof(*node));
    struct node *child = lane->root.child, *next, **moved = NULL;
    struct node **below = &node->child, **beside = &node->next;
    size_t count = 0, i;
    struct activation call = {node, frame_of(event), lane->first, 0, false};

    /* Its new place is found by its new parent. */
    *node = lane->root;
    lane->root = (struct node){.child = node};
    for (; child != NULL; child = next) {
        next = child->next;
        if (child->is_coroutine) {
            *beside = child;
            beside = &child->next;
        } else {
            *below = child;
            below = &child->next;
            moved = grown(moved, count, sizeof(*moved));
            moved[count++] = child;
        }
    }
    *below = *beside = NULL;
    node->parent = &lane->root;
    node->function = function;
    node->calls = 1;
    for (i = 0; i < count; i++) {
        moved[i]->parent = node;
        hash_put(&stacks->by_call, moved[i], hash_of_node);
    }
    free(moved);
    lane->late++;
    push(lane, &call);
    if (stacks->calls != NULL && stacks->calls->returned != NULL)
        stacks->calls->returned(stacks, lane, &call,
                                (uint64_t)(event->since - lane->first), false,
                                event, stacks->data);
    pop(lane);
}

static void leave_top(struct stacks *stacks, struct lane *lane,
                      const struct event *event, bool is_whole)
{
    struct activation call = lane->stack[lane->depth - 1];
    double passed = (double)(event->since - call.began) -
                    stacks->cost * (double)(lane->events - call.events);

    if (stacks->calls != NULL && stacks->calls->returned != NULL)
        stacks->calls->returned(stacks, lane, &call,
                                passed > 0 ? (uint64_t)passed : 0, is_whole,
                                event, stacks->data);
    pop(lane);
}

static void leave(struct stacks *stacks, struct lane *lane,
                  const struct event *event)
{
    size_t depth = lane->depth;

    if (lane->was_paused && depth == lane->guessed) {
        leave_guessed(stacks, lane, function_of(stacks, event));
        return;
    }
    if ((lane->lost != 0 || lane->was_paused) && depth != 0) {
        const struct function *function = function_of(stacks, event);

        while (depth > lane->guessed &&
               lane->stack[depth - 1].node->function != function)
            depth--;
        if (depth == lane->guessed) {
            lane->uncertain += lane->lost != 0;
            return; /* its entry is one of the lost events */
        }
        while (lane->depth > depth) {
            lane->uncertain++;
            leave_top(stacks, lane, event, false);
        }
    }
    if (depth != 0)
        leave_top(stacks, lane, event, true);
    else if (lane->lost == 0)
        leave_late(stacks, lane, event);
    else
        lane->uncertain++;
}

/* All calls are over for the views; which of them go on is a guess. */
static void pause_lane(struct stacks *stacks, struct lane *lane,
                       const struct event *event)
{
    const size_t depth = lane->depth;

    if (event->since > lane->last && event->paused == 0 && !lane->is_resumed) {
        uint64_t passed = (uint64_t)(event->since - lane->last);

        if (lane->is_unsure && depth == lane->guessed)
            lane->unknown += passed;
        else
            top(lane)->own += passed;
    }
    settle(lane, top(lane));
    while (lane->depth > lane->guessed)
        leave_top(stacks, lane, event, false);
    while (lane->depth < depth)
        lane->active[lane->stack[lane->depth++].node->function->index]++;
    lane->guessed = depth;
    lane->was_paused = lane->is_unsure = true;
    lane->is_resumed = event->paused != 0;
    lane->last = event->since;
}

/* ---- events ---- */

static void know_marker(struct recorded_marker *marker)
{
    bool is_call = marker->count >= 3 &&
                   marker->arguments[0].kind == ARGUMENT_STRING &&
                   marker->arguments[1].kind == ARGUMENT_STRING &&
                   marker->arguments[2].kind != ARGUMENT_STRING;

    if (is_call && strcmp(marker->name, "function__entry") == 0)
        marker->mark = ENTRY;
    else if (is_call && strcmp(marker->name, "function__return") == 0)
        marker->mark = RETURN;
    else
        marker->mark = OTHER;
}

bool stacks_is_call(const struct recorded_marker *marker)
{
    return marker->mark == ENTRY || marker->mark == RETURN;
}

struct lane *stacks_event(struct stacks *stacks, const struct event *event)
{
    struct lane *lane;
    size_t i;

    if (event->kind == EVENT_PAUSE) {
        stacks->is_paused = event->paused == 0;
        for (i = 0; i < stacks->lane_count; i++)
            pause_lane(stacks, stacks->lanes[i], event);
        return NULL;
    }
    if (event->tid == 0 || event->kind == EVENT_HOST ||
        event->kind == EVENT_PROCESS)
        return NULL;
    lane = lane_of(stacks, event);
    if (event->kind == EVENT_THREAD) {
        free(lane->name);
        lane->name = event->name != NULL ? formatted("%s", event->name) : NULL;
        return lane;
    }
    if (event->kind == EVENT_LOST) {
        lane->lost += event->lost;
        return lane;
    }
    if (stacks->is_paused)
        return lane; /* an entry comes without its return, and so on */
    if (lane->events == 0)
        lane->first = event->since;
    pass_time(stacks, lane, event->since);
    if (event->marker->mark == UNSEEN)
        know_marker(event->marker);
    if (event->marker->mark == ENTRY)
        enter(stacks, lane, event);
    else if (event->marker->mark == RETURN)
        leave(stacks, lane, event);
    return lane;
}

/* ---- the end ---- */

/* (Without recursion: a stack can be a million calls deep.) */
static void sum_up(struct node *root)
{
    struct node *node = root;

    for (;;) {
        node->total = node->own;
        if (node->child != NULL) {
            node = node->child;
            continue;
        }
        while (node != root && node->next == NULL) {
            node->parent->total += node->total;
            node = node->parent;
        }
        if (node == root)
            return;
        node->parent->total += node->total;
        node = node->next;
    }
}

void stacks_end(struct stacks *stacks, int64_t end)
{
    size_t i;

    for (i = 0; i < stacks->lane_count; i++) {
        struct lane *lane = stacks->lanes[i];

        if (lane->depth != 0 && end > lane->last)
            top(lane)->own += (uint64_t)(end - lane->last);
        settle(lane, top(lane));
        sum_up(&lane->root);
    }
}

struct stacks *stacks_new(double cost, const struct stacks_calls *calls,
                          void *data)
{
    struct stacks *stacks = allocate(1, sizeof(*stacks));

    stacks->cost = cost;
    stacks->calls = calls;
    stacks->data = data;
    return stacks;
}

void stacks_part_coroutines(struct stacks *stacks)
{
    stacks->parts_coroutines = true;
}

void stacks_set_cost(struct stacks *stacks, double cost)
{
    stacks->cost = cost;
}

size_t stacks_lanes(const struct stacks *stacks)
{
    return stacks->lane_count;
}

struct lane *stacks_lane(const struct stacks *stacks, size_t i)
{
    return stacks->lanes[i];
}

size_t stacks_functions(const struct stacks *stacks)
{
    return stacks->function_count;
}

struct function *stacks_function(const struct stacks *stacks, size_t i)
{
    return stacks->functions[i];
}

static void free_nodes(struct node *root)
{
    struct node *node = root->child;

    while (node != NULL) {
        struct node *gone = node;

        /* Its callees come next in the list of those that are to go. */
        if (node->child != NULL) {
            struct node *last = node->child;

            while (last->next != NULL)
                last = last->next;
            last->next = node->next;
            node->next = node->child;
        }
        node = node->next;
        free(gone);
    }
}

void stacks_free(struct stacks *stacks)
{
    size_t i;

    for (i = 0; i < stacks->lane_count; i++) {
        free_nodes(&stacks->lanes[i]->root);
        free(stacks->lanes[i]->stack);
        free(stacks->lanes[i]->active);
        free(stacks->lanes[i]->name);
        free(stacks->lanes[i]);
    }
    for (i = 0; i < stacks->function_count; i++) {
        free((char *)stacks->functions[i]->file);
        free((char *)stacks->functions[i]->name);
        free((char *)stacks->functions[i]->shown_file);
        free((char *)stacks->functions[i]->shown_name);
        free(stacks->functions[i]);
    }
    free(stacks->functions);
    free(stacks->lanes);
    free(stacks->by_name.slots);
    free(stacks->by_call.slots);
    free(stacks);
}

/* ---- what an event takes ---- */

double stacks_cost(struct reader *reader)
{
    struct histogram pairs = {0};
    struct stacks *stacks = stacks_new(0, NULL, NULL);
    const struct event *event;
    size_t i;
    double cost = 0;

    for (i = 0; i < MOST_READ && (event = reader_next(reader)) != NULL; i++) {
        struct lane *lane;

        if (event->kind != EVENT_MARKER || event->tid == 0)
            continue;
        lane = lane_of(stacks, event);
        if (lane->events++ != 0 && event->since > lane->last)
            histogram_add(&pairs, (uint64_t)(event->since - lane->last));
        lane->last = event->since;
    }
    if (pairs.count >= LEAST_PAIRS)
        cost = (double)histogram_quantile(&pairs, 0.01);
    histogram_free(&pairs);
    stacks_free(stacks);
    return cost < MOST_COST ? cost : MOST_COST;
}

/* ---- notes ---- */

void stacks_note(const char *command, uint64_t late, uint64_t uncertain,
                 double cost)
{
    char *late_text = count_text(late);
    char *uncertain_text = count_text(uncertain);

    if (late != 0)
        fprintf(stderr,
                PROGRAM " %s: %s call%s began before the recording: %s from "
                        "its beginning on\n",
                command, late_text, late == 1 ? "" : "s",
                late == 1 ? "its time is" : "their times are");
    if (uncertain != 0)
        fprintf(stderr,
                PROGRAM " %s: events that were lost make %s call%s "
                        "uncertain\n",
                command, uncertain_text, uncertain == 1 ? "" : "s");
    free(late_text);
    free(uncertain_text);
    if (cost > 0)
        fprintf(stderr,
                PROGRAM " %s: %.0f ns were taken off for each event, which is "
                        "what recording it took\n",
                command, cost);
}
