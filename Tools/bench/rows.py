"""What is compared: our command, the other's, which figure of each, and what design section 6 asks for."""

import json
import statistics
import subprocess
import sys


def run(command):
    """The JSON object that a measurement prints as its last line."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0 or not done.stdout.strip():
        sys.exit(f"failed: {' '.join(command)}\n{done.stderr.strip()}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def once(command, known):
    """The result of a command, measured only the first time."""
    key = tuple(command)
    if key not in known:
        known[key] = run(command)
    return known[key]


class Limit:
    """What must hold: a bound on the ratio, or on our own figure."""

    def __init__(self, value, absolute=False):
        self.value, self.absolute = value, absolute

    @staticmethod
    def of(bound):
        """None, a bound on the ratio, or (bound on our own figure, True)."""
        return Limit(*bound) if isinstance(bound, tuple) else Limit(bound) if bound else None

    def text(self, unit):
        return f"{self.value:g} {unit}" if self.absolute else f"{self.value:g} x"


class Row:
    """One comparison, measured round by round, both sides one after the other."""

    def __init__(self, name, unit, ours, figure, other, other_figure, lower=False, floor=None, claim=None, scale=1.0):
        self.name, self.unit, self.ours, self.figure = name, unit, ours, figure
        self.other, self.other_figure, self.lower, self.scale = other, other_figure, lower, scale
        self.floor, self.claim = Limit.of(floor), Limit.of(claim)
        self.a, self.b = [], []

    def measure(self, known):
        """Takes one measurement of each side; `known` holds what other rows have measured in the same round."""
        ours = once(self.ours, known)
        self.a.append(ours[self.figure] * self.scale)
        other = ours if self.other is None else once(self.other, known)
        self.b.append(other[self.other_figure] * self.scale)

    def ratios(self):
        return [x / y for x, y in zip(self.a, self.b)]

    def ratio(self):
        return statistics.median(self.ratios())

    def holds(self, limit):
        found = statistics.median(self.a) if limit.absolute else self.ratio()
        return found <= limit.value if self.lower else found >= limit.value

    def verdict(self):
        if self.floor and not self.holds(self.floor):
            return "MISSED"
        if self.claim and not self.holds(self.claim):
            return "floor held" if self.floor else "below claim"
        return "claim held" if self.claim else "shown only"


def main_job(lotus, market, work):
    """The main job on a recorded market, each stage against the floor that was set for it."""
    stages = [lotus, "bench", "replay", "market", market, work, "--events", "1000000", "--rounds", "1", "--detectors",
              "17", "--assets", "2", "--memory", "0", "--json"]
    kilo = {"scale": 1e-3, "claim": 1}
    return [
        Row("main job: frames parsed / floor", "MB/s", stages, "parse_mb_per_s", None, "parse_limit", claim=1),
        Row("main job: log told", "k/s", stages, "log_events_per_s", None, "log_events_per_s", scale=1e-3),
        Row("main job: features alone / floor", "k/s", stages, "features_alone_events_per_s", None, "features_limit", **kilo),
        Row("main job: all detectors / floor", "k/s", stages, "pipeline_events_per_s", None, "pipeline_limit", **kilo),
        Row("  the computing thread alone", "k/s", stages, "pipeline_computing_events_per_s", None, "pipeline_limit",
            scale=1e-3),
        Row("  with digest and seals", "k/s", stages, "replay_events_per_s", None, "pipeline_events_per_s", scale=1e-3),
    ]


def rows(lotus, cfloor, mix, work, market="-"):
    """All comparisons. A floor of None: the design names none for this row, it can only miss its claim.

    `market` is a recorded market for the main job; - for a generated one.
    """
    bench = [lotus, "bench", "log"]
    rate, million = ("events_per_s", "events_per_s"), {"scale": 1e-6}

    def append(level, producers=1):
        return bench + ["append", mix, work, "--level", level, "--rounds", "1", "--producers", str(producers)]

    def loop(mode):
        return [cfloor, "append", mix, work, mode, "1"]

    def sqlite(mode):
        return [cfloor, "sqlite", mix, work, mode, "1"]

    def pair(ours, other):
        return ours, rate[0], other, rate[1]

    replay = bench + ["replay", mix, work, "--rounds", "3"]
    ack = bench + ["ack", work, "--count", "500"]
    tail, ctail = bench + ["tail", work], [cfloor, "tail", work, "2000"]
    return [
        Row("replay / C, varint", "M/s", *pair(replay, [cfloor, "replay", mix, "varint"]),
            floor=(5, True), claim=0.9, **million),
        Row("replay / C, plain rows", "M/s", *pair(replay, [cfloor, "replay", mix, "row"]),
            floor=(5, True), claim=0.9, **million),
        Row("append durable / C", "M/s", *pair(append("durable"), loop("pipelined")),
            floor=(1, True), claim=0.75, **million),
        Row("append durable, 64 threads / C", "M/s", *pair(append("durable", 64), loop("pipelined")),
            floor=(1, True), claim=0.75, **million),
        Row("append durable / SQLite FULL", "M/s", *pair(append("durable"), sqlite("FULL")), claim=4, **million),
        Row("append written / C, no sync", "M/s", *pair(append("written"), loop("nosync")), claim=0.75, **million),
        Row("append buffered / C, no sync", "M/s", *pair(append("buffered"), loop("nosync")), claim=0.75, **million),
        Row("append written / SQLite NORMAL", "M/s", *pair(append("written"), sqlite("NORMAL")), claim=4, **million),
        Row("durable ack p50 / fdatasync", "us", ack, "p50_us", None, "bare_p50_us", True, floor=2.5, claim=1.5),
        Row("durable ack p99 / fdatasync", "us", ack, "p99_us", None, "bare_p99_us", True),
        Row("commit of 16 logs / of 1 log", "ms", bench + ["logs", work], "many_p50_ms", None, "one_p50_ms", True,
            floor=3, claim=1.5),
        Row("  the same in C, 4 KiB a file", "ms", [cfloor, "syncmany", work, "16", "100"], "together_p50_ms", None,
            "alone_p50_ms", True),
        Row("tail, other process p50 / C", "us", tail, "p50_us", ctail, "p50_us", True, floor=4, claim=1.5),
        Row("tail, other process p99 / C", "us", tail, "p99_us", ctail, "p99_us", True, floor=4, claim=2),
        Row("open after crash / read", "ms", bench + ["open", work, "--rounds", "1"], "open_p50_ms", None,
            "read_p50_ms", True, floor=(500, True), claim=(150, True)),
        Row("random seek p99 / 2 ms", "us", bench + ["seek", mix, work, "--count", "300"], "p99_us", None, "limit_us",
            True, claim=1),
        Row("bytes an event / 18", "bytes", replay, "bytes_per_event", None, "bytes_limit", True, claim=1),
    ] + main_job(lotus, market, work)
