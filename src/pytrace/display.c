/*
 * display.c - what pytrace record says while it runs, and at the end: on the
 * standard error output, as the other one is the command's own.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "session.h"

#include <string.h>
#include <stdlib.h>
#include <sys/ioctl.h>

static void put_thousands(char text[static 32], uint64_t number)
{
    char digits[24];
    int length =
        snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
    int i;

    for (i = 0; i < length; i++) {
        if (i != 0 && (length - i) % 3 == 0)
            *text++ = ',';
        *text++ = digits[i];
    }
    *text = '\0';
}

static const char *plural(uint64_t number)
{
    return number == 1 ? "" : "s";
}

/* ---- the state ---- */

static size_t columns(void)
{
    struct winsize size;

    return ioctl(2, TIOCGWINSZ, &size) == 0 && size.ws_col > 1
               ? size.ws_col - 1u
               : 79;
}

static size_t shown; /* how long the line is */

void display_state(const struct session *session, uint64_t now)
{
    static uint64_t last_events, last_time;
    char rate[32], events[32], lost[32];
    char line[256];
    uint64_t count = session_events(session);
    uint64_t time = now - (last_time != 0 ? last_time : session->began);
    size_t most = columns();
    int length;

    if (!session->is_terminal)
        return;
    put_thousands(rate, time != 0 ? (uint64_t)((double)(count - last_events) *
                                               1e9 / (double)time)
                                  : 0);
    put_thousands(events, count);
    put_thousands(lost, session_lost(session));
    last_events = count;
    last_time = now;
    length = snprintf(line, sizeof(line),
                      "%s events/s, %s events, %s lost, %llu thread%s, "
                      "%zu process%s",
                      rate, events, lost, (unsigned long long)session->threads,
                      plural(session->threads), session->count,
                      session->count == 1 ? "" : "es");
    if (session->seconds_end > now)
        snprintf(line + length, sizeof(line) - (size_t)length, ", %.0f s left",
                 (double)(session->seconds_end - now) / 1e9);
    if (strlen(line) > most)
        line[most] = '\0';
    length = (int)strlen(line);
    fprintf(stderr, "\r%s%*s", line,
            shown > (size_t)length ? (int)(shown - (size_t)length) : 0, "");
    fflush(stderr);
    shown = (size_t)length;
}

static void clear_state(void)
{
    if (shown != 0)
        fprintf(stderr, "\r%*s\r", (int)shown, "");
    shown = 0;
}

void display_message(const struct session *session, const char *sentence)
{
    (void)session;
    clear_state();
    fputs(PROGRAM ": ", stderr);
    print_printable(stderr, sentence);
    fputc('\n', stderr);
}

/* ---- the end ---- */

static void put_size(char text[static 32], uint64_t bytes)
{
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double size = (double)bytes;
    size_t i = 0;

    while (size >= 1024 && i + 1 < sizeof(units) / sizeof(units[0])) {
        size /= 1024;
        i++;
    }
    snprintf(text, 32, size < 10 && i != 0 ? "%.1f %s" : "%.0f %s", size,
             units[i]);
}

static void say_bursts(const struct session *session)
{
    char *text = bursts_text(&session->bursts, session->ended);

    if (text != NULL)
        fprintf(stderr, PROGRAM ": %s\n", text);
    free(text);
}

/* (A view has no such options, and shows such a recording.) */
static void say_how_to_lose_less(const struct session *session, bool has_file)
{
    bool can_wait = session->thrown == 0 && session->bursts.budget == 0;

    fprintf(stderr, PROGRAM ": %sa larger --ring loses less%s%s%s\n",
            has_file ? "" : PROGRAM " record -o FILE with ",
            can_wait && !has_file ? ", with"
            : can_wait            ? ","
                                  : "",
            can_wait ? " --full block nothing" : "",
            has_file ? "" : "; then show FILE");
}

void display_summary(const struct session *session, const char *file,
                     bool is_written, uint64_t bytes)
{
    char events[32], lost[32], size[32];

    clear_state();
    put_thousands(events, session->events);
    put_thousands(lost, session->lost);
    put_size(size, bytes);
    if (file != NULL) {
        fprintf(stderr,
                PROGRAM ": recorded %s event%s of %llu thread%s in %.1f s, %s "
                        "lost, %s ",
                events, plural(session->events),
                (unsigned long long)session->threads, plural(session->threads),
                (double)(session->ended - session->began) / 1e9, lost,
                is_written ? "into" : "and not all of them are in");
        print_printable(stderr, file);
        if (is_written)
            fprintf(stderr, " (%s)", size);
        fputc('\n', stderr);
    }
    if (session->bursts.budget != 0)
        say_bursts(session);
    if (session->thrown != 0) {
        put_thousands(events, session->events - session->thrown);
        fprintf(stderr, PROGRAM ": kept the last %s of them\n", events);
    }
    if (!session->has_host && !session->has_failed)
        fprintf(stderr, PROGRAM ": no markers were found in the command%s\n",
                session->follow ? ", nor in what it started"
                                : " before it ended; where it starts a program "
                                  "that has some, say --follow");
    if (session->unringed != 0) {
        put_thousands(lost, session->unringed);
        fprintf(stderr,
                PROGRAM ": %s of the lost ones found no ring: more threads at "
                        "a time than rings, or they come and go too quickly\n",
                lost);
    }
    if (session->lost != session->unringed + session->early)
        say_how_to_lose_less(session, file != NULL);
}
