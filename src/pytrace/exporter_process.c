/*
 * exporter_process.c - one process that pytrace export records: its rings are
 * read here, and all of its markers are on in bursts only, so that they take no
 * more than the budget. Collections and imports are seldom, and always on;
 * unless they alone take too much.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "exporter.h"
#include "python.h"
#include "recorded.h"
#include "ticks.h"
#include "write.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Of the time that passes, this part counts where a process uses less. */
static const uint64_t uncounted = 200;
/* Nanoseconds. */
static const uint64_t longest_part = 100 * MILLISECOND;
static const uint64_t longest_pause = 60 * SECOND,
                      least_pause = 20 * MILLISECOND;
static const uint64_t longest_idle = 5 * MILLISECOND;
static const uint64_t longest_wait = 20 * MILLISECOND;  /* for an answer */
static const uint64_t longest_look = 100 * MILLISECOND; /* in a pause */
static const uint64_t longest_search = 60 * SECOND;
static const uint64_t between_bursts = 10 * MILLISECOND; /* of any two */

/* ---- hosts, as their records are read ---- */

struct host_of {
    struct host_of *next;
    const struct known_host *known;
    struct recorded_host *host;
};
static struct host_of *all;

void recorded_host_gone(struct known_host *known)
{
    struct host_of **at = &all;

    while (*at != NULL) {
        struct host_of *found = *at;

        if (found->known != known) {
            at = &found->next;
            continue;
        }
        *at = found->next;
        host_free(found->host);
        free(found);
    }
}

static struct recorded_host *host_of(const struct spot *spot)
{
    struct payload payload = {0};
    struct host_of *found;
    struct reason reason;

    for (found = all; found != NULL; found = found->next)
        if (found->known == spot->host)
            return found->host;
    put_host(&payload, spot->file, spot->host->host);
    found = allocate(1, sizeof(*found));
    found->known = spot->host;
    found->host = host_read(payload.bytes, payload.size, false, &reason);
    found->next = all;
    all = found;
    free(payload.bytes);
    return found->host;
}

/* ---- the rings ---- */

static struct lane_state *lane_of(struct recorded *recorded,
                                  const struct rings *rings,
                                  struct stream *stream)
{
    struct recorded_host *host = NULL;
    size_t i;

    if (stream->number != 0)
        return recorded->lanes[stream->number - 1];
    for (i = 0; i < recorded->target.count; i++)
        if (recorded->target.spots[i].rings == rings)
            host = host_of(&recorded->target.spots[i]);
    if (host == NULL)
        return NULL;
    for (i = 0; i < recorded->lane_count; i++)
        if (recorded->lanes[i] == NULL)
            break;
    if (i == recorded->lane_count) {
        recorded->lanes = grown(recorded->lanes, recorded->lane_count,
                                sizeof(*recorded->lanes));
        recorded->lane_count++;
    }
    recorded->lanes[i] = measures_lane(recorded->measures, host);
    stream->number = (uint32_t)i + 1;
    return recorded->lanes[i];
}

static void on_records(struct rings *rings, struct stream *stream,
                       const void *records, size_t size, void *data)
{
    struct recorded *recorded = data;
    struct lane_state *lane = lane_of(recorded, rings, stream);

    if (lane != NULL)
        measures_take(recorded->measures, lane, records, size);
}

static void on_began(struct rings *rings, uint32_t pid, uint32_t tid,
                     void *data)
{
    (void)rings;
    (void)pid;
    (void)tid;
    (void)data;
}

/* (The rings count them, too.) */
static void on_lost(struct rings *rings, const struct stream *stream,
                    uint64_t count, void *data)
{
    (void)rings;
    (void)stream;
    (void)count;
    (void)data;
}

static bool thread_is_alive(struct rings *rings, uint32_t pid, uint32_t tid,
                            void *data)
{
    struct recorded *recorded = data;

    (void)rings;
    if (recorded->target.pid != recorded->target.inside)
        return process_has_thread(&recorded->threads, recorded->target.pid,
                                  tid);
    return syscall(SYS_tgkill, (pid_t)pid, (pid_t)tid, 0) == 0 ||
           errno != ESRCH;
}

