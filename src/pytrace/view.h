/*
 * view.h - what all commands that show a recording have in common: their
 * command line, the recording (a file, or one that is made for them), where the
 * result goes, and the notes on what is missing.
 *
 * A view is a table of what is its own; view_main() does the rest.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_VIEW_H
#define PYTRACE_VIEW_H

#include "capture.h"
#include "out.h"
#include "read.h"

#include <getopt.h>

enum { MOST_RECORDINGS = 2 };

struct view_run;

struct view {
    const char *name;         /* the command */
    const char *what;         /* a sentence for --help */
    const char *operand;      /* an operand before the recording; or NULL */
    const char *options_help; /* lines of --help for its own options, or "" */
    const struct option *options; /* its own, up to one without name; or NULL */
    /* One of its own options. False: its argument is wrong, and it was told. */
    bool (*set_option)(int option, const char *argument);
    const char *const *markers; /* to record, up to NULL; NULL: all */
    size_t recordings;          /* that it can take; 0 counts as 1 */
    bool has_json;
    bool is_paged; /* where the standard output is a terminal */
    bool is_file;  /* not for a terminal, nor beside a command's output */
    /* Returns the exit status, as far as it is the view's own: enum outcome. */
    int (*show)(struct view_run *run);
};

struct view_run {
    const struct view *view;
    struct capture capture;
    const char *operand;
    const char *files[MOST_RECORDINGS]; /* names, for messages */
    int descriptors[MOST_RECORDINGS];
    size_t count;       /* of recordings */
    const char *output; /* the path of -o, or NULL */
    bool json;
    bool has_colours; /* a terminal shows it */
    struct out out;
};

int view_main(const struct view *view, int argc, char **argv);
/*
 * The same for other commands: show the recording that descriptor is open for
 * in the file at path, or on the standard output where path is NULL. name and
 * command are for messages. Returns the view's exit status.
 */
int view_file(const struct view *view, const char *command, int descriptor,
              const char *name, const char *path);
/* Whether that file can be made; it is told where not. */
bool view_can_write(const char *command, const char *path);
/* Why a file of that name could not be opened, as errno says. */
const char *view_why_closed(const char *name);
/* A file without a name, for as long as this program runs; -1: it was told. */
int view_temporary(const char *command);

/*
 * Begin to read recording i, from its beginning on; this can be done again. The
 * reader is closed by view_end().
 */
struct reader *view_begin(struct view_run *run, size_t i);
/*
 * What an event takes, to be taken off (stacks.h); 0 where the recording can be
 * read once only.
 */
double view_cost(struct view_run *run, size_t i);
/*
 * After the last event: tell on the standard error output what was lost, what
 * is damaged, and that the recording is cut off. Returns the exit status for
 * that. Closes the reader.
 */
int view_end(struct view_run *run, size_t i, struct reader *reader);
/*
 * No function was called: tell so, and what the processes that are named on the
 * command line do instead.
 */
void view_tell_idle(const struct view_run *run);

#endif
