# SPDX-License-Identifier: MIT
# optional.awk - which optional groups are left out of what is made of the
# definition. The markers of the others are 1 to markers, in the definition's
# order, and their groups 1 to groups; those that are left out come behind them,
# up to all_markers and all_groups.

function leave_out(    m, g, k, place, group_place)
{
    all_markers = markers
    all_groups = groups
    check_optional()
    choose_groups()
    k = 0
    for (m = 1; m <= markers; m++)
        if (!is_out(m))
            place[m] = ++k
    markers = k
    for (m = 1; m <= all_markers; m++)
        if (!(m in place))
            place[m] = ++k
    if (markers == 0)
        fail(probes, "no probe is left without its optional groups; name " \
             "one, --with-groups=NAME")
    k = 0
    for (g = 1; g <= groups; g++)
        if (!(g in is_left_out))
            group_place[g] = ++k
    groups = k
    for (g = 1; g <= all_groups; g++)
        if (!(g in group_place))
            group_place[g] = ++k
    move_markers(place)
    move_groups(place, group_place)
}

function is_out(m)
{
    return (m in in_group) && (in_group[m] in is_left_out)
}

# A group is optional as a whole.
function check_optional(    m, g)
{
    for (m = 1; m <= markers; m++) {
        if (!(m in is_optional))
            continue
        if (!(m in in_group))
            fail(probes ":" is_optional[m], "the optional probe '" marker[m] \
                 "' is in no group; configure chooses groups, so add " \
                 "'@group NAME'")
        g = in_group[m]
        if (!(g in optional_group))
            claim("HAS_" toupper(group_name[g]), "the optional group '" \
                  group_name[g] "'", is_optional[m])
        optional_group[g] = is_optional[m]
        optional_name[group_name[g]] = 1
    }
    for (m = 1; m <= markers; m++)
        if ((m in in_group) && (in_group[m] in optional_group) &&
            !(m in is_optional))
            fail(probes ":" optional_group[in_group[m]], "the probe '" \
                 marker[m] "' of the same group, '" group_name[in_group[m]] \
                 "', is not optional")
}

# Of what "with" names: "NAME,NAME", "all", or "".
function choose_groups(    list, n, i, g, names)
{
    n = split(with, list, ",")
    for (g = 1; g <= groups; g++)
        if (g in optional_group) {
            is_left_out[g] = 1
            names = names (names == "" ? "" : ", ") group_name[g]
        }
    for (i = 1; i <= n; i++) {
        for (g = 1; g <= groups; g++)
            if ((g in optional_group) &&
                (list[i] == group_name[g] || with == "all")) {
                delete is_left_out[g]
                if (with != "all")
                    break
            }
        if (g > groups && with != "all")
            fail("--with-groups", "there is no optional group '" list[i] \
                 "'; there " (names == "" ? "is none" : "are " names))
    }
}

function move_markers(place)
{
    move(marker, place)
    move(lower, place)
    move(upper, place)
    move(arguments, place)
    move(doc, place)
    move(in_group, place)
    move(has_text, place)
    move_arguments(arg_name, place)
    move_arguments(arg_base, place)
    move_arguments(arg_stars, place)
    move_arguments(arg_type, place)
    move_arguments(arg_doc, place)
}

function move_groups(place, group_place,    g, i, m, old)
{
    for (m = 1; m <= all_markers; m++)
        if (m in in_group)
            in_group[m] = group_place[in_group[m]]
    for (g = 1; g <= all_groups; g++)
        for (i = 1; i <= group_size[g]; i++)
            old[g, i] = place[group_member[g, i]]
    for (g = 1; g <= all_groups; g++)
        for (i = 1; i <= group_size[g]; i++)
            group_member[group_place[g], i] = old[g, i]
    move(group_name, group_place)
    move(group_size, group_place)
}

# What stood at i stands at place[i] then.
function move(array, place,    i, old)
{
    for (i in place)
        if (i in array) {
            old[i] = array[i]
            delete array[i]
        }
    for (i in old)
        array[place[i]] = old[i]
}

function move_arguments(array, place,    m, n, old)
{
    for (m in place)
        for (n = 1; n <= 6; n++)
            if ((m, n) in array) {
                old[m, n] = array[m, n]
                delete array[m, n]
            }
    for (m in place)
        for (n = 1; n <= 6; n++)
            if ((m, n) in old)
                array[place[m], n] = old[m, n]
}
