/*
 * view.c - what all commands that show a recording have in common (view.h).
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "view.h"

#include "idle.h"
#include "rows.h"
#include "stacks.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- messages ---- */

static int complain(const struct view_run *run, const char *what,
                    const char *why)
{
    fprintf(stderr, PROGRAM " %s: ", run->view->name);
    print_printable(stderr, what);
    fputs(": ", stderr);
    print_printable(stderr, why);
    fputc('\n', stderr);
    return UNREADABLE;
}

static int help(const struct view *view)
{
    const char *operand = view->operand != NULL ? view->operand : "";
    const char *space = *operand != '\0' ? " " : "";

    printf(
        "Usage: " PROGRAM " %s [OPTION...]%s%s FILE%s\n"
        "       " PROGRAM " %s [OPTION...]%s%s -p PID...\n"
        "       " PROGRAM " %s [OPTION...]%s%s -- COMMAND [ARGUMENT...]\n"
        "\n%s\n"
        "Of a recording (FILE; \"-\" is the standard input), of running\n"
        "processes until -d or Ctrl-C, or of a command.\n\n"
        "  -p PID         this process; can be repeated\n"
        "  -d SECONDS     so long\n"
        "  --follow       the children, too, that are started meanwhile\n"
        "  --max-overhead PERCENT\n"
        "                 record in bursts, so that it takes no more of the\n"
        "                 program's time\n"
        "  -o FILE        write to this file instead of the standard output\n"
        "%s%s"
        "  --help         print this\n"
        "\n"
        "Exit status: 0 all is shown, 1 some events are missing, 2 nothing "
        "is\nshown; with a command, the command's own, where it is not 0.\n",
        view->name, space, operand, view->recordings > 1 ? " [FILE]" : "",
        view->name, space, operand, view->name, space, operand, view->what,
        view->options_help, view->has_json ? "  --json         as JSON\n" : "");
    return fflush(stdout) != 0 ? UNREADABLE : ALL_WELL;
}

/* ---- the command line ---- */

enum { HELP = 256, JSON, FOLLOW, MAX_OVERHEAD };

static const struct option common[] = {
    {"help", no_argument, NULL, HELP},
    {"max-overhead", required_argument, NULL, MAX_OVERHEAD},
    {"follow", no_argument, NULL, FOLLOW},
    {"json", no_argument, NULL, JSON}};

/* The view's own options and the common ones; allocated. */
static struct option *all_options(const struct view *view)
{
    const size_t commons =
        sizeof(common) / sizeof(common[0]) - (view->has_json ? 0 : 1);
    struct option *all;
    size_t own = 0;

    while (view->options != NULL && view->options[own].name != NULL)
        own++;
    all = allocate(own + commons + 1, sizeof(*all));
    memcpy(all, common, commons * sizeof(*all));
    if (own != 0)
        memcpy(all + commons, view->options, own * sizeof(*all));
    return all;
}

/* Where "--" is in the command line; argc where it is not. */
static int find_command(int argc, char **argv)
{
    int i;

    for (i = 1; i < argc; i++)
        if (strcmp(argv[i], "--") == 0)
            break;
    return i;
}

static bool take_operands(struct view_run *run, int argc, char **argv)
{
    const struct view *view = run->view;
    const size_t most = view->recordings > 1 ? view->recordings : 1;
    bool is_captured =
        run->capture.pid_count != 0 || run->capture.command != NULL;
    int i = optind;

    if (view->operand != NULL) {
        if (i == argc)
            return wrong_usage(view->name, "there is no ", view->operand);
        run->operand = argv[i++];
    }
    if (is_captured && i < argc)
        return wrong_usage(
            view->name,
            "a file, or processes and a command, but not both: ", argv[i]);
    if (!is_captured && i == argc)
        return wrong_usage(view->name,
                           "name a recording, a process with -p, or a command "
                           "behind --",
                           "");
    for (; i < argc; i++) {
        if (run->count == most)
            return wrong_usage(view->name, "one recording too many: ", argv[i]);
        run->files[run->count++] = argv[i];
    }
    return true;
}

