"""Disks that are full or read-only."""

import contextlib
import os
import shutil
import subprocess
import threading

from checks import Problems, wait_until

MIB = 1 << 20


@contextlib.contextmanager
def small_disk(directory, checks, what):
    """A file system of 8 MiB; None, and a visible skip, where mounting is not allowed."""
    path = os.path.join(directory, "disk")
    os.makedirs(path, exist_ok=True)
    mounted = None
    if os.geteuid() != 0:
        checks.skip(what, "needs root for a tmpfs")
    else:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "lotus-torture", path], capture_output=True, text=True)
        if mounted.returncode != 0:
            checks.skip(what, f"mounting is not allowed here: {mounted.stderr.strip()}")
    if mounted is None or mounted.returncode != 0:
        yield None
        return
    try:
        yield path
    finally:
        if subprocess.run(["umount", path], capture_output=True).returncode != 0:
            done = subprocess.run(["umount", "-l", path], capture_output=True)
            checks.expect(False, "the small disk is unmounted", done.stderr)


def ballast(path, size=None):
    """Fills the disk with a file, completely unless a size is given."""
    with open(path, "ab", buffering=0) as file:
        with contextlib.suppress(OSError):
            while size is None or file.tell() < size:
                file.write(bytes(4096))


def full_disk(lotus, directory, events, checks):
    """Nothing that was acknowledged is lost when the disk is full, and afterwards it goes on."""
    with small_disk(directory, checks, "full disk, read-only disk") as disk:
        if disk is None:
            return
        log, weight = os.path.join(disk, "log"), os.path.join(disk, "ballast")
        # The reserve: refused before anything fails.
        ballast(weight, 4 * MIB)
        total = _append_until_refused(lotus, log, events, checks, 1, "reserve")
        os.remove(weight)
        total = _goes_on(lotus, log, events, checks, total, "space freed after the reserve was reached")
        # No byte left, before the writer starts.
        ballast(weight)
        result = lotus.append(log, events.lines(total + 1, 100))
        checks.expect(
            result.says(1, "space") and not result.out, "not a byte free at the start: status 1, says space", result)
        result = lotus.append(os.path.join(disk, "new"), events.lines(1, 1))
        checks.expect(
            result.says(1, "space") and not result.out, "a new log on a full disk: status 1, says space", result)
        result = lotus.run("cat", log)
        checks.expect(result.code == 0 and result.out.count(b"\n") == total, "cat works on a full disk", result)
        os.remove(weight)
        total = _goes_on(lotus, log, events, checks, total, "space freed after a start on a full disk")
        result = lotus.append(os.path.join(disk, "new"), events.lines(1, 3))
        checks.expect(result.code == 0 and result.acknowledged == [1, 2, 3], "the new log can be made after all", result)
        _filled_while_writing(lotus, disk, events, checks)
        _read_only(lotus, disk, log, events, checks, total)


def _append_until_refused(lotus, log, events, checks, first, why):
    """Appends more than fits; how many events were acknowledged."""
    result = lotus.append(log, events.lines(first, 30_000), "--batch-bytes", 16384)
    count = len(result.acknowledged)
    checks.expect(
        result.says(1, "space") and 0 < count < 30_000, f"disk full ({why}): {count} acknowledged, then status 1, says space",
        f"{count} acknowledged; {result}")
    found = lotus.counters(log)
    checks.expect(
        found[:count] == list(range(first, first + count)), f"disk full ({why}): everything acknowledged is there",
        f"{len(found)} events found")
    return len(found)


def _goes_on(lotus, log, events, checks, total, what):
    """Appends behind what is there; how many events there are then."""
    result = lotus.append(log, events.lines(total + 1, 50))
    wanted = list(range(total + 1, total + 51))
    status, count, verified = lotus.verify(log, "--deep")
    checks.expect(
        result.code == 0 and result.acknowledged == wanted and lotus.counters(log) == list(range(1, total + 51)),
        f"{what}: appending goes on", result)
    checks.expect(status == "clean" and count == total + 50, f"{what}: deep clean", verified)
    return total + 50


def _filled_while_writing(lotus, disk, events, checks, turns=24):
    """Somebody else takes the last bytes while a writer is at work."""
    problems = Problems()
    for turn in range(turns):
        log, weight = os.path.join(disk, "race"), os.path.join(disk, "ballast")
        shutil.rmtree(log, ignore_errors=True)
        lotus.append(log, events.lines(1, 10))
        writer = lotus.start_append(log, "--level", ("durable", "written")[turn % 2])
        out, err = [], []
        readers = [
            threading.Thread(target=lambda pipe=pipe, into=into: into.append(pipe.readall()))
            for pipe, into in ((writer.stdout, out), (writer.stderr, err))]
        for reader in readers:
            reader.start()
        filler = threading.Thread(target=ballast, args=(weight,))
        # A writer that hangs also blocks whoever feeds it; then it ends with status -9.
        watchdog = threading.Timer(30, writer.kill)
        watchdog.start()
        with contextlib.suppress(OSError):
            for first in range(11, 20_011, 200):
                if first == 11 + 200 * (turn % 12):
                    filler.start()
                lines = events.lines(first, 200)
                while lines:
                    lines = lines[writer.stdin.write(lines):]
            wait_until(lambda: not filler.is_alive())
        writer.stdin.close()
        code = writer.wait()
        watchdog.cancel()
        for thread in readers + [filler]:
            thread.join()
        writer.stdout.close()
        writer.stderr.close()
        count = 10 + out[0].count(b"\n")
        if code != 1 or b"space" not in err[0]:
            problems.add(f"turn {turn}: status {code}, said {err[0][-400:]!r}")
        found = lotus.counters(log)
        if found != list(range(1, len(found) + 1)) or len(found) < count:
            problems.add(f"turn {turn}: {count} acknowledged, {len(found)} events there")
        os.remove(weight)
        result = lotus.append(log, events.lines(len(found) + 1, 10))
        total = len(found) + 10
        if result.code != 0 or lotus.counters(log)[-10:] != list(range(total - 9, total + 1)):
            # Blocks that were written but not published may come back in recovery: never fewer, never others.
            problems.add(f"turn {turn}: does not go on: {result}")
        status, _, result = lotus.verify(log, "--deep")
        if status != "clean":
            problems.add(f"turn {turn}: {result}")
        shutil.rmtree(log)
    checks.expect(not problems, f"a disk that fills up under a writer, {turns} times: status 1, nothing lost, goes on", " | ".join(problems))


def _read_only(lotus, disk, log, events, checks, total):
    """A log on a read-only mount can be read and checked, not written."""
    remounted = subprocess.run(["mount", "-o", "remount,ro", disk], capture_output=True, text=True)
    if remounted.returncode != 0:
        return checks.skip("read-only disk", remounted.stderr.strip())
    result = lotus.append(log, events.lines(total + 1, 1))
    checks.expect(result.says(1, "read-only") and not result.out, "append on a read-only mount: status 1, says read-only", result)
    result = lotus.append(os.path.join(disk, "another"), events.lines(1, 1))
    checks.expect(result.says(1, "read-only"), "a new log on a read-only mount: status 1, says read-only", result)
    result = lotus.run("cat", log)
    checks.expect(result.code == 0 and result.out.count(b"\n") == total, "cat works on a read-only mount", result)
    status, count, result = lotus.verify(log, "--deep")
    checks.expect((status, count) == ("clean", total), "verify works on a read-only mount", result)
    result = lotus.run("tail", log, "--timeout", 0.2)
    checks.expect(result.code == 0 and result.out.count(b"\n") == total, "tail works on a read-only mount", result)
