/*
 * latency.c - pytrace latency: how the durations of a function's calls are
 * distributed, and over time. The manual page is docs/pytrace.1.in.
 *
 * A generator or coroutine returns at each yield, and enters again when it is
 * resumed. Where the host says which frame an event is of, these make one call,
 * from its first entry to its last return. A call begins at the function's
 * first line; so an entry of the same frame at another line resumes it. This
 * needs all entries (which one is the first?), so they are kept until the end.
 *
 * SPDX-License-Identifier: MIT
 */
#include "commands.h"
#include "heat.h"
#include "histogram.h"
#include "rows.h"
#include "stacks.h"
#include "steps.h"
#include "view.h"

#include <stdlib.h>
#include <string.h>

enum { SLICES = 40, BLOCK_SIZE = 16384, NEAREST = 3 };

/* An entry or a return of a frame. */
struct passage {
    int64_t since;
    uint64_t frame;
    int32_t line;
    uint32_t taken; /* ns by the recorder, of a return; or IS_ENTRY */
};

static const uint32_t is_entry = UINT32_MAX;

struct block {
    struct block *next;
    size_t count;
    struct passage passages[BLOCK_SIZE];
};

/* A function's passages in one process. */
struct passages {
    struct passages *next;
    uint32_t pid;
    struct block *first, *last;
};

struct result {
    const struct function *function;
    struct passages *passages;
    struct histogram durations;
    struct steps steps;
    uint64_t waited; /* ns between a return and being resumed */
    uint64_t resumed, late, open, waiting;
    uint64_t same_line; /* entries of a known frame at its only line */
    bool has_origin;
    int64_t origin, width;       /* ns: the first entry; of a slice */
    struct steps slices[SLICES]; /* by when a call began */
};

struct results {
    struct result **items;
    size_t count;
};

static const char *wanted; /* the operand */

/* ---- which function ---- */

static bool is_wanted(const struct function *function)
{
    size_t length = strlen(wanted);
    size_t name = function->name_size, file = function->file_size, given;

    if (length < name ||
        memcmp(wanted + length - name, function->name, name) != 0)
        return false;
    if (length == name)
        return true;
    given = length - name - 1; /* of the file's name: its last parts do */
    return wanted[given] == ':' && given <= file &&
           memcmp(wanted, function->file + file - given, given) == 0 &&
           (given == file || function->file[file - given - 1] == '/');
}

/* NULL: it is another function. */
static struct result *result_of(struct results *results,
                                struct function *function)
{
    static char other; /* marks functions that are not the wanted one */
    struct result *result = function->data;

    if ((void *)result == (void *)&other)
        return NULL;
    if (result != NULL)
        return result;
    if (!is_wanted(function)) {
        function->data = &other;
        return NULL;
    }
    function->data = result = allocate(1, sizeof(*result));
    result->function = function;
    result->width = 1;
    results->items = grown(results->items, results->count, sizeof(result));
    results->items[results->count++] = result;
    return result;
}

/* ---- results ---- */

/* There are always enough slices: they become twice as wide. */
static size_t slice_of(struct result *result, int64_t since)
{
    size_t i, step;

    since = since > result->origin ? since - result->origin : 0;
    while (since / result->width >= SLICES) {
        for (i = 0; i < SLICES; i++) {
            struct steps both = {0};

            for (step = 0; i < SLICES / 2 && step < STEPS; step++)
                both.counts[step] = result->slices[2 * i].counts[step] +
                                    result->slices[2 * i + 1].counts[step];
            result->slices[i] = both;
        }
        result->width *= 2;
    }
    return (size_t)(since / result->width);
}

static void add(struct result *result, int64_t since, uint64_t duration)
{
    size_t step = step_of(duration);

    histogram_add(&result->durations, duration);
    result->steps.counts[step]++;
    result->slices[slice_of(result, since)].counts[step]++;
}

/* ---- reading ---- */

