# SPDX-License-Identifier: MIT
# notes.awk - print the assembler source of a file with markers, as sys/sdt.h
# and pytrace's runtime and header would place them, but also wrongly. For the
# tests of pytrace check.
#
#   awk -f notes.awk -v bits=64 [-v provider=p] [-v moved=BYTES]
#       [-v nop=BYTES] LIST
#
# Each line of LIST is one of
#   [data] [bytes=BYTES] NAME SEMAPHORE [ARGUMENTS]
#       a probe site, and its note in .note.stapsdt. SEMAPHORE is none, a place
#       from start() below or a number. A name can be PROVIDER:NAME. "data" puts
#       the site there; BYTES are its code, instead of nop's.
#   host PROVIDER[=CONTROL] | NAME[=SEMAPHORE] [SHAPE...] | ...
#       how a host describes itself in .note.pytrace. Without a CONTROL, it has
#       no recorder; without a SEMAPHORE, it has those of the sites.
#   fires PROVIDER NAME
#   calls PROVIDER NAME
#       the record of a source that does so.
#   note TYPE TEXT
#       in .note.pytrace, a note with what the assembler makes of TEXT.
# moved is what prelink would have moved the file by since it was linked. Any
# processor's assembler takes it.

function start()
{
    word = bits == 64 ? ".8byte" : ".4byte"
    if (provider == "")
        provider = "p"
    if (nop == "")
        nop = "0x90"
    print ".text\ntext: .4byte 0, 0, 0, 0"
    print ".section .stapsdt.base,\"a\"\nbase: .4byte 0"
    print ".section .rodata,\"a\"\nreadonly: .4byte 0, 0"
    print ".section .data.rel.ro,\"aw\"\nrelro: .4byte 0, 0"
    print ".section .probes,\"aw\"\n.balign 4\none: .2byte 0\ntwo: .2byte 0"
    print "three: .2byte 0\nfour: .byte 0\nodd: .2byte 0\n.byte 0"
    print ".bss\n.zero 65536\nbss: .zero 4"
}

function address(symbol)
{
    if (symbol == "none")
        return "0"
    if (symbol ~ /^[0-9]/)
        return symbol
    return symbol (moved ? " - " moved : "")
}

# A string, with its escapes left to the assembler.
function print_string(s)
{
    print ".asciz \"" s "\""
}

function open_note(section, flags, owner, type)
{
    print ".section " section ",\"" flags "\",%note\n.balign 4"
    print ".4byte 8, 2f - 1f, " type "\n.asciz \"" owner "\"\n1:"
}

function close_note()
{
    print "2: .balign 4"
}

function print_site(provider, name, pc, semaphore, arguments)
{
    open_note(".note.stapsdt", "", "stapsdt", 3)
    print word " " address(pc) ", " address("base") ", " address(semaphore)
    print_string(provider)
    print_string(name)
    print_string(arguments)
    close_note()
}

function print_use(type, provider, name)
{
    open_note(".note.pytrace", "a", "pytrace", type)
    print_string(provider)
    print_string(name)
    close_note()
}

# A word that is relative to itself; nothing can refer to a mere number so.
function print_relative(symbol)
{
    print word " " (symbol ~ /^(none|[0-9].*)?$/ ? "0" : symbol " - .")
}

function print_host(text,    field, n, i, provider, control, name, shapes)
{
    n = split(text, field, / *[|] */)
    provider = field[1]
    sub(/^host +/, "", provider)
    control = provider
    sub(/=.*/, "", provider)
    control = substr(control, length(provider) + 2)
    open_note(".note.pytrace", "a", "pytrace", 1)
    print ".4byte 1, " n - 1
    print_relative(control)
    for (i = 2; i <= n; i++) {
        name[i] = shapes[i] = field[i]
        sub(/ .*/, "", name[i])
        sub(/^[^ ]+ */, "", shapes[i])
        if (split(name[i], part, "=") > 1)
            print_relative(part[2])
        else
            print_relative(semaphores[provider ":" name[i]])
        name[i] = part[1]
    }
    print_string("1.2.3")
    print_string(provider)
    for (i = 2; i <= n; i++) {
        print_string(name[i])
        print_string(shapes[i])
        print_string(shapes[i] == "" ? "" : "int x, int y")
        print_string("")
    }
    close_note()
}

BEGIN {
    start()
}

$1 == "host" {
    hosts[++host_count] = $0
    next
}

$1 == "fires" || $1 == "calls" {
    print_use($1 == "fires" ? 2 : 3, $2, $3)
    next
}

$1 == "note" {
    open_note(".note.pytrace", "a", "pytrace", $2)
    sub(/^note +[0-9]+ +/, "")
    print
    close_note()
    next
}

NF {
    place = ".text"
    code = nop
    if ($1 == "data") {
        place = ".data"
        sub(/^ *data +/, "")
    }
    if ($1 ~ /^bytes=/) {
        code = substr($1, 7)
        sub(/^ *[^ ]+ +/, "")
    }
    name = $1
    semaphore = $2
    sub(/^ *[^ ]+ +[^ ]+ */, "")
    print place "\n.balign 4\nsite" NR ": .byte " code
    n = split(name, part, ":")
    if (n == 1)
        part[2] = part[1]
    print_site(n > 1 ? part[1] : provider, part[2], "site" NR, semaphore, $0)
    key = (n > 1 ? part[1] : provider) ":" part[2]
    if (!(key in semaphores))
        semaphores[key] = semaphore
}

END {
    for (i = 1; i <= host_count; i++)
        print_host(hosts[i])
}
