/*
 * exporter_measures.c - what the events of one process say: calls and times of
 * its functions, collections, imports, and how many events there were. What is
 * kept is bounded, whatever the program does.
 *
 * Between bursts, calls and returns are not seen. What was counted in a part
 * of the time that was seen (from a burst's beginning to its end) stands for
 * the pause before, too: its counts are multiplied when the part ends. A
 * thread's stack stays as a guess over a pause: a return of a function in it,
 * or an entry from one that has called that function before, confirms it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "exporter.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_KNOWN = 1024,         /* functions of a process, by their hash */
    MOST_DEPTH = 512,          /* of a stack that is followed */
    MOST_GUESSED = 32,         /* callers, where nothing is known of a stack */
    MOST_IMPORTS = 64,         /* under way in one thread */
    MOST_COST = 300,           /* ns of an event */
    LEAST_PAIRS = 1000,        /* to know it by */
    STRINGS_OF_RING = 1 << 20, /* bytes of strings that are kept for a ring */
};

const uint64_t pause_bounds[MOST_BOUNDS] = {100000,    1000000,    5000000,
                                            10000000,  50000000,   100000000,
                                            500000000, 1000000000, 5000000000};
const uint64_t import_bounds[MOST_BOUNDS] = {
    1000000,   5000000,    10000000,   50000000,   100000000,
    500000000, 1000000000, 5000000000, 30000000000};

/* What stands for all others, as a label. No name is shown so. */
static const char rest[] = "other";

/* A function that was called; which of the slots it counts in. */
struct known {
    uint64_t key;
    char *name, *file; /* as labels: others may have the same */
    uint64_t caller;   /* the latest that was seen to call it; 0: none */
    size_t slot;       /* 0: all others' */
    uint32_t active;   /* calls, in all stacks */
    double recent;     /* ns, its own */
};

struct call {
    struct known *function;
    uint64_t began;  /* ns; of a guess, when the part began */
    uint64_t events; /* of the thread, at that time */
    bool is_guess;
};

struct import {
    uint64_t key, began;
};

/* What a marker means, by recorded_marker.mark. */
enum {
    UNSEEN,
    ENTRY,
    RETURN,
    GC_START,
    GC_DONE,
    IMPORT,
    IMPORTED,
    RARE,
    OTHER
};

struct lane_state {
    struct lane_state *next;
    struct records records;
    size_t string_bytes;
    uint32_t tid;
    struct call *stack;
    size_t depth, over; /* over: calls that are deeper than the stack is */
    size_t guessed;     /* the first so many calls are guesses */
    bool has_time;      /* an event since the part began */
    uint64_t began;     /* ns, of what is known in this part */
    uint64_t last;      /* ns, of the latest event */
    uint64_t events;    /* whose cost is taken off */
    uint64_t counted;   /* of them, before the part */
    double unknown;     /* ns since the part began, of what is not known yet */
    uint64_t cycle;     /* when a collection began, or 0 */
    int64_t generation;
    struct import imports[MOST_IMPORTS];
    size_t import_count;
};

bool marker_is_rare(const char *name)
{
    return strncmp(name, "gc__", 4) == 0 || strncmp(name, "import__", 8) == 0;
}

bool marker_is_measured(const char *name)
{
    return strcmp(name, "line") != 0 && strncmp(name, "audit", 5) != 0;
}

/* ---- keys ---- */

static uint64_t hash_text(uint64_t hash, const char *text, size_t size)
{
    uint64_t word;

    for (;; text += sizeof(word), size -= sizeof(word)) {
        word = (uint64_t)size << 56;
        memcpy(&word, text, size < sizeof(word) ? size : sizeof(word));
        hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
        if (size <= sizeof(word))
            return hash != 0 ? hash : 1;
    }
}

static const struct string no_string = {0, 1, 1, true, (char[]){"?"}};

static const struct string *string_of(const struct event *event, size_t i)
{
    return event->values[i].string != NULL ? event->values[i].string
                                           : &no_string;
}

/* ---- slots ---- */

/* A program may call what it likes as the rest is called. Allocated. */
static char *name_label(const char *text, size_t size)
{
    char *label = label_text(text, size);

    if (strcmp(label, rest) != 0)
        return label;
    free(label);
    return formatted("'%s'", rest);
}

static void slot_begin(struct slot *slot, const char *name, const char *file)
{
    free(slot->name);
    free(slot->file);
    *slot = (struct slot){.name = formatted("%s", name),
                          .file = formatted("%s", file)};
}

