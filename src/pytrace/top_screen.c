/*
 * top_screen.c - pytrace top on the whole screen, and its keys.
 *
 * All text of the program's is printable ASCII already (base.h).
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "top.h"

#ifdef HAVE_NCURSES

#include "idle.h"
#include "rows.h"

#include <curses.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

enum { ESCAPE = 27, MOST_IDLE = 3 };

/* What the keys have made of the screen. */
static struct {
    bool is_frozen;
    bool is_help;
    int prompt; /* the key that asks for a text, or 0 */
    char typed[64];
    const struct function *chosen; /* NULL: the first row */
    size_t at, top, height;        /* the chosen row, and those that are seen */
    bool is_detail;                /* callers and callees of the chosen one */
    size_t scrolled;               /* lines, in the detail */
} state;

/* ---- lines ---- */

/* A line, cut where the screen ends. */
static void put(int y, const char *text)
{
    if (y >= 0 && y < LINES)
        mvaddnstr(y, 0, text, (int)fitting(text, (size_t)COLS));
}

static void put_free(int y, char *text)
{
    put(y, text);
    free(text);
}

/* As many lines as it needs, up to most; how many they were. */
static int put_wrapped(int y, int most, const char *text)
{
    int used = 0;

    while (*text != '\0' && used < most) {
        size_t wide = fitting(text, (size_t)COLS), length = wide;

        if (text[wide] != '\0') {
            while (length > wide / 2 && text[length] != ' ')
                length--;
            if (text[length] != ' ')
                length = wide;
        }
        if (length == 0) /* a screen that has no room for one character */
            break;
        if (y + used < LINES)
            mvaddnstr(y + used, 0, text, (int)length);
        text += length;
        text += *text == ' ';
        used++;
    }
    return used;
}

static void put_bar(int y, const char *text)
{
    int i;

    attron(A_REVERSE);
    put(y, text);
    for (i = (int)columns_of(text); y < LINES && i < COLS; i++)
        mvaddch(y, i, ' ');
    attroff(A_REVERSE);
}

/* ---- rows ---- */

/* The columns, from the left; each from a width of the screen on. */
enum { CALLS, SHARE, OWN, TOTAL, ALL, COLUMNS };

static const struct {
    const char *title;
    int width, from;
} fields[COLUMNS] = {{"calls/s", 10, 0},
                     {"own %", 8, 0},
                     {"own", 9, 50},
                     {"with callees", 14, 64},
                     {"all own", 9, 76}};

static char *cell(const struct top *top, const struct top_row *row, int column)
{
    switch (column) {
    case CALLS: return count_text(table_rate(top, row->last.calls));
    case SHARE: return share_text((double)row->last.own, (double)top->own);
    case OWN: return time_text(row->last.own);
    case TOTAL: return time_text(row->last.total);
    default: return time_text(row->all.own);
    }
}

/* row NULL: the titles. Allocated. */
static char *row_text(const struct top *top, const struct top_row *row)
{
    char *line = formatted("%s", "");
    char *text, *longer;
    int i;

    for (i = 0; i < COLUMNS; i++) {
        if (COLS < fields[i].from)
            continue;
        text =
            row == NULL ? formatted("%s", fields[i].title) : cell(top, row, i);
        longer = formatted("%s%*s", line, fields[i].width, text);
        free(text);
        free(line);
        line = longer;
    }
    text = row == NULL ? formatted("function (file:line)")
                       : table_place(row->function);
    longer = formatted("%s  %s", line, text);
    free(text);
    free(line);
    return longer;
}

/* The chosen function may have another place, or none, by now. */
static void find_chosen(const struct top *top)
{
    size_t i;

    if (top->count == 0) {
        state.at = state.top = 0;
        return;
    }
    if (state.chosen == NULL)
        state.at = 0;
    for (i = 0; state.chosen != NULL && i < top->count; i++)
        if (top->rows[i].function == state.chosen) {
            state.at = i;
            break;
        }
    if (state.at >= top->count)
        state.at = top->count - 1;
    if (state.at < state.top)
        state.top = state.at;
    if (state.at >= state.top + state.height)
        state.top = state.at - state.height + 1;
    if (state.top + state.height > top->count)
        state.top = top->count > state.height ? top->count - state.height : 0;
}

