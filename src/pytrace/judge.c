/*
 * judge.c - the markers of an image against what its hosts say: which are
 * missing, and what of a marker would keep a tracer from attaching to it or
 * from reading its arguments. uses.c judges who fires them, place.c where they
 * are.
 *
 * More than one site falls short, too, although notes may well have that: the
 * runtime has one function for each marker, so another site is a copy. Tracers
 * that take one semaphore or one form of arguments for a marker's name
 * (bpftrace does) then lose some of the events.
 *
 * SPDX-License-Identifier: MIT
 */
#include "judge.h"
#include "processor.h"

#include <stdlib.h>
#include <string.h>

struct judging {
    struct image *image;
    struct semaphores semaphores;
    struct exceptions *exceptions;
};

/* ---- arguments ---- */

static const char *sign_word(bool is_signed)
{
    return is_signed ? "signed" : "unsigned";
}

static void judge_argument(struct verdict *verdict, const struct image *image,
                           unsigned number, const struct shape *shape,
                           const struct operand *operand, const char *where)
{
    const char *objection = operand_objection(operand, image);

    if (operand->bytes == 0)
        say(&verdict->shortfalls, "argument %u does not say its size%s", number,
            where);
    else if (operand->bytes != shape->bytes ||
             (!shape->either_sign && operand->is_signed != shape->is_signed))
        say(&verdict->shortfalls,
            "argument %u has %u byte%s, %s%s; the host says %u, %s", number,
            operand->bytes, operand->bytes == 1 ? "" : "s",
            sign_word(operand->is_signed), where, shape->bytes,
            sign_word(shape->is_signed));
    if (objection != NULL)
        say(&verdict->shortfalls, "argument %u, '%.*s'%s, %s", number,
            operand->length < 80 ? (int)operand->length : 80, operand->text,
            where, objection);
}

static void judge_arguments(struct verdict *verdict, const struct image *image,
                            const struct site *site, const char *where)
{
    const char *arguments = site->arguments;
    const char *shapes = verdict->marker->shapes;
    unsigned count = 0;
    unsigned expected = 0;
    struct operand operand;
    struct shape shape;

    while (operand_next(&operand, &arguments)) {
        count++;
        if (!shape_next(&shape, &shapes, image))
            continue;
        expected++;
        judge_argument(verdict, image, count, &shape, &operand, where);
    }
    while (shape_next(&shape, &shapes, image))
        expected++;
    if (count != expected)
        say(&verdict->shortfalls, "has %u argument%s%s; the host says %u",
            count, count == 1 ? "" : "s", where, expected);
}

/* ---- sites ---- */

