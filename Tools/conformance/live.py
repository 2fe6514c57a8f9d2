#!/usr/bin/env python3
"""Holds `lotus run`, `lotus fetch`, `lotus ingest --live` and the demo to what they promise, with real processes and a
venue on this machine that is written apart from our client.

Prints one line a check and a closing line `N passed, M failed`; ends with status 1 if a check failed.
LOTUS=PATH names the program to test.
"""

import base64
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import checks
from checks import LOTUS, ROOT, check, closing, need_program
from local_venue import LocalVenue

# Nothing that works takes as long: only a hang gets there.
HANG_SECONDS = 120


def lotus(*arguments):
    """Runs the program; its exit status, output and errors."""
    return checks.lotus(*arguments, seconds=HANG_SECONDS, settings={"NO_COLOR": "1"})


def hasty(work):
    """Options for a detector that looks every second, so that a short session has windows."""
    shipped = ROOT / "Sources/DetectorYAML/detectors/tape_run_burst_v1.yaml"
    detector = work / "hasty.yaml"
    detector.write_text(shipped.read_text().replace("every: 10s", "every: 1s"))
    return "--detector", str(detector)


def run_until(venue, root, count, how):
    """`lotus run`, ended by a signal once its sig log holds so many events."""
    process = subprocess.Popen(
        [LOTUS, "run", "--live", venue.address, "--coins", "BTC,ETH", "--root", str(root), "--json",
         *hasty(root.parent)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    # Waits for what it wants to see, on the log itself.
    while not (root / "sig/MANIFEST").is_file() and process.poll() is None:
        time.sleep(0.01)
    tail = lotus("tail", root / "sig", "--from", "seq:1", "--count", count, "--timeout", "60")
    process.send_signal(how)
    try:
        output, errors = process.communicate(timeout=HANG_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
    return process.returncode, output, errors, tail.stdout.count("\n")


def parity(work, root, name):
    """Freezes a root, replays it, and compares the sig logs."""
    bundle, again = work / f"{name}.bundle", work / f"{name}-again"
    done = lotus("freeze", root, "--seal", "--out", bundle)
    check(f"{name}: the root is frozen", done.returncode == 0, done.stderr)
    done = lotus("replay", bundle, "--out", again, "--no-report", *hasty(work))
    check(f"{name}: and replayed", done.returncode == 0, done.stderr)
    done = lotus("diff", "logs", bundle / "sig", again / "sig")
    check(f"{name}: the replay writes the same sig log", done.returncode == 0, done.stdout + done.stderr)
    roots = [
        [line for line in lotus("verify", log, "--deep").stdout.splitlines() if "logical root" in line]
        for log in (bundle / "sig", again / "sig")]
    check(f"{name}: with the same logical root", roots[0] == roots[1] != [], roots)
    done = lotus("verify", bundle, "--deep")
    check(f"{name}: the bundle is clean", done.returncode == 0, done.stdout + done.stderr)


def live_and_replay(work):
    root = work / "live"
    with LocalVenue() as venue:
        status, output, errors, count = run_until(venue, root, 20, signal.SIGINT)
        check("run ends in order at Ctrl-C", status == 0 and count == 20, f"{status}, {count}\n{output}{errors}")
        told = json.loads(output) if output.startswith("{") else {}
        check("run tells windows and scores", told.get("signals", {}).get("scores", 0) > 5, output)
        check("run says that it was told to stop", told.get("end") == "stopped", output)
    events = lotus("info", root / "sig", "--json").stdout
    check("what run counted is on the log", f'{told.get("signals", {}).get("appended")}' in events, events)
    parity(work, root, "live")


def killed_and_resumed(work):
    root = work / "killed"
    with LocalVenue() as venue:
        status, _, errors, _ = run_until(venue, root, 10, signal.SIGKILL)
        check("kill -9 is kill -9", status == -signal.SIGKILL, f"{status}\n{errors}")
        status, output, errors, count = run_until(venue, root, 30, signal.SIGTERM)
        check("run goes on after kill -9", status == 0 and count == 30, f"{status}, {count}\n{output}{errors}")
        found = json.loads(output).get("signals", {}).get("found", 0) if output.startswith("{") else 0
        check("and finds again what stood there", found > 0, output)
    parity(work, root, "killed")
    trades = lotus("cat", root / "mkt", "--type", "mkt.Traded").stdout.splitlines()
    ids = [json.loads(line)["data"]["trade_id"] for line in trades]
    check("no trade stands twice", len(ids) == len(set(ids)) > 50, len(ids))


@contextlib.contextmanager
def silent_server():
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held = []

        def accept():
            with contextlib.suppress(OSError):
                while True:
                    held.append(listener.accept()[0])

        threading.Thread(target=accept, daemon=True).start()
        yield f"ws://127.0.0.1:{listener.getsockname()[1]}/ws"


def unreachable(work):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with LocalVenue() as venue, silent_server() as silent:
        for label, address, words in (
                ("a host that does not resolve", "ws://no-such-host.invalid/ws", ("no-such-host.invalid", "network")),
                ("a port that refuses", f"ws://127.0.0.1:{port}/ws", (str(port), "reachable")),
                ("a server that speaks no TLS", venue.address.replace("ws:", "wss:"), ("TLS",)),
                ("a server that says nothing", silent, ("within",))):
            for verb in ("ingest", "run"):
                root = work / f"unreachable-{verb}"
                done = lotus(verb, "--live", address, "--coins", "BTC", "--root", root)
                check(f"{verb} --live: {label} is an error that says so",
                      done.returncode == 1 and all(word in done.stderr for word in words),
                      f"{done.returncode}\n{done.stderr}")
                check(f"{verb} --live: {label} makes no root", not root.exists())
        for verb in ("ingest", "run"):
            done = lotus(verb, "--live", venue.address, "--coins", "btc", "--root", work / "wrong")
            check(f"{verb} --live: an unknown coin is a usage error with the nearest name",
                  done.returncode == 64 and "did you mean 'BTC'" in done.stderr and not (work / "wrong").exists(),
                  f"{done.returncode}\n{done.stderr}")
            done = lotus(verb, "--live", "https://127.0.0.1/ws", "--coins", "BTC", "--root", work / "wrong")
            check(f"{verb} --live: an address that is none is a usage error", done.returncode == 64, done.stderr)
    done = lotus("run", "--root", work / "wrong", "--coins", "BTC")
    check("run without an address is a usage error", done.returncode == 64 and "--live" in done.stderr, done.stderr)


def history(work):
    with LocalVenue() as venue:
        out = work / "history"
        done = lotus("fetch", "--venue", venue.address, "--coins", "BTC,ETH", "--past", "2h", "--out", out)
        check("fetch keeps candles and funding of each coin", done.returncode == 0
              and sorted(file.name for file in out.iterdir())
              == ["BTC-candles-1m.json", "BTC-funding.json", "ETH-candles-1m.json", "ETH-funding.json"], done.stderr)
        done = lotus("ingest", out / "BTC-candles-1m.json", "--root", work / "candles", "--json")
        counted = json.loads(done.stdout or "{}")
        check("ingest reads the candles", done.returncode == 0 and '"mkt.CandleClosed":1' in done.stdout,
              counted or done.stderr)
        done = lotus("ingest", out / "BTC-funding.json", "--root", work / "funding")
        check("ingest reads the funding", done.returncode == 0 and "funding" in done.stdout, done.stdout + done.stderr)
        done = lotus("fetch", "--venue", venue.address, "--coins", "BTC", "--past", "9d", "--out", work / "more")
        check("fetch refuses more candles than there are",
              done.returncode == 64 and "5000" in done.stderr and not (work / "more").exists(), done.stderr)
        done = lotus("fetch", "--venue", venue.address, "--coins", "BTC", "--past", "2h", "--out", out)
        check("fetch writes into a new folder only", done.returncode == 64, done.stderr)


def demo(work, name, **environment):
    """The demo with this environment; its output, and the report of its run as JSON."""
    out = work / f"demo-{name}"
    out.mkdir()
    settings = {"OUT": str(out), "LOTUS": LOTUS, "LOTUS_DATA": str(work / "nothing here"), "LOTUS_VENUE": "none"}
    done = subprocess.run(
        [str(ROOT / "Tools/demo/market.sh")], capture_output=True, text=True, timeout=600,
        env={**os.environ, **settings, **environment})
    text = done.stdout + done.stderr
    check(f"demo, {name}: ends well", done.returncode == 0, text)
    check(f"demo, {name}: writes the report", (out / "run/report.html").is_file(), text)
    report = lotus("report", out / "run", "--walk-forward", "none", "--json")
    judged = json.loads(report.stdout) if report.returncode == 0 else {}
    check(f"demo, {name}: the report judges windows", '"detectors"' in report.stdout, report.stderr)
    return done.stdout, judged


def capture(folder):
    """Ten minutes of messages as a collector keeps them."""
    folder.mkdir()
    start, venue = 1_738_000_000_000, LocalVenue()
    kinds = [{"type": kind, "coin": coin} for kind in ("trades", "l2Book", "bbo") for coin in ("BTC", "ETH")]
    with open(folder / "btc_20250127.txt", "w", encoding="utf8") as lines:
        for count in range(2_400):
            now = start + 250 * count
            message = venue.message(kinds[count % len(kinds)], count + 1, now)
            lines.write(f"{now * 1_000_000} {json.dumps(message)}\n")
    venue.listener.close()


def demos(work):
    capture(work / "captures")
    text, _ = demo(work, "recorded", LOTUS_DATA=str(work / "captures"))
    check("demo, recorded: says so", "Data: recorded" in text and str(work / "captures") in text, text)
    with LocalVenue() as venue:
        text, _ = demo(work, "venue", LOTUS_VENUE=venue.address, LOTUS_LIVE_FOR="5s")
        check("demo, venue: says so", "Data: the venue itself" in text and venue.address in text, text)
        check("demo, venue: candles and funding were asked for", {question["type"] for question in venue.questions}
              == {"meta", "candleSnapshot", "fundingHistory"}, venue.questions[:5])
        text, _ = demo(work, "first", LOTUS_VENUE=venue.address, LOTUS_DATA=str(work / "captures"))
        check("demo: recorded data goes before the venue", "Data: recorded" in text, text)
    text, _ = demo(work, "fixture", LOTUS_VENUE="ws://127.0.0.1:1/ws")
    check("demo, fixture: says so, and why", "Data: the small real bundles" in text and "cannot be used" in text, text)
    check("demo, fixture: the year of hours is judged too",
          "forex-hours.bundle --out hours/run" in text and (work / "demo-fixture/hours/run/report.html").exists(), text)
    with silent_server() as silent:
        text, _ = demo(work, "silent", LOTUS_VENUE=silent, LOTUS_REACH_SECONDS="2")
        check("demo: a venue that hangs is given up", "did not answer within 2 s" in text, text)


def real_bundles():
    folder = ROOT / "Fixtures/real"
    sources = json.loads((folder / "SOURCES.json").read_text())
    names = sorted(path.name for path in folder.glob("*.bundle"))
    check("every real bundle has its source", names == sorted(source["bundle"] for source in sources), names)
    for source in sources:
        bundle = folder / source["bundle"]
        done = lotus("verify", bundle, "--deep")
        check(f"{bundle.name} is clean", done.returncode == 0, done.stdout + done.stderr)
        done = lotus("verify", bundle / "mkt", "--deep")
        check(f"{bundle.name} holds what its source gave", source["logical_root"] in done.stdout, done.stdout)
        done = lotus("cat", bundle / "mkt", "--type", "mkt.SourceRead")
        stored = base64.b64encode(bytes.fromhex(source["sha256"])).decode()
        check(f"{bundle.name} was made of the named document", stored in done.stdout, done.stdout)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    check("the real bundles are small", size < 300_000, size)


def main():
    need_program("live")
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        real_bundles()
        live_and_replay(work)
        killed_and_resumed(work)
        unreachable(work)
        history(work)
        demos(work)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
