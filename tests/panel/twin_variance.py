#!/usr/bin/env python3
"""Every variance and both kinds of weights of `greenfront regress`, against explicit dummies in NumPy.

The twin shares nothing with the program: it builds all dummies, projects with a pseudo-inverse, repeats the rows
that a frequency weight stands for, and sums pairs of rows literally.
"""
import csv
import json
import math
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy import stats

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "build/release/greenfront")
EARTH = 6371.0088


def make_panel(seed=5, cities=26, years=range(2001, 2013)):
    """Unbalanced, a gap in the years of some cities, a year that nobody has, a policy adopted at different times."""
    random = np.random.default_rng(seed)
    rows = []
    for c in range(cities):
        place = (random.uniform(20, 45), random.uniform(100, 125))
        talent, start = random.normal(), random.choice([2004, 2007, 2009, 2030])
        error = random.normal()
        for t in years:
            error = 0.5 * error + random.normal()
            if t == 2006 or random.uniform() < 0.15:
                continue
            x1 = 0.5 * talent + random.normal() + 0.1 * (t - 2000)
            x2 = 100 + random.normal() + 0.3 * x1
            z = random.normal()
            d = float(t >= start)
            y = talent + 0.05 * t + 1.2 * x1 - 0.4 * x2 + 0.3 * d + 0.2 * (c % 5) * z + error * (1 + 0.3 * abs(x1))
            rows.append({"city": f"C{c:02d}", "prov": f"P{c % 6}", "year": t, "lat": place[0], "lon": place[1],
                         "y": y, "x1": x1, "x2": x2, "z": z, "d": d,
                         "aw": random.uniform(0.2, 3), "fw": int(random.integers(1, 4))})
    return rows


def dummies(rows, effects):
    columns = []
    for effect in effects:
        slope = None
        if "[" in effect:
            effect, slope = effect[:-1].split("[")
        keys = [tuple(r[f] for f in effect.split("^")) for r in rows]
        for key in sorted(set(keys)):
            hit = np.array([k == key for k in keys], float)
            columns.append(hit)
            if slope:
                columns.append(hit * np.array([r[slope] for r in rows]))
    if not columns:
        columns.append(np.ones(len(rows)))
    return np.column_stack(columns)


def partial(rows, names, effects, w):
    """Columns after the effects, weighted coordinates, and the projection on the effects."""
    root = np.sqrt(w)
    D = dummies(rows, effects) * root[:, None]
    U, s, _ = np.linalg.svd(D, full_matrices=False)
    U = U[:, s > 1e-10 * s[0]]
    W = np.column_stack([[r[n] for r in rows] for n in names]) * root[:, None]
    for _ in range(2):
        W = W - U @ (U.T @ W)
    return W, (U ** 2).sum(1), U.shape[1]


def fit(rows, x, effects, w):
    W, h, rank = partial(rows, ["y"] + x, effects, w)
    b = np.linalg.lstsq(W[:, 1:], W[:, 0], rcond=None)[0]
    mean = lambda n: np.average([r[n] for r in rows], weights=w)
    b0 = mean("y") - sum(mean(n) * v for n, v in zip(x, b))
    return np.append(b, b0), W, h, rank


def distance(a, b):
    la, oa, lb, ob = map(math.radians, (a["lat"], a["lon"], b["lat"], b["lon"]))
    cosine = math.sin(la) * math.sin(lb) + math.cos(la) * math.cos(lb) * math.cos(oa - ob)
    return EARTH * math.acos(max(-1.0, min(1.0, cosine)))


def together(a, b, vcov):
    """Weight of the product of two rows' scores."""
    kind, _, rest = vcov.partition(":")
    if kind == "cluster":
        return float(any(a[n] == b[n] for n in rest.split("+")))
    if kind == "conley":
        same = (a["lat"], a["lon"]) == (b["lat"], b["lon"])
        return float(a["year"] == b["year"] and (same or distance(a, b) <= float(rest.split(",")[2])))
    gap = abs(a["year"] - b["year"])
    if kind == "nw" and a["city"] != b["city"]:
        return 0.0
    return max(0.0, 1 - gap / (int(rest) + 1))


def nesting(rows, effect, cluster):
    """Levels of an effect, and whether each lies in one cluster."""
    names = effect.split("[")[0].split("^")
    levels = {tuple(r[f] for f in names) for r in rows}
    return len(levels), len({(tuple(r[f] for f in names), r[cluster]) for r in rows}) == len(levels)


