/* pytrace_test.c - unit tests of the header and the runtime, with Check. */
/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "pytrace.h"
#include "pytrace_probes.h"
#include "trap.h"

#include <check.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int evaluated;

static const char *counted(const char *string)
{
    evaluated++;
    return string;
}

/* ---- macros ---- */

START_TEST(no_marker_is_enabled_without_a_tracer)
{
    ck_assert_int_eq(PYTRACE_FUNCTION_ENTRY_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_FUNCTION_RETURN_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_LINE_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_GC_START_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_GC_DONE_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_IMPORT_FIND_LOAD_START_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_IMPORT_FIND_LOAD_DONE_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_AUDIT_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_EVAL_ENABLED(), 0);
}
END_TEST

START_TEST(arguments_are_not_evaluated_while_disabled)
{
    PYTRACE_FUNCTION_ENTRY(counted("a"), counted("b"), 1);
    PYTRACE_IMPORT_FIND_LOAD_START(counted("m"));
    ck_assert_int_eq(evaluated, 0);
}
END_TEST

START_TEST(arguments_are_evaluated_once_while_enabled)
{
    trap_arm("function__entry");
    PYTRACE_FUNCTION_ENTRY(counted("a"), counted("b"), 1);
    ck_assert_int_eq(evaluated, 2);
    ck_assert_int_eq(trap_count(), 1);
}
END_TEST

START_TEST(a_macro_is_one_statement_in_an_unbraced_if)
{
    volatile int zero = 0;
    int other = 0;

    trap_arm("gc__start");
    if (zero)
        PYTRACE_GC_START(1);
    else
        other = 1;
    ck_assert_int_eq(other, 1);
    ck_assert_int_eq(trap_count(), 0);
    if (!zero)
        PYTRACE_GC_START(1);
    else
        other = 2;
    ck_assert_int_eq(other, 1);
    ck_assert_int_eq(trap_count(), 1);
}
END_TEST

START_TEST(a_guard_follows_its_semaphore_and_no_other)
{
    trap_arm("gc__done");
    ck_assert_int_eq(PYTRACE_GC_DONE_ENABLED(), 1);
    ck_assert_int_eq(PYTRACE_GC_START_ENABLED(), 0);
    ck_assert_int_eq(PYTRACE_EVAL_ENABLED(), 0);
    trap_disarm("gc__done");
    ck_assert_int_eq(PYTRACE_GC_DONE_ENABLED(), 0);
}
END_TEST

START_TEST(the_group_is_enabled_by_each_of_its_members)
{
    static const char *const members[] = {"function__entry", "function__return",
                                          "line"};
    size_t i;

    for (i = 0; i < 3; i++) {
        ck_assert_int_eq(PYTRACE_EVAL_ENABLED(), 0);
        trap_arm(members[i]);
        ck_assert_int_eq(PYTRACE_EVAL_ENABLED(), 1);
        trap_disarm(members[i]);
    }
    ck_assert_int_eq(PYTRACE_EVAL_ENABLED(), 0);
}
END_TEST

START_TEST(the_group_or_a_byte_is_true_for_either)
{
    unsigned char bytes[3] = {255, 0, 255}; /* (its neighbours do not count) */

    ck_assert_int_eq(PYTRACE_EVAL_ENABLED_OR(bytes[1]), 0);
    bytes[1] = 128;
    ck_assert_int_eq(PYTRACE_EVAL_ENABLED_OR(bytes[1]), 1);
    trap_arm("line");
    ck_assert_int_eq(PYTRACE_EVAL_ENABLED_OR(bytes[1]), 1);
    bytes[1] = 0;
    ck_assert_int_eq(PYTRACE_EVAL_ENABLED_OR(bytes[1]), 1);
    trap_disarm("line");
    ck_assert_int_eq(PYTRACE_EVAL_ENABLED_OR(bytes[1]), 0);
}
END_TEST

static void *arm_soon(void *unused)
{
    (void)unused;
    usleep(20000);
    trap_arm("line");
    return NULL;
}

static void *set_soon(void *byte)
{
    usleep(20000);
    __atomic_store_n((unsigned char *)byte, 1, __ATOMIC_RELAXED);
    return NULL;
}

START_TEST(the_byte_is_reread_each_time)
{
    static unsigned char byte;
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, set_soon, &byte), 0);
    while (!PYTRACE_EVAL_ENABLED_OR(byte))
        ; /* ends only if the byte is not read once before it */
    pthread_join(thread, NULL);
}
END_TEST

