/*
 * segment.c - the rings of a host (recording.h), as the command reads them:
 * what the program publishes goes on, and the program gets the room back. The
 * program can write what it wants there: nothing that it says is believed.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "segment.h"
#include "write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEPT = 64 << 10 }; /* bytes of a ring that stay in memory at the end */

#define LOAD(object) __atomic_load_n(object, __ATOMIC_RELAXED)
#define DEPTH(state) ((uint32_t)(state)&0xff)
#define BEGUN(state) ((uint32_t)(state) >> 8 & 0xffff)

static struct pytrace__ring *ring_at(const struct rings *rings, uint32_t i)
{
    return (
        struct pytrace__ring *)(void *)((char *)rings->segment +
                                        PYTRACE__HEADER_BYTES +
                                        i * PYTRACE__STRIDE(rings->ring_bytes));
}

/* So many rings were ever taken. */
static uint32_t used(const struct rings *rings)
{
    uint32_t count = __atomic_load_n(&rings->segment->used, __ATOMIC_ACQUIRE);

    return count < rings->count ? count : rings->count;
}

/* ---- opening ---- */

size_t rings_size(uint32_t count, uint32_t ring_bytes)
{
    return PYTRACE__HEADER_BYTES + count * PYTRACE__STRIDE(ring_bytes);
}

static enum opening fail(struct rings *rings, struct reason *reason,
                         const char *why)
{
    because(reason, "its shared memory cannot be used: %s", why);
    if (rings->segment != NULL)
        munmap(rings->segment, rings->size);
    if (rings->file >= 0)
        close(rings->file);
    memset(rings, 0, sizeof(*rings));
    return IS_NONE;
}

static bool is_segment_file(const char *path)
{
    static const char expected[] = "/memfd:" PYTRACE__SEGMENT_NAME " (deleted)";
    char target[sizeof(expected) + 1];
    ssize_t length = readlink(path, target, sizeof(target));

    return length == (ssize_t)sizeof(expected) - 1 &&
           memcmp(target, expected, sizeof(expected) - 1) == 0;
}

/*
 * A new file gets its size, which cannot change any more. The program could
 * change it until it was sealed, and have a file there that is not its own.
 */
static bool has_size(const struct rings *rings, struct stat *status)
{
    enum { SEALS = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL };

    if (status->st_size == 0 &&
        (fcntl(rings->file, F_GET_SEALS) != 0 ||
         ftruncate(rings->file, (off_t)rings->size) != 0 ||
         fcntl(rings->file, F_ADD_SEALS, SEALS) != 0))
        return false;
    if (fcntl(rings->file, F_GET_SEALS) != SEALS ||
        fstat(rings->file, status) != 0)
        return false;
    errno = EINVAL;
    return status->st_size == (off_t)rings->size;
}

static bool has_header(const struct rings *rings)
{
    struct pytrace__segment *segment = rings->segment;

    if (segment->magic == 0) { /* a new one */
        segment->layout = PYTRACE__LAYOUT;
        segment->rings = rings->count;
        segment->ring_bytes = rings->ring_bytes;
        segment->magic = PYTRACE__MAGIC;
    }
    return segment->magic == PYTRACE__MAGIC &&
           segment->layout == PYTRACE__LAYOUT &&
           segment->rings == rings->count &&
           segment->ring_bytes == rings->ring_bytes;
}

/* What another recording has left there is not of this one. */
static void pass_over(struct rings *rings)
{
    uint32_t i;

    rings->streams = allocate(rings->count, sizeof(*rings->streams));
    for (i = 0; i < used(rings); i++) {
        struct pytrace__ring *ring = ring_at(rings, i);
        struct stream *stream = &rings->streams[i];

        stream->tail =
            (uint32_t)__atomic_load_n(&ring->published, __ATOMIC_ACQUIRE);
        stream->lost = stream->told = LOAD(&ring->lost);
        __atomic_store_n(&ring->tail, stream->tail, __ATOMIC_RELEASE);
    }
    rings->unringed = LOAD(&rings->segment->unringed);
}

enum opening rings_open(struct rings *rings, long pid, int descriptor,
                        const struct rings_wishes *wishes,
                        struct reason *reason)
{
    char path[64];
    struct stat status;