def twin(rows, x, effects, vcov, aw=None, fw=None):
    if fw:
        rows = [dict(r, copy=j) for r in rows for j in range(r[fw])]
    n, k = len(rows), len(x)
    w = np.array([r[aw] for r in rows]) if aw else np.ones(n)
    w = w / w.mean()
    b, W, h_effects, rank = fit(rows, x, effects, w)
    root = np.sqrt(w)
    X = W[:, 1:]
    e = W[:, 0] - X @ b[:-1]
    u = e / root
    rss = e @ e
    left = n - k - rank
    means = np.array([np.average([r[v] for r in rows], weights=w) for v in x])
    full = np.column_stack([X + root[:, None] * means, root])  # [x, 1], partialled plus means
    bread = np.linalg.inv(full.T @ full)
    kind, _, rest = vcov.partition(":")
    df, used = left, rank
    if kind == "iid":
        V = rss / left * bread
    elif kind in ("robust", "hc2", "hc3"):
        h = h_effects + np.einsum("ij,jk,ik->i", X, np.linalg.inv(X.T @ X), X)
        power = {"robust": 0, "hc2": 0.5, "hc3": 1}[kind]
        psi = full * (e / (1 - h) ** power)[:, None]
        V = bread @ (psi.T @ psi) @ bread * (n / left if kind == "robust" else 1)
    elif kind == "jackknife":
        # reghdfe's adjusted R2 subtracts all levels of every nested effect, redundant or not.
        nested = [levels for levels, inside in (nesting(rows, effect, rest) for effect in effects) if inside]
        used = sum(nested) if len(nested) > 1 else rank
        groups = sorted({r[rest] for r in rows})
        G = len(groups)
        V = np.zeros((k + 1, k + 1))
        for g in groups:
            stay = np.array([r[rest] != g for r in rows])
            part = [r for r, s in zip(rows, stay) if s]
            step = fit(part, x, effects, w[stay])[0] - b
            V += (G - 1) / G * np.outer(step, step)
        df = G - 1
    else:
        psi = full * e[:, None]
        K = np.array([[together(a, c, vcov) for c in rows] for a in rows])
        V = bread @ (psi.T @ K @ psi) @ bread
        if kind == "dk":
            T = len({r["year"] for r in rows})
            V, df = V * (n - 1) / left * T / (T - 1), T - 1
        else:
            V = V * n / left
    y = np.array([r["y"] for r in rows])
    tss = (w * (y - np.average(y, weights=w)) ** 2).sum()
    tssw = W[:, 0] @ W[:, 0]
    left = n - k - used
    return {"n": n, "b": b, "V": V, "df": df, "rss": rss, "r2": 1 - rss / tss,
            "adj_r2": 1 - rss / left / (tss / (n - 1)), "within_r2": 1 - rss / tssw,
            "within_adj_r2": 1 - rss / left / (tssw / (left + k)), "rmse": math.sqrt(rss / left), "X": X, "u": u, "w": w}


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        for row in rows:
            writer.writerow({k: repr(float(v)) if isinstance(v, float) else v for k, v in row.items()})


