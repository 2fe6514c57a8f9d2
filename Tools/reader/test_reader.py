#!/usr/bin/env python3
"""Tests of lotus_reader.py against logs made here by a tiny writer, itself written from SPEC.md alone.

Run with the packages `lz4` and `xxhash` installed: python test_reader.py
"""
from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from types import SimpleNamespace

import lz4.frame
import xxhash

sys.path.insert(0, str(Path(__file__).resolve().parent))
import lotus_reader  # noqa: E402

READER = Path(lotus_reader.__file__)
MASK, K = 2**64 - 1, 0x9E3779B97F4A7C15
NUMBER = {"bool": 1, "i32": 2, "i64": 3, "f64": 4, "string": 5, "bytes": 6, "list": 7, "record": 8, "enum": 9,
          "f32": 10, "u64": 11, "decimal": 12, "fixed": 13, "time": 14}
WIDE = {"bool": "<?", "i32": "<i", "i64": "<q", "f64": "<d", "f32": "<f", "u64": "<Q", "decimal": "<q", "time": "<q",
        "enum": "<I"}
INTEGER = ("i32", "i64", "u64", "decimal", "time")


# ---- the writer: primitives

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def varint(x):
    out = b""
    while x > 127:
        out, x = out + bytes([x & 127 | 128]), x >> 7
    return out + bytes([x])


def zigzag(x):
    x &= MASK
    return varint((x << 1 & MASK) ^ (MASK if x >> 63 else 0))


def signed(x):
    return (x & MASK) - (2**64 if x & 1 << 63 else 0)


def text(s):
    return varint(len(s.encode())) + s.encode()


