#!/usr/bin/env python3
"""Holds the Parquet files of `lotus cat --parquet` against its NDJSON, value by value, as other programs read them (AT15.2).

Every type of the kept root and of fresh logs of random events is written as a file, and read back
with pyarrow, pandas and polars. They come from PyPI into a folder that git ignores, the first time; where they cannot be
had, that is said and nothing is checked. The cell of docs/tables.md is run as it stands there.
Prints one line a check and a closing line `N passed, M failed`; ends with status 1 if a check failed.
LOTUS=PATH names the program to test.
"""

import base64
import json
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tempfile
from datetime import datetime, timezone
from decimal import Decimal

from checks import LOTUS, ROOT, check, closing, lotus, need_program

VENV = ROOT / ".build-tables"
PACKAGES = ["pandas>=2,<4", "pyarrow>=17", "polars>=1,<2"]


def enter_venv():
    """Goes on in an interpreter that has the packages; says so if there is none."""
    python = VENV / "bin/python"
    wanted = [str(python), "-c", "import pandas, polars, pyarrow"]
    if not python.exists() or subprocess.run(wanted, capture_output=True).returncode:
        print(f"parquet: making {VENV.name}", flush=True)
        made = subprocess.run(["python3", "-m", "venv", "--clear", str(VENV)]).returncode == 0 and subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]).returncode == 0
        if not made:
            print("SKIPPED parquet.py: pandas, pyarrow and polars cannot be had from PyPI; nothing was checked")
            sys.exit(0)
    if pathlib.Path(sys.prefix) != VENV:
        os.execv(python, [str(python), *sys.argv])


def nanos(text):
    """Nanoseconds since 1970 of a time as it is printed."""
    moment = datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    return (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)) // (moment.resolution * 1_000_000) * 10**9 + int(text[20:29])


def printed(value, kind):
    """A value of the NDJSON, as the kind of its column says it."""
    import pyarrow.types as types
    if value is None:
        return None
    if types.is_timestamp(kind):
        return nanos(value)
    if types.is_decimal(kind):
        return Decimal(value)
    if types.is_float32(kind):
        return struct.unpack("f", struct.pack("f", value))[0]
    if types.is_list(kind) or types.is_large_list(kind):
        return [printed(element, kind.value_type) for element in value]
    if types.is_struct(kind):
        return {field.name: printed(value.get(field.name), field.type) for field in kind}
    return value


def columns(table):
    """The columns of an Arrow table as values that compare with `printed`."""
    import pyarrow as pa
    import pyarrow.types as types

    def plain(array):
        kind = array.type
        if types.is_timestamp(kind):
            return array.cast(pa.timestamp("ns", kind.tz)).cast(pa.int64()).to_pylist()
        if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind):
            return [None if value is None else base64.b64encode(value).decode() for value in array.to_pylist()]
        if types.is_list(kind) or types.is_large_list(kind):
            inner, found = iter(plain(array.flatten())), []
            for count in array.value_lengths().to_pylist():
                found.append(None if count is None else [next(inner) for _ in range(count)])
            return found
        if types.is_struct(kind):
            parts = {field.name: plain(part) for field, part in zip(kind, array.flatten())}
            return [
                {name: values[row] for name, values in parts.items()} if there else None
                for row, there in enumerate(array.is_valid().to_pylist())]
        return array.to_pylist()

    whole = table.combine_chunks()
    return {name: plain(pa.concat_arrays(whole[name].chunks)) if whole.num_rows else [] for name in whole.column_names}


def compare(label, log, kind, work):
    import pandas
    import polars
    import pyarrow.parquet
    file = work / "table.parquet"
    lines = [json.loads(line) for line in lotus("cat", log, "--type", kind).stdout.splitlines()]
    done = lotus("cat", log, "--type", kind, "--parquet", file)
    if done.returncode:
        return check(f"{label} {kind} is written", False, done.stderr)
    first = file.read_bytes()
    lotus("cat", log, "--type", kind, "--parquet", file)
    own = pyarrow.parquet.ParquetFile(file).read()
    kinds = {field.name: field.type for field in own.schema}
    wanted = {}
    for name, type_ in kinds.items():
        field = name.removeprefix("data.")
        envelope = name in ("seq", "event_ts", "append_ts")
        wanted[name] = [printed(line[name] if envelope else line["data"].get(field), type_) for line in lines]
    tables = {
        "pyarrow": own, "polars": polars.read_parquet(file).to_arrow(),
        "pandas": pyarrow.Table.from_pandas(pandas.read_parquet(file, dtype_backend="pyarrow"), preserve_index=False)}
    wrong = [] if file.read_bytes() == first else ["two files of the same events differ"]
    for reader, table in tables.items():
        found = columns(table)
        wrong += [f"{reader} {name}: {found.get(name)!r:.300} instead of {values!r:.300}"
                  for name, values in wanted.items() if found.get(name) != values]
    check(f"{label} {kind}: {len(lines)} rows of {len(kinds)} columns", not wrong and set(kinds) >= {"seq"}, "\n".join(wrong))
    return None


