#!/usr/bin/env python3
"""`greenfront regress --model` against an independent twin on simulated panels.

The twin writes the log-likelihood down as a textbook does, in (beta, ln sigma), hands it to SciPy, and takes scores
and Hessian by finite differences; marginal effects are differentiated numerically in the parameters. Nothing of it
follows the program's way (natural parameters, orthogonal basis, analytic derivatives).
"""
import csv
import functools
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from scipy import optimize, stats

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "build/release/greenfront")
problems = []
compared = 0


def near(what, got, want, tolerance):
    global compared
    compared += 1
    if got is None or not abs(got - want) <= tolerance * max(abs(want), 1e-8):
        problems.append(f"{what}: {got!r}, the twin has {want!r}")


def write(path, columns):
    with open(path, "w", newline="") as file:
        out = csv.writer(file)
        out.writerow(columns)
        out.writerows(zip(*[[repr(v) if isinstance(v, float) else v for v in c.tolist()] for c in columns.values()]))


def fit(path, formula, model, lower=None, upper=None, vcov="iid", expect=0, extra=()):
    words = [PROGRAM, "regress", path, formula, "--model", model, "--vcov", vcov, "--format", "json", *extra]
    for flag, value in (("--lower", lower), ("--upper", upper)):
        if value is not None:
            words += [flag, repr(value)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    if done.returncode != expect:
        sys.exit(f"{' '.join(words)}\nexit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout) if expect == 0 else done.stderr


# The literal log-likelihoods, by row. theta = (beta, sigma), for the fractional logit beta.
def truncated(theta, y, X, a, b):
    m, s = X @ theta[:-1], theta[-1]
    mass = stats.norm.logsf((a - m) / s) if np.isinf(b) else stats.norm.logcdf((b - m) / s) if np.isinf(a) else \
        np.log(stats.norm.cdf((b - m) / s) - stats.norm.cdf((a - m) / s))
    return stats.norm.logpdf(y, m, s) - mass


def tobit(theta, y, X, a, b):
    m, s = X @ theta[:-1], theta[-1]
    return np.where(y <= a, stats.norm.logcdf((a - m) / s),
                    np.where(y >= b, stats.norm.logsf((b - m) / s), stats.norm.logpdf(y, m, s)))


def logit(theta, y, X, a, b):
    index = X @ theta
    return -y * np.logaddexp(0, -index) - (1 - y) * np.logaddexp(0, index)


LITERAL = {"truncated": truncated, "tobit": tobit, "fractional-logit": logit}


def derivative(f, theta, scale):
    """Central differences of sixth order."""
    columns = []
    for j in range(len(theta)):
        h = 2e-3 * scale[j]
        step = np.zeros(len(theta))
        step[j] = h
        columns.append((45 * (f(theta + step) - f(theta - step)) - 9 * (f(theta + 2 * step) - f(theta - 2 * step))
                        + f(theta + 3 * step) - f(theta - 3 * step)) / (60 * h))
    return np.stack(columns, axis=-1)


@functools.lru_cache(maxsize=None)
def solved(model, y, X, shape, a, b):
    """The maximum, its scores and the inverse information; arrays come as bytes so that they can be remembered."""
    y, X = np.frombuffer(y), np.frombuffer(X).reshape(shape)
    rows = lambda t: LITERAL[model](t, y, X, a, b)
    start = np.linalg.lstsq(X, y, rcond=None)[0]
    if model == "fractional-logit":
        start, wrap = np.zeros(X.shape[1]), lambda t: t
    else:
        start = np.append(start, np.log(np.std(y - X @ start)))
        wrap = lambda t: np.append(t[:-1], np.exp(t[-1]))
    best = optimize.minimize(lambda t: -rows(wrap(t)).sum(), start, method="BFGS", options={"gtol": 1e-6, "maxiter": 5000})
    theta = wrap(best.x)
    scale = np.maximum(np.abs(theta), 0.1)
    for _ in range(2):  # Newton with differences: BFGS stops short
        scores = derivative(rows, theta, scale)
        hessian = derivative(lambda t: derivative(rows, t, scale).sum(0), theta, scale)
        theta = theta - np.linalg.solve(hessian, scores.sum(0))
    scores = derivative(rows, theta, scale)
    bread = np.linalg.inv(-derivative(lambda t: derivative(rows, t, scale).sum(0), theta, scale))
    return theta, scores, bread, rows(theta).sum(), scale


def twin(model, y, X, a, b, groups=None, robust=False):
    theta, scores, bread, value, scale = solved(model, y.tobytes(), X.tobytes(), X.shape, a, b)
    V = bread
    if groups is not None:
        sums = np.array([scores[groups == g].sum(0) for g in np.unique(groups)])
        V = len(sums) / (len(sums) - 1) * bread @ sums.T @ sums @ bread
    elif robust:
        V = len(y) / (len(y) - 1) * bread @ scores.T @ scores @ bread
    return theta, V, value, scale


def mean_of(model, target, theta, X, a, b):
    """The mean whose derivative the program averages, row by row."""
    if target == "mean":
        return 1 / (1 + np.exp(-X @ theta))
    m, s = X @ theta[:-1], theta[-1]
    if target == "latent":
        return m
    al, be = (a - m) / s, (b - m) / s
    inside = stats.norm.cdf(be) - stats.norm.cdf(al)
    density = stats.norm.pdf(al) - stats.norm.pdf(be)
    if target == "in_range":
        return m + s * density / inside
    low = 0 if np.isinf(a) else a * stats.norm.cdf(al)
    high = 0 if np.isinf(b) else b * stats.norm.sf(be)
    return low + high + inside * m + s * density


def compare(label, got, model, y, X, names, a, b, groups=None, robust=False, listed=None):
    theta, V, value, scale = twin(model, y, X, a, b, groups, robust)
    terms = {t["term"]: t for t in got["terms"]}
    listed = listed or names
    for j, name in enumerate(names):
        if name not in listed:
            continue
        near(f"{label} {name}", terms[name]["estimate"], theta[j], 1e-6)
        near(f"{label} {name} s.e.", terms[name]["std_error"], V[j, j] ** 0.5, 2e-6)
        near(f"{label} {name} p", terms[name]["p_value"], 2 * stats.norm.sf(abs(theta[j] / V[j, j] ** 0.5)), 1e-3)
    if model != "fractional-logit":
        near(f"{label} sigma", got["sigma"]["estimate"], theta[-1], 1e-6)
        near(f"{label} sigma s.e.", got["sigma"]["std_error"], V[-1, -1] ** 0.5, 2e-6)
    near(f"{label} log likelihood", got["log_likelihood"], value, 1e-9)
    for effects in got["marginal_effects"]:
        for t in effects["terms"]:
            j = names.index(t["term"])

            def average(parameters):
                def at(shift):
                    moved = X.copy()
                    moved[:, j] += shift
                    return mean_of(model, effects["target"], parameters, moved, a, b).mean()
                h = 1e-3
                return (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
            near(f"{label} {effects['target']} {t['term']}", t["estimate"], average(theta), 1e-6)
            gradient = derivative(average, theta, scale)
            near(f"{label} {effects['target']} {t['term']} s.e.", t["std_error"], (gradient @ V @ gradient) ** 0.5, 2e-5)
    return theta, V, value


def simulate(seed, n=240):
    random = np.random.default_rng(seed)
    city = np.repeat(np.arange(n // 6), 6)
    effect = random.normal(size=n // 6)[city] * 0.3
    x1, x2 = random.normal(size=n), random.uniform(0, 2, size=n)
    return random, city, effect, x1, x2


def latent_models(folder):
    bounds = {"left": (1.0, np.inf), "right": (-np.inf, 1.0), "both": (0.0, 1.4)}
    for seed, (kind, (a, b)) in enumerate(bounds.items()):
        for model in ("truncated", "tobit"):
            random, city, effect, x1, x2 = simulate(seed, 360)
            centre = {"left": 1.2, "right": 0.6, "both": 0.5}[kind]
            star = centre + 0.35 * x1 - 0.2 * (x2 - 1) + effect + 0.5 * random.normal(size=len(x1))
            inside = (star > a) & (star < b)
            y = np.clip(star, a, b)
            keep = inside if model == "truncated" else np.ones(len(y), bool)
            y, x1, x2, city = y[keep], x1[keep], x2[keep], city[keep]
            path = os.path.join(folder, f"{kind}-{model}.csv")
            write(path, {"y": y, "x1": x1, "x2": x2, "city": city})
            X = np.column_stack([x1, x2, np.ones(len(y))])
            flags = {"lower": None if np.isinf(a) else a, "upper": None if np.isinf(b) else b}
            for vcov, groups, robust in (("iid", None, False), ("robust", None, True), ("cluster:city", city, False)):
                got = fit(path, "y ~ x1 + x2", model, vcov=vcov, **flags)
                label = f"{model} {kind} {vcov}"
                theta, V, value = compare(label, got, model, y, X, ["x1", "x2", "_cons"], a, b, groups, robust)
                if model == "tobit" and vcov == "iid":
                    null = twin(model, y, np.ones((len(y), 1)), a, b)[2]
                    near(f"{label} LR", got["chi2"]["statistic"], 2 * (value - null), 1e-6)
                    near(f"{label} pseudo R2", got["pseudo_r2"], 1 - value / null, 1e-6)
                    near(f"{label} censored", sum(got["counts"].values()) - got["counts"]["uncensored"],
                         int(((y <= a) | (y >= b)).sum()), 0)
                else:
                    wald = theta[:2] @ np.linalg.solve(V[:2, :2], theta[:2])
                    near(f"{label} Wald", got["chi2"]["statistic"], wald, 1e-5)
                if got["scaled_gradient"] > 1e-16:
                    problems.append(f"{label}: scaled gradient {got['scaled_gradient']}")


def fractional_models(folder):
    random, city, effect, x1, x2 = simulate(7, 300)
    p = 1 / (1 + np.exp(-(0.4 + 0.8 * x1 - 0.5 * x2 + effect)))
    y = np.clip(random.binomial(8, p) / 8, 0, 1)
    path = os.path.join(folder, "fraction.csv")
    write(path, {"y": y, "x1": x1, "x2": x2, "city": city})
    X = np.column_stack([x1, x2, np.ones(len(y))])
    for vcov, groups, robust in (("iid", None, False), ("robust", None, True), ("cluster:city", city, False)):
        got = fit(path, "y ~ x1 + x2", "fractional-logit", vcov=vcov)
        _, _, value = compare(f"logit {vcov}", got, "fractional-logit", y, X, ["x1", "x2", "_cons"], 0, 1, groups, robust)
        null = twin("fractional-logit", y, np.ones((len(y), 1)), 0, 1)[2]
        near(f"logit {vcov} pseudo R2", got["pseudo_r2"], 1 - value / null, 1e-6)
        if bool(got["warnings"]) != (vcov == "iid"):
            problems.append(f"logit {vcov}: warnings {got['warnings']}")


def dummies(folder):
    """| fe is the same as dummies written out; the warning names the smallest level."""
    random, city, effect, x1, x2 = simulate(11, 240)
    region = city % 5
    star = 0.6 + 0.3 * x1 - 0.2 * x2 + 0.1 * region + 0.5 * random.normal(size=len(x1))
    y = np.maximum(star, 0.0)
    path = os.path.join(folder, "dummies.csv")
    write(path, {"y": y, "x1": x1, "x2": x2, "region": region})
    names = ["x1", "x2"] + [f"region={r}" for r in range(1, 5)] + ["_cons"]
    X = np.column_stack([x1, x2] + [(region == r) * 1.0 for r in range(1, 5)] + [np.ones(len(y))])
    got = fit(path, "y ~ x1 + x2 | region", "tobit", lower=0.0)
    compare("dummies", got, "tobit", y, X, names, 0.0, np.inf, listed=["x1", "x2", "_cons"])
    if got["effects"] != [{"effect": "region", "levels": 5, "dummies": 4}]:
        problems.append(f"dummies: {got['effects']}")
    if not any("incidental" in w for w in got["warnings"]):
        problems.append("dummies: no warning about incidental parameters")
    if got["df_model"] != 6 or got["chi2"]["df"] != 6:
        problems.append(f"dummies: df {got['df_model']}, {got['chi2']}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        latent_models(folder)
        fractional_models(folder)
        dummies(folder)
    for problem in problems[:40]:
        print(problem)
    print(f"{compared} comparisons, {len(problems)} differ")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
