/*
 * exporter.c - pytrace export: its command line, and the loop that looks at
 * each process when its time has come. The manual page is docs/pytrace.1.in.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "exporter.h"
#include "capture.h"
#include "commands.h"
#include "ticks.h"

#include <getopt.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static const char default_address[] = "127.0.0.1:9929";

enum {
    RING_BYTES = 256 << 10,
    MOST_ENDED = 512, /* processes that have ended, and are still shown */
    MOST_FUNCTIONS = 1000,
};
static const uint64_t shown_after_end = 60 * SECOND, yielded = 60 * SECOND;
static const uint64_t files_kept = 600 * SECOND; /* that no process has */
static const uint64_t between_files = 5 * SECOND;
static const uint64_t between_beats = 50 * MILLISECOND, longest_sleep = SECOND;

static struct exporter exporter;

static int complain(const char *what, const char *why)
{
    fputs(PROGRAM " export: ", stderr);
    print_printable(stderr, what);
    print_printable(stderr, why);
    fputc('\n', stderr);
    return UNREADABLE;
}

/* ---- signals ---- */

static volatile sig_atomic_t is_asked_to_end, is_asked_to_yield;
static sigset_t unblocked;

static void on_signal(int number)
{
    if (number == SIGUSR1)
        is_asked_to_yield = 1;
    else
        is_asked_to_end = 1;
}

/* They come while the loop sleeps, and to no other thread. */
static void set_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t signals;
    size_t i;

    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&signals);
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&signals, numbers[i]);
    pthread_sigmask(SIG_BLOCK, &signals, &unblocked);
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        sigdelset(&unblocked, numbers[i]);
        sigaction(numbers[i], &action, NULL);
    }
}

/* ---- the file ---- */

/* (A disk may be slow: the measures can be asked for meanwhile.) */
static bool write_file(struct reason *reason)
{
    char *text;
    size_t size;
    bool is_good;

    pthread_mutex_lock(&exporter.mutex);
    text = exporter_text(&exporter, FORM_FILE, &size);
    pthread_mutex_unlock(&exporter.mutex);
    is_good = output_write(&exporter.output, text, size, reason);
    free(text);
    return is_good;
}

/* A fault is told once, until it is over. */
static void write_now_and_then(uint64_t now)
{
    static uint64_t next;
    static bool is_told;
    struct reason reason;

    if (exporter.output.path == NULL || now < next)
        return;
    next = now + between_files;
    if (write_file(&reason)) {
        is_told = false;
    } else if (!is_told) {
        complain(exporter.output.path, reason.text);
        is_told = true;
    }
}

/* ---- processes that end ---- */

static void drop_oldest(void)
{
    recorded_free(exporter.ended[0]);
    exporter.ended_count--;
    memmove(exporter.ended, exporter.ended + 1,
            exporter.ended_count * sizeof(struct recorded *));
}

/* Its measures are shown for a while, so that each scrape has the last ones. */
static void end(size_t i, uint64_t now)
{
    struct recorded *recorded = exporter.recorded[i];

    find_lost(&exporter, recorded, now);
    recorded_end(&exporter, recorded, now);
    exporter.recorded[i] = exporter.recorded[--exporter.recorded_count];
    exporter.all_ended++;
    if (exporter.ended_count == MOST_ENDED)
        drop_oldest();
    exporter.ended =
        grown(exporter.ended, exporter.ended_count, sizeof(struct recorded *));
    exporter.ended[exporter.ended_count++] = recorded;
}

static void end_one(const struct recorded *recorded, uint64_t now)
{
    size_t i;

    for (i = 0; i < exporter.recorded_count; i++)
        if (exporter.recorded[i] == recorded) {
            end(i, now);
            return;
        }
}

/* Another recorder gets its turn: those that are there are left for a while. */
static void yield_all(uint64_t now)
{
    size_t i;

    while (exporter.recorded_count != 0) {
        exporter.recorded[exporter.recorded_count - 1]->is_yielded = true;
        end(exporter.recorded_count - 1, now);
    }
    for (i = 0; i < exporter.count; i++)
        exporter.candidates[i].next = now + yielded;
    exporter.next_look = now + yielded;
}

/* ---- the loop ---- */

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static void read_clock(uint64_t now)
{
    static uint64_t next;
    struct moment moment;
    struct reading reading;

    if (now < next)
        return;
    next = now + SECOND;
    moment = moment_now();
    reading = (struct reading){ticks_are_counted(), moment.ticks,
                               moment.monotonic, moment.real};
    clock_read(&exporter.clock, &reading);
}

/*
 * Returns when the next process is to be looked at. The one that had the last
 * burst is looked at last: bursts go round.
 */
