/*
 * svg.h - what the pictures have in common: an SVG that stands alone, with text
 * that can be from the program.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_SVG_H
#define PYTRACE_SVG_H

#include "out.h"

/* In pixels, where no script says how wide the window is. */
enum { SVG_WIDTH = 1200, SVG_LETTER = 72 /* its width, in tenths */ };
/* What is beside the picture, and the picture: percent of the width. */
static const double svg_left = 0.8, svg_inner = 98.4;

/* The head, with a white ground; style is more of CSS. */
void svg_begin(struct out *out, const char *title, const char *style,
               unsigned height);
void svg_end(struct out *out);
/* For XML. What it has no form for becomes U+FFFD. */
void svg_text(struct out *out, const char *text);
/* As many characters as fit, with ".." for the rest; none where few do. */
void svg_cut(struct out *out, const char *text, size_t room);
/* Elements: not from the program. The text is allocated, and freed here. */
void svg_put(struct out *out, char *text);
/* A line of text, with its base at y. */
void svg_line(struct out *out, const char *id, unsigned y, const char *text);

#endif
