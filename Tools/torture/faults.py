"""Disks that are full or read-only, and input that makes no sense."""

import contextlib
import glob
import os
import shutil
import subprocess
import sys
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


def _filled_while_writing(lotus, disk, events, checks):
    """Somebody else takes the last bytes while a writer is at work."""
    problems = Problems()
    for turn in range(6):
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
        with contextlib.suppress(OSError):
            for first in range(11, 20_011, 200):
                if first == 11 + 200 * 3 * turn:
                    filler.start()
                lines = events.lines(first, 200)
                while lines:
                    lines = lines[writer.stdin.write(lines):]
            wait_until(lambda: not filler.is_alive())
        writer.stdin.close()
        code = writer.wait()
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
    checks.expect(not problems, "a disk that fills up under a writer, 6 times: status 1, nothing lost, goes on", " | ".join(problems))


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


def bad_logs(lotus, directory, events, checks):
    """Directories that are no logs, or no whole ones."""
    nothing, empty, plain = (os.path.join(directory, name) for name in ("nothing", "empty", "plain"))
    os.makedirs(empty)
    with open(plain, "w") as file:
        file.write("no log\n")
    for verb in ("cat", "tail", "verify", "info", "append"):
        result = lotus.run(verb, nothing)
        checks.expect(result.says(1, nothing, "nothing is there"), f"{verb} of a path that is not there: status 1, names it", result)
        result = lotus.run(verb, empty)
        checks.expect(result.says(1, empty, "is no log"), f"{verb} of a directory that is no log: status 1, says so", result)
        result = lotus.run(verb, plain)
        checks.expect(result.says(1, plain, "file"), f"{verb} of a file: status 1, says so", result)
    result = lotus.append(plain, events.lines(1, 1))
    checks.expect(result.says(1, plain), "append --schema to a file: status 1, names it", result)
    _missing_segment(lotus, directory, events, checks)
    _newer_format(lotus, directory, events, checks)


def _missing_segment(lotus, directory, events, checks):
    log = os.path.join(directory, "hole")
    lotus.append(log, events.lines(1, 5000), "--batch-bytes", 4096)
    segments = sorted(glob.glob(os.path.join(log, "*.seg")))
    if not checks.expect(len(segments) >= 4, "a log of several segments", segments):
        return
    gone, after = (int(os.path.basename(path)[:20]) for path in segments[1:3])
    os.remove(segments[1])
    missing = f"{gone}…{after - 1}"
    status, _, result = lotus.verify(log)
    checks.expect(
        status == "damaged" and result.code == 2 and f'"first_seq":{gone},"last_seq":{after - 1}' in result.out.decode(),
        "verify of a log without a middle segment: status 2, names the events", result)
    result = lotus.run("cat", log)
    checks.expect(
        result.says(2, missing) and result.out.count(b"\n") == gone - 1,
        "cat stops before the hole: status 2, names the events", f"{result.code} {result.message}")
    result = lotus.run("cat", log, "--skip-damage")
    checks.expect(
        result.says(3, missing) and result.out.count(b"\n") == 5000 - (after - gone),
        "cat --skip-damage goes on behind the hole: status 3", f"{result.code} {result.message}")
    result = lotus.append(log, events.lines(5001, 1))
    checks.expect(
        result.says(2, "segments 1…1 are missing") and not result.out,
        "append refuses a log with a hole: status 2, names the segments", result)


def _newer_format(lotus, directory, events, checks):
    log = os.path.join(directory, "newer")
    lotus.append(log, events.lines(1, 3))
    segment = glob.glob(os.path.join(log, "*.seg"))[0]
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    script = (
        "import sys, xxhash\n"
        "f = open(sys.argv[1], 'r+b')\n"
        "for at in (8, 2048):\n"
        "    f.seek(at); b = bytearray(f.read(504)); b[8:10] = b'\\2\\0'\n"
        "    b[496:] = xxhash.xxh3_64_intdigest(bytes(b[:496]), 0x4C4F545553484452 + at).to_bytes(8, 'little')\n"
        "    f.seek(at); f.write(b)\n")
    pythons = [sys.executable, os.path.join(root, ".build-reader/bin/python"), "/tmp/readervenv/bin/python"]
    if not any(os.path.exists(python) and subprocess.run([python, "-c", script, segment], capture_output=True).returncode == 0
               for python in pythons):
        return checks.skip("a segment of a newer format", "needs the Python package xxhash (make conformance fetches it)")
    for verb in ("append", "cat", "verify"):
        result = lotus.run(verb, log)
        said = result.message + result.out.decode("utf-8", "replace")
        checks.expect(
            result.code in (1, 2) and "major" in said and "2" in said and not result.acknowledged,
            f"{verb} of format 2: refused with status {result.code}, names the version", result)


