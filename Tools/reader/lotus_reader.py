#!/usr/bin/env python3
"""An independent reader for Lotus logs, format 1.0, written from SPEC.md alone.

Needs Python 3.11 and the packages `lz4` and `xxhash`. Section numbers below are those of SPEC.md.
"""
from __future__ import annotations

import argparse
import base64
import decimal
import hashlib
import json
import os
import re
import struct
import sys
from collections import Counter, namedtuple
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import lz4.frame
import xxhash

M64, GOLDEN = (1 << 64) - 1, 0x9E3779B97F4A7C15
MIB, HEADER_PAGE, BLOCK, LEAF = 1 << 20, 4096, 128, 1024
PADDING, FRAME, LBLK, LMAN = 0x184D2A5F, 0x184D2204, 0x4B4C424C, 0x4E414D4C
BATCH, SCHEMA, MARK, INDEX, SEAL = 1, 2, 3, 4, 5
SKIPPABLE = {BATCH: 0x184D2A51, SCHEMA: 0x184D2A52, MARK: 0x184D2A53, INDEX: 0x184D2A54, SEAL: 0x184D2A55}
(BOOL, I32, I64, F64, STRING, BYTES, LIST, RECORD, ENUM, F32, U64, DECIMAL, FIXED, TIME) = range(1, 15)
INTEGERS = {I32, I64, U64, DECIMAL, TIME}
PLAIN, VARINT, DELTA, KEY_DELTA, EVENT_DELTA, KEY_MASK = range(6)
PACK = {BOOL: "<?", I32: "<i", I64: "<q", DECIMAL: "<q", TIME: "<q", U64: "<Q", F64: "<d", F32: "<f", ENUM: "<I"}
ZERO32 = bytes(32)
SOFT = "torn_tail"  # the one kind of finding that is not damage
READ, SKIP, STOP = range(3)  # what to do with a segment


class Bad(Exception):
    """Bytes that are not what SPEC.md says they are."""


class Unreadable(Exception):
    """Nothing can be read here, or only by a newer reader."""


def need(ok: object, what: str) -> None:
    if not ok:
        raise Bad(what)


def s64(x: int) -> int:
    x &= M64
    return x - (1 << 64) if x >> 63 else x


def unzigzag(v: int) -> int:
    return (v >> 1) ^ -(v & 1)


def xxh3(data: bytes, seed: int) -> int:
    return xxhash.xxh3_64_intdigest(data, seed=seed & M64)


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


class Cursor:
    """Reads primitives (section 1) and never past the end."""

    def __init__(self, data: bytes):
        self.data, self.at, self.end = data, 0, len(data)

    def left(self) -> int:
        return self.end - self.at

    def take(self, n: int) -> bytes:
        need(n <= self.left(), f"{n} bytes wanted, {self.left()} left")
        self.at += n
        return self.data[self.at - n:self.at]

    def u8(self) -> int:
        return self.take(1)[0]

    def unpack(self, form: str) -> tuple:
        return struct.unpack(form, self.take(struct.calcsize(form)))

    def varint(self) -> int:
        value = 0
        for shift in range(0, 70, 7):
            byte = self.u8()
            need(shift < 63 or byte < 2, "varint above 64 bits")
            value |= (byte & 127) << shift
            if byte < 128:
                return value
        raise Bad("varint above 10 bytes")

    def text(self, limit: int | None = None) -> str:
        size = self.varint()
        need(limit is None or size <= limit, f"text of {size} bytes, limit {limit}")
        try:
            return self.take(size).decode()
        except UnicodeDecodeError:
            raise Bad("text is not UTF-8") from None

    def finish(self, what: str) -> None:
        need(not self.left(), f"{self.left()} bytes left over behind {what}")


# ---- section 8: schema description

@dataclass
class Type:
    kind: int
    number: int = 0  # scale of a decimal, size of a fixed, fixed_count of a list
    element: Type | None = None
    fields: list[Field] = field(default_factory=list)
    symbols: list[str] = field(default_factory=list)
    is_ulid: bool = False  # fixed(16) with the unit `ulid`


@dataclass
class Field:
    name: str
    optional: bool
    key: bool
    volatile: bool
    type: Type
    encoding: int = PLAIN
    step: int = 1
    slot: int = 0  # first slot in the key state (section 9)


@dataclass
class Schema:
    name: str
    version: int
    fields: list[Field]
    digest: bytes
    description: bytes
    slots: int = 0  # of the key state of one key


def parse_schema(description: bytes) -> Schema:
    need(len(description) <= 64 << 10, "schema description above 64 KiB")
    cursor = Cursor(description)
    identity = cursor.take(cursor.varint())
    ident, total = Cursor(identity), [0]
    name = ident.text(64)
    need(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", name), f"type name {name!r}")
    version = ident.unpack("<H")[0]
    schema = Schema(name, version, parse_fields(ident, total, 0), sha(identity), description)
    ident.finish("the identity section")
    keys = [f for f in schema.fields if f.key]
    need(len(keys) <= 1, "more than one key field")
    need(all(f.type.kind not in (F64, F32, LIST, RECORD) and not f.optional for f in keys), "unfit key field")
    parse_storage(cursor, schema)
    return schema


def parse_fields(cursor: Cursor, total: list[int], depth: int) -> list[Field]:
    fields = []
    for _ in range(cursor.varint()):
        total[0] += 1
        need(total[0] <= 1024, "more than 1,024 fields")
        name, null, bits = cursor.text(64), cursor.u8(), cursor.u8()
        need(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name), f"field name {name!r}")
        need(null <= 2 and bits <= (0 if depth else 3), f"null class or bits of field {name}")
        unit = cursor.text(64)
        t = parse_type(cursor, total, depth)
        mark_ulid(t, unit)
        fields.append(Field(name, null > 0, bool(bits & 1), bool(bits & 2), t))
    need(len({f.name for f in fields}) == len(fields), "field name given twice")
    return fields


def mark_ulid(t: Type, unit: str) -> None:
    """Says that 16 bytes are written as a ULID; a list's elements have its unit."""
    if t.kind == LIST:
        mark_ulid(t.element, unit)
    else:
        t.is_ulid = t.kind == FIXED and t.number == 16 and unit == "ulid"


