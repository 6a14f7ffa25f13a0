/*
 * chunks.h - the chunks of a recording's file (format.h), one by one, of a file
 * or of what arrives by a pipe. Damaged ones are left out, and named.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_CHUNKS_H
#define PYTRACE_CHUNKS_H

#include "base.h"
#include "format.h"

struct chunks {
    int descriptor;
    bool swapped;            /* the file is of the other byte order */
    bool is_stream;          /* a pipe, a terminal */
    bool at_end;             /* no more can be read */
    struct sentences *wrong; /* where to say what is damaged */
    /* When it is about to wait for what a pipe brings, or NULL. */
    void (*wait)(void *data);
    void *wait_data;
    unsigned char *bytes;
    size_t capacity, start, end;
    uint64_t place; /* in the file, of bytes + start */
    size_t used;    /* by the chunk that was given */
    bool is_cut;    /* in the middle of a chunk */
    size_t doubted; /* bytes whose checksum was counted with no chunk behind */
};

struct chunk {
    uint32_t kind;
    const unsigned char *payload; /* until the next call */
    size_t size;
    uint64_t place; /* of the chunk in the file */
};

/* Reads the file's header. */
bool chunks_begin(struct chunks *chunks, int descriptor,
                  struct sentences *wrong, struct reason *reason);
bool chunks_next(struct chunks *chunks, struct chunk *chunk);
void chunks_end(struct chunks *chunks);

#endif
