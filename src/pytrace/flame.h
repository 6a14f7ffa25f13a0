/*
 * flame.h - flame graphs: what is drawn, and its forms: flame_svg.c and
 * folded.c.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_FLAME_H
#define PYTRACE_FLAME_H

#include "frames.h"
#include "view.h"

struct flame {
    struct frames *frames;
    bool is_difference;
    char *title, *subtitle; /* what was recorded; how much, how long, ... */
    uint64_t left_out;      /* set by flame_svg(): how many frames are, */
    uint64_t left_out_sum;  /* and what they have together */
};

/* "12.3 ms", "1,234 calls", "1 object"; allocated. */
char *flame_amount(const struct flame *flame, uint64_t amount);
void flame_svg(struct flame *flame, struct out *out);
void folded_print(const struct flame *flame, struct out *out);

/* A recording as one of them, by own time: what a view's show does. */
int flame_show(struct view_run *run);
int folded_show(struct view_run *run);

#endif
