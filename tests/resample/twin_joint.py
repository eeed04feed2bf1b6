"""The joint bootstrap draw by draw: cities drawn from NumPy's raw words, SBM scores of the drawn rows by HiGHS, entropy index,
percentiles, `where`, and the regression on explicit dummies, all from the drawn rows alone. Run by ctest; needs
GREENFRONT_PROGRAM."""
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from scipy.optimize import linprog

from twins import PROGRAM, STAGE_BOOTSTRAP, Stream, close, dummies

B, SEED = 10, 17
UNIT, YEAR, K, L, Y, C, P, Q, X = range(9)
STUDY = """
name = "joint"
seed = {seed}
[panel]
file = "panel.csv"
unit = "unit"
time = "year"
[dea.eff]
inputs = ["k", "l"]
good = ["y"]
bad = ["c"]
reference = "{reference}"
where = "k < 2.3 * mean(k)"
winsorize = [4, 93]
[index.nq]
positive = ["p"]
negative = ["q"]
winsorize = [3, 95]
[regression.main]
formula = "eff ~ nq + x | unit + year"
where = "x < mean(x) + 1.5"
[regression.plain]
formula = "log(y) ~ log(k) + x | unit + year"
[bootstrap.data]
regression = "main"
cluster = "unit"
replicates = {replicates}
[bootstrap.joint]
regression = "main"
method = "joint-cluster"
cluster = "unit"
draws = "data"
replicates = {replicates}
"""


def make_panel():
    rng = np.random.default_rng(23)
    rows = []
    for unit in range(14):
        size, skill = np.exp(rng.normal(1, 0.4)), rng.uniform(0.5, 1)
        for year in range(2001, 2006):
            k, l = size * np.exp(rng.normal(0, 0.2, 2))
            p, q, x = rng.uniform(), rng.uniform(), rng.normal()
            y = k**0.5 * l**0.4 * skill * np.exp(0.2 * p - 0.1 * q + 0.05 * x)
            rows.append((unit, year, k, l, y, y * np.exp(rng.normal(0, 0.3)), p, q, x))
    return np.array(rows)


def sbm(rows, o):
    """Tone's score of row o, goods and bads weighing alike, constant returns, by Charnes and Cooper's t."""
    inputs, good, bad = rows[:, [K, L]].T, rows[:, Y], rows[:, C]
    n = len(rows)
    cost = np.r_[1, -0.5 / inputs[:, o], 0, 0, np.zeros(n)]  # t, two input slacks, good, bad, intensities
    A = np.zeros((5, n + 5))
    A[0, :5] = 1, 0, 0, 0.5 / good[o], 0.5 / bad[o]
    for i, (values, sign) in enumerate(((inputs[0], 1), (inputs[1], 1), (good, -1), (bad, 1))):
        A[i + 1, 0], A[i + 1, i + 1], A[i + 1, 5:] = -values[o], sign, values
    scale = np.abs(A[1:]).max(axis=1)
    A[1:] /= scale[:, None]
    done = linprog(cost, A_eq=A, b_eq=[1, 0, 0, 0, 0], method="highs",
                   options={"dual_feasibility_tolerance": 1e-10, "primal_feasibility_tolerance": 1e-10})
    assert done.status == 0, done.message
    return done.fun


def clip(values, low, high):
    bounds = np.percentile(values[~np.isnan(values)], [low, high], method="averaged_inverted_cdf")
    return np.clip(values, *bounds)


def scores(rows, copy_of, reference):
    """NaN where `where` is false. Different rows span the technology; copies have one score."""
    usable = rows[:, K] < 2.3 * rows[:, K].mean()
    result = np.full(len(rows), np.nan)
    _, first = np.unique(copy_of, return_index=True)
    first = np.array([i for i in first if usable[i]])
    for period in np.unique(rows[first, YEAR]) if reference == "contemporaneous" else [None]:
        part = first if period is None else first[rows[first, YEAR] == period]
        for j, i in enumerate(part):
            result[copy_of == copy_of[i]] = sbm(rows[part], j)
    return clip(result, 4, 93)


def index(rows):
    z = np.column_stack([(rows[:, P] - rows[:, P].min()) / np.ptp(rows[:, P]),
                         (rows[:, Q].max() - rows[:, Q]) / np.ptp(rows[:, Q])])
    p = z / z.sum(axis=0)
    entropy = -np.sum(p * np.log(np.where(p > 0, p, 1)), axis=0) / np.log(len(rows))
    return clip(z @ ((1 - entropy) / (1 - entropy).sum()), 3, 95)


