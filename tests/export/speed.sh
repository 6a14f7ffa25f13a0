#!/bin/sh
# SPDX-License-Identifier: MIT
# speed.sh - measure the files for other viewers: 10 million events of a Lua.
#
#   speed.sh BUILDDIR

set -eu
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cat > "$scratch/calls.lua" <<'EOF'
local function leaf(x) return x end
local function middle(x) return leaf(x) end
for i = 1, 2500000 do middle(i) end
EOF
"$1/pytrace" record --full block --marker function__entry \
    --marker function__return -o "$scratch/recording" -- \
    "$1/hosts/lua/lua" "$scratch/calls.lua"
for form in speedscope.json json json.gz; do
    echo "$form"
    time -p "$1/pytrace" print -o "$scratch/out.$form" "$scratch/recording"
    wc -c < "$scratch/out.$form"
done
