/* write.h - the file of a recording, as it is written. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_WRITE_H
#define PYTRACE_WRITE_H

#include "format.h"
#include "hosts.h"

enum { MAX_PART = 256 << 10 }; /* bytes of a chunk's payload, as written */

struct writer;

/* Called again and again while the file takes nothing more. */
typedef void write_waiting(void *data);

/*
 * The file at path is made anew; unless descriptor is open for a file, which is
 * written then (it stays open). NULL: why.
 */
struct writer *writer_open(const char *path, int descriptor,
                           write_waiting *waiting, void *data,
                           struct reason *reason);
/* Of what is in the two parts, the second can be empty. */
void write_chunk(struct writer *writer, enum chunk_kind kind, const void *part,
                 size_t size, const void *rest, size_t rest_size);
/* Hand over to the file what was written a while ago, or now. */
void writer_flush(struct writer *writer, bool now);
/* Why the file has taken no more, an errno; 0: it takes all. */
int writer_error(struct writer *writer);
uint64_t writer_bytes(const struct writer *writer);
/* Write the rest. False: the file did not take all of it. */
bool writer_close(struct writer *writer, struct reason *reason);

/* ---- a payload of words and texts ---- */

struct payload {
    unsigned char *bytes;
    size_t size, capacity;
};

void put_word(struct payload *payload, uint32_t word);
void put_long(struct payload *payload, uint64_t number);
void put_text(struct payload *payload, const char *text);
/* What HOST says behind the host's number; host is one of the file's. */
void put_host(struct payload *payload, const struct known_file *file,
              const struct host *host);
/* As a chunk; the payload is empty then. */
void write_payload(struct writer *writer, enum chunk_kind kind,
                   struct payload *payload);

#endif
