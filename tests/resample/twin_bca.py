"""BCa intervals of the pairs bootstrap against the textbook formula on the program's own draws, with the acceleration from
regressions on explicit dummies, and against scipy.stats.bootstrap. Run by ctest; needs GREENFRONT_PROGRAM."""
import os
import sys
import tempfile

import numpy as np
from scipy import stats

from twins import PROGRAM, close, dummies, run

G, B, SEED, CONFIDENCE = 25, 20_000, 7, 0.95


def make_panel():
    """Skewed errors and clusters of unequal weight, so that bias correction and acceleration both matter."""
    rng = np.random.default_rng(21)
    rows = []
    for unit in range(G):
        spread, base = rng.lognormal(0, 0.7), rng.normal()
        for year in range(2001, 2001 + rng.integers(3, 8)):
            x = base + spread * rng.normal()
            rows.append((unit, year, 0.5 * x + base + spread * (rng.exponential() - 1), x))
    return np.array(rows)


def least_squares(rows, effects):
    """Coefficient of x, on dummies or a constant."""
    unit, year, y, x = rows.T
    D = np.hstack([dummies(unit), dummies(year)]) if effects else np.ones((len(rows), 1))
    return np.linalg.lstsq(np.hstack([x[:, None], D]), y, rcond=None)[0][0]


def acceleration(leave_out):
    d = leave_out.mean() - leave_out
    return (d**3).sum() / (6 * (d**2).sum() ** 1.5)


def percentile(draws, share):
    """Stata's rule: the mean of two order statistics where n p is whole, else the next one."""
    return np.quantile(draws, share, method="averaged_inverted_cdf")


def ends(draws, z0, a):
    z = stats.norm.ppf([(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return [percentile(draws, stats.norm.cdf(z0 + (z0 + q) / (1 - a * (z0 + q)))) for q in z]


def slope(sums):
    """From [n, x, y, xx, xy] in the first dimension."""
    n, x, y, xx, xy = sums
    return (n * xy - x * y) / (n * xx - x * x)


def compare_with_scipy(data, term, draws):
    """Clusters are the observations that SciPy draws and leaves out; a resample's slope is that of its clusters' sums."""
    unit, _, y, x = data.T
    parts = np.stack([np.ones(len(x)), x, y, x * x, x * y])
    sums = np.stack([parts[:, unit == g].sum(axis=1) for g in range(G)], axis=1)

    def statistic(index, axis=-1):
        return slope(sums[:, index.astype(int)].sum(axis=axis if axis < 0 else axis + 1))

    theirs = stats.bootstrap((np.arange(G),), statistic, n_resamples=B, method="BCa", confidence_level=CONFIDENCE,
                             vectorized=True, random_state=np.random.default_rng(4))
    low, high = theirs.confidence_interval
    # Standard deviation of a simulated end: that of the percentile, and of z0, which moves both ends.
    spread = draws.std(ddof=1)
    for name, ours, other in (("low", term["conf_bca"][0], low), ("high", term["conf_bca"][1], high)):
        gap = abs(ours - other) / spread
        print(f"BCa {name}: {ours:.5f}, SciPy {other:.5f}, {gap:.4f} bootstrap standard errors apart")
        if gap > 0.12:
            sys.exit("BCa intervals of SciPy differ by more than simulation does")
    close("bootstrap standard error", term["std_error"], theirs.standard_error, 0.05)


def main():
    if not PROGRAM:
        print("GREENFRONT_PROGRAM is not set")
        return 77
    data = make_panel()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "panel.csv")
        np.savetxt(path, data, delimiter=",", header="unit,year,y,x", comments="", fmt=("%d", "%d", "%.17g", "%.17g"))
        for formula, effects in (("y ~ x | unit + year", True), ("y ~ x", False)):
            shown = run(["bootstrap", path, formula, "--unit", "unit", "--time", "year", "--cluster", "unit", "--replicates",
                         str(B), "--seed", str(SEED), "--draws", "--format", "json"])
            term, draws = shown["terms"][0], np.array(shown["draws"][0]["estimate"], float)
            estimate = least_squares(data, effects)
            close(f"{formula}: estimate", term["estimate"], estimate)
            leave_out = np.array([least_squares(data[data[:, 0] != g], effects) for g in range(G)])
            a = acceleration(leave_out)
            close(f"{formula}: acceleration", term["acceleration"], a, 1e-12 if abs(a) > 1e-3 else 1e-9)
            tie = 1e-9 * max(abs(estimate), draws.std(ddof=1))
            below = (draws < estimate - tie).sum() + 0.5 * (np.abs(draws - estimate) <= tie).sum()
            z0 = stats.norm.ppf(below / B)
            close(f"{formula}: z0", term["z0"], z0, 1e-10)
            close(f"{formula}: BCa", term["conf_bca"], ends(draws, z0, a), 1e-10)
            close(f"{formula}: bias-corrected", term["conf_bc"], ends(draws, z0, 0), 1e-10)
            if not effects:
                compare_with_scipy(data, term, draws)
    return 0


if __name__ == "__main__":
    sys.exit(main())
