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
    /* With a text beside them, in the room that is left, or in more. */
    PYTRACE_MIXED_TEXT(4, "two", 5, NULL, "", 6, "of six");
    pytrace_mixed_text(4, "two", 5, NULL, "", 6, longest);
    PYTRACE_PAIR_TEXT(7, 8, "of \xc3\xa9");
    PYTRACE_ONE_TEXT(9, NULL);
    PYTRACE_NONE_TEXT("of none");
    PYTRACE_PAIR(7, 8);
    PYTRACE_ONE(9);
    return 0;
}
