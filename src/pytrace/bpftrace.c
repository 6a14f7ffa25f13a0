/*
 * bpftrace.c - pytrace bpftrace: a script for bpftrace on the file that has the
 * markers, in a running process, in a command, or in every process. The manual
 * page is docs/pytrace.1.in, and scripts/bpftrace has the scripts.
 *
 * bpftrace does the tracing. Here is what it lacks: the file is found, a
 * command waits until bpftrace is attached, its output is not mixed with
 * bpftrace's, its exit status is handed on, and errors are sentences.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "commands.h"
#include "launch.h"
#include "process.h"
#include "refuse.h"
#include "relatives.h"
#include "view.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NAME "bpftrace"

enum { MOST_MARKERS = 32 };

static char *script;                /* the path of the script */
static char *markers[MOST_MARKERS]; /* that it attaches to */
static size_t marker_count;
static const char *function = ""; /* the script's second argument */
static bool is_sent; /* it prints each event, and so can lose some */

/* ---- messages ---- */

__attribute__((format(printf, 1, 2))) static void tell(const char *format, ...)
{
    struct reason reason;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason.text, sizeof(reason.text), format, arguments);
    va_end(arguments);
    fputs(PROGRAM " " NAME ": ", stderr);
    print_printable(stderr, reason.text);
    fputc('\n', stderr);
}

static int help(void)
{
    puts(
        "Usage: pytrace bpftrace [-o FILE] SCRIPT [FUNCTION] -p PID\n"
        "       pytrace bpftrace [-o FILE] SCRIPT [FUNCTION] -- COMMAND "
        "[ARGUMENT...]\n"
        "       pytrace bpftrace [-o FILE] SCRIPT BINARY [FUNCTION]\n\n"
        "Runs a script for bpftrace on the markers of a running process, of a\n"
        "command, or of every process that uses the file BINARY. Ctrl-C ends "
        "it.\n"
        "SCRIPT is audit, collections, exceptions, gil, hierarchy, imports, "
        "lines,\n"
        "threads, time or top, or the path of a script that attaches to\n"
        "usdt:$1:MARKER.\n\n"
        "  -p PID         this process, until it ends\n"
        "  -o FILE        bpftrace's output; of a command, else behind the "
        "command's\n"
        "  --help         print this\n\n"
        "Needs root, and bpftrace. Exit status: bpftrace's, or 2; with a "
        "command,\nthe command's own, where it is not 0.");
    return fflush(stdout) != 0 ? UNREADABLE : ALL_WELL;
}

/* ---- the script ---- */

static bool has_marker(const char *name, size_t length)
{
    size_t i;

    for (i = 0; i < marker_count; i++)
        if (strlen(markers[i]) == length &&
            strncmp(markers[i], name, length) == 0)
            return true;
    return false;
}

static void find_markers(const char *text)
{
    static const char probe[] = "usdt:$1:";

    while ((text = strstr(text, probe)) != NULL) {
        size_t length;

        text += sizeof(probe) - 1;
        length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
        if (length != 0 && marker_count < MOST_MARKERS &&
            !has_marker(text, length))
            markers[marker_count++] = formatted("%.*s", (int)length, text);
    }
}

/* By its path, or as one of those that are installed. */
static bool read_script(const char *name)
{
    static const char *const senders[] = {"/audit.bt", "/hierarchy.bt",
                                          "/imports.bt"};
    struct reason reason;
    struct file file;
    char *text;
    size_t i;

    script =
        strchr(name, '/') != NULL || strchr(name, '.') != NULL
            ? formatted("%s%s", strchr(name, '/') != NULL ? "" : "./", name)
            : formatted("%s/%s.bt", SCRIPTS, name);
    if (access(script, F_OK) != 0) {
        tell("there is no script %s", script);
        return false;
    }
    if (!file_open(&file, script, script, &reason)) {
        tell("%s: %s", script, reason.text);
        return false;
    }
    text = formatted("%.*s", (int)file.size, (const char *)file.bytes);
    file_close(&file);
    find_markers(text);
    free(text);
    for (i = 0; i < sizeof(senders) / sizeof(senders[0]); i++)
        is_sent |= strlen(script) > strlen(senders[i]) &&
                   strcmp(script + strlen(script) - strlen(senders[i]),
                          senders[i]) == 0;
    if (marker_count == 0)
        tell("%s attaches to no marker of its first argument, usdt:$1:MARKER",
             script);
    return marker_count != 0;
}