static bool can_output(const struct view_run *run, const char *output)
{
    if (!run->view->is_file || (output != NULL && strcmp(output, "-") != 0))
        return true;
    if (run->capture.command != NULL)
        return wrong_usage(run->view->name,
                           "the result and the command's output would both be "
                           "on the standard output: name a file with -o",
                           "");
    return !isatty(STDOUT_FILENO) ||
           wrong_usage(run->view->name,
                       "the result is nothing for a terminal: name a file "
                       "with -o",
                       "");
}

struct command_line {
    const char *output; /* or NULL */
    bool help;
};

static bool parse(struct view_run *run, struct command_line *line, int argc,
                  char **argv)
{
    const struct view *view = run->view;
    struct option *options = all_options(view);
    int end = find_command(argc, argv);
    bool good = true;
    int option;

    if (end + 1 < argc)
        run->capture.command = argv + end + 1;
    while (good &&
           (option = getopt_long(end, argv, "p:d:o:", options, NULL)) != -1)
        switch (option) {
        case 'p':
            good = capture_parse_pid(&run->capture, optarg, view->name);
            break;
        case 'd':
            good = capture_parse_seconds(&run->capture, optarg, view->name);
            break;
        case 'o': run->output = line->output = optarg; break;
        case MAX_OVERHEAD:
            good = capture_parse_overhead(&run->capture, optarg, view->name);
            break;
        case FOLLOW: run->capture.follow = true; break;
        case JSON: run->json = true; break;
        case HELP: line->help = true; break;
        case '?':
            good = wrong_usage(view->name, "this command line is wrong", "");
            break;
        default: good = view->set_option(option, optarg); break;
        }
    free(options);
    return line->help || (good && take_operands(run, end, argv) &&
                          can_output(run, line->output));
}

/* ---- the recording ---- */

const char *view_why_closed(const char *name)
{
    return errno == ENOENT && *name != '\0' &&
                   name[strspn(name, "0123456789")] == '\0'
               ? "there is no such recording; a process is named by -p"
               : strerror(errno);
}

static bool open_files(struct view_run *run)
{
    size_t i;

    for (i = 0; i < run->count; i++) {
        if (strcmp(run->files[i], "-") == 0) {
            run->files[i] = "the standard input";
            run->descriptors[i] = STDIN_FILENO;
            continue;
        }
        run->descriptors[i] = open(run->files[i], O_RDONLY | O_CLOEXEC);
        if (run->descriptors[i] < 0) {
            complain(run, run->files[i], view_why_closed(run->files[i]));
            return false;
        }
    }
    return true;
}

int view_temporary(const char *command)
{
    const struct view view = {.name = command};
    const struct view_run run = {.view = &view};
    const char *directory = getenv("TMPDIR");
    char *path = formatted("%s/pytrace.XXXXXX",
                           directory != NULL && *directory != '\0' ? directory
                                                                   : P_tmpdir);
    int descriptor = mkostemp(path, O_CLOEXEC);

    if (descriptor < 0)
        complain(&run, path, strerror(errno));
    else
        unlink(path);
    free(path);
    return descriptor;
}

static void choose_markers(struct view_run *run)
{
    size_t i;

    for (i = 0; run->view->markers != NULL && run->view->markers[i] != NULL;
         i++) {
        run->capture.markers =
            grown(run->capture.markers, i, sizeof(*run->capture.markers));
        run->capture.markers[i] = run->view->markers[i];
    }
    run->capture.marker_count = i;
    run->capture.is_partial = true;
}

/* False: nothing was recorded, and it was told. */
static bool record(struct view_run *run, int *status)
{
    struct stat file;

    choose_markers(run);
    /* All of a command; but a service had better lose events than wait. */
    if (run->capture.command != NULL && run->capture.max_overhead == 0)
        run->capture.full = BLOCK;
    run->descriptors[0] = view_temporary(run->view->name);
    if (run->descriptors[0] < 0)
        return false;
    run->files[0] = "the recording";
    run->count = 1;
    *status = capture_wait(capture_start(&run->capture, run->descriptors[0]));
    return fstat(run->descriptors[0], &file) == 0 && file.st_size > 0;
}