static void slots_begin(struct slots *slots, size_t most)
{
    slots->most = most;
    slots->slots = allocate(most + 1, sizeof(*slots->slots));
    slots->count = 1;
    slot_begin(&slots->slots[0], rest, "");
}

static void slots_free(struct slots *slots)
{
    while (slots->count > 0) {
        free(slots->slots[--slots->count].name);
        free(slots->slots[slots->count].file);
    }
    free(slots->slots);
}

/*
 * The slot with these labels: what has the same ones shares it. Else a new one,
 * as long as there are; else 0.
 */
static size_t slot_take(struct slots *slots, const char *name, const char *file)
{
    size_t i;

    for (i = 1; i < slots->count; i++)
        if (strcmp(slots->slots[i].name, name) == 0 &&
            strcmp(slots->slots[i].file, file) == 0)
            return i;
    if (slots->count > slots->most)
        return 0;
    slot_begin(&slots->slots[slots->count], name, file);
    return slots->count++;
}

static void tally_close(struct tally *tally, double weight)
{
    tally->all += tally->open * weight;
    tally->open = 0;
}

/* ---- functions ---- */

static struct known **place_of(struct known **table, size_t size, uint64_t key)
{
    size_t at = (size_t)(key >> 20) & (size - 1);

    while (table[at] != NULL && table[at]->key != key)
        at = (at + 1) & (size - 1);
    return &table[at];
}

static void rehash(struct measures *measures, size_t size)
{
    struct known **table = allocate(size, sizeof(*table));
    size_t i;

    for (i = 0; i < measures->known_size; i++)
        if (measures->known[i] != NULL)
            *place_of(table, size, measures->known[i]->key) =
                measures->known[i];
    free(measures->known);
    measures->known = table;
    measures->known_size = size;
}

static uint64_t key_of_function(const struct event *event)
{
    const struct string *file = string_of(event, 0);
    const struct string *name = string_of(event, 1);

    return hash_text(hash_text(1, file->text, file->kept), name->text,
                     name->kept);
}

static struct known *find_known(const struct measures *measures, uint64_t key)
{
    return measures->known_size != 0
               ? *place_of(measures->known, measures->known_size, key)
               : NULL;
}

static struct known *known_new(uint64_t key, const struct event *event)
{
    struct known *function = allocate(1, sizeof(*function));
    const struct string *file = string_of(event, 0);
    const struct string *name = string_of(event, 1);

    function->key = key;
    function->name = name_label(name->text, name->kept);
    function->file = label_text(file->text, file->kept);
    return function;
}

static void known_free(struct known *function)
{
    free(function->name);
    free(function->file);
    free(function);
}

static int most_expensive_first(const void *left, const void *right)
{
    const struct known *a = *(struct known *const *)left,
                       *b = *(struct known *const *)right;

    return (a->recent < b->recent) - (a->recent > b->recent);
}

/* All that are known, sorted so; allocated. */
static struct known **list_known(const struct measures *measures)
{
    struct known **list = allocate(measures->known_count, sizeof(*list));
    size_t count = 0, i;

    for (i = 0; i < measures->known_size; i++)
        if (measures->known[i] != NULL)
            list[count++] = measures->known[i];
    qsort(list, count, sizeof(*list), most_expensive_first);
    return list;
}

/*
 * The least expensive ones that are not being called make room for others.
 * (Their slots stay: they are found again by their labels.)
 */
static void forget_some(struct measures *measures)
{
    const size_t most = MOST_KNOWN / 4 * 3;
    struct known **list = list_known(measures);
    size_t count = measures->known_count, i;

    for (i = count; i-- > 0 && measures->known_count > most;)
        if (list[i]->active == 0) {
            known_free(list[i]);
            list[i] = NULL;
            measures->known_count--;
        }
    memset(measures->known, 0, measures->known_size * sizeof(*measures->known));
    for (i = 0; i < count; i++)
        if (list[i] != NULL)
            *place_of(measures->known, measures->known_size, list[i]->key) =
                list[i];
    free(list);
    measures->is_crowded = measures->known_count == MOST_KNOWN;
}

