#!/usr/bin/env python3
"""Plants faults in a machine and in roots, one at a time, and expects `lotus doctor` to name each and nothing else.

Prints one line a check and a closing line `N passed, M failed`; ends with status 1 if a check failed.
LOTUS=PATH names the program to test.
"""

import json
import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile

from checks import LOTUS, ROOT, check, closing, lotus, need_program

TYPE = "type: {}\nversion: {}\nfields:\n  - {{name: price, type: i64}}\n"
LINE = '{{"event_ts":"{}","price":1}}\n'
NOW = "2026-01-02T03:04:05Z"

# Libraries that answer otherwise: the program is told an old version, or a clock that has gone back.
SHIMS = {
    "lz4": "int LZ4_versionNumber(void) { return 10802; }",
    "xxhash": "unsigned XXH_versionNumber(void) { return 605; }",
    "clock": """
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *t) { t->tv_sec = id ? 1000 : {0}; t->tv_nsec = 0; return 0; }""",
}


def doctor(*words, **options):
    """Exit status and findings, as (kind, place, what to do)."""
    done = lotus("doctor", *words, "--json", **options)
    try:
        found = [(entry["kind"], entry["place"], entry["do"]) for entry in json.loads(done.stdout)["findings"]]
    except ValueError:
        found = [("no JSON", done.stdout + done.stderr, "")]
    return done.returncode, found


def append(log, name="demo.Tick", version=1, moment=NOW):
    """One event of a type onto a log."""
    schema = log.parent.parent / f"{name}-{version}.yaml"
    schema.write_text(TYPE.format(name, version))
    done = subprocess.run([LOTUS, "append", log, "--schema", schema, "--type", name, "--type-version", str(version)],
                          input=LINE.format(moment), capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"doctor: nothing was appended: {done.stderr}")


def flip(path, place):
    """Changes one bit."""
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1
    path.write_bytes(whole)


class Clinic:
    """A healthy root, and copies of it to plant faults in."""

    def __init__(self, work):
        self.work, self.count = work, 0
        self.healthy = work / "healthy"
        made = lotus("bench", "root", self.healthy, "--market", "--events", "500")
        if made.returncode != 0:
            sys.exit(f"doctor: no root could be made: {made.stderr}")
        append(self.healthy / "notes")
        # Two segments, of which the first is sealed, and a reader's place.
        lotus("seal", self.healthy / "notes")
        append(self.healthy / "notes")
        lotus("tail", self.healthy / "notes", "--from", "cursor:mine", "--count", "2")

    def copy(self):
        self.count += 1
        root = self.work / f"root-{self.count}"
        shutil.copytree(self.healthy, root)
        return root

    def plant(self, label, kind, place, status, fault, words=(), **options):
        """Plants a fault in a copy; the finding must be the only one, at its place, with an advice."""
        root = self.copy()
        after = fault(root)
        found = doctor(root, *words, **options)
        check(f"{label}: {kind}", found[0] == status and len(found[1]) == 1 and found[1][0][0] == kind
              and found[1][0][1].endswith(place) and found[1][0][2], found)
        if callable(after):
            after()


def shim(work, name, *values):
    """The settings under which the program runs with another library in front."""
    source, library = work / f"{name}.c", work / f"{name}.so"
    text = SHIMS[name]
    source.write_text(text.replace("{0}", str(values[0])) if values else text)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True)
    return {"LD_PRELOAD": str(library)}


def machines(clinic):
    def nothing(_):
        return None

    work = clinic.work
    clinic.plant("an old liblz4", "library", "liblz4", 1, nothing, settings=shim(work, "lz4"))
    clinic.plant("an old libxxhash", "library", "libxxhash", 1, nothing, settings=shim(work, "xxhash"))
    clinic.plant("few open files", "open_files", "open files", 1, nothing,
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)))
    clinic.plant("short files", "file_size", "bytes of a file", 1, nothing,
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20)))
    clinic.plant("a disk without the space that is asked for", "free_space", "", 1, nothing, ("--free", "1024G"))
    # A year before the logs were written, and in the last century.
    done = doctor(clinic.healthy, settings=shim(work, "clock", 1_740_000_000))
    kinds = {kind for kind, _, _ in done[1]}
    places = [place for kind, place, _ in done[1] if kind == "clock"]
    check("a clock that has gone back: clock, for every log", done[0] == 1 and "clock" in kinds
          and {pathlib.Path(place).name for place in places} >= {"mkt", "notes"}, done)
    done = doctor(settings=shim(work, "clock", 900_000_000))
    check("a clock of the last century: clock", [kind for kind, _, _ in done[1]] == ["clock"] and done[0] == 1, done)

    changed = work / "manifests"
    shutil.copytree(ROOT / "Sources/Contracts/manifests", changed)
    done = doctor("--manifests", changed)
    check("manifests as the code declares them: nothing", done == (0, []), done)
    sig = changed / "sig.yaml"
    sig.write_text(sig.read_text().replace("sig.beta_mx", "sig.beta_my"))
    clinic.plant("manifests unlike the code", "manifests", "manifests", 1, nothing, ("--manifests", changed))
    (changed / "dm.yaml").write_text("{")
    clinic.plant("a manifest that is no YAML", "manifests", "manifests", 1, nothing, ("--manifests", changed))