static void show_rows(const struct top *top, int y)
{
    size_t i;

    state.height = LINES - 1 > y + 1 ? (size_t)(LINES - 1 - y - 1) : 1;
    find_chosen(top);
    put_free(y, row_text(top, NULL));
    mvchgat(y, 0, -1, A_REVERSE, 0, NULL);
    for (i = 0; i < state.height && state.top + i < top->count; i++) {
        int at = y + 1 + (int)i;

        if (at >= LINES - 1)
            break;
        put_free(at, row_text(top, &top->rows[state.top + i]));
        if (state.top + i == state.at)
            mvchgat(at, 0, -1, A_BOLD | A_STANDOUT, 0, NULL);
    }
}

/* ---- callers and callees ---- */

static char *detail_text(const struct top_row *row)
{
    char *calls = count_text(row->all.calls);
    char *own = time_text(row->all.own);
    char *total = time_text(row->all.total);
    char *place = table_place(row->function);
    char *text = COLS >= 60
                     ? formatted("%12s%10s%14s  %s", calls, own, total, place)
                     : formatted("%10s%9s  %s", calls, total, place);

    free(calls);
    free(own);
    free(total);
    free(place);
    return text;
}

/* Lines of the detail, of which some are above the screen. */
static void put_detail(int first, size_t *line, char *text, bool is_title)
{
    size_t at = (*line)++;
    int y = first + (int)at - (int)state.scrolled;

    if (at >= state.scrolled && y < LINES - 1) {
        if (is_title)
            put_bar(y, text);
        else
            put(y, text);
    }
    free(text);
}

static void put_relatives(const struct top *top, int first, size_t *line,
                          bool is_callees)
{
    size_t count, i;
    struct top_row *rows =
        table_relatives(top, state.chosen, is_callees, &count);

    put_detail(first, line,
               formatted("%s", is_callees ? "it calls" : "called by"), true);
    for (i = 0; i < count; i++)
        put_detail(first, line, detail_text(&rows[i]), false);
    if (count == 0)
        put_detail(first, line, formatted("  (nothing)"), false);
    free(rows);
}

static void show_detail(const struct top *top, int y)
{
    size_t line = 0, i;

    put_bar(y, COLS >= 60 ? "       calls       own  with callees  since the "
                            "beginning"
                          : "     calls  callees  since the beginning");
    state.height = LINES - 1 > y + 1 ? (size_t)(LINES - 1 - y - 1) : 1;
    put_relatives(top, y + 1, &line, false);
    put_detail(y + 1, &line, formatted("the function"), true);
    for (i = 0; i < top->count; i++)
        if (top->rows[i].function == state.chosen)
            put_detail(y + 1, &line, detail_text(&top->rows[i]), false);
    put_relatives(top, y + 1, &line, true);
    if (state.scrolled + 1 > line)
        state.scrolled = line - 1;
}

/* ---- help ---- */

static void show_help(void)
{
    static const char *const text[] = {
        "pytrace top: the last second, the worst first",
        "",
        "c o t    sort by calls, own time, time with",
        "         callees",
        "f        filter by function or file",
        "p h      show a process, a thread, by its",
        "         number; none shows all",
        "space    freeze, and go on",
        "arrows, Page Up, Page Down, Home, End",
        "         choose a row",
        "Enter    its callers and callees; and back",
        "q        quit",
        "?        this; any key goes back",
        "",
        "own %    the part of all own time shown",
        "own      without what the function calls,",
        "         waiting included",
        "all own  since the beginning"};
    size_t i;

    for (i = 0; i < sizeof(text) / sizeof(text[0]); i++)
        put((int)i, text[i]);
}

/* ---- the head and the foot ---- */

static char *processes_text(const struct top *top)
{
    char *text = NULL;
    size_t i;

    if (top->process_count == 0)
        return formatted("no process with markers yet");
    if (top->process_count == 1) {
        char *command = printable(top->processes[0]->command, 256);

        text = formatted("%u: %s", top->processes[0]->pid, command);
        free(command);
        return text;
    }
    text = formatted("%zu processes:", top->process_count);
    for (i = 0; i < top->process_count && strlen(text) < 256; i++) {
        char *longer = formatted("%s %u", text, top->processes[i]->pid);

        free(text);
        text = longer;
    }
    return text;
}

