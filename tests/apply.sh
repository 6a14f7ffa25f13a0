#!/bin/sh
# SPDX-License-Identifier: MIT
# ports/apply: it adds lines where each anchor matches exactly once, or says
# which does not and changes nothing; the ports' descriptions fit their
# releases, and say which place of theirs has changed.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

# apply DESCRIPTION TREE: what it says, and its exit status.
apply() {
    AWK=$AWK sh "$srcdir/ports/apply" "$@" 2>&1 | sed "s|$work/||g"
}

# fresh: makes a tree, $work/tree.
fresh() {
    rm -rf "$work/tree"
    mkdir -p "$work/tree/src"
    printf '%s\n' 'int' 'one(void)' '{' '    go(a\b);' '    return 1;' '}' '' \
        'int' 'two(void)' '{' '    go();' '    return 1;' '}' \
        > "$work/tree/src/a.c"
    printf '%s\n' 'first' '' 'last' > "$work/tree/b"
    chmod 751 "$work/tree/b"
    rm -rf "$work/before"
    cp -Rp "$work/tree" "$work/before"
}

# changed: the lines by which the tree differs from what it was.
changed() {
    diff -r "$work/before" "$work/tree" | sed "/^diff /d; s|$work/||g"
}

# ---- what it adds

fresh
cat > "$work/fits.lines" << 'END'
# A comment.
file src/a.c
before ^int$
then ^two
+/* before the second */

in ^two\(void\)$
before go\(\);
+    log("a\tb & \\1");
+
after ^\}
+/* after the second */
file b
after ^first$
+	second
before ^last$
+# third
END
same "it says nothing when all fits" "" \
    "$(apply "$work/fits.lines" "$work/tree")"
same "the lines are where the description says" '1a2
> 	second
2a4
> # third
7a8
> /* before the second */
10a12,13
>     log("a\tb & \\1");
> 
13a17
> /* after the second */' "$(changed)"
same "a file keeps its mode" 751 "$(stat -c %a "$work/tree/b")"
same "nothing else is left in the tree" "b src src/a.c" \
    "$(cd "$work/tree" && find . | sed -n 's|^\./||p' | sort | xargs)"

# ---- what it refuses

cp -Rp "$work/tree" "$work/applied"
same "lines that are there already" \
    "$(printf 'apply: %s\n' \
        'src/a.c: before ^int$  then ^two  has its lines already' \
        'src/a.c: in ^two\(void\)$  before go\(\);  has its lines already' \
        'src/a.c: in ^two\(void\)$  after ^\}  has its lines already' \
        'b: after ^first$  has its lines already' \
        'b: before ^last$  has its lines already' 'nothing was changed')" \
    "$(apply "$work/fits.lines" "$work/tree")"
same "then nothing is changed" "" "$(diff -r "$work/applied" "$work/tree")"

# refuses NAME EXPECTED LINE...: a description of these lines, after one that
# fits, and nothing is changed.
refuses() {
    name=$1 expected=$2
    shift 2
    fresh
    printf '%s\n' 'file b' 'after ^first$' '+second' "$@" \
        > "$work/wrong.lines"
    same "$name" "apply: $expected
apply: nothing was changed" "$(apply "$work/wrong.lines" "$work/tree")"
    same "$name: nothing is changed" "" "$(changed)"
    AWK=$AWK sh "$srcdir/ports/apply" "$work/wrong.lines" "$work/tree" \
        > "$work/out" 2>&1
    same "$name: the exit status" "${refused:-1}" $?
}

refuses "an anchor that matches nothing" \
    "src/a.c: before ^three  matches no line, and must match exactly one" \
    'file src/a.c' 'before ^three' '+x'
refuses "an anchor that matches twice" \
    "src/a.c: after return 1  matches 2 lines, and must match exactly one" \
    'file src/a.c' 'after return 1' '+x'
refuses "an anchor outside of its block" "src/a.c: in ^one  before go\\(\\);  \
matches no line, and must match exactly one" \
    'file src/a.c' 'in ^one' 'before go\(\);' '+x'
refuses "a block that is not there" \
    "src/a.c: in ^three  matches no line, and must match exactly one" \
    'file src/a.c' 'in ^three' 'before go' '+x' 'after go' '+x'
refuses "a block without an end" "b: in ^first  has no end" \
    'in ^first' 'before ^last' '+x'
refuses "a line that is not followed by the other" \
    "src/a.c: after ^int\$  then ^three  matches no line, and must match \
exactly one" 'file src/a.c' 'after ^int$' 'then ^three' '+x'
refuses "a file that is not there" "c: there is no such file" \
    'file c' 'after x' '+x'
