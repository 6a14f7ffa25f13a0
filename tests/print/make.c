/*
 * make.c - write a recording's file without a program that is recorded.
 *
 *   make [--swapped] < DESCRIPTION > FILE
 *   make --many EVENTS THREADS > FILE
 *
 * A line of the description is a chunk, or a record of the chunk "events" above
 * it; words are separated by blanks, and the last one of a text goes to the end
 * of the line:
 *
 *   host NUMBER POINTER PROVIDER FILE    and below it, of each marker:
 *     marker NAME GROUP|- SHAPE,SHAPE...|- ARGUMENTS...
 *   process NUMBER PID SELF PARENT COMMAND...
 *   thread PROCESS TID NAME...
 *   clock KIND TICKS MONOTONIC WALL
 *   events STREAM HOST PROCESS           and below it:
 *     begin TIME PID TID LOST
 *     string NUMBER LENGTH TEXT...       LENGTH 0: as long as it is; \xNN
 *     lost TIME LOST
 *     event MARKER TIME ARGUMENT...      ARGUMENT+ has two words
 *     word NUMBER                        any 4 bytes
 *   pass TICKS
 *   pause BEGIN END                      END 0: it goes on
 *   running PROCESS TICKS
 *   stop TICKS
 *   lostbehind STREAM EVENTS
 *   outside HOST PROCESS EARLY UNRINGED
 *   end WHY EVENTS LOST TEXT...
 *   chunk KIND TEXT...                   any other one
 *
 * --swapped writes the other byte order. --many writes a long recording.
 *
 * SPDX-License-Identifier: MIT
 */
#include "format.h"
#include "recording.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static bool swapped;
static unsigned char *payload;
static size_t size, capacity;
static uint32_t kind;   /* of the chunk that is being written; 0: none */
static size_t count_at; /* where a host's number of markers is */
static uint32_t markers;

/* ---- a payload ---- */

static void put(const void *bytes, size_t count)
{
    while (size + count > capacity) {
        capacity = capacity != 0 ? 2 * capacity : 4096;
        payload = realloc(payload, capacity);
        if (payload == NULL)
            abort();
    }
    memcpy(payload + size, bytes, count);
    size += count;
}

static void put16(unsigned number)
{
    uint16_t word = (uint16_t)number;

    word = swapped ? __builtin_bswap16(word) : word;
    put(&word, 2);
}

static uint32_t in_order(uint32_t word)
{
    return swapped ? __builtin_bswap32(word) : word;
}

static void put32(uint64_t number)
{
    uint32_t word = in_order((uint32_t)number);

    put(&word, 4);
}

static void put64(uint64_t number)
{
    uint64_t word = swapped ? __builtin_bswap64(number) : number;

    put(&word, 8);
}

static void put_text(const char *text)
{
    put(text, strlen(text) + 1);
}

/* ---- chunks ---- */

static void write_all(const void *bytes, size_t count)
{
    if (count != 0 && fwrite(bytes, count, 1, stdout) != 1)
        abort();
}

static void end_chunk(void)
{
    static const unsigned char zeros[8];
    uint32_t header[4] = {in_order(CHUNK_MAGIC), in_order(kind),
                          in_order((uint32_t)size), 0};
    uint32_t number;
    uLong crc;

    if (kind == CHUNK_HOST) {
        number = in_order(markers);
        memcpy(payload + count_at, &number, 4);
    }
    if (kind != 0) {
        crc = crc32(0, (const Bytef *)(header + 1), 8);
        header[3] = in_order((uint32_t)crc32(crc, payload, (uInt)size));
        write_all(header, sizeof(header));
        write_all(payload, size);
        write_all(zeros, (8 - size % 8) % 8);
    }
    size = 0;
    kind = 0;
}

static void begin_chunk(uint32_t new_kind)
{
    end_chunk();
    kind = new_kind;
}

/* ---- records ---- */

static size_t record_at;

static void begin_record(unsigned record_kind)
{
    record_at = size;
    put16(0);
    put16(record_kind);
}

