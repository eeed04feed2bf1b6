"""How time grows with size, and where the time of threads goes."""

import math
from dataclasses import dataclass


@dataclass
class Growth:
    """time = factor size^exponent, by least squares of the logarithms; `error`: the exponent's standard error."""

    exponent: float
    error: float
    factor: float
    points: int

    def text(self):
        if math.isnan(self.error):
            return f"{self.exponent:.2f}"
        return f"{self.exponent:.2f} ± {self.error:.2f}"


def fit(sizes, times):
    """Two points have a slope without an error (NaN), fewer none (None)."""
    if len(sizes) != len(times):
        raise ValueError(f"{len(sizes)} sizes and {len(times)} times")
    if len(set(sizes)) < 2:
        return None
    x, y = [math.log(s) for s in sizes], [math.log(t) for t in times]
    n, mx, my = len(x), sum(x) / len(x), sum(y) / len(y)
    sxx = sum((a - mx) ** 2 for a in x)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sxx
    rest = sum((b - my - slope * (a - mx)) ** 2 for a, b in zip(x, y))
    error = math.sqrt(rest / (n - 2) / sxx) if n > 2 else math.nan
    return Growth(slope, error, math.exp(my - slope * mx), n)


PARTS = ("work", "contention", "overhead", "imbalance", "waiting")


def where_time_goes(threads, seconds, busy, alone, side_by_side):
    """Shares of threads x seconds, which add up to 1.

    `busy`: CPU seconds of each thread; `alone`: CPU seconds of the same work on one thread; `side_by_side`: its CPU
    seconds while as many other processes do the same.
    work        what one thread needs, the parallel efficiency of CPU time
    contention  CPU time beyond that, as far as the same work side by side takes it too: memory and cores are shared
    overhead    the rest of it: handing out, waiting awake, work done twice (below 0: less work than one thread's)
    imbalance   while the longest thread is busy and others are not
    waiting     no thread of ours runs: serial parts that sleep, other processes
    """
    busy = sorted(busy, reverse=True)[:threads]
    busy += [0.0] * (threads - len(busy))
    room = threads * seconds
    more = sum(busy) - alone
    contention = max(0.0, min(more, side_by_side - alone)) if side_by_side else 0.0
    return {
        "work": alone / room,
        "contention": contention / room,
        "overhead": (more - contention) / room,
        "imbalance": sum(busy[0] - b for b in busy) / room,
        "waiting": threads * (seconds - busy[0]) / room,
    }
