/*
 * session_processes.c - the processes of a recording come and go.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "python_attach.h"
#include "refuse.h"
#include "session_parts.h"
#include "ticks.h"

#include <poll.h>
#include <stdlib.h>

/* ---- processes go ---- */

void session_complain(struct session *session, const char *sentence)
{
    display_message(session, sentence);
    session->has_failed = true;
}

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

static void end_rings(struct session *session, const struct spot *spot,
                      bool keep)
{
    struct rings *rings = spot->rings;
    uint64_t unringed;

    rings_end(rings, keep);
    unringed = rings_unringed(rings);
    if (unringed != 0)
        session_put_outside(session, spot, rings->process, 0, unringed);
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
void session_end_spot(struct session *session, const struct target *target,
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
        session_put_outside(session, spot, target->number, early, 0);
    spot->rings = NULL;
    spot->is_owner = false;
    spot->state = SPOT_OVER;
}

void session_end_target(struct session *session, size_t i, bool is_alive)
{
    struct target *target = session->targets[i];
    size_t j;

    for (j = 0; j < target->count; j++)
        session_end_spot(session, target, &target->spots[j], is_alive);
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
            poll(&end, 1, 1000) == 1) {
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
void session_lose_target(struct session *session, size_t i, bool has_ended)
{
    blame_filter(session, session->targets[i]);
    if (has_ended)
        session->members[session->targets[i]->number - 1].has_ended = true;
    session_end_target(session, i, false);
}

/* ---- processes come ---- */

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
void session_end_closed(struct session *session, const struct target *target,
                        struct spot *spot)
{
    session_end_spot(session, target, spot, false);
    spot->control = 0;
}

static enum answer request(struct session *session, struct target *target,
                           struct spot *spot, struct reason *reason)
{
    enum answer answer =
        spot_request(target, spot, &session->wishes, &session->calls, reason);

    session_name_rings(target, spot);
    if (answer == NO_ANSWER && !session->is_stopped)
        session_put_running(session, target);
    if (answer == GONE)
        session_end_closed(session, target, spot);
    return answer;
}

bool session_add(struct session *session, struct target *target,
                 struct reason *reason)
{
    size_t i;

    target->number = known_member(session, target->pid);
    if (target->number == 0)
        target->number = session_add_member(session, target->pid,
                                            target->inside, target->parent);
    for (i = 0; i < target->count; i++) {
        struct spot *spot = &target->spots[i];

        session_put_host(session, spot);
        if (!inherit(session, target, spot) &&
            request(session, target, spot, reason) == FAILED) {
            do
                session_end_spot(session, target, &target->spots[i], true);
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

void session_wait_for_host(struct session *session, long pid)
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

/* ---- while the recording runs ---- */

/* The target that this process is, unless its memory is gone. */
static struct target *current_target(struct session *session, long pid)
{
    size_t i;

    for (i = 0; i < session->count; i++)
        if (session->targets[i]->pid == pid) {
            if (target_has_memory(session->targets[i]))
                return session->targets[i];
            session_lose_target(session, i, false);
            return NULL;
        }
    return NULL;
}

/*
 * Record a process, if it has a host. False: it has none yet. One that cannot
 * be recorded is told, and left alone.
 */
bool session_join(struct session *session, long pid)
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
            session_complain(session, reason.text);
        refuse(session, pid);
        free(target);
        return true;
    case FOUND: break;
    }
    if (!session_add(session, target, &reason)) {
        session_complain(session, reason.text);
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
    is_done = session_join(session, pid);
    session->is_stopped = false;
    if (is_done)
        forget_pending(session, pid);
    pthread_mutex_unlock(&session->mutex);
    return is_done;
}

void session_watch(struct session *session, long pid)
{
    children_follow(session->children, pid);
    if (!session_join(session, pid))
        session_wait_for_host(session, pid);
}

void session_look_at_pending(struct session *session, uint64_t now)
{
    size_t i;

    for (i = 0; i < session->pending_count; i++) {
        struct pending *pending = &session->pending[i];

        if (pending->next > now)
            continue;
        if (session_join(session, pending->pid)) {
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
void session_look_for_hosts(struct session *session, uint64_t now)
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
        session_put_host(session, spot);
        if (request(session, target, spot, &reason) == FAILED) {
            session_complain(session, reason.text);
            session_end_spot(session, target, spot, true);
        }
    }
    session->pace = QUICK;
}

void session_join_newcomers(struct session *session)
{
    while (session->newcomer_count != 0)
        session_join(session, session->newcomers[--session->newcomer_count]);
}

static void end_process(struct session *session, long pid)
{
    size_t i;

    forget_pending(session, pid);
    forget_refused(session, pid);
    for (i = 0; i < session->count; i++)
        if (session->targets[i]->pid == pid) {
            session_lose_target(session, i, true);
            return;
        }
}

/* A process whose parent has ended: does it have the request of one of ours? */
bool session_is_descendant(const struct session *session, long pid)
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

void session_on_change(enum children_kind kind, long pid, long parent,
                       void *data)
{
    struct session *session = data;

    (void)parent;
    switch (kind) {
    case CHILDREN_BORN:
    case CHILDREN_EXECUTED:
        forget_refused(session, pid);
        if (!session_join(session, pid))
            session_wait_for_host(session, pid);
        break;
    case CHILDREN_ORPHAN:
        if (session_is_descendant(session, pid)) {
            children_follow(session->children, pid);
            session_join(session, pid);
        }
        break;
    case CHILDREN_ENDED: end_process(session, pid); break;
    }
}

void session_take_launch_events(struct session *session)
{
    struct launch_event event;

    while (session->launch != NULL && launch_next(session->launch, &event)) {
        switch (event.kind) {
        case LAUNCH_EXECUTED:
        case LAUNCH_FORKED:
            if (!session_join(session, event.pid))
                session_wait_for_host(session, event.pid);
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
