#!/bin/sh
# pytrace-check: what it says of good and bad files, of processes, and of files
# that are none.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

check=$builddir/pytrace-check
if [ ! -x "$check" ]; then
    skip "pytrace-check" "it was not built: libelf-dev, or the markers, are \
missing"
    finish
fi
need "pytrace-check" as ld readelf python3
case $(uname -m) in
x86_64) ;;
*)
    skip "pytrace-check" "this is not x86-64, whose files it is tried with"
    finish ;;
esac
cd "$work" || exit 1

# ---- files made for the purpose

cat > two.d <<'EOD'
provider p {
    probe a(const char *name, int number);
    probe b(long number);
};
EOD
small="-shared -z relro -z max-page-size=256 -z common-page-size=256"

# make_notes NAME BITS [OPTION...] < LIST: an assembler source (notes.awk).
make_notes() {
    source=$1 bits=$2
    shift 2
    $AWK -f "$srcdir/tests/check/notes.awk" -v bits="$bits" "$@" - \
        > "$source.s"
}

# make_file NAME [OPTION...] < LIST: a shared library for x86-64.
make_file() {
    file=$1
    shift
    make_notes "$file" 64 "$@"
    # shellcheck disable=SC2086
    as --64 -o "$file.o" "$file.s" && ld -m elf_x86_64 $small -o "$file" \
        "$file.o" 2> ld.log || fail "$file can be made" "$(cat ld.log)"
}

# says NAME STATUS EXPECTED COMMAND...: its exit status, and what it says of
# shortfalls, or on stderr, with ADDRESS for addresses.
says() {
    name=$1 status=$2 expected=$3
    shift 3
    came=0
    "$@" > out 2> err || came=$?
    same "$name" "exit status $status
$expected" "exit status $came
$({
        sed -n -e 's/^  \(.* are well\)$/\1/p' -e 's/^  \(none of .*\)/\1/p' \
            -e '/fall short:$/,/:$/{
                /^  [a-z_A-Z0-9]*: /s/^  //p
            }' out
        cat err
    } | sed 's/0x[0-9a-f]*/ADDRESS/g')"
}

# judged NAME EXPECTED < LIST: a library of these sites against two.d.
judged() {
    make_file judged
    says "$1" 1 "$2" "$check" --probes two.d judged
}

good='a one 8@%rdi -4@%esi
b two -8@%rdi'
make_file good << EOD
$good
EOD
says "a good file is well" 0 "all 2 markers of provider p are well" \
    "$check" --probes two.d good

# ---- each shortfall

judged "a marker that is missing" "b: is missing" << EOD
a one 8@%rdi -4@%esi
EOD
judged "a marker that is there twice" "a: has 2 sites, where one is expected" \
    << EOD
$good
a one 8@%rdi -4@%esi
EOD
judged "no marker at all" "none of the 2 markers of provider p is there" << EOD
q:a one 8@%rdi
EOD
judged "sizes, signs and numbers of arguments" \
    "a: argument 1 has 4 bytes, unsigned; the definition says 8, unsigned
a: argument 2 has 4 bytes, unsigned; the definition says 4, signed
a: has 3 arguments; the definition says 2
b: has 0 arguments; the definition says 1" << EOD
a one 4@%edi 4@%esi 8@%rdx
b two
EOD
judged "an argument without a size" "a: argument 1 does not say its size" << EOD
a one %rdi -4@%esi
b two -8@%rdi
EOD
judged "which of two sites is wrong" "a: has 2 sites, where one is expected
a: argument 2 has 8 bytes, signed at ADDRESS; the definition says 4, signed" \
    << EOD
