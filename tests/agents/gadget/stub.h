/*
 * stub.h - declares of Inspektor Gadget's headers what our gadget uses, so that
 * it can be compiled without them. Names and types only.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef STUB_H
#define STUB_H
typedef u64 gadget_timestamp;
struct gadget_process {
    u32 pid;
};
#define GADGET_TRACER_MAP(name, size) \
    struct { \
        __uint(type, BPF_MAP_TYPE_RINGBUF); \
        __uint(max_entries, size); \
    } name SEC(".maps")
#define GADGET_TRACER(name, map, type) \
    const struct type *stub_##name##_##map __attribute__((unused))
void *gadget_reserve_buf(void *map, u64 size);
long gadget_submit_buf(void *ctx, void *map, void *event, u64 size);
void gadget_process_populate(struct gadget_process *process);
u64 *usdt_get_argument(struct pt_regs *ctx, u64 index);
#endif
