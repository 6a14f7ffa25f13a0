# trace.m4 - the markers of @PROVIDER@, for autoconf. In configure.ac, behind
# AC_PROG_CC:
#
#   m4_include([DIRECTORY/trace.m4])   where this file is
#
# In Makefile.am, behind the sources of the TARGET that has the eval loop (with
# "subdir-objects" among automake's options, and "TARGET_SOURCES =" before it):
#
#   TARGET_SOURCES += DIRECTORY/pytrace_probes.c DIRECTORY/pytrace_probes.h \
#       DIRECTORY/trace.c DIRECTORY/trace.h
#   TARGET_CPPFLAGS = -I$(srcdir)/DIRECTORY $(TRACE_CPPFLAGS)
#
# configure then has an option: --disable-markers builds without markers.
#
# SPDX-License-Identifier: MIT

AC_ARG_ENABLE([markers],
  [AS_HELP_STRING([--disable-markers],
    [leave out the markers for DTrace, SystemTap, bpftrace and pytrace])],
  [], [enable_markers=yes])
AS_IF([test "x$enable_markers" = xno],
  [TRACE_CPPFLAGS=-DPYTRACE_WITHOUT_DTRACE], [TRACE_CPPFLAGS=])
AC_SUBST([TRACE_CPPFLAGS])
