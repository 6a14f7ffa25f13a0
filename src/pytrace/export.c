/*
 * export.c - which ending of a file's name is which form (export.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "export.h"
#include "flame.h"

#include <string.h>

static const char *const calls[] = {"function__entry", "function__return",
                                    NULL};
static const struct view svg_form = {.markers = calls, .show = flame_show};
static const struct view folded_form = {.markers = calls, .show = folded_show};

static const struct {
    const char *ending;
    const struct view *form;
} endings[] = {
    /* A longer ending comes before what it ends with. */
    {".speedscope.json", &speedscope_form},
    {".json", &trace_event_form},
    {".json.gz", &trace_event_gz_form},
    {".folded", &folded_form},
    {".svg", &svg_form},
};

const struct view *export_form(const char *path)
{
    size_t length = strlen(path);
    size_t i;

    for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
        size_t part = strlen(endings[i].ending);

        if (length >= part &&
            strcmp(path + length - part, endings[i].ending) == 0)
            return endings[i].form;
    }
    return NULL;
}

int64_t export_end(const struct stacks *stacks, const struct reader *reader)
{
    int64_t end = reader_span(reader).end;
    size_t i;

    for (i = 0; i < stacks_lanes(stacks); i++)
        if (stacks_lane(stacks, i)->last > end)
            end = stacks_lane(stacks, i)->last;
    return end;
}
