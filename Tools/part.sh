#!/usr/bin/env bash
# Runs a swift command on a part of the package: the named targets and what they stand on, nothing else.
#
#   Tools/part.sh LogFormatTests,LogEngineTests swift test -c release --scratch-path .build-sim
#
# With other packages than before the package manager rewrites Package.resolved; it is put back, so that the next build
# of everything does not have to resolve again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
part=$1
shift
kept=$(mktemp)
restore() { if [ -s "$kept" ]; then cp "$kept" Package.resolved; fi && rm -f "$kept"; }
trap restore EXIT
if [ -f Package.resolved ]; then cp Package.resolved "$kept"; fi
LOTUS_PART=$part "$@"
