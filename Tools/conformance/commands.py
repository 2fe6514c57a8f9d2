#!/usr/bin/env python3
"""Holds the lotus program to what its user is promised: help that fits 80 columns, exit statuses, errors that advise.

Prints one line a check and a closing line `N passed, M failed`; ends with status 1 if a check failed.
LOTUS=PATH names the program to test.
"""

import hashlib
import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

from checks import LOTUS, ROOT, check, closing, need_program
from helptexts import help_texts, lotus, manuals

TYPE = "type: demo.Tick\nversion: {}\nfields:\n  - {{name: price, type: i64}}\n"
LINE = '{"event_ts":"2026-01-02T03:04:05Z","price":1}\n'


def make_log(path, schema, lines=3):
    """A log with a few events."""
    done = lotus("append", path, "--schema", schema, given=LINE * lines)
    if done.returncode != 0:
        sys.exit(f"commands: no log could be made: {done.stderr}")


def versions(work, schema):
    program = lotus("--version").stdout
    for verb in ("append", "cat", "verify"):
        check(f"lotus {verb} --version is the program's", lotus(verb, "--version").stdout == program != "")
    log = work / "versions"
    make_log(log, schema)
    newer = work / "newer.yaml"
    newer.write_text(TYPE.format(2))
    make_log(log, newer)
    done = lotus("append", log, "--type-version", "1", given=LINE)
    check("append --type-version takes an older version", done.returncode == 0, done.stderr)
    done = lotus("cat", log, "--from", "7")
    check("and the event has it", '"version":1,' in done.stdout, done.stdout)
    done = lotus("append", log, "--type-version", "3", given=LINE)
    check("an unknown version is refused with those that are known",
          done.returncode == 64 and "demo.Tick v1, demo.Tick v2" in done.stderr, done.stderr)


def pipes(work, schema):
    for name, how in (("standard input", "cat {0} | {1} append {2} --schema /dev/stdin"),
                      ("a process", "{1} append {2} --schema <(cat {0}) </dev/null")):
        log = work / f"piped-{name.split()[-1]}"
        done = subprocess.run(["bash", "-c", how.format(schema, LOTUS, log)], capture_output=True, text=True)
        known = lotus("schema", "list", log).stdout
        check(f"--schema reads from {name}", done.returncode == 0 and "demo.Tick@1" in known, done.stderr + known)
    done = lotus("append", work / "endless", "--schema", "/dev/zero", given=LINE)
    check("an endless schema is refused with its limit", done.returncode == 1 and "1048576" in done.stderr, done.stderr)
    done = lotus("append", work / "none", "--schema", work / "nothing.yaml", given=LINE)
    check("a missing schema is refused", done.returncode == 1 and "nothing.yaml" in done.stderr, done.stderr)


def parents(work, schema):
    for verb, arguments in (("append", (work / "no such/place/log", "--schema", schema)),
                            ("salvage", (work / "versions", "--out", work / "no such/place/log"))):
        done = lotus(verb, *arguments, given=LINE)
        advice = f"mkdir -p '{work}/no such/place'"
        check(f"{verb} below a missing folder says what to do",
              done.returncode == 1 and advice in done.stderr, done.stderr)
    done = lotus("append", schema / "log", "--schema", schema, given=LINE)
    check("append below a file says so", done.returncode == 1 and "is a file" in done.stderr, done.stderr)
    done = lotus("append", "bare", "--schema", schema, given=LINE, cwd=work)
    check("append needs no slash in the path", done.returncode == 0, done.stderr)


def manifests(work):
    folder = ROOT / "Sources/Contracts/manifests"
    done = lotus("manifest", "check", folder, "--json")
    check("the manifests say what the code says", done.returncode == 0, done.stdout + done.stderr)
    copy = work / "manifests"
    shutil.copytree(folder, copy)
    sig = copy / "sig.yaml"
    text = sig.read_text()
    sig.write_text(text.replace("sig.beta_mx", "sig.beta_my"))
    done = lotus("manifest", "check", copy)
    check("a knob on one side only is named, from either side",
          done.returncode == 1 and "sig.beta_mx stands in the code only" in done.stdout
          and "sig.beta_my stands in the manifest only" in done.stdout, done.stdout)
    sig.write_text(text.replace("ALPHA_PROPOSED", "ALPHA_PROPOSD"))
    done = lotus("manifest", "check", copy)
    check("a wrong word is told with file, line and column",
          done.returncode == 1 and f"{sig}:6:16: " in done.stderr, done.stderr)
    done = lotus("manifest", "show", "ops.yaml")
    check("a manifest that is not there is refused", done.returncode == 64 and "sig.yaml" in done.stderr, done.stderr)


