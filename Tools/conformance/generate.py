#!/usr/bin/env python3
"""Random event types and events of every kind, from a seed; and a check that a log gives back exactly what went in.

    generate.py --seed N --events M --out DIR        writes types.yaml, part-K.ndjson and part-K.args into DIR
    generate.py --seed N --events M --check FILE     compares FILE, printed by `lotus cat --ndjson`, with what went in

Needs nothing but the standard library. The same seed gives the same bytes.
"""
from __future__ import annotations

import argparse
import base64
import json
import random
import struct
import sys
from datetime import datetime, timedelta
from pathlib import Path

I64 = (-(1 << 63), (1 << 63) - 1)
SCALARS = ["bool", "i32", "i64", "u64", "f64", "f32", "string", "bytes", "time"]
KINDS = SCALARS + ["decimal", "fixed", "enum", "list", "record"]
KEY_KINDS = ["bool", "i32", "i64", "u64", "decimal", "time", "enum", "string", "bytes", "fixed"]
NUMBERS = {"i32", "i64", "u64", "decimal", "time"}
RANGES = {"i32": (-(1 << 31), (1 << 31) - 1), "i64": I64, "u64": (0, (1 << 64) - 1), "decimal": I64, "time": I64}
WORDS = ["alpha", "bravo", "Ωmega", "naïve", "日本", "😀", "a b", "quo\"te", "back\\slash", "tab\there", "nul\0", "\x7f", " "]
PARTS = 5


def iso(ns: int) -> str:
    seconds, rest = divmod(ns, 10**9)
    return f"{(datetime(1970, 1, 1) + timedelta(seconds=seconds)).isoformat()}.{rest:09}Z"


