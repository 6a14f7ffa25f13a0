# SPDX-License-Identifier: MIT
# script.awk - turn a bpftrace script into rules of awk, for events.awk. Not all
# of bpftrace's language: what the tests' scripts use. The two languages differ
# little there; what differs is replaced, word by word.
#
# A map is a part of the array "at", with its name as the first index.

{
    script = script $0 " "
}

# put(TEXT): the next part of the awk program.
function put(text) {
    printf "%s", text
}

# map(WORD): @NAME or @NAME[, whose other indexes follow.
function map(word) {
    name = word
    sub(/\[$/, "", name)
    if (!(name in known)) {
        known[name] = 1
        maps = maps " " name
    }
    put("at[\"" name "\"" (word == name ? "]" : ", "))
}

# probe(WORD): one of those of a rule, ((PROBES) && (FILTER)) or ((PROBES)).
function probe(word) {
    sub(/^usdt:.*:/, "", word)
    put((probes++ ? " || " : "\n((") "marker == \"" word "\"")
}

function replace(word) {
    if (word ~ /^"/) {
        gsub(/%ll?[du]|%[du]/, "%.0f", word)
        put(word)
    } else if (word ~ /^usdt:/) {
        probe(word)
    } else if (word ~ /^clear/) {
        gsub(/^clear\(|\)$/, "", word)
        put("clear(\"" word "\")")
    } else if (word ~ /^delete/) {
        deleting = 1
        put("delete ")
    } else if (word == ");" && deleting) {
        deleting = 0
        put(";")
    } else if (word ~ /^= count/) {
        put("+= 1")
    } else if (word ~ /^@/) {
        map(word)
    } else if (word ~ /^\$/) {
        put("local_" substr(word, 2))
    } else if (word ~ /^str\(/) {
        put("part(arg(" substr(word, 8, 1) "), " substr(word, 12))
    } else if (word ~ /^arg/) {
        put("arg(" substr(word, 4) ")")
    } else if (word == "& 0x7fffffffffff") {
        put("% 140737488355328")
    } else if (word == "0x1000000") {
        put("16777216")
    } else if (word == "END") {
        put("\nEND")
        probes = 0
    } else if (word !~ /^\/\*|^\(u?int/) {
        put(word)
    }
}

# between(TEXT): what is between words; of that, the braces of a rule, the
# slashes of a filter, and the commas between probes count.
function between(text,  i, c) {
    for (i = 1; i <= length(text); i++) {
        c = substr(text, i, 1)
        if (c == "{" && depth++ == 0 && probes) {
            put(")) ")
            probes = filters = 0
        } else if (c == "}") {
            depth--
        } else if (depth == 0 && probes && c == "/") {
            c = filters++ ? "" : ") && ("
        } else if (depth == 0 && probes && !filters && c == ",") {
            c = ""
        }
        put(c)
    }
}

END {
    words = "\"([^\"\\\\]|\\\\.)*\"" "|usdt:[^ ,{]*" "|clear\\(@[a-z_]*\\)" \
        "|delete\\(" "|\\);" "|= count\\(\\)" "|@[a-z_]+\\[?" "|\\$[a-z]+" \
        "|str\\(arg[0-9] \\+ [0-9]+" "|arg[0-9]" "|& 0x7fffffffffff" "|0x1000000" \
        "|\\(u?int[0-9]*\\)" "|/\\*([^*]|\\*[^/])*\\*/" "|END"
    while (match(script, words)) {
        between(substr(script, 1, RSTART - 1))
        word = substr(script, RSTART, RLENGTH)
        script = substr(script, RSTART + RLENGTH)
        replace(word)
    }
    between(script)
    print "\nEND { show(\"" substr(maps, 2) "\"); exit !is_whole }"
}
