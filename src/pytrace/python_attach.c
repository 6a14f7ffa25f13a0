/*
 * python_attach.c - the markers for a CPython that runs without them: it loads
 * the module of ports/stock-cpython by a script, which python.c hands to it,
 * and gives it up at the end. What a process had before is left alone: markers
 * of its own (a patched interpreter), and the module where it is at work.
 *
 * The module stays imported when it is given up, as CPython unloads none; it
 * then has neither a thread nor a callback. Where no one gives it up, it does
 * so itself, some seconds after its last tracer.
 *
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "python_attach.h"
#include "python_refuse.h"
#include "python_script.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define MODULE "_pytrace."
#define THREAD "pytrace" /* the module's, while it is at work */

/* ---- what the process has ---- */

struct look {
    int memory;
    struct python python;
    bool is_python, has_markers;
    const struct known_file *module; /* NULL: it has none */
    bool is_copy;                    /* that was made for it */
};

bool python_is_module(const char *path)
{
    const char *name = strrchr(path, '/');

    return strncmp(name != NULL ? name + 1 : path, MODULE, strlen(MODULE)) == 0;
}

static void visit(struct process *process, const char *name, const char *path,
                  void *data)
{
    struct look *look = data;
    const struct known_file *file = known_file(path, name);
    size_t i;

    if (file == NULL)
        return;
    if (file->count != 0 && python_is_module(name)) {
        look->module = file;
        look->is_copy = strstr(name, "/" ROOM) != NULL;
    }
    for (i = 0; i < file->count && !python_is_module(name); i++)
        look->has_markers |=
            file->image.python != 0 ||
            strcmp(file->hosts[i].host->provider, "python") == 0;
    if (!look->is_python)
        look->is_python =
            python_in_file(&look->python, process, file, look->memory);
}

static bool has_thread(long pid)
{
    char path[64], comm[32];
    struct dirent *entry;
    bool has = false;
    DIR *directory;
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%ld/task", pid);
    directory = opendir(path);
    while (!has && directory != NULL && (entry = readdir(directory)) != NULL) {
        snprintf(path, sizeof(path), "/proc/%ld/task/%.20s/comm", pid,
                 entry->d_name);
        file = fopen(path, "re");
        if (file == NULL)
            continue;
        if (fgets(comm, sizeof(comm), file) != NULL) {
            comm[strcspn(comm, "\n")] = '\0';
            has = strcmp(comm, THREAD) == 0;
        }
        fclose(file);
    }
    if (directory != NULL)
        closedir(directory);
    return has;
}

/* While the process forks, the thread is away for some milliseconds. */
bool python_module_works(long pid)
{
    const struct timespec pause = {.tv_nsec = 2 * 1000 * 1000};
    int looks = 150;

    while (!has_thread(pid) && --looks > 0)
        nanosleep(&pause, NULL);
    return looks > 0;
}

/* ---- the module ---- */

static char *first_match(const char *pattern)
{
    glob_t found;
    char *path = NULL;

    if (glob(pattern, 0, NULL, &found) == 0 && found.gl_pathc != 0)
        path = formatted("%s", found.gl_pathv[0]);
    globfree(&found);
    return path;
}

/* Beside this program where that was built, or where it is installed. */
static char *module_for(const struct python *python)
{
    char program[MAX_NAME];
    ssize_t length = readlink("/proc/self/exe", program, sizeof(program) - 1);
    char *name = python->is_free_threaded
                     ? formatted(MODULE "cpython-3%ut-*.so", python->minor)
                     : formatted(MODULE "abi3.so");
    char *pattern, *path;

    program[length > 0 ? length : 0] = '\0';
    program[strrchr(program, '/') != NULL ? strrchr(program, '/') - program
                                          : 0] = '\0';
    pattern = formatted("%s/ports/stock-cpython/pytrace/%s", program, name);
    path = first_match(pattern);
    free(pattern);
    if (path == NULL) {
        pattern = formatted("%s/%s", PYTRACE_PYTHON_DIRECTORY, name);
        path = first_match(pattern);
        free(pattern);
    }
    free(name);
    return path;
}

static bool fits(const struct python *python, const char *module)
{
    const struct known_file *file = known_file(module, module);

    return file != NULL && file->count != 0 &&
           file->image.machine == python->machine &&
           file->image.bits == 8 * python->word;
}

bool python_can_attach(const struct python *python)
{
    char *module = module_for(python);
    bool can = module != NULL && fits(python, module) &&
               python_state(python, 0, NULL) == PYTHON_TAKES;

    free(module);
    return can;
}

