# SPDX-License-Identifier: MIT
"""What two answers of state.py differ in."""
import ast
import sys


def read(path):
    with open(path) as file:
        return dict(line.rstrip('\n').split(': ', 1) for line in file)


def describe(before, after):
    try:
        old, new = ast.literal_eval(before), ast.literal_eval(after)
    except (SyntaxError, ValueError):
        old = new = None
    if not isinstance(old, list) or not isinstance(new, list):
        return f'{before}, then {after}'
    more = [item for item in new if new.count(item) > old.count(item)]
    less = [item for item in old if old.count(item) > new.count(item)]
    return ' '.join([word + ', '.join(map(str, items))
                     for word, items in (('more ', more), ('less ', less))
                     if items])


first, second = map(read, sys.argv[1:])
for name in first:
    if first[name] != second[name]:
        print(f'{name}: {describe(first[name], second[name])}')
