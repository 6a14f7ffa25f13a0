/*
 * svg.c - what the pictures have in common (svg.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "svg.h"

#include "base.h"

#include <stdlib.h>
#include <string.h>

static void put(struct out *out, const char *text, size_t size)
{
    const char *end = text + size;

    while (text < end) {
        size_t length = utf8_length(text, (size_t)(end - text));
        /* C1 control characters, and what is no character at all. */
        bool is_bad = length == 0 || *text == 0x7f ||
                      (length == 2 && (unsigned char)*text == 0xc2 &&
                       (unsigned char)text[1] < 0xa0) ||
                      (length == 3 && memcmp(text, "\xef\xbf", 2) == 0 &&
                       (unsigned char)text[2] >= 0xbe);

        if (is_bad)
            out_text(out, "\xef\xbf\xbd");
        else if (*text == '&')
            out_text(out, "&amp;");
        else if (*text == '<')
            out_text(out, "&lt;");
        else if (*text == '>')
            out_text(out, "&gt;");
        else
            out_bytes(out, text, length);
        text += length != 0 ? length : 1;
    }
}

void svg_text(struct out *out, const char *text)
{
    put(out, text, strlen(text));
}

void svg_cut(struct out *out, const char *text, size_t room)
{
    size_t cut = 0, count = 0, i;

    for (i = 0; text[i] != '\0'; i++) {
        if (((unsigned char)text[i] & 0xc0) == 0x80)
            continue;
        if (count++ + 2 <= room)
            cut = i;
    }
    if (count <= room) {
        svg_text(out, text);
    } else if (room >= 3) {
        put(out, text, cut);
        out_text(out, "..");
    }
}

void svg_put(struct out *out, char *text)
{
    out_text(out, text);
    free(text);
}

void svg_line(struct out *out, const char *id, unsigned y, const char *text)
{
    svg_put(out, formatted("<text id=\"%s\" x=\"%.1f%%\" y=\"%u\">", id,
                           svg_left, y));
    svg_cut(out, text, (size_t)(SVG_WIDTH * svg_inner / 100 * 10 / SVG_LETTER));
    out_text(out, "</text>\n");
}

void svg_begin(struct out *out, const char *title, const char *style,
               unsigned height)
{
    svg_put(out, formatted("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                           "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                           "width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\">\n"
                           "<title>",
                           SVG_WIDTH, height, SVG_WIDTH, height));
    svg_text(out, title);
    out_text(out, "</title>\n<style>\n"
                  "text { font: 12px monospace; }\n"
                  "#title { font-weight: bold; }\n");
    out_text(out, style);
    out_text(out, "</style>\n"
                  "<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n");
}

void svg_end(struct out *out)
{
    out_text(out, "</svg>\n");
}
