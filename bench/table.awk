# SPDX-License-Identifier: MIT
# table.awk - the results of a benchmark as text: a table for each TABLE, with
# its rows and columns in the order of their first lines.
#
#   awk -f table.awk titles RESULTS
#
# RESULTS has lines TABLE ROW COLUMN UNIT VALUE LOW HIGH N, with tabs between
# them. A cell is VALUE, with "LOW-HIGH" behind it where there is a spread. When
# all figures of a column have one unit, it stands below the column's name;
# otherwise behind each. Columns that do not fit in 100 characters go below.

BEGIN {
    FS = "\t"
    width = 100
}

FILENAME == ARGV[1] {
    title[$1] = $2
    order[++tables] = $1
    next
}

NF < 5 {
    print FILENAME ":" FNR ": this is no result: " $0 | "cat 1>&2"
    failed = 1
    exit 1
}

{
    if (!($1 in title)) {
        title[$1] = $1
        order[++tables] = $1
    }
    if (!(($1, "row", $2) in known)) {
        known[$1, "row", $2] = 1
        row[$1, ++rows[$1]] = $2
    }
    if (!(($1, "column", $3) in known)) {
        known[$1, "column", $3] = 1
        column[$1, ++columns[$1]] = $3
        unit[$1, $3] = $4
    } else if (unit[$1, $3] != $4) {
        unit[$1, $3] = ""
    }
    value[$1, $2, $3] = shown($4, $5)
    own_unit[$1, $2, $3] = $4
    if ($6 != "" && $6 != $7)
        spread[$1, $2, $3] = shown($4, $6) "-" shown($4, $7)
}

# Four digits are more than the machine repeats.
function shown(unit, number,    digits)
{
    if (number !~ /^[-+]?[0-9]+\.[0-9]+$/)
        return number
    if (unit == "%") {
        number = sprintf("%+.3f", number)
        return number + 0 ? number : "0.000"
    }
    digits = unit == "ratio" && number < 10 ? 3 : \
             number < 10 ? 2 : number < 100 ? 1 : 0
    return sprintf("%." digits "f", number)
}

# What stands below a column's name.
function below(table, c)
{
    return unit[table, c] == "text" ? "" : unit[table, c]
}

function cell(table, r, c,    text)
{
    if (!((table, r, c) in value))
        return "-"
    text = value[table, r, c]
    if (unit[table, c] == "" && own_unit[table, r, c] != "text")
        text = text " " own_unit[table, r, c]
    if ((table, r, c) in spread)
        text = text " " spread[table, r, c]
    return text
}

# A cell, as wide as its column; text to the left.
function pad(table, c, text)
{
    return sprintf("%" (unit[table, column[table, c]] == "text" ? "-" : "") \
                   wide[c] "s", text)
}

# The widths of the first column and of each other.
function measure(table,    r, c, name, n)
{
    first = 0
    for (r = 1; r <= rows[table]; r++)
        if (length(row[table, r]) > first)
            first = length(row[table, r])
    for (c = 1; c <= columns[table]; c++) {
        name = column[table, c]
        wide[c] = length(name)
        if (length(below(table, name)) > wide[c])
            wide[c] = length(below(table, name))
        for (r = 1; r <= rows[table]; r++) {
            n = length(cell(table, row[table, r], name))
            if (n > wide[c])
                wide[c] = n
        }
    }
}

function print_table(table,    from, to, c, r, line, used)
{
    print "\n" title[table] "\n"
    measure(table)
    for (from = 1; from <= columns[table]; from = to + 1) {
        used = first + 2 + wide[from] + 2
        for (to = from; to < columns[table]; to++) {
            used += wide[to + 1] + 2
            if (used > width)
                break
        }
        if (from > 1)
            print ""
        line = sprintf("  %-" first "s", "")
        for (c = from; c <= to; c++)
            line = line "  " pad(table, c, column[table, c])
        sub(/ +$/, "", line)
        print line
        line = sprintf("  %-" first "s", "")
        for (c = from; c <= to; c++)
            line = line "  " pad(table, c, below(table, column[table, c]))
        sub(/ +$/, "", line)
        if (line != "")
            print line
        for (r = 1; r <= rows[table]; r++) {
            line = sprintf("  %-" first "s", row[table, r])
            for (c = from; c <= to; c++)
                line = line "  " pad(table, c, cell(table, row[table, r],
                    column[table, c]))
            sub(/ +$/, "", line)
            print line
        }
    }
}

END {
    if (failed)
        exit 1
    for (t = 1; t <= tables; t++)
        if (rows[order[t]])
            print_table(order[t])
}
