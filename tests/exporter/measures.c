/*
 * measures.c - what pytrace export makes of a process' events, without one: the
 * events are written here as the process would. A case prints a line:
 *
 *   names     functions, modules and markers that are called as the rest is, or
 *             not at all, or have the same beginning; twice as many as series
 *   change    functions that come and go, for hundreds of rounds
 *   again     one called as the rest is the most expensive one for long; what
 *             comes later gets series still
 *   endless   functions that are entered once, when all series are taken, and
 *             then run on and on
 *   crowd     more cheap functions than are kept, and then an expensive one
 *   wrong     collections whose times are wrong
 *
 * "page" behind the case: the page that is served, too.
 *
 * SPDX-License-Identifier: MIT
 */
#include "exporter.h"
#include "recording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MARKERS = 80, SERIES = 5, LONGEST = 1024 };
/* The first ones of the host's markers. */
enum { ENTERS, RETURNS, STARTS, DONE, FINDS, FOUND_IT };

static struct recorded_marker markers[MARKERS] = {
    {.name = "function__entry", .count = 3},
    {.name = "function__return", .count = 3},
    {.name = "gc__start", .count = 1},
    {.name = "gc__done", .count = 1},
    {.name = "import__find__load__start", .count = 1},
    {.name = "import__find__load__done", .count = 2},
};
static struct recorded_host host = {.markers = markers, .count = MARKERS};
static struct clock the_clock;
static struct measures *measures;
static struct lane_state *lane;
static uint64_t now = 1000000, began, entries, modules, all, inside;

/* (The page asks for them.) */
uint64_t recorded_lost(struct recorded *recorded)
{
    (void)recorded;
    return 0;
}

uint64_t recorded_observed(const struct recorded *recorded, uint64_t at)
{
    (void)recorded;
    return at;
}

/* ---- events ---- */

static void put16(unsigned char *at, size_t number)
{
    const uint16_t word = (uint16_t)number;

    memcpy(at, &word, sizeof(word));
}

static void put32(unsigned char *at, size_t number)
{
    const uint32_t word = (uint32_t)number;

    memcpy(at, &word, sizeof(word));
}

static void put64(unsigned char *at, uint64_t number)
{
    memcpy(at, &number, sizeof(number));
}

static void put(unsigned char *record, size_t size, unsigned kind)
{
    put16(record, size);
    put16(record + 2, kind);
    measures_take(measures, lane, record, size);
}

static void string(uint32_t number, const char *text)
{
    unsigned char record[16 + LONGEST] = {0};
    size_t size = strlen(text);

    put32(record + 4, number);
    put32(record + 8, size);
    put32(record + 12, size);
    memcpy(record + 16, text, size);
    put(record, 16 + (size + 7) / 8 * 8, PYTRACE__STRING);
}

static void event(unsigned marker, uint32_t first, uint32_t second)
{
    unsigned char record[24] = {0};

    put32(record + 4, first);
    put64(record + 8, now);
    put32(record + 16, second);
    put(record, sizeof(record), PYTRACE__EVENT + marker);
    all++;
}

static void enter(const char *file, const char *name)
{
    string(1, file);
    string(2, name);
    event(ENTERS, 1, 2);
    entries++;
}

static void leave(const char *file, const char *name)
{
    string(1, file);
    string(2, name);
    event(RETURNS, 1, 2);
}

static void call(const char *file, const char *name, uint64_t ns)
{
    enter(file, name);
    now += ns;
    inside += ns;
    leave(file, name);
    now += 10;
}

static void import(const char *name)
{
    string(1, name);
    event(FINDS, 1, 0);
    now += 1000;
    event(FOUND_IT, 1, 0);
    modules++;
}

/* ---- what is counted ---- */

