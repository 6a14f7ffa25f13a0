/*
** probes.c - what the markers say of mruby's functions
**
** A frame whose entry was fired has a mark. Only such a frame fires a return:
** so frames of functions in C, and those that began untraced, fire none.
**
** SPDX-License-Identifier: MIT
*/
#include <mruby.h>
#include <mruby/irep.h>
#include <mruby/debug.h> /* needs irep.h */
#include <mruby/opcode.h>
#include <mruby/proc.h>
#include <mruby/probes.h>
#include <stdio.h>
#include <string.h>

struct place {
  char file[512], function[256];
  int line;
};

/* A name can lie in a buffer of mrb, which is put back: the program's own name
   may be there. Bytes that no terminal should get become '?'. */
static void
copy_name(char *to, size_t size, const char *name, size_t length)
{
  size_t i;

  if (length >= size) {
    length = size - 1;
    while (length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80) {
      length--;
    }
  }
  for (i = 0; i < length; i++) {
    unsigned char c = (unsigned char)name[i];

    to[i] = c < 0x20 || c == 0x7f ? '?' : (char)c;
  }
  to[length] = '\0';
}

static void
find_function(mrb_state *mrb, const mrb_callinfo *ci, struct place *place)
{
  const struct RProc *proc = ci->proc;
  mrb_int length = 0;
  const char *name = NULL;
  mrb_bool is_block = !MRB_PROC_SCOPE_P(proc) && proc->upper != NULL;
  size_t used = 0;

  if (ci->mid != 0) {
    name = mrb_sym_name_len(mrb, ci->mid, &length);
  }
  if (name != NULL && length > 0) {
    if (is_block) {
      used = sizeof("block in ") - 1;
      memcpy(place->function, "block in ", used);
    }
    copy_name(place->function + used, sizeof(place->function) - used, name,
              (size_t)length);
  }
  else if (proc->upper == NULL) {
    strcpy(place->function, "<main>");
  }
  else {
    snprintf(place->function, sizeof(place->function), "<%.200s:%d>",
             place->file, (int)mrb_debug_get_line(mrb, proc->body.irep, 0));
  }
}

static void
find(mrb_state *mrb, const mrb_callinfo *ci, struct place *place)
{
  const mrb_irep *irep = ci->proc->body.irep;
  /* (It is behind the instruction, but where none has run.) */
  uint32_t pc = ci->pc > irep->iseq ? (uint32_t)(ci->pc - irep->iseq) - 1 : 0;
#ifndef MRB_USE_ALL_SYMBOLS
  char kept[sizeof(mrb->symbuf)];
#endif
  const char *file;

#ifndef MRB_USE_ALL_SYMBOLS
  memcpy(kept, mrb->symbuf, sizeof(kept));
#endif
  file = mrb_debug_get_filename(mrb, irep, pc);
  if (file == NULL || *file == '\0') {
    file = "(unknown)"; /* as in a backtrace */
  }
  copy_name(place->file, sizeof(place->file), file, strlen(file));
  place->line = (int)mrb_debug_get_line(mrb, irep, pc);
  find_function(mrb, ci, place);
#ifndef MRB_USE_ALL_SYMBOLS
  memcpy(mrb->symbuf, kept, sizeof(kept));
#endif
}

static void
fire_entry(mrb_state *mrb, const struct mrb_context *c, const mrb_callinfo *ci)
{
  struct place place;

  find(mrb, ci, &place);
  if (c != mrb->root_c && ci == c->cibase &&
      PYTRACE_FUNCTION_ENTRY_RECORDED()) {
    char text[40];

    snprintf(text, sizeof(text), "fiber %p", (void*)c);
    PYTRACE_FUNCTION_ENTRY_TEXT(place.file, place.function, place.line, text);
  }
  else {
    PYTRACE_FUNCTION_ENTRY(place.file, place.function, place.line);
  }
}

static void
fire_return(mrb_state *mrb, const mrb_callinfo *ci)
{
  struct place place;

  find(mrb, ci, &place);
  PYTRACE_FUNCTION_RETURN(place.file, place.function, place.line);
}

void
mrb_probes_entry(mrb_state *mrb, mrb_callinfo *ci)
{
  if (*ci->proc->body.irep->iseq == OP_CALL) {
    return; /* Proc#call: the block takes its frame, and enters there */
  }
  ci->entered = 1;
  fire_entry(mrb, mrb->c, ci);
}

void
mrb_probes_return(mrb_state *mrb, mrb_callinfo *ci)
{
  if (ci->entered) {
    ci->entered = 0;
    fire_return(mrb, ci);
  }
}

void
mrb_probes_leave_to(mrb_state *mrb, const struct mrb_context *c, ptrdiff_t last)
{
  mrb_callinfo *ci;

  for (ci = c->ci; ci > c->cibase + last; ci--) {
    mrb_probes_return(mrb, ci);
  }
}

/* Whether "c" runs, or waits for the end of what does, when "from" runs. */
static mrb_bool
waits(const struct mrb_context *c, const struct mrb_context *from)
{
  while (from != NULL && from != c) {
    from = from->prev;
  }
  return from != NULL;
}

/* The outermost first. */
static void
enter(mrb_state *mrb, const struct mrb_context *c,
      const struct mrb_context *from)
{
  const mrb_callinfo *ci;

  if (c == NULL || waits(c, from)) {
    return;
  }
  enter(mrb, c->prev, from);
  for (ci = c->cibase; ci <= c->ci; ci++) {
    if (ci->entered) {
      fire_entry(mrb, c, ci);
    }
  }
}

/* The marks stay: the frames go on when their fiber does. */
static void
leave(mrb_state *mrb, const struct mrb_context *c)
{
  const mrb_callinfo *ci;

  for (ci = c->ci; ci >= c->cibase; ci--) {
    if (ci->entered) {
      fire_return(mrb, ci);
    }
  }
}

void
mrb_probes_switch(mrb_state *mrb, struct mrb_context *to)
{
  const struct mrb_context *c;

  for (c = mrb->c; c != NULL && !waits(c, to); c = c->prev) {
    leave(mrb, c);
  }
  enter(mrb, to, mrb->c);
}