static void keep(struct result *result, uint32_t pid,
                 const struct passage *passage)
{
    struct passages *passages = result->passages;

    while (passages != NULL && passages->pid != pid)
        passages = passages->next;
    if (passages == NULL) {
        passages = allocate(1, sizeof(*passages));
        passages->pid = pid;
        passages->next = result->passages;
        result->passages = passages;
    }
    if (passages->last == NULL || passages->last->count == BLOCK_SIZE) {
        struct block *block = allocate(1, sizeof(*block));

        *(passages->last != NULL ? &passages->last->next : &passages->first) =
            block;
        passages->last = block;
    }
    passages->last->passages[passages->last->count++] = *passage;
}

static void on_entry(struct stacks *stacks, struct lane *lane,
                     const struct event *event, void *data)
{
    const struct activation *call = &lane->stack[lane->depth - 1];
    struct result *result = result_of(data, call->node->function);
    struct passage passage = {event->since, call->frame,
                              (int32_t)event->values[2].number, is_entry};

    (void)stacks;
    if (result == NULL)
        return;
    if (!result->has_origin)
        result->origin = event->since;
    result->has_origin = true;
    if (call->frame != 0)
        keep(result, lane->pid, &passage);
}

static void on_return(struct stacks *stacks, struct lane *lane,
                      const struct activation *call, uint64_t duration,
                      bool is_whole, const struct event *event, void *data)
{
    struct result *result = result_of(data, call->node->function);
    uint64_t all =
        event->since > call->began ? (uint64_t)(event->since - call->began) : 0;
    uint64_t taken = all > duration ? all - duration : 0;

    (void)stacks;
    if (result == NULL)
        return;
    if (call->frame == 0) {
        if (is_whole)
            add(result, call->began, duration);
        else
            result->late++;
    } else if (event->kind == EVENT_MARKER &&
               (is_whole || event->values[3].number == call->frame)) {
        struct passage passage = {
            event->since, call->frame, (int32_t)event->values[2].number,
            taken < is_entry ? (uint32_t)taken : is_entry - 1};

        keep(result, lane->pid, &passage);
    }
}

/* Between bursts, functions are entered and left unseen. */
static void on_pause(struct results *results, const struct event *event)
{
    const struct passage pause = {.since = event->since};
    struct passages *passages;
    size_t i;

    for (i = 0; i < results->count; i++)
        for (passages = results->items[i]->passages; passages != NULL;
             passages = passages->next)
            keep(results->items[i], passages->pid, &pause);
}

/* ---- activations ---- */

/* A frame that was seen; its latest activation. */
struct frame {
    uint64_t address; /* 0: none */
    int64_t began, left;
    uint64_t taken, waited, resumed;
    int32_t line; /* of the latest return */
    bool is_late, runs;
};

/* Open addressing, at most half full. */
struct frames {
    struct frame *slots;
    size_t size, count;
};

static struct frame *frame_at(struct frames *frames, uint64_t address)
{
    size_t mask, at;

    if (frames->count * 2 >= frames->size) {
        struct frames larger = {NULL, frames->size != 0 ? 2 * frames->size : 64,
                                0};
        size_t i;

        larger.slots = allocate(larger.size, sizeof(*larger.slots));
        for (i = 0; i < frames->size; i++)
            if (frames->slots[i].address != 0)
                *frame_at(&larger, frames->slots[i].address) = frames->slots[i];
        free(frames->slots);
        *frames = larger;
    }
    mask = frames->size - 1;
    at = (size_t)(address * UINT64_C(0x9e3779b97f4a7c15) >> 20) & mask;
    while (frames->slots[at].address != 0 &&
           frames->slots[at].address != address)
        at = (at + 1) & mask;
    if (frames->slots[at].address == 0) {
        frames->slots[at].address = address;
        frames->count++;
    }
    return &frames->slots[at];
}

/* Lines at which the function was resumed: where it yields. */
struct lines {
    int32_t *items;
    size_t count;
};

static bool has_line(const struct lines *lines, int32_t line)
{
    size_t i;

    for (i = 0; i < lines->count; i++)
        if (lines->items[i] == line)
            return true;
    return false;
}

static void add_line(struct lines *lines, int32_t line)
{
    if (has_line(lines, line))
        return;
    lines->items = grown(lines->items, lines->count, sizeof(line));
    lines->items[lines->count++] = line;
}