/*
 * Whether what the process has was loaded by a pytrace, which was killed if it
 * is there still; else the program has imported it.
 */
static bool is_left_over(const struct look *look)
{
    char *own = module_for(&look->python);
    bool is =
        look->is_copy || (own != NULL && known_file(own, own) == look->module);

    free(own);
    return is;
}

/* ---- the scripts ---- */

/* One that it has is loaded anew where this program cannot read its file. */
#define ATTACH \
    "def work(sys, path):\n" \
    "    name = '_pytrace'\n" \
    "    module = None\n" \
    "    if %d:\n" \
    "        module = sys.modules.get(name) or " \
    "sys.modules.get('pytrace.' + name)\n" \
    "    if module is None:\n" \
    "        old = sys.modules.get(name)\n" \
    "        if hasattr(old, '_by_pytrace'):\n" \
    "            old.remove()\n" \
    "        import _frozen_importlib, _frozen_importlib_external\n" \
    "        file = path('%s')\n" \
    "        loader = _frozen_importlib_external.ExtensionFileLoader(name, " \
    "file)\n" \
    "        spec = _frozen_importlib.ModuleSpec(name, loader, origin=file)\n" \
    "        module = _frozen_importlib.module_from_spec(spec)\n" \
    "        loader.exec_module(module)\n" \
    "        sys.modules[name] = module\n" \
    "    module.install(temporary=True)\n" \
    "    module._by_pytrace = True\n" \
    "    return 'done'\n"

#define DETACH \
    "def work(sys, path):\n" \
    "    for name in '_pytrace', 'pytrace._pytrace':\n" \
    "        module = sys.modules.get(name)\n" \
    "        if hasattr(module, '_by_pytrace'):\n" \
    "            module.remove()\n" \
    "            del module._by_pytrace\n" \
    "    return 'done'\n"

/* ---- attaching ---- */

struct attached {
    struct python_process process;
    struct room room; /* where the module had to be copied there */
};

static struct attached *all;
static size_t count;

static bool copy_module(const struct room *room, const char *path,
                        struct reason *reason)
{
    struct file file;
    bool good;

    if (!file_open(&file, path, path, reason))
        return false;
    good = room_write(room, "_pytrace.abi3.so", file.bytes, file.size) ||
           because(reason, "%.128s cannot be copied to %s there: %s", path,
                   room->path, strerror(errno));
    file_close(&file);
    return good;
}

static bool tell(enum script_result result,
                 const struct python_process *process, const char *answer,
                 struct reason *reason)
{
    char *shown;

    switch (result) {
    case SCRIPT_RAN: break;
    case SCRIPT_NOT_RUN:
        return refuse_blocked(&process->python, process->pid, reason);
    case SCRIPT_SILENT:
        return because(reason,
                       "process %ld was asked to load the markers, and has not "
                       "said that it did: it has ended, or an audit hook of "
                       "the program refuses to run scripts from outside",
                       process->pid);
    default:
        return because(reason,
                       "process %ld cannot be asked to load the "
                       "markers: %s",
                       process->pid, strerror(errno));
    }
    if (strcmp(answer, "done") == 0)
        return true;
    shown = printable(answer, 300);
    because(reason, "process %ld could not load the markers: %s", process->pid,
            shown);
    free(shown);
    return false;
}

/* A copy is needed where it cannot read the file, and has not loaded any. */
static bool load(struct attached *attached, const char *module, bool is_loaded,
                 struct reason *reason)
{
    const struct python_process *process = &attached->process;
    bool is_shared =
        is_loaded || room_is_shared(process->pid, &process->status, module);
    struct room *room = &attached->room;
    char answer[512], *path, *coded, *work;
    bool good;

    if (!room_make(room, process->pid, &process->status, !is_shared, reason))
        return false;
    if (!is_shared && !copy_module(room, module, reason)) {
        room_remove(room);
        return false;
    }
    path = is_shared ? formatted("%s", module)
                     : formatted("%s/_pytrace.abi3.so", room->path);
    coded = script_path(path);
    work = formatted(ATTACH, is_loaded, coded);
    good = tell(script_run(process, room, work, answer, sizeof(answer)),
                process, answer, reason);
    free(work);
    free(coded);
    free(path);
    /* (After this, it looks for a tracer more often for a moment.) */
    if (good)
        close(is_shared ? open(module, O_RDONLY | O_CLOEXEC)
                        : openat(room->directory, "_pytrace.abi3.so",
                                 O_RDONLY | O_CLOEXEC));
    if (!good || is_shared)
        room_remove(room);
    return good;
}

