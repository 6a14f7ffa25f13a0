/*
 * ps.c - the command pytrace ps: the processes that have hosts, and who traces
 * them. The manual page is docs/pytrace.1.in; ps_print.c has the two forms.
 *
 * Exit status: 0 there are some, 1 none was found, 2 a process that was named
 * is not there, or the command line is wrong.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "ps.h"
#include "commands.h"
#include "hosts.h"
#include "process.h"
#include "python_attach.h"
#include "recording.h"
#include "relatives.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
    struct relatives all;
    struct ps_process *found;
    size_t count;
    /* Processes that were not looked at: of other users, and of this one. */
    size_t of_others, of_own;
    size_t unread;  /* that have a file which cannot be read, and no host */
    size_t unknown; /* whose memory cannot be read */
};

static int complain(const char *text)
{
    fputs(PROGRAM " ps: ", stderr);
    print_printable(stderr, text);
    fputc('\n', stderr);
    return UNREADABLE;
}

/* ---- a host ---- */

/* Who raises the semaphores; false: they cannot be read. */
static bool find_tracers(const struct process *process,
                         const struct image *image, const struct host *host,
                         struct ps_host *found)
{
    struct stat memory;
    size_t i;

    for (i = 0; i < host->count; i++) {
        uint64_t semaphore = host->markers[i].semaphore;
        long value;

        if (semaphore == 0)
            continue;
        if (!process_semaphore(process, image, semaphore, &value))
            return false;
        if (value < 0)
            continue;
        found->by_recorder |= (value & PYTRACE__RECORDED) != 0;
        found->by_kernel |= (value & ~(long)PYTRACE__RECORDED) != 0;
    }
    if (found->by_recorder && fstat(process_memory(process), &memory) == 0)
        found->recorder = lock_holder(memory.st_ino);
    return true;
}

struct look {
    struct ps_process *process;
    bool has_unread, has_unknown;
};

static void visit(struct process *process, const char *name, const char *path,
                  void *data)
{
    struct look *look = data;
    struct ps_process *found = look->process;
    const struct known_file *file;
    struct python python;
    size_t i;

    if (!process_runs_file(process))
        return;
    file = known_file(path, name);
    look->has_unread |= file == NULL;
    if (file == NULL)
        return;
    found->is_attachable |=
        python_in_file(&python, process, file, process_memory(process)) &&
        python_can_attach(&python);
    /* (A module that was given up has markers that never fire.) */
    if (python_is_module(name) && !python_module_works(found->pid))
        return;
    for (i = 0; i < file->count; i++) {
        const struct host *host = file->hosts[i].host;
        struct ps_host *added;

        found->hosts = grown(found->hosts, found->count, sizeof(*found->hosts));
        added = &found->hosts[found->count++];
        *added = (struct ps_host){
            .provider = formatted("%s", host->provider),
            .file = formatted("%s", name),
            .is_deleted = process_file_is_deleted(process),
            .markers = host->count,
            .has_recorder = host->control != 0,
        };
        added->is_known = find_tracers(process, &file->image, host, added);
        look->has_unknown |= !added->is_known;
    }
}

/* ---- a process ---- */

static char *user_of(const struct status *status)
{
    static unsigned last;
    static char *name;
    const struct passwd *user;

    if (name == NULL || last != status->users[1]) {
        free(name);
        last = status->users[1];
        user = getpwuid((uid_t)last);
        name = user != NULL ? formatted("%s", user->pw_name)
                            : formatted("%u", last);
    }
    return formatted("%s", name);
}

/* Its arguments with blanks between them; its name where it has none. */
static char *command_of(long pid)
{
    char path[64], name[32];
    char *command = NULL;
    size_t capacity = 0;
    ssize_t length = -1;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
    file = fopen(path, "re");
    if (file != NULL) {
        length = getdelim(&command, &capacity, EOF, file);
        fclose(file);
    }
    while (length > 0 && command[length - 1] == '\0')
        length--;
    if (length <= 0) {
        free(command);
        name_read(pid, name);
        return formatted("[%s]", name);
    }
    while (length-- > 0)
        if (command[length] == '\0')
            command[length] = ' ';
    return command;
}

