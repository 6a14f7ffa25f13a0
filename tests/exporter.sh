#!/bin/sh
# SPDX-License-Identifier: MIT
# pytrace export: what it serves is what programs of known calls have done, in
# both forms, by HTTP, by a unix socket and as a file; beside Debian's
# Prometheus, with the alerts and the dashboard; and whatever ends, is killed or
# comes back, counters do not go down, and no semaphore stays raised.
#
# The exporter is given processes by -p, or a provider that only this test's
# programs have: others of this machine are left alone.
# shellcheck source=SCRIPTDIR/lib.sh
. "${srcdir:?run the tests with make check}/tests/lib.sh"

need_markers "pytrace export"
need_recorder "pytrace export"
need "pytrace export" curl
if ! grep -q -e '-DHAVE_MICROHTTPD' "$builddir/Makefile"; then
    skip "pytrace export" "this build is without libmicrohttpd \
(libmicrohttpd-dev)"
    finish
fi
here=$srcdir/tests/exporter
cd "$work" || exit 1
host=$work/exported
provider=exported$$     # (what an earlier run has left behind is not this one)
for file in pytrace_probes.c pytrace_probes.h; do
    sed "s/@PROVIDER@/$provider/g" "$builddir/new-host/$file" > $file || exit 1
done
build() {
    ${CC:-gcc} -O2 -Wall -Wextra -I. -o "$host" "$here/host.c" \
        pytrace_probes.c -lpthread &&
        ${CC:-gcc} -O2 -Wall -Wextra -o half "$here/half.c"
}
build > log 2>&1 || {
    fail "the programs are built" "$(cat log)"
    finish
}
exporter='' running='' prometheus='' others=''
trap 'kill -9 $exporter $running $prometheus $others 2> /dev/null' EXIT

# ---- the host, and the exporter

# begin: a host that waits for what to do, $running.
begin() {
    rm -f in said
    mkfifo in
    "$host" < in > said &
    running=$!
    exec 7> in
    wait_said said "$running"
}

end() {
    exec 7>&-
    wait "$running"
}

# tell LINE...: it does that.
tell() {
    for line; do
        told=$(($(grep -c -x "done" said) + 1))
        echo "$line" >&7
        wait_until "$patience" has_done "$told" || return 1
    done
}

has_done() {
    [ "$(grep -c -x "done" said)" -ge "$1" ]
}

# serve OPTION...: the exporter, $exporter, at $url.
serve() {
    rm -f err
    "$pytrace" export "$@" 2> err &
    exporter=$!
    wait_said err "$exporter" "^pytrace export: " || return 1
    url=$(sed -n 's/^pytrace export: \(http.*\)/\1/p' err)
}

# asked_for: the exporter has found the host, which will answer.
asked_for() {
    wait_until "$patience" has_value pytrace_processes_recorded_total 1
}

stop() {
    kill "$exporter"
    status=0
    wait "$exporter" || status=$?
}

get() {
    curl -s -S --max-time 60 "$@"
}

# value SERIES: of the one with this name and these labels, a regular expression
# from the beginning on.
value() {
    get "$url" | sed -n "s/^$1[^ ]* //p"
}

has_value() {
    [ "$(value "$1")" = "$2" ]
}

# comes NAME SERIES VALUE: that value comes.
comes() {
    if wait_until 60 has_value "$2" "$3" 2> waited; then
        pass "$1"
    else
        fail "$1" "expected: $2 $3
came: $(get "$url" | grep "^${2%%[\{]*}")"
    fi
}

is_on() {
    "$pytrace" check --except all -p "$1" | grep -q 16384
}

is_off() {
    ! is_on "$1"
}

# of FUNCTION [PID]: the labels of its series in $running, or that process.
of() {
    echo "{pid=\"${2:-$running}\",program=\"exported\",function=\"$1\""
}

# ---- what is counted

begin
serve --listen 0 -p "$running" --functions 7
comes "a process waits for its first event" \
    'pytrace_processes{state="waiting"' 1
tell "calls one 7" "calls two 3" "nested outer inner 30" "odd" \
    "threads pool 10" "other"
comes "calls of a function" "pytrace_function_calls_total$(of one)" 7
comes "and of the next" "pytrace_function_calls_total$(of two)" 3
comes "and of one with a name that is no text" \
    "pytrace_function_calls_total$(of '?é{}'),file=\"a..b..c??.x\"" 1