static uint64_t look_at_recorded(uint64_t now)
{
    static uint64_t beaten;
    static size_t turn;
    bool is_beat = now - beaten >= between_beats;
    uint64_t next = now + longest_sleep;
    size_t count = exporter.recorded_count, first = turn, i;

    if (is_beat)
        beaten = now;
    exporter.young = 0;
    for (i = 1; i <= count && exporter.recorded_count != 0; i++) {
        size_t at = (first + i) % exporter.recorded_count;
        struct recorded *recorded = exporter.recorded[at];
        uint64_t burst = exporter.next_burst;

        if (is_beat)
            recorded_beat(recorded);
        if (recorded->next <= now && !recorded_step(&exporter, recorded, now)) {
            end(at, now);
            next = now;
            continue;
        }
        if (exporter.next_burst != burst)
            turn = at;
        exporter.young += recorded_is_young(recorded, now);
        next = sooner(next, recorded->next);
    }
    if (exporter.recorded_count != 0)
        next = sooner(next, beaten + between_beats);
    return next;
}

/* server: or NULL. */
static void wait_until(struct server *server, uint64_t next)
{
    enum { MANY = 64 };
    struct epoll_event events[MANY];
    uint64_t now;
    int timeout, count, i;

    pthread_mutex_unlock(&exporter.mutex);
    write_now_and_then(monotonic_now());
    now = monotonic_now();
    if (server != NULL)
        server_look(server, now);
    timeout = next > now ? (int)((next - now) / MILLISECOND) : 0;
    count = epoll_pwait(exporter.ends, events, MANY, timeout, &unblocked);
    if (timeout == 0) { /* (others may be waiting for the mutex) */
        const struct timespec moment = {0, 200000};

        nanosleep(&moment, NULL);
    }
    pthread_mutex_lock(&exporter.mutex);
    now = monotonic_now();
    for (i = 0; i < count; i++)
        end_one(events[i].data.ptr, now);
}

static void run(struct server *server)
{
    uint64_t next_scan = 0;

    pthread_mutex_lock(&exporter.mutex);
    while (!is_asked_to_end) {
        uint64_t now = monotonic_now(), next;

        read_clock(now);
        if (is_asked_to_yield) {
            is_asked_to_yield = 0;
            yield_all(now);
        }
        if (now >= next_scan) {
            find_scan(&exporter, now);
            hosts_forget(now > files_kept ? now - files_kept : 0,
                         recorded_host_gone);
            next_scan = now + SECOND;
        }
        find_look(&exporter, now);
        find_tell(&exporter, now);
        next = sooner(next_scan, exporter.next_look);
        next = sooner(next, look_at_recorded(now));
        while (exporter.ended_count != 0 &&
               now - exporter.ended[0]->ended >= shown_after_end)
            drop_oldest();
        wait_until(server, next);
    }
    pthread_mutex_unlock(&exporter.mutex);
}

/* ---- from the beginning to the end ---- */

static void begin(void)
{
    const struct timespec moment = {0, 10000000};
    struct rlimit files;

    /* (Each process takes three.) */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    /* Where it may be: programs lose events, or wait, while it comes late. */
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) - 5);
    pthread_mutex_init(&exporter.mutex, NULL);
    exporter.ends = epoll_create1(EPOLL_CLOEXEC);
    exporter.wishes.ring_bytes = RING_BYTES;
    exporter.wishes.check_ticks = ticks_a_second() / 2;
    exporter.wishes.flags = ticks_are_counted() ? PYTRACE__COUNTER : 0;
    /* (Times need two readings.) */
    read_clock(0);
    nanosleep(&moment, NULL);
    read_clock(SECOND);
}

static void finish(void)
{
    uint64_t now = monotonic_now();
    size_t i;

    for (i = 0; i < exporter.recorded_count; i++)
        recorded_release(exporter.recorded[i]);
    while (exporter.recorded_count != 0)
        end(exporter.recorded_count - 1, now);
    if (exporter.output.path != NULL)
        output_remove(&exporter.output);
}

/* ---- the command line ---- */

static int help(void)
{
    fputs("Usage: " PROGRAM " export [OPTION...]\n"
          "\n"
          "Serve measures of all processes with markers that this user may "
          "record, for\nPrometheus, until it is ended: calls and times of "
          "functions, collections,\nimports, events, losses.\n"
          "\n"
          "  --listen ADDRESS:PORT | PORT | unix:PATH\n"
          "                 by HTTP; a PORT alone is on this machine only "
          "(default:\n"
          "                 127.0.0.1:9929, where there is no --output)\n"
          "  --output FILE  into a file, replaced each 5 seconds\n"
          "  --budget PERCENT\n"
          "                 recording takes no more of each process' time "
          "(default: 1)\n"
          "  --functions N  so many functions and modules of each process "
          "(default: 20)\n"
          "  -p PID         this process only; can be repeated\n"
          "  --provider NAME\n"
          "                 processes with this provider only\n"
          "  --user NAME    this user's processes only\n"
          "  --help         print this\n"
          "\n"
          "Exit status: 0 it was asked to end, 2 it could not begin.\n",
          stdout);
    return fflush(stdout) != 0 ? UNREADABLE : ALL_WELL;
}

