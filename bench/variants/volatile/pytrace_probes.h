/*
 * The markers of pytrace, with guards in C: a semaphore is read through a
 * pointer to volatile, which is the only way of C to read it each time.
 *
 * SPDX-License-Identifier: MIT
 */
#include_next <pytrace_probes.h>

#undef PYTRACE__ENABLED
#define PYTRACE__ENABLED(semaphore) \
    __builtin_expect(*(const volatile unsigned short *)&(semaphore) != 0, 0)
#undef PYTRACE__GROUP_ENABLED
#define PYTRACE__GROUP_ENABLED(group) \
    __builtin_expect(*(const volatile unsigned long long *)&(group) != 0, 0)
