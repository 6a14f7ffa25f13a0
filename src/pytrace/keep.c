/*
 * keep.c - the last events of a recording, in memory: the chunks as they would
 * be in the file. From an EVENTS chunk that is thrown away, the records stay
 * that later ones refer to: of each ring the last BEGIN, the strings since
 * then, and the last LOST.
 *
 * SPDX-License-Identifier: MIT
 */
#include "keep.h"
#include "recording.h"

#include <stdlib.h>
#include <string.h>

struct kept {
    struct kept *next;
    enum chunk_kind kind;
    size_t size;
    unsigned char bytes[];
};

/* What stays of the chunks of one ring. */
struct remains {
    uint32_t head[4];       /* of its EVENTS chunks */
    struct payload records; /* BEGIN and strings */
    unsigned char lost[24]; /* the last LOST */
    bool has_lost;
    uint64_t lost_behind; /* of LOST chunks */
};

struct keep {
    size_t most, size;
    struct kept *first, **last;
    struct kept *clock;      /* the last that was thrown away */
    struct remains *remains; /* by the ring's number */
    size_t count;
    uint64_t thrown; /* events */
};

uint64_t keep_thrown(const struct keep *keep)
{
    return keep->thrown;
}

struct keep *keep_new(size_t most_bytes)
{
    struct keep *keep = allocate(1, sizeof(*keep));

    keep->most = most_bytes;
    keep->last = &keep->first;
    return keep;
}

static struct remains *remains_of(struct keep *keep, uint32_t stream)
{
    while (keep->count <= stream) {
        keep->remains =
            grown(keep->remains, keep->count, sizeof(*keep->remains));
        memset(&keep->remains[keep->count++], 0, sizeof(*keep->remains));
    }
    return &keep->remains[stream];
}

static void put_record(struct payload *payload, const unsigned char *record,
                       size_t size)
{
    size_t i;

    for (i = 0; i < size; i += 4) {
        uint32_t word;

        memcpy(&word, record + i, 4);
        put_word(payload, word);
    }
}

static void take_remains(struct keep *keep, const struct kept *kept)
{
    uint32_t head[4];
    struct remains *remains;
    size_t at = sizeof(head);

    memcpy(head, kept->bytes, sizeof(head));
    remains = remains_of(keep, head[0]);
    memcpy(remains->head, head, sizeof(head));
    while (at < kept->size) {
        const unsigned char *record = kept->bytes + at;
        uint16_t size, kind;

        memcpy(&size, record, 2);
        memcpy(&kind, record + 2, 2);
        if (size == 0 || size > kept->size - at)
            return; /* (segment.c has looked; the program wrote meanwhile) */
        if (kind == PYTRACE__BEGIN) {
            remains->records.size = 0;
            remains->has_lost = false;
            remains->lost_behind = 0;
        }
        keep->thrown += kind >= PYTRACE__EVENT;
        if (kind == PYTRACE__BEGIN || kind == PYTRACE__STRING) {
            put_record(&remains->records, record, size);
        } else if (kind == PYTRACE__LOST && size == sizeof(remains->lost)) {
            memcpy(remains->lost, record, size);
            remains->has_lost = true;
        }
        at += size;
    }
}

static void throw_away(struct keep *keep)
{
    struct kept *kept = keep->first;

    keep->first = kept->next;
    if (keep->first == NULL)
        keep->last = &keep->first;
    keep->size -= kept->size;
    if (kept->kind == CHUNK_EVENTS) {
        take_remains(keep, kept);
    } else if (kept->kind == CHUNK_LOST) {
        uint32_t stream;
        uint64_t count;

        memcpy(&stream, kept->bytes, 4);
        memcpy(&count, kept->bytes + 8, 8);
        remains_of(keep, stream)->lost_behind += count;
    } else if (kept->kind == CHUNK_CLOCK) {
        free(keep->clock);
        keep->clock = kept;
        return;
    }
    free(kept);
}

static void add(struct keep *keep, enum chunk_kind kind, const void *part,
                size_t size, const void *rest, size_t rest_size)
{
    struct kept *kept = allocate(1, sizeof(*kept) + size + rest_size);

    kept->kind = kind;
    kept->size = size + rest_size;
    memcpy(kept->bytes, part, size);
    if (rest_size != 0)
        memcpy(kept->bytes + size, rest, rest_size);
    *keep->last = kept;
    keep->last = &kept->next;
    keep->size += kept->size;
    while (keep->size > keep->most && keep->first != kept)
        throw_away(keep);
}

/* How many bytes of records make a chunk that is small against all of them. */
static size_t next_chunk(const struct keep *keep, const unsigned char *records,
                         size_t size)
{
    size_t at = 0;

    while (at < size && at < keep->most / 16) {
        uint16_t record;

        memcpy(&record, records + at, 2);
        if (record == 0 || record > size - at)
            return size;
        at += record;
    }
    return at;
}

void keep_chunk(struct keep *keep, enum chunk_kind kind, const void *part,
                size_t size, const void *rest, size_t rest_size)
{
    const unsigned char *records = rest;

    while (kind == CHUNK_EVENTS && rest_size > keep->most / 16) {
        size_t first = next_chunk(keep, records, rest_size);

        add(keep, kind, part, size, records, first);
        records += first;
        rest_size -= first;
        if (rest_size == 0)
            return;
    }
    add(keep, kind, part, size, records, rest_size);
}

/* ---- to the file ---- */

static void write_remains(struct remains *remains, struct writer *writer)
{
    size_t at = 0;

    if (remains->has_lost)
        put_record(&remains->records, remains->lost, sizeof(remains->lost));
    while (at < remains->records.size) {
        size_t end = at;
        uint16_t size;

        for (; end < remains->records.size; end += size) {
            memcpy(&size, remains->records.bytes + end, 2);
            if (end + size - at > MAX_PART)
                break;
        }
        write_chunk(writer, CHUNK_EVENTS, remains->head, sizeof(remains->head),
                    remains->records.bytes + at, end - at);
        at = end;
    }
    if (remains->lost_behind != 0) {
        struct payload payload = {0};

        put_word(&payload, remains->head[0]);
        put_word(&payload, 0);
        put_long(&payload, remains->lost_behind);
        write_payload(writer, CHUNK_LOST, &payload);
    }
    free(remains->records.bytes);
}

void keep_write(struct keep *keep, struct writer *writer)
{
    size_t i;

    if (keep->clock != NULL)
        write_chunk(writer, keep->clock->kind, keep->clock->bytes,
                    keep->clock->size, NULL, 0);
    for (i = 0; i < keep->count; i++)
        write_remains(&keep->remains[i], writer);
    while (keep->first != NULL) {
        struct kept *kept = keep->first;

        write_chunk(writer, kept->kind, kept->bytes, kept->size, NULL, 0);
        keep->first = kept->next;
        free(kept);
    }
    free(keep->clock);
    free(keep->remains);
    free(keep);
}
