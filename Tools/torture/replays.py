"""kill -9 of a replay at random moments: whoever goes on ends with the bytes of an uninterrupted run (REP-10)."""

import os
import shutil
import subprocess
import time

from checks import Problems

EVENTS = 60_000
KILLS = 20


def killed(lotus, directory, checks, dice, kills=KILLS):
    """Kills a replay, starts it again with the same words, kills that one too, and so on to the end."""
    root = os.path.join(directory, "market")
    made = lotus.run("bench", "root", root, "--market", "--events", EVENTS, "--seed", dice.randrange(1 << 32))
    if not checks.expect(made.code == 0, f"a market of {EVENTS} events is made", made):
        return
    whole = os.path.join(directory, "whole")
    start = time.monotonic()
    first = lotus.run("replay", root, "--out", whole, "--no-report")
    seconds = time.monotonic() - start
    if not checks.expect(first.code == 0, "an uninterrupted replay ends", first):
        return

    run = os.path.join(directory, "run")
    problems, done, resumed, finished = Problems(), 0, 0, 0
    while done < kills and not problems:
        process = subprocess.Popen(
            [lotus.path, "replay", root, "--out", run, "--no-report"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.wait(dice.choice((0.05, 0.3, 0.7, 1.0)) * seconds * dice.random())
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            done += 1
            resumed += os.path.isdir(os.path.join(run, "sig"))
        else:
            finished += 1
            _, err = process.communicate()
            if process.returncode != 0:
                problems.add(f"after {done} kills a replay ended with {process.returncode}: {err[:500]}")
            _compare(lotus, whole, run, problems)
            shutil.rmtree(run)
    checks.expect(not problems, f"{done} kills of a replay", problems)
    checks.note(f"{resumed} with something to go on from, {finished} lives came to their end")

    last = lotus.run("replay", root, "--out", run, "--no-report")
    checks.expect(last.code == 0, "the last life comes to its end", last)
    _compare(lotus, whole, run, problems)
    checks.expect(not problems, "it ends with the events of an uninterrupted run", problems)


def _compare(lotus, whole, run, problems):
    found = lotus.run("diff", "runs", whole, run)
    if found.code != 0:
        problems.add(f"runs differ: {found.out[:500]}")
