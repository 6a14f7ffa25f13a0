/* coroutines.c - which coroutine a call is of. SPDX-License-Identifier: MIT */
#include "coroutines.h"

#include <stdlib.h>
#include <string.h>

struct coroutines {
    struct coroutine **items, **slots; /* slots: open addressing */
    size_t count, size, most;
};

struct coroutines *coroutines_new(size_t most)
{
    struct coroutines *coroutines = allocate(1, sizeof(*coroutines));

    coroutines->most = most;
    return coroutines;
}

size_t coroutines_count(const struct coroutines *coroutines)
{
    return coroutines->count;
}

struct coroutine *coroutines_at(const struct coroutines *coroutines, size_t i)
{
    return coroutines->items[i];
}

void coroutines_free(struct coroutines *coroutines)
{
    size_t i;

    for (i = 0; i < coroutines->count; i++) {
        free(coroutines->items[i]->text);
        free(coroutines->items[i]);
    }
    free(coroutines->items);
    free(coroutines->slots);
    free(coroutines);
}

/* ---- finding ---- */

static uint64_t hash_of(const struct coroutine *coroutine)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ coroutine->pid ^
                    (uint64_t)coroutine->tid << 16 ^
                    (uint64_t)coroutine->function->index << 32;
    size_t i;

    for (i = 0; i < coroutine->size; i++)
        hash = (hash ^ (unsigned char)coroutine->text[i]) *
               UINT64_C(0x100000001b3);
    return hash ^ hash >> 32;
}

static bool is_same(const struct coroutine *a, const struct coroutine *b)
{
    return a->pid == b->pid && a->tid == b->tid && a->function == b->function &&
           a->size == b->size && memcmp(a->text, b->text, a->size) == 0;
}

static struct coroutine **slot_of(struct coroutine **slots, size_t size,
                                  const struct coroutine *wanted)
{
    size_t at = (size_t)hash_of(wanted) & (size - 1);

    while (slots[at] != NULL && !is_same(slots[at], wanted))
        at = (at + 1) & (size - 1);
    return &slots[at];
}

static void enlarge(struct coroutines *coroutines)
{
    size_t size = coroutines->size != 0 ? 2 * coroutines->size : 64, i;
    struct coroutine **slots = allocate(size, sizeof(*slots));

    for (i = 0; i < coroutines->count; i++)
        *slot_of(slots, size, coroutines->items[i]) = coroutines->items[i];
    free(coroutines->slots);
    coroutines->slots = slots;
    coroutines->size = size;
}

static struct coroutine *find(struct coroutines *coroutines, uint32_t tid,
                              struct coroutine *wanted)
{
    struct coroutine **slot, *found;

    if (coroutines->count * 2 >= coroutines->size)
        enlarge(coroutines);
    slot = slot_of(coroutines->slots, coroutines->size, wanted);
    if (*slot != NULL)
        return *slot;
    if (coroutines->count >= coroutines->most && wanted->size != 0) {
        wanted->size = 0;
        wanted->tid = tid;
        return find(coroutines, tid, wanted);
    }
    found = allocate(1, sizeof(*found));
    *found = *wanted;
    found->index = coroutines->count;
    found->number = wanted->size != 0 ? coroutines->count + 1 : 0;
    found->text = allocate(wanted->size + 1, 1);
    memcpy(found->text, wanted->text, wanted->size);
    coroutines->items =
        grown(coroutines->items, coroutines->count, sizeof(found));
    coroutines->items[coroutines->count++] = found;
    return *slot = found;
}

/* ---- calls ---- */

static void widen(struct coroutine_calls *calls, size_t depth)
{
    size_t size = calls->size != 0 ? calls->size : 64;
    struct coroutine **begun, **inside;

    if (depth <= calls->size)
        return;
    while (size < depth)
        size *= 2;
    begun = allocate(size, sizeof(*begun));
    inside = allocate(size, sizeof(*inside));
    if (calls->size != 0) {
        memcpy(begun, calls->begun, calls->size * sizeof(*begun));
        memcpy(inside, calls->inside, calls->size * sizeof(*inside));
    }
    free(calls->begun);
    free(calls->inside);
    *calls = (struct coroutine_calls){begun, inside, size};
}

void coroutines_entered(struct coroutines *coroutines,
                        struct coroutine_calls *calls, const struct lane *lane,
                        const struct event *event)
{
    size_t at = lane->depth - 1;
    const struct string *text = event->text;
    struct coroutine *outer = NULL, *begun = NULL;

    widen(calls, lane->depth);
    if (at > lane->guessed)
        outer = calls->inside[at - 1];
    if (text != NULL && text->kept != 0 &&
        (outer == NULL ||
         (outer->number != 0 &&
          (outer->size != text->kept ||
           memcmp(outer->text, text->text, text->kept) != 0)))) {
        struct coroutine wanted = {.pid = lane->pid,
                                   .text = text->text,
                                   .size = text->kept,
                                   .function = lane->stack[at].node->function};

        begun = find(coroutines, lane->tid, &wanted);
    }
    calls->begun[at] = begun;
    calls->inside[at] = begun != NULL ? begun : outer;
}

struct coroutine *coroutines_begun(const struct coroutine_calls *calls,
                                   const struct lane *lane)
{
    return lane->depth <= calls->size ? calls->begun[lane->depth - 1] : NULL;
}

struct coroutine *coroutines_inside(const struct coroutine_calls *calls,
                                    const struct lane *lane)
{
    return lane->depth <= calls->size ? calls->inside[lane->depth - 1] : NULL;
}

void coroutine_calls_free(struct coroutine_calls *calls)
{
    free(calls->begun);
    free(calls->inside);
}

/* What it is: the text's words but the last one. */
char *coroutine_text(const struct coroutine *coroutine)
{
    const struct function *function = coroutine->function;
    const char *end = strrchr(coroutine->text, ' ');
    int length =
        end != NULL ? (int)(end - coroutine->text) : (int)coroutine->size;
    char line[32] = "", number[32] = "";

    if (function->line > 0 && function->line != INT64_MAX)
        snprintf(line, sizeof(line), ":%lld", (long long)function->line);
    if (coroutine->number == 0)
        return formatted("others: %s (%s%s)", function->name, function->file,
                         line);
    snprintf(number, sizeof(number), " %zu", coroutine->number);
    return formatted("%.*s%s: %s (%s%s)", length, coroutine->text, number,
                     function->name, function->file, line);
}
