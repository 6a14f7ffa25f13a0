/*
 * macros.c - the macros and functions that a probe's or a group's name stands
 * for in the public header: no two may be the same.
 */
#include "scanner.h"

#include <ctype.h>
#include <string.h>

static bool is_double(struct span name, size_t at)
{
    return name.at[at] == '_' && at + 1 < name.length && name.at[at + 1] == '_';
}

/* With "__" written as "_" where it is a probe's. Of a name, 64 bytes count. */
static struct macro folded(struct span name, bool is_probe)
{
    struct macro macro;
    size_t length = 0;
    size_t i;

    for (i = 0; i < name.length && length < sizeof(macro.text) - 1; i++) {
        macro.text[length++] = name.at[i];
        if (is_probe && is_double(name, i))
            i++;
    }
    macro.text[length] = '\0';
    return macro;
}

struct macro macro_function(struct span probe)
{
    return folded(probe, true);
}

struct macro macro_of(struct span name, bool is_probe)
{
    struct macro macro = folded(name, is_probe);
    char *at;

    for (at = macro.text; *at != '\0'; at++)
        *at = (char)toupper((unsigned char)*at);
    return macro;
}

bool macro_is(const struct macro *macro, const struct macro *other,
              const char *suffix)
{
    size_t length = strlen(other->text);

    return strncmp(macro->text, other->text, length) == 0 &&
           strcmp(macro->text + length, suffix) == 0;
}

bool macro_is_shared(const struct macro *macro, const struct macro *other)
{
    return macro_is(macro, other, "_ENABLED") ||
           macro_is(macro, other, "_NARGS");
}

bool macro_is_taken(struct span probe)
{
    static const char *const taken[] = {
        "version", "markers", "find", "h", "probes_h", "without_dtrace", NULL};
    struct macro function = macro_function(probe);

    return span_is_among((struct span){function.text, strlen(function.text)},
                         taken);
}
