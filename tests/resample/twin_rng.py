"""The program's random numbers against NumPy's Philox: reproduces `bootstrap --draws`
from raw words, with plain dummy-variable least squares. Run by ctest; needs GREENFRONT_PROGRAM."""
import os
import sys
import tempfile

import numpy as np

from twins import PROGRAM, STAGE_BOOTSTRAP, Stream, close, dummies, make_panel, run, write_panel


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


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for missing, label in ((0.0, "balanced"), (0.12, "unbalanced")):
            data = make_panel(missing)
            path = os.path.join(folder, label + ".csv")
            write_panel(path, data, 1)
            twin_bootstrap(data, path, "bootstrap " + label)


main()
