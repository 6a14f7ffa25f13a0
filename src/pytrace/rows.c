/* rows.c - tables for people. SPDX-License-Identifier: MIT */
#include "rows.h"

#include "capture.h"

#include <stdlib.h>
#include <string.h>

struct rows {
    const char *const *titles;
    size_t columns;
    char **cells;
    size_t count;
};

struct rows *rows_new(const char *const *titles)
{
    struct rows *rows = allocate(1, sizeof(*rows));

    rows->titles = titles;
    while (titles[rows->columns] != NULL)
        rows->columns++;
    return rows;
}

void rows_cell(struct rows *rows, char *text)
{
    rows->cells = grown(rows->cells, rows->count, sizeof(text));
    rows->cells[rows->count++] = text;
}

static bool is_left(const struct rows *rows, size_t column)
{
    return rows->titles[column][0] == '<';
}

static const char *title(const struct rows *rows, size_t column)
{
    return rows->titles[column] + is_left(rows, column);
}

static void print_cell(const struct rows *rows, struct out *out, size_t column,
                       const char *text, size_t width)
{
    size_t length = columns_of(text);
    size_t blanks = width > length ? width - length : 0;
    bool is_last = column + 1 == rows->columns;

    if (column != 0)
        out_blanks(out, 2);
    if (!is_left(rows, column))
        out_blanks(out, blanks);
    out_text(out, text);
    if (is_left(rows, column) && !is_last)
        out_blanks(out, blanks);
    if (is_last)
        out_char(out, '\n');
}

void rows_print(const struct rows *rows, struct out *out)
{
    size_t *widths = allocate(rows->columns, sizeof(*widths));
    size_t i;

    for (i = 0; i < rows->columns; i++)
        widths[i] = columns_of(title(rows, i));
    for (i = 0; i < rows->count; i++) {
        size_t length = columns_of(rows->cells[i]);

        if (length > widths[i % rows->columns])
            widths[i % rows->columns] = length;
    }
    for (i = 0; i < rows->columns; i++)
        print_cell(rows, out, i, title(rows, i), widths[i]);
    for (i = 0; i < rows->count; i++)
        print_cell(rows, out, i % rows->columns, rows->cells[i],
                   widths[i % rows->columns]);
    free(widths);
}

void rows_free(struct rows *rows)
{
    size_t i;

    for (i = 0; i < rows->count; i++)
        free(rows->cells[i]);
    free(rows->cells);
    free(rows);
}

bool rows_limit(const char *command, const char *text, unsigned long *limit)
{
    char *end;

    *limit = strtoul(text, &end, 10);
    return (*text >= '0' && *text <= '9' && *end == '\0') ||
           wrong_usage(command, "not a number of rows: ", text);
}

void rows_more(struct out *out, uint64_t count)
{
    if (count == 0)
        return;
    out_text(out, "and ");
    out_grouped(out, count);
    out_text(out, " more; --limit 0 shows all\n");
}

/* ---- numbers ---- */

char *time_text(uint64_t ns)
{
    static const char *const units[] = {"ns", "us", "ms", "s"};
    double time = (double)ns;
    size_t i = 0;

    while (i < 3 && time >= 999.5) {
        time /= 1000;
        i++;
    }
    if (i == 0 || time >= 99.95)
        return formatted("%.0f %s", time, units[i]);
    return formatted(time >= 9.995 ? "%.1f %s" : "%.2f %s", time, units[i]);
}

char *count_text(uint64_t count)
{
    char digits[32], text[48];
    size_t length = (size_t)snprintf(digits, sizeof(digits), "%llu",
                                     (unsigned long long)count);
    size_t i, j = 0;

    for (i = 0; i < length; i++) {
        if (i != 0 && (length - i) % 3 == 0)
            text[j++] = ',';
        text[j++] = digits[i];
    }
    text[j] = '\0';
    return formatted("%s", text);
}

char *share_text(double part, double whole)
{
    return whole > 0 ? formatted("%.1f %%", 100 * part / whole)
                     : formatted("-");
}
