/*
 * recording.h - what is in a recording, by docs/recording.md alone: a second
 * reader, beside pytrace print.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef RECORDING_H
#define RECORDING_H

struct recording {
    struct {
        char name[40];
        long events;
    } marker[64]; /* of all hosts; those of one name together */
    int markers;
    long events;      /* all of them */
    long gaps;        /* where gc__start's argument is not the last one + 1 */
    long unknown;     /* numbers of strings that stand for none */
    int why;          /* of its END, or -1 where it has none */
    long lost;        /* what that says of the lost ones */
    long said_events; /* and of the others */
};

/* Read it. Ends the program with status 1 where it has what it must not. */
void recording_read(struct recording *recording, const char *file);

/* The events of a marker. */
long recording_events(const struct recording *recording, const char *name);

#endif
