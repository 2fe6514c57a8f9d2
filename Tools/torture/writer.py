"""EX-34: a writer that is killed at random moments never loses an acknowledged event, and never invents one."""

import glob
import json
import os
import subprocess
import threading
import time

from checks import PATIENCE, Problems, end


class Run:
    """One life of a writer: which counters it was sent, and which seqs it acknowledged."""

    def __init__(self, first_counter):
        self.first_counter = self.next_counter = first_counter
        self.first_seq = None
        self.acknowledged = 0


class Life:
    """A running writer, fed by one thread while another reads its acknowledgements."""

    def __init__(self, lotus, log, events, first_counter, *arguments, pause=0):
        self.events, self.pause = events, pause
        self.run = Run(first_counter)
        self.problems = Problems()
        self.isEnough = False
        self.process = lotus.start_append(log, *arguments)
        self.message = b""
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self._feed, self._listen, self._hear)]
        for thread in self.threads:
            thread.start()

    def _feed(self):
        try:
            while not self.isEnough:
                lines = self.events.lines(self.run.next_counter, 64)
                # Counted as sent before it is: the kill may come in between.
                self.run.next_counter += 64
                while lines:
                    lines = lines[os.write(self.process.stdin.fileno(), lines):]
                if self.pause:
                    time.sleep(self.pause)
            self.process.stdin.close()
        except (OSError, ValueError):
            pass  # killed

    def _listen(self):
        rest = b""
        while piece := os.read(self.process.stdout.fileno(), 1 << 16):
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                seq = json.loads(line)["seq"]
                if self.run.first_seq is None:
                    self.run.first_seq = seq
                if seq != self.run.first_seq + self.run.acknowledged:
                    self.problems.add(f"seq {seq} acknowledged behind {self.run.first_seq + self.run.acknowledged - 1}")
                self.run.acknowledged += 1

    def _hear(self):
        while piece := os.read(self.process.stderr.fileno(), 1 << 16):
            self.message += piece

    def _join(self):
        self.process.wait()
        for thread in self.threads:
            thread.join(PATIENCE)
            if thread.is_alive():
                self.problems.add("a thread of the test hangs")
        end(self.process)
        return self.run

    def wait_for_acknowledgement(self):
        end_of_patience = time.monotonic() + PATIENCE
        while self.run.acknowledged == 0 and self.process.poll() is None and time.monotonic() < end_of_patience:
            time.sleep(0.0005)

    def kill(self):
        if self.process.poll() is not None:
            self.problems.add(f"ended by itself with {self.process.returncode}: {self.message[-500:]!r}")
        self.process.kill()
        return self._join()

    def finish(self):
        """Ends the input and waits for the clean end."""
        self.isEnough = True
        try:
            if self.process.wait(PATIENCE) != 0:
                self.problems.add(f"ended with {self.process.returncode}: {self.message[-500:]!r}")
        except subprocess.TimeoutExpired:
            self.problems.add("does not end")
            self.process.kill()
        return self._join()


