"""`greenfront partial-frontier` against its definitions: the expectation over draws of peers by the distribution function
and by Monte Carlo, the quantile by search, and the bootstrap with the same draws."""
import os
import sys
import tempfile

import numpy as np
from frontier import B, X, Y, check_unchanged, columns, make_rows, of_year, refused, run, same, write
from twins import Stream

STAGE = 11  # kernels/rng/philox.hpp


def ratios(row, rows, orientation, bads):
    """What each row has of the moving side, and whether it is a peer."""
    x, y, b = (columns([row], names)[0] for names in (X, Y, B))
    XR, YR, BR = (columns(rows, names) for names in (X, Y, B))
    peer = (YR >= y).all(axis=1) if orientation == "input" else (XR <= x).all(axis=1)
    if bads:
        peer &= (BR <= b).all(axis=1)
    return ((XR / x).max(axis=1) if orientation == "input" else (YR / y).min(axis=1)), peer


def expected(values, m, orientation):
    """The mean of the best of m: an integral of 1 - F over steps; F of the minimum is 1 - (1 - F)^m."""
    order = np.sort(values)
    N, below = len(order), 0.0
    total = 0.0
    for left, right, k in zip(np.r_[0, order[:-1]], order, range(N)):
        survives = (1 - k / N)**m if orientation == "input" else 1 - (k / N)**m
        total += survives * (right - left)
        below = right
    assert below == order[-1]
    return total


def quantile(values, alpha, orientation):
    candidates = np.unique(values)
    if orientation == "input":
        good = [t for t in candidates if np.mean(values <= t) > 1 - alpha + 1e-12]
        return min(good) if good else candidates[-1]
    return max(t for t in candidates if np.mean(values >= t) > 1 - alpha + 1e-12)


def score(values, kind, order, orientation):
    if len(values) == 0:
        return np.nan
    return expected(values, order, orientation) if kind == "order-m" else quantile(values, order, orientation)


def check_twin(path, rows):
    figures = 0
    years = sorted({row["year"] for row in rows})
    for kind, order, orientation, bads in (("order-m", 1, "input", ()), ("order-m", 12, "input", B), ("order-m", 7, "output", ()),
                                           ("order-alpha", 0.8, "input", ()), ("order-alpha", 0.9, "output", B),
                                           ("order-alpha", 0.75, "output", ()), ("order-alpha", 1, "input", ())):
        got = run("partial-frontier", path, "--time", "year", "--model", kind, "--m" if kind == "order-m" else "--alpha",
                  str(order), "--orientation", orientation, "--replicates", "25", "--seed", "9", "--cluster", "region", bad=bads)
        for unit in got["units"]:
            item, part = years.index(unit["time"]), of_year(rows, unit["time"])
            row = next(r for r in part if r["city"] == unit["unit"])
            values, peer = ratios(row, part, orientation, bads)
            same(unit["score"], score(values[peer], kind, order, orientation), (kind, order, unit), 1e-11)
            assert unit["peers"] == peer.sum(), unit
            if kind == "order-alpha":
                at = next(r for r in part if f"{r['city']} {r['year']}" == unit["at"])
                assert abs(values[part.index(at)] - unit["score"]) < 1e-12 and peer[part.index(at)], unit
            stars = []
            names = list(dict.fromkeys(r["region"] for r in part))
            for b in range(25):
                stream = Stream(9, STAGE, b, item)
                times = np.zeros(len(names), int)
                for _ in names:
                    times[stream.below(len(names))] += 1
                weight = np.array([times[names.index(r["region"])] for r in part])
                stars.append(score(np.repeat(values, weight * peer), kind, order, orientation))
            assert unit["without"] == np.isnan(stars).sum(), unit
            draws = np.array(stars)
            for key, want in (("sd", draws.std(ddof=1)), ("conf_low", np.quantile(draws, 0.025)),
                              ("conf_high", np.quantile(draws, 0.975))):
                same(unit[key], want, (kind, order, orientation, unit, key), 1e-10)
            figures += 5
    return figures


def check_against_draws(path, rows):
    """The expectation by drawing peers, as the article has it for several inputs."""
    rng, worst = np.random.RandomState(3), 0.0
    part = of_year(rows, 2001)
    units = {u["unit"]: u for u in run("partial-frontier", path, "--time", "year", "--model", "order-m", "--m", "5")["units"]
             if u["time"] == 2001}
    for row in part[:6]:
        values, peer = ratios(row, part, "input", ())
        draws = rng.choice(values[peer], (40000, 5)).min(axis=1)
        off = abs(draws.mean() - units[row["city"]]["score"])
        error = draws.std() / 200
        worst = max(worst, off / error if error > 0 else 0 if off < 1e-9 else 99)
    assert worst < 4.5, worst
    return worst


def check_limits(path):
    """m to infinity and alpha = 1: the free disposal hull."""
    hull = run("dea", path, "--time", "year", "--model", "fdh")["units"]
    for model in (["order-m", "--m", "1000000"], ["order-alpha", "--alpha", "1"]):
        for one, two in zip(hull, run("partial-frontier", path, "--time", "year", "--model", *model)["units"]):
            assert abs(one["score"] - two["score"]) < 1e-12, (model, one, two)


def main():
    with tempfile.TemporaryDirectory() as folder:
        rows = make_rows(20, (2001, 2002))
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        figures = check_twin(path, rows)
        worst = check_against_draws(path, rows)
        check_limits(path)
        for model in ("order-m", "order-alpha"):
            check_unchanged("partial-frontier", path, rows, ["--time", "year", "--reference", "global", "--model", model,
                                                            "--replicates", "50"], ("score", "sd", "conf_low", "peers"))
        for words, args in (("--m 0", ["order-m", "--m", "0"]), ("--alpha", ["order-alpha", "--alpha", "1.2"]),
                            ("--alpha", ["order-m", "--alpha", "0.9"]), ("--model", ["fdh"]),
                            ("--orientation", ["order-m", "--orientation", "none"]), ("--replicates", ["order-m", "--replicates", "1"])):
            refused("partial-frontier", path, 64, words, "--model", *args)
    print(f"{figures} figures by definition; the expectation within {worst:.1f} Monte-Carlo standard errors")
    return 0


if __name__ == "__main__":
    sys.exit(main())