def run(path, x, effects, vcov, *more):
    formula = f"y ~ {' + '.join(x)} | {' + '.join(effects) or '0'}"
    words = [PROGRAM, "regress", path, formula, "--unit", "city", "--time", "year", "--vcov", vcov, "--format", "json", *more]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        sys.exit(f"{' '.join(words)}\nexit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


count = 0


def same(what, got, want, tolerance=1e-8):
    global count
    count += 1
    if not math.isclose(got, want, rel_tol=tolerance, abs_tol=1e-13):
        sys.exit(f"{what}: {got!r}, the twin has {want!r}")


def compare(what, got, want, x):
    if got["n"] != want["n"]:
        sys.exit(f"{what}: n {got['n']} instead of {want['n']}")
    same(f"{what} df", got["df_residual"], want["df"])
    for j, term in enumerate(got["terms"]):
        se = math.sqrt(want["V"][j, j])
        same(f"{what} {term['term']} b", term["estimate"], want["b"][j])
        same(f"{what} {term['term']} se", term["std_error"], se)
        t = want["b"][j] / se
        same(f"{what} {term['term']} p", term["p_value"], 2 * stats.t.sf(abs(t), want["df"]), 1e-6)
        same(f"{what} {term['term']} low", term["conf_low"], want["b"][j] - stats.t.ppf(0.975, want["df"]) * se, 1e-7)
    for key in ("rss", "r2", "adj_r2", "within_r2", "within_adj_r2", "rmse"):
        same(f"{what} {key}", got[key], want[key])
    k = len(x)
    V = want["V"][:k, :k]
    if np.linalg.cond(V) < 1e10 and np.linalg.eigvalsh(V)[0] > 0:
        same(f"{what} F", got["f_statistic"], want["b"][:k] @ np.linalg.solve(V, want["b"][:k]) / k, 1e-6)


def check_variances(path, rows):
    x = ["x1", "x2"]
    plain = ["iid", "robust", "hc2", "hc3", "jackknife:prov", "jackknife:city", "dk:0", "dk:2", "nw:0", "nw:3",
             "conley:lat,lon,0", "conley:lat,lon,600"]
    weighted = ["iid", "robust", "hc3", "jackknife:prov", "dk:1", "conley:lat,lon,600"]
    for effects in ([], ["city"], ["city", "year"], ["city", "prov^year"], ["city[z]", "year"]):
        for vcov in plain if len(effects) != 1 else ["hc2", "nw:1", "jackknife:city"]:
            if vcov.startswith("jackknife:city") and effects == ["city", "prov^year"]:
                continue  # leaves provinces of one city behind: many singletons, checked below
            compare(f"{effects} {vcov}", run(path, x, effects, vcov), twin(rows, x, effects, vcov), x)
        if len(effects) == 1:
            continue
        for vcov in weighted + ["nw:2"]:
            compare(f"{effects} {vcov} aweights", run(path, x, effects, vcov, "--aweights", "aw"),
                    twin(rows, x, effects, vcov, aw="aw"), x)
        for vcov in weighted:
            compare(f"{effects} {vcov} fweights", run(path, x, effects, vcov, "--fweights", "fw"),
                    twin(rows, x, effects, vcov, fw="fw"), x)


def check_clusters(path, rows):
    """Clustered errors with weights: degrees of freedom as reghdfe counts them, by hand."""
    x = ["x1", "x2"]
    for weight in ("aw", "fw"):
        option = f"--{weight[0]}weights"
        got = run(path, x, ["city", "year"], "cluster:city", option, weight)
        want = twin(rows, x, ["city", "year"], "cluster:city", **{weight: weight})
        n, G, T = want["n"], len({r["city"] for r in rows}), len({r["year"] for r in rows})
        factor = (n - 1) / (n - 2 - (T - 1) - 1) * G / (G - 1)
        same(f"{weight} factor", got["small_sample_factor"], factor)
        raw = want["V"] / (n / (n - 2 - (G + T - 1)))  # the twin's factor for pairs is n / (n - k - rank)
        for j in range(2):
            same(f"{weight} clustered se {j}", got["terms"][j]["std_error"], math.sqrt(factor * raw[j, j]))


def check_joint(path, rows):
    x = ["x1", "x2", "d"]
    for option, weight in ((None, {}), ("--aweights", {"aw": "aw"})):
        more = [option, "aw"] if option else []
        got = run(path, x, ["city", "year"], "hc2", "--test", "x1,x2", "--test", "d", *more)
        want = twin(rows, x, ["city", "year"], "hc2", **weight)
        b, V = want["b"][:2], want["V"][:2, :2]
        f = b @ np.linalg.solve(V, b) / 2
        same("joint F", got["tests"][0]["f"], f)
        same("joint p", got["tests"][0]["p_value"], stats.f.sf(f, 2, want["df"]))
        same("one term", got["tests"][1]["f"], want["b"][2] ** 2 / want["V"][2, 2])
        X = want["X"]
        for j, name in enumerate(x):
            others = np.delete(X, j, 1)
            rest = X[:, j] - others @ np.linalg.lstsq(others, X[:, j], rcond=None)[0]
            same(f"VIF {name}", got["vif"][name], X[:, j] @ X[:, j] / (rest @ rest))
        # rest is the residual of the policy on everything else
        d = np.array([r["d"] for r in rows])
        weights = np.sqrt(want["w"]) * rest * d
        policy = got["policy_weights"][0]
        if policy["term"] != "d" or policy["treated"] != int(d.sum()) or policy["negative"] != int((weights < 0).sum()):
            sys.exit(f"policy weights {policy}")
        if not 0 < policy["negative"]:
            sys.exit("the policy has no negative weight: the case is not hard enough")
        same("sum of negative weights", policy["sum_negative"], weights[weights < 0].sum() / weights.sum())
        if len(got["policy_weights"]) != 1 or not any("different times" in w for w in got["warnings"]):
            sys.exit(f"policy warning: {got['warnings']}")
    if run(path, x, ["city"], "iid")["policy_weights"]:
        sys.exit("policy weights without period effects")


def check_invariance(folder, rows):
    x, effects = ["x1", "x2"], ["city", "year"]
    base = os.path.join(folder, "base.csv")
    write(base, rows)
    scaled = os.path.join(folder, "scaled.csv")
    write(scaled, [dict(r, x1=r["x1"] * 1e9, aw=r["aw"] * 1e5) for r in rows])
    mixed = os.path.join(folder, "mixed.csv")
    write(mixed, [rows[i] for i in np.random.default_rng(3).permutation(len(rows))])
    for vcov in ("hc2", "hc3", "jackknife:prov", "dk:2", "nw:2", "conley:lat,lon,600"):
        for more in ([], ["--aweights", "aw"]):
            want = run(base, x, effects, vcov, *more)
            other = run(scaled, x, effects, vcov, *more)
            for j in range(2):
                same(f"{vcov} t of a scaled column", other["terms"][j]["statistic"], want["terms"][j]["statistic"], 1e-9)
            other = run(mixed, x, effects, vcov, *more)
            for j in range(3):
                same(f"{vcov} row order", other["terms"][j]["std_error"], want["terms"][j]["std_error"], 1e-9)
            threads = [json.dumps(run(base, x, effects, vcov, "--threads", n, *more)) for n in ("1", "2")]
            if threads[0] != threads[1]:
                sys.exit(f"{vcov}: the number of threads changes the result")
    # Rows twice are frequency weights of two; an analytic weight of two is not.
    twice = os.path.join(folder, "twice.csv")
    write(twice, [dict(r, two=2, city=r["city"]) for r in rows])
    want, other = twin([dict(r, two=2) for r in rows], x, effects, "hc3", fw="two"), run(twice, x, effects, "hc3", "--fweights", "two")
    compare("every row twice", other, want, x)


def check_rows(folder, rows):
    """Zero and missing weights go, singletons by frequency, leave-outs that identify nothing are named."""
    path = os.path.join(folder, "rows.csv")
    changed = [dict(r) for r in rows]
    changed[0]["aw"], changed[1]["aw"] = 0.0, ""
    write(path, changed)
    got = run(path, ["x1", "x2"], ["city"], "robust", "--aweights", "aw")
    if got["n"] != len(rows) - 2 or not any("1 row of weight zero" in w for w in got["warnings"]):
        sys.exit(f"zero and missing weights: n {got['n']}, {got['warnings']}")
    compare("without them", got, twin(changed[2:], ["x1", "x2"], ["city"], "robust", aw="aw"), ["x1", "x2"])
    lone = [dict(r, fw=1) for r in rows] + [dict(rows[0], city="lone", fw=1), dict(rows[1], city="pair", fw=2)]
    write(path, lone)
    got = run(path, ["x1", "x2"], ["city"], "robust", "--fweights", "fw")
    if got["singletons_dropped"] != 1 or got["n"] != len(rows) + 2:
        sys.exit(f"singletons by frequency: {got['singletons_dropped']}, n {got['n']}")
    only = [dict(r, event=float(r["city"] == "C03" and r["year"] > 2005) * (1 + 0.1 * (r["year"] % 3))) for r in rows]
    write(path, only)
    got = run(path, ["x1", "event"], ["city", "year"], "jackknife:city")
    if got["singular_leave_outs"] != ["C03"] or not any("C03" in w for w in got["warnings"]):
        sys.exit(f"leave-outs: {got['singular_leave_outs']}")
    same("G of a jackknife with one singular leave-out", got["df_residual"], len({r["city"] for r in rows}) - 2)


def main():
    rows = make_panel()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        check_variances(path, rows)
        check_clusters(path, rows)
        check_joint(path, rows)
        check_invariance(folder, rows)
        check_rows(folder, rows)
    print(f"{count} numbers agree with the twin")


if __name__ == "__main__":
    main()
