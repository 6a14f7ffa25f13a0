# SPDX-License-Identifier: MIT
# generate.awk - read a provider definition (probes.d) and fill templates from
# it. POSIX awk; the only program that knows the markers.
#
#   generate.sh -v probes=FILE.d [-v provider=NAME] [-v version=X.Y.Z]
#       [-v without=1] [-v real=1] [-v bundled=1] [-v nop=INSTRUCTIONS]
#       [-v binary=NAME] [-v norecorder=1] [-v with=GROUP,...] [TEMPLATE]
#
# A template is copied to the standard output. In its lines @PROVIDER@,
# @VERSION@ and @NUMBER_OF_MARKERS@ are replaced; a line that is only one of
# the words in expand_line() below is replaced by what that word stands for.
# Without a template the definition is only checked. An error is one line,
# FILE:LINE: reason, and exit status 1. With real=1, the guards call
# the checks of a real DTrace, and there are no semaphores. With bundled=1, the
# runtime needs no header of dtrace's. With nop=nop5 and
# the like, the probe is that instruction (see print_probe_nop). with names the
# optional groups that are not left out, or is "all".

function expand_line(word)
{
    if (word == "@PUBLIC_MARKERS@")
        print_public_markers()
    else if (word == "@PROTOTYPES@")
        print_prototypes()
    else if (word == "@CALLING_FUNCTIONS@")
        print_calling_functions()
    else if (word == "@TEST_PROTOTYPES@") {
        if (real)
            print_test_functions(0)
    } else if (word == "@TEST_FUNCTIONS@") {
        if (real)
            print_test_functions(1)
    } else if (word == "@EMPTY_FUNCTIONS@")
        print_empty_functions(0, 1, markers)
    else if (word == "@FUNCTIONS_LEFT_OUT@")
        print_empty_functions(0, markers + 1, all_markers)
    else if (word == "@EMPTY_RUNTIME@")
        print_empty_functions(1, 1, markers)
    else if (word == "@NOTE@")
        print_note()
    else if (word == "@SEMAPHORE_DECLARATIONS@")
        print_semaphore_declarations()
    else if (word == "@SEMAPHORE_DEFINITIONS@")
        print_semaphore_definitions()
    else if (word == "@PROBE_NOP@")
        print_probe_nop()
    else if (word == "@MARKER_FUNCTIONS@")
        print_marker_functions()
    else if (word == "@TABLE@")
        print_table()
    else if (word == "@NAMES_ASIDE@")
        print_names_aside()
    else if (word == "@NAMES_BACK@")
        print_names_back()
    else if (word == "@DEFINITION@")
        print_definition()
    else if (word == "@SIGNATURES@")
        print_signatures()
    else if (word == "@NOTE_ARGUMENTS@")
        print_note_arguments()
    else if (word == "@RESERVED@")
        print_reserved()
    else if (word == "@MAN@")
        print_man(1, markers)
    else if (word == "@MAN_LEFT_OUT@")
        print_man_left_out()
    else if (word == "@TAPSET@")
        print_tapset()
    else if (word == "@VERSION_MACROS@") {
        split(version, parts, /[.]/)
        print "#define PYTRACE_VERSION \"" version "\""
        print "#define PYTRACE_VERSION_MAJOR " parts[1] + 0
        print "#define PYTRACE_VERSION_MINOR " parts[2] + 0
        print "#define PYTRACE_VERSION_PATCH " parts[3] + 0
    } else if (word == "@INCLUDES@") {
        if (needs_stddef)
            print "#include <stddef.h>"
        if (needs_stdint)
            print "#include <stdint.h>"
        if (needs_stdbool)
            print "#include <stdbool.h>"
    } else if (word == "@WITHOUT_DTRACE@") {
        if (without) {
            print "#ifndef PYTRACE_WITHOUT_DTRACE"
            print "#define PYTRACE_WITHOUT_DTRACE 1 /* as configured */"
            print "#endif"
        }
    } else if (word == "@RECORDER@") {
        if (norecorder) {
            print "#ifndef PYTRACE_WITHOUT_RECORDER"
            print "#define PYTRACE_WITHOUT_RECORDER 1 /* as configured */"
            print "#endif"
        }
    } else if (word == "@RECORDER_SOURCE@")
        print_source("recorder.c")
    else if (word == "@REAL_DTRACE@") {
        if (real) {
            print "#ifndef PYTRACE_WITHOUT_DTRACE"
            print "#define PYTRACE__REAL_DTRACE 1 /* as configured */"
            print "#endif"
        }
    } else
        return 0
    return 1
}

# A file beside the template, with those that it includes from there.
function print_source(name,    file, line, lines)
{
    file = FILENAME
    sub(/[^\/]*$/, name, file)
    while ((getline line < file) > 0) {
        lines++
        if (line == "#include \"recording.h\"")
            print_source("recording.h")
        else
            print line
    }
    if (!lines)
        fail(file, "cannot be read")
    close(file)
}

# ---- the program ------------------------------------------------------------

BEGIN {
    know_directives()
    know_types()
    know_names()
    parse()
    leave_out()
    print_warnings()
    if (ARGC < 2)
        exit 0
}

/^@[A-Z_]+@$/ && expand_line($0) {
    next
}

{
    gsub(/@PROVIDER@/, provider)
    gsub(/@VERSION@/, version)
    gsub(/@NUMBER_OF_MARKERS@/, markers)
    if (match($0, /@[A-Z_]+@/))
        fail(FILENAME ":" FNR, "unknown word " substr($0, RSTART, RLENGTH))
    print
}

END {
    if (failed)
        exit 1
}
