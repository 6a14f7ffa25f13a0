# trace.cmake - the markers of @PROVIDER@, for CMake:
#
#   include(DIRECTORY/trace.cmake)     where this file is
#   trace_markers(TARGET)
#
# TARGET is the executable or library that has the eval loop. "cmake
# -DMARKERS=OFF" builds without markers.
#
# SPDX-License-Identifier: MIT

enable_language(C)
option(MARKERS "build the markers of @PROVIDER@, for tracers" ON)
set(TRACE_DIRECTORY ${CMAKE_CURRENT_LIST_DIR})

function(trace_markers target)
    target_sources(${target} PRIVATE
        ${TRACE_DIRECTORY}/pytrace_probes.c ${TRACE_DIRECTORY}/trace.c)
    target_include_directories(${target} PRIVATE ${TRACE_DIRECTORY})
    if(NOT MARKERS)
        target_compile_definitions(${target} PRIVATE PYTRACE_WITHOUT_DTRACE)
    endif()
endfunction()
