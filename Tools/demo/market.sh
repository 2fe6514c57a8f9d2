#!/usr/bin/env bash
# The main job on real market data: read it in, freeze it, replay it through every detector, and write the report.
#
#   LOTUS=PATH   program to show          LOTUS_DATA=FOLDER  recorded market data (default: ../shared/data/open)
#   OUT=FOLDER   where the run goes (default: .build/demo; what is there of an earlier demo is replaced)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lotus=${LOTUS:-$root/.build/release/lotus}
data=${LOTUS_DATA:-$root/../shared/data/open}
out=${OUT:-$root/.build/demo}
[[ -x $lotus ]] || {
    printf 'demo: %s is not there; build it first: make release\n' "$lotus" >&2
    exit 1
}

bold='' dim='' plain=''
if [[ -t 1 && -z ${NO_COLOR-} ]]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi
title() { printf '\n%s%s%s\n' "$bold" "$1" "$plain"; }
# show WORDS…: prints a command as a user would type it, then runs it.
show() {
    local words="${*//"$out"\//}"
    printf '%s  $ lotus %s%s\n' "$dim" "${words//"$data"\//}" "$plain"
    "$lotus" "$@"
}

mkdir -p "$out"
rm -rf "$out/market" "$out/market.bundle" "$out/run"

if [[ -d $data/flagged/hl-l2-20250904 ]]; then
    title 'Recorded Hyperliquid data: BTC and ETH books, quotes and trades, and seven days of BTC sessions'
    printf '  from %s\n' "$data"
    show ingest "$data/flagged/hl-bbo-trades-20250901-07" "$data/flagged/hl-l2-20250904" --root "$out/market"
else
    title 'A generated market: there is no recorded data here, and its figures say nothing about any real market'
    printf '  Put recordings somewhere and name the folder in LOTUS_DATA, or record some: lotus ingest --live.\n'
    show bench root "$out/market" --market --events 200000
fi

title 'Frozen: sealed segments with a manifest, which never change again'
show freeze "$out/market" --seal --out "$out/market.bundle"

title 'Replayed: every window scored by every detector, and judged once its horizons had passed'
show replay "$out/market.bundle" --out "$out/run"

title 'The run can be looked into'
show info "$out/run/sig" | head -n 12
printf '\nThe report: %s/run/report.html\n' "$out"
