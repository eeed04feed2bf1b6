"""1,000 draws of every scheme of the placebo test against NumPy: permutations from raw words, every permuted column
regressed on explicit dummies. Run by ctest; needs GREENFRONT_PROGRAM."""
import itertools
import os
import sys
import tempfile

import numpy as np
from scipy import stats

from twins import PROGRAM, STAGE_PLACEBO, Stream, close, dummies, make_panel, run, shuffled, write_panel

R, SEED = 1000, 3


class Regression:
    """y ~ x1 + x2 | unit + time effects, clustered by unit; x2 is permuted. Rows are by unit, then by year."""

    def __init__(self, data, cells_as_effect):
        data = data[np.lexsort((data[:, 1], data[:, 0]))]
        self.unit, self.year, self.y = data[:, 0], data[:, 1], data[:, 2]
        self.x1, self.x2, self.province = data[:, 3], data[:, 4], data[:, 0] % 3
        effect = self.province * 10000 + self.year if cells_as_effect else self.year
        D = np.hstack([dummies(self.unit), dummies(effect)])
        self.M = np.eye(len(D)) - D @ np.linalg.pinv(D)
        # reghdfe: the units' effect is nested in the clusters, the other loses one level
        absorbed = len(np.unique(effect)) - 1
        n, G = len(D), len(np.unique(self.unit))
        self.factor = (n - 1) / (n - 2 - absorbed - 1) * G / (G - 1)
        self.df = min(G - 1, n - 2 - absorbed)

    def fit(self, x2):
        X, y = self.M @ np.column_stack([self.x1, x2]), self.M @ self.y
        A = np.linalg.inv(X.T @ X)
        b = A @ X.T @ y
        u = y - X @ b
        z = X @ A[:, 1]
        variance = self.factor * sum((z[self.unit == g] @ u[self.unit == g]) ** 2 for g in np.unique(self.unit))
        return b[1], np.sqrt(variance)

    def cells(self, scheme, within):
        """Lists of items that change places, and the rows of each item."""
        if scheme == "trajectory":
            rows = [np.flatnonzero(self.unit == g) for g in np.unique(self.unit)]
            keys = [tuple(self.year[own]) for own in rows]
        else:
            rows = [np.array([i]) for i in range(len(self.y))]
            keys = {"within-time": self.year, "within-unit": self.unit, "cell": 0 * self.unit}[scheme]
        cells = {}
        for item, (key, own) in enumerate(zip(keys, rows)):
            cells.setdefault((key, self.province[own[0]] if within else None), []).append(item)
        return list(cells.values()), rows

    def draws(self, scheme, within):
        cells, rows = self.cells(scheme, within)
        result = []
        for r in range(R):
            stream, x = Stream(SEED, STAGE_PLACEBO, r), self.x2.copy()
            for items in cells:
                for to, source in zip(items, shuffled(items, stream)):
                    x[rows[to]] = self.x2[rows[source]]
            result.append(self.fit(x))
        return np.array(result).T


def exact_p(b, m, total):
    """Phipson and Smyth (2010)."""
    if total is not None and total <= 10000:
        return np.mean(stats.binom.cdf(b, m, np.arange(1, total + 1) / total))
    if total is None:
        return (b + 1) / (m + 1)
    top = 0.5 / total
    nodes, weights = np.polynomial.legendre.leggauss(128)
    return (b + 1) / (m + 1) - top / 2 * weights @ stats.binom.cdf(b, m, top * (nodes + 1) / 2)


def check_test(label, result, statistic, observed, tie):
    R, own = len(statistic), 0 if result["enumerated"] or result["compat"] else 1  # the sample is one more arrangement
    b = int((np.abs(statistic) >= abs(observed) - tie).sum())
    lower, upper = int((statistic <= observed + tie).sum()), int((statistic >= observed - tie).sum())
    if [result["n_extreme"], result["n_lower"], result["n_upper"]] != [b, lower, upper]:
        sys.exit(f"{label}: counts {result['n_extreme']} {result['n_lower']} {result['n_upper']}, "
                 f"expected {b} {lower} {upper}")
    equal_tailed = min(1, 2 * (min(lower, upper) + own) / (R + own))
    if result["enumerated"]:
        close(f"{label} p", [result["p_value"], result["p_share"], result["p_equal_tailed"]], [b / R, b / R, equal_tailed])
        return
    close(f"{label} p", [result["p_plus_one"], result["p_share"] + 1, result["p_equal_tailed"] + 1],
          [(b + 1) / (R + 1), b / R + 1, 1 + equal_tailed])
    close(f"{label} standard error", result["p_share_std_error"] + 1, 1 + np.sqrt(b / R * (1 - b / R) / R))
    close(f"{label} interval", np.array(result["p_share_conf"]) + 1,
          [1 + (stats.beta.ppf(0.025, b, R - b + 1) if b > 0 else 0),
           1 + (stats.beta.ppf(0.975, b + 1, R - b) if b < R else 1)])
    close(f"{label} exact p", result["p_exact"], exact_p(b, R, result["permutations"]))


