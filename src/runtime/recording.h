/*
 * recording.h - what the recorder's two halves share: the runtime, which writes
 * events (recorder.c), and the command pytrace, which reads them. No more than
 * layouts in memory, the same for 32 and 64 bits, in the processor's own byte
 * order. The bundle has a copy of this file.
 *
 * The control block is a part of the host; .note.pytrace says where. The
 * command finds and writes it through /proc/PID/mem:
 *
 *   1. It writes the request's fields, and "request" last, and then sets bit
 *      0x4000 (PYTRACE__RECORDED) of the semaphore of each marker to record: of
 *      the two bytes, only the one with this bit, as the kernel counts tracers
 *      in the other one.
 *   2. The first event makes a file without a name (memfd_create), writes its
 *      descriptor and the answer, and waits until "ready" is the request's
 *      number. The command opens /proc/PID/fd/DESCRIPTOR, gives the file its
 *      size (segment_bytes) and seals it, maps it, fills in the segment's
 *      header, and writes "ready". The program maps it, too, and goes on. When
 *      "ready" is not written within PYTRACE__PATIENCE milliseconds, or when
 *      there is an error, it clears all of the bits and "request", and nothing
 *      is recorded.
 *   3. Each thread takes a ring of its own at its first event, and writes a
 *      record BEGIN. The command reads what is published, and moves "tail".
 *   4. At the end the command clears the bits and "request". The segment and
 *      its descriptor stay until the process ends or executes another program.
 *      The next recording takes them again, where the file is there (the
 *      program may have closed it) and has the right size: the command maps it
 *      first, and sets PYTRACE__AGAIN, and "ready" to 0, before "request".
 *
 * One command at a time has the lock (flock) of /proc/PID/mem. While it
 * records, it adds 1 to "beats" each 100 ms or more often. A writer that sees
 * no beat for PYTRACE__PATIENCE_BEATS of its checks clears the bits, too.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE__RECORDING_H
#define PYTRACE__RECORDING_H

#include <stdint.h>

#define PYTRACE__RECORDED 0x4000u  /* the recorder's bit of a semaphore */
#define PYTRACE__LAYOUT 1u         /* the version of all of this */
#define PYTRACE__MAGIC 0x43525450u /* "PTRC" on a little-endian processor */
#define PYTRACE__PATIENCE 2000     /* milliseconds */
#define PYTRACE__PATIENCE_BEATS 4  /* checks */
/* What its file is called in /proc/PID/fd: "/memfd:pytrace (deleted)". */
#define PYTRACE__SEGMENT_NAME "pytrace"

/*
 * Flags of a request: record children by fork, too; wait while a ring is full,
 * and lose nothing; time is the processor's counter, and not nanoseconds of
 * CLOCK_MONOTONIC; use the segment that is there.
 */
#define PYTRACE__FOLLOW 1u
#define PYTRACE__BLOCK 2u
#define PYTRACE__COUNTER 4u
#define PYTRACE__AGAIN 8u

struct pytrace__control {
    uint32_t layout; /* PYTRACE__LAYOUT */
    uint32_t bytes;  /* of this structure */

    /* The request, which the command writes. */
    uint32_t request; /* a number that is not 0 and differs from the last */
    uint32_t pid;     /* the process' number, as it sees itself */
    uint32_t flags;   /* PYTRACE__FOLLOW and so on */
    uint32_t ready;   /* the request whose segment the command has mapped */
    uint64_t segment_bytes;
    uint64_t check_ticks; /* between two checks for beats, by the clock */

    /* The answer, which the runtime writes. */
    uint32_t answer;    /* the request that is answered */
    uint32_t error;     /* why there is no segment: an errno, or 0 */
    int32_t descriptor; /* of the segment, once there is an answer */
    uint32_t early;     /* events lost while there was no segment */
    uint64_t file;      /* the number (st_ino) of the segment's file, or 0 */
};

