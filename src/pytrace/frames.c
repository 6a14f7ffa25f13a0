/* frames.c - the calls of recordings as a tree. SPDX-License-Identifier: MIT */
#include "frames.h"

#include <stdlib.h>
#include <string.h>

/* ---- functions ---- */

static int compare(const char *a, size_t a_size, const char *b, size_t b_size)
{
    int difference = memcmp(a, b, a_size < b_size ? a_size : b_size);

    if (difference == 0 && a_size != b_size)
        difference = a_size < b_size ? -1 : 1;
    return difference;
}

static int by_name(const void *left, const void *right)
{
    const struct function *a = *(struct function *const *)left;
    const struct function *b = *(struct function *const *)right;
    int difference = compare(a->name, a->name_size, b->name, b->name_size);

    return difference != 0
               ? difference
               : compare(a->file, a->file_size, b->file, b->file_size);
}

static size_t functions_of(struct stacks *stacks)
{
    return stacks != NULL ? stacks_functions(stacks) : 0;
}

/* One place for what is the same function in both. */
static void find_places(struct frames *frames, struct stacks *const *stacks)
{
    size_t all = functions_of(stacks[NOW]) + functions_of(stacks[BEFORE]);
    struct function **functions = allocate(all, sizeof(*functions));
    size_t i, j, count = 0;

    for (i = 0; i < RECORDINGS; i++)
        for (j = 0; j < functions_of(stacks[i]); j++) {
            functions[count] = stacks_function(stacks[i], j);
            functions[count++]->data = stacks[i];
        }
    qsort(functions, all, sizeof(*functions), by_name);
    frames->places = allocate(all, sizeof(*frames->places));
    for (i = 0; i < all; i++) {
        unsigned which = functions[i]->data == stacks[NOW] ? NOW : BEFORE;
        struct place *place;

        if (i == 0 || by_name(&functions[i - 1], &functions[i]) != 0) {
            place = allocate(1, sizeof(*place));
            place->order = frames->count;
            frames->places[frames->count++] = place;
        } else {
            place = frames->places[frames->count - 1];
        }
        if (place->function == NULL || which == NOW)
            place->function = functions[i];
        place->is_in[which] = true;
        functions[i]->data = place;
    }
    free(functions);
}

/* ---- the tree ---- */

static struct frame *new_frame(struct frame *parent)
{
    struct frame *frame = allocate(1, sizeof(*frame));

    frame->parent = parent;
    if (parent != NULL) {
        frame->next = parent->child;
        parent->child = frame;
    }
    return frame;
}

static struct frame *callee_of(struct frame *caller, struct place *place)
{
    struct frame *frame = place->frame;

    if (frame == NULL || frame->parent != caller) {
        frame = new_frame(caller);
        frame->function = place->function;
        frame->order = place->order;
        place->frame = frame;
    }
    return frame;
}

static uint64_t value_of(const struct frames *frames, const struct node *node)
{
    switch (frames->by) {
    case BY_CALLS: return node->calls;
    case BY_COLLECTIONS: return node->number;
    default: return node->own;
    }
}

/* Of each callee of the node, whose frame is given; its number becomes one. */
static void add_callees(struct frames *frames, unsigned which,
                        struct frame *frame, const struct node *node,
                        size_t depth)
{
    struct frame *known;
    struct node *callee;

    for (known = frame->child; known != NULL; known = known->next)
        if (known->function != NULL)
            ((struct place *)known->function->data)->frame = known;
    for (callee = node->child; callee != NULL; callee = callee->next) {
        struct place *place = callee->function->data;
        uint64_t value = value_of(frames, callee);
        struct frame *at = frame;

        if (depth < DEEPEST) {
            at = callee_of(frame, place);
            at->calls[which] += callee->calls;
        } else if (which == NOW) {
            frames->deep += callee->calls;
        }
        at->own[which] += value;
        place->own[which] += value;
        callee->number = (uintptr_t)at;
    }
}

static void add_lane(struct frames *frames, unsigned which, struct frame *top,
                     struct lane *lane)
{
    struct node *node = &lane->root;
    size_t depth = 0;

    if (frames->by == BY_COLLECTIONS && node->number != 0) {
        struct frame *outside = new_frame(top);

        outside->text = formatted("outside of functions");
        outside->order = frames->count;
        outside->own[which] = node->number;
    }
    node->number = (uintptr_t)top;
    for (;;) {
        add_callees(frames, which, (struct frame *)(uintptr_t)node->number,
                    node, depth);
        if (node->child != NULL) {
            node = node->child;
            depth++;
            continue;
        }
        while (node != &lane->root && node->next == NULL) {
            node = node->parent;
            depth--;
        }
        if (node == &lane->root)
            return;
        node = node->next;
    }
}

static char *process_text(const struct lane *lane)
{
    return lane->process != NULL && lane->process->command != NULL
               ? formatted("process %u: %s", lane->pid, lane->process->command)
               : formatted("process %u", lane->pid);
}

