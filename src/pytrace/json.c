/*
 * json.c - a report for programs: one JSON object. Addresses are strings, as
 * not every reader of JSON keeps 64 bits.
 */
#include "check.h"

#include <string.h>

/* ---- strings ---- */

/* The length of the UTF-8 sequence here, or 0 when it is none. */
static size_t utf8_length(const unsigned char *at)
{
    static const struct {
        unsigned char first, last, low, high;
        size_t length;
    } kinds[] = {
        /* the first byte's range, the second one's, and how many there are */
        {0x20, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2},
        {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
        {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
        {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    size_t i, j;

    for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (*at < kinds[i].first || *at > kinds[i].last)
            continue;
        if (kinds[i].length > 1 &&
            (at[1] < kinds[i].low || at[1] > kinds[i].high))
            return 0;
        for (j = 2; j < kinds[i].length; j++)
            if (at[j] < 0x80 || at[j] > 0xbf)
                return 0;
        return kinds[i].length;
    }
    return 0;
}

/* What is not UTF-8 becomes U+FFFD, byte by byte. */
static void print_text(const char *text, size_t size)
{
    const char *end = text + size;

    putchar('"');
    while (text < end) {
        size_t length = utf8_length((const unsigned char *)text);

        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            printf("\\u%04x", (unsigned)*text);
        else if (length == 0 || length > (size_t)(end - text))
            fputs("\\ufffd", stdout);
        else
            fwrite(text, 1, length, stdout);
        text += length != 0 && length <= (size_t)(end - text) ? length : 1;
    }
    putchar('"');
}

static void print_string(const char *text)
{
    print_text(text, strlen(text));
}

static void print_key(const char *key)
{
    printf("\"%s\": ", key);
}

static void print_member(const char *key, const char *text)
{
    print_key(key);
    print_string(text);
    fputs(", ", stdout);
}

/* ---- lists: what comes before the next of them ---- */

static const char *separator;

static void open_list(const char *key)
{
    print_key(key);
    putchar('[');
    separator = "";
}

static void next(void)
{
    fputs(separator, stdout);
    separator = ", ";
}

static void close_list(void)
{
    putchar(']');
}

static void print_next(const char *text)
{
    next();
    print_string(text);
}

/* ---- a marker ---- */

static void print_address(const char *key, uint64_t address)
{
    print_key(key);
    printf("\"0x%llx\"", (unsigned long long)address);
}

static void print_arguments(const char *arguments)
{
    struct operand operand;

    open_list("arguments");
    while (operand_next(&operand, &arguments)) {
        next();
        printf("{\"bytes\": %u, \"signed\": %s, \"operand\": ", operand.bytes,
               operand.is_signed ? "true" : "false");
        print_text(operand.text, operand.length);
        putchar('}');
    }
    close_list();
}

static void print_site(const struct site *site)
{
    putchar('{');
    print_address("address", site->pc);
    fputs(", ", stdout);
    if (site->semaphore != 0)
        print_address("semaphore", site->semaphore);
    else
        fputs("\"semaphore\": null", stdout);
    fputs(", ", stdout);
    print_arguments(site->arguments);
    putchar('}');
}

static void print_verdict(const struct verdict *verdict)
{
    size_t i;

    fputs("\n    {", stdout);
    print_member("name", verdict->expected->name);
    printf("\"present\": %s, \"well\": %s, ",
           verdict->site_count != 0 ? "true" : "false",
           verdict->shortfall_count == 0 ? "true" : "false");
    if (verdict->value >= 0)
        printf("\"value\": %ld, ", verdict->value);
    open_list("sites");
    for (i = 0; i < verdict->site_count; i++) {
        next();
        print_site(&verdict->sites[i]);
        separator = ", ";
    }
    close_list();
    fputs(", ", stdout);
    open_list("shortfalls");
    for (i = 0; i < verdict->shortfall_count; i++)
        print_next(verdict->shortfalls[i]);
    close_list();
    printf(", \"more_shortfalls\": %zu}", verdict->unsaid);
}

/* ---- a file ---- */

static bool is_first_file;

static void begin_file(const char *file)
{
    printf("%s\n  {", is_first_file ? "" : ",");
    is_first_file = false;
    print_member("file", file);
}

static void print_about(const struct report *report)
{
    const struct image *image = report->image;
    const char *machine = machine_name(image->machine);

    begin_file(report->file);
    printf("\"bits\": %u, \"byte_order\": \"%s\", \"processor\": ", image->bits,
           image->big_endian ? "big" : "little");
    if (machine != NULL)
        print_string(machine);
    else
        printf("%u", image->machine);
    printf(", \"operands_judged\": %s, ", machine != NULL ? "true" : "false");
    open_list("other_providers");
    each_other_provider(report, print_next);
    close_list();
}

static void json_report(const struct report *report)
{
    size_t i;

    print_about(report);
    fputs(", ", stdout);
    print_member("provider", report->provider);
    open_list("other_markers");
    each_other_marker(report, print_next);
    close_list();
    printf(", \"well\": %s, ", report->too_short == 0 ? "true" : "false");
    open_list("markers");
    for (i = 0; i < report->count; i++) {
        if (i > 0)
            putchar(',');
        print_verdict(&report->verdicts[i]);
    }
    close_list();
    putchar('}');
}

static void json_bystander(const struct report *report)
{
    print_about(report);
    putchar('}');
}

static void json_unreadable(const char *file, const char *why)
{
    begin_file(file);
    print_key("error");
    print_string(why);
    putchar('}');
}

static void json_begin(long pid)
{
    putchar('{');
    if (pid != 0)
        printf("\"process\": %ld, ", pid);
    open_list("files");
    is_first_file = true;
}

static void json_end(enum outcome outcome)
{
    static const char *const words[] = {"all well", "falls short",
                                        "unreadable"};

    printf("], \"outcome\": \"%s\"}\n", words[outcome]);
}

const struct printer json_printer = {json_begin, json_report, json_bystander,
                                     json_unreadable, json_end};
