#!/usr/bin/env bash
# The main job on real market data: read it in, freeze it, replay it through every detector, and write the report.
#
# The data is the first that is there: recorded data, the venue itself, the small real bundles of this repository.
#
#   LOTUS=PATH          program to show
#   LOTUS_DATA=FOLDER   recorded market data (default: ../shared/data/open)
#   LOTUS_VENUE=URL     the venue (default: wss://api.hyperliquid.xyz/ws; none: do not ask)
#   LOTUS_LIVE_FOR=3m   how long to listen to the venue
#   LOTUS_REACH_SECONDS=8  how long to wait for its first answers
#   OUT=FOLDER          where the run goes (default: .build/demo; what is there of an earlier demo is replaced)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lotus=${LOTUS:-$root/.build/release/lotus}
data=${LOTUS_DATA:-$root/../shared/data/open}
venue=${LOTUS_VENUE:-wss://api.hyperliquid.xyz/ws}
seconds_to_reach=${LOTUS_REACH_SECONDS:-8}
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
    words=${words//"$data"\//}
    printf '%s  $ lotus %s%s\n' "$dim" "${words//"$root"\//}" "$plain"
    "$lotus" "$@"
}

mkdir -p "$out"
rm -rf "$out"/{market,minutes,hours,history,live,*.bundle,run,reach.txt,history.txt}
bundles=()

# take COMMAND…: refused records are counted in what was printed, and no reason to stop (exit status 3).
take() {
    local status=0
    show "$@" || status=$?
    ((status == 0 || status == 3)) || exit "$status"
}

frozen() { title 'Frozen: sealed segments with a manifest, which never change again'; }

# Recorded data: the sets of our own collection by name, or whatever a folder that was named holds.
ours=("$data/flagged/hl-bbo-trades-20250901-07" "$data/flagged/hl-l2-20250904")
recorded() {
    if [[ -d ${ours[1]} ]]; then
        title 'Data: recorded on Hyperliquid: BTC and ETH books, quotes and trades, and seven days of BTC sessions'
    else
        title 'Data: recorded: all that is in the folder of LOTUS_DATA'
        ours=("$data")
    fi
    printf '  from %s\n' "$data"
    take ingest "${ours[@]}" --root "$out/market"
    frozen
    show freeze "$out/market" --seal --out "$out/market.bundle"
    bundles=("$out/market.bundle")
}

# Whether the venue answers soon: with candles and funding of the last hours.
coins=BTC,ETH
reach_venue() {
    local status=0
    [[ $venue != none ]] || return 1
    timeout "$seconds_to_reach" "$lotus" fetch --venue "$venue" --coins $coins --past 6h --out "$out/history" \
        >"$out/reach.txt" 2>&1 || status=$?
    if ((status == 124)); then
        printf 'No recorded data here, and %s did not answer within %s s.\n' "$venue" "$seconds_to_reach"
    elif ((status != 0)); then
        printf 'No recorded data here, and the venue cannot be used: %s\n' "$(head -c 300 "$out/reach.txt")"
    fi
    return "$status"
}

from_venue() {
    local file name
    title "Data: the venue itself: six hours of candles and funding, then ${LOTUS_LIVE_FOR:-3m} live"
    printf '  from %s\n' "$venue"
    cat "$out/reach.txt"
    take ingest --live "$venue" --coins $coins --for "${LOTUS_LIVE_FOR:-3m}" --seal --root "$out/live"
    # A document is a log of its own: a replay merges logs by time.
    for file in "$out"/history/*.json; do take ingest "$file" --root "${file%.json}" --json >>"$out/history.txt"; done
    frozen
    for file in "$out/live" "$out"/history/*/; do
        name=$(basename "$file")
        show freeze "${file%/}" --seal --out "$out/$name.bundle"
        bundles+=("$out/$name.bundle")
    done
}

# What this repository carries: real, small, and the same for everybody.
from_fixture() {
    local bundle
    title 'Data: the small real bundles of this repository: 1,000 trades and 720 minutes of XBT/USDT on Kraken,'
    printf '  and a year of hours of EUR/USD\n'
    printf '  from Fixtures/real; SOURCES.json there says where they come from. For more, name a folder of recordings in\n'
    printf '  LOTUS_DATA, or record some: lotus ingest --live.\n'
    title 'Frozen: sealed segments with a manifest, which anybody can verify'
    for bundle in "$root"/Fixtures/real/*.bundle; do show verify "$bundle" --deep; done
    bundles=("$root"/Fixtures/real/kraken-*.bundle)
}

generated() {
    title 'Data: a generated market, for nothing real is here: its figures say nothing about any real market'
    show bench root "$out/market" --market --events 200000
    show freeze "$out/market" --seal --out "$out/market.bundle"
    bundles=("$out/market.bundle")
}

if [[ -d ${ours[1]} || -n ${LOTUS_DATA-} && -d $data ]]; then
    recorded
elif reach_venue; then
    from_venue
elif [[ -f $root/Fixtures/real/SOURCES.json ]]; then
    from_fixture
else
    generated
fi

title 'Replayed: every window scored by every detector, and judged once its horizons had passed'
show replay "${bundles[@]}" --out "$out/run"

# Sessions of minutes show the machinery; a verdict on detectors needs weeks.
month=$data/flagged/nautilus-candles
reports=("$out/run/report.html")
if [[ ${bundles[0]} == "$out/market.bundle" && -d $month ]]; then
    title 'Once more over 31 days of recorded minutes, with the detectors that need neither books nor trades'
    # In a folder of its own: runs side by side count as trials of one search.
    mkdir "$out/minutes"
    take ingest "$month" --root "$out/minutes/market"
    show freeze "$out/minutes/market" --seal --out "$out/minutes/market.bundle"
    show replay "$out/minutes/market.bundle" --out "$out/minutes/run" --without family:order_book --without family:tape
    reports+=("$out/minutes/run/report.html")
fi

if [[ ${bundles[0]} == "$root"/Fixtures/real/* ]]; then
    title 'Once more over the year of hours, which the shipped detectors are too quick for, with a detector of your own'
    mkdir "$out/hours"
    show replay "$root/Fixtures/real/forex-hours.bundle" --out "$out/hours/run" \
        --detector "$root/Fixtures/demo/hour_reversal.yaml"
    reports+=("$out/hours/run/report.html")
fi

title 'The run can be looked into'
show info "$out/run/sig" | head -n 12
printf '\nThe report: %s\n' "${reports[@]}"
