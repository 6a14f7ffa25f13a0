/*
 * words.h - numbers in a recording, which is in the byte order of the processor
 * that wrote it. They may be at any address.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PYTRACE_WORDS_H
#define PYTRACE_WORDS_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint16_t load16(const unsigned char *at, bool swapped)
{
    uint16_t number;

    memcpy(&number, at, sizeof(number));
    return swapped ? __builtin_bswap16(number) : number;
}

static inline uint32_t load32(const unsigned char *at, bool swapped)
{
    uint32_t number;

    memcpy(&number, at, sizeof(number));
    return swapped ? __builtin_bswap32(number) : number;
}

static inline uint64_t load64(const unsigned char *at, bool swapped)
{
    uint64_t number;

    memcpy(&number, at, sizeof(number));
    return swapped ? __builtin_bswap64(number) : number;
}

#endif