/* NULL: there are too many that are being called. */
static struct known *function_of(struct measures *measures,
                                 const struct event *event)
{
    uint64_t key = key_of_function(event);
    struct known *function = find_known(measures, key);

    if (function != NULL || measures->is_crowded)
        return function;
    if (measures->known_count == MOST_KNOWN)
        forget_some(measures);
    if (measures->is_crowded)
        return NULL;
    if (measures->known_count * 2 >= measures->known_size)
        rehash(measures,
               measures->known_size != 0 ? measures->known_size * 2 : 64);
    function = known_new(key, event);
    function->slot =
        slot_take(&measures->calls, function->name, function->file);
    *place_of(measures->known, measures->known_size, key) = function;
    measures->known_count++;
    return function;
}

/* ---- stacks ---- */

static struct slot *slot_of(struct measures *measures,
                            const struct known *function)
{
    return &measures->calls.slots[function != NULL ? function->slot : 0];
}

static void add_own(struct measures *measures, struct known *function,
                    double time)
{
    if (function != NULL)
        function->recent += time;
    slot_of(measures, function)->own.open += time;
}

/* Of a call that is the outermost of its function; what it took until now. */
static void add_total(struct measures *measures, const struct lane_state *lane,
                      const struct call *call, uint64_t now)
{
    double passed = (double)(int64_t)(now - call->began) -
                    measures->cost * (double)(lane->events - call->events);

    if (call->function != NULL && !call->is_guess && passed > 0)
        slot_of(measures, call->function)->total.open += passed;
}

/* Whether this thread is in that function; active counts those of all. */
static bool is_within(const struct lane_state *lane,
                      const struct known *function)
{
    size_t i;

    for (i = 0; function->active != 0 && i < lane->depth; i++)
        if (lane->stack[i].function == function)
            return true;
    return false;
}

static void pop(struct measures *measures, struct lane_state *lane,
                uint64_t now)
{
    struct call *call = &lane->stack[--lane->depth];

    if (call->function != NULL) {
        call->function->active--;
        if (!is_within(lane, call->function))
            add_total(measures, lane, call, now);
    }
    if (lane->guessed > lane->depth)
        lane->guessed = lane->depth;
}

static void push(struct lane_state *lane, struct known *function, uint64_t now)
{
    if (lane->depth == MOST_DEPTH) {
        lane->over++;
        return;
    }
    lane->stack = grown(lane->stack, lane->depth, sizeof(*lane->stack));
    lane->stack[lane->depth++] = (struct call){
        .function = function, .began = now, .events = lane->events};
    if (function != NULL)
        function->active++;
}

static void forget_stack(struct lane_state *lane)
{
    while (lane->depth != 0) {
        struct call *call = &lane->stack[--lane->depth];

        if (call->function != NULL)
            call->function->active--;
    }
    lane->over = lane->guessed = 0;
    lane->unknown = 0;
    lane->has_time = false;
}

static bool is_unsure(const struct lane_state *lane)
{
    return lane->depth == lane->guessed;
}

/* Of the guesses, the first so many are right. */
static void confirm(struct measures *measures, struct lane_state *lane,
                    size_t count)
{
    size_t i;

    while (lane->depth > count)
        pop(measures, lane, 0);
    for (i = 0; i < count; i++)
        lane->stack[i].is_guess = false;
    lane->guessed = 0;
}

/* The time since the thread's last event is of what ran. */
static void pass_time(struct measures *measures, struct lane_state *lane,
                      uint64_t now, double cost)
{
    double passed = (double)(int64_t)(now - lane->last) - cost;

    if (lane->has_time && passed > 0) {
        if (is_unsure(lane))
            lane->unknown += passed;
        else
            add_own(measures, lane->stack[lane->depth - 1].function, passed);
    }
    if (!lane->has_time)
        lane->began = now;
    lane->has_time = true;
    lane->events += cost > 0;
    if (now > lane->last)
        lane->last = now;
}

/* What ran since the part began was this. */
static void settle(struct measures *measures, struct lane_state *lane,
                   struct known *function)
{
    add_own(measures, function, lane->unknown);
    lane->unknown = 0;
}

/*
 * Nothing is known of the stack: who called the function before calls it now,
 * and so on.
 */
static void guess_callers(const struct measures *measures,
                          struct lane_state *lane, const struct known *function)
{
    struct known *callers[MOST_GUESSED];
    size_t count = 0, i;

