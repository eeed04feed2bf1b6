"""`greenfront boot-dea` against the smoothed bootstrap written out here: the same draws, scores by HiGHS (scipy)."""
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from frontier import write
from scipy.special import ndtri
from twins import PROGRAM, Stream

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dea"))
from linear_programs import radial  # noqa: E402

SHARED = os.environ.get("GREENFRONT_SHARED", "")
STAGE = 6  # kernels/rng/philox.hpp
X, Y = ["k", "l"], ["y", "z"]


def make_rows(units, years, seed=4):
    rng = np.random.RandomState(seed)
    rows = []
    for year in years:
        for unit in range(units):
            size, skill, noise = np.exp(rng.normal(0, 0.7)), np.exp(-abs(rng.normal(0, 0.3))), np.exp(rng.normal(0, 0.2, 4))
            made = skill * size**0.9
            rows.append({"city": f"P{unit:02}", "year": year, "k": size * noise[0], "l": size * noise[1],
                         "y": made * noise[2], "z": made * noise[3]})
    return rows


def run(path, *args, fails=False):
    call = [PROGRAM, "boot-dea", path, "--unit", "city", "--inputs", ",".join(X), "--good", ",".join(Y), "--format", "json",
            *args]
    done = subprocess.run(call, capture_output=True, text=True)
    if fails:
        return done
    assert done.returncode == 0, (args, done.stderr)
    return json.loads(done.stdout)


def bandwidth(m, rule):
    """Of the mirrored inefficient values, for all of them."""
    beyond = m[abs(m - 1) > 1e-8]
    both = np.r_[beyond, 2 - beyond]
    n, sd = len(both), both.std(ddof=1)
    scale = min(sd, np.subtract(*np.percentile(both, [75, 25])) / 1.349)
    if rule == "rot":
        h = 0.9 * scale * n**-0.2
    else:
        def psi(r, g):
            u = (both[:, None] - both[None, :]) / g
            density = np.exp(-u**2 / 2) / np.sqrt(2 * np.pi)
            hermite = u**4 - 6 * u**2 + 3 if r == 4 else u**6 - 15 * u**4 + 45 * u**2 - 15
            return (hermite * density).sum() / (n * (n - 1) * g**(r + 1))
        first = 1.23 * scale * n**(-1 / 9)
        second = (2.394 / (-n * psi(6, first)))**(1 / 7)
        h = (1 / (2 * np.sqrt(np.pi) * n * psi(4, second)))**0.2
    return h * (n / len(m))**0.2 * m.std(ddof=1) / sd


def twin(rows, orientation, returns, metric, order, rule, B, seed, item):
    XR = np.array([[row[c] for c in X] for row in rows])
    YR = np.array([[row[c] for c in Y] for row in rows])
    score = np.array([radial(x, y, XR, YR, returns, orientation) for x, y in zip(XR, YR)])
    turned = (orientation == "input") == (metric == "inverse")
    gauge = (lambda s: 1 / s) if turned else (lambda s: s)
    m, n = gauge(score), len(rows)
    h = bandwidth(m, rule) if isinstance(rule, str) else rule
    draws = np.empty((B, n))
    for b in range(B):
        stream = Stream(seed, STAGE, b, item)
        def reflected(v):
            return np.where(v < 1, 2 - v, v) if metric == "inverse" else np.where(v > 1, 2 - v, v)
        last = order == "shrink-reflect"
        pool, variance = (np.r_[m, 2 - m], ((m - 1)**2).mean()) if last else (m, m.var())
        beta = np.array([pool[stream.below(len(pool))] for _ in range(n)])
        v = beta + h * ndtri([stream.uniform() for _ in range(n)])
        star = beta.mean() + ((v if last else reflected(v)) - beta.mean()) / np.sqrt(1 + h**2 / variance)
        star = reflected(star) if last else star
        ratio = star / m if metric == "inverse" else m / star
        XS = XR * ratio[:, None] if orientation == "input" else XR
        YS = YR / ratio[:, None] if orientation == "output" else YR
        values = [radial(x, y, XS, YS, returns, orientation) for x, y in zip(XR, YR)]
        draws[b] = [np.nan if v is None else v for v in values]
    answer = []
    for i in range(n):
        star = gauge(draws[:, i])
        corrected = gauge(2 * m[i] - star.mean())
        ends = sorted(gauge(2 * m[i] - np.quantile(star, [0.975, 0.025])))
        answer.append({"theta": score[i], "bias": score[i] - corrected, "corrected": corrected,
                       "sd": draws[:, i].std(ddof=1), "q025": np.quantile(draws[:, i], 0.025),
                       "q975": np.quantile(draws[:, i], 0.975), "conf_low": ends[0], "conf_high": ends[1]})
        if np.isnan(draws[:, i]).any():
            answer[-1] = {key: score[i] if key == "theta" else None for key in answer[-1]}
    return answer, h


