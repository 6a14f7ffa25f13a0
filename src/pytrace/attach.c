/*
 * attach.c - the hosts of a process, and the request to them, through
 * /proc/PID/mem (recording.h). The process is not stopped.
 *
 * Who has the lock (flock) of /proc/PID/mem is the one recorder of the process;
 * another one may see the process through another mount of /proc, so the
 * segment's own lock counts, too.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "attach.h"
#include "process.h"
#include "python_attach.h"
#include "refuse.h"
#include "ticks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_RINGS = 256,
    /* Of addresses in the process, of 64 and 32 bits. */
    MOST_BYTES = 1 << 30,
    MOST_BYTES_32 = 128 << 20,
    MOST_BYTES_LOCKED = 16 << 20, /* where all of it is in memory at once */
};

/* The bit of a semaphore, in the byte that has it. */
enum {
    BIT = PYTRACE__RECORDED >> 8,
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    BYTE_WITH_BIT = 0
#else
    BYTE_WITH_BIT = 1
#endif
};

/* ---- the memory of the process ---- */

static bool peek(const struct target *target, uint64_t address, void *bytes,
                 size_t size)
{
    return pread(target->memory, bytes, size, (off_t)address) == (ssize_t)size;
}

static bool poke(const struct target *target, uint64_t address,
                 const void *bytes, size_t size)
{
    return pwrite(target->memory, bytes, size, (off_t)address) == (ssize_t)size;
}

/* Read or write one member of a control block. */
#define AT(spot, member) \
    ((spot)->control + offsetof(struct pytrace__control, member))
#define POKE(target, spot, member, value) \
    poke(target, AT(spot, member), &(value), sizeof(value))

static bool read_control(const struct target *target, const struct spot *spot,
                         struct pytrace__control *control)
{
    return peek(target, spot->control, control, sizeof(*control));
}

/* Whether it is there still: a library can be closed, and its place reused. */
static bool read_host_control(const struct target *target,
                              const struct spot *spot,
                              struct pytrace__control *control)
{
    return read_control(target, spot, control) &&
           control->layout == PYTRACE__LAYOUT &&
           control->bytes >= sizeof(*control);
}

/* The same, and it has our request. */
static bool read_own_control(const struct target *target,
                             const struct spot *spot,
                             struct pytrace__control *control)
{
    return read_host_control(target, spot, control) &&
           control->pid == spot->pid;
}

static bool has_bit(const struct target *target, uint64_t semaphore, bool *has)
{
    unsigned char byte;

    if (!peek(target, semaphore + BYTE_WITH_BIT, &byte, 1))
        return false;
    *has = (byte & BIT) != 0;
    return true;
}

static bool set_bit(const struct target *target, uint64_t semaphore, bool on)
{
    unsigned char byte;

    if (!peek(target, semaphore + BYTE_WITH_BIT, &byte, 1))
        return false;
    if (((byte & BIT) != 0) == on)
        return true;
    byte ^= BIT;
    return poke(target, semaphore + BYTE_WITH_BIT, &byte, 1);
}

/* ---- what the process is ---- */

static bool has_thread(const struct threads *threads, uint32_t inside)
{
    size_t i;

    for (i = 0; i < threads->count; i++)
        if (threads->inside[i] == inside)
            return true;
    return false;
}

static void read_threads(struct threads *threads, long pid)
{
    char path[64];
    DIR *directory;
    struct dirent *entry;

    threads_forget(threads);
    snprintf(path, sizeof(path), "/proc/%ld/task", pid);
    directory = opendir(path);
    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL) {
        struct reason reason;
        struct status status;
        long tid = strtol(entry->d_name, NULL, 10);

        if (tid <= 0 || !status_read(&status, tid, &reason))
            continue;
        threads->inside =
            grown(threads->inside, threads->count, sizeof(*threads->inside));
        threads->inside[threads->count++] = (uint32_t)status.inside;
    }
    closedir(directory);
}

/* (One that is not known may have begun since they were read.) */
bool process_has_thread(struct threads *threads, long pid, uint32_t inside)
{
    if (has_thread(threads, inside))
        return true;
    read_threads(threads, pid);
    return has_thread(threads, inside);
}

void threads_forget(struct threads *threads)
{
    free(threads->inside);
    threads->inside = NULL;
    threads->count = 0;
}

