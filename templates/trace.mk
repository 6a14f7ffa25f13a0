# trace.mk - the markers of @PROVIDER@, for a plain Makefile:
#
#   TRACE_DIR = DIRECTORY       where this file is
#   include DIRECTORY/trace.mk
#
# Then compile with $(TRACE_CPPFLAGS), and link $(TRACE_OBJECTS) into the file
# that has the eval loop. "make MARKERS=-DPYTRACE_WITHOUT_DTRACE" builds without
# markers.
#
# SPDX-License-Identifier: MIT

TRACE_CPPFLAGS = -I$(TRACE_DIR) $(MARKERS)
TRACE_OBJECTS = $(TRACE_DIR)/pytrace_probes.o $(TRACE_DIR)/trace.o

$(TRACE_DIR)/pytrace_probes.o: $(TRACE_DIR)/pytrace_probes.c \
		$(TRACE_DIR)/pytrace_probes.h
	$(CC) $(TRACE_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ \
	    $(TRACE_DIR)/pytrace_probes.c
$(TRACE_DIR)/trace.o: $(TRACE_DIR)/trace.c $(TRACE_DIR)/trace.h \
		$(TRACE_DIR)/pytrace_probes.h
	$(CC) $(TRACE_CPPFLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ \
	    $(TRACE_DIR)/trace.c
