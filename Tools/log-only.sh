#!/usr/bin/env bash
# Runs a swift command on the log alone, LogFormat and LogEngine with their tests: no package is fetched or built.
#
#   Tools/log-only.sh swift test -c release --scratch-path .build-sim
#
# Without packages the package manager deletes Package.resolved; it is put back, so that the next build of everything
# does not have to resolve again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
kept=$(mktemp)
restore() { if [ -s "$kept" ]; then cp "$kept" Package.resolved; fi && rm -f "$kept"; }
trap restore EXIT
if [ -f Package.resolved ]; then cp Package.resolved "$kept"; fi
LOTUS_PART=log "$@"
