#!/usr/bin/env python3
"""Makes the golden logs of Fixtures/log/v1 with a release build of lotus, and their INDEX.md.

    Tools/goldens/make.py [--lotus PATH] [--out DIR]

Run once for a format version; afterwards the files only get read. Salts and times are drawn anew at each run, so a second run gives other bytes of the
same kind: never replace goldens that are committed, add new ones.
"""
import argparse
import base64
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))

TEXT = "type: gold.Text\nversion: 1\nfields:\n  - {name: text, type: string}\n"
BYTES = "type: gold.Bytes\nversion: 1\nfields:\n  - {name: noise, type: bytes}\n"
TRADE = """type: gold.Trade
version: 1
doc: A trade, packed per instrument.
fields:
  - {name: coin, type: string, key: true}
  - {name: price, type: {decimal: 8}, unit: USD, encoding: key_delta, step: 1000000}
  - {name: size, type: {decimal: 8}, step: 1000}
  - {name: side, type: {enum: [buy, sell]}}
  - {name: received, type: time, encoding: event_delta}
  - {name: host, type: string, volatile: true}
"""
KINDS = """type: gold.Kinds
version: 1
doc: One field of every kind.
fields:
  - {name: flag, type: bool}
  - {name: small, type: i32, key: true}
  - {name: wide, type: i64, encoding: plain}
  - {name: walk, type: i64, encoding: delta}
  - {name: number, type: f64}
  - {name: short, type: f32}
  - {name: text, type: string, null: null}
  - {name: raw, type: bytes}
  - {name: count, type: u64}
  - {name: id, type: {fixed: 16}}
  - {name: levels, type: {list: i32, count: 20}, encoding: key_mask}
  - {name: tags, type: {list: string}}
  - {name: nested, type: {record: [{name: a, type: i64}, {name: b, type: {list: {record: [{name: c, type: bool}]}}, null: late}]}}
---
type: gold.Empty
version: 3
doc: A type without fields.
fields: []
"""

CASES = []


def case(function):
    CASES.append(function)
    return function


class Maker:
    def __init__(self, lotus, out, schemas):
        self.lotus, self.out, self.schemas = lotus, out, schemas

    def schema(self, text):
        path = os.path.join(self.schemas, hashlib.sha256(text.encode()).hexdigest()[:12] + ".yaml")
        with open(path, "w") as file:
            file.write(text)
        return path

    def append(self, name, schema, lines, *options, status=0):
        command = [self.lotus, "append", os.path.join(self.out, name), "--schema", self.schema(schema), *options]
        done = subprocess.run(command, input="".join(json.dumps(line) + "\n" for line in lines), capture_output=True, text=True)
        assert done.returncode == status, (name, done.returncode, done.stderr)

    def segments(self, name):
        folder = os.path.join(self.out, name)
        return [os.path.join(folder, file) for file in sorted(os.listdir(folder)) if file.endswith(".seg")]

    def change(self, path, edit):
        with open(path, "rb") as file:
            content = bytearray(file.read())
        content = edit(content) or content
        with open(path, "wb") as file:
            file.write(content)

    def finish(self, name):
        """Leaves what the format is about; LOCK and COMMIT belong to a running machine."""
        for file in ("LOCK", "COMMIT", "segment.next"):
            path = os.path.join(self.out, name, file)
            if os.path.exists(path):
                os.remove(path)


def trades(count, seed):
    rng, price = random.Random(seed), {"BTC": 10_000_000, "ETH": 300_000}
    for index in range(count):
        coin = rng.choice(sorted(price))
        price[coin] += rng.choice([-1, 0, 1])
        at = 1_767_225_600_000_000_000 + index * 1_000_003
        yield {"type": "gold.Trade", "version": 1, "event_ts": at, "data": {
            "coin": coin, "price": f"{price[coin] / 100:.2f}", "size": f"{rng.randrange(1, 999) / 1e5:.5f}",
            "side": rng.choice(["buy", "sell"]), "received": at + rng.randrange(90_000), "host": f"h{index % 2}"}}


@case
def empty(m):
    """A log without any event."""
    m.append("empty", TEXT, [])


@case
def one_event(m):
    """One event, closed cleanly: the worked example of SPEC.md."""
    m.append("one_event", TEXT, [{"event_ts": "2026-01-02T03:04:05.000000006Z", "text": "lotus"}])


@case
def max_event(m):
    """One event of exactly 8 MiB canonical bytes, the limit."""
    m.append("max_event", TEXT, [{"event_ts": 1, "text": "x" * ((8 << 20) - 24 - 20 - 4)}])


@case
def incompressible(m):
    """Random bytes: the LZ4 blocks are stored as they are."""
    rng = random.Random(1)
    m.append("incompressible", BYTES, [{"event_ts": i, "noise": base64.b64encode(rng.randbytes(3000)).decode()} for i in range(20)])


