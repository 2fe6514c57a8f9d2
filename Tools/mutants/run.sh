#!/usr/bin/env bash
# Applies each mutant of this folder to a copy of the tree, builds it, and expects the test that it names to fail.
#
#   Tools/mutants/run.sh [NUMBER…]      all mutants, or those whose file names begin with one of the numbers
#
# A mutant is a perl program, run over one file as a whole, whose first lines say:
#   # file: PATH     what it changes
#   # test: FILTER   the test that must turn red
# MUTANTS_DIR names a folder for the copy that is kept, so that a second run builds faster.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
copy=${MUTANTS_DIR:-$(mktemp -d)}
[ -n "${MUTANTS_DIR:-}" ] || trap 'rm -rf "$copy"' EXIT

restore() {
    local folder
    for folder in LogFormat Sources Tests/LogFormatTests Tests/LogEngineTests; do
        mkdir -p "$copy/$folder"
        rsync -a --no-times --checksum --delete "$tree/$folder/" "$copy/$folder/"
    done
    cmp -s "$here/template/Package.swift" "$copy/Package.swift" || cp "$here/template/Package.swift" "$copy/Package.swift"
}

build() { (cd "$copy" && swift build --build-tests </dev/null >"$copy/build.log" 2>&1); }
run_test() { (cd "$copy" && timeout 300 swift test --skip-build --filter "$1" </dev/null >"$copy/test.log" 2>&1); }

# Whether a mutant was asked for.
is_wanted() {
    local name=$1 number
    shift
    [ $# -gt 0 ] || return 0
    for number in "$@"; do [[ $name == "$number"* ]] && return 0; done
    return 1
}

mkdir -p "$copy"
restore
build || { cat "$copy/build.log"; echo "the unchanged tree does not build"; exit 1; }
filters=$(sed -n 's/^# test: //p' "$here"/*.txt | sort -u | paste -sd '|')
run_test "$filters" || { grep -a '✘' "$copy/test.log"; echo "tests are red without any mutant"; exit 1; }

killed=0
others=0
for mutant in "$here"/*.txt; do
    name=$(basename "$mutant" .txt)
    is_wanted "$name" "$@" || continue
    file=$(sed -n 's/^# file: //p' "$mutant")
    filter=$(sed -n 's/^# test: //p' "$mutant")
    restore
    perl -0777 -p "$mutant" "$copy/$file" >"$copy/mutated"
    if cmp -s "$copy/mutated" "$copy/$file"; then
        verdict="STALE     $name: changes nothing in $file"
    else
        cp "$copy/mutated" "$copy/$file"
        if ! build; then
            verdict="BROKEN    $name: $(grep -am1 'error:' "$copy/build.log")"
        elif run_test "$filter"; then
            verdict="SURVIVED  $name: $filter stays green"
        elif grep -aq 'Test run with 0 tests' "$copy/test.log"; then
            verdict="NO TEST   $name: nothing is called $filter"
        else
            killer=$(grep -aoE -m1 'Test "[^"]+" recorded|Test .*\) recorded' "$copy/test.log" | sed 's/ recorded//' || true)
            verdict="killed    $name by ${killer:-a trap in $filter}"
        fi
    fi
    echo "$verdict"
    if [[ $verdict == killed* ]]; then killed=$((killed + 1)); else others=$((others + 1)); fi
done
echo "$killed mutants killed, $others not"
[ "$others" -eq 0 ]
