/*
 * record.c - the command pytrace record: its command line, its signals and its
 * exit status. The manual page is docs/pytrace.1.in; session.c is the
 * recording.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "commands.h"
#include "refuse.h"
#include "session.h"
#include "ticks.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "Usage: pytrace record [OPTION...] -p PID...\n"
    "       pytrace record [OPTION...] -- COMMAND [ARGUMENT...]\n"
    "\n"
    "Record the markers of running processes, or of a command from its first\n"
    "marker on, into a file; \"pytrace print FILE\" shows it. Your own "
    "processes\n"
    "need no root. Without -d, the recording ends with its processes, or by\n"
    "Ctrl-C.\n"
    "\n"
    "  -p PID           record this process; can be repeated\n"
    "  -o FILE          write to this file, \"-\" for the standard output\n"
    "                   (default: pytrace.PID.rec, with the first -p, or with\n"
    "                   pytrace's own number where there is only a command)\n"
    "  --marker NAME    record this marker, and no other; can be repeated\n"
    "                   (pytrace check -p PID lists the names)\n"
    "  -d SECONDS       end the recording after so long\n"
    "  --follow         record the children, too, that are started meanwhile\n"
    "  --full drop      when a thread's ring is full, lose events, and count\n"
    "                   them (default)\n"
    "  --full block     or let the thread wait, and lose none\n"
    "  --full flight    or lose them, too, and write only the last events, at\n"
    "                   the end\n"
    "  --keep SIZE      with --full flight: so much of them (default: 64M)\n"
    "  --ring SIZE      each thread's ring: a power of 2, 4K to 64M (default: "
    "1M)\n"
    "  --force          also record a process with a filter of system calls\n"
    "                   (seccomp), which can end the process\n"
    "  --help           print this\n"
    "\n"
    "SIZE is in bytes, or with K or M behind it.\n"
    "Exit status: 0 recorded, 1 events were lost, 2 could not be recorded; "
    "with a\n"
    "command, the command's own.\n";

struct options {
    long *pids;
    size_t pid_count;
    const char *file;
    double seconds; /* 0: without end */
    bool follow, force, has_keep;
    enum { DROP, BLOCK, FLIGHT } full;
    uint64_t ring_bytes, keep_bytes;
    const char **markers;
    size_t marker_count;
    char **command; /* or NULL */
};

/* ---- the command line ---- */

static bool wrong(const char *text, const char *detail)
{
    fprintf(stderr, PROGRAM " record: %s", text);
    print_printable(stderr, detail);
    fputs("; see " PROGRAM " record --help\n", stderr);
    return false;
}

static bool parse_pid(struct options *options, const char *text)
{
    char *end;
    long pid;
    size_t i;

    errno = 0;
    pid = strtol(text, &end, 10);
    if (errno != 0 || pid <= 0 || *end != '\0' || *text < '0' || *text > '9')
        return wrong("not the number of a process: ", text);
    for (i = 0; i < options->pid_count; i++)
        if (options->pids[i] == pid)
            return true;
    options->pids[options->pid_count++] = pid;
    return true;
}

static bool parse_seconds(struct options *options, const char *text)
{
    char *end;

    options->seconds = strtod(text, &end);
    return (end != text && *end == '\0' && options->seconds > 0 &&
            options->seconds < 1e9) ||
           wrong("not a number of seconds: ", text);
}

static bool parse_size(uint64_t *size, const char *text, uint64_t least,
                       uint64_t most)
{
    char *end;

    errno = 0;
    *size = strtoull(text, &end, 10);
    if (errno == 0 && *end == 'K' && *size < UINT64_C(1) << 32) {
        *size <<= 10;
        end++;
    } else if (errno == 0 && *end == 'M' && *size < UINT64_C(1) << 32) {
        *size <<= 20;
        end++;
    }
    return errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' &&
           *size >= least && *size <= most;
}

static bool parse_full(struct options *options, const char *text)
{
    if (strcmp(text, "drop") == 0)
        options->full = DROP;
    else if (strcmp(text, "block") == 0)
        options->full = BLOCK;
    else if (strcmp(text, "flight") == 0)
        options->full = FLIGHT;
    else
        return wrong("--full is drop, block or flight, and not ", text);
    return true;
}

static bool parse_option(struct options *options, int option)
{
    switch (option) {
    case 'p': return parse_pid(options, optarg);
    case 'o': options->file = optarg; return true;
    case 'd': return parse_seconds(options, optarg);
    case 'm': options->markers[options->marker_count++] = optarg; return true;
    case 'f': options->follow = true; return true;
    case 'F': return parse_full(options, optarg);
    case 'r':
        return (parse_size(&options->ring_bytes, optarg, 4096, 64 << 20) &&
                (options->ring_bytes & (options->ring_bytes - 1)) == 0) ||
               wrong("--ring is a power of 2 from 4K to 64M, and not ", optarg);
    case 'k':
        options->has_keep = true;
        return parse_size(&options->keep_bytes, optarg, 64 << 10,
                          UINT64_C(1) << 40) ||
               wrong("--keep is 64K at least, such as 256M, and not ", optarg);
    case 'x': options->force = true; return true;
    default: return wrong("this command line is wrong", "");
    }
}

