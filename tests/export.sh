#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace record -o and pytrace print -o, by the file's ending: speedscope's
# files and those of the Trace Event format; read by speedscope in a browser.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

pytrace=$builddir/pytrace
if [ ! -x "$pytrace" ]; then
    skip "other viewers' files" "pytrace was not built: libelf-dev, \
zlib1g-dev, or the markers, are missing"
    finish
fi
need "other viewers' files" python3
here=$srcdir/tests/export
cd "$work" || exit 1
check() {
    python3 -I "$here/check.py" "$@" 2>&1
}

# interruptible COMMAND...: it takes SIGINT, which a shell's background jobs do
# not.
interruptible() {
    exec python3 -I -c 'import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])' "$@"
}

# ---- all that there is, in one recording

"${CC:-gcc}" -std=gnu11 -O1 -I"$srcdir/src/pytrace" -I"$srcdir/src/runtime" \
    -o make "$srcdir/tests/print/make.c" -lz && ./make < "$here/all.txt" > all.rec
for form in speedscope.json json; do
    status=0
    "$pytrace" print -o "all.$form" all.rec 2> err || status=$?
    same "$form: all that a recording can have" "$(cat "$here/all.$form")" \
        "$(sed 's/"exporter":"[^"]*"/"exporter":"pytrace"/' "all.$form")"
    same "$form: it tells of the lost ones" "1 pytrace print: all.rec: 15 events \
are lost, and missing here" "$status $(cat err)"
    succeeds "$form: calls nest, in the order of time" check "all.$form"
done
"$pytrace" print -o all.json.gz all.rec 2> err
same "json.gz: the same, packed, up to its end" "$(cat all.json; echo whole)" \
    "$(gzip -dc all.json.gz && echo whole)"
grep -v '^event [0123] ' "$here/all.txt" | sed 's/^end 0 .*/end 0 10 15 /' |
    ./make > none.rec
"$pytrace" print -o none.speedscope.json none.rec 2> err
same "speedscope.json: a recording without calls" \
    "there are no calls in it, and speedscope shows nothing else" \
    "$(sed -n 's/^pytrace print: \(.* calls .*\)/\1/p' err)"
succeeds "speedscope.json: that file, too, is what it must be" \
    check none.speedscope.json
"$pytrace" print -o - all.rec > plain 2> err
for file in all.txt json; do
    "$pytrace" print -o $file all.rec 2> err
    same "$file: another ending is the text" "$(cat plain)" "$(cat $file)"
done
refuses "another form takes no --marker" "^pytrace print: --marker and --json \
are for text" "$pytrace" print --marker line -o no.json all.rec
refuses "a file that is no recording" "^pytrace print: make: " \
    "$pytrace" print -o no.json make
same "no file is made then" "" "$(find . -name 'no.json*')"

for form in svg folded; do
    # shellcheck disable=SC2086
    "$pytrace" flame ${folded:-} -o flame.$form all.rec 2> err
    "$pytrace" print -o all.$form all.rec 2> err
    same "$form: what pytrace flame writes" "$(cat flame.$form)" \
        "$(cat all.$form)"
    folded=--folded
done

# ---- files that cannot be written

ln -s /dev/full full.json
refuses "a full disk" "^pytrace print: full.json: No space left on device$" \
    "$pytrace" print -o full.json all.rec
limited() {
    (ulimit -f 0 && exec "$pytrace" print -o limited.json all.rec)
}
refuses "a file that may not be so large" "limited.json: File too large$" \
    limited
same "nothing is left of it" "" "$(find . -name 'limited.json*')"

# Ctrl-C while it is written: a recording that does not end comes by a pipe.
mkfifo pipe
interruptible "$pytrace" print -o cut.json - < pipe 2> err &
pid=$!
exec 3> pipe
unfinished() {
    [ -n "$(find . -name 'cut.json.*')" ]
}
wait_until "$patience" unfinished
kill -INT $pid
wait $pid
exec 3>&-
same "Ctrl-C while it is written leaves nothing" "" \
    "$(find . -name 'cut.json*')"

# ---- what is recorded

if why=$(can_record) && [ -x "$lua" ]; then
    cp "$here/work.lua" .
    for form in speedscope.json json json.gz; do
        status=0
        "$pytrace" record --full block -o "work.$form" -- "$lua" work.lua \
            2> err || status=$?
        same "record $form: the exit status is the command's" "7 " \
            "$status $(cat err)"
        check "work.$form" > "checked.$form"
    done
    same "speedscope.json: each call of a Lua program" \
        "<main> 1
branch 20
leaf 40
root 1" "$(sed 's/.*): //' checked.speedscope.json)"
    for form in json json.gz; do
        same "$form: each call of a Lua program, and imports" \
            "<main> (work.lua:1) 1
branch (work.lua:7) 20
leaf (work.lua:2) 40
root (work.lua:12) 1
imports: nothing.here 1" "$(sed -e '/^collections: /d' \
                -e 's/^\(lua\|thread\): //' "checked.$form")"
        succeeds "$form: and collections" grep "^collections: collection" \
            "checked.$form"
    done
    succeeds "json: audit events are instants" \
        grep '"ph":"i".*"s":"t","name":"io.open","args":{"arguments":"\\"noth' \
        work.json
    same "json: lines are recorded where they are asked for" 0 \
        "$(grep -c '"name":"line"' work.json)"
    "$pytrace" record --marker line -o line.json -- "$lua" work.lua 2> err
    succeeds "json: and are instants then" grep \
        '"name":"line","args":{"filename":"work.lua","funcname":"root"' \
        line.json
    "$pytrace" record -o work.jsonl -- "$lua" work.lua 2> err
    succeeds "another ending is a recording" "$pytrace" print work.jsonl

    mkdir closed
    touch closed/file
    refuses "where no file can be made, nothing is run" \
        "closed/file/x.json: Not a directory$" \
        "$pytrace" record -o closed/file/x.json -- touch has_run
    same "it was not run" "" "$(find . -name has_run)"
    status=0
    "$pytrace" record -o full.json -- "$lua" work.lua 2> err || status=$?
    same "it tells of a full disk, and the command's status stays" \
        "7 pytrace record: full.json: No space left on device" \
        "$status $(cat err)"

    # Ctrl-C while a process is recorded: the file is whole.
    cat > endless.lua <<'EOF'
local function round() local t = {} return #t end
io.open("ready", "w"):close()
while true do round() end
EOF
    "$lua" endless.lua &
    pid=$!
    wait_until "$patience" [ -e ready ]
    interruptible "$pytrace" record -o endless.json -p $pid 2> err &
    recorder=$!
    on() {
        "$pytrace" check --except all -p "$pid" | grep -q 16384
    }
    wait_until "$patience" on
    kill -INT $recorder
    wait $recorder
    kill $pid
    wait $pid 2> /dev/null
    succeeds "Ctrl-C while it records: the file is whole" check endless.json
    same "and nothing else is left" endless.json \
        "$(find . -name 'endless.json*' -printf '%f\n')"
else
    skip "what is recorded" "${why:-there is no Lua}"
fi

# ---- speedscope itself

need_browser "speedscope reads these files"
need "speedscope reads these files" npm
viewer=$(sh "$srcdir/tests/tools/speedscope.sh" "$builddir/speedscope" \
    2> err) || {
    skip "speedscope reads these files" "npm did not fetch it: $(tail -n 1 err)"
    finish
}
# seen FILE: the table of functions that it shows, with the console's errors.
seen() {
    in_browser "$viewer#view=sandwich" "file input[type=file] $1" \
        'wait document.body.innerText.includes("Symbol Name")' \
        'js document.body.innerText' "shot $1.png"
}
for form in speedscope.json json json.gz; do
    seen "all.$form" > shown
    status=$?
    case $form in
    speedscope.json) wanted="late outer tab" ;;
    *) wanted="one (b.py:1) two (b.py:2)" ;;    # the first thread
    esac
    same "$form: speedscope shows the functions, without an error" \
        "0 $wanted" "$status $(sed -n \
            -e 's/^[[:blank:]]*\(late\|outer\|tab\)\>.*/\1/p' \
            -e 's/^[[:blank:]]*\([a-z]* (.*)\)$/\1/p' shown | sort |
            paste -s -d ' ' -)"
done
finish
