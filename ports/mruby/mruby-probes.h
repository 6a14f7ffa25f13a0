/*
** mruby/probes.h - what mruby says to the markers of pytrace
**
** While a program is untraced, each macro is a comparison with memory and a
** branch that is not taken. None of the functions allocates, raises, or calls
** what a program has written.
**
** SPDX-License-Identifier: MIT
*/
#ifndef MRUBY_PROBES_H
#define MRUBY_PROBES_H

#include <mruby.h>
#include "pytrace_probes.h"

MRB_BEGIN_DECL

/* The frame begins: it is the current one, and nothing can fail before its
   first instruction. */
#define MRB_PROBES_ENTRY(mrb, ci) do { \
  if (PYTRACE_FUNCTION_ENTRY_ENABLED()) mrb_probes_entry(mrb, ci); \
} while (0)

/* The frame ends, if its entry was fired; by a return or by an error. */
#define MRB_PROBES_RETURN(mrb, ci) do { \
  if (PYTRACE_FUNCTION_RETURN_ENABLED()) mrb_probes_return(mrb, ci); \
} while (0)

/* The frames of "c" above the one with the number "last" end. */
#define MRB_PROBES_LEAVE_TO(mrb, c, last) do { \
  if (PYTRACE_FUNCTION_RETURN_ENABLED()) mrb_probes_leave_to(mrb, c, last); \
} while (0)

/* Another context is about to run: the fibers that wait for the end of it have
   been entered, and no others. "to" knows already which one resumed it. */
#define MRB_PROBES_SWITCH(mrb, to) do { \
  if (PYTRACE_FUNCTION_ENTRY_ENABLED() || PYTRACE_FUNCTION_RETURN_ENABLED()) \
    mrb_probes_switch(mrb, to); \
} while (0)

#define MRB_PROBES_GC_START(gc) do { \
  (gc)->collected = 0; \
  PYTRACE_GC_START((gc)->generational && !(gc)->full ? 0 : 1); \
} while (0)
#define MRB_PROBES_GC_DONE(gc) PYTRACE_GC_DONE((long)(gc)->collected)

void mrb_probes_entry(mrb_state *mrb, mrb_callinfo *ci);
void mrb_probes_return(mrb_state *mrb, mrb_callinfo *ci);
void mrb_probes_leave_to(mrb_state *mrb, const struct mrb_context *c,
                         ptrdiff_t last);
void mrb_probes_switch(mrb_state *mrb, struct mrb_context *to);

MRB_END_DECL

#endif