def roots(clinic):
    plant = clinic.plant

    def mode(name, bits):
        return lambda root: (root / name).chmod(bits)

    plant("a root that its owner cannot write", "permissions", "", 1, mode("", 0o555))
    plant("a log that its owner cannot write", "permissions", "/mkt", 1, mode("mkt", 0o500))
    plant("a manifest that cannot be written", "permissions", "/mkt/MANIFEST", 1, mode("mkt/MANIFEST", 0o444))
    plant("marks that anybody may write", "permissions", "/mkt/COMMIT", 1, mode("mkt/COMMIT", 0o666))

    def key(root):
        lotus("herald", "keys", "new", "--module", "sig", "--out", root / "sig.key")
        check("a key as it was made is well", doctor(root) == (0, []))
        (root / "sig.key").chmod(0o640)

    plant("a private key that others may read", "key", "/sig.key", 1, key)
    plant("a log that is missing", "order", "", 1, without_a_log)
    plant("an event of the year 2099", "future", "/notes", 1,
          lambda root: append(root / "notes", moment="2099-01-01T00:00:00Z"))
    plant("a type of a newer program", "schema", "/notes", 1, lambda root: append(root / "notes", "sig.SignalScored", 99))
    plant("a type that nobody knows", "schema", "/notes", 1, lambda root: append(root / "notes", "sig.TeaLeavesRead"))
    plant("a type with another meaning", "schema", "/notes", 1, lambda root: append(root / "notes", "mkt.Traded"))


def without_a_log(root):
    """A second log with later events, then the first one is gone."""
    shutil.rmtree(root / "notes")
    made = lotus("bench", "root", root.parent / f"{root.name}-two", "--events", "80", "--signals")
    if made.returncode != 0:
        sys.exit(f"doctor: no root could be made: {made.stderr}")
    shutil.rmtree(root)
    shutil.copytree(root.parent / f"{root.name}-two", root)
    check("a root of several logs is well", doctor(root) == (0, []), doctor(root))
    shutil.rmtree(root / "sig")


def logs(clinic):
    plant = clinic.plant

    def first(root):
        return sorted((root / "notes").glob("*.seg"))[0]

    plant("what a crash left", "leftover", "/notes/MANIFEST.new", 1, lambda root: (root / "notes/MANIFEST.new").touch())
    plant("a file that is no part of a log", "stranger", "/notes/notes.txt", 1,
          lambda root: (root / "notes/notes.txt").touch())
    plant("a log without MANIFEST", "log_manifest", "/notes/MANIFEST", 2, lambda root: (root / "notes/MANIFEST").unlink())
    plant("a MANIFEST that is damaged", "log_manifest", "/notes/MANIFEST", 2, lambda root: flip(root / "notes/MANIFEST", 40))
    plant("marks that are damaged", "commit_page", "/notes/COMMIT", 2, lambda root: flip(root / "notes/COMMIT", 60))
    plant("marks that are gone", "commit_page", "/notes/COMMIT", 2, lambda root: (root / "notes/COMMIT").unlink())
    plant("a sealed segment that is gone", "segment", ".seg", 2, lambda root: first(root).unlink())
    plant("a segment without its header", "segment", ".seg", 2, lambda root: first(root).write_bytes(b"\0" * 64))
    plant("a cursor that is damaged", "cursor", "/cursors/mine", 2, lambda root: flip(root / "notes/cursors/mine", 30))

    def foreign(root):
        other = root.parent / f"{root.name}-other"
        other.mkdir()
        append(other / "notes")
        lotus("tail", other / "notes", "--from", "cursor:mine", "--count", "1")
        shutil.copy(other / "notes/cursors/mine", root / "notes/cursors/mine")

    plant("a cursor of another log", "cursor", "/cursors/mine", 2, foreign)

    def writer(root):
        process = subprocess.Popen([LOTUS, "append", root / "notes"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        process.stdin.write(LINE.format(NOW))
        process.stdin.flush()
        process.stdout.readline()

        def leave():
            process.kill()
            process.communicate()
            found = doctor(root)
            check("a writer that was killed: crash", found[0] == 1 and [kind for kind, _, _ in found[1]] == ["crash"], found)
            append(root / "notes")
            check("which its next start repairs", doctor(root) == (0, []), doctor(root))

        return leave

    plant("a log that another process writes", "writer", "/notes", 1, writer)

    def torn(root):
        newest = sorted((root / "notes").glob("*.seg"))[-1]
        with open(newest, "r+b") as file:
            file.seek(0, os.SEEK_END)
            file.write(b"\xff" * 500)
        append(root / "notes")

    plant("bytes that a recovery set aside", "set_aside", ".quarantine", 1, torn)


def main():
    need_program("doctor")
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-doctor-"))
    try:
        clinic = Clinic(work)
        check("a healthy root has no finding", doctor(clinic.healthy) == (0, []), doctor(clinic.healthy))
        check("a healthy machine has none either", doctor() == (0, []), doctor())
        done = lotus("doctor", clinic.healthy)
        check("which is said in one line", done.stdout == f"{clinic.healthy}, 2 logs: healthy\n", done.stdout)
        done = lotus("doctor", ROOT / "Tools")
        check("a folder without logs is refused", done.returncode == 64 and "holds no logs" in done.stderr, done.stderr)
        machines(clinic)
        roots(clinic)
        logs(clinic)
    finally:
        subprocess.run(["chmod", "-R", "u+rwx", work], check=False)
        shutil.rmtree(work, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
