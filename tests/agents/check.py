#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check.py - what configurations of agents name, against a real interpreter.

    check.py NOTES MAPS FILE...

NOTES has "provider marker arguments" a line, as pytrace check shows arguments;
MAPS has "map size-of-its-key" a line, for ebpf_exporter. Each FILE is YAML.
Prints what is wrong, a line each."""
import sys
import yaml

WIDTH = {"string": "8", "int32": "-4", "int64": "-8", None: None}


def problems(path, config, notes, maps):
    """Yields what is wrong in one file."""
    found = 0

    def marker(where, provider, name, arguments):
        have = notes.get((provider, name))
        if have is None:
            yield f"{where}: there is no marker {provider}:{name}"
            return
        for index, kind in arguments:
            if index >= len(have):
                yield f"{where}: {name} has no argument {index}"
            elif WIDTH[kind] not in (None, have[index].split("@")[0]):
                yield f"{where}: argument {index} of {name} is {have[index]}"

    for usdt in (config.get("spec") or {}).get("usdts", []):
        found += 1
        arguments = [(a["index"], a["type"]) for a in usdt.get("args", [])]
        for selector in usdt.get("selectors", []):
            for match in selector.get("matchArgs", []):
                arguments.append((match["index"], None))
        yield from marker(path, usdt["provider"], usdt["name"], arguments)
    spans = ((config.get("ebpf") or {}).get("custom_spans") or {})
    for span in spans.get("spans", []):
        found += 1
        target = span.get("on", span.get(True))     # YAML 1.1 says on is true
        provider, name = target["usdt_noret"].split(":")
        arguments = [(a["arg"], a.get("type"))
                     for a in (span.get("attrs") or {}).values()]
        if "match" in target:
            arguments.append((target["match"]["arg"], "string"))
        yield from marker(path, provider, name, arguments)
    metrics = config.get("metrics") or {}
    for metric in metrics.get("histograms", []) + metrics.get("counters", []):
        found += 1
        size = sum(label["size"] for label in metric["labels"])
        if maps.get(metric["name"]) != size:
            yield (f"{path}: the labels of {metric['name']} are {size} bytes, "
                   f"the map's key {maps.get(metric['name'])}")
    for link in ((config.get("receivers") or {}).get("profiling") or {}).get(
            "probe_links", []):
        found += 1
        if link.rsplit(":", 1)[1] != "pytrace__fire_gc_done":
            yield f"{path}: {link} is not the function that was tried"
    found += len(config.get("datasources") or {})
    if found == 0:
        yield f"{path}: names nothing that is known here"


def main():
    notes, maps = {}, {}
    for line in open(sys.argv[1]):
        provider, name, *arguments = line.split()
        notes[provider, name] = arguments
    for line in open(sys.argv[2]):
        name, size = line.split()
        maps[name] = int(size)
    for path in sys.argv[3:]:
        with open(path) as file:
            for problem in problems(path, yaml.safe_load(file), notes, maps):
                print(problem)


main()
