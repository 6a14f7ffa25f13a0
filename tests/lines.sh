#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace lines: how often each line ran, beside its source, as text, JSON and
# HTML; and what is read as a source.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_recorder "pytrace lines"
cd "$work" || exit 1
succeeds "what makes recordings is built" "${CC:-gcc}" -std=gnu11 -O1 \
    -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" -o make \
    "$srcdir/tests/print/make.c" -lz

# lines [OPTION...] < RECORDS: what it prints, and its notes. Strings 1 to 4 are
# files: a.lua, b.lua (which is not there), a pipe, and an HTML element.
lines() {
    { printf '%s\n' 'host 0 8 lua /usr/bin/lua' \
        'marker line - s,s,-4 const char *filename, const char *funcname, int lineno' \
        'process 0 10 10 0 lua' 'clock 0 0 0 4000000000000000000' 'events 0 0 0' \
        'begin 0 10 10 0' 'string 1 0 a.lua' 'string 2 0 b.lua' \
        'string 3 0 pipe' 'string 4 0 <b>&"' 'string 5 0 f'
        cat
        printf '%s\n' 'clock 0 10000000 10000000 4000000000010000000' \
            'end 0 0 0 '
    } | ./make > lines.rec
    "$pytrace" lines "$@" lines.rec 2> err | sed 's/ *$//'
    grep -v 'the recorder counted' err
}
mkfifo pipe

# (Behind a tab: a control character, and what is HTML.)
{
    printf 'local x = 1\n\tprint("\033[31m<b>&")\n\n'
    printf -- '-- far\n-- far\n-- far\n-- far\n-- far\nlast()'
} > a.lua
ran='event 0 0 1 5 1
event 0 1 1 5 2
event 0 2 1 5 2
event 0 3 1 5 2
event 0 4 1 5 9
event 0 5 2 5 70
event 0 6 3 5 1
event 0 7 2 5 70
event 0 8 2 5 0'
same "counts, shares and the source; no pipe is opened" \
    'a.lua: 5 lines, 55.6 %
count       %  line
    1  11.1 %     1  local x = 1
    3  33.3 %     2          print("\x1b[31m<b>&")
                  3
                  4  -- far
                ...
                  7  -- far
                  8  -- far
    1  11.1 %     9  last()

b.lua: 3 lines, 33.3 %; no source: No such file or directory
count       %  line
                ...
    2  22.2 %    70

pipe: 1 line, 11.1 %; no source: not a regular file
count       %  line
    1  11.1 %     1
pytrace lines: of 1, the number is none of a line (below 1, or above 1,048,576)' "$(echo "$ran" | lines)"
same "the other files are counted" "b.lua: 3 lines, 33.3 %
pipe: 1 line, 11.1 %" "$("$pytrace" lines --limit 1 lines.rec 2> err |
    sed -n '/^[bp]/p')"
touch -d '2100-01-01' a.lua
same "a source that is newer than the recording" \
    "pytrace lines: a.lua was changed since the recording: its lines may be \
others" "$(echo 'event 0 0 1 5 1' | lines | sed -n '/changed/p')"
same "no line" "no line" "$(lines < /dev/null)"
truncate -s 9M large.lua
same "a large file is not read" "too large" "$(printf '%s\n' \
    'string 1 0 large.lua' 'event 0 0 1 5 1' | lines |
    sed -n 's/.*no source: //p')"

echo 'local x' > '<b>&"'
printf '%s\n' 'event 0 0 4 5 1' "$ran" | lines -o page.html > out
same "HTML: what is HTML is text" '<summary><b>&lt;b&gt;&amp;&quot;</b> 1 line
<pre>local x</pre>' "$(sed -n -e 's/.*\(<summary><b>&.* 1 line\).*/\1/p' \
    -e 's/.*\(<pre>local x<.*\)/\1/p' page.html)"
same "HTML: control characters do not stay" "0" \
    "$(tr -d '\n\t\040-\377' < page.html | wc -c | tr -d ' ')"
same "HTML: no script, nothing from elsewhere" "" \
    "$(grep -i -e '<script' -e 'src=' -e 'href' -e 'url(' page.html)"
if have python3; then
    succeeds "HTML: it is well-formed for a parser, with every line" \
        python3 -I -c '
import html.parser, sys
class Page(html.parser.HTMLParser):
    lines = 0
    def handle_starttag(self, tag, attributes):
        self.lines += tag == "pre"
page = Page()
page.feed(open("page.html", encoding="utf-8").read())
sys.exit(page.lines != 9 + 1 + 1 + 1)'
    echo "$ran" | lines --json > out
    same "JSON: the same" '9 a.lua 5 [[1, 1, "local x = 1"], [2, 3, '"\
\"\\tprint(\\\"\\u001b[31m<b>&\\\")\"], [9, 1, \"last()\"]]" "$(python3 -I -c '
import json
a = json.loads(open("out").read().split("\npytrace lines")[0])
f = a["files"][0]
print(a["lines"], f["file"], f["count"],
      json.dumps([[l["line"], l["count"], l["text"]] for l in f["lines"]]))')"
else
    skip "HTML and JSON are read" "there is no python3"
fi
refuses "refused: --limit x" "^pytrace lines: " "$pytrace" lines --limit x \
    lines.rec

# ---- a real one

if [ -x "$lua" ]; then
    printf 'local s = 0\nfor i = 1, 100 do\n  s = s + i\nend\n' > loop.lua
    "$pytrace" lines -- "$lua" loop.lua > out 2> err
    same "Lua: a loop's body" "100 3 s = s + i" \
        "$($AWK '/s = s/ { print $1, $4, $5, $6, $7, $8, $9 }' out)"
else
    skip "Lua" "it could not be built"
fi
finish
