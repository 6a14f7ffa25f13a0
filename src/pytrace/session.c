/*
 * session.c - a recording that is under way: its processes come and go, what
 * their rings have goes to the file, and the programs see that they are read.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "session.h"
#include "python_attach.h"
#include "refuse.h"
#include "ticks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Nanoseconds. */
#define MILLISECOND UINT64_C(1000000)
#define SECOND (1000 * MILLISECOND)
enum {
    QUICK = 100000, /* from one look for an answer to the next, at first */
    HURRY_BYTES_A_US = 1000, /* that a ring may get: more is seldom */
};

/* ---- the file ---- */

/* The events of a ring have a place in the order of time; so do these. */
static void put_chunk(struct session *session, enum chunk_kind kind,
                      const void *part, size_t size, const void *rest,
                      size_t rest_size)
{
    if (session->keep != NULL)
        keep_chunk(session->keep, kind, part, size, rest, rest_size);
    else
        write_chunk(session->writer, kind, part, size, rest, rest_size);
}

static void put_payload(struct session *session, enum chunk_kind kind,
                        struct payload *payload)
{
    put_chunk(session, kind, payload->bytes, payload->size, NULL, 0);
    free(payload->bytes);
    memset(payload, 0, sizeof(*payload));
}

static void put_clock(struct session *session)
{
    struct moment moment = moment_now();
    struct payload payload = {0};

    put_word(&payload, ticks_are_counted());
    put_word(&payload, 0);
    put_long(&payload, moment.ticks);
    put_long(&payload, moment.monotonic);
    put_long(&payload, moment.real);
    put_payload(session, CHUNK_CLOCK, &payload);
}

static void put_host(struct session *session, const struct spot *spot)
{
    const struct host *host = spot->host->host;
    struct payload payload = {0};
    size_t i;

    if (spot->host->number != 0)
        return;
    spot->host->number = ++session->hosts;
    put_word(&payload, spot->host->number);
    put_word(&payload, spot->file->image.bits / 8);
    put_word(&payload, (uint32_t)host->count);
    put_text(&payload, host->library);
    put_text(&payload, host->provider);
    put_text(&payload, spot->file->name);
    for (i = 0; i < host->count; i++) {
        put_text(&payload, host->markers[i].name);
        put_text(&payload, host->markers[i].shapes);
        put_text(&payload, host->markers[i].arguments);
        put_text(&payload, host->markers[i].group);
    }
    write_payload(session->writer, CHUNK_HOST, &payload);
}

/* The arguments, joined by spaces; allocated. */
static char *command_line(long pid)
{
    char path[64];
    char *line = allocate(MAX_NAME, 1);
    int file;
    ssize_t length, i;

    snprintf(path, sizeof(path), "/proc/%ld/cmdline", pid);
    file = open(path, O_RDONLY | O_CLOEXEC);
    length = file >= 0 ? read(file, line, MAX_NAME - 1) : 0;
    if (file >= 0)
        close(file);
    for (i = 0; i + 1 < length; i++)
        if (line[i] == '\0')
            line[i] = ' ';
    return line;
}

/* A number for a process, and what is known of it into the file. */
static uint32_t add_member(struct session *session, long pid, long inside,
                           long parent)
{
    struct member member = {.pid = pid, .inside = inside};
    struct payload payload = {0};
    char *line = command_line(pid);

    session->members =
        grown(session->members, session->member_count, sizeof(member));
    session->members[session->member_count++] = member;
    put_word(&payload, (uint32_t)session->member_count);
    put_word(&payload, (uint32_t)pid);
    put_word(&payload, (uint32_t)inside);
    put_word(&payload, (uint32_t)parent);
    put_text(&payload, line);
    write_payload(session->writer, CHUNK_PROCESS, &payload);
    free(line);
    return (uint32_t)session->member_count;
}

/* ---- what is read from the rings ---- */

static void on_records(struct rings *rings, struct stream *stream,
                       const void *records, size_t size, void *data)
{
    struct session *session = data;
    uint32_t head[4];

    if (stream->number == 0)
        stream->number = ++session->streams;
    head[0] = stream->number;
    head[1] = rings->host;
    head[2] = rings->process;
    head[3] = 0;
    put_chunk(session, CHUNK_EVENTS, head, sizeof(head), records, size);
    session->has_written = true;
}

