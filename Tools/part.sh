#!/usr/bin/env bash
# Runs a swift command on a part of the package: the named targets and what they stand on, nothing else is built.
#
#   Tools/part.sh LogFormatTests,LogEngineTests swift test --filter DamageTests
#
# Versions of packages are those of Package.resolved, which is not touched: other builds may read it at the same time.
# The flag that says so is put behind the command.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
part=$1
shift
[ -f Package.resolved ] || "${SWIFT:-swift}" package resolve
LOTUS_PART=$part exec "$@" --force-resolved-versions