/* The lock is a recorder's, too (attach.c): at that, nothing is changed. */
static bool attach_to(struct attached *attached, const struct look *look,
                      bool force, struct reason *reason)
{
    struct python_process *process = &attached->process;
    enum python_state state =
        python_state(&process->python, 0, &process->thread);
    char *module;
    bool good;

    if (state != PYTHON_TAKES)
        return refuse_python_state(state, &process->python, process->pid,
                                   reason);
    if (process->status.seccomp == 2 && !force)
        return refuse_filter(process->pid, reason);
    module = module_for(&process->python);
    if (module == NULL || !fits(&process->python, module)) {
        free(module);
        return refuse_no_module(&process->python, process->pid, reason);
    }
    good = flock(process->memory, LOCK_EX | LOCK_NB) != 0 ||
           load(attached, module, look->module != NULL, reason);
    flock(process->memory, LOCK_UN);
    free(module);
    return good;
}

/* A signal that ends or stops this program waits meanwhile. */
static void hold_signals(sigset_t *old)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
    sigset_t signals;
    size_t i;

    sigemptyset(&signals);
    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&signals, numbers[i]);
    sigprocmask(SIG_BLOCK, &signals, old);
}

static void remember(const struct attached *attached)
{
    all = grown(all, count, sizeof(*all));
    all[count++] = *attached;
}

/* False: there is nothing to do with it. */
static bool find(struct python_process *process, struct look *look)
{
    struct reason reason;

    look->memory = process->memory;
    if (!status_read(&process->status, process->pid, &reason) ||
        !process_visit_files(process->pid, visit, look, &reason) ||
        !look->is_python || look->has_markers)
        return false;
    process->python = look->python;
    return true;
}

bool python_attach(long pid, bool force, struct reason *reason)
{
    struct attached attached = {.process = {.pid = pid},
                                .room = {-1, -1, "", ""}};
    struct python_process *process = &attached.process;
    struct look look = {0};
    char path[64];
    sigset_t old;
    bool good = true, is_kept = false;

    snprintf(path, sizeof(path), "/proc/%ld/mem", pid);
    process->memory = open(path, O_RDWR | O_CLOEXEC);
    if (process->memory < 0)
        return true; /* who opens it next says why not */
    hold_signals(&old);
    if (find(process, &look)) {
        if (look.module == NULL || !python_module_works(pid))
            is_kept = good = attach_to(&attached, &look, force, reason);
        else
            is_kept = is_left_over(&look) &&
                      python_state(&process->python, 0, &process->thread) ==
                          PYTHON_TAKES;
    }
    if (is_kept)
        remember(&attached);
    else
        close(process->memory);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return good;
}

bool python_refuses(long pid, struct reason *reason)
{
    struct python_process process = {.pid = pid};
    struct look look = {0};
    enum python_state state = PYTHON_TAKES;
    char path[64];

    snprintf(path, sizeof(path), "/proc/%ld/mem", pid);
    process.memory = open(path, O_RDONLY | O_CLOEXEC);
    if (process.memory < 0)
        return false;
    if (find(&process, &look))
        state = python_state(&process.python, 0, NULL);
    if (state != PYTHON_TAKES)
        refuse_python_state(state, &process.python, pid, reason);
    close(process.memory);
    return state != PYTHON_TAKES;
}

/* ---- and leaving it ---- */

static void leave(struct attached *attached)
{
    const struct python_process *process = &attached->process;
    enum script_result result = SCRIPT_NOT_ASKED;
    struct reason reason;
    struct room room;
    char answer[512];

    if (!script_has_ended(process) &&
        flock(process->memory, LOCK_EX | LOCK_NB) == 0) {
        if (room_make(&room, process->pid, &process->status, false, &reason)) {
            result = script_run(process, &room, DETACH, answer, sizeof(answer));
            room_remove(&room);
        }
        if ((result != SCRIPT_RAN || strcmp(answer, "done") != 0) &&
            !script_has_ended(process))
            fprintf(stderr,
                    PROGRAM ": process %ld keeps the markers, untraced, for "
                            "ten seconds, as no thread runs Python "
                            "now\n",
                    process->pid);
    }
    room_remove(&attached->room);
    close(process->memory);
}

void python_detach(void)
{
    while (count != 0)
        leave(&all[--count]);
    free(all);
    all = NULL;
}