static void on_lost(struct rings *rings, const struct stream *stream,
                    uint64_t count, void *data)
{
    struct session *session = data;
    struct payload payload = {0};

    (void)rings;
    if (stream->number == 0)
        return; /* no record says whose: OUTSIDE has it */
    put_word(&payload, stream->number);
    put_word(&payload, 0);
    put_long(&payload, count);
    put_payload(session, CHUNK_LOST, &payload);
}

/* The member that this process is, as the rings' process sees it; or 0. */
static uint32_t member_inside(const struct session *session,
                              const struct rings *rings, uint32_t inside)
{
    size_t i;

    if (session->members[rings->process - 1].inside == (long)inside)
        return rings->process;
    for (i = session->member_count; i > 0; i--)
        if (session->members[i - 1].inside == (long)inside &&
            !session->members[i - 1].has_ended)
            return (uint32_t)i;
    return 0;
}

static bool is_elsewhere(const struct session *session, uint32_t number)
{
    return session->members[number - 1].pid !=
           session->members[number - 1].inside;
}

static void put_thread(struct session *session, uint32_t number, long tid)
{
    const struct member *member = &session->members[number - 1];
    struct payload payload = {0};
    char path[80], name[32];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/task/%ld/comm", member->pid, tid);
    file = fopen(path, "re");
    if (file == NULL)
        return;
    if (fgets(name, sizeof(name), file) != NULL) {
        name[strcspn(name, "\n")] = '\0';
        put_word(&payload, number);
        put_word(&payload, (uint32_t)tid);
        put_text(&payload, name);
        write_payload(session->writer, CHUNK_THREAD, &payload);
    }
    fclose(file);
}

static bool is_descendant(const struct session *session, long pid);

static void on_began(struct rings *rings, uint32_t pid, uint32_t tid,
                     void *data)
{
    struct session *session = data;
    uint32_t number = member_inside(session, rings, pid);

    session->threads++;
    /* (The program can say any number, also one of no child.) */
    if (number == 0 && session->follow &&
        !is_elsewhere(session, rings->process) &&
        (kill((pid_t)pid, 0) != 0 || is_descendant(session, pid))) {
        number = add_member(session, pid, pid,
                            session->members[rings->process - 1].pid);
        session->newcomers = grown(session->newcomers, session->newcomer_count,
                                   sizeof(*session->newcomers));
        session->newcomers[session->newcomer_count++] = pid;
    }
    if (number != 0 && !is_elsewhere(session, number))
        put_thread(session, number, tid);
}

static bool thread_is_alive(struct rings *rings, uint32_t pid, uint32_t tid,
                            void *data)
{
    const struct session *session = data;
    uint32_t number = member_inside(session, rings, pid);

    if (number != 0 && session->members[number - 1].has_ended)
        return false;
    if (!is_elsewhere(session, rings->process))
        return syscall(SYS_tgkill, (pid_t)pid, (pid_t)tid, 0) == 0 ||
               errno != ESRCH;
    /* (A child in another namespace may not be known: leave it its ring.) */
    return number == 0 ||
           process_has_thread(session->members[number - 1].pid, tid);
}

/* ---- processes go ---- */

/* Another process, a child by fork, may write to the same rings. */
static bool pass_on(struct session *session, const struct spot *spot)
{
    size_t i, j;

    for (i = 0; i < session->count; i++)
        for (j = 0; j < session->targets[i]->count; j++) {
            struct spot *other = &session->targets[i]->spots[j];

            if (other != spot && other->rings == spot->rings) {
                other->is_owner = true;
                return true;
            }
        }
    return false;
}

/* Lost outside of the rings. */
static void put_outside(struct session *session, const struct spot *spot,
                        uint32_t process, uint64_t early, uint64_t unringed)
{
    struct payload payload = {0};

    put_word(&payload, spot->host->number);
    put_word(&payload, process);
    put_long(&payload, early);
    put_long(&payload, unringed);
    write_payload(session->writer, CHUNK_OUTSIDE, &payload);
    session->lost += early + unringed;
    session->early += early;
    session->unringed += unringed;
}

static void end_rings(struct session *session, const struct spot *spot,
                      bool keep)
{
    struct rings *rings = spot->rings;
    uint64_t unringed;

    rings_end(rings, keep);
    unringed = rings_unringed(rings);
    if (unringed != 0)
        put_outside(session, spot, rings->process, 0, unringed);
    session->events += rings->events;
    session->lost += rings->lost;
    if (rings->is_damaged) {
        display_message(session, "in the shared memory was something that is "
                                 "no record: some events are missing");
        session->has_failed = true;
    }
    rings_close(rings);
    free(rings);
}

