/*
 * read.c - the events of a recording's file (read.h).
 *
 * Chunks are read one by one. Records of events wait in their rings' streams
 * until a chunk PASS says up to which time all of them are there; so what is in
 * memory is what the rings had room for, and MAX_HELD at most: with more,
 * events are given before all earlier ones are known.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "read.h"
#include "chunks.h"
#include "clock.h"
#include "recorded.h"
#include "image.h"
#include "merge.h"
#include "words.h"

#include <stdlib.h>
#include <string.h>

enum {
    MAX_HOSTS = 1 << 14,
    MAX_PROCESSES = 1 << 18,
    MAX_STREAMS = 1 << 18,
    MAX_HELD = 256 << 20,
    MAX_PAUSES = 1 << 16, /* that wait */
    KNOWN = 256,
    EVENTS_HEADER = 16, /* of a chunk EVENTS, before its records */
};

/* Pointers by a number of the file; NULL where there is none. */
struct numbered {
    void **items;
    size_t count;
};

/* It begins, or is over. */
struct pause {
    struct pause *next;
    uint64_t ticks;
    uint64_t began; /* 0: it does now */
};

struct reader {
    struct chunks chunks;
    struct clock clock;
    struct merge merge;
    struct numbered hosts, processes, streams;
    size_t marker_count; /* of all hosts */
    size_t string_bytes; /* of all streams */
    uint64_t limit;      /* events up to it are all there */
    uint64_t stop;       /* when the markers began to be switched off; or 0 */
    struct pause *pauses, **last_pause; /* that are not given yet */
    size_t pause_count;
    /* By the number that a process sees of itself; found before. */
    const struct recorded_process *known[KNOWN];
    bool at_end;
    bool has_first; /* event with a time */
    uint64_t first_ns;
    struct event told; /* what a chunk says, to be given next */
    uint64_t told_more;
    bool is_told;
    struct event pause;
    char *name; /* of the thread in told */
    struct recording_end end;
    char *end_text;
    struct recording_count count;
    struct sentences wrong;
};

/* ---- what has a number ---- */

static void *numbered_at(const struct numbered *numbered, uint32_t number)
{
    return number < numbered->count ? numbered->items[number] : NULL;
}

/* The place for a number below max, or NULL. */
static void **numbered_place(struct numbered *numbered, uint32_t number,
                             size_t max)
{
    if (number >= max)
        return NULL;
    while (numbered->count <= number) {
        numbered->items =
            grown(numbered->items, numbered->count, sizeof(void *));
        numbered->items[numbered->count++] = NULL;
    }
    return &numbered->items[number];
}

/* ---- chunks ---- */

static void is_wrong(struct reader *reader, const struct chunk *chunk,
                     const char *what)
{
    say(&reader->wrong, "at byte %llu: %s; the chunk is left out",
        (unsigned long long)chunk->place, what);
}

static uint32_t word(const struct reader *reader, const struct chunk *chunk,
                     size_t at)
{
    return load32(chunk->payload + at, reader->chunks.swapped);
}

static uint64_t wide(const struct reader *reader, const struct chunk *chunk,
                     size_t at)
{
    return load64(chunk->payload + at, reader->chunks.swapped);
}

/* A text of the payload, at its end; never NULL. Allocated. */
static char *text_at(const struct chunk *chunk, size_t at)
{
    const unsigned char *from = chunk->payload + at;
    const char *text = take_text(&from, chunk->payload + chunk->size);

    return formatted("%s", text != NULL ? text : "");
}

static void tell(struct reader *reader, enum event_kind kind)
{
    reader->told = (struct event){.kind = kind};
    reader->is_told = true;
}

