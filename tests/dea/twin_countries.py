"""200 random country-years against the global frontier: `greenfront dea` and HiGHS agree to 1e-8.

SBM with an undesirable output, constant and variable returns, on the panel of the repository. The twin solves the
textbook program of Tone (2003) by scipy.optimize.linprog on columns divided by the evaluated country's own values.
"""
import csv
import json
import os
import random
import subprocess
import sys

import numpy as np
from scipy.optimize import linprog

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
SOURCE = os.environ.get("GREENFRONT_SOURCE", os.path.join(os.path.dirname(__file__), "..", ".."))
PANEL = os.path.join(SOURCE, "scenarios", "data", "countries.csv")
INPUTS, GOOD, BAD = ["capital", "labour", "energy"], ["gdp"], ["co2"]
DRAWS = 200


def read():
    with open(PANEL) as f:
        rows = list(csv.DictReader(f))
    columns = INPUTS + GOOD + BAD
    values = np.array([[float(r[c]) if r[c] not in ("", "NA") else np.nan for c in columns] for r in rows])
    return [(r["iso3"], int(r["year"])) for r in rows], values


def highs(values, o, returns):
    """min t - mean(S_x) with x_o = y_o = b_o = 1 after division by the unit's own values."""
    n, m, s = len(values), len(INPUTS), len(GOOD) + len(BAD)
    relative = (values / values[o]).T
    size = relative.max(axis=0)
    if returns == "vrs":
        size = np.maximum(size, 1.0)
    A = np.zeros((m + s + 1 + (returns == "vrs"), 1 + n + m + s))
    b = np.zeros(len(A))
    A[:m + s, 0] = -1
    A[:m + s, 1:1 + n] = relative / size
    signs = [1] * m + [-1] * len(GOOD) + [1] * len(BAD)
    A[np.arange(m + s), 1 + n + np.arange(m + s)] = signs
    A[m + s, 0] = 1
    A[m + s, 1 + n + m:] = 1 / s
    b[m + s] = 1
    if returns == "vrs":
        A[-1, 0] = -1
        A[-1, 1:1 + n] = 1 / size
    c = np.zeros(A.shape[1])
    c[0] = 1
    c[1 + n:1 + n + m] = -1 / m
    tight = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10, "presolve": True}
    result = linprog(c, A_eq=A, b_eq=b, bounds=(0, None), method="highs", options=tight)
    assert result.status == 0, result.message
    return result.fun


def program(returns):
    run = subprocess.run([PROGRAM, "dea", PANEL, "--unit", "iso3", "--time", "year", "--inputs", ",".join(INPUTS),
                          "--good", ",".join(GOOD), "--bad", ",".join(BAD), "--model", "sbm", "--returns", returns,
                          "--reference", "global", "--format", "json"], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)["units"]


def main():
    if not os.path.exists(PANEL):
        print("SKIPPED country twin: no", PANEL)
        return 77
    keys, values = read()
    complete = [r for r in range(len(values)) if np.isfinite(values[r]).all()]
    data = values[complete]
    chosen = random.Random(20).sample(range(len(complete)), min(DRAWS, len(complete)))
    worst = 0.0
    for returns in ("crs", "vrs"):
        units = program(returns)
        assert [(u["unit"], u["time"]) for u in units] == keys, "units are not in the file's order"
        for r in set(range(len(keys))) - set(complete):
            assert units[r]["status"] == "undefined" and units[r]["score"] is None
        for o in chosen:
            difference = abs(units[complete[o]]["score"] - highs(data, o, returns))
            worst = max(worst, difference)
            assert difference <= 1e-8, (keys[complete[o]], returns, difference)
    print(f"{2 * len(chosen)} scores against {len(complete)} country-years, largest difference {worst:.1e}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
