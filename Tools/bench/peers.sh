#!/usr/bin/env bash
# Runs the rival logs on the same payload with our engine in the table. The runner and its needs are those of ../shared/peers/log/run.sh (or PEERS=DIR).
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
peers=${PEERS:-$root/../shared/peers/log}
if [[ ! -x $peers/run.sh ]]; then
    echo "no peer runner at $peers: set PEERS to the folder that holds run.sh" >&2
    exit 1
fi
lotus=$root/.build/release/lotus
EXTRA="lotus, nosync|$lotus bench peer nosync
lotus, sync|$lotus bench peer sync" exec "$peers/run.sh"
