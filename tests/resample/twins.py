"""What the Python twins of resampling share: the program's random numbers from NumPy's raw words, plain dummies, a
small panel, and calling the program."""
import json
import os
import subprocess
import sys

import numpy as np
from scipy.special import ndtri

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "")
STAGE_BOOTSTRAP, STAGE_PLACEBO, STAGE_GROUP_DIFFERENCE = 1, 2, 5


class Stream:
    """Words of (seed, stage, item, draw); NumPy increments its counter before each block."""

    def __init__(self, seed, stage, item, draw=0):
        counter = (stage << 192) + (item << 128) + (draw << 64) - 1
        if counter < 0:
            counter += 1 << 256
        words = [(counter >> (64 * i)) & (2**64 - 1) for i in range(4)]
        self.generator = np.random.Philox(key=np.array([seed, 0], dtype=np.uint64),
                                          counter=np.array(words, dtype=np.uint64))

    def bits(self):
        return int(self.generator.random_raw())

    def uniform(self):
        return ((self.bits() >> 12) + 0.5) * 2.0**-52

    def below(self, n):
        while True:
            product = self.bits() * n
            if product & (2**64 - 1) >= (2**64) % n:
                return product >> 64


WEBB = np.array([-np.sqrt(1.5), -1, -np.sqrt(0.5), np.sqrt(0.5), 1, np.sqrt(1.5)])


def wild_weights(kind, G, B, seed):
    """Weights of a wild bootstrap, G x B."""
    columns = []
    for b in range(B):
        stream = Stream(seed, STAGE_BOOTSTRAP, b)
        if kind == "rademacher":
            words = [stream.bits() for _ in range((G + 63) // 64)]
            columns.append([-1.0 if words[g // 64] >> (g % 64) & 1 else 1.0 for g in range(G)])
        elif kind == "webb":
            columns.append([WEBB[stream.below(6)] for _ in range(G)])
        elif kind == "mammen":
            root = np.sqrt(5)
            columns.append([(1 - root) / 2 if stream.uniform() < (root + 1) / (2 * root) else (1 + root) / 2
                            for _ in range(G)])
        else:
            columns.append([ndtri(stream.uniform()) for _ in range(G)])
    return np.array(columns).T

def shuffled(items, stream):
    """Fisher-Yates: from the last place down, place i - 1 changes with place below(i). A word makes as many numbers as fit
    into 48 bits, the digits of one number below the product of their bounds; eight words take turns."""
    items, numbers = list(items), [0] * len(items)
    size = len(items) - 1
    together = max(1, min(16, 48 // max(1, size.bit_length())))
    for first in range(0, size, 8 * together):
        end = min(first + 8 * together, size)
        words = min(8, -((first - end) // together))
        for word in range(words):
            places = range(first + word, end, words)
            value = stream.below(int(np.prod([len(items) - j for j in places], dtype=object)))
            for j in reversed(places):
                value, numbers[j] = divmod(value, len(items) - j)
    for j in range(size):
        last = len(items) - 1 - j
        items[last], items[numbers[j]] = items[numbers[j]], items[last]
    return items


def dummies(codes):
    return (np.asarray(codes)[:, None] == np.unique(codes)[None, :]).astype(float)


def make_panel(missing):
    rng = np.random.default_rng(5)
    rows = []
    for unit in range(14):
        base = rng.normal(size=3) * 2
        for year in range(2001, 2007):
            x = base + rng.normal(size=3) + 0.2 * (year - 2001)
            y = 1 + 0.4 * x[0] - 0.2 * x[1] + base[2] + rng.normal()
            if rng.random() >= missing:
                rows.append((unit, year, y, x[0], x[1]))
    return np.array(rows)


def run(arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def close(name, ours, theirs, tolerance=1e-9):
    ours, theirs = np.asarray(ours, float), np.asarray(theirs, float)
    gap = np.max(np.abs(ours - theirs) / (1e-12 + np.abs(theirs)))
    if not gap <= tolerance:
        sys.exit(f"{name}: differs by {gap:.3e}\n{ours}\n{theirs}")
    print(f"{name}: largest relative difference {gap:.1e}")


def write_panel(path, data, seed, columns="y,x1,x2", label=None):
    """The rows in another order, which must not matter; `label`: name and value (of the unit) of one more column."""
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"unit,year,{columns}{',' + label[0] if label else ''}\n")
        for unit, year, *values in data[np.random.default_rng(seed).permutation(len(data))]:
            out.write(f"{int(unit)},{int(year)}," + ",".join(repr(float(v)) for v in values)
                      + (f",{label[1](int(unit))}" if label else "") + "\n")


def check_wild_counts(label, term, t, observed):
    """Counts and p values of a wild bootstrap's term, from the replicates' statistics."""
    tie = 1e-9 * (1 + abs(observed))
    counts = [int((np.abs(t) > abs(observed) + tie).sum()), int((t > observed + tie).sum()),
              int((t < observed - tie).sum())]
    if [term["n_greater"], term["upper"]["n_greater"], term["lower"]["n_less"]] != counts:
        sys.exit(f"{label}: counts {term}, expected {counts}")
    close(f"{label} p + 1", [term["p_value"] + 1, term["p_equal_tailed"] + 1],
          [1 + counts[0] / len(t), 1 + 2 * min(counts[1:]) / len(t)])
