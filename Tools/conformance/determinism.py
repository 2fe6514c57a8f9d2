#!/usr/bin/env python3
"""One digest of a replay, whatever the circumstances (design §3, REP-09, REP-10).

The same market is replayed in batches of 1 event, 7 events and 4096, on 1, 2, 4 and 8 cores, in other time zones,
languages and folders, in processes side by side, by runs that are killed and go on, and by `--prove`. All must end with
the digest of the first. A market that tests replay in debug comes to the root that is pinned in Fixtures/replay. Then
scores are computed again from their records, and runs that differ on purpose (a seed, a knock-out) must differ: else
the comparison would prove nothing. A small market is proved again and again. Prints one line a check and a closing line
`N passed, M failed`; ends with status 1 if a check failed.

  --large        every circumstance with every other, the debug build, a longer market, more kills, 1,000 proofs (minutes)
  --market PATH  a bundle, root or log to replay instead of a generated market
LOTUS=PATH names the release build, LOTUS_DEBUG=PATH the debug build.
"""

import argparse
import itertools
import json
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

from checks import LOTUS, ROOT, check, closing, need_program

PINNED = ROOT / "Fixtures/replay/generated-market.txt"
DEBUG = os.environ.get("LOTUS_DEBUG", str(ROOT / ".build/debug/lotus"))
# A batch is closed by its bytes: 1 byte holds one event, 7 scored windows take about 4 KiB, 4096 about 2 MiB.
BATCHES = {"1 event": 1, "7 events": 4 << 10, "4096 events": 2 << 20}
CORES = (1, 2, 4, 8)
ZONES = ("Pacific/Kiritimati", "America/St_Johns")
LOCALES = ("C", "tr_TR.UTF-8")
# About 50 at any length of market; what is asked is 100.
PEAK_MEGABYTES = 70