    memset(rings, 0, sizeof(*rings));
    rings->file = -1;
    rings->calls = wishes->calls;
    rings->request = wishes->request;
    rings->count = wishes->count;
    rings->ring_bytes = wishes->ring_bytes;
    rings->size = rings_size(wishes->count, wishes->ring_bytes);
    snprintf(path, sizeof(path), "/proc/%ld/fd/%d", pid, descriptor);
    if (!is_segment_file(path))
        return fail(rings, reason, "the program has closed it");
    rings->file = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (rings->file < 0 || fstat(rings->file, &status) != 0)
        return fail(rings, reason, strerror(errno));
    if (flock(rings->file, LOCK_EX | LOCK_NB) != 0) {
        fail(rings, reason, strerror(errno));
        return IS_LOCKED;
    }
    if (!has_size(rings, &status))
        return fail(rings, reason, strerror(errno));
    rings->inode = status.st_ino;
    rings->segment = mmap(NULL, rings->size, PROT_READ | PROT_WRITE, MAP_SHARED,
                          rings->file, 0);
    if (rings->segment == MAP_FAILED) {
        rings->segment = NULL;
        return fail(rings, reason, strerror(errno));
    }
    if (!has_header(rings))
        return fail(rings, reason, "it has another layout");
    pass_over(rings);
    rings_beat(rings);
    return OPENED;
}

void rings_beat(struct rings *rings)
{
    __atomic_fetch_add(&rings->segment->beats, 1, __ATOMIC_RELAXED);
}

uint64_t rings_unringed(const struct rings *rings)
{
    return LOAD(&rings->segment->unringed) - rings->unringed;
}

/* ---- reading ---- */

static uint64_t long_at(const uint32_t *words)
{
    return words[0] | (uint64_t)words[1] << 32;
}

/* A child by fork that is followed may have a number that is a bit higher. */
static bool is_of_request(const struct rings *rings, uint32_t request)
{
    return (request & 0xffff0000u) == (rings->request & 0xffff0000u);
}

/*
 * The records from *at on, which end at size: as many as make one part of the
 * file; *at is moved behind them. NULL: there is none of this recording.
 */
static const unsigned char *next_part(struct rings *rings,
                                      struct stream *stream,
                                      const unsigned char *bytes, size_t size,
                                      size_t *at)
{
    const unsigned char *first = stream->has_begun ? bytes + *at : NULL;
    size_t begin = *at;

    while (*at < size && *at - begin < MAX_PART - (64 << 10)) {
        uint32_t words[8];
        uint32_t bytes_here, kind;

        memcpy(words, bytes + *at, 4);
        bytes_here = words[0] & 0xffff;
        kind = words[0] >> 16;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        bytes_here = words[0] >> 16;
        kind = words[0] & 0xffff;
#endif
        if (bytes_here == 0 || bytes_here % 8 != 0 || bytes_here > size - *at) {
            rings->is_damaged = true;
            stream->has_begun = false;
            *at = size;
            return NULL;
        }
        if (kind >= PYTRACE__EVENT) {
            rings->events += first != NULL;
        } else if (kind == PYTRACE__BEGIN && bytes_here >= sizeof(words)) {
            memcpy(words, bytes + *at, sizeof(words));
            if (is_of_request(rings, words[1])) {
                if (first == NULL) {
                    first = bytes + *at;
                    begin = *at;
                    stream->has_begun = true;
                }
                stream->told = long_at(words + 6);
                rings->calls->began(rings, words[4], words[5],
                                    rings->calls->data);
            }
        } else if (kind == PYTRACE__LOST && bytes_here >= 24) {
            memcpy(words, bytes + *at, 24);
            stream->told = long_at(words + 4);
        }
        *at += bytes_here;
    }
    return first;
}

static void read_records(struct rings *rings, struct stream *stream,
                         struct pytrace__ring *ring, const unsigned char *bytes,
                         size_t size)
{
    size_t at = 0;

    while (at < size) {
        const unsigned char *part = next_part(rings, stream, bytes, size, &at);

        if (part != NULL)
            rings->calls->records(rings, stream, part,
                                  (size_t)(bytes + at - part),
                                  rings->calls->data);
        __atomic_store_n(&ring->tail, stream->tail + (uint32_t)(at / 8),
                         __ATOMIC_RELEASE);
    }
    stream->tail += (uint32_t)(size / 8);
}

