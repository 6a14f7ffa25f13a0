# SPDX-License-Identifier: MIT
# Names for the numbers in the maps of compare.bt: one line for each hash and
# count, beginning with the number of its program.
{
    title = key = $0
    sub(/\[.*/, "", title)
    sub(/^[^[]*\[/, "", key)
    sub(/]: [^]]*$/, "", key)
    value = $0
    sub(/.*]: /, "", value)
}
title == "@file" { file[value] = key }
title == "@name" { name[value] = key }
title == "@count" {
    split(key, part, ", ")
    split("calls lines returns", kind, " ")
    print part[1], kind[part[2]] ": " value
}
title == "@outcome" || title == "@sequence" {
    print key, substr(title, 2) ": " value
}
title == "@in_function" { hash[key] = value }
END {
    for (key in hash) {
        split(key, part, ", ")
        print part[1], "in", name[part[3]], file[part[2]] ": " hash[key]
    }
}