bool process_is_in_parent(long pid)
{
    enum { VM = 1 }; /* linux/kcmp.h: KCMP_VM */
    struct reason reason;
    struct status status;

    return status_read(&status, pid, &reason) &&
           syscall(SYS_kcmp, (pid_t)pid, (pid_t)status.parent, VM, 0L, 0L) == 0;
}

/* ---- finding the hosts ---- */

struct search {
    struct target *target;
    const struct wishes *wishes;
    /* A file's host cannot be recorded, and why; or empty. */
    char where[129], why[257];
};

static void cannot(struct search *search, const struct known_file *file,
                   const char *why)
{
    snprintf(search->where, sizeof(search->where), "%s", file->name);
    snprintf(search->why, sizeof(search->why), "%s", why);
}

static bool has_spot(const struct target *target, uint64_t control)
{
    size_t i;

    for (i = 0; i < target->count; i++)
        if (target->spots[i].control == control)
            return true;
    return false;
}

/*
 * A file is mapped in parts: where those that are needed are not there, they
 * may be about to come, and the host is not there yet.
 */
static void add_spot(struct search *search, struct process *process,
                     struct known_file *file, struct known_host *known)
{
    struct target *target = search->target;
    const struct host *host = known->host;
    struct spot spot = {.file = file, .host = known};
    size_t i;

    if (host->control == 0) {
        cannot(search, file,
               "has no recorder: it was built --without-recorder, or with an "
               "older pytrace, or for a system where there is none; build it "
               "again");
        return;
    }
    if (process_mapping(process, &file->image, host->control, false,
                        &spot.control) == NULL ||
        has_spot(target, spot.control))
        return;
    spot.semaphores = allocate(host->count, sizeof(*spot.semaphores));
    for (i = 0; i < host->count; i++)
        if (host->markers[i].semaphore != 0 &&
            process_mapping(process, &file->image, host->markers[i].semaphore,
                            false, &spot.semaphores[i]) == NULL) {
            free(spot.semaphores);
            return;
        }
    spot.is_wanted = allocate(host->count, sizeof(*spot.is_wanted));
    file->users++;
    target->spots = grown(target->spots, target->count, sizeof(spot));
    target->spots[target->count++] = spot;
}

static void visit(struct process *process, const char *name, const char *path,
                  void *data)
{
    static const char segment[] = "/memfd:" PYTRACE__SEGMENT_NAME " (deleted)";
    struct search *search = data;
    struct known_file *file;
    size_t i;

    if (strcmp(name, segment) == 0)
        return;
    file = known_file(path, name);
    if (file == NULL)
        return;
    if (file->why != NULL)
        cannot(search, file, file->why);
    for (i = 0; i < file->count; i++)
        add_spot(search, process, file, &file->hosts[i]);
}

/* Which markers are asked for; how many of them. */
static size_t choose(const struct spot *spot, const struct wishes *wishes)
{
    const struct host *host = spot->host->host;
    size_t count = 0;
    size_t i, j;

    for (i = 0; i < host->count; i++) {
        spot->is_wanted[i] = wishes->marker_count == 0;
        for (j = 0; j < wishes->marker_count; j++)
            if (strcmp(wishes->markers[j], host->markers[i].name) == 0)
                spot->is_wanted[i] = wishes->is_known[j] = true;
        count += spot->is_wanted[i];
    }
    return count;
}

static enum finding refuse_marker(const struct target *target,
                                  const struct wishes *wishes,
                                  struct reason *reason)
{
    const struct host *host = target->spots[0].host->host;
    char list[256] = "";
    size_t i;

    for (i = 0; i < host->count && strlen(list) + 64 < sizeof(list); i++)
        snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%.48s",
                 i != 0 ? ", " : "", host->markers[i].name);
    because(reason, "process %ld has no marker %.64s: it has %s%s", target->pid,
            wishes->markers[0], list, i < host->count ? ", ..." : "");
    return REFUSED;
}

/* The layout of a host's control block, as its file has it. */
static uint32_t layout_in_file(const struct spot *spot)
{
    const struct image *image = &spot->file->image;
    uint64_t address = spot->host->host->control;
    const struct segment *segment =
        image_segment(image, address, sizeof(uint32_t));

    if (segment == NULL)
        return 0;
    return (uint32_t)number_at(
        image->bytes + (address - segment->address + segment->offset),
        sizeof(uint32_t), image->big_endian);
}

/*
 * NO_HOST: a library that is about to come, or was closed meanwhile; or the
 * process has ended, which is seen when it is looked at again.
 */
