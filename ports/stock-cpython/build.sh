#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - compile the extension module for the CPython that is there.
#
#   build.sh BUNDLE DIRECTORY
#
# BUNDLE has pytrace_probes.h and pytrace_probes.c (make bundle). Makes the
# package in DIRECTORY/pytrace, and beside it all that "pip install DIRECTORY"
# needs. PYTHON (python3) is the interpreter, with its headers; PYTHON_CPPFLAGS
# says where these are, unless it can tell itself. CC and CFLAGS are taken from
# the environment, too.

set -eu
unset CDPATH
if [ $# != 2 ]; then
    echo "usage: build.sh BUNDLE DIRECTORY" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
bundle=$(cd "$1" && pwd)
mkdir -p "$2/pytrace"
cd "$2"
for file in pytrace/__init__.py pytrace/__main__.py pytrace/__init__.pyi \
    pytrace/_pytrace.pyi pytrace/py.typed _pytrace.c pyproject.toml setup.py \
    MANIFEST.in README.md LICENSE; do
    [ ! -f "$here/$file" ] || cp "$here/$file" "$file"
done
cp "$here/../../LICENSE" "$bundle/pytrace_probes.h" "$bundle/pytrace_probes.c" .

cppflags=${PYTHON_CPPFLAGS-$("${PYTHON:-python3}" -c '
import sysconfig
print(*{"-I" + sysconfig.get_path(name) for name in ("include", "platinclude")})
')}
# shellcheck disable=SC2086 # (lists of flags)
${CC:-gcc} -std=gnu11 ${CFLAGS--O2} -fPIC -shared $cppflags -I. \
    -o pytrace/_pytrace.abi3.so.tmp _pytrace.c pytrace_probes.c -lpthread -ldl
mv pytrace/_pytrace.abi3.so.tmp pytrace/_pytrace.abi3.so