def check_enumerated(regression, result, scheme, within, label):
    cells, rows = regression.cells(scheme, within)
    every = []
    for orders in itertools.product(*(itertools.permutations(items) for items in cells)):
        x = regression.x2.copy()
        for items, order in zip(cells, orders):
            for to, source in zip(items, order):
                x[rows[to]] = regression.x2[rows[source]]
        every.append(regression.fit(x))
    b, se = np.array(sorted(every)).T
    ours = np.array(sorted((d["estimate"], d["std_error"]) for d in result["draws"])).T
    close(f"{label} coefficients", ours[0] + 1, b + 1)
    close(f"{label} standard errors", ours[1], se)
    observed, error = regression.fit(regression.x2)
    t = observed / error
    check_test(f"{label} test", result, b / se, t, 1e-7 * (1 + abs(t)))


def twin(regression, path, effect, scheme, within, label, compat=None):
    arguments = ["placebo", path, f"y ~ x1 + x2 | unit + {effect}", "--unit", "unit", "--time", "year", "--treatment",
                 "x2", "--method", scheme, "--replicates", str(R), "--seed", str(SEED), "--draws", "--format", "json"]
    arguments += ["--within", "province"] if within else []
    arguments += ["--compat", compat] if compat else []
    result = run(arguments)
    if result["enumerated"]:  # few units have the same periods: every permutation once, in whatever order
        check_enumerated(regression, result, scheme, within, label)
        return
    b, se = regression.draws(scheme, within)
    observed, error = regression.fit(regression.x2)
    draws = {key: np.array([draw[key] for draw in result["draws"]], float) for key in result["draws"][0]}
    close(f"{label} coefficients", draws["estimate"] + 1, b + 1)
    close(f"{label} standard errors", draws["std_error"], se)
    close(f"{label} t", draws["statistic"] + 1, b / se + 1)
    close(f"{label} p", draws["p_value"] + 1, 1 + 2 * stats.t.sf(np.abs(b / se), regression.df))
    close(f"{label} df", draws["df"], np.full(R, regression.df))
    close(f"{label} sample", [result["estimate"], result["std_error"]], [observed, error])
    if compat:
        check_test(f"{label} test", result, b, observed, 1e-7)
        close(f"{label} p value", result["p_value"] + 1, 1 + result["p_share"])
    else:
        t = observed / error
        check_test(f"{label} test", result, b / se, t, 1e-7 * (1 + abs(t)))
        close(f"{label} p value", result["p_value"], result["p_plus_one"])


def with_lag(data):
    """Rows whose unit has a row in the year before, with its x2 as one more column; units with one such row dropped."""
    before = {(u, t): x2 for u, t, *_, x2 in data}
    rows = np.array([(*row, before[row[0], row[1] - 1]) for row in data if (row[0], row[1] - 1) in before])
    return rows[[np.sum(rows[:, 0] == u) > 1 for u in rows[:, 0]]]


def twin_iv(data, path, label):
    """2SLS with the lag as instrument: regressor and lag change places together."""
    result = run(["placebo", path, "y ~ x1 | unit + year | x2 ~ l(x2, 1)", "--unit", "unit", "--time", "year", "--treatment",
                  "x2", "--replicates", str(R), "--seed", str(SEED), "--draws", "--format", "json"])
    regression = Regression(with_lag(data), False)
    lag, n = with_lag(data)[:, 5], len(regression.y)
    units = np.unique(regression.unit)
    factor = (n - 1) / (n - 2 - (len(np.unique(regression.year)) - 1)) * len(units) / (len(units) - 1)

    def fit(x2, z):
        y, x1, x2, z = (regression.M @ v for v in (regression.y, regression.x1, x2, z))
        X, W = np.column_stack([x2, x1]), np.column_stack([z, x1])
        P = W @ np.linalg.lstsq(W, X, rcond=None)[0]
        A = np.linalg.inv(P.T @ P)
        b = A @ P.T @ y
        u, p = y - X @ b, P @ A[:, 0]
        return b[0], np.sqrt(factor * sum((p[regression.unit == g] @ u[regression.unit == g]) ** 2 for g in units))

    cells, rows = regression.cells("trajectory", False)
    draws = []
    for r in range(R):
        stream, x, z = Stream(SEED, STAGE_PLACEBO, r), regression.x2.copy(), lag.copy()
        for items in cells:
            for to, source in zip(items, shuffled(items, stream)):
                x[rows[to]], z[rows[to]] = regression.x2[rows[source]], lag[rows[source]]
        draws.append(fit(x, z))
    b, se = np.array(draws).T
    close(f"{label} coefficients", [d["estimate"] for d in result["draws"]], b, 1e-6)
    close(f"{label} standard errors", [d["std_error"] for d in result["draws"]], se, 1e-6)
    close(f"{label} sample", [result["estimate"], result["std_error"]], fit(regression.x2, lag))


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for missing, label in ((0.0, "balanced"), (0.12, "unbalanced")):
            data = make_panel(missing)
            path = os.path.join(folder, label + ".csv")
            write_panel(path, data, 2, label=("province", lambda unit: unit % 3))
            regression = Regression(data, False)
            for scheme in ("trajectory", "within-time", "within-unit", "cell"):
                twin(regression, path, "year", scheme, False, f"{label} {scheme}")
            twin(regression, path, "year", "within-time", True, f"{label} within-time in provinces")
            twin(regression, path, "year", "cell", False, f"{label} ritest", "ritest")
            if missing == 0:
                twin_iv(data, path, f"{label} 2SLS")
            by_cell = Regression(data, True)
            twin(by_cell, path, "province^year", "trajectory", True, f"{label} trajectory in provinces")
            twin(by_cell, path, "province^year", "within-unit", False, f"{label} within-unit, province by year")


main()
