/*
 * program.bpf.c - a gadget for Inspektor Gadget: each collection of
 * /usr/bin/python3 in every container, with its pause. gadget.yaml beside it
 * describes the event.
 *
 * Relies on: ig 0.34 or newer (usdt_argument.h). It takes the semaphores from
 * the notes and has the kernel raise them (Linux 4.20), in each container that
 * has the file; it reads arguments in registers, as pytrace's are.
 * Path: one file, as the container sees it. Write yours in place of
 * /usr/bin/python3, and your provider in place of python.
 * Untried with ig. Compiled here, with headers that declare what it uses of
 * ig's (tests/agents.sh).
 *
 *   ig image build -t pytrace-collections .
 *   ig run pytrace-collections:latest
 *
 * SPDX-License-Identifier: MIT
 */
#include <vmlinux.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include <gadget/buffer.h>
#include <gadget/common.h>
#include <gadget/macros.h>
#include <gadget/types.h>
#include <gadget/usdt_argument.h>

#define THREADS 10240

struct event {
    gadget_timestamp timestamp_raw;
    struct gadget_process proc;
    u64 pause_ns;
    u64 collected;
    u32 generation;
};

GADGET_TRACER_MAP(events, 1024 * 256);
GADGET_TRACER(collections, events, event);

struct pytrace_start {
    u64 time;
    u32 generation;
};

/* By thread; one that ends within a collection is pushed out in time. */
struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, THREADS);
    __type(key, u64);
    __type(value, struct pytrace_start);
} started SEC(".maps");

SEC("usdt//usr/bin/python3:python:gc__start")
int pytrace_gc_start(struct pt_regs *ctx)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct pytrace_start start = {};
    u64 *generation = usdt_get_argument(ctx, 0);

    if (generation == NULL)
        return 0;
    start.generation = *generation;
    start.time = bpf_ktime_get_boot_ns();
    bpf_map_update_elem(&started, &thread, &start, BPF_ANY);
    return 0;
}

SEC("usdt//usr/bin/python3:python:gc__done")
int pytrace_gc_done(struct pt_regs *ctx)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct pytrace_start *start = bpf_map_lookup_elem(&started, &thread);
    u64 *collected = usdt_get_argument(ctx, 0);
    struct event *event;

    if (start == NULL || collected == NULL)
        return 0;
    event = gadget_reserve_buf(&events, sizeof *event);
    if (event == NULL)
        return 0;
    gadget_process_populate(&event->proc);
    event->timestamp_raw = bpf_ktime_get_boot_ns();
    event->pause_ns = event->timestamp_raw - start->time;
    event->generation = start->generation;
    event->collected = *collected;
    gadget_submit_buf(ctx, &events, event, sizeof *event);
    bpf_map_delete_elem(&started, &thread);
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
