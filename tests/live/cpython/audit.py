# What an auditor wants to know, with hooks of the program and without.
import os
import sys

def attempt(function, *args):
    try:
        return function(*args)
    except (OSError, RuntimeError) as e:
        print(type(e).__name__)

def events():
    attempt(open, "/nonexistent/file")
    attempt(os.remove, "/nonexistent/file")
    attempt(compile, "1", "", "eval")
    attempt(exec, "x = 1")
    sys.audit("own.event", 1, "two")
    sys.audit("without.arguments")
    attempt(sys._getframe)
    attempt(setattr, attempt, "__code__", attempt.__code__)
    sys.audit("k\u00e4se")

sys.audit("begin")
events()

def hook(event, args):
    if event == "own.event":
        print(event, args)
    if event == "open":
        raise RuntimeError

sys.addaudithook(hook)
events()

def refuse(event, args):
    if event == "sys.addaudithook":
        raise RuntimeError

sys.addaudithook(refuse)
sys.addaudithook(hook)      # refused in silence
sys.audit("end")
