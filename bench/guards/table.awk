# SPDX-License-Identifier: MIT
# table.awk - the table of guards.sh, from lines
#   HOST COMPILER LEVEL FORM WORK INSTRUCTIONS
# in which the form "none" is the host without markers.

{
    row = $1 " " $5 " " $2 " " $3
    if ($4 == "none") {
        if (!(row in plain))
            rows[++n] = row
        plain[row] = $6
    } else {
        count[row, $4] = $6
    }
}

function cells(head, format, values,    i) {
    printf "%-31s", head
    for (i = 0; i <= f; i++)
        printf format, values[i]
    print ""
}

END {
    f = split(forms, form, " ")
    form[0] = "without"
    print "Instructions a call of fib and a round of a loop: without markers,"
    print "and how many more with each form of the guard"
    print ""
    cells("", "%10s", form)
    for (r = 1; r <= n; r++) {
        split(rows[r], part, " ")
        printf "%-8s%-5s%-10s%-8s%10.1f", part[1], part[2], part[3], part[4],
            plain[rows[r]]
        best = ""
        for (i = 1; i <= f; i++) {
            if (!((rows[r], form[i]) in count))
                continue
            more = count[rows[r], form[i]] - plain[rows[r]]
            if (best == "" || more < best)
                best = more
        }
        for (i = 1; i <= f; i++) {
            if (!((rows[r], form[i]) in count)) {
                printf "%10s", "-"
                continue
            }
            more = count[rows[r], form[i]] - plain[rows[r]]
            printf "%+10.1f", more
            relative = 100 * more / plain[rows[r]]
            beyond = 100 * (more - best) / plain[rows[r]]
            if (!measured[i]++ || relative > worst[i])
                worst[i] = relative
            sum[i] += relative
            if (beyond >= farthest[i])
                farthest[i] = beyond
        }
        print ""
    }
    print ""
    summary("worst, in % of without", worst)
    for (i = 1; i <= f; i++)
        sum[i] /= measured[i] ? measured[i] : 1
    summary("mean, in %", sum)
    summary("more than the best form, at most", farthest)
}

function summary(head, values,    i) {
    printf "%-41s", head
    for (i = 1; i <= f; i++)
        printf "%+10.2f", values[i]
    print ""
}
