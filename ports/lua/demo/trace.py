"""Every event of every marker, one line each, for show.awk, by gdb.

gdb reads the same notes as the kernel's tracers, arms the same semaphores,
and needs no privileges. The columns are those of trace.bt; the file is named
by the environment variable EVENTS. What each argument is, the notes do not
say fully, so the marker's definition does: DEFINITION, one signature a line.
"""
import os
import time

import gdb

output = open(os.environ["EVENTS"], "w")


class Marker(gdb.Breakpoint):
    def __init__(self, provider, name, types):
        super().__init__("-probe-stap %s:%s" % (provider, name))
        self.silent = True
        self.name = name
        self.types = types

    def stop(self):
        fields = [str(time.monotonic_ns()), str(gdb.selected_thread().ptid[1]),
                  os.path.basename(gdb.current_progspace().filename),
                  self.name]
        for number, kind in enumerate(self.types):
            value = gdb.parse_and_eval("$_probe_arg%d" % number)
            if kind == "const char *":
                char = gdb.lookup_type("char").pointer()
                fields.append(value.cast(char).string(errors="replace"))
            elif kind.endswith("*"):
                fields.append(hex(int(value)))
            else:
                fields.append(str(int(value)))
        print("\t".join(fields), file=output, flush=True)
        return False


gdb.execute("set pagination off")
gdb.execute("set confirm off")
gdb.execute("set breakpoint pending on")
gdb.execute("set debuginfod enabled off", to_string=True)
gdb.execute("set print inferior-events off")
markers = []
with open(os.environ["DEFINITION"]) as definition:
    provider = os.environ["PROVIDER"]
    for signature in definition:
        name, _, arguments = signature.strip().rstrip(")").partition("(")
        types = []
        for argument in arguments.split(", "):
            end = max(argument.rfind(" "), argument.rfind("*"))
            types.append(argument[:end + 1].strip())
        markers.append(Marker(provider, name, types))
gdb.execute("run")
