#!/bin/sh
# SPDX-License-Identifier: MIT
# The documents say what the code says, and every source is in good style.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

cd "$srcdir" || exit 1
expand() {
    echo "$1" | generate -v probes=probes.d -v with=all -
}

# ---- docs/markers.md against probes.d

same "markers.md has each marker with its arguments" \
    "$(expand @SIGNATURES@ | sed 's/\([^(]*\)(\(.*\))/| `\1` | `\2` |/')" \
    "$(sed -n 's/^\(| `[a-z_]*` | `[^`]*` |\).*/\1/p' docs/markers.md)"
missing=
expand @DEFINITION@ | sed -n 's/^     \* \(.*\)/\1/p' > "$work/comments"
for marker in $(expand @SIGNATURES@ | sed 's/(.*//'); do
    meaning=$(sed -n "s/^| \`$marker\` | \`[^\`]*\` | \(.*\) |\$/\1/p" \
        docs/markers.md)
    # The comment's text, unwrapped, begins a sentence; the table does not.
    tr '\n' ' ' < "$work/comments" | grep -i -F -q -e "$meaning" ||
        missing="$missing $marker"
done
same "markers.md says what probes.d says of each marker" "" "$missing"

missing=
sed -n 's/^| `\([a-z]*\)` | \([^|;]*[^|; ]\)[^|]* |$/\1: \2/p' docs/markers.md \
    > "$work/arguments"
while read -r meaning; do
    tr '\n' ' ' < "$work/comments" | grep -F -q -e "$meaning" ||
        missing="$missing $meaning"
done < "$work/arguments"
same "markers.md says what probes.d says of each argument" "19" \
    "$(wc -l < "$work/arguments" | tr -d ' ')$missing"

# ---- docs/tracing.md

sed -n '/^| tried /,/^$/p' docs/tracing.md |
    grep -o '\<\(bpftrace\|stap\|dtrace\|perf\|gdb\|bcc\)-[a-z]*' |
    sort -u > "$work/named"
missing=
while read -r case; do
    [ -f "tests/tracers/host/$case/command" ] ||
        [ -f "tests/tracers/vm/$case/command" ] || missing="$missing $case"
done < "$work/named"
same "each cell of tracing.md's table names a test that there is" "" "$missing"
same "tracing.md has a test of each tracer" "bcc bpftrace dtrace gdb perf stap" \
    "$(sed 's/-.*//' "$work/named" | sort -u | paste -sd ' ' -)"
same "scripts/bpftrace has those of the optional groups, too" \
    "exceptions gil threads" \
    "$(cd scripts/bpftrace && grep -l 'optional group' ./*.bt |
        sed 's/^..//; s/\.bt$//' | paste -sd ' ' -)"