static void read_host_chunk(struct reader *reader, const struct chunk *chunk)
{
    void **place =
        numbered_place(&reader->hosts, word(reader, chunk, 0), MAX_HOSTS);
    struct recorded_host *host;
    struct reason reason;
    char *what;

    if (place == NULL || *place != NULL) {
        is_wrong(reader, chunk,
                 place == NULL ? "there are too many hosts"
                               : "a host is described twice");
        return;
    }
    host = host_read(chunk->payload + 4, chunk->size - 4,
                     reader->chunks.swapped, &reason);
    if (host != NULL && host->count > MAX_MARKERS - reader->marker_count) {
        host_free(host);
        host = NULL;
        because(&reason, "brings the file to more markers than are read");
    }
    if (host == NULL) {
        what = formatted("a host's description %s", reason.text);
        is_wrong(reader, chunk, what);
        free(what);
        return;
    }
    reader->marker_count += host->count;
    *place = host;
    tell(reader, EVENT_HOST);
    reader->told.host = host;
}

static void read_process(struct reader *reader, const struct chunk *chunk)
{
    void **place = numbered_place(&reader->processes, word(reader, chunk, 0),
                                  MAX_PROCESSES);
    struct recorded_process *process;

    if (place == NULL) {
        is_wrong(reader, chunk, "there are too many processes");
        return;
    }
    if (*place == NULL)
        *place = allocate(1, sizeof(*process));
    process = *place;
    memset(reader->known, 0, sizeof(reader->known));
    free(process->command);
    *process = (struct recorded_process){.pid = word(reader, chunk, 4),
                                         .self = word(reader, chunk, 8),
                                         .parent = word(reader, chunk, 12),
                                         .command = text_at(chunk, 16)};
    tell(reader, EVENT_PROCESS);
    reader->told.process = process;
    reader->told.pid = process->pid;
}

static void read_running(struct reader *reader, const struct chunk *chunk)
{
    struct recorded_process *process =
        numbered_at(&reader->processes, word(reader, chunk, 0));

    if (process == NULL)
        return;
    process->was_running = true;
    if (chunk->size >= 16)
        process->whole = wide(reader, chunk, 8);
}

static void read_stop(struct reader *reader, const struct chunk *chunk)
{
    reader->stop = wide(reader, chunk, 0);
}

static void read_thread(struct reader *reader, const struct chunk *chunk)
{
    const struct recorded_process *process =
        numbered_at(&reader->processes, word(reader, chunk, 0));
    uint32_t tid = word(reader, chunk, 4);

    tell(reader, EVENT_THREAD);
    free(reader->name);
    reader->name = text_at(chunk, 8);
    reader->told.name = reader->name;
    reader->told.process = process;
    reader->told.pid = process != NULL ? process->pid : 0;
    reader->told.tid =
        process != NULL && tid == process->self ? process->pid : tid;
}

static void read_clock(struct reader *reader, const struct chunk *chunk)
{
    const struct reading reading = {.is_counter = word(reader, chunk, 0) != 0,
                                    .ticks = wide(reader, chunk, 8),
                                    .monotonic = wide(reader, chunk, 16),
                                    .wall = wide(reader, chunk, 24)};

    if (word(reader, chunk, 0) > 1)
        is_wrong(reader, chunk, "a clock is of a kind that is not known here");
    else if (!clock_read(&reader->clock, &reading))
        is_wrong(reader, chunk,
                 "a reading of the clocks does not fit to those before it");
}

static void read_events(struct reader *reader, const struct chunk *chunk)
{
    uint32_t host = word(reader, chunk, 4);
    uint32_t process = word(reader, chunk, 8);
    void **place =
        numbered_place(&reader->streams, word(reader, chunk, 0), MAX_STREAMS);
    struct stream *stream;

    if (place == NULL) {
        is_wrong(reader, chunk, "there are too many rings");
        return;
    }
    if (numbered_at(&reader->hosts, host) == NULL) {
        is_wrong(reader, chunk, "events are of a host that is not described");
        return;
    }
    if (*place == NULL) {
        stream = *place = allocate(1, sizeof(*stream));
        stream->host = host;
        stream->process = process;
        records_begin(&stream->records, reader->chunks.swapped,
                      numbered_at(&reader->hosts, host), NULL,
                      &reader->string_bytes);
    }
    stream = *place;
    if (stream->host != host || stream->process != process) {
        is_wrong(reader, chunk, "a ring is of two hosts or processes");
        return;
    }
    stream->records.process = numbered_at(&reader->processes, process);
    merge_add(&reader->merge, stream, chunk->payload + EVENTS_HEADER,
              chunk->size - EVENTS_HEADER,
              chunk->place + sizeof(struct chunk_header) + EVENTS_HEADER);
}

