"""What the program says of itself: help and pages for man, looked at for commands.py."""

import re
import shutil
import subprocess

import checks
from checks import check

# Lines of a tall terminal window.
HELP_LINES_MAX = 64


def lotus(*arguments, given="", **options):
    """Runs the program at 80 columns; its exit status, output and errors."""
    return checks.lotus(*arguments, seconds=120, settings={"COLUMNS": "80", "NO_COLOR": "1"}, input=given, **options)


def verbs(prefix=()):
    """All verbs and their subcommands, as --help lists them."""
    text = lotus(*prefix, "--help").stdout
    names, inside = [], False
    for line in text.splitlines():
        inside = inside and bool(line.strip()) or line.startswith("SUBCOMMANDS:")
        if inside and line.startswith("  ") and line[2:3].strip():
            names.append(line.split()[0])
    for name in names:
        yield (*prefix, name)
        yield from verbs((*prefix, name))


def help_texts():
    for verb in [(), *verbs()]:
        text = lotus(*verb, "--help").stdout
        name = " ".join(("lotus", *verb, "--help"))
        wide = [line for line in text.splitlines() if len(line) > 80]
        check(f"{name} fits 80 columns", text and not wide, "\n".join(wide))
        check(f"{name} has an example", "EXAMPLE" in text, text)
        check(f"{name} fits a screen", len(text.splitlines()) <= HELP_LINES_MAX, len(text.splitlines()))
        # A line that the terminal's width broke in the middle: short, and followed by one that goes on in prose.
        about = text.split("USAGE:")[0].split("EXAMPLE")[0].splitlines()
        broken = [
            line for line, after in zip(about, about[1:])
            if line and after and not line.startswith(" ") and len(line) + 1 + len(after.split()[0]) < 80]
        check(f"{name} is wrapped once", not broken, "\n".join(broken))


def manuals(work):
    """A page of every verb, with every flag of its help, the same bytes every time, and nothing that a formatter minds."""
    folders = [work / "man", work / "man-again"]
    for folder in folders:
        folder.mkdir()
        done = lotus("manual", "--out", folder)
        check(f"lotus manual writes into {folder.name}", done.returncode == 0, done.stderr)
    texts = {path.name: path.read_text() for path in folders[0].glob("*")}
    check("twice the same", texts == {path.name: path.read_text() for path in folders[1].glob("*")})
    wanted = {"-".join(("lotus", *verb)) + ".1": verb for verb in [(), *verbs()]}
    check(f"{len(wanted)} pages, one a verb", set(wanted) == set(texts), set(wanted) ^ set(texts))
    for name, verb in wanted.items():
        flags = set(re.findall(r"--[a-z-]+", lotus(*verb, "--help").stdout.split("OPTIONS:")[-1]))
        missing = [flag for flag in flags if flag.replace("-", r"\-") not in texts.get(name, "")]
        check(f"{name} has all flags of the help", verb == () or not missing, missing)
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", *sorted(folders[0].glob("*"))],
                              capture_output=True, text=True)
        check("groff sets all of them without a warning", done.returncode == 0 and not done.stderr, done.stderr)
    done = lotus("manual", "--out", work / "nowhere")
    check("a folder that is missing is refused", done.returncode == 64 and "mkdir" in done.stderr, done.stderr)