    while (function->caller != 0 && count < MOST_GUESSED) {
        struct known *caller = find_known(measures, function->caller);

        if (caller == NULL || caller->active != 0 || caller == function)
            break;
        for (i = 0; i < count; i++)
            if (callers[i] == caller)
                break;
        if (i < count)
            break;
        callers[count++] = caller;
        function = caller;
    }
    while (count-- > 0)
        push(lane, callers[count], lane->began);
}

static void on_entry(struct measures *measures, struct lane_state *lane,
                     const struct event *event, uint64_t now)
{
    struct known *function = function_of(measures, event);

    if (is_unsure(lane)) {
        size_t depth = lane->depth;

        while (depth > 0 && function != NULL &&
               (lane->stack[depth - 1].function == NULL ||
                lane->stack[depth - 1].function->key != function->caller))
            depth--;
        confirm(measures, lane, function != NULL ? depth : 0);
        if (lane->depth == 0 && function != NULL)
            guess_callers(measures, lane, function);
        if (lane->depth != 0)
            settle(measures, lane, lane->stack[lane->depth - 1].function);
        lane->unknown = 0;
    } else if (function != NULL &&
               lane->stack[lane->depth - 1].function != NULL) {
        function->caller = lane->stack[lane->depth - 1].function->key;
    }
    slot_of(measures, function)->calls.open++;
    push(lane, function, now);
}

static void on_return(struct measures *measures, struct lane_state *lane,
                      const struct event *event, uint64_t now)
{
    struct known *function;
    size_t depth = lane->depth;

    if (lane->over != 0) {
        lane->over--;
        return;
    }
    function = function_of(measures, event);
    while (depth > 0 && lane->stack[depth - 1].function != function)
        depth--;
    if (!is_unsure(lane)) {
        /* (Behind lost events, returns are missing, or their entries.) */
        while (depth > 0 && lane->depth >= depth)
            pop(measures, lane, now);
        return;
    }
    settle(measures, lane, function);
    confirm(measures, lane, depth);
    if (depth != 0)
        pop(measures, lane, now);
    lane->guessed = 0;
}

/* ---- collections and imports ---- */

static void distribute(struct distribution *distribution,
                       const uint64_t *bounds, uint64_t value)
{
    size_t i = 0;

    while (i < MOST_BOUNDS && value > bounds[i])
        i++;
    distribution->counts[i]++;
    distribution->sum += (double)value;
}

static void on_collected(struct measures *measures, struct lane_state *lane,
                         uint64_t now)
{
    size_t i = MOST_GENERATIONS - 1;

    if (lane->cycle == 0)
        return;
    if (lane->generation >= 0 && lane->generation < MOST_GENERATIONS - 1)
        i = (size_t)lane->generation;
    measures->has_pauses[i] = true;
    distribute(&measures->pauses[i], pause_bounds,
               now > lane->cycle ? now - lane->cycle : 0);
    lane->cycle = 0;
}

static void on_import(struct lane_state *lane, const struct event *event,
                      uint64_t now)
{
    const struct string *name = string_of(event, 0);

    if (lane->import_count == MOST_IMPORTS) /* (the outermost is given up) */
        memmove(lane->imports, lane->imports + 1,
                --lane->import_count * sizeof(*lane->imports));
    lane->imports[lane->import_count++] =
        (struct import){hash_text(2, name->text, name->kept), now};
}

static size_t module_slot(struct measures *measures, uint64_t key,
                          const struct string *name)
{
    char *label = name_label(name->text, name->kept);
    size_t at = slot_take(&measures->imports, label, "");

    if (at != 0)
        measures->imports.slots[at].key = key;
    free(label);
    return at;
}

static void on_imported(struct measures *measures, struct lane_state *lane,
                        const struct event *event, uint64_t now)
{
    const struct string *name = string_of(event, 0);
    uint64_t key = hash_text(2, name->text, name->kept);
    struct slot *slot;
    uint64_t took;
    size_t i = lane->import_count, at = 0;

    while (i > 0 && lane->imports[i - 1].key != key)
        i--;
    if (i == 0)
        return;
    took =
        now > lane->imports[i - 1].began ? now - lane->imports[i - 1].began : 0;
    lane->import_count = i - 1;
    measures->has_imports = true;
    distribute(&measures->import_times, import_bounds, took);
    for (i = 1; i < measures->imports.count && at == 0; i++)
        if (measures->imports.slots[i].key == key)
            at = i;
    if (at == 0)
        at = module_slot(measures, key, name);
    slot = &measures->imports.slots[at];
    slot->calls.all++;
    slot->total.all += (double)took;
}

