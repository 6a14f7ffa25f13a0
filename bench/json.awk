# SPDX-License-Identifier: MIT
# json.awk - the results of a benchmark as JSON: an object with a list for each
# TABLE, of objects with row, column, unit, value, and where there is a spread
# low, high and samples.
#
#   awk -f json.awk RESULTS      (whose lines are as table.awk says)

BEGIN {
    FS = "\t"
}

function string(text)
{
    gsub(/\\/, "\\\\", text)
    gsub(/"/, "\\\"", text)
    return "\"" text "\""
}

function number(text)
{
    return text ~ /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/ ? text : string(text)
}

NF < 5 {
    print FILENAME ":" FNR ": this is no result: " $0 | "cat 1>&2"
    failed = 1
    exit 1
}

{
    if (!($1 in list))
        order[++tables] = $1
    else
        list[$1] = list[$1] ",\n"
    list[$1] = list[$1] "    {\"row\": " string($2) ", \"column\": " \
               string($3) ", \"unit\": " string($4) ", \"value\": " number($5)
    if ($6 != "")
        list[$1] = list[$1] ", \"low\": " number($6) ", \"high\": " \
                   number($7) ", \"samples\": " number($8)
    list[$1] = list[$1] "}"
}

END {
    if (failed)
        exit 1
    printf "{"
    for (t = 1; t <= tables; t++)
        printf "%s\n  %s: [\n%s\n  ]", (t > 1 ? "," : ""), string(order[t]),
               list[order[t]]
    print "\n}"
}