/* Returns how many units there were. */
static uint32_t read_ring(struct rings *rings, uint32_t i)
{
    struct pytrace__ring *ring = ring_at(rings, i);
    struct stream *stream = &rings->streams[i];
    uint32_t capacity = rings->ring_bytes / 8;
    uint32_t end =
        (uint32_t)__atomic_load_n(&ring->published, __ATOMIC_ACQUIRE);
    uint32_t units = end - stream->tail, place = stream->tail & (capacity - 1);
    const unsigned char *data =
        (const unsigned char *)ring + PYTRACE__RING_DATA;
    uint32_t first = units < capacity - place ? units : capacity - place;

    if (units == 0)
        return 0;
    if (units > capacity) {
        rings->is_damaged = true;
        stream->has_begun = false;
        stream->tail = end;
        __atomic_store_n(&ring->tail, end, __ATOMIC_RELEASE);
        return 0;
    }
    read_records(rings, stream, ring, data + 8 * (size_t)place,
                 8 * (size_t)first);
    if (first < units)
        read_records(rings, stream, ring, data, 8 * (size_t)(units - first));
    return units;
}

unsigned rings_read(struct rings *rings)
{
    uint32_t most = 0, i;

    for (i = 0; i < used(rings); i++) {
        uint32_t units = read_ring(rings, i);

        if (units > most)
            most = units;
    }
    return (unsigned)((uint64_t)most * 256 / (rings->ring_bytes / 8));
}

/* ---- threads that end, and the end of all ---- */

/* Lost by now; with what a thread has begun, and did not publish. */
static uint64_t lost_in(const struct pytrace__ring *ring)
{
    uint64_t state = __atomic_load_n(&ring->state, __ATOMIC_ACQUIRE);

    return LOAD(&ring->lost) + (DEPTH(state) != 0 ? BEGUN(state) : 0);
}

/* Say what was lost behind the last record. */
static void tell_lost(struct rings *rings, uint32_t i)
{
    struct stream *stream = &rings->streams[i];
    uint64_t lost = lost_in(ring_at(rings, i));

    if (lost == stream->told)
        return;
    rings->calls->lost(rings, stream, lost - stream->told, rings->calls->data);
    stream->told = lost;
}

uint32_t rings_reap(struct rings *rings,
                    bool (*is_alive)(struct rings *rings, uint32_t pid,
                                     uint32_t tid, void *data))
{
    uint32_t freed = 0;
    uint32_t i;

    for (i = 0; i < used(rings); i++) {
        struct pytrace__ring *ring = ring_at(rings, i);
        uint64_t owner = __atomic_load_n(&ring->owner, __ATOMIC_ACQUIRE);

        if (owner == 0 || is_alive(rings, (uint32_t)(owner >> 32),
                                   (uint32_t)owner, rings->calls->data))
            continue;
        read_ring(rings, i);
        tell_lost(rings, i);
        __atomic_store_n(&ring->owner, 0, __ATOMIC_RELEASE);
        freed++;
    }
    return freed;
}

bool rings_are_busy(const struct rings *rings)
{
    uint32_t i;

    for (i = 0; i < used(rings); i++)
        if (DEPTH(__atomic_load_n(&ring_at(rings, i)->state,
                                  __ATOMIC_ACQUIRE)) != 0)
            return true;
    return false;
}

uint64_t rings_lost(const struct rings *rings)
{
    uint64_t lost = 0;
    uint32_t i;

    for (i = 0; i < used(rings); i++)
        lost += lost_in(ring_at(rings, i)) - rings->streams[i].lost;
    return lost;
}

/* Of a ring that is empty, all but some memory from its end on. */
static void free_memory(const struct rings *rings, uint32_t i)
{
    off_t ring =
        (off_t)(PYTRACE__HEADER_BYTES + i * PYTRACE__STRIDE(rings->ring_bytes) +
                PYTRACE__RING_DATA);
    off_t size = rings->ring_bytes;
    off_t head = 8 * (off_t)(rings->streams[i].tail & (size / 8 - 1));
    off_t after = (head + KEPT) & ~(off_t)4095;

    head &= ~(off_t)4095;
    if (size <= 2 * KEPT)
        return;
    if (after < size) {
        fallocate(rings->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  ring + after, size - after);
        after = 0;
    } else {
        after -= size;
    }
    if (head > after)
        fallocate(rings->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                  ring + after, head - after);
}

void rings_end(struct rings *rings, bool keep)
{
    uint32_t i;

    rings_read(rings);
    for (i = 0; i < used(rings); i++) {
        tell_lost(rings, i);
        if (keep)
            free_memory(rings, i);
    }
    rings->lost = rings_lost(rings);
}

void rings_close(struct rings *rings)
{
    munmap(rings->segment, rings->size);
    close(rings->file);
    free(rings->streams);
    memset(rings, 0, sizeof(*rings));
}