def parse_type(cursor: Cursor, total: list[int], depth: int) -> Type:
    t = Type(cursor.u8())
    need(BOOL <= t.kind <= TIME, f"unknown kind {t.kind}")
    need(depth < 8 or t.kind not in (LIST, RECORD), "types nested more than 8 deep")
    if t.kind == LIST:
        t.number = cursor.varint()
        need(t.number <= MIB, "list above 1,048,576 elements")
        t.element = parse_type(cursor, total, depth + 1)
    elif t.kind == RECORD:
        t.fields = parse_fields(cursor, total, depth + 1)
        need(t.fields, "record without fields")
    elif t.kind == ENUM:
        count = cursor.varint()
        need(count <= 4096, "more than 4,096 symbols")
        t.symbols = [cursor.text() for _ in range(count)]
    elif t.kind == DECIMAL:
        t.number = cursor.u8()
        need(t.number <= 18, "decimal scale above 18")
    elif t.kind == FIXED:
        t.number = cursor.varint()
        need(1 <= t.number <= 64, "fixed size outside 1-64")
    return t


def parse_storage(cursor: Cursor, schema: Schema) -> None:
    cursor.text(1024)
    key_seen = False
    for f in schema.fields:
        f.encoding, f.step, f.slot = cursor.u8(), cursor.varint(), schema.slots
        cursor.text(1024)
        need(f.encoding <= KEY_MASK, f"unknown encoding {f.encoding}")
        need(f.step == 1 or f.step > 1 and f.encoding != PLAIN, f"step {f.step} of field {f.name}")
        if f.encoding == KEY_MASK:
            need(f.type.kind == LIST and f.type.element.kind in (I32, I64, U64) and 1 <= f.type.number <= 64,
                 f"key_mask on field {f.name}")
        elif f.encoding != PLAIN:
            need(f.type.kind in INTEGERS, f"integer encoding on field {f.name}")
        if f.encoding in (KEY_DELTA, KEY_MASK):
            need(key_seen, f"no key stands before field {f.name}")
            schema.slots += f.type.number if f.encoding == KEY_MASK else 1
        key_seen = key_seen or f.key
    cursor.finish("the storage section")


# ---- section 9: event records as stored

Event = namedtuple("Event", "seq type_id schema flags event_ns append_ns gsn values")


def fit(kind: int, x: int) -> int:
    """An integer sum, wrapped to 64 bits, as a value of its kind."""
    x = x & M64 if kind == U64 else s64(x)
    need(kind != I32 or -(1 << 31) <= x < 1 << 31, "i32 out of range")
    return x


