/* kinds.c - fires the markers of kinds.d once. SPDX-License-Identifier: MIT */
#include "pytrace_probes.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int main(void)
{
    char *longest = malloc(5001);

    memset(longest, 'x', 5000);
    longest[5000] = '\0';
    PYTRACE_SMALL(INT8_MIN, UINT8_MAX, INT16_MIN, UINT16_MAX);
    PYTRACE_LARGE(INT32_MIN, UINT32_MAX, INT64_MIN, UINT64_MAX);
    PYTRACE_MIXED(-1, "one", -2, (void *)0x1234, "", 3);
    PYTRACE_MIXED(0, NULL, 0, NULL, "a \"b\"\n", 0);
    PYTRACE_MIXED(0, longest, 0, NULL, longest, 0);
    PYTRACE_NONE();
    return 0;
}
