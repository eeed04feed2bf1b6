#!/usr/bin/env python3
"""keep = "quantiles": the numbers of kept draws (p and counts exactly, quantiles within 2^-12), the same file for any number
of threads, flat memory, and clear refusals where draws are needed."""

import json
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import attributes, call, check, datasets, differences

STUDY = """
name = "quantiles"
seed = 5
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[regression.main]
formula = "pm25 ~ labour + electricity | city + year"
vcov = "cluster:city"
[bootstrap.pairs]
regression = "main"
cluster = "city"
replicates = 2999
[bootstrap.moving]
regression = "main"
method = "moving-block"
block = 2
replicates = 999
[bootstrap.residual]
regression = "main"
method = "residual"
replicates = 999
[bootstrap.wild]
regression = "main"
method = "wild-cluster"
cluster = "city"
replicates = 999
[placebo.path]
regression = "main"
treatment = "electricity"
replicates = 999
"""
STAGES = ("bootstrap.pairs", "bootstrap.moving", "bootstrap.residual", "bootstrap.wild", "placebo.path")
EXACT = ("estimate", "std_error", "p_value", "p_equal_tailed", "p_plus_one", "n_greater", "n_tie", "used", "infeasible", "z0",
         "acceleration", "statistic")
WORST = 2.0**-12
LEVER = """
[lever.less]
operations = [{ type = "scale", variable = "electricity", per_unit = -0.01 }]
[sweep.s]
regression = "main"
bootstrap = "pairs"
[[sweep.s.levers]]
lever = "less"
intensities = [0, 5]
"""


def compare_bootstrap(name, counted, kept):
    check("draw" not in counted and "replicate" not in counted and "status" not in counted, f"{name} keeps draws")
    check(counted.attrs["replicates"] == kept.attrs["replicates"], f"{name}: replicates")
    for data in EXACT:
        if data in kept:
            check(np.array_equal(counted[data][()], kept[data][()], equal_nan=True), f"{name}/{data}")
    estimate = kept["estimate"][()]
    if "draw" in kept:
        np.testing.assert_allclose(counted["bootstrap_std_error"][()], kept["bootstrap_std_error"][()], rtol=1e-12)
    else:
        check(np.array_equal(counted["t_low"][()], kept["t_low"][()]), f"{name}: the inverted interval is exact")
    for data in ("percentile_low", "percentile_high", "bc_low", "bc_high", "bca_low", "bca_high", "t_low", "t_high"):
        if data in kept:
            gap = np.abs(kept[data][()] - estimate)
            near = np.abs(counted[data][()] - kept[data][()]) <= WORST * gap * (1 + 1e-12)
            check((near | np.isnan(kept[data][()])).all(), f"{name}/{data}: {counted[data][()]}, {kept[data][()]}")
    percent = counted["percent"][()]
    data = "draw_percentile" if "draw" in kept else "draw_statistic_percentile"
    draws = kept["draw" if "draw" in kept else "draw_statistic"][()]
    for j, term in enumerate(draws):
        centre = estimate[j] if "draw" in kept else 0
        # Type 2 of Hyndman and Fan, which Stata has: written out.
        wanted = np.quantile(term, percent / 100, method="averaged_inverted_cdf")
        check((np.abs(counted[data][j] - wanted) <= WORST * np.abs(wanted - centre) + 1e-15).all(), f"{name}/{data}")


