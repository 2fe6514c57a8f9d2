#!/usr/bin/env python3
"""Followers for an hour: nothing lost, nothing doubled, nothing out of order, and a slow reader slows nobody.

A writer appends events at a steady rate, durably, over many segments. One reader follows from the first event on, some
read slowly, with pauses that let the log run away from them, and one keeps a cursor and is cut off again and again. Each
event carries its number, so every line is checked as it comes; nothing is kept. Prints one line a check and a closing
line `N passed, M failed`; ends with status 1 if a check failed.
"""

import argparse
import array
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from checks import Checks, Lotus, end  # noqa: E402

SEGMENT_BYTES = 1 << 20
TURN_SECONDS = 0.01


class Writer(threading.Thread):
    """Appends `rate` events a second and notes when each was acknowledged as durable."""

    def __init__(self, lotus, log, rate, count):
        super().__init__(daemon=True)
        self.rate, self.count = rate, count
        self.sent, self.acknowledged = 0, 0
        # Nanoseconds of the monotonic clock, by number.
        self.sent_at, self.acknowledged_at = array.array("q", bytes(8 * (count + 1))), array.array("q", bytes(8 * (count + 1)))
        self.process = subprocess.Popen(
            [lotus.path, "append", log, "--schema", lotus.schema, "--segment-bytes", str(SEGMENT_BYTES)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.answers = threading.Thread(target=self._listen, daemon=True)

    def run(self):
        self.answers.start()
        begun = time.monotonic()
        while self.sent < self.count:
            due = min(self.count, int((time.monotonic() - begun) * self.rate) + 1)
            now = time.monotonic_ns()
            lines = b"".join(
                b'{"event_ts":%d,"counter":%d,"payload":"%064d"}\n' % (number, number, number)
                for number in range(self.sent + 1, due + 1))
            for number in range(self.sent + 1, due + 1):
                self.sent_at[number] = now
            self.sent = due
            self.process.stdin.write(lines)
            self.process.stdin.flush()
            time.sleep(TURN_SECONDS)
        self.process.stdin.close()
        self.answers.join()

    def _listen(self):
        for line in self.process.stdout:
            answer = json.loads(line)
            if answer["seq"] != self.acknowledged + 1 or answer["level"] != "durable":
                return
            self.acknowledged += 1
            self.acknowledged_at[self.acknowledged] = time.monotonic_ns()


class Reader(threading.Thread):
    """Follows a log and holds every line to the number that must come next."""

    def __init__(self, lotus, log, name, writer, dice, pauses=(), cuts=0):
        super().__init__(daemon=True)
        self.lotus, self.log, self.name, self.writer, self.dice = lotus, log, name, writer, dice
        self.pauses, self.cuts = pauses, cuts
        self.next, self.lives, self.repeated, self.lags = 1, 0, 0, 0
        self.problem = None
        # From the acknowledgement of an event to its line, of one event in a hundred.
        self.delays = []

    def run(self):
        place = f"cursor:{self.name}" if self.cuts else "seq:1"
        every = self.writer.count / self.writer.rate / (self.cuts + 1)
        while self.next <= self.writer.count and not self.problem:
            self.lives += 1
            self.process = subprocess.Popen(
                [self.lotus.path, "tail", self.log, "--from", place, "--to", f"seq:{self.writer.count}", "--lag"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            errors = threading.Thread(target=self._listen, daemon=True)
            errors.start()
            cut = time.monotonic() + every * self.dice.uniform(0.7, 1.3) if self.lives <= self.cuts else None
            self._follow(cut)
            if cut is None and (code := self.process.wait()) != 0:
                self.problem = self.problem or f"ended with {code}"
            end(self.process)
            if cut is None and self.next <= self.writer.count:
                self.problem = self.problem or f"ended before event {self.next} of {self.writer.count}"

    def _listen(self):
        for line in self.process.stderr:
            if b'"lag"' in line:
                self.lags += 1
            elif line.strip():
                self.problem = f"said {line[:300]!r}"

    def _follow(self, cut):
        pause = time.monotonic() + self.dice.uniform(*self.pauses) if self.pauses else None
        first = True
        for line in self.process.stdout:
            if not line.endswith(b"\n"):
                return  # Cut off within a line, which was never received.
            event = json.loads(line)
            seq = event.get("seq")
            if first and self.lives > 1 and seq is not None and seq < self.next:
                # A cursor that was not stored before the kill: events come again from there on, in order.
                self.repeated += self.next - seq
                self.next = seq
            first = False
            if seq != self.next or event["data"]["counter"] != seq:
                self.problem = f"{line[:200]!r} where event {self.next} was due"
                return
            if seq % 100 == 0 and (acknowledged := self.writer.acknowledged_at[seq]):
                self.delays.append(time.monotonic_ns() - acknowledged)
            self.next += 1
            if cut and seq % 64 == 0 and time.monotonic() > cut:
                self.process.send_signal(signal.SIGKILL if self.dice.random() < 0.8 else signal.SIGTERM)
                cut = None
            if pause and seq % 64 == 0 and time.monotonic() > pause:
                time.sleep(self.dice.uniform(3, 15))
                pause = time.monotonic() + self.dice.uniform(*self.pauses)


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def soak(lotus, log, checks, given):
    count = int(given.minutes * 60 * given.rate)
    writer = Writer(lotus, log, given.rate, count)
    dice = random.Random(given.seed)
    fast = Reader(lotus, log, "fast", writer, random.Random(dice.random()))
    slow = [Reader(lotus, log, f"slow{n}", writer, random.Random(dice.random()), pauses=(5, 30)) for n in range(given.slow)]
    cut = Reader(lotus, log, "cut", writer, random.Random(dice.random()), cuts=given.reconnects)
    writer.start()
    while writer.acknowledged == 0 and writer.is_alive():
        time.sleep(0.01)
    readers = [fast, *slow, cut]
    for reader in readers:
        reader.start()
    writer.join()
    for reader in readers:
        reader.join(timeout=600)
    checks.expect(writer.acknowledged == count, f"{count} events were appended durably, in order", writer.acknowledged)
    for reader in readers:
        good = not reader.is_alive() and reader.problem is None and reader.next == count + 1
        checks.expect(
            good, f"reader {reader.name}: every event, in order ({reader.lives} lives, {reader.repeated} came again after a kill, "
            f"{reader.lags} times it was told how far behind it was)", reader.problem or f"stands before {reader.next}")
    checks.expect(cut.lives == given.reconnects + 1, f"the reader with the cursor was cut off {given.reconnects} times", cut.lives)
    if given.slow:
        checks.expect(all(reader.lags for reader in slow), "slow readers are told that they are behind")
    segments = sum(name.endswith(".seg") for name in os.listdir(log))
    sends = [writer.acknowledged_at[n] - writer.sent_at[n] for n in range(100, count + 1, 100) if writer.acknowledged_at[n]]
    print(f"{segments} segments; sent to acknowledged p50 {quantile(sends, 0.5) / 1e6:.2f} ms, p99 {quantile(sends, 0.99) / 1e6:.2f} ms; "
          f"acknowledged to printed p50 {quantile(fast.delays, 0.5) / 1e6:.2f} ms, p99 {quantile(fast.delays, 0.99) / 1e6:.2f} ms")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=int, default=5000, help="events a second")
    parser.add_argument("--reconnects", type=int, default=50)
    parser.add_argument("--slow", type=int, default=3, help="slow readers")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--lotus", default=os.path.join(root, ".build/release/lotus"))
    given = parser.parse_args()
    checks = Checks(given.seed)
    with tempfile.TemporaryDirectory(prefix="lotus-soak.") as directory:
        soak(Lotus(given.lotus, directory), os.path.join(directory, "log"), checks, given)
    print(f"{checks.passed} passed, {checks.failed} failed (seed {given.seed})")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    sys.exit(main())