def read_presence(cursor: Cursor, fields: list[Field]) -> list[bool]:
    optional = sum(f.optional for f in fields)
    bits = int.from_bytes(cursor.take((optional + 7) // 8), "little")
    need(bits >> optional == 0, "spare bits in a presence map")
    present = []
    for f in fields:
        present.append(not f.optional or bool(bits & 1))
        bits >>= f.optional
    return present


def read_compact(cursor: Cursor, t: Type) -> object:
    """The compact form; a record is a list with None for what is absent."""
    kind = t.kind
    if kind in INTEGERS:
        value = cursor.varint()
        return value if kind == U64 else fit(kind, unzigzag(value))
    if kind in (F64, F32):
        value = cursor.unpack(PACK[kind])[0]
        need(abs(value) < float("inf"), "float is not finite")
        return value
    if kind == BOOL:
        value = cursor.u8()
        need(value <= 1, "bool is neither 0 nor 1")
        return bool(value)
    if kind == STRING:
        return cursor.text()
    if kind == BYTES:
        return cursor.take(cursor.varint())
    if kind == FIXED:
        return cursor.take(t.number)
    if kind == ENUM:
        value = cursor.varint()
        need(value < len(t.symbols), f"enum index {value}")
        return value
    if kind == LIST:
        count = t.number or cursor.varint()
        need(count <= min(MIB, cursor.left()), f"list of {count} elements")
        return [read_compact(cursor, t.element) for _ in range(count)]
    present = read_presence(cursor, t.fields)
    return [read_compact(cursor, f.type) if here else None for f, here in zip(t.fields, present)]


def read_number(cursor: Cursor, step: int, unsigned: bool) -> int:
    """Number coding of encodings 1-5."""
    value = cursor.varint()
    if step > 1 and value:
        return (value - 1 if unsigned else unzigzag(value - 1)) * step
    value = value if step == 1 else cursor.varint()
    return value if unsigned else unzigzag(value)


class BatchDecoder:
    """The state of one batch: everything that differences refer to."""

    def __init__(self, raw: bytes, first_seq: int, schemas: dict[int, Schema]):
        self.cursor, self.seq, self.schemas = Cursor(raw), first_seq, schemas
        self.event_ns = self.append_ns = self.gsn = self.slots = 0
        self.previous: dict[tuple[int, int], int] = {}
        self.keys: dict[tuple[int, object], list[int]] = {}

    def event(self) -> Event:
        c = self.cursor
        tag = c.varint()
        type_id = tag >> 3
        schema = self.schemas.get(type_id)
        need(schema, f"no schema for type id {type_id}")
        flags = c.u8() if tag & 4 else 0
        need(flags < 64, f"flags {flags:#x}")
        if tag & 2:
            self.append_ns = s64(self.append_ns + c.varint())
        self.gsn = (self.gsn + 1 + (unzigzag(c.varint()) if tag & 1 else 0)) & M64
        self.event_ns = s64(self.event_ns + unzigzag(c.varint()))
        values, state = [], None
        for i, (f, here) in enumerate(zip(schema.fields, read_presence(c, schema.fields))):
            values.append(self.top_level(f, (type_id, i), state) if here else None)
            if f.key and schema.slots:
                state = self.key_state(type_id, values[-1], schema.slots)
        self.seq += 1
        return Event(self.seq - 1, type_id, schema, flags, self.event_ns, self.append_ns, self.gsn, values)

    def key_state(self, type_id: int, key: object, slots: int) -> list[int] | None:
        state = self.keys.get((type_id, key))
        if state is None and self.slots + slots <= MIB:
            self.slots += slots
            state = self.keys[type_id, key] = [0] * slots
        return state

    def top_level(self, f: Field, place: tuple[int, int], state: list[int] | None) -> object:
        c, kind = self.cursor, f.type.kind
        if f.encoding == PLAIN:
            return c.unpack(PACK[kind])[0] if kind in INTEGERS else read_compact(c, f.type)
        if f.encoding == KEY_MASK:
            return self.key_mask(f, state)
        number = read_number(c, f.step, f.encoding == VARINT and kind == U64)
        if f.encoding == DELTA:
            self.previous[place] = number = fit(kind, self.previous.get(place, 0) + number)
        elif f.encoding == EVENT_DELTA:
            number += self.event_ns
        elif f.encoding == KEY_DELTA and state is not None:
            state[f.slot] = number = fit(kind, state[f.slot] + number)
        return fit(kind, number)

    def key_mask(self, f: Field, state: list[int] | None) -> list[int]:
        n, kind = f.type.number, f.type.element.kind
        mask = int.from_bytes(self.cursor.take((n + 7) // 8), "little")
        need(mask >> n == 0, "spare bits in a key mask")
        values = state[f.slot:f.slot + n] if state is not None else [0] * n
        for i in range(n):
            if mask >> i & 1:
                values[i] = fit(kind, values[i] + read_number(self.cursor, f.step, False))
        if state is not None:
            state[f.slot:f.slot + n] = values
        return values


# ---- section 10: canonical bytes

def put_plain(out: bytearray, t: Type, value) -> None:
    if t.kind in PACK:
        out += struct.pack(PACK[t.kind], value)
    elif t.kind == RECORD:
        put_fields(out, list(zip(t.fields, value)))
    elif t.kind == FIXED:
        out += value
    else:
        value = value.encode() if t.kind == STRING else value
        out += struct.pack("<I", len(value))
        if t.kind == LIST:
            for element in value:
                put_plain(out, t.element, element)
        else:
            out += value


def put_fields(out: bytearray, pairs: list[tuple[Field, object]]) -> None:
    """Presence map of the optional fields, then what is present."""
    here = [value is not None for f, value in pairs if f.optional]
    out += sum(bit << i for i, bit in enumerate(here)).to_bytes((len(here) + 7) // 8, "little")
    for f, value in pairs:
        if value is not None:
            put_plain(out, f.type, value)


def canonical(event: Event) -> tuple[bytes, bytes]:
    """Stable and volatile part. Each length counts its part whole, with the length itself."""
    pairs = list(zip(event.schema.fields, event.values))
    stable = bytearray(4) + struct.pack("<HBB", event.schema.version, event.flags, 0)
    stable += event.schema.digest[:8] + struct.pack("<q", event.event_ns)
    volatile = bytearray(4) + struct.pack("<qQ", event.append_ns, event.gsn)
    put_fields(stable, [p for p in pairs if not p[0].volatile])
    put_fields(volatile, [p for p in pairs if p[0].volatile])
    need(len(stable) + len(volatile) <= 8 * MIB, "event above 8 MiB")
    for part in (stable, volatile):
        struct.pack_into("<I", part, 0, len(part))
    return bytes(stable), bytes(volatile)


# ---- section 11: leaves and roots

def root(leaves: list[bytes]) -> bytes:
    while len(leaves) > 1:
        pairs = [sha(b"\1", *leaves[i:i + 2]) for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(pairs) * 2:]
    return leaves[0] if leaves else ZERO32


class Leaves:
    """(identity, logical) leaf of every run of 1,024 events seen whole, and of the unfinished run."""

    def __init__(self) -> None:
        self.done: dict[int, tuple[bytes, bytes]] = {}
        self.next, self.whole = 1, True
        self.stable, self.volatile = hashlib.sha256(), hashlib.sha256()

    def add(self, seq: int, stable: bytes, volatile: bytes) -> None:
        if seq % LEAF == 1:
            self.stable, self.volatile, self.whole = hashlib.sha256(), hashlib.sha256(), True
        self.whole = self.whole and (seq == self.next or seq % LEAF == 1)
        self.stable.update(stable)
        self.volatile.update(volatile)
        self.next = seq + 1
        if seq % LEAF == 0 and self.whole:
            self.done[seq // LEAF - 1] = self.leaf()

    def leaf(self) -> tuple[bytes, bytes]:
        s, v = self.stable.digest(), self.volatile.digest()
        return sha(b"\0", s, v), sha(b"\0", s)

    def partial(self) -> tuple[bytes, bytes] | None:
        if (self.next - 1) % LEAF == 0:
            return ZERO32, ZERO32
        return self.leaf() if self.whole else None

    def roots(self) -> tuple[str | None, str | None]:
        """Content roots of the log, or None where events are missing."""
        count, partial = (self.next - 1) // LEAF, self.partial()
        if partial is None or any(i not in self.done for i in range(count)):
            return None, None
        leaves = [self.done[i] for i in range(count)] + ([partial] if (self.next - 1) % LEAF else [])
        return root([p[0] for p in leaves]).hex(), root([p[1] for p in leaves]).hex()


# ---- sections 4 and 5: segment header and blocks

HEADER = struct.Struct("<8sHHIII16sQQQQqq16sQQQQ32sIIII20sI64sII216sQ")
Header = namedtuple("Header", "magic major minor header_len compatible incompatible log_id ordinal base_seq "
                    "writer_epoch salt wall mono boot_id pred_seq pred_hash pred_end pred_salt schemas codec codec_version checksum "
                    "checksum_version build build_flags name event_max batch_max reserved copy_hash id")
BLOCK_HEADER = struct.Struct("<IIIHHQQQQQIIIIqqqqQQQ")
Block = namedtuple("Block", "skippable skippable_len magic kind flags header_hash stored_hash raw_hash link first_seq "
                   "count stored_len raw_len epoch first_append last_append min_event max_event durable_seq types last_gsn "
                   "offset end")
Gap = namedtuple("Gap", "offset end reason block")  # bytes that do not verify; `block` if at least its header does


def parse_header(page: bytes) -> tuple[Header | None, list[str]]:
    """The first copy that holds, and what is wrong with the page."""
    copies = [page[8:512], page[2048:2552]]
    good = [len(c) == 504 and c[:8] == b"LOTUSSEG" and HEADER.unpack(c)[-1] == xxh3(c[:496], 0x4C4F545553484452 + at)
            for c, at in zip(copies, (8, 2048))]
    if not any(good):
        return None, ["no copy of the segment header verifies"]
    copy = copies[good.index(True)]
    h = Header(*HEADER.unpack(copy), 0)
    h = h._replace(id=xxh3(copy[:496], h.salt))
    if h.major != 1 or h.incompatible or (h.codec, h.checksum, h.header_len) != (1, 1, 504):
        raise Unreadable(f"segment needs a newer reader: format {h.major}.{h.minor}, incompatible flags "
                         f"{h.incompatible:#x}, codec {h.codec}, checksum {h.checksum}, header length {h.header_len}")
    name, size = h.name[1:], h.name[0]
    checks = [(all(good), "one copy of the header does not verify"),
              (not all(good) or copies[0][:496] == copies[1][:496], "copies of the header differ"),
              (page[:8] == struct.pack("<II", 0x184D2A50, 4088), "skippable frame of the header"),
              (len(page) == HEADER_PAGE and not any(page[512:2048] + page[2552:]), "non-zero bytes around the header"),
              (h.minor or not any(h.reserved), "reserved bytes of the header"),
              (re.fullmatch(rb"[a-z0-9_-]{1,63}", name[:size]) and not any(name[size:]), "name of the log"),
              (h.event_max <= 8 * MIB and h.batch_max <= 16 * MIB, "limits in the header")]
    return h, [what for ok, what in checks if not ok]


def read_block(data: bytes, at: int, salt: int) -> Block:
    """A block header at `at`; its hash is checked before anything else is believed."""
    head = data[at:at + BLOCK]
    need(len(head) == BLOCK, f"only {len(head)} bytes left for a block header")
    seed = salt ^ (at * GOLDEN & M64)
    b = Block(*BLOCK_HEADER.unpack(head), at, at + BLOCK)
    need(b.magic == LBLK, "no block here")
    need(b.header_hash == xxh3(head[:16] + bytes(8) + head[24:], seed), "header_hash does not hold")
    return b._replace(end=at + BLOCK + b.stored_len)


def check_block(data: bytes, b: Block, salt: int) -> None:
    """Everything a block says about itself (sections 5 and 16)."""
    seed, batch = salt ^ (b.offset * GOLDEN & M64), b.kind == BATCH
    need(b.kind in SKIPPABLE and b.skippable == SKIPPABLE[b.kind] and b.flags == 0, "kind, magic or flags of a block")
    need(b.skippable_len == (120 if batch else 120 + b.stored_len), "skippable_len of a block")
    need(b.end <= len(data), "block reaches past the end")
    stored = data[b.offset + BLOCK:b.end]
    need(b.stored_hash == xxh3(stored, seed), "stored_hash does not hold")
    if batch:
        need(1 <= b.count <= MIB, f"batch of {b.count} events")
        need(b.raw_len <= 16 * MIB and b.stored_len <= 16 * MIB + (64 << 10), "batch above its limit")
        need(b.raw_hash == xxh3(decompress(stored, b.raw_len), seed), "raw_hash does not hold")
    else:
        need(b.raw_hash == b.stored_hash and b.raw_len == b.stored_len, "raw hash or length of a block")
        need(not any((b.count, b.first_append, b.last_append, b.min_event, b.max_event, b.types, b.last_gsn)),
             "batch fields in a block that is none")
        need(b.kind != MARK or b.stored_len == 0, "mark with a payload")


def decompress(stored: bytes, raw_len: int) -> bytes:
    """One LZ4 frame without dictionary, exactly (section 3)."""
    need(len(stored) >= 7 and stored[:4] == struct.pack("<I", FRAME) and not stored[4] & 1, "no LZ4 frame")
    decoder = lz4.frame.LZ4FrameDecompressor()
    try:
        raw = decoder.decompress(stored, max_length=raw_len + 1)
    except (RuntimeError, ValueError, EOFError) as error:
        raise Bad(f"LZ4: {error}") from None
    need(decoder.eof and not decoder.unused_data and len(raw) == raw_len, "LZ4 frame of another length")
    return raw


def find_block(data: bytes, at: int, salt: int) -> int:
    """Section 18.4: the next offset where magic and header_hash hold, or the end."""
    while (found := data.find(struct.pack("<I", LBLK), at + 8)) >= 0:
        at = found - 8
        try:
            return read_block(data, at, salt).offset
        except Bad:
            at += 1
    return len(data)


def check_padding(data: bytes, at: int) -> None:
    """Padding frames of zeros up to the end of the file (section 3)."""
    while at < len(data):
        need(len(data) - at >= 8, "cut padding")
        magic, size = struct.unpack_from("<II", data, at)
        need(magic == PADDING and size <= len(data) - at - 8, "padding frame does not fit")
        need(data.count(0, at + 8, at + 8 + size) == size, "padding is not zero")
        at += 8 + size


def scan(data: bytes, salt: int) -> Iterator[Block | Gap]:
    """Blocks of a segment that verify, and the gaps between them."""
    at = HEADER_PAGE
    while at < len(data):
        block = None
        try:
            if data[at:at + 4] == struct.pack("<I", PADDING):
                return check_padding(data, at)
            block = read_block(data, at, salt)
            check_block(data, block, salt)
            yield block
            at = block.end
        except Bad as bad:
            gap = Gap(at, find_block(data, at + 1, salt), str(bad), block)
            yield gap
            at = gap.end


# ---- sections 12 and 13: MANIFEST and COMMIT

class Manifest:
    """The decisions of a log; without a MANIFEST, made of no bytes."""
    FORMS = {2: "<QqI20s", 3: "<QQQ", 5: "<QQQQ32s", 6: "<QQQQQ"}

    def __init__(self, data: bytes):
        self.findings: list[tuple[str, str]] = []
        self.log_id, self.name, self.epoch = None, None, 0
        self.segments: dict[int, tuple[int, int]] = {}  # ordinal: base_seq, salt
        self.types: dict[int, Schema] = {}
        self.sealed: dict[int, tuple[int, int, int, bytes]] = {}  # ordinal: base_seq, last_seq, file_size, chain_head
        self.closed: list[tuple[int, int, int, int, int]] = []
        at = link = number = 0
        while at < len(data):
            try:
                kind, hash_, back, payload = self.record(data, at)
                need(link is None or back == link, "link")
                need((kind == 1) == (number == 0), "`created` must be the first record, and only that")
                self.take(kind, Cursor(payload))
            except Bad as bad:
                end = at + 1
                while (end := data.find(b"LMAN", end)) >= 0 and not self.verifies(data, end):
                    end += 1
                self.findings.append((SOFT if end < 0 and not self.verifies(data, at) else "manifest",
                                      f"record at {at}: {bad}"))
                at, link = (end, None) if end >= 0 else (len(data), None)
            else:
                at, link = at + 32 + len(payload), hash_
            number += 1
        self.intact = number > 0 and not self.findings  # so that what it does not say is not so

    def closed_end(self, ordinal: int) -> int:
        """Up to where a clean close vouches for the bytes of a segment (section 17)."""
        return max((end for _, o, _, _, end in self.closed if o == ordinal), default=0)

    def schema_sets(self) -> set[bytes]:
        """schema_set_digest (section 4) of every state this MANIFEST went through."""
        digests = [schema.digest for schema in self.types.values()]
        return {sha(*digests[:n]) for n in range(len(digests) + 1)}

    def record(self, data: bytes, at: int) -> tuple[int, int, int, bytes]:
        head = data[at:at + 32]
        need(len(head) == 32, "cut short")
        magic, kind, zero, size, zero2, hash_, link = struct.unpack("<IHHIIQQ", head)
        payload = data[at + 32:at + 32 + size]
        need(magic == LMAN and size <= MIB and len(payload) == size, "header")
        need(hash_ == xxh3(head[:16] + bytes(8) + head[24:] + payload, at * GOLDEN), "hash does not hold")
        need(zero == zero2 == 0, "reserved fields")
        return kind, hash_, link, payload

    def verifies(self, data: bytes, at: int) -> bool:
        try:
            return bool(self.record(data, at))
        except Bad:
            return False

    def take(self, kind: int, c: Cursor) -> None:
        values = c.unpack(self.FORMS[kind]) if kind in self.FORMS else ()
        if kind == 1:
            self.log_id, self.name = c.take(16), c.text()
        elif kind == 2:
            need(values[0] >= self.epoch, "epoch goes back")
            self.epoch = values[0]
        elif kind == 3:
            self.segments[values[0]] = values[1:]
        elif kind == 4:
            type_id, schema = c.unpack("<H")[0], parse_schema(c.take(c.left()))
            need(type_id == len(self.types) + 1, f"type id {type_id} out of order")
            need(all((s.name, s.version) != (schema.name, schema.version) for s in self.types.values()),
                 f"{schema.name} version {schema.version} registered twice")
            self.types[type_id] = schema
        elif kind == 5:
            self.sealed[values[0]] = values[1:]
        elif kind == 6:
            self.closed.append(values)
        elif kind == 7:
            c.unpack("<q"), c.text()
        elif kind == 8:
            ordinal, offset, _ = c.unpack("<QQQ")
            c.text()
            if offset == 0:
                self.segments.pop(ordinal, None)  # set aside whole (section 17)
        else:
            return
        c.finish(f"the payload of kind {kind}")


Commit = namedtuple("Commit", "log_id epoch lock w_ordinal w_end w_seq d_ordinal d_end d_seq last_hash beat pid zero hash")


def parse_commit(page: bytes) -> Commit:
    need(len(page) == 4096 and page[:12] == b"LOTUSCMT" + struct.pack("<I", 1), "size, magic or version")
    c = Commit(*struct.unpack_from("<16sQQQQQQQQQqIIQ", page, 24))
    need(c.hash == xxh3(page[24:48] + page[56:128], 0), "hash does not hold")
    return c


def has_writer(directory: Path, commit: Commit) -> bool:
    """Does the writer that COMMIT names hold LOCK? Asked of the kernel, since to take the lock could disturb a writer."""
    try:
        inode = os.stat(directory / "LOCK").st_ino
        locks = [line.split() for line in Path("/proc/locks").read_text().splitlines()]
    except OSError:
        return False
    return any(f[1] == "FLOCK" and f[4] == str(commit.pid) and f[5].endswith(f":{inode}") for f in locks if len(f) > 5)


# ---- sections 17 and 18: walking a log

def read_file(path: Path, end: int | None = None) -> bytes:
    """A read error is tried once more and then passed on: it is not an end of the log."""
    for last in (False, True):
        try:
            with open(path, "rb") as file:
                return file.read() if end is None else file.read(end)
        except FileNotFoundError:
            raise
        except OSError:
            if last:
                raise


class Segment:
    def __init__(self, path: Path, end: int | None, manifest: Manifest):
        self.path, self.end, self.name = path, end, path.name
        self.named = int(path.stem) if re.fullmatch(r"\d{20}", path.stem) else None
        data = self.data()
        self.size = len(data)
        self.header, self.problems = parse_header(data[:HEADER_PAGE])
        if self.size > 1 << 30:
            self.problems.append("segment above 1 GiB")
        self.salt = self.header.salt if self.header else None
        if self.header is None:
            self.salt = next((salt for base, salt in manifest.segments.values() if base == self.named), None)
        self.items = list(scan(data, self.salt)) if self.header else []
        self.base = self.header.base_seq if self.header else self.named or 0
        # filled while walking
        self.hurt, self.sealed = False, False
        self.schemas: set[int] = set()
        self.entries: list[bytes] = []
        self.counts: Counter[int] = Counter()
        self.index: tuple[int, list[bytes]] | None = None

    def data(self) -> bytes:
        return read_file(self.path, self.end)

    def blocks(self) -> list[Block]:
        return [item for item in self.items if isinstance(item, Block)]


Tail = namedtuple("Tail", "ordinal hash end salt")  # how a segment ends; hash None: unknown


class Log:
    """One log, read and verified in one pass; what is readable goes to the two callbacks."""

    def __init__(self, paths: list[Path], directory: Path | None,
                 on_batch: Callable[[bytes], None] | None = None,
                 on_event: Callable[[Event, bytes, bytes], None] | None = None):
        self.on_batch, self.on_event, self.whole = on_batch, on_event, directory is not None
        self.findings: list[dict] = []
        self.expected, self.epoch, self.last_append = 1, 0, -(1 << 63)
        m, commit = self.open_files(directory) if directory else (Manifest(b""), None)
        self.manifest = m
        self.segments = [Segment(p, None, m) for p in paths]
        if commit and commit.pid and has_writer(directory, commit):  # section 18.5: not past the mark
            ordinals = [s.header.ordinal if s.header else commit.w_ordinal + 1 for s in self.segments]
            self.segments = [Segment(s.path, commit.w_end, m) if o == commit.w_ordinal else s
                             for s, o in zip(self.segments, ordinals) if o <= commit.w_ordinal]
        self.durable = max([0, commit.d_seq if commit else 0,
                            *(c[2] for c in m.closed), *(c[1] for c in m.sealed.values()),
                            *(b.durable_seq for s in self.segments for b in s.blocks())])
        self.log_id = m.log_id or next((s.header.log_id for s in self.segments if s.header), None)
        self.types = dict(m.types)
        self.leaves, self.events, self.first, self.last = Leaves(), 0, 0, 0
        self.link: int | None = None  # hash of the block before; None: unknown
        self.tail: Tail | None = None  # of the predecessor
        self.chain: bytes | None = ZERO32  # head of the predecessor; None: unknown
        self.head = ZERO32  # head of the last seal seen

    def open_files(self, directory: Path) -> tuple[Manifest, Commit | None]:
        manifest, commit, reason = Manifest(b""), None, None
        try:
            manifest = Manifest(read_file(directory / "MANIFEST"))
            if manifest.log_id is None:  # torn it cannot be: it got its name when that record was safe
                manifest.findings = [("manifest", "does not begin with the record that names the log")]
                manifest.intact = False
        except FileNotFoundError:
            manifest.findings = [("manifest", "is missing although there are segments")]
        for kind, detail in manifest.findings:
            self.find("MANIFEST", kind, detail)
        for _ in range(3):  # a writer may be changing the page
            try:
                commit = parse_commit(read_file(directory / "COMMIT"))
                break
            except FileNotFoundError:
                return manifest, None
            except Bad as bad:
                reason = bad
        if commit is None or manifest.log_id not in (None, commit.log_id):
            note(f"COMMIT is ignored: {'it belongs to another log' if commit else reason}")
            return manifest, None
        return manifest, commit

    def find(self, name: str, kind: str, detail: str, last: int | None = None) -> None:
        """Notes a finding at the next seq; with `last`, that the events up to it are missing."""
        first, last = self.expected, self.expected - 1 if last is None else last
        self.findings.append({"segment": name, "first_seq": first, "last_seq": last, "kind": kind, "detail": detail})
        note(f"{name}: {kind}: {detail}" + (f" (events {first} to {last})" if last >= first else ""))

    def run(self) -> None:
        for segment, after in zip(self.segments, [*self.segments[1:], None]):
            verdict = self.enter(segment, after)
            if verdict == READ:
                verdict = self.walk(segment, after)
            if verdict == STOP:
                break
        if self.expected <= self.durable:
            name = self.segments[-1].name if self.segments else "MANIFEST"
            self.find(name, "missing", f"the log ends before its durable mark {self.durable}", last=self.durable)
        self.check_manifest()

    def enter(self, segment: Segment, after: Segment | None) -> int:
        """Header against file name, MANIFEST and predecessor (sections 4 and 17)."""
        h, m = segment.header, self.manifest
        if h is None or h.log_id != self.log_id:
            torn = (h is None and after is None and self.whole and segment.size <= HEADER_PAGE
                    and segment.base > self.durable)
            last = after.base - 1 if after else max(self.durable, segment.base - 1)
            detail = segment.problems[0] if h is None else "segment of another log"
            self.find(segment.name, SOFT if torn else "header", detail, last=None if torn else last)
            if not torn:
                self.expected, self.chain = max(self.expected, last + 1), None
                self.tail = self.tail and self.tail._replace(ordinal=self.tail.ordinal + 1, hash=None)
            return STOP if torn else SKIP
        wrong = self.misfit(h)
        if wrong and self.tail and after is None and (not segment.items or h.ordinal not in m.segments):
            self.find(segment.name, SOFT, f"unfinished roll: {wrong}")
            return STOP
        listed = m.segments.get(h.ordinal, None if after else (h.base_seq, h.salt))
        checks = [("predecessor", not wrong, wrong),
                  ("header", segment.named in (None, h.base_seq), f"base_seq is {h.base_seq}"),
                  ("manifest", not m.intact or listed == (h.base_seq, h.salt), "MANIFEST lists no such segment"),
                  ("manifest", m.name in (None, h.name[1:1 + h.name[0]].decode(errors="replace")), "name of the log"),
                  ("header", not m.intact or h.schemas in m.schema_sets(), "schema_set_digest fits no MANIFEST state"),
                  ("epoch", h.writer_epoch & 0xFFFFFFFF >= self.epoch, "epoch of the segment goes back"),
                  *(("header", False, problem) for problem in segment.problems)]
        for kind, ok, detail in checks:
            if not ok:
                self.find(segment.name, kind, detail)
        if h.base_seq > self.expected and (self.whole or self.tail):
            self.find(segment.name, "missing", "events before this segment are missing", last=h.base_seq - 1)
        if h.ordinal != (self.tail.ordinal + 1 if self.tail else 0):
            self.chain = None
        self.expected, self.link = max(self.expected, h.base_seq), h.id
        return READ

    def misfit(self, h: Header) -> str:
        """Why a segment does not follow the one before, or "" (section 4)."""
        if self.tail is None:
            if h.ordinal == 0:
                fine = (h.base_seq, h.pred_seq, h.pred_hash, h.pred_end, h.pred_salt) == (1, 0, 0, 0, 0)
                return "" if fine else "predecessor fields of the first segment"
            return f"segment {h.ordinal} has no predecessor" if self.whole else ""
        before = self.tail
        if h.ordinal != before.ordinal + 1:
            return f"ordinal {h.ordinal} follows {before.ordinal}"
        if h.pred_seq != h.base_seq - 1 or h.base_seq < self.expected:
            return f"base_seq {h.base_seq}, predecessor_last_seq {h.pred_seq}, last event read {self.expected - 1}"
        if before.hash is not None and (h.pred_hash, h.pred_end, h.pred_salt) != before[1:]:
            return "predecessor does not end as the header says"
        return ""

    def walk(self, segment: Segment, after: Segment | None) -> int:
        """The blocks of one segment in order."""
        data, h = segment.data(), segment.header
        tail = Tail(h.ordinal, h.id, HEADER_PAGE, h.salt)
        for i, item in enumerate(segment.items):
            if isinstance(item, Gap):
                if self.gap(segment, item, segment.items[i + 1:], after) == STOP:
                    return STOP
                tail = tail._replace(hash=None)
                continue
            self.block(segment, item, data)
            if item.kind in (BATCH, SCHEMA, MARK):
                tail = tail._replace(hash=item.header_hash, end=item.end)
        if segment.sealed and segment.items[-1].end != segment.size:
            self.find(segment.name, "seal", "bytes behind the seal")
        if not segment.sealed:
            self.chain = None
            if segment.index and not segment.hurt:
                self.find(segment.name, "seal", "index without a seal")
        self.tail = tail
        return READ

    def gap(self, segment: Segment, gap: Gap, rest: list[Block | Gap], after: Segment | None) -> int:
        """Bytes that do not verify: torn tail, damaged seal, or lost events (section 17)."""
        claim = self.manifest.sealed.get(segment.header.ordinal)
        next_header, block = after.header if after else None, gap.block
        where, whole = f"{gap.reason} at {gap.offset}", (
            segment.index or next_header and gap.offset == next_header.pred_end or claim and claim[1] < self.expected)
        segment.hurt = True
        self.link = block.header_hash if block else None
        vouched = gap.offset < self.manifest.closed_end(segment.header.ordinal)
        if not whole and self.expected > self.durable and not vouched:
            self.find(segment.name, SOFT, where)
            return STOP
        following = next(filter(None, (x if isinstance(x, Block) else x.block for x in rest)), None)
        end = (self.expected if whole else block.first_seq + block.count if block else following.first_seq if following
               else next_header.base_seq if next_header else self.durable + 1)
        self.find(segment.name, "seal" if whole else "block", where, last=end - 1)
        self.expected = max(self.expected, end)
        return READ

    def block(self, segment: Segment, b: Block, data: bytes) -> None:
        """A block that verifies, in its place (sections 5 and 18.3), then its payload."""
        payload = data[b.offset + BLOCK:b.end]
        checks = [("link", self.link in (None, b.link), "link is not the hash of the block before"),
                  ("seq", b.first_seq == self.expected, f"first_seq is {b.first_seq}"),
                  ("epoch", b.epoch >= max(self.epoch, segment.header.writer_epoch & 0xFFFFFFFF), "epoch goes back"),
                  ("seq", b.kind in (INDEX, SEAL) or b.durable_seq < b.first_seq, f"durable_seq is {b.durable_seq}"),
                  ("seal", not segment.sealed and (b.kind == SEAL or not segment.index),
                   "block behind the index or the seal")]
        for kind, ok, detail in checks:
            if not ok:
                self.find(segment.name, kind, f"block at {b.offset}: {detail}", last=max(self.expected, b.first_seq) - 1)
                self.expected, segment.hurt = max(self.expected, b.first_seq), True
        self.link = b.header_hash
        if b.kind in (BATCH, SCHEMA, MARK):
            self.epoch = max(self.epoch, b.epoch)
        try:
            if b.kind == BATCH:
                self.batch(segment, b, decompress(payload, b.raw_len))
            elif b.kind == SCHEMA:
                self.schema(segment, payload)
            elif b.kind == INDEX:
                self.take_index(segment, b, payload)
            elif b.kind == SEAL:
                self.seal(segment, b, payload, data)
        except Bad as bad:
            names = {BATCH: "event", SCHEMA: "schema", INDEX: "index", SEAL: "seal"}
            last = b.first_seq + b.count - 1 if b.kind == BATCH else None
            self.find(segment.name, names[b.kind], f"block at {b.offset}: {bad}", last=last)
            self.expected = max(self.expected, (last or 0) + 1)
            segment.hurt = True

    def schema(self, segment: Segment, payload: bytes) -> None:
        cursor = Cursor(payload)
        type_id, schema = cursor.unpack("<H")[0], parse_schema(cursor.take(cursor.left()))
        need(type_id >= 1, "type id 0")
        segment.schemas.add(type_id)
        known = self.types.setdefault(type_id, schema)
        need(known.description == schema.description, f"type id {type_id} is described in two ways")
        need(not self.manifest.intact or type_id in self.manifest.types, f"type id {type_id} is not in MANIFEST")

    def batch(self, segment: Segment, b: Block, raw: bytes) -> None:
        """Events of a batch against its header (sections 5 and 9)."""
        if b.first_seq < self.expected:
            return  # reported already; these numbers have been given out
        if self.on_batch:
            self.on_batch(raw)
        segment.entries.append(struct.pack("<QQIIqqqqQ", b.offset, b.first_seq, b.count, b.raw_len, b.first_append,
                                           b.last_append, b.min_event, b.max_event, b.types))
        decoder, problems = BatchDecoder(raw, b.first_seq, self.types), set()
        times, appends, bitmap = [], [], 0
        for _ in range(b.count):
            event = decoder.event()
            stable, volatile = canonical(event)
            if event.type_id not in segment.schemas and not segment.hurt:
                problems.add(f"no schema block before type id {event.type_id}")
            if event.append_ns < self.last_append:
                problems.add("append_ns goes back")
            self.last_append = event.append_ns
            segment.counts[event.type_id] += 1
            bitmap |= 1 << event.type_id % 64
            times.append(event.event_ns)
            appends.append(event.append_ns)
            self.leaves.add(event.seq, stable, volatile)
            self.events, self.first, self.last = self.events + 1, self.first or event.seq, event.seq
            self.expected = event.seq + 1
            if self.on_event:
                self.on_event(event, stable, volatile)
        decoder.cursor.finish("the last event")
        told = (b.first_append, b.last_append, b.min_event, b.max_event, b.types, b.last_gsn)
        if told != (appends[0], appends[-1], min(times), max(times), bitmap, decoder.gsn):
            problems.add("times, types or gsn of the batch header are not those of its events")
        need(not problems, "; ".join(sorted(problems)))

    def take_index(self, segment: Segment, b: Block, payload: bytes) -> None:
        """Index payload against the batches (section 6)."""
        c = Cursor(payload)
        first_leaf, batches, leaf_count, types, zero = c.unpack("<QIIII")
        need(c.left() == 64 * (batches + leaf_count) + 16 * types and zero == 0, "counts of the index")
        entries, leaves, table = c.take(64 * batches), c.take(64 * leaf_count), c.take(16 * types)
        segment.index = b.offset, [leaves[i:i + 32] for i in range(0, len(leaves), 32)]
        if segment.hurt:
            return
        base = segment.base - 1
        need((first_leaf, leaf_count) == (base // LEAF, (self.expected - 1) // LEAF - base // LEAF), "leaf range")
        need(entries == b"".join(segment.entries), "batch directory does not agree with the batches")
        need(table == b"".join(struct.pack("<HHIQ", t, 0, 0, n) for t, n in sorted(segment.counts.items())),
             "type table does not agree with the events")
        for i in range(leaf_count):
            mine = self.leaves.done.get(first_leaf + i)
            need(mine in (None, (leaves[64 * i:64 * i + 32], leaves[64 * i + 32:64 * i + 64])),
                 f"leaf {first_leaf + i} is not that of its events")

    def seal(self, segment: Segment, b: Block, payload: bytes, data: bytes) -> None:
        """Seal payload against index, events, bytes and predecessor (sections 6 and 11)."""
        segment.sealed = True
        need(len(payload) == 264, "length of the seal")
        (events, last_seq, batches, data_end, identity, logical, part_identity, part_logical, part_count, zero,
         storage, before, head) = struct.unpack("<QQQQ32s32s32s32sII32s32s32s", payload)
        h, known = segment.header, self.chain
        self.chain = self.head = head
        need(head == sha(b"LOTUSCHN", before, h.log_id, struct.pack("<QQQ", h.ordinal, h.base_seq, last_seq), identity,
                         logical, part_identity, part_logical, storage), "chain_head does not hold")
        need(known in (None, before), "previous_chain_head is not the chain_head before")
        need(part_count == last_seq % LEAF and zero == 0, "partial_count or reserved field")
        if segment.index:
            leaves = segment.index[1]
            need((identity, logical, data_end) == (root(leaves[::2]), root(leaves[1::2]), segment.index[0]),
                 "roots or data_end do not agree with the index")
        if segment.hurt:
            return
        need(segment.index, "seal without an index")
        need((events, last_seq, batches) == (segment.counts.total(), self.expected - 1, len(segment.entries)),
             "counts do not agree with the events")
        need(self.leaves.partial() in (None, (part_identity, part_logical)) or self.leaves.next != last_seq + 1,
             "leaf of the unfinished run")
        need(storage == sha(data[:b.offset]), "storage_digest does not hold")
        claim = self.manifest.sealed.get(h.ordinal)
        need(claim in (None, (h.base_seq, last_seq, b.end, head)), "MANIFEST tells another seal")

    def check_manifest(self) -> None:
        """What MANIFEST promises and the segments do not hold (section 12)."""
        m = self.manifest
        here = {s.header.ordinal: s for s in self.segments if s.header}
        for ordinal, (base, _) in m.segments.items():
            if ordinal not in here and base not in [s.base for s in self.segments if s.header is None]:
                self.find("MANIFEST", "manifest", f"segment {ordinal} from {base} is missing")
        for ordinal in m.sealed:
            if ordinal in here and not here[ordinal].sealed and not here[ordinal].hurt:
                self.find(here[ordinal].name, "seal", "MANIFEST calls this segment sealed, but it has no seal")
        for _, ordinal, last_seq, last_hash, end in m.closed:
            if (s := here.get(ordinal)) and not s.hurt:
                ends = {(b.first_seq + b.count - 1, b.header_hash, b.end) for b in s.blocks()}
                if (last_seq, last_hash, end) not in ends | {(s.base - 1, s.header.id, HEADER_PAGE)}:
                    self.find(s.name, "manifest", f"no block ends as MANIFEST says of the close after event {last_seq}")

    def status(self) -> str:
        if any(f["kind"] != SOFT for f in self.findings):
            return "damaged"
        return SOFT if self.findings else "clean"

    def summary(self) -> dict:
        identity, logical = self.leaves.roots()
        return {"status": self.status(), "events": self.events, "first_seq": self.first, "last_seq": self.last,
                "chain_head": self.head.hex(), "identity_root": identity, "logical_root": logical,
                "damage": self.findings}


# ---- JSON text of an event

def iso(ns: int) -> str:
    seconds, rest = divmod(ns, 10**9)
    return f"{(datetime(1970, 1, 1) + timedelta(seconds=seconds)).isoformat()}.{rest:09}Z"


def float_text(value: float) -> str:
    mantissa, _, exponent = repr(value).partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def f32_text(value: float) -> str:
    """The shortest decimal that is this f32 when rounded; beside powers of two it may be the next one up."""
    for digits in range(1, 10):
        near = decimal.Decimal(f"{abs(value):.{digits - 1}e}")
        for candidate in (near, decimal.Context(prec=digits).next_plus(near)):
            try:
                if struct.unpack("<f", struct.pack("<f", float(candidate)))[0] == abs(value):
                    return ("-" if str(value)[0] == "-" else "") + float_text(float(candidate))
            except OverflowError:
                continue
    return float_text(value)


def decimal_text(value: int, scale: int) -> str:
    digits = f"{abs(value):0{scale + 1}}"
    return ("-" if value < 0 else "") + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def json_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def json_record(fields: list[Field], values: list) -> str:
    members = [f"{json_string(f.name)}:{json_value(f.type, v)}" for f, v in zip(fields, values) if v is not None]
    return "{" + ",".join(members) + "}"


def ulid_text(value: bytes) -> str:
    """The 26 characters of Crockford's base 32."""
    bits = int.from_bytes(value, "big")
    return "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> 5 * place & 31] for place in reversed(range(26)))


def json_value(t: Type, value) -> str:
    match t.kind:
        case 1: return "true" if value else "false"
        case 2 | 3 | 11: return str(value)
        case 4: return float_text(value)
        case 10: return f32_text(value)
        case 5: return json_string(value)
        case 13 if t.is_ulid: return f'"{ulid_text(value)}"'
        case 6 | 13: return f'"{base64.b64encode(value).decode()}"'
        case 7: return "[" + ",".join(json_value(t.element, v) for v in value) + "]"
        case 8: return json_record(t.fields, value)
        case 9: return json_string(t.symbols[value])
        case 12: return f'"{decimal_text(value, t.number)}"'
        case _: return f'"{iso(value)}"'


def json_event(e: Event) -> str:
    return (f'{{"seq":{e.seq},"type":{json_string(e.schema.name)},"version":{e.schema.version},"event_ts":"'
            f'{iso(e.event_ns)}","append_ts":"{iso(e.append_ns)}","data":{json_record(e.schema.fields, e.values)}}}\n')


# ---- command line

def note(text: str) -> None:
    print(f"lotus_reader: {text}", file=sys.stderr)


def find_logs(path: Path) -> list[tuple[str, list[Path], Path | None]]:
    """(name, segments, directory) of every log at `path` (section 2)."""
    if path.is_file():
        return [(path.stem, [path], None)]
    if not path.is_dir():
        raise Unreadable(f"{path}: no such file or directory")

    def log(directory: Path) -> list[tuple[str, list[Path], Path]]:
        segments = sorted(p for p in directory.iterdir() if re.fullmatch(r"\d{20}\.seg", p.name))
        found = segments or (directory / "MANIFEST").exists()
        return [(directory.name, segments, directory)] if found else []

    logs = log(path) or [found for d in sorted(path.iterdir()) if d.is_dir() for found in log(d)]
    if not logs:
        raise Unreadable(f"{path}: neither a segment, nor a log, nor a directory of logs")
    return logs


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="lotus_reader.py", description="Reads Lotus logs (format 1.0). PATH is a segment, a log directory or a "
        "directory of log directories. Damage is reported on standard error, and reading goes on behind it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="examples:\n  lotus_reader.py ndjson logs/orders | head\n  lotus_reader.py verify logs/orders\n"
               "  lotus_reader.py canonical logs/orders | sha256sum\n"
               "  lotus_reader.py raw logs/orders/00000000000000000001.seg | cmp - <(lz4 -dc SAME.seg)\n\n"
               "exit status: 0 clean or torn tail, 2 damaged, 1 cannot read\n"
               "For a directory of logs they are read in order of their names, and verify prints a line for each.")
    helps = {"ndjson": "one JSON object for each event", "verify": "check everything; print one JSON object",
             "canonical": "canonical bytes of the events", "raw": "raw bytes of the batches, as lz4 -dc prints them"}
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command, text in helps.items():
        commands.add_parser(command, help=text, description=text).add_argument("path", metavar="PATH", type=Path)
    options = parser.parse_args(arguments)
    out, damaged = sys.stdout.buffer, False
    callbacks: dict[str, dict] = {
        "ndjson": {"on_event": lambda event, stable, volatile: out.write(json_event(event).encode())},
        "canonical": {"on_event": lambda event, stable, volatile: out.write(stable + volatile)},
        "raw": {"on_batch": out.write}, "verify": {}}
    try:
        for name, paths, directory in find_logs(options.path):
            log = Log(paths, directory, **callbacks[options.command])
            log.run()
            damaged = damaged or log.status() == "damaged"
            if options.command == "verify":
                label = {"log": name} if directory and directory != options.path else {}
                out.write(json.dumps(label | log.summary(), separators=(",", ":")).encode() + b"\n")
        out.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (Unreadable, Bad, OSError, MemoryError) as error:
        note(str(error) or type(error).__name__)
        return 1
    return 2 if damaged else 0


if __name__ == "__main__":
    sys.exit(main())
