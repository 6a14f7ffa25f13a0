/*
 * new.c - pytrace new: writes what a new host needs, into a directory. The
 * manual page is docs/pytrace.1.in.
 *
 * The files are templates, which are installed with the program: those of
 * templates/, and the bundle. In a template, @PROVIDER@ is the provider's name,
 * and @EXCEPT@ is " --except MARKER" for each marker that was not chosen. What
 * is between a line with @IF MARKER...@ and the next one with @END@ is for a
 * host with one of these markers; the two lines are left out.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "base.h"
#include "commands.h"
#include "new_names.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
    "Usage: pytrace new [OPTION...] DIRECTORY\n"
    "\n"
    "For the author of an interpreter: make a directory with what it needs to "
    "have\n"
    "markers, and an example that compiles as it is. README in it says how to "
    "go on.\n"
    "\n"
    "  --provider NAME       the provider (default: the directory's name)\n"
    "  --markers NAME,...    place these markers only (default: all)\n"
    "  --help                say this\n"
    "\n"
    "Exit status: 0 when all is written; 2 when it is not, and then nothing "
    "is there.\n";

enum {
    MARKERS = sizeof(markers) / sizeof(markers[0]),
    RESERVED = sizeof(reserved) / sizeof(reserved[0]),
    LONGEST_PROVIDER = 32
};

static struct {
    const char *directory;
    char *provider; /* allocated */
    bool is_chosen[MARKERS];
    bool help;
} options;

static int complain(const char *text)
{
    fputs(PROGRAM " new: ", stderr);
    print_printable(stderr, text);
    fputc('\n', stderr);
    return UNREADABLE;
}

static bool wrong(const char *text)
{
    char *sentence = formatted("%s; see " PROGRAM " new --help", text);

    complain(sentence);
    free(sentence);
    return false;
}

/* ---- names ---- */

/* As src/generate/names.awk. NULL, or what is wrong with it. */
static const char *fault_of_provider(const char *name)
{
    static const char *const prefixes[] = {"pytrace", "stap", "dtrace", "sdt"};
    static const char *const macros_of_c[] = {"NULL", "bool", "defined"};
    size_t length = strlen(name), prefix = strcspn(name, "_"), i;

    if (length == 0 || isdigit((unsigned char)name[0]) ||
        strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789_") != length)
        return "it must be letters, digits and '_', and begin with a letter";
    if (length > LONGEST_PROVIDER)
        return "it must not be longer than 32 characters";
    if (name[0] == '_' || name[length - 1] == '_' || strstr(name, "__") != NULL)
        return "it must not begin or end in '_', or contain '__'";
    if (isdigit((unsigned char)name[length - 1]))
        return "it must not end in a digit, where DTrace puts the process id";
    for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (strlen(prefixes[i]) == prefix &&
            strncasecmp(name, prefixes[i], prefix) == 0)
            return "it must not begin with a word of the library's own";
    for (i = 0; i < sizeof(macros_of_c) / sizeof(macros_of_c[0]); i++)
        if (strcmp(name, macros_of_c[i]) == 0)
            return "it is a word of C";
    for (i = 0; i < RESERVED; i++)
        if (strcmp(name, reserved[i]) == 0)
            return "it is a word of D or SystemTap";
    return NULL;
}

static bool choose_provider(void)
{
    const char *fault = fault_of_provider(options.provider);
    char *sentence;

    if (fault == NULL)
        return true;
    sentence = formatted("the provider's name cannot be '%s': %s; choose "
                         "another with --provider NAME",
                         options.provider, fault);
    complain(sentence);
    free(sentence);
    return false;
}

static bool choose_markers(const char *list)
{
    size_t length, i;

    for (;; list += length + 1) {
        length = strcspn(list, ",");
        for (i = 0; i < MARKERS; i++)
            if (strlen(markers[i]) == length &&
                memcmp(markers[i], list, length) == 0)
                break;
        if (i == MARKERS) {
            char *sentence =
                formatted("there is no marker '%.*s'", (int)length, list);

            wrong(sentence);
            free(sentence);
            return false;
        }
        options.is_chosen[i] = true;
        if (list[length] == '\0')
            return true;
    }
}

/* The last part of the path, without slashes at its end. Allocated. */
static char *last_name(const char *path)
{
    size_t end = strlen(path), start;

    while (end > 1 && path[end - 1] == '/')
        end--;
    for (start = end; start > 0 && path[start - 1] != '/'; start--)
        ;
    return formatted("%.*s", (int)(end - start), path + start);
}

static bool parse(int argc, char **argv)
{
    static const struct option known[] = {
        {"provider", required_argument, NULL, 'p'},
        {"markers", required_argument, NULL, 'm'},
        {"help", no_argument, NULL, 'h'},
        {NULL, 0, NULL, 0}};
    bool has_chosen = false;
    int option;

    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'p':
            free(options.provider);
            options.provider = formatted("%s", optarg);
            break;
        case 'm':
            if (!choose_markers(optarg))
                return false;
            has_chosen = true;
            break;
        case 'h': options.help = true; return true;
        default: return wrong("this command line is wrong");
        }
    }
    if (optind + 1 != argc || *argv[optind] == '\0')
        return wrong("name one directory, which is not there yet");
    options.directory = argv[optind];
    if (!has_chosen)
        memset(options.is_chosen, true, sizeof(options.is_chosen));
    if (options.provider == NULL)
        options.provider = last_name(options.directory);
    return choose_provider();
}

/* ---- templates ---- */

