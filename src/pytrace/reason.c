/* reason.c - one sentence that says why something cannot be read. */
#include "check.h"

#include <stdarg.h>

bool because(struct reason *reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason->text, sizeof(reason->text), format, arguments);
    va_end(arguments);
    return false;
}
