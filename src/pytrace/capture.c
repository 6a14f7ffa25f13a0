/*
 * capture.c - a recording from its beginning to its end: its signals, its
 * processes, its command and its exit status. session.c is what goes on in
 * between.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "capture.h"
#include "python_attach.h"
#include "refuse.h"
#include "session.h"
#include "ticks.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- what a command line says ---- */

void capture_init(struct capture *capture)
{
    memset(capture, 0, sizeof(*capture));
    capture->ring_bytes = 1 << 20;
    capture->keep_bytes = 64 << 20;
}

bool wrong_usage(const char *command, const char *text, const char *detail)
{
    fprintf(stderr, PROGRAM " %s: %s", command, text);
    print_printable(stderr, detail);
    fprintf(stderr, "; see " PROGRAM " %s --help\n", command);
    return false;
}

bool capture_parse_pid(struct capture *capture, const char *text,
                       const char *command)
{
    char *end;
    long pid;
    size_t i;

    errno = 0;
    pid = strtol(text, &end, 10);
    if (errno != 0 || pid <= 0 || *end != '\0' || *text < '0' || *text > '9')
        return wrong_usage(command, "not the number of a process: ", text);
    for (i = 0; i < capture->pid_count; i++)
        if (capture->pids[i] == pid)
            return true;
    capture->pids = grown(capture->pids, capture->pid_count, sizeof(pid));
    capture->pids[capture->pid_count++] = pid;
    return true;
}

bool capture_parse_seconds(struct capture *capture, const char *text,
                           const char *command)
{
    char *end;

    capture->seconds = strtod(text, &end);
    return (end != text && *end == '\0' && capture->seconds > 0 &&
            capture->seconds < 1e9) ||
           wrong_usage(command, "not a number of seconds: ", text);
}