/* The request has been taken back, or the memory is gone. */
static void end_spot(struct session *session, const struct target *target,
                     struct spot *spot, bool is_alive)
{
    uint64_t early = 0;

    if (spot->state != SPOT_OVER && spot->state != SPOT_FOUND && is_alive)
        spot_release(target, spot);
    if (spot->state != SPOT_FOUND)
        early = spot_early(target, spot);
    if (spot->is_owner && !pass_on(session, spot))
        end_rings(session, spot, is_alive);
    if (early != 0)
        put_outside(session, spot, target->number, early, 0);
    spot->rings = NULL;
    spot->is_owner = false;
    spot->state = SPOT_OVER;
}

static void end_target(struct session *session, size_t i, bool is_alive)
{
    struct target *target = session->targets[i];
    size_t j;

    for (j = 0; j < target->count; j++)
        end_spot(session, target, &target->spots[j], is_alive);
    session->targets[i] = session->targets[--session->count];
    target_close(target);
    free(target);
}

/*
 * It ended between the request and its answer: the filter may be the cause.
 * (Its memory goes a moment before it has ended.)
 */
static void blame_filter(struct session *session, const struct target *target)
{
    struct pollfd end = {target->end, POLLIN, 0};
    struct reason reason;
    size_t i;

    for (i = 0; target->has_filter && i < target->count; i++)
        if (target->spots[i].state == SPOT_REQUESTED &&
            poll(&end, 1, 100) == 1) {
            because(&reason,
                    "process %ld ended before it had any event recorded: its "
                    "filter of system calls (seccomp) may have ended it",
                    target->pid);
            display_message(session, reason.text);
            session->has_failed = true;
            return;
        }
}

/* Its memory is gone: it has ended, or executes another program. */
static void lose_target(struct session *session, size_t i, bool has_ended)
{
    blame_filter(session, session->targets[i]);
    if (has_ended)
        session->members[session->targets[i]->number - 1].has_ended = true;
    end_target(session, i, false);
}

/* ---- processes come ---- */

void session_init(struct session *session)
{
    const struct rings_calls calls = {on_records, on_began, on_lost, session};

    session->calls = calls;
    pthread_mutex_init(&session->mutex, NULL);
    session->children = children_new(session->follow);
}

static void name_rings(const struct target *target, struct spot *spot)
{
    if (spot->rings == NULL || !spot->is_owner)
        return;
    spot->rings->host = spot->host->number;
    spot->rings->process = target->number;
}

/* Not only the module of a CPython that could not be set to work. */
static bool has_host_at_work(const struct target *target)
{
    size_t i;

    for (i = 0; i < target->count; i++)
        if (!python_is_module(target->spots[i].file->name))
            return true;
    return false;
}

struct target *session_find(struct session *session, long pid,
                            struct reason *reason)
{
    struct target *target = allocate(1, sizeof(*target));
    struct reason no_python;
    bool is_ready = python_attach(pid, session->wishes.force, &no_python);
    enum finding finding = target_open(target, pid, &session->wishes, reason);

    if (finding == FOUND && (is_ready || has_host_at_work(target)))
        return target;
    if (finding == FOUND)
        target_close(target);
    if (finding == NO_HOST && is_ready)
        refuse_no_markers(pid, reason);
    else if (finding != REFUSED && finding != VANISHED)
        *reason = no_python;
    free(target);
    return NULL;
}

static uint32_t known_member(const struct session *session, long pid)
{
    size_t i;

    for (i = session->member_count; i > 0; i--)
        if (session->members[i - 1].pid == pid &&
            !session->members[i - 1].has_ended)
            return (uint32_t)i;
    return 0;
}

static bool inherit(const struct session *session, const struct target *target,
                    struct spot *spot)
{
    uint32_t request = session->follow ? spot_inherited(target, spot) : 0;
    size_t i, j;

    for (i = 0; i < session->count && request != 0; i++)
        for (j = 0; j < session->targets[i]->count; j++) {
            const struct spot *other = &session->targets[i]->spots[j];

            if (other->wishes.request == request &&
                spot_inherit(target, spot, other))
                return true;
        }
    return false;
}

/* A library was closed; it may come back to this place. */
static void end_closed(struct session *session, const struct target *target,
                       struct spot *spot)
{
    end_spot(session, target, spot, false);
    spot->control = 0;
}

