#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace flame: what is drawn of recordings, and what a browser does with it.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

if [ ! -x "$pytrace" ]; then
    skip "pytrace flame" "it was not built: libelf-dev, zlib1g-dev, or the \
markers, are missing"
    finish
fi
cd "$work" || exit 1
succeeds "what makes recordings is built" "${CC:-gcc}" -std=gnu11 -O1 \
    -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" -o make \
    "$srcdir/tests/print/make.c" -lz

# made NAME < DESCRIPTION: a recording, NAME.rec, whose times are microseconds,
# of the markers entry (0), return (1), gc__start (2), and gc__done (3).
made() {
    {
        echo 'host 0 8 lua /usr/bin/lua
marker function__entry - s,s,-4 const char *filename, const char *funcname, int lineno
marker function__return - s,s,-4 const char *filename, const char *funcname, int lineno
marker gc__start - -4 int generation
marker gc__done - -8 long collected
process 0 10 10 0 lua x.lua
process 1 20 20 0 lua y.lua
clock 0 0 0 0'
        ${AWK:-awk} '
            $1 == "event" { $3 *= 1000 }
            $1 == "begin" || $1 == "lost" { $2 *= 1000 }
            { print }'
    } > "$1.txt"
    ./make < "$1.txt" > "$1.rec"
}
flame() {
    "$pytrace" flame "$@" 2> notes
}
# drawn FILE: each frame: its row, left and width in percent, and its tool tip.
drawn() {
    tr '\n' '|' < "$1" | sed 's/<g class/\
&/g' | sed -n 's/^<g class="f"><title>\([^<]*\)<.*rect x="\([0-9.]*\)%" y="\([0-9]*\)" width="\([0-9.]*\)%".*/\3 \2 \4 \1/p'
}
well_formed() {
    have python3 || return 0
    python3 -I -c '
import sys, xml.dom.minidom
xml.dom.minidom.parse(sys.argv[1])' "$1"
}

# ---- a recording that is known to the microsecond

made one << 'END'
events 0 0 0
begin 0 10 10 0
string 1 0 x.lua
string 2 0 main
string 3 0 a
string 4 0 b
event 0 0 1 2 1
event 0 10 1 3 5
event 2 20 0
event 3 30 7+
event 1 40 1 3 6
event 0 50 1 4 9
event 0 60 1 3 5
event 1 90 1 3 6
event 1 95 1 4 10
event 1 100 1 2 20
end 1 10 0
END
same "folded: own time in microseconds" "main (x.lua:1) 25
main (x.lua:1);a (x.lua:5) 30
main (x.lua:1);b (x.lua:9) 15
main (x.lua:1);b (x.lua:9);a (x.lua:5) 30" "$(flame --folded one.rec)"
same "folded: calls" "main (x.lua:1) 1
main (x.lua:1);a (x.lua:5) 1
main (x.lua:1);b (x.lua:9) 1
main (x.lua:1);b (x.lua:9);a (x.lua:5) 1" "$(flame --folded --by calls one.rec)"
same "folded: collected objects are of what ran" "main (x.lua:1);a (x.lua:5) 7" \
    "$(flame --folded --by collections one.rec)"
flame -o one.svg one.rec
same "an SVG: frames, as wide as their share" \
    "0 0.00000 100.00000 all|100 us (100.0 %)
18 0.00000 100.00000 main (x.lua:1)|100 us (100.0 %) with callees|25.0 us (25.0 %) itself|1 call
36 0.00000 30.00000 a (x.lua:5)|30.0 us (30.0 %)|1 call
36 30.00000 45.00000 b (x.lua:9)|45.0 us (45.0 %) with callees|15.0 us (15.0 %) itself|1 call
54 30.00000 30.00000 a (x.lua:5)|30.0 us (30.0 %)|1 call" "$(drawn one.svg)"
same "its title" "lua x.lua (process 10)
100 us of own time; recorded: 100 us, 10 events, 0 lost" \
    "$(sed -n 's/^<text id="\(sub\)\{0,1\}title".*>\(.*\)<.text>$/\2/p' one.svg)"
succeeds "it is well-formed" well_formed one.svg
same "nothing in it is fetched" "" \
    "$(grep -E -i 'href|url\(|@import|src=' one.svg)"

made collected << 'END'
events 0 0 0
begin 0 10 10 0
string 1 0 x.lua
string 2 0 main
string 3 0 finalizer
event 2 0 0
event 3 5 3+
event 0 10 1 2 1
event 2 20 0
event 0 30 1 3 5
event 1 40 1 3 6
event 0 50 1 3 5
event 3 60 7+
event 1 70 1 3 6
event 2 80 0
event 3 90 -1+
event 1 100 1 2 1
end 1 9 0
END
same "collected objects are of what ran when the collection began" \
    "main (x.lua:1) 7
outside of functions 3" "$(flame --folded --by collections collected.rec)"

