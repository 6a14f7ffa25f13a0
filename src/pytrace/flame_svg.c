/*
 * flame_svg.c - a flame graph as an SVG that stands alone. What can be seen is
 * there without the script (flame.js), which makes it fit the window, zooms and
 * searches.
 *
 * SPDX-License-Identifier: MIT
 */
#include "flame.h"

#include "flame_script.h"
#include "rows.h"
#include "svg.h"

#include <stdlib.h>
#include <string.h>

/* In pixels, where no script says how wide the window is; and percent of it. */
enum {
    HEAD = 76,
    LEGEND = 18, /* more of a head, where recordings are compared */
    ROW = 18,
    MOST_DRAWN = 20000, /* frames */
};
/* The narrowest frame: a tenth of a pixel. */
static const double narrowest = 0.1 / SVG_WIDTH;

/* ---- colours ---- */

static unsigned hash_of(const char *text)
{
    unsigned hash = 2166136261u;

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash ^ hash >> 15;
}

/* Light enough for black text. hue: 0 to 6. */
static char *light_colour(double hue, double lightness)
{
    double parts[3];
    unsigned i;

    for (i = 0; i < 3; i++) {
        double at = hue + (i == 0 ? 0 : i == 1 ? 4 : 2);
        double away; /* from this part's own hue */

        while (at >= 6)
            at -= 6;
        away = at < 3 ? at : 6 - at;
        parts[i] = away <= 1 ? 1 : away >= 2 ? 0 : 2 - away;
        parts[i] = 255 * (lightness + (1 - lightness) * parts[i]);
    }
    return formatted("#%02x%02x%02x", (unsigned)parts[0], (unsigned)parts[1],
                     (unsigned)parts[2]);
}

/* A hue for each file; its functions differ a little. */
static char *file_colour(const struct function *function)
{
    if (function == NULL)
        return formatted("#dddddd");
    return light_colour(hash_of(function->file) % 360 / 60.0,
                        0.55 + hash_of(function->name) % 16 / 100.0);
}

static double share_of(const struct frames *frames, uint64_t part,
                       unsigned which)
{
    uint64_t whole = frames->root->total[which];

    return whole != 0 ? (double)part / (double)whole : 0;
}

/* How much more of the whole the frame itself has than before. */
static double growth(const struct frames *frames, const struct frame *frame)
{
    return share_of(frames, frame->own[NOW], NOW) -
           share_of(frames, frame->own[BEFORE], BEFORE);
}

/* Grey is no change; what changes most, or by 1 %, is strongest. */
static char *growth_colour(double growth, double most)
{
    double strength = growth / (most > 0.01 ? most : 0.01);
    double size = strength < 0 ? -strength : strength;
    unsigned faint, strong;

    if (size > 1)
        size = 1;
    faint = (unsigned)(232 - 132 * size);
    strong = (unsigned)(232 + 23 * size);
    return strength < 0 ? formatted("#%02x%02x%02x", faint, faint, strong)
                        : formatted("#%02x%02x%02x", strong, faint, faint);
}

/* ---- frames ---- */

struct picture {
    struct flame *flame;
    struct out *out;
    uint64_t least;     /* that a frame has to have to be drawn */
    double most_growth; /* of a frame, or decline */
    unsigned head;
};

/* The threshold; it is higher where there would be too many frames. */
static uint64_t least_drawn(const struct frames *frames)
{
    double least = (double)frames->root->total[NOW] * narrowest;

    if (least < 1)
        least = 1;
    for (;; least *= 2) {
        const struct frame *frame = frames->root;
        size_t drawn = 0;

        while (frame != NULL && drawn <= MOST_DRAWN) {
            bool is_drawn = (double)frame->total[NOW] >= least;

            drawn += is_drawn;
            frame = frames_next(frame, is_drawn);
        }
        if (drawn <= MOST_DRAWN)
            return (uint64_t)least;
    }
}

/* Where each frame is, and how many rows there are. */
static unsigned lay_out(struct picture *picture)
{
    struct frames *frames = picture->flame->frames;
    struct frame *frame = frames->root;
    unsigned rows = 1;

    while (frame != NULL) {
        bool is_drawn = frame->total[NOW] >= picture->least;
        double change = growth(frames, frame);
        struct frame *callee;
        uint64_t at = frame->at;
        unsigned row = 1;

        if (change < 0)
            change = -change;
        if (change > picture->most_growth)
            picture->most_growth = change;
        for (callee = frame->child; callee != NULL; callee = callee->next) {
            callee->at = at;
            at += callee->total[NOW];
            if (is_drawn && callee->total[NOW] != 0 &&
                callee->total[NOW] < picture->least) {
                picture->flame->left_out++;
                picture->flame->left_out_sum += callee->total[NOW];
            }
        }
        for (callee = frame->parent; callee != NULL; callee = callee->parent)
            row++;
        if (is_drawn && row > rows)
            rows = row;
        frame = frames_next(frame, is_drawn);
    }
    return rows;
}

static void put_share(const struct picture *picture, uint64_t part)
{
    svg_put(picture->out, flame_amount(picture->flame, part));
    out_text(picture->out, " (");
    svg_put(picture->out,
            share_text((double)part,
                       (double)picture->flame->frames->root->total[NOW]));
    out_char(picture->out, ')');
}