/* The frame's activation is over: it left for the last time. */
static void finish(struct result *result, const struct frame *frame)
{
    uint64_t all =
        frame->left > frame->began ? (uint64_t)(frame->left - frame->began) : 0;

    if (frame->is_late) {
        result->late++;
        return;
    }
    add(result, frame->began, all > frame->taken ? all - frame->taken : 0);
    result->waited += frame->waited;
    result->resumed += frame->resumed != 0;
}

static void enter(struct result *result, struct frame *frame, bool is_known,
                  const struct passage *passage, struct lines *yields)
{
    bool is_first = passage->line == result->function->line;

    if (is_known && !is_first) { /* it is resumed */
        add_line(yields, passage->line);
        if (!frame->runs && passage->since > frame->left)
            frame->waited += (uint64_t)(passage->since - frame->left);
        frame->resumed++;
    } else {
        if (is_known && !frame->runs)
            finish(result, frame);
        else if (is_known)
            result->late++; /* its return was lost */
        if (is_known && frame->line == passage->line)
            result->same_line++;
        *frame = (struct frame){.address = passage->frame,
                                .began = passage->since,
                                .is_late = !is_first};
        if (!is_first)
            add_line(yields, passage->line);
    }
    frame->runs = true;
}

static void leave(struct frame *frame, bool is_known,
                  const struct passage *passage)
{
    if (!is_known)
        frame->is_late = true;
    frame->left = passage->since;
    frame->line = passage->line;
    frame->taken += passage->taken;
    frame->runs = false;
}

/*
 * Those that go on, or may do so, are left out: what they do in a pause is not
 * known.
 */
static void forget(struct result *result, struct frames *frames,
                   const struct lines *yields)
{
    size_t i;

    for (i = 0; i < frames->size; i++) {
        const struct frame *frame = &frames->slots[i];

        if (frame->address == 0)
            continue;
        if (frame->runs || has_line(yields, frame->line))
            result->late++;
        else
            finish(result, frame);
    }
    free(frames->slots);
    *frames = (struct frames){0};
}

static void find_activations(struct result *result,
                             const struct passages *passages)
{
    struct frames frames = {0};
    struct lines yields = {0};
    const struct block *block;
    size_t i;

    for (block = passages->first; block != NULL; block = block->next)
        for (i = 0; i < block->count; i++) {
            const struct passage *passage = &block->passages[i];
            size_t known = frames.count;
            struct frame *frame;
            bool is_known;

            if (passage->frame == 0) {
                forget(result, &frames, &yields);
                continue;
            }
            frame = frame_at(&frames, passage->frame);
            is_known = known == frames.count;
            if (passage->taken == is_entry)
                enter(result, frame, is_known, passage, &yields);
            else
                leave(frame, is_known, passage);
        }
    for (i = 0; i < frames.size; i++) {
        struct frame *frame = &frames.slots[i];

        if (frame->address == 0)
            continue;
        if (frame->runs) {
            result->open++;
        } else {
            finish(result, frame);
            result->waiting +=
                !frame->is_late && has_line(&yields, frame->line);
        }
    }
    free(frames.slots);
    free(yields.items);
}

/* ---- showing ---- */

static void print_table(const struct results *results, struct out *out)
{
    static const char *const titles[] = {
        "calls",   "median", "90 %",    "99 %",      "99.9 %",
        "longest", "mean",   "waiting", "<function", NULL};
    static const double shares[] = {0.5, 0.9, 0.99, 0.999};
    struct rows *rows = rows_new(titles);
    size_t i, j;

    for (i = 0; i < results->count; i++) {
        const struct result *result = results->items[i];
        const struct histogram *durations = &result->durations;
        bool has_times = durations->count != 0;

        rows_cell(rows, count_text(durations->count));
        for (j = 0; j < sizeof(shares) / sizeof(shares[0]); j++)
            rows_cell(rows, has_times ? time_text(histogram_quantile(durations,
                                                                     shares[j]))
                                      : formatted("-"));
        rows_cell(rows,
                  has_times ? time_text(durations->most) : formatted("-"));
        rows_cell(rows, has_times ? time_text(durations->sum / durations->count)
                                  : formatted("-"));
        rows_cell(rows,
                  share_text((double)result->waited, (double)durations->sum));
        rows_cell(rows, formatted("%s (%s:%lld)", result->function->shown_name,
                                  result->function->shown_file,
                                  (long long)result->function->line));
    }
    rows_print(rows, out);
    rows_free(rows);
}

