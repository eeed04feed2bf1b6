"""What the twins of inference about frontiers share: a small panel, calling the program, and comparing units."""
import csv
import json
import os
import subprocess
import sys

import numpy as np

from twins import PROGRAM

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dea"))
from linear_programs import radial  # noqa: E402

X, Y, B = ["k", "l"], ["y", "z"], ["c"]


def make_rows(units, years, seed=4):
    rng = np.random.RandomState(seed)
    rows = []
    for year in years:
        for unit in range(units):
            size, skill, noise = np.exp(rng.normal(0, 0.7)), np.exp(-abs(rng.normal(0, 0.3))), np.exp(rng.normal(0, 0.2, 5))
            made = skill * size**0.9
            rows.append({"city": f"P{unit:02}", "year": year, "k": size * noise[0], "l": size * noise[1],
                         "y": made * noise[2], "z": made * noise[3], "c": size * noise[4],
                         "region": "ABCDE"[unit % 5]})
    return rows


def write(path, rows):
    with open(path, "w", newline="") as f:
        writer = csv.DictWriter(f, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def call(command, path, *args, good=Y, bad=()):
    return subprocess.run([PROGRAM, command, path, "--unit", "city", "--inputs", ",".join(X), "--good", ",".join(good),
                           *(["--bad", ",".join(bad)] if bad else []), *args], capture_output=True, text=True)


def run(command, path, *args, **roles):
    done = call(command, path, "--format", "json", *args, **roles)
    assert done.returncode == 0, (args, done.stderr)
    return json.loads(done.stdout)


def refused(command, path, code, words, *args, **roles):
    done = call(command, path, *args, **roles)
    assert done.returncode == code and words in done.stderr and not done.stdout, (args, words, done)


def columns(rows, names):
    return np.array([[row[c] for c in names] for row in rows])


def of_year(rows, year):
    return [row for row in rows if row["year"] == year]


def scores(rows, returns, orientation, XR=None, YR=None, good=Y):
    """Radial scores of the rows against the given points, by default themselves; NaN where there is none."""
    x, y = columns(rows, X), columns(rows, good)
    values = [radial(a, b, x if XR is None else XR, y if YR is None else YR, returns, orientation) for a, b in zip(x, y)]
    return np.array([np.nan if v is None else v for v in values])


def same(got, want, where, tolerance=1e-6):
    """One figure; None or NaN for nothing."""
    nothing = want is None or np.isnan(want)
    close = got is None if nothing else got is not None and abs(got - want) <= tolerance * max(1, abs(want))
    assert close, (where, got, want)


def basic_interval(value, draws, confidence=0.95):
    """Corrected, low, high."""
    tail = (1 - confidence) / 2
    return 2 * value - draws.mean(), 2 * value - np.quantile(draws, 1 - tail), 2 * value - np.quantile(draws, tail)


def check_unchanged(command, path, rows, args, keys, key="units", tolerance=1e-9, **roles):
    """Threads and the order of rows change nothing, units of measurement only rounding."""
    plain = run(command, path, *args, **roles)
    for threads in ("1", "3"):
        assert run(command, path, *args, "--threads", threads, **roles) == plain, args
    shuffled = path + ".shuffled"
    order = np.random.RandomState(1).permutation(len(rows))
    write(shuffled, [rows[i] for i in order])
    found = {(u.get("unit"), u.get("time"), u.get("to")): u for u in run(command, shuffled, *args, **roles)[key]}
    for unit in plain[key]:
        assert found[(unit.get("unit"), unit.get("time"), unit.get("to"))] == unit, unit
    scaled = path + ".scaled"
    write(scaled, [{**row, "k": row["k"] * 1e6, "y": row["y"] * 1e-5, "c": row["c"] * 1e3} for row in rows])
    for one, two in zip(plain[key], run(command, scaled, *args, **roles)[key]):
        for name in keys:
            a, b = one[name], two[name]
            assert a == b or abs(a - b) < tolerance * max(1, abs(a)), (args, name, one, two)
    return plain