static void put_before(const struct picture *picture, uint64_t part)
{
    if (!picture->flame->is_difference)
        return;
    out_text(picture->out, ", before: ");
    svg_put(picture->out,
            share_text((double)part,
                       (double)picture->flame->frames->root->total[BEFORE]));
}

static void put_tip(const struct picture *picture, const struct frame *frame,
                    const char *text)
{
    struct out *out = picture->out;

    out_text(out, "<title>");
    svg_text(out, text);
    out_char(out, '\n');
    put_share(picture, frame->total[NOW]);
    put_before(picture, frame->total[BEFORE]);
    if (frame->function != NULL && frame->own[NOW] != frame->total[NOW]) {
        out_text(out, " with callees\n");
        put_share(picture, frame->own[NOW]);
        put_before(picture, frame->own[BEFORE]);
        out_text(out, " itself");
    }
    if (frame->calls[NOW] != 0 && picture->flame->frames->by != BY_CALLS) {
        char *calls = count_text(frame->calls[NOW]);

        out_char(out, '\n');
        out_text(out, calls);
        out_text(out, frame->calls[NOW] == 1 ? " call" : " calls");
        free(calls);
    }
    out_text(out, "</title>");
}

static void put_frame(const struct picture *picture, const struct frame *frame,
                      unsigned row)
{
    const struct frames *frames = picture->flame->frames;
    struct out *out = picture->out;
    double x = 100 * share_of(frames, frame->at, NOW);
    double width = 100 * share_of(frames, frame->total[NOW], NOW);
    double pixels = width / 100 * svg_inner / 100 * SVG_WIDTH - 6;
    char *text = frame_text(frame);

    out_text(out, "<g class=\"f\">");
    put_tip(picture, frame, text);
    svg_put(out, formatted("<rect x=\"%.5f%%\" y=\"%u\" width=\"%.5f%%\" "
                           "height=\"%u\" fill=\"",
                           x, row * ROW, width, ROW - 1));
    svg_put(out,
            picture->flame->is_difference
                ? growth_colour(growth(frames, frame), picture->most_growth)
                : file_colour(frame->function));
    svg_put(out, formatted("\"/><text x=\"%.5f%%\" dx=\"3\" y=\"%u\">", x,
                           row * ROW + 13));
    svg_cut(out, text, pixels > 0 ? (size_t)(pixels * 10 / SVG_LETTER) : 0);
    out_text(out, "</text></g>\n");
    free(text);
}

static void put_frames(const struct picture *picture, unsigned rows)
{
    struct out *out = picture->out;
    const struct frame *frame = picture->flame->frames->root;

    svg_put(out, formatted("<svg id=\"frames\" x=\"%.1f%%\" y=\"%u\" "
                           "width=\"%.1f%%\" height=\"%u\">\n",
                           svg_left, picture->head, svg_inner, rows * ROW));
    while (frame != NULL) {
        bool is_drawn = frame->total[NOW] >= picture->least;

        if (is_drawn) {
            const struct frame *outer = frame;
            unsigned row = 0;

            while ((outer = outer->parent) != NULL)
                row++;
            put_frame(picture, frame, row);
        }
        frame = frames_next(frame, is_drawn);
    }
    out_text(out, "</svg>\n");
}

/* ---- what is around them ---- */

static const char style[] =
    ".f { cursor: pointer; outline: none; }\n"
    ".f rect { stroke: #fff; stroke-width: 0.5; }\n"
    ".f text { pointer-events: none; }\n"
    ".f:hover rect, .f:focus rect { stroke: #000; stroke-width: 2; }\n"
    ".above { opacity: 0.5; }\n"
    ".found rect { fill: #e060ff; }\n";

static void put_head(const struct picture *picture)
{
    const struct flame *flame = picture->flame;
    struct out *out = picture->out;

    svg_put(out, formatted("<g id=\"head\">\n<rect width=\"100%%\" "
                           "height=\"%u\" fill=\"#fff\"/>\n",
                           picture->head - 4));
    svg_line(out, "title", 20, flame->title);
    svg_line(out, "subtitle", 38, flame->subtitle);
    svg_line(out, "details", 60,
             flame->is_difference ? "" : "Each file has its colour.");
    if (flame->is_difference)
        svg_line(out, "legend", HEAD + LEGEND - 12,
                 "Widths are of the second recording. Red: the frame itself is "
                 "more of the whole than in the first; blue: less.");
    out_text(out, "</g>\n");
}

void flame_svg(struct flame *flame, struct out *out)
{
    struct picture picture = {.flame = flame,
                              .out = out,
                              .least = least_drawn(flame->frames),
                              .head = HEAD};
    unsigned rows = lay_out(&picture), height;
    size_t i;

    if (flame->is_difference)
        picture.head += LEGEND;
    height = picture.head + rows * ROW + 10;
    svg_begin(out, flame->title, style, height);
    put_frames(&picture, rows);
    put_head(&picture);
    out_text(out, "<script><![CDATA[\n");
    for (i = 0; i < sizeof(flame_script) / sizeof(flame_script[0]); i++)
        out_text(out, flame_script[i]);
    out_text(out, "]]></script>\n");
    svg_end(out);
}