/* (There is no ring when it lost all of its events, or the file has.) */
static void read_lost(struct reader *reader, const struct chunk *chunk)
{
    struct stream *stream =
        numbered_at(&reader->streams, word(reader, chunk, 0));
    uint64_t lost = wide(reader, chunk, 8);

    if (stream != NULL) {
        merge_add_lost(&reader->merge, stream, lost);
    } else if (lost != 0) {
        tell(reader, EVENT_LOST);
        reader->told.lost = lost;
        reader->told.why = LOST_BEHIND;
    }
}

/* Two sentences, of which either may say nothing. */
static void read_outside(struct reader *reader, const struct chunk *chunk)
{
    uint64_t early = wide(reader, chunk, 8);
    uint64_t unringed = wide(reader, chunk, 16);
    const struct recorded_process *process =
        numbered_at(&reader->processes, word(reader, chunk, 4));

    if (early == 0 && unringed == 0)
        return;
    tell(reader, EVENT_LOST);
    reader->told.host = numbered_at(&reader->hosts, word(reader, chunk, 0));
    reader->told.process = process;
    reader->told.pid = process != NULL ? process->pid : 0;
    reader->told.lost = early != 0 ? early : unringed;
    reader->told.why = early != 0 ? LOST_EARLY : LOST_NO_RING;
    reader->told_more = early != 0 ? unringed : 0;
}

static void read_pause(struct reader *reader, const struct chunk *chunk)
{
    uint64_t begin = wide(reader, chunk, 0), end = wide(reader, chunk, 8);
    struct pause *pause;

    if (reader->pause_count == MAX_PAUSES) {
        is_wrong(reader, chunk, "there are too many pauses");
        return;
    }
    reader->pause_count++;
    pause = allocate(1, sizeof(*pause));
    pause->ticks = end != 0 ? end : begin;
    pause->began = end != 0 ? begin : 0;
    *reader->last_pause = pause;
    reader->last_pause = &pause->next;
}

static void read_end(struct reader *reader, const struct chunk *chunk)
{
    reader->end.is_there = true;
    reader->end.why = word(reader, chunk, 0);
    reader->end.events = wide(reader, chunk, 8);
    reader->end.lost = wide(reader, chunk, 16);
    free(reader->end_text);
    reader->end_text = text_at(chunk, 24);
    reader->end.text = reader->end_text;
}

/* By kind; the bytes that each has at least. */
static const struct {
    size_t bytes;
    void (*read)(struct reader *reader, const struct chunk *chunk);
} kinds[] = {
    [CHUNK_HOST] = {12, read_host_chunk},
    [CHUNK_PROCESS] = {16, read_process},
    [CHUNK_THREAD] = {8, read_thread},
    [CHUNK_CLOCK] = {32, read_clock},
    [CHUNK_EVENTS] = {EVENTS_HEADER, read_events},
    [CHUNK_PASS] = {8, NULL},
    [CHUNK_LOST] = {16, read_lost},
    [CHUNK_OUTSIDE] = {24, read_outside},
    [CHUNK_END] = {24, read_end},
    [CHUNK_PAUSE] = {16, read_pause},
    [CHUNK_RUNNING] = {4, read_running},
    [CHUNK_STOP] = {8, read_stop},
};