def heralds(work, schema):
    root = work / "without herald"
    root.mkdir()
    make_log(root / "a", schema)
    for verb in (("status",), ("dead-letters",), ("redrive", "--all", "--by", "ann")):
        done = lotus("herald", verb[0], root, *verb[1:])
        check(f"herald {verb[0]} of a root without a herald log says so",
              done.returncode == 1 and "no log 'herald'" in done.stderr, done.stderr)
    done = lotus("herald", "redrive", root, "--by", "ann")
    check("herald redrive asks which letters", done.returncode == 64 and "--reason" in done.stderr, done.stderr)
    done = lotus("herald", "dead-letters", root, "--reason", "BAD")
    check("an unknown reason is refused with the known ones",
          done.returncode == 64 and "QUOTA_EXCEEDED" in done.stderr, done.stderr)


def roots(work, schema):
    root = work / "root"
    root.mkdir()
    for name in ("a", "b", "c"):
        make_log(root / name, schema)
    done = lotus("verify", root, "--json")
    check("verify of a root of good logs is clean",
          done.returncode == 0 and json.loads(done.stdout)["status"] == "clean", done.stdout)
    # A segment that is a folder cannot be opened as a file by anybody, not even by the superuser.
    segment = next((root / "b").glob("*.seg"))
    segment.unlink()
    segment.mkdir()
    done = lotus("verify", root, "--json")
    try:
        found = {log["log"]: log for log in json.loads(done.stdout)["logs"]}
    except (ValueError, KeyError):
        found = {}
    statuses = {name: log["status"] for name, log in found.items()}
    check("a log that cannot be opened does not hide the others",
          done.returncode == 2 and statuses == {"a": "clean", "b": "damaged", "c": "clean"},
          f"exit {done.returncode}\n{done.stdout}{done.stderr}")
    broken = found.get("b", {})
    check("and its reason is told", broken.get("message") or broken.get("damage"), done.stdout)
    done = lotus("verify", root)
    told = f"{root}/b: damaged" in done.stdout and f"{root}/c: clean" in done.stdout
    check("in words too", done.returncode == 2 and told, done.stdout + done.stderr)