static void begin(size_t series)
{
    unsigned char record[32] = {0};
    size_t i;

    for (i = 0; i < MARKERS; i++) {
        bool is_call = i == ENTERS || i == RETURNS;

        if (markers[i].name == NULL)
            markers[i].name = i == FOUND_IT + 1
                                  ? "other"
                                  : formatted("marker%u", (unsigned)i);
        markers[i].bytes = 16;
        if (is_call || i >= FINDS)
            markers[i].arguments[0].kind = ARGUMENT_STRING;
        if (is_call)
            markers[i].arguments[1].kind = ARGUMENT_STRING;
    }
    clock_read(&the_clock, &(struct reading){false, 1, 1, 1});
    clock_read(&the_clock, &(struct reading){false, SECOND, SECOND, SECOND});
    measures = measures_new(series, &the_clock);
    measures->has_cost = true; /* none */
    lane = measures_lane(measures, &host);
    put64(record + 8, now);
    put32(record + 16, 1);
    put32(record + 20, 1);
    put(record, sizeof(record), PYTRACE__BEGIN);
    began = now;
    measures_resume(measures, now);
}

/* A part is over. */
static void finish(void)
{
    struct part part = {.lasted = now - began, .lost = 1};

    measures_close(measures, now, &part);
    began = now;
}

static double sum_of(const struct slots *slots, bool of_time)
{
    double sum = 0;
    size_t i;

    for (i = 0; i < slots->count; i++)
        sum += of_time ? slots->slots[i].own.all : slots->slots[i].calls.all;
    return sum;
}

static size_t series_of(const struct slots *slots)
{
    size_t count = 0, i;

    for (i = 1; i < slots->count; i++)
        count += slots->slots[i].name != NULL;
    return count;
}

static bool has_series(const char *name)
{
    size_t i;

    for (i = 1; i < measures->calls.count; i++)
        if (measures->calls.slots[i].name != NULL &&
            strcmp(measures->calls.slots[i].name, name) == 0)
            return true;
    return false;
}

static const char *is_it(double sum, double expected)
{
    return fabs(sum - expected) <= 1e-9 * expected
               ? "all"
               : formatted("%.0f of %.0f", sum, expected);
}

static void print_page(void)
{
    struct identity identity = {"1", "host", "", "", "", "", "", ""};
    struct recorded recorded = {.identity = identity, .measures = measures};
    struct recorded *one = &recorded;
    struct exporter exporter = {.recorded = &one, .recorded_count = 1};
    size_t size;
    char *text = exporter_text(&exporter, FORM_TEXT, &size);

    fwrite(text, 1, size, stdout);
    free(text);
}

/* ---- the cases ---- */

static void names(void)
{
    char name[LONGEST], longer[LONGEST];
    unsigned i;

    begin(2 * SERIES);
    memset(longer, 'n', sizeof(longer));
    longer[400] = '\0';
    for (i = 0; i < 4 * SERIES; i++) {
        snprintf(name, sizeof(name), "name%u", i);
        call("", "other", 10);
        call("host.x", "other", 10);
        call("", "'other'", 10);
        call("", "", 10);
        call("\xff", "\xff", 10);
        call("\xfe", "\xfe", 10);
        call("", longer, 10);
        longer[300] = i % 2 == 0 ? 'x' : 'y';
        call("host.x", name, 10);
        import("other");
        import("");
        import(name);
    }
    for (i = FOUND_IT + 1; i < MARKERS; i++)
        event(i, 0, 0);
    finish();
    measures_rank(measures);
    for (i = 0; i < measures->kind_count; i++)
        all -= (uint64_t)measures->kinds[i].count.all;
    printf("%zu functions, calls: %s; %zu modules, imports: %s; events: %s\n",
           series_of(&measures->calls),
           is_it(sum_of(&measures->calls, false), (double)entries),
           series_of(&measures->imports),
           is_it(sum_of(&measures->imports, false), (double)modules),
           all == 0 ? "all" : "not all");
}

/* What the series had, of which each is as it was, or more, or has ended. */
struct had {
    char *name;
    double calls, own;
};
static struct had had[SERIES + 1];
static double ended_calls, ended_own;

static size_t look(void)
{
    const struct slots *slots = &measures->calls;
    size_t down = 0, i;

    for (i = 0; i < slots->count; i++) {
        const struct slot *slot = &slots->slots[i];
        const char *name = slot->name != NULL ? slot->name : "";

        if (had[i].name != NULL && strcmp(had[i].name, name) == 0) {
            down +=
                slot->calls.all < had[i].calls || slot->own.all < had[i].own;
        } else {
            ended_calls += had[i].calls;
            ended_own += had[i].own;
        }
        free(had[i].name);
        had[i] =
            (struct had){formatted("%s", name), slot->calls.all, slot->own.all};
    }
    return down;
}