START_TEST(guard_is_reread_each_time)
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, arm_soon, NULL), 0);
    while (!PYTRACE_LINE_ENABLED())
        ; /* the loop ends only if the guard is not hoisted out of it */
    pthread_join(thread, NULL);
}
END_TEST

/* ---- arguments ---- */

#define HAS_TYPE(function, type) \
    _Static_assert( \
        __builtin_types_compatible_p(__typeof__(&(function)), type), \
        #function)

HAS_TYPE(pytrace_function_entry, void (*)(const char *, const char *, int));
HAS_TYPE(pytrace_function_return, void (*)(const char *, const char *, int));
HAS_TYPE(pytrace_line, void (*)(const char *, const char *, int));
HAS_TYPE(pytrace_gc_start, void (*)(int));
HAS_TYPE(pytrace_gc_done, void (*)(long));
HAS_TYPE(pytrace_import_find_load_start, void (*)(const char *));
HAS_TYPE(pytrace_import_find_load_done, void (*)(const char *, int));
HAS_TYPE(pytrace_audit, void (*)(const char *, void *));

START_TEST(each_marker_fires_with_its_arguments)
{
    const struct trap_event *event = trap_last();
    int tuple;

    trap_arm("function__entry");
    PYTRACE_FUNCTION_ENTRY("file", "function", 12);
    ck_assert_str_eq(event->copy[0], "file");
    ck_assert_str_eq(event->copy[1], "function");
    ck_assert_uint_eq(event->argument[2], 12);

    trap_arm("function__return");
    PYTRACE_FUNCTION_RETURN("file2", "function2", -1);
    ck_assert_str_eq(event->copy[0], "file2");
    ck_assert_str_eq(event->copy[1], "function2");
    ck_assert_int_eq((int64_t)event->argument[2], -1);

    trap_arm("line");
    PYTRACE_LINE("file3", "function3", 2147483647);
    ck_assert_str_eq(event->copy[0], "file3");
    ck_assert_str_eq(event->copy[1], "function3");
    ck_assert_uint_eq(event->argument[2], 2147483647);

    trap_arm("gc__start");
    PYTRACE_GC_START(2);
    ck_assert_uint_eq(event->argument[0], 2);

    trap_arm("gc__done");
    trap_copy_strings(0); /* numbers of eight bytes are no addresses */
    PYTRACE_GC_DONE(LONG_MAX - 5);
    ck_assert_uint_eq(event->argument[0], LONG_MAX - 5);
    trap_copy_strings(1);

    trap_arm("import__find__load__start");
    PYTRACE_IMPORT_FIND_LOAD_START("module");
    ck_assert_str_eq(event->copy[0], "module");

    trap_arm("import__find__load__done");
    PYTRACE_IMPORT_FIND_LOAD_DONE("module2", 1);
    ck_assert_str_eq(event->copy[0], "module2");
    ck_assert_uint_eq(event->argument[1], 1);

    trap_arm("audit");
    trap_copy_strings(0);
    PYTRACE_AUDIT("event", &tuple);
    ck_assert_uint_eq(event->argument[1], (uintptr_t)&tuple);
    ck_assert_int_eq(trap_count(), 8);
}
END_TEST

START_TEST(the_function_fires_like_the_macro)
{
    trap_arm("import__find__load__done");
    pytrace_import_find_load_done("module", 0);
    ck_assert_int_eq(trap_count(), 1);
    ck_assert_str_eq(trap_last()->copy[0], "module");
}
END_TEST

/* ---- strings ---- */

START_TEST(null_arrives_as_the_empty_string)
{
    trap_arm("line");
    PYTRACE_LINE(NULL, NULL, 1);
    ck_assert_int_eq(trap_count(), 1);
    ck_assert_uint_ne(trap_last()->argument[0], 0);
    ck_assert_uint_ne(trap_last()->argument[1], 0);
    ck_assert_str_eq(trap_last()->copy[0], "");
    ck_assert_str_eq(trap_last()->copy[1], "");
}
END_TEST

START_TEST(a_null_pointer_that_is_no_string_stays_null)
{
    trap_arm("audit");
    PYTRACE_AUDIT("event", NULL);
    ck_assert_uint_eq(trap_last()->argument[1], 0);
}
END_TEST

START_TEST(strings_arrive_unchanged)
{
    static const char *const strings[] = {
        "", "a", "gr\xc3\xbc\xc3\x9f", "\xff\xfe\x80 not UTF-8", "\xed\xa0\x80",
    };
    size_t i;

    trap_arm("import__find__load__start");
    for (i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        PYTRACE_IMPORT_FIND_LOAD_START(strings[i]);
        ck_assert_ptr_eq((void *)(uintptr_t)trap_last()->argument[0],
                         strings[i]);
        ck_assert_str_eq(trap_last()->copy[0], strings[i]);
    }
}
END_TEST

/* In pages of its own: size bytes of 'x' and a NUL. */
static char *long_string(long size)
{
    char *string = mmap(NULL, (size_t)size + 1, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(string, MAP_FAILED);
    memset(string, 'x', (size_t)size);
    return string;
}

START_TEST(every_page_is_read_before_the_probe_fires)
{
    static const long sizes[] = {5, 4095, 4096, 1 << 20};
    const long page = sysconf(_SC_PAGESIZE);
    size_t i;

    trap_arm("function__entry");
    for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *string = long_string(sizes[i]);

        trap_watch(string, sizes[i] + 1);
        ck_assert_int_eq(trap_untouched(), sizes[i] / page + 1);
        trap_copy_strings(0); /* which would read the first page */
        PYTRACE_FUNCTION_ENTRY("file", string, 1);
        ck_assert_int_eq(trap_last()->untouched, 0);
    }
    ck_assert_int_eq(trap_count(), 4);
}
END_TEST

START_TEST(nothing_behind_the_terminator_is_read)
{
    const long page = sysconf(_SC_PAGESIZE);
    char *pages = mmap(NULL, 2 * (size_t)page, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    ck_assert_ptr_ne(pages, MAP_FAILED);
    ck_assert_int_eq(mprotect(pages + page, (size_t)page, PROT_NONE), 0);
    memcpy(pages + page - 4, "end", 4);
    trap_arm("import__find__load__start");
    PYTRACE_IMPORT_FIND_LOAD_START(pages + page - 4);
    ck_assert_str_eq(trap_last()->copy[0], "end");
    PYTRACE_IMPORT_FIND_LOAD_START(pages + page - 1);
    ck_assert_str_eq(trap_last()->copy[0], "");
}
END_TEST

/* ---- where it can be used ---- */

START_TEST(errno_is_preserved)
{
    trap_arm("line");
    errno = EDOM;
    PYTRACE_LINE(NULL, "function", 1);
    ck_assert_int_eq(errno, EDOM);
}
END_TEST

enum { THREADS = 8, EVENTS = 2000 };

static void *fire_many(void *unused)
{
    int i;

    (void)unused;
    for (i = 0; i < EVENTS; i++)
        PYTRACE_LINE("file", "function", i);
    return NULL;
}

START_TEST(threads_fire_at_once_and_none_is_lost)
{
    pthread_t thread[THREADS];
    int i;

    trap_arm("line");
    for (i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, fire_many, NULL), 0);
    for (i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    ck_assert_int_eq(trap_count(), THREADS * EVENTS);
}
END_TEST

static void fire_in_handler(int signal)
{
    PYTRACE_GC_START(signal);
}

START_TEST(fires_in_a_signal_handler)
{
    trap_arm("gc__start");
    signal(SIGUSR1, fire_in_handler);
    raise(SIGUSR1);
    ck_assert_int_eq(trap_count(), 1);
    ck_assert_uint_eq(trap_last()->argument[0], SIGUSR1);
}
END_TEST

START_TEST(fires_after_fork)
{
    int status;
    pid_t child;

    trap_arm("gc__start");
    child = fork();
    if (child == 0) {
        PYTRACE_GC_START(1);
        _exit(trap_count() == 1 ? 0 : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
}
END_TEST

static int enabled_before_main = -1;
static const struct pytrace_marker *found_before_main;

__attribute__((constructor)) static void before_main(void)
{
    PYTRACE_FUNCTION_ENTRY(counted("a"), NULL, 1);
    enabled_before_main = PYTRACE_EVAL_ENABLED();
    found_before_main = pytrace_find("line");
    pytrace_line(NULL, NULL, 1);
}

START_TEST(works_before_main)
{
    ck_assert_int_eq(enabled_before_main, 0);
    ck_assert_ptr_eq(found_before_main, pytrace_find("line"));
    ck_assert_ptr_ne(found_before_main, NULL);
}
END_TEST

/* ---- the table ---- */

START_TEST(the_table_is_the_definition)
{
    static const char *const names[] = {
        "function__entry",
        "function__return",
        "line",
        "gc__start",
        "gc__done",
        "import__find__load__start",
        "import__find__load__done",
        "audit",
    };
    size_t count = 0, i;
    const struct pytrace_marker *markers = pytrace_markers(&count);

    ck_assert_uint_eq(count, sizeof(names) / sizeof(names[0]));
    for (i = 0; i < count; i++) {
        ck_assert_str_eq(markers[i].name, names[i]);
        ck_assert_str_eq(markers[i].provider, PROVIDER);
    }
    ck_assert_uint_eq(markers[0].argument_count, 3);
    ck_assert_str_eq(markers[0].arguments[0].type, "const char *");
    ck_assert_str_eq(markers[0].arguments[0].name, "filename");
    ck_assert_str_eq(markers[0].arguments[2].type, "int");
    ck_assert_str_eq(markers[4].arguments[0].type, "long");
    ck_assert_str_eq(markers[7].arguments[1].type, "void *");
    ck_assert_str_eq(markers[7].arguments[1].name, "tuple");
}
END_TEST

START_TEST(the_table_gives_the_semaphores_that_the_notes_name)
{
    size_t count = 0, i, j;
    const struct pytrace_marker *markers = pytrace_markers(&count);

    for (i = 0; i < count; i++) {
        ck_assert_ptr_eq((const void *)markers[i].semaphore,
                         trap_noted_semaphore(markers[i].name));
        for (j = 0; j < i; j++)
            ck_assert_ptr_ne((const void *)markers[i].semaphore,
                             (const void *)markers[j].semaphore);
    }
}
END_TEST

START_TEST(a_guard_made_from_the_table_works)
{
    const struct pytrace_marker *marker = pytrace_find("audit");

    ck_assert_int_eq(*marker->semaphore, 0);
    trap_arm("audit");
    ck_assert_int_eq(*marker->semaphore, 1);
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
    ck_assert_ptr_ne(pytrace_find("gc__start"), NULL);
    ck_assert_ptr_eq(pytrace_find("gc-start"), NULL);
    ck_assert_ptr_eq(pytrace_find("gc__star"), NULL);
    ck_assert_ptr_eq(pytrace_find(""), NULL);
    ck_assert_ptr_eq(pytrace_find(NULL), NULL);
}
END_TEST

START_TEST(the_library_has_the_version_of_its_header)
{
    char numbers[40];

    ck_assert_str_eq(pytrace_version(), PYTRACE_VERSION);
    ck_assert_str_eq(pytrace_version(), VERSION_CONFIGURED);
    snprintf(numbers, sizeof(numbers), "%d.%d.%d", PYTRACE_VERSION_MAJOR,
             PYTRACE_VERSION_MINOR, PYTRACE_VERSION_PATCH);
    ck_assert_str_eq(numbers, VERSION_CONFIGURED);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, no_marker_is_enabled_without_a_tracer);
    tcase_add_test(tests, arguments_are_not_evaluated_while_disabled);
    tcase_add_test(tests, a_guard_follows_its_semaphore_and_no_other);
    tcase_add_test(tests, the_group_is_enabled_by_each_of_its_members);
    tcase_add_test(tests, the_group_or_a_byte_is_true_for_either);
    tcase_add_test(tests, guard_is_reread_each_time);
    tcase_add_test(tests, the_byte_is_reread_each_time);
    tcase_add_test(tests, errno_is_preserved);
    tcase_add_test(tests, works_before_main);
    tcase_add_test(tests, the_table_is_the_definition);
    tcase_add_test(tests, the_table_gives_the_semaphores_that_the_notes_name);
    tcase_add_test(tests, a_guard_made_from_the_table_works);
    tcase_add_test(tests, what_is_not_there_is_not_found);
    tcase_add_test(tests, the_library_has_the_version_of_its_header);
    tcase_add_test(tests, arguments_are_evaluated_once_while_enabled);
    tcase_add_test(tests, a_macro_is_one_statement_in_an_unbraced_if);
    tcase_add_test(tests, each_marker_fires_with_its_arguments);
    tcase_add_test(tests, the_function_fires_like_the_macro);
    tcase_add_test(tests, null_arrives_as_the_empty_string);
    tcase_add_test(tests, a_null_pointer_that_is_no_string_stays_null);
    tcase_add_test(tests, strings_arrive_unchanged);
    tcase_add_test(tests, every_page_is_read_before_the_probe_fires);
    tcase_add_test(tests, nothing_behind_the_terminator_is_read);
    tcase_add_test(tests, threads_fire_at_once_and_none_is_lost);
#ifndef __SANITIZE_THREAD__ /* which blocks SIGTRAP in handlers, too */
    tcase_add_test(tests, fires_in_a_signal_handler);
#endif
    tcase_add_test(tests, fires_after_fork);
}

int main(void)
{
    Suite *suite = suite_create("pytrace");
    TCase *tests = tcase_create("unit");
    SRunner *runner = srunner_create(suite);
    int failed;

    add_tests(tests);
    suite_add_tcase(suite, tests);
    srunner_set_tap(runner, "-"); /* the standard output */
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
