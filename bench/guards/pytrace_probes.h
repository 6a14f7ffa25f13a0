/*
 * The markers of pytrace with the form of the guard that FORM_... names, for
 * bench/guards.sh. A guard's form is how it reads what a tracer changes.
 *
 * SPDX-License-Identifier: MIT
 */
#include_next <pytrace_probes.h>

#if !defined(GUARDS_FORMS) && !defined(PYTRACE_WITHOUT_DTRACE)
#define GUARDS_FORMS

#undef PYTRACE__ENABLED
#undef PYTRACE__GROUP_ENABLED
#undef PYTRACE__GROUP_ENABLED_OR
#define PYTRACE__ENABLED(semaphore) UNLIKELY(enabled(&(semaphore)))
#define PYTRACE__GROUP_ENABLED(group) UNLIKELY(group_enabled(&(group)))
#define PYTRACE__GROUP_ENABLED_OR(group, byte) \
    UNLIKELY(group_enabled_or(&(group), &(byte)))
#define UNLIKELY(test) (__builtin_expect(test, 0) != 0)

#if defined(FORM_volatile)

/* A volatile read. */
#define READ(type, object) (*(const volatile type *)(object))

#elif defined(FORM_atomic)

/* A relaxed atomic read. */
#define READ(type, object) __atomic_load_n(object, __ATOMIC_RELAXED)

#elif defined(FORM_jump)

/* A comparison and a branch, both in assembly. */
#define COMPARE(suffix, object) \
    __asm__ goto("cmp" suffix " $0, %0\n\tjne %l1" \
                 : \
                 : "m"(*(object)) \
                 : "cc" \
                 : attached); \
    return 0; \
    attached: \
    return 1

static inline __attribute__((always_inline)) int
enabled(unsigned short *semaphore)
{
    COMPARE("w", semaphore);
}

static inline __attribute__((always_inline)) int
group_enabled(unsigned long long *group)
{
    COMPARE("q", group);
}

static inline __attribute__((always_inline)) int
group_enabled_or(unsigned long long *group, const volatile unsigned char *byte)
{
    return *byte | group_enabled(group);
}

#elif defined(FORM_flag)

/* A comparison in assembly, whose flag the compiler branches by. */
#define COMPARE(suffix, object) \
    int set; \
    __asm__ volatile("cmp" suffix " $0, %1" : "=@ccne"(set) : "m"(*(object))); \
    return set

static inline __attribute__((always_inline)) int
enabled(unsigned short *semaphore)
{
    COMPARE("w", semaphore);
}

static inline __attribute__((always_inline)) int
group_enabled(unsigned long long *group)
{
    COMPARE("q", group);
}

static inline __attribute__((always_inline)) int
group_enabled_or(unsigned long long *group, const volatile unsigned char *byte)
{
    return *byte | group_enabled(group);
}

#elif defined(FORM_call)

/* A volatile read in a function that is called. */
#define READ(type, object) (*(const volatile type *)(object))
#define PLACE static __attribute__((noinline, unused))

#else
#error "no form of the guard"
#endif

#ifdef READ
#ifndef PLACE
#define PLACE static inline __attribute__((always_inline))
#endif

PLACE int enabled(unsigned short *semaphore)
{
    return READ(unsigned short, semaphore) != 0;
}

PLACE int group_enabled(unsigned long long *group)
{
    return READ(unsigned long long, group) != 0;
}

PLACE int group_enabled_or(unsigned long long *group,
                           const volatile unsigned char *byte)
{
    return (READ(unsigned long long, group) | *byte) != 0;
}
#endif

#endif