/* The first of the image's sites whose name is not less than this one. */
static size_t first_site(const struct image *image, const char *provider,
                         const char *name)
{
    size_t low = 0;
    size_t high = image->site_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct site *site = &image->sites[middle];

        if (compare_names(provider, name, site->provider, site->name) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t end_of_marker(const struct image *image, size_t first)
{
    const struct site *site = &image->sites[first];
    size_t end = first;

    while (end < image->site_count &&
           compare_names(site->provider, site->name, image->sites[end].provider,
                         image->sites[end].name) == 0)
        end++;
    return end;
}

static void judge_sites(struct verdict *verdict, const struct judging *judging)
{
    char where[32] = "";
    size_t i;

    if (verdict->site_count > 1)
        say(&verdict->shortfalls, "has %zu sites, where one is expected",
            verdict->site_count);
    for (i = 0; i < verdict->site_count; i++) {
        const struct site *site = &verdict->sites[i];

        if (verdict->site_count > 1)
            snprintf(where, sizeof(where), " at 0x%llx",
                     (unsigned long long)site->pc);
        judge_code(&verdict->shortfalls, judging->image, site);
        judge_arguments(verdict, judging->image, site, where);
        judge_semaphore(&verdict->shortfalls, judging->image,
                        &judging->semaphores, site, verdict->marker, where);
    }
}

static void find_sites(struct verdict *verdict, struct image *image,
                       const char *provider)
{
    size_t first = first_site(image, provider, verdict->marker->name);
    size_t i;

    if (first == image->site_count ||
        compare_names(provider, verdict->marker->name,
                      image->sites[first].provider,
                      image->sites[first].name) != 0)
        return;
    verdict->sites = &image->sites[first];
    verdict->site_count = end_of_marker(image, first) - first;
    for (i = 0; i < verdict->site_count; i++)
        image->sites[first + i].is_expected = true;
}

/* ---- a host ---- */

/* A real DTrace has no semaphores, and notes of another kind. */
static bool is_real_dtrace(const struct judgement *judgement)
{
    size_t i;

    for (i = 0; i < judgement->count; i++)
        if (judgement->host->markers[i].semaphore != 0)
            return false;
    return judgement->found == 0 && judgement->count != 0;
}

static void judge_host(struct judgement *judgement, const struct image *image)
{
    if (is_real_dtrace(judgement))
        say(&judgement->shortfalls,
            "is built with a real DTrace, whose markers are not in "
            ".note.stapsdt: they are not judged here");
    else if (judgement->found == 0)
        say(&judgement->shortfalls,
            "its notes for tracers (.note.stapsdt) are missing: a strip or a "
            "linker has lost them");
    if (judgement->found != 0 && !image->has_base)
        say(&judgement->shortfalls,
            "is in a file without the section .stapsdt.base, where gdb finds "
            "no marker");
}

static void judge_markers(struct judgement *judgement,
                          const struct judging *judging)
{
    struct usage usage = usage_of(judging->image, judgement->host->provider);
    size_t i;

    judgement->count = judgement->host->count;
    judgement->verdicts =
        allocate(judgement->count, sizeof(*judgement->verdicts));
    for (i = 0; i < judgement->count; i++) {
        struct verdict *verdict = &judgement->verdicts[i];

        verdict->marker = &judgement->host->markers[i];
        verdict->value = -1;
        find_sites(verdict, judging->image, judgement->host->provider);
        judge_use(verdict, judgement, &usage, judging->exceptions);
        judge_sites(verdict, judging);
        judgement->found += verdict->site_count != 0;
        judgement->too_short += verdict->shortfalls.count != 0;
    }
    judge_host(judgement, judging->image);
    judge_usage(judgement, &usage);
}

/* ---- a file ---- */

static void judge_hosts(struct report *report, const struct judging *judging)
{
    const struct image *image = judging->image;
    struct judgement *judgement;
    size_t first, end;

    report->judgements =
        allocate(image->host_count, sizeof(*report->judgements));
    for (first = 0; first < image->host_count; first = end) {
        const char *provider = image->hosts[first].provider;

        for (end = first + 1; end < image->host_count; end++)
            if (strcmp(image->hosts[end].provider, provider) != 0)
                break;
        judgement = &report->judgements[report->count++];
        judgement->host = &image->hosts[first];
        if (end - first > 1)
            say(&judgement->shortfalls,
                "its runtime is linked in %zu times, and each copy sees a part "
                "of the events: link it once",
                end - first);
        judge_markers(judgement, judging);
    }
}

void judge(struct report *report, const char *file, struct image *image,
           bool in_process, struct exceptions *exceptions)
{
    struct judging judging = {.image = image, .exceptions = exceptions};

    memset(report, 0, sizeof(*report));
    report->file = file;
    report->image = image;
    semaphores_order(&judging.semaphores, image);
    judge_hosts(report, &judging);
    judge_other_uses(report, image);
    report->is_bystander =
        in_process && report->count == 0 && image->use_count == 0;
    if (report->count == 0 && !report->is_bystander)
        say(&report->shortfalls,
            "is no pytrace host: it has no note of one (.note.pytrace); if its "
            "markers are in a library, check that");
    free(judging.semaphores.sites);
}

bool judgement_is_well(const struct judgement *judgement)
{
    return judgement->too_short == 0 && judgement->shortfalls.count == 0;
}

bool report_is_well(const struct report *report)
{
    size_t i;

    for (i = 0; i < report->count; i++)
        if (!judgement_is_well(&report->judgements[i]))
            return false;
    return report->shortfalls.count == 0;
}

void report_free(struct report *report)
{
    size_t i, j;

    for (i = 0; i < report->count; i++) {
        struct judgement *judgement = &report->judgements[i];

        for (j = 0; j < judgement->count; j++)
            sentences_free(&judgement->verdicts[j].shortfalls);
        free(judgement->verdicts);
        sentences_free(&judgement->shortfalls);
        sentences_free(&judgement->remarks);
    }
    free(report->judgements);
    sentences_free(&report->shortfalls);
    sentences_free(&report->remarks);
}

/* ---- what is there beside ---- */

static int by_provider(const void *provider, const void *judgement)
{
    return strcmp(provider,
                  ((const struct judgement *)judgement)->host->provider);
}

bool report_has_host(const struct report *report, const char *provider)
{
    return report->count != 0 &&
           bsearch(provider, report->judgements, report->count,
                   sizeof(*report->judgements), by_provider) != NULL;
}

const struct site *others_next(struct others *others, size_t *count)
{
    const struct image *image = others->image;
    size_t first = others->at;

    while (first < image->site_count && image->sites[first].is_expected)
        first++;
    if (first == image->site_count)
        return NULL;
    others->at = end_of_marker(image, first);
    *count = others->at - first;
    return &image->sites[first];
}
