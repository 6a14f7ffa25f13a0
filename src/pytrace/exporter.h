/*
 * exporter.h - pytrace export: measures of all processes with markers, for
 * Prometheus. The parts: exporter.c has the command line and the loop;
 * exporter_find.c finds the processes; exporter_process.c records one of them
 * in bursts; exporter_measures.c counts what its events say; exporter_text.c
 * writes the measures down, exporter_http.c serves them, and exporter_file.c
 * puts them into a file.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_EXPORTER_H
#define PYTRACE_EXPORTER_H

#include "attach.h"
#include "bursts.h"
#include "clock.h"
#include "histogram.h"
#include "records.h"

#include <pthread.h>
#include <sys/stat.h>
#include <time.h>

/* Nanoseconds. */
#define MILLISECOND UINT64_C(1000000)
#define SECOND (1000 * MILLISECOND)

/* ---- exporter_measures.c: what one process has done ---- */

enum {
    MOST_GENERATIONS = 5, /* 0 to 3, and all others */
    MOST_BOUNDS = 9,      /* of a histogram's classes, without +Inf */
    MOST_KINDS = 64,      /* of markers, with a count of their own */
    LABEL_BYTES = 200,    /* of a label's value, at most */
};

/* In nanoseconds, ascending. */
extern const uint64_t pause_bounds[MOST_BOUNDS], import_bounds[MOST_BOUNDS];

struct distribution {
    uint64_t counts[MOST_BOUNDS + 1]; /* each without those below */
    double sum;                       /* ns */
};

/* What is counted: the open part (below), and all before. */
struct tally {
    double open, all;
};

/* A function or a module that has series of its own. */
struct slot {
    char *name, *file;              /* as labels; a module has no file */
    uint64_t key;                   /* of a module */
    struct tally calls, own, total; /* the latter two in ns */
    double recent;                  /* ns, of which older ones count less */
};

/*
 * The N most expensive of them; slots[0] is all others together, and called so
 * as no other is. No two have the same labels.
 */
struct slots {
    struct slot *slots;
    size_t count, most; /* most: without the first */
};

struct kind { /* events of a marker */
    char *name;
    struct tally count;
};

struct measures;

/*
 * functions: how many get series of their own. Each process has one; all that
 * it keeps is bounded.
 */
struct measures *measures_new(size_t functions, const struct clock *clock);
/* Nothing comes any more: what is shown stays. */
void measures_end(struct measures *measures);
void measures_free(struct measures *measures);

/* The state of one ring, as far as it was read. */
struct lane_state;
struct lane_state *measures_lane(struct measures *measures,
                                 struct recorded_host *host);
/* The ring is gone, and what was under way in it is not known any more. */
void measures_leave(struct measures *measures, struct lane_state *lane);
/* Whole records of a ring. */
void measures_take(struct measures *measures, struct lane_state *lane,
                   const void *records, size_t size);
/*
 * Calls and all that is not rare are counted only from one time to another, in
 * ticks; outside of these, their markers were being switched.
 */
void measures_resume(struct measures *measures, uint64_t from);
void measures_pause(struct measures *measures, uint64_t until);
/* A part of the time in which all was recorded. In ns. */
struct part {
    uint64_t lasted;
    uint64_t before; /* the pause before it */
    /*
     * Of the processors, by the program: whether it is known; in the part; and
     * until then, what no part stands for yet. One stands for so many times
     * what was used in it, at most.
     */
    bool has_used;
    uint64_t used;
    double unseen, most;
    double lost; /* so many times as many events as were read have come */
};
/*
 * A part ends now, in ticks. What was counted in it stands for the pause
 * before, too, and calls for those that were lost. What is left of
 * part->unseen, the next ones stand for.
 */
void measures_close(struct measures *measures, uint64_t now, struct part *part);
/*
 * Every few seconds, behind measures_close(): who is expensive now gets series
 * of its own.
 */
void measures_rank(struct measures *measures);
/* Which markers are seldom fired, and always recorded. */
bool marker_is_rare(const char *name);
/* Which are recorded at all. */
bool marker_is_measured(const char *name);

struct measures {
    size_t functions;
    const struct clock *clock;
    struct slots calls, imports;
    struct distribution pauses[MOST_GENERATIONS], import_times;
    bool has_pauses[MOST_GENERATIONS];
    bool has_imports;
    struct kind kinds[MOST_KINDS];
    size_t kind_count;
    uint64_t from, until; /* ticks */
    struct lane_state *lanes;
    /* Functions by the hash of their names; open addressing. */
    struct known **known;
    size_t known_size, known_count;
    bool is_crowded; /* all that are known are being called, for now */
    double cost;     /* ns of an event, to be taken off */
    bool has_cost;
    double used, events; /* ns of the processors in the latest parts; events */
    struct histogram pairs; /* of times between two events, until then */
};

/* ---- exporter_process.c: one process that is recorded ---- */

enum level { LEVEL_NONE, LEVEL_RARE, LEVEL_ALL }; /* of markers that are on */

/* What the process is, as labels. Never NULL. */
struct identity {
    char *pid, *program, *provider, *version, *file, *container, *unit, *user;
};

