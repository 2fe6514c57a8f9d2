"""kill -9 of a rebuild at random moments: whoever goes on comes to the hash of an uninterrupted one (LOG-12)."""

import json
import os
import sqlite3
import subprocess
import time

from checks import PATIENCE, Problems

EVENTS = 60_000
KILLS = 25
# Many transactions, so that kills meet them.
PORTION = 500


def killed(lotus, directory, checks, dice, kills=KILLS):
    """Kills a rebuild, lets another go on from wherever the file stands, kills that one too, and so on."""
    root = os.path.join(directory, "rebuilds")
    made = lotus.run("bench", "root", root, "--events", EVENTS, "--seed", dice.randrange(1 << 32))
    if not checks.expect(made.code == 0, f"a root of {EVENTS} random events is made", made):
        return
    whole = os.path.join(directory, "whole.sqlite")
    start = time.monotonic()
    first = _result(lotus.run("rebuild", "all", "--root", root, "--out", whole, "--portion", PORTION, "--json"))
    seconds = time.monotonic() - start
    if not checks.expect("state_hash" in first, "an uninterrupted rebuild ends", first):
        return

    file = os.path.join(root, "projections", "all.sqlite")
    problems, done, empty, resumed, finished, places = Problems(), 0, 0, 0, 0, set()
    while done < kills and not problems:
        # Anywhere in a life, the first instants too; a life that came to its end begins anew.
        process = subprocess.Popen(
            [lotus.path, "rebuild", "all", "--root", root, "--portion", str(PORTION), "--json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.wait(dice.choice((0.02, 0.1, 0.3, 0.6)) * seconds * dice.random())
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            done += 1
            empty += not os.path.exists(file)
            place = _place(file)
            resumed += place > 0
            places.add(place)
        else:
            finished += 1
            out, err = process.communicate()
            if process.returncode != 0:
                problems.add(f"after {done} kills a rebuild ended with {process.returncode}: {err[:500]}")
            elif json.loads(out)["state_hash"] != first["state_hash"]:
                problems.add(f"after {done} kills the hash is another one: {out[:300]}")
            _remove(file)
    checks.expect(not problems, f"{done} kills of a rebuild", problems)
    checks.note(f"{len(places)} different places, {resumed} with something to go on from, {empty} before there was a "
                f"file, {finished} lives came to their end")
    checks.expect(len(places) > 3, "kills met a rebuild at different places", places)

    last = _result(lotus.run("rebuild", "all", "--root", root, "--json"))
    checks.expect(last.get("state_hash") == first["state_hash"] and last.get("gsn") == first["gsn"],
                  "the last one goes on to the hash of an uninterrupted rebuild", last)
    left = sorted(os.listdir(os.path.dirname(file)))
    checks.expect(set(left) <= {"all.sqlite", "all.sqlite-journal"}, "nothing else is left behind", left)
    again = _result(lotus.run("rebuild", "all", "--root", root, "--check", "--json"))
    checks.expect(again.get("status") == "clean", "its rows agree with the logs, one by one", again)


def _result(result):
    try:
        return json.loads(result.out) if result.code == 0 else {"failed": str(result)}
    except ValueError:
        return {"failed": str(result)}


def _place(file):
    """How far the file of a killed rebuild has come, as any reader sees it; 0 if there is nothing yet."""
    if not os.path.exists(file):
        return 0
    # Read through a copy: a look must not mend what the kill left.
    copy = file + ".look"
    try:
        for end in ("", "-journal", "-wal"):
            if os.path.exists(file + end):
                with open(file + end, "rb") as source, open(copy + end, "wb") as target:
                    target.write(source.read())
        with sqlite3.connect(copy, timeout=PATIENCE) as base:
            row = base.execute("SELECT MAX(gsn) FROM atlas").fetchone()
            return row[0] or 0
    except sqlite3.Error:
        return 0
    finally:
        for end in ("", "-journal", "-wal", "-shm"):
            if os.path.exists(copy + end):
                os.remove(copy + end)


def _remove(file):
    for end in ("", "-journal", "-wal", "-shm"):
        if os.path.exists(file + end):
            os.remove(file + end)
