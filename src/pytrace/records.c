/*
 * records.c - the records of a ring (records.h).
 *
 * SPDX-License-Identifier: MIT
 */
#include "records.h"
#include "recording.h"
#include "words.h"

#include <stdlib.h>

enum {
    /* Bytes of a record, and where its parts are. */
    AT_KIND = 2,
    AT_WORD = 4,
    AT_TIME = 8,
    EVENT_BYTES = 16,
    BEGIN_PID = 16,
    BEGIN_TID = 20,
    BEGIN_LOST = 24,
    BEGIN_BYTES = 32,
    LOST_LOST = 16,
    LOST_BYTES = 24,
    STRING_WHOLE = 8,
    STRING_KEPT = 12,
    STRING_TEXT = 16,
};

/* ---- strings ---- */

enum { FIRST_CAPACITY = 64 };

static struct string *slot_of(const struct strings *strings, uint32_t number)
{
    return &strings->slots[number & (strings->capacity - 1)];
}

static void forget(struct strings *strings, struct string *string)
{
    size_t bytes = string->kept + sizeof(*string);

    if (string->text == NULL)
        return;
    strings->bytes -= bytes;
    *strings->all_bytes -= bytes;
    free(string->text);
    string->text = NULL;
}

static void forget_oldest(struct strings *strings)
{
    struct string *string = slot_of(strings, strings->oldest);

    if (string->number == strings->oldest)
        forget(strings, string);
    if (strings->oldest == strings->newest)
        strings->is_empty = true;
    else
        strings->oldest++;
}

static void forget_all(struct strings *strings)
{
    while (!strings->is_empty)
        forget_oldest(strings);
    free(strings->slots);
    strings->slots = NULL;
    strings->capacity = 0;
}

/* To the new number, numbers being modulo 2^32; older ones make room for it. */
static void widen(struct strings *strings, uint32_t number)
{
    if (strings->is_empty) {
        strings->oldest = strings->newest = number;
        strings->is_empty = false;
        return;
    }
    if ((int32_t)(number - strings->newest) > 0) {
        while (!strings->is_empty && number - strings->oldest >= MAX_STRINGS)
            forget_oldest(strings);
        if (strings->is_empty)
            strings->oldest = number;
        strings->is_empty = false;
        strings->newest = number;
    } else if ((int32_t)(number - strings->oldest) < 0 &&
               strings->newest - number < MAX_STRINGS) {
        strings->oldest = number;
    }
}

static void enlarge(struct strings *strings)
{
    struct strings old = *strings;
    uint32_t i;

    while (strings->newest - strings->oldest >= strings->capacity)
        strings->capacity =
            strings->capacity == 0 ? FIRST_CAPACITY : 2 * strings->capacity;
    if (strings->capacity == old.capacity)
        return;
    strings->slots = allocate(strings->capacity, sizeof(*strings->slots));
    for (i = 0; i < old.capacity; i++)
        if (old.slots[i].text != NULL)
            *slot_of(strings, old.slots[i].number) = old.slots[i];
    free(old.slots);
}

static bool is_plain(const char *text, size_t size)
{
    size_t i;

    for (i = 0; i < size; i++)
        if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\')
            return false;
    return true;
}

static void keep(struct strings *strings, uint32_t number,
                 const unsigned char *text, uint32_t kept, uint32_t whole)
{
    struct string *string;
    size_t bytes = kept + sizeof(*string);

    widen(strings, number);
    if (number - strings->oldest > strings->newest - strings->oldest)
        return; /* much older than others */
    enlarge(strings);
    string = slot_of(strings, number);
    forget(strings, string);
    *string = (struct string){.number = number, .kept = kept, .whole = whole};
    string->text = allocate(kept, 1);
    memcpy(string->text, text, kept);
    string->is_plain = is_plain(string->text, kept);
    strings->bytes += bytes;
    *strings->all_bytes += bytes;
    while (!strings->is_empty && (strings->bytes > MAX_STRING_BYTES ||
                                  *strings->all_bytes > MAX_ALL_STRING_BYTES))
        forget_oldest(strings);
}

static const struct string *find(const struct strings *strings, uint32_t number)
{
    const struct string *string;

    if (strings->capacity == 0)
        return NULL;
    string = slot_of(strings, number);
    return string->text != NULL && string->number == number ? string : NULL;
}

/* ---- records ---- */

void records_begin(struct records *records, bool swapped,
                   struct recorded_host *host,
                   const struct recorded_process *process, size_t *all_bytes)
{
    *records =
        (struct records){.swapped = swapped,
                         .host = host,
                         .process = process,
                         .strings = {.is_empty = true, .all_bytes = all_bytes}};
}

void records_end(struct records *records)
{
    forget_all(&records->strings);
}

static void fill(const struct records *records, struct event *event,
                 enum event_kind kind)
{
    event->kind = kind;
    event->has_time = records->has_begun;
    event->ticks = records->ticks;
    event->host = records->host;
    event->process = records->process;
    event->pid = records->pid;
    event->tid = records->tid;
}

static bool fill_lost(const struct records *records, struct event *event,
                      uint64_t lost, enum lost_why why)
{
    fill(records, event, EVENT_LOST);
    event->lost = lost;
    event->why = why;
    return lost != 0;
}

