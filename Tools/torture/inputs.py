"""Logs and lines that make no sense: a clear message, the documented exit status, and nothing good is lost."""

import glob
import os
import subprocess
import sys

MIB = 1 << 20


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
    pythons = [sys.executable, os.path.join(root, ".build-reader/bin/python")]
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
