"""1,000 draws of the pairs bootstrap (OLS, 2SLS), of residuals and of moving blocks, and the jackknife, again from NumPy's
raw words with explicit dummies. Run by ctest; needs GREENFRONT_PROGRAM."""
import os
import sys
import tempfile

import numpy as np
from scipy import stats

from twins import PROGRAM, STAGE_BOOTSTRAP, Stream, close, dummies, run

B, SEED = 1000, 11
UNIT, YEAR, Y, X1, X2, E, Z1, Z2 = range(8)


def make_panel(missing):
    rng = np.random.default_rng(8)
    rows = []
    for unit in range(15):
        base = rng.normal(size=4)
        for year in range(2001, 2009):
            x, z, error = base[:2] + rng.normal(size=2), base[2] + rng.normal(size=2), rng.normal()
            e = 0.8 * z[0] + 0.5 * z[1] + 0.4 * x[0] + 0.6 * error + rng.normal()
            y = 0.5 * x[0] - 0.3 * x[1] + 0.7 * e + base[3] + 0.1 * (year - 2001) + error
            if rng.random() >= missing:
                rows.append((unit, year, y, x[0], x[1], e, *z))
    return np.array(rows)


def residual_of(D, columns):
    return columns - D @ np.linalg.lstsq(D, columns, rcond=None)[0]


def fit(rows, regressors, instruments, effects, cluster):
    """(2)SLS on explicit dummies: coefficients, clustered errors of unit and year effects (unit nested), iid errors."""
    D = np.hstack([dummies(e) for e in effects])
    y, X = residual_of(D, rows[:, Y]), residual_of(D, rows[:, regressors])
    W = residual_of(D, rows[:, instruments])
    P = W @ np.linalg.lstsq(W, X, rcond=None)[0]
    A = np.linalg.inv(P.T @ P)
    b = A @ P.T @ y
    u = y - X @ b
    S = sum(np.outer(s, s) for s in (P[cluster == g].T @ u[cluster == g] for g in np.unique(cluster)))
    n, k, G = len(y), X.shape[1], len(np.unique(cluster))
    df_a, nested = len(np.unique(effects[1])) - 1, 1 if regressors == instruments else 0
    q = (n - 1) / (n - k - df_a - nested) * G / (G - 1)
    rank = np.linalg.matrix_rank(D)
    return b, np.sqrt(q * np.diag(A @ S @ A)), np.sqrt(u @ u / (n - k - rank) * np.diag(A)), u


def resample(data, column, drawn):
    """Rows of the drawn levels, with the number of the draw."""
    rows = [np.flatnonzero(data[:, column] == level) for level in drawn]
    return data[np.concatenate(rows)], np.repeat(np.arange(len(drawn)), [len(r) for r in rows])


def intervals(b, estimate, leave_out, term, label):
    z0 = stats.norm.ppf((np.sum(b < estimate) + 0.5 * np.sum(b == estimate)) / len(b))
    close(f"{label} z0 + 1", term["z0"] + 1, z0 + 1)
    close(f"{label} bias + 1", term["bias"] + 1, b.mean() - estimate + 1)
    z = stats.norm.ppf([0.025, 0.975])
    close(f"{label} normal", term["conf_normal"], estimate + z * b.std(ddof=1))
    accelerations = [0.0]
    if leave_out is not None:
        d = leave_out.mean() - leave_out
        accelerations.append((d**3).sum() / (6 * (d**2).sum() ** 1.5))
        close(f"{label} acceleration", term["acceleration"], accelerations[1], 1e-7)
    for name, a in zip(("conf_bc", "conf_bca"), accelerations):
        at = 100 * stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
        close(f"{label} {name}", term[name], np.percentile(b, at, method="averaged_inverted_cdf"))


def twin_pairs(data, path, regressors, instruments, formula, label):
    common = ["bootstrap", path, formula, "--unit", "unit", "--time", "year", "--cluster", "unit", "--draws",
              "--format", "json"]
    result = run([*common, "--replicates", str(B), "--seed", str(SEED)])
    jackknife = run([*common, "--method", "jackknife"])
    units = np.unique(data[:, UNIT])
    b, se = np.empty((len(regressors), B)), np.empty((len(regressors), B))
    for r in range(B):
        stream = Stream(SEED, STAGE_BOOTSTRAP, r)
        rows, copy = resample(data, UNIT, [units[stream.below(len(units))] for _ in units])
        b[:, r], se[:, r], *_ = fit(rows, regressors, instruments, [copy, rows[:, YEAR]], copy)
    full, full_se, *_ = fit(data, regressors, instruments, [data[:, UNIT], data[:, YEAR]], data[:, UNIT])
    without = []
    for unit in units:
        rest = data[data[:, UNIT] != unit]
        without.append(fit(rest, regressors, instruments, [rest[:, UNIT], rest[:, YEAR]], rest[:, UNIT])[0])
    without, G = np.array(without).T, len(units)
    for j, term in enumerate(result["terms"]):
        name = f"{label} {term['term']}"
        close(f"{name} draws", result["draws"][j]["estimate"], b[j])
        close(f"{name} draws' errors", result["draws"][j]["std_error"], se[j])
        close(f"{name} analytic", [term["estimate"], term["std_error_analytic"]], [full[j], full_se[j]])
        intervals(b[j], full[j], without[j], term, name)
        knife = jackknife["terms"][j]
        close(f"{name} leave-outs", jackknife["draws"][j]["estimate"], without[j])
        cv3 = np.sqrt((G - 1) / G * np.sum((without[j] - full[j]) ** 2))
        t = full[j] / cv3
        close(f"{name} CV3", [knife["std_error"], knife["statistic"]], [cv3, t])
        close(f"{name} jackknife p + 1", knife["p_value"] + 1, 1 + 2 * stats.t.sf(abs(t), G - 1))
        close(f"{name} jackknife bias + 1", knife["bias"] + 1, 1 + (G - 1) * (without[j].mean() - full[j]))
        close(f"{name} jackknife spread", knife["std_error_mean"], np.sqrt((G - 1) * without[j].var()))


