#!/bin/sh
# SPDX-License-Identifier: MIT
# Documents, comments and messages are in plain words: none of the words below
# is in them. CONTRIBUTING.md ("Language") says why. To add a word, add a line:
# what must not be there, an equals sign, and what to write instead. The left
# side is a regular expression of whole words in lower case.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

cat > "$work/words" << 'END'
dear(er|est|ly)?=expensive
whoever=who, or name the person
that of=name the thing again, or use 's
as ever=as before, as usual
(is|are|was|were) said=prints, reports, says (with a subject)
somebody=name the person, or: while it is traced
nobody (else|has|is|traces|tracing|looks|looking|watches|wants|needs|sees|reads|passes|calls|comes|waits|records)=no tracer, untraced, or name the person
(by|for) nobody=by no tracer, for no tracer
prevails?=override
for want of=because there is no
(there|where|here)(of|by|in|upon)=name the thing again
come to grief=fail
(simply|obviously|of course)=leave it out
END

# plain FILE...: the words of the list that are in the files, also where a line
# ends within a phrase.
plain() {
    ${AWK:-awk} -F= '
        NR == FNR {
            words[++count] = $1
            instead[count] = $2
            next
        }
        {
            line = tolower($0)
            gsub(/[^a-z0-9_.,;:?!-]/, " ", line)
            sub(/user nobody/, "user", line)
            # What begins a comment or a list, and what ends a line of C.
            gsub(/ (--*|[.;])( |$)/, " ", line)
            if (FNR == 1)
                last = ""
            text = " " last " " line " "
            gsub(/  */, " ", text)
            for (i = 1; i <= count; i++)
                if (match(text, " (" words[i] ")[^a-z0-9_-]") &&
                    (last == "" || RSTART + RLENGTH > length(last) + 3)) {
                    found = substr(text, RSTART + 1, RLENGTH - 2)
                    print FILENAME ":" FNR ": " found " -> " instead[i]
                }
            last = text
            sub(/ $/, "", last)
            sub(/.* /, "", last)
        }' "$work/words" "$@"
}

# ---- the list finds what it has, and nothing else

cd "$work" || exit 1
printf '%s\n' "It is Dear." "(that" " * of the other), as" "# ever. It is" \
    '// said. "Somebody" by' "nobody; thereof" > all
same "each word is found, in any case and over the end of a line" \
    "all:1: dear
all:3: that of
all:4: as ever
all:5: is said
all:5: somebody
all:6: by nobody
all:6: thereof" \
    "$(plain all | sed 's/ -> .*//')"
printf '%s\n' "dearth; that offers, known as. Ever since; user nobody reads it" \
    "somebody_else, as-ever, this-is said" "--as nobody -- cat" > none
same "other words are not" "" \
    "$(plain none | sed 's/ -> .*//')"

# ---- the project

cd "$srcdir" || exit 1
set --
for part in .ci .github CONTRIBUTING.md Makefile.am NEWS README.md SECURITY.md \
    bench configure.ac docs include m4 packaging ports probes.d quickstart \
    scripts src templates tests; do
    [ -e "$part" ] && set -- "$@" "$part"
done
# Neither pictures nor what a build leaves in the source tree; not this list, and
# not the words of the licence.
find "$@" -name scratch -prune -o -type f ! -name '*.svg' ! -name '*.o' \
    ! -name '*.log' ! -name '*.trs' ! -path tests/words.sh \
    ! -path packaging/debian/copyright -print > "$work/all"
xargs grep -I -l . < "$work/all" | sort > "$work/texts"
same "there are texts to look at" "README.md docs/design.md quickstart" \
    "$(grep -x -e README.md -e docs/design.md -e quickstart "$work/texts" |
        paste -sd ' ' -)"
# shellcheck disable=SC2046 # (names without blanks)
hits=$(plain $(cat "$work/texts"))
same "documents, comments and messages are in plain words" "" "$hits"
finish