class KillTorture:
    """The loop of starts and kills over one log."""

    def __init__(self, lotus, log, events, checks, dice):
        self.lotus, self.log, self.events, self.checks, self.dice = lotus, log, events, checks, dice
        self.runs = []
        self.kills = self.torn = self.early = 0
        self.highest = 0
        # Where the last look at the log ended: seq, and the run of its last event.
        self.checkedSeq = self.checkedRun = 0
        self.problems = Problems()

    def first(self):
        """A short clean life, so that there is a log to follow."""
        self._live(None)

    def loop(self, kills, deadline):
        while self.kills < kills and time.monotonic() < deadline and not self.problems:
            # A third falls into start-up and recovery; the others begin to count at the first acknowledgement, so a slow
            # machine does not turn them into more of the same.
            early = self.dice.random() < 0.33
            self._live(self.dice.uniform(0, 0.012) if early else self.dice.uniform(0.001, 0.04), after_first=not early)
            self.kills += 1
            if self.kills % 25 == 0:
                self._look(0, 0)
            elif self.dice.random() < 0.6:
                self._look(self.checkedSeq, self.checkedRun)
        self._live(None)
        self._look(0, 0)

    def _live(self, seconds, after_first=False):
        level = ("durable", "written")[len(self.runs) % 2]
        first = self.runs[-1].next_counter if self.runs else 1
        life = Life(
            self.lotus, self.log, self.events, first, "--level", level,
            "--batch-bytes", self.dice.choice((1, 64, 512, 4096, 16384, 65536, 262144)))
        if after_first:
            life.wait_for_acknowledgement()
        time.sleep(0.02 if seconds is None else seconds)
        run = life.finish() if seconds is None else life.kill()
        self.runs.append(run)
        self.early += run.acknowledged == 0
        if run.acknowledged:
            self.highest = run.first_seq + run.acknowledged - 1
        for problem in life.problems:
            self.problems.add(f"life {len(self.runs)}: {problem}")

    def _look(self, seq, index):
        """Verifies the log and reads it back from behind `seq`, which belongs to run `index`."""
        status, _, result = self.lotus.verify(self.log)
        self.torn += status == "torn_tail"
        if status not in ("clean", "torn_tail") or result.code != 0:
            self.problems.add(f"after kill {self.kills}: verify: {result}")
        result = self.lotus.run("cat", self.log, "--ndjson", "--from", f"seq:{seq + 1}")
        if result.code != 0:
            self.problems.add(f"after kill {self.kills}: cat: {result}")
        previous = self.lastCounter if seq else 0
        for line in result.out.splitlines():
            event = json.loads(line)
            counter, seq = event["data"]["counter"], seq + 1
            if event["seq"] != seq or counter <= previous:
                return self.problems.add(f"after kill {self.kills}: seq {event['seq']}, counter {counter} behind seq {seq - 1}, counter {previous}")
            # Within a life the counters are dense; a later life begins with its own first.
            while index < len(self.runs) and counter >= self.runs[index].next_counter:
                index += 1
            if index == len(self.runs) or event["data"]["payload"] != self.events.payload(counter):
                return self.problems.add(f"after kill {self.kills}: seq {seq}, counter {counter} was never sent")
            run = self.runs[index]
            if counter not in (previous + 1, run.first_counter):
                return self.problems.add(f"after kill {self.kills}: seq {seq}: counter {counter} behind {previous}: events are missing")
            if run.first_seq is not None and counter - run.first_counter != seq - run.first_seq:
                return self.problems.add(f"after kill {self.kills}: seq {seq} holds counter {counter}, another was acknowledged")
            previous = counter
        if seq < self.highest:
            self.problems.add(f"after kill {self.kills}: the log ends at seq {seq}, {self.highest} was acknowledged")
        self.checkedSeq, self.checkedRun, self.lastCounter = seq, index, previous

    def report(self):
        self.checks.note(
            f"{self.kills} kills ({self.early} before the first acknowledgement, {self.torn} torn tails seen), "
            f"{self.checkedSeq} events")
        self.checks.expect(
            not self.problems, f"{self.kills} kills: everything acknowledged is there, in order; nothing is invented",
            " | ".join(self.problems))
        check_end(self.lotus, self.log, self.checks, self.checkedSeq)


def check_end(lotus, log, checks, count):
    """Deep verification, and the stock lz4 tool's opinion."""
    status, events, result = lotus.verify(log, "--deep")
    checks.expect((status, events) == ("clean", count), f"verify --deep: clean, {count} events", result)
    segments = sorted(glob.glob(os.path.join(log, "*.seg")))
    bad, whole = [], b""
    for segment in segments:
        test = subprocess.run(["lz4", "-t", "-q", segment], capture_output=True)
        plain = subprocess.run(["lz4", "-dc", segment], capture_output=True)
        whole += plain.stdout
        if test.returncode or plain.returncode:
            bad.append(f"{segment}: {test.stderr + plain.stderr}")
    checks.expect(not bad and segments, f"lz4 -t accepts each of {len(segments)} segments", bad)
    raw = lotus.run("cat", log, "--raw")
    checks.expect(raw.code == 0 and raw.out == whole, f"lz4 -dc prints what cat --raw prints, {len(whole)} bytes")
