# SPDX-License-Identifier: MIT
# Names arrive whole; the recorder keeps 4,095 bytes.
s/^named(5000 \* "\\u00e4", "cut")/named(2045 * "\\u00e4", "long")/
s/^named(5000 \* "\\udcff", "cut")/named(681 * "\\udcff", "long")/
s/^named(998 \* "a" + 5000 \* "\\U0001f40d", "cut")/named(996 * "a" + 773 * "\\U0001f40d", "long")/
