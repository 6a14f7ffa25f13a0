# SPDX-License-Identifier: MIT
"""
A shell with a terminal and job control, which runs each job in the foreground
and types at it: python3 terminal.py JOB..., where a job is a command's words
separated by spaces, and what happens to it:

    ready  wait until the job has said "ready"
    stop   type Ctrl-Z, and wait until the job has stopped
    bg     let it run in the background, until reading has stopped it
    fg     let it run in the foreground
    line   type a line
    int    type Ctrl-C

Each job is "WORD...: COMMAND WORD...". Prints what became of each.
"""
import os
import pty
import signal
import sys

PATIENCE = 300


class Shell:
    def __init__(self, terminal, master):
        self.terminal = terminal
        self.master = master
        self.output = b""

    def start(self, command):
        self.job = os.fork()
        if self.job == 0:
            os.setpgid(0, 0)
            os.tcsetpgrp(self.terminal, os.getpgrp())
            for number in (signal.SIGTTOU, signal.SIGINT, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            for descriptor in 0, 1, 2:
                os.dup2(self.terminal, descriptor)
            os.execvp(command[0], command)

    def wait(self):
        _, status = os.waitpid(self.job, os.WUNTRACED)
        if os.WIFSTOPPED(status):
            os.tcsetpgrp(self.terminal, os.getpgrp())
            return "stopped"
        code = os.waitstatus_to_exitcode(status)
        return "ended with %d" % (code if code >= 0 else 128 - code)

    def do(self, what):
        if what == "ready":
            while b"ready" not in self.output:
                self.output += os.read(self.master, 4096)
        elif what == "stop":
            os.write(self.master, b"\x1a")
            print(self.wait())
        elif what == "bg":
            os.killpg(self.job, signal.SIGCONT)
            print(self.wait())
        elif what == "fg":
            os.tcsetpgrp(self.terminal, self.job)
            os.killpg(self.job, signal.SIGCONT)
        elif what == "line":
            os.write(self.master, b"a line\n")
        elif what == "int":
            os.write(self.master, b"\x03")

    def run(self, job):
        words, _, command = job.partition(": ")
        self.output = b""
        self.start(command.split())
        for what in words.split():
            self.do(what)
        print(self.wait())
        os.tcsetpgrp(self.terminal, os.getpgrp())


master, terminal = pty.openpty()
os.setsid()
name = os.ttyname(terminal)
os.close(os.open(name, os.O_RDWR))  # the session's terminal
for ignored in signal.SIGTTOU, signal.SIGINT:
    signal.signal(ignored, signal.SIG_IGN)
signal.alarm(PATIENCE)
shell = Shell(terminal, master)
for job in sys.argv[1:]:
    shell.run(job)
    sys.stdout.flush()
