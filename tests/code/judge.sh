# SPDX-License-Identifier: MIT
# judge.sh - what the guard's machine code on x86-64 must be; for tests that
# have compiled tests/code/guard.c to $object, by $compiler. They source it.
#
# shellcheck shell=sh

# The instructions of function $1 of $object: address, section, text.
instructions() {
    objdump -dr --no-show-raw-insn "${object:?}" | awk -v name="$1" '
        /^Disassembly of section/ { section = $4; sub(/:$/, "", section) }
        /^[0-9a-f]+ </ {
            inside = $2 == "<" name ">:" || $2 == "<" name ".cold>:"
        }
        inside && /^ *[0-9a-f]+:\t/ {
            address = $1
            sub(/:$/, "", address)
            sub(/^ *[0-9a-f]+:\t/, "")
            if ($0 ~ /^R_X86/) print address, section, $0
            else print address, section, "  " $0
        }
        inside && /R_X86_64/ {
            sub(/^[ \t]*[0-9a-f]+: */, "")
            print "- - " $0
        }'
}

# Prints nothing when all is well with function $1, whose guard compares with
# a memory operand of size $2, "w" or "q"; otherwise what is wrong.
judge_guard() {
    instructions "$1" | awk -v size="$2" '
        $3 ~ /^R_X86_64_.*GOT/ && /semaphore|group/ { print "GOT: " $0 }
        $1 == "-" { next }
        after {
            if ($3 !~ /^jn?e$/) print "no branch after the comparison: " $0
            after = 0
        }
        $3 ~ /^cmp/ && /0x0,0x0\(%rip\)/ {
            guards++
            if ($3 != "cmp" size) print "not cmp" size ": " $0
            after = 1
        }
        END { if (guards != 1) print guards + 0 " guards instead of one" }'
}

# Prints nothing when function $1 loads a byte, combines it with the group's
# word and branches, and does not test either again.
judge_combined() {
    instructions "$1" | awk '
        $3 ~ /^R_X86_64_.*GOT/ && /group/ { print "GOT: " $0 }
        $1 == "-" { next }
        after {
            if ($3 !~ /^jn?e$/) print "no branch after the \"or\": " $0
            after = 0
        }
        $3 == "movzbl" { loads++ }
        $3 ~ /^or/ && /0x0\(%rip\),%r/ { guards++; after = 1 }
        $3 ~ /^(cmp|test)/ { print "a second test: " $0 }
        END {
            if (guards != 1) print guards + 0 " guards instead of one"
            if (loads != 1) print loads + 0 " loads of a byte instead of one"
        }'
}

# Prints nothing when the guard lies inside a loop of function $1.
judge_loop() {
    instructions "$1" | awk '
        function number(hex,    i, n) {
            for (i = 1; i <= length(hex); i++)
                n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        $1 == "-" { next }
        $3 ~ /^(cmpw|or)/ && /\(%rip\)/ { guard = number($1) }
        $3 ~ /^j/ && $2 ~ /^\.text($|\.)/ && $2 !~ /unlikely/ {
            here = number($1)
            target = number($4)
            if (target < here) { from[++n] = target; to[n] = here }
        }
        END {
            for (i = 1; i <= n; i++)
                if (from[i] <= guard && guard <= to[i])
                    exit
            print "no loop runs through the guard"
        }'
}

# Prints nothing when function $1 calls what is behind its guard out of its hot
# path: a marker with gcc in a cold section; else, as clang makes none and gcc
# only for what is cold by itself, in a block that only the guard's branch leads
# to, nothing falls through to it.
judge_cold() {
    instructions "$1" | awk -v compiler="${compiler:?}" '
        # The function that the header calls is one of the same file, also
        # where the assembler knows how far it is.
        function called(is_marker) {
            calls++
            in_section = compiler ~ /^gcc/ && is_marker
            if (in_section && section != ".text.unlikely")
                print "not in the cold section: " call
        }
        $1 == "-" {
            if (previous ~ /^call/ && /text.unlikely|report/)
                called($0 !~ /report/)
            next
        }
        {
            ended[$1] = previous ~ /^(jmp|ret|nop|xchg|data16|cs)/
            previous = $3
        }
        $3 ~ /^call/ { call = $0; section = $2 }
        $3 ~ /^call/ && /<pytrace_/ { called(1) }
        after { target = $4; after = 0 }
        $3 ~ /^(cmp|or)/ && /\(%rip\)/ { after = 1 }
        END {
            if (calls != 1) print calls + 0 " calls instead of one"
            if (!in_section && !ended[target])
                print "falls through to the call at " target
        }'
}