refused=2
refuses "a word that it does not know" "wrong.lines:4: neither file, in, \
before, after or then with what belongs to it, nor a line to add" 'instead x'
refuses "a place without lines" \
    "wrong.lines:5: the place before this line has no lines to add" \
    'after ^last' 'before ^last' '+x'
refuses "one file by two names" \
    "wrong.lines:4: a path has no empty part, and none that is . or .." \
    'file ./b' 'before ^last' '+x'
refuses "a file outside of the tree" \
    "wrong.lines:4: a path has no empty part, and none that is . or .." \
    'file src/../../b' 'before ^last' '+x'
cr=$(printf '\r')
refuses "a description with carriage returns" \
    "wrong.lines:4: a carriage return at the end of the line" "$cr" "file b$cr"
: > "$work/empty.lines"
same "an empty description" "apply: empty.lines: no description of added lines
apply: nothing was changed" "$(apply "$work/empty.lines" "$work/tree")"
same "a description that is not there" \
    "apply: nothing.lines cannot be read" \
    "$(apply "$work/nothing.lines" "$work/tree")"

# What cannot be written is known before the first file is replaced.
read_only="what is read-only: all is as before"
if [ "$(id -u)" = 0 ] && ! have setpriv; then
    skip "$read_only" "this is root, and there is no setpriv"
else
    for what in src/a.c src; do
        fresh
        chmod a-w "$work/tree/$what"
        set -- sh /proc/self/fd/9 /proc/self/fd/8 .
        if [ "$(id -u)" = 0 ]; then
            chown -R 65534 "$work/tree"
            set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
        fi
        printf '%s\n' 'file b' 'after ^first$' '+x' 'file src/a.c' \
            'after ^one' '+x' > "$work/both.lines"
        same "$read_only: $what" "apply: src/a.c: the file, or its directory, \
is read-only
apply: nothing was changed
2" "$(cd "$work/tree" &&
            "$@" 9< "$srcdir/ports/apply" 8< "$work/both.lines" 2>&1
            echo $?)"
        chmod -R u+w "$work/tree"
        same "$read_only: $what: nothing is changed" "" "$(changed)"
    done
fi

fresh
mv "$work/tree" "$work/-tree"
same "a tree whose name begins with -" "" \
    "$(cd "$work" && apply fits.lines -tree)"
mv "$work/-tree" "$work/tree"

# ---- the ports' descriptions

# fits NAME VERSION LINES ARCHIVE DIRECTORY: it says of each anchor that it does
# not match any more, and as it is it fits, and adds each of its lines.
fits() {
    rm -rf "$work/release"
    mkdir "$work/release"
    tar -xf "$4" -C "$work/release" || {
        fail "$1 $2 is unpacked" "$4"
        return
    }
    lines=$3 tree=$work/release/$5
    for word in in before after "then"; do
        grep -q "^$word " "$lines" || continue
        "$AWK" -v word=$word '
            $1 == word { print word, "no such line", NR; next }
            { print }' "$lines" > "$work/broken.lines"
        same "$1 $2: each \"$word\" that does not fit is named" \
            "$("$AWK" -v word=$word '$1 == word { print NR }' "$lines")" \
            "$(apply "$work/broken.lines" "$tree" | grep 'matches no line' |
                grep -o 'no such line [0-9]*' | sed 's/.* //' | sort -nu)"
    done
    same "$1 $2: the description fits" "" "$(apply "$lines" "$tree")"
    same "$1 $2: then it has been applied" 1 \
        "$(apply "$lines" "$tree" | grep -c '^apply: nothing was changed')"
}

# release NAME VERSION DIRECTORY: the source, or a skip; sets $archive.
release() {
    mkdir -p "$work/archives"
    case $1 in
    lua) file=lua-$2.tar.gz ;;
    cpython) file=Python-$2.tar.xz ;;
    esac
    archive=$work/archives/$file
    if [ -f "$builddir/hosts/$1/$file" ]; then
        cp "$builddir/hosts/$1/$file" "$work/archives"
    fi
    (
        unset LUA_TARBALL CPYTHON_TARBALL
        LUA_VERSION=$2 CPYTHON_VERSION=$2 \
            sh "$srcdir/ports/fetch.sh" "$work/archives" "$1"
    ) > "$work/out" 2>&1 || {
        skip "$1 $2" "$(cat "$work/out")"
        return 1
    }
}

for version in 5.4.4 5.4.9 5.5.1; do
    ! release lua $version || fits Lua $version \
        "$srcdir/ports/lua/lua.lines" "$archive" "lua-$version"
done
for version in 3.13.5 3.13.15; do
    ! release cpython $version || fits CPython $version \
        "$srcdir/ports/cpython/cpython-3.13.lines" "$archive" \
        "Python-$version"
done
finish
