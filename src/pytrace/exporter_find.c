/*
 * exporter_find.c - the processes there are, for pytrace export: which have
 * markers, and what they are. A process without markers is looked at again
 * after ever longer times; that it is another one with the same number is seen
 * by the number of its directory in /proc.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "exporter.h"
#include "refuse.h"
#include "ticks.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * A process waits in its first event until it is answered: where thousands
 * start at once, they are asked in turns, so that each answer comes soon.
 */
enum { MOST_YOUNG = 32, MOST_USERS = 256 };

static const uint64_t first_interval = 100 * MILLISECOND,
                      longest_interval = 60 * SECOND,
                      recorder_interval = 5 * SECOND,
                      patience = 2 * SECOND, /* with what is just starting */
    at_a_time = 2 * MILLISECOND;             /* of looking */

/* ---- what a process is ---- */

/* The word in text from behind begin to end; NULL: it has none. Allocated. */
static char *between(const char *text, const char *begin, const char *end)
{
    const char *from = strstr(text, begin);
    size_t size;

    if (from == NULL)
        return NULL;
    from += strlen(begin);
    size = strcspn(from, end);
    return size != 0 ? label_text(from, size) : NULL;
}

/* 64 hexadecimal digits, as all runtimes of containers write them. */
static char *container_of(const char *path)
{
    static const char digits[] = "0123456789abcdef";

    while (*path != '\0') {
        size_t size = strspn(path, digits);

        if (size == 64)
            return label_text(path, size);
        path += size != 0 ? size : 1;
    }
    return NULL;
}

/* The innermost unit of the path: a service or a scope. */
static char *unit_of(const char *path)
{
    const char *found = NULL;
    size_t size, found_size = 0;

    for (; *path != '\0'; path += size) {
        path += strspn(path, "/");
        size = strcspn(path, "/");
        if ((size > 8 && memcmp(path + size - 8, ".service", 8) == 0) ||
            (size > 6 && memcmp(path + size - 6, ".scope", 6) == 0)) {
            found = path;
            found_size = size;
        }
    }
    return label_text(found != NULL ? found : "", found_size);
}

static void read_groups(struct identity *identity, long pid)
{
    char path[64];
    char *line = NULL, *container = NULL, *unit = NULL;
    size_t capacity = 0;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/cgroup", pid);
    file = fopen(path, "re");
    while (file != NULL && getline(&line, &capacity, file) > 0) {
        const char *group = strchr(line, ':');

        group = group != NULL ? strchr(group + 1, ':') : NULL;
        if (group == NULL)
            continue;
        line[strcspn(line, "\n")] = '\0';
        if (container == NULL)
            container = container_of(group + 1);
        if (container == NULL)
            container = between(group + 1, "/lxc.payload.", "/");
        if (unit == NULL || *unit == '\0') {
            free(unit);
            unit = unit_of(group + 1);
        }
    }
    if (file != NULL)
        fclose(file);
    free(line);
    identity->container = container != NULL ? container : label_text("", 0);
    identity->unit = unit != NULL ? unit : label_text("", 0);
}

/* Allocated, as a label. */
static char *program_of(long pid)
{
    char path[64], name[MAX_NAME];
    const char *last;
    ssize_t size;

    snprintf(path, sizeof(path), "/proc/%ld/exe", pid);
    size = readlink(path, name, sizeof(name) - 1);
    if (size <= 0) {
        name_read(pid, name);
        return label_text(name, strlen(name));
    }
    name[size] = '\0';
    last = strrchr(name, '/');
    last = last != NULL ? last + 1 : name;
    size = (ssize_t)strlen(last);
    if (size > 10 && strcmp(last + size - 10, " (deleted)") == 0)
        size -= 10;
    return label_text(last, (size_t)size);
}

