/*
 * trace_event.c - a recording in the Trace Event format, which Perfetto,
 * Chromium's own viewer and speedscope read.
 *
 * A thread's calls are a track. Its collections, imports and audit events are
 * three more, and each coroutine has one, which shows when it ran: the format
 * knows tracks of threads only, so these have numbers that no thread has. What
 * has a duration is written when it is over; a viewer sorts. A function's name
 * has its place with it, as speedscope would take an argument's value for a
 * part of the name. Every other marker is an instant.
 *
 * SPDX-License-Identifier: MIT
 */
#include "coroutines.h"
#include "export.h"
#include "print.h"
#include "gzip.h"

#include <stdlib.h>
#include <string.h>

/* What is not calls. A track's number is the thread's, and this much more. */
enum kind { COLLECTIONS, IMPORTS, AUDIT, KINDS };

static const struct {
    const char *name;
    uint64_t number;
} kinds[] = {{"collections", 10000000},
             {"imports", 20000000},
             {"audit events", 30000000}};

enum { COROUTINES = 40000000, MOST_COROUTINES = 1000 };

/* A collection or an import that goes on. */
struct span {
    int64_t began;
    char *name;
    size_t size;
};

struct spans {
    struct span *list;
    size_t count;
    bool is_named; /* the track */
};

struct track {      /* a lane's data */
    int64_t now;    /* ns; the time of the last event, or behind it */
    uint64_t late;  /* as the lane's */
    int64_t *began; /* of each call on the stack */
    struct coroutine_calls coroutines;
    struct spans spans[KINDS];
};

/* A function's data: its name, with its place. */
struct label {
    size_t size;
    char text[];
};

struct trace {
    struct out *out;
    struct stacks *stacks;
    struct coroutines *coroutines;
    bool has_event; /* is written */
};

/* ---- events of the format ---- */

static void put_number(struct out *out, const char *key, uint64_t number)
{
    out_text(out, key);
    out_number(out, number);
}

/* Microseconds with three decimals. */
static void put_time(struct out *out, const char *key, int64_t ns)
{
    uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    unsigned part = (unsigned)(size % 1000);
    const char text[] = {'.', (char)('0' + part / 100),
                         (char)('0' + part / 10 % 10), (char)('0' + part % 10)};

    out_text(out, key);
    if (ns < 0)
        out_char(out, '-');
    out_number(out, size / 1000);
    out_bytes(out, text, sizeof(text));
}

static void begin_event(struct trace *trace, const char *kind, uint32_t pid,
                        uint64_t tid)
{
    struct out *out = trace->out;

    out_text(out, trace->has_event ? ",\n{\"ph\":\"" : "\n{\"ph\":\"");
    trace->has_event = true;
    out_text(out, kind);
    put_number(out, "\",\"pid\":", pid);
    put_number(out, ",\"tid\":", tid);
}

static void put_name(struct trace *trace, const char *name, size_t size)
{
    out_text(trace->out, ",\"name\":");
    out_json(trace->out, name, size);
}

static void put_metadata(struct trace *trace, const char *what, uint32_t pid,
                         uint64_t tid, const char *name)
{
    begin_event(trace, "M", pid, tid);
    put_name(trace, what, strlen(what));
    out_text(trace->out, ",\"args\":{\"name\":");
    out_json(trace->out, name, strlen(name));
    out_text(trace->out, "}}");
}

/* Up to its arguments, if it has some, and its end. */
static void begin_span(struct trace *trace, const struct lane *lane,
                       uint64_t tid, int64_t began, int64_t ended)
{
    begin_event(trace, "X", lane->pid, tid);
    put_time(trace->out, ",\"ts\":", began);
    put_time(trace->out, ",\"dur\":", ended > began ? ended - began : 0);
}

static void begin_instant(struct trace *trace, const struct lane *lane,
                          uint64_t tid, int64_t at)
{
    begin_event(trace, "i", lane->pid, tid);
    put_time(trace->out, ",\"ts\":", at);
    out_text(trace->out, ",\"s\":\"t\"");
}

/* ---- threads ---- */

/*
 * No two calls of a thread begin or end at one time: which of them is within
 * the other could not be told then, not even by rounding alike.
 */
static struct track *track_of(struct lane *lane, int64_t since)
{
    struct track *track = lane->data;

    if (track == NULL) {
        track = lane->data = allocate(1, sizeof(*track));
        track->now = since - 1;
    }
    track->now = since > track->now ? since : track->now + 1;
    return track;
}