comes "the process is recorded" 'pytrace_processes{state="recorded"' 1
tell "gc 2 20" "gc 2 0" "gc 9 0" "import alpha 20" "import alpha 0" \
    "import beta 0"
process="pid=\"$running\",program=\"exported\""
comes "collections, by generation" \
    "pytrace_gc_pause_seconds_count{$process,generation=\"2\"" 2
get "$url" > page
same "of these, the long one is in a class of its own; one of no generation" \
    '2
1' "$(sed -n \
    -e '/_bucket.*"2",le="+Inf"/s/.* //p' \
    -e '/_count.*"other"/s/.* //p' page | sort -r)"
same "which is not below 20 ms" "1" "$($AWK '
    /^pytrace_gc_pause_seconds_bucket.*"2",le="0.01"/ { print ($NF <= 1) }
    ' page)"
comes "imports, by module" \
    "pytrace_module_imports_total{$process,module=\"alpha\"" 2
comes "and all of them" "pytrace_import_seconds_count{$process" 3
comes "events, by marker" "pytrace_events_total{$process,marker=\"gc__done\"" 3
comes "also those of calls" \
    "pytrace_events_total{$process,marker=\"function__entry\"" 54
comes "none is lost" "pytrace_events_lost_total{$process" 0
get "$url" > page
same "times: a caller's has its callee's, which its own has not" "1 1 1" \
    "$($AWK '
    /^pytrace_function_seconds_total.*"outer"/ { outer = $NF }
    /^pytrace_function_seconds_total.*"inner"/ { inner = $NF }
    /^pytrace_function_own_seconds_total.*"outer"/ { own = $NF }
    END { print (inner >= 0.03), (outer >= inner), (own < outer - inner / 2) }
    ' page)"
same "the time in a function sums up all threads that are in it together" \
    1 "$($AWK '/^pytrace_function_seconds_total.*"pool"/ { print $NF >= 0.4 }' \
    page)"
same "the process' labels" "provider=\"$provider\" user=\"$(id -un)\"" \
    "$(grep "^pytrace_process_info{pid=\"$running\"" page |
        sed 's/.*\(provider="[^"]*"\).*\(user="[^"]*"\)} 1$/\1 \2/')"
tell "many 9"
comes "functions that get no series any more are one" \
    "pytrace_function_calls_total$(of other),file=\"\"" 9
get "$url" > page
same "so there are no more than were asked for" "8" \
    "$(grep -c "^pytrace_function_calls_total{pid=\"$running\"" page)"

# ---- forms

type_of() {
    tr -d '\r' < "$1" | sed -n 's/^[Cc]ontent-[Tt]ype: //p'
}
get -D headers -H "Accept: application/openmetrics-text;version=1.0.0" \
    "$url" > om
same "OpenMetrics, where it is asked for: its type and its end" \
    "application/openmetrics-text; version=1.0.0; charset=utf-8 # EOF" \
    "$(type_of headers) $(tail -n 1 om)"
get -D headers "$url" > page
same "else the older form" "text/plain; version=0.0.4; charset=utf-8 0" \
    "$(type_of headers) $(grep -c EOF page)"
if have promtool; then
    same "promtool has nothing to say on it" "" \
        "$(promtool check metrics < page 2>&1)"
else
    skip "promtool check metrics" "there is no promtool (prometheus)"
fi
same "no series is there twice" "" \
    "$(grep -v '^#' page | sed 's/ [^ ]*$//' | sort | uniq -d)"
same "other paths and methods" "404 405 200" \
    "$(for request in "${url%/metrics}/x" "-d x $url" "-I $url"; do
        # shellcheck disable=SC2086
        get -o answer -w '%{http_code}\n' $request
    done | paste -sd ' ' -)"

# ---- half a request, and a port that is taken

