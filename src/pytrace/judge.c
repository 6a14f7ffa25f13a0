/*
 * judge.c - the markers of an image against the definition: what is missing,
 * and what of a marker would keep a tracer from attaching to it or from reading
 * its arguments.
 *
 * More than one site falls short, too, although notes may well have that: the
 * runtime has one function for each marker, so another site is a copy that
 * somebody made, and tracers that take one semaphore or one form of arguments
 * for a marker's name (bpftrace does) then lose some of the events.
 */
#include "check.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct judging {
    struct image *image;
    /* The image's sites that have a semaphore, by its address. */
    const struct site **by_semaphore;
    size_t with_semaphore;
};

/* ---- sentences ---- */

/* Take over a text that was allocated. */
static void falls_short(struct verdict *verdict, char *text)
{
    if (verdict->shortfall_count < MAX_SHORTFALLS) {
        verdict->shortfalls[verdict->shortfall_count++] = text;
    } else {
        verdict->unsaid++;
        free(text);
    }
}

static const char *sign_word(bool is_signed)
{
    return is_signed ? "signed" : "unsigned";
}

/* Which of several sites, or nothing where there is one. */
static const char *which(const struct verdict *verdict, const struct site *site,
                         char *buffer, size_t size)
{
    if (verdict->site_count == 1)
        return "";
    snprintf(buffer, size, " at 0x%llx", (unsigned long long)site->pc);
    return buffer;
}

/* ---- arguments ---- */

static void judge_argument(struct verdict *verdict, const struct image *image,
                           unsigned number, const struct operand *operand,
                           const char *where)
{
    const struct expected_argument *expected =
        &verdict->expected->arguments[number];
    unsigned bytes = expected->bytes != 0 ? expected->bytes : image->bits / 8;
    const char *objection = operand_objection(operand, image->machine);

    if (operand->bytes == 0)
        falls_short(verdict, formatted("argument %u does not say its size%s",
                                       number + 1, where));
    else if (operand->bytes != bytes ||
             (!expected->either_sign &&
              operand->is_signed != expected->is_signed))
        falls_short(verdict,
                    formatted("argument %u has %u byte%s, %s%s; the definition "
                              "says %u, %s",
                              number + 1, operand->bytes,
                              operand->bytes == 1 ? "" : "s",
                              sign_word(operand->is_signed), where, bytes,
                              sign_word(expected->is_signed)));
    if (objection != NULL)
        falls_short(verdict,
                    formatted("argument %u, '%.*s'%s, %s", number + 1,
                              operand->length < 80 ? (int)operand->length : 80,
                              operand->text, where, objection));
}

static void judge_arguments(struct verdict *verdict, const struct image *image,
                            const struct site *site, const char *where)
{
    const char *arguments = site->arguments;
    unsigned expected = verdict->expected->argument_count;
    unsigned count = 0;
    struct operand operand;

    while (operand_next(&operand, &arguments)) {
        if (count < expected)
            judge_argument(verdict, image, count, &operand, where);
        count++;
    }
    if (count != expected)
        falls_short(verdict,
                    formatted("has %u argument%s%s; the definition "
                              "says %u",
                              count, count == 1 ? "" : "s", where, expected));
}

/* ---- semaphores ---- */

static bool same_marker(const struct site *a, const struct site *b)
{
    return strcmp(a->provider, b->provider) == 0 &&
           strcmp(a->name, b->name) == 0;
}

/* By address, and then as the sites themselves are ordered. */
static int by_semaphore(const void *left, const void *right)
{
    const struct site *a = *(const struct site *const *)left;
    const struct site *b = *(const struct site *const *)right;

    if (a->semaphore != b->semaphore)
        return a->semaphore < b->semaphore ? -1 : 1;
    return (a > b) - (a < b);
}

