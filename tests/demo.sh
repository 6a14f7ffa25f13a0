#!/bin/sh
# SPDX-License-Identifier: MIT
# The demo: it shows all eight markers, recorded, by bpftrace and by gdb, with
# and without root, and says so when one does not fire.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_lua "demo"
demo=$srcdir/ports/lua/demo/demo.sh
echo @SIGNATURES@ | generate \
    -v probes="$srcdir/probes.d" - > "$work/signatures"
mkdir "$work/here"
cp "$lua" "$work/here"
pytrace=$builddir/pytrace

# What every run of the sample program shows, whatever the times are.
shape() {
    sed -n -e 's/^ *[0-9]* lua([0-9]*): //p' \
        -e 's/^Lines: \([0-9]*\) executed, \([0-9]*\) .*/lines \1 \2/p' \
        -e 's/^  \([a-z_]*\)  *[0-9.]*   \(loaded\|not found\)$/\1 \2/p' \
        -e 's/^ *[0-9]*   \([a-z.]*\)$/audit \1/p'
}
last_line() {
    tail -n 1 "$work/$1"
}
# recording OUTPUT: what it shows of the recording, without what differs by
# chance.
recording() {
    sed -n -e 's/^ *[0-9.]* [0-9]* *\(function__.*\)/\1/p' \
        -e '/markers are recorded$/p' -e '/^not recorded/p' \
        -e 's/^pytrace: recorded [0-9,]* events of \(.*\) in .* s, /\1, /p' \
        "$work/$1"
}
call() {
    printf 'function__%-15sfilename="sample.lua" funcname="%s" lineno=%s\n' \
        "$@"
}
recorded="$(call entry relay 15
    call return relay 16
    call entry factorial 10
    call entry factorial 10
    call entry factorial 10
    call entry factorial 10
    call return factorial 11
    call return factorial 12)
8 of 8 markers are recorded
1 thread, 0 lost"

if why=$(can_trace); then
    "$demo" "$work/here" "$work/signatures" "$pytrace" \
        > "$work/bpftrace" 2>&1
    same "demo by bpftrace: exit status and last line" \
        "0 8 of 8 markers fired" "$? $(last_line bpftrace)"
    same "demo by bpftrace: no note about another tracer" "" \
        "$(grep '^Note' "$work/bpftrace")"
else
    skip "demo by bpftrace" "$why"
fi

if have gdb; then
    TRACER=gdb "$demo" "$work/here" "$work/signatures" "$pytrace" \
        > "$work/gdb" 2>&1
    same "demo by gdb: exit status and last line" \
        "0 8 of 8 markers fired" "$? $(last_line gdb)"
    if can_trace > /dev/null; then
        same "bpftrace and gdb see the same events" \
            "$(shape < "$work/bpftrace")" "$(shape < "$work/gdb")"
    fi
    same "the call hierarchy is nested" \
        "      => factorial in sample.lua:10
        => factorial in sample.lua:10
          => factorial in sample.lua:10
          <= factorial in sample.lua:11" \
        "$(sed -n 's/.*): \( *[<=>]* factorial .*\)/\1/p' "$work/gdb" |
            sed -n 2,5p)"

    { cat "$work/signatures"; echo "imagined(int x)"; } > "$work/nine"
    TRACER=gdb "$demo" "$work/here" "$work/nine" "$pytrace" \
        > "$work/imagined" 2>&1
    same "a marker that does not fire is named, and the exit status is 1" \
        "1 did not fire: imagined 8 of 9 markers fired" \
        "$? $(tail -n 2 "$work/imagined" | tr '\n' ' ' | sed 's/ $//')"
else
    skip "demo by gdb" "there is no gdb"
fi

if [ "$(id -u)" = 0 ] && have setpriv && have gdb; then
    readable=$(mktemp -d)
    cp "$lua" "$work/signatures" "$readable"
    [ ! -x "$pytrace" ] || cp "$pytrace" "$readable"
    mkdir -p "$readable/ports/lua" "$readable/tests"
    cp -R "$srcdir/ports/lua/demo" "$readable/ports/lua"
    cp -R "$srcdir/tests/tools" "$readable/tests"
    # That user's own, and writable for no other.
    chown -R 65534:65534 "$readable"
    chmod -R u+rwX,go-w "$readable"
    setpriv --reuid=65534 --regid=65534 --clear-groups \
        "$readable/ports/lua/demo/demo.sh" "$readable" "$readable/signatures" \
        "$readable/pytrace" > "$work/nobody" 2>&1
    same "demo without root: exit status and last line" \
        "0 8 of 8 markers fired" "$? $(last_line nobody)"
    same "demo without root: says so in one line" \
        "Note: bpftrace needs root or sudo; gdb shows the live part instead." \
        "$(grep '^Note: bpftrace' "$work/nobody")"
    if [ -x "$pytrace" ]; then
        same "demo without root: the recording" "$recorded" "$(recording nobody)"
    fi
    rm -rf "$readable"
