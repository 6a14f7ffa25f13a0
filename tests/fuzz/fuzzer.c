/*
 * fuzzer.c - for libFuzzer: any bytes as an executable or a library, read,
 * judged, as a file and as one of a process, and printed in both forms. Built
 * and run by run.sh beside it.
 *
 * SPDX-License-Identifier: MIT
 */
#include "output.h"

#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is printed is of no interest here; only that it can be. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    if (freopen("/dev/null", "w", stdout) == NULL)
        abort();
    return 0;
}

static void print_all(const struct printer *printer,
                      const struct report *report)
{
    const struct sentences none = {.count = 0};

    printer->begin(0);
    printer->report(report);
    printer->end(FALLS_SHORT, &none);
}

static void judge_all(struct image *image, bool in_process)
{
    const char *names[] = {"a"};
    bool is_used[] = {false};
    struct exceptions exceptions = {names, is_used, in_process ? 1 : 0};
    struct report report;

    judge(&report, "file", image, in_process, &exceptions);
    print_all(&table_printer, &report);
    print_all(&json_printer, &report);
    report_free(&report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    struct reason reason;

    if (!image_read(&image, data, size, &reason))
        return 0;
    judge_all(&image, false);
    image_free(&image);
    if (image_read(&image, data, size, &reason)) {
        judge_all(&image, true);
        image_free(&image);
    }
    return 0;
}
