#!/usr/bin/env bash
# Applies each mutant of this folder to a copy of the tree, builds it, and expects the test that it names to fail.
#
#   Tools/mutants/run.sh [NUMBER…]      all mutants, or those whose file names begin with one of the numbers
#
# A mutant is a perl program, run over one file as a whole, whose first lines say:
#   # file: PATH     what it changes
#   # test: FILTER   the test that must turn red
#   # part: TARGETS  test targets to build, with what they stand on and their packages; the log alone if it is missing
# MUTANTS_DIR names a folder for the copy that is kept, so that a second run builds faster.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
copy=${MUTANTS_DIR:-$(mktemp -d)}
[ -n "${MUTANTS_DIR:-}" ] || trap 'rm -rf "$copy"' EXIT

# The log alone has a package of its own, without dependencies; the rest is built in part, in a second copy.
use() {
    part=$1
    if [ -z "$part" ]; then
        place=$copy/log
        folders=(LogFormat Sources Tests/LogFormatTests Tests/LogEngineTests Tests/LogFaultTests Tests/Support/LogTesting)
    else
        place=$copy/rest
        folders=(LogFormat Projections Sources Tests Tools/lotus Fixtures docs)
    fi
    mkdir -p "$place"
}

restore() {
    local folder file
    for folder in "${folders[@]}"; do
        mkdir -p "$place/$folder"
        rsync -a --no-times --checksum --delete "$tree/$folder/" "$place/$folder/"
    done
    if [ -z "$part" ]; then
        cmp -s "$here/template/Package.swift" "$place/Package.swift" ||
            cp "$here/template/Package.swift" "$place/Package.swift"
        return
    fi
    mkdir -p "$place/Tools"
    for file in Package.swift Package.resolved Tools/part.sh; do
        [ ! -f "$tree/$file" ] || cmp -s "$tree/$file" "$place/$file" || cp "$tree/$file" "$place/$file"
    done
}

swift_in() {
    if [ -z "$part" ]; then
        (cd "$place" && timeout 900 swift "$@")
    else
        (cd "$place" && timeout 900 Tools/part.sh "$all_parts" swift "$@")
    fi
}
build() { swift_in build --build-tests </dev/null >"$copy/build.log" 2>&1; }
run_test() { swift_in test --skip-build --filter "$1" </dev/null >"$copy/test.log" 2>&1; }

header() { sed -n "s/^# $1: //p" "$2"; }

# Whether a mutant was asked for.
is_wanted() {
    local name=$1 number
    shift
    [ $# -gt 0 ] || return 0
    for number in "$@"; do [[ $name == "$number"* ]] && return 0; done
    return 1
}

mkdir -p "$copy"
wanted=()
for mutant in "$here"/*.txt; do
    if is_wanted "$(basename "$mutant" .txt)" "$@"; then wanted+=("$mutant"); fi
done
# One build of all parts, so that going from one mutant to the next compiles little.
all_parts=$(for mutant in "${wanted[@]}"; do header part "$mutant"; done | tr ',' '\n' | sort -u | paste -sd ,)
kinds=("")
[ -z "$all_parts" ] || kinds+=("$all_parts")
for kind in "${kinds[@]}"; do
    filters=$(for mutant in "${wanted[@]}"; do
        part=$(header part "$mutant")
        if [[ (-z $part && -z $kind) || (-n $part && -n $kind) ]]; then header test "$mutant"; fi
    done | sort -u | paste -sd '|')
    [ -n "$filters" ] || continue
    use "$kind"
    restore
    build || { cat "$copy/build.log"; echo "the unchanged tree does not build"; exit 1; }
    run_test "$filters" || { grep -a '✘' "$copy/test.log"; echo "tests are red without any mutant"; exit 1; }
done

killed=0
others=0
for mutant in "${wanted[@]}"; do
    name=$(basename "$mutant" .txt)
    file=$(header file "$mutant")
    filter=$(header test "$mutant")
    use "$(header part "$mutant")"
    restore
    perl -0777 -p "$mutant" "$place/$file" >"$copy/mutated"
    if cmp -s "$copy/mutated" "$place/$file"; then
        verdict="STALE     $name: changes nothing in $file"
    else
        cp "$copy/mutated" "$place/$file"
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
