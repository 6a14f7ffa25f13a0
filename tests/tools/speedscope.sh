#!/bin/sh
# SPDX-License-Identifier: MIT
# speedscope.sh - get speedscope, a viewer of profiles that tests/export.sh
# opens; its npm package holds it whole.
#
#   speedscope.sh DIRECTORY
#
# Prints the path of its page, below the directory. Where it is there already,
# nothing is fetched. Otherwise npm fetches it, as it is configured here.

set -eu
version=1.25.0
directory=${1:?usage: speedscope.sh DIRECTORY}
page=$directory/$version/package/dist/release/index.html
if [ ! -f "$page" ]; then
    mkdir -p "$directory"
    new=$(mktemp -d "$directory/new.XXXXXX")
    trap 'rm -rf "$new"' EXIT
    (cd "$new" && timeout 300 npm pack --silent speedscope@$version > name &&
        tar xzf speedscope-$version.tgz) >&2
    [ -f "$new/package/dist/release/index.html" ]
    mv "$new" "$directory/$version" 2> /dev/null || [ -f "$page" ]
fi
echo "$page"