/* The number of a track beside the thread's; it gets its name. */
static uint64_t number_of(struct trace *trace, const struct lane *lane,
                          enum kind kind)
{
    struct track *track = lane->data;
    uint64_t number = kinds[kind].number + lane->tid;
    char *name;

    if (track->spans[kind].is_named)
        return number;
    track->spans[kind].is_named = true;
    name = lane->tid == lane->pid
               ? formatted("%s", kinds[kind].name)
               : formatted("%s of %u", kinds[kind].name, lane->tid);
    put_metadata(trace, "thread_name", lane->pid, number, name);
    free(name);
    return number;
}

/* ---- calls ---- */

static const struct label *label_of(struct function *function)
{
    struct label *label = function->data;
    char line[32] = "";
    char *at;

    if (label != NULL)
        return label;
    if (function->line > 0 && function->line != INT64_MAX)
        snprintf(line, sizeof(line), ":%lld", (long long)function->line);
    label = allocate(1, sizeof(*label) + function->name_size +
                            function->file_size + sizeof(line) + 4);
    at = label->text;
    memcpy(at, function->name, function->name_size);
    at += function->name_size;
    memcpy(at, " (", 2);
    memcpy(at + 2, function->file, function->file_size);
    at += 2 + function->file_size;
    at += sprintf(at, "%s)", line);
    label->size = (size_t)(at - label->text);
    return function->data = label;
}

static void put_call(struct trace *trace, const struct lane *lane,
                     struct function *function, int64_t began, int64_t ended)
{
    const struct label *label = label_of(function);

    begin_span(trace, lane, lane->tid, began, ended);
    put_name(trace, label->text, label->size);
    out_char(trace->out, '}');
}

/* A coroutine has run, on a track of its process. */
static void put_run(struct trace *trace, const struct lane *lane,
                    struct coroutine *coroutine, struct function *function,
                    int64_t began, int64_t ended)
{
    uint64_t number = COROUTINES + coroutine->index;
    const struct label *label = label_of(function);

    if (coroutine->data == NULL) {
        char *name = coroutine_text(coroutine);

        put_metadata(trace, "thread_name", lane->pid, number, name);
        free(name);
        coroutine->data = coroutine;
    }
    begin_span(trace, lane, number, began, ended);
    put_name(trace, label->text, label->size);
    put_number(trace->out, ",\"args\":{\"thread\":", lane->tid);
    out_text(trace->out, "}}");
}

static void entered(struct stacks *stacks, struct lane *lane,
                    const struct event *event, void *data)
{
    struct track *track = track_of(lane, event->since);
    struct trace *trace = data;

    (void)stacks;
    coroutines_entered(trace->coroutines, &track->coroutines, lane, event);
    track->began = grown(track->began, lane->depth - 1, sizeof(int64_t));
    track->began[lane->depth - 1] = track->now;
}

static void returned(struct stacks *stacks, struct lane *lane,
                     const struct activation *call, uint64_t duration,
                     bool is_whole, const struct event *event, void *data)
{
    struct track *track = track_of(lane, event->since);
    bool is_late = lane->late != track->late;
    struct coroutine *coroutine =
        is_late ? NULL : coroutines_begun(&track->coroutines, lane);

    (void)stacks;
    (void)duration;
    (void)is_whole;
    track->late = lane->late;
    put_call(data, lane, call->node->function,
             is_late ? lane->first : track->began[lane->depth - 1], track->now);
    if (coroutine != NULL)
        put_run(data, lane, coroutine, call->node->function,
                track->began[lane->depth - 1], track->now);
}

/* ---- collections and imports ---- */

static void begin_one(struct spans *spans, int64_t now, const char *name,
                      size_t size)
{
    struct span *span;

    spans->list = grown(spans->list, spans->count, sizeof(*span));
    span = &spans->list[spans->count++];
    span->began = now;
    span->size = size;
    span->name = allocate(size + 1, 1);
    memcpy(span->name, name, size);
}

/* It is left to the caller to end the event. */
static void end_last(struct trace *trace, struct lane *lane, enum kind kind,
                     int64_t now)
{
    struct track *track = lane->data;
    struct spans *spans = &track->spans[kind];
    struct span *span = &spans->list[--spans->count];

    begin_span(trace, lane, number_of(trace, lane, kind), span->began, now);
    put_name(trace, span->name, span->size);
    free(span->name);
}

/*
 * What ends goes on since it began; or, where that was not seen, since the
 * thread's first event. Behind lost events, what is within it ends with it.
 */