static enum finding read_layout(const struct target *target,
                                const struct spot *spot, struct reason *reason)
{
    struct pytrace__control control;

    if (!read_control(target, spot, &control))
        return NO_HOST;
    if (control.layout == PYTRACE__LAYOUT && control.bytes >= sizeof(control))
        return FOUND;
    if (layout_in_file(spot) == PYTRACE__LAYOUT)
        return NO_HOST;
    because(reason,
            "%.128s in process %ld has a recorder of another version (%u; this "
            "is %u): use the pytrace that it was built with",
            spot->file->name, target->pid, control.layout, PYTRACE__LAYOUT);
    return REFUSED;
}

void target_drop(struct target *target, size_t i)
{
    target->spots[i].file->users--;
    free(target->spots[i].semaphores);
    free(target->spots[i].is_wanted);
    target->spots[i] = target->spots[--target->count];
}

/*
 * A CPython with markers of its own can load those of ports/stock-cpython, too:
 * each event is to be recorded once. Of the spots from first on.
 */
static void drop_second_python(struct target *target, size_t first)
{
    bool has_own = false;
    size_t i;

    for (i = 0; i < target->count; i++)
        has_own |= target->spots[i].file->image.python != 0;
    for (i = target->count; has_own && i-- > first;)
        if (python_is_module(target->spots[i].file->name))
            target_drop(target, i);
}

static enum finding find_hosts(struct target *target,
                               const struct wishes *wishes,
                               const struct status *status,
                               struct reason *reason)
{
    struct search search = {.target = target, .wishes = wishes};
    struct reason why;
    enum finding finding;
    size_t count = 0;
    size_t i;

    if (!process_visit_files(target->pid, visit, &search, &why)) {
        because(reason, "process %ld: %.400s", target->pid, why.text);
        return REFUSED;
    }
    if (target->count == 0 && *search.why != '\0') {
        because(reason, "%s in process %ld %s", search.where, target->pid,
                search.why);
        return REFUSED;
    }
    drop_second_python(target, 0);
    for (i = target->count; i-- > 0;) {
        finding = read_layout(target, &target->spots[i], reason);
        if (finding == NO_HOST)
            target_drop(target, i);
        else if (finding != FOUND)
            return finding;
    }
    if (target->count == 0)
        return NO_HOST;
    for (i = 0; i < target->count; i++)
        count += choose(&target->spots[i], wishes);
    if (count == 0)
        return refuse_marker(target, wishes, reason);
    if (status->seccomp == 2 && !wishes->force) {
        target->refusal = REFUSED_FILTER;
        refuse_filter(target->pid, reason);
        return REFUSED;
    }
    target->has_filter = status->seccomp == 2;
    return FOUND;
}

size_t target_find_more(struct target *target, const struct wishes *wishes)
{
    struct search search = {.target = target, .wishes = wishes};
    struct reason reason;
    size_t before = target->count;
    size_t i;

    process_visit_files(target->pid, visit, &search, &reason);
    drop_second_python(target, before);
    for (i = target->count; i-- > before;) {
        enum finding finding = read_layout(target, &target->spots[i], &reason);

        choose(&target->spots[i], wishes);
        if (finding == NO_HOST)
            target_drop(target, i);
        else if (finding != FOUND)
            target->spots[i].state = SPOT_OVER;
    }
    return target->count - before;
}

/* Open the memory, and be its one recorder. */
static enum finding open_memory(struct target *target,
                                const struct status *status,
                                struct reason *reason)
{
    char name[64];
    struct stat file;

