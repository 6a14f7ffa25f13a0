/*
 * chunks.c - the chunks of a recording (chunks.h).
 *
 * A chunk is damaged where its header, its checksum or its padding is wrong.
 * Then the next one is where the header says, if a chunk (or the file's end) is
 * there; else the next place that looks like a chunk with another one, or the
 * end, behind it. So each byte is looked at a few times at most, and no more
 * than two chunks are in memory.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "chunks.h"
#include "words.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    HEADER = sizeof(struct chunk_header),
    FILE_HEADER = sizeof(struct file_header),
    ALIGNED = 8,
    READ_BYTES = 1 << 20, /* at least, at once */
    MAX_DOUBTED = 1 << 30,
};

/* ---- bytes of the file ---- */

/* Make room for so many from start on. */
static void reserve(struct chunks *chunks, size_t size)
{
    if (chunks->start + size <= chunks->capacity)
        return;
    memmove(chunks->bytes, chunks->bytes + chunks->start,
            chunks->end - chunks->start);
    chunks->end -= chunks->start;
    chunks->start = 0;
    if (size > chunks->capacity) {
        unsigned char *bytes = allocate(size + READ_BYTES, 1);

        memcpy(bytes, chunks->bytes, chunks->end);
        free(chunks->bytes);
        chunks->bytes = bytes;
        chunks->capacity = size + READ_BYTES;
    }
}

static bool read_more(struct chunks *chunks)
{
    ssize_t count;

    if (chunks->at_end)
        return false;
    if (chunks->is_stream && chunks->wait != NULL)
        chunks->wait(chunks->wait_data);
    do {
        count = read(chunks->descriptor, chunks->bytes + chunks->end,
                     chunks->capacity - chunks->end);
    } while (count < 0 && errno == EINTR);
    if (count < 0)
        say(chunks->wrong, "at byte %llu: it cannot be read further: %s",
            (unsigned long long)(chunks->place + chunks->end - chunks->start),
            strerror(errno));
    if (count <= 0) {
        chunks->at_end = true;
        return false;
    }
    chunks->end += (size_t)count;
    return true;
}

/* Whether so many bytes are there, from start on. */
static bool have(struct chunks *chunks, size_t size)
{
    while (chunks->end - chunks->start < size) {
        if (chunks->at_end)
            return false;
        reserve(chunks, size);
        if (!read_more(chunks))
            return false;
    }
    return true;
}

static void skip(struct chunks *chunks, size_t size)
{
    chunks->start += size;
    chunks->place += size;
}

/* ---- chunks ---- */

static size_t padded(size_t size)
{
    return (size + ALIGNED - 1) / ALIGNED * ALIGNED;
}

static uint32_t header_word(const struct chunks *chunks, size_t at, size_t word)
{
    return load32(chunks->bytes + chunks->start + at + word, chunks->swapped);
}

/* Whether a header is so many bytes from start, and how long that chunk is. */
static bool is_header(struct chunks *chunks, size_t at, size_t *size)
{
    if (!have(chunks, at + HEADER))
        return false;
    *size = header_word(chunks, at, offsetof(struct chunk_header, size));
    return header_word(chunks, at, offsetof(struct chunk_header, magic)) ==
               CHUNK_MAGIC &&
           *size <= MAX_CHUNK;
}

/* Whether a chunk, or the file's end, is so many bytes from start. */
static bool is_border(struct chunks *chunks, size_t at)
{
    size_t size;

    if (!have(chunks, at))
        return false;
    return !have(chunks, at + 1) || is_header(chunks, at, &size);
}

static bool has_right_crc(const struct chunks *chunks, size_t size)
{
    const unsigned char *header = chunks->bytes + chunks->start;
    uint32_t crc =
        (uint32_t)crc32(0, header + offsetof(struct chunk_header, kind), 8);

    crc = (uint32_t)crc32(crc, header + HEADER, (uInt)size);
    return crc == header_word(chunks, 0, offsetof(struct chunk_header, crc));
}

/*
 * Where no chunk is behind, either that one is damaged or this one: a file that
 * is made to waste time has too many of these.
 */
static bool is_sound(struct chunks *chunks, size_t size, bool has_next)
{
    if (!has_next)
        chunks->doubted += size;
    return chunks->doubted <= MAX_DOUBTED && has_right_crc(chunks, size);
}

static bool is_zero(const unsigned char *bytes, size_t size)
{
    while (size > 0)
        if (bytes[--size] != 0)
            return false;
    return true;
}

static void left_out(struct chunks *chunks, uint64_t from, const char *what)
{
    say(chunks->wrong, "at byte %llu: %s; %llu bytes are left out",
        (unsigned long long)from, what,
        (unsigned long long)(chunks->place - from));
}

