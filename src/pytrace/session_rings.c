/*
 * session_rings.c - what a recording reads from the rings of its processes.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "session_parts.h"

#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

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
    session_put_chunk(session, CHUNK_EVENTS, head, sizeof(head), records, size);
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
    session_put_payload(session, CHUNK_LOST, &payload);
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

static void on_began(struct rings *rings, uint32_t pid, uint32_t tid,
                     void *data)
{
    struct session *session = data;
    uint32_t number = member_inside(session, rings, pid);

    session->threads++;
    /* (The program can say any number, also one of no child.) */
    if (number == 0 && session->follow &&
        !is_elsewhere(session, rings->process) &&
        (kill((pid_t)pid, 0) != 0 || session_is_descendant(session, pid))) {
        number = session_add_member(session, pid, pid,
                                    session->members[rings->process - 1].pid);
        session->newcomers = grown(session->newcomers, session->newcomer_count,
                                   sizeof(*session->newcomers));
        session->newcomers[session->newcomer_count++] = pid;
    }
    if (number != 0 && !is_elsewhere(session, number))
        session_put_thread(session, number, tid);
}

bool session_thread_is_alive(struct rings *rings, uint32_t pid, uint32_t tid,
                             void *data)
{
    const struct session *session = data;
    uint32_t number = member_inside(session, rings, pid);
    struct threads threads = {0};
    bool is_alive;

    if (number != 0 && session->members[number - 1].has_ended)
        return false;
    if (!is_elsewhere(session, rings->process))
        return syscall(SYS_tgkill, (pid_t)pid, (pid_t)tid, 0) == 0 ||
               errno != ESRCH;
    /* (A child in another namespace may not be known: leave it its ring.) */
    if (number == 0)
        return true;
    is_alive =
        process_has_thread(&threads, session->members[number - 1].pid, tid);
    threads_forget(&threads);
    return is_alive;
}

void session_init(struct session *session)
{
    const struct rings_calls calls = {on_records, on_began, on_lost, session};

    session->calls = calls;
    pthread_mutex_init(&session->mutex, NULL);
    session->children = children_new(session->follow);
}

void session_name_rings(const struct target *target, struct spot *spot)
{
    if (spot->rings == NULL || !spot->is_owner)
        return;
    spot->rings->host = spot->host->number;
    spot->rings->process = target->number;
}