class Matrix:
    """Replays of one market into folders of their own, which are removed once they were looked at."""

    def __init__(self, work, market):
        self.work, self.market, self.count = work, market, 0

    def start(self, words=(), lotus=LOTUS, zone=None, locale=None, folder=None, out=None):
        """Starts a replay; the process and its folder."""
        self.count += 1
        out = out or self.work / f"run-{self.count}"
        environment = {**os.environ, "NO_COLOR": "1"}
        if zone:
            environment["TZ"] = zone
        if locale:
            environment.update(LC_ALL=locale, LANG=locale)
        process = subprocess.Popen(
            [lotus, "replay", str(self.market), "--out", str(out), "--no-report", "--json", *map(str, words)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=folder)
        return process, out

    def end(self, process, out, keep=False):
        """What a replay printed, {} after an error, which is printed."""
        text, error = process.communicate(timeout=900)
        if not keep:
            shutil.rmtree(out, ignore_errors=True)
        if process.returncode == 0:
            return json.loads(text)
        return {"exit": process.returncode, "error": error.strip()[:500]}

    def run(self, words=(), keep=False, **circumstances):
        return self.end(*self.start(words, **circumstances), keep=keep)

    def killed(self, kills, seconds, seed, **circumstances):
        """Kills a replay at random moments, starts it again each time, and lets the last one end."""
        chance = random.Random(seed)
        out = self.work / f"killed-{seed}"
        done = 0
        for _ in range(kills):
            process, _ = self.start(out=out, **circumstances)
            try:
                process.wait(timeout=chance.uniform(0.1, 0.9) * seconds)
                # It was faster than usual: from the start once more.
                self.end(process, out)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
                done += 1
        return done, self.run(out=out, **circumstances)


def large(matrix, same):
    """Every circumstance with every other."""
    for batch, cores, zone, locale in itertools.product(BATCHES, CORES, ZONES, LOCALES):
        words = ["--batch-bytes", BATCHES[batch], "--cores", cores]
        same(f"batches of {batch}, {cores} cores, {zone}, {locale}",
             matrix.run(words, zone=zone, locale=locale, folder="/"))
    small(matrix, same)
    debug(matrix, same)


def small(matrix, same):
    """Every circumstance once, several at a time."""
    for place, batch in enumerate(BATCHES):
        zone, locale = ZONES[place % 2], LOCALES[place % 2]
        same(f"batches of {batch}, {CORES[place]} cores, {zone}, {locale}",
             matrix.run(["--batch-bytes", BATCHES[batch], "--cores", CORES[place]], zone=zone, locale=locale))
    same("8 cores, one batch in reserve, another folder",
         matrix.run(["--cores", 8, "--pending-batches", 1], folder="/"))


def debug(matrix, same):
    """The debug build, which may be of another revision: a run of another name that scores the same."""
    out = matrix.work / "debug"
    result = matrix.run(lotus=DEBUG, out=out, keep=True)
    if revision(out) == revision(matrix.work / "first"):
        same("the debug build", result)
        return
    done = subprocess.run(
        [LOTUS, "diff", "logs", str(matrix.work / "first/sig"), str(out / "sig")], capture_output=True,
        text=True, check=False)
    check("the debug build, of another revision: the same sig log", done.returncode == 0, done.stdout)


def pinned(work):
    """What the debug build of the tests comes to (PinnedReplayTests), this program comes to as well."""
    pin = dict(line.split(None, 1) for line in PINNED.read_text().splitlines() if line and not line.startswith("#"))
    matrix = Matrix(work, market(work, "pinned", pin["events"], pace=pin["pace"], seed=pin["seed"]))
    out = work / "pinned-run"
    matrix.run(out=out, keep=True)
    verified = subprocess.run(
        [LOTUS, "verify", str(out / "sig"), "--deep", "--json"], capture_output=True, text=True, check=False)
    root = json.loads(verified.stdout).get("logical_root") if verified.returncode == 0 else None
    check(f"the sig log of the pinned market has the root {pin['logical_root'][:16]}…, as in debug",
          root == pin["logical_root"], root or verified.stderr)


def revision(run):
    """The revision of the code that wrote a run, {} for none."""
    try:
        return json.loads((run / "RUN.json").read_text())["code_sha"]
    except OSError:
        return {}


def checks(matrix, is_large):
    begun = time.monotonic()
    first = matrix.run(keep=True, out=matrix.work / "first")
    seconds = time.monotonic() - begun
    digest = first.get("digest", "")
    metrics = first.get("metrics", {})
    check(f"a replay of {first.get('market_events', 0)} market events ends with {digest[:23]}…",
          digest.startswith("sha256:") and metrics.get("scored", 0) > 0, first)

    def same(label, result):
        check(label, result.get("digest") == digest and result.get("metrics") == metrics, result)

    (large if is_large else small)(matrix, same)
    memory(matrix)
    together = [matrix.start() for _ in range(4)]
    for place, (process, out) in enumerate(together):
        same(f"side by side with three others, {place + 1} of 4", matrix.end(process, out))
    for seed in range(6 if is_large else 1):
        done, result = matrix.killed(20 if is_large else 6, seconds, seed)
        same(f"killed {done} times (seed {seed}), the last attempt found {result.get('found', 0)} events", result)
        check("and it was killed at all", done > 0, result)
    same("--prove: a second process under other circumstances", matrix.run(["--prove"]))
    other = matrix.run(["--seed", "2"])
    check("another seed gives another digest", other.get("digest", digest) != digest, other)
    fewer = matrix.run(["--without", "family:tape"])
    check("a knock-out gives another digest", fewer.get("digest", digest) != digest, fewer)


def scores(work):
    """Scores come after some hours: a market that is long rather than busy, for a few detectors."""
    matrix = Matrix(work, market(work, "long", 9_000, pace=4_000))
    words = ["--without", "family:event", "--without", "family:divergence", "--without", "family:order_book"]
    out = work / "scored"
    run = matrix.run(words, out=out, keep=True)
    audit = subprocess.run(
        [LOTUS, "audit", "scores", str(out), "--json"], capture_output=True, text=True, check=False)
    found = json.loads(audit.stdout) if audit.returncode == 0 else {}
    check(f"{found.get('follow', 0)} scores follow from their records, bit for bit",
          found.get("follow", 0) > 1_000 and found.get("differ") == 0
          and found.get("windows") == run.get("metrics", {}).get("scored"), audit.stdout + audit.stderr)
    again = matrix.run([*words, "--cores", 1, "--batch-bytes", 1], zone=ZONES[0], locale=LOCALES[1])
    check("and with scores the digest is one as well", run.get("digest") == again.get("digest") is not None, again)


def memory(matrix):
    """The peak of a replay, which does not depend on how busy the machine is."""
    process, out = matrix.start()
    process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    for pipe in (process.stdout, process.stderr):
        pipe.close()
    shutil.rmtree(out, ignore_errors=True)
    peak = used.ru_maxrss / 1024
    check(f"a replay takes {peak:.0f} MB of memory at its peak, at most {PEAK_MEGABYTES}",
          process.returncode == 0 and peak <= PEAK_MEGABYTES)


def proofs(work, count):
    """A program that is deterministic is proved, however often it is tried (planted faults: ProveTests)."""
    matrix = Matrix(work, market(work, "small", 400))
    refused = []
    for _ in range(count // 2):
        pair = [matrix.start(["--prove"]) for _ in range(2)]
        refused += [found for process, out in pair if (found := matrix.end(process, out)).get("difference", "") is not None]
    check(f"{count // 2 * 2 - len(refused)} of {count // 2 * 2} proofs of a small market hold", not refused, refused[:1])


def market(work, name, events, pace=180, seed=1):
    """A generated market of trades and books."""
    root = work / name
    made = subprocess.run(
        [LOTUS, "bench", "root", str(root), "--market", "--events", str(events), "--pace", str(pace),
         "--seed", str(seed)],
        capture_output=True, text=True, check=False)
    if made.returncode != 0:
        sys.exit(f"determinism: no market was made: {made.stderr.strip()}")
    return root


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--market")
    options = parser.parse_args()
    need_program("determinism")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-determinism-"))
    begun = time.monotonic()
    try:
        source = options.market or market(work, "market", 60_000 if options.large else 20_000)
        checks(Matrix(work, pathlib.Path(source).resolve()), options.large)
        pinned(work)
        scores(work)
        proofs(work, 1_000 if options.large else 20)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing(f" in {time.monotonic() - begun:.0f} s")


if __name__ == "__main__":
    sys.exit(main())