/* Where a slice of time begins, since the recording's first event. */
static char *slice_text(const struct result *result, size_t slice)
{
    return formatted(
        "%.6f s",
        ((double)result->width * (double)slice + (double)result->origin) / 1e9);
}

static void print_heat(const struct result *result, struct out *out)
{
    static const char shades[] = " .:-=+*#%@";
    size_t first = 0, end = STEPS, step, slice, last = 0;
    uint64_t most = 0;

    while (end > 0 && result->steps.counts[end - 1] == 0)
        end--;
    while (first < end && result->steps.counts[first] == 0)
        first++;
    for (slice = 0; slice < SLICES; slice++)
        for (step = first; step < end; step++) {
            uint64_t count = result->slices[slice].counts[step];

            if (count != 0)
                last = slice;
            if (count > most)
                most = count;
        }
    /* A column has the place of the longest time, "1.00 ms". */
    out_text(out, "   calls from |");
    for (step = first; step < end; step++) {
        char *text = time_text(step_from(step));

        out_blanks(out, 8 > strlen(text) ? 8 - strlen(text) : 0);
        out_text(out, text);
        free(text);
    }
    out_char(out, '\n');
    for (slice = 0; slice <= last; slice++) {
        char *text = slice_text(result, slice);

        out_blanks(out, 13 > strlen(text) ? 13 - strlen(text) : 0);
        out_text(out, text);
        out_text(out, " |");
        free(text);
        for (step = first; step < end; step++) {
            uint64_t count = result->slices[slice].counts[step];
            size_t shade = count == 0  ? 0
                           : most == 1 ? 9
                                       : 1 + (size_t)((double)(count - 1) * 8 /
                                                      (double)(most - 1));

            out_blanks(out, 1);
            for (size_t i = 0; i < 7; i++)
                out_char(out, shades[shade]);
        }
        out_char(out, '\n');
    }
}

static void print_text(const struct results *results, struct out *out)
{
    size_t i;

    print_table(results, out);
    for (i = 0; i < results->count; i++) {
        const struct result *result = results->items[i];

        if (result->durations.count == 0)
            continue;
        if (results->count > 1) {
            out_char(out, '\n');
            out_text(out, result->function->shown_file);
            out_char(out, ':');
            out_text(out, result->function->shown_name);
            out_char(out, '\n');
        }
        out_char(out, '\n');
        steps_print(&result->steps, "calls", out);
        out_char(out, '\n');
        print_heat(result, out);
    }
}

/* Where the result goes to a file of that name. */
static bool is_picture(const struct view_run *run)
{
    const char *ending = run->output != NULL ? strrchr(run->output, '.') : NULL;

    return !run->json && ending != NULL && strcmp(ending, ".svg") == 0;
}

static void print_picture(const struct results *results, struct out *out)
{
    struct heat *heats = allocate(results->count, sizeof(*heats));
    char *title = formatted("pytrace latency %s", wanted);
    size_t count = 0, i;

    for (i = 0; i < results->count; i++) {
        const struct result *result = results->items[i];

        if (result->durations.count == 0)
            continue;
        heats[count].title = formatted("%s (%s)", result->function->shown_name,
                                       result->function->shown_file);
        heats[count].origin = result->origin;
        heats[count].width = result->width;
        heats[count].slices = result->slices;
        heats[count++].count = SLICES;
    }
    heat_svg(heats, count, title, out);
    for (i = 0; i < count; i++)
        free(heats[i].title);
    free(heats);
    free(title);
}

static void json_heat(const struct result *result, struct out *out)
{
    size_t slice, step;
    bool is_first = true;

    out_key_signed(out, "slices_from_ns", result->origin);
    out_key_signed(out, "slice_ns", result->width);
    out_text(out, ",\"slices\":[");
    for (slice = 0; slice < SLICES; slice++)
        for (step = 0; step < STEPS; step++) {
            uint64_t count = result->slices[slice].counts[step];

            if (count == 0)
                continue;
            out_text(out, is_first ? "" : ",");
            is_first = false;
            out_text(out, "{\"slice\":");
            out_number(out, slice);
            out_key_number(out, "from_ns", step_from(step));
            out_key_number(out, "count", count);
            out_char(out, '}');
        }
    out_char(out, ']');
}

