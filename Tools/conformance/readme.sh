#!/usr/bin/env bash
# Runs the documentation: every ```sh block of README.md and docs/*.md, in order, in an empty folder for each file.
#
# The fixtures of the repository are at hand there, as Fixtures/.
# A block must exit with status 0. If a ```text block follows it at once, that is its output: it must be printed again,
# but for what differs from run to run (times, hexadecimal identities, speeds). Blocks of other kinds are not run.
#
#   LOTUS=PATH  program to test
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lotus=${LOTUS:-$root/.build/release/lotus}
[[ -x $lotus ]] || {
    printf 'readme: %s is not there; build it first: make release\n' "$lotus" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$lotus" "$work/bin/lotus"
export PATH=$work/bin:$PATH NO_COLOR=1

# Puts block number N into N.sh, its expected output into N.text, and its line into N.line.
extract() {
    awk -v out="$2" '
        /^```/ {
            if (file) { close(file); file = ""; open_ = 0 }
            else if (open_) { open_ = 0 }
            else if ($0 == "```sh") { number++; file = out "/" number ".sh"; print NR > (out "/" number ".line"); open_ = 1; fresh = 1 }
            else if ($0 == "```text" && fresh) { file = out "/" number ".text"; printf "" > file; open_ = 1; fresh = 0 }
            else { open_ = 1; fresh = 0 }
            next
        }
        file { print > file; next }
        !open_ && NF { fresh = 0 }
    ' "$1"
}

steady() {
    sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/TIME/g' -e 's/[0-9a-f]{16,}/HEX/g' -e 's/lotus1\.HEX\.[0-9.]+HEX/ANCHOR/g' \
        -e 's/[0-9.]+ [kMG]?B\/s/SPEED/g' -e 's/[[:space:]]+$//' "$1"
}

passed=0 failed=0
for document in "$root"/README.md "$root"/docs/*.md; do
    [[ -f $document ]] || continue
    name=${document#"$root"/}
    blocks=$work/blocks folder=$work/folder
    rm -rf "$blocks" "$folder"
    mkdir "$blocks" "$folder"
    ln -s "$root/Fixtures" "$folder/Fixtures"
    extract "$document" "$blocks"
    while IFS= read -r block; do
        number=$(basename "$block" .sh)
        label="$name:$(<"$blocks/$number.line")"
        status=0
        (cd "$folder" && bash -euo pipefail "$block" </dev/null) >"$work/output" 2>&1 || status=$?
        if ((status)); then
            failed=$((failed + 1))
            printf '  FAIL  %s: exit status %d\n' "$label" "$status"
            sed 's/^/          /' "$work/output" | head -n 20
        elif [[ -f $blocks/$number.text ]] &&
            ! diff <(steady "$blocks/$number.text") <(steady "$work/output") >"$work/difference"; then
            failed=$((failed + 1))
            printf '  FAIL  %s: prints something else (< documentation, > now)\n' "$label"
            sed 's/^/          /' "$work/difference" | head -n 20
        else
            passed=$((passed + 1))
            printf '  ok    %s: %s\n' "$label" "$(head -n 1 "$block" | cut -c1-80)"
        fi
    done < <(find "$blocks" -name '*.sh' | sort -V)
done

printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0 && passed > 0))