/* The recorder's last sentence in the file that has its messages. */
static char *last_message(const struct top *top)
{
    char bytes[2048];
    ssize_t count;
    off_t end = lseek(top->output, 0, SEEK_END);
    const char *last = NULL;
    char *at;

    if (end <= 0)
        return NULL;
    count = pread(
        top->output, bytes, sizeof(bytes) - 1,
        end > (off_t)sizeof(bytes) - 1 ? end - ((off_t)sizeof(bytes) - 1) : 0);
    if (count <= 0)
        return NULL;
    bytes[count] = '\0';
    for (at = strtok(bytes, "\n"); at != NULL; at = strtok(NULL, "\n"))
        if (strncmp(at, PROGRAM ": ", strlen(PROGRAM ": ")) == 0)
            last = at;
    return last != NULL ? printable(last, 512) : NULL;
}

/* How many lines it took. */
static int show_head(const struct top *top)
{
    char *processes = processes_text(top), *text;
    int y = 0, idle_lines = 0;
    size_t i;

    put_free(y++, formatted(PROGRAM " top  %s", processes));
    free(processes);
    text = table_summary(top);
    y += put_wrapped(y, 2, text);
    free(text);
    if (top->has_ended) {
        attron(A_BOLD);
        y += put_wrapped(y, 2,
                         top->capture.seconds != 0 && top->process_count
                             ? "the recording has ended; q quits"
                             : "the program has ended; q quits");
        attroff(A_BOLD);
    }
    if (top->is_anew)
        y += put_wrapped(y, 2,
                         "too many different stacks: the times since the "
                         "beginning began anew");
    if (top->capture.command != NULL && COLS >= 60) {
        text = printable(top->output_name, 256);
        put_free(y++, formatted("its output: %s", text));
        free(text);
    }
    text = last_message(top);
    if (text != NULL)
        y += put_wrapped(y, 3, text);
    free(text);
    for (i = 0; i < top->process_count && idle_lines < MOST_IDLE; i++) {
        struct idle idle;

        if (top->has_ended || table_has_fired(top, top->processes[i]->pid) ||
            !idle_look(&idle, top->processes[i]->pid))
            continue;
        text = idle_text(&idle);
        y += put_wrapped(y, 4, text);
        free(text);
        idle_lines++;
    }
    return y;
}

static void show_foot(const struct top *top)
{
    static const char *const sorts[] = {"own time", "calls", "with callees"};
    char *text, *numbers;

    if (state.prompt != 0) {
        text = formatted("%s: %s_",
                         state.prompt == 'f'   ? "function or file"
                         : state.prompt == 'p' ? "process"
                                               : "thread",
                         state.typed);
    } else {
        numbers = top->count > state.height && !state.is_detail
                      ? formatted(" %zu-%zu of %zu", state.top + 1,
                                  state.top + state.height, top->count)
                      : formatted("%s", "");
        text = formatted("?: help  by %s%s%s", sorts[top->sort],
                         state.is_frozen ? "  FROZEN" : "", numbers);
        free(numbers);
        if (*top->filter != '\0' || top->pid != 0 || top->tid != 0) {
            char *longer = formatted("%s  only %s", text, top->filter);

            free(text);
            text = longer;
            if (top->pid != 0) {
                longer = formatted("%s process %u", text, top->pid);
                free(text);
                text = longer;
            }
            if (top->tid != 0) {
                longer = formatted("%s thread %u", text, top->tid);
                free(text);
                text = longer;
            }
        }
    }
    put_bar(LINES - 1, text);
    free(text);
}

void screen_show(struct top *top)
{
    int y;

    erase();
    if (state.is_help) {
        show_help();
    } else {
        y = show_head(top);
        if (state.is_detail && state.chosen != NULL)
            show_detail(top, y);
        else
            show_rows(top, y);
        show_foot(top);
    }
    refresh();
}

/* ---- keys ---- */

static void apply(struct top *top)
{
    switch (state.prompt) {
    case 'f':
        snprintf(top->filter, sizeof(top->filter), "%s", state.typed);
        break;
    case 'p': top->pid = (uint32_t)strtoul(state.typed, NULL, 10); break;
    default: top->tid = (uint32_t)strtoul(state.typed, NULL, 10); break;
    }
}

/* A byte of a text; those of one character come one after the other. */
static bool is_typed(int key)
{
    return (key >= ' ' && key <= '~') ||
           (key > 0x7f && key <= 0xff && is_utf8());
}

