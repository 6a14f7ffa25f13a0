/*
 * running.c - which function a thread runs, and at which line.
 *
 * SPDX-License-Identifier: MIT
 */
#include "running.h"

#include <stdlib.h>
#include <string.h>

void running_event(struct running *running, const struct lane *lane,
                   const struct event *event)
{
    const char *name = event->marker->name;
    size_t at = lane->depth - 1;

    if (lane->depth == 0 || event->marker->count < 3 ||
        (strcmp(name, "line") != 0 && strcmp(name, "function__entry") != 0))
        return;
    if (at >= running->size) {
        size_t size = running->size != 0 ? running->size : 64;
        int32_t *lines;

        while (size <= at)
            size *= 2;
        lines = allocate(size, sizeof(*lines));
        if (running->size != 0)
            memcpy(lines, running->lines, running->size * sizeof(*lines));
        free(running->lines);
        running->lines = lines;
        running->size = size;
    }
    running->lines[at] = (int32_t)event->values[2].number;
}

struct running_place running_now(const struct running *running,
                                 const struct lane *lane)
{
    struct running_place place = {0};

    if (lane->depth != 0) {
        place.function = lane->stack[lane->depth - 1].node->function;
        place.line =
            lane->depth <= running->size ? running->lines[lane->depth - 1] : 0;
    }
    return place;
}

void running_free(struct running *running)
{
    free(running->lines);
}

char *running_text(const struct running_place *place)
{
    if (place->function == NULL)
        return formatted("-");
    return formatted("%s (%s:%ld)", place->function->shown_name,
                     place->function->shown_file, (long)place->line);
}

void running_json(const struct running_place *place, struct out *out)
{
    const struct function *function = place->function;

    if (function == NULL)
        return;
    out_key_json(out, "function", function->name, function->name_size);
    out_key_json(out, "file", function->file, function->file_size);
    out_key_signed(out, "line", place->line);
}

char *thread_text(const struct lane *lane)
{
    return lane->tid == lane->pid ? formatted("%u", lane->pid)
                                  : formatted("%u/%u", lane->pid, lane->tid);
}
