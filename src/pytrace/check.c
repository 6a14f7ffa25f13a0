/*
 * check.c - the command pytrace check: whether the markers of a pytrace host,
 * an executable, a library or a running process, are there, are fired, and
 * would work. The manual page is docs/pytrace-check.1.in.
 *
 * A file is mapped (file.c) and its notes are read (elf.c, sections.c,
 * notes.c); the markers are judged by what the host says of itself (judge.c,
 * uses.c, place.c, operands.c) and printed (table.c, json.c). Exit status:
 * 0 all is well, 1 something falls short, 2 something cannot be read, or the
 * command line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "commands.h"
#include "output.h"
#include "process.h"

#include <elf.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* In a process: a provider, and a file that has it. Both allocated. */
struct placed {
    char *provider, *file;
};

struct checking {
    const struct printer *printer;
    struct exceptions exceptions;
    enum outcome outcome; /* the worst so far */
    struct placed *placed;
    size_t placed_count;
    bool has_host;
    bool is_told; /* in a process: that its memory cannot be read */
    struct sentences shortfalls; /* of the process as a whole */
};

static void worsen(struct checking *checking, enum outcome outcome)
{
    if (outcome > checking->outcome)
        checking->outcome = outcome;
}

static void complain(const char *what, const char *why)
{
    fflush(stdout);
    fputs(PROGRAM " check: ", stderr);
    print_printable(stderr, what);
    fputs(": ", stderr);
    print_printable(stderr, why);
    fputc('\n', stderr);
}

static void unreadable(struct checking *checking, const char *file,
                       const char *why)
{
    complain(file, why);
    checking->printer->unreadable(file, why);
    worsen(checking, UNREADABLE);
}

/* ---- files; of a process, where that is not NULL ---- */

static void note_process(struct checking *checking, struct process *process,
                         const char *path, struct report *report)
{
    struct reason reason;
    size_t i;

    if (!process_judge(process, report, &reason)) {
        if (!checking->is_told)
            complain(report->file, reason.text);
        checking->is_told = true;
        worsen(checking, UNREADABLE);
    }
    if (process_file_is_deleted(process))
        say(&report->remarks,
            "was deleted or replaced since the process mapped it: a tracer "
            "that is given its path finds another file, or none; %s is this "
            "one",
            path);
    for (i = 0; i < report->count; i++) {
        checking->placed = grown(checking->placed, checking->placed_count,
                                 sizeof(*checking->placed));
        checking->placed[checking->placed_count++] = (struct placed){
            formatted("%s", report->judgements[i].host->provider),
            formatted("%s", report->file)};
    }
}

static void check_image(struct checking *checking, struct process *process,
                        const char *name, const char *path,
                        const struct file *file)
{
    struct reason reason;
    struct image image;
    struct report report;

    if (!image_read(&image, file->bytes, file->size, &reason)) {
        unreadable(checking, name, reason.text);
        return;
    }
    judge(&report, name, &image, process != NULL, &checking->exceptions);
    checking->has_host |= report.count != 0;
    if (process != NULL && report.count != 0)
        note_process(checking, process, path, &report);
    if (!report.is_bystander || image.site_count != 0)
        checking->printer->report(&report);
    worsen(checking, report_is_well(&report) ? ALL_WELL : FALLS_SHORT);
    report_free(&report);
    image_free(&image);
}

/* A process maps other files, too, which have no markers. */
static bool is_elf(const struct file *file)
{
    return file->size >= SELFMAG && memcmp(file->bytes, ELFMAG, SELFMAG) == 0;
}

static void check_file(struct checking *checking, struct process *process,
                       const char *name, const char *path)
{
    struct reason reason;
    struct file file;

    if (!file_open(&file, path, name, &reason)) {
        /* Such as the recorder's segment, which stays when it has ended. */
        if (process != NULL && !process_runs_file(process))
            return;
        if (process != NULL && process_file_is_deleted(process))
            because(&reason, "was deleted or replaced since the process mapped "
                             "it, and only root can read it");
        unreadable(checking, name, reason.text);
        return;
    }
    if (process == NULL || is_elf(&file))
        check_image(checking, process, name, path, &file);
    file_close(&file);
}

static void check_mapped(struct process *process, const char *name,
                         const char *path, void *data)
{
    check_file(data, process, name, path);
}

/* ---- a process ---- */

static int by_provider(const void *left, const void *right)
{
    return strcmp(((const struct placed *)left)->provider,
                  ((const struct placed *)right)->provider);
}

