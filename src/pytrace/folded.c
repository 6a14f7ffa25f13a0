/*
 * folded.c - a flame graph as lines for other tools: the frames from the
 * outermost on, separated by semicolons, a blank, and a number (two, where
 * recordings are compared: before and now).
 *
 * SPDX-License-Identifier: MIT
 */
#include "flame.h"

#include <stdlib.h>
#include <string.h>

/* What the tools would take for an end of a name, or of a line, is a blank. */
static void put(struct out *out, const char *text)
{
    const char *end = text + strlen(text);

    while (text < end) {
        size_t length = utf8_length(text, (size_t)(end - text));

        if (*text == ';')
            out_char(out, ':');
        else if ((unsigned char)*text <= ' ' || *text == 0x7f ||
                 (length == 2 && (unsigned char)*text == 0xc2 &&
                  (unsigned char)text[1] < 0xa0))
            out_char(out, ' ');
        else if (length != 0)
            out_bytes(out, text, length);
        else
            out_text(out, "\xef\xbf\xbd");
        text += length != 0 ? length : 1;
    }
}

static uint64_t number_of(const struct frames *frames, uint64_t own)
{
    return frames->by == BY_OWN_TIME ? (own + 500) / 1000 : own;
}

static void put_stack(struct out *out, const struct frames *frames,
                      const struct frame *frame)
{
    const struct frame *stack[DEEPEST + 4];
    size_t depth = 0;

    for (; frame != frames->root; frame = frame->parent)
        stack[depth++] = frame;
    while (depth-- != 0) {
        char *text = frame_text(stack[depth]);

        put(out, text);
        free(text);
        if (depth != 0)
            out_char(out, ';');
    }
}

void folded_print(const struct flame *flame, struct out *out)
{
    const struct frames *frames = flame->frames;
    const struct frame *frame = frames->root;

    while ((frame = frames_next(frame, true)) != NULL) {
        uint64_t now = number_of(frames, frame->own[NOW]);
        uint64_t before = number_of(frames, frame->own[BEFORE]);

        if (now == 0 && before == 0)
            continue;
        put_stack(out, frames, frame);
        if (flame->is_difference) {
            out_char(out, ' ');
            out_number(out, before);
        }
        out_char(out, ' ');
        out_number(out, now);
        out_char(out, '\n');
    }
}
