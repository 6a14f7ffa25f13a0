#!/bin/sh
# SPDX-License-Identifier: MIT
# The completions of bash and zsh: pytrace's commands, a command's options, the
# processes that have markers, and files.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "completion"
need_recorder "completion"
cd "$work" || exit 1
PATH=$builddir:$PATH
export PATH
${CC:-gcc} -O2 -I"$builddir/include" -o host "$srcdir/tests/record/host.c" \
    "$builddir/libpytrace.a" -lpthread -ldl > log 2>&1 || {
    fail "the host is built" "$(cat log)"
    finish
}
./host loop > said &
running=$!
trap 'kill $running 2> /dev/null' EXIT
wait_said said $running ready

commands=$("$pytrace" --help | sed -n 's/^  \([a-z]*\)  *.*/\1/p' | sort |
    paste -s -d ' ' -)

# complete SHELL WORD...: what it offers for the last word, in order.
complete_in() {
    shell=$1
    shift
    case $shell in
    bash)
        bash --norc -c '. "$0"
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
            _pytrace
            printf "%s\n" "${COMPREPLY[@]}"' \
            "$srcdir/completions/bash/pytrace" "$@" 2> err ;;
    zsh)
        # (What zsh itself has there is printed.)
        zsh -f -c 'completion=$1
            shift
            _files() { print files }
            _normal() { print normal $words }
            compadd() { print -l -- ${(P)2} }
            ask() { local words=("$@") CURRENT=$#; . $completion }
            ask "$@"' zsh "$srcdir/completions/zsh/_pytrace" "$@" 2> err ;;
    esac | sort | paste -s -d ' ' -
}

for shell in bash zsh; do
    if ! have $shell; then
        skip "completion in $shell" "there is no $shell"
        continue
    fi
    case $shell in
    bash) all='' files='' normal='' record=record ;;
    zsh) all='' files=files normal='normal lua' record=$commands ;;
    esac
    same "$shell: the commands" "$commands" "$(complete_in $shell pytrace "$all")"
    # (zsh itself chooses those that fit.)
    same "$shell: a command that has begun" "$record" \
        "$(complete_in $shell pytrace rec)"
    same "$shell: a command's options" "yes" \
        "$(complete_in $shell pytrace time -- 2> /dev/null |
            tr ' ' '\n' | grep -c -x -e --by-process -e --follow -e --json |
            sed 's/^3$/yes/')"
    case " $(complete_in $shell pytrace time -p '') " in
    *" $running "*) pass "$shell: processes that have markers" ;;
    *) fail "$shell: processes that have markers" "$(cat err)" ;;
    esac
    same "$shell: files" "$files" "$(complete_in $shell pytrace print '')"
    same "$shell: behind --, a command" "$normal" \
        "$(complete_in $shell pytrace time -- lua)"
    same "$shell: nothing is complained about" "" "$(cat err)"
done
finish
