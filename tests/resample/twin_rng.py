"""The program's random numbers against NumPy's Philox: reproduces `bootstrap --draws` and `placebo --draws`
from raw words, with plain dummy-variable least squares. Run by ctest; needs GREENFRONT_PROGRAM."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy import stats

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "")
STAGE_BOOTSTRAP, STAGE_PLACEBO = 1, 2


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

    def below(self, n):
        while True:
            product = self.bits() * n
            if product & (2**64 - 1) >= (2**64) % n:
                return product >> 64


def dummies(codes):
    return (np.asarray(codes)[:, None] == np.unique(codes)[None, :]).astype(float)


def fit(y, X, effects, cluster):
    """OLS on explicit dummies; clustered errors with reghdfe's factor (first effect nested, second not)."""
    D = np.hstack([dummies(e) for e in effects])
    Xt = X - D @ np.linalg.lstsq(D, X, rcond=None)[0]
    yt = y - D @ np.linalg.lstsq(D, y, rcond=None)[0]
    A = np.linalg.inv(Xt.T @ Xt)
    b = A @ Xt.T @ yt
    u = yt - Xt @ b
    groups = np.unique(cluster)
    S = sum(np.outer(s, s) for s in (Xt[cluster == g].T @ u[cluster == g] for g in groups))
    n, k, G = len(y), X.shape[1], len(groups)
    df_a = len(np.unique(effects[1])) - 1
    q = (n - 1) / (n - k - df_a - 1) * G / (G - 1)
    return b, np.sqrt(q * np.diag(A @ S @ A))


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


def twin_bootstrap(data, path, label):
    seed, B = 7, 40
    result = run(["bootstrap", path, "y ~ x1 + x2 | unit + year", "--unit", "unit", "--time", "year", "--cluster",
                  "unit", "--replicates", str(B), "--seed", str(seed), "--draws", "--format", "json"])
    unit, year, y, X = data[:, 0], data[:, 1], data[:, 2], data[:, 3:]
    units = np.unique(unit)
    b, se = np.full((2, B), np.nan), np.full((2, B), np.nan)
    for r in range(B):
        stream = Stream(seed, STAGE_BOOTSTRAP, r)
        drawn = [units[stream.below(len(units))] for _ in units]
        rows = np.concatenate([np.flatnonzero(unit == g) for g in drawn])
        fresh = np.concatenate([np.full((unit == g).sum(), i) for i, g in enumerate(drawn)])
        b[:, r], se[:, r] = fit(y[rows], X[rows], [fresh, year[rows]], fresh)
    full, full_se = fit(y, X, [unit, year], unit)
    for j, term in enumerate(result["terms"]):
        close(f"{label} {term['term']} draws", result["draws"][j]["estimate"], b[j])
        close(f"{label} {term['term']} draws' standard errors", result["draws"][j]["std_error"], se[j])
        close(f"{label} {term['term']} estimate", term["estimate"], full[j])
        close(f"{label} {term['term']} std_error", term["std_error"], b[j].std(ddof=1))
        close(f"{label} {term['term']} percentile interval", term["conf_percentile"],
              np.percentile(b[j], [2.5, 97.5], method="averaged_inverted_cdf"))
        t, observed = (b[j] - full[j]) / se[j], full[j] / full_se[j]
        low, high = np.percentile(t, [2.5, 97.5], method="averaged_inverted_cdf")
        close(f"{label} {term['term']} t interval", term["conf_t"],
              [full[j] - high * full_se[j], full[j] - low * full_se[j]])
        if term["n_greater"] != int((np.abs(t) > abs(observed)).sum()):
            sys.exit(f"{label} {term['term']}: n_greater")
        close(f"{label} p + 1", term["p_value"] + 1, 1 + np.mean(np.abs(t) > abs(observed)))
        close(f"{label} equal-tailed p + 1", term["p_equal_tailed"] + 1,
              1 + 2 * min(np.mean(t > observed), np.mean(t < observed)))


def twin_placebo(data, path, label):
    seed, R = 3, 40
    result = run(["placebo", path, "y ~ x1 + x2 | unit + year", "--unit", "unit", "--time", "year", "--treatment", "x2",
                  "--replicates", str(R), "--seed", str(seed), "--draws", "--format", "json"])
    unit, year, y, X = data[:, 0], data[:, 1], data[:, 2], data[:, 3:]
    units = np.unique(unit)
    rows = {u: np.flatnonzero(unit == u) for u in units}
    groups = {}
    for u in units:
        groups.setdefault(tuple(year[rows[u]]), []).append(u)
    t = []
    for r in range(R):
        stream = Stream(seed, STAGE_PLACEBO, r)
        x = X.copy()
        for members in groups.values():
            order = list(members)
            for i in range(len(order), 1, -1):
                j = stream.below(i)
                order[i - 1], order[j] = order[j], order[i - 1]
            for to, source in zip(members, order):
                x[rows[to], 1] = X[rows[source], 1]
        b, se = fit(y, x, [unit, year], unit)
        draw = result["draws"][r]
        close(f"{label} draw {r}", [draw["estimate"], draw["std_error"], draw["statistic"]],
              [b[1], se[1], b[1] / se[1]])
        close(f"{label} draw {r} p + 1", draw["p_value"] + 1, 1 + 2 * stats.t.sf(abs(b[1] / se[1]), len(units) - 1))
        t.append(b[1] / se[1])
    b, se = fit(y, X, [unit, year], unit)
    close(f"{label} statistic", result["statistic"], b[1] / se[1])
    extreme = int((np.abs(t) >= abs(b[1] / se[1]) * (1 - 1e-7)).sum())
    close(f"{label} counts", [result["n_extreme"], result["p_value"], result["p_share"] + 1],
          [extreme, (extreme + 1) / (R + 1), extreme / R + 1])


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for missing, label in ((0.0, "balanced"), (0.12, "unbalanced")):
            data = make_panel(missing)
            path = os.path.join(folder, label + ".csv")
            order = np.random.default_rng(1).permutation(len(data))  # the order of rows must not matter
            with open(path, "w", encoding="utf-8") as out:
                out.write("unit,year,y,x1,x2\n")
                for unit, year, *values in data[order]:
                    out.write(f"{int(unit)},{int(year)}," + ",".join(repr(float(v)) for v in values) + "\n")
            twin_bootstrap(data, path, "bootstrap " + label)
            twin_placebo(data, path, "placebo " + label)


main()
