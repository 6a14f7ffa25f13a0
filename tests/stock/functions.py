# SPDX-License-Identifier: MIT
"""Calls, for the function markers of 3.15 beside the module's; those whose name
has "generator" or "coroutine" in it are those that the two do not agree on.
"""
import pytrace

pytrace.install()


def case_plain(n):
    return case_inner(n)


def case_inner(n):
    return n


def case_fails(n):
    if n:
        case_fails(n - 1)
    raise ValueError


def case_catches():
    try:
        case_fails(2)
    except ValueError:
        return [x for x in range(2)]


def case_key(x):
    return -x


class Case:
    def case_method(self):
        return sorted([1, 2], key=case_key)

    def case_begins(self):
        case_plain(0)

    __init__ = __del__ = case_begins


def case_generator(n):
    for i in range(n):
        yield case_inner(i)


async def case_coroutine():
    return case_plain(1)


for _ in range(3):
    case_plain(1)
    case_catches()
    Case().case_method()
    eval('case_plain(2)')
    list(case_generator(3))
    for ends in lambda g: g.close(), lambda g: g.throw(KeyError):
        generator = case_generator(3)
        next(generator)
        try:
            ends(generator)
        except KeyError:
            pass
    try:
        case_coroutine().send(None)
    except StopIteration:
        pass
