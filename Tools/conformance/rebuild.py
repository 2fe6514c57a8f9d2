#!/usr/bin/env python3
"""Holds `lotus rebuild` of a release build to one hash, whatever the way there (LOG-10…12).

Over a root of random events of every type: deleted files, checkpoints, sizes of portions, rebuilds side by side, time
zones. The hash is pinned in Fixtures/projections, where the debug tests check it too. Prints one line a check and a
closing line `N passed, M failed`; ends with status 1 if a check failed. LOTUS=PATH names the program to test.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from checks import LOTUS, ROOT, check, closing, need_program

PINNED = ROOT / "Fixtures/projections/random-history.txt"
MODULES = ("mkt", "vis", "sig", "dm", "tr", "weave", "herald", "ops")


def start(*arguments, zone=None):
    environment = {**os.environ, "NO_COLOR": "1"}
    if zone:
        environment.update(TZ=zone, LC_ALL="tr_TR.UTF-8")
    return subprocess.Popen(
        [LOTUS, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def end(process):
    """The JSON object that a command printed, {} after an error, which is printed."""
    out, err = process.communicate(timeout=300)
    if process.returncode == 0:
        return json.loads(out)
    print(f"          exit {process.returncode}: {err.strip()[:500]}")
    return {}


def rebuild(root, out, *more, module="all", zone=None):
    return end(start("rebuild", module, "--root", root, "--out", out, "--json", *more, zone=zone))


def main():
    need_program("rebuild")
    pinned = dict(
        line.split(None, 1) for line in PINNED.read_text().splitlines() if line and not line.startswith("#"))
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-rebuild-"))
    try:
        run(work, pinned["state_hash"], pinned["events"], pinned["seed"])
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing()


def run(work, expected, events, seed):
    root = work / "root"
    end(start("bench", "root", root, "--events", events, "--seed", seed))
    whole = rebuild(root, work / "whole.sqlite")
    check(f"the release build comes to the pinned hash {expected[:23]}…", whole.get("state_hash") == expected, whole)
    last = whole.get("gsn", 0)

    def same(label, result):
        check(label, result.get("state_hash") == whole.get("state_hash") and result.get("gsn") == last, result)

    subjects = ["all", *(name for name in MODULES if (root / name).is_dir())]

    def together():
        """Rebuilds every module and all of them at once, each a process of its own."""
        running = {name: start("rebuild", name, "--root", root, "--json") for name in subjects}
        return {name: end(process).get("state_hash") for name, process in running.items()}

    first = together()
    for _ in range(5):
        # Together they also make the folder of their files, each time anew.
        shutil.rmtree(root / "projections")
        again = together()
        if again != first:
            first = {"all": None, "differs": again}
            break
    check(f"{len(subjects)} rebuilds side by side, all with the same hash as alone",
          first["all"] == expected and len(set(first.values())) >= 5, first)
    for file in (root / "projections").iterdir():
        file.unlink()
    check("every file was deleted and came back the same", together() == first, first)

    for portion in (1, 7, 4096):
        same(f"portions of {portion} events", rebuild(root, work / f"portion-{portion}", "--portion", portion))
    for cut in sorted({1, 2, last // 5, last // 2, last - 1}):
        file = work / f"cut-{cut}"
        before = rebuild(root, file, "--as-of", f"seq:{cut}")
        check(f"the checkpoint at {cut} is another state", 0 <= before.get("gsn", -1) <= cut
              and before.get("state_hash") != expected, before)
        same(f"going on from the checkpoint at {cut}", rebuild(root, file, "--portion", 997))
    for zone in ("Pacific/Kiritimati", "America/St_Johns"):
        same(f"with the time zone {zone}", rebuild(root, work / zone.replace("/", "-"), zone=zone))
    done = end(start("rebuild", "all", "--root", root, "--check", "--json"))
    check("--check agrees row by row", done.get("status") == "clean", done)
    beside_a_writer(work)


def beside_a_writer(work):
    """A rebuild never stops the writer and needs no pause of it: it goes on from where it stood, as often as it likes."""
    root = work / "growing"
    writer = start("bench", "root", root, "--signals", "--events", 400_000)
    places = []
    while writer.poll() is None:
        if (root / "herald").is_dir():
            places.append(rebuild(root, work / "growing.sqlite").get("gsn", -1))
    end(writer)
    check("rebuilds beside a writer come to an end, each at or behind the one before",
          len(places) > 0 and min(places) >= 0 and places == sorted(places), places)
    last = rebuild(root, work / "growing.sqlite")
    whole = rebuild(root, work / "grown.sqlite")
    check("the last one holds what a rebuild from nothing holds",
          (last.get("state_hash"), last.get("gsn")) == (whole.get("state_hash"), whole.get("gsn")), (last, whole))


if __name__ == "__main__":
    sys.exit(main())