/* ---- the file that has the markers ---- */

/* The first of the script's markers that the file lacks, or NULL. */
static const char *lacks(const struct image *image, bool *has_some)
{
    const char *lacking = NULL;
    size_t i, j;

    *has_some = image->host_count != 0;
    for (i = 0; i < marker_count; i++) {
        for (j = 0; j < image->site_count; j++)
            if (strcmp(image->sites[j].name, markers[i]) == 0)
                break;
        if (j < image->site_count)
            *has_some = true;
        else if (lacking == NULL)
            lacking = markers[i];
    }
    return lacking;
}

/* Likewise; not the markers, but the file may be the reason, which is told. */
static const char *file_lacks(const char *path, const char *name,
                              bool *has_some, struct reason *reason)
{
    const char *lacking = "any";
    struct image image;
    struct file file;

    *has_some = false;
    reason->text[0] = '\0';
    if (!file_open(&file, path, name, reason))
        return lacking;
    if (file.size > 4 && memcmp(file.bytes, "\177ELF", 4) == 0 &&
        image_read(&image, file.bytes, file.size, reason)) {
        lacking = lacks(&image, has_some);
        image_free(&image);
    }
    file_close(&file);
    return lacking;
}

/* What is traced: bpftrace's arguments. */
struct place {
    long pid;      /* 0: every process */
    char *file;    /* NULL: there is none */
    char *name;    /* as the process has it */
    bool is_gone;  /* it was deleted or replaced */
    char *lacking; /* a file that has markers, but not all of these */
};

static void visit(struct process *process, const char *name, const char *path,
                  void *data)
{
    struct place *place = data;
    struct reason reason;
    bool has_some;
    const char *lacking;

    if (place->file != NULL || !process_runs_file(process))
        return;
    lacking = file_lacks(path, name, &has_some, &reason);
    if (lacking != NULL) {
        if (has_some && place->lacking == NULL)
            place->lacking = formatted("%s lacks the marker %s", name, lacking);
        return;
    }
    place->name = formatted("%s", name);
    place->is_gone = process_file_is_deleted(process);
    if (place->is_gone)
        place->name[strlen(name) - strlen(" (deleted)")] = '\0';
    /* bpftrace 0.17 wants the name that the process has; 0.27 counts each event
     * twice when it finds the file by that name itself. */
    place->file = place->is_gone
                      ? formatted("%s", path)
                      : formatted("/proc/%ld/root%s", place->pid, name);
}

static bool find_file(struct place *place, struct reason *reason)
{
    return process_visit_files(place->pid, visit, place, reason) &&
           place->file != NULL;
}

/* bpftrace -p knows files by their path only. */
static void widen(struct place *place)
{
    if (!place->is_gone)
        return;
    tell("%s was replaced after process %ld had started; traced is the file "
         "before, in every process that uses it",
         place->name, place->pid);
    place->pid = 0;
}

static bool find_in_process(struct place *place)
{
    struct status status;
    struct reason reason;

    if (!status_read(&status, place->pid, &reason)) {
        tell("%s", reason.text);
        return false;
    }
    if (!find_file(place, &reason)) {
        if (place->lacking == NULL)
            refuse_no_markers(place->pid, &reason);
        tell("%s", place->lacking != NULL ? place->lacking : reason.text);
        return false;
    }
    widen(place);
    return true;
}

static bool has_line(const char *path, const char *end)
{
    FILE *file = fopen(path, "re");
    char *line = NULL;
    size_t capacity = 0;
    bool has = false;

    while (file != NULL && !has && getline(&line, &capacity, file) > 0) {
        size_t length = strlen(line);

        has = length > strlen(end) &&
              strcmp(line + length - strlen(end), end) == 0;
    }
    free(line);
    if (file != NULL)
        fclose(file);
    return has;
}

/* The processes that go on with a file that was here before. */
static void name_untraced(const char *path)
{
    struct relatives all = relatives_read();
    char *end = formatted(" %s (deleted)\n", path);
    char *list = formatted("%s", "");
    size_t i;

    for (i = 0; i < all.count; i++) {
        char *maps = formatted("/proc/%ld/maps", all.list[i].pid);

        if (has_line(maps, end)) {
            char *longer = formatted("%s %ld", list, all.list[i].pid);

            free(list);
            list = longer;
        }
        free(maps);
    }
    if (*list != '\0')
        tell("%s was replaced after these processes had started; they are not "
             "traced; trace one with -p:%s",
             path, list);
    free(list);
    free(end);
    free(all.list);
}

