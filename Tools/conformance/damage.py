#!/usr/bin/env python3
"""Damages a copy of a log in one way that a seed chooses, and says how.

    damage.py --seed N LOG      changes files of the directory LOG, prints one line

Needs nothing but the standard library. The same seed and log give the same damage.
"""
from __future__ import annotations

import argparse
import random
from pathlib import Path


def flip(dice: random.Random, log: Path) -> str:
    path = dice.choice(files(log))
    data = bytearray(path.read_bytes())
    at, bit = dice.randrange(len(data)), dice.randrange(8)
    data[at] ^= 1 << bit
    path.write_bytes(data)
    return f"bit {bit} of byte {at} of {path.name} flipped"


def hole(dice: random.Random, log: Path) -> str:
    path = dice.choice(files(log))
    data = bytearray(path.read_bytes())
    at = dice.randrange((len(data) + 511) // 512) * 512
    end = min(at + 512, len(data))
    data[at:end] = bytes(end - at)
    path.write_bytes(data)
    return f"bytes {at} to {end - 1} of {path.name} zeroed"


def cut(dice: random.Random, log: Path) -> str:
    path = dice.choice(files(log))
    size = dice.randrange(path.stat().st_size)
    path.write_bytes(path.read_bytes()[:size])
    return f"{path.name} cut to {size} bytes"


def extend(dice: random.Random, log: Path) -> str:
    path = dice.choice(files(log))
    count = dice.choice([1, 7, 128, 5000])
    path.write_bytes(path.read_bytes() + dice.choice([bytes(count), dice.randbytes(count)]))
    return f"{count} bytes put behind {path.name}"


def remove(dice: random.Random, log: Path) -> str:
    path = dice.choice([*segments(log), log / "COMMIT", log / "MANIFEST"])
    path.unlink()
    return f"{path.name} removed"


def begin(dice: random.Random, log: Path) -> str:
    """A last segment without a good header: unfinished, unless it is too long or its events were acknowledged."""
    base = int(segments(log)[-1].stem) + dice.choice([1, 10**6])
    size = dice.choice([0, 8, 2048, 4096, 4097, 9000])
    path = log / f"{base:020}.seg"
    path.write_bytes(dice.choice([bytes(size), dice.randbytes(size)]))
    return f"{path.name} begun with {size} bytes"


def page(dice: random.Random, log: Path) -> str:
    """A COMMIT page that belongs to nobody; both readers ignore it."""
    magic = dice.choice([b"", b"LOTUSCMT" + (1).to_bytes(4, "little")])
    (log / "COMMIT").write_bytes((magic + dice.randbytes(4096))[:4096])
    return f"COMMIT made of random bytes behind {len(magic)} good ones"


def last(dice: random.Random, log: Path) -> str:
    """A cut between two blocks, or near one, of the last segment."""
    path = segments(log)[-1]
    data = path.read_bytes()
    places = [at - 8 for at in range(len(data)) if data.startswith(b"LBLK", at)]
    size = max(0, min(len(data) - 1, dice.choice(places) + dice.choice([0, 0, 0, -1, 1, 127, 128]))) if places else 4096
    path.write_bytes(data[:size])
    return f"{path.name} cut to {size} bytes, at a block"


def copy(dice: random.Random, log: Path) -> str:
    source, target = dice.choice(segments(log)), dice.choice(segments(log))
    data, size = source.read_bytes(), dice.choice([128, 512, 4096])
    old = bytearray(target.read_bytes())
    at, to = dice.randrange(max(1, len(data) - size)), dice.randrange(max(1, len(old) - size))
    old[to:to + size] = data[at:at + size]
    target.write_bytes(old)
    return f"{size} bytes of {source.name} at {at} copied over {target.name} at {to}"


def swap(dice: random.Random, log: Path) -> str:
    one, other = dice.choice(segments(log)), dice.choice(segments(log))
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)
    return f"{one.name} and {other.name} swapped"


def segments(log: Path) -> list[Path]:
    return sorted(log.glob("*.seg"))


def files(log: Path) -> list[Path]:
    """Segments more often than the rest, because they hold the events."""
    return segments(log) * 2 + [log / "MANIFEST", log / "COMMIT"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("log", type=Path)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    ways = [flip, flip, flip, hole, hole, cut, cut, last, last, extend, remove, remove, begin, begin, page, copy, swap]
    print(dice.choice(ways)(dice, options.log))


if __name__ == "__main__":
    main()
