#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace check: what a host says of itself (.note.pytrace): which markers it
# fires, several hosts in one file, none, and notes that cannot be read.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

# ---- which markers are fired

nowhere="is built in, and fired nowhere: no source of the host has"
only_a="$good
host p | a s -4 | b -w
fires p a"
judged "a marker that is fired nowhere" "b: $nowhere PYTRACE_B(...)" << EOD
$only_a
EOD
judged "the macro's name has one _ for two" "b__c___d: $nowhere PYTRACE_B_C__D(...)" << EOD
a one 8@%rdi -4@%esi
b__c___d two -8@%rdi
host p | a s -4 | b__c___d -w
fires p a
EOD
none="provider p: no source of the host fires a marker; where generated code or\
 another language does, say --except all"
judged "no marker is fired" "$none" << EOD
$good
host p | a s -4 | b -w
EOD
make_file unfired << EOD
$good
host p | a s -4 | b -w
EOD
says "no marker is fired, and one is excepted" 1 "$none" \
    "$pytrace" check --except a unfired
says "no marker is fired, and each is excepted" 0 \
    "all 2 markers of provider p are well" \
    "$pytrace" check --except a --except b unfired
says "no marker is fired, and all are excepted" 0 \
    "all 2 markers of provider p are well" "$pytrace" check --except all unfired
make_file only_a << EOD
$only_a
EOD
says "a marker that is excepted" 0 "all 2 markers of provider p are well" \
    "$pytrace" check --except b only_a
says "an excepted marker that is fired" 0 \
    "all 2 markers of provider p are well
note: a is fired, although --except names it" \
    "$pytrace" check --except a --except=b only_a
says "all are excepted, and one is fired" 0 \
    "all 2 markers of provider p are well" "$pytrace" check --except all only_a
says "another marker is excepted" 1 "b: $nowhere PYTRACE_B(...)
note: a is fired, although --except names it" "$pytrace" check --except a only_a
says "an exception of no marker" 2 "all 2 markers of provider p are well
pytrace check: --except c: no host here has a marker of this name" \
    "$pytrace" check --except all --except c only_a
make_file called << EOD
$good
host p | a s -4 | b -w
calls p a
EOD
says "a marker whose function is called" 0 \
    "all 2 markers of provider p are well
note: the sources fire no marker by its macro, and call a function instead:\
 whether the other markers (1) are fired cannot be judged" "$pytrace" check called
make_file called_and_fired << EOD
$good
c four
host p | a s -4 | b -w | c
calls p a
fires p b
EOD
says "a host has macros, and one function is called" 1 \
    "c: $nowhere PYTRACE_C(...)" "$pytrace" check called_and_fired
well "markers that are fired and called, several times" << EOD
$good
host p | a s -4 | b -w
fires p a
calls p b
fires p a
fires p b
EOD
judged "a marker that the runtime does not have" "provider p: a source fires c,\
 which the runtime does not have: header and runtime are of different\
 definitions" << EOD
$good
$host
fires p c
EOD
judged "records of a provider that has no runtime" \
    "all 2 markers of provider p are well
this file: its sources fire\
 markers of provider q, whose runtime is not in it, or has lost its note" << EOD
$good
$host
fires q x
fires q y
EOD

# ---- hosts of a file

make_file two << EOD
$good
q:x three -4@%edi
host q | x -4
fires q x
$host
EOD
says "two hosts in one file" 0 "all 2 markers of provider p are well
all 1 markers of provider q are well" "$pytrace" check two
make_file one_short << EOD
$good
q:x three -4@%edi
q:y four -4@%edi
host q | x -4 | y -4
fires q y
$host
EOD
says "two hosts in one file, and one falls short" 1 \
    "all 2 markers of provider p are well
x: $nowhere PYTRACE_X(...)" "$pytrace" check one_short
judged "a runtime that is linked in twice" "provider p: its runtime is linked in\
 2 times, and each copy sees a part of the events: link it once" << EOD
$good
$host
host p | a s -4 | b -w
EOD

# ---- the recorder

