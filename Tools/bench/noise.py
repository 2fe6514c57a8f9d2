"""How noisy the machine was: without that, a ratio means little on a machine that is shared."""

import os
import resource
import statistics
import time


def processor_ticks():
    """Ticks of all processors since the boot: busy ones, stolen ones, all."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, idle, wait, irq, softirq, steal = (int(word) for word in file.readline().split()[1:9])
    busy = user + nice + system + irq + softirq
    return busy, steal, busy + steal + idle + wait


def own_seconds():
    """Processor seconds of this program and of what it has run."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


class Noise:
    """Watches a run from its beginning to `summary`."""

    def __init__(self):
        self.ticks, self.own, self.start = processor_ticks(), own_seconds(), time.monotonic()
        self.load = os.getloadavg()[0]

    def summary(self, rows):
        """One line: what others took, what was stolen, and how far the same work differed from round to round."""
        busy, steal, total = (now - then for now, then in zip(processor_ticks(), self.ticks))
        ticks_per_second = os.sysconf("SC_CLK_TCK")
        others = max(0.0, busy - (own_seconds() - self.own) * ticks_per_second) / max(total, 1)
        swings = [spread(row.b) for row in rows if len(set(row.b)) > 1]
        swing = statistics.median(swings) if swings else None
        told = "measured once" if swing is None else f"the other side's own figures swing by ±{swing:.0f} %"
        noisy = others > 0.1 or steal / max(total, 1) > 0.02 or (swing or 0) > 15
        verdict = "NOISY: believe ratios, not figures" if noisy else "quiet"
        return (
            f"machine: {os.cpu_count()} processors, load {self.load:.1f} before and {os.getloadavg()[0]:.1f} after, "
            f"other programs {others * 100:.0f} %, stolen {steal / max(total, 1) * 100:.0f} %;\n"
            f"         {told}: {verdict}")


def spread(values):
    """Half the range, in percent of the median."""
    middle = statistics.median(values)
    return (max(values) - min(values)) / 2 / middle * 100 if middle else 0.0