static bool find_binary(struct place *place, const char *binary)
{
    struct reason reason;
    bool has_some;
    const char *lacking;

    place->file = realpath(binary, NULL);
    if (place->file == NULL) {
        tell("%s: %s", binary, strerror(errno));
        return false;
    }
    lacking = file_lacks(place->file, binary, &has_some, &reason);
    if (lacking == NULL) {
        name_untraced(place->file);
        return true;
    }
    if (reason.text[0] != '\0')
        tell("%s: %s", binary, reason.text);
    else if (has_some)
        tell("%s lacks the marker %s", binary, lacking);
    else
        tell("%s has no markers; its library may have them", binary);
    return false;
}

/* ---- bpftrace ---- */

/* Its arguments, up to NULL. pid is where its number is written. */
static void set_arguments(const struct place *place, char *pid, size_t size,
                          char **arguments)
{
    size_t n = 0;

    setenv("BPFTRACE_STRLEN", "128", 0); /* 0.17 has no room for more */
    setenv("BPFTRACE_MAP_KEYS_MAX", "32768", 0);
    setenv("BPFTRACE_MAX_MAP_KEYS", getenv("BPFTRACE_MAP_KEYS_MAX"), 0);
    setenv("BPFTRACE_PERF_RB_PAGES", "1024", 0);
    arguments[n++] = (char *)"bpftrace";
    arguments[n++] = (char *)"-q";
    arguments[n++] = (char *)"-B";
    arguments[n++] = (char *)"line";
    /* Newer ones warn of each entry that a full table did not take, which the
     * scripts sum up; and of lost events, where there are some. */
    if (!is_sent)
        arguments[n++] = (char *)"--no-warnings";
    if (place->pid != 0) {
        snprintf(pid, size, "%ld", place->pid);
        arguments[n++] = (char *)"-p";
        arguments[n++] = pid;
    }
    arguments[n++] = script;
    arguments[n++] = place->file;
    arguments[n++] = (char *)function;
    arguments[n] = NULL;
}

static int tell_no_bpftrace(int error)
{
    if (error == ENOENT)
        tell("bpftrace is not installed");
    else
        tell("bpftrace cannot be executed: %s", strerror(error));
    return UNREADABLE;
}

/* This program becomes bpftrace. */
static int become_bpftrace(const struct place *place, const char *output)
{
    char *arguments[16];
    char pid[24];

    if (output != NULL) {
        int descriptor =
            open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

        if (descriptor < 0 || dup2(descriptor, STDOUT_FILENO) < 0) {
            tell("%s: %s", output, strerror(errno));
            return UNREADABLE;
        }
    }
    set_arguments(place, pid, sizeof(pid), arguments);
    execvp(arguments[0], arguments);
    return tell_no_bpftrace(errno);
}

/* ---- a command ---- */

/*
 * The command stops while its host is found and until bpftrace is attached.
 * That is for the thread that traces it; one more starts bpftrace and waits for
 * its end, as each thread waits for children of its own.
 */
static struct tracing {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct place place;
    long traced;      /* the process, where place is every process, too */
    bool is_asked;    /* the place is known */
    bool is_attached; /* or bpftrace has ended */
    bool is_over;     /* there will be no host any more */
    int output;       /* a file: bpftrace's output */
    int end;          /* an eventfd: bpftrace has ended */
    int status;       /* its exit status */
} tracing = {.mutex = PTHREAD_MUTEX_INITIALIZER,
             .changed = PTHREAD_COND_INITIALIZER};

static volatile sig_atomic_t bpftrace;

/* A signal to this program ends the tracing, not the command. */
static void on_signal(int number)
{
    (void)number;
    if (bpftrace > 0)
        kill((pid_t)bpftrace, SIGINT);
}

static void set(bool *flag)
{
    pthread_mutex_lock(&tracing.mutex);
    *flag = true;
    pthread_cond_broadcast(&tracing.changed);
    pthread_mutex_unlock(&tracing.mutex);
}

