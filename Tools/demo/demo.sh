#!/usr/bin/env bash
# A log is made, read, verified, damaged and found out, in a temporary folder that is removed at the end.
#
#   EVENTS=60000  trades to make      LOTUS=PATH  program to show      KEEP=1  leave the folder
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lotus=${LOTUS:-$root/.build/release/lotus}
events=${EVENTS:-60000}
[[ -x $lotus ]] || {
    printf 'demo: %s is not there; build it first: make release\n' "$lotus" >&2
    exit 1
}

folder=$(mktemp -d "${TMPDIR:-/tmp}/lotus-demo.XXXXXX")
if [[ -z ${KEEP-} ]]; then trap 'rm -rf "$folder"' EXIT; fi
mkdir "$folder/bin" "$folder/logs"
ln -s "$lotus" "$folder/bin/lotus"
export PATH=$folder/bin:$PATH
cp "$root/Fixtures/demo/trade.yaml" "$folder/trade.yaml"
cd "$folder"

bold='' dim='' plain=''
if [[ -t 1 && -z ${NO_COLOR-} ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi
step=0
title() {
    step=$((step + 1))
    printf '\n%s%d. %s%s\n' "$bold" "$step" "$1" "$plain"
}
note() { printf '%s\n' "$*"; }
# show COMMAND: prints a shell command, then runs it, indented; ends the demo if it fails.
show() {
    printf '%s  $ %s%s\n' "$dim" "$1" "$plain"
    bash -o pipefail -c "$1" 2>&1 | cut -c1-150 | sed 's/^/    /'
}
# status COMMAND: the same, but tells the exit status and goes on.
status() {
    local code=0
    printf '%s  $ %s%s\n' "$dim" "$1" "$plain"
    bash -o pipefail -c "$1" >out 2>&1 || code=$?
    cut -c1-150 out | sed 's/^/    /'
    printf '    (exit status %d)\n' "$code"
}

# Trades of three coins: prices walk in steps of a cent, sizes and times vary. No generator but awk's own, from a fixed seed.
awk -v count="$events" 'BEGIN {
    srand(7); split("BTC ETH SOL", name); split("9700000 340000 19000", price); clock = 1767323045000
    for (i = 1; i <= count; i++) {
        k = int(rand() * 3) + 1; price[k] += int(rand() * 21) - 10; clock += int(rand() * 40)
        printf "{\"event_ts\":%.0f%06d,\"symbol\":\"%s\",\"price\":\"%d.%02d\",\"size\":\"%d.%04d\",", \
            clock, int(rand() * 1000000), name[k], price[k] / 100, price[k] % 100, int(rand() * 3), int(rand() * 10000)
        printf "\"side\":\"%s\",\"trade_id\":%d}\n", rand() < 0.5 ? "buy" : "sell", 1000000 + i
    }
}' >trades.ndjson

title 'An event type is a YAML file; no code is needed'
show "sed -n '2,12p' trade.yaml; echo …"

title "$events trades go into a log; each is acknowledged once it would survive a power cut"
show 'head -n 2 trades.ndjson'
show 'lotus append logs/trades --schema trade.yaml --segment-bytes 256K < trades.ndjson > acks; tail -n 1 acks'
show 'wc -c < trades.ndjson; cat logs/trades/*.seg | wc -c'
note "  (bytes as JSON, bytes in the log, everything included)"

title 'The log describes itself, and any program can read it'
show 'lotus info logs/trades'
show 'lotus cat logs/trades | head -n 2'
show 'lotus cat logs/trades --csv --from seq:100 --to seq:102'
note '  Its segments are plain LZ4 streams: the stock tool prints the same bytes as lotus does.'
show 'cat logs/trades/*.seg | lz4 -dc | cmp - <(lotus cat logs/trades --raw) && echo equal'

cp -r logs/trades logs/old

title 'Followers get what is there, then what comes, and remember where they were'
show "lotus tail logs/trades --from seq:$events --count 1"
lotus tail logs/trades --from cursor:demo --count "$events" >/dev/null
lotus tail logs/trades --from cursor:demo --count 1 --timeout 30 >tailed &
follower=$!
sleep 0.3
show 'tail -n 1 trades.ndjson | lotus append logs/trades'
wait "$follower"
note '  What a tail that was already waiting printed meanwhile:'
show 'cat tailed'

title 'Every byte is checked; an anchor kept elsewhere proves later that nothing was cut or rewritten'
status 'lotus verify logs/trades --deep'
show 'lotus attest logs/trades | tee trades.anchor'

title 'One flipped bit in the middle of a segment: found, and named to the event'
cp -r logs/trades logs/rotten
segment=$(cd logs/rotten && printf '%s\n' *.seg | head -n 1)
size=$(stat -c %s "logs/rotten/$segment")
at=$((size / 2))
byte=$(od -An -tu1 -j "$at" -N 1 "logs/rotten/$segment")
# shellcheck disable=SC2059
printf "\\x$(printf %x $((byte ^ 4)))" | dd of="logs/rotten/$segment" bs=1 seek="$at" conv=notrunc status=none
note "  (bit 2 of byte $at of logs/rotten/$segment)"
status 'lotus verify logs/rotten'
note '  What is whole can be saved into a new log, with the gap written down as an event.'
status 'lotus salvage logs/rotten --out logs/saved'
status 'lotus verify logs/saved'

title 'An older copy put in its place is whole in itself; the anchor knows better'
status 'lotus verify logs/old'
status 'lotus verify logs/old --anchor "$(head -n 1 trades.anchor)"'

printf '\n%sThat was all.%s The bytes are described in SPEC.md; the verbs in `lotus --help`.\n' "$bold" "$plain"
