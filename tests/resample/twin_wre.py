"""1,000 draws of the wild restricted efficient bootstrap against NumPy: weights from raw words, outcome and endogenous
variable built for every draw, two-stage least squares on explicit dummies. Run by ctest; needs GREENFRONT_PROGRAM."""
import os
import sys
import tempfile

import numpy as np

from twins import PROGRAM, check_wild_counts, close, dummies, make_panel, run, wild_weights, write_panel

B, SEED, NULL = 1000, 5, 0.2


def make_data(missing):
    """unit, year, y, d (endogenous), w (exogenous), z1, z2 (instruments)."""
    data = make_panel(missing)
    rng = np.random.default_rng(8)
    z = rng.normal(size=(len(data), 2)) + data[:, [3]] * 0.3
    error = rng.normal(size=len(data))
    d = 0.7 * z[:, 0] + 0.3 * z[:, 1] + 0.4 * data[:, 4] + error
    return np.column_stack([data[:, 0], data[:, 1], data[:, 2] + 0.6 * error + 0.2 * d, d, data[:, 4], z])


class Regression:
    def __init__(self, data, instruments):
        unit, year = data[:, 0], data[:, 1]
        self.y, self.d, w = data[:, 2], data[:, 3], data[:, [4]]
        self.controls = np.column_stack([w, dummies(unit), dummies(year)])
        self.first = np.column_stack([data[:, 5:5 + instruments], self.controls])
        self.project = self.first @ np.linalg.pinv(self.first)
        self.without = np.eye(len(data)) - self.controls @ np.linalg.pinv(self.controls)
        self.rows = [unit == g for g in np.unique(unit)]
        n, G = len(self.y), len(self.rows)
        years = len(np.unique(year)) - 1
        self.factor = (n - 1) / (n - 2 - max(1, years)) * G / (G - 1)

    def statistic(self, y, d, null):
        z = self.without @ (self.project @ d)
        z /= z @ z
        b = z @ y
        left = self.without @ (y - b * d)
        return b - null, (b - null) / np.sqrt(self.factor * sum((z[own] @ left[own]) ** 2 for own in self.rows))

    def draws(self, v, null):
        restricted = self.y - null * self.d
        u = self.without @ restricted
        wide = np.column_stack([self.first, u])
        coefficients = np.linalg.pinv(wide) @ self.d
        fit = self.first @ coefficients[:-1]
        e = self.d - fit
        results = []
        for column in v.T:
            by_row = np.empty(len(u))
            for own, weight in zip(self.rows, column):
                by_row[own] = weight
            d = fit + by_row * e
            results.append(self.statistic(restricted - u + null * d + by_row * u, d, null))
        return np.array(results).T


def twin(regression, path, instruments, distribution, label):
    z = " + ".join(f"z{i + 1}" for i in range(instruments))
    result = run(["bootstrap", path, f"y ~ w | unit + year | d ~ {z}", "--unit", "unit", "--time", "year", "--method",
                  "wre", "--cluster", "unit", "--term", "d", "--null", str(NULL), "--weights", distribution,
                  "--replicates", str(B), "--seed", str(SEED), "--draws", "--format", "json"])
    term, draws = result["terms"][0], result["draws"][0]
    _, observed = regression.statistic(regression.y, regression.d, NULL)
    change, t = regression.draws(wild_weights(distribution, len(regression.rows), B, SEED), NULL)
    close(f"{label} t", term["statistic"], observed)
    close(f"{label} draws", np.array(draws["statistic"]) + 3, t + 3, 1e-8)
    close(f"{label} numerators", np.array(draws["numerator"]) + 1, change + 1, 1e-8)
    check_wild_counts(label, term, t, observed)


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for missing, label in ((0.0, "balanced"), (0.12, "unbalanced")):
            data = make_data(missing)
            path = os.path.join(folder, label + ".csv")
            write_panel(path, data, 1, "y,d,w,z1,z2")
            for instruments in (1, 2):
                regression = Regression(data, instruments)
                for distribution in ("rademacher", "mammen", "webb", "normal"):
                    twin(regression, path, instruments, distribution, f"{label} {instruments} {distribution}")


main()
