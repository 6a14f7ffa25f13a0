/*
 * export.h - recordings in the forms of other programs, by the ending of the
 * file's name.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_EXPORT_H
#define PYTRACE_EXPORT_H

#include "stacks.h"
#include "view.h"

/* The form for a file of that name; NULL: none has its ending. */
const struct view *export_form(const char *path);

/* When what goes on ends: ns since the recording's first event. */
int64_t export_end(const struct stacks *stacks, const struct reader *reader);

extern const struct view speedscope_form;  /* speedscope.c */
extern const struct view trace_event_form; /* trace_event.c */
extern const struct view trace_event_gz_form;

#endif