static void read_chunk(struct reader *reader, const struct chunk *chunk)
{
    if (reader->end.is_there)
        is_wrong(reader, chunk, "something is behind the recording's end");
    else if (chunk->kind >= sizeof(kinds) / sizeof(kinds[0]) ||
             kinds[chunk->kind].bytes == 0)
        return; /* of a later version */
    else if (chunk->size < kinds[chunk->kind].bytes)
        is_wrong(reader, chunk, "a chunk is too short for its kind");
    else if (chunk->kind == CHUNK_PASS)
        reader->limit = wide(reader, chunk, 0);
    else
        kinds[chunk->kind].read(reader, chunk);
}

/* ---- the end ---- */

static void compare(struct reader *reader, const char *what, uint64_t counted,
                    uint64_t found)
{
    if (counted != found)
        say(&reader->wrong, "%llu events are %s, and the recorder counted %llu",
            (unsigned long long)found, what, (unsigned long long)counted);
}

/* No chunk is left; events may be. */
static void end_chunks(struct reader *reader)
{
    reader->at_end = true;
    if (!reader->end.is_there && !reader->chunks.is_cut)
        say(&reader->wrong,
            "at byte %llu: the file is cut off (the recorder was killed, or "
            "the disk was full)",
            (unsigned long long)reader->chunks.place);
    if (!clock_is_known(&reader->clock) && reader->merge.count != 0)
        say(&reader->wrong, "the file has too few readings of the clocks, so "
                            "times are in units of the events' own clock");
}

/* ---- the interface ---- */

struct reader *reader_open(int descriptor, void (*wait)(void *data), void *data,
                           struct reason *reason)
{
    struct reader *reader = allocate(1, sizeof(*reader));

    reader->end.text = "";
    reader->last_pause = &reader->pauses;
    reader->merge.wrong = &reader->wrong;
    if (!chunks_begin(&reader->chunks, descriptor, &reader->wrong, reason)) {
        reader_close(reader);
        return NULL;
    }
    reader->chunks.wait = wait;
    reader->chunks.wait_data = data;
    return reader;
}

static struct event *told_next(struct reader *reader)
{
    if (!reader->is_told) {
        reader->told.lost = reader->told_more;
        reader->told.why = LOST_NO_RING;
        reader->told_more = 0;
    }
    reader->is_told = false;
    return &reader->told;
}

/* Up to which time events can be given now. */
static uint64_t limit_now(const struct reader *reader)
{
    if (reader->at_end || reader->merge.held > MAX_HELD)
        return UINT64_MAX;
    return clock_is_known(&reader->clock) ? reader->limit : 0;
}

static struct event *pause_next(struct reader *reader)
{
    struct pause *pause = reader->pauses;

    reader->pause = (struct event){
        .kind = EVENT_PAUSE, .has_time = true, .ticks = pause->ticks};
    if (pause->began != 0) {
        int64_t ns = (int64_t)(clock_ns(&reader->clock, pause->ticks) -
                               clock_ns(&reader->clock, pause->began));

        reader->pause.paused = ns > 0 ? ns : 1;
    }
    reader->pause_count--;
    reader->pauses = pause->next;
    if (reader->pauses == NULL)
        reader->last_pause = &reader->pauses;
    free(pause);
    return &reader->pause;
}

/* The earliest one that can be given now, or NULL. */
static struct event *timed_next(struct reader *reader)
{
    uint64_t limit = limit_now(reader);
    struct event *event;

    if (reader->pauses == NULL || reader->pauses->ticks > limit)
        return merge_next(&reader->merge, limit);
    event = merge_next(&reader->merge, reader->pauses->ticks);
    return event != NULL ? event : pause_next(reader);
}

/* As chunks have them. */
static struct event *next_event(struct reader *reader)
{
    struct chunk chunk;
    struct event *event;

    for (;;) {
        if (reader->is_told || reader->told_more != 0)
            return told_next(reader);
        event = timed_next(reader);
        if (event != NULL || reader->at_end)
            return event;
        if (chunks_next(&reader->chunks, &chunk))
            read_chunk(reader, &chunk);
        else
            end_chunks(reader);
    }
}

