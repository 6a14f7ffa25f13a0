/* segment.h - the rings of a host, as the command reads them. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_SEGMENT_H
#define PYTRACE_SEGMENT_H

#include "base.h"
#include "recording.h"

/* A ring. */
struct stream {
    uint32_t number; /* in the recording; 0: nothing was written of it */
    uint32_t tail;
    bool has_begun; /* its records are of this recording */
    uint64_t lost;  /* when this recording began */
    uint64_t told;  /* how many lost ones its records have said */
};

struct rings;

/* What is done with what is read. */
struct rings_calls {
    /* Whole records. */
    void (*records)(struct rings *rings, struct stream *stream,
                    const void *records, size_t size, void *data);
    /* A thread has begun to write; the numbers as it sees them. */
    void (*began)(struct rings *rings, uint32_t pid, uint32_t tid, void *data);
    /* Lost behind the last record. */
    void (*lost)(struct rings *rings, const struct stream *stream,
                 uint64_t count, void *data);
    void *data;
};

struct rings {
    const struct rings_calls *calls;
    struct pytrace__segment *segment;
    size_t size;
    int file;
    unsigned long long inode;
    uint32_t request, count, ring_bytes;
    struct stream *streams;
    uint32_t host, process; /* their numbers in the recording */
    uint64_t events, lost;  /* of this recording */
    uint64_t unringed;      /* when it began */
    bool is_damaged;        /* something in it was no record */
};

struct rings_wishes {
    uint32_t request;
    uint32_t count, ring_bytes;
    const struct rings_calls *calls;
};

size_t rings_size(uint32_t count, uint32_t ring_bytes);

enum opening { OPENED, IS_LOCKED, IS_NONE };

/*
 * The segment that is this descriptor of the process: a new one is made for
 * these wishes, and an old one must be as they are. What an old one has from
 * before is passed over.
 */
enum opening rings_open(struct rings *rings, long pid, int descriptor,
                        const struct rings_wishes *wishes,
                        struct reason *reason);
void rings_beat(struct rings *rings);
uint64_t rings_unringed(const struct rings *rings);
/* Read what is published. Returns how full the fullest ring was, of 256. */
unsigned rings_read(struct rings *rings);
/* Free the rings of threads that is_alive does not know any more: how many. */
uint32_t rings_reap(struct rings *rings,
                    bool (*is_alive)(struct rings *rings, uint32_t pid,
                                     uint32_t tid, void *data));
/* Whether a thread is in the middle of an event. */
bool rings_are_busy(const struct rings *rings);
/* All that is lost by now, also in what was begun and not published. */
uint64_t rings_lost(const struct rings *rings);
/*
 * Nothing more is recorded: read the rest, and tell what was lost at the end.
 * keep: the program has the segment still; free what it does not need.
 */
void rings_end(struct rings *rings, bool keep);
void rings_close(struct rings *rings);

#endif