$good
a one 8@%rdi -8@%rsi
EOD
for place in "none:has no semaphore, so that its guard never learns of a tracer" \
    "readonly:its semaphore ADDRESS is not in a writable mapping (PT_LOAD with\
 PF_W)" \
    "text:its semaphore ADDRESS is not in a writable mapping (PT_LOAD with\
 PF_W)" \
    "relro:its semaphore ADDRESS becomes read-only when the program starts\
 (PT_GNU_RELRO)" \
    "bss:its semaphore ADDRESS is in memory that is not in the file, where the\
 kernel does not count" \
    "odd:its semaphore ADDRESS has an odd address, which the kernel refuses" \
    "0x7fffffffffffffff:its semaphore ADDRESS is in no mapping of the file" \
    "0xffffffffffffffff:its semaphore ADDRESS is in no mapping of the file"; do
    judged "a semaphore: ${place%%:*}" "b: ${place#*:}" << EOD
a one 8@%rdi -4@%esi
b ${place%%:*} -8@%rdi
EOD
done
judged "a semaphore that two markers share" \
    "a: its semaphore ADDRESS is also that of p:b
b: its semaphore ADDRESS is also that of p:a" << EOD
a one 8@%rdi -4@%esi
b one -8@%rdi
EOD
judged "a semaphore shared with another provider" \
    "b: its semaphore ADDRESS is also that of q:x" << EOD
$good
q:x two
EOD
judged "a site that is no code" \
    "a: its site ADDRESS is in no executable mapping (PT_LOAD with PF_X)" << EOD
data a one 8@%rdi -4@%esi
b two -8@%rdi
EOD
{
    i=0
    while [ $i -lt 12 ]; do
        echo "a one 8@%rdi -8@%rsi"
        i=$((i + 1))
    done
    echo "b two -8@%rdi"
} > many
make_file many_sites < many
says "of many shortfalls, eight are said" 1 \
    "a: has 12 sites, where one is expected
$(yes "a: argument 2 has 8 bytes, signed at ADDRESS; the definition says 4,\
 signed" | head -n 7)
a: 5 more of this kind" "$check" --probes two.d many_sites

# ---- what is said beside

make_file others << EOD
$good
c three
q:x three
r:y four
EOD
"$check" --probes two.d others > out
same "other providers and markers are named" \
    "  other markers of the provider: c
  other providers: q, r" "$(grep '^  other' out)"
says "--provider names another one" 1 \
    "none of the 2 markers of provider q is there" \
    "$check" --probes two.d --provider q good
make_file signs << EOD
a one -1@%al
b two 1@%al
EOD
printf 'provider p { probe a(char c); probe b(char c); };\n' > char.d
says "a plain char has either sign" 0 "all 2 markers of provider p are well" \
    "$check" --probes char.d signs
make_file moved -v moved=4096 << EOD
$good
EOD
"$check" --probes two.d good | sed 1d > unmoved
"$check" --probes two.d moved | sed 1d > out
same "addresses are those after prelink" "$(cat unmoved)" "$(cat out)"
strip -o stripped good
"$check" --probes two.d stripped | sed 1d > out
same "a stripped file has them still" "$(cat unmoved)" "$(cat out)"

# ---- operands, by processor

# The same bytes, for another processor: set e_machine, at 18.
patch_machine() {
    if [ "$3" = big ]; then
        printf "\\000\\$(printf %o "$2")"
    else
        printf "\\$(printf %o "$2")\\000"
    fi | dd of="$1" bs=1 seek=18 conv=notrunc 2> dd.log
}

make_x86() {
    as --64 -o o.o operands.s && ld -m elf_x86_64 $small -o operands o.o
}
make_arm() {
    as --32 -o o.o operands.s && ld -m elf_i386 $small -o operands o.o &&
        patch_machine operands 40 little
}
make_riscv() {
    make_x86 && patch_machine operands 243 little
}
make_unknown() {
    make_x86 && patch_machine operands 250 little
}
make_aarch64() {
    aarch64-linux-gnu-as -o o.o operands.s &&
        aarch64-linux-gnu-ld $small -o operands o.o
}
make_ppc() {
    powerpc-linux-gnu-as -a32 -o o.o operands.s &&
        powerpc-linux-gnu-ld -m elf32ppc $small -o operands o.o
}
make_ppc64() {
    powerpc-linux-gnu-as -a64 -o o.o operands.s &&
        powerpc-linux-gnu-ld -m elf64ppc $small -o operands o.o
}
make_s390() {
    make_ppc64 && patch_machine operands 22 big
}

