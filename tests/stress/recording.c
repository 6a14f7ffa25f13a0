/* recording.c - see recording.h. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HOST = 1, EVENTS = 5, END = 9 };                 /* kinds of chunks */
enum { BEGIN = 1, STRING = 2, FIRST_EVENT = 16 };       /* of records */
enum { HOSTS = 4, HOST_MARKERS = 16, STREAMS = 65536 }; /* at most */

struct reader {
    struct recording *recording;
    const char *file;
    struct {
        int place[HOST_MARKERS]; /* of its markers in the recording */
        char shapes[HOST_MARKERS][64];
        uint32_t markers;
    } host[HOSTS];
    struct {
        uint32_t last, strings; /* gc__start's argument; the newest number */
        int has_last;
    } stream[STREAMS];
};

static void fail(const struct reader *reader, const char *what)
{
    fprintf(stderr, "%s: %s\n", reader->file, what);
    exit(1);
}

static uint32_t word(const unsigned char *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static uint32_t half(const unsigned char *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static uint64_t words(const unsigned char *at)
{
    return word(at) | (uint64_t)word(at + 4) << 32;
}

static int place_of(struct reader *reader, const char *name)
{
    struct recording *recording = reader->recording;
    int i;

    for (i = 0; i < recording->markers; i++)
        if (strcmp(recording->marker[i].name, name) == 0)
            return i;
    if (i == (int)(sizeof(recording->marker) / sizeof(*recording->marker)))
        fail(reader, "there are too many markers");
    snprintf(recording->marker[i].name, sizeof(recording->marker[i].name), "%s",
             name);
    return recording->markers++;
}

static void read_host(struct reader *reader, const unsigned char *payload)
{
    uint32_t number = word(payload), count = word(payload + 8), i;
    const char *text = (const char *)payload + 12;

    if (number >= HOSTS || count > HOST_MARKERS)
        fail(reader, "there are too many hosts, or markers");
    reader->host[number].markers = count;
    for (i = 0; i < 3; i++)
        text += strlen(text) + 1;
    for (i = 0; i < count; i++) {
        const char *shapes = text + strlen(text) + 1;
        int left;

        reader->host[number].place[i] = place_of(reader, text);
        snprintf(reader->host[number].shapes[i],
                 sizeof(reader->host[number].shapes[i]), "%s", shapes);
        for (left = 0; left < 4; left++)
            text += strlen(text) + 1;
    }
}

/* Whether each of its strings was written before. */
static void check_strings(struct reader *reader, const char *shapes,
                          const unsigned char *record, uint32_t strings)
{
    uint32_t at = 4;

    for (; *shapes != '\0'; shapes += strspn(shapes, " ")) {
        size_t length = strcspn(shapes, " ");

        if (*shapes == 's') {
            uint32_t number = word(record + at);

            reader->recording->unknown += number == 0 || number > strings;
        }
        at += strchr("pw8", shapes[length - 1]) != NULL ? 8 : 4;
        if (at == 8 || at == 12)
            at += 8; /* the time is behind the first word */
        shapes += length;
    }
}

static void read_event(struct reader *reader, uint32_t host, uint32_t stream,
                       const unsigned char *record, uint32_t marker)
{
    struct recording *recording = reader->recording;
    int place;

    if (marker >= reader->host[host].markers)
        fail(reader, "there is an event of no marker");
    place = reader->host[host].place[marker];
    recording->marker[place].events++;
    recording->events++;
    check_strings(reader, reader->host[host].shapes[marker], record,
                  reader->stream[stream].strings);
    if (strcmp(recording->marker[place].name, "gc__start") != 0)
        return;
    recording->gaps += reader->stream[stream].has_last &&
                       word(record + 4) != reader->stream[stream].last + 1;
    reader->stream[stream].last = word(record + 4);
    reader->stream[stream].has_last = 1;
}

static void read_events(struct reader *reader, const unsigned char *payload,
                        size_t size)
{
    const unsigned char *end = payload + size, *at = payload + 16;
    uint32_t stream = word(payload), host = word(payload + 4);

    if (stream >= STREAMS || host >= HOSTS)
        fail(reader, "there are too many streams, or hosts");
    while (at < end) {
        uint32_t bytes = half(at), kind = half(at + 2);

        if (bytes == 0 || bytes % 8 != 0 || bytes > (size_t)(end - at))
            fail(reader, "there is a record of no size");
        if (kind == BEGIN) {
            reader->stream[stream].has_last = 0;
            reader->stream[stream].strings = 0;
        } else if (kind == STRING) {
            if (word(at + 4) > reader->stream[stream].strings)
                reader->stream[stream].strings = word(at + 4);
        } else if (kind >= FIRST_EVENT) {
            read_event(reader, host, stream, at, kind - FIRST_EVENT);
        }
        at += bytes;
    }
}

/* A cut file ends at its last whole chunk. */
static void read_chunks(struct reader *reader, const unsigned char *bytes,
                        size_t size)
{
    struct recording *recording = reader->recording;
    size_t at = 16, length;

    for (; size - at >= 16; at += 16 + (length + 7) / 8 * 8) {
        const unsigned char *payload = bytes + at + 16;

        length = word(bytes + at + 8);
        if (memcmp(bytes + at, "Chnk", 4) != 0)
            fail(reader, "there is no chunk where one must be");
        if (length > size - at - 16)
            return;
        switch (word(bytes + at + 4)) {
        case HOST: read_host(reader, payload); break;
        case EVENTS: read_events(reader, payload, length); break;
        case END:
            recording->why = (int)word(payload);
            recording->said_events = (long)words(payload + 8);
            recording->lost = (long)words(payload + 16);
            return;
        }
        if ((length + 7) / 8 * 8 > size - at - 16)
            return;
    }
}

void recording_read(struct recording *recording, const char *file)
{
    struct reader *reader = calloc(1, sizeof(*reader));
    int descriptor = open(file, O_RDONLY | O_CLOEXEC);
    struct stat status;
    void *bytes;

    memset(recording, 0, sizeof(*recording));
    recording->why = -1;
    if (reader == NULL || descriptor == -1 || fstat(descriptor, &status) != 0) {
        fprintf(stderr, "%s: %s\n", file, strerror(errno));
        exit(1);
    }
    reader->recording = recording;
    reader->file = file;
    if (status.st_size >= 16) {
        bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE,
                     descriptor, 0);
        if (bytes == MAP_FAILED || memcmp(bytes, "pytrace", 8) != 0)
            fail(reader, "it is no recording");
        read_chunks(reader, bytes, (size_t)status.st_size);
        munmap(bytes, (size_t)status.st_size);
    }
    close(descriptor);
    free(reader);
    if (recording->why != -1 && recording->events != recording->said_events) {
        fprintf(stderr, "%s: it has %ld events, and says %ld\n", file,
                recording->events, recording->said_events);
        exit(1);
    }
}

long recording_events(const struct recording *recording, const char *name)
{
    int i;

    for (i = 0; i < recording->markers; i++)
        if (strcmp(recording->marker[i].name, name) == 0)
            return recording->marker[i].events;
    return 0;
}