struct reader *view_begin(struct view_run *run, size_t i)
{
    struct reason reason;
    struct reader *reader;

    lseek(run->descriptors[i], 0, SEEK_SET);
    reader = reader_open(run->descriptors[i], NULL, NULL, &reason);
    if (reader == NULL)
        complain(run, run->files[i], reason.text);
    return reader;
}

double view_cost(struct view_run *run, size_t i)
{
    struct reader *reader;
    struct reason reason;
    double cost = 0;

    if (lseek(run->descriptors[i], 0, SEEK_SET) != 0)
        return 0;
    reader = reader_open(run->descriptors[i], NULL, NULL, &reason);
    if (reader != NULL) {
        cost = stacks_cost(reader);
        reader_close(reader);
    }
    return cost;
}

void view_tell_idle(const struct view_run *run)
{
    size_t i;

    fprintf(stderr, PROGRAM " %s: no function was called meanwhile\n",
            run->view->name);
    for (i = 0; i < run->capture.pid_count; i++) {
        struct idle idle;

        if (idle_look(&idle, (uint32_t)run->capture.pids[i])) {
            char *text = idle_text(&idle);

            fprintf(stderr, PROGRAM " %s: %s\n", run->view->name, text);
            free(text);
        }
    }
}

int view_end(struct view_run *run, size_t i, struct reader *reader)
{
    const struct sentences *wrong = reader_wrong(reader);
    uint64_t lost = reader_count(reader)->lost;
    int status = ALL_WELL;
    size_t j;

    out_flush(&run->out); /* first what was asked for */
    for (j = 0; j < wrong->count; j++)
        complain(run, run->files[i], wrong->text[j]);
    if (wrong->count != 0)
        status = FALLS_SHORT;
    if (wrong->unsaid != 0)
        fprintf(stderr, PROGRAM " %s: and %zu more\n", run->view->name,
                wrong->unsaid);
    if (lost != 0) {
        char *count = count_text(lost);
        char *why = formatted("%s event%s lost, and missing here", count,
                              lost == 1 ? " is" : "s are");

        status = complain(run, run->files[i], why) == 0 ? status : FALLS_SHORT;
        free(why);
        free(count);
    }
    if (reader_count(reader)->paused != 0) {
        const struct recording_span span = reader_span(reader);

        fprintf(stderr,
                PROGRAM " %s: recorded in bursts, and paused for %.0f %% of "
                        "the time: counts and times are of the bursts\n",
                run->view->name,
                100 * (double)reader_count(reader)->paused /
                    (double)(span.end - span.begin));
    }
    reader_close(reader);
    return status;
}

/* ---- where the result goes ---- */

/* It is renamed once it is whole. */
static char *unfinished; /* its name until then, or NULL */

static void on_signal(int number)
{
    unlink(unfinished);
    signal(number, SIG_DFL);
    raise(number);
}

static bool is_regular_or_new(const char *path)
{
    struct stat file;

    return stat(path, &file) != 0 ? errno == ENOENT : S_ISREG(file.st_mode);
}

static int open_output(const struct view_run *run, const char *path)
{
    int descriptor;

    if (path == NULL || strcmp(path, "-") == 0)
        return STDOUT_FILENO;
    if (is_regular_or_new(path)) {
        /* (What a program does with its data is not for everybody.) */
        unfinished = formatted("%s.XXXXXX", path);
        descriptor = mkostemp(unfinished, O_CLOEXEC);
        if (descriptor >= 0) {
            signal(SIGINT, on_signal);
            signal(SIGTERM, on_signal);
            signal(SIGHUP, on_signal);
            return descriptor;
        }
        unfinished = NULL;
    } else {
        descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    }
    if (descriptor < 0)
        complain(run, path, strerror(errno));
    return descriptor;
}

