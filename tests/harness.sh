#!/bin/sh
# SPDX-License-Identifier: MIT
# The tests' own tools keep what they promise: a test that finds a failure
# fails, waiting has an end, no tree is removed that has something mounted in
# it; and tests/README.md lists every test.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
tools=$srcdir/tests/tools
cd "$work" || exit 1

# ---- lib.sh

# tested TEXT: what a test of these commands says and its exit status.
tested() {
    printf '. "$srcdir/tests/lib.sh"\n%s\nfinish\n' "$1" > inner.sh
    mkdir -p inner
    env -u PYTRACE_NO_SKIP -u CASES builddir="$work/inner" sh inner.sh 2>&1
    echo "exit status $?"
}
same "a test that finds nothing ends with 0" "ok 1 - a
1..1
exit status 0" "$(tested 'pass a')"
same "a test that finds a failure ends with 1" "not ok 1 - a
#   why
ok 2 - b
1..2
exit status 1" "$(tested 'fail a why
pass b')"
for check in 'succeeds a false' 'same a 1 2' 'refuses a x true' \
    'refuses a x sh -c "echo y; exit 1"'; do
    case $(tested "$check") in
    "not ok 1 - a"*"exit status 1") pass "this fails a test: $check" ;;
    *) fail "this fails a test: $check" "$(tested "$check")" ;;
    esac