static bool mapped(long pid, void *data)
{
    struct place place = {.pid = pid};
    struct reason reason;

    (void)data;
    if (tracing.is_asked)
        return true;
    if (!find_file(&place, &reason)) {
        free(place.lacking);
        return false;
    }
    widen(&place);
    tracing.traced = pid;
    tracing.place = place;
    set(&tracing.is_asked);
    pthread_mutex_lock(&tracing.mutex);
    while (!tracing.is_attached)
        pthread_cond_wait(&tracing.changed, &tracing.mutex);
    pthread_mutex_unlock(&tracing.mutex);
    return true;
}

static void tell_sentence(const char *sentence, void *data)
{
    (void)data;
    tell("%s", sentence);
}

static int spawn_bpftrace(pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *arguments[16];
    char number[24];
    sigset_t signals;
    int error;

    set_arguments(&tracing.place, number, sizeof(number), arguments);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                     O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, tracing.output, STDOUT_FILENO);
    posix_spawnattr_init(&attributes);
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes, &signals);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    error = posix_spawnp(pid, arguments[0], &actions, &attributes, arguments,
                         environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}

/* Whether the semaphores of all markers are raised in the visited file. */
static bool are_raised(const struct process *process, const struct image *image)
{
    size_t i, j;
    long value;

    for (i = 0; i < marker_count; i++)
        for (j = 0; j < image->site_count; j++)
            if (strcmp(image->sites[j].name, markers[i]) == 0 &&
                image->sites[j].semaphore != 0 &&
                process_semaphore(process, image, image->sites[j].semaphore,
                                  &value) &&
                value == 0)
                return false;
    return true;
}

static void look_at_semaphores(struct process *process, const char *name,
                               const char *path, void *data)
{
    bool *raised = data;
    struct reason reason;
    struct image image;
    struct file file;

    if (tracing.place.is_gone || strcmp(name, tracing.place.name) != 0 ||
        !file_open(&file, path, name, &reason))
        return;
    if (image_read(&image, file.bytes, file.size, &reason)) {
        *raised = are_raised(process, &image);
        image_free(&image);
    }
    file_close(&file);
}

static bool is_attached(void)
{
    struct reason reason;
    struct stat output;
    bool raised = true;

    return fstat(tracing.output, &output) == 0 && output.st_size > 0 &&
           process_visit_files(tracing.traced, look_at_semaphores, &raised,
                               &reason) &&
           raised;
}

/*
 * It is attached when it has printed what the script's BEGIN does, which 0.17
 * does when it has attached to all; and when the semaphores are raised, as
 * newer ones print that before.
 */
static int wait_for_bpftrace(pid_t pid)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    int status = 0;

    while (waitpid(pid, &status, WNOHANG) == 0) {
        if (is_attached()) {
            set(&tracing.is_attached);
            waitpid(pid, &status, 0);
            break;
        }
        nanosleep(&pause, NULL);
    }
    bpftrace = 0;
    status = launch_exit_status(status);
    if (status != 0)
        tell("bpftrace has ended with status %d", status);
    return status;
}

static void *run_bpftrace(void *data)
{
    uint64_t one = 1;
    pid_t pid;
    int error;

    (void)data;
    pthread_mutex_lock(&tracing.mutex);
    while (!tracing.is_asked && !tracing.is_over)
        pthread_cond_wait(&tracing.changed, &tracing.mutex);
    pthread_mutex_unlock(&tracing.mutex);
    if (tracing.is_asked) {
        error = spawn_bpftrace(&pid);
        if (error != 0) {
            tracing.status = tell_no_bpftrace(error);
        } else {
            bpftrace = pid;
            tracing.status = wait_for_bpftrace(pid);
        }
        set(&tracing.is_attached);
    }
    if (write(tracing.end, &one, sizeof(one)) < 0)
        abort();
    return NULL;
}

/* What bpftrace printed, behind what the command did. */
static void copy_output(void)
{
    char bytes[65536];
    ssize_t size;

    lseek(tracing.output, 0, SEEK_SET);
    while ((size = read(tracing.output, bytes, sizeof(bytes))) > 0)
        fwrite(bytes, 1, (size_t)size, stdout);
    if (fflush(stdout) != 0)
        tell("the standard output: %s", strerror(errno));
}

