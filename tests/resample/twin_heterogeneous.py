"""`greenfront boot-dea --method heterogeneous` against the bootstrap written out here: the same draws, scores by HiGHS."""
import os
import sys
import tempfile

import numpy as np
from frontier import X, Y, basic_interval, check_unchanged, columns, make_rows, of_year, refused, run, same, scores, write
from scipy.special import ndtri
from twins import Stream

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dea"))
from linear_programs import radial  # noqa: E402

STAGE = 12  # kernels/rng/philox.hpp


class Joint:
    """Draws from the kernel density of the rows of Z, mirrored at 1 in the last `bounded` columns."""

    def __init__(self, Z, bounded, stream, h=None):
        self.Z, self.bounded, self.stream = Z, bounded, stream
        self.n, self.d = Z.shape
        self.h = h or (4 / ((self.d + 2) * self.n))**(1 / (self.d + 4))
        self.L = np.linalg.cholesky(np.cov(Z.T))
        numbers = [self.number() for _ in range(self.n)]
        self.centre = np.mean([self.mirrored(k) for k in numbers], axis=0)
        self.rows = np.array([self.place(k) for k in numbers])

    def number(self):
        return self.stream.below(self.n << self.bounded)

    def signs(self, number):
        signs = np.ones(self.d)
        for f in range(self.bounded):
            if number // self.n >> f & 1:
                signs[self.d - self.bounded + f] = -1
        return signs

    def mirrored(self, number):
        z, signs = self.Z[number % self.n], self.signs(number)
        return np.where(signs < 0, 2 - z, z)

    def place(self, number):
        noise = self.signs(number) * (self.L @ ndtri([self.stream.uniform() for _ in range(self.d)]))
        z = self.centre + (self.mirrored(number) + self.h * noise - self.centre) / np.sqrt(1 + self.h**2)
        z[-self.bounded:] = np.where(z[-self.bounded:] < 1, 2 - z[-self.bounded:], z[-self.bounded:])
        return z


def twin(rows, orientation, returns, logs, h, replicates, seed, item):
    XR, YR, n = columns(rows, X), columns(rows, Y), len(rows)
    W, A = (XR, YR) if orientation == "input" else (YR, XR)
    power = -1 if orientation == "input" else 1
    own = scores(rows, returns, orientation)
    delta, mean = own**power, W.mean(axis=0)
    mix = np.log(W[:, 1:] / W[:, :1]) if logs else np.arctan((W[:, 1:] / mean[1:]) / (W[:, :1] / mean[:1]))
    Z = np.column_stack([mix, np.log(A) if logs else A, delta])
    p = W.shape[1]
    draws, redrawn, used = np.empty((replicates, n)), 0, 0.0
    for b in range(replicates):
        joint = Joint(Z, 1, Stream(seed, STAGE, b, item), h)
        used = joint.h
        points, waiting = np.empty((n, p + A.shape[1])), list(range(n))
        while waiting:
            again = []
            for i in waiting:
                z = joint.rows[i]
                w = np.r_[1, np.exp(z[:p - 1])] if logs else mean * np.r_[1, np.tan(z[:p - 1])]
                a = np.exp(z[p - 1:-1]) if logs else z[p - 1:-1]
                if (a <= 0).any() or (w <= 0).any() or (not logs and (z[:p - 1] >= np.pi / 2).any()):
                    again.append(i)
                    continue
                xy = (w, a) if orientation == "input" else (a, w)
                s = radial(*xy, XR, YR, returns, orientation)
                if s is None:
                    again.append(i)
                    continue
                points[i] = np.r_[w * s * z[-1]**-power, a]
            redrawn += len(again)
            for i in again:
                joint.rows[i] = joint.place(joint.number())
            waiting = again
        moved = (points[:, :p], points[:, p:])
        draws[b] = scores(rows, returns, orientation, *(moved if orientation == "input" else moved[::-1]))
    answer = []
    for i in range(n):
        beyond = int(np.isnan(draws[:, i]).sum())
        with np.errstate(invalid="ignore"):
            corrected, low, high = basic_interval(delta[i], np.where(np.isnan(draws[:, i]), -np.inf, draws[:, i]**power))
        low, high = (value**power if np.isfinite(value) else None for value in (low, high))
        ends = (low, high) if power == 1 else (high, low)
        answer.append({"theta": own[i], "corrected": None if beyond else corrected**power, "conf_low": ends[0],
                       "conf_high": ends[1], "sd": None if beyond else draws[:, i].std(ddof=1), "beyond": beyond})
    return answer, used, redrawn


def check_twin(path, rows):
    figures = none = drawn_again = 0
    for orientation, returns, logs, h in (("input", "crs", True, None), ("output", "vrs", False, None), ("input", "vrs", False, 0.3)):
        got = run("boot-dea", path, "--time", "year", "--method", "heterogeneous", "--orientation", orientation, "--returns",
                  returns, "--smoothing", "logs" if logs else "levels", "--replicates", "8", "--seed", "5",
                  *(["--bandwidth", str(h)] if h else []))
        for item, part in enumerate(got["technologies"]):
            want, used, redrawn = twin(of_year(rows, part["time"]), orientation, returns, logs, h, 8, 5, item)
            same(part["bandwidth"], used, part)
            assert part["redrawn"] == redrawn, (part, redrawn)
            drawn_again += redrawn
            for unit, figure in zip([u for u in got["units"] if u["time"] == part["time"]], want):
                for key, value in figure.items():
                    same(unit[key], value, (orientation, returns, logs, unit, key))
                    figures, none = figures + 1, none + (value is None)
    assert drawn_again > 0
    return figures, none, drawn_again


def main():
    with tempfile.TemporaryDirectory() as folder:
        rows = make_rows(12, (2001, 2002))
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        figures, none, again = check_twin(path, rows)
        base = ["--time", "year", "--method", "heterogeneous", "--replicates", "80"]
        for args in (base, [*base, "--smoothing", "logs", "--orientation", "output"]):
            plain = check_unchanged("boot-dea", path, rows, args, ("corrected", "sd", "conf_low", "conf_high"), tolerance=1e-8)
            assert all(u["status"] == "optimal" for u in plain["units"])
        for words, args in (("--metric", ["--metric", "theta"]), ("--bandwidth", ["--bandwidth", "sj"]),
                            ("--smoothing", ["--smoothing", "roots"]), ("--kappa", ["--kappa", "0.6"])):
            refused("boot-dea", path, 64, words, "--method", "heterogeneous", *args)
        refused("boot-dea", path, 64, "--smoothing", "--smoothing", "logs")
        zero = path + ".zero"
        write(zero, [{**row, "k": 0} if i == 3 else row for i, row in enumerate(rows)])
        refused("boot-dea", zero, 65, "logs", *base, "--smoothing", "logs")
    print(f"{figures} figures as HiGHS and NumPy have them, {none} of them null; {again} rows drawn again")
    return 0


if __name__ == "__main__":
    sys.exit(main())
