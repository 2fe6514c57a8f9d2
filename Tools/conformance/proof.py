#!/usr/bin/env python3
"""Proofs of replays: what the program proves, a script that shares no code with it agrees with, and forgeries it finds.

A generated market is replayed with `--prove`; Tools/reader/check_proof.py has to agree with PROOF.json. Then single bytes
of the proof, of the run's name and of both logs are changed, and it must not agree any more. Needs the packages of
Tools/reader (lz4, xxhash): Tools/conformance/run.sh starts it with them. Prints one line a check and a closing line
`N passed, M failed`; ends with status 1 if a check failed. LOTUS=PATH names the program to test.
"""

import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

from checks import ROOT, check, closing, lotus, need_program

CHECKER = ROOT / "Tools/reader/check_proof.py"
FORGERIES = 30


def checked(run, market):
    return subprocess.run([sys.executable, CHECKER, run, market], capture_output=True, text=True, timeout=300)


def flip(path, chance):
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data))
    data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(data)
    return place


def forgeries(work, run, bundle):
    """One changed bit anywhere in what a proof is about; what may change without harm is left out."""
    chance = random.Random(4)
    files = [run / "RUN.json", run / "PROOF.json"] + sorted(run.glob("*/*.seg")) + sorted(bundle.glob("mkt/*.seg"))
    missed = []
    for turn in range(FORGERIES):
        file = files[turn % len(files)]
        whole = file.read_bytes()
        place = flip(file, chance)
        if checked(run, bundle).returncode == 0:
            missed.append(f"{file.name} byte {place} of {len(whole)}")
        file.write_bytes(whole)
    # What tells of the circumstances is not recomputed by anybody.
    known = [one for one in missed if one.startswith("PROOF.json")]
    check(f"{FORGERIES} changed bits: each found, but for words about the second run",
          missed == known and len(known) <= FORGERIES // 8, "\n".join(missed))


def main():
    need_program("proof")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-proof-"))
    try:
        root, bundle, run = work / "market", work / "market.bundle", work / "run"
        made = lotus("bench", "root", root, "--market", "--events", "1500")
        frozen = lotus("freeze", root, "--out", bundle)
        proved = lotus("replay", bundle, "--out", run, "--prove", "--no-report", "--json")
        check("a market is replayed and proved", proved.returncode == 0,
              made.stderr + frozen.stderr + proved.stdout + proved.stderr)
        proof = json.loads((run / "PROOF.json").read_text())
        check("PROOF.json has the digest that was printed", proof["digest"] == json.loads(proved.stdout)["digest"])
        done = checked(run, bundle)
        check("an independent script computes the same names and digests", done.returncode == 0, done.stdout + done.stderr)
        print("\n".join(f"          {line}" for line in done.stdout.splitlines()))
        forgeries(work, run, bundle)
        other = work / "other"
        lotus("bench", "root", other, "--market", "--events", "1500", "--seed", "2")
        done = checked(run, other)
        check("another market is not the one", done.returncode == 1 and "chain head" in done.stdout, done.stdout)
        (run / "PROOF.json").unlink()
        check("without a proof there is nothing to check", checked(run, bundle).returncode == 2)
        plain = work / "plain"
        lotus("replay", bundle, "--out", plain, "--no-report", "--json")
        check("a run that was not proved has no proof", not (plain / "PROOF.json").exists())
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
