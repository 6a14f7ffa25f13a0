#!/bin/sh
# SPDX-License-Identifier: MIT
# build.sh - compile the extension module for the CPython that is there.
#
#   build.sh BUNDLE DIRECTORY [--sources]
#
# BUNDLE has pytrace_probes.h and pytrace_probes.c, of ports/frames.sed's
# definition. Makes the package in DIRECTORY/pytrace, and beside it all that
# "pip install DIRECTORY" needs; with --sources no more than that. PYTHON
# (python3) is the interpreter, with its headers; PYTHON_CPPFLAGS says where
# these are, unless it can tell itself. VERSION is pytrace's. CC, CPPFLAGS,
# CFLAGS and LDFLAGS are taken from the environment, too.

set -eu
unset CDPATH
if [ $# -lt 2 ]; then
    echo "usage: build.sh BUNDLE DIRECTORY [--sources]" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
bundle=$(cd "$1" && pwd)
sources="audit_text.c frames.c hooks.c install.c monitoring.c semaphores.c
    text.c"
mkdir -p "$2/pytrace"
cd "$2"
# shellcheck disable=SC2086 # (lists of files and of flags)
for file in pytrace/__init__.py pytrace/__main__.py pytrace/__init__.pyi \
    pytrace/_pytrace.pyi pytrace/py.typed setup.py MANIFEST.in \
    README.md watch.h $sources; do
    [ "$here" = "$PWD" ] || cp "$here/$file" "$file"
done
cp "$here/../../LICENSE" "$bundle/pytrace_probes.h" "$bundle/pytrace_probes.c" .
sed "s/@VERSION@/${VERSION:?}/" "$here/pyproject.toml.in" > pyproject.toml
[ "${3:-}" != --sources ] || exit 0

cppflags=${PYTHON_CPPFLAGS-$("${PYTHON:-python3}" -c '
import sysconfig
print(*{"-I" + sysconfig.get_path(name) for name in ("include", "platinclude")})
')}
# A build without the GIL takes one of its own.
module=_pytrace.abi3.so
[ -n "${PYTHON_CPPFLAGS-}" ] || module=_pytrace$("${PYTHON:-python3}" -c '
import sysconfig
print(sysconfig.get_config_var("EXT_SUFFIX")
      if sysconfig.get_config_var("Py_GIL_DISABLED") else ".abi3.so")
')
# shellcheck disable=SC2086
${CC:-gcc} -std=gnu11 ${CPPFLAGS-} ${CFLAGS--O2} -fPIC -shared $cppflags -I. \
    ${LDFLAGS-} -o "pytrace/$module.tmp" $sources pytrace_probes.c \
    -lpthread -ldl
mv "pytrace/$module.tmp" "pytrace/$module"
