/*
 * read.h - a recording's file as a stream of events (events.h): the one reader
 * for all views. docs/recording.md describes the file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_READ_H
#define PYTRACE_READ_H

#include "events.h"
#include "format.h"

struct reader;

/* How the recording ended, as its file says. */
struct recording_end {
    bool is_there; /* else the file is cut off */
    enum end_reason why;
    const char *text; /* a sentence, or "" */
    uint64_t events, lost;
};

/* What was found in the file. */
struct recording_count {
    uint64_t events, lost;
    uint64_t paused; /* ns */
};

struct recording_span {
    int64_t begin, end;
};

/*
 * Read the recording that descriptor is open for; NULL where it is none, with
 * the reason. The descriptor stays open. wait, where it is not NULL, is called
 * with data before the reader may have to wait, as for a pipe.
 */
struct reader *reader_open(int descriptor, void (*wait)(void *data), void *data,
                           struct reason *reason);
/*
 * The next event, or NULL at the end. All that it points to stays until the
 * next call; hosts and processes stay until the reader is closed.
 */
const struct event *reader_next(struct reader *reader);
/* Once there are no more events: */
const struct recording_end *reader_end(const struct reader *reader);
const struct recording_count *reader_count(const struct reader *reader);
/* When it began and ended: ns since its first event, or since it began. */
struct recording_span reader_span(const struct reader *reader);
const struct sentences *reader_wrong(const struct reader *reader);
void reader_close(struct reader *reader);

#endif