/* Whether its files may be listed; else it is counted, where it is there. */
static bool may_look(struct search *search, const struct relative *relative)
{
    unsigned user = (unsigned)geteuid();
    char path[64];
    int file;

    snprintf(path, sizeof(path), "/proc/%ld/maps", relative->pid);
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        close(file);
        return true;
    }
    if (errno == EACCES || errno == EPERM) {
        if (relative->status.users[1] != user)
            search->of_others++;
        else
            search->of_own++;
    }
    return false;
}

static void free_process(struct ps_process *process)
{
    while (process->count != 0) {
        free(process->hosts[--process->count].provider);
        free(process->hosts[process->count].file);
    }
    free(process->hosts);
    free(process->user);
    free(process->command);
}

static void look_at(struct search *search, const struct relative *relative)
{
    struct ps_process process = {.pid = relative->pid,
                                 .parent = relative->status.parent};
    struct look look = {.process = &process};
    struct status status;
    struct reason reason;

    if (!may_look(search, relative))
        return;
    process_visit_files(process.pid, visit, &look, &reason);
    process.is_attachable &= process.count == 0;
    if (process.count == 0 && !process.is_attachable) {
        search->unread += look.has_unread;
        return;
    }
    if (!status_read(&status, process.pid, &reason)) {
        free_process(&process);
        return;
    }
    search->unknown += look.has_unknown;
    process.user = user_of(&status);
    process.command = command_of(process.pid);
    search->found = grown(search->found, search->count, sizeof(*search->found));
    search->found[search->count++] = process;
}

static const struct ps_process *find(const struct search *search, long pid)
{
    size_t i;

    for (i = 0; i < search->count; i++)
        if (search->found[i].pid == pid)
            return &search->found[i];
    return NULL;
}

/* (Of a list that changed meanwhile, no way up is longer than the list.) */
static void find_ancestors(struct search *search)
{
    size_t i, steps;

    for (i = 0; i < search->count; i++) {
        struct ps_process *process = &search->found[i];
        const struct relative *up =
            relatives_find(&search->all, process->parent);

        for (steps = 0; up != NULL && steps < search->all.count; steps++) {
            process->above = find(search, up->pid);
            if (process->above != NULL)
                break;
            up = relatives_find(&search->all, up->status.parent);
        }
    }
}

/* ---- what was not looked at ---- */

static void complain_of(size_t count, const char *format_one,
                        const char *format_many)
{
    char *text;

    if (count == 0)
        return;
    text = count == 1 ? formatted("%s", format_one)
                      : formatted("%zu %s", count, format_many);
    complain(text);
    free(text);
}

static void complain_of_hidden(const struct search *search)
{
    bool is_root = geteuid() == 0;

    if (is_root) {
        complain_of(search->of_others + search->of_own,
                    "1 process was not looked at: that takes the capability "
                    "CAP_SYS_PTRACE, outside of its container",
                    "processes were not looked at: that takes the capability "
                    "CAP_SYS_PTRACE, outside of their containers");
    } else {
        complain_of(search->of_others,
                    "1 process of another user was not looked at: root sees it",
                    "processes of other users were not looked at: root sees "
                    "them");
        complain_of(search->of_own,
                    "1 process of this user was not looked at, as it can do "
                    "more than its user (it is not dumpable): root sees it",
                    "processes of this user were not looked at, as they can do "
                    "more than their user (they are not dumpable): root sees "
                    "them");
    }
    complain_of(search->unread,
                "1 process runs a file that this user cannot read, such as a "
                "deleted one: root can",
                "processes run files that this user cannot read, such as "
                "deleted ones: root can");
    complain_of(search->unknown,
                "the memory of 1 process cannot be read, so that its tracers "
                "are not known (?): root can read it",
                "processes have memory that cannot be read, so that their "
                "tracers are not known (?): root can read it");
}

/* ---- the command line ---- */

