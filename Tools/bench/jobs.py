#!/usr/bin/env python3
"""Measures the manners of long jobs: how true the time left is, and what a second core gives a sweep.

    Tools/bench/jobs.py [--events 4000000] [--cell-events 600000] [--rounds 3] [--directory DIR]

Prints one JSON object. eta_error_max is the largest error of the end that the lines of --progress json foretold, as a
part of the whole time, from a tenth of the work on; of the run alone, of its report the phase is another one. Of the
sweep: seconds of six cells with one and with two workers, each round in turn, and their ratio. LOTUS=PATH names the
program; needs a release build, and a machine with nothing else to do.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOTUS = os.environ.get("LOTUS", str(ROOT / ".build/release/lotus"))


def lotus(*words):
    """Runs the program to its end."""
    return subprocess.run([LOTUS, *map(str, words)], check=True, capture_output=True, text=True)


def market(path, events):
    lotus("bench", "root", path, "--market", "--events", events)
    return path


def foretold(work, events):
    """Errors of the foretold end, as parts of the whole time."""
    told = lotus("replay", market(work / "market", events), "--out", work / "run", "--no-report", "--progress", "json")
    lines = [json.loads(line) for line in told.stderr.splitlines()]
    lines = [line for line in lines if line["phase"] == "replay" and line["total"]]
    end = lines[-1]["seconds"] + (lines[-1]["eta_s"] or 0)
    late = [line for line in lines if line["done"] >= 0.1 * line["total"] and line["eta_s"] is not None]
    return end, [abs(line["seconds"] + line["eta_s"] - end) / end for line in late]


def sweep(work, market_path, workers, number):
    start = time.monotonic()
    lotus("sweep", market_path, "--out", work / f"sweep{workers}-{number}", "--vary", "seed=1,2,3,4,5,6",
          "--workers", workers)
    return time.monotonic() - start


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--events", type=int, default=4_000_000)
    options.add_argument("--cell-events", type=int, default=600_000)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--directory")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.directory) as folder:
        work = pathlib.Path(folder)
        seconds, errors = foretold(work, given.events)
        small = market(work / "small", given.cell_events)
        one, two = [], []
        for number in range(given.rounds):
            one.append(sweep(work, small, 1, number))
            two.append(sweep(work, small, 2, number))
    ratios = [a / b for a, b in zip(one, two)]
    print(json.dumps({
        "bench": "jobs", "replay_s": round(seconds, 2), "eta_lines": len(errors),
        "eta_error_max": round(max(errors), 3), "eta_error_median": round(statistics.median(errors), 3),
        "sweep_one_s": [round(value, 2) for value in one], "sweep_two_s": [round(value, 2) for value in two],
        "sweep_ratio": round(statistics.median(ratios), 2),
    }))


if __name__ == "__main__":
    main()
