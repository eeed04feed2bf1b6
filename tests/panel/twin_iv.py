#!/usr/bin/env python3
"""An independent twin of everything a regression with instruments prints, on dense matrices.

Kleibergen and Paap's statistic is evaluated from their own formula (2006, section 2: A-perp, B-perp and the
Kronecker product), two-step GMM and its J with all moments at once, LIML from the generalised eigenvalue
problem, the endogeneity test from two complete GMM fits, the Anderson-Rubin set by a scan of the statistic.
Endogenous x instruments 1x1, 1x2, 1x3 and 2x2, 2x3, iid, robust and clustered, with and without fixed effects;
analytic weights as least squares of rows times the square roots of w / mean(w), frequency weights as repeated rows.
"""
import csv
import itertools
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
import scipy.linalg
import scipy.optimize
import scipy.stats

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "build/release/greenfront")
COUNT = 0


def near(what, got, want, tolerance=1e-8):
    global COUNT
    COUNT += 1
    if got is None or not np.isfinite(want) or abs(got - want) > tolerance * (abs(want) + 1e-9):
        sys.exit(f"{what}: {got!r} instead of {want!r}")


def panel(seed, noise=1.0):
    """25 to 40 firms of unequal length; errors are correlated within firms and heteroskedastic."""
    random = np.random.default_rng(seed)
    rows = []
    for firm in range(30):
        level, shared = random.normal(size=2)
        for year in range(random.integers(3, 9)):
            z = random.normal(size=3) + 0.4 * level
            w = random.normal() + 0.2 * z[0]
            common = random.normal() + 0.5 * shared
            d1 = 0.6 * z[0] + 0.3 * z[1] + 0.2 * z[2] + 0.5 * w + 0.7 * common + noise * random.normal() + level
            d2 = 0.2 * z[0] - 0.5 * z[1] + 0.4 * z[2] + 0.4 * common + noise * random.normal()
            y = 1 + 0.8 * d1 - 0.5 * d2 + 0.3 * w + common + (0.5 + abs(z[0])) * random.normal() + level
            rows.append([firm, year, y, d1, d2, w, *z])
    weights = np.random.default_rng(seed + 100)
    return np.column_stack([np.array(rows), weights.uniform(0.2, 3.0, len(rows)), weights.integers(1, 4, len(rows))])


NAMES = ["firm", "year", "y", "d1", "d2", "w", "z1", "z2", "z3", "aw", "fw"]


def residuals(D, A):
    return A - D @ np.linalg.lstsq(D, A, rcond=None)[0]


def scores(M, u, groups):
    """Sum over groups of products of summed scores; M has one row of moments an observation."""
    return products(M * u[:, None], groups)


def products(psi, groups):
    _, place = np.unique(groups, return_inverse=True)
    summed = np.zeros((place.max() + 1, psi.shape[1]))
    np.add.at(summed, place, psi)
    return summed.T @ summed


def kleibergen_paap(x, Z, e_of, groups):
    """Section 4.4 of Kleibergen and Paap by the letter: Theta = U S V', A-perp, B-perp, Kronecker products."""
    K, L = x.shape[1], Z.shape[1]
    Rz, Rx = np.linalg.cholesky(Z.T @ Z).T, np.linalg.cholesky(x.T @ x).T
    Pi = np.linalg.solve(Z.T @ Z, Z.T @ x)
    theta = Rz @ Pi @ np.linalg.inv(Rx)
    U, _, Vt = np.linalg.svd(theta)
    V, q = Vt.T, K - 1
    U22, V22 = U[q:, q:], V[q:, q:]
    root = lambda A: np.real(scipy.linalg.sqrtm(A))
    A_perp = U[:, q:] @ np.linalg.inv(U22) @ root(U22 @ U22.T)
    B_perp = root(V22 @ V22.T) @ np.linalg.inv(V22.T) @ V[:, q:].T
    KA = np.kron(B_perp, A_perp.T)
    lam = KA @ theta.T.reshape(-1)
    e = x - Z @ Pi if e_of == "wald" else x
    zeta = products(np.array([np.kron(e[i], Z[i]) for i in range(len(Z))]), groups)
    G = np.kron(np.linalg.inv(Rx).T, np.linalg.inv(Rz).T)
    omega = KA @ G @ zeta @ G.T @ KA.T
    return float(lam @ np.linalg.solve(omega, lam))


