/*
 * top.c - pytrace top: what a program does now. The manual page is
 * docs/pytrace.1.in.
 *
 * The recorder runs in a child, and writes into a pipe. The reader calls
 * wait_for_input() before it reads from there: so the screen, the keys and the
 * end of a second are looked at between two pieces of the recording, and there
 * is no other thread.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "top.h"
#include "commands.h"
#include "ticks.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define SECOND UINT64_C(1000000000)

enum {
    MOST_DEPTH = 1000000,
    MOST_COST = 300,
    LEAST_PAIRS = 1000,
    DELAY = 50000000, /* ns that an event is under way to here, at most */
};

static struct out out; /* the standard output, where there is no screen */

/* ---- seconds ---- */

/* Where the recording has come: ns since its first event. */
static int64_t time_now(const struct top *top)
{
    struct pollfd pipe = {top->pipe, POLLIN, 0};

    int64_t now;

    if (!top->has_event)
        return 0;
    /* (What waits in the pipe has not been seen yet.) */
    if (top->has_ended || poll(&pipe, 1, 0) > 0)
        return top->latest;
    now = (int64_t)(monotonic_now() - top->first_mono) - DELAY;
    return now > top->latest ? now : top->latest;
}

static void begin_stacks(struct top *top)
{
    if (top->stacks != NULL) {
        screen_forget();
        table_forget(top);
        stacks_free(top->stacks);
    }
    top->stacks = stacks_new(0, NULL, NULL);
    if (top->has_cost)
        stacks_set_cost(top->stacks, top->cost);
}

static void show(struct top *top)
{
    table_choose(top);
    if (top->is_screen)
        screen_show(top);
    else
        text_show(top, &out);
}

static void tick(struct top *top)
{
    bool is_good = table_tick(top, time_now(top));

    if (!top->has_cost && top->pairs.count >= LEAST_PAIRS) {
        uint64_t cost = histogram_quantile(&top->pairs, 0.01);

        top->has_cost = true;
        top->cost = cost < MOST_COST ? (double)cost : MOST_COST;
        stacks_set_cost(top->stacks, top->cost);
    }
    if (!screen_is_frozen(top))
        show(top);
    if (!is_good) {
        top->is_anew = true;
        begin_stacks(top);
    }
}

/* ---- the recording ---- */

static volatile sig_atomic_t is_signalled;

static void on_signal(int number)
{
    (void)number;
    is_signalled = 1;
}

/* The children of the recorder: the command. */
static void end_command(pid_t recorder)
{
    char path[64], text[512] = "";
    const char *at = text;
    FILE *file;
    char *end;
    long pid;

    snprintf(path, sizeof(path), "/proc/%ld/task/%ld/children", (long)recorder,
             (long)recorder);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    while ((pid = strtol(at, &end, 10)) > 0 && end != at) {
        kill((pid_t)pid, SIGTERM);
        at = end;
    }
}

/* The rest of the recording is still read: the recorder says how it ended. */
static void end(struct top *top)
{
    if (top->is_over)
        return;
    top->is_over = true;
    if (top->has_ended)
        return;
    top->is_asked = true;
    if (top->capture.command != NULL)
        end_command(top->recorder);
    kill(top->recorder, SIGTERM);
}

/* A moment for all but the recording; true: there is some more of it. */
static bool wait_a_moment(struct top *top)
{
    struct pollfd polled[] = {{top->has_ended ? -1 : top->pipe, POLLIN, 0},
                              {top->is_screen ? STDIN_FILENO : -1, POLLIN, 0}};
    uint64_t now = monotonic_now();
    bool is_interrupted;

    if (now >= top->next && !top->has_ended) {
        tick(top);
        top->next += SECOND;
        if (top->next < now)
            top->next = now + SECOND;
    }
    is_interrupted =
        poll(polled, 2,
             top->has_ended ? -1 : (int)((top->next - now) / 1000000) + 1) < 0;
    if (is_signalled)
        end(top);
    else if (top->is_screen && (is_interrupted || polled[1].revents != 0) &&
             !screen_keys(top))
        end(top);
    return polled[0].revents != 0;
}

static void wait_for_input(void *data)
{
    struct top *top = data;

    while (!top->is_over && !wait_a_moment(top))
        ;
}

/* The time between two events of one thread. */
static void count_pair(struct top *top, const struct event *event)
{
    static uint32_t last_tid;
    int64_t passed = event->since - top->latest;

    if (event->tid == last_tid && passed > 0)
        histogram_add(&top->pairs, (uint64_t)passed);
    last_tid = event->tid;
}

