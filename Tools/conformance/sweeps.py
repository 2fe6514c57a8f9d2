#!/usr/bin/env python3
"""Holds `lotus sweep` to its promise: every cell once, whatever kills it, and no more processes than it may have.

Prints one line a check and a closing line `N passed, M failed`; ends with status 1 if a check failed.

  --large   200 cells instead of 12, killed at 50 moments instead of 12
LOTUS=PATH names the program to test.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from checks import LOTUS, check, closing, lotus, need_program

FEW = ("--without", "family:order_book", "--without", "family:event", "--without", "family:divergence")


def found(folder, *words):
    done = lotus("sweep", *words, "--out", folder, "--json")
    try:
        return done, json.loads(done.stdout)
    except ValueError:
        return done, {}


def children(market):
    """Processes that replay the market."""
    count = 0
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        count += b"replay" in words and os.fsencode(market / "mkt") in words
    return count


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--large", action="store_true")
    is_large = options.parse_args().large
    need_program("sweeps")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-sweeps-")).resolve()
    try:
        sweeps(work, *((5, 20, 50) if is_large else (3, 2, 12)))
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing()


def orphans(work):
    """Cells that take long end with the sweep that was killed, and not by themselves."""
    market, out = work / "long", work / "orphaned"
    lotus("bench", "root", market, "--market", "--events", "60000")
    process = subprocess.Popen([LOTUS, "sweep", str(market), "--out", str(out), "--vary", "seed=1,2"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not children(market):
        pass
    process.kill()
    process.wait()
    deadline = time.monotonic() + 60
    while children(market) and time.monotonic() < deadline:
        pass
    entries = json.loads(lotus("trials", out, "--json").stdout or "{}").get("entries", [])
    check("processes of a sweep that was killed end at once", children(market) == 0
          and all(entry["state"] == "unfinished" for entry in entries), entries)


def sweeps(work, siblings, seeds, moments):
    market = work / "market"
    lotus("bench", "root", market, "--market", "--events", "1500")
    count = siblings * seeds * 2
    words = (market, *FEW, "--vary", "siblings=" + ",".join(map(str, range(siblings))),
             "--vary", "seed=" + ",".join(map(str, range(1, seeds + 1))), "--vary", "initial_state=candidate,active")
    done, whole = found(work / "whole", *words)
    cells = whole.get("cells", [])
    names = [f"cell-{number:04}" for number in range(1, count + 1)]
    check(f"a sweep of three settings has {count} cells in their order",
          done.returncode == 0 and [cell["cell"] for cell in cells] == names
          and cells[1]["settings"] == {"siblings": "0", "seed": "1", "initial_state": "active"}, done.stderr)
    check("every one is another run", len({cell["run_id"] for cell in cells}) == count, cells)
    listed = lotus("trials", work / "whole", "--json")
    trials = json.loads(listed.stdout)
    check(f"all {whole.get('trials')} trials stand in the ledger, each once", listed.returncode == 0
          and len(trials["entries"]) == count and trials["trials"] == whole.get("trials") > count, trials)
    alone = work / "alone"
    lotus("replay", market, *FEW, "--out", alone, "--overlay", work / f"whole/{names[-1]}.yaml", "--seed",
          seeds, "--no-report")
    check("a cell is what lotus replay makes of its overlay and seed",
          lotus("diff", "logs", alone / "sig", work / "whole" / names[-1] / "sig").returncode == 0)

    # Killed at many moments: no process outlives it, and what it did is kept.
    chance = random.Random(3)
    kills = 0
    for _ in range(moments):
        process = subprocess.Popen([LOTUS, "sweep", *map(str, words), "--out", str(work / "killed")],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=chance.uniform(0.05, 1.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    done, again = found(work / "killed", *words)
    check(f"killed {kills} times, it ends with the same figures", kills > 0 and done.returncode == 0
          and again.get("cells") == cells and again.get("trials") == whole.get("trials"), done.stderr)
    same = [lotus("diff", "logs", work / "killed" / cell["cell"] / "sig", work / "whole" / cell["cell"] / "sig").returncode
            for cell in cells]
    check("and the same bytes in every cell", same == [0] * count, same)
    entries = json.loads(lotus("trials", work / "killed", "--json").stdout)["entries"]
    check("and every cell is one trial", len(entries) == count and {entry["state"] for entry in entries} == {"here"}, entries)

    orphans(work)
    process = subprocess.Popen([LOTUS, "sweep", *map(str, words), "--out", str(work / "stopped"), "--progress", "json"],
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    process.stderr.readline()
    process.send_signal(signal.SIGTERM)
    _, error = process.communicate(timeout=120)
    check("asked to end, it says how to go on", process.returncode == 1 and "same command goes on" in error, error[-300:])
    done, again = found(work / "stopped", *words)
    check("and goes on", done.returncode == 0 and again.get("cells") == cells, done.stderr)

    done, again = found(work / "whole", *words, "--workers", "500")
    check("no more processes than cores", again.get("workers") == len(os.sched_getaffinity(0)), again.get("workers"))
    for name, files in (("cpu.max", {"cpu.max": "100000 100000\n"}),
                        ("cpu.cfs_quota_us", {"cpu/cpu.cfs_quota_us": "150000\n", "cpu/cpu.cfs_period_us": "100000\n"})):
        group = work / name
        for file, text in files.items():
            (group / file).parent.mkdir(parents=True, exist_ok=True)
            (group / file).write_text(text)
        done, again = found(work / "whole", *words, "--quota", group)
        check(f"and than {name} of the control group allows", again.get("workers") == 1, again.get("workers"))

    text = lotus("sweep", *words, "--out", work / "whole").stdout
    check("the table has a row a cell, and luck beside the ratios", text.count("cell-0") == count and "by luck" in text, text)
    for more, why in ((("--vary", "seed=1,2"), "is given twice"), (("--vary", "siblings"), "expected NAME=V1"),
                      (("--vary", "x=1,1"), "a value twice"), (("--vary", "nobody.gain=1"), "not in the cohort"),
                      (("--vary", "siblings=99"), "expected 0 to 16"), (("--vary", "seed=one"), "no seed"),
                      (("--vary", "a=" + ",".join(map(str, range(5000)))), "more than 4096"),
                      (("--overlay", "x.yaml", "--vary", "seed=1"), "a sweep has overlays of its own"), ((), "nothing varies")):
        base = words[:-6] if more[:1] != ("--vary",) or more[1] != "seed=1,2" else words
        done = lotus("sweep", *base, *more, "--out", work / "refused")
        check(f"{' '.join(more)[:40]} is refused before anything is written",
              done.returncode in (1, 64) and why in done.stderr and not (work / "refused").exists(), done.stderr)
    done = lotus("sweep", *words[:-2], "--out", work / "whole")
    check("another sweep in the same folder is refused", done.returncode == 64 and "another sweep" in done.stderr, done.stderr)


if __name__ == "__main__":
    sys.exit(main())