/* Its functions began before they were recorded. */
static void put_running(struct session *session, const struct target *target)
{
    struct payload payload = {0};

    put_word(&payload, target->number);
    write_payload(session->writer, CHUNK_RUNNING, &payload);
}

static enum answer request(struct session *session, struct target *target,
                           struct spot *spot, struct reason *reason)
{
    enum answer answer =
        spot_request(target, spot, &session->wishes, &session->calls, reason);

    name_rings(target, spot);
    if (answer == NO_ANSWER && !session->is_stopped)
        put_running(session, target);
    if (answer == GONE)
        end_closed(session, target, spot);
    return answer;
}

bool session_add(struct session *session, struct target *target,
                 struct reason *reason)
{
    size_t i;

    target->number = known_member(session, target->pid);
    if (target->number == 0)
        target->number =
            add_member(session, target->pid, target->inside, target->parent);
    for (i = 0; i < target->count; i++) {
        struct spot *spot = &target->spots[i];

        put_host(session, spot);
        if (!inherit(session, target, spot) &&
            request(session, target, spot, reason) == FAILED) {
            do
                end_spot(session, target, &target->spots[i], true);
            while (i-- > 0);
            return false;
        }
    }
    session->targets = grown(session->targets, session->count, sizeof(target));
    session->targets[session->count++] = target;
    target->looked = monotonic_now();
    session->pace = QUICK;
    session->has_host = true;
    return true;
}

static void wait_for_host(struct session *session, long pid)
{
    struct pending pending = {pid, 0, 5 * MILLISECOND};
    size_t i;

    pending.next = monotonic_now() + pending.interval;
    for (i = 0; i < session->pending_count; i++)
        if (session->pending[i].pid == pid) {
            session->pending[i] = pending;
            return;
        }
    session->pending =
        grown(session->pending, session->pending_count, sizeof(pending));
    session->pending[session->pending_count++] = pending;
}

static void forget_pending(struct session *session, long pid)
{
    size_t i;

    for (i = 0; i < session->pending_count; i++)
        if (session->pending[i].pid == pid)
            session->pending[i--] = session->pending[--session->pending_count];
}

static void complain(struct session *session, const char *sentence)
{
    display_message(session, sentence);
    session->has_failed = true;
}

/* ---- those that cannot be recorded are not asked again, and told once ---- */

static void refuse(struct session *session, long pid)
{
    session->refused =
        grown(session->refused, session->refused_count, sizeof(pid));
    session->refused[session->refused_count++] = pid;
}

static bool is_refused(const struct session *session, long pid)
{
    size_t i;

    for (i = 0; i < session->refused_count; i++)
        if (session->refused[i] == pid)
            return true;
    return false;
}

/* It executes another program, or has ended. */
static void forget_refused(struct session *session, long pid)
{
    size_t i;

    for (i = session->refused_count; i-- > 0;)
        if (session->refused[i] == pid)
            session->refused[i] = session->refused[--session->refused_count];
}

/* The target that this process is, unless its memory is gone. */
static struct target *current_target(struct session *session, long pid)
{
    size_t i;

    for (i = 0; i < session->count; i++)
        if (session->targets[i]->pid == pid) {
            if (target_has_memory(session->targets[i]))
                return session->targets[i];
            lose_target(session, i, false);
            return NULL;
        }
    return NULL;
}

/*
 * Record a process, if it has a host. False: it has none yet. One that cannot
 * be recorded is told, and left alone.
 */
static bool join(struct session *session, long pid)
{
    struct reason reason, gone;
    struct status status;
    struct target *target;

    if (current_target(session, pid) != NULL || is_refused(session, pid) ||
        process_is_in_parent(pid))
        return true;
    target = allocate(1, sizeof(*target));
    switch (target_open(target, pid, &session->wishes, &reason)) {
    case NO_HOST: free(target); return false;
    case VANISHED: free(target); return true;
    case REFUSED:
        if (status_read(&status, pid, &gone))
            complain(session, reason.text);
        refuse(session, pid);
        free(target);
        return true;
    case FOUND: break;
    }
    if (!session_add(session, target, &reason)) {
        complain(session, reason.text);
        refuse(session, pid);
        target_close(target);
        free(target);
    }
    return true;
}