def bundles(work, schema):
    root, bundle = work / "market", work / "bundle"
    root.mkdir()
    make_log(root / "mkt", schema)
    done = lotus("freeze", root, "--out", bundle)
    check("freeze of a log that is not sealed says what to do",
          done.returncode == 64 and "lotus seal" in done.stderr and not bundle.exists(), done.stderr)
    done = lotus("freeze", root, "--out", bundle, "--seal", "--json")
    name = json.loads(done.stdout)["sha256"] if done.returncode == 0 else ""
    check("freeze --seal makes a bundle", name and (bundle / "BUNDLE.json").exists(), done.stderr)
    done = lotus("verify", bundle, "--deep", "--json")
    check("verify takes the bundle and tells its name",
          done.returncode == 0 and json.loads(done.stdout)["bundle_sha256"] == name, done.stdout)
    done = lotus("verify", bundle, "--anchor", f"sha256:{name}")
    check("verify --anchor takes the name of a bundle", done.returncode == 0, done.stdout + done.stderr)
    done = lotus("verify", bundle, "--anchor", f"sha256:{name[::-1]}")
    check("and finds another one",
          done.returncode == 2 and "expected sha256:" in done.stdout, done.stdout + done.stderr)
    manifest = json.loads((bundle / "BUNDLE.json").read_text())
    files = [(bundle / log["stream"] / entry["file"], entry) for log in manifest["segments"] for entry in log["files"]]
    for path, entry in files:
        sums = subprocess.run(["xxhsum", "-H64", path], capture_output=True, text=True).stdout.split()
        check(f"xxhsum and sha256sum agree with the manifest on {path.name}",
              sums[:1] == [entry["xxh64"]] and hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"], sums)
    for path in [path for path, _ in files] + [bundle / "BUNDLE.json"]:
        whole = path.read_bytes()
        path.write_bytes(whole[:100] + bytes([whole[100] ^ 1]) + whole[101:])
        done = lotus("verify", bundle, "--json")
        check(f"verify finds a changed byte of {path.name}",
              done.returncode == 2 and json.loads(done.stdout)["bundle_problems"], done.stdout)
        path.write_bytes(whole)
    (bundle / "mkt").rename(work / "taken")
    check("verify of a bundle without its logs is 2", lotus("verify", bundle).returncode == 2)
    (work / "taken").rename(bundle / "mkt")
    done = lotus("freeze", root, "--out", bundle)
    check("freeze never writes into a folder that is there", done.returncode == 64 and "exists" in done.stderr)


def differences(work, schema):
    root, other = work / "market", work / "other"
    shutil.copytree(root, other)
    for verb, name in (("logs", "/mkt"), ("runs", "")):
        done = lotus("diff", verb, f"{root}{name}", f"{other}{name}")
        check(f"diff {verb} of equal ones is 0", done.returncode == 0 and "equal: 3 events" in done.stdout, done.stdout)
    lotus("append", other / "mkt", "--schema", schema, given=LINE)
    for verb, name in (("logs", "/mkt"), ("runs", "")):
        done = lotus("diff", verb, f"{root}{name}", f"{other}{name}", "--json")
        check(f"diff {verb} --json of different ones is 4",
              done.returncode == 4 and json.loads(done.stdout), done.stderr)
    priors = ROOT / "Fixtures/priors/root"
    for a, b, status in (("v3", "v3", 0), ("v2", "2026-01-02T00:20:00Z", 4), ("v3", "v9", 64)):
        done = lotus("diff", "priors", a, b, "--root", priors)
        check(f"diff priors {a} {b} is {status}", done.returncode == status, done.stdout + done.stderr)
    done = lotus("diff", "priors", "2", "5", "--root", priors, "--json")
    change = json.loads(done.stdout)["changes"][0]
    check("diff priors tells the operator's record (EX-38)",
          change["operators"] and change["new"]["effect"]["theta_delta"] == -0.2 * 0.8, done.stdout)
    done = lotus("why", "dm:1", "--root", priors, "--json")
    check("why --json leads back to a trade",
          '"type":"mkt.Traded"' in done.stdout and json.loads(done.stdout), done.stderr)
    done = lotus("why", "01KDY12ZP066KHZZKP0KZST6N3", "--root", priors)
    check("why of an unknown id tells the nearest ones",
          done.returncode == 1 and "01KDY12ZP066KHZZKP0KZST6N2" in done.stderr, done.stderr)
    done = lotus("why-not", "P-endless", "--root", priors, "--json")
    check("why-not names the rule", '"gate":"NO_EXPIRY"' in done.stdout and json.loads(done.stdout), done.stderr)
    done = lotus("why-not", "ETH-USD", "--root", priors)
    check("why-not of an unknown name is 1", done.returncode == 1 and "sig.SignalWithheld" in done.stderr, done.stderr)


def keys(work):
    file = work / "sig.key"
    done = lotus("herald", "keys", "new", "--module", "sig", "--out", file, "--id", "sig-1", "--json")
    made = json.loads(done.stdout) if done.returncode == 0 else {}
    check("herald keys new makes a key and shows the public part",
          made.get("key_id") == "sig-1" and len(made.get("public_key", "")) == 64, done.stderr)
    check("the private key can be read by its owner alone", file.stat().st_mode & 0o777 == 0o600, oct(file.stat().st_mode))
    secret = file.read_text().split("seed ")[1].strip()
    check("and is not what is shown", len(secret) == 64 and secret not in done.stdout, done.stdout)
    before = file.read_bytes()
    done = lotus("herald", "keys", "new", "--module", "sig", "--out", file)
    check("a key is never written over",
          done.returncode == 64 and "is there already" in done.stderr and file.read_bytes() == before, done.stderr)
    mask = os.umask(0)
    done = lotus("herald", "keys", "new", "--module", "dm", "--out", work / "dm.key")
    os.umask(mask)
    check("whatever the mask of the process says", (work / "dm.key").stat().st_mode & 0o777 == 0o600, done.stderr)
    done = lotus("herald", "keys", "new", "--module", "nobody", "--out", work / "x.key")
    check("a key of an unknown module is refused", done.returncode == 64 and not (work / "x.key").exists(), done.stderr)

    root = work / "keyed"
    lotus("bench", "root", root, "--events", "50", "--signals")
    done = lotus("herald", "keys", "rotate", root, "--key", file, "--json")
    check("herald keys rotate writes one record",
          done.returncode == 0 and json.loads(done.stdout)["public_key"] == made["public_key"], done.stderr)
    done = lotus("herald", "keys", "list", root, "--json")
    found = json.loads(done.stdout) if done.returncode == 0 else []
    check("herald keys list shows it",
          [(key["module"], key["key_id"], key["public_key"]) for key in found]
          == [("sig", "sig-1", made["public_key"])], done.stdout)
    done = lotus("herald", "keys", "rotate", root, "--key", file)
    check("the same key does not come into force twice",
          done.returncode == 64 and "has a key sig-1 already" in done.stderr, done.stderr)
    raw = b"".join(path.read_bytes() for path in root.rglob("*") if path.is_file())
    text = lotus("cat", root / "herald").stdout
    check("no log holds the private key",
          secret not in text and bytes.fromhex(secret) not in raw and secret.encode() not in raw)
    file.chmod(0o644)
    done = lotus("herald", "keys", "rotate", root, "--key", file)
    check("a key that others may read is refused", done.returncode == 64 and "0600" in done.stderr, done.stderr)
    file.chmod(0o600)
    file.write_text("lotus ed25519 private key 1\nmodule sig\nkey_id sig-9\nseed 00\n")
    done = lotus("herald", "keys", "rotate", root, "--key", file)
    check("a broken key is refused with its line", done.returncode == 64 and "line 4" in done.stderr, done.stderr)


def effects(work):
    priors = ROOT / "Fixtures/priors/root"
    done = lotus("diff", "priors", "v2", "v5", "--root", priors, "--effects", "--json")
    found = json.loads(done.stdout).get("effects", {}) if done.returncode == 4 else {}
    parts = [*(entry for entry in found.get("keys", [])), found.get("interaction", {})]
    adds = all(
        sum(part.get(name, 0) for part in parts) == found.get("total", {}).get(name)
        for name in ("appear", "vanish", "change", "micro_sigma"))
    check("diff priors --effects adds up", found and adds, done.stdout + done.stderr)
    done = lotus("diff", "priors", "v2", "v5", "--root", priors, "--windows", priors)
    check("--windows without --effects is refused", done.returncode == 64, done.stderr)
    done = lotus("diff", "priors", "v2", "v5", "--root", priors, "--effects", "--since", "2026-01-03", "--until",
                 "2026-01-02")
    check("--since behind --until is refused", done.returncode == 64, done.stderr)


def records(work, schema):
    root, bundle = work / "recorded", work / "recorded.bundle"
    lotus("bench", "root", root, "--events", "50", "--signals")
    done = lotus("freeze", root, "--out", bundle, "--seal", "--record", "--json")
    made = json.loads(done.stdout) if done.returncode == 0 else {}
    check("freeze --record tells the id of its record", made.get("record"), done.stderr)
    lines = [json.loads(line) for line in lotus("cat", root / "ops").stdout.splitlines()]
    check("and the ops log has it", [line["type"] for line in lines] == ["rep.FixtureFrozen"], lines)
    done = lotus("verify", bundle, "--anchor", f"sha256:{made.get('sha256')}")
    check("the bundle stays what it was", done.returncode == 0, done.stdout + done.stderr)


def idle_tail(work, schema):
    log = work / "idle"
    make_log(log, schema)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw
    done = lotus("tail", log, "--from", "now", "--timeout", "1")
    sleeps = resource.getrusage(resource.RUSAGE_CHILDREN).ru_nvcsw - before
    # A load can only make it sleep less often: this bound does not depend on the machine.
    check(f"an idle tail wakes {sleeps} times in a second, at most 60",
          done.returncode == 0 and sleeps <= 60, done.stderr)


def benches(work):
    done = lotus("bench", "log", "ack", work, "--count", "20")
    check("lotus bench log ack prints JSON",
          done.returncode == 0 and json.loads(done.stdout)["count"] == 20, done.stderr)
    done = lotus("bench", "log", "tail", work, "--count", "20")
    check("lotus bench log tail finds its other process",
          done.returncode == 0 and json.loads(done.stdout)["count"] == 20, done.stderr)
    done = lotus("bench", "replay", "market", "-", work, "--events", "1000", "--rounds", "1", "--detectors", "1",
                 "--assets", "1", "--memory", "1,3", "--json")
    growth = json.loads(done.stdout)["memory_growth"] if done.returncode == 0 else None
    check(f"a replay takes as much memory for three million events as for one: {growth} more, at most 0.05",
          growth is not None and growth <= 0.05, done.stdout + done.stderr)


def cohorts(work):
    """What a replay refuses before it begins, with the place in the file."""
    bundle = ROOT / "Fixtures/real/kraken-trades.bundle"
    detector = "tape_run_burst_v1"
    for text, found in (
            ("params: {nobody_v1: {x: 1}}", "1:10: params names nobody_v1, which is not in the cohort: "),
            (f"params:\n  {detector}:\n    nothing: 1", f"3:5: {detector} has no parameter nothing; it has "),
            ("siblings: 17", "1:11: siblings is '17', expected 0 to 16"),
            ("initial_state: best", "1:16: initial_state is 'best', expected one of candidate, "),
            ("\nspeed: 3", "2:1: 'speed' is no setting; expected params, siblings, initial_state"),
            ("[1]", "1:1: an overlay is a list, expected a mapping (key: value)"),
            ("params: {", "is not YAML: "), ("", "1:1: holds nothing, expected a mapping"),
            ("- " * 100_000, "nesting level")):
        overlay = work / "overlay.yaml"
        overlay.write_text(text)
        done = lotus("replay", bundle, "--out", work / "refused", "--overlay", overlay)
        check(f"an overlay is refused with its place: {found[:60]}",
              done.returncode == 1 and f"{overlay}:" in done.stderr and found in done.stderr
              and not (work / "refused").exists(), done.stderr)
    overlay.write_text("siblings: 2\ninitial_state: candidate\n")
    digests = {}
    for name, words in (("plain", ()), ("overlaid", ("--overlay", overlay)), ("without", ("--without", "family:tape"))):
        done = lotus("replay", bundle, "--out", work / name, "--no-report", "--json", *words)
        check(f"a replay of the real trades, {name}", done.returncode == 0, done.stderr)
        digests[name] = json.loads(done.stdout)["digest"] if done.returncode == 0 else None
    check("an overlay and a knock-out make other runs", len(set(digests.values())) == 3, digests)
    done = lotus("replay", bundle, "--out", work / "taped", "--no-report", "--json", "--tape", "100")
    check("a tape of tokens makes another run", done.returncode == 0 and
          json.loads(done.stdout)["digest"] not in digests.values(), done.stderr)
    priors = work / "plain"
    done = lotus("replay", bundle, "--out", work / "given", "--no-report", "--json", "--priors", f"{priors}@v1")
    minted = [lotus("cat", work / name / "sig", "--type", "priors.VersionMinted", "--json").stdout
              for name in ("plain", "given")]
    check("given priors stand at the beginning of a run, under their own ids (REP-11)",
          done.returncode == 0 and '"id":"' in minted[0]
          and minted[0].split('"id":"')[1][:26] in minted[1], done.stderr + minted[1])
    for words, found in (
            (("--without", "family:nobody"), "no detector is one"), (("--without", "tape"), "detector:ID"),
            (("--tape", "49"), "50 to 200"), (("--priors", f"{priors}@v99"), "expected one of"),
            (("--priors", bundle), "no version of priors")):
        done = lotus("replay", bundle, "--out", work / "refused", *words)
        check(f"{' '.join(map(str, words))} is refused", done.returncode == 64 and found in done.stderr, done.stderr)


def suggestions():
    for words, wanted in ((("replay", "x", "--out", "z", "--outt", "y"), "--out"), (("tail", "x", "--form", "now"), "--from"),
                          (("replay", "x", "--out", "y", "--walkforward", "auto"), "--walk-forward")):
        done = lotus(*words)
        check(f"{words[-2]} is answered with {wanted}",
              done.returncode == 64 and f"Did you mean '{wanted}'?" in done.stderr, done.stderr)
    for shell, test in (("bash", ["bash", "-n"]), ("zsh", None), ("fish", None)):
        done = lotus("--generate-completion-script", shell)
        holds = done.returncode == 0 and "walk-forward" in done.stdout
        if test:
            holds = holds and subprocess.run(test, input=done.stdout, text=True, capture_output=True).returncode == 0
        check(f"completions for {shell}", holds, done.stderr)


def main():
    need_program("commands")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-commands-"))
    try:
        schema = work / "type.yaml"
        schema.write_text(TYPE.format(1))
        help_texts()
        manuals(work)
        versions(work, schema)
        pipes(work, schema)
        parents(work, schema)
        manifests(work)
        heralds(work, schema)
        roots(work, schema)
        bundles(work, schema)
        differences(work, schema)
        effects(work)
        cohorts(work)
        suggestions()
        keys(work)
        records(work, schema)
        idle_tail(work, schema)
        benches(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