/* The first number of a file's name: 3.12 of libpython3.12.so.1.0. */
static char *version_in(const char *path)
{
    const char *name = strrchr(path, '/');
    size_t size;

    name = name != NULL ? name + 1 : path;
    name += strcspn(name, "0123456789");
    size = strspn(name, "0123456789.");
    while (size != 0 && name[size - 1] == '.')
        size--;
    return label_text(name, size);
}

/*
 * The latest ones are kept, as a directory of users on the network may be slow:
 * a program can take numbers without end.
 */
static const char *name_of_user(unsigned number)
{
    static struct {
        unsigned number;
        char *name;
    } users[MOST_USERS];
    static size_t next;
    const struct passwd *user;
    size_t i;

    for (i = 0; i < MOST_USERS; i++)
        if (users[i].name != NULL && users[i].number == number)
            return users[i].name;
    user = getpwuid((uid_t)number);
    i = next++ % MOST_USERS;
    free(users[i].name);
    users[i].number = number;
    users[i].name =
        user != NULL ? formatted("%s", user->pw_name) : formatted("%u", number);
    return users[i].name;
}

static char *user_of(long pid)
{
    struct status status;
    struct reason reason;
    const char *name;

    if (!status_read(&status, pid, &reason))
        return label_text("", 0);
    name = name_of_user(status.users[1]);
    return label_text(name, strlen(name));
}

void identity_read(struct identity *identity, const struct target *target)
{
    const struct spot *spot = &target->spots[0];
    const char *provider = spot->host->host->provider;

    identity->pid = formatted("%ld", target->pid);
    identity->program = program_of(target->pid);
    identity->provider = label_text(provider, strlen(provider));
    identity->version = version_in(spot->file->name);
    identity->file = label_text(spot->file->name, strlen(spot->file->name));
    identity->user = user_of(target->pid);
    read_groups(identity, target->pid);
}

void identity_free(struct identity *identity)
{
    free(identity->pid);
    free(identity->program);
    free(identity->provider);
    free(identity->version);
    free(identity->file);
    free(identity->container);
    free(identity->unit);
    free(identity->user);
}

/* ---- one process ---- */

bool find_chosen(struct selection *selection, struct reason *reason)
{
    struct status status;
    size_t i;

    selection->ends = allocate(selection->pid_count, sizeof(int));
    for (i = 0; i < selection->pid_count; i++) {
        long pid = selection->pids[i];

        if (pid == (long)getpid())
            return because(reason,
                           "process %ld is this exporter itself: pytrace ps "
                           "lists those with markers",
                           pid);
        if (!status_read(&status, pid, reason))
            return false;
        selection->ends[i] = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
        if (selection->ends[i] < 0 && (errno == EINVAL || errno == ENOENT))
            return because(reason,
                           "%ld is a thread, not a process: ps -e lists those "
                           "there are",
                           pid);
    }
    return true;
}

/* Another process may get the number of one that has ended. */
static bool has_ended(int end)
{
    struct pollfd descriptor = {.fd = end, .events = POLLIN};

    return end >= 0 && poll(&descriptor, 1, 0) > 0;
}

static bool is_selected(const struct selection *selection, long pid)
{
    struct status status;
    struct reason reason;
    size_t i;

    for (i = 0; i < selection->pid_count; i++)
        if (selection->pids[i] == pid && !has_ended(selection->ends[i]))
            break;
    if (i == selection->pid_count && i != 0)
        return false;
    return !selection->has_user || (status_read(&status, pid, &reason) &&
                                    status.users[1] == selection->user);
}

static void tell(const struct reason *reason)
{
    fputs(PROGRAM " export: ", stderr);
    print_printable(stderr, reason->text);
    fputc('\n', stderr);
}

/* One that was chosen by number is not recorded: why, once. */
static void tell_chosen(const struct exporter *exporter,
                        struct candidate *candidate,
                        const struct reason *reason)
{
    if (exporter->selection.pid_count != 0 && !candidate->is_told)
        tell(reason);
    candidate->is_told = true;
}