made two << 'END'
events 0 0 0
begin 0 10 10 0
string 1 0 x.lua
string 2 0 main
string 4 0 b
string 3 0 new
event 0 0 1 2 1
event 0 50 1 4 9
event 1 65 1 4 10
event 0 65 1 3 30
event 1 70 1 3 31
event 1 100 1 2 20
end 1 6 0
END
same "two recordings, folded: before and now" "main (x.lua:1) 25 80
main (x.lua:1);a (x.lua:5) 30 0
main (x.lua:1);b (x.lua:9) 15 15
main (x.lua:1);b (x.lua:9);a (x.lua:5) 30 0
main (x.lua:1);new (x.lua:30) 0 5" "$(flame --folded one.rec two.rec)"
same "and what is gone" \
    "pytrace flame: 1 function is only in the first recording, one.rec
pytrace flame:   60.0 % of it: a (x.lua)" "$(cat notes)"
flame -o difference.svg one.rec two.rec
same "two recordings, drawn: what is more is red" \
    "main (x.lua:1) #ff6464
b (x.lua:9) #e8e8e8
new (x.lua:30) #eadcdc" \
    "$(tr '\n' '|' < difference.svg | sed 's/<g class/\
&/g' | sed -n 's/^<g class="f"><title>\([^|]*(x[^|]*\)|.*fill="\([^"]*\)"\/><text.*/\1 \2/p')"
flame -o back.svg two.rec one.rec
same "and less is blue" 1 "$(grep -c 'fill="#6464ff"' back.svg)"
succeeds "it is well-formed, too" well_formed difference.svg

# ---- several processes and threads; names

made names << 'END'
events 0 0 0
begin 0 10 10 0
string 1 0 <x>&"y".lua
string 2 0 a;b\x0ac ]]> \xff\x01\xc3\xa9\xc2\x85
event 0 0 1 2 1
event 1 100 1 2 2
events 1 0 0
begin 0 10 11 0
string 1 0 x
string 2 0 f
event 0 0 1 2 1
event 1 100 1 2 2
events 2 0 1
begin 0 20 20 0
string 1 0 x
string 2 0 f
event 0 0 1 2 1
event 1 200 1 2 2
end 1 6 0
END
same "folded: names, threads, and processes" \
    "process 10: lua x.lua;thread 10;a:b c ]]> � é  (<x>&\"y\".lua:1) 100
process 10: lua x.lua;thread 11;f (x:1) 100
process 20: lua y.lua;f (x:1) 200" "$(flame --folded names.rec)"
flame -o names.svg names.rec
succeeds "an SVG with any name is well-formed" well_formed names.svg
same "and has the name" 'a;b�c ]]&gt; ��é� (&lt;x&gt;&amp;"y".lua:1)' \
    "$(sed -n 's/.*<title>\(a;b.*\)$/\1/p' names.svg)"

# ---- many and narrow ones, deep ones

{
    echo 'events 0 0 0
begin 0 10 10 0
string 1 0 x
string 2 0 main
string 3 0 little
event 0 0 1 2 1
event 0 1 1 3 2
event 1 2 1 3 2
event 1 100000 1 2 1
end 1 4 0'
} | made narrow
flame -o narrow.svg narrow.rec
same "narrow frames are left out, and told" "0
pytrace flame: the narrowest 1 frame, 0.0 % of the whole, is not drawn" \
    "$(grep -c little narrow.svg; cat notes)"
{
    echo 'events 0 0 0
begin 0 10 10 0
string 1 0 x
string 2 0 f'
    ${AWK:-awk} 'BEGIN {
        for (i = 0; i < 3000; i++)
            print "event 0", i, "1 2 1"
        print "end 1 3000 0"
    }'
} | made deep
same "a deep recursion is cut, and told" "1024 3000
pytrace flame: 1976 calls are deeper than 1024, and count as the caller's" \
    "$(flame --folded --by calls deep.rec | ${AWK:-awk} '
        { calls += $NF; line = $0 }
        END { print gsub(/f \(x:1\)/, "", line), calls }'; cat notes)"

# ---- what cannot be

echo "nothing" > nothing.rec
refuses "a file that is no recording" "^pytrace flame: nothing.rec: " \
    "$pytrace" flame -o nothing.svg nothing.rec
refuses "a second one that is not there" "^pytrace flame: gone.rec: No such" \
    "$pytrace" flame -o nothing.svg one.rec gone.rec
refuses "three recordings" "one recording too many" \
    "$pytrace" flame -o nothing.svg one.rec one.rec one.rec
refuses "another width" "--by is own, calls or collections, and not x" \
    "$pytrace" flame --by x one.rec
refuses "a command's output and the picture in one" "name a file with -o" \
    "$pytrace" flame -- true
same "then there is no picture" "" "$(ls nothing.svg* 2> /dev/null)"
if [ -c /dev/full ]; then
    refuses "a full disk" "^pytrace flame: /dev/full: No space left" \
        "$pytrace" flame -o /dev/full one.rec