static void take_event(struct top *top, const struct event *event)
{
    const struct lane *lane = stacks_event(top->stacks, event);

    if (event->kind == EVENT_PROCESS) {
        size_t i = 0;

        while (i < top->process_count && top->processes[i] != event->process)
            i++;
        if (i == top->process_count) {
            top->processes = grown(top->processes, i, sizeof(event->process));
            top->processes[top->process_count++] = event->process;
        }
    }
    if (event->kind == EVENT_PAUSE) {
        top->is_paused = event->paused == 0;
        top->paused_at = event->since;
    }
    if (event->kind != EVENT_MARKER)
        return;
    if (!top->has_event) {
        struct moment moment = moment_now();

        top->has_event = true;
        top->first_mono =
            moment.monotonic - (moment.real - (uint64_t)event->wall);
        top->next = monotonic_now() + SECOND;
    }
    if (!top->has_cost)
        count_pair(top, event);
    if (event->since > top->latest)
        top->latest = event->since;
    if (lane != NULL && lane->depth > MOST_DEPTH) {
        top->is_anew = true;
        begin_stacks(top);
    }
}

/* ---- the beginning ---- */

static int complain(const char *what, const char *why)
{
    fputs(PROGRAM " top: ", stderr);
    if (*what != '\0') {
        print_printable(stderr, what);
        fputs(": ", stderr);
    }
    print_printable(stderr, why);
    fputc('\n', stderr);
    return UNREADABLE;
}

/* Beside a screen: for what the command and the recorder write. */
static bool open_output(struct top *top)
{
    const char *directory = getenv("TMPDIR");

    top->output_name = formatted(
        "%s/pytrace.top.XXXXXX",
        directory != NULL && *directory != '\0' ? directory : P_tmpdir);
    top->output = mkostemp(top->output_name, O_CLOEXEC | O_APPEND);
    if (top->output < 0)
        complain(top->output_name, strerror(errno));
    return top->output >= 0;
}

