# SPDX-License-Identifier: MIT
"""
Raises audit events with arguments of every kind, and prints what a recording
must have of each:

    python audit.py

With the output of "pytrace audit --json", prints what that has:

    python audit.py FILE

An argument that is text, bytes or a number is compared by what Python makes of
it again.
"""
import ast
import json
import sys


class Ran(BaseException):
    pass


def fails(*arguments):
    raise Ran


class Text(str):
    __str__ = __repr__ = __len__ = __iter__ = __getitem__ = __hash__ = fails


class Number(int):
    __int__ = __index__ = __repr__ = __str__ = __bool__ = fails


class Float(float):
    __float__ = __repr__ = __str__ = __bool__ = fails


class List(list):
    __iter__ = __len__ = __getitem__ = __repr__ = fails


class Dict(dict):
    __iter__ = __len__ = __getitem__ = __repr__ = keys = items = fails


class Other:
    __repr__ = __str__ = __len__ = __iter__ = __getattr__ = fails


loop = []
loop.append(loop)
deep = ["a", ("b", {"c": [b"d", 1]})]

# What Python reads again as the same.
literal = {
    "none": (),
    "text": ("plain", "", "caf\u00e9 \u65e5\u672c \U0001f600", "it's \"\\\n\t",
             "\x00\x1b\x7f\x85\u202e", "\udcff"),
    "bytes": (b"plain", b"", b"\x00\xff'\"\\\n", bytes(range(256))),
    "numbers": (0, -1, 2**63 - 1, -2**63, 2**63, 2**64 - 1, 2**64, -2**64,
                2**200 + 5, -2**1024 + 1),
    "floats": (0.0, -0.0, -1.5, 0.1, 1 / 3, 1e16, 1e300, 5e-324, 123456.0),
    "constants": (None, True, False),
    "nested": ((1,), (), [], {}, deep, {1: {"k": b"v"}, None: (2.5,)}),
}
# What else there is: text, and what it must be.
other = {
    "large": ((2**1024, -2**5000), "<int of 1025 bits>, <int of 5001 bits>"),
    "special": ((float("inf"), float("-inf"), float("nan")), "inf, -inf, nan"),
    "loop": ((loop, {"self": loop}),
             "[[[[[...]]]]], {'self': [[[[...]]]]}"),
    "derived": ((Text("s"), Number(7), Number(2**70), Float(1.5), List([1]),
                 Dict(a=1)),
                "'s', 7, 0x400000000000000000, 1.5, [1], {'a': 1}"),
    "objects": ((int, Other(), fails.__code__, 1j),
                "<class 'int'>, <'Other' at ADDRESS>, <code 'fails' in "
                "'audit.py', line %d>, <'complex' at ADDRESS>"
                % fails.__code__.co_firstlineno),
    "long": (("x" * 100000, "name.py", 1), "'x...'..., 'name.py', 1"),
    "longer": (("\u65e5" * 100000, b"y" * 5000), "'\u65e5...'..., b'y...'..."),
}
many = tuple(range(3000))


def as_read(event, text):
    """What the recorder said of an event, in the form that is compared."""
    if event in literal:
        return repr(ast.literal_eval("(%s,)" % text if text else "()"))
    if event == "many":
        numbers = text.split(", ")
        good = (numbers[-1] == "..." and len(text) > 4000 and
                numbers[:-1] == [str(i) for i in many[:len(numbers) - 1]])
        return "as many as there is room for" if good else text
    if len(text.encode()) > 4095:
        return "too long"
    for c in "xy\u65e5":
        while c * 2 in text:
            text = text.replace(c * 2, c)
        text = text.replace("'" + c + "'...", "'" + c + "...'...")
    words = []
    for word in text.split(" "):
        words.append("ADDRESS>" + word[word.index(">") + 1:]
                     if word.startswith("0x") and ">" in word else word)
    return " ".join(words).replace(__file__, "audit.py")


if len(sys.argv) > 1:
    for event in json.load(open(sys.argv[1]))["events"]:
        name = event["event"].removeprefix("test.")
        if name != event["event"]:
            print(name, as_read(name, event["arguments"]).encode(
                errors="backslashreplace").decode())
    sys.exit()

try:
    raise ValueError("kept")
except ValueError as error:
    for event in literal:
        counts = [sys.getrefcount(argument) for argument in literal[event]]
        sys.audit("test." + event, *literal[event])
        if counts != [sys.getrefcount(argument) for argument in literal[event]]:
            print("references have changed", file=sys.stderr)
        print(event, repr(literal[event]))
    for event, (arguments, text) in other.items():
        sys.audit("test." + event, *arguments)
        print(event, text)
    sys.audit("test.many", *many)
    print("many as many as there is room for")
    if sys.exception() is not error:
        print("another exception is set", file=sys.stderr)
