/*
 * merge.c - the rings' events by time: a heap of those that have one (merge.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "merge.h"

#include <stdlib.h>
#include <string.h>

/* ---- the heap ---- */

static bool is_earlier(const struct stream *a, const struct stream *b)
{
    return a->head.ticks < b->head.ticks;
}

static void sink(struct merge *merge)
{
    struct stream *stream = merge->heap[0];
    size_t at = 0;
    size_t below;

    while ((below = 2 * at + 1) < merge->count) {
        if (below + 1 < merge->count &&
            is_earlier(merge->heap[below + 1], merge->heap[below]))
            below++;
        if (!is_earlier(merge->heap[below], stream))
            break;
        merge->heap[at] = merge->heap[below];
        at = below;
    }
    merge->heap[at] = stream;
}

static void push(struct merge *merge, struct stream *stream)
{
    size_t at = merge->count;

    merge->heap = grown(merge->heap, at, sizeof(struct stream *));
    merge->count++;
    while (at > 0 && is_earlier(stream, merge->heap[(at - 1) / 2])) {
        merge->heap[at] = merge->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    merge->heap[at] = stream;
    stream->is_queued = true;
}

/* ---- pieces ---- */

static void drop_first(struct merge *merge, struct stream *stream)
{
    struct piece *piece = stream->first;

    merge->held -= sizeof(*piece) + piece->size;
    stream->first = piece->next;
    stream->at = NULL;
    free(piece);
}

static void append(struct merge *merge, struct stream *stream,
                   struct piece *piece)
{
    if (stream->first == NULL)
        stream->first = piece;
    else
        stream->last->next = piece;
    stream->last = piece;
    merge->held += sizeof(*piece) + piece->size;
}

/* The stream's next event becomes its head; false when there is none yet. */
static bool advance(struct merge *merge, struct stream *stream)
{
    struct reason reason;
    struct piece *piece;

    while ((piece = stream->first) != NULL) {
        const unsigned char *end = piece->bytes + piece->size;
        bool is_event;

        if (piece->size == 0) {
            is_event =
                records_lost(&stream->records, piece->lost, &stream->head);
            drop_first(merge, stream);
            if (is_event)
                return true;
            continue;
        }
        if (stream->at == NULL)
            stream->at = piece->bytes;
        switch (records_next(&stream->records, &stream->at, end, &stream->head,
                             &reason)) {
        case FOUND_EVENT: return true;
        case FOUND_WRONG:
            say(merge->wrong,
                "at byte %llu: %s; the chunk's last %zu bytes are left out",
                (unsigned long long)(piece->place +
                                     (uint64_t)(stream->at - piece->bytes)),
                reason.text, (size_t)(end - stream->at));
            break;
        case FOUND_END: break;
        }
        drop_first(merge, stream);
    }
    return false;
}

/* What was given is over. */
static void settle(struct merge *merge)
{
    struct stream *stream = merge->given;

    if (stream == NULL)
        return;
    merge->given = NULL;
    if (!advance(merge, stream)) {
        stream->is_queued = false;
        merge->heap[0] = merge->heap[--merge->count];
    }
    if (merge->count > 1)
        sink(merge);
}

static void add(struct merge *merge, struct stream *stream, struct piece *piece)
{
    settle(merge);
    append(merge, stream, piece);
    if (!stream->is_queued && advance(merge, stream))
        push(merge, stream);
}

void merge_add(struct merge *merge, struct stream *stream, const void *bytes,
               size_t size, uint64_t place)
{
    struct piece *piece;

    if (size == 0)
        return;
    piece = allocate(1, sizeof(*piece) + size);
    piece->place = place;
    piece->size = size;
    memcpy(piece->bytes, bytes, size);
    add(merge, stream, piece);
}

void merge_add_lost(struct merge *merge, struct stream *stream, uint64_t lost)
{
    struct piece *piece = allocate(1, sizeof(*piece));

    piece->lost = lost;
    add(merge, stream, piece);
}

struct event *merge_next(struct merge *merge, uint64_t limit)
{
    settle(merge);
    if (merge->count == 0 || merge->heap[0]->head.ticks > limit)
        return NULL;
    merge->given = merge->heap[0];
    return &merge->given->head;
}

void merge_end(struct merge *merge)
{
    free(merge->heap);
}

void stream_end(struct stream *stream)
{
    while (stream->first != NULL) {
        struct piece *piece = stream->first;

        stream->first = piece->next;
        free(piece);
    }
    records_end(&stream->records);
}
