/* reader.c - see reader.h. SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "reader.h"

#include "pytrace_probes.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct seen *reader_seen;
unsigned long reader_events, reader_strings, reader_begins;
struct pytrace__segment *reader_segment;

static struct stream {
    const char **strings; /* by number */
    uint32_t count, pid, tid;
    uint64_t time;
} * streams;
static pthread_t thread;
static _Atomic int is_stopping, is_paused, is_still;
static uint32_t request;

static struct pytrace__ring *ring_number(uint32_t number)
{
    char *first = (char *)reader_segment + PYTRACE__HEADER_BYTES;

    return (void *)(first +
                    number * PYTRACE__STRIDE(reader_segment->ring_bytes));
}

static void wrong(const char *what, const uint32_t *record)
{
    fprintf(stderr, "wrong record: %s: %08x %08x %08x %08x\n", what, record[0],
            record[1], record[2], record[3]);
    abort();
}

static const char *string_of(const struct stream *stream, uint32_t number)
{
    return number < stream->count ? stream->strings[number] : NULL;
}

static void keep_string(struct stream *stream, const uint32_t *record)
{
    uint32_t number = record[1];

    if (record[3] > PYTRACE__LONGEST_STRING || record[2] < record[3])
        wrong("a string's length", record);
    if (number >= stream->count) {
        uint32_t count = number + 1024;

        stream->strings =
            realloc(stream->strings, count * sizeof(*stream->strings));
        memset(stream->strings + stream->count, 0,
               (count - stream->count) * sizeof(*stream->strings));
        stream->count = count;
    }
    if (stream->strings[number] != NULL)
        wrong("a number twice", record);
    stream->strings[number] = strndup((const char *)(record + 4), record[3]);
    reader_strings++;
}

static void keep_time(struct stream *stream, const uint32_t *record)
{
    uint64_t time;

    memcpy(&time, record + 2, 8);
    if (stream->time > time + 100000000)
        wrong("time", record);
    stream->time = time;
}

static void keep_event(struct stream *stream, const uint32_t *record,
                       uint32_t bytes)
{
    struct seen *seen = reader_seen + reader_events++ % KEPT;

    keep_time(stream, record);
    if (stream->tid == 0)
        wrong("an event before BEGIN", record);
    memset(seen, 0, sizeof(*seen));
    seen->pid = stream->pid;
    seen->tid = stream->tid;
    seen->marker = (record[0] >> 16) - PYTRACE__EVENT;
    seen->words[0] = record[1];
    memcpy(seen->words + 1, record + 4, bytes - 16);
    if (bytes < 24)
        return;
    seen->first = string_of(stream, record[1]);
    seen->second = string_of(stream, record[4]);
    seen->sequence = record[5];
    if (seen->first == NULL || seen->second == NULL)
        wrong("a string's number", record);
}

static void read_record(struct stream *stream, const uint32_t *record)
{
    uint32_t bytes = record[0] & 0xffff, kind = record[0] >> 16;

    if (bytes == 0 || bytes % 8 != 0)
        wrong("its size", record);
    switch (kind) {
    case PYTRACE__PAD:
    case PYTRACE__LOST: break;
    case PYTRACE__BEGIN:
        keep_time(stream, record);
        stream->count = 0; /* the events that were seen have the strings */
        stream->strings = NULL;
        stream->pid = record[4];
        stream->tid = record[5];
        reader_begins++;
        break;
    case PYTRACE__STRING: keep_string(stream, record); break;
    default:
        if (kind < PYTRACE__EVENT || kind > PYTRACE__EVENT + 7)
            wrong("its kind", record);
        keep_event(stream, record, bytes);
    }
}

static void drain(void)
{
    uint32_t used = __atomic_load_n(&reader_segment->used, __ATOMIC_ACQUIRE);
    uint32_t mask = reader_segment->ring_bytes / 8 - 1, i;

    for (i = 0; i < used; i++) {
        struct pytrace__ring *ring = ring_number(i);
        uint32_t end =
            (uint32_t)__atomic_load_n(&ring->published, __ATOMIC_ACQUIRE);
        uint32_t at = ring->tail;
        uint64_t *data = (void *)((char *)ring + PYTRACE__RING_DATA);

        for (; at != end; at += (data[at & mask] & 0xffff) / 8)
            read_record(streams + i, (uint32_t *)(data + (at & mask)));
        __atomic_store_n(&ring->tail, at, __ATOMIC_RELEASE);
    }
}

