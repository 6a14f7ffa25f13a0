/*
 * lines.c - pytrace lines: how often each line ran, beside its source, as text
 * or as an HTML page. The manual page is docs/pytrace.1.in.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "commands.h"
#include "rows.h"
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LIMIT = 'A' };
enum { MOST_LINES = 1 << 20, MOST_SOURCE = 8 << 20, NEAR = 2 };

static struct {
    unsigned long limit; /* files; 0: all */
} options;

struct source {
    char *name, *shown;
    size_t name_size;
    uint64_t *counts; /* by line */
    size_t size;
    uint64_t count, most; /* of all its lines; of one */
    uint64_t elsewhere;   /* at lines that no source can have */
    char **text;          /* the lines of the file, from 1 on; NULL: none */
    size_t lines;
    char *why;   /* there is no text; or NULL */
    bool is_new; /* it was changed behind the recording's first event */
};

struct table {
    struct source **sources;
    size_t count;
    struct source **slots; /* by name; a power of 2, at most half full */
    size_t size;
    struct source *last;
    uint64_t events, unknown;
    int64_t wall; /* of the first event */
};

/* ---- counting ---- */

static uint64_t hash_of(const char *text, size_t size)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    while (size-- != 0)
        hash = (hash ^ (unsigned char)*text++) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

static bool has_name(const struct source *source, const struct string *name)
{
    return source->name_size == name->kept &&
           memcmp(source->name, name->text, name->kept) == 0;
}

static size_t slot_of(const struct table *table, const char *name, size_t size)
{
    return (size_t)hash_of(name, size) & (table->size - 1);
}

static void make_larger(struct table *table)
{
    size_t i, at;

    free(table->slots);
    table->size = table->size != 0 ? 2 * table->size : 64;
    table->slots = allocate(table->size, sizeof(*table->slots));
    for (i = 0; i < table->count; i++) {
        struct source *source = table->sources[i];

        at = slot_of(table, source->name, source->name_size);
        while (table->slots[at] != NULL)
            at = (at + 1) & (table->size - 1);
        table->slots[at] = source;
    }
}

static struct source *source_of(struct table *table, const struct string *name)
{
    struct source *source;
    size_t at;

    if (table->last != NULL && has_name(table->last, name))
        return table->last;
    if (table->count * 2 >= table->size)
        make_larger(table);
    at = slot_of(table, name->text, name->kept);
    while ((source = table->slots[at]) != NULL) {
        if (has_name(source, name))
            return table->last = source;
        at = (at + 1) & (table->size - 1);
    }
    source = allocate(1, sizeof(*source));
    source->name = allocate((size_t)name->kept + 1, 1);
    memcpy(source->name, name->text, name->kept);
    source->name_size = name->kept;
    source->shown = printable(source->name, MAX_NAME);
    table->sources = grown(table->sources, table->count, sizeof(source));
    table->sources[table->count++] = source;
    table->slots[at] = source;
    return table->last = source;
}

static void count_line(struct table *table, const struct event *event)
{
    const struct string *name = event->values[0].string;
    int32_t line = (int32_t)event->values[2].number;
    struct source *source;

    table->events++;
    if (name == NULL) {
        table->unknown++;
        return;
    }
    source = source_of(table, name);
    source->count++;
    if (line < 1 || line > MOST_LINES) {
        source->elsewhere++;
        return;
    }
    if ((size_t)line >= source->size) {
        size_t size = source->size != 0 ? source->size : 256;
        uint64_t *counts;

        while (size <= (size_t)line)
            size *= 2;
        counts = allocate(size, sizeof(*counts));
        if (source->size != 0)
            memcpy(counts, source->counts, source->size * sizeof(*counts));
        free(source->counts);
        source->counts = counts;
        source->size = size;
    }
    if (++source->counts[line] > source->most)
        source->most = source->counts[line];
}

static bool is_line(const struct recorded_marker *marker)
{
    return strcmp(marker->name, "line") == 0 && marker->count >= 3 &&
           marker->arguments[0].kind == ARGUMENT_STRING &&
           marker->arguments[2].kind != ARGUMENT_STRING;
}

/* ---- the source ---- */

static void split(struct source *source, char *text, size_t size)
{
    char *end = text + size;

    source->text = grown(source->text, 0, sizeof(char *));
    source->text[0] = text; /* the whole, to be freed */
    source->lines = 1;
    while (text < end) {
        char *newline = memchr(text, '\n', (size_t)(end - text));

        source->text = grown(source->text, source->lines, sizeof(char *));
        source->text[source->lines++] = text;
        if (newline == NULL)
            break;
        *newline = '\0';
        text = newline + 1;
    }
}

