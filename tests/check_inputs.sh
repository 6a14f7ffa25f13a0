#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace check: files that cannot be read, wrong command lines, and bounds.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

# ---- what is no file that can be read

unreadable() {
    says "$1" 2 "pytrace check: $2" "$pytrace" check "$3"
}
mkfifo fifo
: > empty
ln -s loop loop
echo "#!/bin/sh" > script
ar rc archive.a good.o
# A core dump but for its type, at 16.
cp good core
printf '\004' | dd of=core bs=1 seek=16 conv=notrunc 2> dd.log
objcopy --strip-section-headers good headless 2> objcopy.log || {
    cp good headless
    dd if=/dev/zero of=headless bs=1 seek=40 count=8 conv=notrunc 2> dd.log
}
unreadable "a directory" ".: is a directory, not a file" .
unreadable "a FIFO" "fifo: is a FIFO, not a file" fifo
unreadable "a device" "/dev/null: is a device, not a file" /dev/null
unreadable "an empty file" "empty: is empty" empty
unreadable "no file" "nowhere: cannot be opened: No such file or directory" \
    nowhere
unreadable "a link to itself" \
    "loop: cannot be opened: Too many levels of symbolic links" loop
echo "#!/bin/sh" > "$(printf 'red\033[31m')"
unreadable "a name that would lead the terminal is shown" \
    'red\x1b[31m: is not an ELF file' "$(printf 'red\033[31m')"
unreadable "a script" "script: is not an ELF file" script
unreadable "an archive" "archive.a: is an archive of object files, which nothing\
 traces; check the program or library that is linked with it" archive.a
unreadable "an object file" "good.o: is an object file, whose addresses are not\
 known yet; check what is linked from it" good.o
unreadable "a core dump" "core: is a core dump, which has no notes of markers;\
 check the program that it is of" core
unreadable "a file without section headers" "headless: has no section headers,\
 without which no tracer finds its markers" headless

debug="is a separate debug file, without the code; check the program or library\
 that it is of"
objcopy --only-keep-debug good debug
unreadable "a separate debug file" "debug: $debug" debug
if have llvm-objcopy; then
    llvm-objcopy --only-keep-debug good llvm.debug
    unreadable "a separate debug file of llvm's" "llvm.debug: $debug" llvm.debug
fi
if have llvm-strip; then
    llvm-strip --strip-sections -o llvm.headless good
    unreadable "a file without section headers by llvm-strip" "llvm.headless: has\
 no section headers, without which no tracer finds its markers" llvm.headless
fi

# hostile NAME REASON OFFSET BYTES: the good file, with these bytes there.
hostile() {
    cp good hostile
    printf '%b' "$4" | dd of=hostile bs=1 seek="$3" conv=notrunc 2> dd.log
    unreadable "$1" "hostile: $2" hostile
}
headers=$(readelf -hW good | sed -n 's/.*Start of section headers: *\([0-9]*\).*/\1/p')
size=$(wc -c < good)
hostile "an unknown class" "is an ELF file of the unknown class 3" 4 '\0003'
hostile "an unknown byte order" "is an ELF file of the unknown byte order 0" \
    5 '\0000'
hostile "an unknown type" "is an ELF file of type 9, neither an executable nor\
 a library" 16 '\0011'
hostile "no names of sections" "has no names of sections, without which no\
 tracer finds its markers" 62 '\0000\0000'
hostile "no sections" "has no section headers, without which no tracer finds\
 its markers" 60 '\0000\0000'
hostile "section headers behind the end" "is cut short: it has $size bytes, and\
 its section headers begin at 16777216" 40 '\0000\0000\0000\0001'
hostile "more section headers than there is room for" "is cut short: it has\
 $size bytes, and its 255 section headers begin at $headers" 60 '\0377'
# (The true number of many is in the first one's size.)
cp good hostile
printf '\000\000' | dd of=hostile bs=1 seek=60 conv=notrunc 2> dd.log
printf '\377\377\377\377\377' |
    dd of=hostile bs=1 seek=$((headers + 32)) conv=notrunc 2> dd.log
unreadable "an absurd number of sections" "hostile: says that it has\
 1099511627775 sections; more than 65536 are not read" hostile
section() {
    printf '%d' "0x$(readelf -SW good | sed 's/^ *\[ *[0-9]*\]//' |
        awk -v field="$1" '$1 == ".note.stapsdt" { print $field }')"
}
notes=$(section 4)
hostile "a note longer than its section" "note 1 in .note.stapsdt is cut short:\
 its sizes are 8 and 4294967295, and $(($(section 5) - 12)) bytes are left" \
    $((notes + 4)) '\0377\0377\0377\0377'
hostile "a note without room for its addresses" \
    "note 1 in .note.stapsdt is too short for its three addresses" \
    $((notes + 4)) '\0004'
hostile "a note whose strings do not end" \
    "note 1 in .note.stapsdt has strings that do not end" \
    $((notes + 4)) '\0032'
hostile "a note without a name" \
    "note 1 in .note.stapsdt has no provider or no name" \
    $((notes + 12 + 8 + 24)) '\0000'

