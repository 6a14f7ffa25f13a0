#!/bin/sh
# SPDX-License-Identifier: MIT
# replace.sh - copy a text, with each of some words replaced; words and what
# they become are taken as they are, whatever characters are in them.
#
#   replace.sh WORD TEXT [WORD TEXT...] < INPUT > OUTPUT

LC_ALL=C exec "${AWK:-awk}" '
    BEGIN {
        for (i = 1; i < ARGC; i += 2) {
            word[++n] = ARGV[i]
            text[n] = ARGV[i + 1]
        }
        ARGC = 1
    }
    {
        rest = $0
        line = ""
        while (rest != "") {
            # The first of the words, and of two the one that is named first.
            first = 0
            for (i = 1; i <= n; i++) {
                at = index(rest, word[i])
                if (at && (!first || at < first)) {
                    first = at
                    which = i
                }
            }
            if (!first)
                break
            line = line substr(rest, 1, first - 1) text[which]
            rest = substr(rest, first + length(word[which]))
        }
        print line rest
    }' "$@"