fi
same "a pipe that is closed ends it" 141 \
    "$({
            wait_until "$patience" test -e closed
            "$pytrace" flame one.rec
            echo $? > piped
        } 2> notes | { exec <&-; : > closed; }
        cat piped)"
made empty << 'END'
end 1 0 0
END
same "nothing was called: that is told, and the picture is whole" \
    "pytrace flame: no calls were recorded: the picture is empty" \
    "$(flame -o empty.svg empty.rec; well_formed empty.svg; cat notes)"

# ---- Lua

if why=$(can_record) && [ -x "$lua" ]; then
    cp "$srcdir/tests/flame/known.lua" .
    same "a program that runs: its calls" "<main> (known.lua:1) 1
<main> (known.lua:1);middle (known.lua:4) 20
<main> (known.lua:1);middle (known.lua:4);leaf (known.lua:1) 60
<main> (known.lua:1);other (known.lua:7) 10
<main> (known.lua:1);other (known.lua:7);leaf (known.lua:1) 10" \
        "$(flame --folded --by calls -o lua.folded -- "$lua" known.lua
            cat lua.folded)"
else
    skip "a program that runs" "${why:-Lua was not built}"
fi

# ---- README's picture

# alike FILE: what does not differ each time: no numbers, no units, no labels,
# which are cut to their width.
alike() {
    sed 's/>[^<]*<\/text><\/g>/>/; s/ [mun]*s / s /g; s/[0-9][0-9.,]*/N/g' "$1"
}
if [ -z "$why" ] && [ -x "$lua" ]; then
    sh "$srcdir/bench/picture.sh" "$pytrace" "$lua" > picture.svg 2> err
    same "README's picture is what bench/picture.sh makes, but for its times" \
        "$(alike "$srcdir/docs/flame.svg")" "$(alike picture.svg)"
else
    skip "README's picture" "${why:-Lua was not built}"
fi

# ---- in a browser

need_browser "in a browser"
# Names of the frames that are seen, with the percent that they are wide.
seen='Array.from(document.querySelectorAll(".f"), g => g.style.display ? "" :
    g.querySelector("title").textContent.split("\n")[0].slice(0, 4) +
    parseFloat(g.querySelector("rect").getAttribute("width")).toFixed(1))
    .filter(text => text).join(", ")'
text() {
    echo "js document.querySelector(\"$1\").textContent"
}
same "click: zoom, and back; without an error" \
    "lua x.lua (process 10)
all100.0, main100.0, a (x30.0, b (x45.0, a (x30.0
all100.0, main100.0, b (x100.0, a (x66.7
b (x.lua:9), 45.0 us (45.0 %) with callees, 15.0 us (15.0 %) itself, 1 call
all100.0, main100.0, a (x30.0, b (x45.0, a (x30.0" \
    "$(in_browser "$work/one.svg" "js document.title" "js $seen" \
        "click .f:nth-of-type(4) rect" "js $seen" "$(text '#details')" \
        "click #reset" "js $seen")"
same "keys: move, zoom, search, and back" \
    "all100.0, main100.0, b (x100.0, a (x66.7
66.7 % found
a (x.lua:5), 30.0 us (30.0 %), 1 call
60.0 % found
0.0 % found
100.0 % found

all100.0, main100.0, a (x30.0, b (x45.0, a (x30.0" \
    "$(in_browser "$work/one.svg" "click .f:nth-of-type(1) rect" \
        "keys <Down><Down><Enter>" "js $seen" \
        "keys <Ctrl-f>a (x" "$(text '#found')" "keys <Enter>" \
        "$(text '#details')" "click #reset" "$(text '#found')" \
        "keys /^b.*[0-8].$" "$(text '#found')" \
        "keys <Esc>LUA" "$(text '#found')" \
        "click #search" "keys <Esc>" "$(text '#found')" "js $seen")"
same "the window's width is the picture's, and text is cut to it" \
    "new (.. true
 true
new (x.lua:30) true" \
    "$(label='js document.querySelector(".f:nth-of-type(4) text").textContent +
            " " + (document.documentElement.clientWidth <= innerWidth)'
        in_browser "$work/difference.svg" "size 1200 500" "$label" \
            "size 500 500" "$label" "click .f:nth-of-type(4) rect" "$label")"
same "names are text" "f (x:1)|a;b�c ]]> ��é� (<x>&\"y\".lua:1)" \
    "$(in_browser "$work/names.svg" 'js Array.from(
        document.querySelectorAll(".f"),
        g => g.querySelector("title").textContent.split("\n")[0])
        .filter(name => / \(/.test(name)).reverse().slice(-2).join("|")')"
same "an empty and a compared one have no error" "
lua x.lua (process 10), compared with lua x.lua (process 10)" \
    "$(in_browser "$work/empty.svg" "js ''"
        in_browser "$work/difference.svg" "js document.title")"
finish
