/*
 * write.c - the file of a recording (format.h). Chunks are collected in
 * blocks, and a thread of its own writes these: a disk can take its time, and
 * the rings must be read meanwhile. Each chunk is whole in its block, and a
 * block is written as soon as it is handed over: when this program is killed,
 * the file can be read up to there.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "write.h"
#include "ticks.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

enum {
    BLOCK = 1 << 20,    /* bytes */
    MAX_BLOCKS = 64,    /* that wait for the file */
    FULL = 64 << 10,    /* bytes that are worth a system call */
    LATE = 20000000,    /* ns that a chunk stays here otherwise */
    WAITING = 20000000, /* ns between two calls while nothing is taken */
};

struct block {
    struct block *next;
    size_t size, capacity;
    unsigned char bytes[];
};

struct writer {
    int file;
    write_waiting *waiting;
    void *data;
    struct block *current; /* being filled */
    uint64_t began;        /* when its first chunk was put there */
    uint64_t bytes;

    pthread_t thread;
    pthread_mutex_t mutex; /* for all that follows */
    pthread_cond_t filled, emptied;
    struct block *first, **last; /* to be written */
    struct block *spare;
    size_t count; /* of blocks that are not spare */
    bool is_over;
    int error;
};

/* ---- the thread ---- */

/* The crc32 of each chunk, which has been left to this thread. */
static void sign(struct block *block)
{
    size_t at = 0;

    while (at < block->size) {
        struct chunk_header header;
        uLong crc;

        memcpy(&header, block->bytes + at, sizeof(header));
        if (header.magic != CHUNK_MAGIC) {
            at += sizeof(struct file_header); /* at the beginning */
            continue;
        }
        crc = crc32(0, block->bytes + at + offsetof(struct chunk_header, kind),
                    8);
        header.crc = (uint32_t)crc32(crc, block->bytes + at + sizeof(header),
                                     header.size);
        memcpy(block->bytes + at, &header, sizeof(header));
        at += sizeof(header) + ((header.size + 7u) & ~7u);
    }
}

static int write_all(int file, const unsigned char *bytes, size_t size)
{
    while (size != 0) {
        ssize_t written = write(file, bytes, size);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        bytes += written;
        size -= (size_t)written;
    }
    return 0;
}

static void *write_blocks(void *data)
{
    struct writer *writer = data;
    struct block *block;
    int error;

    pthread_mutex_lock(&writer->mutex);
    for (;;) {
        while (writer->first == NULL && !writer->is_over)
            pthread_cond_wait(&writer->filled, &writer->mutex);
        block = writer->first;
        if (block == NULL)
            break;
        writer->first = block->next;
        if (writer->first == NULL)
            writer->last = &writer->first;
        error = writer->error;
        pthread_mutex_unlock(&writer->mutex);
        if (error == 0) {
            sign(block);
            error = write_all(writer->file, block->bytes, block->size);
        }
        pthread_mutex_lock(&writer->mutex);
        writer->error = error;
        if (block->capacity == BLOCK) {
            block->next = writer->spare;
            writer->spare = block;
        } else {
            free(block);
        }
        writer->count--;
        pthread_cond_signal(&writer->emptied);
    }
    pthread_mutex_unlock(&writer->mutex);
    return NULL;
}

/* ---- blocks ---- */

static struct block *take_block(struct writer *writer, size_t capacity)
{
    struct block *block = NULL;

    pthread_mutex_lock(&writer->mutex);
    while (writer->count == MAX_BLOCKS) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += WAITING;
        if (until.tv_nsec >= 1000000000) {
            until.tv_nsec -= 1000000000;
            until.tv_sec++;
        }
        pthread_cond_timedwait(&writer->emptied, &writer->mutex, &until);
        pthread_mutex_unlock(&writer->mutex);
        writer->waiting(writer->data);
        pthread_mutex_lock(&writer->mutex);
    }
    writer->count++;
    if (capacity == BLOCK && writer->spare != NULL) {
        block = writer->spare;
        writer->spare = block->next;
    }
    pthread_mutex_unlock(&writer->mutex);
    if (block == NULL) {
        block = malloc(sizeof(*block) + capacity); /* (zeros cost time) */
        if (block == NULL) {
            fputs(PROGRAM ": out of memory\n", stderr);
            exit(UNREADABLE);
        }
    }
    block->next = NULL;
    block->size = 0;
    block->capacity = capacity;
    return block;
}

static void hand_over(struct writer *writer)
{
    pthread_mutex_lock(&writer->mutex);
    *writer->last = writer->current;
    writer->last = &writer->current->next;
    pthread_cond_signal(&writer->filled);
    pthread_mutex_unlock(&writer->mutex);
    writer->current = NULL;
}

void writer_flush(struct writer *writer, bool now)
{
    if (writer->current != NULL && (now || writer->current->size >= FULL ||
                                    monotonic_now() - writer->began >= LATE))
        hand_over(writer);
}

