/* table.c - a report for people: a table, and a sentence for each shortfall. */
#define _GNU_SOURCE
#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 6, MAX_CELL = 160, MAX_SITES = 4, MAX_LISTED = 12 };

/* ---- what comes from a file, so that a terminal can show it ---- */

char *printable(const char *text, size_t limit)
{
    char *result = allocate(limit + 4, 1);
    size_t length = 0;

    for (; *text != '\0'; text++) {
        if (length + 4 > limit) {
            strcpy(result + length, "...");
            return result;
        }
        if (*text >= ' ' && *text <= '~')
            result[length++] = *text;
        else
            length += (size_t)snprintf(result + length, 5, "\\x%02x",
                                       (unsigned char)*text);
    }
    return result;
}

void print_printable(FILE *stream, const char *text)
{
    char *shown = printable(text, MAX_NAME);

    fputs(shown, stream);
    free(shown);
}

/* ---- the cells of a row; each is allocated ---- */

static char *sites_cell(const struct verdict *verdict)
{
    char text[32 * (MAX_SITES + 2)];
    size_t length = 0;
    size_t i;

    if (verdict->site_count == 0)
        return formatted("-");
    if (verdict->site_count > 1)
        length = (size_t)snprintf(text, 32, "%zu:", verdict->site_count);
    for (i = 0; i < verdict->site_count && i < MAX_SITES; i++)
        length += (size_t)snprintf(text + length, 32, "%s0x%llx",
                                   length != 0 ? " " : "",
                                   (unsigned long long)verdict->sites[i].pc);
    return formatted("%s%s", text, i < verdict->site_count ? " ..." : "");
}

static char *semaphore_cell(const struct verdict *verdict)
{
    if (verdict->site_count == 0)
        return formatted("-");
    if (verdict->sites[0].semaphore == 0)
        return formatted("none");
    return formatted("0x%llx", (unsigned long long)verdict->sites[0].semaphore);
}

static char *value_cell(const struct verdict *verdict)
{
    if (verdict->value < 0)
        return formatted("-");
    return formatted("%ld", verdict->value);
}

static void make_row(char *row[COLUMNS], const struct verdict *verdict)
{
    row[0] = formatted(verdict->shortfall_count == 0 ? "ok" : "short");
    row[1] = formatted("%s", verdict->expected->name);
    row[2] = sites_cell(verdict);
    row[3] = semaphore_cell(verdict);
    row[4] = value_cell(verdict);
    row[5] = verdict->site_count == 0
                 ? formatted("-")
                 : printable(verdict->sites[0].arguments, MAX_CELL);
}

/* ---- the table ---- */

static bool is_process;

static void print_row(char *const row[COLUMNS], const size_t width[COLUMNS])
{
    size_t i;

    for (i = 0; i < COLUMNS; i++)
        if (i != 4 || is_process)
            printf("  %-*s", i + 1 < COLUMNS ? (int)width[i] : 0, row[i]);
    putchar('\n');
}

static void print_table(const struct report *report)
{
    static char *const heading[COLUMNS] = {"",          "marker", "site",
                                           "semaphore", "value",  "arguments"};
    char *(*rows)[COLUMNS] = allocate(report->count, sizeof(*rows));
    size_t width[COLUMNS];
    size_t i, column;

    for (column = 0; column < COLUMNS; column++)
        width[column] = strlen(heading[column]);
    for (i = 0; i < report->count; i++) {
        make_row(rows[i], &report->verdicts[i]);
        for (column = 0; column < COLUMNS; column++)
            if (strlen(rows[i][column]) > width[column])
                width[column] = strlen(rows[i][column]);
    }
    print_row(heading, width);
    for (i = 0; i < report->count; i++) {
        print_row(rows[i], width);
        for (column = 0; column < COLUMNS; column++)
            free(rows[i][column]);
    }
    free(rows);
}

/* ---- lists of names ---- */

static size_t listed;
static const char *list_name;

static void list_next(const char *name)
{
    if (listed == 0)
        printf("  %s: ", list_name);
    else if (listed <= MAX_LISTED)
        printf(", ");
    if (listed < MAX_LISTED)
        print_printable(stdout, name);
    else if (listed == MAX_LISTED)
        printf("...");
    listed++;
}

static void list(const struct report *report, const char *name,
                 void (*each)(const struct report *report,
                              void (*next)(const char *name)))
{
    listed = 0;
    list_name = name;
    each(report, list_next);
    if (listed > MAX_LISTED)
        printf(" (%zu)", listed);
    if (listed != 0)
        putchar('\n');
}

/* ---- the whole ---- */

static void print_shortfalls(const struct report *report)
{
    size_t i, j;

    for (i = 0; i < report->count; i++) {
        const struct verdict *verdict = &report->verdicts[i];

        for (j = 0; j < verdict->shortfall_count; j++) {
            printf("  %s: ", verdict->expected->name);
            print_printable(stdout, verdict->shortfalls[j]);
            putchar('\n');
        }
        if (verdict->unsaid != 0)
            printf("  %s: %zu more of this kind\n", verdict->expected->name,
                   verdict->unsaid);
    }
}

static void print_heading(const struct report *report)
{
    const struct image *image = report->image;
    const char *machine = machine_name(image->machine);

    print_printable(stdout, report->file);
    printf(": %u-bit, %s-endian, ", image->bits,
           image->big_endian ? "big" : "little");
    if (machine != NULL)
        printf("%s\n", machine);
    else
        printf("processor %u, whose operands are not judged\n", image->machine);
}

static void table_begin(long pid)
{
    is_process = pid != 0;
}

static void table_report(const struct report *report)
{
    print_heading(report);
    if (report->found != 0)
        print_table(report);
    list(report, "other markers of the provider", each_other_marker);
    list(report, "other providers", each_other_provider);
    printf("  ");
    if (report->found == 0) {
        printf("none of the %zu markers of provider ", report->count);
        print_printable(stdout, report->provider);
        puts(" is there");
        return;
    }
    if (report->too_short == 0)
        printf("all %zu markers of provider ", report->count);
    else
        printf("%zu of %zu markers of provider ", report->too_short,
               report->count);
    print_printable(stdout, report->provider);
    puts(report->too_short == 0 ? " are well" : " fall short:");
    print_shortfalls(report);
}

static void table_bystander(const struct report *report)
{
    print_heading(report);
    list(report, "other providers", each_other_provider);
}

static void table_unreadable(const char *file, const char *why)
{
    (void)file; /* (it is said on stderr, for both forms) */
    (void)why;
}

static void table_end(enum outcome outcome)
{
    (void)outcome;
}

const struct printer table_printer = {
    table_begin, table_report, table_bystander, table_unreadable, table_end};
