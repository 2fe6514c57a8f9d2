#!/usr/bin/env bash
# Fuzzes the decoders with libFuzzer and AddressSanitizer for a bounded time.
#
#   Tools/fuzz/run.sh [--may-skip] SECONDS [libFuzzer options…]
#
# Exits non-zero when an input made a decoder trap; the input is then in .build-fuzz/crashes. Runs start from Fixtures/fuzz
# and what earlier runs found (.build-fuzz/corpus). libFuzzer brings its own main, so the modules are compiled here one by
# one instead of through SwiftPM. With --may-skip a toolchain without libFuzzer is no failure, but is said.
set -euo pipefail
tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
may_skip=0
if [ "${1-}" = --may-skip ]; then
    may_skip=1
    shift
fi
seconds=${1:?usage: run.sh [--may-skip] SECONDS [libFuzzer options…]}
shift
out=$tree/.build-fuzz
mkdir -p "$out/corpus" "$out/crashes"
cd "$out"

# The smallest program that libFuzzer can drive: whether this toolchain brings the library shows when it links.
probe=$(mktemp -d)
trap 'rm -rf "$probe"' EXIT
cat >"$probe/probe.swift" <<'SWIFT'
@_cdecl("LLVMFuzzerTestOneInput")
public func probe(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int32 { 0 }
SWIFT
if ! swiftc -sanitize=fuzzer,address -parse-as-library "$probe/probe.swift" -o "$probe/probe" >"$probe/log" 2>&1; then
    reason=$(grep -m1 -iE 'error|fuzzer' "$probe/log" || tail -n 1 "$probe/log")
    if ((may_skip)); then
        echo "fuzz: SKIPPED: this toolchain has no libFuzzer (${reason})"
        exit 0
    fi
    echo "fuzz: this toolchain has no libFuzzer (${reason}); expected one, as in the toolchains of swift.org" >&2
    exit 1
fi
rm -rf "$probe"
trap - EXIT

swift_bin=$(dirname "$(readlink -f "$(command -v swiftc)")")
clang=$swift_bin/clang
sanitize=-sanitize=fuzzer,address
flags=(
    -O -g -wmo -parse-as-library -swift-version 6 -package-name lotus -I "$out" -I "$tree/Sources/CLotus/include"
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
    swiftc ${sanitize:+"$sanitize"} "${flags[@]}" -module-name "$1" -emit-module -emit-module-path "$out/$1.swiftmodule" -emit-object -o "$out/$1.o" "${sources[@]}"
    objects+=("$out/$1.o")
}
echo "building (a minute or two)"
module LogFormat "$tree/LogFormat"
module LogEngine "$tree/Sources/LogEngine"
# No decoder of bytes stands in it, and with the sanitizers it would take longer than all others together.
sanitize='' module Events "$tree/Sources/Events"
module Filters "$tree/Sources/Filters"
module LotusFuzz "$tree/Tools/fuzz"
swiftc -sanitize=fuzzer,address "${objects[@]}" -llz4 -lxxhash -o "$out/fuzz"

# What libFuzzer calls a leak are objects of Swift that live as long as the process.
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
exec "$out/fuzz" -max_total_time="$seconds" -rss_limit_mb=1500 -timeout=20 -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="$out/crashes/" "$@" "$out/corpus" "$tree/Fixtures/fuzz"