static void type(struct top *top, int key)
{
    size_t length = strlen(state.typed);

    if (key == '\n' || key == '\r' || key == KEY_ENTER) {
        apply(top);
        state.prompt = 0;
    } else if (key == ESCAPE) {
        state.prompt = 0;
    } else if (key == KEY_BACKSPACE || key == 127 || key == '\b') {
        while (length != 0 &&
               ((unsigned char)state.typed[--length] & 0xc0) == 0x80)
            ;
        state.typed[length] = '\0';
    } else if (length + 1 < sizeof(state.typed) &&
               (state.prompt == 'f' ? is_typed(key)
                                    : key >= '0' && key <= '9')) {
        state.typed[length] = (char)key;
        state.typed[length + 1] = '\0';
    }
}

static void move_to(const struct top *top, size_t row)
{
    if (top->count == 0)
        return;
    state.at = row < top->count ? row : top->count - 1;
    state.chosen = top->rows[state.at].function;
}

static void scroll_by(const struct top *top, int rows)
{
    size_t from = state.is_detail ? state.scrolled : state.at;
    size_t to = rows < 0 && (size_t)-rows > from ? 0 : from + (size_t)rows;

    if (state.is_detail)
        state.scrolled = to;
    else
        move_to(top, to);
}

/* False: it is to end. */
static bool take_key(struct top *top, int key)
{
    if (state.prompt != 0) {
        type(top, key);
        return true;
    }
    if (state.is_help && key != KEY_RESIZE) {
        state.is_help = false;
        return true;
    }
    switch (key) {
    case 'q': return false;
    case '?': state.is_help = true; break;
    case 'c': top->sort = BY_CALLS; break;
    case 'o': top->sort = BY_OWN; break;
    case 't': top->sort = BY_TOTAL; break;
    case 'f':
    case 'p':
    case 'h':
        state.prompt = key;
        state.typed[0] = '\0';
        break;
    case ' ': state.is_frozen = !state.is_frozen; break;
    case KEY_UP: scroll_by(top, -1); break;
    case KEY_DOWN: scroll_by(top, 1); break;
    case KEY_PPAGE: scroll_by(top, -(int)state.height); break;
    case KEY_NPAGE: scroll_by(top, (int)state.height); break;
    case KEY_HOME: scroll_by(top, -(1 << 30)); break;
    case KEY_END: move_to(top, SIZE_MAX); break;
    case '\n':
    case '\r':
    case KEY_ENTER:
        if (!state.is_detail)
            move_to(top, state.at);
        state.is_detail = !state.is_detail && state.chosen != NULL;
        state.scrolled = 0;
        break;
    case ESCAPE: state.is_detail = false; break;
    default: break;
    }
    return true;
}

bool screen_keys(struct top *top)
{
    int key;

    while ((key = getch()) != ERR)
        if (!take_key(top, key))
            return false;
    table_choose(top);
    screen_show(top);
    return true;
}

bool screen_is_frozen(const struct top *top)
{
    return top->is_screen && state.is_frozen && !top->has_ended;
}

void screen_forget(void)
{
    state.chosen = NULL;
    state.is_detail = false;
}

/* ---- the terminal ---- */

bool screen_is_possible(struct reason *reason)
{
    const char *terminal = getenv("TERM");
    int error;

    if (terminal == NULL)
        terminal = "";
    if (setupterm(NULL, STDOUT_FILENO, &error) != OK)
        return because(reason,
                       "there is no description of this terminal (TERM=%.100s)",
                       terminal);
    return cursor_address != NULL ||
           because(reason,
                   "this terminal has no places to write to (TERM=%.100s)",
                   terminal);
}

void screen_begin(void)
{
    initscr();
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    set_escdelay(25);
    curs_set(0);
}

void screen_end(void)
{
    endwin();
}

#else

bool screen_is_possible(struct reason *reason)
{
    return because(reason, "this pytrace was built without ncurses, which a "
                           "screen needs");
}

bool screen_is_frozen(const struct top *top)
{
    (void)top;
    return false;
}

bool screen_keys(struct top *top)
{
    (void)top;
    return true;
}

void screen_show(struct top *top)
{
    (void)top;
}

void screen_begin(void)
{
}

void screen_end(void)
{
}

void screen_forget(void)
{
}

#endif
