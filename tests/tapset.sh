#!/bin/sh
# SPDX-License-Identifier: MIT
# SystemTap's tapset, as it is generated and configured. Whether it works, the
# cases stap-tapset and stap-specification of tests/tracers/vm show.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

cd "$work" || exit 1

# tapset DEFINITION-FILE [OPTION...]
tapset() {
    definition=$1
    shift
    generate -v probes="$definition" \
        -v version=1.2.3 -v binary=/usr/bin/python "$@" \
        "$srcdir/scripts/systemtap/tapset/pytrace.stp.in"
}

# body ALIAS: what the tapset on the standard input defines it as.
body() {
    awk -v alias="$1" '$0 == "probe " alias " =" { on = 1 }
        on
        $0 == "}" { on = 0 }'
}

same "the aliases of the eight markers" \
    "python.function.entry python.function.return python.line python.gc.start\
 python.gc.done python.import.start python.import.done python.audit" \
    "$(tapset "$srcdir/probes.d" | sed -n 's/^probe \(.*\) =$/\1/p' |
        tr '\n' ' ' | sed 's/ $//')"
same "frameptr is 0 where the definition has none" \
    'probe python.function.entry =
    process("/usr/bin/python").provider("python").mark("function__entry")
{
    filename = user_string($arg1, "?")
    funcname = user_string($arg2, "?")
    lineno = $arg3
    frameptr = 0
}' "$(tapset "$srcdir/probes.d" | body python.function.entry)"
sed -f "$srcdir/ports/frames.sed" "$srcdir/probes.d" > frames.d
same "frameptr is the fourth argument where the definition has it" \
    '    frameptr = $arg4' \
    "$(tapset frames.d | body python.function.return |
        grep frameptr)"
same "the provider and the binary are those configured" \
    'probe lua.import.done =
    process("lua").provider("lua").mark("import__find__load__done")
{
    modulename = user_string($arg1, "?")
    found = $arg2
}' "$(tapset "$srcdir/probes.d" -v provider=lua -v binary=lua |
        body lua.import.done)"

same "no comment ends before its end" "" \
    "$(tapset "$srcdir/probes.d" | awk '/^\/\*/ { inside = 1 }
        inside && index($0, "*/") && !/\*\/$/
        /\*\/$/ { inside = 0 }')"

cat > own.d << 'EOF'
provider own {
    /* A job is queued. It waits then. */
    probe job__queue__add(char *const name, unsigned long next, const char in);
    probe job__pool__add(const char **names);
    probe idle();
};
EOF
same "a definition's own markers, documented as SystemTap's are" \
    '/**
 * probe own.job.queue.add - A job is queued
 *
 * @name:
 * @next_:
 * @in_:
 *
 * Description: It waits then.
 */
probe own.job.queue.add =
    process("own").provider("own").mark("job__queue__add")
{
    name = user_string($arg1, "?")
    next_ = $arg2
    in_ = $arg3
}' "$(tapset own.d -v binary=own | sed -n '/^\/\*\*$/,/^}/p; /^}/q')"
# Its globals: a script's own argc would change, and argv is an array.
cat > globals.d << 'EOF'
provider own {
    probe start(int argc, char **argv, int argv_1, int argv_1_, int NULL);
};
EOF
same "an argument is no variable that all scripts share" \
    "argc_ argv_ argv_1__ argv_1_ NULL_" \
    "$(tapset globals.d | sed -n 's/^    \([^ ]*\) = .*/\1/p' | tr '\n' ' ' |
        sed 's/ $//')"
same "names that would be the same keep all their parts" \
    "own.job.queue.add own.job.pool.add own.idle" \
    "$(tapset own.d | sed -n 's/^probe \(.*\) =$/\1/p' | tr '\n' ' ' |
        sed 's/ $//')"
for binary in /usr/lib64/libpython3.15.so.1.0 /usr/lib/libpython3.so; do
    same "no alias twice, with SystemTap's own, for $binary" "0" \
        "$(tapset "$srcdir/probes.d" -v binary=$binary |
            grep -c '^probe .*function')"
done
same "SystemTap's own has no alias for a library elsewhere" "2" \
    "$(tapset "$srcdir/probes.d" \
        -v binary=/usr/lib/x86_64-linux-gnu/libpython3.15.so.1.0 |
        grep -c '^probe .*function')"

expected=$(tapset "$srcdir/probes.d")
for other in mawk gawk "gawk --posix" "busybox awk"; do
    if ! have "${other%% *}"; then
        skip "$other writes the same" "there is no ${other%% *}"
        continue
    fi
    same "$other writes the same" "$expected" \
        "$(AWK=$other tapset "$srcdir/probes.d")"
done

# binary_of OPTION...: the binary in the tapset of such a configuration.
binary_of() {
    rm -rf configured
    mkdir configured
    (cd configured && "$srcdir/configure" -q --disable-maintainer-mode \
        CC="$CC" "$@" && "$MAKE" -s "scripts/systemtap/tapset/pytrace-lua.stp") > log 2>&1 ||
        cat log
    sed -n 's/^ *process("\(.*\)")\.provider("lua").*/\1/p' \
        configured/scripts/systemtap/tapset/pytrace-lua.stp | sort -u
}
same "the binary is by default called as the provider" "lua" \
    "$(binary_of --with-provider=lua)"
same "--with-tapset-binary" "/usr/lib/liblua 5.so" "$(binary_of \
    --with-provider=lua --with-tapset-binary='/usr/lib/liblua 5.so')"
for wrong in yes ./lua '/usr/bin/"' '/usr/bin/$x' "/usr/bin/\\"; do
    refuses "--with-tapset-binary=$wrong" \
        "^configure: error: --with-tapset-binary needs a full path or" \
        "$srcdir/configure" -q --with-tapset-binary="$wrong"
done
finish