static int close_output(struct view_run *run, const char *path, int status)
{
    out_end(&run->out);
    if (run->out.error != 0) {
        if (unfinished != NULL)
            unlink(unfinished);
        return complain(run, path != NULL ? path : "the standard output",
                        strerror(run->out.error));
    }
    if (unfinished == NULL)
        return status;
    if (status == UNREADABLE)
        unlink(unfinished);
    else if (rename(unfinished, path) != 0)
        return complain(run, path, strerror(errno));
    return status;
}

bool view_can_write(const char *command, const char *path)
{
    const struct view view = {.name = command};
    const struct view_run run = {.view = &view};
    char *trial;
    int descriptor;

    if (!is_regular_or_new(path))
        return access(path, W_OK) == 0 ||
               complain(&run, path, strerror(errno)) == ALL_WELL;
    trial = formatted("%s.XXXXXX", path);
    descriptor = mkostemp(trial, O_CLOEXEC);
    if (descriptor < 0) {
        complain(&run, path, strerror(errno));
    } else {
        close(descriptor);
        unlink(trial);
    }
    free(trial);
    return descriptor >= 0;
}

/* ---- on a terminal ---- */

static pid_t pager; /* 0: there is none */

/* What is written from now on, messages too, goes through the pager. */
static void start_pager(void)
{
    const char *command = getenv("PAGER");
    int ends[2];

    if (command == NULL || *command == '\0')
        command = "less";
    if (strcmp(command, "cat") == 0 || pipe2(ends, O_CLOEXEC) != 0)
        return;
    setenv("LESS", "FRX", 0); /* end at once where all fits; show colours */
    fflush(NULL);
    pager = fork();
    if (pager == 0) {
        dup2(ends[0], STDIN_FILENO);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    if (pager > 0) {
        dup2(ends[1], STDOUT_FILENO);
        dup2(ends[1], STDERR_FILENO);
        signal(SIGINT, SIG_IGN); /* it is the pager's */
    }
    close(ends[0]);
    close(ends[1]);
}

static void end_pager(void)
{
    if (pager <= 0)
        return;
    fflush(NULL);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* ---- showing ---- */

/* Returns the view's exit status. */
static int show(struct view_run *run, const char *path)
{
    int descriptor, status;

    signal(SIGXFSZ, SIG_IGN); /* writing fails, which is told */
    descriptor = open_output(run, path);
    if (descriptor < 0)
        return UNREADABLE;
    if (descriptor == STDOUT_FILENO && isatty(STDOUT_FILENO)) {
        const char *terminal = getenv("TERM");

        run->has_colours = getenv("NO_COLOR") == NULL && terminal != NULL &&
                           strcmp(terminal, "dumb") != 0;
        if (run->view->is_paged && !run->json)
            start_pager();
    }
    out_begin(&run->out, descriptor);
    status = close_output(run, path, run->view->show(run));
    end_pager();
    return status;
}

int view_file(const struct view *view, const char *command, int descriptor,
              const char *name, const char *path)
{
    struct view named = *view;
    struct view_run run = {.view = &named,
                           .files = {name},
                           .descriptors = {descriptor},
                           .count = 1};

    named.name = command;
    return show(&run, path);
}

int view_main(const struct view *view, int argc, char **argv)
{
    struct view_run run = {.view = view};
    struct command_line line = {0};
    int status, command_status = ALL_WELL;

    /* As other programs end when what reads them has enough. */
    signal(SIGPIPE, SIG_DFL);
    capture_init(&run.capture);
    if (!parse(&run, &line, argc, argv))
        return UNREADABLE;
    if (line.help)
        return help(view);
    if (run.count != 0 ? !open_files(&run) : !record(&run, &command_status))
        return command_status != ALL_WELL ? command_status : UNREADABLE;
    status = show(&run, line.output);
    return status != ALL_WELL || run.capture.command == NULL ? status
                                                             : command_status;
}