    snprintf(name, sizeof(name), "/proc/%ld/mem", target->pid);
    target->memory = open(name, O_RDWR | O_CLOEXEC);
    if (target->memory < 0) {
        bool is_ending = errno == ENOENT || errno == ESRCH;

        target->refusal = REFUSED_ACCESS;
        refuse_access(target->pid, status, errno, reason);
        return is_ending ? VANISHED : REFUSED;
    }
    if (flock(target->memory, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
        return FOUND;
    target->refusal = REFUSED_UNDER_WAY;
    refuse_under_way(
        target->pid,
        fstat(target->memory, &file) == 0 ? lock_holder(file.st_ino) : 0,
        reason);
    return REFUSED;
}

enum finding target_open(struct target *target, long pid,
                         const struct wishes *wishes, struct reason *reason)
{
    struct status status;
    enum finding finding = VANISHED;

    memset(target, 0, sizeof(*target));
    target->pid = pid;
    target->memory = -1;
    target->end = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0u);
    if (target->end >= 0)
        fcntl(target->end, F_SETFD, FD_CLOEXEC);
    if (status_read(&status, pid, reason)) {
        target->inside = status.inside;
        target->parent = status.parent;
        finding = open_memory(target, &status, reason);
        if (finding == FOUND)
            finding = find_hosts(target, wishes, &status, reason);
    }
    if (finding != FOUND)
        target_close(target);
    return finding;
}

void target_close(struct target *target)
{
    size_t i;

    for (i = 0; i < target->count; i++) {
        target->spots[i].file->users--;
        free(target->spots[i].semaphores);
        free(target->spots[i].is_wanted);
    }
    free(target->spots);
    target->spots = NULL;
    target->count = 0;
    if (target->memory >= 0)
        close(target->memory);
    if (target->end >= 0)
        close(target->end);
    target->memory = target->end = -1;
}

bool spot_has_memory(const struct target *target, const struct spot *spot)
{
    uint32_t layout;

    return peek(target, AT(spot, layout), &layout, sizeof(layout));
}

bool target_has_memory(const struct target *target)
{
    size_t i;

    for (i = 0; i < target->count; i++)
        if (spot_has_memory(target, &target->spots[i]))
            return true;
    return false;
}

bool target_has_ended(const struct target *target)
{
    struct pollfd end = {.fd = target->end, .events = POLLIN};

    if (target->end >= 0)
        return poll(&end, 1, 0) > 0;
    return kill((pid_t)target->pid, 0) != 0 && errno == ESRCH;
}

/* ---- the request ---- */

/* Its low half is for the children that inherit it. */
static uint32_t new_request(uint32_t last)
{
    uint16_t number;

    do
        if (getrandom(&number, sizeof(number), 0) != sizeof(number))
            number = (uint16_t)(ticks_now() >> 8);
    while (number == 0 || number == last >> 16);
    return (uint32_t)number << 16;
}

/*
 * How many bytes of addresses the segment may take. Where the program's own are
 * limited (RLIMIT_AS), an eighth of them; and few where all that it maps is
 * kept in memory (mlockall).
 */
static uint64_t most_bytes(const struct target *target, const struct spot *spot)
{
    uint64_t most = spot->file->image.bits == 32 ? MOST_BYTES_32 : MOST_BYTES;
    struct reason reason;
    struct status status;
    struct rlimit limit;

    if (prlimit((pid_t)target->pid, RLIMIT_AS, NULL, &limit) == 0 &&
        limit.rlim_cur / 8 < most)
        most = limit.rlim_cur / 8;
    if (status_read(&status, target->pid, &reason) && status.locked != 0 &&
        most > MOST_BYTES_LOCKED)
        most = MOST_BYTES_LOCKED;
    return most;
}

static uint32_t ring_count(const struct target *target, const struct spot *spot,
                           uint32_t ring_bytes)
{
    uint64_t most = most_bytes(target, spot) / PYTRACE__STRIDE(ring_bytes);

    return most == 0 ? 1 : most < MOST_RINGS ? (uint32_t)most : MOST_RINGS;
}

static bool is_requested(const struct target *target, const struct spot *spot)
{
    struct pytrace__control control;

    return read_own_control(target, spot, &control) &&
           control.request == spot->wishes.request;
}

/*
 * One bit after the other, and each only where the request is: meanwhile the
 * library may be closed, and opened again in the same place.
 */
static bool write_bits(const struct target *target, const struct spot *spot,
                       bool on)
{
    size_t i;

    for (i = 0; i < spot->host->host->count; i++)
        if (spot->semaphores[i] != 0 &&
            (!is_requested(target, spot) ||
             !set_bit(target, spot->semaphores[i], on && spot->is_wanted[i])))
            return false;
    return true;
}

/*
 * The request is gone, and a bit may have been written after it went: the
 * program ends a recording itself, or has opened the library anew.
 */
static void clear_bits(const struct target *target, const struct spot *spot)
{
    struct pytrace__control control;
    size_t i;

    for (i = 0; i < spot->host->host->count; i++)
        if (spot->semaphores[i] != 0 &&
            read_host_control(target, spot, &control) && control.request == 0)
            set_bit(target, spot->semaphores[i], false);
}

/* The number of the file that a descriptor of the process is, or 0. */
static uint64_t number_of_file(const struct target *target, int descriptor)
{
    struct stat status;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%ld/fd/%d", target->pid, descriptor);
    return stat(path, &status) == 0 ? status.st_ino : 0;
}

/* A descriptor of the process is these rings' file. */
static bool is_file_of(const struct target *target, int descriptor,
                       const struct rings *rings)
{
    return rings != NULL && number_of_file(target, descriptor) == rings->inode;
}

/*
 * ("ready" is 0 also where the segment is used again: a child by fork that has
 * not answered then makes one of its own, and must wait for us.)
 */
static bool write_request(const struct target *target, const struct spot *spot,
                          struct pytrace__control *control,
                          const struct wishes *wishes)
{
    const size_t first = offsetof(struct pytrace__control, pid);
    const size_t end = offsetof(struct pytrace__control, answer);

    control->pid = spot->pid;
    control->flags = wishes->flags | (spot->rings != NULL ? PYTRACE__AGAIN : 0);
    control->ready = 0;
    control->segment_bytes =
        rings_size(spot->wishes.count, spot->wishes.ring_bytes);
    control->check_ticks = wishes->check_ticks;
    control->error = 0;
    return poke(target, spot->control + first, (char *)control + first,
                end - first) &&
           POKE(target, spot, error, control->error) &&
           POKE(target, spot, request, spot->wishes.request) &&
           write_bits(target, spot, true);
}

/* Of a recording before, the segment is used again. */
static enum opening use_again(const struct target *target, struct spot *spot,
                              const struct pytrace__control *control,
                              struct reason *reason)
{
    struct rings *rings;
    enum opening opening;

