# hot_path.awk - the instructions of some functions that are executed while
# nobody traces, in a form that does not depend on where they lie.
#
#   objdump -dr --no-show-raw-insn OBJECT | awk -v functions='one two' -f ...
#
# Prints "FUNCTION: INSTRUCTION" for each, in their order. A symbol stands for
# the relocation that names it, "cold" for what lies in another section, and
# +0x10 for a place in the function itself.

BEGIN {
    n = split(functions, list, " ")
    for (i = 1; i <= n; i++)
        wanted[list[i]] = 1
}

function flush()
{
    if (instruction != "")
        print name ": " instruction
    instruction = ""
}

/^[0-9a-f]+ <.*>:$/ {
    flush()
    name = substr($2, 2, length($2) - 3)
    inside = name in wanted
    next
}

!inside {
    next
}

/^[ \t]*[0-9a-f]+: R_/ {
    symbol = $3
    sub(/[-+]0x[0-9a-f]+$/, "", symbol)
    if (symbol ~ /^\.text/)
        symbol = "cold"
    if (!sub(/0x0\(%rip\)/, symbol, instruction))
        sub(/\+0x[0-9a-f]+$/, symbol, instruction)
    next
}

/^ *[0-9a-f]+:\t/ {
    flush()
    sub(/^[^\t]*\t/, "")
    sub(/ *#.*/, "")
    gsub(/ +/, " ")
    if ($0 ~ /nop|^xchg %ax,%ax/)       # between functions, or before a loop
        next
    instruction = $0
    if (sub(/<[a-z_]*\+/, "+", instruction))
        sub(/[0-9a-f]+ \+/, "+", instruction)
    sub(/>$/, "", instruction)
}

END {
    flush()
}