/* A tracer is given one file, and sees the events of that file's copy. */
static void judge_placed(struct checking *checking)
{
    struct placed *placed = checking->placed;
    size_t i;

    if (checking->placed_count != 0)
        qsort(placed, checking->placed_count, sizeof(*placed), by_provider);
    for (i = 1; i < checking->placed_count; i++)
        if (by_provider(&placed[i - 1], &placed[i]) == 0)
            say(&checking->shortfalls,
                "both %s and %s have provider %s, and a tracer of one file "
                "does not see the events of the other: link the runtime into "
                "one of them only",
                placed[i - 1].file, placed[i].file, placed[i].provider);
    if (checking->shortfalls.count != 0)
        worsen(checking, FALLS_SHORT);
    for (i = 0; i < checking->placed_count; i++) {
        free(placed[i].provider);
        free(placed[i].file);
    }
    free(placed);
}

static void check_process(struct checking *checking, long pid)
{
    struct reason reason;
    char name[32];

    snprintf(name, sizeof(name), "process %ld", pid);
    if (!process_visit_files(pid, check_mapped, checking, &reason))
        unreadable(checking, name, reason.text);
    else if (checking->placed_count == 0)
        say(&checking->shortfalls, "none of its files is a pytrace host");
    judge_placed(checking);
}

/* ---- the command line ---- */

static const char usage[] =
    "Usage: pytrace check [OPTION...] BINARY...\n"
    "       pytrace check [OPTION...] -p PID\n"
    "\n"
    "Say of each marker of a pytrace host whether it is there, is fired, and\n"
    "would work. A host is an executable or a library that pytrace's runtime\n"
    "is linked into.\n"
    "\n"
    "  -p PID           check the files that this process has mapped, and say\n"
    "                   what the semaphores count there, 0 for no tracer\n"
    "  --except MARKER  this marker need not be fired; \"all\" for none of "
    "them;\n"
    "                   can be repeated\n"
    "  --json           print JSON instead of a table\n"
    "  --help           say this\n"
    "\n"
    "Exit status: 0 when all is well, 1 when something falls short, 2 when\n"
    "something cannot be read or the command line is wrong.\n";

struct command {
    struct exceptions exceptions;
    long pid; /* 0: none is given */
    bool json;
};

static bool wrong(const char *text, const char *detail)
{
    fprintf(stderr, PROGRAM " check: %s%s; see " PROGRAM " check --help\n",
            text, detail);
    return false;
}

static bool parse_pid(const char *text, long *pid)
{
    char *end;

    errno = 0;
    *pid = strtol(text, &end, 10);
    if (errno != 0 || *pid <= 0 || *end != '\0' || *text < '0' || *text > '9')
        return wrong("not the number of a process: ", text);
    return true;
}

static void help(void)
{
    fputs(usage, stdout);
    exit(fflush(stdout) != 0 ? UNREADABLE : ALL_WELL);
}

static bool parse_command(struct command *command, int argc, char **argv)
{
    static const struct option options[] = {
        {"except", required_argument, NULL, 'e'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    struct exceptions *exceptions = &command->exceptions;
    int option;

    while ((option = getopt_long(argc, argv, "p:", options, NULL)) != -1) {
        switch (option) {
        case 'p':
            if (command->pid != 0)
                return wrong("-p names one process, and not another one: ",
                             optarg);
            if (!parse_pid(optarg, &command->pid))
                return false;
            break;
        case 'e': exceptions->names[exceptions->count++] = optarg; break;
        case 'j': command->json = true; break;
        case 'h': help(); break;
        default: return wrong("this command line is wrong", "");
        }
    }
    if (command->pid != 0 && optind < argc)
        return wrong("with -p, no file is named: ", argv[optind]);
    if (command->pid == 0 && optind == argc)
        return wrong("name a file to check, or a process with -p", "");
    return true;
}

/* Each must have named a marker of what was checked, if that was a host. */
static void check_exceptions(struct checking *checking)
{
    const struct exceptions *exceptions = &checking->exceptions;
    size_t i;

    for (i = 0; checking->has_host && i < exceptions->count; i++)
        if (!exceptions->is_used[i]) {
            char *option = formatted("--except %s", exceptions->names[i]);

            complain(option, "no host here has a marker of this name");
            free(option);
            worsen(checking, UNREADABLE);
        }
}

int check_main(int argc, char **argv)
{
    struct command command = {0};
    struct checking checking = {0};

    command.exceptions.names = allocate((size_t)argc, sizeof(char *));
    command.exceptions.is_used = allocate((size_t)argc, sizeof(bool));
    if (!parse_command(&command, argc, argv))
        return UNREADABLE;
    checking.exceptions = command.exceptions;
    checking.printer = command.json ? &json_printer : &table_printer;
    checking.printer->begin(command.pid);
    if (command.pid != 0)
        check_process(&checking, command.pid);
    for (; optind < argc; optind++)
        check_file(&checking, NULL, argv[optind], argv[optind]);
    check_exceptions(&checking);
    checking.printer->end(checking.outcome, &checking.shortfalls);
    sentences_free(&checking.shortfalls);
    free(command.exceptions.names);
    free(command.exceptions.is_used);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("the standard output", "cannot be written");
        return UNREADABLE;
    }
    return (int)checking.outcome;
}