def twin_residual(data, path, label):
    result = run(["bootstrap", path, "y ~ x1 + x2 | unit + year", "--unit", "unit", "--time", "year", "--method",
                  "residual", "--replicates", str(B), "--seed", str(SEED), "--draws", "--format", "json"])
    data = data[np.lexsort((data[:, YEAR], data[:, UNIT]))]
    effects, x = [data[:, UNIT], data[:, YEAR]], [X1, X2]
    full, _, iid, u = fit(data, x, x, effects, data[:, UNIT])
    D = np.hstack([dummies(e) for e in effects])
    n = len(data)
    pool = u * np.sqrt(n / (n - 2 - np.linalg.matrix_rank(D)))
    b, se = np.empty((2, B)), np.empty((2, B))
    for r in range(B):
        stream = Stream(SEED, STAGE_BOOTSTRAP, r)
        again = data.copy()
        again[:, Y] += pool[[stream.below(n) for _ in range(n)]] - u
        b[:, r], _, se[:, r], _ = fit(again, x, x, effects, data[:, UNIT])
    for j, term in enumerate(result["terms"]):
        close(f"{label} {term['term']} draws", result["draws"][j]["estimate"], b[j])
        close(f"{label} {term['term']} draws' errors", result["draws"][j]["std_error"], se[j])
        close(f"{label} {term['term']} analytic", term["std_error_analytic"], iid[j])
        intervals(b[j], full[j], None, term, f"{label} {term['term']}")
        if term["conf_bca"] != [None, None]:
            sys.exit(f"{label}: BCa without leave-outs")


def twin_blocks(data, path, label, length=3):
    result = run(["bootstrap", path, "y ~ x1 + x2 | unit + year", "--unit", "unit", "--time", "year", "--method",
                  "moving-block", "--block", str(length), "--replicates", str(B), "--seed", str(SEED), "--draws",
                  "--format", "json"])
    years = np.unique(data[:, YEAR])
    T = len(years)
    b = np.empty((2, B))
    for r in range(B):
        stream = Stream(SEED, STAGE_BOOTSTRAP, r)
        codes = []
        while len(codes) < T:
            start = stream.below(T - length + 1)
            codes += range(start, start + length)
        rows, copy = resample(data, YEAR, years[codes[:T]])
        b[:, r], *_ = fit(rows, [X1, X2], [X1, X2], [rows[:, UNIT], copy], copy)
    for j, term in enumerate(result["terms"]):
        close(f"{label} {term['term']} draws", result["draws"][j]["estimate"], b[j])
        close(f"{label} {term['term']} std_error", term["std_error"], b[j].std(ddof=1))
        if term["p_value"] is not None or term["conf_t"] != [None, None]:
            sys.exit(f"{label}: a t where nothing is studentised")


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for missing, label in ((0.0, "balanced"), (0.15, "unbalanced")):
            data = make_panel(missing)
            path = os.path.join(folder, label + ".csv")
            with open(path, "w", encoding="utf-8") as out:
                out.write("unit,year,y,x1,x2,e,z1,z2\n")
                for row in data[np.random.default_rng(1).permutation(len(data))]:
                    out.write(f"{int(row[0])},{int(row[1])}," + ",".join(repr(float(v)) for v in row[2:]) + "\n")
            twin_pairs(data, path, [X1, X2], [X1, X2], "y ~ x1 + x2 | unit + year", f"pairs {label}")
            twin_pairs(data, path, [X1, X2, E], [X1, X2, Z1], "y ~ x1 + x2 | unit + year | e ~ z1",
                       f"2SLS {label}")
            twin_pairs(data, path, [X1, X2, E], [X1, X2, Z1, Z2], "y ~ x1 + x2 | unit + year | e ~ z1 + z2",
                       f"overidentified {label}")
            twin_residual(data, path, f"residual {label}")
            twin_blocks(data, path, f"blocks {label}")


main()