static const char usage[] =
    "Usage: pytrace ps [OPTION...]\n"
    "\n"
    "List the processes with markers that this user may look at, children "
    "below\n"
    "their parents.\n"
    "\n"
    "  -p PID  list this process and its descendants only; can be repeated\n"
    "  --json  print JSON, one object a line\n"
    "  --help  print this\n"
    "\n"
    "MARKERS says how many there are; \"by -p\" is a CPython that has none, "
    "and gets\n"
    "them while pytrace top or the like traces it by -p. TRACED BY is "
    "\"kernel\" for\n"
    "a tracer such as bpftrace, \"recorder\" with its process for pytrace "
    "record, \"-\"\n"
    "for none.\n"
    "\n"
    "Exit status: 0 when there are such processes, 1 when there are none, 2 "
    "when\n"
    "a process that -p names is not there, or the command line is wrong.\n";

struct options {
    long *pids;
    size_t count;
    bool json, help;
};

static bool wrong(const char *text, const char *detail)
{
    char *sentence = formatted("%s%s; see " PROGRAM " ps --help", text, detail);

    complain(sentence);
    free(sentence);
    return false;
}

static bool parse_pid(struct options *options, const char *text)
{
    char *end;
    long pid;

    errno = 0;
    pid = strtol(text, &end, 10);
    if (errno != 0 || pid <= 0 || *end != '\0' || *text < '0' || *text > '9')
        return wrong("not the number of a process: ", text);
    options->pids[options->count++] = pid;
    return true;
}

static bool parse(struct options *options, int argc, char **argv)
{
    static const struct option known[] = {{"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "p:", known, NULL)) != -1) {
        switch (option) {
        case 'p':
            if (!parse_pid(options, optarg))
                return false;
            break;
        case 'j': options->json = true; break;
        case 'h': options->help = true; return true;
        default: return wrong("this command line is wrong", "");
        }
    }
    return optind == argc ||
           wrong("a process is named with -p: ", argv[optind]);
}

/* Whether the process is to be listed, where it has markers. */
static bool is_wanted(const struct options *options,
                      const struct relative *relative)
{
    size_t i;

    for (i = 0; i < options->count; i++)
        if (options->pids[i] == relative->pid)
            return true;
    return options->count == 0 || relative->descends;
}

static int find_none(const struct search *search, const struct options *options)
{
    struct reason reason;

    if (options->count == 1 && search->of_others + search->of_own == 0 &&
        search->unread == 0)
        refuse_no_markers(options->pids[0], &reason);
    else
        because(&reason,
                "no process with markers was found: start one; pytrace "
                "check FILE says whether a program has them, and "
                "docs/embedding.md how it gets them");
    complain(reason.text);
    return FALLS_SHORT;
}

static int list(const struct options *options)
{
    struct search search = {.all = relatives_read()};
    struct reason reason;
    struct status named;
    int status = ALL_WELL;
    size_t i;

    for (i = 0; i < options->count; i++) {
        if (!status_read(&named, options->pids[i], &reason))
            return complain(reason.text);
        relatives_mark(&search.all, options->pids[i]);
    }
    for (i = 0; i < search.all.count; i++)
        if (is_wanted(options, &search.all.list[i]))
            look_at(&search, &search.all.list[i]);
    find_ancestors(&search);
    if (search.count != 0 &&
        !(options->json ? ps_json : ps_table)(search.found, search.count))
        return complain("the standard output cannot be written");
    complain_of_hidden(&search);
    if (search.count == 0)
        status = find_none(&search, options);
    for (i = 0; i < search.count; i++)
        free_process(&search.found[i]);
    free(search.found);
    free(search.all.list);
    return status;
}

int ps_main(int argc, char **argv)
{
    struct options options = {.pids = allocate((size_t)argc, sizeof(long))};
    int status = UNREADABLE;

    if (parse(&options, argc, argv)) {
        if (options.help) {
            fputs(usage, stdout);
            status = fflush(stdout) != 0 ? UNREADABLE : ALL_WELL;
        } else {
            status = list(&options);
        }
    }
    free(options.pids);
    return status;
}
