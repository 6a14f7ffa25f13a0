/*
 * check.h - as much of the library Check as tests/unit/pytrace_test.c uses, for
 * processors and C libraries that this machine has no Check for. Each test runs
 * in a process of its own; the results are TAP on the standard output.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
    const char *name;
    void (*function)(void);
} TTest;

typedef struct {
    TTest tests[64];
    int count;
} TCase;

typedef TCase *Suite;
typedef TCase SRunner;

enum { CK_SILENT };

#define START_TEST(test) \
    static void test##_body(void); \
    static const TTest test = {#test, test##_body}; \
    static void test##_body(void)
#define END_TEST

#define ck_compare(type, format, left, operator, right) \
    do { \
        type left_ = (type)(left), right_ = (type)(right); \
        if (!(left_ operator right_)) { \
            printf("# line %d: %s is %" format ", %s is %" format "\n", \
                   __LINE__, #left, left_, #right, right_); \
            fflush(stdout); \
            _exit(1); \
        } \
    } while (0)
#define ck_assert_int_eq(a, b) ck_compare(intmax_t, PRIdMAX, a, ==, b)
#define ck_assert_int_gt(a, b) ck_compare(intmax_t, PRIdMAX, a, >, b)
#define ck_assert_int_ge(a, b) ck_compare(intmax_t, PRIdMAX, a, >=, b)
#define ck_assert_uint_eq(a, b) ck_compare(uintmax_t, PRIuMAX, a, ==, b)
#define ck_assert_uint_ne(a, b) ck_compare(uintmax_t, PRIuMAX, a, !=, b)
#define ck_assert_ptr_eq(a, b) ck_compare(uintptr_t, PRIxPTR, a, ==, b)
#define ck_assert_ptr_ne(a, b) ck_compare(uintptr_t, PRIxPTR, a, !=, b)
#define ck_assert_str_eq(a, b) ck_assert_int_eq(strcmp(a, b), 0)

static inline TCase *tcase_create(const char *name)
{
    (void)name;
    return calloc(1, sizeof(TCase));
}

static inline void tcase_add(TCase *tests, const TTest *test)
{
    if (tests->count == (int)(sizeof(tests->tests) / sizeof(*tests->tests)))
        abort();
    tests->tests[tests->count++] = *test;
}
#define tcase_add_test(tests, test) tcase_add(tests, &(test))

static inline Suite *suite_create(const char *name)
{
    (void)name;
    return calloc(1, sizeof(Suite));
}

static inline void suite_add_tcase(Suite *suite, TCase *tests)
{
    *suite = tests;
}

static inline SRunner *srunner_create(Suite *suite)
{
    return (SRunner *)suite;
}

static inline void srunner_set_tap(SRunner *runner, const char *file)
{
    (void)runner;
    (void)file;
}

static int srunner_failed;

static inline void srunner_run_all(SRunner *runner, int mode)
{
    const TCase *tests = *(Suite *)(void *)runner;
    int i;

    (void)mode;
    for (i = 0; i < tests->count; i++) {
        int status = 1;
        pid_t child;

        fflush(stdout);
        child = fork();
        if (child == 0) {
            alarm(60);
            tests->tests[i].function();
            _exit(0);
        }
        if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
            srunner_failed++;
            printf("not ");
        }
        printf("ok %d - %s\n", i + 1, tests->tests[i].name);
    }
    printf("1..%d\n", i);
}

static inline int srunner_ntests_failed(const SRunner *runner)
{
    (void)runner;
    return srunner_failed;
}

static inline void srunner_free(SRunner *runner)
{
    (void)runner;
}

#endif