bool session_mapped(long pid, void *data)
{
    struct session *session = data;
    bool is_done;

    pthread_mutex_lock(&session->mutex);
    forget_refused(session, pid);
    session->is_stopped = true;
    is_done = join(session, pid);
    session->is_stopped = false;
    if (is_done)
        forget_pending(session, pid);
    pthread_mutex_unlock(&session->mutex);
    return is_done;
}

void session_watch(struct session *session, long pid)
{
    children_follow(session->children, pid);
    if (!join(session, pid))
        wait_for_host(session, pid);
}

static void look_at_pending(struct session *session, uint64_t now)
{
    size_t i;

    for (i = 0; i < session->pending_count; i++) {
        struct pending *pending = &session->pending[i];

        if (pending->next > now)
            continue;
        if (join(session, pending->pid)) {
            *pending = session->pending[--session->pending_count];
            i--;
            continue;
        }
        if (pending->interval < SECOND)
            pending->interval *= 2;
        pending->next = now + pending->interval;
    }
}

/* One process at a time, each once a second: it may have opened a library. */
static void look_for_hosts(struct session *session, uint64_t now)
{
    struct reason reason;
    struct target *target;
    size_t i;

    if (session->count == 0)
        return;
    target = session->targets[session->looks++ % session->count];
    if (now - target->looked < SECOND)
        return;
    target->looked = now;
    i = target->count;
    if (target_find_more(target, &session->wishes) == 0)
        return;
    for (; i < target->count; i++) {
        struct spot *spot = &target->spots[i];

        if (spot->state == SPOT_OVER)
            continue;
        put_host(session, spot);
        if (request(session, target, spot, &reason) == FAILED) {
            complain(session, reason.text);
            end_spot(session, target, spot, true);
        }
    }
    session->pace = QUICK;
}

static void join_newcomers(struct session *session)
{
    while (session->newcomer_count != 0)
        join(session, session->newcomers[--session->newcomer_count]);
}

static void end_process(struct session *session, long pid)
{
    size_t i;

    forget_pending(session, pid);
    forget_refused(session, pid);
    for (i = 0; i < session->count; i++)
        if (session->targets[i]->pid == pid) {
            lose_target(session, i, true);
            return;
        }
}

/* A process whose parent has ended: does it have the request of one of ours? */
static bool is_descendant(const struct session *session, long pid)
{
    struct reason reason;
    struct target target;
    bool is = false;
    size_t i;

    if (target_open(&target, pid, &session->wishes, &reason) != FOUND)
        return false;
    for (i = 0; i < target.count; i++)
        is |= inherit(session, &target, &target.spots[i]);
    target_close(&target);
    return is;
}

static void on_change(enum children_kind kind, long pid, long parent,
                      void *data)
{
    struct session *session = data;

    (void)parent;
    switch (kind) {
    case CHILDREN_BORN:
    case CHILDREN_EXECUTED:
        forget_refused(session, pid);
        if (!join(session, pid))
            wait_for_host(session, pid);
        break;
    case CHILDREN_ORPHAN:
        if (is_descendant(session, pid)) {
            children_follow(session->children, pid);
            join(session, pid);
        }
        break;
    case CHILDREN_ENDED: end_process(session, pid); break;
    }
}

static void take_launch_events(struct session *session)
{
    struct launch_event event;

    while (session->launch != NULL && launch_next(session->launch, &event)) {
        switch (event.kind) {
        case LAUNCH_EXECUTED:
        case LAUNCH_FORKED:
            if (!join(session, event.pid))
                wait_for_host(session, event.pid);
            break;
        case LAUNCH_ENDED:
            end_process(session, event.pid);
            if (event.pid == launch_pid(session->launch)) {
                session->is_launched = false;
                session->launch_status = event.status;
            }
            break;
        }
    }
}

/* ---- while it runs ---- */

static void for_each_rings(struct session *session,
                           void (*call)(struct session *, struct rings *))
{
    size_t i, j;

    for (i = 0; i < session->count; i++)
        for (j = 0; j < session->targets[i]->count; j++) {
            struct spot *spot = &session->targets[i]->spots[j];

            if (spot->is_owner)
                call(session, spot->rings);
        }
}

static void beat(struct session *session, struct rings *rings)
{
    (void)session;
    rings_beat(rings);
}

static void reap(struct session *session, struct rings *rings)
{
    if (rings_reap(rings, thread_is_alive) > rings->count / 16)
        session->has_short_threads = true;
}

void session_beat(void *data)
{
    for_each_rings(data, beat);
}

