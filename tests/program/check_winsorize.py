#!/usr/bin/env python3
"""`winsorize` of efficiency, productivity and index stages against NumPy: what is stored, what later stages read, what a policy sweep
does with the baseline's bounds, what verify proves, and what is refused."""

import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from check_verify import seal
from program import call, check

STUDY = """
name = "clipped"
[panel]
file = "synth:40x2011-2014"
unit = "city"
time = "year"
[[prepare.interpolate]]
columns = ["wage"]
extrapolate = true
[dea.eff]
inputs = ["labour", "electricity"]
good = ["gdp"]
bad = ["co2", "pm25"]
where = "year < 2014 or pm25 > median(pm25)"
winsorize = [4, 91]
[index.quality]
positive = ["students", "wage"]
negative = ["pm25"]
winsorize = [5, 80]
[productivity.growth]
inputs = ["labour", "electricity"]
good = ["gdp"]
measure = "malmquist"
column = "cumulative"
winsorize = [10, 85]
[regression.main]
formula = "eff ~ quality + labour"
[regression.grown]
formula = "growth ~ labour"
[lever.study]
operations = [{ type = "scale", variable = "students", per_unit = 0.01 }]
[sweep.policy]
dea = "eff"
regression = "main"
[[sweep.policy.levers]]
lever = "study"
intensities = [0, 60]
path = { shape = "step", start = 2012 }
"""


def clip(values, low, high):
    """Stata's percentiles of the values that are not missing."""
    bounds = np.percentile(values[~np.isnan(values)], [low, high], method="averaged_inverted_cdf")
    return np.clip(values, *bounds), bounds


def close(name, found, expected, tolerance=1e-11):
    check(np.shape(found) == np.shape(expected) and np.allclose(found, expected, rtol=tolerance, atol=1e-13, equal_nan=True),
          f"{name}: {found} instead of {expected}")


def stored(file, path, low, high, column="score"):
    """The clipped column of a stage, and its bounds."""
    group = file[path]
    score, found = group[column][()], group[f"{column}_winsorized"][()]
    expected, bounds = clip(score, low, high)
    close(path, found, expected, 0)
    close(path + " bounds", group.attrs["winsorize_bounds"], bounds, 0)
    check(list(group.attrs["winsorize"]) == [low, high], f"{path}: percentiles")
    moved = np.sum((found != score) & ~np.isnan(score))
    check(group.attrs["cells_winsorized"] == moved > 0, f"{path}: {moved} cells moved")
    return found, bounds


def check_regression(file, eff, quality):
    y, x, labour = (np.ravel(v) for v in (eff, quality, file["panel/labour"][()]))
    rows = ~np.isnan(y)
    X = np.column_stack([x, labour, np.ones_like(x)])[rows]
    b = np.linalg.lstsq(X, y[rows], rcond=None)[0]
    close("regression on the clipped columns", file["regression/main/estimate"][()], b, 1e-8)
    raw = np.linalg.lstsq(X, np.ravel(file["dea/eff/score"][()])[rows], rcond=None)[0]
    check(abs(raw[0] - b[0]) > 1e-6, "clipping the scores does not matter here, so that nothing is tested")
    return b, rows.reshape(eff.shape)


def check_growth(file):
    """A productivity stage clips the column that it leaves."""
    growth, _ = stored(file, "productivity/growth", 10, 85, "cumulative")
    y, labour = np.ravel(growth), np.ravel(file["panel/labour"][()])
    rows = ~np.isnan(y)
    b = np.linalg.lstsq(np.column_stack([labour, np.ones_like(labour)])[rows], y[rows], rcond=None)[0]
    close("regression on clipped growth", file["regression/grown/estimate"][()], b, 1e-8)


def check_sweep(file, quality, bounds, b, rows):
    """The lever's index is clipped at the baseline's bounds."""
    index = file["index/quality"]
    low, high, weight = (index[name][()] for name in ("minimum", "maximum", "weight"))
    panel = {name: file[f"panel/{name}"][()] for name in ("students", "wage", "pm25")}
    years = file["time"][()]
    late = (years >= 2012)[None, :] & np.ones_like(rows)
    changed = panel["students"] * np.where(late, 1.6, 1)
    parts = [(changed, 0, False), (panel["wage"], 1, False), (panel["pm25"], 2, True)]
    score = sum(weight[k] * ((high[k] - x) if less else (x - low[k])) / (high[k] - low[k]) for x, k, less in parts)
    after = np.clip(score, *bounds)
    used = rows & late
    sweep = file["sweep/policy"]
    close("sweep", sweep["econometric_effect"][()], [0, b[0] * (after - quality)[used].mean()], 1e-8)
    check(list(sweep["cells_clipped"][()]) == [np.sum(index["score"][()] != quality), np.sum(after != score)],
          "cells that the bounds cut")
    frontier = sweep["frontier_effect"][()]
    check(frontier[0] == 0, "scores are compared as they are")


def check_proof(folder, output):
    check("proved" in call("verify", output).stdout, "verify says nothing")
    changes = (("score_winsorized", lambda g: g["score_winsorized"].__setitem__((0, 0), 0.5)),
               ("winsorize_bounds", lambda g: g.attrs.__setitem__("winsorize_bounds", [0.1, 0.9])),
               ("cells_winsorized", lambda g: g.attrs.__setitem__("cells_winsorized", np.int64(1))))
    for what, change in changes:
        broken = folder / "broken.h5"
        broken.write_bytes(output.read_bytes())
        with h5py.File(broken, "r+") as file:
            change(file["dea/eff"])
            seal(file)
        done = call("verify", broken, expect=3)
        check(what in done.stdout + done.stderr, f"{what}: {done.stdout} {done.stderr}")


def check_refusals(study):
    for old, new in (("[4, 91]", "[4]"), ("[4, 91]", "[91, 4]"), ("[5, 80]", "[5, 101]"), ("[5, 80]", "[5, 80, 90]"),
                     ("[10, 85]", "[10, 10]")):
        study.write_text(STUDY.replace(old, new))
        done = call("plan", study, expect=78)
        stage = {"[4, 91]": "dea.eff", "[5, 80]": "index.quality", "[10, 85]": "productivity.growth"}[old]
        check(f"{stage}.winsorize" in done.stderr and "0 <= low < high <= 100" in done.stderr, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, output = folder / "clipped.toml", folder / "clipped.h5"
        study.write_text(STUDY)
        call("run", study, "-o", output, "--progress", "none")
        with h5py.File(output, "r") as file:
            eff, _ = stored(file, "dea/eff", 4, 91)
            quality, bounds = stored(file, "index/quality", 5, 80)
            check(np.isnan(eff).any(), "every row has a score, so that leaving rows out is not tested")
            b, rows = check_regression(file, eff, quality)
            check_growth(file)
            check_sweep(file, quality, bounds, b, rows)
        described = call("show", output, "describe").stdout
        check("winsorised at 4 % and 91 %" in described and "growth: later stages use it winsorised at 10 % and 85 %" in described, described)
        check("winsorised at 5 % and 80 %" in call("show", output, "index").stdout, "show index")
        check_proof(folder, output)
        check_refusals(study)
    print("clipped columns of stages are those of NumPy")
    return 0


if __name__ == "__main__":
    sys.exit(main())
