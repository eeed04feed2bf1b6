"""Whether one of two builds is slower, from ratios of times taken together.

Round k gives r_k = time of NEW / time of OLD, taken at once on one core or one after the other, so that a machine which is
slower for a while meets both. The ratios are independent and, if the builds are equal, as likely above as below 1. An
interval for their median follows from the order of the ratios alone (the sign test; no distribution is assumed): of n
ratios, [r_(j), r_(n+1-j)] covers the median with probability 1 - 2 P(Binomial(n, 1/2) < j). What is still open is looked at
again when there are twice and four times as many ratios; each of the three looks has a third of the error.
"""

import math
from dataclasses import dataclass

LOOKS = (1, 2, 4)
"""After so many times the rounds a comparison is looked at, until it is decided."""
CONFIDENCE = 1 - 0.001 / len(LOOKS)
"""Of one look. Many benchmarks are compared at once; of one that has not changed all looks together may call one in a
thousand slower or faster."""
LEAST_SLOWER = 1.05
"""A median below this is not worth a message."""
SURELY = 1.02
"""The whole interval must lie beyond this."""


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def order(n, confidence=CONFIDENCE):
    """The j of the interval, 1 the smallest ratio; 0: so few ratios have none."""
    below, j = 0.0, 0
    for k in range(n // 2):
        below += math.comb(n, k) * 0.5**n
        if 2 * below > 1 - confidence:
            break
        j = k + 1
    return j


@dataclass
class Verdict:
    """Of one benchmark: median ratio, its interval, and "slower", "faster", "same" or "open"."""

    ratio: float
    low: float
    high: float
    word: str


def judge(ratios, least=LEAST_SLOWER, surely=SURELY):
    """`open`: the interval holds both no change and one that matters; more rounds would tell."""
    ordered, j = sorted(ratios), order(len(ratios))
    ratio = median(ordered)
    low, high = (ordered[j - 1], ordered[-j]) if j else (0.0, math.inf)
    if ratio >= least and low > surely:
        word = "slower"
    elif ratio <= 1 / least and high < 1 / surely:
        word = "faster"
    else:
        word = "same" if high < least and low > 1 / least else "open"
    return Verdict(ratio, low, high, word)


def decide(ratios, rounds, another):
    """Looks at a growing list of ratios until the verdict is not open; `another` appends one."""
    for look in LOOKS:
        while len(ratios) < look * rounds:
            another()
        verdict = judge(ratios)
        if verdict.word != "open":
            break
    return verdict