# (SHF_COMPRESSED, in the flags of the section's header.)
for name in stapsdt pytrace; do
    index=$(readelf -SW good |
        sed -n "s/^ *\[ *\([0-9]*\)\] \.note\.$name .*/\1/p")
    hostile "a compressed section .note.$name" "has a section .note.$name that is\
 compressed, so that no tracer reads it" $((headers + 64 * index + 9)) '\0010'
done

# Cut anywhere: exit status 2, and the file named; never anything else.
python3 -I - "$pytrace" good << 'EOD' > out 2>&1
"""Cut a file short at every length, and set each byte of its headers to ff."""
import random
import subprocess
import sys

pytrace, good = sys.argv[1:]
data = open(good, "rb").read()
random.seed(1)
ran = 0


def run(bytes_, statuses, what):
    global ran
    with open("cut", "wb") as file:
        file.write(bytes_)
    done = subprocess.run([pytrace, "check", "cut"], timeout=20,
                          capture_output=True)
    ran += 1
    if done.returncode not in statuses or \
            (done.returncode == 2) != done.stderr.startswith(
                b"pytrace check: cut: "):
        print(what, "exit status", done.returncode, done.stderr)


for length in list(range(0, 80)) + list(range(80, len(data), 97)):
    run(data[:length], [2], "cut at %d:" % length)
for at in list(range(4, 64)) + list(range(len(data) - 256, len(data))):
    run(data[:at] + b"\xff" + data[at + 1:], [0, 1, 2], "ff at %d:" % at)
for _ in range(100):
    run(random.randbytes(random.randrange(1, 4096)), [2], "random bytes:")
print("done", ran > 400)
EOD
same "a file cut short anywhere, with wild headers, or of random bytes" \
    "done True" "$(cat out)"

# Many notes, within 256 MiB of memory and a minute; then more than are read.
list_of() {
    make_notes flood 64 << EOD
a one
b two
EOD
    sed "/^.section .note.stapsdt,/,/^2: /{
        s/^.section .note.stapsdt,.*/&\n.rept $1/; s/^2: .balign 4/&\n.endr/
        s/2f - 1f/29/; s/^1://; s/^2://
    }" flood.s > flood_many.s
    as --64 -o flood.o flood_many.s
    link_small "ld -m elf_x86_64" flood flood.o
}
list_of 37000
says "74,000 notes, in bounded memory and time" 1 \
    "a: has 37000 sites, where one is expected" \
    sh -c 'ulimit -v 262144; timeout 60 "$0" check flood > all
        status=$?
        sed -e "/^  b: /d" -e "/^  a: has 0/d" -e "/^  a: [0-9]* more/d" all
        exit $status' "$pytrace"
list_of 45000
unreadable "more notes than are read" "flood: has more than 4194304 bytes of\
 notes; these are not read" flood

# As many hosts and records, each of a provider of its own.
{
    echo "$good"
    echo "$host"
    i=0
    while [ $i -lt 15000 ]; do
        echo "host p$i | a=one"
        echo "fires p$i a"
        echo "fires q$i a"
        i=$((i + 1))
    done
} | make_file crowd
same "15,000 hosts and 30,000 records, in bounded memory and time" \
    "exit status 1, 15000 hosts without a marker, 15000 records without a host" \
    "$(sh -c 'ulimit -v 262144; timeout 60 "$0" check crowd > all
        echo "exit status $?"' "$pytrace"), $(grep -c '^  none of the 1' all) hosts\
 without a marker, $(awk '/its sources fire/ { n++ }
        /^  this file: [0-9]* more/ { n += $3 } END { print n }' all) records\
 without a host"

# A file that is cut while it is being read; its name would clear the screen.
if have gdb; then
    shrinking=$(printf 'shrinking\033c')
    export shrinking
    cp good "$shrinking"
    says "a file that shrinks meanwhile" 2 \
        'pytrace: shrinking\x1bc: changed while it was being read' \
        sh -c 'gdb -nx -batch -ex "set startup-with-shell off" \
            -ex "break image_read" -ex "handle SIGBUS nostop noprint pass" \
            -ex run -ex "shell : > \"\$shrinking\"" -ex continue \
            -ex "quit \$_exitcode" \
            --args "$0" check "$shrinking"' "$pytrace"
else
    skip "a file that shrinks meanwhile" "there is no gdb"
fi

# ---- the command line

wrong() {
    name=$1 said=$2
    shift 2
    says "$name" 2 "$said" "$pytrace" check "$@"
}
see="; see pytrace check --help"
wrong "no file" "pytrace check: name a file to check, or a process with -p$see"
wrong "an unknown option" \
    "$("$pytrace" check --nonsense 2>&1 | head -n 1)
pytrace check: this command line is wrong$see" --nonsense
wrong "a process and a file" \
    "pytrace check: with -p, no file is named: good$see" -p 1 good
wrong "two processes" \
    "pytrace check: -p names one process, and not another one: 2$see" -p 1 -p 2
for pid in 0 -1 1x "" 99999999999999999999; do
    wrong "no process is called '$pid'" \
        "pytrace check: not the number of a process: $pid$see" -p "$pid"
done
wrong "an option without its argument" \
    "$("$pytrace" check --except 2>&1 | head -n 1)
pytrace check: this command line is wrong$see" --except
succeeds "--help" "$pytrace" check --help
says "output that cannot be written" 2 \
    "pytrace check: the standard output: cannot be written" \
    sh -c '"$0" check good > /dev/full' "$pytrace"
finish
