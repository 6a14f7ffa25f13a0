/*
 * verify.c - pytrace verify: whether what a host fires keeps the promises of
 * docs/markers.md. The manual page is docs/pytrace.1.in.
 *
 * Each promise is judged thread by thread. Of each that is broken, the first
 * break is shown, with the thread's events around it. Where events are missing,
 * a thread is judged anew, as one that was there before the recording.
 *
 * SPDX-License-Identifier: MIT
 */
#include "commands.h"
#include "rows.h"
#include "view.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { BEFORE = 6, AFTER = 2, MOST_TEXT = 400, MOST_NAME = 48, MOST_LEFT = 32 };

/* ---- the promises ---- */

enum promise { NEST, LINES, CYCLES, IMPORTS, NAMES, PROMISES };

static const char *const promises[PROMISES] = {
    "entries and returns nest, on each thread",
    "lines are in the function that runs",
    "each gc__start has its gc__done, on the same thread",
    "imports nest, and each start has its done",
    "names are readable: UTF-8, and not empty",
};

struct verdict {
    uint64_t judged, broken;
    char *why;     /* the first break */
    char *context; /* the events around it; allocated */
    char *earlier; /* an event that may be the cause, or NULL; allocated */
    size_t after;  /* events that are still to be added */
    const struct thread *thread;
};

/* ---- threads ---- */

/* Of a function, or of a module. */
struct frame {
    char *file, *name;
    uint64_t address; /* of a function's frame; 0: not known */
};

struct frames {
    struct frame *items;
    size_t count;
};

/* An event, to be shown later: strings do not stay. */
struct recent {
    const struct recorded_marker *marker;
    int64_t since;
    uint64_t numbers[MAX_ARGUMENTS];
    char names[MAX_ARGUMENTS][MOST_NAME + 1];
};

struct thread {
    uint32_t pid, tid;
    bool is_late;        /* its calls may have begun before */
    struct frames calls; /* that go on */
    struct frames imports;
    bool collects;
    struct recent recent[BEFORE]; /* a ring of its last events */
    uint64_t events;
    /* Its first return with another name, and of each function the latest after
       which none ran. */
    struct recent renamed, left[MOST_LEFT];
};

struct verification {
    struct verdict verdicts[PROMISES];
    struct thread **threads;
    size_t count;
    const struct recorded_process *first;
    bool is_paused, was_paused;
    uint64_t events, renamed, open, cut;
};

/* Whether functions may run there whose entries are not recorded. */
static bool may_run(const struct verification *verification,
                    const struct event *event)
{
    return verification->was_paused || event->process != verification->first ||
           (event->process != NULL && event->process->was_running);
}

static struct thread *thread_of(struct verification *verification,
                                const struct event *event)
{
    struct thread *thread;
    size_t i;

    for (i = verification->count; i-- > 0;) {
        thread = verification->threads[i];
        if (thread->tid == event->tid && thread->pid == event->pid) {
            thread->is_late |= may_run(verification, event);
            return thread;
        }
    }
    if (verification->first == NULL)
        verification->first = event->process;
    thread = allocate(1, sizeof(*thread));
    thread->pid = event->pid;
    thread->tid = event->tid;
    /* (A child by fork has its parent's calls.) */
    thread->is_late = may_run(verification, event);
    verification->threads =
        grown(verification->threads, verification->count, sizeof(thread));
    verification->threads[verification->count++] = thread;
    return thread;
}

static void push(struct frames *frames, const struct frame *frame)
{
    frames->items = grown(frames->items, frames->count, sizeof(*frame));
    frames->items[frames->count++] = *frame;
}

static void pop(struct frames *frames)
{
    struct frame *gone = &frames->items[--frames->count];

    free(gone->file);
    free(gone->name);
}

static struct frame *innermost(const struct frames *frames)
{
    return frames->count != 0 ? &frames->items[frames->count - 1] : NULL;
}

static void forget(struct frames *frames)
{
    while (frames->count != 0)
        pop(frames);
}

/* What it does is not known any more. */
static void begin_anew(struct thread *thread)
{
    forget(&thread->calls);
    forget(&thread->imports);
    thread->collects = false;
    thread->is_late = true;
}

static bool is_text(const struct value *value, const char *text)
{
    return value->string == NULL ||
           (value->string->kept == strlen(text) &&
            memcmp(value->string->text, text, value->string->kept) == 0);
}

