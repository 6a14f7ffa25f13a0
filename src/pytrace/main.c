/*
 * main.c - pytrace-check: whether the markers of a provider definition are in
 * an executable, a library or a running process, and would work there. The
 * manual page is docs/pytrace-check.1.in.
 *
 * A file is mapped (file.c), its notes are read (image.c, notes.c), judged by
 * the definition (judge.c, operands.c), and printed (table.c, json.c).
 * Exit status: 0 all is well, 1 something falls short, 2 something cannot be
 * read, or the command line is wrong.
 */
#define _GNU_SOURCE
#include "check.h"

#include <elf.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

struct checking {
    const struct printer *printer;
    const struct definition *definition;
    const char *provider;
    enum outcome outcome; /* the worst so far */
    bool is_found;        /* in a process: the provider, in some file */
    bool is_told;         /* in a process: that its memory cannot be read */
};

static void worsen(struct checking *checking, enum outcome outcome)
{
    if (outcome > checking->outcome)
        checking->outcome = outcome;
}

static void complain(const char *what, const char *why)
{
    fflush(stdout);
    fputs("pytrace-check: ", stderr);
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

static void print_report(struct checking *checking, struct process *process,
                         struct report *report)
{
    struct reason reason;

    if (process != NULL && !process_read_semaphores(process, report, &reason)) {
        if (!checking->is_told)
            complain(report->file, reason.text);
        checking->is_told = true;
        worsen(checking, UNREADABLE);
    }
    checking->printer->report(report);
    worsen(checking, report->too_short != 0 ? FALLS_SHORT : ALL_WELL);
    checking->is_found = true;
}

static void check_image(struct checking *checking, struct process *process,
                        const char *name, const struct file *file)
{
    struct reason reason;
    struct image image;
    struct report report;

    if (!image_read(&image, file->bytes, file->size, &reason)) {
        unreadable(checking, name, reason.text);
        return;
    }
    judge(&report, name, &image, checking->provider, checking->definition);
    if (process == NULL || report.found != 0)
        print_report(checking, process, &report);
    else if (image.site_count != 0)
        checking->printer->bystander(&report);
    report_free(&report);
    image_free(&image);
}

/* A process maps other files, too, which are none of our business. */
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
        unreadable(checking, name, reason.text);
        return;
    }
    if (process == NULL || is_elf(&file))
        check_image(checking, process, name, &file);
    file_close(&file);
}

static void check_mapped(struct process *process, const char *name,
                         const char *path, void *data)
{
    check_file(data, process, name, path);
}

static void check_process(struct checking *checking, long pid)
{
    struct reason reason;
    char name[32];

    snprintf(name, sizeof(name), "process %ld", pid);
    if (!process_visit_files(pid, check_mapped, checking, &reason)) {
        unreadable(checking, name, reason.text);
    } else if (!checking->is_found) {
        fflush(stdout);
        fprintf(stderr,
                "pytrace-check: %s: none of its files has markers of provider "
                "%s\n",
                name, checking->provider);
        worsen(checking, FALLS_SHORT);
    }
}

/* ---- the definition ---- */

static bool read_definition(struct definition *definition, const char *name)
{
    struct reason reason;
    struct file file;
    bool good;

    if (!file_open(&file, name, name, &reason)) {
        complain(name, reason.text);
        return false;
    }
    good = definition_parse(definition, name, file.bytes, file.size, &reason);
    if (!good)
        fprintf(stderr, "pytrace-check: %s\n", reason.text);
    file_close(&file);
    return good;
}

/* ---- the command line ---- */

static const char usage[] =
    "Usage: pytrace-check [OPTION...] BINARY...\n"
    "       pytrace-check [OPTION...] -p PID\n"
    "\n"
    "Say whether each marker of the definition is in the executables or\n"
    "libraries, or in the files of a process, and would work there.\n"
    "\n"
    "  -p PID             check the files that this process has mapped, and "
    "say\n"
    "                     what the semaphores count there, 0 for no tracer\n"
    "  --provider NAME    the provider to expect (default: the definition's)\n"
    "  --probes FILE.d    the definition (default: the one that pytrace was\n"
    "                     configured with)\n"
    "  --json             print JSON instead of a table\n"
    "  --help, --version  say this, or the version\n"
    "\n"
    "Exit status: 0 when all is well, 1 when something falls short, 2 when\n"
    "something cannot be read or the command line is wrong.\n";

struct command {
    const char *provider, *probes;
    long pid; /* 0: none is given */
    bool json;
};

static bool wrong(const char *text, const char *detail)
{
    fprintf(stderr, "pytrace-check: %s%s; see pytrace-check --help\n", text,
            detail);
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

/* What is done for --help and --version, which end the program. */
static void say(const char *text)
{
    fputs(text, stdout);
    exit(fflush(stdout) != 0 ? UNREADABLE : ALL_WELL);
}

static bool parse_command(struct command *command, int argc, char **argv)
{
    static const struct option options[] = {
        {"provider", required_argument, NULL, 'v'},
        {"probes", required_argument, NULL, 'd'},
        {"json", no_argument, NULL, 'j'},
        {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'V'},
        {NULL, 0, NULL, 0}};
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
        case 'v': command->provider = optarg; break;
        case 'd': command->probes = optarg; break;
        case 'j': command->json = true; break;
        case 'h': say(usage); break;
        case 'V': say("pytrace-check " PACKAGE_VERSION "\n"); break;
        default: return wrong("this command line is wrong", "");
        }
    }
    if (command->provider != NULL && *command->provider == '\0')
        return wrong("--provider needs a name", "");
    if (command->pid != 0 && optind < argc)
        return wrong("with -p, no file is named: ", argv[optind]);
    if (command->pid == 0 && optind == argc)
        return wrong("name a file to check, or a process with -p", "");
    return true;
}

int main(int argc, char **argv)
{
    struct command command = {0};
    struct definition own = {0};
    struct checking checking = {.definition = &configured_definition};

    if (!parse_command(&command, argc, argv))
        return UNREADABLE;
    if (command.probes != NULL) {
        if (!read_definition(&own, command.probes))
            return UNREADABLE;
        checking.definition = &own;
    }
    checking.provider = command.provider != NULL
                            ? command.provider
                            : checking.definition->provider;
    checking.printer = command.json ? &json_printer : &table_printer;
    checking.printer->begin(command.pid);
    if (command.pid != 0)
        check_process(&checking, command.pid);
    for (; optind < argc; optind++)
        check_file(&checking, NULL, argv[optind], argv[optind]);
    checking.printer->end(checking.outcome);
    definition_free(&own);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        complain("the standard output", "cannot be written");
        return UNREADABLE;
    }
    return (int)checking.outcome;
}
