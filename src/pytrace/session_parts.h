/*
 * session_parts.h - what the parts of a recording that is under way call of
 * each other.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_SESSION_PARTS_H
#define PYTRACE_SESSION_PARTS_H

#include "session.h"

/* Nanoseconds. */
#define MILLISECOND UINT64_C(1000000)
#define SECOND (1000 * MILLISECOND)
enum {
    QUICK = 100000 /* from one look for an answer to the next, at first */
};

/* ---- session_file.c: what the file gets ---- */

/* What has a place in the order of time: it may be kept for later. */
void session_put_chunk(struct session *session, enum chunk_kind kind,
                       const void *part, size_t size, const void *rest,
                       size_t rest_size);
void session_put_payload(struct session *session, enum chunk_kind kind,
                         struct payload *payload);
void session_put_clock(struct session *session);
void session_put_host(struct session *session, const struct spot *spot);
/* A number for a process; what is known of it goes to the file. */
uint32_t session_add_member(struct session *session, long pid, long inside,
                            long parent);
void session_put_thread(struct session *session, uint32_t number, long tid);
/* Its functions ran before, and all of its markers are on from now on. */
void session_put_running(struct session *session, const struct target *target);
/* Lost outside of the rings. */
void session_put_outside(struct session *session, const struct spot *spot,
                         uint32_t process, uint64_t early, uint64_t unringed);
/* end in ticks; 0: the pause begins. */
void session_put_pause(struct session *session, uint64_t end);
/* From now on only some of the markers are on. */
void session_put_stop(struct session *session);

/* ---- session_rings.c: what rings say ---- */

bool session_thread_is_alive(struct rings *rings, uint32_t pid, uint32_t tid,
                             void *data);
void session_name_rings(const struct target *target, struct spot *spot);

/* ---- session_processes.c: they come and go ---- */

/* The recording has failed in a part. */
void session_complain(struct session *session, const char *sentence);
/* Its request has been taken back, or the memory is gone. */
void session_end_spot(struct session *session, const struct target *target,
                      struct spot *spot, bool is_alive);
void session_end_target(struct session *session, size_t i, bool is_alive);
/* Its memory is gone: it has ended, or executes another program. */
void session_lose_target(struct session *session, size_t i, bool has_ended);
/* A library was closed; it may come back to this place. */
void session_end_closed(struct session *session, const struct target *target,
                        struct spot *spot);
void session_wait_for_host(struct session *session, long pid);
/*
 * Record a process, if it has a host. False: it has none yet. One that cannot
 * be recorded is told, and left alone.
 */
bool session_join(struct session *session, long pid);
void session_look_at_pending(struct session *session, uint64_t now);
void session_look_for_hosts(struct session *session, uint64_t now);
void session_join_newcomers(struct session *session);
/* Whether a process has the request of one of ours. */
bool session_is_descendant(const struct session *session, long pid);
void session_on_change(enum children_kind kind, long pid, long parent,
                       void *data);
void session_take_launch_events(struct session *session);

#endif
