"""`greenfront two-stage` against Simar and Wilson's algorithms written out here: the same draws, scores by HiGHS, truncated
likelihoods by scipy.optimize."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy.optimize import minimize
from scipy.special import log_ndtr, ndtri
from twins import PROGRAM, Stream

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dea"))
from linear_programs import radial  # noqa: E402
from twin_boot_dea import X, Y, make_rows, write  # noqa: E402

STAGE = 7  # kernels/rng/philox.hpp


def normal_above(a, stream):
    if a <= 0.5:
        while True:
            v = ndtri(stream.uniform())
            if v > a:
                return v
    rate = (a + np.sqrt(a * a + 4)) / 2
    while True:
        v = a - np.log(stream.uniform()) / rate
        if stream.uniform() <= np.exp(-(v - rate)**2 / 2):
            return v


def fit(y, Z):
    """Truncated at 1 from below, in (beta/s^2, 1/s^2), where the likelihood is concave."""
    D = np.c_[Z, np.ones(len(y))]
    start = np.linalg.lstsq(D, y, rcond=None)[0]
    s = (y - D @ start).std()

    def minus(p):
        precision = np.exp(p[-1])
        mu, sigma = D @ p[:-1] / precision, precision**-0.5
        e = (y - mu) / sigma
        return -(-e**2 / 2 - np.log(sigma) - np.log(2 * np.pi) / 2 - log_ndtr(-(1 - mu) / sigma)).sum()

    p = np.r_[start / s**2, -2 * np.log(s)]
    for _ in range(6):
        p = minimize(minus, p, method="BFGS", options={"gtol": 1e-9, "maxiter": 2000}).x
        p = minimize(minus, p, method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-14, "maxiter": 4000}).x
    precision = np.exp(p[-1])
    return p[:-1] / precision, precision**-0.5


def draw(beta, sigma, Z, stream):
    mu = np.c_[Z, np.ones(len(Z))] @ beta
    return np.array([m + sigma * normal_above((1 - m) / sigma, stream) for m in mu])


def twin(rows, algorithm, orientation, L1, L2, seed):
    XR, YR = (np.array([[row[c] for c in names] for row in rows]) for names in (X, Y))
    Z = np.array([[row["u"], row["w"]] for row in rows])
    turn = (lambda s: 1 / s) if orientation == "input" else (lambda s: s)
    delta = np.array([turn(radial(x, y, XR, YR, "vrs", orientation)) for x, y in zip(XR, YR)])
    inside = delta > 1 + 1e-8
    beta, sigma = fit(delta[inside], Z[inside])
    target, used = delta, np.flatnonzero(inside)
    if algorithm == 2:
        hats = []
        for b in range(L1):
            star = draw(beta, sigma, Z, Stream(seed, STAGE, b, 1))
            XS = XR * (star / delta)[:, None] if orientation == "input" else XR
            YS = YR * (delta / star)[:, None] if orientation == "output" else YR
            hats.append([turn(radial(x, y, XS, YS, "vrs", orientation)) for x, y in zip(XR, YR)])
        target, used = 2 * delta - np.mean(hats, 0), np.arange(len(rows))
        beta, sigma = fit(target, Z)
    stars = []
    for b in range(L2):
        got = fit(draw(beta, sigma, Z[used], Stream(seed, STAGE, b, 2)), Z[used])
        stars.append(np.r_[got[0], got[1]])
    return delta, target, np.r_[beta, sigma], np.array(stars)


def run(path, *args, fails=False):
    call = [PROGRAM, "two-stage", path, "--unit", "city", "--inputs", ",".join(X), "--good", ",".join(Y),
            "--environment", "u,w", "--format", "json", *args]
    done = subprocess.run(call, capture_output=True, text=True)
    if fails:
        return done
    assert done.returncode == 0, (args, done.stderr)
    return json.loads(done.stdout)


def close(got, want, what, tolerance):
    assert abs(got - want) <= tolerance * max(1, abs(want)), (what, got, want)


def main():
    rng = np.random.RandomState(9)
    rows = [{**row, "u": rng.normal(), "w": rng.uniform()} for row in make_rows(40, (2001,))]
    for row in rows:  # the environment costs inputs
        for name in X:
            row[name] *= np.exp(0.3 * max(0, row["u"]) + 0.2 * row["w"])
    figures = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        for algorithm, orientation in ((1, "input"), (2, "input"), (2, "output")):
            args = ["--algorithm", str(algorithm), "--orientation", orientation, "--returns", "vrs", "--replicates-bias", "6",
                    "--replicates", "5", "--seed", "3"]
            got = run(path, *args)
            delta, target, estimate, stars = twin(rows, algorithm, orientation, 6, 5, 3)
            for k, unit in enumerate(got["units"]):
                close(unit["delta"], delta[k], "delta", 1e-8)
                if algorithm == 2:
                    close(unit["corrected"], target[k], "corrected", 1e-4)
                    assert unit["corrected"] >= unit["delta"] - 1e-9, unit
                figures += 1
            assert [t["term"] for t in got["terms"]] == ["u", "w", "_cons", "sigma"]
            assert got["n"] == (int((delta > 1 + 1e-8).sum()) if algorithm == 1 else len(rows))
            for k, term in enumerate(got["terms"]):
                low, high = np.quantile(stars[:, k], [0.025, 0.975])
                for key, want in (("estimate", estimate[k]), ("std_error", stars[:, k].std(ddof=1)), ("conf_low", low),
                                  ("conf_high", high), ("basic_low", 2 * estimate[k] - high),
                                  ("basic_high", 2 * estimate[k] - low)):
                    close(term[key], want, (algorithm, orientation, term["term"], key), 2e-4)
                    figures += 1
            assert run(path, *args, "--threads", "1") == run(path, *args, "--threads", "3") == got
        write(path + ".scaled", [{**row, "k": row["k"] * 1e6, "u": row["u"] * 1e-3} for row in rows])
        one, two = (run(p, "--algorithm", "2", "--replicates", "50")["terms"] for p in (path, path + ".scaled"))
        close(two[0]["estimate"] * 1e-3, one[0]["estimate"], "units of measure", 1e-6)
        close(two[1]["conf_low"], one[1]["conf_low"], "units of measure", 1e-6)
        for args, code, words in ((["--algorithm", "3"], 64, "--algorithm"), (["--algorithm", "1", "--orientation", "none"],
                                  64, "--orientation"), (["--algorithm", "1", "--replicates", "0"], 64, "--replicates")):
            done = run(path, *args, fails=True)
            assert done.returncode == code and words in done.stderr and not done.stdout, (args, done)
    print(f"{figures} figures as HiGHS and SciPy have them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