class Generator:
    def __init__(self, seed: int):
        self.random = random.Random(seed)
        self.types = [self.every_kind(), self.market_shape()]
        self.types += [self.random_type(number) for number in range(4)]

    # ---- types: {"type", "version", "fields": [{"name", "type", …}]} as in YAML, with types always in their long form

    def every_kind(self) -> dict:
        """All kinds, required and optional, plain."""
        fields = []
        for kind in KINDS:
            for null in ("req", "null", "late"):
                field = {"name": f"{kind}_{null}", "type": self.type_of(kind, 0), "null": null}
                if kind in NUMBERS:
                    field["encoding"] = "plain" if null == "req" else "varint"
                fields.append(field)
        return {"type": "all.Kinds", "version": 3, "doc": "Every kind.", "fields": fields}

    def market_shape(self) -> dict:
        """Every encoding that needs a key, with steps, as market data uses them."""
        fields: list[dict] = [{"name": "symbol", "type": {"enum": ["BTC", "ETH", "SOL"]}, "key": True}]
        for kind in ("i32", "i64", "u64"):
            for count in (1, 20, 64):
                fields.append({"name": f"levels_{kind}_{count}", "type": {"list": kind, "count": count},
                               "encoding": "key_mask", "step": self.random.choice([1, 5, 1000])})
        for kind in ("i32", "i64", "u64", {"decimal": 4}, "time"):
            name = kind if isinstance(kind, str) else "decimal"
            for encoding in ("varint", "delta", "key_delta", "event_delta"):
                fields.append({"name": f"{name}_{encoding}", "type": kind, "encoding": encoding,
                               "step": self.random.choice([1, 1, 10, 100_000]),
                               "null": self.random.choice(["req", "null"]), "volatile": self.random.random() < 0.3})
        return {"type": "mkt.Shape", "version": 1, "fields": fields}

    def random_type(self, number: int) -> dict:
        fields: list[dict] = []
        key_at = self.random.choice([None, 0, 2])
        for index in range(self.random.randint(1, 14)):
            is_key = index == key_at
            kind = self.random.choice(KEY_KINDS if is_key else KINDS)
            field = {"name": f"f{index}", "type": self.type_of(kind, 0)}
            has_key = key_at is not None and index > key_at
            if is_key:
                field["key"] = True
            elif self.random.random() < 0.4:
                field["null"] = self.random.choice(["null", "late"])
            if self.random.random() < 0.2:
                field["volatile"] = True
            if self.random.random() < 0.2:
                field["unit"] = self.random.choice(["USD", "ns", "µ"])
            if kind in NUMBERS:
                choices = ["plain", "varint", "delta", "event_delta"] + (["key_delta"] if has_key else [])
                field["encoding"] = self.random.choice(choices)
                if field["encoding"] != "plain":
                    field["step"] = self.random.choice([1, 2, 10, 12345])
            if field["type"] in ({"fixed": 16}, {"list": {"fixed": 16}}) and self.random.random() < 0.5:
                field["unit"] = "ulid"
            fields.append(field)
        return {"type": f"random.T{number}", "version": self.random.randint(1, 65535), "fields": fields}

    def type_of(self, kind: str, depth: int) -> object:
        if kind == "decimal":
            return {"decimal": self.random.randint(0, 18)}
        if kind == "fixed":
            return {"fixed": self.random.choice([16, self.random.randint(1, 64)])}
        if kind == "enum":
            return {"enum": self.random.sample(["buy", "sell", "Ω", "a b", "none", "x" * 64], self.random.randint(1, 6))}
        inner = KINDS if depth < 2 else SCALARS
        if kind == "list":
            count = self.random.choice([0, 0, 1, 7])
            element = self.type_of(self.random.choice(inner), depth + 1)
            return {"list": element, "count": count} if count else {"list": element}
        if kind == "record":
            fields = [{"name": f"r{i}", "type": self.type_of(self.random.choice(inner), depth + 1),
                       "null": self.random.choice(["req", "null"])} for i in range(self.random.randint(1, 9))]
            return {"record": fields}
        return kind

    # ---- values: (what is written into the line, what must come back)

    def integer(self, low: int, high: int) -> int:
        dice = self.random.random()
        if dice < 0.05:
            return self.random.choice([low, high, low + 1, high - 1])
        if dice < 0.6:
            return max(low, min(high, self.random.randint(-300, 300) * self.random.choice([1, 10, 100_000])))
        return max(low, min(high, self.random.getrandbits(self.random.randint(1, 63)) * self.random.choice([1, -1])))

    def value(self, type_: object, unit: str = "") -> tuple[object, object]:
        kind, argument = (type_, None) if isinstance(type_, str) else next(iter(type_.items()))
        if kind == "bool":
            value = self.random.random() < 0.5
            return value, value
        if kind in ("i32", "i64", "u64"):
            value = self.integer(*RANGES[kind])
            return value, value
        if kind == "time":
            value = self.integer(*I64)
            return self.random.choice([value, iso(value)]), iso(value)
        if kind == "decimal":
            return self.decimal(self.integer(*I64), argument)
        if kind == "f64":
            value = self.finite("<d", 8)
            return value, value
        if kind == "f32":
            value = self.finite("<f", 4)
            return value, ("f32", value)
        if kind == "string":
            text = "".join(self.random.choices(WORDS, k=self.random.choice([0, 1, 3, 40])))
            return text, text
        if argument == 16 and kind == "fixed" and unit == "ulid":
            bits = self.random.getrandbits(128)
            text = "".join("0123456789ABCDEFGHJKMNPQRSTVWXYZ"[bits >> 5 * place & 31] for place in reversed(range(26)))
            return text, text
        if kind in ("bytes", "fixed"):
            text = base64.b64encode(self.random.randbytes(argument or self.random.choice([0, 1, 2, 3, 200]))).decode()
            return text, text
        if kind == "enum":
            symbol = self.random.choice(argument)
            return symbol, symbol
        if kind == "list":
            pairs = [self.value(argument, unit) for _ in range(type_.get("count") or self.random.choice([0, 1, 3]))]
            return [given for given, _ in pairs], [wanted for _, wanted in pairs]
        return self.record(argument)

    def decimal(self, value: int, scale: int) -> tuple[object, str]:
        digits = f"{abs(value):0{scale + 1}}"
        text = ("-" if value < 0 else "") + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)
        given = text
        if scale and self.random.random() < 0.3:
            given = text.rstrip("0").rstrip(".")
        return given, text

    def finite(self, form: str, size: int) -> float:
        while True:
            raw = self.random.randbytes(size)
            if self.random.random() < 0.5:
                raw = struct.pack(form, self.random.choice([0.0, -0.0, 1.5, -2.25, 1e-7, 123456.789, 1e22, 0.1]))
            value = struct.unpack(form, raw)[0]
            if abs(value) < float("inf"):
                return value

    def record(self, fields: list[dict]) -> tuple[dict, dict]:
        given, wanted = {}, {}
        for field in fields:
            if field.get("null", "req") != "req" and self.random.random() < 0.4:
                if self.random.random() < 0.2:
                    given[field["name"]] = None
                continue
            given[field["name"]], wanted[field["name"]] = self.value(field["type"], field.get("unit", ""))
        if self.random.random() < 0.2:
            given = dict(self.random.sample(sorted(given.items()), len(given)))
        return given, wanted

    def events(self, count: int):
        """(line, type, event_ns, wanted) of `count` events of each type, mixed."""
        order = [type_ for type_ in self.types for _ in range(count)]
        self.random.shuffle(order)
        now = 1_767_323_045_000_000_000
        for type_ in order:
            now += self.random.choice([0, 1, 1000, 10**9, -(10**9), 86_400 * 10**9])
            event_ns = self.integer(*I64) if self.random.random() < 0.01 else now
            given, wanted = self.record(type_["fields"])
            line = {"type": type_["type"], "version": type_["version"],
                    "event_ts": self.random.choice([event_ns, iso(event_ns)]), "data": given}
            yield json.dumps(line, ensure_ascii=self.random.random() < 0.5), type_, event_ns, wanted


