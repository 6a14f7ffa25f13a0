#!/bin/sh
# SPDX-License-Identifier: MIT
# The examples of docs/embedding.md are the ones of tests/embedding, and these
# compile, fire what they should, and keep the promises of the markers.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "examples for hosts"
here=$srcdir/tests/embedding
page=$srcdir/docs/embedding.md
cd "$work" || exit 1

# ---- what the document has

# regions FILE: what is between two lines "docs", indented as in the document;
# a line "END" behind each.
regions() {
    $AWK '
        /^ *\/\* ---- docs ---- \*\/$/ {
            if (is_in)
                print "END"
            is_in = !is_in
            next
        }
        is_in { print ($0 == "" ? "" : "    " $0) }' "$1"
}

for file in fibers.c library.c loop.c names.c recursive.c; do
    regions "$here/$file" > part
    same "$file: the document has each of its examples, line by line" "" "$(
        $AWK '
            BEGIN { count = 0 }
            NR == FNR {
                if ($0 == "END")
                    count++
                else
                    part[count] = part[count] $0 "\n"
                next
            }
            { page = page $0 "\n" }
            END {
                if (count == 0)
                    print "there is none"
                for (i = 0; i < count; i++)
                    if (index(page, "\n\n" part[i] "\n") == 0)
                        print "not in the document:\n" part[i]
            }' part "$page" | sed '1!s/^    //')"
done

# ---- what they fire

compile() {
    "${CC:-gcc}" -std=c11 -O2 -Wall -Wextra -Wpedantic -Werror \
        -I"$builddir/include" "$@"
}
build_twice() {
    compile -c -DTRACED=0 -o plain.o "$here/loop.c" &&
        compile -c -DTRACED=1 -o traced.o "$here/loop.c" &&
        compile -o twice "$here/twice.c" plain.o traced.o \
            "$builddir/libpytrace.a"
}
for name in recursive fibers names; do
    succeeds "$name: compiles" compile -o $name "$here/$name.c" \
        "$builddir/libpytrace.a"
done
succeeds "twice: compiles, as two files" build_twice
succeeds "twice: compiles, as one file" compile -DONE_FILE -o once \
    "$here/twice.c" "$builddir/libpytrace.a"
case $(${CC:-gcc} -dumpmachine) in
x86_64-*)
    for other in plain:traced traced:plain; do
        same "a loop jumps to the other, with no more of the C stack" "jmp" \
            "$(objdump -dr --no-show-raw-insn "${other%:*}.o" |
                $AWK -v other="run_${other#*:}" '
                /\t(call|jmp|j[a-z]+) / { instruction = $2 }
                index($0, other) && /R_X86_64/ { print instruction }' |
                sort -u)"
    done ;;
*) skip "a loop jumps to the other" "it is for x86-64" ;;
esac

if ! why=$(can_record); then
    skip "what the examples fire" "$why"
    finish
fi
PATH=$builddir:$PATH
export PATH

# events COMMAND...: what it fires, without times and threads.
events() {
    "$pytrace" record -o events.rec -- "$@" > log 2>&1
    "$pytrace" print events.rec |
        sed '/^#/d; s/^ *[0-9.]* *[0-9]* *//; s/  */ /'
}
for name in recursive fibers names twice; do
    same "$name: fires what it should" "$(cat "$here/$name.expected")" \
        "$(events ./$name)"
    succeeds "$name: keeps the promises" "$pytrace" verify -- ./$name
done
same "once: fires the same as twice" "$(cat "$here/twice.expected")" \
    "$(events ./once)"

# It ends when it was traced for a while: its loop was running before.
./twice running > said &
running=$!
trap 'kill $running 2> /dev/null' EXIT
wait_said said $running ready
timeout 300 "$pytrace" record --full block -o running.rec -p $running > log 2>&1
same "a loop that runs is handed over" "lines of callee and main" \
    "lines of $("$pytrace" print running.rec |
        sed -n 's/.* line .*funcname="\([a-z]*\)".*/\1/p' | sort -u |
        paste -sd ' ' - | sed 's/ / and /')"

# ---- a library: the document's own commands

cp "$here"/library.[ch] "$here/program.c" .
succeeds "the bundle is made" "$pytrace" new bundle
cp bundle/pytrace_probes.? .
sed -n '/^### A host that is a library/,/^##* /p' "$page" |
    sed -n 's/^    \(cc .*\)/\1/p; s/^    \(pytrace check .*\)/\1/p' > commands
same "the document has the commands" "3" "$(grep -c . commands)"
sed -e "s|^cc |${CC:-gcc} -Wall -Wextra -Werror |" \
    -e 's/^pytrace check/& --except all/' commands > run
succeeds "a library: compiles, and has its markers" sh -e ./run
same "a library: the program's events" 'audit event="start" tuple=0x0
function__entry filename="main.t" funcname="<main>" lineno=1
function__return filename="main.t" funcname="<main>" lineno=1' "$(events ./toy)"
same "a library: the executable has no markers" "" \
    "$(readelf -nW toy | grep stapsdt)"

# ---- the simple way: the document's own commands

sed -n '/^## The simple way/,/^## Choose/p' "$page" |
    sed -n 's/^    \(pytrace new .*\)/\1/p; s/^    \(make .*\)/\1/p' > commands
same "the document has the commands of the simple way" "2" \
    "$(grep -c . commands)"
succeeds "the simple way" sh -e ./commands
finish
