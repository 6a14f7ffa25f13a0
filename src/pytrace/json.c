/*
 * json.c - a report for programs: one JSON object. Addresses are strings, as
 * not every reader of JSON keeps 64 bits.
 *
 * It is written as it is found, without a library: what takes care here, bytes
 * of a file that are not UTF-8, the libraries pass on as they are.
 *
 * SPDX-License-Identifier: MIT
 */
#include "output.h"
#include "processor.h"

#include <string.h>

/* ---- strings ---- */

/* What is not UTF-8 becomes U+FFFD, byte by byte. */
static void write_string(const char *text, size_t size)
{
    const char *end = text + size;

    putchar('"');
    while (text < end) {
        size_t length = utf8_length(text, (size_t)(end - text));

        if (*text == '"' || *text == '\\')
            printf("\\%c", *text);
        else if ((unsigned char)*text < 0x20)
            printf("\\u%04x", (unsigned)*text);
        else if (length != 0)
            fwrite(text, 1, length, stdout);
        else
            fputs("\\ufffd", stdout);
        text += length != 0 ? length : 1;
    }
    putchar('"');
}

/* ---- values, in an object with a key, in a list without (NULL) ---- */

static bool is_first; /* of what was opened last */

static void next(const char *key)
{
    fputs(is_first ? "" : ", ", stdout);
    is_first = false;
    if (key != NULL)
        printf("\"%s\": ", key);
}

static void open_with(const char *key, char bracket)
{
    next(key);
    putchar(bracket);
    is_first = true;
}

static void close_with(char bracket)
{
    putchar(bracket);
    is_first = false;
}

static void put_text(const char *key, const char *text)
{
    next(key);
    write_string(text, strlen(text));
}

static void put_number(const char *key, unsigned long long number)
{
    next(key);
    printf("%llu", number);
}

static void put_word(const char *key, const char *word)
{
    next(key);
    fputs(word, stdout);
}

static void put_boolean(const char *key, bool boolean)
{
    put_word(key, boolean ? "true" : "false");
}

static void put_address(const char *key, uint64_t address)
{
    next(key);
    printf("\"0x%llx\"", (unsigned long long)address);
}

static void put_sentences(const char *key, const struct sentences *sentences)
{
    size_t i;

    open_with(key, '[');
    for (i = 0; i < sentences->count; i++)
        put_text(NULL, sentences->text[i]);
    close_with(']');
}

static void put_shortfalls(const struct sentences *sentences)
{
    put_sentences("shortfalls", sentences);
    put_number("more_shortfalls", sentences->unsaid);
}

/* ---- a marker ---- */

static void put_site(const struct site *site)
{
    const char *arguments = site->arguments;
    struct operand operand;

    open_with(NULL, '{');
    put_address("address", site->pc);
    if (site->semaphore != 0)
        put_address("semaphore", site->semaphore);
    else
        put_word("semaphore", "null");
    open_with("arguments", '[');
    while (operand_next(&operand, &arguments)) {
        open_with(NULL, '{');
        put_number("bytes", operand.bytes);
        put_boolean("signed", operand.is_signed);
        next("operand");
        write_string(operand.text, operand.length);
        close_with('}');
    }
    close_with(']');
    close_with('}');
}

static void put_sites(const struct site *sites, size_t count)
{
    size_t i;

    open_with("sites", '[');
    for (i = 0; i < count; i++)
        put_site(&sites[i]);
    close_with(']');
}

static void put_verdict(const struct verdict *verdict)
{
    static const char *const fires[] = {
        [FIRES_NOT] = "false", [FIRES] = "true", [FIRES_UNKNOWN] = "null"};

    fputs(is_first ? "\n    " : ",\n    ", stdout);
    is_first = true;
    open_with(NULL, '{');
    put_text("name", verdict->marker->name);
    put_text("declaration", verdict->marker->arguments);
    put_text("group", verdict->marker->group);
    put_boolean("present", verdict->site_count != 0);
    put_word("fires", fires[verdict->fires]);
    put_boolean("well", verdict->shortfalls.count == 0);
    if (verdict->value >= 0)
        put_number("value", (unsigned long long)verdict->value);
    put_sites(verdict->sites, verdict->site_count);
    put_shortfalls(&verdict->shortfalls);
    close_with('}');
}

/* ---- a host ---- */

static void put_judgement(const struct judgement *judgement)
{
    size_t i;

    fputs(is_first ? "\n   " : ",\n   ", stdout);
    is_first = true;
    open_with(NULL, '{');
    put_text("provider", judgement->host->provider);
    put_text("library", judgement->host->library);
    put_boolean("recorder", judgement->host->control != 0);
    put_boolean("well", judgement_is_well(judgement));
    put_shortfalls(&judgement->shortfalls);
    put_sentences("remarks", &judgement->remarks);
    open_with("markers", '[');
    for (i = 0; i < judgement->count; i++)
        put_verdict(&judgement->verdicts[i]);
    close_with(']');
    close_with('}');
}

/* ---- a file ---- */

static void put_others(const struct report *report)
{
    struct others others = {.image = report->image};
    const struct site *site;
    size_t count;

    open_with("others", '[');
    while ((site = others_next(&others, &count)) != NULL) {
        open_with(NULL, '{');
        put_text("provider", site->provider);
        put_text("name", site->name);
        put_sites(site, count);
        close_with('}');
    }
    close_with(']');
}

static void open_file(const char *file)
{
    fputs(is_first ? "\n  " : ",\n  ", stdout);
    is_first = true;
    open_with(NULL, '{');
    put_text("file", file);
}

static void json_report(const struct report *report)
{
    const struct image *image = report->image;
    const struct processor *processor = processor_of(image->machine);
    size_t i;

    open_file(report->file);
    put_number("bits", image->bits);
    put_text("byte_order", image->big_endian ? "big" : "little");
    if (processor != NULL)
        put_text("processor", processor->name);
    else
        put_number("processor", image->machine);
    put_boolean("processor_known", processor != NULL);
    put_boolean("well", report_is_well(report));
    put_shortfalls(&report->shortfalls);
    put_sentences("remarks", &report->remarks);
    open_with("hosts", '[');
    for (i = 0; i < report->count; i++)
        put_judgement(&report->judgements[i]);
    close_with(']');
    put_others(report);
    close_with('}');
}

static void json_unreadable(const char *file, const char *why)
{
    open_file(file);
    put_text("error", why);
    close_with('}');
}

static void json_begin(long pid)
{
    is_first = true;
    open_with(NULL, '{');
    if (pid != 0)
        put_number("process", (unsigned long long)pid);
    open_with("files", '[');
}

static void json_end(enum outcome outcome, const struct sentences *shortfalls)
{
    static const char *const words[] = {"all well", "falls short",
                                        "unreadable"};

    close_with(']');
    put_shortfalls(shortfalls);
    put_text("outcome", words[outcome]);
    close_with('}');
    putchar('\n');
}

const struct printer json_printer = {json_begin, json_report, json_unreadable,
                                     json_end};