static void print_json(const struct results *results, struct out *out)
{
    static const struct {
        const char *name;
        double share;
    } quantiles[] = {{"median_ns", 0.5},
                     {"p90_ns", 0.9},
                     {"p99_ns", 0.99},
                     {"p999_ns", 0.999}};
    size_t i, j;

    out_text(out, "{\"functions\":[");
    for (i = 0; i < results->count; i++) {
        const struct result *result = results->items[i];
        const struct histogram *durations = &result->durations;

        out_text(out, i != 0 ? ",\n" : "\n");
        out_text(out, "{\"calls\":");
        out_number(out, durations->count);
        out_key_json(out, "function", result->function->name,
                     result->function->name_size);
        out_key_json(out, "file", result->function->file,
                     result->function->file_size);
        out_key_signed(out, "line", result->function->line);
        for (j = 0; j < sizeof(quantiles) / sizeof(quantiles[0]); j++)
            out_key_number(out, quantiles[j].name,
                           histogram_quantile(durations, quantiles[j].share));
        out_key_number(out, "longest_ns", durations->most);
        out_key_number(out, "total_ns", durations->sum);
        out_key_number(out, "waiting_ns", result->waited);
        out_key_number(out, "resumed", result->resumed);
        out_key_number(out, "late", result->late);
        out_key_number(out, "open", result->open);
        out_key_number(out, "may_go_on", result->waiting);
        steps_json(&result->steps, out);
        json_heat(result, out);
        out_char(out, '}');
    }
    out_text(out, "\n]");
}

static void note(uint64_t count, const char *one, const char *many)
{
    if (count != 0)
        fprintf(stderr, PROGRAM " latency: %llu call%s %s\n",
                (unsigned long long)count, count == 1 ? "" : "s",
                count == 1 ? one : many);
}

static void print_notes(const struct results *results, double cost,
                        uint64_t uncertain)
{
    uint64_t late = 0, open = 0, waiting = 0;
    bool on_one_line = false;
    size_t i;

    for (i = 0; i < results->count; i++) {
        const struct result *result = results->items[i];

        late += result->late;
        open += result->open;
        waiting += result->waiting;
        on_one_line |= result->resumed == 0 && result->same_line != 0 &&
                       result->same_line + 1 >= result->durations.count;
    }
    note(late,
         "is left out: it began before the recording, or events of it were "
         "lost or not recorded",
         "are left out: they began before the recording, or events of them "
         "were lost or not recorded");
    note(open, "is left out, as it went on at the end",
         "are left out, as they went on at the end");
    note(
        waiting,
        "left last where it has been resumed: it may go on, and take longer",
        "left last where others were resumed: they may go on, and take longer");
    if (on_one_line)
        fputs(PROGRAM " latency: all is on one line: if it is a generator or "
                      "a coroutine, each time that it goes on counts as a "
                      "call\n",
              stderr);
    stacks_note("latency", 0, uncertain, cost);
}

/* ---- no such function ---- */

