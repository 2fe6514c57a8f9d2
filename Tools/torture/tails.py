"""Followers in other processes, while the writer is killed, stopped and started again."""

import os
import signal
import subprocess
import threading
import time

from checks import PATIENCE, Problems, wait_until


class Follower:
    """`lotus tail` from the first event on, into a file."""

    def __init__(self, lotus, log, level, path):
        self.level, self.path = level, path
        self.out, self.err = open(path, "wb"), open(path + ".err", "wb+")
        self.process = subprocess.Popen(
            [lotus.path, "tail", log, "--from", "seq:1", "--level", level], stdin=subprocess.DEVNULL, stdout=self.out,
            stderr=self.err)

    def finish(self, expected):
        """Waits until it has printed as much as expected; what is wrong with what it printed."""
        wait_until(lambda: os.path.getsize(self.path) >= len(expected) or self.process.poll() is not None)
        early = self.process.poll()
        if early is None:
            # Anything it should not print would come now.
            time.sleep(0.2)
            self.process.send_signal(signal.SIGINT)
        code = _wait(self.process)
        with open(self.path, "rb") as file:
            found = file.read()
        self.err.seek(0)
        message = self.err.read()
        self.out.close()
        self.err.close()
        if early is not None or code != 0:
            return f"ended with {code}{'' if early is None else ' by itself'}: {message[-500:]!r}"
        if found == expected:
            return None
        lines, wanted = found.split(b"\n"), expected.split(b"\n")
        at = next((i for i, (a, b) in enumerate(zip(lines, wanted)) if a != b), min(len(lines), len(wanted)))
        return (f"{len(lines) - 1} lines, {len(wanted) - 1} expected; rewound {found.count(b'rewound')}; differs at line "
                f"{at + 1}: {lines[at:at + 2]!r}, expected {wanted[at:at + 2]!r}")


class Subscriber:
    """`lotus tail --from cursor:NAME`, killed and restarted at random: at least once, in order, nothing missing."""

    def __init__(self, lotus, log, name, path, dice):
        self.lotus, self.log, self.name, self.path, self.dice = lotus, log, name, path, dice
        self.lives = 0
        self.problems = Problems()
        self.isEnough = threading.Event()
        self.last = None
        self.thread = threading.Thread(target=self._loop, daemon=True)
        open(path, "wb").close()
        self.thread.start()

    def _start(self):
        self.lives += 1
        with open(self.path, "ab") as out, open(self.path + ".err", "ab") as err:
            return subprocess.Popen(
                [self.lotus.path, "tail", self.log, "--from", f"cursor:{self.name}"], stdin=subprocess.DEVNULL, stdout=out,
                stderr=err)

    def _loop(self):
        while True:
            process = self._start()
            self.isEnough.wait(self.dice.uniform(0, 0.4))
            if self.isEnough.is_set():
                self.last = process
                return
            if process.poll() is not None:
                self.problems.add(f"life {self.lives} ended by itself with {process.returncode}")
            # Now and then it may end in peace, and stores its cursor then.
            process.send_signal(signal.SIGKILL if self.dice.random() < 0.8 else signal.SIGTERM)
            _wait(process)
            self._cut_half_line()

    def _cut_half_line(self):
        """A half line was never received: the consumer sees it again, whole."""
        with open(self.path, "rb+") as file:
            size = file.seek(0, os.SEEK_END)
            while size > 0:
                step = min(size, 1 << 16)
                file.seek(size - step)
                newline = file.read(step).rfind(b"\n")
                if newline >= 0:
                    file.truncate(size - step + newline + 1)
                    return
                size -= step
            file.truncate(0)

    def finish(self, expected):
        """What is wrong with everything it ever printed."""
        self.isEnough.set()
        self.thread.join(PATIENCE)
        if self.last is None:
            return "its thread hangs"
        wanted = expected.splitlines(keepends=True)
        wait_until(lambda: self._ends_with(wanted[-1]) or self.last.poll() is not None)
        self.last.send_signal(signal.SIGINT)
        if (code := _wait(self.last)) != 0:
            self.problems.add(f"ended with {code}")
        following, self.repeats = 0, 0
        with open(self.path, "rb") as file:
            for line in file:
                if following < len(wanted) and line == wanted[following]:
                    following += 1
                    continue
                seq = int(line[7:].split(b",", 1)[0]) if line.startswith(b'{"seq":') else 0
                if not 1 <= seq <= following or line != wanted[seq - 1]:
                    self.problems.add(f"{line[:200]!r} behind seq {following}")
                    break
                # Repeats go back to a place and come in order from there on.
                self.repeats += 1
        if following != len(wanted):
            self.problems.add(f"events from seq {following + 1} of {len(wanted)} on never came")
        if self.problems:
            with open(self.path + ".err", "rb") as file:
                self.problems.add(f"said {file.read()[-500:]!r}")
        return " | ".join(self.problems) or None

    def _ends_with(self, line):
        with open(self.path, "rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - len(line)))
            return file.read() == line


class Crowd:
    """All that follow one log."""

    def __init__(self, lotus, log, directory, dice, checks):
        self.lotus, self.log, self.checks = lotus, log, checks
        self.followers = [
            Follower(lotus, log, level, os.path.join(directory, f"tail{number}.ndjson"))
            for number, level in enumerate(("durable", "durable", "written"))]
        self.subscriber = Subscriber(lotus, log, "torture", os.path.join(directory, "cursor.ndjson"), dice)

    def report(self):
        expected = self.lotus.run("cat", self.log).out
        for number, follower in enumerate(self.followers):
            problem = follower.finish(expected)
            self.checks.expect(
                problem is None, f"tail {number + 1} ({follower.level}) printed what cat prints, nothing rewound", problem)
        problem = self.subscriber.finish(expected)
        self.checks.expect(
            problem is None, f"tail from a cursor, {self.subscriber.lives} lives: every event at least once, in order", problem)
        self.checks.note(f"{getattr(self.subscriber, 'repeats', 0)} events came to the cursor more than once")

    def end(self):
        """Ends what still runs, after an error of the test."""
        self.subscriber.isEnough.set()
        self.subscriber.thread.join(PATIENCE)
        for process in [follower.process for follower in self.followers] + [self.subscriber.last]:
            if process and process.poll() is None:
                process.kill()
                process.wait()


def _wait(process):
    try:
        return process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return "a hang"