/* Room for so many bytes in a block. */
static unsigned char *room(struct writer *writer, size_t size)
{
    unsigned char *at;

    if (writer->current != NULL &&
        writer->current->capacity - writer->current->size < size)
        hand_over(writer);
    if (writer->current == NULL) {
        writer->current = take_block(writer, size > BLOCK ? size : BLOCK);
        writer->began = monotonic_now();
    }
    at = writer->current->bytes + writer->current->size;
    writer->current->size += size;
    writer->bytes += size;
    return at;
}

void write_chunk(struct writer *writer, enum chunk_kind kind, const void *part,
                 size_t size, const void *rest, size_t rest_size)
{
    struct chunk_header header = {CHUNK_MAGIC, kind,
                                  (uint32_t)(size + rest_size), 0};
    size_t padding = -(size + rest_size) & 7;
    unsigned char *at =
        room(writer, sizeof(header) + size + rest_size + padding);

    memcpy(at, &header, sizeof(header));
    at += sizeof(header);
    memcpy(at, part, size);
    if (rest_size != 0)
        memcpy(at + size, rest, rest_size);
    memset(at + size + rest_size, 0, padding);
}

/* ---- the file ---- */

struct writer *writer_open(const char *path, int descriptor,
                           write_waiting *waiting, void *data,
                           struct reason *reason)
{
    struct file_header header = {FORMAT_MAGIC, FORMAT_VERSION, FORMAT_ORDER};
    struct writer *writer = allocate(1, sizeof(*writer));
    int error;

    if (descriptor >= 0)
        writer->file = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
    else /* (what a program does with its data is not for everybody) */
        writer->file = open(
            path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0600);
    if (writer->file < 0) {
        because(reason, "cannot be written: %s", strerror(errno));
        free(writer);
        return NULL;
    }
    writer->waiting = waiting;
    writer->data = data;
    writer->last = &writer->first;
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->filled, NULL);
    pthread_cond_init(&writer->emptied, NULL);
    error = pthread_create(&writer->thread, NULL, write_blocks, writer);
    if (error != 0) {
        because(reason, "cannot be written: no thread could be started: %s",
                strerror(error));
        close(writer->file);
        free(writer);
        return NULL;
    }
    memcpy(room(writer, sizeof(header)), &header, sizeof(header));
    return writer;
}

int writer_error(struct writer *writer)
{
    int error;

    pthread_mutex_lock(&writer->mutex);
    error = writer->error;
    pthread_mutex_unlock(&writer->mutex);
    return error;
}

uint64_t writer_bytes(const struct writer *writer)
{
    return writer->bytes;
}

bool writer_close(struct writer *writer, struct reason *reason)
{
    int error;

    writer_flush(writer, true);
    pthread_mutex_lock(&writer->mutex);
    writer->is_over = true;
    pthread_cond_signal(&writer->filled);
    pthread_mutex_unlock(&writer->mutex);
    pthread_join(writer->thread, NULL);
    error = writer->error;
    if (close(writer->file) != 0 && error == 0)
        error = errno;
    while (writer->spare != NULL) {
        struct block *block = writer->spare;

        writer->spare = block->next;
        free(block);
    }
    free(writer);
    return error == 0 ||
           because(reason, "cannot be written: %s", strerror(error));
}

/* ---- a payload ---- */

static void put(struct payload *payload, const void *bytes, size_t size)
{
    while (payload->capacity - payload->size < size) {
        size_t capacity = payload->capacity != 0 ? 2 * payload->capacity : 256;
        unsigned char *larger = allocate(capacity, 1);

        if (payload->size != 0)
            memcpy(larger, payload->bytes, payload->size);
        free(payload->bytes);
        payload->bytes = larger;
        payload->capacity = capacity;
    }
    memcpy(payload->bytes + payload->size, bytes, size);
    payload->size += size;
}

void put_word(struct payload *payload, uint32_t word)
{
    put(payload, &word, sizeof(word));
}

void put_long(struct payload *payload, uint64_t number)
{
    put(payload, &number, sizeof(number));
}

void put_text(struct payload *payload, const char *text)
{
    put(payload, text, strlen(text) + 1);
}

void put_host(struct payload *payload, const struct known_file *file,
              const struct host *host)
{
    size_t i;

    put_word(payload, file->image.bits / 8);
    put_word(payload, (uint32_t)host->count);
    put_text(payload, host->library);
    put_text(payload, host->provider);
    put_text(payload, file->name);
    for (i = 0; i < host->count; i++) {
        put_text(payload, host->markers[i].name);
        put_text(payload, host->markers[i].shapes);
        put_text(payload, host->markers[i].arguments);
        put_text(payload, host->markers[i].group);
    }
}

void write_payload(struct writer *writer, enum chunk_kind kind,
                   struct payload *payload)
{
    write_chunk(writer, kind, payload->bytes, payload->size, NULL, 0);
    free(payload->bytes);
    memset(payload, 0, sizeof(*payload));
}
