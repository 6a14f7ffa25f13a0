/*
 * reader.h - a reader of a recording in the recorded process itself, as
 * recording.h wants it: so that the runtime's half can be tried alone, and
 * under sanitizers. It checks each record, and resolves each string.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef READER_H
#define READER_H

#include "recording.h"

enum { KEPT = 1 << 22 }; /* events that are remembered */

struct seen {
    uint32_t pid, tid, marker, words[12];
    uint32_t sequence; /* the third argument of a marker with three */
    const char *first; /* its first two, which must be strings, or NULL */
    const char *second;
};

/* Ask for a recording of functions' entries and returns, and read it. */
void reader_start(uint32_t flags, uint32_t rings, uint32_t ring_bytes,
                  uint64_t check_ticks);
/* Do not read, and do not beat, while it is on. */
void reader_pause(int on);
/* The request ends; what was published is read. */
void reader_stop(void);
/* The rings of other threads than the calling one are free again. */
void reader_free_ended(void);

extern struct seen *reader_seen; /* in the order of each ring */
extern unsigned long reader_events, reader_strings, reader_begins;
/* Of all rings: told in the stream; at the end, by the rings' own counts. */
unsigned long reader_lost(void);
extern struct pytrace__segment *reader_segment;
extern struct pytrace__control
    reader_control __asm__("pytrace__python__recorder__control")
        __attribute__((__visibility__("hidden")));

#endif
