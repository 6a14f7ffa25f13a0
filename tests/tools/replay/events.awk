# SPDX-License-Identifier: MIT
# events.awk - the events of a recording, as "pytrace print" writes them, and
# the functions of bpftrace, for the rules that script.awk makes.
#
# For each event: tid, marker (its name; also as "probe") and arg(N). size is the
# number of bytes of a string that bpftrace would read, with its NUL.

BEGIN {
    SUBSEP = ", "           # as bpftrace prints it
    for (i = 0; i < 256; i++)
        byte[sprintf("\\x%02x", i)] = sprintf("%c", i)
    letter["\\n"] = "\n"
    letter["\\t"] = "\t"
    letter["\\r"] = "\r"
    letter["\\\""] = "\""
    letter["\\\\"] = "\\"
}

# plain(TEXT): without what stands for other bytes.
function plain(text,  done) {
    while (match(text, /\\./)) {
        done = done substr(text, 1, RSTART - 1)
        text = substr(text, RSTART)
        if (text ~ /^\\x/) {
            done = done byte[substr(text, 1, 4)]
            text = substr(text, 5)
        } else {
            done = done letter[substr(text, 1, 2)]
            text = substr(text, 3)
        }
    }
    return done text
}

function str(text) {
    return substr(text, 1, size - 1)
}

# part(TEXT, SKIP, SIZE): str(argN + SKIP, SIZE)
function part(text, skip, size) {
    return substr(text, skip + 1, size - 1)
}

# strncmp(A, B, LENGTH): 0 or 1; no text is longer than its NUL.
function strncmp(a, b, length_) {
    return substr(a, 1, length_) != substr(b, 1, length_)
}

function clear(map,  key) {
    for (key in at)
        if (key == map || index(key, map SUBSEP) == 1)
            delete at[key]
}

# show(MAPS): those that have been set, as bpftrace does at its end.
function show(maps,  count, map, i, key, title) {
    count = split(maps, map, " ")
    for (i = 1; i <= count; i++)
        for (key in at) {
            if (at[key] == "")
                continue            # read, and never set
            if (key == map[i])
                printf "%s: %.0f\n", key, at[key]
            else if (index(key, map[i] SUBSEP) == 1)
                printf "%s[%s]: %.0f\n", map[i], \
                    substr(key, length(map[i] SUBSEP) + 1), at[key]
        }
}

# The last line says how it ended.
/^#/ {
    ended = $0
    next
}
END {
    is_whole = ended ~ /^# ended with the last process: .*, 0 lost$/
    if (!is_whole)
        print "the recording is not whole: " ended
}

{
    marker = probe = $3
    if ($2 != thread) {
        thread = tid = $2
        sub(/.*\//, "", tid)
    }
}
marker == "..." {
    print "lost:" $0
}

# arg(N): an argument of this event.
function arg(n) {
    if (read != NR)
        read_arguments()
    return argument[n]
}

# What is between quotes is a string.
function read_arguments(  line, escaped, count, quoted, words, word, i, j, n, k) {
    line = $0
    escaped = index(line, "\\")
    if (escaped) {
        gsub(/\\\\/, "\\x5c", line)
        gsub(/\\"/, "\\x22", line)
    }
    count = split(line, quoted, "\"")
    for (i = 1; i <= count; i += 2) {
        words = split(quoted[i], word, " ")
        for (j = 1; j <= words; j++) {
            k = index(word[j], "=")
            if (k && k == length(word[j]))
                argument[n++] = escaped ? plain(quoted[i + 1]) : quoted[i + 1]
            else if (k)
                argument[n++] = number(substr(word[j], k + 1))
        }
    }
    read = NR
}

# number(TEXT): a pointer is a text, but for NULL.
function number(text) {
    if (text == "0x0")
        return 0
    return text ~ /^0x/ ? text "" : text + 0
}
