# SPDX-License-Identifier: MIT
# pytrace_dtrace.m4 - how pytrace's own configure finds dtrace.
# Not installed; a host's configure uses pytrace.m4.

# PYTRACE_DTRACE_KIND(PROGRAM, PROBES)
# Let PROGRAM make a header of the provider definition PROBES and set
# pytrace_dtrace_kind by what comes out, whatever the program is called:
#   systemtap   a header whose tests read semaphores
#   real        a header with is-enabled checks of another kind: a real DTrace
#   no          neither; pytrace_dtrace_error says what went wrong
# (systemtap's -G compiles, with flags of its own, which fails for another
# processor; nothing here needs it.)
AC_DEFUN([PYTRACE_DTRACE_KIND], [
pytrace_dtrace_kind=no
pytrace_dtrace_error=
rm -f conftest.dtrace.h
if AS_ECHO(["$1 -h -s $2 -o conftest.dtrace.h"]) >&AS_MESSAGE_LOG_FD &&
   "$1" -h -s $2 -o conftest.dtrace.h >conftest.out 2>&1 &&
   test -s conftest.dtrace.h; then
  if grep '_semaphore' conftest.dtrace.h >/dev/null; then
    pytrace_dtrace_kind=systemtap
  elif grep '_ENABLED()' conftest.dtrace.h >/dev/null; then
    pytrace_dtrace_kind=real
  else
    pytrace_dtrace_error="its header has no tests"
  fi
else
  pytrace_dtrace_error="its -h makes no header from probes.d (`head -n 1 conftest.out`)"
fi
cat conftest.out >&AS_MESSAGE_LOG_FD 2>/dev/null
rm -f conftest.dtrace.h conftest.out
])

# PYTRACE_FIND_DTRACE(PROGRAM, PROBES)
# PROGRAM is "yes" or a path. Sets DTRACE and pytrace_dtrace_kind. Two programs
# are called dtrace; where both are installed, and PROGRAM is "yes", the one of
# systemtap is taken, whose markers every tracer can read.
AC_DEFUN([PYTRACE_FIND_DTRACE], [
DTRACE=
pytrace_real_dtrace=
if test "x$1" = xyes; then
  pytrace_candidates=
  pytrace_save_IFS=$IFS; IFS=$PATH_SEPARATOR
  for pytrace_directory in $PATH$PATH_SEPARATOR/usr/bin$PATH_SEPARATOR/usr/sbin
  do
    test -n "$pytrace_directory" && test -x "$pytrace_directory/dtrace" ||
      continue
    case "$pytrace_candidates$PATH_SEPARATOR" in
    *"$PATH_SEPARATOR$pytrace_directory/dtrace$PATH_SEPARATOR"*) ;;
    *) pytrace_candidates="$pytrace_candidates$PATH_SEPARATOR$pytrace_directory/dtrace" ;;
    esac
  done
  set dummy $pytrace_candidates
  IFS=$pytrace_save_IFS
  shift
else
  set dummy "$1"; shift
  if ! command -v "$[]1" >/dev/null 2>&1; then
    AC_MSG_ERROR([--with-dtrace=$1: there is no such program; give the path of systemtap's dtrace or leave it out])
  fi
fi
pytrace_dtrace_kind=no
for pytrace_program
do
  test -n "$pytrace_program" || continue
  AC_MSG_CHECKING([what $pytrace_program does with probes.d])
  PYTRACE_DTRACE_KIND([$pytrace_program], [$2])
  case $pytrace_dtrace_kind in
  systemtap) AC_MSG_RESULT([a header, as systemtap's])
    DTRACE=$pytrace_program; break ;;
  real) AC_MSG_RESULT([as a real DTrace])
    test -n "$pytrace_real_dtrace" || pytrace_real_dtrace=$pytrace_program ;;
  no) AC_MSG_RESULT([nothing useful: $pytrace_dtrace_error]) ;;
  esac
done
if test -z "$DTRACE" && test -n "$pytrace_real_dtrace"; then
  DTRACE=$pytrace_real_dtrace
  pytrace_dtrace_kind=real
fi
])

# PYTRACE_REAL_DTRACE_HEADER(PROBES)
# What a real DTrace's header includes may lie in a directory of its own: add
# that directory to DTRACE_CPPFLAGS. An error where the header does not compile.
AC_DEFUN([PYTRACE_REAL_DTRACE_HEADER], [
AC_MSG_CHECKING([how the header of $DTRACE is compiled])
"$DTRACE" -h -s $1 -o conftest.dtrace.h >&AS_MESSAGE_LOG_FD 2>&1
pytrace_save_CPPFLAGS=$CPPFLAGS
pytrace_prefix=`AS_DIRNAME(["$DTRACE"])`/..
pytrace_found=no
for pytrace_include in '' "$pytrace_prefix"/lib*/dtrace/include \
    "$pytrace_prefix"/lib/*/dtrace/include; do
  test -z "$pytrace_include" || test -d "$pytrace_include" || continue
  DTRACE_CPPFLAGS=${pytrace_include:+-I`cd "$pytrace_include" && pwd`}
  CPPFLAGS="$pytrace_save_CPPFLAGS $DTRACE_CPPFLAGS -I."
  AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#include "conftest.dtrace.h"
]])],
    [pytrace_found=yes; break])
done
CPPFLAGS=$pytrace_save_CPPFLAGS
rm -f conftest.dtrace.h
AS_IF([test $pytrace_found = yes],
  [AC_MSG_RESULT([${DTRACE_CPPFLAGS:-with no flags}])],
  [AC_MSG_RESULT([it is not])
   AC_MSG_ERROR([the header that $DTRACE makes cannot be compiled; set CPPFLAGS to -I and the directory of its sys/usdt.h or sys/sdt.h])])
])

# PYTRACE_DTRACE_ADVICE: the words that name the package, for error messages.
AC_DEFUN([PYTRACE_DTRACE_ADVICE], [m4_normalize([
Install systemtap-sdt-dev (Debian, Ubuntu), systemtap-sdt-devel and
systemtap-sdt-dtrace (Fedora) or systemtap (Arch), or configure with
--without-dtrace, which builds everything without markers.])])
