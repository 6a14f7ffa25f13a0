/*
 * file_fuzzer.c - for libFuzzer: any bytes as an executable or a library, read,
 * judged by the configured definition and printed in both forms. Built and run
 * by tests/fuzz/build.sh.
 */
#include "check.h"

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
    printer->begin(0);
    printer->report(report);
    printer->bystander(report);
    printer->end(FALLS_SHORT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct image image;
    struct report report;
    struct reason reason;

    if (!image_read(&image, data, size, &reason))
        return 0;
    judge(&report, "file", &image, configured_definition.provider,
          &configured_definition);
    print_all(&table_printer, &report);
    print_all(&json_printer, &report);
    report_free(&report);
    image_free(&image);
    return 0;
}