def gmm(X, Z, y, S):
    W = np.linalg.inv(S)
    A = X.T @ Z @ W
    b = np.linalg.solve(A @ Z.T @ X, A @ Z.T @ y)
    g = Z.T @ (y - X @ b)
    return b, float(g @ W @ g), np.linalg.inv(A @ Z.T @ X)


class Twin:
    def __init__(self, data, endogenous, instruments, variance, effects, weights=None):
        if weights == "fweights":
            data = np.repeat(data, data[:, NAMES.index("fw")].astype(int), axis=0)
        column = {name: data[:, j] for j, name in enumerate(NAMES)}
        self.N = N = len(data)
        self.firms = column["firm"]
        root = np.sqrt(column["aw"] / column["aw"].mean()) if weights == "aweights" else np.ones(N)
        self.groups = self.firms if variance == "cluster" else np.arange(N)
        self.variance = variance
        if effects:
            D = np.column_stack([self.firms == f for f in np.unique(self.firms)]
                                + [column["year"] == t for t in np.unique(column["year"])[1:]]) * root[:, None]
            take = lambda A: residuals(D, A * root[:, None])
        else:
            take = lambda A: A * root[:, None]
        exogenous = take(np.column_stack([column["w"]] if effects else [column["w"], np.ones(N)]))
        self.y = take(column["y"][:, None])[:, 0]
        self.E = take(np.column_stack([column[n] for n in endogenous]))
        self.I = take(np.column_stack([column[n] for n in instruments]))
        self.X = np.column_stack([exogenous, self.E])
        self.Z = np.column_stack([exogenous, self.I])
        self.exogenous = exogenous
        self.K1, self.L1 = len(endogenous), len(instruments)
        firms, years = len(np.unique(self.firms)), len(np.unique(column["year"]))
        # Without effects the constant is no regressor but the absorbed degree of freedom.
        self.a = 1 if not effects else (years - 1 if variance == "cluster" else firms + years - 1)
        self.K = 1 + self.K1
        self.L = 1 + self.L1
        self.G = firms

    def factor(self):
        if self.variance == "iid":
            return 1
        if self.variance == "robust":
            return self.N / (self.N - self.K - self.a)
        return (self.N - 1) / (self.N - self.K - self.a) * self.G / (self.G - 1)

    def f_factor(self):
        """From a Wald statistic to L1 times an F."""
        if self.variance == "cluster":
            return (self.N - self.L - self.a) / (self.N - 1) * (self.G - 1) / self.G
        return (self.N - self.L - self.a) / self.N

    def omega(self, Z, u):
        if self.variance == "iid":
            return Z.T @ Z * (u @ u / self.N)
        return scores(Z, u, self.groups)

    def tsls(self):
        P = self.Z @ np.linalg.solve(self.Z.T @ self.Z, self.Z.T @ self.X)
        b = np.linalg.solve(P.T @ self.X, P.T @ self.y)
        return b, np.linalg.inv(P.T @ self.X), P

    def sandwich(self, bread, P, u):
        if self.variance == "iid":
            return bread * (u @ u) / (self.N - self.K - self.a)
        return self.factor() * bread @ scores(P, u, self.groups) @ bread

    def estimate(self, estimator):
        """b, V, J, k."""
        b, bread, P = self.tsls()
        u = self.y - self.X @ b
        J = gmm(self.X, self.Z, self.y, self.omega(self.Z, u))[1]
        if estimator == "2sls" or (estimator == "gmm" and self.variance == "iid"):
            return b, self.sandwich(bread, P, u), J, None
        if estimator == "gmm":
            b, J, V = gmm(self.X, self.Z, self.y, self.omega(self.Z, u))
            return b, self.factor() * V, J, None
        A = np.column_stack([self.y, self.E])
        inside, outside = residuals(self.Z, A), residuals(self.exogenous, A)
        k = min(scipy.linalg.eigvals(outside.T @ outside, inside.T @ inside).real) if self.L1 > self.K1 else 1.0
        M = lambda B: B - k * residuals(self.Z, B)
        H = self.X.T @ M(self.X)
        b = np.linalg.solve(H, M(self.X).T @ self.y)
        u = self.y - self.X @ b
        J = (gmm(self.X, self.Z, self.y, self.omega(self.Z, u))[1] if self.variance != "iid"
             else self.N * (u @ u - residuals(self.Z, u) @ residuals(self.Z, u)) / (u @ u))
        return b, self.sandwich(np.linalg.inv(H), P, u), J, k

    def endogeneity(self):
        every = np.column_stack([self.Z, self.E])
        u = residuals(self.X, self.y)
        S = self.omega(every, u)
        fewer = self.Z.shape[1]
        return gmm(self.X, every, self.y, S)[1] - gmm(self.X, self.Z, self.y, S[:fewer, :fewer])[1]

    def partialled(self):
        return [residuals(self.exogenous, A) for A in (self.y, self.E, self.I)]

    def anderson_rubin(self, b0):
        y, x, Z = self.partialled()
        v = y - x[:, 0] * b0
        pi = np.linalg.solve(Z.T @ Z, Z.T @ v)
        e = v - Z @ pi
        if self.variance == "iid":
            return (v @ v - e @ e) / (e @ e) * (self.N - self.L - self.a) / self.L1
        return (Z.T @ v) @ np.linalg.solve(scores(Z, e, self.groups), Z.T @ v) * self.f_factor() / self.L1


