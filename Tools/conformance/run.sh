#!/usr/bin/env bash
# Holds three readers against each other: lotus, the independent Python reader and the stock lz4 tool.
#
# Over the golden logs of Fixtures/log/v1, then over fresh logs that `lotus append` makes of random events of every kind,
# then over damaged copies of one.
# One line for each comparison, a closing line `N passed, M failed`; exit status 1 if anything differs.
#
#   SEEDS="1 2 3"  seeds of the fresh logs      EVENTS=300  events of each type in a fresh log
#   DAMAGES=120    damaged copies               KEEP=DIR    where to put the fresh logs, and keep them
#   LOTUS=PATH     program to test
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
lotus=${LOTUS:-$root/.build/release/lotus}
reader=$root/Tools/reader/lotus_reader.py
venv=$root/.build-reader
golden=$root/Fixtures/log/v1
python=$venv/bin/python
export PYTHONDONTWRITEBYTECODE=1

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
logs=${KEEP:-$work/logs}
mkdir -p "$logs"

passed=0 failed=0
pass() {
    passed=$((passed + 1))
    printf '  ok    %s\n' "$1"
}
fail() {
    failed=$((failed + 1))
    printf '  FAIL  %s\n' "$1"
    [[ -z ${2-} ]] || sed 's/^/          /' <<<"$2" | head -n 12
}

# same LABEL FILE FILE: equal bytes, and, unless both are empty on purpose, say how many.
same() {
    local difference
    if difference=$(cmp -- "$2" "$3" 2>&1); then
        pass "$1 ($(stat -c %s "$2") bytes)"
    else
        fail "$1" "$difference"$'\n'"$(diff -a --text "$2" "$3" 2>&1 | cut -c1-300 | head -n 6 || true)"
    fi
}

# equal LABEL TEXT TEXT
equal() {
    if [[ $2 == "$3" ]]; then pass "$1: ${2:0:90}"; else fail "$1" "lotus:  $2"$'\n'"python: $3"; fi
}

# picked FILE KEY…: the named members of the JSON object in FILE, as `key=value key=value`.
picked() {
    "$python" - "$@" <<'PY'
import json, sys
try:
    found = json.load(open(sys.argv[1]))
    print(*(f"{key}={found[key]}" for key in sys.argv[2:]))
except (ValueError, KeyError) as error:
    print(f"{type(error).__name__}: {error}")
PY
}

# run FILE COMMAND…: standard output to FILE, standard error to FILE.err; prints the exit status.
run() {
    local file=$1 status=0
    shift
    "$@" >"$file" 2>"$file.err" </dev/null || status=$?
    printf '%s' "$status"
}

# segments PATH: the segment files of a log, or the file itself.
segments() {
    if [[ -f $1 ]]; then printf '%s\n' "$1"; else find "$1" -maxdepth 1 -name '*.seg' | sort; fi
}

# hold LABEL PATH [EXPECTED]: all comparisons over one log or segment. EXPECTED is the status that its index tells.
hold() {
    local label=$1 path=$2 expected=${3-} s p status
    s=$(run "$work/verify.s" "$lotus" verify --deep --json "$path")
    p=$(run "$work/verify.p" "$python" "$reader" verify "$path")
    if [[ $s == 1 && $p == 1 ]]; then
        # Both say that this cannot be read at all.
        equal "$label: exit status of verify" "$s" "$p"
        return 0
    fi
    status=$(picked "$work/verify.p" status)
    equal "$label: verify" "$(picked "$work/verify.s" status) exit=$s" "$status exit=$p"
    [[ -z $expected ]] || equal "$label: status of the index" "$(picked "$work/verify.s" status)" "status=$expected"
    # Behind damage, how much can still be told is not laid down.
    [[ $status == status=damaged ]] && return 0

    local facts=(events first_seq last_seq chain_head identity_root logical_root)
    equal "$label: verify" "$(picked "$work/verify.s" "${facts[@]}")" "$(picked "$work/verify.p" "${facts[@]}")"
    local form
    for form in ndjson canonical raw; do
        run "$work/$form.s" "$lotus" cat "--$form" "$path" >"$work/$form.status.s"
        run "$work/$form.p" "$python" "$reader" "$form" "$path" >"$work/$form.status.p"
        same "$label: $form" "$work/$form.s" "$work/$form.p"
    done
    [[ $status == status=clean ]] || return 0
    local segment
    : >"$work/lz4"
    while IFS= read -r segment; do
        lz4 -dcq "$segment" >>"$work/lz4" 2>"$work/lz4.err" || fail "$label: lz4 -dc ${segment##*/}" "$(<"$work/lz4.err")"
        if lz4 -tq "$segment" 2>"$work/lz4.err"; then
            pass "$label: lz4 -t ${segment##*/}"
        else
            fail "$label: lz4 -t ${segment##*/}" "$(<"$work/lz4.err")"
        fi
    done < <(segments "$path")
    same "$label: lz4 -dc" "$work/lz4" "$work/raw.s"
}

[[ -x $lotus ]] || {
    printf 'conformance: %s is not there; build it first: make release\n' "$lotus" >&2
    exit 1
}

