# pytrace.m4 - give an interpreter's configure the option --with-dtrace.
# serial 1
#
# PYTRACE_WITH_DTRACE([DEFAULT])
# ------------------------------
# Adds --with-dtrace to configure; DEFAULT is yes or no, and yes unless given.
# Prints "checking for --with-dtrace... yes" (or no), and substitutes
#
#   PYTRACE_CFLAGS  what to compile with
#   PYTRACE_LIBS    what to link with, in the same executable or library that
#                   the markers are in
#
# Both come from pytrace.pc, by pkg-config. With --without-dtrace the header is
# still needed, but nothing is linked, and every marker compiles to nothing.
# Where pytrace cannot be found, configure ends with an error that says so.
# Sets the shell variable with_dtrace to yes or no.

AC_DEFUN([PYTRACE_WITH_DTRACE], [
AC_ARG_WITH([dtrace],
  [AS_HELP_STRING([--with-dtrace],
    [static markers for DTrace, SystemTap, bpftrace, perf and gdb
     (default: ]m4_default([$1], [yes])[)])],
  [], [with_dtrace=]m4_default([$1], [yes]))
AC_ARG_VAR([PYTRACE_CFLAGS], [C compiler flags for pytrace])
AC_ARG_VAR([PYTRACE_LIBS], [linker flags for pytrace])
AC_ARG_VAR([PKG_CONFIG], [path to pkg-config])

AC_MSG_CHECKING([for --with-dtrace])
AS_CASE([$with_dtrace],
  [no], [],
  [yes], [],
  [AC_MSG_ERROR([--with-dtrace takes no value here: pytrace was configured with its own dtrace])])
AC_MSG_RESULT([$with_dtrace])

AS_IF([test "x$PYTRACE_CFLAGS" = x], [
  AS_IF([test "x$PKG_CONFIG" = x],
    [AC_PATH_PROGS([PKG_CONFIG], [pkgconf pkg-config])])
  AC_MSG_CHECKING([for pytrace])
  AS_IF([test "x$PKG_CONFIG" != x && "$PKG_CONFIG" --exists pytrace], [
    PYTRACE_CFLAGS=`"$PKG_CONFIG" --cflags pytrace`
    PYTRACE_LIBS=`"$PKG_CONFIG" --libs pytrace`
    pytrace_version=`"$PKG_CONFIG" --modversion pytrace`
    AC_MSG_RESULT([$pytrace_version])
  ], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([pytrace was not found: install it, and set PKG_CONFIG_PATH to the directory of pytrace.pc, or set PYTRACE_CFLAGS and PYTRACE_LIBS])
  ])
])
AS_IF([test "x$with_dtrace" = xno], [
  PYTRACE_CFLAGS="$PYTRACE_CFLAGS -DPYTRACE_WITHOUT_DTRACE"
  PYTRACE_LIBS=
])
])
