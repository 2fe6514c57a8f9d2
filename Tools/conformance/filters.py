#!/usr/bin/env python3
"""Holds the filter language to its promise: it says the same to every verb (AT14.3).

A tail that is saved while a log is being written must be, byte for byte, what `cat` prints of the frozen log; a filter
must take the lines that Python takes of the whole output; diff, why and why-not must leave out what it does not take.
Prints one line a check and a closing line `N passed, M failed`; ends with status 1 if a check failed.
LOTUS=PATH names the program to test.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time
from decimal import Decimal

from checks import LOTUS, ROOT, check, closing, lotus, need_program

PRIORS = ROOT / "Fixtures/priors/root"
TYPES = """\
type: demo.Trade
version: 1
fields:
  - {name: symbol, type: string, key: true}
  - {name: price, type: {decimal: 2}, encoding: key_delta}
  - {name: side, type: {enum: [buy, sell]}}
  - {name: sizes, type: {list: {decimal: 4}}}
  - {name: note, type: string, null: "null"}
"""
# A filter, and what Python makes of a printed line.
ASKED = [
    ("data.side = buy", lambda line: line["data"]["side"] == "buy"),
    ("data.price >= 100.25 and data.price < 101", lambda line: Decimal("100.25") <= Decimal(line["data"]["price"]) < 101),
    ("data.symbol ~ B* or data.sizes > 0.9",
     lambda line: line["data"]["symbol"].startswith("B") or any(Decimal(size) > Decimal("0.9") for size in line["data"]["sizes"])),
    ("not has data.note and seq > 7", lambda line: "note" not in line["data"] and line["seq"] > 7),
    ("data.note != x", lambda line: line["data"].get("note", "x") != "x"),
    ("event_ts >= 2026-01-02T00:00:20Z and event_ts < 2026-01-02T00:00:40Z",
     lambda line: "2026-01-02T00:00:20" <= line["event_ts"] < "2026-01-02T00:00:40"),
    ("type = demo.Trade and seq in (1, 3, 5)", lambda line: line["seq"] in (1, 3, 5)),
]


def trades(count):
    """Lines for lotus append."""
    chance = random.Random(5)
    for number in range(count):
        data = {
            "event_ts": f"2026-01-02T00:{number // 60 % 60:02}:{number % 60:02}Z", "symbol": chance.choice(["BTC", "ETH", "B2"]),
            "price": str(Decimal(chance.randint(9900, 10200)) / 100), "side": chance.choice(["buy", "sell"]),
            "sizes": [str(Decimal(chance.randint(0, 10000)) / 10000) for _ in range(chance.randint(0, 3))]}
        if chance.random() < 0.5:
            data["note"] = chance.choice(["x", "", "long \"note\""])
        yield json.dumps(data) + "\n"


def tails(work):
    """A saved tail of a log that is being written is the frozen log, filtered the same way."""
    root = work / "day"
    root.mkdir()
    log, schema = root / "trades", work / "trade.yaml"
    schema.write_text(TYPES)
    lines = list(trades(400))
    append = subprocess.Popen(
        [LOTUS, "append", log, "--schema", schema, "--batch-bytes", "4K"], stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, text=True)
    append.stdin.writelines(lines[:1])
    append.stdin.flush()
    until = time.monotonic() + 60
    while lotus("cat", log).stdout.count("\n") < 1 and time.monotonic() < until:
        time.sleep(0.05)
    saved = []
    for number, (asked, _) in enumerate(ASKED):
        file = open(work / f"tail-{number}", "wb")
        saved.append((asked, file, subprocess.Popen(
            [LOTUS, "tail", log, "--where", asked, "--from", f"cursor:n{number}", "--timeout", "5"], stdout=file)))
    for start in range(1, len(lines), 40):
        append.stdin.writelines(lines[start:start + 40])
        append.stdin.flush()
        time.sleep(0.02)
    append.stdin.close()
    check("the log was written", append.wait(timeout=120) == 0)
    for asked, file, tail in saved:
        check(f"the tail of '{asked}' ends well", tail.wait(timeout=120) == 0)
        file.close()
    done = lotus("freeze", root, "--out", work / "day.bundle", "--seal")
    check("it is frozen", done.returncode == 0, done.stderr)
    frozen = work / "day.bundle" / "trades"
    whole = [json.loads(line) for line in lotus("cat", frozen).stdout.splitlines()]
    for number, (asked, takes) in enumerate(ASKED):
        printed = lotus("cat", frozen, "--where", asked).stdout
        tail = (work / f"tail-{number}").read_text()
        check(f"the saved tail is the frozen log: {asked} ({len(printed)} bytes)", tail == printed != "", tail[:500])
        expected = [line for line in whole if takes(line)]
        check(f"and what Python takes of all lines ({len(expected)} of {len(whole)})",
              [json.loads(line) for line in printed.splitlines()] == expected and len(expected) < len(whole), printed)
        left = lotus("tail", log, "--from", f"cursor:n{number}", "--timeout", "0").stdout
        check("its cursor stands behind what it left out", left == "", left)
    ends(log, whole)
    segment = next(iter(sorted(frozen.glob("*.seg"))))
    check("a segment alone is filtered by its own descriptions",
          lotus("cat", segment, "--where", "seq <= 3").stdout.count("\n") == 3)
    return frozen


def ends(log, whole):
    """A tail that ends at a place, and one that says how far it is behind."""
    done = lotus("tail", log, "--from", "seq:7", "--to", "seq:9")
    check("a tail to a place ends behind it, by itself",
          [json.loads(line)["seq"] for line in done.stdout.splitlines()] == [7, 8, 9], done.stdout + done.stderr)
    last = whole[99]["append_ts"]
    done = lotus("tail", log, "--to", f"append-time:{last}")
    expected = [line["seq"] for line in whole if line["append_ts"] <= last]
    check("or behind a moment of the log's clock",
          [json.loads(line)["seq"] for line in done.stdout.splitlines()] == expected, done.stderr)
    done = lotus("tail", log, "--to", "time:2026-01-02")
    check("event times are no end of a tail", done.returncode == 64 and "append-time:T" in done.stderr, done.stderr)
    work = log.parent.parent
    long = work / "long"
    lotus("append", long, "--schema", work / "trade.yaml", "--batch-bytes", "4K", input="".join(trades(5000)))
    done = lotus("tail", long, "--to", "seq:5000", "--lag")
    said = [json.loads(line)["lag"] for line in done.stderr.splitlines()]
    check("a reader that is behind says so, and that it has caught up",
          len(said) >= 2 and said[0]["events"] > 1024 and said[0]["seconds"] > 0 and said[-1] == {"events": 0, "seconds": 0}, done.stderr)
    done = lotus("tail", log, "--to", "seq:400", "--lag")
    check("and nothing where it keeps up", done.returncode == 0 and done.stderr == "", done.stderr)


def replays(work):
    """The filtered signals of a run are those of the same run, replayed once more from the frozen market."""
    market, bundle = work / "market", work / "market.bundle"
    lotus("bench", "root", market, "--market", "--events", "2000")
    lotus("freeze", market, "--out", bundle)
    for name in ("first", "second"):
        lotus("replay", bundle, "--out", work / name, "--no-report")
    asked = "type = sig.SignalScored and (data.context.feature = spread and not data.abstained = true or data.gates.passed = false)"
    tail = lotus("tail", work / "first/sig", "--where", asked, "--timeout", "0", "--level", "written")
    again = lotus("cat", work / "second/sig", "--where", asked)
    check(f"a tail of a run is the replayed run ({tail.stdout.count(chr(10))} events)",
          tail.returncode == 0 and tail.stdout == again.stdout != "", tail.stderr + again.stderr)
    done = lotus("diff", "runs", work / "first", work / "second", "--where", asked)
    check("and diff runs agrees", done.returncode == 0 and "in what --where takes" in done.stdout, done.stdout)


def refusals(frozen):
    for asked, found in (
            ("data.pryce > 3", "--where 1:1: demo.Trade has no field 'data.pryce' (did you mean 'data.price'?)"),
            ("data.side = bought", "expected one of buy, sell"), ("data.price > cheap", "1:14: data.price: found 'cheap'"),
            ("type = demo.Trad", "did you mean 'demo.Trade'"), ("data.price >", "expected a value"), ("", "is empty")):
        done = lotus("cat", frozen, "--where", asked)
        check(f"'{asked}' is refused with its place",
              done.returncode == 64 and found in done.stderr and "^" in done.stderr, done.stderr)
    done = lotus("tail", frozen, "--where", "data.pryce > 3", "--timeout", "0")
    check("by tail too", done.returncode == 64 and "data.price" in done.stderr, done.stderr)
    done = lotus("cat", frozen, "--where", "data.pryce > 3", "--json")
    check("and for machines", done.returncode == 64 and json.loads(done.stderr)["error"] == "usage", done.stderr)
    done = lotus("cat", frozen, "--type", "demo.Trade", "--from", "2", "--to", "4", "--where", "seq != 3")
    check("--type, --from and --to hold as well",
          [json.loads(line)["seq"] for line in done.stdout.splitlines()] == [2, 4], done.stdout)


def questions(work):
    """diff, why and why-not."""
    other = work / "other"
    shutil.copytree(PRIORS, other)
    every = lotus("cat", PRIORS, "--json").stdout.splitlines()
    dm = lotus("cat", PRIORS, "--where", "log = dm and has data.message_id").stdout.splitlines()
    check("a root is filtered by the names of its logs",
          dm == [line for line in every if '"log":"dm"' in line and '"message_id"' in line] != [], dm)
    done = lotus("diff", "logs", PRIORS / "sig", PRIORS / "ops", "--where", "type ~ x*")
    check("logs without a wanted event are equal", done.returncode == 0 and "in what --where takes" in done.stdout, done.stdout)
    done = lotus("diff", "runs", PRIORS, work / "first", "--where", "type = msg.Received", "--json")
    check("diff runs counts what the filter takes",
          done.returncode == 4 and json.loads(done.stdout)["first"]["a"]["type"] == "msg.Received", done.stdout)
    done = lotus("diff", "runs", PRIORS, other, "--where", "data.nothing = 1")
    check("and refuses a field that neither root has", done.returncode == 64 and "no field" in done.stderr, done.stderr)
    whole = lotus("why", "dm:1", "--root", PRIORS).stdout
    done = lotus("why", "dm:1", "--root", PRIORS, "--where", "type = mkt.Traded")
    check("why keeps the way to what the filter takes",
          "mkt.Traded" in done.stdout and "sig.SignalScored" in done.stdout and "priors.VersionMinted" in whole
          and "priors.VersionMinted" not in done.stdout and "1 more that --where does not take" in done.stdout, done.stdout)
    done = lotus("why-not", "BTC-USD", "--root", PRIORS, "--where", "seq = 25", "--json")
    found = json.loads(done.stdout) if done.returncode == 0 else {}
    check("why-not tells only of records that the filter takes", found.get("found") == 1, done.stdout + done.stderr)


def main():
    need_program("filters")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-filters-"))
    try:
        frozen = tails(work)
        refusals(frozen)
        replays(work)
        questions(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
