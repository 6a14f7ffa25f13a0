/*
 * recorded.h - a host as a recording describes it: its markers and their
 * arguments.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_RECORDED_H
#define PYTRACE_RECORDED_H

#include "events.h"

/* The next text from *at on, which has a NUL before end; else NULL. */
const char *take_text(const unsigned char **at, const unsigned char *end);

/* Of a chunk's payload, behind its first word; NULL says why in reason. */
struct recorded_host *host_read(const unsigned char *at, size_t size,
                                bool swapped, struct reason *reason);
void host_free(struct recorded_host *host);

#endif