def chain(data, drawn, reference):
    """Coefficients of nq and x with clustered errors in the panel of the drawn units, and the scores' mean."""
    source = np.concatenate([np.flatnonzero(data[:, UNIT] == unit) for unit in drawn])
    copy = np.repeat(np.arange(len(drawn)), [np.sum(data[:, UNIT] == unit) for unit in drawn])
    rows = data[source]
    eff, nq = scores(rows, source, reference), index(rows)
    keep = (rows[:, X] < rows[:, X].mean() + 1.5) & ~np.isnan(eff)
    while True:  # singletons of copies and years
        few = np.zeros(len(rows), bool)
        for codes in (copy, rows[:, YEAR]):
            levels, count = np.unique(codes[keep], return_counts=True)
            few |= np.isin(codes, levels[count == 1])
        if not np.any(few & keep):
            break
        keep &= ~few
    copy, years = copy[keep], rows[keep, YEAR]
    D = np.hstack([dummies(copy), dummies(years)])
    W = np.column_stack([eff, nq, rows[:, X]])[keep]
    W = W - D @ np.linalg.lstsq(D, W, rcond=None)[0]
    y, X2 = W[:, 0], W[:, 1:]
    A = np.linalg.inv(X2.T @ X2)
    b = A @ X2.T @ y
    u = y - X2 @ b
    S = sum(np.outer(s, s) for s in (X2[copy == g].T @ u[copy == g] for g in np.unique(copy)))
    n, G = len(y), len(np.unique(copy))
    q = (n - 1) / (n - 2 - (len(np.unique(years)) - 1) - 1) * G / (G - 1)
    return b, np.sqrt(q * np.diag(A @ S @ A))


def run(folder, text, *more):
    study, output = os.path.join(folder, "study.toml"), os.path.join(folder, "out.h5")
    with open(study, "w", encoding="utf-8") as out:
        out.write(text)
    done = subprocess.run([PROGRAM, "run", study, "-o", output, "--force", "--progress", "none", *more], capture_output=True,
                          text=True)
    if done.returncode != 0:
        sys.exit(f"exit {done.returncode}\n{done.stderr}")
    with h5py.File(output, "r") as file:
        return {name: {key: value[()] for key, value in file[f"bootstrap/{name}"].items()} for name in ("joint", "data")} | {
            "attributes": dict(file["bootstrap/joint"].attrs)}


def same(one, other, name):
    for key, value in one["joint"].items():
        if value.dtype.kind == "f" and not np.array_equal(value, other["joint"][key], equal_nan=True):
            sys.exit(f"{name}: {key} differs")


def refuse(folder, text, message):
    study = os.path.join(folder, "wrong.toml")
    with open(study, "w", encoding="utf-8") as out:
        out.write(text)
    done = subprocess.run([PROGRAM, "plan", study], capture_output=True, text=True)
    if done.returncode != 78 or message not in done.stderr:
        sys.exit(f"exit {done.returncode}, expected 78 with {message}\n{done.stderr}")


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    data = make_panel()
    with tempfile.TemporaryDirectory() as folder:
        def write(rows):
            np.savetxt(os.path.join(folder, "panel.csv"), rows, delimiter=",", header="unit,year,k,l,y,c,p,q,x", comments="",
                       fmt=["%d", "%d"] + ["%.17g"] * 7)

        write(data)
        units = np.unique(data[:, UNIT])
        for reference in ("global", "contemporaneous"):
            text = STUDY.format(seed=SEED, reference=reference, replicates=B)
            result = run(folder, text)
            joint = result["joint"]
            b, se = chain(data, units, reference)
            close(f"{reference}: estimate", joint["estimate"], b, 1e-7)
            close(f"{reference}: standard error", joint["std_error"], se, 1e-7)
            for r in range(B):
                stream = Stream(SEED, STAGE_BOOTSTRAP, r)
                drawn = units[[stream.below(len(units)) for _ in units]]
                b, se = chain(data, drawn, reference)
                close(f"{reference}: replicate {r}", joint["draw"][:, r], b, 1e-6)
                close(f"{reference}: its standard error", joint["draw_std_error"][:, r], se, 1e-6)
            # The ordinary bootstrap draws the same cities and takes scores as data: other numbers, the same estimate.
            close(f"{reference}: the same estimate", result["data"]["estimate"], joint["estimate"], 1e-12)
            if np.allclose(result["data"]["draw"], joint["draw"], rtol=1e-3):
                sys.exit("the joint bootstrap repeats the ordinary one")
            if list(result["attributes"]["first_stage_dea"]) != ["eff"] or result["attributes"]["programs"] < 20 * B:
                sys.exit(f"attributes {result['attributes']}")
        same(result, run(folder, text, "--threads", "1"), "one thread")
        write(data[np.random.default_rng(1).permutation(len(data))])
        same(result, run(folder, text, "--threads", "3"), "rows in another order")
        refuse(folder, text.replace('regression = "main"\nmethod', 'regression = "plain"\nmethod'), "nothing to estimate again")
        refuse(folder, text.replace('draws = "data"', 'keep = "quantiles"'), "keep")
    print("joint bootstrap: all draws repeated")


if __name__ == "__main__":
    main()