/* Read all rings. Returns how full the fullest was, of 256. */
static unsigned read_rings(const struct recorded *recorded)
{
    unsigned fullest = 0;
    size_t i;

    for (i = 0; i < recorded->target.count; i++) {
        struct rings *rings = recorded->target.spots[i].rings;
        unsigned full = rings != NULL ? rings_read(rings) : 0;

        if (full > fullest)
            fullest = full;
    }
    return fullest;
}

uint64_t recorded_events(const struct recorded *recorded)
{
    uint64_t events = recorded->events;
    size_t i;

    for (i = 0; i < recorded->target.count; i++)
        if (recorded->target.spots[i].rings != NULL)
            events += recorded->target.spots[i].rings->events;
    return events;
}

/*
 * An event that is being written counts as lost until it is published, so a sum
 * may be less than the one before: a counter must not.
 */
uint64_t recorded_lost(struct recorded *recorded)
{
    uint64_t lost = recorded->lost;
    size_t i;

    for (i = 0; i < recorded->target.count; i++) {
        const struct rings *rings = recorded->target.spots[i].rings;

        if (rings != NULL)
            lost += rings_lost(rings) + rings_unringed(rings);
    }
    if (lost > recorded->most_lost)
        recorded->most_lost = lost;
    return recorded->most_lost;
}

void recorded_beat(const struct recorded *recorded)
{
    size_t i;

    for (i = 0; i < recorded->target.count; i++)
        if (recorded->target.spots[i].rings != NULL)
            rings_beat(recorded->target.spots[i].rings);
}

/* ---- markers on and off ---- */

/*
 * It has rings to write to. Before that, without an event, it could not answer
 * a request. (It does not, either, where those of a recorder before are used
 * again.)
 */
static bool is_open(const struct spot *spot)
{
    return spot->rings != NULL && spot->state != SPOT_OVER;
}

static void set_level(struct recorded *recorded, enum level level, uint64_t now)
{
    struct target *target = &recorded->target;
    size_t i, j;

    for (i = 0; i < target->count; i++) {
        struct spot *spot = &target->spots[i];

        if (!is_open(spot))
            continue;
        for (j = 0; j < spot->host->host->count; j++)
            spot->is_wanted[j] =
                recorded->wanted[i][j] && level != LEVEL_NONE &&
                (level == LEVEL_ALL ||
                 marker_is_rare(spot->host->host->markers[j].name));
        spot->bits = NOT_SWITCHED;
        spot_switch(target, spot, true);
    }
    recorded->level = level;
    recorded->changed = now;
}

