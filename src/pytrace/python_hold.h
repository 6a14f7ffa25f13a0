/*
 * python_hold.h - threads of a process but its main one, and one of them held
 * still for a moment, so that its state is not freed while it is written to.
 */
/* SPDX-License-Identifier: MIT */
#ifndef PYTRACE_PYTHON_HOLD_H
#define PYTRACE_PYTHON_HOLD_H

#include "base.h"

struct held {
    int number; /* here */
    long own;   /* as its process has it */
    int signal; /* that has come meanwhile, or 0 */
};

enum { MOST_HELD = 8 };

/* Some of them, those that run first; returns how many. */
size_t hold_candidates(long pid, struct held threads[MOST_HELD]);
/* False: it cannot be held, as it has ended or has a tracer. */
bool hold(struct held *thread);
void hold_end(const struct held *thread);

#endif
