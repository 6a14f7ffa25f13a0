/*
 * place.c - where a probe site and its semaphore are: whether a kernel can set
 * a probe at the one, and counts tracers in the other.
 *
 * SPDX-License-Identifier: MIT
 */
#include "judge.h"
#include "processor.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

/* ---- the code ---- */

/* Whether the function at this address is where it was before BOLT. */
static bool has_function(const struct moved *moved, uint64_t address)
{
    size_t low = 0;
    size_t high = moved->function_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (moved->functions[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 && address - moved->functions[low - 1].address <
                          moved->functions[low - 1].size;
}

/*
 * BOLT leaves the old code in the file beside its copy, and functions that it
 * has not moved go on calling the old one: gcc's main.cold, for example.
 */
static const char *wrong_after_bolt(const struct moved *moved, uint64_t address)
{
    if (moved->old.size == 0)
        return NULL;
    if (address < moved->old.address ||
        address - moved->old.address >= moved->old.size)
        return "is in code that BOLT has moved, where the code before may run "
               "instead; give BOLT --skip-funcs='pytrace__.*'";
    if (moved->function_count == 0)
        return "is in code that BOLT may have moved, and no symbol tells; give "
               "BOLT --skip-funcs='pytrace__.*'";
    if (!has_function(moved, address))
        return "is in code from before BOLT, which has moved it; give BOLT "
               "--skip-funcs='pytrace__.*'";
    return NULL;
}

static bool is_one_of(const struct nop *nops, const struct image *image,
                      const unsigned char *code, uint64_t left)
{
    bool big_endian = image->big_endian && !image->code_is_little;

    for (; nops != NULL && nops->bytes != 0; nops++)
        if (nops->bytes <= left &&
            number_at(code, nops->bytes, big_endian) == nops->number)
            return true;
    return false;
}

/* What is wrong with the instruction there, or NULL. */
static const char *wrong_instruction(const struct image *image,
                                     const struct segment *segment,
                                     uint64_t address)
{
    const struct processor *processor = processor_of(image->machine);
    uint64_t offset = segment->offset + (address - segment->address);
    const unsigned char *code;

    if (processor == NULL)
        return NULL;
    if (offset >= image->size)
        return "is behind the end of the file, which is cut short";
    code = image->bytes + offset;
    if (image->machine == EM_ARM &&
        (address % 2 != 0 ||
         is_one_of(processor->foreign_nops, image, code, image->size - offset)))
        return "is Thumb code, where kernels set no probe; compile the "
               "runtime as ARM code (-marm)";
    if (!is_one_of(processor->nops, image, code, image->size - offset))
        return "has an instruction that is not a probe's nop: the code was "
               "moved or changed after it was linked";
    return NULL;
}

static const char *wrong_code(const struct image *image, uint64_t address)
{
    const struct segment *segment = image_segment(image, address, 1);
    const char *wrong;

    if (segment == NULL || !segment->executable)
        return "is in no executable mapping (PT_LOAD with PF_X)";
    if (segment->writable)
        return "is in a writable mapping (PT_LOAD with PF_W), where the "
               "kernel sets no probe";
    if (address - segment->address >= segment->file_size)
        return "is in memory that is not in the file, where the kernel sets "
               "no probe";
    wrong =
        image->moved.is_moved ? wrong_after_bolt(&image->moved, address) : NULL;
    if (wrong != NULL)
        return wrong;
    return wrong_instruction(image, segment, address);
}

void judge_code(struct sentences *shortfalls, const struct image *image,
                const struct site *site)
{
    const char *wrong = wrong_code(image, site->pc);

    if (wrong != NULL)
        say(shortfalls, "its site 0x%llx %s", (unsigned long long)site->pc,
            wrong);
}

/* ---- the semaphore ---- */

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

void semaphores_order(struct semaphores *semaphores, const struct image *image)
{
    size_t i;

    semaphores->sites = allocate(image->site_count, sizeof(*semaphores->sites));
    for (i = 0; i < image->site_count; i++)
        if (image->sites[i].semaphore != 0)
            semaphores->sites[semaphores->count++] = &image->sites[i];
    qsort(semaphores->sites, semaphores->count, sizeof(*semaphores->sites),
          by_semaphore);
}

/* How many of the ordered sites have a semaphore below this address. */
static size_t semaphores_below(const struct semaphores *semaphores,
                               uint64_t address)
{
    size_t low = 0;
    size_t high = semaphores->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (semaphores->sites[middle]->semaphore < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* A site of another marker that has the same semaphore, or NULL. */
static const struct site *sharer(const struct semaphores *semaphores,
                                 const struct site *site)
{
    size_t first = semaphores_below(semaphores, site->semaphore);
    size_t end = site->semaphore == UINT64_MAX
                     ? semaphores->count
                     : semaphores_below(semaphores, site->semaphore + 1);

    /* Sites of one marker are neighbours: another is first or last. */
    if (!same_marker(semaphores->sites[first], site))
        return semaphores->sites[first];
    if (!same_marker(semaphores->sites[end - 1], site))
        return semaphores->sites[end - 1];
    return NULL;
}

/* The largest page that kernels for this processor may have, in bytes. */
static uint64_t largest_page(const struct image *image)
{
    const struct processor *processor = processor_of(image->machine);

    return processor != NULL ? processor->page : 65536;
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
        return "is in no mapping of the file: the linker has dropped the "
               "section .probes (--gc-sections), or something has moved it";
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

void judge_semaphore(struct sentences *shortfalls, const struct image *image,
                     const struct semaphores *semaphores,
                     const struct site *site, const struct marker *marker,
                     const char *where)
{
    unsigned long long address = site->semaphore;
    const struct site *other;
    const char *wrong;

    if (address == 0) {
        say(shortfalls,
            "has no semaphore%s, so that its guard never learns of a tracer",
            where);
        return;
    }
    wrong = misplaced(image, address);
    if (wrong != NULL)
        say(shortfalls, "its semaphore 0x%llx%s %s", address, where, wrong);
    if (marker->semaphore != 0 && marker->semaphore != address)
        say(shortfalls,
            "its semaphore 0x%llx%s is not the one that the host's guards "
            "test, 0x%llx",
            address, where, (unsigned long long)marker->semaphore);
    other = sharer(semaphores, site);
    if (other != NULL)
        say(shortfalls, "its semaphore 0x%llx%s is shared with %.64s:%.64s",
            address, where, other->provider, other->name);
}