static void change(void)
{
    size_t down = 0, fewest = SERIES;
    unsigned round, i, chance = 1;
    char name[64];

    begin(SERIES);
    for (round = 0; round < 600; round++) {
        for (i = 0; i < 200; i++) {
            chance = chance * 1103515245 + 12345;
            /* (Each 20 rounds others are expensive, some of which were so.) */
            snprintf(name, sizeof(name), "f%u",
                     (round / 20 * 37 + (chance >> 16) % 60) % 2000);
            call("host.x", name, 10 + (chance >> 16) % 6 * 300);
            call("", "other", 500);
        }
        finish();
        down += look();
        measures_rank(measures);
        down += look();
        if (series_of(&measures->calls) < fewest)
            fewest = series_of(&measures->calls);
    }
    printf(
        "%zu series at least, %zu went down; with those that ended, calls: "
        "%s, time: %s\n",
        fewest, down,
        is_it(sum_of(&measures->calls, false) + ended_calls, (double)entries),
        is_it(sum_of(&measures->calls, true) + ended_own, (double)inside));
}

static void again(void)
{
    size_t missing = 0;
    unsigned round, i;
    char name[64];

    begin(SERIES);
    for (round = 0; round < 100; round++) {
        for (i = 0; i < 2 * SERIES; i++) {
            snprintf(name, sizeof(name), "old%u", i);
            call("host.x", name, 10);
        }
        call("", "other", 5000);
        finish();
        measures_rank(measures);
    }
    printf("%zu series; ", series_of(&measures->calls));
    for (round = 0; round < 20; round++) {
        for (i = 0; i < SERIES; i++) {
            snprintf(name, sizeof(name), "late%u", i);
            call("host.x", name, 90000);
        }
        finish();
        measures_rank(measures);
    }
    for (i = 0; i < SERIES; i++) {
        snprintf(name, sizeof(name), "late%u", i);
        missing += !has_series(name);
    }
    printf("then %zu, %zu are missing\n", series_of(&measures->calls), missing);
}

static void endless(void)
{
    unsigned i, round, found = 0;
    char name[64];

    begin(SERIES);
    for (i = 0; i < SERIES; i++) {
        snprintf(name, sizeof(name), "start%u", i);
        call("host.x", name, 100);
    }
    for (i = 0; i < SERIES; i++) {
        snprintf(name, sizeof(name), "loop%u", i);
        enter("host.x", name);
        now += 50000;
    }
    for (round = 0; round < 5; round++) {
        for (i = 0; i < 10; i++)
            call("host.x", "step", 1);
        now += 50000;
        finish();
        measures_rank(measures);
    }
    for (i = 0; i < SERIES; i++) {
        snprintf(name, sizeof(name), "loop%u", i);
        found += has_series(name);
    }
    printf("%zu series, %u of loops\n", series_of(&measures->calls), found);
}

static void crowd(void)
{
    unsigned round, i;
    char name[64];

    begin(SERIES);
    for (round = 0; round < 10; round++) {
        for (i = 0; i < 3000; i++) {
            snprintf(name, sizeof(name), "cheap%u", i);
            call("host.x", name, 100);
        }
        call("host.x", "expensive", 5000000);
        finish();
        measures_rank(measures);
    }
    printf("%s\n", has_series("expensive") ? "it has a series" : "it has none");
}

static void wrong(void)
{
    double last = 0, sum = 0;
    unsigned i, down = 0;

    begin(SERIES);
    for (i = 0; i < 8; i++) {
        now = 1;
        event(STARTS, 0, 0);
        now = UINT64_MAX / 2;
        event(DONE, 0, 0);
        sum = measures->pauses[0].sum;
        down += sum < last;
        last = sum;
    }
    printf("the sum went down %u times\n", down);
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } cases[] = {{"names", names},     {"change", change}, {"again", again},
                 {"endless", endless}, {"crowd", crowd},   {"wrong", wrong}};
    size_t i;

    for (i = 0; argc > 1 && i < sizeof(cases) / sizeof(cases[0]); i++)
        if (strcmp(argv[1], cases[i].name) == 0) {
            cases[i].run();
            if (argc > 2)
                print_page();
            measures_free(measures);
            return 0;
        }
    return 2;
}
