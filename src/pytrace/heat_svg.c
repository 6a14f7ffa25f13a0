/*
 * heat_svg.c - heat maps as an SVG that stands alone: time goes to the right,
 * longer durations are higher, and more calls are darker. A cell says in its
 * tool tip what it is. There is no script in it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "heat.h"

#include "base.h"
#include "rows.h"
#include "svg.h"

#include <stdlib.h>

/* In pixels. */
enum { HEAD = 60, ROW = 20, LABELS = 90, UNDER = 52, SIDE = 20 };

/* The steps that have calls, and the most calls of a cell. */
struct extent {
    size_t first, end, slices;
    uint64_t most;
};

static struct extent extent_of(const struct heat *heat)
{
    struct extent extent = {.first = STEPS};
    size_t slice, step;

    for (slice = 0; slice < heat->count; slice++)
        for (step = 0; step < STEPS; step++) {
            uint64_t count = heat->slices[slice].counts[step];

            if (count == 0)
                continue;
            if (step < extent.first)
                extent.first = step;
            if (step >= extent.end)
                extent.end = step + 1;
            if (count > extent.most)
                extent.most = count;
            extent.slices = slice + 1;
        }
    if (extent.end == 0)
        extent.first = 0;
    return extent;
}

/* From a light yellow to a dark red. */
static char *colour(uint64_t count, uint64_t most)
{
    double part = most > 1 ? (double)(count - 1) / (double)(most - 1) : 1;

    return formatted("#%02x%02x%02x", (unsigned)(255 - 127 * part),
                     (unsigned)(237 - 237 * part),
                     (unsigned)(160 - 122 * part));
}

static char *began_text(const struct heat *heat, size_t slice)
{
    return formatted(
        "%.6f s",
        ((double)heat->width * (double)slice + (double)heat->origin) / 1e9);
}

static void put_cell(const struct heat *heat, const struct extent *extent,
                     size_t slice, size_t step, unsigned y, struct out *out)
{
    const double wide =
        (double)(SVG_WIDTH - LABELS - SIDE) / (double)extent->slices;
    const uint64_t count = heat->slices[slice].counts[step];
    char *fill = colour(count, extent->most);
    char *from = time_text(step_from(step)),
         *to = time_text(step_from(step + 1));
    char *begin = began_text(heat, slice), *end = began_text(heat, slice + 1);
    char *calls = count_text(count);

    svg_put(out, formatted("<rect class=\"c\" x=\"%.2f\" y=\"%u\" "
                           "width=\"%.2f\" height=\"%d\" fill=\"%s\"><title>"
                           "%s call%s of %s to %s\nbegan from %s to %s"
                           "</title></rect>\n",
                           LABELS + wide * (double)slice,
                           y + (unsigned)(extent->end - 1 - step) * ROW, wide,
                           ROW, fill, calls, count == 1 ? "" : "s", from, to,
                           begin, end));
    free(fill);
    free(from);
    free(to);
    free(begin);
    free(end);
    free(calls);
}

static void put_label(struct out *out, double x, unsigned y, const char *anchor,
                      char *text)
{
    svg_put(out, formatted("<text x=\"%.2f\" y=\"%u\" text-anchor=\"%s\">"
                           "%s</text>\n",
                           x, y, anchor, text));
    free(text);
}

/* Returns the pixels that it took. */
static unsigned put_heat(const struct heat *heat, unsigned y, struct out *out)
{
    const struct extent extent = extent_of(heat);
    const unsigned rows = (unsigned)(extent.end - extent.first);
    const unsigned top = y + ROW, bottom = top + rows * ROW;
    size_t slice, step;

    svg_put(out, formatted("<text class=\"name\" x=\"%d\" y=\"%u\">", LABELS,
                           y + 13));
    svg_cut(out, heat->title, (SVG_WIDTH - LABELS - SIDE) * 10 / SVG_LETTER);
    out_text(out, "</text>\n");
    for (slice = 0; slice < extent.slices; slice++)
        for (step = extent.first; step < extent.end; step++)
            if (heat->slices[slice].counts[step] != 0)
                put_cell(heat, &extent, slice, step, top, out);
    /* A row's label is where it begins: its lower edge. */
    for (step = extent.first; step < extent.end; step++)
        put_label(out, LABELS - 6,
                  bottom - (unsigned)(step - extent.first) * ROW, "end",
                  time_text(step_from(step)));
    svg_put(out, formatted("<path class=\"axis\" d=\"M%d %u V%u H%d\"/>\n",
                           LABELS, top, bottom, SVG_WIDTH - SIDE));
    put_label(out, LABELS, bottom + 15, "start", began_text(heat, 0));
    put_label(out, SVG_WIDTH - SIDE, bottom + 15, "end",
              began_text(heat, extent.slices));
    return ROW + rows * ROW + UNDER;
}

void heat_svg(const struct heat *heats, size_t count, const char *title,
              struct out *out)
{
    unsigned height = HEAD, y = HEAD;
    size_t i;

    for (i = 0; i < count; i++) {
        const struct extent extent = extent_of(&heats[i]);

        height += ROW + (unsigned)(extent.end - extent.first) * ROW + UNDER;
    }
    svg_begin(out, title,
              ".name { font-weight: bold; }\n"
              ".c:hover { stroke: #000; stroke-width: 2; }\n"
              ".axis { fill: none; stroke: #000; }\n",
              height);
    svg_line(out, "title", 20, title);
    svg_line(
        out, "subtitle", 38,
        "When calls began (to the right), and how long they took (up): the "
        "darker, the more calls.");
    for (i = 0; i < count; i++)
        y += put_heat(&heats[i], y, out);
    svg_end(out);
}