enum { HELP = 256, LISTEN, OUTPUT, BUDGET, FUNCTIONS, PROVIDER, USER, LAST };

struct command_line {
    const char *address;
    struct capture capture; /* its pids, and the overhead */
    bool is_help;
};

static bool parse_functions(const char *text)
{
    char *end;
    unsigned long count = strtoul(text, &end, 10);

    exporter.functions = count;
    return (*text >= '0' && *text <= '9' && *end == '\0' &&
            count <= MOST_FUNCTIONS) ||
           wrong_usage("export", "not a number from 0 to 1000: ", text);
}

static bool parse_provider(const char *text)
{
    exporter.selection.provider = text;
    return *text != '\0' ||
           wrong_usage("export",
                       "--provider needs the name of one: pytrace ps lists "
                       "those there are",
                       "");
}

static bool parse_user(const char *text)
{
    const struct passwd *user = getpwnam(text);
    char *end;
    unsigned long number = strtoul(text, &end, 10);

    exporter.selection.has_user = true;
    exporter.selection.user =
        user != NULL ? (unsigned)user->pw_uid : (unsigned)number;
    /* (The last number stands for no user.) */
    return user != NULL ||
           (*text >= '0' && *text <= '9' && *end == '\0' &&
            number < (uid_t)-1) ||
           wrong_usage("export", "there is no user ", text);
}

static bool parse(struct command_line *line, int argc, char **argv)
{
    static const struct option options[] = {
        {"help", no_argument, NULL, HELP},
        {"listen", required_argument, NULL, LISTEN},
        {"output", required_argument, NULL, OUTPUT},
        {"budget", required_argument, NULL, BUDGET},
        {"functions", required_argument, NULL, FUNCTIONS},
        {"provider", required_argument, NULL, PROVIDER},
        {"user", required_argument, NULL, USER},
        {NULL, 0, NULL, 0}};
    bool is_given[LAST] = {false};
    bool good = true;
    int option, at;

    while (good &&
           (option = getopt_long(argc, argv, "p:", options, &at)) != -1) {
        if (option >= LISTEN && is_given[option])
            return wrong_usage("export", "an option is given twice: --",
                               options[at].name);
        is_given[option] = true;
        switch (option) {
        case 'p':
            good = capture_parse_pid(&line->capture, optarg, "export");
            break;
        case LISTEN: line->address = optarg; break;
        case OUTPUT: exporter.output.path = optarg; break;
        case BUDGET:
            good = capture_parse_overhead(&line->capture, optarg, "export");
            break;
        case FUNCTIONS: good = parse_functions(optarg); break;
        case PROVIDER: good = parse_provider(optarg); break;
        case USER: good = parse_user(optarg); break;
        case HELP: line->is_help = true; return true;
        default:
            good = wrong_usage("export", "this command line is wrong", "");
            break;
        }
    }
    return good && (optind == argc ||
                    wrong_usage("export",
                                "a process is named with -p: ", argv[optind]));
}

int export_main(int argc, char **argv)
{
    struct command_line line = {NULL, {0}, false};
    struct server *server = NULL;
    struct reason reason;

    line.capture.max_overhead = 1;
    exporter.functions = 20;
    if (!parse(&line, argc, argv))
        return UNREADABLE;
    if (line.is_help)
        return help();
    exporter.budget = line.capture.max_overhead / 100;
    exporter.selection.pids = line.capture.pids;
    exporter.selection.pid_count = line.capture.pid_count;
    if (!find_chosen(&exporter.selection, &reason))
        return complain("", reason.text);
    if (line.address == NULL && exporter.output.path == NULL)
        line.address = default_address;
    begin();
    set_signals();
    if (line.address != NULL) {
        server = server_start(&exporter, line.address, &reason);
        if (server == NULL)
            return complain("", reason.text);
    }
    /* (Last of all: where the server does not start, no file is left.) */
    if (exporter.output.path != NULL && !write_file(&reason)) {
        if (server != NULL)
            server_stop(server);
        return complain(exporter.output.path, reason.text);
    }
    if (server != NULL)
        server_tell(server);
    run(server);
    if (server != NULL)
        server_stop(server);
    finish();
    return ALL_WELL;
}
