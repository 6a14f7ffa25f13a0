#!/bin/sh
# SPDX-License-Identifier: MIT
# plot.sh - the results of a benchmark as a picture, drawn by gnuplot: what
# markers cost in instructions while untraced, and what an event costs
# while it is traced.
#
#   plot.sh RESULTS PICTURE.svg
#
# RESULTS has lines as table.awk says. Exit status 1 when there is nothing to
# draw, or gnuplot fails.

set -eu
results=$1 picture=$2
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT

# Of each competitor: its name, the mean, and the most expensive program.
awk -F '\t' '
    $1 == "instructions" && $4 == "%" {
        if (!($3 in worst)) {
            name[++names] = $3
            worst[$3] = $5
        }
        if ($2 == "mean") mean[$3] = $5
        else if ($5 > worst[$3]) worst[$3] = $5
    }
    END {
        for (i = names; i >= 1; i--)
            printf "\"%s\"\t%s\t%s\n", name[i], mean[name[i]], worst[name[i]]
    }' "$results" > "$directory/untraced"
# Of each technique: its name, the nanoseconds, and their spread.
awk -F '\t' '
    $1 == "event" && $3 == "counted" { line[++n] = $2 FS $5 FS $6 FS $7 }
    END {
        for (i = n; i >= 1; i--) {
            split(line[i], field, FS)
            printf "\"%s\"\t%s\t%s\t%s\n", field[1], field[2], field[3],
                field[4]
        }
    }' "$results" > "$directory/traced"
for part in untraced traced; do
    [ -s "$directory/$part" ] || {
        echo "plot.sh: $results has nothing to draw of \"$part\"" >&2
        exit 1
    }
done

gnuplot << END
set terminal svg size 860,720 font "sans-serif,12" background "white"
set output "$directory/plot.svg"
set multiplot layout 2,1 title "What markers cost"
set style fill solid 0.85 noborder
set grid xtics lc rgb "#dddddd"
set border 3
set tics nomirror
set lmargin at screen 0.21
set rmargin at screen 0.95
set key top right
set xrange [*:*]
set xlabel "Lua, untraced: instructions more than as released (%)"
set yrange [-0.6:*]
plot "$directory/untraced" using 3:0:(0):3:(\$0-0.32):(\$0+0.32):ytic(1) \
        with boxxyerror lc rgb "#a8c5e2" title "most expensive program", \
    "" using 2:0:(0):2:(\$0-0.18):(\$0+0.18) \
        with boxxyerror lc rgb "#1f5f9f" title "geometric mean"
set key off
set xlabel "One marker counted or recorded: an event (ns; the lines are the spread)"
set xrange [0:*]
plot "$directory/traced" using 2:0:(0):2:(\$0-0.32):(\$0+0.32):ytic(1) \
        with boxxyerror lc rgb "#a8c5e2", \
    "" using 2:0:3:4 with xerrorbars pt 0 lc rgb "#1f5f9f" lw 1.5
unset multiplot
END
# gnuplot writes its version, and nothing else that changes from run to run.
sed '/^<desc>/d' "$directory/plot.svg" > "$picture"