/* ---- events ---- */

static unsigned meaning(const struct recorded_marker *marker)
{
    const struct argument *arguments = marker->arguments;
    bool has_string =
        marker->count >= 1 && arguments[0].kind == ARGUMENT_STRING;
    bool is_call = has_string && marker->count >= 3 &&
                   arguments[1].kind == ARGUMENT_STRING;

    if (is_call && strcmp(marker->name, "function__entry") == 0)
        return ENTRY;
    if (is_call && strcmp(marker->name, "function__return") == 0)
        return RETURN;
    if (marker->count >= 1 && !has_string &&
        strcmp(marker->name, "gc__start") == 0)
        return GC_START;
    if (strcmp(marker->name, "gc__done") == 0)
        return GC_DONE;
    if (has_string && strcmp(marker->name, "import__find__load__start") == 0)
        return IMPORT;
    if (has_string && strcmp(marker->name, "import__find__load__done") == 0)
        return IMPORTED;
    return marker_is_rare(marker->name) ? RARE : OTHER;
}

static struct kind *kind_labelled(struct measures *measures, const char *label)
{
    size_t i;

    for (i = 0; i < measures->kind_count; i++)
        if (strcmp(measures->kinds[i].name, label) == 0)
            return &measures->kinds[i];
    return NULL;
}

/* The last one is of all that are too many. */
static struct kind *kind_of(struct measures *measures, const char *name)
{
    char *label = name_label(name, strlen(name));
    struct kind *kind = kind_labelled(measures, label);

    if (kind == NULL && measures->kind_count >= MOST_KINDS - 1) {
        free(label);
        label = formatted("%s", rest);
        kind = kind_labelled(measures, label);
    }
    if (kind != NULL) {
        free(label);
        return kind;
    }
    kind = &measures->kinds[measures->kind_count++];
    kind->name = label;
    return kind;
}

/* What an event takes at least is the time between two of them. */
static void learn_cost(struct measures *measures, uint64_t passed)
{
    uint64_t cost;

    histogram_add(&measures->pairs, passed);
    if (measures->pairs.count < LEAST_PAIRS)
        return;
    cost = histogram_quantile(&measures->pairs, 0.05);
    measures->cost = cost < MOST_COST ? (double)cost : MOST_COST;
    measures->has_cost = true;
    histogram_free(&measures->pairs);
}

static void take_call(struct measures *measures, struct lane_state *lane,
                      const struct event *event, uint64_t now)
{
    if (!measures->has_cost && lane->has_time && now > lane->last)
        learn_cost(measures, now - lane->last);
    pass_time(measures, lane, now, measures->cost);
    if (event->marker->mark == ENTRY)
        on_entry(measures, lane, event, now);
    else
        on_return(measures, lane, event, now);
}

static void take_marker(struct measures *measures, struct lane_state *lane,
                        const struct event *event)
{
    struct recorded_marker *marker = event->marker;
    uint64_t now = clock_ns(measures->clock, event->ticks);
    struct kind *kind;
    bool is_rare;

    if (marker->mark == UNSEEN)
        marker->mark = meaning(marker);
    is_rare = marker->mark >= GC_START && marker->mark <= RARE;
    if (!is_rare &&
        (event->ticks < measures->from || event->ticks > measures->until))
        return;
    kind = kind_of(measures, marker->name);
    if (is_rare)
        kind->count.all++;
    else
        kind->count.open++;
    switch (marker->mark) {
    case ENTRY:
    case RETURN: take_call(measures, lane, event, now); break;
    case GC_START:
        lane->cycle = now;
        lane->generation = (int64_t)event->values[0].number;
        break;
    case GC_DONE: on_collected(measures, lane, now); break;
    case IMPORT: on_import(lane, event, now); break;
    case IMPORTED: on_imported(measures, lane, event, now); break;
    default: break;
    }
}

/* What was under way in the thread is not known any more. */
static void forget_thread(struct lane_state *lane)
{
    forget_stack(lane);
    lane->cycle = 0;
    lane->import_count = 0;
}

void measures_take(struct measures *measures, struct lane_state *lane,
                   const void *records, size_t size)
{
    const unsigned char *at = records, *end = at + size;
    struct reason reason;
    struct event event;

    while (records_next(&lane->records, &at, end, &event, &reason) ==
           FOUND_EVENT) {
        if (event.kind == EVENT_LOST || event.tid != lane->tid)
            forget_thread(lane);
        lane->tid = event.tid;
        if (event.kind == EVENT_MARKER)
            take_marker(measures, lane, &event);
    }
}