else
    skip "demo without root" "this needs root to give up, setpriv and gdb"
fi

# ---- the recording

if [ -x "$pytrace" ]; then
    # Neither another tracer nor a program that it could be.
    mkdir "$work/alone"
    for program in awk basename cat dirname env grep head id mkdir readelf rm \
        sed sh sort tail tr; do
        ln -s "$(command -v "$program")" "$work/alone/$program"
    done
    PATH=$work/alone "$demo" "$work/here" "$work/signatures" "$pytrace" \
        > "$work/recorded" 2>&1
    same "the demo records, and needs no other tracer: exit status" "0" "$?"
    same "the demo's recording" "$recorded" "$(recording recorded)"
    PATH=$work/alone "$demo" "$work/here" "$work/signatures" \
        "$work/here/pytrace" > "$work/unrecorded" 2>&1
    same "without pytrace and another tracer: exit status, and a note" \
        "1 Note: pytrace was not built, as libelf or zlib is missing; there is \
no recording." "$? $(grep '^Note: pytrace' "$work/unrecorded")"
    { cat "$work/signatures"; echo "imagined(int x)"; } > "$work/nine"
    PATH=$work/alone "$demo" "$work/here" "$work/nine" "$pytrace" \
        > "$work/imagined" 2>&1
    same "a marker that is not recorded is named, and the exit status is 1" \
        "1 not recorded: imagined 8 of 9 markers are recorded" \
        "$? $(recording imagined | sed -n '/record/p' | paste -sd ' ' -)"
else
    skip "the demo's recording" "pytrace was not built"
fi

# ---- the whole of ./quickstart demo, in surroundings that are not ours

# Programs whose output is read, and which then speak other languages elsewhere.
mkdir "$work/bin"
for program in readelf awk gdb patch; do
    cat > "$work/bin/$program" << EOF
#!/bin/sh
if [ "\$LC_ALL" != C ]; then
    echo "$program: not in the C locale: \$*" >> "$work/foreign"
fi
exec $(command -v $program) "\$@"
EOF
done
chmod +x "$work"/bin/*
quickstart_elsewhere() {
    (cd "$builddir" && $MAKE -s distdir distdir="$work/tree") &&
        ln -s ../tree/quickstart "$work/bin/quickstart" || return 1
    (
        unset HOME LC_ALL
        cd / && umask 077 && mkdir "$work/my tmp" &&
            PATH=$work/bin:$PATH LANG=tr_TR.UTF-8 LANGUAGE=fr LC_CTYPE=sv_SE \
                CDPATH=/usr:/ POSIXLY_CORRECT=1 TERM=dumb NO_COLOR=1 \
                GREP_COLORS='mt=01;31' TMPDIR="$work/my tmp" TRACER=gdb \
                CC="env ${CC:-gcc}" CXX=/none CFLAGS="-O2 -g -Wl,-z,relro" \
                LUA_TARBALL="$builddir/hosts/lua/lua-5.4.4.tar.gz" \
                "$work/bin/quickstart" demo
    ) > "$work/elsewhere" 2>&1
}
if have gdb && have autoreconf && have patch; then
    succeeds "quickstart demo, elsewhere: exit status 0" quickstart_elsewhere
    same "quickstart demo, elsewhere: last line" "8 of 8 markers fired" \
        "$(last_line elsewhere)"
    same "quickstart demo, elsewhere: the recording" "$recorded" \
        "$(recording elsewhere)"
    same "quickstart demo, elsewhere: the markers and their arguments" "8" \
        "$(grep -c '^  lua  *[a-z_]*  *[-0-9][^ ]*@' "$work/elsewhere")"
    same "quickstart demo, elsewhere: all programs run in the C locale" "" \
        "$(cat "$work/foreign" 2> /dev/null)"
else
    skip "quickstart demo, elsewhere" "this needs gdb, autoreconf and patch"
fi

quickstart=$srcdir/quickstart
same "quickstart --help: exit status 0" "0" \
    "$("$quickstart" --help > "$work/help"; echo $?)"
succeeds "quickstart --help names the commands" \
    grep -q 'Usage: ./quickstart demo|check|bench' "$work/help"
succeeds "quickstart --help names the ports" \
    grep -q '[.]/quickstart lua|cpython|quickjs|mruby \[RELEASE\]' "$work/help"
same "quickstart demo, with a tracer it does not know: exit status 2" "2" \
    "$(TRACER=nonsense "$quickstart" demo > /dev/null 2>&1; echo $?)"
for wrong in "" nonsense "demo nonsense" "cpython nonsense"; do
    # shellcheck disable=SC2086
    same "quickstart $wrong: exit status 2" "2" \
        "$("$quickstart" $wrong > /dev/null 2>&1; echo $?)"
done
for wrong in "demo -h" "demo --help" "help:"; do
    same "quickstart '$wrong', one word: exit status 2" "2" \
        "$("$quickstart" "$wrong" > /dev/null 2>&1; echo $?)"
done
finish
