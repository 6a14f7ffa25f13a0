/*
 * children.c - the processes that are followed, by /proc.
 *
 * The kernel numbers processes one after the other, and /proc/loadavg ends with
 * the last number given. So what is new since the last look are the numbers in
 * between, and while that one is the same, nothing is. A number is given a
 * moment before its process can be seen: it is looked for a few times.
 *
 * A process that is known has its /proc/PID/stat open, which fails when it has
 * ended, though another has its number by then. Where the stack begins
 * differs after each exec.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "children.h"

#include "base.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    MOST_NEW = 1024, /* numbers looked for one by one; else all of /proc */
    LOOKS = 16       /* that a process may take to be seen, and to be told */
};

/* What /proc/PID/stat says. */
struct state {
    char letter;
    long parent, threads;
    unsigned long long start; /* in clock ticks */
    unsigned long long code, stack;
};

struct child {
    long pid;
    int descriptor; /* of /proc/PID/stat */
    struct state state;
    bool has_ended;
};

/* A number that may be a new process'. */
struct number {
    long pid;
    int looks;   /* that are left; 0 when it is settled */
    bool is_new; /* given since the last look */
    long parent; /* once it is seen, and is not settled; else 0 */
};

struct children {
    bool with_descendants;
    struct child *known;
    size_t count;
    struct number *numbers;
    size_t number_count;
    long *ancestors; /* who may become a child's parent when its own ends */
    size_t ancestor_count;
    int last_file; /* /proc/loadavg, or -1 where it does not say it */
    long last;
    bool is_incomplete; /* all of /proc is to be looked at */
};

/* ---- reading /proc ---- */

/* The file as a string. False when it cannot be read (any more). */
static bool read_text(int descriptor, char *text, size_t size)
{
    ssize_t length = pread(descriptor, text, size - 1, 0);

    if (length <= 0)
        return false;
    text[length] = '\0';
    return true;
}

static int open_of(long pid, const char *file)
{
    char name[64];

    snprintf(name, sizeof(name), "/proc/%ld/%s", pid, file);
    return open(name, O_RDONLY | O_CLOEXEC);
}

static bool read_state(int descriptor, struct state *state)
{
    char text[1024];
    const char *behind;

    if (!read_text(descriptor, text, sizeof(text)))
        return false;
    behind = strrchr(text, ')'); /* of the program's name */
    return behind != NULL &&
           sscanf(behind + 1,
                  " %c %ld %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d "
                  "%*d %*d %*d %ld %*d %llu %*u %*d %*u %llu %*u %llu",
                  &state->letter, &state->parent, &state->threads,
                  &state->start, &state->code, &state->stack) == 6;
}

/* The parent of this process; 0 when the number is a thread's, -1 when
 * nobody's. */
static long read_parent(long pid)
{
    char text[1024];
    int descriptor = open_of(pid, "status");
    const char *group, *parent;
    bool good;

    if (descriptor < 0)
        return -1;
    good = read_text(descriptor, text, sizeof(text));
    close(descriptor);
    if (!good)
        return -1;
    group = strstr(text, "\nTgid:");
    parent = strstr(text, "\nPPid:");
    if (group == NULL || parent == NULL || atol(group + 6) != pid)
        return 0;
    return atol(parent + 6);
}

/* The last number given; -1 when that is not known. */
static long read_last(int descriptor)
{
    char text[128];
    const char *space;

    if (descriptor < 0 || !read_text(descriptor, text, sizeof(text)))
        return -1;
    space = strrchr(text, ' ');
    return space == NULL || atol(space) <= 0 ? -1 : atol(space);
}

/* In a container, another program may stand for it, which knows less. */
static int open_last(void)
{
    int descriptor = open("/proc/loadavg", O_RDONLY | O_CLOEXEC);
    struct statfs status;

    if (descriptor >= 0 && (fstatfs(descriptor, &status) != 0 ||
                            status.f_type != PROC_SUPER_MAGIC)) {
        close(descriptor);
        descriptor = -1;
    }
    return descriptor;
}

/* ---- who is known ---- */

static struct child *find_child(const struct children *children, long pid)
{
    size_t i;

    for (i = 0; i < children->count; i++)
        if (children->known[i].pid == pid && !children->known[i].has_ended)
            return &children->known[i];
    return NULL;
}

static bool add_child(struct children *children, long pid)
{
    struct child child = {.pid = pid, .descriptor = open_of(pid, "stat")};

    if (child.descriptor < 0)
        return false;
    if (!read_state(child.descriptor, &child.state)) {
        close(child.descriptor);
        return false;
    }
    children->known =
        grown(children->known, children->count, sizeof(*children->known));
    children->known[children->count++] = child;
    return true;
}

