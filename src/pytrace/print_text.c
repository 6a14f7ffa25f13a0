/*
 * print_text.c - events for people, one a line; lines about anything else begin
 * with "#".
 *
 * SPDX-License-Identifier: MIT
 */
#include "print.h"

#include <stdlib.h>
#include <string.h>

enum {
    TIME_WIDTH = 13,       /* up to 999 s */
    THREAD_WIDTH = 7,      /* a process' number, at first */
    MAX_MARKER_WIDTH = 24, /* of the longest name that the others wait for */
};

/* ---- columns ---- */

static size_t digits_of(uint32_t number)
{
    size_t count = 1;

    while (number >= 10) {
        number /= 10;
        count++;
    }
    return count;
}

static void print_process(struct out *out, uint32_t pid)
{
    if (pid != 0)
        out_number(out, pid);
    else
        out_char(out, '?');
}

/* PID, or PID/TID where that is not the main thread. */
static void print_thread(struct printing *printing, const struct event *event)
{
    size_t width = digits_of(event->pid);

    print_process(&printing->out, event->pid);
    if (event->tid != event->pid && event->tid != 0) {
        out_char(&printing->out, '/');
        out_number(&printing->out, event->tid);
        width += 1 + digits_of(event->tid);
    }
    if (printing->columns.thread < width)
        printing->columns.thread = width;
    out_blanks(&printing->out, printing->columns.thread - width);
}

static void print_columns(struct printing *printing, const struct event *event)
{
    struct out *out = &printing->out;

    if (event->has_time)
        out_seconds(out, event->since, TIME_WIDTH);
    else
        out_blanks(out, TIME_WIDTH);
    out_char(out, ' ');
    print_thread(printing, event);
    out_char(out, ' ');
}

/* ---- events ---- */

static void print_string(struct out *out, const struct string *string)
{
    if (string->is_plain) {
        out_char(out, '"');
        out_bytes(out, string->text, string->kept);
        out_char(out, '"');
    } else {
        out_quoted(out, string->text, string->kept);
    }
    if (string->whole > string->kept) {
        out_text(out, "... (");
        out_grouped(out, string->whole);
        out_text(out, " bytes)");
    }
}

static void print_value(struct out *out, const struct argument *argument,
                        const struct value *value)
{
    switch (argument->kind) {
    case ARGUMENT_SIGNED: out_signed(out, (int64_t)value->number); break;
    case ARGUMENT_UNSIGNED: out_number(out, value->number); break;
    case ARGUMENT_POINTER: out_hex(out, value->number); break;
    case ARGUMENT_STRING:
        if (value->string == NULL)
            out_char(out, '?');
        else
            print_string(out, value->string);
        break;
    }
}

static void print_marker(struct printing *printing, const struct event *event)
{
    const struct recorded_marker *marker = event->marker;
    struct out *out = &printing->out;
    size_t width = strlen(marker->name);
    size_t i;

    print_columns(printing, event);
    if (strcmp(event->host->provider, printing->columns.provider) != 0) {
        out_text(out, event->host->provider);
        out_char(out, ':');
        width += strlen(event->host->provider) + 1;
    }
    out_bytes(out, marker->name, strlen(marker->name));
    if ((marker->count != 0 || event->text != NULL) &&
        width < printing->columns.marker)
        out_blanks(out, printing->columns.marker - width);
    for (i = 0; i < marker->count; i++) {
        out_char(out, ' ');
        out_text(out, marker->arguments[i].name);
        out_char(out, '=');
        print_value(out, &marker->arguments[i], &event->values[i]);
    }
    if (event->text != NULL) {
        out_text(out, " text=");
        print_string(out, event->text);
    }
    out_char(out, '\n');
}

static void print_lost(struct printing *printing, const struct event *event)
{
    static const char *const where[] = {
        [LOST_FULL] = " lost here",
        [LOST_BEHIND] = " lost after this thread's last one",
        [LOST_EARLY] = " lost before there was memory for them",
        [LOST_NO_RING] = " lost as no ring was free",
    };
    struct out *out = &printing->out;

    print_columns(printing, event);
    out_text(out, "... ");
    out_grouped(out, event->lost);
    out_text(out, event->lost == 1 ? " event" : " events");
    out_text(out, where[event->why]);
    out_char(out, '\n');
}

