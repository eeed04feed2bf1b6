"""NumPy twins of the entropy index and of winsorising, interpolation and capital, on the synthetic panel, through
the program: greenfront synth, index and prepare."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
STUDY = """
name = "twin"
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[[prepare.interpolate]]
columns = ["wage", "postal"]
[[prepare.perpetual_inventory]]
name = "capital"
investment = "investment"
deflator = "price_index"
depreciation_column = "depreciation"
[[prepare.derive]]
name = "clipped7"
expression = "gdp"
[[prepare.derive]]
name = "clipped2"
expression = "gdp"
[[prepare.derive]]
name = "within"
expression = "gdp"
[[prepare.derive]]
name = "level"
expression = "log(gdp / population) - mean(gdp, province) / 1e6 + lag(pm25, 1)"
[[prepare.group]]
name = "high"
column = "gdp"
statistic = "above_median"
by = "year"
[[prepare.winsorize]]
columns = ["clipped7"]
low = 3
high = 92
rule = "type7"
[[prepare.winsorize]]
columns = ["clipped2"]
low = 3
high = 92
[[prepare.winsorize]]
columns = ["within"]
low = 10
high = 90
by = "year"
"""


def run(*arguments, cwd):
    done = subprocess.run([PROGRAM, *arguments], cwd=cwd, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        sys.exit(f"{arguments}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    number = lambda text: np.nan if text == "" else float(text)
    table = {}
    for name in rows[0]:
        cells = [row[name] for row in rows]
        table[name] = np.array(cells) if name in ("city", "province") else np.array([number(c) for c in cells])
    return table


def close(name, found, expected, tolerance=1e-10):
    found, expected = np.asarray(found, float), np.asarray(expected, float)
    if found.shape != expected.shape or not np.allclose(found, expected, rtol=tolerance, atol=1e-13, equal_nan=True):
        sys.exit(f"{name}: differs from the NumPy twin by up to {np.nanmax(np.abs(found - expected))}")
    print(f"{name}: {found.size} numbers agree")


def entropy(x, negative, shift):
    low, high = x.min(axis=0), x.max(axis=0)
    z = np.where(negative, high - x, x - low) / (high - low) + shift
    p = z / z.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        e = -np.where(p > 0, p * np.log(p), 0.0).sum(axis=0) / np.log(len(x))
    w = (1 - e) / (1 - e).sum()
    return w, z @ w


def critic(x, negative):
    low, high = x.min(axis=0), x.max(axis=0)
    z = np.where(negative, high - x, x - low) / (high - low)
    c = z.std(axis=0, ddof=1) * (1 - np.corrcoef(z.T)).sum(axis=0)
    return c / c.sum(), z


def check_methods(folder):
    panel = read(folder / "panel.csv")
    names = ["students", "robots", "wage", "pm25"]
    x = np.column_stack([panel[name] for name in names])
    complete = ~np.isnan(x).any(axis=1)
    by_critic, z = critic(x[complete], np.array([False] * 3 + [True]))
    given = np.array([3, 0, 1, 2])
    for method, flags, w in (("critic", [], by_critic), ("equal", [], np.full(4, 0.25)),
                             ("fixed", ["--weights", "3,0,1,2"], given / given.sum())):
        out = json.loads(run("index", "panel.csv", "--unit", "city", "--time", "year", "--positive", ",".join(names[:3]),
                             "--negative", names[3], "--method", method, *flags, "--format", "json", cwd=folder))
        close(f"{method} weights", list(out["weights"].values()), w)
        close("scores", [u["score"] for u, use in zip(out["units"], complete) if use], z @ w)


def check_index(folder):
    panel = read(folder / "panel.csv")
    positive, negative = ["students", "robots", "wage", "ai_enterprises"], ["so2_intensity", "pm25"]
    x = np.column_stack([panel[name] for name in positive + negative])
    complete = ~np.isnan(x).any(axis=1)
    if complete.all():
        sys.exit("the panel has no missing cell, so that leaving rows out is not tested")
    for shift in (0.0, 0.01):
        out = json.loads(run("index", "panel.csv", "--unit", "city", "--time", "year", "--positive", ",".join(positive),
                             "--negative", ",".join(negative), "--shift", str(shift), "--format", "json", cwd=folder))
        w, score = entropy(x[complete], np.array([False] * 4 + [True] * 2), shift)
        close(f"entropy weights, shift {shift}", list(out["weights"].values()), w)
        if list(out["weights"]) != positive + negative:
            sys.exit("index: the order of the weights is not that of the flags")
        expected = np.full(len(x), np.nan)
        expected[complete] = score
        close("scores", [np.nan if u["score"] is None else u["score"] for u in out["units"]], expected)
        if [(u["unit"], u["time"]) for u in out["units"]] != list(zip(panel["city"], panel["year"].astype(int))):
            sys.exit("index: units are not in the order of the file")


def clip(values, low, high, method):
    return np.clip(values, *np.percentile(values, [low, high], method=method))


def check_prepare(folder):
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    run("prepare", "study.toml", "-o", "prepared.csv", cwd=folder)
    panel, made = read(folder / "panel.csv"), read(folder / "prepared.csv")
    city, year, gdp = panel["city"], panel["year"], panel["gdp"]
    capital = np.empty(len(city))
    investment = panel["investment"] / panel["price_index"]
    for name in ("wage", "postal"):
        filled = panel[name].copy()
        for unit in np.unique(city):
            mine = city == unit
            known = mine & ~np.isnan(panel[name])
            filled[mine] = np.interp(year[mine], year[known], panel[name][known])
        close(f"interpolated {name}", made[name], filled)
    for unit in np.unique(city):
        rows = np.flatnonzero(city == unit)
        growth = (investment[rows[-1]] / investment[rows[0]]) ** (1 / (year[rows[-1]] - year[rows[0]])) - 1
        for k, r in enumerate(rows):
            rate = panel["depreciation"][r]
            capital[r] = investment[r] / (growth + rate) if k == 0 else (1 - rate) * capital[rows[k - 1]] + investment[r]
    close("capital", made["capital"], capital)
    close("winsorised, type 7", made["clipped7"], clip(gdp, 3, 92, "linear"))
    close("winsorised, Stata", made["clipped2"], clip(gdp, 3, 92, "averaged_inverted_cdf"))
    within, high, level = gdp.copy(), np.empty(len(gdp)), np.empty(len(gdp))
    for t in np.unique(year):
        mine = year == t
        within[mine] = clip(gdp[mine], 10, 90, "averaged_inverted_cdf")
        high[mine] = gdp[mine] > np.median(gdp[mine])
    close("winsorised by year", made["within"], within)
    close("above the year's median", made["high"], high)
    for r in range(len(gdp)):
        before = (city == city[r]) & (year == year[r] - 1)
        lag = panel["pm25"][before][0] if before.any() else np.nan
        level[r] = np.log(gdp[r] / panel["population"][r]) - gdp[panel["province"] == panel["province"][r]].mean() / 1e6 + lag
    close("derived", made["level"], level)


with tempfile.TemporaryDirectory() as name:
    scratch = Path(name)
    run("synth", "-o", "panel.csv", "--cities", "60", "--years", "2011:2018", "--seed", "5", cwd=scratch)
    check_index(scratch)
    check_methods(scratch)
    check_prepare(scratch)
