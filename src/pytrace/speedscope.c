/*
 * speedscope.c - the calls of a recording for speedscope: its file format, with
 * a profile of opened and closed frames for each thread, and for each
 * coroutine, with what it calls.
 *
 * A profile's events are together in the file; those of the recording are in
 * the order of time. So they wait in memory until its end, in two to six bytes
 * each.
 *
 * SPDX-License-Identifier: MIT
 */
#include "coroutines.h"
#include "export.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 << 10, MOST_PACKED = 20, MOST_COROUTINES = 1000 };

struct block {
    struct block *next;
    size_t size;
    unsigned char bytes[BLOCK_BYTES];
};

struct profile { /* a lane's data, and a coroutine's */
    struct block *first, *last;
    int64_t began, now;     /* ns; of the first and the last event */
    uint64_t events;        /* that are packed */
    struct function **late; /* whose calls began before, the innermost first */
    size_t late_count;
    struct coroutine_calls coroutines;
};

/* ---- events that wait ---- */

static unsigned char *pack(unsigned char *at, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        *at++ = (unsigned char)(number | 0x80);
    *at++ = (unsigned char)number;
    return at;
}

static const unsigned char *unpack(const unsigned char *at, uint64_t *number)
{
    unsigned shift = 0;

    *number = 0;
    do {
        *number |= (uint64_t)(*at & 0x7f) << shift;
        shift += 7;
    } while ((*at++ & 0x80) != 0);
    return at;
}

/* data: a lane's, or a coroutine's. */
static struct profile *profile_of(void **data, int64_t began)
{
    if (*data == NULL) {
        struct profile *profile = allocate(1, sizeof(*profile));

        profile->began = profile->now = began;
        *data = profile;
    }
    return *data;
}

static void keep(struct profile *profile, const struct function *function,
                 bool is_open, int64_t since)
{
    struct block *block = profile->last;
    int64_t now = since > profile->now ? since : profile->now;
    unsigned char *at;

    if (block == NULL || block->size > BLOCK_BYTES - MOST_PACKED) {
        block = allocate(1, sizeof(*block));
        if (profile->last != NULL)
            profile->last->next = block;
        else
            profile->first = block;
        profile->last = block;
    }
    at = pack(block->bytes + block->size, (uint64_t)(now - profile->now));
    at = pack(at, (uint64_t)function->index << 1 | is_open);
    block->size = (size_t)(at - block->bytes);
    profile->now = now;
    profile->events++;
}

/*
 * Of a call that a coroutine makes, or is; one that it runs is a call of it,
 * and has a profile of its own, too.
 */
static void keep_inside(const struct profile *profile, const struct lane *lane,
                        const struct function *function, bool is_open,
                        int64_t since)
{
    struct coroutine *begun = coroutines_begun(&profile->coroutines, lane);
    struct coroutine *inside = coroutines_inside(&profile->coroutines, lane);

    if (inside != NULL)
        keep(profile_of(&inside->data, since), function, is_open, since);
    if (begun != NULL && lane->depth > lane->guessed + 1)
        inside = profile->coroutines.inside[lane->depth - 2];
    else
        inside = NULL;
    if (inside != NULL && inside != begun)
        keep(profile_of(&inside->data, since), function, is_open, since);
}

static void entered(struct stacks *stacks, struct lane *lane,
                    const struct event *event, void *data)
{
    struct profile *profile = profile_of(&lane->data, lane->first);
    const struct function *function =
        lane->stack[lane->depth - 1].node->function;

    (void)stacks;
    coroutines_entered(data, &profile->coroutines, lane, event);
    keep(profile, function, true, event->since);
    keep_inside(profile, lane, function, true, event->since);
}

static void returned(struct stacks *stacks, struct lane *lane,
                     const struct activation *call, uint64_t duration,
                     bool is_whole, const struct event *event, void *data)
{
    struct profile *profile = profile_of(&lane->data, lane->first);
    struct function *function = call->node->function;
    bool is_late = lane->late != profile->late_count;

    (void)stacks;
    (void)duration;
    (void)is_whole;
    (void)data;
    if (lane->late != profile->late_count) {
        profile->late =
            grown(profile->late, profile->late_count, sizeof(function));
        profile->late[profile->late_count++] = function;
    }
    keep(profile, function, false, event->since);
    if (!is_late)
        keep_inside(profile, lane, function, false, event->since);
}

/* ---- the file ---- */

static void put_event(struct out *out, bool is_open, size_t frame, int64_t at,
                      bool is_first)
{
    out_text(out, is_first ? "\n" : ",\n");
    out_text(out, is_open ? "{\"type\":\"O\",\"frame\":"
                          : "{\"type\":\"C\",\"frame\":");
    out_number(out, frame);
    out_text(out, ",\"at\":");
    out_signed(out, at);
    out_char(out, '}');
}

static void put_events(struct out *out, const struct profile *profile)
{
    const struct block *block;
    int64_t now = profile->began;
    bool is_first = true;
    size_t i;

    for (i = profile->late_count; i-- > 0; is_first = false)
        put_event(out, true, profile->late[i]->index, now, is_first);
    for (block = profile->first; block != NULL; block = block->next) {
        const unsigned char *at = block->bytes;

        while (at < block->bytes + block->size) {
            uint64_t passed, what;

            at = unpack(unpack(at, &passed), &what);
            now += (int64_t)passed;
            put_event(out, what & 1, (size_t)(what >> 1), now, is_first);
            is_first = false;
        }
    }
}