def presence(bits):
    out = bytearray((len(bits) + 7) // 8)
    for i, bit in enumerate(bits):
        out[i // 8] |= bit << i % 8
    return bytes(out)


# ---- the writer: schemas and events

def field(name, kind, *parameters, null=0, key=False, volatile=False, encoding=0, step=1):
    return SimpleNamespace(name=name, type=(kind, *parameters), null=null, bits=key | volatile << 1, key=key,
                           volatile=volatile, encoding=encoding, step=step)


def describe_type(t):
    out = bytes([NUMBER[t[0]]])
    if t[0] == "list":
        out += varint(t[1]) + describe_type(t[2])
    elif t[0] == "record":
        out += describe_fields(t[1])
    elif t[0] == "enum":
        out += varint(len(t[1])) + b"".join(map(text, t[1]))
    elif t[0] in ("decimal", "fixed"):
        out += bytes([t[1]])
    return out


def describe_fields(fields):
    return varint(len(fields)) + b"".join(
        text(f.name) + bytes([f.null, f.bits]) + text("unit") + describe_type(f.type) for f in fields)


class Kind:
    """A registered event type."""

    def __init__(self, type_id, name, version, fields):
        self.type_id, self.name, self.version, self.fields = type_id, name, version, fields
        self.identity = text(name) + struct.pack("<H", version) + describe_fields(fields)
        self.digest = sha(self.identity)
        storage = text("about it") + b"".join(bytes([f.encoding]) + varint(f.step) + text("doc") for f in fields)
        self.description = varint(len(self.identity)) + self.identity + storage


def compact(t, v):
    kind = t[0]
    if kind in ("i32", "i64", "decimal", "time"):
        return zigzag(v)
    if kind in ("u64", "enum"):
        return varint(v)
    if kind in ("bool", "f64", "f32"):
        return struct.pack(WIDE[kind], v)
    if kind == "string":
        return text(v)
    if kind == "bytes":
        return varint(len(v)) + v
    if kind == "fixed":
        return v
    if kind == "list":
        return (b"" if t[1] else varint(len(v))) + b"".join(compact(t[2], e) for e in v)
    return packed_record(t[1], v, compact)


def canonical_value(t, v):
    kind = t[0]
    if kind in WIDE:
        return struct.pack(WIDE[kind], v)
    if kind == "fixed":
        return v
    if kind in ("string", "bytes"):
        v = v.encode() if kind == "string" else v
        return struct.pack("<I", len(v)) + v
    if kind == "list":
        return struct.pack("<I", len(v)) + b"".join(canonical_value(t[2], e) for e in v)
    return packed_record(t[1], v, canonical_value)


def packed_record(fields, record, pack):
    return presence([f.name in record for f in fields if f.null]) + b"".join(
        pack(f.type, record[f.name]) for f in fields if f.name in record)


def canonical_event(kind, e):
    def part(front, fields):
        here = {f.name: e.data[f.name] for f in fields if f.name in e.data}
        body = front + packed_record(fields, here, canonical_value)
        return struct.pack("<I", len(body) + 4) + body
    stable = struct.pack("<HBB", kind.version, e.flags, 0) + kind.digest[:8] + struct.pack("<q", e.event_ns)
    return (part(stable, [f for f in kind.fields if not f.volatile]),
            part(struct.pack("<qQ", e.append_ns, e.gsn), [f for f in kind.fields if f.volatile]))


def number(d, step, unsigned=False):
    code = varint if unsigned else zigzag
    d = d & MASK if unsigned else signed(d)
    if step == 1:
        return code(d)
    if d % step:
        return b"\0" + code(d)
    return varint(d // step + 1) if unsigned else varint(((d // step << 1) ^ (d // step >> 63)) + 1)


def encode_batch(kinds, events):
    out, append, gsn, at, memory = b"", 0, 0, 0, {}
    for e in events:
        kind = kinds[e.type_id]
        has_append, has_gsn = e.append_ns != append, e.gsn != gsn + 1
        out += varint(e.type_id << 3 | bool(e.flags) << 2 | has_append << 1 | has_gsn)
        out += bytes([e.flags]) if e.flags else b""
        out += varint(e.append_ns - append & MASK) if has_append else b""
        out += zigzag(e.gsn - gsn - 1) if has_gsn else b""
        out += zigzag(e.event_ns - at)
        append, gsn, at = e.append_ns, e.gsn, e.event_ns
        out += presence([f.name in e.data for f in kind.fields if f.null])
        key = next((e.data[f.name] for f in kind.fields if f.key), None)
        for f in (f for f in kind.fields if f.name in e.data):
            v, place = e.data[f.name], (e.type_id, f.name, key if f.encoding in (3, 5) else None)
            if f.encoding == 0:
                out += struct.pack(WIDE[f.type[0]], v) if f.type[0] in INTEGER else compact(f.type, v)
            elif f.encoding == 1:
                out += number(v, f.step, f.type[0] == "u64")
            elif f.encoding in (2, 3):
                out += number(v - memory.get(place, 0), f.step)
                memory[place] = v
            elif f.encoding == 4:
                out += number(v - e.event_ns, f.step)
            else:
                before = memory.get(place, [0] * len(v))
                out += presence([a != b for a, b in zip(v, before)])
                out += b"".join(number(a - b, f.step) for a, b in zip(v, before) if a != b)
                memory[place] = v
    return out


# ---- the writer: segments, seals, MANIFEST

def fold(leaves):
    while len(leaves) > 1:
        leaves = [sha(b"\1", *leaves[i:i + 2]) if i + 1 < len(leaves) else leaves[i] for i in range(0, len(leaves), 2)]
    return leaves[0] if leaves else bytes(32)


class Writer:
    def __init__(self, directory, kinds):
        self.directory, self.kinds = directory, {k.type_id: k for k in kinds}
        self.log_id, self.manifest, self.manifest_link = bytes(range(16)), b"", 0
        self.ordinal, self.seq, self.durable, self.chain = -1, 0, 0, bytes(32)
        self.canonical, self.raw, self.tail = [], b"", (0, 0, 0)
        directory.mkdir(parents=True)
        self.record(1, self.log_id + text("test"))
        self.record(2, struct.pack("<QqI", 1, 0, 7) + bytes(20))
        for k in kinds:
            self.record(4, struct.pack("<H", k.type_id) + k.description)
        self.roll()

    def record(self, kind, payload):
        def front(h):
            return struct.pack("<IHHIIQQ", 0x4E414D4C, kind, 0, len(payload), 0, h, self.manifest_link)
        h = xxhash.xxh3_64_intdigest(front(0) + payload, seed=len(self.manifest) * K & MASK)
        self.manifest += front(h) + payload
        self.manifest_link = h
        (self.directory / "MANIFEST").write_bytes(self.manifest)

    def roll(self):
        self.ordinal, self.base = self.ordinal + 1, self.seq + 1
        self.salt, self.batches, self.counts = 0xABCDEF0123456789 * (self.ordinal + 3) & MASK, [], {}
        predecessor = (self.seq, *self.tail) if self.ordinal else (0, 0, 0, 0)
        proper = struct.pack("<8sHHIII16sQQQQqq16sQQQQ32sIIII20sIB63sII216s", b"LOTUSSEG", 1, 0, 504, 0, 0, self.log_id,
                             self.ordinal, self.base, 1, self.salt, 5, 6, b"b" * 16, *predecessor,
                             sha(*(k.digest for k in self.kinds.values())), 1, 10904, 1, 802, bytes(20), 0, 4, b"test",
                             1 << 20, 1 << 20, bytes(216))
        page = bytearray(4096)
        page[:8] = struct.pack("<II", 0x184D2A50, 4088)
        for at in (8, 2048):
            page[at:at + 504] = proper + struct.pack("<Q", xxhash.xxh3_64_intdigest(proper, seed=0x4C4F545553484452 + at))
        self.bytes, self.link = bytes(page), xxhash.xxh3_64_intdigest(proper, seed=self.salt)
        self.tail = (self.link, 4096, self.salt)
        self.record(3, struct.pack("<QQQ", self.ordinal, self.base, self.salt))
        for k in self.kinds.values():
            self.block(2, struct.pack("<H", k.type_id) + k.description)

    def block(self, kind, payload, raw=None, count=0, times=(0, 0, 0, 0), bitmap=0, gsn=0, first=None):
        seed = self.salt ^ (len(self.bytes) * K & MASK)
        stored = xxhash.xxh3_64_intdigest(payload, seed=seed)

        def front(h):
            return struct.pack(
                "<IIIHHQQQQQIIIIqqqqQQQ", {1: 0x184D2A51, 2: 0x184D2A52, 3: 0x184D2A53, 4: 0x184D2A54, 5: 0x184D2A55}[kind],
                120 if kind == 1 else 120 + len(payload), 0x4B4C424C, kind, 0, h, stored,
                stored if raw is None else xxhash.xxh3_64_intdigest(raw, seed=seed), self.link, first or self.seq + 1, count,
                len(payload), len(payload) if raw is None else len(raw), 1, *times, self.durable, bitmap, gsn)
        h = xxhash.xxh3_64_intdigest(front(0), seed=seed)
        self.bytes += front(h) + payload
        self.link = h
        if kind < 4:
            self.tail = (self.link, len(self.bytes), self.salt)

    def batch(self, events):
        raw, offset, first = encode_batch(self.kinds, events), len(self.bytes), self.seq + 1
        times = (events[0].append_ns, events[-1].append_ns, min(e.event_ns for e in events), max(e.event_ns for e in events))
        bitmap = 0
        for e in events:
            bitmap |= 1 << e.type_id % 64
            self.counts[e.type_id] = self.counts.get(e.type_id, 0) + 1
            self.canonical.append(canonical_event(self.kinds[e.type_id], e))
        frame = lz4.frame.compress(raw, block_linked=False, store_size=False)
        self.block(1, frame, raw, len(events), times, bitmap, events[-1].gsn)
        self.batches.append(struct.pack("<QQIIqqqqQ", offset, first, len(events), len(raw), *times, bitmap))
        self.raw, self.seq = self.raw + raw, self.seq + len(events)

    def mark(self):
        self.durable = self.seq
        self.block(3, b"")

    def leaf(self, i):
        run = self.canonical[1024 * i:1024 * i + 1024]
        s, v = sha(*(c[0] for c in run)), sha(*(c[1] for c in run))
        return sha(b"\0", s, v), sha(b"\0", s)

    def roots(self):
        leaves = [self.leaf(i) for i in range((self.seq + 1023) // 1024)]
        return fold([x[0] for x in leaves]).hex(), fold([x[1] for x in leaves]).hex()

    def seal(self):
        first, end = (self.base - 1) // 1024, self.seq // 1024
        leaves, index_at = [self.leaf(i) for i in range(first, end)], len(self.bytes)
        self.block(4, struct.pack("<QIIII", first, len(self.batches), len(leaves), len(self.counts), 0)
                   + b"".join(self.batches) + b"".join(a + b for a, b in leaves)
                   + b"".join(struct.pack("<HHIQ", t, 0, 0, n) for t, n in sorted(self.counts.items())))
        partial = self.leaf(end) if self.seq % 1024 else (bytes(32), bytes(32))
        roots, storage, before = [fold([x[0] for x in leaves]), fold([x[1] for x in leaves])], sha(self.bytes), self.chain
        self.chain = sha(b"LOTUSCHN", before, self.log_id, struct.pack("<QQQ", self.ordinal, self.base, self.seq),
                         *roots, *partial, storage)
        self.block(5, struct.pack("<QQQQ", sum(self.counts.values()), self.seq, len(self.batches), index_at)
                   + b"".join(roots) + b"".join(partial) + struct.pack("<II", self.seq % 1024, 0) + storage + before
                   + self.chain)
        self.save()
        self.record(5, struct.pack("<QQQQ", self.ordinal, self.base, self.seq, len(self.bytes)) + self.chain)

    def pad(self, size):
        self.bytes += struct.pack("<II", 0x184D2A5F, size) + bytes(size)

    def save(self):
        self.path = self.directory / f"{self.base:020}.seg"
        self.path.write_bytes(self.bytes)

    def commit(self, pid=0):
        middle = struct.pack("<QQQQQQQqII", self.ordinal, self.tail[1], self.seq, self.ordinal, self.tail[1], self.durable,
                             self.tail[0], 0, pid, 0)
        front = self.log_id + struct.pack("<Q", 1)
        page = b"LOTUSCMT" + struct.pack("<IIII", 1, 9, 0, 0) + front + bytes(8) + middle
        page += struct.pack("<Q", xxhash.xxh3_64_intdigest(front + middle, seed=0))
        (self.directory / "COMMIT").write_bytes(page.ljust(4096, b"\0"))


# ---- events to write

KINDS = [
    Kind(1, "all.kinds", 3, [
        field("flag", "bool"), field("small", "i32"), field("big", "i64"), field("real", "f64"), field("word", "string"),
        field("blob", "bytes"), field("some", "list", 0, ("f64",)), field("pair", "list", 2, ("i32",)),
        field("legs", "list", 0, ("record", [field("side", "enum", ["buy", "sell"]), field("note", "string", null=1),
                                             field("qty", "decimal", 2), field("tags", "list", 0, ("u64",), null=2)])),
        field("color", "enum", ["red", "grün"]), field("thin", "f32"), field("huge", "u64"), field("price", "decimal", 8),
        field("whole", "decimal", 0), field("uuid", "fixed", 16), field("when", "time"),
        field("maybe", "i64", null=1), field("later", "record", [field("x", "bool")], null=2),
        field("clock", "time", volatile=True), field("host", "string", volatile=True, null=1)]),
    Kind(2, "px-tick", 1, [
        field("sym", "string", key=True), field("v32", "i32", encoding=1), field("v64", "u64", encoding=1, step=10),
        field("vd", "decimal", 4, encoding=1, step=25), field("d", "i64", encoding=2), field("ds", "u64", encoding=2, step=5),
        field("kd", "decimal", 2, encoding=3, step=100), field("ko", "i64", encoding=3, null=1),
        field("sent", "time", encoding=4, step=1000), field("do", "i32", encoding=2, null=1),
        field("book", "list", 10, ("i64",), encoding=5, step=50), field("wide", "list", 3, ("u64",), encoding=5)]),
]
NOW = 1_767_322_984_000_000_006  # 2026-01-02T03:03:04.000000006Z


def event(type_id, data, event_ns=NOW, append_ns=NOW, gsn=1, flags=0):
    return SimpleNamespace(type_id=type_id, data=data, event_ns=event_ns, append_ns=append_ns, gsn=gsn, flags=flags)


def full_event(**change):
    data = {"flag": True, "small": -2**31, "big": -2**63, "real": 1e-7, "word": "é\"\\\b\f\n\r\t\x01\x1f\x7f/\u2028",
            "blob": b"\0\xff", "some": [1.0, -0.0, 1e16, 0.1], "pair": [-1, 2],
            "legs": [{"side": 1, "qty": -50}, {"side": 0, "note": "n", "qty": 12345, "tags": [0, 2**64 - 1]}],
            "color": 1, "thin": struct.unpack("<f", struct.pack("<f", 0.1))[0], "huge": 2**64 - 1, "price": -50000000,
            "whole": -7, "uuid": bytes(range(16)), "when": -1, "maybe": 5, "later": {"x": False}, "clock": 2**63 - 1,
            "host": "h"}
    data.update(change)
    return {k: v for k, v in data.items() if v is not None}


def tick(i):
    step = 1 if i % 7 else 50
    data = {"sym": "ABC"[i % 3], "v32": 5 - i, "v64": (2**64 - 1 - i) if i % 2 else i * 10, "vd": i * 25 - 100 + i % 4 % 3,
            "d": (-1) ** i * (2**63 - 1 - i), "ds": i * 5, "kd": i * 100 + i % 5 // 4, "sent": NOW + i * 1000 + i % 3,
            "book": [i // 5 * 50, i // 4 * step, 0, -i // 3 * 50, 1, 2**63 - 1 if i % 11 == 0 else -2**63, 0, 0, 0, i],
            "wide": [i // 9, 2**64 - 1 if i % 2 else 0, 7]}
    if i % 3:
        data["ko"] = -i * i
    if i % 4:
        data["do"] = i * 3
    return event(2, data, NOW + i * 100 - i % 6 * 977, NOW + i // 4, gsn=i + (i > 10) * 5, flags=8 if i % 10 == 0 else 0)


def build(directory, count=2600):
    """Two sealed segments and an active one with padding; leaves run across the cuts."""
    w = Writer(directory, KINDS)
    w.batch([event(1, full_event()), event(1, full_event(maybe=None, later=None, host=None, real=12.0))])
    at, cuts = 3, (count * 5 // 10, count * 8 // 10, count)
    for cut in cuts:
        while at <= cut:
            size = min(97, cut - at + 1)
            w.batch([tick(i) for i in range(at, at + size)])
            at += size
        w.mark()
        if cut != count:
            w.seal()
            w.roll()
    w.pad(1000)
    w.pad(0)
    w.pad(33)
    w.save()
    w.commit()
    return w


def wanted(w, e):
    """The value of an event as a JSON reader sees it."""
    def value(t, v):
        if t[0] in ("bytes", "fixed"):
            return base64.b64encode(v).decode()
        if t[0] == "list":
            return [value(t[2], x) for x in v]
        if t[0] == "record":
            return record(t[1], v)
        if t[0] == "enum":
            return t[1][v]
        if t[0] == "decimal":
            digits = str(abs(v)).rjust(t[1] + 1, "0")
            cut = len(digits) - t[1]
            return "-" * (v < 0) + digits[:cut] + "." * (t[1] > 0) + digits[cut:]
        return lotus_reader.iso(v) if t[0] == "time" else v

    def record(fields, v):
        return {f.name: value(f.type, v[f.name]) for f in fields if f.name in v}
    return record(w.kinds[e.type_id].fields, e.data)


# ---- the tests

def run(command, path):
    out, err = io.BytesIO(), io.StringIO()
    holder = io.TextIOWrapper(out, encoding="utf-8")
    with contextlib.redirect_stdout(holder), contextlib.redirect_stderr(err):
        code = lotus_reader.main([command, str(path)])
        holder.flush()
    return code, out.getvalue(), err.getvalue()


class ReaderTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name)

    def verify(self, path):
        code, out, err = run("verify", path)
        result = json.loads(out) if out else {"status": None}
        self.assertEqual(code, {"clean": 0, "torn_tail": 0, "damaged": 2, None: 1}[result["status"]])
        self.assertNotIn("Traceback", err)
        return result

    def test_clean_log_verifies(self):
        w = build(self.root / "log")
        identity, logical = w.roots()
        self.assertEqual(self.verify(w.directory), {
            "status": "clean", "events": 2600, "first_seq": 1, "last_seq": 2600, "chain_head": w.chain.hex(),
            "identity_root": identity, "logical_root": logical, "damage": []})

    def test_events_read_back(self):
        w = build(self.root / "log")
        code, out, err = run("ndjson", w.directory)
        lines = out.decode().split("\n")
        self.assertEqual((code, err, len(lines), lines[-1]), (0, "", 2601, ""))
        for seq in range(3, 2601):
            got, e = json.loads(lines[seq - 1]), tick(seq)
            self.assertEqual(got["data"], wanted(w, e))
            self.assertEqual(list(got), ["seq", "type", "version", "event_ts", "append_ts", "data"])
            self.assertEqual((got["seq"], got["event_ts"], got["append_ts"]),
                             (seq, lotus_reader.iso(e.event_ns), lotus_reader.iso(e.append_ns)))

    def test_text_of_every_kind(self):
        w = build(self.root / "log", 20)
        first, second = run("ndjson", w.directory)[1].decode().split("\n")[:2]
        self.assertEqual(first, (
            '{"seq":1,"type":"all.kinds","version":3,"event_ts":"2026-01-02T03:03:04.000000006Z",'
            '"append_ts":"2026-01-02T03:03:04.000000006Z","data":{"flag":true,"small":-2147483648,'
            '"big":-9223372036854775808,"real":1e-7,"word":"é\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u001f\x7f/\u2028",'
            '"blob":"AP8=","some":[1.0,-0.0,1e16,0.1],"pair":[-1,2],"legs":[{"side":"sell","qty":"-0.50"},'
            '{"side":"buy","note":"n","qty":"123.45","tags":[0,18446744073709551615]}],"color":"grün","thin":0.1,'
            '"huge":18446744073709551615,"price":"-0.50000000","whole":"-7","uuid":"AAECAwQFBgcICQoLDA0ODw==",'
            '"when":"1969-12-31T23:59:59.999999999Z","maybe":5,"later":{"x":false},'
            '"clock":"2262-04-11T23:47:16.854775807Z","host":"h"}}'))
        self.assertEqual(list(json.loads(second)["data"])[-2:], ["when", "clock"])
        self.assertIn('"real":12.0,', second)

    def test_canonical_and_raw(self):
        w = build(self.root / "log")
        self.assertEqual(run("canonical", w.directory)[1], b"".join(a + b for a, b in w.canonical))
        self.assertEqual(run("raw", w.directory)[1], w.raw)

    def test_single_segments_and_roots(self):
        w = build(self.root / "a")
        build(self.root / "b", 30)
        counts = [self.verify(p) for p in sorted(w.directory.glob("*.seg"))]
        self.assertEqual([(r["status"], r["events"]) for r in counts], [("clean", 1300), ("clean", 780), ("clean", 520)])
        code, out, _ = run("verify", self.root)
        self.assertEqual((code, [json.loads(x)["log"] for x in out.splitlines()]), (0, ["a", "b"]))
        self.assertEqual(run("ndjson", self.root)[1].count(b"\n"), 2630)

    def test_every_flipped_byte_is_noticed(self):
        w = build(self.root / "log", 40)
        paths = [*sorted(w.directory.glob("*.seg")), w.directory / "MANIFEST"]
        for path in paths:
            whole = path.read_bytes()
            stride = [*range(0, 600, 7), *range(600, 4096, 111), *range(4096, len(whole), 5)]
            for at in stride if path.suffix else range(0, len(whole), 3):
                flipped = bytearray(whole)
                flipped[at] ^= 1 << at % 8
                path.write_bytes(flipped)
                result = self.verify(w.directory)
                self.assertNotEqual(result["status"], "clean", f"{path.name} at {at}")
                if path is paths[0] or path is paths[1]:
                    self.assertNotEqual(result["status"], "torn_tail", f"{path.name} at {at}")
            path.write_bytes(whole)

    def test_truncated_anywhere(self):
        w = build(self.root / "log", 40)
        for path in sorted(w.directory.glob("*.seg")):
            whole = path.read_bytes()
            for size in range(0, w.tail[1] if path == w.path else len(whole), 61):
                path.write_bytes(whole[:size])
                self.assertNotEqual(self.verify(w.directory)["status"], "clean", f"{path.name} at {size}")
            path.write_bytes(whole)

    def test_commit_is_advisory(self):
        w = build(self.root / "log", 20)
        page = bytearray((w.directory / "COMMIT").read_bytes())
        page[100] ^= 1
        (w.directory / "COMMIT").write_bytes(page)
        self.assertEqual(self.verify(w.directory)["status"], "clean")
        self.assertIn("COMMIT is ignored", run("verify", w.directory)[2])

    def test_not_past_the_mark_of_a_live_writer(self):
        w = build(self.root / "log", 20)
        w.bytes = w.bytes[:w.tail[1]]
        w.commit(pid=os.getpid())
        w.batch([tick(21)])
        w.save()
        self.assertEqual(self.verify(w.directory)["events"], 21)
        with open(w.directory / "LOCK", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            commit = lotus_reader.parse_commit((w.directory / "COMMIT").read_bytes())
            if not lotus_reader.has_writer(w.directory, commit):
                self.skipTest("this system does not list its locks")
            self.assertEqual((self.verify(w.directory)["events"], self.verify(w.directory)["status"]), (20, "clean"))

    def test_damaged_batch_is_skipped(self):
        w = build(self.root / "log", 2000)
        path = w.directory / f"{1:020}.seg"
        data = bytearray(path.read_bytes())
        offset, first, count = struct.unpack_from("<QQI", w_batch(path), 0)
        data[offset + 140] ^= 1
        path.write_bytes(data)
        result = self.verify(w.directory)
        hit = result["damage"][0]
        self.assertEqual((hit["first_seq"], hit["last_seq"], hit["kind"]), (first, first + count - 1, "block"))
        self.assertEqual((result["events"], result["identity_root"]), (2000 - count, None))
        code, out, err = run("ndjson", w.directory)
        self.assertEqual((code, out.count(b"\n")), (2, 2000 - count))
        self.assertIn(f"events {first} to {first + count - 1}", err)

    def test_torn_tail(self):
        w = build(self.root / "log", 100)
        w.bytes = w.bytes[:w.tail[1]]
        w.batch([tick(i) for i in range(101, 150)])
        w.bytes = w.bytes[:-3]
        w.save()
        result = self.verify(w.directory)
        self.assertEqual((result["status"], result["events"], result["last_seq"]), ("torn_tail", 100, 100))
        self.assertIsNotNone(result["identity_root"])

    def test_lost_segment_and_lost_tail(self):
        w = build(self.root / "log", 100)
        (w.directory / f"{51:020}.seg").rename(self.root / "away")
        result = self.verify(w.directory)
        self.assertEqual((result["status"], result["events"]), ("damaged", 70))
        self.assertIn((51, 80), [(f["first_seq"], f["last_seq"]) for f in result["damage"]])
        (self.root / "away").rename(w.directory / f"{51:020}.seg")
        w.path.unlink()
        self.assertIn((81, 100), [(f["first_seq"], f["last_seq"]) for f in self.verify(w.directory)["damage"]])

    def closed(self, w):
        """What a clean close writes: a mark, and MANIFEST's word for it."""
        w.bytes = w.bytes[:w.tail[1]]
        w.mark()
        w.save()
        w.record(6, struct.pack("<QQQQQ", 1, w.ordinal, w.seq, w.tail[0], w.tail[1]))

    def test_missing_or_headless_manifest_is_damage(self):
        w = build(self.root / "log", 100)
        path = w.directory / "MANIFEST"
        for size in (None, 0, 1, 31, 40):
            path.unlink() if size is None else path.write_bytes(w.manifest[:size])
            result = self.verify(w.directory)
            self.assertEqual((result["status"], result["events"]), ("damaged", 100), size)
            self.assertEqual(result["damage"][0]["kind"], "manifest", size)
            self.assertEqual(run("ndjson", w.directory)[0], 2, size)
            path.write_bytes(w.manifest)
        self.assertEqual(self.verify(w.path)["status"], "clean")  # a segment alone needs none

    def test_torn_manifest_is_torn_and_senseless_records_are_damage(self):
        w = build(self.root / "log", 100)
        good, link = w.manifest, w.manifest_link
        (w.directory / "MANIFEST").write_bytes(good + b"LMAN" + bytes(9))
        self.assertEqual(self.verify(w.directory)["status"], "torn_tail")
        for kind, payload in ((3, bytes(25)), (2, struct.pack("<QqI", 0, 0, 7) + bytes(20)), (1, w.log_id + text("test")),
                              (4, struct.pack("<H", 9) + w.kinds[1].description)):
            w.manifest, w.manifest_link = good, link
            w.record(kind, payload)
            self.assertEqual(self.verify(w.directory)["status"], "damaged", kind)

    def test_unfinished_last_segment(self):
        for size, base, expected in ((0, 101, "torn_tail"), (8, 101, "torn_tail"), (4096, 101, "torn_tail"),
                                     (4097, 101, "damaged"), (4096, 90, "damaged")):
            w = build(self.root / f"{size}-{base}", 100)
            self.closed(w)
            self.assertEqual(self.verify(w.directory)["status"], "clean")
            for fill in (b"\0", b"\xa5"):
                (w.directory / f"{base:020}.seg").write_bytes(fill * size)
                self.assertEqual(self.verify(w.directory)["status"], expected, (size, base))

    def test_what_a_clean_close_vouches_for(self):
        w = build(self.root / "log", 100)
        self.closed(w)
        whole = w.path.read_bytes()
        for data in (whole[:-128], whole[:-1], whole[:-128] + bytes(128)):
            w.path.write_bytes(data)
            self.assertEqual((self.verify(w.directory)["status"], self.verify(w.directory)["events"]), ("damaged", 100))
        w.path.write_bytes(whole + b"rest")  # behind it, torn is torn
        self.assertEqual(self.verify(w.directory)["status"], "torn_tail")

    def test_unknown_format_is_refused(self):
        w = build(self.root / "log", 10)
        data = bytearray(w.path.read_bytes())
        for at in (8, 2048):
            data[at + 20] = 1
            data[at + 496:at + 504] = struct.pack(
                "<Q", xxhash.xxh3_64_intdigest(bytes(data[at:at + 496]), seed=0x4C4F545553484452 + at))
        w.path.write_bytes(data)
        code, out, err = run("verify", w.directory)
        self.assertEqual((code, out, err.count("\n")), (1, b"", 1))
        self.assertIn("incompatible flags 0x1", err)

    def test_float_texts(self):
        for value, expected in ((1e16, "1e16"), (1e22, "1e22"), (1.5e-9, "1.5e-9"), (123456.0, "123456.0"), (1e-5, "1e-5")):
            self.assertEqual(lotus_reader.float_text(value), expected)
        for bits, expected in ((0x3DCCCCCD, "0.1"), (0x00000001, "1e-45"), (0x7F7FFFFF, "3.4028235e38"), (0x80000000, "-0.0"),
                               (0x4B800000, "16777216.0"), (0x0F800000, "1.2621775e-29"), (0xC0490FDB, "-3.1415927")):
            self.assertEqual(lotus_reader.f32_text(struct.unpack("<f", struct.pack("<I", bits))[0]), expected)

    def test_command_line(self):
        w = build(self.root / "log", 10)

        def call(*arguments):
            return subprocess.run([sys.executable, READER, *arguments], capture_output=True, text=True, check=False)
        self.assertIn("examples:", call("--help").stdout)
        self.assertEqual(call("verify", w.directory).returncode, 0)
        missing = call("verify", self.root / "nothing")
        self.assertEqual((missing.returncode, missing.stderr.count("\n")), (1, 1))


def w_batch(path):
    """The second entry of the index of a sealed segment."""
    data = path.read_bytes()
    index_at = struct.unpack_from("<Q", data, len(data) - 264 + 24)[0]
    return data[index_at + 128 + 24 + 64:index_at + 128 + 24 + 128]


if __name__ == "__main__":
    unittest.main()
