/*
 * format.h - the file of a recording: a header, and chunks. docs/recording.md
 * describes it; recording.h the records inside of it. write.c writes it, and
 * read.c reads it.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_FORMAT_H
#define PYTRACE_FORMAT_H

#include "base.h"

#define FORMAT_MAGIC "pytrace" /* with its NUL: 8 bytes */
enum {
    FORMAT_VERSION = 1,
    FORMAT_ORDER = 0x01020304, /* as the file's byte order writes it */
    CHUNK_MAGIC = 0x6b6e6843,
    MAX_CHUNK = 64 << 20, /* bytes of a payload */
};

struct file_header {
    char magic[8];
    uint32_t version, order;
};

struct chunk_header {
    uint32_t magic, kind, size; /* size: of the payload, without its padding */
    uint32_t crc;               /* zlib's crc32 of kind, size and the payload */
};

enum chunk_kind {
    CHUNK_HOST = 1,
    CHUNK_PROCESS = 2,
    CHUNK_THREAD = 3,
    CHUNK_CLOCK = 4,
    CHUNK_EVENTS = 5,
    CHUNK_PASS = 6,
    CHUNK_LOST = 7,
    CHUNK_OUTSIDE = 8,
    CHUNK_END = 9,
    CHUNK_PAUSE = 10,
    CHUNK_RUNNING = 11,
    CHUNK_STOP = 12,
};

enum end_reason { END_ASKED, END_ENDED, END_GIVEN_UP, END_ERROR };

#endif
