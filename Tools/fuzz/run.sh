#!/usr/bin/env bash
# Fuzzes the decoders with libFuzzer and AddressSanitizer for a bounded time.
#
#   Tools/fuzz/run.sh SECONDS [libFuzzer options…]
#
# Exits non-zero when an input made a decoder trap; the input is then in .build-fuzz/crashes. Runs start from Fixtures/fuzz and what earlier
# runs found (.build-fuzz/corpus). libFuzzer brings its own main, so the modules are compiled here one by one instead of through SwiftPM.
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
seconds=${1:?usage: run.sh SECONDS}
shift
out=$tree/.build-fuzz
mkdir -p "$out/corpus" "$out/crashes"
cd "$out"

swift_bin=$(dirname "$(readlink -f "$(command -v swiftc)")")
clang=$swift_bin/clang
flags=(
    -sanitize=fuzzer,address -O -g -wmo -parse-as-library -swift-version 6 -package-name lotus -I "$out" -I "$tree/Sources/CLotus/include"
    -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
    -enable-upcoming-feature InternalImportsByDefault -enable-upcoming-feature NonisolatedNonsendingByDefault
    -enable-upcoming-feature InferIsolatedConformances -enable-upcoming-feature ImmutableWeakCaptures
)
objects=()
for source in "$tree"/Sources/CLotus/*.c; do
    object=$out/$(basename "$source").o
    "$clang" -c -O2 -g -fsanitize=address,fuzzer-no-link -I "$tree/Sources/CLotus/include" "$source" -o "$object"
    objects+=("$object")
done
module() { # NAME FOLDER
    local sources
    mapfile -t sources < <(find "$2" -name '*.swift' | LC_ALL=C sort)
    swiftc "${flags[@]}" -module-name "$1" -emit-module -emit-module-path "$out/$1.swiftmodule" -emit-object -o "$out/$1.o" "${sources[@]}"
    objects+=("$out/$1.o")
}
echo "building (a minute or two)"
module LogFormat "$tree/LogFormat"
module LogEngine "$tree/Sources/LogEngine"
module LotusFuzz "$tree/Tools/fuzz"
swiftc -sanitize=fuzzer,address "${objects[@]}" -llz4 -lxxhash -o "$out/fuzz"

# What libFuzzer calls a leak are objects of Swift that live as long as the process.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
exec "$out/fuzz" -max_total_time="$seconds" -rss_limit_mb=1500 -timeout=20 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$out/crashes/" "$@" "$out/corpus" "$tree/Fixtures/fuzz"