/* How many characters to insert, delete or replace, in the first 63. */
static size_t distance(const char *a, const char *b)
{
    enum { MOST = 63 };
    size_t row[MOST + 1];
    size_t i, j, m = strlen(b) < MOST ? strlen(b) : MOST;

    for (j = 0; j <= m; j++)
        row[j] = j;
    for (i = 0; a[i] != '\0' && i < MOST; i++) {
        size_t corner = row[0];

        row[0] = i + 1;
        for (j = 1; j <= m; j++) {
            size_t best = corner + (a[i] != b[j - 1]);

            corner = row[j];
            if (row[j] + 1 < best)
                best = row[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[m];
}

static void no_such_function(const struct stacks *stacks)
{
    const struct function *nearest[NEAREST] = {NULL};
    size_t distances[NEAREST] = {0};
    size_t i, j;

    for (i = 0; i < stacks_functions(stacks); i++) {
        const struct function *function = stacks_function(stacks, i);
        size_t far = distance(wanted, function->name);

        if (strstr(function->name, wanted) != NULL)
            far = 0;
        for (j = NEAREST;
             j > 0 && (nearest[j - 1] == NULL || far < distances[j - 1]); j--)
            if (j < NEAREST) {
                nearest[j] = nearest[j - 1];
                distances[j] = distances[j - 1];
            }
        if (j < NEAREST) {
            nearest[j] = function;
            distances[j] = far;
        }
    }
    fputs(PROGRAM " latency: no function was called that has the name ",
          stderr);
    print_printable(stderr, wanted);
    for (j = 0; j < NEAREST && nearest[j] != NULL; j++)
        fprintf(stderr, "%s%s (%s)", j == 0 ? "; the nearest: " : ", ",
                nearest[j]->shown_name, nearest[j]->shown_file);
    fputc('\n', stderr);
}

static int most_calls_first(const void *left, const void *right)
{
    const struct result *a = *(struct result *const *)left;
    const struct result *b = *(struct result *const *)right;

    if (a->durations.sum != b->durations.sum)
        return a->durations.sum < b->durations.sum ? 1 : -1;
    return a->function->index < b->function->index ? -1 : 1;
}

static void free_passages(struct passages *passages)
{
    while (passages->first != NULL) {
        struct block *block = passages->first;

        passages->first = block->next;
        free(block);
    }
    free(passages);
}

/* Calls that go on, where there are no frames: those of the stacks. */
static void count_open(struct lane *lane, struct results *results)
{
    size_t i;

    for (i = 0; i < lane->depth; i++) {
        struct result *result =
            result_of(results, lane->stack[i].node->function);

        if (result != NULL && lane->stack[i].frame == 0)
            result->open++;
    }
}

static int show(struct view_run *run)
{
    const struct stacks_calls calls = {on_entry, on_return};
    struct results results = {0};
    double cost = view_cost(run, 0);
    struct reader *reader = view_begin(run, 0);
    struct stacks *stacks;
    const struct event *event;
    uint64_t uncertain = 0;
    int status = ALL_WELL, missing;
    size_t i;

    if (reader == NULL)
        return UNREADABLE;
    wanted = run->operand;
    stacks = stacks_new(cost, &calls, &results);
    while ((event = reader_next(reader)) != NULL) {
        if (event->kind == EVENT_PAUSE)
            on_pause(&results, event);
        stacks_event(stacks, event);
    }
    for (i = 0; i < stacks_lanes(stacks); i++) {
        count_open(stacks_lane(stacks, i), &results);
        uncertain += stacks_lane(stacks, i)->uncertain;
    }
    for (i = 0; i < results.count; i++) {
        struct result *result = results.items[i];

        while (result->passages != NULL) {
            struct passages *passages = result->passages;

            result->passages = passages->next;
            find_activations(result, passages);
            free_passages(passages);
        }
    }
    if (results.count == 0) {
        no_such_function(stacks);
        status = UNREADABLE;
    } else {
        qsort(results.items, results.count, sizeof(*results.items),
              most_calls_first);
        if (run->json) {
            print_json(&results, &run->out);
            out_key_number(&run->out, "lost", reader_count(reader)->lost);
            out_text(&run->out, "}\n");
        } else {
            if (is_picture(run))
                print_picture(&results, &run->out);
            else
                print_text(&results, &run->out);
            out_flush(&run->out);
            print_notes(&results, cost, uncertain);
        }
    }
    for (i = 0; i < results.count; i++) {
        histogram_free(&results.items[i]->durations);
        free(results.items[i]);
    }
    free(results.items);
    stacks_free(stacks);
    missing = view_end(run, 0, reader);
    return status != ALL_WELL ? status : missing;
}

/* ---- the command line ---- */

int latency_main(int argc, char **argv)
{
    static const char *const markers[] = {"function__entry", "function__return",
                                          NULL};
    static const struct view view = {
        .name = "latency",
        .what = "Show how long the calls of FUNCTION take, from first entry to "
                "final return,\nwaiting included: a table, a histogram, and a "
                "heat map over time; with -o NAME.svg, that as a picture. "
                "FUNCTION is\nNAME or FILE:NAME.",
        .operand = "FUNCTION",
        .options_help = "",
        .markers = markers,
        .has_json = true,
        .show = show};

    return view_main(&view, argc, argv);
}
