/*
 * ps_print.c - what pytrace ps has found, as a table for people, with the
 * children of a process below it, and as JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "out.h"
#include "ps.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* ---- the table's cells ---- */

enum { PID, USER, PROVIDER, MARKERS, TRACED_BY, COMMAND, CELLS };

static const char *const headings[CELLS] = {"PID",     "USER",      "PROVIDER",
                                            "MARKERS", "TRACED BY", "COMMAND"};

struct row {
    char *cells[CELLS]; /* allocated; all ASCII, but the tree */
};

struct table {
    struct row *rows;
    size_t count;
};

static char *all_printable(const char *text)
{
    return printable(text, 4 * strlen(text) + 4);
}

static char *tracers(const struct ps_host *host)
{
    const char *kernel = host->by_kernel ? "kernel" : "";
    const char *between = host->by_kernel && host->by_recorder ? ", " : "";

    if (!host->is_known)
        return formatted("?");
    if (!host->by_recorder)
        return formatted("%s", host->by_kernel ? kernel : "-");
    if (host->recorder == 0)
        return formatted("%s%srecorder", kernel, between);
    return formatted("%s%srecorder %ld", kernel, between, host->recorder);
}

/* host: NULL where there is none yet. */
static void add_row(struct table *table, const struct ps_process *process,
                    const struct ps_host *host, const char *tree)
{
    char *command = all_printable(process->command);
    struct row row = {
        {formatted("%ld", process->pid), all_printable(process->user),
         all_printable(host != NULL ? host->provider : "python"),
         host != NULL ? formatted("%zu", host->markers) : formatted("by -p"),
         host != NULL ? tracers(host) : formatted("-"),
         formatted("%s%s", tree, command)}};

    free(command);
    table->rows = grown(table->rows, table->count, sizeof(row));
    table->rows[table->count++] = row;
}

/* ---- the tree, in the column COMMAND ---- */

/* What is in front of a child, of the last one, and of those below them. */
struct drawing {
    const char *child, *last_child, *below_child, *below_last;
};

static const struct drawing in_ascii = {" \\_ ", " \\_ ", " |  ", "    "};
static const struct drawing in_utf8 = {"├─ ", "└─ ", "│  ", "   "};

struct processes {
    struct ps_process *list;
    size_t count;
    const struct drawing *drawing;
};

static struct ps_process *next_child(const struct processes *all,
                                     const struct ps_process *above, size_t *at)
{
    for (; *at < all->count; ++*at)
        if (all->list[*at].above == above && !all->list[*at].is_printed)
            return &all->list[(*at)++];
    return NULL;
}

/*
 * The process, a row for each of its hosts, and its descendants. tree is what
 * is in front of its first row, below of the others.
 */
static void add_tree(struct table *table, const struct processes *all,
                     struct ps_process *process, const char *tree,
                     const char *below)
{
    const struct drawing *drawing = all->drawing;
    struct ps_process *child, *next;
    char *of_child, *below_child;
    size_t at = 0;
    size_t i;

    process->is_printed = true;
    if (process->is_attachable)
        add_row(table, process, NULL, tree);
    for (i = 0; i < process->count; i++)
        add_row(table, process, &process->hosts[i], i == 0 ? tree : below);
    for (child = next_child(all, process, &at); child != NULL; child = next) {
        next = next_child(all, process, &at);
        of_child = formatted(
            "%s%s", below, next != NULL ? drawing->child : drawing->last_child);
        below_child = formatted("%s%s", below,
                                next != NULL ? drawing->below_child
                                             : drawing->below_last);
        add_tree(table, all, child, of_child, below_child);
        free(of_child);
        free(below_child);
    }
}

/* ---- the table ---- */

/* Of a terminal; 0 for anything else: nothing is cut. */
static size_t terminal_columns(void)
{
    struct winsize size;

    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0
               ? size.ws_col
               : 0;
}

static void put_line(const char *line, size_t most)
{
    size_t length = most != 0 ? fitting(line, most) : strlen(line);

    printf("%.*s\n", (int)length, line);
}