/* ---- hosts, processes, threads, the end ---- */

static void print_text_line(struct out *out, const char *text)
{
    char *shown = printable(text, MAX_NAME);

    out_text(out, shown);
    free(shown);
    out_char(out, '\n');
}

static void print_host(struct printing *printing,
                       const struct recorded_host *host)
{
    struct columns *columns = &printing->columns;
    struct out *out = &printing->out;
    size_t i;

    if (columns->provider == NULL)
        columns->provider = host->provider;
    for (i = 0; i < host->count; i++) {
        const struct recorded_marker *marker = &host->markers[i];
        size_t width = strlen(marker->name);

        if ((!printing->is_filtered || marker->mark != 0) &&
            width > columns->marker && width <= MAX_MARKER_WIDTH)
            columns->marker = width;
    }
    out_text(out, "# provider ");
    out_text(out, host->provider);
    out_text(out, " in ");
    print_text_line(out, host->file);
}

static void print_process_line(struct out *out,
                               const struct recorded_process *process)
{
    out_text(out, "# process ");
    out_number(out, process->pid);
    if (process->parent != 0) {
        out_text(out, ", child of ");
        out_number(out, process->parent);
    }
    out_text(out, ": ");
    print_text_line(out, process->command);
}

static void print_thread_line(struct out *out, const struct event *event)
{
    out_text(out, "# thread ");
    print_process(out, event->pid);
    out_char(out, '/');
    out_number(out, event->tid);
    out_text(out, ": ");
    print_text_line(out, event->name);
}

/* Once it is over. */
static void print_pause(struct out *out, const struct event *event)
{
    char *text;

    if (event->paused == 0)
        return;
    text = formatted("# paused for %.3f ms\n", (double)event->paused / 1e6);
    out_text(out, text);
    free(text);
}

static void text_event(struct printing *printing, const struct event *event)
{
    if (printing->columns.thread == 0)
        printing->columns.thread = THREAD_WIDTH;
    switch (event->kind) {
    case EVENT_MARKER: print_marker(printing, event); break;
    case EVENT_LOST: print_lost(printing, event); break;
    case EVENT_HOST: print_host(printing, event->host); break;
    case EVENT_PROCESS:
        print_process_line(&printing->out, event->process);
        break;
    case EVENT_THREAD: print_thread_line(&printing->out, event); break;
    case EVENT_PAUSE: print_pause(&printing->out, event); break;
    }
}

static void text_began(struct printing *printing, const char *wall)
{
    out_text(&printing->out, "# time 0 is ");
    out_text(&printing->out, wall);
    out_char(&printing->out, '\n');
}

static void text_end(struct printing *printing, const struct recording_end *end,
                     const struct recording_count *count)
{
    static const char *const why[] = {
        [END_ASKED] = "# ended as asked",
        [END_ENDED] = "# ended with the last process",
        [END_GIVEN_UP] = "# ended by the program, which saw no reader",
        [END_ERROR] = "# ended by an error",
    };
    struct out *out = &printing->out;

    if (!end->is_there)
        out_text(out, "# cut off");
    else if (end->why <= END_ERROR)
        out_text(out, why[end->why]);
    else
        out_text(out, "# ended");
    out_text(out, ": ");
    out_grouped(out, count->events);
    out_text(out, count->events == 1 ? " event" : " events");
    if (printing->is_filtered) {
        out_text(out, ", of which ");
        out_grouped(out, printing->shown);
        out_text(out, " are shown");
    }
    out_text(out, ", ");
    out_grouped(out, count->lost);
    out_text(out, " lost\n");
    if (*end->text != '\0') {
        out_text(out, "# ");
        print_text_line(out, end->text);
    }
}

const struct form text_form = {text_began, text_event, text_end};