    /* (A child by fork has inherited its parent's number.) */
    if (control->file == 0 || control->pid != (uint32_t)target->inside ||
        number_of_file(target, control->descriptor) != control->file)
        return IS_NONE;
    rings = allocate(1, sizeof(*rings));
    opening = rings_open(rings, target->pid, control->descriptor, &spot->wishes,
                         reason);
    if (opening == OPENED) {
        spot->rings = rings;
        spot->is_owner = true;
    } else {
        free(rings);
    }
    return opening;
}

/* A step could not be done: is the host gone, or is that the reason? */
static enum answer gone_or_failed(const struct target *target,
                                  const struct spot *spot)
{
    struct pytrace__control control;

    return read_own_control(target, spot, &control) ? FAILED : GONE;
}

enum answer spot_request(const struct target *target, struct spot *spot,
                         const struct wishes *wishes,
                         const struct rings_calls *calls, struct reason *reason)
{
    struct pytrace__control control;
    const struct timespec a_while = {0, 1000000};
    bool was_requested;

    if (!read_host_control(target, spot, &control))
        return GONE;
    was_requested = control.request != 0;
    spot->pid = (uint32_t)target->inside;
    spot->wishes.request =
        new_request(was_requested ? control.request : control.answer);
    spot->wishes.count = ring_count(target, spot, wishes->ring_bytes);
    spot->wishes.ring_bytes = wishes->ring_bytes;
    spot->wishes.calls = calls;
    spot->early = control.early;
    if (use_again(target, spot, &control, reason) == IS_LOCKED) {
        refuse_under_way(target->pid, 0, reason);
        return FAILED;
    }
    spot->state = SPOT_REQUESTED;
    if (!write_request(target, spot, &control, wishes)) {
        because(reason, "the memory of process %ld cannot be written: %s",
                target->pid, strerror(errno));
        if (is_requested(target, spot))
            return FAILED;
        clear_bits(target, spot);
    }
    /* One that does not see our lock would write its own at this time, too. */
    if (was_requested) {
        nanosleep(&a_while, NULL);
        if (!is_requested(target, spot)) {
            refuse_under_way(target->pid, 0, reason);
            return gone_or_failed(target, spot);
        }
    }
    /* (Where the program has ended the recording already, a look says why.) */
    return read_own_control(target, spot, &control) ? NO_ANSWER : GONE;
}

uint32_t spot_inherited(const struct target *target, const struct spot *spot)
{
    struct pytrace__control control;

    return read_control(target, spot, &control) &&
                   control.pid != (uint32_t)target->inside
               ? control.request
               : 0;
}

bool spot_inherit(const struct target *target, struct spot *spot,
                  const struct spot *parent)
{
    struct pytrace__control control;

    if (parent->host != spot->host || !read_control(target, spot, &control) ||
        control.request != parent->wishes.request)
        return false;
    memcpy(spot->is_wanted, parent->is_wanted,
           spot->host->host->count * sizeof(*spot->is_wanted));
    spot->wishes = parent->wishes;
    spot->pid = control.pid;
    spot->early = control.early;
    spot->state = SPOT_REQUESTED;
    /*
     * Where its parent had answered, it writes to its parent's rings; else, it
     * answers itself. Where these are used again, no one can tell.
     */
    if (is_file_of(target, control.descriptor, parent->rings)) {
        spot->rings = parent->rings;
        if (control.answer == control.request)
            spot->state = SPOT_ANSWERED;
    }
    return true;
}

/* ---- what comes of it ---- */

static enum answer open_answer(const struct target *target, struct spot *spot,
                               const struct pytrace__control *control,
                               struct reason *reason)
{
    struct rings *rings;
    struct reason why;