static char *thread_text(const struct lane *lane)
{
    return lane->name != NULL
               ? formatted("thread %u: %s", lane->tid, lane->name)
               : formatted("thread %u", lane->tid);
}

/* Threads have frames where there are several, and so have processes. */
static void add_recording(struct frames *frames, struct stacks *stacks)
{
    size_t count = stacks_lanes(stacks), i, j;
    struct frame **processes = allocate(count, sizeof(*processes));
    bool has_processes = false;

    for (i = 1; i < count; i++)
        has_processes |=
            stacks_lane(stacks, i)->pid != stacks_lane(stacks, 0)->pid;
    for (i = 0; i < count; i++) {
        struct lane *lane = stacks_lane(stacks, i);
        struct frame *top = NULL;
        size_t threads = 0;

        for (j = 0; j < count; j++)
            if (stacks_lane(stacks, j)->pid == lane->pid) {
                threads++;
                if (top == NULL)
                    top = processes[j];
            }
        if (top == NULL && has_processes) {
            top = new_frame(frames->root);
            top->text = process_text(lane);
            top->order = i;
        } else if (top == NULL) {
            top = frames->root;
        }
        processes[i] = top;
        if (threads > 1) {
            top = new_frame(top);
            top->text = thread_text(lane);
            top->order = i;
        }
        add_lane(frames, NOW, top, lane);
    }
    free(processes);
}

/* ---- in the end ---- */

struct frame *frames_next(const struct frame *frame, bool with_callees)
{
    if (with_callees && frame->child != NULL)
        return frame->child;
    while (frame->parent != NULL && frame->next == NULL)
        frame = frame->parent;
    return frame->parent != NULL ? frame->next : NULL;
}

static int by_order(const void *left, const void *right)
{
    const struct frame *a = *(struct frame *const *)left;
    const struct frame *b = *(struct frame *const *)right;

    return a->order != b->order ? (a->order < b->order ? -1 : 1) : 0;
}

static void sort_callees(struct frame *frame)
{
    struct frame **callees = NULL, *callee;
    size_t count = 0, i;

    for (callee = frame->child; callee != NULL; callee = callee->next) {
        callees = grown(callees, count, sizeof(struct frame *));
        callees[count++] = callee;
    }
    if (count == 0)
        return;
    qsort(callees, count, sizeof(struct frame *), by_order);
    frame->child = callees[0];
    for (i = 0; i < count; i++)
        callees[i]->next = i + 1 < count ? callees[i + 1] : NULL;
    free(callees);
}

/* (A frame's sum is whole before it is added to its parent's.) */
static void sum_up(struct frame *root)
{
    struct frame *frame = root;
    unsigned i;

    for (;;) {
        if (frame->child != NULL) {
            frame = frame->child;
            continue;
        }
        for (;;) {
            for (i = 0; i < RECORDINGS; i++) {
                frame->total[i] += frame->own[i];
                if (frame != root)
                    frame->parent->total[i] += frame->total[i];
            }
            if (frame == root)
                return;
            if (frame->next != NULL)
                break;
            frame = frame->parent;
        }
        frame = frame->next;
    }
}

struct frames *frames_new(struct stacks *const *stacks, enum frames_by by)
{
    struct frames *frames = allocate(1, sizeof(*frames));
    struct frame *frame;
    size_t i, j;

    frames->by = by;
    frames->root = new_frame(NULL);
    frames->root->text = formatted("all");
    find_places(frames, stacks);
    if (stacks[BEFORE] == NULL)
        add_recording(frames, stacks[NOW]);
    else
        for (i = 0; i < RECORDINGS; i++)
            for (j = 0; j < stacks_lanes(stacks[i]); j++)
                add_lane(frames, (unsigned)i, frames->root,
                         stacks_lane(stacks[i], j));
    for (frame = frames->root; frame != NULL; frame = frames_next(frame, true))
        sort_callees(frame);
    sum_up(frames->root);
    return frames;
}

void frames_free(struct frames *frames)
{
    struct frame *frame = frames->root;
    size_t i;

    while (frame != NULL) {
        struct frame *gone = frame;

        if (frame->child != NULL) {
            frame = frame->child;
            gone->child = NULL;
            continue;
        }
        frame = frame->next != NULL ? frame->next : frame->parent;
        free(gone->text);
        free(gone);
    }
    for (i = 0; i < frames->count; i++)
        free(frames->places[i]);
    free(frames->places);
    free(frames);
}

char *frame_text(const struct frame *frame)
{
    const struct function *function = frame->function;

    if (function == NULL)
        return formatted("%s", frame->text);
    if (function->line == INT64_MAX)
        return formatted("%s (%s)", function->name, function->file);
    return formatted("%s (%s:%lld)", function->name, function->file,
                     (long long)function->line);
}