static bool parse_command(struct options *options, int argc, char **argv)
{
    static const struct option names[] = {
        {"marker", required_argument, NULL, 'm'},
        {"follow", no_argument, NULL, 'f'},
        {"full", required_argument, NULL, 'F'},
        {"ring", required_argument, NULL, 'r'},
        {"keep", required_argument, NULL, 'k'},
        {"force", no_argument, NULL, 'x'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    int option;

    options->pids = allocate((size_t)argc, sizeof(long));
    options->markers = allocate((size_t)argc, sizeof(char *));
    options->ring_bytes = 1 << 20;
    options->keep_bytes = 64 << 20;
    while ((option = getopt_long(argc, argv, "+p:o:d:", names, NULL)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            exit(fflush(stdout) != 0 ? UNREADABLE : ALL_WELL);
        }
        if (!parse_option(options, option))
            return false;
    }
    if (optind < argc)
        options->command = argv + optind;
    if (options->pid_count == 0 && options->command == NULL)
        return wrong("name a process with -p, or a command behind --", "");
    if (options->command != NULL && options->file != NULL &&
        strcmp(options->file, "-") == 0)
        return wrong("the recording and the command's output would both be on "
                     "the standard output: name a file with -o",
                     "");
    if (options->has_keep && options->full != FLIGHT)
        return wrong("--keep is for --full flight", "");
    return true;
}

/* ---- signals ---- */

static volatile sig_atomic_t is_interrupted, is_terminated;
static struct session session;

static void on_signal(int number)
{
    if (number == SIGINT)
        is_interrupted = 1;
    else
        is_terminated = 1;
}

/* A command gets the terminal's Ctrl-C itself. */
static bool is_asked_to_end(void)
{
    return is_terminated != 0 || (is_interrupted != 0 && !session.is_launched);
}

/* They come while the session sleeps; the second one ends this program. */
static void set_signals(bool has_command)
{
    struct sigaction action = {.sa_handler = on_signal};
    struct sigaction old;
    sigset_t signals;

    signal(SIGPIPE, SIG_IGN); /* writing fails, which is told */
    signal(SIGXFSZ, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    if (has_command)
        signal(SIGQUIT, SIG_IGN);
    else
        action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGINT, &action, NULL);
    action.sa_flags = (int)SA_RESETHAND;
    sigaction(SIGTERM, &action, NULL);
    if (sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &action, NULL);
}

/* The file takes nothing: signals must come all the same. */
static void on_waiting(void *data)
{
    sigset_t none, old;

    session_beat(data);
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, &old);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

/* ---- the recording ---- */

static int refuse(const char *what, const char *why)
{
    fputs(PROGRAM ": ", stderr);
    if (*what != '\0') {
        print_printable(stderr, what);
        fputc(' ', stderr);
    }
    print_printable(stderr, why);
    fputc('\n', stderr);
    return UNREADABLE;
}

static void tell(const char *sentence, void *data)
{
    struct session *told = data;

    pthread_mutex_lock(&told->mutex);
    display_message(told, sentence);
    pthread_mutex_unlock(&told->mutex);
}

static void set_wishes(struct wishes *wishes, const struct options *options)
{
    wishes->markers = options->markers;
    wishes->marker_count = options->marker_count;
    wishes->is_known = allocate(options->marker_count, sizeof(bool));
    wishes->ring_bytes = (uint32_t)options->ring_bytes;
    wishes->force = options->force;
    wishes->check_ticks = ticks_a_second() / 2;
    wishes->flags = (options->follow ? PYTRACE__FOLLOW : 0) |
                    (options->full == BLOCK ? PYTRACE__BLOCK : 0) |
                    (ticks_are_counted() ? PYTRACE__COUNTER : 0);
}

/* A name that none of the processes' hosts has. */
static const char *unknown_marker(const struct wishes *wishes)
{
    size_t i;

    for (i = 0; i < wishes->marker_count; i++)
        if (!wishes->is_known[i])
            return wishes->markers[i];
    return NULL;
}

static bool open_file(const struct options *options, const char *file)
{
    struct reason reason;

    if (strcmp(file, "-") == 0 && isatty(STDOUT_FILENO)) {
        refuse("", "a recording is not for a terminal: name a file with -o, "
                   "or redirect the standard output");
        return false;
    }
    session.writer = writer_open(file, on_waiting, &session, &reason);
    if (session.writer == NULL)
        refuse(file, reason.text);
    if (session.writer != NULL && options->full == FLIGHT)
        session.keep = keep_new((size_t)options->keep_bytes);
    return session.writer != NULL;
}

/* The processes are looked for there, by the numbers that they have here. */
static bool has_proc(void)
{
    char self[32] = "";

    if (readlink("/proc/self", self, sizeof(self) - 1) < 0)
        refuse("", "/proc is not mounted here: mount -t proc proc /proc does "
                   "it, as root");
    else if (strtol(self, NULL, 10) != (long)getpid())
        refuse("", "/proc has the processes of another namespace: mount it "
                   "anew, as unshare --mount-proc does");
    else
        return true;
    return false;
}

/* All are found before the first is asked, or the file is touched. */
static bool find_targets(const struct options *options, struct target **targets)
{
    struct reason reason;
    const char *unknown;
    size_t i;

    for (i = 0; i < options->pid_count; i++) {
        targets[i] = session_find(&session, options->pids[i], &reason);
        if (targets[i] == NULL) {
            refuse("", reason.text);
            return false;
        }
    }
    unknown = options->command == NULL ? unknown_marker(&session.wishes) : NULL;
    if (unknown != NULL)
        refuse("no host here has a marker", unknown);
    return unknown == NULL;
}

static bool add_targets(const struct options *options, struct target **targets)
{
    struct reason reason;
    size_t i;

    for (i = 0; i < options->pid_count; i++) {
        if (!session_add(&session, targets[i], &reason)) {
            refuse("", reason.text);
            return false;
        }
        session_watch(&session, options->pids[i]);
        session_answer(&session);
    }
    return true;
}

/* What to exit with, or 0: the command runs. */
static int start_command(void)
{
    struct reason reason;
    int status;

    session.is_launched = true;
    status = launch_start(session.launch, &reason);
    if (status != 0) {
        session.is_launched = false;
        refuse("", reason.text);
        return status;
    }
    if (!launch_is_traced(session.launch)) {
        pthread_mutex_lock(&session.mutex);
        session_watch(&session, launch_pid(session.launch));
        pthread_mutex_unlock(&session.mutex);
    }
    return 0;
}

/* The recording is over, and the command may run on. */
static void wait_for_command(void)
{
    struct pollfd event = {.events = POLLIN};

    if (session.launch == NULL)
        return;
    event.fd = launch_descriptor(session.launch);
    while (session.is_launched && !is_terminated) {
        struct launch_event ended;
        sigset_t none;

        sigemptyset(&none);
        ppoll(&event, 1, NULL, &none);
        while (launch_next(session.launch, &ended))
            if (ended.kind == LAUNCH_ENDED &&
                ended.pid == launch_pid(session.launch)) {
                session.is_launched = false;
                session.launch_status = ended.status;
            }
    }
}

static int exit_status(bool is_written)
{
    if (session.launch != NULL && !session.is_launched)
        return launch_exit_status(session.launch_status);
    if (!is_written || (session.has_failed && session.events == 0))
        return UNREADABLE;
    return session.lost != 0 ? FALLS_SHORT : ALL_WELL;
}

static int record(const struct options *options, const char *file)
{
    const struct launch_calls calls = {session_mapped, tell, &session};
    struct target **targets =
        allocate(options->pid_count, sizeof(struct target *));
    struct reason reason;
    uint64_t bytes;
    bool is_written;
    int status;

    if (!has_proc() || !find_targets(options, targets))
        return UNREADABLE;
    if (options->command != NULL && !may_record_commands(&reason)) {
        refuse("", reason.text);
        return UNREADABLE;
    }
    if (!open_file(options, file))
        return UNREADABLE;
    if (options->command != NULL)
        session.launch = launch_new(options->command, options->follow, &calls);
    set_signals(options->command != NULL);
    session.began = monotonic_now();
    session.seconds_end =
        options->seconds != 0
            ? session.began + (uint64_t)(options->seconds * 1e9)
            : 0;
    status = add_targets(options, targets) ? 0 : UNREADABLE;
    if (status == 0 && session.launch != NULL)
        status = start_command();
    if (status == 0)
        session_run(&session);
    else
        session.why = END_ERROR;
    session_end(&session, "");
    bytes = writer_bytes(session.writer);
    is_written = writer_close(session.writer, &reason);
    if (!is_written)
        refuse(strcmp(file, "-") == 0 ? "the standard output" : file,
               reason.text);
    if (status == 0)
        display_summary(&session, file, is_written, bytes);
    else if (strcmp(file, "-") != 0)
        unlink(file); /* nothing was recorded */
    if (status == 0) {
        wait_for_command();
        status = exit_status(is_written);
    }
    if (session.launch != NULL)
        launch_free(session.launch);
    return status;
}

int record_main(int argc, char **argv)
{
    struct options options = {0};
    char file[64];

    if (!parse_command(&options, argc, argv))
        return UNREADABLE;
    snprintf(file, sizeof(file), "pytrace.%ld.rec",
             options.pid_count != 0 ? options.pids[0] : (long)getpid());
    set_wishes(&session.wishes, &options);
    session.follow = options.follow;
    session.is_terminal = isatty(STDERR_FILENO);
    session.is_asked_to_end = is_asked_to_end;
    session_init(&session);
    return record(&options, options.file != NULL ? options.file : file);
}