static void end_one(struct trace *trace, struct lane *lane, enum kind kind,
                    const char *name, size_t size)
{
    struct track *track = lane->data;
    struct spans *spans = &track->spans[kind];
    size_t i = spans->count;

    if (kind == IMPORTS)
        while (i > 0 && (spans->list[i - 1].size != size ||
                         memcmp(spans->list[i - 1].name, name, size) != 0))
            i--;
    if (i == 0)
        begin_one(spans, lane->first, name, size);
    else
        while (spans->count > i) {
            end_last(trace, lane, kind, track->now++);
            out_char(trace->out, '}');
        }
    end_last(trace, lane, kind, track->now);
}

static void begin_collection(struct trace *trace, struct lane *lane,
                             const struct event *event)
{
    struct track *track = lane->data;
    struct spans *spans = &track->spans[COLLECTIONS];
    char *name = formatted("collection, generation %lld",
                           (long long)event->values[0].number);

    if (spans->count != 0) { /* its end is lost */
        end_last(trace, lane, COLLECTIONS, track->now);
        out_char(trace->out, '}');
    }
    begin_one(spans, track->now, name, strlen(name));
    free(name);
}

static void end_collection(struct trace *trace, struct lane *lane,
                           const struct event *event)
{
    static const char name[] = "collection";

    end_one(trace, lane, COLLECTIONS, name, strlen(name));
    out_text(trace->out, ",\"args\":{\"collected\":");
    out_signed(trace->out, (int64_t)event->values[0].number);
    out_text(trace->out, "}}");
}

static const struct string unknown = {.kept = 1, .text = (char[]){"?"}};

static const struct string *text_of(const struct value *value)
{
    return value->string != NULL ? value->string : &unknown;
}

static void begin_import(struct trace *trace, struct lane *lane,
                         const struct event *event)
{
    struct track *track = lane->data;
    const struct string *name = text_of(&event->values[0]);

    (void)trace;
    begin_one(&track->spans[IMPORTS], track->now, name->text, name->kept);
}

static void end_import(struct trace *trace, struct lane *lane,
                       const struct event *event)
{
    const struct string *name = text_of(&event->values[0]);

    end_one(trace, lane, IMPORTS, name->text, name->kept);
    out_text(trace->out, event->values[1].number != 0
                             ? ",\"args\":{\"found\":true}}"
                             : ",\"args\":{\"found\":false}}");
}

static void put_audit(struct trace *trace, struct lane *lane,
                      const struct event *event)
{
    const struct track *track = lane->data;
    const struct string *name = text_of(&event->values[0]);

    begin_instant(trace, lane, number_of(trace, lane, AUDIT), track->now);
    put_name(trace, name->text, name->kept);
    if (event->text != NULL) {
        out_text(trace->out, ",\"args\":{\"arguments\":");
        out_json(trace->out, event->text->text, event->text->kept);
        out_char(trace->out, '}');
    }
    out_char(trace->out, '}');
}

/* ---- other markers ---- */

static void put_other(struct trace *trace, struct lane *lane,
                      const struct event *event)
{
    const struct recorded_marker *marker = event->marker;
    const struct track *track = lane->data;
    size_t i;

    begin_instant(trace, lane, lane->tid, track->now);
    put_name(trace, marker->name, strlen(marker->name));
    for (i = 0; i < marker->count; i++) {
        const char *name = marker->arguments[i].name;

        out_text(trace->out, i == 0 ? ",\"args\":{" : ",");
        out_json(trace->out, name, strlen(name));
        out_char(trace->out, ':');
        print_json_value(trace->out, &marker->arguments[i], &event->values[i]);
    }
    out_text(trace->out, marker->count != 0 ? "}}" : "}");
}

/* A marker of that name with at least these arguments. */
static const struct known {
    const char *name;
    size_t count;
    bool is_string; /* the first argument */
    void (*put)(struct trace *trace, struct lane *lane,
                const struct event *event);
} known[] = {
    {"gc__start", 1, false, begin_collection},
    {"gc__done", 1, false, end_collection},
    {"import__find__load__start", 1, true, begin_import},
    {"import__find__load__done", 2, true, end_import},
    {"audit", 1, true, put_audit},
};