def check_strength(t, iv, where):
    y, x, Z = t.partialled()
    cc2 = np.linalg.svd(np.linalg.qr(Z)[0].T @ np.linalg.qr(x)[0])[1][-1] ** 2
    near(where + " CD", iv["cragg_donald_f"], cc2 / (1 - cc2) * (t.N - t.L - t.a) / t.L1)
    if t.variance == "iid":
        near(where + " LM", iv["kp_rk_lm"]["statistic"], t.N * cc2)
        if iv["kp_rk_wald_f"] is not None:
            sys.exit(where + ": a Kleibergen-Paap F with iid errors")
    else:
        near(where + " KP LM", iv["kp_rk_lm"]["statistic"], kleibergen_paap(x, Z, "lm", t.groups))
        near(where + " KP F", iv["kp_rk_wald_f"],
             kleibergen_paap(x, Z, "wald", t.groups) * t.f_factor() / t.L1)
    wanted = t.N * (y @ y - residuals(Z, y) @ residuals(Z, y)) / (y @ y) if t.variance == "iid" else \
        (Z.T @ y) @ np.linalg.solve(scores(Z, y, t.groups), Z.T @ y)
    near(where + " Stock-Wright", iv["stock_wright_s"]["statistic"], wanted)
    near(where + " endogeneity", iv["endogeneity"]["statistic"], t.endogeneity(), 1e-6)
    if t.K1 > 1:
        if iv["effective_f"] is not None:
            sys.exit(where + ": an effective F with several endogenous variables")
        return
    # Montiel Olea and Pflueger: instruments normalised to Z'Z/N = I.
    Zn = np.linalg.qr(Z)[0] * np.sqrt(t.N)
    pi = Zn.T @ x[:, 0] / t.N
    e = x[:, 0] - Zn @ pi
    W = (np.eye(t.L1) * (e @ e) / (t.N - t.L - t.a) if t.variance == "iid"
         else scores(Zn, e, t.groups) / t.N / t.f_factor())
    near(where + " effective F", iv["effective_f"]["f"], t.N * pi @ pi / np.trace(W))
    for tau in (5, 10, 20, 30):
        xx = 100 / tau
        k = np.trace(W) ** 2 * (1 + 2 * xx) / (np.trace(W @ W) + 2 * xx * np.trace(W) * np.linalg.eigvalsh(W)[-1])
        near(where + " K_eff", iv["effective_f"]["df"][f"{tau}%"], k)
        near(where + " critical", iv["effective_f"]["critical"][f"{tau}%"],
             scipy.stats.ncx2.ppf(0.95, k, xx * k) / k, 1e-7)


