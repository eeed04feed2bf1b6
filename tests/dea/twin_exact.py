"""Scores of data that are hard on floating point numbers, against rational arithmetic.

Columns whose values span up to forty orders of magnitude, one unit that dominates all others, identical units, fewer
units than variables, denormal numbers, twins that differ in the last digit. A score must be right, and a status what
the data say; where a hundred digits do not do (MAY_FAIL), `failed` is an answer and a wrong score is none.
"""

import csv
import json
import os
import random
import subprocess
import tempfile
from collections import Counter
from fractions import Fraction

import exact_programs as exact

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
TOLERANCE = Fraction(1, 10**9)


def spread(draw, orders):
    return 10 ** draw.uniform(-orders / 2, orders / 2)


def wide(seed, orders, n=7):
    draw = random.Random(seed)
    return [[spread(draw, orders) for _ in range(n)] for _ in range(4)]


def dominated():
    units = wide(5, 2)
    for i, column in enumerate(units):
        column[3] = 1e-9 if i < 2 else 1e9
    return units


def nearly_twins():
    units = wide(6, 1)
    for column in units:
        column[1] = column[0] * (1 + 2**-52)
        column[2] = column[0]
    return units


DATA = {
    "ordinary": wide(1, 1), "12 orders": wide(2, 12), "16 orders": wide(3, 16), "24 orders": wide(4, 24),
    "40 orders": wide(7, 40), "100 orders": wide(8, 99), "one dominates": dominated(),
    "identical": [[column[0]] * 5 for column in wide(9, 3)], "fewer units than variables": wide(10, 2, 3),
    "one unit": wide(11, 2, 1), "last digit": nearly_twins(),
    "denormal": [[v * 1e-310 for v in wide(12, 1)[0]], *wide(13, 1)[1:]],
    "large": [[v * 1e300 for v in column] for column in wide(14, 2)],
    "all of it": [[v * 1e-290 for v in wide(15, 20)[0]], wide(15, 30)[1], [v * 1e200 for v in wide(15, 8)[2]], wide(15, 2)[3]],
}
MAY_FAIL = ("100 orders", "denormal")  # the reciprocal of a denormal number is none
RETURNS = ("crs", "vrs", "nirs", "ndrs")
MODELS = {
    "radial input": (["--model", "radial"], lambda u, o, r: exact.radial(u, o, "input", r)),
    "radial output": (["--model", "radial", "--orientation", "output"], lambda u, o, r: exact.radial(u, o, "output", r)),
    "ddf": (["--model", "ddf"], exact.directional),
    "sbm input": (["--model", "sbm", "--orientation", "input"], exact.slacks_based),
}


def scores(path, options, returns):
    call = [PROGRAM, "dea", path, "--unit", "unit", "--inputs", "k,l", "--good", "y,z", "--returns", returns,
            "--format", "json", *options]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3), (call, done.returncode, done.stderr)
    return json.loads(done.stdout)["units"]


def compare(name, units, path):
    found = Counter()
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["unit", "k", "l", "y", "z"])
        writer.writerows([f"U{j}", *map(repr, row)] for j, row in enumerate(zip(*units)))
    fractions = [[Fraction(v) for v in column] for column in units]
    sides = (fractions[:2], fractions[2:])
    for model, (options, twin) in MODELS.items():
        for returns in RETURNS:
            for o, unit in enumerate(scores(path, options, returns)):
                status, value = twin(sides, o, returns)
                what = (name, model, returns, unit, status, None if value is None else str(value)[:40])
                if unit["status"] == "failed":
                    found["failed"] += 1
                    assert unit["score"] is None, what
                    continue
                assert unit["status"] == status, what
                assert abs(Fraction(unit["score"]) - value) <= TOLERANCE * max(1, abs(value)), what
                found["right"] += 1
    return found


def refused(path):
    """Further apart than numbers are: which values, and where."""
    for rows in ([("A", 1e-80, 1), ("B", 1e80, 1)], [("A", 1, 5e-324), ("B", 1, 1)]):
        with open(path, "w", encoding="utf-8") as file:
            file.write("unit,k,l,y,z\n" + "".join(f"{u},{k!r},1,{y!r},1\n" for u, k, y in rows))
        call = [PROGRAM, "dea", path, "--unit", "unit", "--inputs", "k,l", "--good", "y,z", "--model", "radial"]
        done = subprocess.run(call, capture_output=True, text=True, check=False)
        assert done.returncode == 65 and done.stdout == "", done
        for piece in ("record 1 (A)", "record 2 (B)", "column k" if rows[0][1] < 1 else "column y", "1e+100"):
            assert piece in done.stderr, (piece, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "panel.csv")
        for name, units in DATA.items():
            found = compare(name, units, path)
            assert found["failed"] == 0 or name in MAY_FAIL, (name, found)
            print(f"{name}: {found['right']} scores right, {found['failed']} failed")
        refused(path)


if __name__ == "__main__":
    main()