struct recorded {
    struct target target;
    struct identity identity;
    struct measures *measures;
    struct rings_calls calls;
    bool **wanted; /* of each spot: the markers that are recorded at all */
    size_t wanted_count;
    struct lane_state **lanes; /* by stream.number, from 1 on; or NULL */
    size_t lane_count;
    struct bursts bursts;
    enum level level;
    bool has_answer; /* of a host: an event came */
    bool has_failed; /* the program has ended the recording itself */
    bool is_yielded; /* to another recorder, for a while */
    bool has_ended;
    /* Monotonic, in ns. */
    uint64_t began, ended;
    uint64_t next;     /* when it is to be looked at */
    uint64_t interval; /* between two looks */
    uint64_t changed;  /* when the level was changed */
    uint64_t checked, reaped, ranked, searched;
    uint64_t search_interval;
    uint64_t seen; /* events and lost ones, at the last look */
    /* A part of the time in which all is recorded: its beginning, or 0. */
    uint64_t part;
    uint64_t before;                 /* ns of the pause that it stands for */
    uint64_t part_events, part_lost; /* at its beginning */
    uint64_t part_used;              /* of "used", at its beginning */
    double unseen;                   /* of "used": no part stands for it yet */
    uint64_t observed;               /* ns, of parts that are over */
    clockid_t cpu;                   /* its clock */
    bool has_cpu;
    unsigned checks;
    uint64_t clock, used;  /* of the processors, ns: at the last look; since */
    uint64_t events, lost; /* of rings that have ended, and outside of them */
    uint64_t most_lost;    /* that was ever said, with all others */
    struct threads threads;
};

struct exporter;

/* Takes over what is in target. NULL: why not. */
struct recorded *recorded_begin(struct exporter *exporter,
                                struct target *target, struct reason *reason);
/* False: it is over; recorded_end() comes next. */
bool recorded_step(struct exporter *exporter, struct recorded *recorded,
                   uint64_t now);
/* At least each 100 ms: it is read still. */
void recorded_beat(const struct recorded *recorded);
/* Take the requests back. */
void recorded_release(struct recorded *recorded);
/* The same, and read the rest; the measures stay. */
void recorded_end(struct exporter *exporter, struct recorded *recorded,
                  uint64_t now);
void recorded_free(struct recorded *recorded);
uint64_t recorded_events(const struct recorded *recorded);
uint64_t recorded_lost(struct recorded *recorded);
/* For hosts_forget(). */
void recorded_host_gone(struct known_host *known);
/* It was just asked: its first event may wait for the answer. */
bool recorded_is_young(const struct recorded *recorded, uint64_t now);
/* ns in which all markers were on. */
uint64_t recorded_observed(const struct recorded *recorded, uint64_t now);

/* ---- exporter_find.c: the processes there are ---- */

enum why { WHY_PERMISSION, WHY_RECORDER, WHY_FILTER, WHY_OTHER, WHYS };

/* A process that there is. */
struct candidate {
    long pid;
    unsigned long long inode; /* of /proc/PID: another one, another process */
    bool was_looked_at, is_told;
    /* What it is, where it is not recorded; none: it is not counted. */
    bool is_chosen, is_refused, is_yielded;
    enum why why;
    uint64_t next, interval;   /* when it is looked at again */
    struct recorded *recorded; /* or NULL */
};

struct selection {
    long *pids; /* none: all */
    size_t pid_count;
    int *ends;            /* of each: can be read when it has ended; or -1 */
    const char *provider; /* or NULL */
    bool has_user;
    unsigned user;
};

/* Those that are chosen by number must be there. False: why one is not. */
bool find_chosen(struct selection *selection, struct reason *reason);
/* Which processes came and went. */
void find_scan(struct exporter *exporter, uint64_t now);
/* Look at some of those whose time has come. */
void find_look(struct exporter *exporter, uint64_t now);
/* Once, where no process has the provider: say so. */
void find_tell(const struct exporter *exporter, uint64_t now);
/* What it is of has ended, or executes another program. */
void find_lost(struct exporter *exporter, const struct recorded *recorded,
               uint64_t now);
void identity_read(struct identity *identity, const struct target *target);
void identity_free(struct identity *identity);

/* ---- exporter_file.c: the file of --output ---- */

struct output {
    const char *path;    /* NULL: there is none */
    struct stat written; /* the file as it was written last */
};

/* It is there whole, or as it was before. False: why not. */
bool output_write(struct output *output, const char *text, size_t size,
                  struct reason *reason);
/* Where it is still the file that was written last. */
void output_remove(const struct output *output);

/* ---- exporter.c ---- */

struct exporter {
    /* Given. */
    struct selection selection;
    double budget; /* a share */
    size_t functions;
    struct output output;

    pthread_mutex_t mutex; /* for all that follows */
    struct wishes wishes;
    struct clock clock;
    struct candidate *candidates; /* by pid */
    size_t count;
    struct recorded **recorded;
    size_t recorded_count;
    struct recorded **ended; /* that a scrape still shows; oldest first */
    size_t ended_count;
    uint64_t next_look;  /* at a candidate */
    size_t young;        /* processes that were just asked */
    uint64_t next_burst; /* no burst begins before then */
    int ends;            /* an epoll, for the processes' ends */
    uint64_t all_recorded, all_ended, unseen, scrapes;
};

/* ---- exporter_text.c ---- */

enum form { FORM_OPENMETRICS, FORM_TEXT, FORM_FILE };

/*
 * All measures; allocated. In a file, without process_*, which are there of the
 * collector that serves it.
 */
char *exporter_text(struct exporter *exporter, enum form form, size_t *size);
/* A label's value: escaped, and at most so long; allocated. */
char *label_text(const char *text, size_t size);

/* ---- exporter_http.c ---- */

struct server;

/* address: as --listen has it. NULL: why not. */
struct server *server_start(struct exporter *exporter, const char *address,
                            struct reason *reason);
/* Where it can be asked, to the standard error output. */
void server_tell(const struct server *server);
/* At least each second: what takes too long is over. */
void server_look(struct server *server, uint64_t now);
void server_stop(struct server *server);

#endif