/* ---- parts ---- */

#define FOR_EACH_LANE(measures, lane) \
    for (lane = (measures)->lanes; lane != NULL; lane = lane->next)

void measures_resume(struct measures *measures, uint64_t from)
{
    uint64_t now = clock_ns(measures->clock, from);
    struct lane_state *lane;
    size_t i;

    measures->from = from;
    measures->until = UINT64_MAX;
    FOR_EACH_LANE(measures, lane)
    {
        lane->guessed = lane->depth;
        lane->over = 0;
        lane->has_time = true;
        lane->last = lane->began = now;
        lane->unknown = 0;
        for (i = 0; i < lane->depth; i++) {
            lane->stack[i].is_guess = true;
            lane->stack[i].began = now;
            lane->stack[i].events = lane->events;
        }
    }
}

void measures_pause(struct measures *measures, uint64_t until)
{
    measures->until = until;
}

/* What goes on has taken its time until now. */
static void close_lane(struct measures *measures, struct lane_state *lane,
                       uint64_t now)
{
    size_t i;

    if (lane->has_time && now > lane->last)
        pass_time(measures, lane, now, 0);
    for (i = 0; i < lane->depth; i++) {
        struct call *call = &lane->stack[i];

        /* Of a function's calls, the outermost goes on. */
        if (!call->is_guess && call->function != NULL && now > call->began) {
            bool is_outermost = true;
            size_t j;

            for (j = i; call->function->active > 1 && j-- > 0;)
                is_outermost &= lane->stack[j].function != call->function;
            if (is_outermost)
                add_total(measures, lane, call, now);
            call->began = now;
            call->events = lane->events;
        }
    }
}

static void close_slots(struct slots *slots, double calls, double times)
{
    size_t i;

    for (i = 0; i < slots->count; i++) {
        tally_close(&slots->slots[i].calls, calls);
        tally_close(&slots->slots[i].own, times);
        tally_close(&slots->slots[i].total, times);
    }
}

/* A time without the events that took so much of it. */
static double alone(double time, double taken)
{
    enum { LEAST = 8 }; /* (what they took is a guess) */

    return taken < time - time / LEAST ? time - taken : time / LEAST;
}

/* How many times its own time a part stands for, by the time that passed. */
static double stands_for(const struct part *part, double taken, size_t threads)
{
    return 1 + (double)part->before /
                   alone((double)part->lasted, taken / (double)threads);
}

/*
 * The same by the processor time that the program used: a burst ends where the
 * program fires, so that it has more of it than the same time elsewhere; and on
 * a busy machine, the program is not all that runs. The kernel's clock of what
 * runs is some milliseconds late, so that the latest parts together say how
 * much time an event comes with.
 */
static double stands_for_used(struct measures *measures, struct part *part,
                              double events, size_t threads)
{
    static const double kept = 0.8;
    uint64_t most = part->lasted * threads;
    double used = (double)(part->used < most ? part->used : most);
    double time = used, unseen;

    if (events > 0) {
        measures->used = kept * measures->used + used;
        measures->events = kept * measures->events + events;
        used = measures->used / measures->events * events;
        time = alone(used, measures->cost * events);
    }
    if (time <= 0)
        return 1;
    unseen =
        part->unseen < part->most * time ? part->unseen : part->most * time;
    part->unseen -= unseen;
    return 1 + unseen / time;
}

static double own_of_all(const struct slots *slots)
{
    double own = 0;
    size_t i;

    for (i = 0; i < slots->count; i++)
        own += slots->slots[i].own.open;
    return own;
}

void measures_close(struct measures *measures, uint64_t now, struct part *part)
{
    struct lane_state *lane;
    uint64_t events = 0;
    size_t threads = 0, timed = 0, i;
    double all, weight, times, own, most;

    FOR_EACH_LANE(measures, lane)
    {
        close_lane(measures, lane, clock_ns(measures->clock, now));
        events += lane->events - lane->counted;
        threads += lane->events != lane->counted;
        timed += lane->has_time;
        lane->counted = lane->events;
    }
    if (threads == 0)
        threads = 1;
    all = (double)events * part->lost;
    weight = part->lost *
             (part->has_used ? stands_for_used(measures, part, all, threads)
                             : stands_for(part, measures->cost * all, threads));
    times = weight;
    /* All own times together are no more than the time that passed. */
    own = own_of_all(&measures->calls);
    most = (double)(part->lasted + part->before) * (double)timed;
    if (part->before != 0 && own * weight > most)
        times = most / own;
    close_slots(&measures->calls, weight, times);
    for (i = 0; i < measures->kind_count; i++)
        tally_close(&measures->kinds[i].count, weight);
}