/* The segment: this header, which fills 4096 bytes, and the rings behind it. */
struct pytrace__segment {
    /* The command fills in these, before "ready". */
    uint32_t magic;      /* PYTRACE__MAGIC */
    uint32_t layout;     /* PYTRACE__LAYOUT */
    uint32_t rings;      /* how many there is room for; at most 65535 */
    uint32_t ring_bytes; /* of events in each; a power of 2, 4096 at least */
    uint32_t beats;      /* the command lives */
    /* The runtime, these. */
    uint32_t ended; /* the request that the program gave up itself, or 0 */
    uint32_t used;  /* so many rings, the first ones, were ever taken */
    uint32_t reserved;
    uint64_t unringed; /* events lost as no ring was free */
};

/*
 * A ring: this header, PYTRACE__RING_PRIVATE bytes for the writer alone, and
 * ring_bytes bytes of records. Positions count units of 8 bytes, modulo 2^32; a
 * position modulo ring_bytes / 8 is a place. Records never go round the end.
 */
struct pytrace__ring {
    /*
     * The writer's. "state" has, from its lowest bits: 8 bits, how many events
     * are being written, one in the signal handler that interrupted the other;
     * 16 bits, how many have begun since the last was published; 8 bits, which
     * change when abandoned ones are given up; 32 bits, the position behind all
     * of them.
     */
    uint64_t state;
    uint64_t lost; /* events, since the segment was made */
    uint64_t lost_told;
    uint64_t strings; /* 32 bits: how often all were forgotten; bytes of them */
    uint64_t checked; /* when the beats were last looked at */
    uint64_t frame;   /* the stack frame that writes the outermost event */
    uint64_t published; /* the position up to which all is written */
    uint32_t last_number;
    uint32_t beats;
    uint32_t misses;
    uint32_t key, request; /* the process and the recording it was taken for */
    uint32_t padding_1[13];

    /* The command's. */
    uint32_t tail; /* up to this position the records have been read */
    uint32_t padding_2[31];

    /*
     * (pid << 32) | tid of the thread that writes, as they see themselves; 0
     * when free. The command frees the ring of a thread that has ended.
     */
    uint64_t owner;
    uint64_t padding_3[15];
};

#define PYTRACE__HEADER_BYTES 4096u /* of the segment's header */
#define PYTRACE__RING_PRIVATE (256u << 10)
/* Of a ring with all of its parts. */
#define PYTRACE__STRIDE(ring_bytes) \
    (4096u + PYTRACE__RING_PRIVATE + (uint64_t)(ring_bytes))
/* Of a ring's records, from its header on. */
#define PYTRACE__RING_DATA (4096u + PYTRACE__RING_PRIVATE)

/*
 * Records. Each begins with 16 bits, its size in bytes, a multiple of 8, and 16
 * bits, its kind. Then come words of 32 bits; a time and a count of lost events
 * are two of them, as one number of 64 bits is in memory:
 *
 *   PAD     nothing: filled up, or given up
 *   BEGIN   request; time; pid; tid; lost: the ring's count so far
 *   STRING  number; length of the whole string; bytes kept; these bytes
 *   LOST    0; time; lost: the ring's count at this place
 *   an event (PYTRACE__EVENT + the marker's number, in the note's order)
 *           the first argument's first word; time; all other words; then the
 *           number of a string where a text is beside the event, or else 0 or
 *           nothing
 *
 * An argument is one word (up to 32 bits, extended as its type says; a string's
 * number) or two, the lower one first. A number stands for the same string
 * until the next BEGIN. Strings have no NUL; one that is longer than what is
 * kept was cut.
 */
enum {
    PYTRACE__PAD = 0,
    PYTRACE__BEGIN = 1,
    PYTRACE__STRING = 2,
    PYTRACE__LOST = 3,
    PYTRACE__EVENT = 16
};

/* Bytes of a string that are kept; of small rings, a quarter. */
#define PYTRACE__LONGEST_STRING 4096u

#endif