/* Until the command has ended; its status as waitpid() has it. */
static int wait_for_command(struct launch *launch, bool is_shown)
{
    struct pollfd files[] = {
        {.fd = launch_descriptor(launch), .events = POLLIN},
        {.fd = tracing.end, .events = POLLIN}};
    struct launch_event event;

    for (;;) {
        poll(files, 2, -1);
        if ((files[1].revents & POLLIN) != 0) {
            if (!is_shown)
                copy_output();
            is_shown = true;
            files[1].fd = -1;
        }
        while (launch_next(launch, &event))
            if (event.kind == LAUNCH_ENDED && event.pid == launch_pid(launch)) {
                set(&tracing.is_over);
                if (files[1].fd >= 0 && poll(&files[1], 1, -1) >= 0 &&
                    !is_shown)
                    copy_output();
                return event.status;
            }
    }
}

static void set_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    signal(SIGINT, SIG_IGN); /* the terminal sends it to all three */
    signal(SIGQUIT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static int trace_command(char **command, const char *output)
{
    const struct launch_calls calls = {mapped, tell_sentence, NULL};
    struct launch *launch;
    struct reason reason;
    pthread_t thread;
    int status;

    tracing.output =
        output != NULL
            ? open(output, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC,
                   0666)
            : view_temporary(NAME);
    tracing.end = eventfd(0, EFD_CLOEXEC);
    if (tracing.output < 0 || tracing.end < 0) {
        if (output != NULL)
            tell("%s: %s", output, strerror(errno));
        return UNREADABLE;
    }
    launch = launch_new(command, false, &calls);
    set_signals();
    if (pthread_create(&thread, NULL, run_bpftrace, NULL) != 0)
        return UNREADABLE;
    status = launch_start(launch, &reason);
    if (status != 0) {
        tell("%s", reason.text);
        return status;
    }
    status = launch_exit_status(wait_for_command(launch, output != NULL));
    pthread_join(thread, NULL);
    launch_free(launch);
    if (!tracing.is_asked) {
        tell("the command ran no program with these markers");
        tracing.status = UNREADABLE;
    }
    return status != 0 ? status : tracing.status;
}

/* ---- the command line ---- */

static bool take_operands(int argc, char **argv, bool has_place,
                          const char **binary)
{
    const int most = has_place ? 2 : 3;

    argc -= optind;
    argv += optind;
    if (argc == 0)
        return wrong_usage(NAME, "there is no SCRIPT", "");
    if (!has_place && argc == 1)
        return wrong_usage(NAME,
                           "name a process with -p, a command behind --, or a "
                           "file that has markers",
                           "");
    if (argc > most)
        return wrong_usage(NAME, "one operand too many: ", argv[most]);
    if (!has_place)
        *binary = argv[1];
    if (argc == most)
        function = argv[most - 1];
    return read_script(argv[0]);
}

int bpftrace_main(int argc, char **argv)
{
    static const struct option options[] = {{"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    struct place place = {0};
    struct capture capture; /* for its way to read a number */
    const char *output = NULL, *binary = NULL;
    char **command = NULL;
    int end = 1, option;

    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    if (end + 1 < argc)
        command = argv + end + 1;
    capture_init(&capture);
    while ((option = getopt_long(end, argv, "p:o:", options, NULL)) != -1)
        switch (option) {
        case 'h': return help();
        case 'o': output = optarg; break;
        case 'p':
            if (!capture_parse_pid(&capture, optarg, NAME))
                return UNREADABLE;
            break;
        default:
            wrong_usage(NAME, "this command line is wrong", "");
            return UNREADABLE;
        }
    if (capture.pid_count + (command != NULL) > 1) {
        wrong_usage(NAME, "one process, or one command", "");
        return UNREADABLE;
    }
    if (!take_operands(end, argv, capture.pid_count != 0 || command != NULL,
                       &binary))
        return UNREADABLE;
    if (geteuid() != 0) {
        tell("tracing with bpftrace needs root; pytrace's other commands do "
             "not");
        return UNREADABLE;
    }
    if (command != NULL)
        return trace_command(command, output);
    if (capture.pid_count != 0)
        place.pid = capture.pids[0];
    if (place.pid != 0 ? !find_in_process(&place)
                       : !find_binary(&place, binary))
        return UNREADABLE;
    return become_bpftrace(&place, output);
}