static void put_marker(struct trace *trace, struct lane *lane,
                       const struct event *event)
{
    const struct recorded_marker *marker = event->marker;
    size_t i;

    if (stacks_is_call(marker))
        return;
    track_of(lane, event->since);
    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (marker->count >= known[i].count &&
            (marker->arguments[0].kind == ARGUMENT_STRING) ==
                known[i].is_string &&
            strcmp(marker->name, known[i].name) == 0) {
            known[i].put(trace, lane, event);
            return;
        }
    put_other(trace, lane, event);
}

/* ---- what is lost, and who is who ---- */

static void put_lost(struct trace *trace, const struct lane *lane,
                     const struct event *event)
{
    static const char name[] = "events are lost here";
    const struct track *track = lane != NULL ? lane->data : NULL;
    int64_t now = event->has_time ? event->since
                  : track != NULL ? track->now
                                  : 0;

    begin_event(trace, "i", event->pid, lane != NULL ? event->tid : event->pid);
    put_time(trace->out, ",\"ts\":", now);
    out_text(trace->out, lane != NULL ? ",\"s\":\"t\"" : ",\"s\":\"p\"");
    put_name(trace, name, strlen(name));
    put_number(trace->out, ",\"args\":{\"lost\":", event->lost);
    out_text(trace->out, "}}");
}

static void put_event(struct trace *trace, const struct event *event)
{
    struct lane *lane = stacks_event(trace->stacks, event);

    switch (event->kind) {
    case EVENT_MARKER:
        if (lane != NULL)
            put_marker(trace, lane, event);
        break;
    case EVENT_LOST: put_lost(trace, lane, event); break;
    case EVENT_PROCESS:
        put_metadata(trace, "process_name", event->process->pid,
                     event->process->pid, event->process->command);
        break;
    case EVENT_THREAD:
        put_metadata(trace, "thread_name", event->pid, event->tid, event->name);
        break;
    case EVENT_HOST:
    case EVENT_PAUSE: break;
    }
}

/* ---- the end ---- */

/* What goes on goes on until the recording's end. */
static void end_lane(struct trace *trace, struct lane *lane, int64_t end)
{
    struct track *track = lane->data;
    size_t i;
    int kind;

    if (track == NULL)
        return;
    if (end <= track->now)
        end = track->now + 1;
    for (i = lane->depth; i-- > lane->guessed; end++) {
        struct function *function = lane->stack[i].node->function;

        put_call(trace, lane, function, track->began[i], end);
        if (track->coroutines.begun[i] != NULL)
            put_run(trace, lane, track->coroutines.begun[i], function,
                    track->began[i], end);
    }
    coroutine_calls_free(&track->coroutines);
    for (kind = 0; kind < KINDS; kind++) {
        while (track->spans[kind].count != 0) {
            end_last(trace, lane, kind, end++);
            out_char(trace->out, '}');
        }
        free(track->spans[kind].list);
    }
    free(track->began);
    free(track);
}

static int put_file(struct view_run *run, struct out *out)
{
    const struct stacks_calls calls = {entered, returned};
    struct trace trace = {.out = out};
    struct reader *reader = view_begin(run, 0);
    const struct event *event;
    int64_t end;
    size_t i;

    if (reader == NULL)
        return UNREADABLE;
    trace.stacks = stacks_new(0, &calls, &trace);
    trace.coroutines = coroutines_new(MOST_COROUTINES);
    out_text(out, "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[");
    while (out->error == 0 && (event = reader_next(reader)) != NULL)
        put_event(&trace, event);
    end = export_end(trace.stacks, reader);
    for (i = 0; i < stacks_lanes(trace.stacks); i++)
        end_lane(&trace, stacks_lane(trace.stacks, i), end);
    for (i = 0; i < stacks_functions(trace.stacks); i++)
        free(stacks_function(trace.stacks, i)->data);
    coroutines_free(trace.coroutines);
    stacks_free(trace.stacks);
    out_text(out, "\n]}\n");
    return view_end(run, 0, reader);
}

static int show(struct view_run *run)
{
    return put_file(run, &run->out);
}

static int show_gz(struct view_run *run)
{
    struct out plain;
    struct gzip *gzip = gzip_begin(&plain, &run->out);
    int status = put_file(run, &plain);

    gzip_end(gzip, &plain);
    return status;
}

/* Lines and others are shown where they are asked for. */
static const char *const markers[] = {"function__entry",
                                      "function__return",
                                      "gc__start",
                                      "gc__done",
                                      "import__find__load__start",
                                      "import__find__load__done",
                                      "audit",
                                      NULL};

const struct view trace_event_form = {.markers = markers, .show = show};
const struct view trace_event_gz_form = {.markers = markers, .show = show_gz};