    if (is_file_of(target, control->descriptor, spot->rings))
        return ANSWER;
    rings = allocate(1, sizeof(*rings));
    if (rings_open(rings, target->pid, control->descriptor, &spot->wishes,
                   &why) != OPENED) {
        because(reason, "process %ld: %.400s", target->pid, why.text);
        free(rings);
        return gone_or_failed(target, spot);
    }
    if (spot->rings != NULL && spot->is_owner) {
        rings_close(spot->rings);
        free(spot->rings);
    }
    spot->rings = rings;
    spot->is_owner = true;
    POKE(target, spot, ready, spot->wishes.request);
    return ANSWER;
}

/* The request is not there any more: why? */
static enum answer say_why(const struct target *target,
                           const struct pytrace__control *control,
                           struct reason *reason)
{
    if (control->request != 0)
        because(reason, "another recorder has taken process %ld over",
                target->pid);
    else if (control->error == ETIMEDOUT)
        because(reason,
                "process %ld has ended its recording, as no reader answered: "
                "this program was stopped for a while, or the machine was",
                target->pid);
    else if (control->error != 0)
        because(reason, "process %ld could not make the shared memory: %s%s",
                target->pid, strerror((int)control->error),
                control->error == ENOMEM ? "; a smaller --ring needs less"
                                         : "");
    else
        because(reason, "process %ld has ended its recording", target->pid);
    return FAILED;
}

enum answer spot_look(const struct target *target, struct spot *spot,
                      struct reason *reason)
{
    struct pytrace__control control;

    if (!read_own_control(target, spot, &control))
        return GONE;
    if (control.request != spot->wishes.request)
        return say_why(target, &control, reason);
    if (__atomic_load_n(&control.answer, __ATOMIC_ACQUIRE) !=
        spot->wishes.request)
        return NO_ANSWER;
    return open_answer(target, spot, &control, reason);
}

enum answer spot_check(const struct target *target, const struct spot *spot,
                       struct reason *reason)
{
    struct pytrace__control control;

    if (!read_own_control(target, spot, &control))
        return GONE;
    return control.request == spot->wishes.request
               ? NO_ANSWER
               : say_why(target, &control, reason);
}

/* (The kernel may have written both bytes of a semaphore at the same moment.)
 */
void spot_mend(const struct target *target, const struct spot *spot)
{
    size_t i;

    for (i = 0; i < spot->host->host->count; i++) {
        bool has = true;

        if (spot->is_wanted[i] && spot->semaphores[i] != 0 &&
            has_bit(target, spot->semaphores[i], &has) && !has &&
            is_requested(target, spot) &&
            set_bit(target, spot->semaphores[i], true) &&
            !is_requested(target, spot))
            clear_bits(target, spot);
    }
}

/* (The program may end the recording itself at any moment.) */
void spot_switch(const struct target *target, struct spot *spot, bool on)
{
    if (spot->bits == (on ? SWITCHED_ON : SWITCHED_OFF))
        return;
    spot->bits = on ? SWITCHED_ON : SWITCHED_OFF;
    if (is_requested(target, spot))
        write_bits(target, spot, on);
    if (on && !is_requested(target, spot))
        clear_bits(target, spot);
}

void spot_release(const struct target *target, struct spot *spot)
{
    const uint32_t none = 0;
    struct pytrace__control control;

    if (read_own_control(target, spot, &control) &&
        control.request == spot->wishes.request) {
        write_bits(target, spot, false);
        POKE(target, spot, request, none);
    }
    spot->state = SPOT_OVER;
}

uint32_t spot_early(const struct target *target, const struct spot *spot)
{
    struct pytrace__control control;

    return read_own_control(target, spot, &control) &&
                   control.early > spot->early
               ? control.early - spot->early
               : 0;
}
