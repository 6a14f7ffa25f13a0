/*
 * imports.d - each import when it is done, indented, above the one that it is
 * part of, with its time without and with the imports in it; at the end the
 * modules, slowest first.
 *
 * a command:       dtrace -C -D PROVIDER=lua -s imports.d -c 'lua a.lua'
 * a process:       dtrace -C -D PROVIDER=lua -s imports.d -p PID
 * each process of an executable or a library that runs now:
 *                  sh every.sh lua FILE -s imports.d
 *
 * Names are cut after 127 bytes. PROVIDER is the interpreter's. Ctrl-C ends
 * it, as does the end of the command or process. Needs root and, for -C, the C
 * preprocessor. Written for Oracle's DTrace 2.0.7; not tried with those of
 * FreeBSD, illumos and macOS.
 *
 * SPDX-License-Identifier: MIT
 */

#pragma D option quiet
#pragma D option aggsortrev
#pragma D option strsize=128

#ifndef MARKER
#define MARKER(name) JOIN(PROVIDER, $target):::name
#define JOIN(provider, process) JOINED(provider, process)
#define JOINED(provider, process) provider ## process
#endif

self int imports;               /* that are under way, */
self uint64_t importing[int];   /* and of each: when it began, */
self uint64_t nested[int];      /* and the time of the imports in it */

int seen_imports;

BEGIN
{
    printf("%12s %12s %7s  %s\n", "OWN us", "TOTAL us", "PID", "MODULE");
}

MARKER(import-find-load-start)
{
    seen_imports = 1;
    self->imports++;
    self->nested[self->imports] = 0;
    self->importing[self->imports] = timestamp;
}

MARKER(import-find-load-done)
/self->imports/
{
    this->total = timestamp - self->importing[self->imports];
    this->own = this->total - self->nested[self->imports];
    this->failed = (int)arg1 ? "" : " (failed)";
    printf("%12d %12d %7d  %*s%s%s\n", this->own / 1000,
        this->total / 1000, pid, 2 * (self->imports - 1), "",
        copyinstr(arg0), this->failed);
    @own[pid, copyinstr(arg0), this->failed] = sum(this->own);
    @imported[pid, copyinstr(arg0), this->failed] = count();

    self->importing[self->imports] = 0;
    self->nested[self->imports] = 0;
    self->imports--;
    self->nested[self->imports] += this->total;
}

END
{
    normalize(@own, 1000);
    printf("\n%12s %12s %7s  %s\n", "OWN us", "IMPORTS", "PID",
        "SLOWEST FIRST");
    printa("%@12d %@12d %7d  %s%s\n", @own, @imported);
}

END
/!seen_imports/
{
    printf("No import was seen.\n");
}
