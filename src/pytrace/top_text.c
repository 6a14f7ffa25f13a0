/*
 * top_text.c - pytrace top without a screen: each second a table, or an object
 * of JSON.
 *
 * SPDX-License-Identifier: MIT
 */
#include "idle.h"
#include "rows.h"
#include "top.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST_ROWS = 20 };

/* ---- for people ---- */

static void line(struct out *out, char *text)
{
    out_text(out, text);
    out_char(out, '\n');
    free(text);
}

static void show_text(struct top *top, struct out *out)
{
    static const char *const titles[] = {
        "calls/s", "own %",     "own", "with callees",
        "all own", "<function", NULL};
    struct rows *rows = rows_new(titles);
    time_t now = time(NULL);
    struct tm parts;
    char *summary = table_summary(top);
    size_t i;

    localtime_r(&now, &parts);
    line(out, formatted("%02d:%02d:%02d  %s", parts.tm_hour, parts.tm_min,
                        parts.tm_sec, summary));
    free(summary);
    for (i = 0; i < top->process_count; i++) {
        uint32_t pid = top->processes[i]->pid;
        struct idle idle;

        if (!table_has_fired(top, pid) && idle_look(&idle, pid))
            line(out, idle_text(&idle));
    }
    for (i = 0; i < top->count && i < MOST_ROWS; i++) {
        const struct top_row *row = &top->rows[i];

        rows_cell(rows, count_text(table_rate(top, row->last.calls)));
        rows_cell(rows, share_text((double)row->last.own, (double)top->own));
        rows_cell(rows, time_text(row->last.own));
        rows_cell(rows, time_text(row->last.total));
        rows_cell(rows, time_text(row->all.own));
        rows_cell(rows, table_place(row->function));
    }
    rows_print(rows, out);
    rows_free(rows);
    if (top->count > MOST_ROWS)
        line(out, formatted("and %zu more", top->count - MOST_ROWS));
    out_char(out, '\n');
}

/* ---- for programs ---- */

static void number(struct out *out, const char *key, uint64_t value)
{
    out_text(out, key);
    out_number(out, value);
}

static void string(struct out *out, const char *key, const char *text,
                   size_t size)
{
    out_text(out, key);
    out_json(out, text, size);
}

static void show_process(const struct top *top, struct out *out,
                         const struct recorded_process *process)
{
    bool has_fired = table_has_fired(top, process->pid);
    struct idle idle;

    number(out, "{\"pid\":", process->pid);
    string(out, ",\"command\":", process->command, strlen(process->command));
    out_text(out, has_fired ? ",\"fires\":true" : ",\"fires\":false");
    if (!has_fired && idle_look(&idle, process->pid)) {
        string(out, ",\"state\":", &idle.state, 1);
        if (idle.call >= 0)
            number(out, ",\"system_call\":", (uint64_t)idle.call);
        if (idle.call_name != NULL)
            string(out, ",\"system_call_name\":", idle.call_name,
                   strlen(idle.call_name));
        if (*idle.waits_in != '\0')
            string(out, ",\"kernel_function\":", idle.waits_in,
                   strlen(idle.waits_in));
    }
    out_char(out, '}');
}

static void show_row(const struct top *top, struct out *out,
                     const struct top_row *row)
{
    const struct function *function = row->function;

    number(out, "{\"calls_per_second\":", table_rate(top, row->last.calls));
    number(out, ",\"own_ns\":", row->last.own);
    number(out, ",\"total_ns\":", row->last.total);
    number(out, ",\"all_calls\":", row->all.calls);
    number(out, ",\"all_own_ns\":", row->all.own);
    number(out, ",\"all_total_ns\":", row->all.total);
    string(out, ",\"function\":", function->name, function->name_size);
    string(out, ",\"file\":", function->file, function->file_size);
    if (function->line != INT64_MAX) {
        out_text(out, ",\"line\":");
        out_signed(out, function->line);
    }
    out_char(out, '}');
}

static void show_json(const struct top *top, struct out *out)
{
    size_t i;

    number(out, "{\"interval_ns\":", top->interval);
    number(out, ",\"recorded_ns\":", top->recorded);
    number(out, ",\"events\":", top->events);
    number(out, ",\"lost\":", top->lost);
    number(out, ",\"threads\":", top->threads);
    out_text(out, ",\"processes\":[");
    for (i = 0; i < top->process_count; i++) {
        if (i != 0)
            out_char(out, ',');
        show_process(top, out, top->processes[i]);
    }
    out_text(out, "],\"functions\":[");
    for (i = 0; i < top->count; i++) {
        if (i != 0)
            out_char(out, ',');
        show_row(top, out, &top->rows[i]);
    }
    out_text(out, "]}\n");
}

void text_show(struct top *top, struct out *out)
{
    if (top->json)
        show_json(top, out);
    else
        show_text(top, out);
    out_flush(out);
}
