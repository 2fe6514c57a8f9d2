#!/usr/bin/env python3
"""Runs the log beside the same work in C and in SQLite, on the same events, and prints one table.

    Tools/bench/run.py [--rounds 5] [--events 1000000] [--directory DIR] [--only REGEX] [--json]

Needs a release build of `lotus` and a C compiler. Every row interleaves the two sides, so that a drift of the machine
hits both. Floors and claims are those of the design: below a floor is broken, and ends this with status 1. Nothing is
left behind in DIR.
"""
import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

from noise import Noise, spread
from rows import rows, run

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def figure(value):
    """Three digits that count, without an exponent."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def side(values):
    return f"{figure(statistics.median(values))} ±{spread(values):3.0f} %"


def table(measured):
    """The rows as text."""
    lines = [
        f"{'comparison':31s} {'unit':5s} {'ours':>12s} {'other':>12s} {'ratio':>18s} "
        f"{'floor':>10s} {'claim':>10s}  verdict"]
    for row in measured:
        ratios = row.ratios()
        ratio = f"{figure(row.ratio())} [{figure(min(ratios))}..{figure(max(ratios))}]"
        sign = "<= " if row.lower else ">= "
        bounds = [sign + limit.text(row.unit) if limit else "-" for limit in (row.floor, row.claim)]
        lines.append(
            f"{row.name:31s} {row.unit:5s} {side(row.a):>12s} {side(row.b):>12s} {ratio:>18s} "
            f"{bounds[0]:>10s} {bounds[1]:>10s}  {row.verdict()}")
    return "\n".join(lines)


def as_json(measured, noise):
    limit = lambda bound: bound and {"value": bound.value, "of": "ours" if bound.absolute else "ratio"}
    return json.dumps({
        "noise": noise,
        "rows": [{
            "name": row.name.strip(), "unit": row.unit, "ours": row.a, "other": row.b, "ratio": row.ratio(),
            "better": "lower" if row.lower else "higher", "floor": limit(row.floor), "claim": limit(row.claim),
            "verdict": row.verdict(),
        } for row in measured]})


def recorded(lotus, work):
    """A root of the recorded busy sessions, - without recorded data: then the main job runs on a generated market."""
    data = os.environ.get("LOTUS_DATA", os.path.join(ROOT, "..", "shared", "data", "open"))
    session = os.path.join(data, "flagged", "hl-l2-20250904")
    if not os.path.isdir(session):
        return "-"
    market = os.path.join(work, "market")
    subprocess.run([lotus, "ingest", session, "--root", market], check=True, capture_output=True)
    return market


def measure(options, lotus, work, compiler):
    subprocess.run(["make", "-s", "-C", os.path.join(HERE, "cfloor"), f"OUT={work}", f"CC={compiler}"], check=True)
    cfloor, mix = os.path.join(work, "cfloor"), os.path.join(work, "mix.bin")
    run([cfloor, "gen", mix, str(options.events)])
    chosen = [row for row in rows(lotus, cfloor, mix, work, recorded(lotus, work)) if re.search(options.only, row.name)]
    if not chosen:
        sys.exit(f"no comparison is called like {options.only!r}")
    for number in range(options.rounds):
        known = {}
        for row in chosen:
            if sys.stderr.isatty():
                print(f"\r\033[Kround {number + 1} of {options.rounds}: {row.name}", end="", file=sys.stderr)
            row.measure(known)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    return chosen


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--directory", default=None, help="scratch directory on the disk to measure (a temporary one)")
    parser.add_argument("--only", default=".", help="only rows whose name matches")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args()

    lotus = os.path.join(ROOT, ".build", "release", "lotus")
    if not os.access(lotus, os.X_OK):
        sys.exit("no release build: run `swift build -c release --product lotus` first, or `make bench`")
    compiler = "clang" if shutil.which("clang") else "cc"
    watch = Noise()
    work = tempfile.mkdtemp(prefix="lotus-bench-", dir=options.directory)
    try:
        measured = measure(options, lotus, work, compiler)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    noise = watch.summary(measured)

    if options.json:
        print(as_json(measured, noise))
    else:
        print(f"{options.events:,} events of the mix, {options.rounds} rounds, the two sides in turn; C by {compiler}")
        print(f"{noise}\n")
        print(table(measured))
        print("\nMedians; ± is half the range; ratio is the median over the rounds [smallest..largest].")
        missed = [row.name.strip() for row in measured if row.verdict() == "MISSED"]
        held = sum(row.verdict() == "claim held" for row in measured)
        with_claim = sum(row.claim is not None for row in measured)
        print(f"{held} of {with_claim} claims held; floors missed: {', '.join(missed) or 'none'}")
    sys.exit(1 if any(row.verdict() == "MISSED" for row in measured) else 0)


if __name__ == "__main__":
    main()