def compare_placebo(counted, kept):
    for key, value in kept.attrs.items():
        if key not in ("checksum", "keep"):
            check(np.array_equal(counted.attrs[key], value), f"placebo {key}: {counted.attrs[key]}, {value}")
    draws = kept["draw"][()]
    np.testing.assert_allclose(counted.attrs["draw_mean"], draws.mean(), rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(counted.attrs["draw_standard_deviation"], draws.std(ddof=1), rtol=1e-12)
    for data, values in (("draw_percentile", draws), ("draw_statistic_percentile", kept["draw_statistic"][()])):
        wanted = np.quantile(values, counted["percent"][()] / 100, method="averaged_inverted_cdf")
        check((np.abs(counted[data][()] - wanted) <= WORST * np.abs(wanted)).all(), data)


def check_refusals(study):
    again = '[bootstrap.again]\nregression = "main"\ncluster = "city"\ndraws = "pairs"\n'
    text = STUDY + 'keep = "quantiles"\n'  # of the placebo, which stands last
    pairs = text.replace('replicates = 2999', 'replicates = 2999\nkeep = "quantiles"')
    for changed, hint in ((pairs + LEVER, "keeps quantiles only"), (pairs + again, "keeps none"),
                          (text + 'method = "in-time"\n', "one draw a lead"),
                          (text.replace('"quantiles"', '"nothing"'), "nothing")):
        study.write_text(changed)
        check(hint in call("plan", study, expect=78).stderr, hint)
    for command in (("bootstrap", "--cluster", "city"), ("placebo", "--treatment", "electricity")):
        done = call(command[0], study.parent / "panel.csv", "pm25 ~ labour + electricity | city + year", "--unit", "city",
                    "--time", "year", *command[1:], "--keep", "quantiles", "--draws", expect=64)
        check("leave one of them out" in done.stderr, done.stderr)


def check_one_shots(panel):
    base = [panel, "pm25 ~ labour + electricity | city + year", "--unit", "city", "--time", "year", "--replicates", 999,
            "--format", "json"]
    for command in (["bootstrap", *base, "--cluster", "city"], ["placebo", *base, "--treatment", "electricity"],
                    ["bootstrap", *base, "--cluster", "city", "--method", "wild-cluster"]):
        kept, counted = (json.loads(call(*command, *more).stdout) for more in ((), ("--keep", "quantiles")))
        check(kept["keep"] == "draws" and counted["keep"] == "quantiles", "what is kept is said")
        for a, b in zip(kept.get("terms", [kept]), counted.get("terms", [counted])):
            for key in ("p_value", "n_greater", "n_extreme", "n_tie", "p_share", "p_exact", "infeasible"):
                check(a.get(key) == b.get(key), f"{command[0]} {key}: {a.get(key)}, {b.get(key)}")
    note = call("bootstrap", *base[:-2], "--cluster", "city", "--keep", "quantiles").stdout
    check("counted and not kept" in note, note)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, panel = folder / "study.toml", folder / "panel.csv"
        call("synth", "-o", panel, "--cities", 30, "--years", "2011:2016")
        study.write_text(STUDY)
        kept, counted, threads = (folder / f"{word}.h5" for word in ("kept", "counted", "threads"))
        quantiles = [word for stage in STAGES for word in ("--set", f"{stage}.keep=quantiles")]
        call("run", study, "-o", kept, "--progress", "none")
        call("run", study, "-o", counted, "--progress", "none", "--threads", 1, *quantiles)
        call("run", study, "-o", threads, "--progress", "none", "--threads", 3, *quantiles)
        check(differences(datasets(counted), datasets(threads)) == [], "threads change numbers")
        check(differences(attributes(counted), attributes(threads)) == [], "threads change attributes")
        with h5py.File(kept, "r") as whole, h5py.File(counted, "r") as part:
            for stage in ("pairs", "moving", "residual", "wild"):
                compare_bootstrap(stage, part["bootstrap"][stage], whole["bootstrap"][stage])
            compare_placebo(part["placebo/path"], whole["placebo/path"])
        check("counted, not kept" in call("show", counted, "bootstrap").stdout, "the table says so")
        check(call("show", counted, "placebo").stdout == call("show", kept, "placebo").stdout, "table of the placebo")
        size = counted.stat().st_size
        call("run", study, "-o", threads, "--progress", "none", "--force", *quantiles, "--set", "bootstrap.pairs.replicates=20000")
        check(abs(threads.stat().st_size - size) < 4096, "the file does not grow with replicates")
        check_refusals(study)
        check_one_shots(panel)
    print("counted replicates have the p values of kept ones, and quantiles within 2^-12")


if __name__ == "__main__":
    main()
