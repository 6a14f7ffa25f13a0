/*
 * definition_fuzzer.c - for libFuzzer: any bytes as a provider definition.
 * Built and run by tests/fuzz/build.sh.
 */
#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct definition definition;
    struct reason reason;

    if (definition_parse(&definition, "definition.d", (const char *)data, size,
                         &reason))
        definition_free(&definition);
    return 0;
}
