#!/usr/bin/env bash
# Runs other logs and databases on the same payload as ours, in turn, and prints one table; then says who took part.
#
#   ROUNDS=5 N100=200000 N500=60000 SECS=5 ONLY=REGEX PG=0 Tools/bench/peers.sh
#
# The runner is ../shared/peers/log/run.sh beside this repository, or PEERS=DIR; it explains the variables. It needs
# the libraries and servers listed here, which are installed first. Without the runner, the comparisons that this
# repository holds itself are made instead, and that is said.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
peers=${PEERS:-$root/../shared/peers/log}
lotus=$root/.build/release/lotus
[[ -x $lotus ]] || {
    echo "bench-peers: $lotus is not there; build it first: make release" >&2
    exit 1
}
if [[ ! -f $peers/run.sh ]]; then
    echo "bench-peers: NO PEERS: no run.sh in $peers; set PEERS to the folder that holds it."
    echo "bench-peers: what this repository compares by itself, C loops and SQLite, follows."
    exec "$root/Tools/bench/run.py" --only 'append|replay' --rounds "${ROUNDS:-3}"
fi

"$root/Tools/install-deps.sh" gcc libsqlite3-dev liblmdb-dev librocksdb-dev libhiredis-dev libnats-dev \
    redis-server nats-server postgresql python3-venv

# The Python packages are kept from run to run; everything else goes at the end.
export VENV=${VENV:-$root/.build-peers/venv}
mkdir -p "$(dirname "$VENV")"
work=$(mktemp -d "${TMPDIR:-/tmp}/lotus-peers.XXXXXX")
trap 'rm -rf "$work"' EXIT
export W=$work
# Its server runs as a user of its own, which only root can become without a password.
if ((EUID != 0)); then export PG=0; fi

export EXTRA="lotus nosync|$lotus bench log peer nosync
lotus sync|$lotus bench log peer sync"
status=0
bash "$peers/run.sh" || status=$?

# The runner leaves out of its table who failed: nobody shall be missed by accident.
echo
results=$work/results.tsv
missing=0
for system in "lotus" "C framed log" "SQLite WAL" "LMDB append" "RocksDB WAL" "Redis Stream" "NATS JetStream" \
    "Arrow IPC" "Parquet lz4" "DuckDB insert" "eventsourcing" "Postgres COPY"; do
    [[ $system =~ ${ONLY:-.} ]] || continue
    if cut -f2 "$results" 2>/dev/null | grep -qF "$system"; then continue; fi
    missing=$((missing + 1))
    reason="gave no result; look at the messages above"
    [[ $system != Postgres* || ${PG:-1} != 0 ]] || reason="left out: PG=0, or not run as root"
    echo "bench-peers: NOT MEASURED: $system: $reason"
done
((missing)) || echo "bench-peers: every peer was measured"
((status == 0)) || echo "bench-peers: $peers/run.sh ended with status $status" >&2
exit "$status"
