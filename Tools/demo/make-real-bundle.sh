#!/usr/bin/env bash
# Makes Fixtures/real anew: a small piece of real market data that needs no network later. Two bundles, made by our own
# ingest and freeze from answers of a venue that a package on PyPI carries as test data:
#
#   nautilus-trader 2.0.0rc7, source distribution, crates/adapters/kraken/test_data
#     http_trades.json  1,000 trades of XBT/USDT, as Kraken answered /0/public/Trades
#     http_ohlc.json    721 minutes of XBT/USDT, as Kraken answered /0/public/OHLC
#
# Prices and sizes of trades that happened are facts; nothing else of the package is taken. The two are bundles of their
# own because each is one document: a replay merges logs by time, not documents of one log. SOURCES.json says where each
# came from; the SHA-256 of every document is also the one that its log's mkt.SourceRead names.
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

mkdir -p "$out"
entries=()
for name in trades minutes; do
    document=http_trades.json what='1,000 trades of XBT/USDT'
    [[ $name == trades ]] || { document=http_ohlc.json what='721 minutes of XBT/USDT'; }
    "$lotus" ingest "$folder/$document" --root "$name"
    rm -rf "${out:?}/kraken-$name.bundle"
    "$lotus" freeze "$name" --seal --out "$out/kraken-$name.bundle"
    content=$("$lotus" verify "$out/kraken-$name.bundle/mkt" --deep | awk '/logical root/ { print $3 }')
    sha256=$(sha256sum "$folder/$document" | cut -d' ' -f1)
    entries+=("  {\"bundle\": \"kraken-$name.bundle\", \"what\": \"$what, as Kraken's public HTTP side answered\",
   \"package\": \"PyPI $package $version, $archive\", \"file\": \"${folder#*/}/$document\",
   \"sha256\": \"$sha256\", \"logical_root\": \"$content\"}")
done
{
    printf '[\n%s' "${entries[0]}"
    printf ',\n%s' "${entries[@]:1}"
    printf '\n]\n'
} >"$out/SOURCES.json"
du -cbh "$out"/*.bundle "$out/SOURCES.json" | tail -n 1