def all_types(label, log, work):
    for one in json.loads(lotus("schema", "list", log, "--json").stdout):
        compare(label, log, f"{one['type']}@{one['version']}", work)


def fresh(work, seed):
    """A log of random events of every kind."""
    made, log = work / "generated", work / f"fresh-{seed}"
    shutil.rmtree(made, ignore_errors=True)
    subprocess.run([sys.executable, ROOT / "Tools/conformance/generate.py", "--seed", str(seed), "--events", "120", "--out", made],
                   check=True)
    for part in sorted(made.glob("part-*.ndjson")):
        words = part.with_suffix(".args").read_text().splitlines()
        with part.open() as given:
            subprocess.run([LOTUS, "append", log, "--schema", made / "types.yaml", *words], stdin=given, check=True,
                           stdout=subprocess.DEVNULL)
    return log


def groups(work):
    """More rows than a group holds."""
    import pyarrow.parquet
    root, file = work / "long", work / "long.parquet"
    lotus("bench", "root", root, "--market", "--events", "250000")
    done = lotus("cat", root / "mkt", "--type", "mkt.Traded", "--parquet", file)
    found = pyarrow.parquet.ParquetFile(file) if done.returncode == 0 else None
    rows = [found.metadata.row_group(index).num_rows for index in range(found.num_row_groups)] if found else []
    check(f"groups hold 65,536 rows at most: {rows}", len(rows) > 1 and set(rows[:-1]) == {65536}, done.stderr)
    seqs = [json.loads(line)["seq"] for line in lotus("cat", root / "mkt", "--type", "mkt.Traded").stdout.splitlines()]
    check(f"and together all {len(seqs)}", found and found.read(["seq"])["seq"].to_pylist() == seqs)


def refusals(work):
    log = ROOT / "Fixtures/priors/root/sig"
    file = work / "refused.parquet"
    for words, why in (((log,), "one event type"), ((log.parent,), "is a root"), ((log, "--csv"), "choose one of")):
        done = lotus("cat", *words, "--parquet", file)
        check(f"--parquet of {words[-1]} is refused and leaves nothing",
              done.returncode == 64 and why in done.stderr and not list(work.glob("refused*")), done.stderr)
    done = lotus("cat", log, "--type", "sig.SignalScored", "--where", "seq = 22", "--parquet", file)
    check("--where goes with it", done.returncode == 0 and ": 1 events" in done.stdout, done.stdout + done.stderr)


def cell(work):
    """The cell of docs/tables.md, behind the command above it."""
    text = (ROOT / "docs/tables.md").read_text()
    command = re.search(r"```sh\n(.*?)```", text, re.S).group(1)
    code = re.search(r"```python\n(.*?)```", text, re.S).group(1)
    folder = work / "cell"
    (folder / "bin").mkdir(parents=True)
    (folder / "Fixtures").symlink_to(ROOT / "Fixtures")
    (folder / "bin/lotus").symlink_to(LOTUS)
    path = f"{folder}/bin:{os.environ['PATH']}"
    done = subprocess.run(["bash", "-euc", command], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True)
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True) if done.returncode == 0 else done
    lines = [line for line in code.splitlines() if line.strip()]
    check(f"the cell of docs/tables.md runs, and has {len(lines)} lines", done.returncode == 0 and len(lines) <= 3, done.stderr)


def main():
    need_program("parquet")
    enter_venv()
    work = pathlib.Path(tempfile.mkdtemp(prefix="lotus-parquet-"))
    try:
        refusals(work)
        for log in sorted((ROOT / "Fixtures/priors/root").iterdir()):
            all_types(f"priors/{log.name}", log, work)
        for seed in (1, 2):
            all_types(f"fresh log {seed}", fresh(work, seed), work)
        groups(work)
        cell(work)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return closing()


if __name__ == "__main__":
    sys.exit(main())
