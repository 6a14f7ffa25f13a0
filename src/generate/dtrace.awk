# SPDX-License-Identifier: MIT
# dtrace.awk - what stands under the guards: semaphores, or, over a real DTrace
# (on Oracle Linux, FreeBSD, illumos, macOS), functions of the runtime that have
# the checks of that DTrace's header. Nothing else of the generated C differs.

# What stands under a marker's guard: its semaphore, or, over a real DTrace, a
# function of the runtime that has the check of that DTrace's header.
function test(m)
{
    return real ? test_function(lower[m]) "()" : semaphore(m)
}

function group_test(g)
{
    return real ? test_function(group_name[g]) "()" : group_symbol(g)
}

function test_function(name)
{
    return symbol(name "_enabled")
}

# In one function each: a DTrace (Oracle's 2.0.7) refuses programs that have a
# marker's check twice in one function, which the compiler can cause by itself.
function print_test_functions(bodies,    m, g, i, s)
{
    for (m = 1; m <= markers; m++)
        print_test_function(bodies, lower[m], provider_macro(m) "_ENABLED()")
    for (g = 1; g <= groups; g++) {
        s = ""
        for (i = 1; i <= group_size[g]; i++)
            s = s (i > 1 ? " ||\n           " : "") test(group_member[g, i])
        print_test_function(bodies, group_name[g], s)
    }
}

function print_test_function(bodies, name, expression)
{
    if (!bodies) {
        print "int " test_function(name) "(void) PYTRACE__HIDDEN;"
        return
    }
    print "PYTRACE__PROBE_SITE int " test_function(name) "(void)"
    print "{"
    print "    return " expression " ? 1 : 0;"
    print "}"
    print ""
}
