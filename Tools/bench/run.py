#!/usr/bin/env python3
"""Runs the engine beside the C floor on the same events, in turn, and prints one table of ratios.

    Tools/bench/run.py [--rounds 5] [--events 1000000] [--directory DIR] [--only REGEX] [--json]

Needs a release build of `lotus` and a C compiler. Every row interleaves the two sides, so that a drift of the machine hits both; figures are medians
over the rounds, with the smallest and the largest. Nothing is left behind in DIR.
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

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def run(command):
    """The JSON object that a measurement prints as its last line."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"failed: {' '.join(command)}\n{done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


class Row:
    """One comparison: our command, the floor's, which figure of each, and what the ratio must reach."""

    def __init__(self, name, ours, figure, floor, floor_figure, better, must, claim, unit, scale=1.0):
        self.name, self.ours, self.figure, self.floor, self.floor_figure = name, ours, figure, floor, floor_figure
        self.better, self.must, self.claim, self.unit, self.scale = better, must, claim, unit, scale
        self.a, self.b = [], []

    def measure(self):
        ours = run(self.ours)
        self.a.append(ours[self.figure] * self.scale)
        floor = ours if self.floor is None else run(self.floor)
        self.b.append(floor[self.floor_figure] * self.scale)

    def ratio(self):
        return statistics.median(x / y for x, y in zip(self.a, self.b))

    def verdict(self):
        ratio = self.ratio()
        holds = (lambda limit: ratio >= limit) if self.better == "higher" else (lambda limit: ratio <= limit)
        return "claim" if holds(self.claim) else "floor" if holds(self.must) else "MISSED"


def rows(lotus, cfloor, mix, work):
    bench = [lotus, "bench"]
    append = lambda level, producers=1: bench + ["append", mix, work, "--level", level, "--rounds", "1", "--producers", str(producers)]
    floor = lambda mode: [cfloor, "append", mix, work, mode, "1"]
    rate = ("events_per_s", "events_per_s")
    million = dict(unit="M events/s", scale=1e-6)
    ack = bench + ["ack", work, "--count", "500"]
    return [
        Row("replay / C varint, CPU time", bench + ["replay", mix, work], rate[0], [cfloor, "replay", mix, "varint"], rate[1], "higher", 0.25, 0.9, **million),
        Row("replay / C row, CPU time", bench + ["replay", mix, work], rate[0], [cfloor, "replay", mix, "row"], rate[1], "higher", 0.35, 0.9, **million),
        Row("append buffered / C no sync", append("buffered"), rate[0], floor("nosync"), rate[1], "higher", 0.5, 0.75, **million),
        Row("append written / C no sync", append("written"), rate[0], floor("nosync"), rate[1], "higher", 0.5, 0.75, **million),
        Row("append durable / C pipelined", append("durable"), rate[0], floor("pipelined"), rate[1], "higher", 0.25, 0.75, **million),
        Row("append durable, 64 producers / C", append("durable", 64), rate[0], floor("pipelined"), rate[1], "higher", 0.25, 0.75, **million),
        Row("append durable / SQLite FULL", append("durable"), rate[0], [cfloor, "sqlite", mix, work, "FULL", "1"], rate[1], "higher", 2, 4, **million),
        Row("append written / SQLite NORMAL", append("written"), rate[0], [cfloor, "sqlite", mix, work, "NORMAL", "1"], rate[1], "higher", 2, 4, **million),
        Row("durable ack p50 / fdatasync", ack, "p50_us", None, "bare_p50_us", "lower", 2.5, 1.5, unit="us"),
        Row("durable ack p99 / fdatasync", ack, "p99_us", None, "bare_p99_us", "lower", 3, 2, unit="us"),
        Row("commit of 16 logs / 1 log", bench + ["logs", work], "many_p50_ms", None, "one_p50_ms", "lower", 3, 1.5, unit="ms"),
        Row("  the same in C, 4 KiB each", [cfloor, "syncmany", work, "16", "100"], "together_p50_ms", None, "alone_p50_ms", "lower", 99, 1.5, unit="ms"),
        Row("tail other process p50 / C", bench + ["tail", work], "p50_us", [cfloor, "tail", work, "2000"], "p50_us", "lower", 4, 1.5, unit="us"),
        Row("tail other process p99 / C", bench + ["tail", work], "p99_us", [cfloor, "tail", work, "2000"], "p99_us", "lower", 4, 2, unit="us"),
        Row("random seek p99 / 2 ms", bench + ["seek", mix, work, "--count", "300"], "p99_us", None, "limit_us", "lower", 1, 0.15, unit="us"),
        Row("bytes an event / 18", bench + ["replay", mix, work, "--rounds", "1"], "bytes_per_event", None, "bytes_limit", "lower", 1.4, 1, unit="bytes"),
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--directory", default=None, help="scratch directory on the disk to measure (default: a temporary one)")
    parser.add_argument("--only", default=".", help="only rows whose name matches")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    options = parser.parse_args()

    lotus = os.path.join(ROOT, ".build", "release", "lotus")
    if not os.access(lotus, os.X_OK):
        sys.exit("no release build: run `swift build -c release --product lotus` first, or `make bench`")
    work = tempfile.mkdtemp(prefix="lotus-bench-", dir=options.directory)
    try:
        compiler = "clang" if shutil.which("clang") else "cc"
        subprocess.run(["make", "-s", "-C", os.path.join(HERE, "cfloor"), f"OUT={work}", f"CC={compiler}"], check=True)
        cfloor, mix = os.path.join(work, "cfloor"), os.path.join(work, "mix.bin")
        run([cfloor, "gen", mix, str(options.events)])
        table = [row for row in rows(lotus, cfloor, mix, work) if re.search(options.only, row.name)]
        for round_number in range(options.rounds):
            for row in table:
                if sys.stderr.isatty():
                    print(f"\r\033[Kround {round_number + 1} of {options.rounds}: {row.name}", end="", file=sys.stderr)
                row.measure()
        if sys.stderr.isatty():
            print("\r\033[K", end="", file=sys.stderr)
    finally:
        shutil.rmtree(work, ignore_errors=True)

    if options.json:
        print(json.dumps([{"name": r.name.strip(), "ours": r.a, "other": r.b, "ratio": r.ratio(), "verdict": r.verdict()} for r in table]))
    else:
        load = os.getloadavg()[0]
        print(f"{options.events:,} events, {options.rounds} rounds in turn, load {load:.1f}; medians [smallest..largest]; C floor built with {compiler}")
        print(f"{'comparison':34s} {'ours':>26s} {'other':>26s} {'ratio':>7s} {'floor':>6s} {'claim':>6s}")
        for row in table:
            spread = lambda v: f"{statistics.median(v):.2f} [{min(v):.2f}..{max(v):.2f}]"
            print(f"{row.name:34s} {spread(row.a):>26s} {spread(row.b):>26s} {row.ratio():7.2f} {row.must:6.2f} {row.claim:6.2f}  {row.verdict()}  ({row.unit})")
    sys.exit(1 if any(row.verdict() == "MISSED" for row in table) else 0)


if __name__ == "__main__":
    main()
