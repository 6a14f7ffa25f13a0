/*
 * print_json.c - events for programs: JSON, an object a line. Each is told by
 * its key "marker", "lost", "host", "process", "thread", "began" or "end".
 *
 * SPDX-License-Identifier: MIT
 */
#include "print.h"

#include <string.h>

static void put_key(struct out *out, const char *before, const char *key)
{
    out_text(out, before);
    out_char(out, '"');
    out_text(out, key);
    out_text(out, "\":");
}

static void put_text(struct out *out, const char *before, const char *key,
                     const char *text)
{
    put_key(out, before, key);
    out_json(out, text, strlen(text));
}

static void put_number(struct out *out, const char *before, const char *key,
                       uint64_t number)
{
    put_key(out, before, key);
    out_number(out, number);
}

/* ---- events ---- */

void print_json_value(struct out *out, const struct argument *argument,
                      const struct value *value)
{
    const struct string *string = value->string;

    switch (argument->kind) {
    case ARGUMENT_SIGNED: out_signed(out, (int64_t)value->number); break;
    case ARGUMENT_UNSIGNED: out_number(out, value->number); break;
    case ARGUMENT_POINTER:
        out_char(out, '"');
        out_hex(out, value->number);
        out_char(out, '"');
        break;
    case ARGUMENT_STRING:
        if (string == NULL) {
            out_text(out, "null");
        } else if (string->is_plain) {
            out_char(out, '"');
            out_bytes(out, string->text, string->kept);
            out_char(out, '"');
        } else {
            out_json(out, string->text, string->kept);
        }
        break;
    }
}

/* How long the strings were that were cut. */
static void put_cut(struct out *out, const struct event *event)
{
    const char *before = ",\"cut\":{";
    size_t i;

    for (i = 0; i < event->marker->count; i++) {
        const struct string *string = event->values[i].string;

        if (string == NULL || string->whole == string->kept)
            continue;
        put_number(out, before, event->marker->arguments[i].name,
                   string->whole);
        before = ",";
    }
    if (before[1] == '\0')
        out_char(out, '}');
}

static void put_marker(struct out *out, const struct event *event)
{
    const struct recorded_marker *marker = event->marker;
    size_t i;

    out_text(out, ",\"provider\":");
    out_json(out, event->host->provider, strlen(event->host->provider));
    out_text(out, ",\"marker\":");
    out_json(out, marker->name, strlen(marker->name));
    out_text(out, ",\"arguments\":{");
    for (i = 0; i < marker->count; i++) {
        put_key(out, i != 0 ? "," : "", marker->arguments[i].name);
        print_json_value(out, &marker->arguments[i], &event->values[i]);
    }
    out_char(out, '}');
    put_cut(out, event);
    if (event->text == NULL)
        return;
    put_key(out, ",", "text");
    out_json(out, event->text->text, event->text->kept);
    if (event->text->whole > event->text->kept)
        put_number(out, ",", "text_bytes", event->text->whole);
}

static void put_lost(struct out *out, const struct event *event)
{
    static const char *const why[] = {
        [LOST_FULL] = "full",
        [LOST_BEHIND] = "behind",
        [LOST_EARLY] = "early",
        [LOST_NO_RING] = "no ring",
    };

    put_number(out, ",", "lost", event->lost);
    put_text(out, ",", "why", why[event->why]);
}

/* A number that is not known is null. */
static void put_id(struct out *out, const char *before, const char *key,
                   uint32_t id)
{
    if (id != 0) {
        put_number(out, before, key, id);
    } else {
        put_key(out, before, key);
        out_text(out, "null");
    }
}

static void put_event(struct out *out, const struct event *event)
{
    if (event->has_time) {
        out_text(out, "{\"ns\":");
        out_signed(out, event->since);
    } else {
        out_text(out, "{\"ns\":null");
    }
    put_id(out, ",", "pid", event->pid);
    put_id(out, ",", "tid", event->tid);
    if (event->kind == EVENT_MARKER)
        put_marker(out, event);
    else
        put_lost(out, event);
    out_text(out, "}\n");
}

/* ---- hosts, processes, threads, the end ---- */

static void put_host(struct out *out, const struct recorded_host *host)
{
    size_t i, j;

    put_text(out, "{\"host\":{", "provider", host->provider);
    put_text(out, ",", "library", host->library);
    put_text(out, ",", "file", host->file);
    put_key(out, ",", "markers");
    for (i = 0; i < host->count; i++) {
        const struct recorded_marker *marker = &host->markers[i];

        put_text(out, i != 0 ? ",{" : "[{", "name", marker->name);
        put_text(out, ",", "group", marker->group);
        put_key(out, ",", "arguments");
        out_char(out, '[');
        for (j = 0; j < marker->count; j++) {
            put_text(out, j != 0 ? ",{" : "{", "name",
                     marker->arguments[j].name);
            put_text(out, ",", "type", marker->arguments[j].type);
            out_char(out, '}');
        }
        out_text(out, "]}");
    }
    out_text(out, host->count != 0 ? "]}}\n" : "[]}}\n");
}

static void put_process(struct out *out, const struct recorded_process *process)
{
    put_number(out, "{\"process\":{", "pid", process->pid);
    put_id(out, ",", "parent", process->parent);
    put_text(out, ",", "command", process->command);
    out_text(out, "}}\n");
}

static void put_thread(struct out *out, const struct event *event)
{
    put_id(out, "{\"thread\":{", "pid", event->pid);
    put_id(out, ",", "tid", event->tid);
    put_text(out, ",", "name", event->name);
    out_text(out, "}}\n");
}

/* Once it is over. */
static void put_pause(struct out *out, const struct event *event)
{
    if (event->paused == 0)
        return;
    out_text(out, "{\"ns\":");
    out_signed(out, event->since);
    put_number(out, ",", "paused", (uint64_t)event->paused);
    out_text(out, "}\n");
}

static void json_event(struct printing *printing, const struct event *event)
{
    struct out *out = &printing->out;

    switch (event->kind) {
    case EVENT_MARKER:
    case EVENT_LOST: put_event(out, event); break;
    case EVENT_HOST: put_host(out, event->host); break;
    case EVENT_PROCESS: put_process(out, event->process); break;
    case EVENT_THREAD: put_thread(out, event); break;
    case EVENT_PAUSE: put_pause(out, event); break;
    }
}

static void json_began(struct printing *printing, const char *wall)
{
    put_text(&printing->out, "{", "began", wall);
    out_text(&printing->out, "}\n");
}

static void json_end(struct printing *printing, const struct recording_end *end,
                     const struct recording_count *count)
{
    static const char *const why[] = {
        [END_ASKED] = "asked",
        [END_ENDED] = "ended",
        [END_GIVEN_UP] = "given up",
        [END_ERROR] = "error",
    };
    struct out *out = &printing->out;

    put_text(out, "{\"end\":{", "why",
             !end->is_there          ? "cut off"
             : end->why <= END_ERROR ? why[end->why]
                                     : "unknown");
    put_text(out, ",", "text", end->text);
    put_number(out, ",", "events", count->events);
    put_number(out, ",", "lost", count->lost);
    out_text(out, "}}\n");
}

const struct form json_form = {json_began, json_event, json_end};
