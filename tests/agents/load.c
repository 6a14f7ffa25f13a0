/*
 * load.c - attach a BPF object as ebpf_exporter does, by libbpf, until its
 * standard input ends; then print its maps that are metrics.
 *
 *   load OBJECT
 *
 * Says "key MAP SIZE" of each, and "ready" when all programs are attached. A
 * line for each entry at the end: the map, each 8 bytes of the key as a number
 * (or the key as a text, in quotes, where it is longer than 16 bytes), the
 * value. Exit status 0 when all was attached.
 *
 * SPDX-License-Identifier: MIT
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEY_MAX 256

static void show(const struct bpf_map *map)
{
    unsigned char key[KEY_MAX], next[KEY_MAX];
    size_t size = bpf_map__key_size(map);
    int fd = bpf_map__fd(map), first = 1;
    uint64_t value, number;

    while (bpf_map_get_next_key(fd, first ? NULL : key, next) == 0) {
        memcpy(key, next, size);
        first = 0;
        if (bpf_map_lookup_elem(fd, key, &value) != 0)
            continue;
        printf("%s", bpf_map__name(map));
        if (size > 16)
            printf(" \"%s\"", (char *)key);
        else
            for (size_t i = 0; i < size; i += sizeof number) {
                memcpy(&number, key + i, sizeof number);
                printf(" %llu", (unsigned long long)number);
            }
        printf(" %llu\n", (unsigned long long)value);
    }
}

int main(int count, char **arguments)
{
    struct bpf_object *object;
    struct bpf_program *program;
    struct bpf_map *map;
    char byte;

    if (count != 2) {
        fprintf(stderr, "usage: load OBJECT\n");
        return 2;
    }
    libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
    object = bpf_object__open_file(arguments[1], NULL);
    if (object == NULL || bpf_object__load(object) != 0)
        return 1;
    bpf_object__for_each_map(map, object)
        printf("key %s %u\n", bpf_map__name(map), bpf_map__key_size(map));
    bpf_object__for_each_program(
        program, object) if (bpf_program__attach(program) == NULL) return 1;
    printf("ready\n");
    fflush(stdout);
    while (read(0, &byte, 1) > 0)
        ;
    bpf_object__for_each_map(
        map, object) if (strncmp(bpf_map__name(map), "python_", 7) == 0 &&
                         bpf_map__key_size(map) <= KEY_MAX &&
                         bpf_map__value_size(map) == sizeof(uint64_t))
        show(map);
    return 0;
}