# recorders FILE: what the table and the JSON say of each host's.
recorders() {
    "$pytrace" check "$1" | sed -n 's/^  \(.* recorder.*\)/\1/p'
    "$pytrace" check --json "$1" | grep -o '"recorder": [a-z]*'
}
make_file recorded << EOD
$good
q:x three -4@%edi
host q=two | x -4
fires q x
$host
EOD
same "a host with a recorder, and one without" \
    "provider p has no recorder
provider q has a recorder: pytrace record
\"recorder\": false
\"recorder\": true" "$(recorders recorded)"
says "a host without a recorder is well" 0 \
    "all 2 markers of provider p are well
all 1 markers of provider q are well" "$pytrace" check recorded

# ---- no host

foreign="this file: is no pytrace host: it has no note of one (.note.pytrace);\
 if its markers are in a library, check that"
make_file foreign << EOD
nohost
$good
q:x three 8@%rdi
EOD
says "a file with markers that is no host" 1 "$foreign" "$pytrace" check foreign
says "exceptions are not judged where there is no host" 1 "$foreign" \
    "$pytrace" check --except line foreign
same "its markers are listed all the same" "-  p:a  8@%rdi -4@%esi
-  p:b  -8@%rdi
-  q:x  8@%rdi" "$(sed -n 's/^  \(-  [a-z:]*\) *0x[0-9a-f]*  *0x[0-9a-f]* */\1  /p' out)"
make_file empty << EOD
nohost
EOD
says "a file without markers" 1 "$foreign" "$pytrace" check empty
says "a library of the system" 1 "$foreign" "$pytrace" check \
    "$(ldd "$pytrace" | sed -n 's/.*libc[^ ]* => \([^ ]*\).*/\1/p')"

# ---- notes that cannot be read

# unreadable NAME REASON < LIST
unreadable() {
    make_file unreadable
    says "$1" 2 "pytrace check: unreadable: note $2" "$pytrace" check unreadable
}
unreadable "a host of a later version" "1 in .note.pytrace is of a later\
 version: it was made by a newer pytrace, which reads it" << EOD
$good
nohost
note 1 .4byte 2, 1
EOD
unreadable "a host without a version" \
    "1 in .note.pytrace is too short for its version" << EOD
nohost
note 1 .2byte 1
EOD
unreadable "a host without markers" "1 in .note.pytrace has no markers" << EOD
nohost
note 1 .4byte 1, 0; .8byte 0
EOD
unreadable "a host of more markers than there is room for" \
    "1 in .note.pytrace is too short for its markers" << EOD
nohost
note 1 .4byte 1, 0xffffffff; .8byte 0, 0
EOD
unreadable "more markers than are read" \
    "1 in .note.pytrace brings the file to more markers than are read" << EOD
nohost
note 1 .4byte 1, 65537; .zero 8 * 65538
EOD
unreadable "a host whose strings do not end" \
    "1 in .note.pytrace has strings that do not end" << EOD
nohost
note 1 .4byte 1, 1; .8byte 0, 0; .asciz "1.0.0", "p", "a"; .ascii "s"
EOD
unreadable "a host without a provider" \
    "1 in .note.pytrace has no provider or no name" << EOD
nohost
note 1 .4byte 1, 1; .8byte 0, 0; .asciz "1.0.0", "", "a", "s", "", ""
EOD
for shape in x 3 ss --4 -s; do
    unreadable "an argument of the kind '$shape'" \
        "1 in .note.pytrace has an argument of a kind that is not known here" \
        << EOD
nohost
note 1 .4byte 1, 1; .8byte 0, 0; .asciz "1.0.0", "p", "a", "s $shape", "", ""
EOD
done
unreadable "a record without a marker" \
    "2 in .note.pytrace has no provider or no name" << EOD
nohost
fires p a
note 2 .asciz "p", ""
EOD
unreadable "a record whose strings do not end" \
    "1 in .note.pytrace has strings that do not end" << EOD
nohost
note 3 .asciz "p"; .ascii "a"
EOD
well "notes of other owners and types, and padding" << EOD
$good
note 7 .4byte 1
note 7 .4byte 1; 2: .balign 4; .zero 4; .4byte 4, 0, 1; .asciz "GNU"
$host
EOD
finish