static void order_semaphores(struct judging *judging)
{
    const struct image *image = judging->image;
    size_t i;

    judging->by_semaphore =
        allocate(image->site_count, sizeof(*judging->by_semaphore));
    for (i = 0; i < image->site_count; i++)
        if (image->sites[i].semaphore != 0)
            judging->by_semaphore[judging->with_semaphore++] = &image->sites[i];
    qsort(judging->by_semaphore, judging->with_semaphore,
          sizeof(*judging->by_semaphore), by_semaphore);
}

/* How many of the ordered sites have a semaphore below this address. */
static size_t semaphores_below(const struct judging *judging, uint64_t address)
{
    size_t low = 0;
    size_t high = judging->with_semaphore;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (judging->by_semaphore[middle]->semaphore < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A site of another marker that has the same semaphore, or NULL. */
static const struct site *sharer(const struct judging *judging,
                                 const struct site *site)
{
    size_t first = semaphores_below(judging, site->semaphore);
    size_t end = site->semaphore == UINT64_MAX
                     ? judging->with_semaphore
                     : semaphores_below(judging, site->semaphore + 1);

    /* Sites of one marker are neighbours: another is first or last. */
    if (!same_marker(judging->by_semaphore[first], site))
        return judging->by_semaphore[first];
    if (!same_marker(judging->by_semaphore[end - 1], site))
        return judging->by_semaphore[end - 1];
    return NULL;
}

/* The largest page that kernels for this processor may have, in bytes. */
static uint64_t largest_page(const struct image *image)
{
    switch (image->machine) {
    case EM_386:
    case EM_X86_64:
    case EM_ARM:
    case EM_RISCV:
    case EM_S390: return 4096;
    default: return 65536;
    }
}

/*
 * Whether a segment that is mapped before this one, writable, has the same page
 * of the file. A kernel that has a tracer when the program starts then counts
 * there, in the copy that no guard reads.
 */
static bool counted_elsewhere(const struct image *image,
                              const struct segment *segment, uint64_t semaphore)
{
    const uint64_t page = largest_page(image);
    uint64_t at = (segment->offset + (semaphore - segment->address)) / page;
    const struct segment *other;
    size_t i;

    for (i = 0; i < image->segment_count; i++) {
        other = &image->segments[i];
        if (other->writable && other->address < segment->address &&
            other->file_size > 0 && other->offset / page <= at &&
            at <= (other->offset + other->file_size - 1) / page)
            return true;
    }
    return false;
}

/*
 * The kernel counts in the file's own pages, where they are mapped writable:
 * so what is read-only once the program has started stays 0, and what is not
 * in the file (.bss), too, but for the rest of its last page. It refuses an
 * address that is odd.
 */
static const char *misplaced(const struct image *image, uint64_t semaphore)
{
    const struct segment *segment = image_segment(image, semaphore, 2);
    const struct segment *relro = &image->relro;

    if (segment == NULL)
        return "is in no mapping of the file";
    if (!segment->writable)
        return "is not in a writable mapping (PT_LOAD with PF_W)";
    if (semaphore >= relro->address && semaphore - relro->address < relro->size)
        return "becomes read-only when the program starts (PT_GNU_RELRO)";
    if (semaphore - segment->address + 2 > segment->file_size)
        return "is in memory that is not in the file, where the kernel need "
               "not count";
    if (counted_elsewhere(image, segment, semaphore))
        return "is in a page of the file that an earlier writable mapping has, "
               "too, where the kernel counts when a program starts traced";
    if (semaphore % 2 != 0)
        return "has an odd address, which the kernel refuses";
    return NULL;
}

static void judge_semaphore(struct verdict *verdict,
                            const struct judging *judging,
                            const struct site *site, const char *where)
{
    unsigned long long address = site->semaphore;
    const struct site *other;
    const char *wrong;

    if (address == 0) {
        falls_short(verdict, formatted("has no semaphore%s, so that its guard "
                                       "never learns of a tracer",
                                       where));
        return;
    }
    wrong = misplaced(judging->image, address);
    if (wrong != NULL)
        falls_short(verdict, formatted("its semaphore 0x%llx%s %s", address,
                                       where, wrong));
    other = sharer(judging, site);
    if (other != NULL)
        falls_short(
            verdict,
            formatted("its semaphore 0x%llx%s is also that of %.64s:%.64s",
                      address, where, other->provider, other->name));
}

/* ---- markers ---- */

static void judge_site(struct verdict *verdict, const struct judging *judging,
                       const struct site *site)
{
    const struct segment *code = image_segment(judging->image, site->pc, 1);
    char buffer[32];
    const char *where = which(verdict, site, buffer, sizeof(buffer));

    if (code == NULL || !code->executable)
        falls_short(verdict, formatted("its site 0x%llx is in no executable "
                                       "mapping (PT_LOAD with PF_X)",
                                       (unsigned long long)site->pc));
    if (!judging->image->has_base)
        falls_short(verdict, formatted("is in a file without the section "
                                       ".stapsdt.base, where gdb finds none"));
    judge_arguments(verdict, judging->image, site, where);
    judge_semaphore(verdict, judging, site, where);
}

static int compare_key(const char *provider, const char *name,
                       const struct site *site)
{
    int order = strcmp(provider, site->provider);

    return order != 0 ? order : strcmp(name, site->name);
}

/* The first of the provider's sites whose name is not less than this one. */
static size_t first_site(const struct image *image, const char *provider,
                         const char *name)
{
    size_t low = 0;
    size_t high = image->site_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_key(provider, name, &image->sites[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void judge_marker(struct verdict *verdict, const struct judging *judging,
                         const char *provider)
{
    struct image *image = judging->image;
    size_t first = first_site(image, provider, verdict->expected->name);
    size_t end = first;
    size_t i;

    while (end < image->site_count &&
           compare_key(provider, verdict->expected->name, &image->sites[end]) ==
               0)
        image->sites[end++].is_expected = true;
    verdict->site_count = end - first;
    if (verdict->site_count == 0) {
        falls_short(verdict, formatted("is missing"));
        return;
    }
    verdict->sites = &image->sites[first];
    if (verdict->site_count > 1)
        falls_short(verdict, formatted("has %zu sites, where one is expected",
                                       verdict->site_count));
    for (i = first; i < end; i++)
        judge_site(verdict, judging, &image->sites[i]);
}

void judge(struct report *report, const char *file, struct image *image,
           const char *provider, const struct definition *definition)
{
    struct judging judging = {.image = image};
    size_t i;

    memset(report, 0, sizeof(*report));
    report->file = file;
    report->image = image;
    report->provider = provider;
    report->count = definition->count;
    report->verdicts = allocate(report->count, sizeof(*report->verdicts));
    order_semaphores(&judging);
    for (i = 0; i < report->count; i++) {
        struct verdict *verdict = &report->verdicts[i];

        verdict->expected = &definition->markers[i];
        verdict->value = -1;
        judge_marker(verdict, &judging, provider);
        report->found += verdict->site_count != 0;
        report->too_short += verdict->shortfall_count != 0;
    }
    free(judging.by_semaphore);
}

void report_free(struct report *report)
{
    size_t i, j;

    for (i = 0; i < report->count; i++)
        for (j = 0; j < report->verdicts[i].shortfall_count; j++)
            free(report->verdicts[i].shortfalls[j]);
    free(report->verdicts);
}

/* ---- what is there beside ---- */

void each_other_provider(const struct report *report,
                         void (*next)(const char *provider))
{
    const struct site *sites = report->image->sites;
    size_t i;

    for (i = 0; i < report->image->site_count; i++)
        if (strcmp(sites[i].provider, report->provider) != 0 &&
            (i == 0 || strcmp(sites[i].provider, sites[i - 1].provider) != 0))
            next(sites[i].provider);
}

void each_other_marker(const struct report *report,
                       void (*next)(const char *marker))
{
    const struct site *sites = report->image->sites;
    size_t i;

    for (i = 0; i < report->image->site_count; i++)
        if (!sites[i].is_expected &&
            strcmp(sites[i].provider, report->provider) == 0 &&
            (i == 0 || !same_marker(&sites[i], &sites[i - 1])))
            next(sites[i].name);
}
