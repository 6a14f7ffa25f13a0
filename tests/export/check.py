# SPDX-License-Identifier: MIT
"""
What a speedscope file or a Trace Event file must be, and what is in it:

    python3 check.py FILE...

Prints, of each track, its name and how often each function was called; a
track's calls nest. The exit status is 1 where the file is not what it must be.
"""
import collections
import gzip
import json
import sys


def fail(text):
    sys.exit("check.py: " + text)


def show(name, calls):
    for call, count in sorted(calls.items()):
        print("%s: %s %d" % (name, call, count))


def speedscope(data):
    frames = data["shared"]["frames"]
    for frame in frames:
        if frame.get("line", 1) < 1 or not isinstance(frame["name"], str):
            fail("not a frame: %r" % frame)
    if data["activeProfileIndex"] not in range(len(data["profiles"]) or 1):
        fail("no profile is the active one")
    for profile in data["profiles"]:
        stack = []
        now = profile["startValue"]
        calls = collections.Counter()
        if profile["type"] != "evented":
            fail("a profile is %s" % profile["type"])
        for event in profile["events"]:
            if not now <= event["at"] <= profile["endValue"]:
                fail("not in the order of time: %r" % event)
            now = event["at"]
            if event["type"] == "O":
                frames[event["frame"]]
                stack.append(event["frame"])
                calls[frames[event["frame"]]["name"]] += 1
            elif not stack or stack.pop() != event["frame"]:
                fail("closes what is not open: %r" % event)
        if stack:
            fail("open at the end: %r" % stack)
        show(profile["name"], calls)


def trace_event(data):
    names = {}
    tracks = collections.defaultdict(list)
    for event in data["traceEvents"]:
        key = event["pid"], event["tid"]
        if event["ph"] == "M":
            names[key + (event["name"],)] = event["args"]["name"]
        elif event["ph"] == "X":
            # Thousandths of a microsecond are exact here.
            begin = round(event["ts"] * 1000)
            tracks[key].append((begin, begin + round(event["dur"] * 1000),
                                event["name"]))
        elif event["ph"] != "i" or event["s"] not in "tp":
            fail("an event of an unknown kind: %r" % event)
    for key, spans in sorted(tracks.items()):
        ends = []
        calls = collections.Counter()
        for begin, end, name in sorted(spans, key=lambda s: (s[0], -s[1])):
            while ends and ends[-1] <= begin:
                ends.pop()
            if ends and end >= ends[-1]:
                fail("does not nest: %s at %d" % (name, begin))
            ends.append(end)
            calls[name] += 1
        if key[:1] * 2 + ("process_name",) not in names:
            fail("process %d has no name" % key[0])
        # A thread that ends at once may have no name.
        show(names.get(key + ("thread_name",), "thread"), calls)


for path in sys.argv[1:]:
    with open(path, "rb") as file:
        content = file.read()
    if path.endswith(".gz"):
        content = gzip.decompress(content)
    document = json.loads(content.decode())
    (speedscope if "shared" in document else trace_event)(document)