@case
def every_kind(m):
    """Every field kind and encoding, absent optional fields, extreme values, a type without fields."""
    rng = random.Random(2)
    lines = []
    for i in range(60):
        data = {
            "flag": i % 2 == 0, "small": rng.choice([-(2**31), 2**31 - 1, 0, 1, 7]), "wide": rng.choice([-(2**63), 2**63 - 1, i]), "walk": rng.randrange(-(2**62), 2**62),
            "number": rng.choice([0.1, -1e300, 5e-324, 1e16, 123456.75, -0.0]), "short": rng.choice([0.5, 3.0e38, 1.5e-5]), "raw": base64.b64encode(rng.randbytes(i % 5)).decode(),
            "count": rng.choice([0, 2**64 - 1, i]), "id": base64.b64encode(rng.randbytes(16)).decode(), "levels": [i // (k + 2) - 5 for k in range(20)],
            "tags": ["ä", "\"q\"", "\n"][: i % 4], "nested": {"a": -i, "b": [{"c": True}] * (i % 3)} if i % 2 else {"a": i}}
        if i % 3:
            data["text"] = f"text {i} ☿"
        lines.append({"type": "gold.Kinds", "version": 1, "event_ts": 1_700_000_000_000_000_000 - i * 7, "data": data})
        if i % 10 == 0:
            lines.append({"type": "gold.Empty", "version": 3, "event_ts": i, "data": {}})
    m.append("every_kind", KINDS, lines, "--batch-bytes", "2000")


@case
def many_types(m):
    """Forty types, so that type ids take two bytes, each with a few events."""
    schema = "---\n".join(f"type: gold.T{i}\nversion: 1\nfields:\n  - {{name: v, type: i64}}\n" for i in range(40))
    m.append("many_types", schema, [{"type": f"gold.T{i % 40}", "version": 1, "event_ts": i, "data": {"v": i * i}} for i in range(200)])


@case
def sealed_chain(m):
    """Three sealed segments and an empty one, 12,000 events: leaves that cross segments."""
    lines = list(trades(12000, 3))
    m.append("sealed_chain", TRADE, lines, "--segment-bytes", "64K", "--batch-bytes", "4K")
    subprocess.run([m.lotus, "seal", os.path.join(m.out, "sealed_chain")], check=True, capture_output=True)


@case
def killed(m):
    """The writer was killed: space written ahead is still there, as padding, and no clean close is noted."""
    folder = os.path.join(m.out, "killed")
    command = [m.lotus, "append", folder, "--schema", m.schema(TRADE), "--segment-bytes", "64K", "--level", "durable"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lines = list(trades(50, 4))
    for line in lines:
        process.stdin.write(json.dumps(line) + "\n")
    process.stdin.flush()
    for _ in lines:
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()


@case
def torn_tail(m):
    """As `killed`, but the last batch is cut short: never acknowledged as durable, as MANIFEST and the marks tell."""
    m.append("torn_tail", TRADE, trades(30, 5), "--batch-bytes", "100")
    path = m.segments("torn_tail")[-1]
    m.change(os.path.join(m.out, "torn_tail", "MANIFEST"), drop_last_record)
    # Behind the last mark nothing is proven: half a header of a batch that never was.
    m.change(path, lambda content: content + b"\x51\x2a\x4d\x18" + b"torn" * 9)


def drop_last_record(content):
    """MANIFEST without its last record, `closed`: as a kill leaves it."""
    offset = last = 0
    while offset < len(content):
        last, offset = offset, offset + 32 + int.from_bytes(content[offset + 8 : offset + 12], "little")
    return content[:last]


@case
def header_copy_bad(m):
    """The first header copy is damaged, the second serves; damaged, but nothing is lost."""
    m.append("header_copy_bad", TRADE, trades(20, 6))
    m.change(m.segments("header_copy_bad")[0], flip(100))


@case
def batch_damaged(m):
    """One bit in the middle of a stored batch of a cleanly closed log: its events are gone, all others are there."""
    m.append("batch_damaged", TRADE, trades(300, 7), "--batch-bytes", "1K")
    m.change(m.segments("batch_damaged")[0], lambda content: flip(len(content) // 2)(content))


@case
def segment_missing(m):
    """The middle one of three segments is missing."""
    m.append("segment_missing", TRADE, trades(10500, 8), "--segment-bytes", "64K", "--batch-bytes", "4K")
    os.remove(m.segments("segment_missing")[1])


@case
def newer_format(m):
    """Major version 2 in both header copies, with good hashes: refused with the version that is needed."""
    import xxhash

    m.append("newer_format", TRADE, trades(5, 9))

    def edit(content):
        for at in (8, 2048):
            content[at + 8] = 2
            digest = xxhash.xxh3_64_intdigest(bytes(content[at : at + 496]), seed=0x4C4F545553484452 + at)
            content[at + 496 : at + 504] = digest.to_bytes(8, "little")

    m.change(m.segments("newer_format")[0], edit)


def flip(at):
    def edit(content):
        content[at] ^= 0x10
        return content

    return edit


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lotus", default=os.path.join(ROOT, ".build", "release", "lotus"))
    parser.add_argument("--out", default=os.path.join(ROOT, "Fixtures", "log", "v1"))
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    rows = []
    with tempfile.TemporaryDirectory() as schemas:
        maker = Maker(options.lotus, options.out, schemas)
        for function in CASES:
            name = function.__name__
            if os.path.exists(os.path.join(options.out, name)):
                raise SystemExit(f"{name} exists: goldens are never made anew")
            function(maker)
            maker.finish(name)
            done = subprocess.run([options.lotus, "verify", "--json", os.path.join(options.out, name)], capture_output=True, text=True)
            status = json.loads(done.stdout)["status"] if done.stdout.strip() else "refused"
            rows.append((name, status, function.__doc__))
    with open(os.path.join(options.out, "INDEX.md"), "w") as index:
        index.write("# Golden logs of format 1.0\n\nMade once by `Tools/goldens/make.py`; every later build must read them. Never changed, only added to.\n\n")
        index.write("| case | verify says | what it shows |\n|---|---|---|\n")
        for name, status, text in rows:
            index.write(f"| `{name}` | `{status}` | {text} |\n")
        index.write("\n| file | bytes | sha256 |\n|---|---|---|\n")
        for folder, folders, files in os.walk(options.out):
            folders.sort()
            for file in sorted(files):
                if file == "INDEX.md":
                    continue
                path = os.path.join(folder, file)
                content = open(path, "rb").read()
                index.write(f"| {os.path.relpath(path, options.out)} | {len(content)} | {hashlib.sha256(content).hexdigest()} |\n")


if __name__ == "__main__":
    main()