/* ---- who is expensive ---- */

static size_t cheapest_slot(const struct slots *slots)
{
    size_t cheapest = 1, i;

    for (i = 2; i < slots->count; i++)
        if (slots->slots[i].recent < slots->slots[cheapest].recent)
            cheapest = i;
    return cheapest;
}

/* A slot begins anew, for a function and all with the same labels. */
static void slot_give(struct slot *slot, size_t number,
                      const struct known *function, struct known **list,
                      size_t count)
{
    size_t i;

    slot_begin(slot, function->name, function->file);
    for (i = 0; i < count; i++) {
        bool is_its = strcmp(list[i]->name, slot->name) == 0 &&
                      strcmp(list[i]->file, slot->file) == 0;

        if (is_its)
            list[i]->slot = number;
        else if (list[i]->slot == number)
            list[i]->slot = 0;
        slot->recent += is_its ? list[i]->recent : 0;
    }
}

/*
 * Of those that are known, the most expensive ones first: one that takes twice
 * as much as the cheapest with a slot gets its slot.
 */
static void rank_by(struct slots *slots, struct known **list, size_t count)
{
    size_t cheapest, i;

    for (i = 0; i < slots->count; i++)
        slots->slots[i].recent = 0;
    for (i = 0; i < count; i++)
        slots->slots[list[i]->slot].recent += list[i]->recent;
    /* (Where one has no slot, there are no more to give.) */
    for (i = 0; i < count && i < slots->most; i++) {
        if (list[i]->slot != 0)
            continue;
        cheapest = cheapest_slot(slots);
        if (list[i]->recent <= 2 * slots->slots[cheapest].recent)
            break;
        slot_give(&slots->slots[cheapest], cheapest, list[i], list, count);
    }
}

void measures_rank(struct measures *measures)
{
    struct known **list;
    size_t i;

    measures->is_crowded = false;
    if (measures->known_count == 0)
        return;
    list = list_known(measures);
    rank_by(&measures->calls, list, measures->known_count);
    for (i = 0; i < measures->known_count; i++)
        list[i]->recent /= 2;
    free(list);
}

/* ---- from its beginning to its end ---- */

struct measures *measures_new(size_t functions, const struct clock *clock)
{
    struct measures *measures = allocate(1, sizeof(*measures));

    measures->functions = functions;
    measures->clock = clock;
    measures->until = UINT64_MAX;
    slots_begin(&measures->calls, functions);
    slots_begin(&measures->imports, functions);
    return measures;
}

void measures_end(struct measures *measures)
{
    size_t i;

    while (measures->lanes != NULL)
        measures_leave(measures, measures->lanes);
    for (i = 0; i < measures->known_size; i++)
        if (measures->known[i] != NULL)
            known_free(measures->known[i]);
    free(measures->known);
    measures->known = NULL;
    measures->known_size = measures->known_count = 0;
    histogram_free(&measures->pairs);
}

void measures_free(struct measures *measures)
{
    size_t i;

    measures_end(measures);
    slots_free(&measures->calls);
    slots_free(&measures->imports);
    for (i = 0; i < measures->kind_count; i++)
        free(measures->kinds[i].name);
    free(measures);
}

struct lane_state *measures_lane(struct measures *measures,
                                 struct recorded_host *host)
{
    struct lane_state *lane = allocate(1, sizeof(*lane));

    /* (The oldest strings are forgotten when those of all rings are too many;
     * here, when those of this one are.) */
    lane->string_bytes = MAX_ALL_STRING_BYTES - STRINGS_OF_RING;
    records_begin(&lane->records, false, host, NULL, &lane->string_bytes);
    lane->next = measures->lanes;
    measures->lanes = lane;
    return lane;
}

void measures_leave(struct measures *measures, struct lane_state *lane)
{
    struct lane_state **at = &measures->lanes;

    while (*at != lane)
        at = &(*at)->next;
    *at = lane->next;
    forget_stack(lane);
    records_end(&lane->records);
    free(lane->stack);
    free(lane);
}