for directory in bpftrace:bt systemtap:stp dtrace:d; do
    same "scripts/${directory%:*} has the seven" \
        "audit collections hierarchy imports lines time top" \
        "$(cd "scripts/${directory%:*}" &&
            grep -L 'optional group' ./*."${directory#*:}" |
            sed "s/^..//; s/\.${directory#*:}\$//" | paste -sd ' ' -)"
done

# ---- man pages

if have mandoc; then
    for page in docs/pytrace.1 docs/pytrace.3 docs/pytrace.7 \
        docs/pytrace-check.1; do
        if [ ! -f "$builddir/$page" ]; then
            skip "$page has no mistakes" "pytrace was not built"
            continue
        fi
        same "$page has no mistakes" "" \
            "$(mandoc -Tlint -Wwarning "$builddir/$page" 2>&1 |
                grep -v 'missing date')"
    done
    same "pytrace.7 has each marker" "$(expand @SIGNATURES@)" \
        "$(mandoc -Tascii -O width=120 "$builddir/docs/pytrace.7" |
            sed -n "s/.$(printf '\b')//g;"'s/^ \{5,7\}\([a-z_]*([a-z].*)\)$/\1/p')"
else
    skip "man pages" "there is no mandoc"
fi

# ---- links

find README.md CONTRIBUTING.md SECURITY.md docs ports tests \
    -name scratch -prune -o -name '*.md' -print |
    sort > "$work/pages"
xargs grep -o ']([^)]*)' < "$work/pages" | grep -v '](https*://' |
    sed 's/\(.*\):](\(.*\))/\1 \2/' > "$work/links"
broken=
while read -r page target; do
    anchor=${target#"${target%%#*}"}
    file=${target%%#*}
    if [ -n "$file" ]; then
        file=$(dirname "$page")/$file
    else
        file=$page
    fi
    # A heading, as its anchor is made from it.
    [ -e "$file" ] && { [ -z "$anchor" ] ||
        sed -n 's/^##* //p' "$file" | tr 'A-Z ' 'a-z-' |
        tr -dc 'a-z0-9_\n-' | grep -q -x -e "${anchor#?}"; } ||
        broken="$broken $page:$target"
done < "$work/links"
same "links between the documents lead somewhere" "" "$broken"
same "links lead from the README to every page" "$(cat "$work/pages")" \
    "$(${AWK:-awk} '
        {
            from = $1
            sub(/#.*/, "", $2)
            to = $2
            if (from ~ /\//)
                to = substr(from, 1, match(from, /[^\/]*$/) - 1) to
            while (sub(/[^\/]+\/\.\.\//, "", to))
                ;
            link[from, to]
        }
        END {
            found["README.md"]
            do {
                more = 0
                for (pair in link) {
                    split(pair, part, SUBSEP)
                    if ((part[1] in found) && part[2] ~ /\.md$/ &&
                        !(part[2] in found)) {
                        found[part[2]]
                        more = 1
                    }
                }
            } while (more)
            for (page in found)
                print page
        }' "$work/links" | sort)"
for lines in ports/*/*.lines; do
    same "the README's count of the lines of $(basename "$lines")" \
        "$(grep -c '^+' "$lines")" \
        "$(grep "^| $(dirname "$lines")/ " README.md |
            sed 's/.*[^0-9]\([0-9]*\) added lines.*/\1/')"
done

# ---- style

if have shellcheck; then
    succeeds "shell scripts are clean under shellcheck" \
        shellcheck -x quickstart .ci/run src/*/*.sh tests/*.sh tests/*/*.sh \
        ports/apply ports/*.sh ports/*/*.sh ports/lua/demo/*.sh tests/tools/*/*.sh \
        tests/tools/vm/init \
        scripts/dtrace/every.sh templates/*.sh
    succeeds "the cases' commands are clean under shellcheck" \
        shellcheck -x -S warning -s sh tests/tools/vm/initrd_init tests/tracers/vm/*/command \
        tests/tracers/vm/*/prepare tests/tracers/host/*/command
else
    skip "shellcheck" "there is no shellcheck"
fi
if have clang-format; then
    succeeds "C sources are formatted" \
        clang-format --dry-run -Werror src/pytrace/*.[ch] tests/fuzz/*.c templates/*.[ch] \
        tests/print/*.c tests/ps/*.c tests/unit/*.[ch] tests/stress/*.[ch] tests/code/*.c \
        tests/security/*.c tests/matrix/*.[ch] tests/tools/*/*.c \
        tests/embed/*.c tests/embedding/*.[ch] tests/code/*.c tests/lua/*.c tests/live/lua/*.c
else
    skip "clang-format" "there is no clang-format"
fi
same "no line of code is longer than 80 columns" "" \
    "$(grep -n '^.\{81\}' quickstart scripts/*/*.* scripts/systemtap/tapset/*.in src/*/* include/* tests/lib.sh \
        tests/*/*.[ch] tests/*/*.sh templates/* ports/*.sh ports/*/*.[chs]* \
        ports/*/demo/* |
        grep -v '^scripts/grafana/.*\.json:' | # (a text has no other line)
        head -n 5)"
finish