/* The process that sees itself as pid, or NULL. */
static const struct recorded_process *process_of(struct reader *reader,
                                                 uint32_t pid)
{
    const struct recorded_process **known = &reader->known[pid % KNOWN];
    size_t i;

    if (*known != NULL && (*known)->self == pid)
        return *known;
    for (i = reader->processes.count; i > 0; i--) {
        const struct recorded_process *process = reader->processes.items[i - 1];

        if (process != NULL && process->self == pid)
            return *known = process;
    }
    return NULL;
}

/*
 * The ring is of the process that made it, or of a child by fork. The main
 * thread has its process' number, in another namespace, too.
 */
static void find_process(struct reader *reader, struct event *event)
{
    const struct recorded_process *process = event->process;

    if (process == NULL || process->self != event->pid)
        process = process_of(reader, event->pid);
    event->process = process;
    if (process == NULL)
        return;
    if (event->tid == event->pid)
        event->tid = process->pid;
    event->pid = process->pid;
}

/* Whether only some markers were on at that time. */
static bool is_partial(const struct reader *reader, const struct event *event)
{
    return event->kind == EVENT_MARKER &&
           ((reader->stop != 0 && event->ticks > reader->stop) ||
            (event->process != NULL && event->ticks < event->process->whole));
}

const struct event *reader_next(struct reader *reader)
{
    struct event *event = next_event(reader);

    if (event == NULL) {
        if (reader->end.is_there && reader->wrong.count == 0) {
            compare(reader, "in the file", reader->end.events,
                    reader->count.events);
            compare(reader, "lost as the file says at their places",
                    reader->end.lost, reader->count.lost);
        }
        return NULL;
    }
    if (event->has_time) {
        uint64_t ns = clock_ns(&reader->clock, event->ticks);

        if (!reader->has_first)
            reader->first_ns = ns;
        reader->has_first = true;
        event->since = (int64_t)(ns - reader->first_ns);
        event->wall = (int64_t)(ns + clock_wall(&reader->clock));
        if (event->kind != EVENT_PAUSE)
            find_process(reader, event);
    }
    event->is_partial = is_partial(reader, event);
    if (event->kind == EVENT_MARKER)
        reader->count.events++;
    else if (event->kind == EVENT_LOST)
        reader->count.lost += event->lost;
    else if (event->kind == EVENT_PAUSE)
        reader->count.paused += (uint64_t)event->paused;
    return event;
}

struct recording_span reader_span(const struct reader *reader)
{
    const struct clock *clock = &reader->clock;
    struct recording_span span = {0};
    uint64_t begin = clock_ns(clock, clock->first.ticks);

    if (clock->readings != 0) {
        if (reader->has_first)
            span.begin = (int64_t)(begin - reader->first_ns);
        span.end =
            (int64_t)(clock_ns(clock, clock->last.ticks) - begin) + span.begin;
    }
    return span;
}

const struct recording_end *reader_end(const struct reader *reader)
{
    return &reader->end;
}

const struct recording_count *reader_count(const struct reader *reader)
{
    return &reader->count;
}

const struct sentences *reader_wrong(const struct reader *reader)
{
    return &reader->wrong;
}

void reader_close(struct reader *reader)
{
    size_t i;

    for (i = 0; i < reader->hosts.count; i++)
        host_free(reader->hosts.items[i]);
    for (i = 0; i < reader->processes.count; i++) {
        struct recorded_process *process = reader->processes.items[i];

        if (process != NULL)
            free(process->command);
        free(process);
    }
    for (i = 0; i < reader->streams.count; i++) {
        if (reader->streams.items[i] != NULL)
            stream_end(reader->streams.items[i]);
        free(reader->streams.items[i]);
    }
    free(reader->hosts.items);
    free(reader->processes.items);
    free(reader->streams.items);
    merge_end(&reader->merge);
    chunks_end(&reader->chunks);
    while (reader->pauses != NULL)
        pause_next(reader);
    free(reader->name);
    free(reader->end_text);
    sentences_free(&reader->wrong);
    free(reader);
}
