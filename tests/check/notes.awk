# notes.awk - write an assembler source that has markers, for tests/check.sh.
#
#   awk -f notes.awk -v bits=64|32 [-v provider=NAME] [-v moved=BYTES] LIST
#
# Each line of LIST is a site: a marker's name, where its semaphore is (the
# section's label below, "none" or "text"), and the text of its arguments. A
# name can be PROVIDER:NAME. "data" before a name puts the site there. moved is
# what prelink would have moved the file by since it was linked. Any
# processor's assembler takes it.

function start()
{
    word = bits == 64 ? ".8byte" : ".4byte"
    if (provider == "")
        provider = "p"
    print ".text\ntext: .4byte 0, 0, 0, 0"
    print ".section .stapsdt.base,\"a\"\nbase: .4byte 0"
    print ".section .rodata,\"a\"\nreadonly: .4byte 0, 0"
    print ".section .data.rel.ro,\"aw\"\nrelro: .4byte 0, 0"
    print ".section .probes,\"aw\"\none: .2byte 0\ntwo: .2byte 0"
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
function print_note(provider, name, pc, semaphore, arguments)
{
    print ".section .note.stapsdt,\"\",%note\n.balign 4"
    print ".4byte 8, 2f - 1f, 3\n.asciz \"stapsdt\"\n1:"
    print word " " address(pc) ", " address("base") ", " address(semaphore)
    print ".asciz \"" provider "\"\n.asciz \"" name "\""
    print ".asciz \"" arguments "\"\n2: .balign 4"
}

BEGIN {
    start()
}

NF {
    place = ".text"
    if ($1 == "data") {
        place = ".data"
        sub(/^ *data +/, "")
    }
    name = $1
    semaphore = $2
    sub(/^ *[^ ]+ +[^ ]+ */, "")
    print place "\nsite" NR ": .4byte 0"
    n = split(name, part, ":")
    print_note(n > 1 ? part[1] : provider, part[n], "site" NR, semaphore, $0)
}
