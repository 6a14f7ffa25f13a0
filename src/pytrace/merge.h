/*
 * merge.h - the events of many rings in the order of their times. The order of
 * one ring's events is never changed.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_MERGE_H
#define PYTRACE_MERGE_H

#include "records.h"

/* A ring's records that are not given yet; or, without bytes, what it lost. */
struct piece {
    struct piece *next;
    uint64_t place; /* where it was, for messages */
    uint64_t lost;
    size_t size;
    unsigned char bytes[];
};

struct stream {
    struct records records;
    uint32_t host, process; /* their numbers in a file */
    struct piece *first, *last;
    const unsigned char *at; /* in the first one; NULL: at its beginning */
    struct event head;
    bool is_queued; /* has a head */
};

struct merge {
    struct stream **heap; /* that have a head; the earliest one first */
    size_t count;
    size_t held; /* bytes of all pieces */
    struct stream *given;
    struct sentences *wrong; /* where to say what is wrong in a piece */
};

/* Whole records; they are copied. */
void merge_add(struct merge *merge, struct stream *stream, const void *bytes,
               size_t size, uint64_t place);
/* The stream's last thread lost so many events more. */
void merge_add_lost(struct merge *merge, struct stream *stream, uint64_t lost);
/* The earliest event up to limit, or NULL. It stays until the next call. */
struct event *merge_next(struct merge *merge, uint64_t limit);
void merge_end(struct merge *merge);
void stream_end(struct stream *stream);

#endif
