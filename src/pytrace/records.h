/*
 * records.h - from the bytes of one ring to events: what
 * src/runtime/recording.h describes, wherever the bytes come from.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_RECORDS_H
#define PYTRACE_RECORDS_H

#include "events.h"

/*
 * The strings of one ring, by number. The writer forgets strings when its table
 * is full and numbers go on, so the latest are kept.
 */
enum {
    MAX_STRINGS = 1 << 16,
    MAX_STRING_BYTES = 16 << 20, /* of one ring */
    MAX_ALL_STRING_BYTES = 512 << 20,
};

struct strings {
    struct string *slots; /* where number modulo capacity is */
    uint32_t capacity;    /* a power of 2, or 0 */
    uint32_t oldest, newest;
    bool is_empty;
    size_t bytes;
    size_t *all_bytes; /* of all rings */
};

/* A ring as far as it has been read. */
struct records {
    bool swapped; /* of the other byte order */
    struct recorded_host *host;
    const struct recorded_process *process;
    bool has_begun;
    uint32_t pid, tid;
    uint64_t ticks; /* of the last record with a time */
    uint64_t lost;  /* the ring's count there */
    uint64_t told;  /* more, by records_lost() */
    struct strings strings;
};

void records_begin(struct records *records, bool swapped,
                   struct recorded_host *host,
                   const struct recorded_process *process, size_t *all_bytes);
void records_end(struct records *records);

enum record_found { FOUND_EVENT, FOUND_END, FOUND_WRONG };

/*
 * The next event, with the process of the ring and the thread's numbers as it
 * sees them, of the records from *at to end; *at is moved behind it. At the
 * end, *at is end. Where a record is wrong, *at is there and reason says why:
 * what is behind it cannot be read. Strings of the event stay until the next
 * call.
 */
enum record_found records_next(struct records *records,
                               const unsigned char **at,
                               const unsigned char *end, struct event *event,
                               struct reason *reason);

/*
 * The thread lost so many events behind its last record, and behind what was
 * told so before; false when there are none.
 */
bool records_lost(struct records *records, uint64_t lost, struct event *event);

#endif