static void end_record(void)
{
    uint16_t length;

    while ((size - record_at) % 8 != 0)
        put("", 1);
    length = (uint16_t)(size - record_at);
    length = swapped ? __builtin_bswap16(length) : length;
    memcpy(payload + record_at, &length, 2);
}

static void put_string(uint32_t number, uint32_t whole, const char *text,
                       size_t length)
{
    begin_record(PYTRACE__STRING);
    put32(number);
    put32(whole);
    put32(length);
    put(text, length);
    end_record();
}

static void put_begin(uint64_t time, uint32_t pid, uint32_t tid, uint64_t lost)
{
    begin_record(PYTRACE__BEGIN);
    put32(1);
    put64(time);
    put32(pid);
    put32(tid);
    put64(lost);
    end_record();
}

/* ---- a description ---- */

static char *at; /* the rest of the line */

static char *next_word(void)
{
    char *word = at + strspn(at, " ");

    at = word + strcspn(word, " ");
    if (*at != '\0')
        *at++ = '\0';
    return word;
}

static uint64_t next_number(void)
{
    const char *word = next_word();

    return *word == '-' ? (uint64_t)strtoll(word, NULL, 0)
                        : strtoull(word, NULL, 0);
}

/* The rest, with \xNN read; its length. */
static size_t unescape(char *text)
{
    char *to = text;
    const char *from;
    unsigned byte;

    for (from = text; *from != '\0';) {
        if (sscanf(from, "\\x%2x", &byte) == 1) {
            *to++ = (char)byte;
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}

static void read_marker(void)
{
    const char *name = next_word();
    const char *group = next_word();
    char *shapes = next_word();
    char *comma;

    while ((comma = strchr(shapes, ',')) != NULL)
        *comma = ' ';
    put_text(name);
    put_text(strcmp(shapes, "-") == 0 ? "" : shapes);
    put_text(at);
    put_text(strcmp(group, "-") == 0 ? "" : group);
    markers++;
}

/* The first word of the first argument stands before the time. */
static void read_event(void)
{
    uint32_t words[32] = {0};
    uint64_t time;
    size_t count = 0;
    size_t i;
    unsigned marker = (unsigned)next_number();

    time = next_number();
    while (*at != '\0' && count < 30) {
        char *word = next_word();
        uint64_t number = *word == '-' ? (uint64_t)strtoll(word, NULL, 0)
                                       : strtoull(word, NULL, 0);

        words[count++] = (uint32_t)number;
        if (strchr(word, '+') != NULL)
            words[count++] = (uint32_t)(number >> 32);
    }
    begin_record(PYTRACE__EVENT + marker);
    put32(words[0]);
    put64(time);
    for (i = 1; i < count; i++)
        put32(words[i]);
    end_record();
}

static void read_string(void)
{
    uint32_t number = (uint32_t)next_number();
    uint32_t whole = (uint32_t)next_number();
    size_t length = unescape(at);

    put_string(number, whole != 0 ? whole : (uint32_t)length, at, length);
}

static void read_record(const char *word)
{
    if (strcmp(word, "begin") == 0) {
        uint64_t time = next_number();
        uint32_t pid = (uint32_t)next_number();
        uint32_t tid = (uint32_t)next_number();

        put_begin(time, pid, tid, next_number());
    } else if (strcmp(word, "string") == 0) {
        read_string();
    } else if (strcmp(word, "lost") == 0) {
        begin_record(PYTRACE__LOST);
        put32(0);
        put64(next_number());
        put64(next_number());
        end_record();
    } else if (strcmp(word, "event") == 0) {
        read_event();
    } else if (strcmp(word, "word") == 0) {
        put32(next_number());
    } else {
        fprintf(stderr, "make: what is %s?\n", word);
        exit(1);
    }
}

/* What a chunk consists of: n a word, w two, 0 a zero word, t a text. */
static const struct {
    const char *name;
    uint32_t kind;
    const char *parts;
} chunks[] = {
    {"process", CHUNK_PROCESS, "nnnnt"}, {"thread", CHUNK_THREAD, "nnt"},
    {"clock", CHUNK_CLOCK, "n0www"},     {"events", CHUNK_EVENTS, "nnn0"},
    {"pass", CHUNK_PASS, "w"},           {"lostbehind", CHUNK_LOST, "n0w"},
    {"outside", CHUNK_OUTSIDE, "nnww"},  {"end", CHUNK_END, "n0wwt"},
    {"pause", CHUNK_PAUSE, "ww"},        {"running", CHUNK_RUNNING, "n0w"},
    {"stop", CHUNK_STOP, "w"},
};

static bool read_chunk(const char *word)
{
    const char *part;
    size_t i;

    for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++)
        if (strcmp(word, chunks[i].name) == 0)
            break;
    if (i == sizeof(chunks) / sizeof(chunks[0]))
        return false;
    begin_chunk(chunks[i].kind);
    for (part = chunks[i].parts; *part != '\0'; part++)
        switch (*part) {
        case 'n': put32(next_number()); break;
        case 'w': put64(next_number()); break;
        case '0': put32(0); break;
        default: put(at, unescape(at) + 1); break;
        }
    return true;
}

static void read_line(char *line)
{
    const char *word;

    at = line;
    word = next_word();
    if (*word == '\0' || *word == '#' || read_chunk(word))
        return;
    if (strcmp(word, "host") == 0) {
        begin_chunk(CHUNK_HOST);
        put32(next_number());
        put32(next_number());
        count_at = size;
        markers = 0;
        put32(0);
        put_text("1.2.3");
        put_text(next_word());
        put_text(next_word());
    } else if (strcmp(word, "marker") == 0) {
        read_marker();
    } else if (strcmp(word, "chunk") == 0) {
        begin_chunk((uint32_t)next_number());
        put(at, unescape(at));
    } else {
        read_record(word);
    }
}

static void write_header(void)
{
    struct file_header header = {.magic = FORMAT_MAGIC,
                                 .version = in_order(FORMAT_VERSION),
                                 .order = in_order(FORMAT_ORDER)};

    write_all(&header, sizeof(header));
}

/* ---- a long recording ---- */

static void command(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

#include <stdarg.h>

static void command(const char *format, ...)
{
    char line[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    read_line(line);
}

/* Entries and returns, 100 ns apart, of threads in turns. */
static void write_many(uint64_t events, unsigned threads)
{
    static const unsigned in_chunk = 1000;
    uint64_t done = 0;
    uint64_t ticks = 1000;
    unsigned thread = 0;
    unsigned i;
    bool is_first = true;

    command("host 0 8 lua /usr/bin/lua");
    command("marker function__entry function s,s,-4 "
            "const char *filename, const char *name, int lineno");
    command("marker function__return function s,s,-4 "
            "const char *filename, const char *name, int lineno");
    command("process 0 4242 4242 1 lua work.lua");
    command("clock 1 0 0 1700000000000000000");
    command("clock 1 10000 5000 1700000000000005000");
    while (done < events) {
        command("events %u 0 0", thread);
        if (is_first) {
            put_begin(ticks, 4242, 4242 + thread, 0);
            put_string(1, 22, "/srv/www/app/orders.lua", 22);
            put_string(2, 9, "get_order", 9);
        }
        for (i = 0; i < in_chunk && done < events; i++, done++) {
            begin_record(PYTRACE__EVENT + i % 2);
            put32(1);
            put64(ticks += 200);
            put32(2);
            put32(100 + i);
            end_record();
        }
        if (++thread == threads) {
            thread = 0;
            is_first = false;
            command("pass %" PRIu64, ticks);
        }
    }
    command("end 0 %" PRIu64 " 0 ", events);
}

int main(int argc, char **argv)
{
    char line[65536];

    if (argc == 4 && strcmp(argv[1], "--many") == 0) {
        write_header();
        write_many(strtoull(argv[2], NULL, 0),
                   (unsigned)strtoul(argv[3], NULL, 0));
    } else {
        swapped = argc == 2 && strcmp(argv[1], "--swapped") == 0;
        write_header();
        while (fgets(line, sizeof(line), stdin) != NULL) {
            line[strcspn(line, "\n")] = '\0';
            read_line(line);
        }
    }
    end_chunk();
    free(payload);
    return fflush(stdout) != 0;
}
