#!/bin/sh
# Prints nginx's configuration for the processes named, `nginx.sh 10.0.0.11:8501 10.0.0.12:8501`, from nginx.conf.template.
# Each is an address and a port: nginx notes who answered by address, and a name could come to mean another one.
#
# LISTEN: where nginx answers, 8080 unless said. FOLDER: an absolute path that nginx may write to, /tmp/nginx unless said.
# LOG: where it notes who asked for what, its standard output unless said.
set -eu

test $# -ge 2 || { echo "nginx.sh: name at least two processes, as address:port" >&2; exit 2; }
for process; do
    # What stands here becomes a part of the configuration: digits, dots and one colon can do no harm there. A second line
    # would get past grep alone.
    case $process in *[!0-9.:]*) form='' ;; *) form=$process ;; esac
    echo "$form" | grep -Eqx '([0-9]{1,3}\.){3}[0-9]{1,3}:[0-9]{1,5}' ||
        { echo "nginx.sh: '$process' is not an IPv4 address and a port, as in 10.0.0.11:8501" >&2; exit 2; }
done

numbers='' choices='' servers='' upstreams='' whoever='' number=0
line='
'
for process; do
    number=$((number + 1))
    numbers="$numbers        \"$process\" $number;$line"
    choices="$choices        $number replica_$number;$line"
    servers="$servers        server $process max_fails=1 fail_timeout=3s;$line"
    whoever="$whoever        server $process max_fails=0;$line"
    upstreams="$upstreams    upstream replica_$number {$line        zone replica_$number 64k;$line"
    for other; do
        backup=' backup'
        test "$other" != "$process" || backup=''
        upstreams="$upstreams        server $other max_fails=1 fail_timeout=3s$backup;$line"
    done
    upstreams="$upstreams        keepalive 32;$line    }$line"
done
listen="${LISTEN:-8080}" folder="${FOLDER:-/tmp/nginx}" log="${LOG:-/dev/stdout}"
export numbers choices servers upstreams whoever listen folder log

awk '
    /^@[A-Z]+@$/ { printf "%s", ENVIRON[tolower(substr($0, 2, length($0) - 2))]; next }
    { gsub(/@LISTEN@/, ENVIRON["listen"]); gsub(/@FOLDER@/, ENVIRON["folder"]); gsub(/@LOG@/, ENVIRON["log"]); print }
' "$(dirname "$0")/nginx.conf.template"