def check_twin(path, rows):
    figures, none = 0, 0
    before, after = "reflect-shrink", "shrink-reflect"
    settings = (("input", "vrs", "inverse", before, "sj"), ("input", "crs", "inverse", before, "rot"),
                ("output", "vrs", "inverse", after, "sj"), ("input", "crs", "theta", before, 0.05),
                ("output", "crs", "theta", after, "rot"))
    for orientation, returns, metric, order, rule in settings:
        got = run(path, "--time", "year", "--orientation", orientation, "--returns", returns, "--metric", metric,
                  *(["--order", order] if order == after else []), "--bandwidth", str(rule), "--replicates", "12", "--seed", "5")
        assert got["replicates"] == 12 and got["seed"] == "5" and got["order"] == order
        for item, year in enumerate(sorted({row["year"] for row in rows})):
            part = [row for row in rows if row["year"] == year]
            wanted, h = twin(part, orientation, returns, metric, order, rule, 12, 5, item)
            assert abs(got["technologies"][item]["bandwidth"] - h) < 1e-8 * h, (h, got["technologies"])
            units = [u for u in got["units"] if u["time"] == year]
            for unit, want in zip(units, wanted):
                for key, value in want.items():
                    figures, none = figures + 1, none + (value is None)
                    close = unit[key] == value if value is None or unit[key] is None else \
                        abs(unit[key] - value) < 1e-6 * max(1, abs(value))
                    assert close, (orientation, returns, metric, order, rule, unit, key, value)
    return figures, none


def check_properties(path, rows):
    base = ["--time", "year", "--returns", "vrs", "--replicates", "200"]
    plain = run(path, *base)
    for threads in ("1", "3"):
        assert run(path, *base, "--threads", threads) == plain
    for unit in plain["units"]:
        if unit["status"] != "optimal":
            continue
        # Pseudo-points lie within the estimated technology: efficiency is over-estimated, never the other way.
        assert unit["corrected"] <= unit["theta"] + 1e-12 and unit["q025"] >= unit["theta"] - 1e-9, unit
        assert 0 < unit["conf_low"] <= unit["conf_high"] <= unit["theta"] + 1e-9, unit
    scaled = path + ".scaled"
    write(scaled, [{**row, "k": row["k"] * 1e6, "y": row["y"] * 1e-5} for row in rows])
    for one, two in zip(plain["units"], run(scaled, *base)["units"]):
        assert abs(one["corrected"] - two["corrected"]) < 1e-9, (one, two)
    for args, code, words in ((["--orientation", "none"], 64, "--orientation"), (["--bandwidth", "wide"], 64, "--bandwidth"),
                              (["--bandwidth", "-1"], 64, "--bandwidth"), (["--metric", "log"], 64, "--metric"),
                              (["--replicates", "1"], 64, "--replicates"), (["--order", "none"], 64, "--order"), (["--returns", "drs"], 64, "returns")):
        done = run(path, *args, fails=True)
        assert done.returncode == code and words in done.stderr and not done.stdout, (args, done)
    same = path + ".same"
    write(same, [{**row, "k": 1, "l": 1, "y": 1, "z": 1} for row in rows])
    done = run(same, "--time", "year", fails=True)
    assert done.returncode == 65 and "period 2001: every unit has the same score" in done.stderr, done


def check_case(folder):
    """The public reference case: theta exactly, the rest within four Monte-Carlo standard errors of both."""
    path = os.path.join(SHARED, "cases", "dea", "cases.json")
    if not os.path.exists(path):
        return "the reference case skipped: no " + path
    with open(path) as f:
        case = next(case for case in json.load(f) if case["model"] == "bootstrap")
    X_, Y_ = np.array(case["X"]), np.array(case["Y"])
    panel = os.path.join(folder, "case.csv")
    write(panel, [{"city": i, **{f"x{k}": v for k, v in enumerate(x)}, **{f"y{k}": v for k, v in enumerate(y)}}
                  for i, (x, y) in enumerate(zip(X_, Y_))])
    call = [PROGRAM, "boot-dea", panel, "--unit", "city", "--inputs", ",".join(f"x{k}" for k in range(X_.shape[1])),
            "--good", ",".join(f"y{k}" for k in range(Y_.shape[1])), "--orientation", "input", "--returns", "vrs",
            "--bandwidth", str(case["options"]["h"]), "--metric", "theta", "--replicates", "3000", "--format", "json"]
    units = json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout)["units"]
    names = {"theta": "theta", "bias": "bias", "bias_corrected": "corrected", "boot_sd": "sd", "q025": "q025", "q975": "q975"}
    errors = {"bias": "bias_mcse", "bias_corrected": "bias_mcse", "q025": "q025_mcse", "q975": "q975_mcse"}
    worst = 0.0
    for theirs, ours in names.items():
        for i, unit in enumerate(units):
            if theirs not in case["expected"]:
                continue
            off = abs(unit[ours] - case["expected"][theirs][i])
            if theirs == "theta":
                assert off < 1e-7, (unit, case["expected"][theirs][i])
            elif theirs in errors:
                ratio = off / (np.sqrt(2) * case["mcse"][errors[theirs]][i])
                worst = max(worst, ratio)
                assert ratio <= 4, (theirs, i, unit, case["expected"][theirs][i], ratio)
    return f"the reference case within {worst:.1f} Monte-Carlo standard errors"


def main():
    with tempfile.TemporaryDirectory() as folder:
        rows = make_rows(14, (2001, 2002))
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        figures, none = check_twin(path, rows)
        check_properties(path, rows)
        case = check_case(folder)
    print(f"{figures} figures as HiGHS and NumPy have them, {none} of them null; {case}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
