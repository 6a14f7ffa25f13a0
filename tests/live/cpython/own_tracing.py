# Whatever traces the program itself sees what it sees without the markers, and
# they go on as if it were not there.
import cProfile
import sys

exec(compile("""
import sys

def show(*what):
    print(*what, file=sys.stdout)

def trace(frame, event, arg):
    show(event, frame.f_code.co_name, frame.f_lineno)
    return trace

def trace_opcodes(frame, event, arg):
    frame.f_trace_opcodes = True
    show(event, frame.f_code.co_name, frame.f_lineno, frame.f_lasti)
    return trace_opcodes

def profile(frame, event, arg):
    show(event, frame.f_code.co_name, frame.f_lineno)

def jump(frame, event, arg):
    if event == "line" and frame.f_locals.get("to"):
        frame.f_lineno = frame.f_code.co_firstlineno + frame.f_locals["to"]
        frame.f_locals["to"] = 0
    show(event, frame.f_code.co_name, frame.f_lineno)
    return jump

def fail(frame, event, arg):
    if event == "line" and frame.f_code.co_name == "inner":
        raise ValueError
    return fail

monitoring = sys.monitoring
events = monitoring.events
names = {getattr(events, name): name for name in dir(events)
         if name.isupper() and name != "NO_EVENTS"}

disabled = "PY_START", "LINE", "INSTRUCTION", "CALL", "JUMP", "BRANCH"

def callback(name):
    def called(code, *args):
        if code.co_filename == "<stdin>":
            show(name, code.co_name, *(arg for arg in args
                                       if isinstance(arg, int)))
    return called

def monitor(code=None, disable=False):
    monitoring.use_tool_id(3, "case")
    for event, name in names.items():
        called = callback(name)
        monitoring.register_callback(
            3, event, (lambda *args, called=called:
                       (called(*args), monitoring.DISABLE)[1])
                       if disable and name in disabled else called)
    local = events.LINE | events.INSTRUCTION | events.PY_START
    if code:
        monitoring.set_local_events(3, code, local)
    else:
        monitoring.set_events(3, sum(names) & ~events.C_RETURN
                              & ~events.C_RAISE)

def unmonitor():
    monitoring.set_events(3, 0)
    for event in names:
        monitoring.register_callback(3, event, None)
    monitoring.free_tool_id(3)
""", "<tracers>", "exec"))

def numbers():
    for i in range(2): yield i

def inner():
    try:
        list(numbers())
        raise KeyError
    except KeyError:
        return 1

def body(n):
    while n: n -= 1
    inner()

body(2)
sys.settrace(trace)
body(2)
sys.settrace(None)
sys.settrace(trace_opcodes)
body(2)
sys.settrace(None)
sys.setprofile(profile)
body(2)
sys.setprofile(None)
monitor()
body(2)
unmonitor()
monitor(disable=True)
body(2)
body(2)
unmonitor()
monitor(body.__code__)
body(2)
monitoring.set_local_events(3, body.__code__, 0)
unmonitor()

with cProfile.Profile() as profiler:
    body(2)
print(sorted(entry.callcount for entry in profiler.getstats()))

def begins():
    x = 1
    sys.settrace(trace)
    sys._getframe().f_trace = trace
    x = 2
    sys.settrace(None)
    x = 3

begins()

def jumps():
    to = 0
    x = 1
    to = 5
    x = "not run"
    for i in range(2):
        x += 1
    to = 10
    for i in range(2):
        x = "not run"
    x += 1
    to = 10 if x < 6 else 0
    return x                # from here back, three times

sys.settrace(jump)
print(jumps())
sys.settrace(None)

sys.settrace(fail)
try:
    body(1)
except ValueError:
    pass
print(sys.gettrace())

def resumed():
    x = yield 1
    x = yield 2

g = resumed()
next(g)
sys.settrace(trace)
next(g)
next(g, None)
sys.settrace(None)
body(1)

def jumps_to_continue():
    x = to = 0
    for i in range(2):
        to = 0 if i else 6
        x = i
        x = "not run, the first time"
        continue

sys.settrace(jump)
jumps_to_continue()
sys.settrace(None)