/*
 * The name is the program's, which may mean anything: only a regular file is
 * read, and no more of it than is shown.
 */
static void read_source(struct source *source, int64_t wall)
{
    struct stat file;
    char *text;
    ssize_t got;
    size_t size = 0;
    int descriptor =
        open(source->name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (descriptor < 0 || fstat(descriptor, &file) != 0) {
        source->why = formatted("%s", strerror(errno));
    } else if (!S_ISREG(file.st_mode)) {
        source->why = formatted("not a regular file");
    } else if (file.st_size > MOST_SOURCE) {
        source->why = formatted("too large");
    } else {
        text = allocate((size_t)file.st_size + 1, 1);
        while (size < (size_t)file.st_size &&
               (got = read(descriptor, text + size,
                           (size_t)file.st_size - size)) > 0)
            size += (size_t)got;
        split(source, text, size);
        source->is_new = wall != 0 && file.st_mtime > wall / 1000000000;
    }
    if (descriptor >= 0)
        close(descriptor);
}

static uint64_t count_at(const struct source *source, size_t line)
{
    return line < source->size ? source->counts[line] : 0;
}

/* Up to, without, which line there is something to show. */
static size_t end_of(const struct source *source)
{
    size_t end = source->size;

    while (end > 0 && source->counts[end - 1] == 0)
        end--;
    return end > source->lines ? end : source->lines;
}

/* Whether a line near this one ran. */
static bool is_near(const struct source *source, size_t line)
{
    size_t i = line > NEAR ? line - NEAR : 1;

    for (; i <= line + NEAR; i++)
        if (count_at(source, i) != 0)
            return true;
    return false;
}

/* ---- as text ---- */

/* With tabs as blanks, and nothing that leads a terminal. */
static char *shown_line(const char *text)
{
    size_t size = strlen(text), i, j = 0;
    char *blanks = allocate(8 * size + 1, 1), *shown;

    for (i = 0; i < size; i++) {
        if (text[i] == '\t')
            do
                blanks[j++] = ' ';
            while (j % 8 != 0);
        else if (text[i] != '\r' || i + 1 != size)
            blanks[j++] = text[i];
    }
    shown = printable(blanks, 8 * size + 1);
    free(blanks);
    return shown;
}

static void put_heading(const struct source *source, const struct table *table,
                        struct out *out)
{
    char *share = share_text((double)source->count, (double)table->events);

    out_text(out, source->shown);
    out_text(out, ": ");
    out_grouped(out, source->count);
    out_text(out, source->count == 1 ? " line, " : " lines, ");
    out_text(out, share);
    free(share);
    if (source->why != NULL) {
        out_text(out, "; no source: ");
        out_text(out, source->why);
    }
}

static void print_source(const struct source *source, const struct table *table,
                         struct out *out)
{
    static const char *const titles[] = {"count", "%", "line", "<", NULL};
    struct rows *rows = rows_new(titles);
    size_t end = end_of(source), line;
    bool is_gap = false;

    put_heading(source, table, out);
    out_char(out, '\n');
    for (line = 1; line < end; line++) {
        uint64_t count = count_at(source, line);

        if (!is_near(source, line) || (count == 0 && line >= source->lines)) {
            is_gap = true;
            continue;
        }
        if (is_gap) {
            rows_cell(rows, formatted("%s", ""));
            rows_cell(rows, formatted("%s", ""));
            rows_cell(rows, formatted("..."));
            rows_cell(rows, formatted("%s", ""));
        }
        is_gap = false;
        rows_cell(rows, count != 0 ? count_text(count) : formatted("%s", ""));
        rows_cell(rows, count != 0
                            ? share_text((double)count, (double)table->events)
                            : formatted("%s", ""));
        rows_cell(rows, formatted("%zu", line));
        rows_cell(rows, line < source->lines ? shown_line(source->text[line])
                                             : formatted("%s", ""));
    }
    rows_print(rows, out);
    rows_free(rows);
}

static void print_text(const struct table *table, struct out *out, size_t shown)
{
    size_t i;

    if (table->count == 0)
        out_text(out, "no line\n");
    for (i = 0; i < shown; i++) {
        if (i != 0)
            out_char(out, '\n');
        print_source(table->sources[i], table, out);
    }
    if (shown < table->count) {
        out_char(out, '\n');
        for (i = shown; i < table->count && i < shown + 20; i++) {
            put_heading(table->sources[i], table, out);
            out_char(out, '\n');
        }
        rows_more(out, table->count - i);
    }
}

/* ---- as HTML ---- */

/* What is no character of a text becomes U+FFFD. */
static void put_escaped(struct out *out, const char *text, size_t size)
{
    while (size != 0) {
        size_t length = utf8_length(text, size);

        if (*text == '&')
            out_text(out, "&amp;");
        else if (*text == '<')
            out_text(out, "&lt;");
        else if (*text == '>')
            out_text(out, "&gt;");
        else if (*text == '"')
            out_text(out, "&quot;");
        else if (*text == '\t')
            out_char(out, '\t');
        else if (length != 0 && *text != 0x7f)
            out_bytes(out, text, length);
        else if (*text != '\r')
            out_text(out, "\xef\xbf\xbd");
        text += length != 0 ? length : 1;
        size -= length != 0 ? length : 1;
    }
}

/* From 1 to 9 by powers of the file's hottest line: 9 is that one. */
static unsigned heat(uint64_t count, uint64_t most)
{
    unsigned heat = 9;

    while (heat > 1 && count < most) {
        most /= 3;
        heat--;
    }
    return heat;
}

static void html_source(const struct source *source, const struct table *table,
                        struct out *out)
{
    size_t end = end_of(source), line;
    char *share = share_text((double)source->count, (double)table->events);

    out_text(out, "<details open><summary><b>");
    put_escaped(out, source->name, source->name_size);
    out_text(out, "</b> ");
    out_grouped(out, source->count);
    out_text(out, source->count == 1 ? " line, " : " lines, ");
    out_text(out, share);
    free(share);
    out_text(out, "</summary>\n");
    if (source->why != NULL) {
        out_text(out, "<p>no source: ");
        put_escaped(out, source->why, strlen(source->why));
        out_text(out, "</p>\n");
    }
    out_text(out, "<table>\n");
    for (line = 1; line < end; line++) {
        uint64_t count = count_at(source, line);

        if (count == 0 && line >= source->lines)
            continue;
        out_text(out, "<tr");
        if (count != 0) {
            out_text(out, " class=\"h");
            out_number(out, heat(count, source->most));
            out_char(out, '"');
        }
        out_text(out, "><td>");
        if (count != 0) {
            out_grouped(out, count);
            out_text(out, "<td>");
            share = share_text((double)count, (double)table->events);
            out_text(out, share);
            free(share);
        } else {
            out_text(out, "<td>");
        }
        out_text(out, "<td>");
        out_number(out, line);
        out_text(out, "<td><pre>");
        if (line < source->lines)
            put_escaped(out, source->text[line], strlen(source->text[line]));
        out_text(out, "</pre>\n");
    }
    out_text(out, "</table></details>\n");
}

static void print_html(const struct table *table, struct out *out, size_t shown)
{
    size_t i;

    out_text(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
        "'none'; style-src 'unsafe-inline'\">\n"
        "<title>pytrace lines</title>\n<style>\n"
        "body { font: 14px sans-serif; color: #111; background: #fff }\n"
        "summary { margin: 1em 0 .5em; cursor: pointer }\n"
        "table { border-collapse: collapse }\n"
        "td { padding: 0 .6em; text-align: right; font-family: monospace }\n"
        "td:last-child { text-align: left }\n"
        "pre { margin: 0; tab-size: 8 }\n");
    for (i = 1; i <= 9; i++) {
        out_text(out, ".h");
        out_number(out, i);
        out_text(out, " { background: hsl(");
        out_number(out, 60 - 6 * i); /* from yellow to red */
        out_text(out, " 100% ");
        out_number(out, 98 - 3 * i);
        out_text(out, "%) }\n");
    }
    out_text(out, "</style></head><body>\n<h1>Lines</h1>\n<p>");
    out_grouped(out, table->events);
    out_text(out, " lines ran, of ");
    out_grouped(out, table->count);
    out_text(out, table->count == 1 ? " file.</p>\n" : " files.</p>\n");
    for (i = 0; i < shown; i++)
        html_source(table->sources[i], table, out);
    if (shown < table->count) {
        out_text(out, "<p>");
        out_number(out, table->count - shown);
        out_text(out, " more; --limit 0 shows all</p>\n");
    }
    out_text(out, "</body></html>\n");
}

/* ---- as JSON ---- */

static void print_json(const struct table *table, struct out *out, size_t shown)
{
    size_t i, line;

    out_text(out, "{\"lines\":");
    out_number(out, table->events);
    out_text(out, ",\"files\":[");
    for (i = 0; i < shown; i++) {
        const struct source *source = table->sources[i];
        bool is_first = true;

        out_text(out, i != 0 ? ",\n" : "\n");
        out_text(out, "{\"count\":");
        out_number(out, source->count);
        out_key_json(out, "file", source->name, source->name_size);
        out_text(out, ",\"lines\":[");
        for (line = 1; line < source->size; line++) {
            if (source->counts[line] == 0)
                continue;
            out_text(out, is_first ? "" : ",");
            is_first = false;
            out_text(out, "{\"line\":");
            out_number(out, line);
            out_key_number(out, "count", source->counts[line]);
            if (line < source->lines)
                out_key_json(out, "text", source->text[line],
                             strlen(source->text[line]));
            out_char(out, '}');
        }
        out_text(out, "]}");
    }
    out_text(out, "\n]");
}

/* ---- the whole ---- */

static int hottest_first(const void *left, const void *right)
{
    const struct source *a = *(struct source *const *)left;
    const struct source *b = *(struct source *const *)right;

    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return strcmp(a->name, b->name);
}

static void print_notes(const struct table *table, size_t shown)
{
    uint64_t elsewhere = 0;
    size_t i;

    for (i = 0; i < table->count; i++)
        elsewhere += table->sources[i]->elsewhere;
    for (i = 0; i < shown; i++)
        if (table->sources[i]->is_new)
            fprintf(stderr,
                    PROGRAM " lines: %s was changed since the recording: its "
                            "lines may be others\n",
                    table->sources[i]->shown);
    if (elsewhere != 0)
        fprintf(stderr,
                PROGRAM " lines: of %llu, the number is none of a line (below "
                        "1, or above 1,048,576)\n",
                (unsigned long long)elsewhere);
    if (table->unknown != 0)
        fprintf(stderr, PROGRAM " lines: of %llu, the file is not known\n",
                (unsigned long long)table->unknown);
}

static void free_table(struct table *table)
{
    size_t i;

    for (i = 0; i < table->count; i++) {
        struct source *source = table->sources[i];

        if (source->text != NULL)
            free(source->text[0]);
        free(source->text);
        free(source->why);
        free(source->counts);
        free(source->name);
        free(source->shown);
        free(source);
    }
    free(table->sources);
    free(table->slots);
}

static bool is_html(const char *path)
{
    size_t length = path != NULL ? strlen(path) : 0;

    return length > 5 && strcmp(path + length - 5, ".html") == 0;
}

static int show(struct view_run *run)
{
    const struct recorded_marker *line_marker = NULL, *other = NULL;
    struct table table = {0};
    struct reader *reader = view_begin(run, 0);
    const struct event *event;
    size_t i, shown;

    if (reader == NULL)
        return UNREADABLE;
    while ((event = reader_next(reader)) != NULL) {
        if (event->kind != EVENT_MARKER || event->marker == other)
            continue;
        if (table.wall == 0)
            table.wall = event->wall;
        if (event->marker != line_marker && !is_line(event->marker)) {
            other = event->marker;
            continue;
        }
        line_marker = event->marker;
        count_line(&table, event);
    }
    if (table.count != 0)
        qsort(table.sources, table.count, sizeof(*table.sources),
              hottest_first);
    shown = options.limit != 0 && options.limit < table.count ? options.limit
                                                              : table.count;
    for (i = 0; i < shown; i++)
        read_source(table.sources[i], table.wall);
    if (run->json)
        print_json(&table, &run->out, shown);
    else if (is_html(run->output))
        print_html(&table, &run->out, shown);
    else
        print_text(&table, &run->out, shown);
    if (run->json) {
        out_key_number(&run->out, "lost", reader_count(reader)->lost);
        out_text(&run->out, "}\n");
    }
    out_flush(&run->out);
    print_notes(&table, shown);
    free_table(&table);
    return view_end(run, 0, reader);
}

/* ---- the command line ---- */

static bool set_option(int option, const char *argument)
{
    (void)option;
    return rows_limit("lines", argument, &options.limit);
}

int lines_main(int argc, char **argv)
{
    static const struct option own[] = {
        {"limit", required_argument, NULL, LIMIT}, {NULL, 0, NULL, 0}};
    static const char *const markers[] = {"line", NULL};
    static const struct view view = {
        .name = "lines",
        .what = "Show how often each line ran, beside its source; the hottest "
                "file first.\nInto a FILE that ends in .html: as a page for a "
                "browser.",
        .options_help =
            "  --limit N      so many files (default: 10; 0: all)\n",
        .options = own,
        .set_option = set_option,
        .markers = markers,
        .has_json = true,
        .is_paged = true,
        .show = show};

    options.limit = 10;
    return view_main(&view, argc, argv);
}
