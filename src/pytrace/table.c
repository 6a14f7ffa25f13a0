/*
 * table.c - a report for people: a table of each host's markers, those that
 * fall short first, and a sentence for each shortfall.
 *
 * SPDX-License-Identifier: MIT
 */
#include "output.h"
#include "processor.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS = 6, MAX_CELL = 160, MAX_SITES = 4, MAX_LISTED = 12 };

static bool is_process;

/* ---- the cells of a row; each is allocated ---- */

struct row {
    char *cells[COLUMNS];
};

static char *sites_cell(const struct site *sites, size_t count)
{
    char text[32 * (MAX_SITES + 2)];
    size_t length = 0;
    size_t i;

    if (count == 0)
        return formatted("-");
    if (count > 1)
        length = (size_t)snprintf(text, 32, "%zu:", count);
    for (i = 0; i < count && i < MAX_SITES; i++)
        length += (size_t)snprintf(text + length, 32, "%s0x%llx",
                                   length != 0 ? " " : "",
                                   (unsigned long long)sites[i].pc);
    return formatted("%s%s", text, i < count ? " ..." : "");
}

static char *semaphore_cell(const struct site *sites, size_t count)
{
    if (count == 0)
        return formatted("-");
    if (sites[0].semaphore == 0)
        return formatted("none");
    return formatted("0x%llx", (unsigned long long)sites[0].semaphore);
}

static void fill_row(struct row *row, const char *state, char *name,
                     const struct site *sites, size_t count, long value)
{
    row->cells[0] = formatted("%s", state);
    row->cells[1] = name;
    row->cells[2] = sites_cell(sites, count);
    row->cells[3] = semaphore_cell(sites, count);
    row->cells[4] = value < 0 ? formatted("-") : formatted("%ld", value);
    row->cells[5] =
        count == 0 ? formatted("-") : printable(sites[0].arguments, MAX_CELL);
}

/* ---- a table ---- */

static void print_row(char *const cells[COLUMNS], const size_t width[COLUMNS])
{
    size_t i;

    for (i = 0; i < COLUMNS; i++)
        if (i != 4 || is_process)
            printf("  %-*s", i + 1 < COLUMNS ? (int)width[i] : 0, cells[i]);
    putchar('\n');
}

/* Prints the rows, and frees them. */
static void print_rows(struct row *rows, size_t count)
{
    static char *const heading[COLUMNS] = {"",          "marker", "site",
                                           "semaphore", "value",  "arguments"};
    size_t width[COLUMNS];
    size_t i, column;

    for (column = 0; column < COLUMNS; column++)
        width[column] = strlen(heading[column]);
    for (i = 0; i < count; i++)
        for (column = 0; column < COLUMNS; column++) {
            size_t length = strlen(rows[i].cells[column]);

            width[column] = length > width[column] ? length : width[column];
        }
    print_row(heading, width);
    for (i = 0; i < count; i++) {
        print_row(rows[i].cells, width);
        for (column = 0; column < COLUMNS; column++)
            free(rows[i].cells[column]);
    }
    free(rows);
}

static void print_verdicts(const struct judgement *judgement)
{
    struct row *rows = allocate(judgement->count, sizeof(*rows));
    size_t count = 0;
    size_t i;
    int is_well;

    for (is_well = 0; is_well <= 1; is_well++)
        for (i = 0; i < judgement->count; i++) {
            const struct verdict *verdict = &judgement->verdicts[i];

            if ((verdict->shortfalls.count == 0) == is_well)
                fill_row(&rows[count++], is_well ? "ok" : "short",
                         printable(verdict->marker->name, MAX_CELL),
                         verdict->sites, verdict->site_count, verdict->value);
        }
    print_rows(rows, count);
}

/* ---- markers of no host ---- */

/* A list that ends in "..." where it is long. */
struct list {
    const char *title;
    size_t count;
};

static void list_next(struct list *list, const char *name)
{
    if (list->count == 0)
        printf("  %s: ", list->title);
    else if (list->count <= MAX_LISTED)
        printf(", ");
    if (list->count < MAX_LISTED)
        print_printable(stdout, name);
    else if (list->count == MAX_LISTED)
        printf("...");
    list->count++;
}

static void list_end(struct list *list)
{
    if (list->count > MAX_LISTED)
        printf(" (%zu)", list->count);
    if (list->count != 0)
        putchar('\n');
    list->count = 0;
}

