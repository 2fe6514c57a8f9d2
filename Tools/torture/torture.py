#!/usr/bin/env python3
"""Torture of the real lotus program: kills, followers, storms of writers, full disks, bad input (EX-34).

Prints one line a check, and ends with status 1 if one failed. A failure names the seed; --seed repeats its choices,
though not the moments at which processes run.
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time

import faults
import inputs
import rebuilds
import replays
import storms
from checks import Checks, Events, Lotus
from tails import Crowd
from writer import KillTorture

PARTS = ("kills", "storms", "stops", "disk", "input", "rebuilds", "replays")


def main():
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="how often the writer is killed (200)")
    parser.add_argument("--seconds", type=float, default=150, help="end of the killing, if it comes first (150)")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--lotus", default=os.path.join(root, ".build/release/lotus"), help="the program under test")
    parser.add_argument("--directory", default=None, help="where to work; kept afterwards (default: temporary)")
    parser.add_argument("--only", choices=PARTS, action="append", help="only this part; may be given several times")
    given = parser.parse_args()

    if not os.access(given.lotus, os.X_OK):
        sys.exit(f"torture: {given.lotus} is not there; make release builds it")
    if shutil.which("lz4") is None:
        sys.exit("torture: the lz4 tool is missing; make install-deps installs it")
    seed = given.seed if given.seed is not None else random.SystemRandom().randrange(1 << 32)
    base = given.directory
    if base:
        os.makedirs(base, exist_ok=True)
    directory = os.path.realpath(tempfile.mkdtemp(prefix="torture-", dir=base))
    checks = Checks(seed)
    # The end of a CI job must not leave a mount or a process behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("torture: terminated"))
    print(f"torture of {given.lotus}, seed {seed}, in {directory}", flush=True)
    start = time.monotonic()
    try:
        # A copy: the program may be rebuilt meanwhile.
        program = os.path.join(directory, "lotus")
        shutil.copy2(given.lotus, program)
        run(Lotus(program, directory), directory, checks, given, given.only or PARTS)
    finally:
        if checks.failed == 0 and not base:
            shutil.rmtree(directory, ignore_errors=True)
        else:
            print(f"kept: {directory}")
    skipped = f", {checks.skipped} skipped" if checks.skipped else ""
    print(f"{checks.passed} passed, {checks.failed} failed{skipped} (seed {seed}, {time.monotonic() - start:.0f} s)")
    return 1 if checks.failed else 0


def run(lotus, directory, checks, given, parts):
    events = Events(checks.seed)

    def dice(part):
        """Choices of a part do not depend on those of others."""
        return random.Random(f"{checks.seed} {part}")

    if "kills" in parts:
        log = os.path.join(directory, "kills")
        torture = KillTorture(lotus, log, events, checks, dice("kills"))
        torture.first()
        crowd = Crowd(lotus, log, directory, dice("cursor"), checks)
        try:
            torture.loop(given.kills, time.monotonic() + given.seconds)
            if torture.kills < given.kills:
                checks.note(f"only {torture.kills} of {given.kills} kills: --seconds {given.seconds:g} or a failure ended it")
            torture.report()
            crowd.report()
        finally:
            crowd.end()
    if "storms" in parts:
        storms.two_writers(lotus, directory, events, checks)
        storms.lock(lotus, directory, events, checks)
        storms.births(lotus, directory, events, checks)
    if "stops" in parts:
        storms.stopped(lotus, directory, events, checks, dice("stops"))
    if "disk" in parts:
        faults.full_disk(lotus, directory, events, checks)
    if "input" in parts:
        inputs.bad_logs(lotus, directory, events, checks)
        inputs.bad_lines(lotus, directory, events, checks)
    if "rebuilds" in parts:
        rebuilds.killed(lotus, directory, checks, dice("rebuilds"))
    if "replays" in parts:
        replays.killed(lotus, directory, checks, dice("replays"))


if __name__ == "__main__":
    sys.exit(main())