/* Their directory: beside the program where it was built, or as installed. */
static char *find_templates(void)
{
    char program[MAX_NAME], *beside;
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program));
    struct stat status;

    while (length > 0 && program[length - 1] != '/')
        length--;
    beside = formatted("%.*snew-host", length > 0 ? (int)length : 0, program);
    if (length > 0 && stat(beside, &status) == 0 && S_ISDIR(status.st_mode))
        return beside;
    free(beside);
    return formatted("%s", NEW_HOST);
}

static bool is_template(const char *name)
{
    return name[0] != '.' && strcmp(name, "made") != 0;
}

/* Whether one of the markers, up to the '@', was chosen. */
static bool is_for_host(const char *names)
{
    size_t length, i;

    for (;; names += length) {
        names += strspn(names, " ");
        length = strcspn(names, " @\n");
        if (length == 0)
            return false;
        for (i = 0; i < MARKERS; i++)
            if (options.is_chosen[i] && strlen(markers[i]) == length &&
                memcmp(markers[i], names, length) == 0)
                return true;
    }
}

static void write_line(FILE *to, const char *line)
{
    const char *word;
    size_t i;

    while ((word = strchr(line, '@')) != NULL) {
        fwrite(line, 1, (size_t)(word - line), to);
        line = word;
        if (strncmp(word, "@PROVIDER@", 10) == 0) {
            fputs(options.provider, to);
            line += 10;
        } else if (strncmp(word, "@EXCEPT@", 8) == 0) {
            for (i = 0; i < MARKERS; i++)
                if (!options.is_chosen[i])
                    fprintf(to, " --except %s", markers[i]);
            line += 8;
        } else {
            fputc(*line++, to);
        }
    }
    fputs(line, to);
}

/* False, with errno: it cannot be read, or not be written. */
static bool expand(FILE *from, FILE *to)
{
    char *line = NULL;
    size_t size = 0;
    bool is_left_out = false;
    const char *names;

    while (getline(&line, &size, from) > 0) {
        if ((names = strstr(line, "@IF ")) != NULL)
            is_left_out = !is_for_host(names + 4);
        else if (strstr(line, "@END@") != NULL)
            is_left_out = false;
        else if (!is_left_out)
            write_line(to, line);
    }
    free(line);
    return !ferror(from) && !ferror(to);
}

/* ---- the directory ---- */

static int cannot(const char *what, const char *path, const char *name)
{
    char *sentence =
        formatted("%s%s%s cannot be %s: %s", path, name != NULL ? "/" : "",
                  name != NULL ? name : "", what, strerror(errno));

    complain(sentence);
    free(sentence);
    return UNREADABLE;
}

/* One file. What begins as a script does can be run. */
static bool copy(int directory, const char *templates, const char *name)
{
    char *path = formatted("%s/%s", templates, name);
    FILE *from = fopen(path, "re"), *to;
    int first = from != NULL ? getc(from) : EOF, descriptor;
    bool is_script;

    if (first == EOF) {
        cannot("read", templates, name);
        if (from != NULL)
            fclose(from);
        free(path);
        return false;
    }
    free(path);
    is_script = first == '#' && getc(from) == '!';
    rewind(from);
    descriptor = openat(directory, name,
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        is_script ? 0777 : 0666);
    to = descriptor >= 0 ? fdopen(descriptor, "w") : NULL;
    if (to == NULL || !expand(from, to)) {
        cannot("written", options.directory, name);
        if (to != NULL)
            fclose(to);
        fclose(from);
        return false;
    }
    fclose(from);
    /* (A full disk can show as late as here.) */
    if (fflush(to) != 0 || fclose(to) != 0) {
        cannot("written", options.directory, name);
        return false;
    }
    return true;
}

static int wanted(const struct dirent *entry)
{
    return is_template(entry->d_name);
}

static bool fill(int directory, const char *templates, struct dirent **names,
                 int count)
{
    int i;

    for (i = 0; i < count; i++)
        if (!copy(directory, templates, names[i]->d_name)) {
            /* This directory is ours: a second try finds none. */
            for (; i >= 0; i--)
                unlinkat(directory, names[i]->d_name, 0);
            rmdir(options.directory);
            return false;
        }
    return true;
}

static int make(const char *templates, struct dirent **names, int count)
{
    int directory, status;
    char *sentence;

    if (mkdir(options.directory, 0777) != 0) {
        if (errno != EEXIST)
            return cannot("made", options.directory, NULL);
        sentence = formatted("%s is there already, and nothing in it is "
                             "overwritten: choose another name",
                             options.directory);
        complain(sentence);
        free(sentence);
        return UNREADABLE;
    }
    directory = open(options.directory,
                     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (directory < 0)
        return cannot("opened", options.directory, NULL);
    status = fill(directory, templates, names, count) ? ALL_WELL : UNREADABLE;
    close(directory);
    return status;
}

int new_main(int argc, char **argv)
{
    char *templates;
    struct dirent **names;
    int count, i, status;

    if (!parse(argc, argv))
        return UNREADABLE;
    if (options.help) {
        fputs(usage, stdout);
        return fflush(stdout) != 0 ? UNREADABLE : ALL_WELL;
    }
    templates = find_templates();
    count = scandir(templates, &names, wanted, alphasort);
    if (count < 0) {
        status = cannot("read", templates, NULL);
    } else {
        status = make(templates, names, count);
        for (i = 0; i < count; i++)
            free(names[i]);
        free(names);
    }
    free(templates);
    if (status == ALL_WELL) {
        fputs("Written: ", stdout);
        print_printable(stdout, options.directory);
        printf(", for the provider %s. Its README says how to go on.\n",
               options.provider);
        if (fflush(stdout) != 0)
            status = UNREADABLE;
    }
    free(options.provider);
    return status;
}
