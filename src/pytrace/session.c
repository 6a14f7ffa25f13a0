/*
 * session.c - a recording that is under way: its processes come and go, what
 * their rings have goes to the file, and the programs see that they are read.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "session_parts.h"
#include "ticks.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

enum {
    HURRY_BYTES_A_US = 1000, /* that a ring may get: more is seldom */
};

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
    if (rings_reap(rings, session_thread_is_alive) > rings->count / 16)
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
        session_put_chunk(session, CHUNK_PASS, &time, sizeof(time), NULL, 0);
    session->has_written = false;
    return fullest;
}

/* A spot could not go on: what it has is still read. */
static void give_up(struct session *session, const struct target *target,
                    struct spot *spot, const char *sentence)
{
    session_complain(session, sentence);
    session->why = spot->rings != NULL ? END_GIVEN_UP : END_ERROR;
    session_end_spot(session, target, spot, true);
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
    session_name_rings(target, spot);
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
                session_end_closed(session, target, spot);
            is_over &= spot->state == SPOT_OVER;
            is_closed &= spot->control == 0;
        }
        if ((is_gone || is_closed) && !target_has_ended(target)) {
            long pid = target->pid;

            session_lose_target(session, i, false);
            if (!session_join(session, pid))
                session_wait_for_host(session, pid);
        } else if (is_gone || is_over) {
            session_lose_target(session, i, is_gone);
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
        session_put_pause(session, 0);
    } else if (has_changed) {
        session_put_pause(session, ticks_now());
    }
}

static void look_for_ends(struct session *session)
{
    size_t i;

    for (i = session->count; i-- > 0;)
        if (target_has_ended(session->targets[i])) {
            if (session->follow)
                children_look(session->children, session_on_change, session);
            if (i < session->count && target_has_ended(session->targets[i]))
                session_lose_target(session, i, true);
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
        children_look(session->children, session_on_change, session);
        session_look_at_pending(session, now);
        session_look_for_hosts(session, now);
    }
    if (is_due(&times->check, now, 100 * MILLISECOND))
        look_at(session, check);
    if (is_due(&times->mend, now, SECOND))
        look_at(session, mend);
    /* (Soon the first time: two are needed to read the times by.) */
    if (is_due(&times->clock, now, SECOND))
        session_put_clock(session);
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
    session_put_clock(session);
    times.mend = now + SECOND;
    times.clock = now + 10 * MILLISECOND;
    times.show = now + SECOND / 2;
    for (;;) {
        full = pass(session);
        now = monotonic_now();
        session_take_launch_events(session);
        session_join_newcomers(session);
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
    session_put_stop(session);
    /* (A program that has just answered would wait for us in vain.) */
    look_at(session, look_for_answer);
    for (i = 0; i < session->count; i++)
        for (j = 0; j < session->targets[i]->count; j++)
            if (session->targets[i]->spots[j].state != SPOT_OVER)
                spot_release(session->targets[i],
                             &session->targets[i]->spots[j]);
    session->ended = monotonic_now();
    if (session->bursts.is_paused)
        session_put_pause(session, ticks_now());
    let_events_end(session);
    while (session->count != 0)
        session_end_target(session, session->count - 1, true);
    session_put_clock(session);
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
