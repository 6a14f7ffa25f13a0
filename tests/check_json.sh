#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace check: its two forms, the table and --json.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"
# shellcheck source=SCRIPTDIR/check/lib.sh
. "$srcdir/tests/check/lib.sh"

cat > read_json.py <<'EOD'
"""Print what pytrace check --json says: a line for each marker's site."""
import json
import sys

read = json.load(sys.stdin)
for file in read["files"]:
    if "error" in file:
        print("error", file["error"])
    hosts = file.get("hosts", [])
    for host in hosts:
        assert host["well"] == (not host["shortfalls"] and
                                all(m["well"] for m in host["markers"]))
    assert file.get("well", True) == (not file.get("shortfalls") and
                                      all(host["well"] for host in hosts))
    for marker in (marker for host in hosts for marker in host["markers"]):
        assert marker["present"] == bool(marker["sites"])
        assert marker["well"] == (not marker["shortfalls"])
        for site in marker["sites"]:
            print(marker["name"], int(site["address"], 16),
                  int(site["semaphore"] or "0", 16),
                  *("%s%d@%s" % ("-" if argument["signed"] else "",
                                 argument["bytes"],
                                 ascii(argument["operand"])[1:-1])
                    for argument in site["arguments"]))
        for text in marker["shortfalls"]:
            print(marker["name"] + ":", ascii(text)[1:-1])
print(read["outcome"])
EOD
json() {
    "$pytrace" check --json "$@" 2> err | python3 -I read_json.py 2>&1
}

# The same from readelf.
read_notes() {
    sh "$srcdir/tests/tools/sites.sh" "$1" | awk '
        function number(hex,    i, n) {
            for (i = 3; i <= length(hex); i++)
                n = n * 16 + index("0123456789abcdef", substr(hex, i, 1)) - 1
            return n
        }
        {
            pc = number($3)
            semaphore = number($4)
            name = $2
            sub(/^[^ ]+ [^ ]+ [^ ]+ [^ ]+ ?/, "")
            print name, pc, semaphore, $0
        }'
}
# What readelf -n shows must be what comes out, of every file that is there.
for file in "$lua" "$liblua" "$lua.stripped" "$cpython" "$libcpython"; do
    case $file in
    *.stripped)
        [ ! -x "$lua" ] || strip -o "$work/lua.stripped" "$lua"
        file=$work/lua.stripped ;;
    esac
    name=$(basename "$file")
    if [ ! -e "$file" ]; then
        skip "JSON of $name is what readelf shows" "it could not be built"
        continue
    fi
    same "JSON of $name is what readelf shows" "$(read_notes "$file")
all well" "$(json "$file")"
done
make_file strange << 'EOD'
a one 8@\"\\\\\t\001\033\303\251\377\342\202 -4@%esi
b two -8@%rdi
EOD
same "JSON of strange bytes" 'a 8@"\\\\\t\x01\x1b\xe9\ufffd\ufffd\ufffd -4@%esi' \
    "$(json strange | sed -n 's/^a [0-9]* [0-9]* /a /p')"
"$pytrace" check strange > out
same "the table of strange bytes" \
    '8@"\\\x09\x01\x1b\xc3\xa9\xff\xe2\x82 -4@%esi' \
    "$(sed -n 's/^  short  a .*  \(8@.*\)/\1/p' out)"
same "JSON of several files, one of them none" "error is a directory, not a file
unreadable" "$(json good . good | grep -v '^[ab] ')"

# member EXPRESSION FILE [OPTION...]: of what is read, f being the file.
member() {
    expression=$1
    shift
    "$pytrace" check --json "$@" 2> err | python3 -I -c '
import json, sys
read = json.load(sys.stdin)
f = read["files"][0]
print(json.dumps(eval(sys.argv[1])))' "$expression"
}
make_file several << EOD
$good
c none
q:x three -4@%edi
q:y four -4@%edi
r:z none
host p | a s -4 | b -w
fires p a
host q | x -4 | y -4
calls q x
EOD
same "JSON: the hosts of a file" '[["p", "1.2.3", false], ["q", "1.2.3", true]]' \
    "$(member '[[h["provider"], h["library"], h["well"]] for h in f["hosts"]]' \
        several)"
same "JSON: which markers are fired" '[true, false, true, null]' \
    "$(member '[m["fires"] for h in f["hosts"] for m in h["markers"]]' several)"
same "JSON: how they are declared" '["int x, int y", ""]' \
    "$(member '[f["hosts"][0]["markers"][0][k]
        for k in ("declaration", "group")]' several)"
same "JSON: markers of no host" '[["p", "c", 1], ["r", "z", 1]]' \
    "$(member '[[o["provider"], o["name"], len(o["sites"])]
        for o in f["others"]]' several)"
same "JSON: what falls short, and what is remarked" \
    '[[], 1, 1, "falls short"]' \
    "$(member '[f["shortfalls"], len(f["hosts"][0]["markers"][1]["shortfalls"]),
        len(f["hosts"][1]["remarks"]), read["outcome"]]' several)"
same "JSON: a file that is no host" '[[], 1, false]' \
    "$(member '[f["hosts"], len(f["shortfalls"]), f["well"]]' "$pytrace")"

# ---- the table

"$pytrace" check several > out
same "the table: what falls short comes first" "short b
ok a
ok x
ok y" "$(awk '$1 == "ok" || $1 == "short" { print $1, $2 }' out)"
same "the table: columns are aligned" "1" \
    "$(awk '/^  (short|ok) .*0x/ && !/ [xy] / { print match($0, /0x/) }' out |
        sort -u | wc -l)"
same "the table: other markers and providers" \
    "  markers of provider p that its host does not know: c
  other providers: r" "$(grep -e '^  markers' -e '^  other' out)"
finish
