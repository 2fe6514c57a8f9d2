#!/usr/bin/env bash
# Installs the Debian packages that building and testing Lotus needs, and those that are named as arguments; does nothing
# when all are there.
set -euo pipefail

packages=(make liblz4-dev libxxhash-dev libsqlite3-dev zlib1g-dev pkg-config lz4 xxhash python3-venv "$@")

fail() {
    printf 'install-deps: %s\n' "$*" >&2
    exit 1
}

version=$(swift --version 2>/dev/null | grep -oE 'Swift version [0-9]+\.[0-9]+' | grep -oE '[0-9]+\.[0-9]+' || true)
[[ -n $version ]] || fail "found no swift on PATH; Lotus needs Swift 6.3 or later: https://www.swift.org/install/linux/"
major=${version%%.*} minor=${version##*.}
((major > 6 || (major == 6 && minor >= 3))) || fail "found Swift $version; Lotus needs 6.3 or later"

command -v dpkg-query >/dev/null || fail "this is no Debian system: install the equivalents of ${packages[*]}," \
    "then run swift build, swift test and Tools/conformance/run.sh yourself"

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [[ $status == 'install ok installed' ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

printf 'install-deps: installing %s\n' "${missing[*]}"
as_root=()
if ((EUID != 0)); then
    command -v sudo >/dev/null || fail "not root and no sudo: as root, run apt-get install ${missing[*]}"
    # Without a terminal nobody can type a password: better a message than a hang.
    if [[ -t 0 ]]; then as_root=(sudo); else as_root=(sudo -n); fi
fi
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0)
# Fresh lists first: a new machine has none, and an old list names versions that are gone. A mirror that is down for a
# moment does not matter if the packages can still be had.
"${apt[@]}" update </dev/null || true
"${apt[@]}" install -y --no-install-recommends "${missing[@]}" </dev/null ||
    fail "could not install ${missing[*]}; look at the messages of apt-get above, then run make install-deps again"