void find_tell(const struct exporter *exporter, uint64_t now)
{
    static uint64_t began;
    static bool is_over;
    struct reason reason;
    size_t i;

    began = began != 0 ? began : now;
    is_over |= exporter->selection.provider == NULL ||
               exporter->selection.pid_count != 0 ||
               exporter->all_recorded != 0;
    if (is_over || now - began < patience)
        return;
    for (i = 0; i < exporter->count; i++)
        if (!exporter->candidates[i].was_looked_at)
            return;
    is_over = true;
    because(&reason,
            "no process that this user may record has the provider %.128s: "
            "pytrace ps lists those there are; one that comes is recorded",
            exporter->selection.provider);
    tell(&reason);
}

static bool has_provider(const struct target *target, const char *provider)
{
    size_t i;

    for (i = 0; i < target->count; i++)
        if (provider == NULL ||
            strcmp(target->spots[i].host->host->provider, provider) == 0)
            return true;
    return false;
}

/* Series with the same labels can be there once. */
static void drop_ended(struct exporter *exporter, long pid)
{
    size_t i = 0;

    while (i < exporter->ended_count)
        if (exporter->ended[i]->target.pid != pid) {
            i++;
        } else {
            recorded_free(exporter->ended[i]);
            exporter->ended_count--;
            memmove(exporter->ended + i, exporter->ended + i + 1,
                    (exporter->ended_count - i) * sizeof(struct recorded *));
        }
}

static void add(struct exporter *exporter, struct candidate *candidate,
                struct recorded *recorded)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = recorded};

    if (recorded->target.end >= 0)
        epoll_ctl(exporter->ends, EPOLL_CTL_ADD, recorded->target.end, &event);
    candidate->recorded = recorded;
    candidate->is_told = true; /* (what ends it is no mistake) */
    drop_ended(exporter, candidate->pid);
    exporter->recorded = grown(exporter->recorded, exporter->recorded_count,
                               sizeof(*exporter->recorded));
    exporter->recorded[exporter->recorded_count++] = recorded;
    exporter->all_recorded++;
    exporter->young++;
}

static void refuse(struct candidate *candidate, enum why why)
{
    candidate->is_refused = true;
    candidate->why = why;
    if (why == WHY_RECORDER)
        candidate->interval = recorder_interval;
}

static void look_at(struct exporter *exporter, struct candidate *candidate)
{
    static const enum why reasons[] = {[REFUSED_OTHERWISE] = WHY_OTHER,
                                       [REFUSED_ACCESS] = WHY_PERMISSION,
                                       [REFUSED_UNDER_WAY] = WHY_RECORDER,
                                       [REFUSED_FILTER] = WHY_FILTER};
    struct recorded *recorded;
    struct target target;
    struct reason reason;

    candidate->is_refused = candidate->is_yielded = false;
    candidate->is_chosen = is_selected(&exporter->selection, candidate->pid);
    candidate->was_looked_at = true;
    if (!candidate->is_chosen || process_is_in_parent(candidate->pid))
        return;
    switch (target_open(&target, candidate->pid, &exporter->wishes, &reason)) {
    case NO_HOST:
        if (candidate->interval > patience) {
            refuse_no_markers(candidate->pid, &reason);
            tell_chosen(exporter, candidate, &reason);
        }
        return;
    case VANISHED: return;
    case REFUSED:
        refuse(candidate, reasons[target.refusal]);
        tell_chosen(exporter, candidate, &reason);
        return;
    case FOUND: break;
    }
    if (!has_provider(&target, exporter->selection.provider)) {
        candidate->is_chosen = false;
        because(&reason, "process %ld has the provider %.64s, not %.64s",
                candidate->pid, target.spots[0].host->host->provider,
                exporter->selection.provider);
        tell_chosen(exporter, candidate, &reason);
        target_close(&target);
        return;
    }
    recorded = recorded_begin(exporter, &target, &reason);
    if (recorded != NULL) {
        add(exporter, candidate, recorded);
    } else {
        refuse(candidate, WHY_RECORDER);
        tell_chosen(exporter, candidate, &reason);
    }
}

