/* keep.h - the last events of a recording, in memory. */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_KEEP_H
#define PYTRACE_KEEP_H

#include "write.h"

struct keep;

struct keep *keep_new(size_t most_bytes);
/*
 * As write_chunk(), but to memory: EVENTS, LOST, PASS and CLOCK. What is oldest
 * is thrown away where there is no room, but for the strings and threads that
 * the rest needs.
 */
void keep_chunk(struct keep *keep, enum chunk_kind kind, const void *part,
                size_t size, const void *rest, size_t rest_size);
/* How many events were thrown away. */
uint64_t keep_thrown(const struct keep *keep);
/* Write what is there, and free it. */
void keep_write(struct keep *keep, struct writer *writer);

#endif