port=${url%/metrics}
port=${port##*:}
./half "$port" 10 > half.said &
others=$!
wait_said half.said "$others"
comes "beside ten halves of requests, a whole one is answered" \
    "pytrace_function_calls_total$(of one)" 7
kill "$others"
others=''
status=0
"$pytrace" export --listen "$port" -p "$running" 2> err.taken || status=$?
same "a port that is taken" \
    "2 pytrace export: $port cannot be listened on: Address already in use" \
    "$status $(cat err.taken)"
refuses "one recorder for each process" "$exporter" \
    "$pytrace" record -p "$running" -o refused.rec -d 1

# ---- much is recorded in bursts

before=$work/before
get "$url" > "$before"
echo "flood 8000" >&7
down=
# Compare one more page; whether the host is done with that.
goes_down_until_done() {
    get "$url" > after
    down=$down$($AWK '
        /^#/ || !/^pytrace_[a-z_]*_(total|bucket|count|sum)[ {]/ { next }
        { series = $0; sub(/ [^ ]*$/, "", series) }
        FNR == NR { was[series] = $NF; next }
        series in was && $NF < was[series] - 1e-6 {
            print series, was[series], $NF
        }' "$before" after)
    mv after "$before"
    has_said said '^calls '
}
wait_until "$patience" goes_down_until_done
same "counters do not go down" "" "$down"
# (The last burst is counted when it is over.)
flooded() {
    get "$url" | grep '^pytrace_events_total'
}
is_settled() {
    last=$now
    now=$(flooded)
    [ "$now" = "$last" ]
}
now=
wait_until "$patience" is_settled
fired=$(sed -n 's/^calls //p' said)
same "calls that bursts did not see are estimated: a half to the double" "1" \
    "$(get "$url" | $AWK -v fired="$fired" '
        /^pytrace_function_calls_total.*"(flood|other)"/ { calls += $NF }
        /^pytrace_process_observed_seconds_total/ { observed = $NF }
        /^pytrace_process_followed_seconds_total/ { followed = $NF }
        END {
            if (observed >= followed)
                print "all was recorded"
            else if (calls < fired / 2 || calls > fired * 2)
                print calls, "for", fired
            else
                print 1
        }')"
stop
same "ended, its exit status is 0" 0 "$status"
succeeds "and the markers are off" wait_until 10 is_off "$running"

# ---- fork, exec, and the end

serve --listen 0 --provider "$provider"
asked_for
tell "calls again 5"
comes "the next exporter begins anew" \
    "pytrace_function_calls_total$(of again)" 5
same "with its own calls only" "" \
    "$(value "pytrace_function_calls_total$(of one)")"
# (A child is found within a second or so; until then it has fired nothing.)
echo fork >&7
wait_said said "$running" "^child "
child=$(sed -n 's/^child //p' said)
comes "a child by fork is a process of its own" \
    'pytrace_processes_recorded_total' 2
tell "calls born 4"
comes "and has its own series" \
    "pytrace_function_calls_total$(of born "$child")" 4
echo end >&7
comes "it ends" pytrace_processes_ended_total 1
comes "and the next scrape has its last values still" \
    "pytrace_function_calls_total$(of born "$child")" 4
said=$(grep -c ready said)
echo exec >&7
is_ready() {
    [ "$(grep -c ready said)" -gt "$said" ]
}
wait_until "$patience" is_ready
comes "a process that executes a program is another one" \
    'pytrace_processes_recorded_total' 3
tell "calls anew 6"
comes "with the same number" "pytrace_function_calls_total$(of anew)" 6
same "no series is there twice, then" "" \
    "$(get "$url" | grep -v '^#' | sed 's/ [^ ]*$//' | sort | uniq -d)"
many=60 count=0
while [ $count -lt $many ]; do
    "$host" fire &
    others="$others $!"
    count=$((count + 1))
done
comes "$many that start at once are all recorded" \
    'pytrace_processes{state="recorded"' $((many + 1))
# shellcheck disable=SC2086
kill -9 $others
comes "and have ended" 'pytrace_processes{state="recorded"' 1
others=''

# ---- killed

kill -9 "$exporter"
wait "$exporter" 2> /dev/null
serve --listen 0 --provider "$provider"
asked_for
tell "calls later 8"
comes "after one that was killed, the next one records" \
    "pytrace_function_calls_total$(of later)" 8
stop
succeeds "and leaves the markers off" wait_until 10 is_off "$running"

# ---- another recorder

"$pytrace" record -p "$running" -o other.rec 2> record.err &
others=$!
wait_until "$patience" is_on "$running"
serve --listen 0 -p "$running"
comes "a process that another recorder has is told" \
    'pytrace_processes_refused{reason="recorder"' 1
kill "$others"
wait "$others"
others=''
comes "and recorded once that is over" \
    'pytrace_processes_refused{reason="recorder"' 0
tell "calls freed 2"
comes "with its calls" "pytrace_function_calls_total$(of freed)" 2
kill -USR1 "$exporter"
comes "asked to, it yields" 'pytrace_processes_ended_total' 1
succeeds "and another can record" \
    "$pytrace" record -p "$running" -d 0.1 -o yielded.rec
stop

# ---- a unix socket

serve --listen "unix:$work/socket" -p "$running"
by_socket() {
    get --unix-socket "$work/socket" http://localhost/metrics |
        grep -c '^pytrace_build_info'
}
same "by a unix socket" "1 660" "$(by_socket) $(stat -c %a socket)"
refuses "a socket that is listened on" "listened on: Address already in use" \
    "$pytrace" export --listen "unix:$work/socket" -p "$running"
kill -9 "$exporter"
wait "$exporter" 2> /dev/null
serve --listen "unix:$work/socket" -p "$running"
same "one that was left behind is replaced" "1" "$(by_socket)"
stop
same "and is gone in the end" "no" "$([ -e socket ] && echo yes || echo no)"
echo text > socket
refuses "another file is left alone" "there is another file" \
    "$pytrace" export --listen "unix:$work/socket" -p "$running"
same "as it was" text "$(cat socket)"

# ---- a file

rm -f err
"$pytrace" export --output metrics.prom -p "$running" 2> err &
exporter=$!
wait_until "$patience" \
    grep -q -s '^pytrace_processes_recorded_total 1' metrics.prom
tell "calls filed 3"
in_file() {
    grep -q "^pytrace_function_calls_total$(of filed).* 3$" metrics.prom
}
succeeds "a file is replaced" wait_until 60 in_file
same "it can be read by others, and no other is left" "644 metrics.prom" \
    "$(stat -c %a metrics.prom) $(echo metrics.prom*)"
if have promtool; then
    same "promtool has nothing to say on it, either" "" \
        "$(promtool check metrics < metrics.prom 2>&1)"
fi
stop
same "it goes in the end, and there was nothing to say" "no " \
    "$([ -e metrics.prom ] && echo yes || echo no) $(cat err)"
refuses "a directory that is not there" "no/metrics.prom cannot be written" \
    "$pytrace" export --output no/metrics.prom -p "$running"
for wrong in "--listen 1:2:x" "--functions x" "--budget 0" \
    "--user no-such-user" "-p x" "extra"; do
    # shellcheck disable=SC2086
    refuses "refused: $wrong" "^pytrace export: " "$pytrace" export $wrong
done

# ---- files and sockets of others are left alone

# refused NAME MESSAGE OPTION...: by one sentence, with the exit status 2.
refused() {
    name=$1 message=$2
    shift 2
    status=0
    timeout 30 "$pytrace" export -p "$running" "$@" > "$work/out" 2>&1 ||
        status=$?
    same "$name" "2 pytrace export: $message" "$status $(cat "$work/out")"
}

mkdir others
cd others || exit 1
mkfifo fifo
ln -s nowhere link
mkdir directory
echo mine > file
ln -s file leads
for other in fifo directory; do
    refused "no $other is replaced by --output" \
        "$other is not replaced: it is no regular file" --output $other
done
for other in link leads; do
    refused "nor a link: $other" \
        "$other is not replaced: it is a symbolic link" --output $other
done
refused "where the server does not start, the file is not written, either" \
    "unix:fifo cannot be listened on: there is another file" \
    --output file --listen unix:fifo
refused "nor made" \
    "unix:fifo cannot be listened on: there is another file" \
    --output new.prom --listen unix:fifo
refused "where the file cannot be written, no socket is left" \
    "no/new.prom cannot be written: No such file or directory" \
    --output no/new.prom --listen unix:socket
full() (
    ulimit -f 0
    "$pytrace" export -p "$running" --output file
)
refuses "a disk that is full" "^pytrace export: file cannot be written: " full
same "all are as they were, and there is no other" \
    "directory fifo file leads link mine fifo nowhere" \
    "$(echo *) $(cat file) $(stat -c %F fifo) $(readlink link)"
rm -r fifo link directory leads

# Whatever has the name that the file could have until it is whole.
ln -s file metrics.prom.new
ln -s file metrics.prom.tmp
mkfifo metrics.new
"$pytrace" export --output metrics.prom -p "$running" 2> ../err &
exporter=$!
wait_until "$patience" [ -s metrics.prom ]
ln -s -f file metrics.prom
succeeds "what has come to its place is not replaced" \
    wait_said ../err "$exporter" \
    '^pytrace export: metrics.prom is not replaced: it is a symbolic link$'
stop
same "nor removed in the end, and others' files are as they were" \
    "file mine 644 file metrics.new metrics.prom metrics.prom.new \
metrics.prom.tmp" \
    "$(readlink metrics.prom) $(cat file) $(stat -c %a file) $(echo *)"
cd .. || exit 1

# ---- command lines that are wrong

for user in 4294967296 4294967295 18446744073709551616 99999999999999999999999 \
    -1 +0 " 0" 0x0 ""; do
    refused "no user: '$user'" \
        "there is no user $user; see pytrace export --help" --user "$user"
done
for port in 65536 100534 4294967296 "" : 127.0.0.1: "[::1]:" " 0" +0 -0 0x10 \
    127.0.0.1:65536 "[::1]: 0" 9929/ localhost:http; do
    refused "no port: '$port'" "${port:-\"\"} cannot be listened on: its port \
is no number from 0 to 65535" --listen "$port"
done
for port in :0 "[]:0"; do
    refused "no address: $port" \
        "$port cannot be listened on: no address is before the port" \
        --listen "$port"
done
long=$(printf '%0120d' 1)
refused "a long one is shortened" "$long... cannot be listened on: its port \
is no number from 0 to 65535" --listen "$long$long$long$long$long"
for percent in 0x10 " 1" +1 1e1 nan 1,5; do
    refused "no percentage: '$percent'" "not a percentage from 0.1 to 100: \
$percent; see pytrace export --help" --budget "$percent"
done
for option in listen output budget functions provider user; do
    refused "--$option twice" "an option is given twice: --$option; see pytrace \
export --help" "--$option" 1 "--$option" 2
done

# ---- requests that no scraper sends

serve --listen 0 -p "$running"
# code ARGUMENT...: the answer's.
code() {
    get -o answer -w '%{http_code}' "$@"
}
# form ACCEPT...: what these headers get, OpenMetrics or text.
form() {
    for accept; do
        shift
        set -- "$@" -H "Accept: $accept"
    done
    case $(get -o answer -w '%{content_type}' "$@" "$url") in
    application/openmetrics-text*) echo OpenMetrics ;;
    text/plain*) echo text ;;
    esac
}
openmetrics=application/openmetrics-text
while IFS='|' read -r wanted first second; do
    same "accepted: $first${second:+, and $second}" "$wanted" \
        "$(form "$first" ${second:+"$second"})"