void find_look(struct exporter *exporter, uint64_t now)
{
    uint64_t end = monotonic_now() + at_a_time, next = now + SECOND;
    bool is_over = exporter->young >= MOST_YOUNG;
    size_t i;

    if (now < exporter->next_look)
        return;
    for (i = 0; i < exporter->count; i++) {
        struct candidate *candidate = &exporter->candidates[i];

        if (candidate->recorded != NULL)
            continue;
        if (candidate->next <= now && !is_over) {
            if (candidate->interval < longest_interval)
                candidate->interval *= 2;
            look_at(exporter, candidate);
            candidate->next = now + candidate->interval;
            is_over = exporter->young >= MOST_YOUNG || monotonic_now() > end;
        }
        if (candidate->recorded == NULL && candidate->next < next)
            next = candidate->next;
    }
    exporter->next_look = is_over ? now + MILLISECOND : next;
}

/* ---- all of them ---- */

static int by_pid(const void *left, const void *right)
{
    const struct candidate *a = left, *b = right;

    return (a->pid > b->pid) - (a->pid < b->pid);
}

static struct candidate *candidate_of(const struct exporter *exporter, long pid)
{
    const struct candidate key = {.pid = pid};

    return exporter->count != 0 ? bsearch(&key, exporter->candidates,
                                          exporter->count, sizeof(key), by_pid)
                                : NULL;
}

/* Those that have ended since, and of which nothing is known. */
static void count_unseen(struct exporter *exporter,
                         const struct candidate *found, size_t count)
{
    size_t i;

    for (i = 0; i < exporter->count; i++) {
        const struct candidate *old = &exporter->candidates[i];
        const struct candidate *now =
            count != 0 ? bsearch(old, found, count, sizeof(*old), by_pid)
                       : NULL;

        if (!old->was_looked_at && (now == NULL || now->inode != old->inode))
            exporter->unseen++;
    }
}

void find_scan(struct exporter *exporter, uint64_t now)
{
    struct candidate *found = NULL;
    size_t count = 0;
    const struct candidate *known;
    DIR *directory = opendir("/proc");
    struct dirent *entry;
    long self = (long)getpid();

    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL) {
        struct candidate candidate = {.pid = strtol(entry->d_name, NULL, 10),
                                      .inode = entry->d_ino,
                                      .next = now,
                                      .interval = first_interval};

        if (candidate.pid <= 0 || candidate.pid == self)
            continue;
        known = candidate_of(exporter, candidate.pid);
        found = grown(found, count, sizeof(*found));
        found[count++] = known != NULL && (known->recorded != NULL ||
                                           known->inode == candidate.inode)
                             ? *known
                             : candidate;
    }
    closedir(directory);
    if (count != 0)
        qsort(found, count, sizeof(*found), by_pid);
    count_unseen(exporter, found, count);
    free(exporter->candidates);
    exporter->candidates = found;
    exporter->count = count;
    exporter->next_look = 0;
}

void find_lost(struct exporter *exporter, const struct recorded *recorded,
               uint64_t now)
{
    struct candidate *candidate = candidate_of(exporter, recorded->target.pid);

    if (candidate == NULL || candidate->recorded != recorded)
        return;
    candidate->recorded = NULL;
    candidate->is_chosen = false; /* until it is looked at */
    candidate->interval = first_interval;
    candidate->next = exporter->next_look = now;
    if (recorded->has_failed) { /* it would again, for now */
        candidate->is_chosen = true;
        refuse(candidate, WHY_OTHER);
        candidate->next += recorder_interval;
    } else if (recorded->is_yielded) {
        candidate->is_chosen = candidate->is_yielded = true;
    }
}
