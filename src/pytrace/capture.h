/*
 * capture.h - a recording from its beginning to its end: what a command line
 * asks for, into a file, or to a view of this program.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_CAPTURE_H
#define PYTRACE_CAPTURE_H

#include "base.h"

#include <sys/types.h>

struct capture {
    long *pids;
    size_t pid_count;
    char **command; /* or NULL */
    bool follow, force;
    enum { DROP, BLOCK, FLIGHT } full;
    double seconds;      /* 0: without end */
    double max_overhead; /* percent; 0: not limited */
    uint64_t ring_bytes, keep_bytes;
    const char **markers; /* none: all */
    size_t marker_count;
    bool is_partial; /* a host need not have all of these markers */
    /*
     * For a view that shows the recording while it is made, and its state: the
     * end of the pipe that it reads, which the recorder is not to keep open.
     * 0: there is none.
     */
    int unread;
};

/* What is set where a command line says nothing. */
void capture_init(struct capture *capture);
/* For getopt: "-p PID" and "-d SECONDS". False: text is none; it was told. */
bool capture_parse_pid(struct capture *capture, const char *text,
                       const char *command);
bool capture_parse_seconds(struct capture *capture, const char *text,
                           const char *command);
bool capture_parse_overhead(struct capture *capture, const char *text,
                            const char *command);
/* Tell what is wrong with the command line of "pytrace COMMAND"; false. */
bool wrong_usage(const char *command, const char *text, const char *detail);

/*
 * Record into a file; "-" is the standard output. This takes the program's
 * signals. Once in a process. Returns its exit status.
 */
int capture_run(const struct capture *capture, const char *file);
/*
 * The same in a child, into descriptor, without a summary at the end. The child
 * has the terminal's signals; it ends by itself where descriptor is a pipe
 * that is not read any more.
 */
pid_t capture_start(const struct capture *capture, int descriptor);
/* Wait for it. Returns its exit status. */
int capture_wait(pid_t pid);

#endif