bool capture_parse_overhead(struct capture *capture, const char *text,
                            const char *command)
{
    char *end;

    capture->max_overhead = strtod(text, &end);
    return (text[strspn(text, "0123456789.")] == '\0' && end != text &&
            *end == '\0' && capture->max_overhead >= 0.1 &&
            capture->max_overhead <= 100) ||
           wrong_usage(command, "not a percentage from 0.1 to 100: ", text);
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

static void set_wishes(struct wishes *wishes, const struct capture *capture)
{
    wishes->markers = capture->markers;
    wishes->marker_count = capture->marker_count;
    wishes->is_known = allocate(capture->marker_count, sizeof(bool));
    wishes->ring_bytes = (uint32_t)capture->ring_bytes;
    wishes->force = capture->force;
    wishes->check_ticks = ticks_a_second() / 2;
    wishes->flags = (capture->follow ? PYTRACE__FOLLOW : 0) |
                    (capture->full == BLOCK ? PYTRACE__BLOCK : 0) |
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

static bool open_file(const struct capture *capture, const char *file,
                      int descriptor)
{
    struct reason reason;

    if (descriptor == STDOUT_FILENO && isatty(STDOUT_FILENO)) {
        refuse("", "a recording is not for a terminal: name a file with -o, "
                   "or redirect the standard output");
        return false;
    }
    session.writer =
        writer_open(file, descriptor, on_waiting, &session, &reason);
    if (session.writer == NULL)
        refuse(file, reason.text);
    if (session.writer != NULL && capture->full == FLIGHT)
        session.keep = keep_new((size_t)capture->keep_bytes);
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
static bool find_targets(const struct capture *capture, struct target **targets)
{
    struct reason reason;
    const char *unknown;
    size_t i;

    for (i = 0; i < capture->pid_count; i++) {
        targets[i] = session_find(&session, capture->pids[i], &reason);
        if (targets[i] == NULL) {
            refuse("", reason.text);
            return false;
        }
    }
    unknown = capture->command == NULL && !capture->is_partial
                  ? unknown_marker(&session.wishes)
                  : NULL;
    if (unknown != NULL)
        refuse("no host here has a marker", unknown);
    return unknown == NULL;
}

static bool add_targets(const struct capture *capture, struct target **targets)
{
    struct reason reason;
    size_t i;

    for (i = 0; i < capture->pid_count; i++) {
        if (!session_add(&session, targets[i], &reason)) {
            refuse("", reason.text);
            return false;
        }
        session_watch(&session, capture->pids[i]);
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
static void wait_for_command(const struct capture *capture)
{
    struct pollfd event = {.events = POLLIN};

    if (session.launch == NULL)
        return;
    if (session.is_launched && !is_terminated && capture->unread == 0)
        refuse("", "the recording is over, and the command runs on: this waits "
                   "until it ends");
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

/* file is its name, for messages too; NULL: into descriptor, for a view. */
static int record(const struct capture *capture, const char *file,
                  int descriptor)
{
    const struct launch_calls calls = {session_mapped, tell, &session};
    const char *name = file != NULL ? file
                       : capture->unread != 0
                           ? "the recording"
                           : "the recording, in TMPDIR (without it, in /tmp),";
    struct target **targets =
        allocate(capture->pid_count, sizeof(struct target *));
    struct reason reason;
    uint64_t bytes;
    bool is_written;
    int status;

    if (!has_proc() || !find_targets(capture, targets))
        return UNREADABLE;
    if (capture->command != NULL && !may_record_commands(&reason)) {
        refuse("", reason.text);
        return UNREADABLE;
    }
    if (!open_file(capture, name, descriptor))
        return UNREADABLE;
    if (capture->command != NULL)
        session.launch = launch_new(capture->command, capture->follow, &calls);
    set_signals(capture->command != NULL);
    session.began = monotonic_now();
    session.seconds_end =
        capture->seconds != 0
            ? session.began + (uint64_t)(capture->seconds * 1e9)
            : 0;
    status = add_targets(capture, targets) ? 0 : UNREADABLE;
    if (status == 0 && session.launch != NULL)
        status = start_command();
    if (status == 0)
        session_run(&session);
    else
        session.why = END_ERROR;
    session_end(&session, "");
    bytes = writer_bytes(session.writer);
    is_written = writer_close(session.writer, &reason);
    /* (Where top has been killed, there is no one to tell.) */
    if (!is_written && capture->unread == 0)
        refuse(name, reason.text);
    /* (Such a view has shown all of this, but for what it has not got.) */
    if (status == 0 && (capture->unread == 0 || !session.has_host))
        display_summary(&session, file, is_written, bytes);
    else if (file != NULL && descriptor < 0)
        unlink(file); /* nothing was recorded */
    else if (ftruncate(descriptor, 0) != 0)
        errno = 0; /* (a pipe) */
    if (status == 0) {
        wait_for_command(capture);
        status = exit_status(is_written);
    }
    if (session.launch != NULL)
        launch_free(session.launch);
    return status;
}

static int run(const struct capture *capture, const char *file, int descriptor)
{
    int status;

    set_wishes(&session.wishes, capture);
    session.follow = capture->follow;
    session.bursts.budget = capture->max_overhead / 100;
    session.is_terminal = capture->unread == 0 && isatty(STDERR_FILENO);
    session.is_asked_to_end = is_asked_to_end;
    session_init(&session);
    status = record(capture, file, descriptor);
    python_detach();
    return status;
}

int capture_run(const struct capture *capture, const char *file)
{
    if (strcmp(file, "-") == 0)
        return run(capture, "the standard output", STDOUT_FILENO);
    return run(capture, file, -1);
}

/* ---- for a view ---- */

static volatile sig_atomic_t child;

/* The terminal's own comes to the child, too. */
static void pass_signal(int number, siginfo_t *information, void *context)
{
    (void)context;
    if (information->si_code != SI_KERNEL)
        kill((pid_t)child, number);
}

pid_t capture_start(const struct capture *capture, int descriptor)
{
    struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESTART};
    pid_t parent = getpid();
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(UNREADABLE);
        if (capture->unread != 0)
            close(capture->unread);
        _exit(run(capture, NULL, descriptor));
    }
    child = pid;
    action.sa_sigaction = pass_signal;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    signal(SIGQUIT, SIG_IGN);
    return pid;
}

int capture_wait(pid_t pid)
{
    int status;

    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return UNREADABLE;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGHUP, SIG_DFL);
    signal(SIGQUIT, SIG_DFL);
    return WIFEXITED(status) ? WEXITSTATUS(status) : UNREADABLE;
}