static void put_row(const char *const cells[CELLS], const size_t width[CELLS],
                    size_t most)
{
    char *line =
        formatted("%*s %-*s %-*s %*s %-*s %s", (int)width[PID], cells[PID],
                  (int)width[USER], cells[USER], (int)width[PROVIDER],
                  cells[PROVIDER], (int)width[MARKERS], cells[MARKERS],
                  (int)width[TRACED_BY], cells[TRACED_BY], cells[COMMAND]);

    put_line(line, most);
    free(line);
}

static void put_table(const struct table *table)
{
    size_t most = terminal_columns();
    size_t width[CELLS];
    size_t i, cell;

    for (cell = 0; cell < CELLS; cell++) {
        width[cell] = strlen(headings[cell]);
        for (i = 0; i < table->count; i++) {
            size_t length = strlen(table->rows[i].cells[cell]);

            width[cell] = length > width[cell] ? length : width[cell];
        }
    }
    put_row(headings, width, most);
    for (i = 0; i < table->count; i++)
        put_row((const char *const *)table->rows[i].cells, width, most);
}

bool ps_table(struct ps_process *processes, size_t count)
{
    const struct processes all = {processes, count,
                                  is_utf8() ? &in_utf8 : &in_ascii};
    struct table table = {NULL, 0};
    size_t i, cell;

    /* Those at the top first; then what is left, if they go round. */
    for (i = 0; i < count; i++)
        if (processes[i].above == NULL)
            add_tree(&table, &all, &processes[i], "", "");
    for (i = 0; i < count; i++)
        if (!processes[i].is_printed)
            add_tree(&table, &all, &processes[i], "", "");
    put_table(&table);
    for (i = 0; i < table.count; i++)
        for (cell = 0; cell < CELLS; cell++)
            free(table.rows[i].cells[cell]);
    free(table.rows);
    return fflush(stdout) == 0 && !ferror(stdout);
}

/* ---- JSON ---- */

static void put_text(struct out *out, const char *key, const char *text)
{
    out_text(out, key);
    out_json(out, text, strlen(text));
}

static void put_boolean(struct out *out, const char *key, bool is)
{
    out_text(out, key);
    out_text(out, is ? "true" : "false");
}

static void put_host(struct out *out, const struct ps_host *host)
{
    put_text(out, "{\"provider\":", host->provider);
    put_text(out, ",\"file\":", host->file);
    put_boolean(out, ",\"deleted\":", host->is_deleted);
    out_text(out, ",\"markers\":");
    out_number(out, host->markers);
    put_boolean(out, ",\"recorder\":", host->has_recorder);
    if (host->is_known) {
        put_boolean(out, ",\"kernel\":", host->by_kernel);
        put_boolean(out, ",\"recorded\":", host->by_recorder);
    } else {
        out_text(out, ",\"kernel\":null,\"recorded\":null");
    }
    if (host->recorder != 0) {
        out_text(out, ",\"recorded_by\":");
        out_signed(out, host->recorder);
    }
    out_char(out, '}');
}

bool ps_json(struct ps_process *processes, size_t count)
{
    struct out out;
    size_t i, j;

    out_begin(&out, STDOUT_FILENO);
    for (i = 0; i < count; i++) {
        out_text(&out, "{\"pid\":");
        out_signed(&out, processes[i].pid);
        out_text(&out, ",\"parent\":");
        out_signed(&out, processes[i].parent);
        put_text(&out, ",\"user\":", processes[i].user);
        put_text(&out, ",\"command\":", processes[i].command);
        out_text(&out, ",\"hosts\":[");
        for (j = 0; j < processes[i].count; j++) {
            if (j != 0)
                out_char(&out, ',');
            put_host(&out, &processes[i].hosts[j]);
        }
        out_text(&out, processes[i].is_attachable ? "],\"attachable\":true}\n"
                                                  : "]}\n");
    }
    out_end(&out);
    return out.error == 0;
}