def check_set(t, iv, where):
    """The ends are exactly where the statistic passes its quantile, and a scan agrees everywhere else."""
    ar = iv["anderson_rubin"]
    near(where + " AR F", ar["f"], t.anderson_rubin(0.0))
    y, _, Z = t.partialled()
    e = residuals(Z, y)
    chi2 = t.N * (y @ y - e @ e) / (e @ e) if t.variance == "iid" else \
        (Z.T @ y) @ np.linalg.solve(scores(Z, e, t.groups), Z.T @ y)
    near(where + " AR chi2", ar["chi2"]["statistic"], chi2)
    near(where + " AR chi2 p", ar["chi2"]["p_value"], scipy.stats.chi2.sf(chi2, t.L1), 1e-7)
    df2 = t.G - 1 if t.variance == "cluster" else t.N - t.L - t.a
    cut = scipy.stats.f.ppf(0.95, t.L1, df2)
    ends = [end for part in ar["conf_set"] for end in part if end is not None]
    for end in ends:
        near(where + f" AR at {end}", t.anderson_rubin(end), cut, 1e-7)
    for b0 in np.tan(np.linspace(-1.57, 1.57, 161)):
        if any(abs(b0 - end) < 1e-6 * (1 + abs(b0)) for end in ends):
            continue
        inside = any((low is None or low <= b0) and (high is None or b0 <= high) for low, high in ar["conf_set"])
        if inside != (t.anderson_rubin(b0) <= cut):
            sys.exit(f"{where}: {b0} is {'in' if inside else 'not in'} {ar['conf_set']}")


def run(path, formula, variance, estimator, weights):
    vcov = "cluster:firm" if variance == "cluster" else variance
    done = subprocess.run([PROGRAM, "regress", path, formula, "--vcov", vcov, "--estimator", estimator,
                           *(["--" + weights, weights[0] + "w"] if weights else []), "--format", "json"], capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        sys.exit(f"{formula} {vcov} {estimator}: exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def write(path, data):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(NAMES)
        writer.writerows([[int(r[0]), int(r[1]), *map(repr, map(float, r[2:-1])), int(r[-1])] for r in data])


def check_model(path, data, endogenous, instruments, variance, effects, weights=None):
    t = Twin(data, endogenous, instruments, variance, effects, weights)
    formula = f"y ~ w | {'firm + year' if effects else '0'} | {' + '.join(endogenous)} ~ {' + '.join(instruments)}"
    for estimator in ("2sls", "liml", "gmm"):
        got = run(path, formula, variance, estimator, weights)
        where = f"{formula} {variance} {estimator} {weights or ''}"
        near(where + " n", got["n"], t.N)
        b, V, J, k = t.estimate(estimator)
        terms = {term["term"]: term for term in got["terms"]}
        names = ["w", *([] if effects else ["_cons"]), *endogenous]
        for j, name in enumerate(names):
            near(f"{where} b {name}", terms[name]["estimate"], b[j])
            near(f"{where} se {name}", terms[name]["std_error"], np.sqrt(V[j, j]))
        if list(terms) != ["w", *endogenous] + ([] if effects else ["_cons"]):
            sys.exit(f"{where}: terms {list(terms)}")
        iv = got["iv"]
        if t.L1 > t.K1:
            near(where + " J", iv["overid"]["statistic"], J, 1e-7)
        elif iv["overid"] is not None:
            sys.exit(where + ": an overidentification test when exactly identified")
        if estimator == "liml":
            near(where + " k", iv["liml_k"], k, 1e-10)
            if t.L1 > t.K1:
                near(where + " LR", iv["liml_overid"]["statistic"], t.N * np.log(k), 1e-6)
        elif iv["liml_k"] is not None:
            sys.exit(where + ": k of LIML without LIML")
        check_strength(t, iv, where)
        if t.K1 == 1:
            check_set(t, iv, where)


def main():
    shapes = [(["d1"], ["z1"]), (["d1"], ["z1", "z2"]), (["d1"], ["z1", "z2", "z3"]), (["d1", "d2"], ["z1", "z2"]),
              (["d1", "d2"], ["z1", "z2", "z3"])]
    with tempfile.TemporaryDirectory() as folder:
        for seed, noise in ((1, 1.0), (2, 8.0)):  # strong and weak instruments: bounded sets, rays, whole lines
            data = panel(seed, noise)
            path = os.path.join(folder, f"panel{seed}.csv")
            write(path, data)
            for (endogenous, instruments), variance, effects in itertools.product(
                    shapes, ("iid", "robust", "cluster"), (False, True)):
                if noise > 1 and len(endogenous) > 1:
                    continue
                check_model(path, data, endogenous, instruments, variance, effects)
                if noise == 1 and (endogenous, instruments) in (shapes[0], shapes[2], shapes[4]):
                    for weights in ("aweights", "fweights"):
                        check_model(path, data, endogenous, instruments, variance, effects, weights)
    print(f"{COUNT} numbers agree with the twin")
    return 0


if __name__ == "__main__":
    sys.exit(main())