/* Those of a host's provider that the host does not know. */
static void list_markers(const struct report *report)
{
    struct others others = {.image = report->image};
    struct list list = {.count = 0};
    const char *provider = "";
    const struct site *site;
    char *title = NULL;
    size_t count;

    while ((site = others_next(&others, &count)) != NULL) {
        if (!report_has_host(report, site->provider))
            continue;
        if (strcmp(site->provider, provider) != 0) {
            list_end(&list);
            free(title);
            provider = site->provider;
            list.title = title = formatted(
                "markers of provider %s that its host does not know", provider);
        }
        list_next(&list, site->name);
    }
    list_end(&list);
    free(title);
}

static void list_providers(const struct report *report)
{
    struct others others = {.image = report->image};
    struct list list = {.title = "other providers"};
    const char *provider = "";
    const struct site *site;
    size_t count;

    while ((site = others_next(&others, &count)) != NULL)
        if (!report_has_host(report, site->provider) &&
            strcmp(site->provider, provider) != 0)
            list_next(&list, provider = site->provider);
    list_end(&list);
}

static void print_others(const struct report *report)
{
    struct others others = {.image = report->image};
    const struct site *site;
    struct row *rows = NULL;
    size_t rows_count = 0;
    size_t count;
    char *name;

    while ((site = others_next(&others, &count)) != NULL) {
        rows = grown(rows, rows_count, sizeof(*rows));
        name = formatted("%s:%s", site->provider, site->name);
        fill_row(&rows[rows_count++], "-", printable(name, MAX_CELL), site,
                 count, -1);
        free(name);
    }
    if (rows_count != 0)
        print_rows(rows, rows_count);
}

/* ---- sentences ---- */

static void print_sentences(const char *subject,
                            const struct sentences *sentences)
{
    size_t i;

    for (i = 0; i < sentences->count; i++) {
        printf("  ");
        print_printable(stdout, subject);
        printf(": ");
        print_printable(stdout, sentences->text[i]);
        putchar('\n');
    }
    if (sentences->unsaid != 0) {
        printf("  ");
        print_printable(stdout, subject);
        printf(": %zu more of this kind\n", sentences->unsaid);
    }
}

static void print_summary(const struct judgement *judgement)
{
    printf("  ");
    if (judgement->found == 0)
        printf("none of the %zu markers of provider ", judgement->count);
    else if (judgement->too_short != 0)
        printf("%zu of %zu markers of provider ", judgement->too_short,
               judgement->count);
    else if (judgement->shortfalls.count == 0)
        printf("all %zu markers of provider ", judgement->count);
    else
        printf("provider ");
    print_printable(stdout, judgement->host->provider);
    puts(judgement->found == 0          ? " is there"
         : judgement_is_well(judgement) ? " are well"
         : judgement->too_short != 0    ? " fall short:"
                                        : " falls short:");
}

/* No shortfall: a packager may leave the recorder out. */
static void print_recorder(const struct host *host)
{
    printf("  provider ");
    print_printable(stdout, host->provider);
    puts(host->control != 0 ? " has a recorder: pytrace record"
                            : " has no recorder");
}

static void print_judgement(const struct judgement *judgement)
{
    char *subject = formatted("provider %s", judgement->host->provider);
    size_t i;

    if (judgement->found != 0)
        print_verdicts(judgement);
    print_summary(judgement);
    print_sentences(subject, &judgement->shortfalls);
    for (i = 0; i < judgement->count && judgement->found != 0; i++)
        print_sentences(judgement->verdicts[i].marker->name,
                        &judgement->verdicts[i].shortfalls);
    print_sentences("note", &judgement->remarks);
    print_recorder(judgement->host);
    free(subject);
}

/* ---- the whole ---- */

static void print_heading(const struct report *report)
{
    const struct image *image = report->image;
    const struct processor *processor = processor_of(image->machine);

    print_printable(stdout, report->file);
    printf(": %u-bit, %s-endian, ", image->bits,
           image->big_endian ? "big" : "little");
    if (processor != NULL)
        printf("%s\n", processor->name);
    else
        printf("processor %u, whose operands and instructions are not judged\n",
               image->machine);
}

static void table_begin(long pid)
{
    is_process = pid != 0;
}

static void table_report(const struct report *report)
{
    size_t i;

    print_heading(report);
    for (i = 0; i < report->count; i++)
        print_judgement(&report->judgements[i]);
    if (report->count != 0)
        list_markers(report);
    if (report->count != 0 || report->is_bystander)
        list_providers(report);
    else
        print_others(report);
    print_sentences("this file", &report->shortfalls);
    print_sentences("note", &report->remarks);
}

static void table_unreadable(const char *file, const char *why)
{
    (void)file; /* (check.c prints it on stderr, for both forms) */
    (void)why;
}

static void table_end(enum outcome outcome, const struct sentences *shortfalls)
{
    (void)outcome;
    print_sentences("this process", shortfalls);
}

const struct printer table_printer = {table_begin, table_report,
                                      table_unreadable, table_end};