static void cut(struct chunks *chunks)
{
    say(chunks->wrong,
        "at byte %llu: the file is cut off in the middle of a chunk (the "
        "recorder was killed, or the disk was full); its last %zu bytes are "
        "left out",
        (unsigned long long)chunks->place, chunks->end - chunks->start);
    skip(chunks, chunks->end - chunks->start);
    chunks->is_cut = true;
}

/* To the next chunk that can be told for one. What is here is damaged. */
static void find_next(struct chunks *chunks, const char *what)
{
    uint64_t from = chunks->place;
    size_t size;

    do {
        if (!have(chunks, ALIGNED + 1)) {
            skip(chunks, chunks->end - chunks->start);
            break;
        }
        skip(chunks, ALIGNED);
    } while (!is_header(chunks, 0, &size) ||
             !is_border(chunks, HEADER + padded(size)));
    left_out(chunks, from, what);
}

/*
 * A chunk that the file has no bytes for: cut, or with a size that is damaged,
 * when others are behind it.
 */
static void end_or_go_on(struct chunks *chunks)
{
    size_t left = chunks->end - chunks->start;
    size_t at, size;

    for (at = ALIGNED; at + HEADER <= left; at += ALIGNED)
        if (is_header(chunks, at, &size) &&
            is_border(chunks, at + HEADER + padded(size))) {
            find_next(chunks, "a chunk's size is wrong");
            return;
        }
    cut(chunks);
}

bool chunks_next(struct chunks *chunks, struct chunk *chunk)
{
    size_t size, whole;
    bool has_next;

    skip(chunks, chunks->used);
    chunks->used = 0;
    for (;;) {
        if (!have(chunks, 1))
            return false;
        if (!is_header(chunks, 0, &size)) {
            if (have(chunks, HEADER))
                find_next(chunks, "this is no chunk");
            else
                cut(chunks);
            continue;
        }
        whole = HEADER + padded(size);
        if (!have(chunks, whole)) {
            end_or_go_on(chunks);
            continue;
        }
        has_next = is_border(chunks, whole);
        if (!is_sound(chunks, size, has_next)) {
            if (has_next) {
                skip(chunks, whole);
                left_out(chunks, chunks->place - whole,
                         "a chunk's checksum is wrong");
            } else {
                find_next(chunks, "a chunk's checksum is wrong");
            }
            continue;
        }
        chunk->payload = chunks->bytes + chunks->start + HEADER;
        if (!is_zero(chunk->payload + size, padded(size) - size))
            say(chunks->wrong,
                "at byte %llu: a chunk's padding is not zero; nothing is left "
                "out",
                (unsigned long long)(chunks->place + HEADER + size));
        chunk->kind =
            header_word(chunks, 0, offsetof(struct chunk_header, kind));
        chunk->size = size;
        chunk->place = chunks->place;
        chunks->used = whole;
        return true;
    }
}

/* ---- the file ---- */

static bool read_header(struct chunks *chunks, struct reason *reason)
{
    const unsigned char *header;
    uint32_t order, version;

    if (!have(chunks, FILE_HEADER) ||
        memcmp(chunks->bytes, FORMAT_MAGIC, sizeof(FORMAT_MAGIC)) != 0)
        return because(reason, chunks->end == 0
                                   ? "is empty, and no recording of pytrace"
                                   : "is no recording of pytrace");
    header = chunks->bytes;
    order = load32(header + offsetof(struct file_header, order), false);
    chunks->swapped = order != FORMAT_ORDER;
    if (chunks->swapped && __builtin_bswap32(order) != FORMAT_ORDER)
        return because(reason, "is no recording of pytrace: its byte order is "
                               "neither of the two that there are");
    version =
        load32(header + offsetof(struct file_header, version), chunks->swapped);
    if (version != FORMAT_VERSION)
        return because(reason,
                       "is a recording in version %u of the format, and "
                       "pytrace " PACKAGE_VERSION
                       " reads version %d: take a newer pytrace",
                       version, FORMAT_VERSION);
    skip(chunks, FILE_HEADER);
    return true;
}

bool chunks_begin(struct chunks *chunks, int descriptor,
                  struct sentences *wrong, struct reason *reason)
{
    struct stat status;

    *chunks = (struct chunks){.descriptor = descriptor, .wrong = wrong};
    if (fstat(descriptor, &status) != 0)
        return because(reason, "cannot be read: %s", strerror(errno));
    if (S_ISDIR(status.st_mode))
        return because(reason, "is a directory, not a file");
    chunks->is_stream = !S_ISREG(status.st_mode);
    chunks->capacity = READ_BYTES;
    chunks->bytes = allocate(READ_BYTES, 1);
    return read_header(chunks, reason);
}

void chunks_end(struct chunks *chunks)
{
    free(chunks->bytes);
}
