# SPDX-License-Identifier: MIT
"""A request handler that takes longer the more there is in its list: it looks
at all of the list for each new item."""


def parse(request):
    return request.split()


def add_once(items, item):
    for i in range(len(items)):
        if items[i] == item:
            return
    items.append(item)


def render(items):
    return ",".join(items[:10])


seen = []


def handle(number):
    for field in parse("get item%d" % number):
        add_once(seen, field)
    return render(seen)


for number in range(3000):
    handle(number)
