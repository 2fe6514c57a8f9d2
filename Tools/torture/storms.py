"""Many writers at once, and writers and tails that are stopped and continued."""

import contextlib
import fcntl
import os
import signal
import subprocess
import threading
import time

from checks import PATIENCE, Problems, end, wait_until
from tails import Follower
from writer import Life


def two_writers(lotus, directory, events, checks, rounds=6, writers=20):
    """Twenty processes at once: one holds the log, the others are told who."""
    log = os.path.join(directory, "storm")
    problems, acknowledged, winners, losers = Problems(), {}, 0, 0
    creator = lotus.start_append(log)
    creator.communicate()
    # Until a new holder has written its name, LOCK still names the one before it.
    pids = {creator.pid}
    for turn in range(rounds):
        processes = [lotus.start_append(log, "--level", ("durable", "written")[turn % 2]) for _ in range(writers)]
        pids |= {process.pid for process in processes}
        results = {}

        def talk(index):
            first = (turn * writers + index) * 10 + 1
            process = processes[index]
            out, err = process.communicate(events.lines(first, 10))
            results[index] = (first, process.returncode, out, err.decode("utf-8", "replace"))

        threads = [threading.Thread(target=talk, args=(index,)) for index in range(writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        won = 0
        for first, code, out, message in results.values():
            seqs = [int(line[7:].split(b",")[0]) for line in out.splitlines()]
            if code == 0:
                won += 1
                if len(seqs) != 10:
                    problems.add(f"a winner acknowledged {seqs}")
                for place, seq in enumerate(seqs):
                    if seq in acknowledged:
                        problems.add(f"seq {seq} was acknowledged by two writers")
                    acknowledged[seq] = first + place
            else:
                losers += 1
                holder = [word for word in message.replace("(", " ").split() if word.isdigit() and int(word) in pids]
                if code != 1 or seqs or "another writer holds this log" not in message or not holder:
                    problems.add(f"a loser ended with {code}, acknowledged {seqs}, said {message!r}")
        winners += won
        if won == 0:
            problems.add(f"round {turn + 1}: nobody won")
    checks.expect(
        not problems, f"{rounds} storms of {writers} writers: {winners} in turn held the log, {losers} ended with 1 and named the holder",
        " | ".join(problems))
    status, count, result = lotus.verify(log, "--deep")
    counters = lotus.counters(log)
    wanted = [acknowledged.get(seq) for seq in range(1, len(acknowledged) + 1)]
    checks.expect(
        status == "clean" and count == len(acknowledged) and counters == wanted,
        f"after the storms: deep clean, exactly the {len(acknowledged)} acknowledged events", result)


def lock(lotus, directory, events, checks):
    """One holder keeps all others out, nothing it could start inherits the lock, and its death frees the log."""
    log = os.path.join(directory, "lock")
    lotus.append(log, events.lines(1, 1))
    holder = lotus.start_append(log)
    try:
        holder.stdin.write(events.lines(2, 1))
        holder.stdout.readline()
        losers = [lotus.append(log, events.lines(3, 1)) for _ in range(3)]
        checks.expect(
            all(loser.says(1, "another writer holds", f"pid {holder.pid}") and not loser.out for loser in losers),
            "a second writer ends with 1 and names the process that holds the log", losers[0])
        # 0o2000000 is O_CLOEXEC: what exec closes cannot hold a lock.
        folder = f"/proc/{holder.pid}/fdinfo"
        inherited = []
        for number in os.listdir(folder):
            with open(f"{folder}/{number}") as file:
                flags = next(int(line.split()[1], 8) for line in file if line.startswith("flags:"))
            if int(number) > 2 and not flags & 0o2000000:
                inherited.append(os.readlink(f"/proc/{holder.pid}/fd/{number}"))
        inside = [path for path in inherited if path.startswith(os.path.realpath(log))]
        checks.expect(not inside, "all files of a log are closed on exec: children do not inherit the lock", inside)
    finally:
        end(holder)
    after = lotus.append(log, events.lines(4, 1))
    checks.expect(after.code == 0 and after.acknowledged == [3], "the death of the holder frees the log at once", after)
    # A foreign process that holds LOCK, as a child that inherited it would.
    with open(os.path.join(log, "LOCK")) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused = lotus.append(log, events.lines(5, 1))
    checks.expect(refused.says(1, "another writer holds"), "a lock that somebody else holds is respected", refused)
    checks.expect(lotus.counters(log) == [1, 2, 4], "the log holds exactly what was acknowledged", lotus.counters(log))


def births(lotus, directory, events, checks, turns=60, tails=8):
    """Tails that open a log in the moment it is made do not get in the way of its writer."""
    problems, early = Problems(), 0
    for turn in range(turns):
        log = os.path.join(directory, f"birth{turn}")
        writer = lotus.start_append(log)
        followers = [
            subprocess.Popen(
                [lotus.path, "tail", log, "--count", "2"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) for _ in range(tails)]
        try:
            with contextlib.suppress(OSError):
                writer.stdin.write(events.lines(1, 2))
            if not writer.stdout.readline():
                problems.add(f"turn {turn}: the writer ended: {writer.stderr.read()!r}")
                continue
            with open(f"/proc/{writer.pid}/maps") as maps:
                if any("COMMIT" in line and "(deleted)" in line for line in maps):
                    problems.add(f"turn {turn}: a tail replaced the writer's COMMIT page")
            for follower in followers:
                out, err = follower.communicate(timeout=PATIENCE)
                # One that came too early found no log, and says so.
                found = (follower.returncode, out.count(b"\n")) == (0, 2)
                early += not found
                if not found and not (follower.returncode == 1 and (b"nothing is there" in err or b"is no log" in err)):
                    problems.add(f"turn {turn}: a tail ended with {follower.returncode}: {err!r}")
        except subprocess.TimeoutExpired:
            problems.add(f"turn {turn}: a tail that was there before the first event does not get it")
        finally:
            for process in [writer] + followers:
                end(process)
    checks.expect(
        not problems, f"{turns} logs made while {turns * tails} tails open them ({early} came too early): nobody gets in the way",
        " | ".join(problems))


def stopped(lotus, directory, events, checks, dice, turns=12):
    """SIGSTOP and SIGCONT of the writer and of tails: nobody misses anything, nobody hangs."""
    log = os.path.join(directory, "stopped")
    lotus.append(log, events.lines(1, 1))
    tails = [Follower(lotus, log, level, os.path.join(directory, f"stopped-{level}")) for level in ("durable", "written")]
    life = Life(lotus, log, events, 2, "--level", "durable", "--batch-bytes", 4096, pause=0.001)
    problems = Problems()
    try:
        for turn in range(turns):
            time.sleep(dice.uniform(0.005, 0.05))
            life.process.send_signal(signal.SIGSTOP)
            if turn % 3 == 2:
                tails[turn % 2].process.send_signal(signal.SIGSTOP)
            _look_at_stopped(lotus, log, events, life, problems, turn)
            time.sleep(dice.uniform(0, 0.1))
            life.process.send_signal(signal.SIGCONT)
            # The tail sleeps on through rolls.
            time.sleep(0.1)
            tails[turn % 2].process.send_signal(signal.SIGCONT)
        before = life.run.acknowledged
        if not wait_until(lambda: life.run.acknowledged > before, 20):
            problems.add("the writer does not go on after SIGCONT")
        # Killed in its sleep: the next one takes over.
        life.process.send_signal(signal.SIGSTOP)
        first = life.kill()
        second = Life(lotus, log, events, first.next_counter, "--level", "durable", pause=0.001)
        wait_until(lambda: second.run.acknowledged > 1000 or second.process.poll() is not None, 20)
        second.finish()
        for problem in life.problems + second.problems:
            problems.add(problem)
        if second.run.first_seq is None or second.run.first_seq < first.first_seq + first.acknowledged:
            problems.add("the writer after it did not go on behind what was acknowledged")
    finally:
        end(life.process)
    checks.expect(not problems, f"writer stopped and continued {turns} times, then killed in its sleep", " | ".join(problems))
    expected = lotus.run("cat", log).out
    for tail in tails:
        problem = tail.finish(expected)
        checks.expect(problem is None, f"the {tail.level} tail missed nothing while writer and tail were stopped", problem)
    status, _, result = lotus.verify(log, "--deep")
    checks.expect(status == "clean", "after the stops: deep clean", result)


def _look_at_stopped(lotus, log, events, life, problems, turn):
    """What others see of a log whose writer sleeps."""
    if turn % 4 == 0:
        status, _, result = lotus.verify(log)
        if status not in ("clean", "torn_tail") or result.code != 0:
            problems.add(f"verify beside a stopped writer: {result}")
    elif turn % 4 == 1:
        result = lotus.run("cat", log, "--level", "durable")
        if result.code != 0 or result.out.count(b"\n") < life.run.acknowledged:
            problems.add(f"cat beside a stopped writer: status {result.code}, {result.message}")
    elif turn % 4 == 2:
        result = lotus.append(log, events.lines(1, 1))
        if not result.says(1, f"pid {life.process.pid}"):
            problems.add(f"append beside a stopped writer: {result}")
