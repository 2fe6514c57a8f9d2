#!/usr/bin/env python3
"""Checks the proof of a replay without the program that made it: from the bytes of the logs, with lotus_reader.py.

    check_proof.py RUN MARKET…     RUN: the folder of a run; MARKET: the market logs it read, in their order

RUN.json must have the name that follows from its text, PROOF.json must say the same, every market log must verify and
end in the chain head that is named, and every log of the run must have the digest that is named. Prints one line a
check. Exit status: 0 all hold, 1 one does not, 2 it could not be checked.
"""
from __future__ import annotations

import hashlib
import json
import struct
import sys
from pathlib import Path

from lotus_reader import Bad, Log, Unreadable, find_logs

MODULES = ["mkt", "vis", "sig", "dm", "tr", "herald", "weave", "ops"]
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
failures = 0


def check(label: str, found: object, expected: object) -> None:
    global failures
    if found == expected:
        print(f"ok    {label}: {found}")
    else:
        failures += 1
        print(f"FAIL  {label}: found {found}, expected {expected}")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def read(path: Path, on_event=None) -> Log:
    """A log, verified whole."""
    (_, segments, directory), = find_logs(path)
    log = Log(segments, directory, on_event=on_event)
    log.run()
    check(f"{path.name} verifies", log.status(), "clean")
    return log


def market(path: Path) -> Path:
    return path / "mkt" if (path / "mkt").is_dir() else path


def ulid(module: str, key: str, event_ns: int) -> str:
    """The name of something that happened: 48 bits of time, 80 of the hash of its key."""
    millis = max(0, event_ns) // 10**6
    bits = millis << 80 | int.from_bytes(hashlib.sha256(f"{module}|{key}".encode()).digest()[:10], "big")
    return "".join(BASE32[bits >> 5 * (25 - i) & 31] for i in range(26))


def digest(logs: list[tuple[str, int, str]]) -> str:
    return sha("".join(f"{name} {count} {log}\n" for name, count, log in logs).encode())


class RunLog:
    """Digest over place, length and canonical stable bytes of the events of a log, up to a place as well."""

    def __init__(self, path: Path):
        self.name, self.events = path.name, []
        read(path, self.take)

    def take(self, event, stable: bytes, volatile: bytes) -> None:
        self.events.append((event.gsn, struct.pack("<QQ", event.gsn, len(stable)) + stable, event))

    def row(self, last: int) -> tuple[str, int, str]:
        kept = [data for gsn, data, _ in self.events if gsn <= last]
        return self.name, len(kept), sha(b"".join(kept))


def main(run: Path, markets: list[Path]) -> int:
    text = (run / "RUN.json").read_text()
    manifest, proof = json.loads(text), json.loads((run / "PROOF.json").read_text())
    content = "sha256:" + sha(text[:text.index('"content":')].encode())
    check("RUN.json has the content hash of its text", manifest["content"], content)
    check("PROOF.json names the same content", proof["content"], content)
    config = text[text.index('"config":') + 9:text.index(',\n"code_sha":')]
    check("it names settings, code and priors of RUN.json", (proof["config"], proof["code_sha"], proof["priors_ver"]),
          ("sha256:" + sha(config.encode()), manifest["code_sha"], manifest["priors_ver"]))
    check("number of market logs", len(markets), len(manifest["inputs"]))
    starts = []
    for path, named, told in zip(map(market, markets), manifest["inputs"], proof["inputs"]):
        times: list[int] = []
        log = read(path, lambda event, stable, volatile: times.append(event.event_ns))
        starts += times and [min(times)]
        check(f"{path.name} ends in the chain head of RUN.json", log.head.hex(), named["chain_head"])
        check(f"{path.name} has the events of RUN.json", log.last, named["events"])
        check("PROOF.json names the same", told, named)
    run_id = "R-" + ulid("ops", f"run|{content}", min(starts, default=0))
    check("the id of the run follows from content and inputs", (manifest["run_id"], proof["run_id"]), (run_id, run_id))
    logs = [RunLog(run / name) for name in MODULES if (run / name).is_dir()]
    rows = [log.row(2**64) for log in logs]
    check("the logs of the run have the digests of PROOF.json",
          [{"log": name, "events": count, "digest": log} for name, count, log in rows], proof["logs"])
    check("and together its digest", f"sha256:{digest(rows)}", proof["digest"])
    last = max((event for log in logs for event in log.events), key=lambda event: event[0])
    value = dict(zip([field.name for field in last[2].schema.fields], last[2].values))
    check("the run's last event vouches for every event before it",
          value["output_hash"].hex(), digest([log.row(last[0] - 1) for log in logs]))
    return 1 if failures else 0


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    try:
        sys.exit(main(Path(sys.argv[1]), [Path(path) for path in sys.argv[2:]]))
    except (Bad, Unreadable, OSError, LookupError, TypeError, ValueError) as error:
        print(f"check_proof: {type(error).__name__}: {error}", file=sys.stderr)
        sys.exit(2)
