#!/usr/bin/env python3
"""Holds what the program says about runs to what its user is promised: lookahead, warm-ups, reproduction, trials, metrics.

Prints one line a check and a closing line `N passed, M failed`; ends with status 1 if a check failed.
LOTUS=PATH names the program to test.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from checks import LOTUS, ROOT, check, closing, lotus, need_program


def lookaheads(work):
    root = work / "lookahead"
    lotus("bench", "root", root, "--market", "--events", "2000")
    done = lotus("audit", "lookahead", root, "--cuts", "60")
    check("audit lookahead of the shipped cohort is clean",
          done.returncode == 0 and "clean: no record" in done.stdout and "60 cuts" in done.stdout,
          done.stdout + done.stderr)
    done = lotus("audit", "lookahead", ROOT / "Fixtures/real/kraken-trades.bundle", "--cuts", "40", "--json")
    found = json.loads(done.stdout) if done.returncode == 0 else {}
    check("and of real trades", found.get("lookahead", {}).get("clean") and found["warm_up"]["clean"], done.stderr)
    said = {one["detector"]: one for one in found["warm_up"]["detectors"]} if found else {}
    pin = said.get("candle_pin_rejection_v1")
    check("each detector declares a warm-up, and depends on the start for less",
          len(said) == 17 and 0 < pin["speaking_seconds"] < pin["declared_seconds"] == 19032, pin)
    done = lotus("audit", "lookahead", root, "--cuts", "0", "--whole", "0", "--late-starts", "0", "--json")
    check("no late start, no warm-ups", done.returncode == 0 and json.loads(done.stdout)["warm_up"] is None, done.stderr)
    done = lotus("audit", "lookahead", root, "--cuts", "0", "--whole", "0", "--warm-up", "1s")
    check("a warm-up that is too short is a shortfall",
          done.returncode == 4 and "SHORTFALL: depends on the start for" in done.stdout, done.stdout + done.stderr)
    for words, why in ((("--cuts", "100001"), "expected 0 to"), (("--warm-up", "soon"), "no length of time"),
                       (("--late-starts", "101"), "expected 0 to")):
        done = lotus("audit", "lookahead", root, *words)
        check(f"audit lookahead {' '.join(words)} is refused",
              done.returncode == 64 and why in done.stderr, done.stderr)


def reproductions(work):
    root, bundle, run = work / "told", work / "told.bundle", work / "first"
    lotus("bench", "root", root, "--market", "--events", "2000")
    lotus("freeze", root, "--out", bundle)
    overlay = work / "two.yaml"
    overlay.write_text("siblings: 2\n")
    words = ("--seed", "7", "--until", "2025-10-09T08:54:00Z", "--without", "family:tape", "--no-report")
    done = lotus("replay", bundle, "--out", run, "--prove", *words)
    check("a run with a seed, an end and a knock-out is proved", done.returncode == 0, done.stdout + done.stderr)
    done = lotus("reproduce", run, work / "lookahead", bundle, "--out", work / "again")
    check("it is reproduced from its RUN.json",
          done.returncode == 0 and "reproduced: the same as the logs" in done.stdout, done.stdout + done.stderr)
    told = work / "elsewhere"
    told.mkdir()
    for name in ("RUN.json", "PROOF.json"):
        shutil.copy(run / name, told)
    done = lotus("reproduce", told, bundle, "--out", work / "third", "--json")
    check("also where its logs are not",
          done.returncode == 0 and json.loads(done.stdout)["compared_with"] == "PROOF.json", done.stderr)
    proof = json.loads((told / "PROOF.json").read_text())
    forged = (told / "PROOF.json").read_text().replace(proof["digest"], "sha256:" + "0" * 64)
    (told / "PROOF.json").write_text(forged)
    done = lotus("reproduce", told, bundle, "--out", work / "fourth")
    check("a forged digest is found", done.returncode == 4 and "DIFFERS" in done.stdout, done.stdout + done.stderr)
    done = lotus("reproduce", run, work / "lookahead", "--out", work / "fifth")
    check("the market is known by its chain head", done.returncode == 64 and "chain head" in done.stderr, done.stderr)
    done = lotus("reproduce", run, bundle, "--overlay", overlay, "--out", work / "sixth")
    check("other settings are refused with the first difference, and leave nothing",
          done.returncode == 4 and "engine/siblings" in done.stderr and not (work / "sixth").exists(), done.stderr)
    lotus("replay", bundle, "--out", work / "seventh", "--overlay", overlay, *words)
    done = lotus("diff", "runs", run, work / "seventh")
    check("diff runs names the one setting that is another one",
          done.returncode == 4 and "made of different things:\n    engine/siblings: 3 -> 2\n" in done.stdout,
          done.stdout + done.stderr)
    done = lotus("reproduce", run, bundle, "--out", work / "again")
    check("nothing is written over", done.returncode == 64 and "is there already" in done.stderr, done.stderr)


def trials(work):
    """AT5.1: what was tried stays on record, whatever happens to its folder."""
    folder, market = work / "search", work / "tried"
    folder.mkdir()
    lotus("bench", "root", market, "--market", "--events", "2000")
    replay = ("replay", market, "--no-report", "--json")

    def listed():
        done = lotus("trials", folder, "--json")
        found = json.loads(done.stdout) if done.returncode in (0, 3) else {"trials": None, "entries": []}
        return done.returncode, found["trials"], [(entry["folder"], entry["state"]) for entry in found["entries"]]

    def counted(run):
        return json.loads(lotus("report", folder / run, "--json").stdout)["selection"]["trials"]

    # Both at once: each gets its entries in.
    together = [subprocess.Popen([LOTUS, *map(str, replay), "--out", str(folder / f"r{seed}"), "--seed", str(seed)],
                                 stdout=subprocess.DEVNULL) for seed in range(1, 5)]
    check("four runs at once end well", [process.wait(timeout=300) for process in together] == [0] * 4)
    status, every, entries = listed()
    check(f"lotus trials lists all four: {every} trials", status == 0 and sorted(entries) == [
        (f"r{seed}", "here") for seed in range(1, 5)], (status, entries))
    check("and so does a report", counted("r1") == every, counted("r1"))
    shutil.rmtree(folder / "r2")
    shutil.rmtree(folder / "r3")
    status, found, entries = listed()
    check("runs whose folders were removed are told, and count all the same",
          status == 3 and found == every and counted("r1") == every
          and sorted(entries) == [("r1", "here"), ("r2", "gone"), ("r3", "gone"), ("r4", "here")], (status, found, entries))

    # Killed at many moments, also between the last event of the run and its entry; then let to the end.
    chance = random.Random(7)
    for _ in range(12):
        process = subprocess.Popen([LOTUS, *map(str, replay), "--out", str(folder / "killed"), "--seed", "9"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=chance.uniform(0.02, 0.5))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    lotus(*replay, "--out", folder / "killed", "--seed", "9")
    status, found, entries = listed()
    check("a run that was killed again and again is one trial", found == every // 4 * 5
          and [state for name, state in entries if name == "killed"] == ["here"], (found, entries))
    lotus("report", folder / "killed", "--cost-bps", "1", "--json")
    check("a report under other costs is one more", listed()[1] == every // 4 * 6 == counted("r1"), listed())

    done = lotus(*replay, "--out", folder / "trials")
    check("no run takes the ledger's name", done.returncode == 64 and "ledger" in done.stderr, done.stderr)
    segment = sorted((folder / "trials").glob("*.seg"))[-1]
    whole = segment.read_bytes()
    entry = whole.rfind(b"killed")
    for name, bad in (("changed", whole[:entry] + b"KILLED" + whole[entry + 6:]), ("cut off", whole[:entry - 200])):
        segment.write_bytes(bad)
        done, report = lotus("trials", folder), lotus("report", folder / "r1", "--json")
        check(f"an entry that is {name} is damage, and no report counts what is left",
              entry > 0 and done.returncode == 2 and report.returncode == 2, done.stdout + done.stderr + report.stderr)
    segment.write_bytes(whole)
    check("the ledger as it was is whole", lotus("verify", folder / "trials", "--deep").returncode == 0 and listed()[0] == 3)


def metrics(work):
    """SIG-12."""
    fixture = ROOT / "Fixtures/metrics/detectors.txt"
    root = work / "noted"
    lotus("bench", "root", root, "--market", "--events", "50")
    done = lotus("audit", "metrics", "--fixture", fixture, "--record", root, "--json")
    found = json.loads(done.stdout) if done.returncode == 0 else {}
    check("audit metrics passes on the kept fixture", found.get("passed") is True, done.stdout + done.stderr)
    text = lotus("cat", root / "ops", "--type", "rep.RegressionChecked").stdout
    check("and writes down a verdict a detector",
          len(found.get("records", [])) == len(found.get("detectors", [])) > 0
          and all(record in text for record in found["records"]), text)
    lines = fixture.read_text().split("\n")
    words = lines[1].split(" ")
    moved = work / "moved.txt"
    moved.write_text("\n".join([lines[0], " ".join([*words[:5], str(float(words[5]) + 1e-6), *words[6:]]), *lines[2:]]))
    done = lotus("audit", "metrics", "--fixture", moved)
    check("a metric that drifted is 4, and named",
          done.returncode == 4 and words[0] in done.stdout and "mean_abs_signal" in done.stdout, done.stderr)
    done = lotus("audit", "metrics", "--fixture", moved, "--write")
    check("--write freezes what is measured",
          done.returncode == 0 and moved.read_text() == fixture.read_text(), done.stderr)


def main():
    need_program("runs")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-runs-"))
    try:
        lookaheads(work)
        reproductions(work)
        trials(work)
        metrics(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