static unsigned fullest;

static void read_rings(struct session *session, struct rings *rings)
{
    unsigned full = rings_read(rings);

    (void)session;
    if (full > fullest)
        fullest = full;
}

/* Read all rings once. Returns how full the fullest was, of 256. */
static unsigned pass(struct session *session)
{
    uint64_t time = ticks_now();

    fullest = 0;
    for_each_rings(session, read_rings);
    if (session->has_written)
        put_chunk(session, CHUNK_PASS, &time, sizeof(time), NULL, 0);
    session->has_written = false;
    return fullest;
}

/* A spot could not go on: what it has is still read. */
static void give_up(struct session *session, const struct target *target,
                    struct spot *spot, const char *sentence)
{
    complain(session, sentence);
    session->why = spot->rings != NULL ? END_GIVEN_UP : END_ERROR;
    end_spot(session, target, spot, true);
}

typedef enum answer look(const struct target *target, struct spot *spot,
                         struct session *session, struct reason *reason);

static enum answer look_for_answer(const struct target *target,
                                   struct spot *spot, struct session *session,
                                   struct reason *reason)
{
    enum answer answer;

    if (spot->state != SPOT_REQUESTED)
        return NO_ANSWER;
    answer = spot_look(target, spot, reason);
    name_rings(target, spot);
    if (answer == ANSWER)
        spot->state = SPOT_ANSWERED;
    session->is_waiting |= answer == NO_ANSWER;
    return answer;
}

static enum answer check(const struct target *target, struct spot *spot,
                         struct session *session, struct reason *reason)
{
    (void)session;
    return spot->state == SPOT_OVER ? NO_ANSWER
                                    : spot_check(target, spot, reason);
}

static enum answer mend(const struct target *target, struct spot *spot,
                        struct session *session, struct reason *reason)
{
    (void)session;
    (void)reason;
    if (spot->state != SPOT_OVER && spot->bits != SWITCHED_OFF)
        spot_mend(target, spot);
    return NO_ANSWER;
}

/* Look at each spot; those whose time is over go. */
static void look_at(struct session *session, look *look)
{
    struct reason reason;
    size_t i, j;

    for (i = session->count; i-- > 0;) {
        struct target *target = session->targets[i];
        bool is_gone = false, is_over = true, is_closed = true;

        for (j = 0; j < target->count && !is_gone; j++) {
            struct spot *spot = &target->spots[j];
            enum answer answer = look(target, spot, session, &reason);

            if (answer == FAILED)
                give_up(session, target, spot, reason.text);
            is_gone = answer == GONE && !target_has_memory(target);
            if (answer == GONE && !is_gone)
                end_closed(session, target, spot);
            is_over &= spot->state == SPOT_OVER;
            is_closed &= spot->control == 0;
        }
        if ((is_gone || is_closed) && !target_has_ended(target)) {
            long pid = target->pid;

            lose_target(session, i, false);
            if (!join(session, pid))
                wait_for_host(session, pid);
        } else if (is_gone || is_over) {
            lose_target(session, i, is_gone);
        }
    }
}

/*
 * One that has not answered is not paused, as it has no event to tell. (Where
 * the rings were there before, it needs no answer.)
 */
static enum answer switch_bits(const struct target *target, struct spot *spot,
                               struct session *session, struct reason *reason)
{
    (void)reason;
    if (spot->state == SPOT_ANSWERED ||
        (spot->state == SPOT_REQUESTED && spot->rings != NULL))
        spot_switch(target, spot, !session->bursts.is_paused);
    return NO_ANSWER;
}

static void put_pause(struct session *session, uint64_t end)
{
    const uint64_t ticks[] = {session->paused, end};

    put_chunk(session, CHUNK_PAUSE, ticks, sizeof(ticks), NULL, 0);
    session->has_written = true;
}