/* "lua x.lua (4242), worker (4243)" */
static char *profile_name(const struct lane *lane)
{
    const char *command = lane->process != NULL ? lane->process->command : "?";

    if (lane->tid == lane->pid)
        return formatted("%s (%u)", command, lane->pid);
    if (lane->name == NULL)
        return formatted("%s (%u), thread %u", command, lane->pid, lane->tid);
    return formatted("%s (%u), %s (%u)", command, lane->pid, lane->name,
                     lane->tid);
}

/* What goes on goes on until the end. */
static void end_calls(struct lane *lane, int64_t end)
{
    struct profile *profile = lane->data;
    size_t depth = lane->depth;

    if (end < profile->now)
        end = profile->now;
    for (; lane->depth > lane->guessed; lane->depth--) {
        const struct function *function =
            lane->stack[lane->depth - 1].node->function;

        keep(profile, function, false, end);
        keep_inside(profile, lane, function, false, end);
    }
    lane->depth = depth;
}

static void put_profile(struct out *out, const struct profile *profile,
                        char *name, int64_t end)
{
    if (end < profile->now)
        end = profile->now;
    out_text(out, "{\"type\":\"evented\",\"name\":");
    out_json(out, name, strlen(name));
    out_text(out, ",\"unit\":\"nanoseconds\",\"startValue\":0,\"endValue\":");
    out_signed(out, end);
    out_text(out, ",\"events\":[");
    put_events(out, profile);
    out_text(out, "\n]}");
    free(name);
}

static void put_frames(struct out *out, const struct stacks *stacks)
{
    size_t i;

    out_text(out, ",\n\"shared\":{\"frames\":[");
    for (i = 0; i < stacks_functions(stacks); i++) {
        const struct function *function = stacks_function(stacks, i);

        out_text(out, i != 0 ? ",\n{\"name\":" : "\n{\"name\":");
        out_json(out, function->name, function->name_size);
        out_text(out, ",\"file\":");
        out_json(out, function->file, function->file_size);
        if (function->line > 0 && function->line != INT64_MAX) {
            out_text(out, ",\"line\":");
            out_signed(out, function->line);
        }
        out_char(out, '}');
    }
    out_text(out, "\n]}}\n");
}

/*
 * The profile that has the most events is shown first. Returns whether there is
 * one.
 */
static bool put_file(struct out *out, const struct stacks *stacks,
                     const struct coroutines *coroutines, int64_t end)
{
    uint64_t most = 0;
    size_t i, count = 0, active = 0;

    out_text(out, "{\"$schema\":"
                  "\"https://www.speedscope.app/file-format-schema.json\","
                  "\"exporter\":\"pytrace " PACKAGE_VERSION "\","
                  "\"profiles\":[");
    for (i = 0; i < stacks_lanes(stacks); i++) {
        struct lane *lane = stacks_lane(stacks, i);
        const struct profile *profile = lane->data;

        if (profile == NULL)
            continue;
        end_calls(lane, end);
        out_text(out, count != 0 ? ",\n" : "\n");
        put_profile(out, profile, profile_name(lane), end);
        if (profile->events > most) {
            most = profile->events;
            active = count;
        }
        count++;
    }
    for (i = 0; i < coroutines_count(coroutines); i++) {
        const struct coroutine *coroutine = coroutines_at(coroutines, i);

        out_text(out, ",\n");
        put_profile(out, coroutine->data, coroutine_text(coroutine), end);
    }
    out_text(out, "],\n\"activeProfileIndex\":");
    out_number(out, active);
    put_frames(out, stacks);
    return count != 0;
}

static void free_profile(struct profile *profile)
{
    if (profile == NULL)
        return;
    while (profile->first != NULL) {
        struct block *block = profile->first;

        profile->first = block->next;
        free(block);
    }
    free(profile->late);
    coroutine_calls_free(&profile->coroutines);
    free(profile);
}

static int show(struct view_run *run)
{
    const struct stacks_calls calls = {entered, returned};
    struct coroutines *coroutines;
    struct stacks *stacks;
    struct reader *reader = view_begin(run, 0);
    const struct event *event;
    size_t i;

    if (reader == NULL)
        return UNREADABLE;
    coroutines = coroutines_new(MOST_COROUTINES);
    stacks = stacks_new(0, &calls, coroutines);
    while ((event = reader_next(reader)) != NULL)
        stacks_event(stacks, event);
    if (!put_file(&run->out, stacks, coroutines, export_end(stacks, reader)))
        fprintf(stderr,
                PROGRAM " %s: there are no calls in it, and speedscope shows "
                        "nothing else\n",
                run->view->name);
    for (i = 0; i < stacks_lanes(stacks); i++)
        free_profile(stacks_lane(stacks, i)->data);
    for (i = 0; i < coroutines_count(coroutines); i++)
        free_profile(coroutines_at(coroutines, i)->data);
    coroutines_free(coroutines);
    stacks_free(stacks);
    return view_end(run, 0, reader);
}

static const char *const markers[] = {"function__entry", "function__return",
                                      NULL};

const struct view speedscope_form = {.markers = markers, .show = show};
