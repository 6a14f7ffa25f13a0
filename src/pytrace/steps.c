/* steps.c - a distribution as bars. SPDX-License-Identifier: MIT */
#include "steps.h"

#include "rows.h"

#include <stdlib.h>

enum { LONGEST_BAR = 40 };

/* 0, 1, 2, 5, 10, ... (Times are less than 2^63.) */
uint64_t step_from(size_t step)
{
    static const unsigned leading[] = {1, 2, 5};
    uint64_t power = 1;
    size_t i;

    if (step == 0)
        return 0;
    for (i = 0; i < (step - 1) / 3; i++)
        power *= 10;
    return power * leading[(step - 1) % 3];
}

size_t step_of(uint64_t ns)
{
    size_t step = 0;
    uint64_t power = 1;

    /* Three steps at once, then one by one. */
    while (step + 4 < STEPS && ns >= power * 10) {
        power *= 10;
        step += 3;
    }
    if (ns >= power)
        step++;
    if (ns >= 2 * power)
        step++;
    if (ns >= 5 * power)
        step++;
    return step < STEPS ? step : STEPS - 1;
}

/* The steps from *first up to, without, the returned one. */
static size_t range(const struct steps *steps, size_t *first)
{
    size_t end = STEPS;

    *first = 0;
    while (end > 0 && steps->counts[end - 1] == 0)
        end--;
    while (*first < end && steps->counts[*first] == 0)
        ++*first;
    return end;
}

void steps_print(const struct steps *steps, const char *title, struct out *out)
{
    const char *const titles[] = {"from", "to", title, "<", NULL};
    struct rows *rows = rows_new(titles);
    uint64_t most = 0;
    size_t first, end = range(steps, &first), i;

    for (i = first; i < end; i++)
        if (steps->counts[i] > most)
            most = steps->counts[i];
    for (i = first; i < end; i++) {
        double share = most != 0 ? (double)steps->counts[i] / (double)most : 0;
        size_t length = (size_t)(share * LONGEST_BAR + 0.5), j;
        char *bar = allocate(LONGEST_BAR + 1, 1);

        if (length == 0 && steps->counts[i] != 0)
            length = 1;
        for (j = 0; j < length; j++)
            bar[j] = '#';
        rows_cell(rows, time_text(step_from(i)));
        rows_cell(rows, time_text(step_from(i + 1)));
        rows_cell(rows, count_text(steps->counts[i]));
        rows_cell(rows, bar);
    }
    rows_print(rows, out);
    rows_free(rows);
}

void steps_json(const struct steps *steps, struct out *out)
{
    size_t first, end = range(steps, &first), i;

    out_text(out, ",\"histogram\":[");
    for (i = first; i < end; i++) {
        out_text(out, i != first ? "," : "");
        out_text(out, "{\"from_ns\":");
        out_number(out, step_from(i));
        out_key_number(out, "to_ns", step_from(i + 1));
        out_key_number(out, "count", steps->counts[i]);
        out_char(out, '}');
    }
    out_char(out, ']');
}
