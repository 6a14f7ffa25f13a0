/*
 * exporter_text.c - the measures of pytrace export, as text: OpenMetrics, and
 * the older form of Prometheus, which differ in the names of counters and in
 * the end.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "exporter.h"
#include "out.h"
#include "ticks.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* ---- labels ---- */

char *label_text(const char *text, size_t size)
{
    char *label =
        allocate(2 * (size < LABEL_BYTES ? size : LABEL_BYTES) + 4, 1);
    char *to = label;
    size_t i = 0, kept = 0;

    while (i < size) {
        size_t length = utf8_length(text + i, size - i);

        if (kept + (length != 0 ? length : 1) > LABEL_BYTES - 3) {
            to = stpcpy(to, "...");
            break;
        }
        kept += length != 0 ? length : 1;
        if (length == 0) {
            *to++ = '?';
            i++;
            continue;
        }
        if (text[i] == '"' || text[i] == '\\')
            *to++ = '\\';
        memcpy(to, text + i, length);
        to += length;
        i += length;
    }
    *to = '\0';
    return label;
}

/* ---- samples ---- */

struct page {
    struct out out;
    char *bytes;
    size_t size, capacity;
    enum form form;
    const char *name; /* of the family */
    bool is_counter;
};

static int take(void *data, const char *bytes, size_t count)
{
    struct page *page = data;

    if (page->size + count + 1 > page->capacity) {
        char *larger;

        page->capacity = 2 * (page->size + count + 1);
        larger = allocate(page->capacity, 1);
        if (page->size != 0)
            memcpy(larger, page->bytes, page->size);
        free(page->bytes);
        page->bytes = larger;
    }
    memcpy(page->bytes + page->size, bytes, count);
    page->size += count;
    return 0;
}

/* name: without the ending _total of a counter's sample. */
static void family(struct page *page, const char *name, const char *type,
                   const char *unit, const char *help)
{
    struct out *out = &page->out;
    const char *ending;

    page->name = name;
    page->is_counter = strcmp(type, "counter") == 0;
    /* (The older form names a counter as its samples.) */
    ending =
        page->is_counter && page->form != FORM_OPENMETRICS ? "_total " : " ";
    out_text(out, "# HELP ");
    out_text(out, name);
    out_text(out, ending);
    out_text(out, help);
    out_text(out, "\n# TYPE ");
    out_text(out, name);
    out_text(out, ending);
    out_text(out, type);
    if (unit != NULL && page->form == FORM_OPENMETRICS) {
        out_text(out, "\n# UNIT ");
        out_text(out, name);
        out_text(out, " ");
        out_text(out, unit);
    }
    out_char(out, '\n');
}

/* The name of a sample, up to where its labels begin. */
static void begin(struct page *page, const char *ending)
{
    out_text(&page->out, page->name);
    out_text(&page->out, page->is_counter ? "_total" : ending);
}

static void label(struct page *page, char before, const char *name,
                  const char *value)
{
    out_char(&page->out, before);
    out_text(&page->out, name);
    out_text(&page->out, "=\"");
    out_text(&page->out, value);
    out_char(&page->out, '"');
}

static void value(struct page *page, const char *before, double number)
{
    char text[40];

    if (number >= 0 && number < 1e15 && number == (double)(uint64_t)number) {
        out_text(&page->out, before);
        out_number(&page->out, (uint64_t)number);
    } else {
        snprintf(text, sizeof(text), "%s%.9g", before, number);
        if (number >= 1e8 && number < 1e15)
            snprintf(text, sizeof(text), "%s%.3f", before, number);
        out_text(&page->out, text);
    }
    out_char(&page->out, '\n');
}

static void sample(struct page *page, double number)
{
    begin(page, "");
    value(page, " ", number);
}

static void begin_process(struct page *page, const char *ending,
                          struct recorded *recorded)
{
    begin(page, ending);
    label(page, '{', "pid", recorded->identity.pid);
    label(page, ',', "program", recorded->identity.program);
}

static void labelled(struct page *page, const char *name, const char *text,
                     double number)
{
    begin(page, "");
    label(page, '{', name, text);
    value(page, "} ", number);
}

/* ---- the exporter itself ---- */