static void map_segment(void)
{
    char name[64];
    int file;

    if (reader_segment != NULL && (reader_control.flags & PYTRACE__AGAIN))
        return;
    snprintf(name, sizeof(name), "/proc/self/fd/%d", reader_control.descriptor);
    file = open(name, O_RDWR | O_CLOEXEC);
    if (file < 0 || ftruncate(file, (off_t)reader_control.segment_bytes) != 0)
        abort();
    reader_segment = mmap(NULL, reader_control.segment_bytes,
                          PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (reader_segment == MAP_FAILED)
        abort();
    close(file);
}

static uint32_t asked_rings, asked_bytes;

static void *read_all(void *unused)
{
    while (__atomic_load_n(&reader_control.answer, __ATOMIC_ACQUIRE) !=
           request) {
        if (is_stopping)
            return unused;
        usleep(50);
    }
    map_segment();
    reader_segment->magic = PYTRACE__MAGIC;
    reader_segment->layout = PYTRACE__LAYOUT;
    reader_segment->rings = asked_rings;
    reader_segment->ring_bytes = asked_bytes;
    __atomic_store_n(&reader_control.ready, request, __ATOMIC_RELEASE);
    while (!is_stopping) {
        is_still = is_paused;
        if (!is_still) {
            drain();
            __atomic_add_fetch(&reader_segment->beats, 1, __ATOMIC_RELAXED);
        }
        usleep(200);
    }
    return unused;
}

static void mark(unsigned short *semaphore, int on)
{
    unsigned char *byte = (unsigned char *)semaphore + 1;

    if (on)
        __atomic_fetch_or(byte, 0x40, __ATOMIC_RELAXED);
    else
        __atomic_fetch_and(byte, 0xbf, __ATOMIC_RELAXED);
}

void reader_start(uint32_t flags, uint32_t rings, uint32_t ring_bytes,
                  uint64_t check_ticks)
{
    struct pytrace__control *control = &reader_control;
    sigset_t all, usual;

    if (reader_seen == NULL)
        reader_seen = calloc(KEPT, sizeof(*reader_seen));
    streams = calloc(rings, sizeof(*streams));
    reader_events = reader_strings = reader_begins = 0;
    is_stopping = is_paused = is_still = 0;
    asked_rings = rings;
    asked_bytes = ring_bytes;
    control->pid = (uint32_t)getpid();
    control->flags = flags;
    control->segment_bytes =
        PYTRACE__HEADER_BYTES + rings * PYTRACE__STRIDE(ring_bytes);
    control->check_ticks = check_ticks;
    request += 0x10000;
    if (reader_segment != NULL && (flags & PYTRACE__AGAIN)) {
        control->ready = request;
        control->answer = request;
    }
    __atomic_store_n(&control->request, request, __ATOMIC_RELEASE);
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &usual);
    if (pthread_create(&thread, NULL, read_all, NULL) != 0)
        abort();
    pthread_sigmask(SIG_SETMASK, &usual, NULL);
    mark(&python_function__entry_semaphore, 1);
    mark(&python_function__return_semaphore, 1);
}

void reader_pause(int on)
{
    is_paused = on;
    while (is_still != on)
        usleep(50);
}

void reader_stop(void)
{
    mark(&python_function__entry_semaphore, 0);
    mark(&python_function__return_semaphore, 0);
    __atomic_store_n(&reader_control.request, 0, __ATOMIC_RELEASE);
    is_stopping = 1;
    pthread_join(thread, NULL);
    if (reader_segment != NULL)
        drain();
}

void reader_free_ended(void)
{
    uint32_t tid = (uint32_t)syscall(SYS_gettid), i;

    reader_pause(1);
    drain();
    for (i = 0; i < reader_segment->used; i++)
        if ((uint32_t)ring_number(i)->owner != tid)
            __atomic_store_n(&ring_number(i)->owner, 0, __ATOMIC_RELEASE);
    reader_pause(0);
}

unsigned long reader_lost(void)
{
    unsigned long lost = reader_segment->unringed + reader_control.early;
    uint32_t i;

    for (i = 0; i < reader_segment->used; i++) {
        const struct pytrace__ring *ring = ring_number(i);

        lost += ring->lost;
        if ((ring->state & 0xff) != 0)
            lost += ring->state >> 8 & 0xffff;
    }
    return lost;
}
