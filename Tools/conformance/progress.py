#!/usr/bin/env python3
"""Holds long work to its manners: lines of progress that a program can read, and an end in order when it is asked for.

Prints one line a check and a closing line `N passed, M failed`; ends with status 1 if a check failed.
LOTUS=PATH names the program to test.
"""

import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import sys
import tempfile

from checks import LOTUS, check, closing, lotus, need_program

FIELDS = {"phase", "done", "total", "unit", "seconds", "per_s", "eta_s", "virtual", "rss_bytes"}
TRADES = 200_000


def start(*words, **options):
    """Starts the program; what it tells of its progress can be read line by line."""
    return subprocess.Popen([LOTUS, *map(str, words), "--progress", "json"], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True, **options)


def lines_of(text):
    """The lines of progress; what else stands there is a failure."""
    return [json.loads(line) for line in text.splitlines()]


def market(work):
    """A market that takes long enough to be stopped: trades of a collector's table, then a root and a bundle."""
    table = work / "trades_BTC.csv"
    with open(table, "w", encoding="ascii") as out:
        out.write("timestamp,price,size,side,trade_id,exchange_timestamp\n")
        for number in range(TRADES):
            millis = 1_757_015_216_000 + number * 250
            out.write(f"{millis // 1000}.{millis % 1000:03}000,{109000 + number % 97}.0,0.{1 + number % 9},"
                      f"{'buy' if number % 3 else 'sell'},{number + 1},{millis - 20}\n")
    return table


def told(name, done, has_moment=False):
    """Every line is one object with all fields, in order of time, at most ten a second; the first tells of the start."""
    try:
        lines = lines_of(done.stderr)
    except ValueError:
        lines = []
    check(f"{name} --progress json tells of its beginning at once",
          done.returncode == 0 and lines and set(lines[0]) == FIELDS and lines[0]["done"] == 0, done.stderr[-500:])
    steps = [(a, b) for a, b in zip(lines, lines[1:]) if a["phase"] == b["phase"]]
    check(f"{name}: {len(lines)} lines, none within a tenth of a second of the one before",
          all(b["seconds"] - a["seconds"] >= 0.099 and b["done"] >= a["done"] for a, b in steps), lines[-3:])
    check(f"{name}: memory is told", all((line["rss_bytes"] or 0) > 1_000_000 for line in lines), lines[:1])
    if has_moment:
        moments = [line["virtual"] for line in lines if line["virtual"]]
        check(f"{name}: the moment of the market goes on", moments and moments == sorted(moments), lines[-3:])


def shapes(work, table):
    root, bundle = work / "root", work / "market.bundle"
    told("ingest", lotus("ingest", table, "--root", root, "--progress", "json"))
    told("verify", lotus("verify", root, "--deep", "--progress", "json"))
    lotus("freeze", root, "--seal", "--out", bundle)
    few = ("--without", "family:order_book", "--no-report")
    told("replay", lotus("replay", bundle, "--out", work / "run", *few, "--progress", "json"), has_moment=True)
    told("rebuild", lotus("rebuild", "all", "--root", work / "run", "--progress", "json"))
    told("diff logs", lotus("diff", "logs", root / "mkt", bundle / "mkt", "--progress", "json"))
    told("cat", lotus("cat", root / "mkt", "--progress", "json"))
    told("salvage", lotus("salvage", root / "mkt", "--out", work / "salvaged", "--progress", "json"))
    small = work / "small"
    lotus("bench", "root", small, "--market", "--events", "2000")
    told("audit lookahead", lotus("audit", "lookahead", small, "--cuts", "20", "--progress", "json"))
    done = lotus("replay", small, "--out", work / "proved", "--prove", "--no-report", "--progress", "json")
    phases = [line["phase"] for line in lines_of(done.stderr)]
    check("a proof tells of both runs", done.returncode == 0 and sorted(set(phases)) == ["replay", "second run"], phases)
    for style in ("auto", "none"):
        done = lotus("replay", small, "--out", work / style, "--no-report", "--progress", style)
        check(f"--progress {style} writes nothing where nobody reads", done.returncode == 0 and not done.stderr, done.stderr)
    done = lotus("verify", small, "--progress", "often")
    check("--progress often is refused with the styles", done.returncode == 64 and "'json'" in done.stderr, done.stderr)
    bar(work, bundle)


def bar(work, bundle):
    """The bar, on a terminal."""
    master, slave = pty.openpty()
    process = subprocess.Popen([LOTUS, "replay", str(bundle), "--out", str(work / "shown"), "--no-report"],
                               stdout=subprocess.DEVNULL, stderr=slave)
    os.close(slave)
    text = b""
    while True:
        try:
            piece = os.read(master, 4096)
        except OSError:
            break
        text += piece
    process.wait()
    os.close(master)
    last = text.decode().split("\r\x1b[K")[-2:]
    check("the bar tells rate, time left, the moment of the market and memory, and goes away",
          process.returncode == 0 and all(word in text.decode() for word in ("/s", "s left", "2025-09-0", "MB"))
          and last[-1] == "", last)


def stopped(name, first, again, status, advice, same):
    """A job that is asked to end keeps what it did and says how to go on; asked twice, it ends at once; then it goes on."""
    for signals in ((signal.SIGINT,), (signal.SIGTERM,), (signal.SIGINT, signal.SIGTERM)):
        process = start(*first)
        process.stderr.readline()
        for number in signals:
            process.send_signal(number)
        _, error = process.communicate(timeout=120)
        if len(signals) == 1:
            check(f"{name}: {signals[0].name} ends it in order and it says how to go on",
                  process.returncode == status and advice in error, (process.returncode, error[-300:]))
        else:
            # It may have ended in order before the second signal came.
            check(f"{name}: two signals end it", process.returncode in (status, 130, 143), (process.returncode, error[-300:]))
    done = lotus(*again)
    check(f"{name}: the same command goes on to the same bytes", done.returncode == 0 and same(), done.stderr)


def stops(work, table):
    def equal(a, b):
        return lambda: lotus("diff", "logs", a, b).returncode == 0

    bundle, run = work / "market.bundle", work / "stopped"
    few = ("--without", "family:order_book", "--no-report")
    # At the speed of the market it would take a day.
    stopped("replay", ("replay", bundle, "--out", run, *few, "--speed", "original"), ("replay", bundle, "--out", run, *few),
            1, "start it again to go on", equal(run / "sig", work / "run/sig"))
    stopped("ingest", ("ingest", table, "--root", work / "again"), ("ingest", table, "--root", work / "again"),
            1, "the same command goes on", equal(work / "again/mkt", work / "root/mkt"))
    views = work / "views.sqlite"
    rebuild = ("rebuild", "all", "--root", work / "run", "--out", views)
    stopped("rebuild", (*rebuild, "--portion", "50"), rebuild, 1, "the same command goes on",
            lambda: lotus(*rebuild, "--check").returncode == 0)
    proved = work / "halfway"
    process = start("replay", bundle, "--out", proved, *few, "--prove")
    for line in process.stderr:
        if '"second run"' in line:
            process.send_signal(signal.SIGINT)
            break
    _, error = process.communicate(timeout=120)
    check("a proof that is stopped within its second run leaves nothing in its way",
          process.returncode == 1 and "same command proves it" in error and not (work / "halfway.proof").exists(), error[-300:])
    done = lotus("replay", bundle, "--out", proved, *few, "--prove")
    check("and the same command proves it", done.returncode == 0 and "proved:" in done.stdout, done.stderr)


def main():
    need_program("progress")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-progress-"))
    try:
        table = market(work)
        shapes(work, table)
        stops(work, table)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