done << EOF
OpenMetrics|Application/OpenMetrics-TEXT;Q=0.5
OpenMetrics|$openmetrics;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.2,*/*
OpenMetrics|text/html|$openmetrics ; q=1
OpenMetrics|$openmetrics,text/plain;q=0.5,$openmetrics;version=0.0.1;q=0.4
text|$openmetrics;q=0
text|text/plain, $openmetrics; version=1.0.0; q=0.000
text|$openmetrics;q=0.1,text/plain;q=0.9
text|${openmetrics}ual
text|text/html;also="a, $openmetrics"
text|*/*
EOF
same "a path does not end at a NUL" 404 "$(code "$url%00x")"
same "it may be written in another way" 200 "$(code "${url%s}%73?a=%00")"
for target in "http://a/metrics 200" "HTTP://a:1/metrics?b 200" "http://a 200" \
    "http://a/other 404" "ftp://a/metrics 404"; do
    same "a request for ${target% *}" "${target#* }" \
        "$(code --request-target "${target% *}" "$url")"
done

# More than are served at once; on a busy machine, again.
port=${url%/metrics}
port=${port##*:}
served=
for try in 1 2 3; do
    ./half "$port" 300 > half.said &
    others=$!
    wait_said half.said "$others"
    get --max-time 5 "$url" > page 2> err.slow && {
        served="in time"
        break
    }
    kill "$others"
    wait "$others"
done
same "beside 300 clients that send a byte a second, a scrape is served" \
    "in time" "$served$(cat err.slow)"
succeeds "each is closed, though it sends" \
    wait_said half.said "$others" closed
kill "$others"
others=
stop

serve --listen "unix:$work/taken" -p "$running"
first=$exporter
rm taken
serve --listen "unix:$work/taken" -p "$running"
kill "$first"
wait "$first"
same "the socket of an exporter that came later is not removed" 200 \
    "$(code --unix-socket taken http://localhost/metrics)"
stop
same "it removes its own" no "$([ -e taken ] && echo yes || echo no)"

# ---- alerts, the dashboard, and Prometheus

if ! have prometheus || ! have promtool; then
    skip "beside Prometheus" "there is no prometheus"
    end
    finish
fi
rules=$srcdir/scripts/prometheus/pytrace.rules.yml
succeeds "promtool check rules" promtool check rules "$rules"
succeeds "promtool test rules" promtool test rules "$here/rules.test.yml"

serve --listen 0 -p "$running"
port=${url%/metrics}
port=${port##*:}
cat > prometheus.yml << EOF
global:
  scrape_interval: 500ms
  scrape_timeout: 500ms
  evaluation_interval: 1s
rule_files:
  - $rules
scrape_configs:
  - job_name: pytrace
    static_configs:
      - targets: ["127.0.0.1:$port"]
EOF
# start_prometheus NAME: $prometheus, on a port that is free, at $at.
start_prometheus() {
    try=0
    while [ "$try" -lt 20 ]; do
        at=127.0.0.1:$((20000 + ($$ + 977 * try) % 12000))
        prometheus --config.file=prometheus.yml --storage.tsdb.path=tsdb \
            --web.listen-address="$at" > prometheus.log 2>&1 &
        prometheus=$!
        wait_said prometheus.log "$prometheus" 'Server is ready' && {
            pass "$1"
            return
        }
        try=$((try + 1))
    done
    fail "$1" "$(cat prometheus.log)"
}
asked_for
start_prometheus "Prometheus starts"
# query EXPRESSION: its values.
query() {
    promtool query instant "http://$at" "$1" 2>&1 |
        sed 's/.* => \([^ ]*\) .*/\1/'
}
query_is() {
    [ "$(query "$1")" = "$2" ]
}
# asked NAME EXPRESSION VALUE
asked() {
    wait_until 60 query_is "$2" "$3" 2> waited
    same "$1" "$3" "$(query "$2")"
}
asked "Prometheus reads OpenMetrics" 'up{job="pytrace"}' 1
tell "calls known 9" "gc 1 2" "import gamma 2"
asked "the values are what the program did: calls" \
    "pytrace_function_calls_total{pid='$running',function='known'}" 9
asked "collections" \
    "pytrace_gc_pause_seconds_count{pid='$running',generation='1'}" 1
asked "imports" \
    "pytrace_module_imports_total{pid='$running',module='gamma'}" 1
asked "joined with what the process is" \
    "sum by (provider) (pytrace_function_calls_total{function='known'}
        * on (instance, pid, program) group_left (provider)
        pytrace_process_info)" 9
tell "calls known 1" "gc 1 2" "import gamma 2"
asked "a rate is there" \
    "rate(pytrace_module_imports_total{pid='$running'}[1m]) > bool 0" 1
# Each query of the dashboard finds something, with a program that does all.
sed -n 's/^ *"expr": "\(.*\)"$/\1/p' "$srcdir/scripts/grafana/pytrace.json" |
    sed -e 's/\$__rate_interval/1m/g' -e 's/\$instance/.*/g' \
        -e 's/\$program/.*/g' > queries
empty=
while read -r line; do
    case $line in
    *pytrace_processes_refused*)  # (none is)
        query "$line" | grep -q . && empty="$empty $line" ;;
    *)
        finds() {
            query "$line" | grep -q '^[0-9.e+-]*$'
        }
        wait_until 20 finds 2> waited || empty="$empty
$line: $(query "$line")" ;;
    esac
done < queries
same "each query of the dashboard finds something" "15" \
    "$(wc -l < queries | tr -d ' ')$empty"
same "each alert is evaluated" "7" \
    "$(get "http://$at/api/v1/rules" | grep -o '"health":"ok"' | wc -l |
        tr -d ' ')"

# The exporter is killed, and comes back at the same place.
kill -9 "$exporter"
wait "$exporter" 2> /dev/null
asked "without an exporter, Prometheus says so" 'up{job="pytrace"}' 0
serve --listen "$port" -p "$running"
asked "it comes back" 'up{job="pytrace"}' 1
asked_for
tell "calls back 4"
asked "and counts" \
    "pytrace_function_calls_total{pid='$running',function='back'}" 4
# Prometheus, too.
kill "$prometheus"
wait "$prometheus"
start_prometheus "Prometheus starts again"
asked "and finds the same" \
    "pytrace_function_calls_total{pid='$running',function='back'}" 4
kill "$prometheus"
wait "$prometheus"
prometheus=''
stop
end        # (the exporter has its input open, too)
finish
