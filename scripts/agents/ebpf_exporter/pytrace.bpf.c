/*
 * pytrace.bpf.c - for ebpf_exporter: collections and imports of every process
 * of /usr/bin/python3. pytrace.yaml beside it names the metrics.
 *
 * Relies on: ebpf_exporter 2.0 or newer, which attaches by libbpf: its USDT
 * support raises the semaphores (libbpf 0.8, Linux 4.20). A kernel with BTF.
 * Path: a program is attached to one file. Write yours in place of
 * /usr/bin/python3: the file that "pytrace ps" shows, or its library; and your
 * provider in place of python.
 * Tried: this program by libbpf 1.1.2 on Linux 6.18, counted against a program
 * that knows its own counts (tests/agents.sh). ebpf_exporter itself: untried.
 *
 *   bpftool btf dump file /sys/kernel/btf/vmlinux format c > vmlinux.h
 *   clang -g -O2 -target bpf -D__TARGET_ARCH_x86 -I. \
 *       -I/usr/include/x86_64-linux-gnu -c pytrace.bpf.c -o pytrace.bpf.o
 *   ebpf_exporter --config.dir=. --config.names=pytrace
 *
 * Calls of functions are left out: one costs a trap each. See pytrace export.
 *
 * SPDX-License-Identifier: MIT
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/usdt.bpf.h>

#define GENERATIONS 4 /* 0, 1, 2, and any other */
#define BUCKETS 24    /* of 1 us, 2 us, 4 us ... 8.4 s, and longer */
#define PAUSES (GENERATIONS * (BUCKETS + 2))
#define NAME_SIZE 64
#define THREADS 10240
#define MODULES 4096

struct pytrace_start {
    u64 time;
    u64 generation;
};

struct {
    __uint(type, BPF_MAP_TYPE_LRU_HASH);
    __uint(max_entries, THREADS);
    __type(key, u64);
    __type(value, struct pytrace_start);
} started SEC(".maps");

/* The bucket after the last has the sum, as ebpf_exporter expects it. */
struct pytrace_pause {
    u64 generation;
    u64 bucket;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, PAUSES);
    __type(key, struct pytrace_pause);
    __type(value, u64);
} python_gc_pause_seconds SEC(".maps");

struct pytrace_generation {
    u64 generation;
};

struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, GENERATIONS);
    __type(key, struct pytrace_generation);
    __type(value, u64);
} python_gc_collected_objects_total SEC(".maps");

struct pytrace_module {
    char name[NAME_SIZE];
};

/* Modules that no longer fit are counted as the one without a name. */
struct {
    __uint(type, BPF_MAP_TYPE_HASH);
    __uint(max_entries, MODULES);
    __type(key, struct pytrace_module);
    __type(value, u64);
} python_imports_total SEC(".maps");

/* Whether there was room. */
static __always_inline bool add(void *map, void *key, u64 increment)
{
    u64 zero = 0, *value = bpf_map_lookup_elem(map, key);

    if (value == NULL) {
        bpf_map_update_elem(map, key, &zero, BPF_NOEXIST);
        value = bpf_map_lookup_elem(map, key);
        if (value == NULL)
            return false;
    }
    __sync_fetch_and_add(value, increment);
    return true;
}

/* The first bucket that the time is not above. */
static __always_inline u64 bucket_of(u64 us)
{
    u64 bucket = 0;

#pragma unroll
    for (int i = 0; i < BUCKETS; i++)
        if (us > 1ull << i)
            bucket = i + 1;
    return bucket;
}

SEC("usdt//usr/bin/python3:python:gc__start")
int BPF_USDT(gc_start, int generation)
{
    u64 thread = bpf_get_current_pid_tgid();
    struct pytrace_start now = {bpf_ktime_get_ns(), generation};

    if (now.generation >= GENERATIONS)
        now.generation = GENERATIONS - 1;
    bpf_map_update_elem(&started, &thread, &now, BPF_ANY);
    return 0;
}

SEC("usdt//usr/bin/python3:python:gc__done")
int BPF_USDT(gc_done, long collected)
{
    u64 thread = bpf_get_current_pid_tgid(), us;
    struct pytrace_start *start = bpf_map_lookup_elem(&started, &thread);
    struct pytrace_generation generation;
    struct pytrace_pause pause;

    if (start == NULL)
        return 0;
    us = (bpf_ktime_get_ns() - start->time) / 1000;
    generation.generation = pause.generation = start->generation;
    pause.bucket = bucket_of(us);
    add(&python_gc_pause_seconds, &pause, 1);
    pause.bucket = BUCKETS + 1;
    add(&python_gc_pause_seconds, &pause, us);
    if (collected > 0)
        add(&python_gc_collected_objects_total, &generation, collected);
    bpf_map_delete_elem(&started, &thread);
    return 0;
}

SEC("usdt//usr/bin/python3:python:import__find__load__start")
int BPF_USDT(import_start, const char *name)
{
    struct pytrace_module module = {};

    bpf_probe_read_user_str(module.name, sizeof module.name, name);
    if (!add(&python_imports_total, &module, 1)) {
        __builtin_memset(&module, 0, sizeof module);
        add(&python_imports_total, &module, 1);
    }
    return 0;
}

char LICENSE[] SEC("license") = "Dual MIT/GPL";