static void read_used(struct recorded *recorded)
{
    struct timespec time;
    uint64_t used;

    if (!recorded->has_cpu || clock_gettime(recorded->cpu, &time) != 0)
        return;
    used = (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
    if (recorded->clock != 0 && used > recorded->clock)
        recorded->used += used - recorded->clock;
    recorded->clock = used;
}

/* All that was counted since the part began stands for the pause, too. */
static void close_part(struct recorded *recorded, uint64_t ticks, uint64_t now)
{
    uint64_t events = recorded_events(recorded) - recorded->part_events;
    uint64_t lost = recorded_lost(recorded) - recorded->part_lost;
    struct part part = {
        .lasted = now > recorded->part ? now - recorded->part : 1,
        .before = recorded->before,
        .has_used = recorded->has_cpu,
        .unseen = recorded->unseen,
        .most = recorded->bursts.budget > 0 ? 40 / recorded->bursts.budget : 0,
        .lost = events != 0 ? (double)(events + lost) / (double)events : 1};

    read_used(recorded);
    part.used = recorded->used - recorded->part_used;
    recorded->part_used = recorded->used;
    measures_close(recorded->measures, ticks, &part);
    recorded->unseen = part.unseen;
    recorded->observed += part.lasted;
    recorded->part = 0;
    if (now - recorded->ranked >= 10 * SECOND) {
        recorded->ranked = now;
        measures_rank(recorded->measures);
    }
}

/* before: the pause, 0 where there was none. */
static void open_part(struct recorded *recorded, uint64_t before, uint64_t now)
{
    read_used(recorded);
    if (before != 0)
        recorded->unseen += (double)(recorded->used - recorded->part_used);
    recorded->part_used = recorded->used;
    recorded->part = now;
    recorded->before = before;
    recorded->part_events = recorded_events(recorded);
    recorded->part_lost = recorded_lost(recorded);
}

static void pause_all(struct recorded *recorded)
{
    uint64_t until = ticks_now(), now = monotonic_now();

    measures_pause(recorded->measures, until);
    set_level(recorded, LEVEL_RARE, now);
    read_rings(recorded);
    close_part(recorded, until, now);
}

static void resume_all(struct recorded *recorded)
{
    uint64_t paused_at = recorded->changed;
    uint64_t now;

    set_level(recorded, LEVEL_ALL, monotonic_now());
    now = monotonic_now();
    measures_resume(recorded->measures, ticks_now());
    open_part(recorded, now - paused_at, now);
}

bool recorded_is_young(const struct recorded *recorded, uint64_t now)
{
    return !recorded->has_answer && now < recorded->began + SECOND;
}

uint64_t recorded_observed(const struct recorded *recorded, uint64_t now)
{
    return recorded->observed + (recorded->part != 0 && now > recorded->part
                                     ? now - recorded->part
                                     : 0);
}

/* ---- looking at it ---- */

static void read_rest(struct recorded *recorded, struct spot *spot,
                      bool is_alive)
{
    struct target *target = &recorded->target;

    if (spot->state != SPOT_FOUND && is_alive) {
        if (spot->state != SPOT_OVER)
            spot_release(target, spot);
        recorded->lost += spot_early(target, spot);
    }
    if (spot->rings != NULL) {
        rings_end(spot->rings, is_alive);
        recorded->events += spot->rings->events;
        recorded->lost += spot->rings->lost + rings_unringed(spot->rings);
    }
    spot->state = SPOT_OVER;
}

static void close_rings(struct spot *spot)
{
    if (spot->rings != NULL) {
        rings_close(spot->rings);
        free(spot->rings);
    }
    spot->rings = NULL;
}

/* Its library is closed, or it does not record, while others go on. */
static void end_spot(struct recorded *recorded, struct spot *spot,
                     bool is_alive)
{
    size_t i;

    read_rest(recorded, spot, is_alive);
    for (i = 0; spot->rings != NULL && i < spot->rings->count; i++) {
        uint32_t number = spot->rings->streams[i].number;

        if (number != 0) {
            measures_leave(recorded->measures, recorded->lanes[number - 1]);
            recorded->lanes[number - 1] = NULL;
        }
    }
    close_rings(spot);
}

static void drop_spot(struct recorded *recorded, size_t i)
{
    free(recorded->wanted[i]);
    recorded->wanted[i] = recorded->wanted[--recorded->wanted_count];
    target_drop(&recorded->target, i);
}

/* False: its memory is gone, or its recording was taken away. */
static bool look(struct recorded *recorded, bool is_check)
{
    struct target *target = &recorded->target;
    bool is_over = true, is_mending = is_check && recorded->checks++ % 8 == 0;
    size_t i;

    for (i = target->count; i-- > 0;) {
        struct spot *spot = &target->spots[i];
        enum answer answer = NO_ANSWER;
        struct reason reason;

        if (spot->state == SPOT_REQUESTED && (!is_open(spot) || is_check))
            answer = spot_look(target, spot, &reason);
        else if (spot->state == SPOT_ANSWERED && is_check)
            answer = spot_check(target, spot, &reason);
        if (answer == ANSWER) {
            spot->state = SPOT_ANSWERED;
            recorded->has_answer = true;
        }
        recorded->has_failed |= answer == FAILED;
        if (answer == FAILED || (answer == GONE && target_has_memory(target))) {
            end_spot(recorded, spot, answer == FAILED);
            drop_spot(recorded, i);
            continue;
        }
        if (answer == GONE)
            return false;
        if (spot->state == SPOT_OVER && is_check && target->count > 1 &&
            !spot_has_memory(target, spot)) {
            drop_spot(recorded, i);
            continue;
        }
        is_over &= spot->state == SPOT_OVER;
        if (is_mending && is_open(spot))
            spot_mend(target, spot);
    }
    return !is_over;
}

static bool ask(struct recorded *recorded, struct exporter *exporter,
                size_t first, struct reason *reason)
{
    struct target *target = &recorded->target;
    bool has_failed = false;
    size_t i, j;

    for (i = first; i < target->count; i++) {
        const struct spot *spot = &target->spots[i];
        size_t count = spot->host->host->count;

        recorded->wanted = grown(recorded->wanted, recorded->wanted_count,
                                 sizeof(*recorded->wanted));
        recorded->wanted[recorded->wanted_count++] =
            allocate(count, sizeof(bool));
        for (j = 0; j < count; j++)
            recorded->wanted[i][j] = spot->is_wanted[j] =
                marker_is_measured(spot->host->host->markers[j].name);
    }
    for (i = first; i < target->count; i++) {
        struct spot *spot = &target->spots[i];

        if (spot->state != SPOT_OVER &&
            spot_request(target, spot, &exporter->wishes, &recorded->calls,
                         reason) == FAILED) {
            end_spot(recorded, spot, true);
            has_failed = true;
        }
    }
    return !has_failed;
}

/* A library that it has opened since may have markers. */
static void search(struct exporter *exporter, struct recorded *recorded,
                   uint64_t now)
{
    size_t first = recorded->target.count;
    struct reason reason;

    recorded->searched = now;
    if (recorded->search_interval < longest_search)
        recorded->search_interval *= 2;
    if (target_find_more(&recorded->target, &exporter->wishes) != 0)
        ask(recorded, exporter, first, &reason);
}

static bool is_due(uint64_t *last, uint64_t now, uint64_t interval)
{
    if (now - *last < interval)
        return false;
    *last = now;
    return true;
}

/* In a pause: whether it is over. */
static void look_at_pause(struct exporter *exporter, struct recorded *recorded,
                          uint64_t now, uint64_t events)
{
    uint64_t wait = bursts_wait(&recorded->bursts, now);
    double debt = -recorded->bursts.budget * (double)SECOND;

    /* (Meanwhile, collections and imports are read.) */
    if (wait < least_pause)
        wait = least_pause;
    recorded->next = now + (wait < longest_look ? wait : longest_look);
    if (now < recorded->changed + least_pause)
        return;
    read_used(recorded);
    if (now < exporter->next_burst) { /* others come first */
        recorded->next = exporter->next_burst;
        return;
    }
    if (bursts_look(&recorded->bursts, now, recorded->used, events)) {
        exporter->next_burst = now + between_bursts;
        resume_all(recorded);
        recorded->next = now + MILLISECOND;
    } else if (recorded->level == LEVEL_RARE &&
               recorded->bursts.balance < debt) {
        set_level(recorded, LEVEL_NONE, recorded->changed);
    }
}

static void look_at_events(struct recorded *recorded, uint64_t now,
                           unsigned full, uint64_t events)
{
    if (full != 0 || events != recorded->seen)
        recorded->interval = MILLISECOND;
    else if (recorded->interval < longest_idle)
        recorded->interval += recorded->interval / 4;
    recorded->next = now + recorded->interval;
    if (events == recorded->seen && now - recorded->part < longest_part)
        return;
    recorded->seen = events;
    read_used(recorded);
    if (bursts_look(&recorded->bursts, now, recorded->used, events)) {
        pause_all(recorded);
        recorded->next = now + least_pause;
    } else if (now - recorded->part >= longest_part) {
        close_part(recorded, ticks_now(), now);
        open_part(recorded, 0, now);
    }
}

/* Threads that have ended leave their rings to others. */
static void reap(struct recorded *recorded)
{
    size_t i;

    for (i = 0; i < recorded->target.count; i++)
        if (recorded->target.spots[i].rings != NULL)
            rings_reap(recorded->target.spots[i].rings, thread_is_alive);
    threads_forget(&recorded->threads);
}

bool recorded_step(struct exporter *exporter, struct recorded *recorded,
                   uint64_t now)
{
    bool is_check = is_due(&recorded->checked, now, SECOND / 2);
    bool is_waiting = false;
    unsigned full;
    uint64_t events;
    size_t i;

    for (i = 0; i < recorded->target.count; i++)
        is_waiting |= recorded->target.spots[i].state == SPOT_REQUESTED &&
                      !is_open(&recorded->target.spots[i]);
    if ((is_check || is_waiting) && !look(recorded, is_check))
        return false;
    if (now - recorded->searched >= recorded->search_interval)
        search(exporter, recorded, now);
    if (is_due(&recorded->reaped, now, SECOND / 2))
        reap(recorded);
    full = read_rings(recorded);
    events = recorded_events(recorded) + recorded_lost(recorded);
    recorded->has_answer |= events != 0;
    if (!recorded->has_answer) {
        if (!recorded_is_young(recorded, now) &&
            recorded->interval < longest_wait)
            recorded->interval += recorded->interval / 64;
        recorded->next = now + recorded->interval;
        return true;
    }
    if (recorded->level == LEVEL_ALL)
        look_at_events(recorded, now, full, events);
    else
        look_at_pause(exporter, recorded, now, events);
    return true;
}

/* ---- from its beginning to its end ---- */

struct recorded *recorded_begin(struct exporter *exporter,
                                struct target *target, struct reason *reason)
{
    struct recorded *recorded = allocate(1, sizeof(*recorded));
    const struct rings_calls calls = {on_records, on_began, on_lost, recorded};
    uint64_t now = monotonic_now();

    recorded->target = *target;
    recorded->calls = calls;
    recorded->measures = measures_new(exporter->functions, &exporter->clock);
    recorded->bursts.budget = exporter->budget;
    recorded->bursts.part = uncounted;
    recorded->bursts.longest = longest_pause;
    recorded->level = LEVEL_ALL;
    recorded->interval = MILLISECOND / 4;
    recorded->search_interval = SECOND;
    recorded->began = recorded->next = recorded->changed = now;
    recorded->checked = recorded->reaped = recorded->ranked = now;
    recorded->searched = now;
    identity_read(&recorded->identity, &recorded->target);
    recorded->has_cpu =
        clock_getcpuclockid((pid_t)target->pid, &recorded->cpu) == 0;
    read_used(recorded);
    open_part(recorded, 0, now);
    if (ask(recorded, exporter, 0, reason))
        return recorded;
    recorded_end(exporter, recorded, now);
    recorded_free(recorded);
    return NULL;
}

void recorded_release(struct recorded *recorded)
{
    size_t i;

    for (i = 0; i < recorded->target.count; i++)
        if (recorded->target.spots[i].state == SPOT_REQUESTED ||
            recorded->target.spots[i].state == SPOT_ANSWERED)
            spot_release(&recorded->target, &recorded->target.spots[i]);
}

void recorded_end(struct exporter *exporter, struct recorded *recorded,
                  uint64_t now)
{
    bool is_alive = !target_has_ended(&recorded->target) &&
                    target_has_memory(&recorded->target);
    size_t i;

    (void)exporter;
    for (i = 0; i < recorded->target.count; i++)
        read_rest(recorded, &recorded->target.spots[i], is_alive);
    for (i = 0; i < recorded->target.count; i++)
        close_rings(&recorded->target.spots[i]);
    if (recorded->part != 0)
        close_part(recorded, ticks_now(), now);
    target_close(&recorded->target);
    measures_end(recorded->measures);
    recorded->lane_count = 0;
    recorded->has_ended = true;
    recorded->ended = now;
}

void recorded_free(struct recorded *recorded)
{
    while (recorded->wanted_count != 0)
        free(recorded->wanted[--recorded->wanted_count]);
    free(recorded->wanted);
    free(recorded->lanes);
    measures_free(recorded->measures);
    identity_free(&recorded->identity);
    free(recorded);
}