def bad_lines(lotus, directory, events, checks):
    """Lines that do not fit are refused with their number; the good ones stay."""
    log = os.path.join(directory, "lines")
    lines = [
        ('{"event_ts":1,"counter":1,"payload":"good"}', None),
        ('{"event_ts":1,"counter":2,"payload":"x","colour":1}', "colour"),
        ('{"event_ts":1,"counter":3}', "payload"),
        ('{"event_ts":1,"counter":"four","payload":"x"}', "counter"),
        ('{"event_ts":1,"counter":-5,"payload":"x"}', "counter"),
        ('{"event_ts":1,"counter":18446744073709551616,"payload":"x"}', "counter"),
        ('{"event_ts":1,"counter":6,"payload":null}', "payload"),
        ('{"event_ts":"yesterday","counter":7,"payload":"x"}', "event_ts"),
        ('{"counter":8,"payload":"x"}', "event_ts"),
        ("nonsense", "JSON"),
        ("[1,2]", "object"),
        ('{"event_ts":1,"counter":9,"payload":"x"', "JSON"),
        ('{"event_ts":1,"counter":10,"counter":11,"payload":"x"}', "counter"),
        ('{"type":"other.Type","event_ts":1,"data":{}}', "other.Type"),
        ('{"event_ts":1,"counter":12,"payload":"' + "b" * (9 * MIB) + '"}', "8388608"),
        ('{"event_ts":1,"counter":13,"payload":"' + "b" * (65 * MIB) + '"}', "64 MiB"),
        ("", None),
        ('{"event_ts":1,"counter":14,"payload":"good"}', None),
    ]
    result = lotus.append(log, "\n".join(text for text, _ in lines).encode() + b"\n\xff\xfe\n")
    checks.expect(
        result.code == 1 and result.acknowledged == [1, 2] and lotus.counters(log) == [1, 14],
        "bad lines: status 1, the good ones stay", result)
    said = {int(line[5:].split(":")[0]): line for line in result.message.splitlines() if line.startswith("line ")}
    wrong = [
        f"line {number}: {said.get(number)}" for number, (_, word) in enumerate(lines, 1)
        if (word is None) != (number not in said) or word and word not in said.get(number, "")]
    if len(lines) + 1 not in said:
        wrong.append("the line that is not UTF-8 is not named")
    checks.expect(not wrong, f"each of {len(said)} bad lines is refused by number and reason", " | ".join(wrong))

    clash = os.path.join(directory, "clash.yaml")
    with open(lotus.schema) as source, open(clash, "w") as file:
        file.write(source.read().replace("u64", "i64"))
    result = lotus.run("append", log, "--schema", clash, input=events.lines(15, 1))
    checks.expect(
        result.says(1, "torture.Event", "another description", "new version") and not result.out,
        "another description of the same type and version: status 1, says what to do", result)
    for what, arguments in (
            ("an unknown option", ["--bogus"]), ("a size that is none", ["--segment-bytes", "x"]),
            ("a segment size below the limit", ["--segment-bytes", "1"]), ("an unknown type", ["--type", "nobody"]),
            ("an unknown level", ["--level", "eternal"])):
        result = lotus.run("append", log, *arguments, input=events.lines(15, 1))
        checks.expect(result.code == 64 and result.err and not result.out, f"{what}: status 64", result)
    result = lotus.run("cat", log, "--from", "tomorrow")
    checks.expect(result.says(64, "tomorrow"), "a place that is none: status 64, names it", result)
    for what, path in (("missing", os.path.join(directory, "no.yaml")), ("malformed", __file__)):
        result = lotus.run("append", log, "--schema", path, input=events.lines(15, 1))
        checks.expect(result.says(1, path), f"a {what} schema file: status 1, names it", result)
    with open("/dev/full", "wb") as full:
        process = subprocess.run([lotus.path, "cat", log], stdout=full, stderr=subprocess.PIPE)
    checks.expect(process.returncode == 1 and b"space" in process.stderr, "cat to a full device: status 1, says space", process)
    status, count, result = lotus.verify(log, "--deep")
    checks.expect((status, count) == ("clean", 2), "after all that the log is clean and unchanged", result)
