"""1,000 draws of every type and weight of the wild cluster bootstrap against NumPy: weights from raw words, every
outcome built and regressed on explicit dummies. Run by ctest; needs GREENFRONT_PROGRAM."""
import os
import sys
import tempfile

import numpy as np

from twins import PROGRAM, check_wild_counts, close, dummies, make_panel, run, wild_weights, write_panel

B, SEED, NULL = 1000, 5, 0.1


class Regression:
    """y and the dummies of units and years; x2, the first column of W, is tested."""

    def __init__(self, data):
        self.unit, self.year, self.y = data[:, 0], data[:, 1], data[:, 2]
        self.W = np.column_stack([data[:, 4], data[:, 3], dummies(self.unit), dummies(self.year)])
        self.rows = [self.unit == g for g in np.unique(self.unit)]
        self.all = np.linalg.pinv(self.W)
        self.without = [np.linalg.pinv(self.W[~own])[0] for own in self.rows]
        n, G = len(self.y), len(self.rows)
        self.factor = (n - 1) / (n - 2 - (len(np.unique(self.year)) - 1) - 1) * G / (G - 1)

    def residuals(self, kind, impose):
        W = self.W[:, 1:] if impose else self.W
        y = self.y - NULL * self.W[:, 0] * impose
        if kind == "1":
            return y - W @ np.linalg.pinv(W) @ y
        u = np.empty_like(y)
        for own in self.rows:
            left = y[own] - W[own] @ np.linalg.pinv(W[~own]) @ y[~own]
            u[own] = left - left.mean()  # the unit's own effect
        return u

    def statistics(self, Y, kind):
        """b and its standard error for every column of Y."""
        coefficients = self.all @ Y
        if kind == "3":
            b = np.array([w @ Y[~own] for w, own in zip(self.without, self.rows)])
            G = len(self.rows)
            return coefficients[0], np.sqrt((G - 1) / G * ((b - coefficients[0]) ** 2).sum(0))
        u = Y - self.W @ coefficients
        z = self.all[0]
        squares = sum((z[own] @ u[own]) ** 2 for own in self.rows)
        return coefficients[0], np.sqrt(self.factor * squares)


def twin(regression, path, kind, distribution, impose, label):
    arguments = ["bootstrap", path, "y ~ x1 + x2 | unit + year", "--unit", "unit", "--time", "year", "--method",
                 "wild-cluster", "--cluster", "unit", "--term", "x2", "--null", str(NULL), "--type", kind, "--weights",
                 distribution, "--replicates", str(B), "--seed", str(SEED), "--draws", "--format", "json"]
    result = run(arguments + ([] if impose else ["--unrestricted"]))
    term, draws = result["terms"][0], result["draws"][0]
    y, W = regression.y, regression.W
    b, se = regression.statistics(y[:, None], kind[1])
    observed = (b[0] - NULL) / se[0]
    ordinary = regression.residuals("1", impose)
    u = regression.residuals(kind[0], impose)
    v = wild_weights(distribution, len(regression.rows), B, SEED)
    by_row = np.empty((len(y), B))
    for own, w in zip(regression.rows, v):
        by_row[own] = w
    stars, errors = regression.statistics((y - ordinary)[:, None] + by_row * u[:, None], kind[1])
    change = stars - (NULL if impose else b[0])
    t = change / errors
    close(f"{label} t", term["statistic"], observed)
    close(f"{label} draws", np.array(draws["statistic"]) + 3, t + 3)
    close(f"{label} numerators", np.array(draws["numerator"]) + 1, change + 1)
    check_wild_counts(label, term, t, observed)


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for missing, label in ((0.0, "balanced"), (0.12, "unbalanced")):
            data = make_panel(missing)
            path = os.path.join(folder, label + ".csv")
            write_panel(path, data, 1)
            regression = Regression(data)
            for kind in ("11", "13", "31", "33"):
                for impose in (True, False):
                    twin(regression, path, kind, "rademacher", impose, f"{label} {kind} {'' if impose else 'un'}restricted")
            for distribution in ("mammen", "webb", "normal"):
                twin(regression, path, "11", distribution, True, f"{label} {distribution}")


main()