static double number_in(const char *path, const char *key)
{
    char line[256];
    double number = 0;
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return 0;
    while (fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            number = strtod(line + strlen(key), NULL);
    fclose(file);
    return number;
}

static double count_files(void)
{
    DIR *directory = opendir("/proc/self/fd");
    double count = -3; /* ., .., and the directory's own */

    if (directory == NULL)
        return 0;
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

/* In seconds since 1970; the same as long as it runs. */
static double start_time(void)
{
    static double start;
    char text[1024] = "";
    const char *at;
    FILE *file;
    int i;

    if (start != 0)
        return start;
    file = fopen("/proc/self/stat", "re");
    if (file != NULL) {
        text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
        fclose(file);
    }
    at = strrchr(text, ')');
    for (i = 2; at != NULL && i < 22; i++)
        at = strchr(at + 1, ' ');
    start = number_in("/proc/stat", "btime ");
    if (at != NULL)
        start += strtod(at, NULL) / (double)sysconf(_SC_CLK_TCK);
    return start;
}

static void put_own(struct page *page)
{
    struct rusage usage;
    struct rlimit files;

    getrusage(RUSAGE_SELF, &usage);
    family(page, "process_cpu_seconds", "counter", "seconds",
           "Processor time that the exporter has used.");
    sample(page,
           (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
               (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
    family(page, "process_resident_memory_bytes", "gauge", "bytes",
           "Memory of the exporter, with what it shares with processes.");
    sample(page, 1024 * number_in("/proc/self/status", "VmRSS:"));
    family(page, "process_virtual_memory_bytes", "gauge", "bytes",
           "Addresses that the exporter uses.");
    sample(page, 1024 * number_in("/proc/self/status", "VmSize:"));
    family(page, "process_start_time_seconds", "gauge", "seconds",
           "When the exporter was started, since 1970.");
    sample(page, start_time());
    family(page, "process_open_fds", "gauge", NULL,
           "Files that the exporter has open.");
    sample(page, count_files());
    family(page, "process_max_fds", "gauge", NULL,
           "Files that the exporter may have open.");
    sample(page,
           getrlimit(RLIMIT_NOFILE, &files) == 0 ? (double)files.rlim_cur : 0);
}

static void put_processes(struct page *page, const struct exporter *exporter)
{
    static const char *const reasons[WHYS] = {[WHY_PERMISSION] = "permission",
                                              [WHY_RECORDER] = "recorder",
                                              [WHY_FILTER] = "filter",
                                              [WHY_OTHER] = "other"};
    size_t refused[WHYS] = {0};
    size_t all_refused = 0, unmarked = 0, yielded = 0, waiting = 0, i;

    for (i = 0; i < exporter->count; i++) {
        const struct candidate *candidate = &exporter->candidates[i];

        if (candidate->recorded != NULL || !candidate->is_chosen)
            continue;
        unmarked += !candidate->is_refused && !candidate->is_yielded;
        yielded += candidate->is_yielded;
        all_refused += candidate->is_refused;
        refused[candidate->why] += candidate->is_refused;
    }
    for (i = 0; i < exporter->recorded_count; i++)
        waiting += !exporter->recorded[i]->has_answer;
    family(page, "pytrace_build_info", "gauge", NULL, "Which pytrace this is.");
    labelled(page, "version", PACKAGE_VERSION, 1);
    family(page, "pytrace_budget_ratio", "gauge", "ratio",
           "The share of a process' time that recording may take.");
    sample(page, exporter->budget);
    family(page, "pytrace_processes", "gauge", NULL,
           "Processes: recorded; waiting for their first event; left to "
           "another recorder for a minute; without markers; not to be "
           "recorded.");
    labelled(page, "state", "recorded",
             (double)(exporter->recorded_count - waiting));
    labelled(page, "state", "waiting", (double)waiting);
    labelled(page, "state", "yielded", (double)yielded);
    labelled(page, "state", "unmarked", (double)unmarked);
    labelled(page, "state", "refused", (double)all_refused);
    family(page, "pytrace_processes_refused", "gauge", NULL,
           "Processes that cannot be recorded, by reason.");
    for (i = 0; i < WHYS; i++)
        labelled(page, "reason", reasons[i], (double)refused[i]);
    family(page, "pytrace_processes_recorded", "counter", NULL,
           "Processes that were ever recorded.");
    sample(page, (double)exporter->all_recorded);
    family(page, "pytrace_processes_ended", "counter", NULL,
           "Of these, those that are not recorded any more.");
    sample(page, (double)exporter->all_ended);
    family(page, "pytrace_processes_unseen", "counter", NULL,
           "Processes that ended before they were looked at: whether they had "
           "markers is not known.");
    sample(page, (double)exporter->unseen);
    family(page, "pytrace_scrapes", "counter", NULL,
           "How often these measures were asked for.");
    sample(page, (double)exporter->scrapes);
}

/* ---- of each process ---- */

typedef void put(struct page *page, struct recorded *recorded, uint64_t now);

static void for_each(struct page *page, const struct exporter *exporter,
                     uint64_t now, put *put)
{
    size_t i;

    for (i = 0; i < exporter->recorded_count; i++)
        put(page, exporter->recorded[i], now);
    for (i = 0; i < exporter->ended_count; i++)
        put(page, exporter->ended[i], now);
}

static void put_info(struct page *page, struct recorded *recorded, uint64_t now)
{
    const struct identity *identity = &recorded->identity;

    (void)now;
    begin_process(page, "", recorded);
    label(page, ',', "provider", identity->provider);
    label(page, ',', "version", identity->version);
    label(page, ',', "file", identity->file);
    label(page, ',', "container", identity->container);
    label(page, ',', "unit", identity->unit);
    label(page, ',', "user", identity->user);
    value(page, "} ", 1);
}

static void put_followed(struct page *page, struct recorded *recorded,
                         uint64_t now)
{
    begin_process(page, "", recorded);
    value(page, "} ",
          (double)((recorded->has_ended ? recorded->ended : now) -
                   recorded->began) /
              1e9);
}

static void put_observed(struct page *page, struct recorded *recorded,
                         uint64_t now)
{
    begin_process(page, "", recorded);
    value(page, "} ", (double)recorded_observed(recorded, now) / 1e9);
}

static void put_overhead(struct page *page, struct recorded *recorded,
                         uint64_t now)
{
    (void)now;
    begin_process(page, "", recorded);
    value(page, "} ", recorded->bursts.spent / 1e9);
}

static void put_used(struct page *page, struct recorded *recorded, uint64_t now)
{
    (void)now;
    begin_process(page, "", recorded);
    value(page, "} ", (double)recorded->used / 1e9);
}

static void put_lost(struct page *page, struct recorded *recorded, uint64_t now)
{
    (void)now;
    begin_process(page, "", recorded);
    value(page, "} ", (double)recorded_lost(recorded));
}

static void put_events(struct page *page, struct recorded *recorded,
                       uint64_t now)
{
    size_t i;

    (void)now;
    for (i = 0; i < recorded->measures->kind_count; i++) {
        const struct kind *kind = &recorded->measures->kinds[i];

        begin_process(page, "", recorded);
        label(page, ',', "marker", kind->name);
        value(page, "} ", kind->count.all);
    }
}

/* Of functions and modules; the first, of all others, where it has any. */
static void put_slots(struct page *page, struct recorded *recorded,
                      const struct slots *slots, const char *name,
                      double (*of)(const struct slot *slot))
{
    size_t i;

    for (i = 0; i < slots->count; i++) {
        const struct slot *slot = &slots->slots[i];

        if (i == 0 && slot->calls.all == 0 && slot->own.all == 0 &&
            slot->total.all == 0)
            continue;
        begin_process(page, "", recorded);
        label(page, ',', name, slot->name);
        if (strcmp(name, "function") == 0)
            label(page, ',', "file", slot->file);
        value(page, "} ", of(slot));
    }
}

static double calls_of(const struct slot *slot)
{
    return slot->calls.all;
}

static double own_of(const struct slot *slot)
{
    return slot->own.all / 1e9;
}

static double total_of(const struct slot *slot)
{
    return slot->total.all / 1e9;
}

static void put_calls(struct page *page, struct recorded *recorded,
                      uint64_t now)
{
    (void)now;
    put_slots(page, recorded, &recorded->measures->calls, "function", calls_of);
}

static void put_own_time(struct page *page, struct recorded *recorded,
                         uint64_t now)
{
    (void)now;
    put_slots(page, recorded, &recorded->measures->calls, "function", own_of);
}

static void put_total(struct page *page, struct recorded *recorded,
                      uint64_t now)
{
    (void)now;
    put_slots(page, recorded, &recorded->measures->calls, "function", total_of);
}

static void put_imports(struct page *page, struct recorded *recorded,
                        uint64_t now)
{
    (void)now;
    put_slots(page, recorded, &recorded->measures->imports, "module", calls_of);
}

static void put_import_times(struct page *page, struct recorded *recorded,
                             uint64_t now)
{
    (void)now;
    put_slots(page, recorded, &recorded->measures->imports, "module", total_of);
}

static void put_distribution(struct page *page, struct recorded *recorded,
                             const struct distribution *distribution,
                             const uint64_t *bounds, const char *generation)
{
    uint64_t count = 0;
    char bound[32] = "+Inf";
    size_t i;

    for (i = 0; i <= MOST_BOUNDS; i++) {
        count += distribution->counts[i];
        begin_process(page, "_bucket", recorded);
        if (generation != NULL)
            label(page, ',', "generation", generation);
        if (i < MOST_BOUNDS)
            snprintf(bound, sizeof(bound), "%g%s", (double)bounds[i] / 1e9,
                     bounds[i] % SECOND == 0 ? ".0" : "");
        else
            strcpy(bound, "+Inf");
        label(page, ',', "le", bound);
        value(page, "} ", (double)count);
    }
    begin_process(page, "_count", recorded);
    if (generation != NULL)
        label(page, ',', "generation", generation);
    value(page, "} ", (double)count);
    begin_process(page, "_sum", recorded);
    if (generation != NULL)
        label(page, ',', "generation", generation);
    value(page, "} ", distribution->sum / 1e9);
}

static void put_pauses(struct page *page, struct recorded *recorded,
                       uint64_t now)
{
    static const char *const names[MOST_GENERATIONS] = {"0", "1", "2", "3",
                                                        "other"};
    size_t i;

    (void)now;
    for (i = 0; i < MOST_GENERATIONS; i++)
        if (recorded->measures->has_pauses[i])
            put_distribution(page, recorded, &recorded->measures->pauses[i],
                             pause_bounds, names[i]);
}

static void put_import_seconds(struct page *page, struct recorded *recorded,
                               uint64_t now)
{
    (void)now;
    if (recorded->measures->has_imports)
        put_distribution(page, recorded, &recorded->measures->import_times,
                         import_bounds, NULL);
}

static const struct {
    const char *name, *type, *unit, *help;
    put *put;
} families[] = {
    {"pytrace_process_info", "gauge", NULL,
     "What a recorded process is: to be joined by its pid and program.",
     put_info},
    {"pytrace_process_followed_seconds", "counter", "seconds",
     "Since the process is recorded.", put_followed},
    {"pytrace_process_observed_seconds", "counter", "seconds",
     "Of these, those with all markers on; the others are estimated.",
     put_observed},
    {"pytrace_process_overhead_seconds", "counter", "seconds",
     "Processor time that events took, at most.", put_overhead},
    {"pytrace_process_used_seconds", "counter", "seconds",
     "Processor time that the process has used, since it is recorded.",
     put_used},
    {"pytrace_events", "counter", NULL,
     "Events of a marker; estimated where they were recorded in bursts.",
     put_events},
    {"pytrace_events_lost", "counter", NULL,
     "Events that were lost, as there was no room for them.", put_lost},
    {"pytrace_function_calls", "counter", NULL,
     "Calls of a function; estimated where they were recorded in bursts.",
     put_calls},
    {"pytrace_function_own_seconds", "counter", "seconds",
     "Time that passed in a function itself, without what it called.",
     put_own_time},
    {"pytrace_function_seconds", "counter", "seconds",
     "Time that passed in a function, with what it called.", put_total},
    {"pytrace_gc_pause_seconds", "histogram", "seconds",
     "Collections of garbage, by the generation that is scanned.", put_pauses},
    {"pytrace_import_seconds", "histogram", "seconds",
     "Imports of modules, each with those that it causes.", put_import_seconds},
    {"pytrace_module_imports", "counter", NULL, "Imports of a module.",
     put_imports},
    {"pytrace_module_import_seconds", "counter", "seconds",
     "Time that imports of a module took, with those that it causes.",
     put_import_times},
};

char *exporter_text(struct exporter *exporter, enum form form, size_t *size)
{
    struct page page = {.form = form};
    uint64_t now = monotonic_now();
    size_t i;

    out_begin(&page.out, -1);
    page.out.take = take;
    page.out.data = &page;
    put_processes(&page, exporter);
    if (form != FORM_FILE)
        put_own(&page);
    for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        family(&page, families[i].name, families[i].type, families[i].unit,
               families[i].help);
        for_each(&page, exporter, now, families[i].put);
    }
    if (form == FORM_OPENMETRICS)
        out_text(&page.out, "# EOF\n");
    out_end(&page.out);
    *size = page.size;
    return page.bytes;
}
