/*
 * session_file.c - what a recording writes to its file, beside the events.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "session_parts.h"
#include "ticks.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The events of a ring have a place in the order of time; so do these. */
void session_put_chunk(struct session *session, enum chunk_kind kind,
                       const void *part, size_t size, const void *rest,
                       size_t rest_size)
{
    if (session->keep != NULL)
        keep_chunk(session->keep, kind, part, size, rest, rest_size);
    else
        write_chunk(session->writer, kind, part, size, rest, rest_size);
}

void session_put_payload(struct session *session, enum chunk_kind kind,
                         struct payload *payload)
{
    session_put_chunk(session, kind, payload->bytes, payload->size, NULL, 0);
    free(payload->bytes);
    memset(payload, 0, sizeof(*payload));
}

void session_put_clock(struct session *session)
{
    struct moment moment = moment_now();
    struct payload payload = {0};

    put_word(&payload, ticks_are_counted());
    put_word(&payload, 0);
    put_long(&payload, moment.ticks);
    put_long(&payload, moment.monotonic);
    put_long(&payload, moment.real);
    session_put_payload(session, CHUNK_CLOCK, &payload);
}

void session_put_host(struct session *session, const struct spot *spot)
{
    struct payload payload = {0};

    if (spot->host->number != 0)
        return;
    spot->host->number = ++session->hosts;
    put_word(&payload, spot->host->number);
    put_host(&payload, spot->file, spot->host->host);
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
uint32_t session_add_member(struct session *session, long pid, long inside,
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

void session_put_thread(struct session *session, uint32_t number, long tid)
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

/*
 * Its functions began before they were recorded; and until now only some of its
 * markers were on.
 */
void session_put_running(struct session *session, const struct target *target)
{
    struct payload payload = {0};

    put_word(&payload, target->number);
    put_word(&payload, 0);
    put_long(&payload, ticks_now());
    write_payload(session->writer, CHUNK_RUNNING, &payload);
}

/* Lost outside of the rings. */
void session_put_outside(struct session *session, const struct spot *spot,
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

void session_put_pause(struct session *session, uint64_t end)
{
    const uint64_t ticks[] = {session->paused, end};

    session_put_chunk(session, CHUNK_PAUSE, ticks, sizeof(ticks), NULL, 0);
    session->has_written = true;
}

/* From now on only some of the markers are on. */
void session_put_stop(struct session *session)
{
    struct payload payload = {0};

    put_long(&payload, ticks_now());
    write_payload(session->writer, CHUNK_STOP, &payload);
}