static char *text_of(const struct value *value)
{
    if (value->string == NULL)
        return formatted("?");
    return formatted("%.*s", (int)value->string->kept, value->string->text);
}

/* ---- what is shown of an event ---- */

static void put(char *text, size_t *length, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put(char *text, size_t *length, const char *format, ...)
{
    va_list arguments;
    int added;

    va_start(arguments, format);
    added = vsnprintf(text + *length, MOST_TEXT - *length, format, arguments);
    va_end(arguments);
    if (added > 0)
        *length += (size_t)added;
    if (*length >= MOST_TEXT)
        *length = MOST_TEXT - 1;
}

static void keep(struct recent *recent, const struct event *event)
{
    size_t i;

    recent->marker = event->marker;
    recent->since = event->since;
    for (i = 0; i < event->marker->count; i++) {
        const struct string *string = event->values[i].string;
        size_t size = string == NULL             ? 0
                      : string->kept < MOST_NAME ? string->kept
                                                 : MOST_NAME;

        recent->numbers[i] = event->values[i].number;
        if (size != 0)
            memcpy(recent->names[i], string->text, size);
        recent->names[i][size] = '\0';
    }
}

static void describe(const struct recent *recent, char *text)
{
    const struct recorded_marker *marker = recent->marker;
    size_t length = 0;
    size_t i;

    put(text, &length, "%.6f %s(", (double)recent->since / 1e9, marker->name);
    for (i = 0; i < marker->count; i++) {
        if (i != 0)
            put(text, &length, ", ");
        if (marker->arguments[i].kind == ARGUMENT_STRING) {
            char *shown = printable(recent->names[i], MOST_NAME);

            put(text, &length, "\"%s\"", shown);
            free(shown);
        } else if (marker->arguments[i].kind == ARGUMENT_SIGNED) {
            put(text, &length, "%" PRId64, (int64_t)recent->numbers[i]);
        } else {
            put(text, &length, "0x%" PRIx64, recent->numbers[i]);
        }
    }
    put(text, &length, ")");
}

/* ---- breaks ---- */

static void append(char **text, const char *mark, const struct recent *recent)
{
    char line[MOST_TEXT];
    char *longer;

    describe(recent, line);
    longer = formatted("%s    %s %s\n", *text, mark, line);

    free(*text);
    *text = longer;
}

static void break_promise(struct verification *verification,
                          enum promise promise, const struct thread *thread,
                          const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The event that breaks it is the thread's last. */
static void break_promise(struct verification *verification,
                          enum promise promise, const struct thread *thread,
                          const char *format, ...)
{
    struct verdict *verdict = &verification->verdicts[promise];
    uint64_t first = thread->events > BEFORE ? thread->events - BEFORE : 0;
    char text[512];
    va_list arguments;
    uint64_t i;

    if (verdict->broken++ != 0)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    verdict->why = printable(text, sizeof(text));
    verdict->thread = thread;
    verdict->context = formatted("%s", "");
    verdict->after = AFTER;
    for (i = first; i < thread->events; i++)
        append(&verdict->context, i + 1 == thread->events ? ">" : " ",
               &thread->recent[i % BEFORE]);
}

static void show_what_follows(struct verification *verification,
                              const struct thread *thread)
{
    size_t i;

    for (i = 0; i < PROMISES; i++) {
        struct verdict *verdict = &verification->verdicts[i];

        if (verdict->thread != thread || verdict->after == 0)
            continue;
        verdict->after--;
        append(&verdict->context, " ",
               &thread->recent[(thread->events - 1) % BEFORE]);
    }
}

static struct recent *latest(struct thread *thread)
{
    return &thread->recent[(thread->events - 1) % BEFORE];
}

/* Where a return of the latest event's function is, or can be, kept. */
static struct recent *left_of(struct thread *thread)
{
    const struct recent *now = latest(thread);
    size_t i;

    for (i = 0; i < MOST_LEFT && thread->left[i].marker != NULL; i++)
        if (strcmp(thread->left[i].names[0], now->names[0]) == 0 &&
            strcmp(thread->left[i].names[1], now->names[1]) == 0)
            break;
    return i < MOST_LEFT ? &thread->left[i] : NULL;
}

/*
 * A return, and no function runs: some place has returned once too often, or
 * has not entered, maybe long before. Say where that shows first.
 */
static void show_earlier(struct verdict *verdict, struct thread *thread)
{
    const struct recent *left = left_of(thread);
    bool is_renamed = thread->renamed.marker != NULL;
    const struct recent *earlier = is_renamed ? &thread->renamed : left;
    char line[MOST_TEXT];

    if (verdict->broken != 1 || earlier == NULL || earlier->marker == NULL)
        return;
    describe(earlier, line);
    verdict->earlier = formatted(
        "%s:\n      %s\n",
        is_renamed
            ? "the thread's first return with another name than its entry's"
            : "the function had returned, and was not entered again",
        line);
}

/* ---- judging ---- */

static bool has_shape(const struct recorded_marker *marker, const char *shape)
{
    size_t i;

    for (i = 0; shape[i] != '\0'; i++)
        if (i >= marker->count ||
            (shape[i] == 's') != (marker->arguments[i].kind == ARGUMENT_STRING))
            return false;
    return true;
}

static uint64_t address_of(const struct event *event)
{
    const struct recorded_marker *marker = event->marker;

    return marker->count > 3 && marker->arguments[3].kind != ARGUMENT_STRING &&
                   marker->arguments[3].is_wide
               ? event->values[3].number
               : 0;
}

/* Whether a function below the innermost one has the event's names. */
static bool is_of_caller(const struct frames *calls, const struct event *event)
{
    size_t i;

    for (i = 0; i + 1 < calls->count; i++)
        if (is_text(&event->values[0], calls->items[i].file) &&
            is_text(&event->values[1], calls->items[i].name))
            return true;
    return false;
}

static void judge_return(struct verification *verification,
                         struct thread *thread, const struct event *event)
{
    struct frame *call = innermost(&thread->calls);
    uint64_t address = address_of(event);
    struct recent *left;
    bool same_file, same_name;

    if (call == NULL) {
        if (!thread->is_late) {
            break_promise(verification, NEST, thread,
                          "a return, and no function runs");
            show_earlier(&verification->verdicts[NEST], thread);
        }
        return;
    }
    same_file = is_text(&event->values[0], call->file);
    same_name = is_text(&event->values[1], call->name);
    if (address != 0 && call->address != 0 && address != call->address)
        break_promise(verification, NEST, thread,
                      "a return from frame 0x%" PRIx64 ", and %s (%s) runs, "
                      "in frame 0x%" PRIx64,
                      address, call->name, call->file, call->address);
    else if (!same_file)
        break_promise(verification, NEST, thread,
                      "a return from another function than %s (%s), which "
                      "runs",
                      call->name, call->file);
    else if (!same_name && (address == 0 || call->address == 0) &&
             is_of_caller(&thread->calls, event))
        break_promise(verification, NEST, thread,
                      "a return from a function that has called %s (%s), "
                      "which runs and has not returned",
                      call->name, call->file);
    else if (!same_name) {
        verification->renamed++;
        if (thread->renamed.marker == NULL)
            thread->renamed = *latest(thread);
    }
    pop(&thread->calls);
    left = thread->calls.count == 0 ? left_of(thread) : NULL;
    if (left != NULL)
        *left = *latest(thread);
}

static void judge_line(struct verification *verification,
                       const struct thread *thread, const struct event *event)
{
    const struct frame *call = innermost(&thread->calls);

    if (call == NULL) {
        if (!thread->is_late)
            break_promise(verification, LINES, thread,
                          "a line, and no function runs");
    } else if (!is_text(&event->values[0], call->file)) {
        break_promise(verification, LINES, thread,
                      "a line of another file, and %s (%s) runs", call->name,
                      call->file);
    } else if (!is_text(&event->values[1], call->name)) {
        verification->renamed++;
    }
}

static void judge_cycle(struct verification *verification,
                        struct thread *thread, bool starts)
{
    if (starts && thread->collects)
        break_promise(verification, CYCLES, thread,
                      "a gc__start, and the one before has no gc__done");
    else if (!starts && !thread->collects && !thread->is_late)
        break_promise(verification, CYCLES, thread,
                      "a gc__done, and no collection runs");
    thread->collects = starts;
}

static void judge_import_done(struct verification *verification,
                              struct thread *thread, const struct event *event)
{
    struct frame *module = innermost(&thread->imports);

    if (module == NULL) {
        if (!thread->is_late)
            break_promise(verification, IMPORTS, thread,
                          "a done, and nothing is being imported");
        return;
    }
    if (!is_text(&event->values[0], module->name))
        break_promise(verification, IMPORTS, thread,
                      "a done of another module than %s, the last to start",
                      module->name);
    pop(&thread->imports);
}

/* Names are all strings, whatever the marker. */
static void judge_names(struct verification *verification,
                        const struct thread *thread, const struct event *event)
{
    size_t i, at;

    for (i = 0; i < event->marker->count; i++) {
        const struct string *string = event->values[i].string;

        if (event->marker->arguments[i].kind != ARGUMENT_STRING ||
            string == NULL)
            continue;
        verification->verdicts[NAMES].judged++;
        if (string->whole == 0)
            break_promise(verification, NAMES, thread,
                          "%s is empty: the host passed \"\" or NULL",
                          event->marker->arguments[i].name);
        verification->cut += string->kept < string->whole;
        for (at = 0; !string->is_plain && at < string->kept;) {
            size_t length = utf8_length(string->text + at, string->kept - at);

            /* (Cut in the middle of a character?) */
            if (length == 0 && string->kept < string->whole &&
                string->kept - at < 4)
                break;
            if (length == 0) {
                break_promise(verification, NAMES, thread,
                              "%s has the byte 0x%02x, which is no UTF-8, or a "
                              "control character",
                              event->marker->arguments[i].name,
                              (unsigned char)string->text[at]);
                break;
            }
            at += length;
        }
    }
}

static void judge(struct verification *verification, struct thread *thread,
                  const struct event *event)
{
    struct verdict *verdicts = verification->verdicts;
    const struct recorded_marker *marker = event->marker;
    struct frame frame = {0};

    keep(&thread->recent[thread->events++ % BEFORE], event);
    show_what_follows(verification, thread);
    judge_names(verification, thread, event);
    if (verification->is_paused || event->is_partial)
        return; /* an entry comes without its return, and so on */
    if (strcmp(marker->name, "function__entry") == 0 &&
        has_shape(marker, "ssi")) {
        verdicts[NEST].judged++;
        frame.file = text_of(&event->values[0]);
        frame.name = text_of(&event->values[1]);
        frame.address = address_of(event);
        push(&thread->calls, &frame);
    } else if (strcmp(marker->name, "function__return") == 0 &&
               has_shape(marker, "ssi")) {
        verdicts[NEST].judged++;
        judge_return(verification, thread, event);
    } else if (strcmp(marker->name, "line") == 0 && has_shape(marker, "ssi")) {
        verdicts[LINES].judged++;
        judge_line(verification, thread, event);
    } else if (strcmp(marker->name, "gc__start") == 0 ||
               strcmp(marker->name, "gc__done") == 0) {
        verdicts[CYCLES].judged++;
        judge_cycle(verification, thread,
                    strcmp(marker->name, "gc__start") == 0);
    } else if (strcmp(marker->name, "import__find__load__start") == 0 &&
               has_shape(marker, "s")) {
        verdicts[IMPORTS].judged++;
        frame.name = text_of(&event->values[0]);
        push(&thread->imports, &frame);
    } else if (strcmp(marker->name, "import__find__load__done") == 0 &&
               has_shape(marker, "s")) {
        verdicts[IMPORTS].judged++;
        judge_import_done(verification, thread, event);
    }
}

static void take_event(struct verification *verification,
                       const struct event *event)
{
    size_t i;

    if (event->kind == EVENT_MARKER) {
        verification->events++;
        judge(verification, thread_of(verification, event), event);
    } else if (event->kind == EVENT_LOST && event->tid != 0) {
        begin_anew(thread_of(verification, event));
    } else if (event->kind == EVENT_PAUSE) {
        verification->is_paused = event->paused == 0;
        verification->was_paused = true;
        for (i = 0; i < verification->count; i++)
            begin_anew(verification->threads[i]);
    }
}

/* ---- the report ---- */

static void print_text(struct out *out, const struct verification *verification)
{
    size_t i;

    for (i = 0; i < PROMISES; i++) {
        const struct verdict *verdict = &verification->verdicts[i];
        char *judged = count_text(verdict->judged);
        char *broken = count_text(verdict->broken);
        char *line;

        if (verdict->judged == 0)
            line = formatted("not seen  %s\n", promises[i]);
        else if (verdict->broken == 0)
            line = formatted("kept      %s (%s)\n", promises[i], judged);
        else
            line = formatted("BROKEN    %s (%s of %s)\n", promises[i], broken,
                             judged);
        out_text(out, line);
        free(line);
        free(judged);
        free(broken);
        if (verdict->broken == 0)
            continue;
        line = formatted("  first, in process %u, thread %u: %s\n%s",
                         verdict->thread->pid, verdict->thread->tid,
                         verdict->why, verdict->context);
        out_text(out, line);
        free(line);
        if (verdict->earlier != NULL) {
            out_text(out, "  ");
            out_text(out, verdict->earlier);
        }
    }
}

static void print_json(struct out *out, const struct verification *verification,
                       uint64_t lost)
{
    size_t i;

    out_text(out, "{\"promises\":[");
    for (i = 0; i < PROMISES; i++) {
        const struct verdict *verdict = &verification->verdicts[i];

        out_text(out, i != 0 ? ",\n{\"promise\":" : "\n{\"promise\":");
        out_json(out, promises[i], strlen(promises[i]));
        out_text(out, ",\"judged\":");
        out_number(out, verdict->judged);
        out_text(out, ",\"broken\":");
        out_number(out, verdict->broken);
        if (verdict->broken != 0) {
            out_text(out, ",\"first\":");
            out_json(out, verdict->why, strlen(verdict->why));
            out_text(out, ",\"events\":");
            out_json(out, verdict->context, strlen(verdict->context));
            if (verdict->earlier != NULL) {
                out_text(out, ",\"earlier\":");
                out_json(out, verdict->earlier, strlen(verdict->earlier));
            }
        }
        out_char(out, '}');
    }
    out_text(out, "\n],\"lost\":");
    out_number(out, lost);
    out_text(out, "}\n");
}

static void note(uint64_t count, const char *one, const char *many)
{
    char *number = count_text(count);

    if (count != 0)
        fprintf(stderr, PROGRAM " verify: %s %s\n", number,
                count == 1 ? one : many);
    free(number);
}

static void print_notes(const struct verification *verification)
{
    note(verification->renamed,
         "time a function had another name than at its entry; it may have "
         "been renamed",
         "times a function had another name than at its entry; it may have "
         "been renamed");
    note(verification->open,
         "call, collection or import went on at the end; a process may end "
         "within it",
         "calls, collections or imports went on at the end; a process may end "
         "within them");
    note(verification->cut, "name was longer than 4096 bytes, and was cut",
         "names were longer than 4096 bytes, and were cut");
}

static void free_threads(struct verification *verification)
{
    size_t i;

    for (i = 0; i < verification->count; i++) {
        struct thread *thread = verification->threads[i];

        verification->open +=
            thread->calls.count + thread->imports.count + thread->collects;
        forget(&thread->calls);
        forget(&thread->imports);
        free(thread->calls.items);
        free(thread->imports.items);
    }
}

static int show(struct view_run *run)
{
    struct verification verification = {0};
    struct reader *reader = view_begin(run, 0);
    const struct event *event;
    int status = ALL_WELL, end_status;
    uint64_t lost;
    bool has_gaps;
    size_t i;

    if (reader == NULL)
        return UNREADABLE;
    while ((event = reader_next(reader)) != NULL)
        take_event(&verification, event);
    lost = reader_count(reader)->lost;
    has_gaps = lost != 0 || reader_count(reader)->paused != 0;
    for (i = 0; i < PROMISES; i++)
        if (verification.verdicts[i].broken != 0)
            status = FALLS_SHORT;
    free_threads(&verification);
    if (run->json)
        print_json(&run->out, &verification, lost);
    else
        print_text(&run->out, &verification);
    out_flush(&run->out);
    print_notes(&verification);
    end_status = view_end(run, 0, reader);
    if (has_gaps || verification.events == 0)
        fputs(has_gaps ? PROGRAM " verify: where events are missing, nothing "
                                 "was verified\n"
                       : PROGRAM " verify: no marker fired: nothing was "
                                 "verified\n",
              stderr);
    /* (A promise that is broken is so, whatever is missing elsewhere.) */
    if (status == ALL_WELL && (has_gaps || verification.events == 0))
        return UNREADABLE;
    return status > end_status ? status : end_status;
}

int verify_main(int argc, char **argv)
{
    static const struct view view = {
        .name = "verify",
        .what = "For the author of a host: check that what it fires keeps the "
                "promises of\nthe markers. Exit status 1: a promise is broken.",
        .options_help = "",
        .has_json = true,
        .show = show};

    return view_main(&view, argc, argv);
}