static bool take_begin(struct records *records, const unsigned char *at,
                       struct event *event)
{
    uint64_t lost = load64(at + BEGIN_LOST, records->swapped);
    uint64_t more = lost - records->lost;
    bool is_event = false;

    /* What the ring counted is its last thread's, or an older recording's. */
    if (records->has_begun && lost > records->lost && more > records->told)
        is_event = fill_lost(records, event, more - records->told, LOST_BEHIND);
    records->lost = lost;
    records->told = 0;
    records->has_begun = true;
    records->ticks = load64(at + AT_TIME, records->swapped);
    records->pid = load32(at + BEGIN_PID, records->swapped);
    records->tid = load32(at + BEGIN_TID, records->swapped);
    forget_all(&records->strings);
    return is_event;
}

static bool take_lost(struct records *records, const unsigned char *at,
                      struct event *event)
{
    uint64_t lost = load64(at + LOST_LOST, records->swapped);
    uint64_t more = lost > records->lost ? lost - records->lost : 0;

    records->ticks = load64(at + AT_TIME, records->swapped);
    records->lost = lost;
    more -= more < records->told ? more : records->told;
    records->told = 0;
    return fill_lost(records, event, more, LOST_FULL);
}

bool records_lost(struct records *records, uint64_t lost, struct event *event)
{
    records->told += lost;
    return fill_lost(records, event, lost, LOST_BEHIND);
}

/* Says what is wrong with it, or NULL. */
static const char *take_string(struct records *records, const unsigned char *at,
                               size_t size)
{
    uint32_t whole, kept;

    if (size < STRING_TEXT)
        return "a string's record is too short";
    whole = load32(at + STRING_WHOLE, records->swapped);
    kept = load32(at + STRING_KEPT, records->swapped);
    if (kept > PYTRACE__LONGEST_STRING || kept > size - STRING_TEXT ||
        kept > whole)
        return "a string is longer than its record, or than itself";
    keep(&records->strings, load32(at + AT_WORD, records->swapped),
         at + STRING_TEXT, kept, whole);
    return NULL;
}

static void take_values(const struct records *records,
                        const struct recorded_marker *marker,
                        const unsigned char *at, size_t size,
                        struct event *event)
{
    const unsigned char *next = at + AT_WORD;
    uint32_t text = 0;
    size_t i;

    for (i = 0; i < marker->count; i++) {
        const struct argument *argument = &marker->arguments[i];
        struct value *value = &event->values[i];
        uint32_t word = load32(next, records->swapped);

        next = i == 0 ? at + EVENT_BYTES : next + 4;
        value->number = word;
        value->string = NULL;
        if (argument->kind == ARGUMENT_STRING) {
            value->string = find(&records->strings, word);
        } else if (argument->is_wide) {
            value->number |= (uint64_t)load32(next, records->swapped) << 32;
            next += 4;
        } else if (argument->kind == ARGUMENT_SIGNED) {
            value->number = (uint64_t)(int64_t)(int32_t)word;
        }
    }
    if (next + 4 <= at + size)
        text = load32(next, records->swapped);
    event->text = text != 0 ? find(&records->strings, text) : NULL;
}

/* Says what is wrong with it, or NULL. */
static const char *take_event(struct records *records, const unsigned char *at,
                              size_t size, unsigned number, struct event *event)
{
    struct recorded_marker *marker;

    if (number >= records->host->count)
        return "an event is of a marker that its host does not have";
    marker = &records->host->markers[number];
    if (size < marker->bytes)
        return "an event is too short for its marker's arguments";
    records->ticks = load64(at + AT_TIME, records->swapped);
    fill(records, event, EVENT_MARKER);
    event->has_time = true;
    event->marker = marker;
    take_values(records, marker, at, size, event);
    return NULL;
}

enum record_found records_next(struct records *records,
                               const unsigned char **at,
                               const unsigned char *end, struct event *event,
                               struct reason *reason)
{
    const char *wrong = NULL;

    while (*at < end) {
        const unsigned char *here = *at;
        size_t left = (size_t)(end - here);
        size_t size = left >= 8 ? load16(here, records->swapped) : 0;
        unsigned kind =
            left >= 8 ? load16(here + AT_KIND, records->swapped) : 0;
        bool is_event = false;

        if (size < 8 || size % 8 != 0 || size > left)
            wrong = "a record's size is wrong";
        else if (kind >= PYTRACE__EVENT) {
            wrong =
                take_event(records, here, size, kind - PYTRACE__EVENT, event);
            is_event = true;
        } else if (kind == PYTRACE__STRING)
            wrong = take_string(records, here, size);
        else if (kind == PYTRACE__BEGIN && size < BEGIN_BYTES)
            wrong = "a thread's first record is too short";
        else if (kind == PYTRACE__BEGIN)
            is_event = take_begin(records, here, event);
        else if (kind == PYTRACE__LOST && size < LOST_BYTES)
            wrong = "a record of lost events is too short";
        else if (kind == PYTRACE__LOST)
            is_event = take_lost(records, here, event);
        if (wrong != NULL) {
            because(reason, "%s", wrong);
            return FOUND_WRONG;
        }
        *at += size;
        if (is_event)
            return FOUND_EVENT;
    }
    return FOUND_END;
}
