#!/usr/bin/env bash
# Runs commands side by side, each with its output kept apart and printed whole when it ends.
#
#   Tools/beside.sh 'Tools/conformance/live.py' 'Tools/torture/torture.py --kills 60'
#
# All of them run to their ends. Exits with status 1 if any of them failed, and then says which once more.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
(($# > 0)) || { echo 'usage: Tools/beside.sh COMMAND…' >&2; exit 64; }
work=$(mktemp -d)
commands=("$@")
pids=()
# Whoever ends this script ends what it started.
trap 'for pid in "${pids[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done; rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# Every command gets a process group of its own.
set -m
for index in "${!commands[@]}"; do
    printf 'beside: %s\n' "${commands[index]}"
    bash -euo pipefail -c "${commands[index]}" >"$work/$index" 2>&1 </dev/null &
    pids+=($!)
done
set +m

failed=()
for ((left = $#; left > 0; left--)); do
    status=0
    wait -n -p ended "${pids[@]}" || status=$?
    for index in "${!pids[@]}"; do
        [[ ${pids[index]} == "$ended" ]] || continue
        printf '\n==== %s: status %d after %d s\n' "${commands[index]}" "$status" "$SECONDS"
        cat "$work/$index"
        unset "pids[index]"
        ((status == 0)) || failed+=("${commands[index]} (status $status)")
    done
done
((${#failed[@]} == 0)) || {
    printf '\nbeside: FAILED: %s\n' "${failed[@]}"
    exit 1
}