done
case $(tested ':') in
"not ok 1"*"exit status 1") pass "a test that checks nothing fails" ;;
*) fail "a test that checks nothing fails" "$(tested ':')" ;;
esac
same "what cannot run is a skip, with its reason" "ok 1 - a # SKIP why
1..1
exit status 0" "$(tested 'skip a why')"
same "with PYTRACE_NO_SKIP a skip fails" "not ok 1 - a
#   this test cannot run here: why
1..1
exit status 1" "$(tested 'PYTRACE_NO_SKIP=1
skip a why')"
same "what is no part of the project is a skip all the same" \
    "ok 1 - a # SKIP why
1..1
exit status 0" "$(tested 'PYTRACE_NO_SKIP=1
skip_extra a why')"

# How automake counts: a failure is one, and a test that stops early is an error.
driver=$srcdir/build-aux/tap-driver.sh
# counted TEXT: the results that the driver writes down.
counted() {
    printf '. "$srcdir/tests/lib.sh"\n%s\n' "$1" > inner.sh
    env -u PYTRACE_NO_SKIP -u CASES builddir="$work/inner" AM_TAP_AWK="$AWK" \
        sh "$driver" --test-name inner --log-file inner.log \
        --trs-file inner.trs --color-tests no --enable-hard-errors yes \
        --expect-failure no --ignore-exit -- sh inner.sh > driver.log 2>&1
    sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' inner.trs | paste -s -d ' ' -
}
if [ -f "$driver" ]; then
    same "automake counts each case once" "PASS FAIL SKIP" "$(counted 'pass a
fail b
skip c why
finish')"
    same "automake counts a test that stops early as an error" "PASS ERROR" \
        "$(counted 'pass a
exit 0')"
    same "make check passes on what these tests assume" "--ignore-exit" \
        "$(sed -n 's/^AM_SH_LOG_DRIVER_FLAGS = //p' "$builddir/Makefile")"
else
    skip "how automake counts" "there is no $driver"
fi

# ---- waiting

succeeds "wait_until ends when it has come" wait_until 100 true
refuses "wait_until ends when it does not come, and says what" \
    "waited 1 seconds in vain for: false" wait_until 1 false
printf 'sleep 1000 &\necho $!\n' > starts.sh
sh starts.sh > pid
background=$(cat pid)
succeeds "a process that runs is seen" runs "$background"
kill "$background"
succeeds "a process that has ended is seen" wait_until 100 has_ended \
    "$background"
echo "what it said" > said
refuses "wait_said: a process that ends and has not said it" \
    "has ended, and not said ready" wait_said said "$background"
succeeds "wait_said: one that has" wait_said said "$background" "it said$"

# ---- mounts

if [ "$(id -u)" = 0 ] && have unshare && unshare -m true 2> /dev/null; then
    cat > mounts.sh << 'END'
. "$1"
need_private_mounts "$0" "$@"
mkdir -p "a tree/below"
mount -t tmpfs tmpfs "a tree/below"
: > "a tree/below/kept"
remove_tree "a tree" || echo "refused"
ls "a tree/below"
umount "a tree/below"
remove_tree "a tree" && [ ! -e "a tree" ] && echo "removed"
has_private_mounts && echo "private"
END
    same "no tree is removed that has a mount in it" "refused
kept
removed
private" "$(sh mounts.sh "$tools/mounts.sh" 2> errors)"
    same "the message names what is mounted" "$work/a tree/below" "$(tail -n 1 errors)"
    same "nothing is left mounted" "" "$(mounts_below "$work")"
    refuses "a variable makes no mounts private" \
        "cannot have a mount namespace of its own" \
        env PYTRACE_UNSHARED=1 sh mounts.sh "$tools/mounts.sh"
else
    skip "no tree is removed that has a mount in it" "this needs root"
fi

# ---- texts and sites

printf '%s\n' 'a/b|c&d\1 x a/b' none > text
for awk in gawk mawk "busybox awk"; do
    have "${awk%% *}" || {
        skip "replace.sh under $awk" "there is no ${awk%% *}"
        continue
    }
    printf '#!/bin/sh\nexec %s "$@"\n' "$awk" > an_awk
    chmod 755 an_awk
    same "replace.sh takes words as they are, under $awk" \
        'Q&\1||c&d\1 y\n Q&\1|
none' "$(AWK=$work/an_awk sh "$tools/replace.sh" a.b wrong \
            'a/b' 'Q&\1|' x 'y\n' < text)"
done

# replay.sh, with a recording that is its own text.
cat > printer << 'EOF'
#!/bin/sh
[ "$1 $2 $4" = "print --marker --marker" ] && cat "$6"
EOF
chmod 755 printer
cat > script.bt << 'EOF'
/* A comment, with a { in it. */
usdt:@HOST@:host:one,
usdt:@HOST@:host:two
/strncmp(str(arg1), "a", 2) == 0 && arg0 < (int32)0/
{
    @count++;
    @by[tid, @count] = arg0;
    @other[str(arg2)] = count();
    printf("%d|%s|%s|%s\n", arg0, str(arg2), str(arg2 + 3, 3),
           arg3 != 0 ? "set" : "");
    if (@by[tid, 2] == -8) {
        delete(@by[tid, @count]);
    }
}

END
{
    $sum = (@count + 3 * 0x1000000) & 0x7fffffffffff;
    printf("sum %llu\n", $sum);
    clear(@count);
}
EOF
cat > recording << 'EOF'
# time 0 is 2026-01-01T00:00:00.000000000Z
  0.000000001 10      one       x=-7 name="a" other="b=c \\\"d\" \x01" p=0x0
  0.000000002 10/11   two       x=-8 name="a" other="\xc3\xa4\\x\n" p=0x7f
  0.000000003 10/11   two       x=-8 name="ab" other="" p=0x7f
  0.000000004 10/12   two       x=-9 name="a" other="longer"... (5,000 bytes) p=0x1
  0.000000005 10      two       x=-8 name="a" other="" p=0x1
# ended with the last process: 5 events, of which 5 are shown, 0 lost
EOF
cat > replayed << 'EOF'
-7|b=c \"| \|
-8|ä\x
-8|||set
-9|longer|ge|set
@by[10, 1]: -7
@by[10, 4]: -8
@by[12, 3]: -9
@other[]: 1
@other[b=c \"]: 1
@other[longer]: 1
@other[ä\x
]: 1
exit status 0
sum 50331652
|x
|set
EOF
sed -e 's/ 10 .*x=-8.*/ 10      ... 3 events lost here/' -e 's/0 lost$/3 lost/' \
    recording > lossy
replay() {
    status=0
    AWK=$work/an_awk BPFTRACE_STRLEN=7 sh "$tools/replay.sh" ./printer \
        script.bt "$1" 2>&1 || status=$?
    echo "exit status $status"
}
for awk in gawk mawk "busybox awk"; do
    have "${awk%% *}" || {
        skip "replay.sh under $awk" "there is no ${awk%% *}"
        continue
    }
    printf '#!/bin/sh\nexec %s "$@"\n' "$awk" > an_awk
    same "replay.sh prints what bpftrace would, under $awk" \
        "$(sort replayed)" "$(replay recording | sort)"
    same "replay.sh says that events are missing, under $awk" \
        "exit status 1
lost:  0.000000005 10      ... 3 events lost here
the recording is not whole: # ended with the last process: 5 events, of which \
5 are shown, 3 lost" \
        "$(replay lossy | grep -e lost -e status | sort)"
done

# sites.sh against what the assembler was told.
if have gcc && gcc -dumpmachine | grep -q '^x86_64'; then
    cat > sites.c << 'END'
#include <sys/sdt.h>
int main(int count, char **arguments)
{
    STAP_PROBE(p, none);
    STAP_PROBE2(p, some__args, count, arguments);
    return 0;
}
END
    if gcc -O2 -o sites sites.c 2> errors; then
        same "sites.sh gives provider, name and arguments" "p none
p some__args -4@%edi 8@%rsi" "$(sh "$tools/sites.sh" sites |
            cut -d ' ' -f 1,2,5-)"
        for line in "none 90" "some__args 90"; do
            offset=$(sh "$tools/sites.sh" --offsets sites |
                awk -v name="${line% *}" '$1 == name { print $2 }')
            same "sites.sh --offsets: the file has ${line#* } there" \
                " ${line#* }" "$(od -An -tx1 -j "$offset" -N 1 sites)"
        done
    else
        skip "sites.sh" "there is no sys/sdt.h"
    fi
    refuses "sites.sh fails where there are none" "" sh "$tools/sites.sh" said
else
    skip "sites.sh" "it is for x86-64"
fi

# ---- no other way to do the same

# only FILE PATTERN: the files that have the pattern, but for that one.
only() {
    (cd "$srcdir" && grep -l -r -e "$2" tests bench scripts ports quickstart) |
        grep -v -e '/scratch/' -e "^$1\$" -e '^tests/harness.sh$' -e '\.md$'
}
same "only sites.sh reads the notes that readelf prints" "" \
    "$(only tests/tools/sites.sh 'Arguments:' |
        grep -e '\.sh$' -e command -e quickstart)"
same "only wait.sh waits in a loop" "" \
    "$(only tests/tools/wait.sh '\(^\|do\) *sleep [0-9.]*\(; done\)*$' |
        grep -e '\.sh$' -e command -e native)"
same "gdb's scripts need no call in the program" "" \
    "$(cd "$srcdir/tests/tracers" && grep -L 'may-call-functions off' \
        ./*/*/*.gdb)"

# ---- tests/README.md

# The table's rows: | [`FILE`](FILE) | promise | alone | time |
sed -n 's/^| `\([a-z_]*\.sh\)` |.*|.*|.*|$/\1/p' "$srcdir/tests/README.md" \
    > listed
same "tests/README.md lists every test, in the order of the alphabet" \
    "$(cd "$srcdir/tests" && for test in *.sh; do
        [ "$test" = lib.sh ] || echo "$test"
    done)" "$(cat listed)"
same "make check runs every test" "$(cat listed)" \
    "$(sed -n '/^TESTS = /,/[^\\]$/p' "$srcdir/Makefile.am" |
        grep -o 'tests/[a-z_]*\.sh' | sed 's|tests/||' | sort)"
same "tests/README.md says what lies in each directory" \
    "$(cd "$srcdir/tests" && for directory in */; do
        [ "$directory" = scratch/ ] || echo "$directory"
    done)" "$(sed -n 's/^| `\([a-z]*\/\)` |.*/\1/p' "$srcdir/tests/README.md")"
finish