/* With a screen, neither the recorder nor the command has the terminal. */
static bool start(struct top *top)
{
    int kept[3] = {-1, -1, -1};
    int ends[2], nothing, i;

    if (pipe2(ends, O_CLOEXEC) != 0)
        return complain("", strerror(errno)), false;
    fcntl(ends[0], F_SETPIPE_SZ, 1 << 20); /* (it may not; then it is slower) */
    top->pipe = top->capture.unread = ends[0];
    if (top->is_screen) {
        for (i = 0; i < 3; i++)
            kept[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
        nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
        dup2(nothing, 0);
        close(nothing);
        dup2(top->output, 1);
        dup2(top->output, 2);
    }
    top->recorder = capture_start(&top->capture, ends[1]);
    close(ends[1]);
    for (i = 0; i < 3; i++)
        if (kept[i] >= 0) {
            dup2(kept[i], i);
            close(kept[i]);
        }
    return true;
}

static void begin_screen(void)
{
    struct sigaction action = {.sa_handler = on_signal};

    /* The terminal is to be as it was when this ends. */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    sigaction(SIGQUIT, &action, NULL);
    screen_begin();
}

/* ---- the end ---- */

/*
 * What was written beside the screen: a command's output stays in its file, and
 * messages are for the terminal.
 */
static void close_output(const struct top *top, bool has_begun)
{
    struct stat file;
    char bytes[4096];
    ssize_t count;

    if (top->output < 0)
        return;
    if (!has_begun || top->capture.command == NULL) {
        lseek(top->output, 0, SEEK_SET);
        while ((count = read(top->output, bytes, sizeof(bytes))) > 0)
            fwrite(bytes, 1, (size_t)count, stderr);
        unlink(top->output_name);
    } else if (fstat(top->output, &file) == 0 && file.st_size > 0) {
        fputs(PROGRAM " top: what was written meanwhile is in ", stderr);
        print_printable(stderr, top->output_name);
        fputc('\n', stderr);
    } else {
        unlink(top->output_name);
    }
    close(top->output);
}

static void tell_wrong(const struct top *top)
{
    const struct sentences *wrong = reader_wrong(top->reader);
    size_t i;

    for (i = 0; i < wrong->count; i++)
        complain("the recording", wrong->text[i]);
    if (top->is_anew)
        complain("", "there were too many different stacks: the times since "
                     "the beginning are since the last time it began anew");
}

/* The recorder's own status; where it was asked to end, that is all well. */
static int status_of(const struct top *top)
{
    int status = capture_wait(top->recorder);

    return top->is_asked && status != UNREADABLE ? ALL_WELL : status;
}

/* Whether there is more to show than after the last second. */
static bool has_news(const struct top *top)
{
    return top->is_screen || top->rows == NULL ||
           reader_count(top->reader)->events != top->events_before;
}

static int run(struct top *top)
{
    const struct event *event;
    struct reason reason;

    if ((top->is_screen && !open_output(top)) || !start(top))
        return UNREADABLE;
    top->reader = reader_open(top->pipe, wait_for_input, top, &reason);
    if (top->reader == NULL) { /* the recorder says why */
        close_output(top, false);
        return status_of(top);
    }
    begin_stacks(top);
    top->next = monotonic_now() + SECOND;
    if (top->is_screen)
        begin_screen();
    if (top->is_screen)
        show(top);
    while ((event = reader_next(top->reader)) != NULL)
        take_event(top, event);
    top->has_ended = true;
    if (!top->is_over) {
        /* (Without a process there are only messages, for the terminal.) */
        if (has_news(top) && top->process_count != 0)
            tick(top);
        while (top->is_screen && !top->is_over && top->process_count != 0)
            wait_a_moment(top);
    }
    if (top->is_screen)
        screen_end();
    else
        out_end(&out);
    tell_wrong(top);
    close_output(top, top->process_count != 0);
    return status_of(top);
}

/* ---- the command line ---- */

static int help(void)
{
    fputs("Usage: " PROGRAM " top [OPTION...] -p PID...\n"
          "       " PROGRAM " top [OPTION...] -- COMMAND [ARGUMENT...]\n"
          "\n"
          "Show each second which functions take the time, the most expensive "
          "first:\non the whole screen, where ? lists the keys; without a "
          "terminal, one table\neach second.\n\n"
          "  -p PID      this process; can be repeated\n"
          "  -d SECONDS  so long\n"
          "  --follow    the children, too, that are started meanwhile\n"
          "  --max-overhead PERCENT\n"
          "              record in bursts, so that it takes no more of the "
          "program's\n"
          "              time (default: 5)\n"
          "  --json      an object of JSON each second, in place of tables\n"
          "  --help      print this\n"
          "\n"
          "For a recording, " PROGRAM
          " time FILE shows one table of all of it.\n"
          "\n"
          "Exit status: 0 all was shown, 1 some events are missing, 2 nothing "
          "was\nshown; with a command that has ended, the command's own.\n",
          stdout);
    return fflush(stdout) != 0 ? UNREADABLE : ALL_WELL;
}

enum { HELP = 256, JSON, FOLLOW, MAX_OVERHEAD };

static bool check(const struct top *top, int argc, char **argv)
{
    if (optind < argc)
        return wrong_usage("top",
                           "this shows what runs; of a recording, " PROGRAM
                           " time FILE shows one table: ",
                           argv[optind]);
    return top->capture.pid_count != 0 || top->capture.command != NULL ||
           wrong_usage("top", "name a process with -p, or a command behind --",
                       "");
}

static bool parse(struct top *top, int argc, char **argv, bool *is_help)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, HELP},
        {"json", no_argument, NULL, JSON},
        {"follow", no_argument, NULL, FOLLOW},
        {"max-overhead", required_argument, NULL, MAX_OVERHEAD},
        {NULL, 0, NULL, 0}};
    bool good = true;
    int end, option;

    for (end = 1; end < argc && strcmp(argv[end], "--") != 0;)
        end++;
    if (end + 1 < argc)
        top->capture.command = argv + end + 1;
    while (good &&
           (option = getopt_long(end, argv, "p:d:", options, NULL)) != -1)
        switch (option) {
        case 'p': good = capture_parse_pid(&top->capture, optarg, "top"); break;
        case 'd':
            good = capture_parse_seconds(&top->capture, optarg, "top");
            break;
        case MAX_OVERHEAD:
            good = capture_parse_overhead(&top->capture, optarg, "top");
            break;
        case JSON: top->json = true; break;
        case FOLLOW: top->capture.follow = true; break;
        case HELP: *is_help = true; return true;
        default:
            good = wrong_usage("top", "this command line is wrong", "");
            break;
        }
    return good && check(top, end, argv);
}

int top_main(int argc, char **argv)
{
    static const char *markers[] = {"function__entry", "function__return"};
    static struct top top = {.output = -1};
    struct reason reason;
    bool is_help = false;

    signal(SIGPIPE, SIG_DFL);
    capture_init(&top.capture);
    top.capture.markers = markers;
    top.capture.marker_count = 2;
    top.capture.is_partial = true;
    top.capture.max_overhead = 5;
    if (!parse(&top, argc, argv, &is_help))
        return UNREADABLE;
    if (is_help)
        return help();
    top.is_screen = !top.json && isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    if (top.is_screen && !screen_is_possible(&reason)) {
        complain("one table each second", reason.text);
        top.is_screen = false;
    }
    out_begin(&out, STDOUT_FILENO);
    return run(&top);
}