# 1. The Python reader's two packages, from PyPI, in a folder that git ignores.
if ! "$python" -c 'import lz4.frame, xxhash' 2>/dev/null; then
    printf 'conformance: making %s\n' "${venv#"$root"/}"
    python3 -m venv --clear "$venv"
    "$python" -m pip install --quiet --disable-pip-version-check 'lz4>=4.3,<5' 'xxhash>=3.4,<5'
fi

# 2. The Python reader's own tests.
printf 'Tests of the Python reader\n'
if "$python" "$root/Tools/reader/test_reader.py" >"$work/reader" 2>&1; then
    tail -n 3 "$work/reader" | sed '/^$/d'
    pass 'test_reader.py'
else
    fail 'test_reader.py' "$(tail -n 40 "$work/reader")"
    tail -n 40 "$work/reader"
fi

# 3. The golden logs: a folder each, which holds a log, a single segment, or several logs.
printf 'Golden logs\n'
while IFS= read -r case; do
    name=${case##*/}
    # A row of the index that names the case may tell its status.
    expected=$(grep -F "\`$name\`" "$golden/INDEX.md" 2>/dev/null | grep -oE '`(clean|torn_tail|damaged)`' |
        sort -u | tr -d '`' || true)
    [[ $expected != *$'\n'* ]] || expected=
    if [[ -f $case/MANIFEST ]]; then
        hold "$name" "$case" "$expected"
    else
        while IFS= read -r item; do
            hold "$name/${item#"$case"/}" "$item" "$expected"
        done < <(find "$case" -mindepth 1 -maxdepth 1 \( -type d -o -name '*.seg' \) | sort)
    fi
done < <(find "$golden" -mindepth 1 -maxdepth 1 -type d 2>/dev/null | sort)

# 4. Fresh logs: random events of every kind, in several sessions of a writer with different sizes of batch and segment.
for seed in ${SEEDS:-1 2 3}; do
    printf 'Fresh log, seed %s\n' "$seed"
    input=$work/input-$seed log=$logs/seed-$seed
    rm -rf "$log"
    generate=("$python" "$root/Tools/conformance/generate.py" --seed "$seed" --events "${EVENTS:-300}")
    "${generate[@]}" --out "$input"
    : >"$work/acks"
    for part in "$input"/part-*.ndjson; do
        mapfile -t arguments <"${part%.ndjson}.args"
        if ! "$lotus" append "$log" --schema "$input/types.yaml" "${arguments[@]}" <"$part" >>"$work/acks" 2>"$work/err"; then
            fail "seed $seed: append of ${part##*/}" "$(head -n 5 "$work/err")"
        fi
    done
    count=$(cat "$input"/part-*.ndjson | wc -l)
    # Acknowledgements in order, one for each event, whatever their level.
    seq "$count" | sed 's/.*/{"seq":&}/' >"$work/acks.wanted"
    sed -E 's/,"level":"(written|durable)"\}$/}/' "$work/acks" >"$work/acks.found"
    same "seed $seed: acknowledgements" "$work/acks.found" "$work/acks.wanted"
    hold "seed $seed" "$log" clean
    if problem=$("${generate[@]}" --check "$work/ndjson.s"); then
        pass "seed $seed: $count events came back as they went in"
    else
        fail "seed $seed: events came back as they went in" "$problem"
    fi
    "$lotus" seal "$log" >"$work/seal" 2>&1 || fail "seed $seed: seal" "$(<"$work/seal")"
    hold "seed $seed, sealed" "$log" clean
done

# 5. Damaged copies of a fresh log: whatever happened to it, both readers call it the same.
printf 'Damaged copies\n'
input=$work/input-damage log=$logs/damage copy=$work/copy
rm -rf "$log"
"$python" "$root/Tools/conformance/generate.py" --seed 9 --events 40 --out "$input"
for part in "$input"/part-*.ndjson; do
    "$lotus" append "$log" --schema "$input/types.yaml" --segment-bytes 64K --batch-bytes 4K <"$part" >"$work/append" 2>&1 ||
        fail 'append of the log to damage' "$(tail -n 5 "$work/append")"
done
for ((seed = 1; seed <= ${DAMAGES:-120}; seed++)); do
    rm -rf "$copy"
    cp -r "$log" "$copy"
    what=$("$python" "$root/Tools/conformance/damage.py" --seed "$seed" "$copy")
    s=$(run "$work/verify.s" "$lotus" verify --deep --json "$copy")
    p=$(run "$work/verify.p" "$python" "$reader" verify "$copy")
    equal "damage $seed, $what" "$(picked "$work/verify.s" status) exit=$s" "$(picked "$work/verify.p" status) exit=$p"
done

# 6. Proofs of replays, checked by a script that shares no code with the program.
printf 'Proofs\n'
if "$python" "$root/Tools/conformance/proof.py" >"$work/proof" 2>&1; then
    sed '/^[0-9]* passed/d' "$work/proof"
    pass 'proof.py'
else
    fail 'proof.py'
    cat "$work/proof"
fi

printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
