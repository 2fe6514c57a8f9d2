"""What the parts of the torture test share: counting checks, running lotus, making events."""

import json
import os
import random
import subprocess
import time

SCHEMA = """\
type: torture.Event
version: 1
fields:
  - name: counter
    type: u64
  - name: payload
    type: string
"""
# Generous: a hang is a failure, a slow machine is not.
PATIENCE = 120


class Checks:
    """Prints a line for each check and counts."""

    def __init__(self, seed):
        self.seed = seed
        self.passed = self.failed = self.skipped = 0

    def expect(self, holds, what, detail=""):
        """Counts one check; the detail is printed only if it failed."""
        if holds:
            self.passed += 1
            print(f"ok      {what}", flush=True)
        else:
            self.failed += 1
            print(f"FAILED  {what}: {str(detail)[:2000]} seed={self.seed}", flush=True)
        return bool(holds)

    def skip(self, what, why):
        self.skipped += 1
        print(f"skipped {what}: {why}", flush=True)

    def note(self, text):
        print(f"        {text}", flush=True)


class Problems(list):
    """Failures found inside a loop that is one check."""

    def add(self, text):
        if len(self) < 20:
            self.append(text)


class Result:
    """How a run of lotus ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def message(self):
        return self.err.decode("utf-8", "replace")

    @property
    def acknowledged(self):
        return [json.loads(line)["seq"] for line in self.out.splitlines() if line.startswith(b'{"seq"')]

    def says(self, code, *parts):
        """Whether it ended with this status and a message that holds these words."""
        return self.code == code and all(part.lower() in self.message.lower() for part in parts)

    def __str__(self):
        return f"status {self.code}, out {self.out[:300]!r}, err {self.message[:600]!r}"


class Lotus:
    """The program under test, and the schema file that all logs use."""

    def __init__(self, path, directory):
        self.path = path
        self.schema = os.path.join(directory, "torture.yaml")
        with open(self.schema, "w") as file:
            file.write(SCHEMA)

    def run(self, *arguments, input=b""):
        """Runs a verb to its end; one that hangs is killed and ends with status -9."""
        process = subprocess.Popen(
            [self.path, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(input, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            err += b" [hung]"
        return Result(process.returncode, out, err)

    def append(self, log, lines, *arguments):
        return self.run("append", log, "--schema", self.schema, "--segment-bytes", 65536, *arguments, input=lines)

    def start_append(self, log, *arguments):
        """Starts a writer with pipes on all three sides."""
        return subprocess.Popen(
            [self.path, "append", log, "--schema", self.schema, "--segment-bytes", "65536", *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)

    def verify(self, log, *arguments):
        """Status, number of events, and the whole result of verify."""
        result = self.run("verify", log, "--json", *arguments)
        try:
            report = json.loads(result.out)
            return report["status"], report["events"], result
        except (ValueError, KeyError):
            return "no report", 0, result

    def counters(self, log, *arguments):
        """The counters of the events that cat prints."""
        return [json.loads(line)["data"]["counter"] for line in self.run("cat", log, *arguments).out.splitlines()]


class Events:
    """Events whose payload follows from seed and counter, so that any event read can be told from an invented one."""

    def __init__(self, seed, longest=400):
        self.seed = seed
        self.longest = longest
        alphabet = [chr(c) for c in range(32, 127)] * 4 + list("äß漢字🜂\n\t\"\\")
        self.pool = "".join(random.Random(seed).choices(alphabet, k=1 << 16))

    def payload(self, counter):
        mixed = (counter * 0x9E3779B97F4A7C15 + self.seed) & (1 << 64) - 1
        at, length = mixed >> 49, (mixed >> 20) % self.longest
        return self.pool[at:at + length]

    def lines(self, first, count):
        """NDJSON of events with counters from first on."""
        return b"".join(
            b'{"event_ts":%d,"counter":%d,"payload":%s}\n'
            % (counter, counter, json.dumps(self.payload(counter), ensure_ascii=False).encode())
            for counter in range(first, first + count))


def wait_until(holds, seconds=PATIENCE):
    """Waits until something holds; whether it did."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.01)
    return bool(holds())


def end(process):
    """Kills one of our processes if it still runs, and reaps it."""
    if process.poll() is None:
        process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            try:
                pipe.close()
            except OSError:
                pass
