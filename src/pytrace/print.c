/*
 * print.c - pytrace print: a recording as text or JSON, one event a line, or in
 * the form of another program (export.h). The manual page is docs/pytrace.1.in.
 *
 * Exit status: 0 all is printed, 1 the recording is damaged or cut off, and
 * what is whole is printed, 2 it is none, or the command line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "commands.h"
#include "export.h"
#include "print.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct markers {
    char **names;
    bool *is_known; /* a host has it */
    size_t count;
};

/* ---- messages ---- */

static int complain(const char *what, const char *why)
{
    fputs("pytrace print: ", stderr);
    print_printable(stderr, what);
    fputs(": ", stderr);
    print_printable(stderr, why);
    fputc('\n', stderr);
    return UNREADABLE;
}

static int complain_of_all(const char *file, const struct sentences *sentences)
{
    size_t i;

    for (i = 0; i < sentences->count; i++)
        complain(file, sentences->text[i]);
    if (sentences->unsaid != 0)
        fprintf(stderr, "pytrace print: and %zu more\n", sentences->unsaid);
    return sentences->count != 0 ? FALLS_SHORT : ALL_WELL;
}

/* ---- printing ---- */

static void flush(void *data)
{
    out_flush(&((struct printing *)data)->out);
}

/* Of 1970 and later, in UTC. */
static void print_began(struct printing *printing, const struct form *form,
                        const struct event *event)
{
    int64_t wall = event->wall - event->since;
    time_t seconds = (time_t)(wall / 1000000000);
    long ns = (long)(wall % 1000000000);
    char date[64], text[96];
    struct tm tm;

    if (wall < 0 || gmtime_r(&seconds, &tm) == NULL ||
        strftime(date, sizeof(date), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
        strcpy(text, "unknown");
    else
        snprintf(text, sizeof(text), "%s.%09ldZ", date, ns);
    form->began(printing, text);
    printing->has_began = true;
}

/* The host's markers that are to be shown are marked. */
static void choose(const struct recorded_host *host,
                   const struct markers *markers)
{
    size_t i, j;

    for (i = 0; i < host->count; i++)
        for (j = 0; j < markers->count; j++)
            if (strcmp(host->markers[i].name, markers->names[j]) == 0) {
                host->markers[i].mark = 1;
                markers->is_known[j] = true;
            }
}

static void print_event(struct printing *printing, const struct form *form,
                        const struct event *event,
                        const struct markers *markers)
{
    if (event->kind == EVENT_HOST)
        choose(event->host, markers);
    if (event->has_time && !printing->has_began)
        print_began(printing, form, event);
    if (event->kind == EVENT_MARKER) {
        if (printing->is_filtered && event->marker->mark == 0)
            return;
        printing->shown++;
    }
    form->event(printing, event);
}

static int check_markers(const struct markers *markers)
{
    int status = ALL_WELL;
    size_t i;

    for (i = 0; i < markers->count; i++)
        if (!markers->is_known[i]) {
            char *option = formatted("--marker %s", markers->names[i]);

            status = complain(option, "no host of this recording has it");
            free(option);
        }
    return status;
}

/* ---- the command line ---- */

static const char usage[] =
    "Usage: pytrace print [OPTION...] FILE\n"
    "\n"
    "Print a recording of \"pytrace record\", one event a line. FILE is \"-\" "
    "for\n"
    "the standard input.\n"
    "\n"
    "  --marker NAME  only events of this marker; can be repeated\n"
    "  --json         JSON, one object a line\n"
    "  -o FILE        write to this file; FILE.speedscope.json, FILE.json and\n"
    "                 FILE.json.gz are for speedscope, Perfetto and Chromium\n"
    "  --help         say this\n"
    "\n"
    "Exit status: 0 when all is printed, 1 when the recording is damaged or "
    "cut\n"
    "off, 2 when there is none, or the command line is wrong.\n";

struct options {
    struct markers markers;
    const struct form *form;
    const char *file, *output; /* the latter can be NULL */
    bool help;
};

static struct options options = {.form = &text_form};

static bool wrong(const char *text)
{
    fprintf(stderr, "pytrace print: %s; see pytrace print --help\n", text);
    return false;
}

static bool parse(int argc, char **argv)
{
    static const struct option known[] = {
        {"marker", required_argument, NULL, 'm'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "o:", known, NULL)) != -1) {
        switch (option) {
        case 'm':
            options.markers.names[options.markers.count++] = optarg;
            break;
        case 'o': options.output = optarg; break;
        case 'j': options.form = &json_form; break;
        case 'h': options.help = true; return true;
        default: return wrong("this command line is wrong");
        }
    }
    if (optind + 1 != argc)
        return wrong("name one recording");
    options.file = argv[optind];
    if (options.output != NULL && export_form(options.output) != NULL &&
        (options.markers.count != 0 || options.form != &text_form))
        return wrong("--marker and --json are for text, and not for -o with "
                     "such an ending");
    return true;
}

static int print_events(struct view_run *run)
{
    const struct markers *markers = &options.markers;
    struct printing printing = {.out = run->out,
                                .is_filtered = markers->count != 0};
    const struct event *event;
    struct reader *reader;
    struct reason reason;
    int status = ALL_WELL, marker_status;

    reader = reader_open(run->descriptors[0], flush, &printing, &reason);
    if (reader == NULL)
        return complain(run->files[0], reason.text);
    while (printing.out.error == 0 && (event = reader_next(reader)) != NULL)
        print_event(&printing, options.form, event, markers);
    options.form->end(&printing, reader_end(reader), reader_count(reader));
    out_flush(&printing.out);
    if (printing.out.error == 0) {
        status = complain_of_all(run->files[0], reader_wrong(reader));
        marker_status = check_markers(markers);
        if (marker_status > status)
            status = marker_status;
    }
    reader_close(reader);
    run->out = printing.out;
    return status;
}

static int print_file(void)
{
    static const struct view events = {.show = print_events};
    const struct view *form =
        options.output != NULL ? export_form(options.output) : NULL;
    int descriptor = STDIN_FILENO;
    const char *name = "the standard input";
    int status;

    if (strcmp(options.file, "-") != 0) {
        name = options.file;
        descriptor = open(name, O_RDONLY | O_CLOEXEC);
        if (descriptor < 0)
            return complain(name, view_why_closed(name));
    }
    status = view_file(form != NULL ? form : &events, "print", descriptor, name,
                       options.output);
    if (descriptor != STDIN_FILENO)
        close(descriptor);
    return status;
}

int print_main(int argc, char **argv)
{
    int status = UNREADABLE;

    /* As other programs end when what reads them has enough. */
    signal(SIGPIPE, SIG_DFL);
    /* (The fuzzer calls this again and again.) */
    memset(&options, 0, sizeof(options));
    options.form = &text_form;
    options.markers.names = allocate((size_t)argc, sizeof(char *));
    options.markers.is_known = allocate((size_t)argc, sizeof(bool));
    if (parse(argc, argv)) {
        if (options.help) {
            fputs(usage, stdout);
            status = fflush(stdout) != 0 ? UNREADABLE : ALL_WELL;
        } else {
            status = print_file();
        }
    }
    free(options.markers.names);
    free(options.markers.is_known);
    return status;
}