def write(generator: Generator, count: int, out: Path) -> None:
    out.mkdir(parents=True)
    documents = [json.dumps(type_, ensure_ascii=False) for type_ in generator.types]
    (out / "types.yaml").write_text("".join(f"---\n{document}\n" for document in documents))
    lines = [line for line, *_ in generator.events(count)]
    cuts = sorted(generator.random.sample(range(1, len(lines)), PARTS - 1))
    for part, (start, end) in enumerate(zip([0] + cuts, cuts + [len(lines)]), 1):
        (out / f"part-{part}.ndjson").write_text("".join(f"{line}\n" for line in lines[start:end]))
        arguments = ["--segment-bytes", generator.random.choice(["64K", "256K", "128M"]),
                     "--batch-bytes", generator.random.choice(["1K", "8K", "64K"]),
                     "--level", generator.random.choice(["written", "durable"])]
        (out / f"part-{part}.args").write_text("".join(f"{argument}\n" for argument in arguments))


def agrees(found: object, wanted: object) -> bool:
    if isinstance(wanted, tuple):  # an f32: printed with as few digits as tell it from its neighbours
        return struct.pack("<f", float(found)) == struct.pack("<f", wanted[1])
    if isinstance(wanted, dict):
        return isinstance(found, dict) and list(found) == list(wanted) and \
            all(agrees(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(agrees, found, wanted))
    if isinstance(wanted, float):
        return struct.pack("<d", float(found)) == struct.pack("<d", wanted)
    return type(found) is type(wanted) and found == wanted


def check(generator: Generator, count: int, path: Path) -> str | None:
    """What is wrong with the printed events; nothing if they are what went in."""
    printed = path.read_text().split("\n")[:-1]
    events = list(generator.events(count))
    if len(printed) != len(events):
        return f"{len(printed)} events came back, {len(events)} went in"
    for number, (line, (given, type_, event_ns, wanted)) in enumerate(zip(printed, events), 1):
        found = json.loads(line)
        head = (found["seq"], found["type"], found["version"], found["event_ts"])
        if head != (number, type_["type"], type_["version"], iso(event_ns)) or not agrees(found["data"], wanted):
            return f"event {number}\ngave {given[:2000]}\ngot  {line[:2000]}"
    return None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--events", type=int, default=400, help="events of each type")
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--out", type=Path)
    action.add_argument("--check", type=Path)
    options = parser.parse_args()
    generator = Generator(options.seed)
    if options.out:
        write(generator, options.events, options.out)
        return 0
    problem = check(generator, options.events, options.check)
    if problem:
        print(problem)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())