static bool is_ancestor(const struct children *children, long pid)
{
    size_t i;

    for (i = 0; i < children->ancestor_count; i++)
        if (children->ancestors[i] == pid)
            return true;
    return false;
}

static void add_ancestors(struct children *children, long pid)
{
    while ((pid = read_parent(pid)) > 0 && !is_ancestor(children, pid)) {
        children->ancestors =
            grown(children->ancestors, children->ancestor_count, sizeof(pid));
        children->ancestors[children->ancestor_count++] = pid;
    }
}

/* ---- who is new ---- */

static void add_number(struct children *children, long pid, bool is_new)
{
    children->numbers = grown(children->numbers, children->number_count,
                              sizeof(*children->numbers));
    children->numbers[children->number_count++] =
        (struct number){pid, is_new ? LOOKS : 1, is_new, 0};
}

static void add_all_numbers(struct children *children)
{
    DIR *list = opendir("/proc");
    const struct dirent *entry;

    if (list == NULL)
        return;
    while ((entry = readdir(list)) != NULL)
        if (isdigit((unsigned char)entry->d_name[0]))
            add_number(children, atol(entry->d_name), false);
    closedir(list);
}

static void add_new_numbers(struct children *children)
{
    long last = read_last(children->last_file);
    long pid;

    if (last < 0 || children->is_incomplete || last < children->last ||
        last - children->last > MOST_NEW)
        add_all_numbers(children);
    else
        for (pid = children->last + 1; pid <= last; pid++)
            add_number(children, pid, true);
    children->is_incomplete = false;
    children->last = last;
}

/* Returns whether a child is found, and may be the parent of others. */
static bool look_at(struct children *children, struct number *number,
                    children_visit *visit, void *data)
{
    long pid = number->pid;
    long parent;

    if (find_child(children, pid) != NULL || (parent = read_parent(pid)) == 0) {
        number->looks = 0;
        return false;
    }
    if (parent < 0)
        return false;
    number->parent = parent;
    if (find_child(children, parent) == NULL)
        return false;
    number->looks = 0;
    if (!add_child(children, pid))
        return false;
    visit(CHILDREN_BORN, pid, parent, data);
    return true;
}

static void look_for_new(struct children *children, children_visit *visit,
                         void *data)
{
    size_t i, kept;
    bool again = true;

    add_new_numbers(children);
    while (again)
        for (again = false, i = 0; i < children->number_count; i++)
            if (children->numbers[i].looks > 0)
                again |= look_at(children, &children->numbers[i], visit, data);
    for (kept = i = 0; i < children->number_count; i++) {
        struct number number = children->numbers[i];

        if (number.parent > 0) {
            if (number.looks > 0 && number.is_new &&
                is_ancestor(children, number.parent))
                visit(CHILDREN_ORPHAN, number.pid, number.parent, data);
        } else if (--number.looks > 0) {
            children->numbers[kept++] = number;
        }
    }
    children->number_count = kept;
}

/* ---- what has become of those who are known ---- */

static void look_at_known(struct child *child, children_visit *visit,
                          void *data)
{
    struct state state;
    bool executed;
    long pid = child->pid;

    if (!read_state(child->descriptor, &state) || state.letter == 'X' ||
        (state.letter == 'Z' && state.threads <= 1)) {
        child->has_ended = true;
        close(child->descriptor);
        visit(CHILDREN_ENDED, pid, 0, data);
        return;
    }
    executed =
        state.code != child->state.code || state.stack != child->state.stack;
    child->state = state;
    if (executed)
        visit(CHILDREN_EXECUTED, pid, 0, data);
}

/* ---- what the recorder calls ---- */

struct children *children_new(bool with_descendants)
{
    struct children *children = allocate(1, sizeof(*children));

    children->with_descendants = with_descendants;
    children->last_file = open_last();
    children->last = read_last(children->last_file);
    return children;
}

bool children_follow(struct children *children, long pid)
{
    if (find_child(children, pid) != NULL)
        return true;
    if (!add_child(children, pid))
        return false;
    add_ancestors(children, pid);
    children->is_incomplete = true;
    return true;
}

void children_look(struct children *children, children_visit *visit, void *data)
{
    size_t i, kept;

    if (children->with_descendants)
        look_for_new(children, visit, data);
    for (i = 0; i < children->count; i++)
        look_at_known(&children->known[i], visit, data);
    for (kept = i = 0; i < children->count; i++)
        if (!children->known[i].has_ended)
            children->known[kept++] = children->known[i];
    children->count = kept;
}

void children_free(struct children *children)
{
    size_t i;

    for (i = 0; i < children->count; i++)
        close(children->known[i].descriptor);
    if (children->last_file >= 0)
        close(children->last_file);
    free(children->known);
    free(children->numbers);
    free(children->ancestors);
    free(children);
}