/* Their processor time since each was first looked at. */
static void read_time_used(struct session *session)
{
    size_t i;

    for (i = 0; i < session->count; i++) {
        struct target *target = session->targets[i];
        struct timespec time;
        clockid_t clock;
        uint64_t used;

        if (clock_getcpuclockid((pid_t)target->pid, &clock) != 0 ||
            clock_gettime(clock, &time) != 0)
            continue;
        used = (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
        if (target->used != 0 && used > target->used)
            session->used += used - target->used;
        target->used = used;
    }
}

/*
 * The bits change one after the other: meanwhile there are entries without
 * returns, and the other way round. That time counts as a part of the pause.
 */
static void look_at_bursts(struct session *session, uint64_t now)
{
    uint64_t time = ticks_now();
    bool has_changed;

    if (session->bursts.budget == 0 || session->streams == 0)
        return;
    read_time_used(session);
    has_changed = bursts_look(&session->bursts, now, session->used,
                              session_events(session) + session_lost(session));
    look_at(session, switch_bits);
    if (has_changed && session->bursts.is_paused) {
        session->paused = time;
        put_pause(session, 0);
    } else if (has_changed) {
        put_pause(session, ticks_now());
    }
}

static void look_for_ends(struct session *session)
{
    size_t i;

    for (i = session->count; i-- > 0;)
        if (target_has_ended(session->targets[i])) {
            if (session->follow)
                children_look(session->children, on_change, session);
            if (i < session->count && target_has_ended(session->targets[i]))
                lose_target(session, i, true);
        }
}

/* What is done now and then: when each comes next. */
struct times {
    uint64_t answer, beat, reap, look, check, mend, clock, show;
};

static bool is_due(uint64_t *next, uint64_t now, uint64_t interval)
{
    if (now < *next)
        return false;
    *next = now + interval;
    return true;
}

static void do_what_is_due(struct session *session, struct times *times,
                           uint64_t now)
{
    if (is_due(&times->answer, now, session->pace)) {
        session->is_waiting = false;
        look_at(session, look_for_answer);
        /* After a second or so, the first event can wait a bit for us. */
        session->pace += session->pace / 128;
        if (session->pace > 10 * MILLISECOND)
            session->pace = 10 * MILLISECOND;
    }
    if (is_due(&times->beat, now, 20 * MILLISECOND))
        session_beat(session);
    /* Where threads end quickly, there are soon no free rings any more. */
    if (is_due(&times->reap, now, 20 * MILLISECOND)) {
        session->has_short_threads = false;
        for_each_rings(session, reap);
        if (session->has_short_threads)
            times->reap = now + MILLISECOND / 2;
    }
    if (is_due(&times->look, now, 10 * MILLISECOND)) {
        look_for_ends(session);
        children_look(session->children, on_change, session);
        look_at_pending(session, now);
        look_for_hosts(session, now);
    }
    if (is_due(&times->check, now, 100 * MILLISECOND))
        look_at(session, check);
    if (is_due(&times->mend, now, SECOND))
        look_at(session, mend);
    /* (Soon the first time: two are needed to read the times by.) */
    if (is_due(&times->clock, now, SECOND))
        put_clock(session);
    if (is_due(&times->show, now, SECOND / 2))
        display_state(session, now);
}

/* Whether it is over; then why says why. */
static bool is_over(struct session *session, uint64_t now)
{
    if (writer_error(session->writer) != 0) {
        session->why = END_ERROR;
        return true;
    }
    if (session->is_asked_to_end() ||
        (session->seconds_end != 0 && now >= session->seconds_end)) {
        session->why = END_ASKED;
        return true;
    }
    if (session->count != 0 || session->is_launched ||
        session->pending_count != 0)
        return false;
    if (session->why == END_ASKED)
        session->why = END_ENDED;
    return true;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/*
 * How long to sleep, in nanoseconds, after a pass that found the fullest ring
 * so full: a program that is idle can begin to write at its full speed.
 */
static uint64_t pause_after(const struct session *session, unsigned full,
                            uint64_t last, const struct times *times,
                            uint64_t now)
{
    uint64_t longest =
        session->wishes.ring_bytes / HURRY_BYTES_A_US * UINT64_C(1000);
    uint64_t pause;

    if (full > 256 / 8)
        return 0;
    if (longest < MILLISECOND)
        longest = MILLISECOND;
    if (longest > 10 * MILLISECOND)
        longest = 10 * MILLISECOND;
    if (session->has_short_threads)
        longest = MILLISECOND / 2;
    pause = full != 0 || last == 0 ? MILLISECOND : last + last / 4;
    if (pause > longest)
        pause = longest;
    if (session->is_waiting && times->answer > now)
        pause = sooner(pause, times->answer - now);
    if (session->seconds_end > now)
        pause = sooner(pause, session->seconds_end - now);
    if (session->bursts.budget != 0)
        pause = sooner(pause, bursts_wait(&session->bursts, now));
    return pause;
}

static void sleep_for(struct session *session, uint64_t pause)
{
    struct pollfd *ends = allocate(session->count + 1, sizeof(*ends));
    struct timespec time = {(time_t)(pause / SECOND), (long)(pause % SECOND)};
    sigset_t none;
    nfds_t count = 0;
    size_t i;

    for (i = 0; i < session->count; i++)
        if (session->targets[i]->end >= 0)
            ends[count++] =
                (struct pollfd){session->targets[i]->end, POLLIN, 0};
    if (session->launch != NULL && session->is_launched)
        ends[count++] =
            (struct pollfd){launch_descriptor(session->launch), POLLIN, 0};
    sigemptyset(&none);
    pthread_mutex_unlock(&session->mutex);
    ppoll(ends, count, &time, &none);
    pthread_mutex_lock(&session->mutex);
    free(ends);
}

void session_answer(struct session *session)
{
    static uint64_t next;

    if (is_due(&next, monotonic_now(), 20 * MILLISECOND)) {
        look_at(session, look_for_answer);
        session_beat(session);
    }
}

void session_run(struct session *session)
{
    struct times times = {0};
    uint64_t now = monotonic_now(), pause = MILLISECOND;
    unsigned full;

    pthread_mutex_lock(&session->mutex);
    put_clock(session);
    times.mend = now + SECOND;
    times.clock = now + 10 * MILLISECOND;
    times.show = now + SECOND / 2;
    for (;;) {
        full = pass(session);
        now = monotonic_now();
        take_launch_events(session);
        join_newcomers(session);
        do_what_is_due(session, &times, now);
        look_at_bursts(session, now);
        writer_flush(session->writer, false);
        if (is_over(session, now))
            break;
        pause = pause_after(session, full, pause, &times, now);
        sleep_for(session, pause);
    }
    pthread_mutex_unlock(&session->mutex);
}

/* ---- the end ---- */

static bool busy;

static void look_whether_busy(struct session *session, struct rings *rings)
{
    (void)session;
    busy |= rings_are_busy(rings);
}

/* Threads that are in the middle of an event get a moment to end it. */
static void let_events_end(struct session *session)
{
    const struct timespec moment = {0, 50000};
    int i;

    for (i = 0; i < 20; i++) {
        pass(session);
        busy = false;
        for_each_rings(session, look_whether_busy);
        if (!busy)
            break;
        nanosleep(&moment, NULL);
    }
}

void session_end(struct session *session, const char *sentence)
{
    struct payload payload = {0};
    size_t i, j;

    if (session->launch != NULL)
        launch_release(session->launch);
    pthread_mutex_lock(&session->mutex);
    /* (A program that has just answered would wait for us in vain.) */
    look_at(session, look_for_answer);
    for (i = 0; i < session->count; i++)
        for (j = 0; j < session->targets[i]->count; j++)
            if (session->targets[i]->spots[j].state != SPOT_OVER)
                spot_release(session->targets[i],
                             &session->targets[i]->spots[j]);
    session->ended = monotonic_now();
    if (session->bursts.is_paused)
        put_pause(session, ticks_now());
    let_events_end(session);
    while (session->count != 0)
        end_target(session, session->count - 1, true);
    put_clock(session);
    if (session->keep != NULL) {
        session->thrown = keep_thrown(session->keep);
        keep_write(session->keep, session->writer);
    }
    session->keep = NULL;
    put_word(&payload, session->why);
    put_word(&payload, 0);
    put_long(&payload, session->events - session->thrown);
    put_long(&payload, session->lost);
    put_text(&payload, sentence);
    write_payload(session->writer, CHUNK_END, &payload);
    children_free(session->children);
    pthread_mutex_unlock(&session->mutex);
}

uint64_t session_events(const struct session *session)
{
    uint64_t events = session->events;
    size_t i, j;

    for (i = 0; i < session->count; i++)
        for (j = 0; j < session->targets[i]->count; j++) {
            const struct spot *spot = &session->targets[i]->spots[j];

            if (spot->is_owner)
                events += spot->rings->events;
        }
    return events;
}

uint64_t session_lost(const struct session *session)
{
    uint64_t lost = session->lost;
    size_t i, j;

    for (i = 0; i < session->count; i++)
        for (j = 0; j < session->targets[i]->count; j++) {
            const struct spot *spot = &session->targets[i]->spots[j];

            if (spot->is_owner)
                lost += rings_lost(spot->rings) + rings_unringed(spot->rings);
        }
    return lost;
}