# operands NAME BITS ORDER PROCESSOR < "OPERAND | what is said": each is the
# argument of a marker of its own, in a file for that processor.
operands() {
    sed 's/ *| */|/' > table
    {
        echo "provider p {"
        awk '{ print "probe o" NR "(long n);" }' table
        echo "};"
    } > operands.d
    awk -F '|' '{ print "o" NR, "three", "-" size "@" $1 }' \
        size=$(($2 / 8)) table > list
    make_notes operands "$2" < list
    if ! "make_$1" 2> ld.log; then
        fail "operands, $1" "$(cat ld.log)"
        return
    fi
    # (They share a semaphore, which is not the question here.)
    "$check" --probes operands.d operands > out
    same "operands, $1" "$2-bit, $3-endian, $4
$(cat table)" "$(sed -n '1s/[^:]*: //p' out)
$(sed -n "s/^  o\([0-9]*\): argument 1, '.*', \(.*\)/\1|\2/p" out |
        awk -F '|' 'FILENAME != "table" { said[$1] = $2; next }
            { print $1 "|" said[FNR] }' - table)"
}

operands x86 64 little x86-64 << 'EOD'
%rdi                | 
%r15d               | 
-8(%rbp)            | 
(%rax)              | 
$1                  | is a constant, which perf passes over
$-1                 | is a constant, which perf passes over
(%rax,%rcx,4)       | has an index register, which perf and older libbpf do not read
-8(%rax,%rcx)       | has an index register, which perf and older libbpf do not read
sym(%rip)           | names a symbol, which perf, libbpf and gdb do not read
sym+8(%rip)         | names a symbol, which perf, libbpf and gdb do not read
16+sym(%rip)        | names a symbol, which perf, libbpf and gdb do not read
4096                | is an address without a register, which bcc, libbpf and perf do not read
sym                 | is an address without a register, which bcc, libbpf and perf do not read
%ah                 | is in none of the forms that tracers read
%xmm0               | is in none of the forms that tracers read
%fs:8               | is in none of the forms that tracers read
8(%rdi              | is in none of the forms that tracers read
%rdi junk           | is in none of the forms that tracers read
%rdirdirdirdi       | is in none of the forms that tracers read
                    | is in none of the forms that tracers read
EOD
operands arm 32 little arm << 'EOD'
r0                  | 
fp                  | 
[r7, #4]            | 
[r7]                | 
#-1                 | 
[r1, r2]            | has an index register, which libbpf does not read
[r1, r2, lsl #2]    | has an index register, which libbpf does not read
%rdi                | is in none of the forms that tracers read
EOD
operands riscv 64 little riscv << 'EOD'
a0                  | 
-8(s0)              | 
5                   | 
x10                 | is in none of the forms that tracers read
EOD
operands unknown 64 little "processor 250, whose operands are not judged" \
    << 'EOD'
anything            | 
EOD
if have aarch64-linux-gnu-as; then
    operands aarch64 64 little aarch64 << 'EOD'
x0                  | 
[sp, 16]            | 
[sp]                | 
3                   | is a constant, which perf passes over
[x29, 16]           | is memory at another register than sp, which perf passes over
[x0, x1]            | has an index register, which bcc, libbpf and perf do not read
[x0, w1, sxtw 3]    | has an index register, which bcc, libbpf and perf do not read
w0                  | is in none of the forms that tracers read
EOD
else
    skip "operands, aarch64" "there is no binutils-aarch64-linux-gnu"
fi
if have powerpc-linux-gnu-as; then
    operands ppc 32 big ppc << 'EOD'
3                   | 
%r31                | 
32(%r1)             | 
-8(31)              | 
i5                  | is a constant, which perf passes over
9,10                | has an index register, which perf passes over
x0                  | is in none of the forms that tracers read
EOD
    operands ppc64 64 big ppc64 << 'EOD'
3                   | 
32(%r1)             | 
EOD
    operands s390 64 big s390 << 'EOD'
%r2                 | 
160(%r15)           | 
7                   | 
0(%r2,%r3)          | has an index register, which libbpf does not read
%rdi                | is in none of the forms that tracers read
EOD
else
    skip "operands, big-endian" "there is no binutils-powerpc-linux-gnu"
fi

# ---- of 32 bits, and in the other byte order

foreign() {
    says "$1: a pointer and a long have 4 bytes" 0 \
        "all 2 markers of provider p are well" "$check" --probes two.d "$2"
    says "$1: 8 bytes are too many" 1 \
        "b: argument 1 has 8 bytes, signed; the definition says 4, signed" \
        "$check" --probes two.d "$2.wrong"
}
small_list() {
    echo "a one 4@$1 -4@$1"
    echo "b two -$2@$1"
}
small_list %edi 4 | make_notes i386 32
small_list %edi 8 | make_notes i386.wrong 32
for i386 in i386 i386.wrong; do
    # shellcheck disable=SC2086
    as --32 -o o.o $i386.s && ld -m elf_i386 $small -o $i386 o.o
done
foreign "32 bits, little-endian" i386
if have powerpc-linux-gnu-as; then
    small_list 3 4 | make_notes ppc 32
    small_list 3 8 | make_notes ppc.wrong 32
    for ppc in ppc ppc.wrong; do
        # shellcheck disable=SC2086
        powerpc-linux-gnu-as -a32 -o o.o $ppc.s &&
            powerpc-linux-gnu-ld -m elf32ppc $small -o $ppc o.o 2> ld.log
    done
    foreign "32 bits, big-endian" ppc
fi

# ---- JSON

cat > read_json.py <<'EOD'
"""Print what pytrace-check --json says: a line for each marker's site."""
import json
import sys

read = json.load(sys.stdin)
for file in read["files"]:
    if "error" in file:
        print("error", file["error"])
    for marker in file.get("markers", []):
        assert marker["present"] == bool(marker["sites"])
        assert marker["well"] == (not marker["shortfalls"])
        for site in marker["sites"]:
            print(marker["name"], int(site["address"], 16),
                  int(site["semaphore"] or "0", 16),
                  *("%s%d@%s" % ("-" if argument["signed"] else "",
                                 argument["bytes"],
                                 ascii(argument["operand"])[1:-1])
                    for argument in site["arguments"]))
        for text in marker["shortfalls"]:
            print(marker["name"] + ":", ascii(text)[1:-1])
print(read["outcome"])
EOD
json() {
    "$check" --json "$@" 2> err | python3 read_json.py 2>&1
}

# The same from readelf.
read_notes() {
    readelf -nW "$1" | awk '
        function number(hex,    i, n) {
            for (i = 3; i <= length(hex); i++)
                n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        $1 == "Name:" { name = $2 }
        $1 == "Location:" { sub(/,/, "", $2); pc = number($2)
            semaphore = number($NF) }
        $1 == "Arguments:" { sub(/ *Arguments: */, "")
            print name, pc, semaphore, $0 }'
}
# What readelf -n shows must be what comes out, of every file that is there.
for file in "lua $lua" "lua $liblua" "lua $lua.stripped" "python $cpython" \
    "python $libcpython"; do
    provider=${file%% *} file=${file#* }
    definition=$srcdir/probes.d
    [ "$provider" = lua ] || definition=$srcdir/ports/frames.d
    case $file in
    *.stripped)
        [ ! -x "$lua" ] || strip -o "$work/lua.stripped" "$lua"
        file=$work/lua.stripped ;;
    esac
    name=$(basename "$file")
    if [ ! -e "$file" ]; then
        skip "JSON of $name is what readelf shows" "it could not be built"
        continue
    fi
    same "JSON of $name is what readelf shows" "$(read_notes "$file")
all well" "$(json --provider "$provider" --probes "$definition" "$file")"
done
if [ -x "$lua" ]; then
    same "the configured definition is that of probes.d" \
        "$("$check" --provider lua --probes "$srcdir/probes.d" --json "$lua")" \
        "$("$check" --provider lua --json "$lua")"
    says "a port's build has run it" 0 "all 8 markers of provider lua are well" \
        "$builddir/ports/lua/prefix/bin/pytrace-check" "$lua" 
    refuses "a port's build fails where it falls short" \
        "none of the 8 markers of provider lua is there" \
        sh -c '. "$0" && cd "$1" && check_markers "$2"' "$srcdir/ports/lib.sh" \
        "$builddir/ports/lua" "$unpatched_lua"
fi
make_file strange << 'EOD'
a one 8@\"\\\\\t\001\033\303\251\377\342\202 -4@%esi
b two -8@%rdi
EOD
same "JSON of strange bytes" 'a 8@"\\\\\t\x01\x1b\xe9\ufffd\ufffd\ufffd -4@%esi' \
    "$(json --probes two.d strange | sed -n 's/^a [0-9]* [0-9]* /a /p')"
"$check" --probes two.d strange > out
same "the table of strange bytes" \
    '8@"\\\x09\x01\x1b\xc3\xa9\xff\xe2\x82 -4@%esi' \
    "$(sed -n 's/^  short  a .*  \(8@.*\)/\1/p' out)"
same "JSON of several files, one of them none" "error is a directory, not a file
unreadable" "$(json --probes two.d good . good | grep -v '^[ab] ')"

# ---- what is no file that can be read

unreadable() {
    says "$1" 2 "pytrace-check: $2" "$check" --probes two.d "$3"
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
unreadable "a script" "script: is not an ELF file" script
unreadable "an archive" "archive.a: is an archive of object files, which nothing\
 traces; check the program or library that is linked with it" archive.a
unreadable "an object file" "good.o: is an object file, whose addresses are not\
 known yet; check what is linked from it" good.o
unreadable "a core dump" "core: is a core dump, which has no notes of markers;\
 check the program that it is of" core
unreadable "a file without section headers" "headless: has no section headers,\
 without which no tracer finds its markers" headless

# hostile NAME REASON OFFSET BYTES: the good file, with these bytes there.
hostile() {
    cp good hostile
    printf "$4" | dd of=hostile bs=1 seek="$3" conv=notrunc 2> dd.log
    unreadable "$1" "hostile: $2" hostile
}
headers=$(readelf -hW good | sed -n 's/.*Start of section headers: *\([0-9]*\).*/\1/p')
size=$(wc -c < good)
hostile "an unknown class" "is an ELF file of the unknown class 3" 4 '\003'
hostile "an unknown byte order" "is an ELF file of the unknown byte order 0" \
    5 '\000'
hostile "an unknown type" "is an ELF file of type 9, neither an executable nor\
 a library" 16 '\011'
hostile "section headers behind the end" "is cut short: it has $size bytes, and\
 its section headers begin at 16777216" 40 '\000\000\000\001'
hostile "more section headers than there is room for" "is cut short: it has\
 $size bytes, and its 255 section headers begin at $headers" 60 '\377'
# (The true number of many is in the first one's size.)
cp good hostile
printf '\000\000' | dd of=hostile bs=1 seek=60 conv=notrunc 2> dd.log
printf '\377\377\377\377\377' |
    dd of=hostile bs=1 seek=$((headers + 32)) conv=notrunc 2> dd.log
unreadable "an absurd number of sections" "hostile: says that it has\
 1099511627775 sections; more than 65536 are not read" hostile
set -- $(readelf -SW good | sed 's/^ *\[ *[0-9]*\]//' |
    awk '$1 == ".note.stapsdt" { print $4, $5 }')
notes=$(printf '%d' "0x$1")
hostile "a note longer than its section" "note 1 in .note.stapsdt is cut short:\
 its sizes are 8 and 4294967295, and $((0x$2 - 12)) bytes are left" \
    $((notes + 4)) '\377\377\377\377'
hostile "a note without room for its addresses" \
    "note 1 in .note.stapsdt is too short for its three addresses" \
    $((notes + 4)) '\004'
hostile "a note whose strings do not end" \
    "note 1 in .note.stapsdt has strings that do not end" \
    $((notes + 4)) '\032'
hostile "a note without a name" \
    "note 1 in .note.stapsdt has no provider or no name" \
    $((notes + 12 + 8 + 24)) '\000'

# Cut anywhere: exit status 2, and the file named; never anything else.
python3 - "$check" good << 'EOD' > out 2>&1
"""Cut a file short at every length, and set each byte of its headers to ff."""
import random
import subprocess
import sys

check, good = sys.argv[1:]
data = open(good, "rb").read()
random.seed(1)
ran = 0


def run(bytes_, statuses, what):
    global ran
    with open("cut", "wb") as file:
        file.write(bytes_)
    done = subprocess.run([check, "--probes", "two.d", "cut"], timeout=20,
                          capture_output=True)
    ran += 1
    if done.returncode not in statuses or \
            (done.returncode == 2) != done.stderr.startswith(
                b"pytrace-check: cut: "):
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
    sed "s/^.section .note.stapsdt,.*/&\n.rept $1/; s/^2: .balign 4/&\n.endr/; \
s/2f - 1f/29/; s/^1://; s/^2://" flood.s > flood_many.s
    as --64 -o flood.o flood_many.s
    # shellcheck disable=SC2086
    ld -m elf_x86_64 $small -o flood flood.o
}
list_of 37000
says "74,000 notes, in bounded memory and time" 1 \
    "a: has 37000 sites, where one is expected" \
    sh -c 'ulimit -v 262144; timeout 60 "$0" --probes two.d flood > all
        status=$?
        sed -e "/^  b: /d" -e "/^  a: has 0/d" -e "/^  a: [0-9]* more/d" all
        exit $status' "$check"
list_of 45000
unreadable "more notes than are read" "flood: has more than 4194304 bytes of\
 notes; these are not read" flood

# A file that is cut while it is being read.
if have gdb; then
    cp good shrinking
    says "a file that shrinks meanwhile" 2 \
        "pytrace-check: shrinking: changed while it was being read" \
        sh -c 'gdb -nx -batch -ex "set startup-with-shell off" \
            -ex "break image_read" -ex "handle SIGBUS nostop noprint pass" \
            -ex run -ex "shell : > shrinking" -ex continue \
            -ex "quit \$_exitcode" --args "$0" --probes two.d shrinking' "$check"
else
    skip "a file that shrinks meanwhile" "there is no gdb"
fi

# ---- the command line, and the definition

wrong() {
    name=$1 said=$2
    shift 2
    says "$name" 2 "$said" "$check" "$@"
}
see="; see pytrace-check --help"
wrong "no file" "pytrace-check: name a file to check, or a process with -p$see"
wrong "an unknown option" \
    "$("$check" --nonsense 2>&1 | head -n 1)
pytrace-check: this command line is wrong$see" --nonsense
wrong "a process and a file" \
    "pytrace-check: with -p, no file is named: good$see" -p 1 good
for pid in 0 -1 1x "" 99999999999999999999; do
    wrong "no process is called '$pid'" \
        "pytrace-check: not the number of a process: $pid$see" -p "$pid"
done
wrong "an empty provider" "pytrace-check: --provider needs a name$see" \
    --provider= good
wrong "a definition that is not there" \
    "pytrace-check: nowhere.d: cannot be opened: No such file or directory" \
    --probes nowhere.d good
printf 'provider p {\n    probe a(float x);\n};\n' > broken.d
wrong "a definition that is broken" "pytrace-check: broken.d:2: a tracer cannot\
 read 'float'; use an integer or a pointer" --probes broken.d good
head -c 70000 /dev/zero | tr '\0' '\n' > large.d
wrong "a definition that is too large" \
    "pytrace-check: large.d: is larger than 65536 bytes" --probes large.d good
same "--version" "pytrace-check $(sed -n \
    's/^AC_INIT(\[pytrace\], \[\(.*\)\])/\1/p' "$srcdir/configure.ac")" \
    "$("$check" --version)"
succeeds "--help" "$check" --help
says "output that cannot be written" 2 \
    "pytrace-check: the standard output: cannot be written" \
    sh -c '"$0" --probes two.d good > /dev/full' "$check"

# ---- processes

says "a process that is not there" 2 \
    "pytrace-check: process 4194304: there is no such process" \
    "$check" -p 4194304
sleep 100 &
sleeping=$!
says "a process without the markers" 1 "pytrace-check: process $sleeping: none\
 of its files has markers of provider p" "$check" --probes two.d -p $sleeping
kill $sleeping
if [ -d /proc/2 ] && [ "$(cat /proc/2/comm)" = kthreadd ]; then
    says "a thread of the kernel" 2 "pytrace-check: process 2: it has no files\
 mapped: it has ended, or is a part of the kernel" "$check" -p 2
fi
if [ ! -x "$lua" ]; then
    skip "processes" "Lua could not be built: $(cat "$builddir/ports/why-not")"
    finish
fi

# A copy, as bpftrace traces all processes of a file; it runs until it is told.
mkdir process
cp "$lua" process/lua
cp "$shared_lua" process/shared_lua
cp "$liblua" process
mkfifo process/lua.end process/shared.end
process/lua -e 'io.open("process/lua.end"):read()' &
running=$!
process/shared_lua -e 'io.open("process/shared.end"):read()' &
shared=$!
# Each has the FIFO open when it is written to; wait until it has started.
while ! grep -q 'liblua.so' "/proc/$shared/maps" ||
    ! grep -q 'libm' "/proc/$running/maps"; do
    sleep 0.1
done
traced() {
    "$check" --provider lua -p "$1" > out 2> err
    echo "exit status $?"
    sed -n 's/^  ok *\([a-z_]*\) *0x[0-9a-f]* *0x[0-9a-f]* *\([-0-9]*\) .*/\1 \2/p' \
        out
}
untraced="exit status 0
$(sed -n 's/^    probe \([a-z_]*\)(.*/\1 0/p' "$srcdir/probes.d")"
same "a process: no tracer" "$untraced" "$(traced $running)"
same "a process: the file is named" "$work/process/lua" \
    "$(sed -n 's/^\(.*\): 64-bit.*/\1/p' out | grep process)"
same "a process: its library" "$untraced" "$(traced $shared)"
same "a process: its library is named" "$work/process/liblua.so" \
    "$(sed -n 's/^\(.*\): 64-bit.*/\1/p' out | grep process)"
same "a process, as JSON" "function__entry 0" \
    "$("$check" --provider lua --json -p $running | python3 -c '
import json, sys
read = json.load(sys.stdin)
for file in read["files"]:
    for marker in file.get("markers", [])[:1]:
        print(marker["name"], marker["value"])')"
rm process/lua
same "a process whose file was deleted" "$untraced" "$(traced $running)"
same "a process: that it was deleted is said" "$work/process/lua (deleted)" \
    "$(sed -n 's/^\(.*\): 64-bit.*/\1/p' out | grep process)"
if why=$(can_trace); then
    # Two tracers of one marker, which count 1 together, and one of another.
    tracers=
    for tracer in 1:line 2:line 3:audit; do
        bpftrace -e "BEGIN { printf(\"ready\\n\"); }
            usdt:$work/process/liblua.so:lua:${tracer#*:} { @++; }" \
            > "tracer.$tracer" 2>&1 &
        tracers="$tracers $!"
        while ! grep -q -s ready "tracer.$tracer"; do
            sleep 0.1
        done
    done
    same "a process: which markers are traced" "$(echo "$untraced" |
        sed -e 's/^line 0/line 1/' -e 's/^audit 0/audit 1/')" \
        "$(traced $shared)"
    # shellcheck disable=SC2086
    kill $tracers
    # shellcheck disable=SC2086
    wait $tracers
    same "a process: the tracers have gone" "$untraced" "$(traced $shared)"
else
    skip "a process: which markers are traced" "$why"
fi
echo > process/lua.end
echo > process/shared.end
wait $running $shared
finish
