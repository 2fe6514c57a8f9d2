"""Checks that are counted and printed, and the program under test: what the scripts of this folder share.

LOTUS=PATH names the program; without it, the release build of this tree.
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LOTUS = os.environ.get("LOTUS", str(ROOT / ".build/release/lotus"))
# What was found is shown up to here.
LINES_SHOWN = 14

_passed = _failed = 0


def check(label, holds, found=""):
    """Counts and prints one check; what was found is shown if it does not hold."""
    global _passed, _failed
    if holds:
        _passed += 1
        print(f"  ok    {label}", flush=True)
        return
    _failed += 1
    print(f"  FAIL  {label}", flush=True)
    for line in str(found).splitlines()[-LINES_SHOWN:]:
        print(f"          {line}")


def lotus(*arguments, seconds=300, settings=None, **options):
    """Runs the program with some settings of the environment; its exit status, output and errors, 124 for a hang."""
    try:
        return subprocess.run(
            [LOTUS, *map(str, arguments)], capture_output=True, text=True, timeout=seconds,
            env={**os.environ, **(settings or {})}, **options)
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(arguments, 124, "", f"hangs for {seconds} s")


def need_program(who):
    """Ends the script if there is nothing to test."""
    if not os.access(LOTUS, os.X_OK):
        sys.exit(f"{who}: {LOTUS} is not there; build it first: make release")


def closing(more=""):
    """Prints the closing line; the exit status."""
    print(f"{_passed} passed, {_failed} failed{more}")
    return 1 if _failed else 0
