# pytrace.m4 - give an interpreter's configure the option --with-dtrace.
# serial 2
# SPDX-License-Identifier: MIT
#
# PYTRACE_WITH_DTRACE([PROVIDER], [DEFAULT])
# ------------------------------------------
# PROVIDER is the name that pytrace was configured with (--with-provider), such
# as lua; python, which is pytrace's own default, unless given.
# Adds --with-dtrace to configure; DEFAULT is yes or no, and yes unless given.
# Prints "checking for --with-dtrace... yes" (or no), and substitutes
#
#   PYTRACE_CFLAGS  what to compile with
#   PYTRACE_LIBS    what to link with, in the same executable or library that
#                   the markers are in
#
# Both come from pytrace-PROVIDER.pc, by pkg-config; with --host=TRIPLET by
# TRIPLET-pkg-config, where there is one. With --without-dtrace the header is
# still needed, but nothing is linked, and every marker compiles to nothing.
# Where pytrace cannot be found, configure ends with an error that says so.
# Sets the shell variable with_dtrace to yes or no.

AC_DEFUN([PYTRACE_WITH_DTRACE], [
m4_case([$1], [yes], [m4_fatal([PYTRACE_WITH_DTRACE: the first argument is the provider's name, the second yes or no])],
  [no], [m4_fatal([PYTRACE_WITH_DTRACE: the first argument is the provider's name, the second yes or no])])dnl
m4_ifdef([pytrace_provider],
  [m4_if(m4_quote(pytrace_provider), [$1], [],
    [m4_fatal([PYTRACE_WITH_DTRACE: one configure has one provider, whose flags are in PYTRACE_CFLAGS and PYTRACE_LIBS; for another one, use PKG_CHECK_MODULES])])],
  [m4_define([pytrace_provider], [$1])])dnl
m4_pushdef([pytrace_package], [pytrace-]m4_default([$1], [python]))dnl
AC_ARG_WITH([dtrace],
  [AS_HELP_STRING([--with-dtrace],
    [static markers for DTrace, SystemTap, bpftrace, perf and gdb
     (default: ]m4_default([$2], [yes])[)])],
  [], [with_dtrace=]m4_default([$2], [yes]))
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
  # As PKG_PROG_PKG_CONFIG looks for it: either may come first in a configure.
  AS_IF([test "x$ac_cv_env_PKG_CONFIG_set" != xset],
    [AC_PATH_TOOL([PKG_CONFIG], [pkg-config])])
  AC_MSG_CHECKING([for pytrace_package])
  AS_IF([test "x$PKG_CONFIG" = x], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([there is no pkg-config, which knows where pytrace_package is: install it, or set PYTRACE_CFLAGS and PYTRACE_LIBS])
  ], [$PKG_CONFIG --exists pytrace_package], [
    PYTRACE_CFLAGS=`$PKG_CONFIG --cflags pytrace_package`
    PYTRACE_LIBS=`$PKG_CONFIG --libs pytrace_package`
    pytrace_version=`$PKG_CONFIG --modversion pytrace_package`
    AC_MSG_RESULT([$pytrace_version])
  ], [
    AC_MSG_RESULT([no])
    AC_MSG_ERROR([pytrace_package was not found: install pytrace, configured --with-provider=]m4_default([$1], [python])[, and set PKG_CONFIG_PATH to the directory of pytrace_package.pc, or set PYTRACE_CFLAGS and PYTRACE_LIBS.]m4_if([$1], [], [ (For a provider of another name, configure.ac says PYTRACE@&t@_WITH_DTRACE@{:@@<:@NAME@:>@@:}@.)]))
  ])
])
AS_IF([test "x$with_dtrace" = xno], [
  PYTRACE_CFLAGS="$PYTRACE_CFLAGS -DPYTRACE_WITHOUT_DTRACE"
  PYTRACE_LIBS=
])
m4_popdef([pytrace_package])dnl
])
