#!/bin/sh
# What `make up` does with a stack, as somebody would write it who knows PostgreSQL and has no
# Pulumi: the nodes side by side, all SQL by one psql, the services side by side.
# usage: up.sh, in a folder with
#   nodes         a line a node: its name, its port; the coordinator first
#   services      a line a service: its name, its port
#   <node>.conf, pg_hba.conf, password, pgpass, statements.sql
# Variables: BIN (PostgreSQL's programs), AS (runs them as another user), CHECKOUT, PYTHON.
set -eu
export LC_ALL=C PGPASSFILE="$PWD/pgpass"
read -r _ coordinator <nodes

query() {
    port=$1
    shift
    "$BIN/psql" -X -q -v ON_ERROR_STOP=1 -o /dev/null "$@" \
        "host=127.0.0.1 port=$port user=postgres dbname=postgres"
}

node() {
    mkdir "$1"
    # shellcheck disable=SC2086 # AS is a command and its arguments
    $AS "$BIN/initdb" -D "$PWD/$1/data" -U postgres --pwfile=password --auth=scram-sha-256 \
        --encoding=UTF8 --locale=C >"$1/initdb.log"
    cp "$1.conf" "$1/data/postgresql.conf"
    cp pg_hba.conf "$1/data/pg_hba.conf"
    # shellcheck disable=SC2086
    $AS "$BIN/pg_ctl" -D "$PWD/$1/data" -s -w -l "$PWD/$1/log" start
    query "$2" -c 'CREATE EXTENSION citus'
}

service() {
    home=$PWD
    cd "$CHECKOUT"
    DATABASE_HOST=127.0.0.1 DATABASE_PORT=$coordinator DATABASE_NAME=postgres \
        DATABASE_USER="$1_service" DATABASE_PASSWORD_FILE="$home/password" \
        "$PYTHON" -m gunicorn --bind "127.0.0.1:$2" --pid "$home/$1.pid" \
        --config python:services.runtime.gunicorn_conf "services.$1.app:from_environment()" \
        >"$home/$1.log" 2>&1 </dev/null &
    until curl --silent --fail --noproxy '*' --output "$home/$1.ready" \
        "http://127.0.0.1:$2/readyz"; do
        kill -0 $! # it has ended: so do we
        sleep 0.1
    done
}

side_by_side() {
    pids=
    while read -r name port; do
        "$1" "$name" "$port" &
        pids="$pids $!"
    done
    for pid in $pids; do
        wait "$pid"
    done
}

side_by_side node <nodes
query "$coordinator" -f statements.sql
side_by_side service <services
