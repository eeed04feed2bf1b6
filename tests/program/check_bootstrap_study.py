#!/usr/bin/env python3
"""The other bootstraps of a study (jackknife, residual, moving blocks, wre, enumerations, a boot cluster) have the numbers
of the one-shot; what does not go together is refused, in a study as on the command line."""

import json
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import call, check

HEAD = """
name = "others"
seed = 3
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[regression.main]
formula = "pm25 ~ labour + electricity | city + year"
vcov = "cluster:city"
[regression.second]
formula = "pm25 ~ labour | city + year | electricity ~ investment"
"""
OLS = "pm25 ~ labour + electricity | city + year"
IV = "pm25 ~ labour | city + year | electricity ~ investment"
# Words of a stage, formula and flags of the one-shot. A study of its own for each, so that the stream is the one-shot's.
STAGES = {
    "jackknife": ('method = "jackknife"\ncluster = "city"\nnull = 0.001', OLS,
                  ["--method", "jackknife", "--cluster", "city", "--null", 0.001]),
    "residual": ('method = "residual"\nreplicates = 99', OLS, ["--method", "residual", "--replicates", 99, "--seed", 3]),
    "moving": ('method = "moving-block"\nblock = 2\nreplicates = 99', OLS,
               ["--method", "moving-block", "--block", 2, "--replicates", 99, "--seed", 3]),
    "pairs": ('cluster = "city"\nreplicates = 99\nnull = 0.001', OLS,
              ["--cluster", "city", "--replicates", 99, "--seed", 3, "--null", 0.001]),
    "every": ('cluster = "region"\nenumerate = true', OLS, ["--cluster", "region", "--enumerate"]),
    "signs": ('method = "wild-cluster"\ncluster = "region"\nenumerate = true', OLS,
              ["--method", "wild-cluster", "--cluster", "region", "--enumerate"]),
    "two": ('method = "wild-cluster"\ncluster = "province + city"\nboot_cluster = "city"\nreplicates = 99', OLS,
            ["--method", "wild-cluster", "--cluster", "province+city", "--boot-cluster", "city", "--replicates", 99,
             "--seed", 3]),
    "wre": ('method = "wre"\ncluster = "city"\nreplicates = 99', IV,
            ["--method", "wre", "--cluster", "city", "--replicates", 99, "--seed", 3]),
}
NAMES = {"jackknife": (("std_error_analytic", "std_error"), ("std_error", "jackknife_std_error"),
                       ("std_error_mean", "jackknife_std_error_mean"), ("bias", "bias"), ("statistic", "statistic"),
                       ("estimate_corrected", "estimate_corrected"), ("df", "df"), ("p_value", "p_value")),
         "wild": (("std_error", "std_error"), ("statistic", "statistic"), ("p_value", "p_value"), ("n_tie", "n_tie")),
         "draws": (("std_error_analytic", "std_error"), ("std_error", "bootstrap_std_error"), ("bias", "bias"),
                   ("p_value", "p_value"), ("n_greater", "n_greater"), ("z0", "z0"))}
REFUSED = (  # words of a stage, words of the message
    ('method = "jackknife"\ncluster = "city"\nreplicates = 50', "nothing at random"),
    ('method = "jackknife"\ncluster = "city"\nkeep = "quantiles"', "keep belongs to method"),
    ('method = "jackknife"', "needs cluster"),
    ('method = "residual"\ncluster = "city"', "cluster belongs to method"),
    ('method = "residual"\nenumerate = true', "cannot enumerate"),
    ('method = "moving-block"', "needs block"),
    ('method = "moving-block"\nblock = 6', "the panel has 6"),
    ('cluster = "city"\nblock = 2', "block belongs to method moving-block"),
    ('cluster = "city"\nboot_cluster = "city"', "boot_cluster belongs to method wild-cluster"),
    ('cluster = "city + province"', "one cluster variable"),
    ('method = "wild-cluster"\ncluster = "city"\nboot_cluster = "year"', "none of the cluster variables city"),
    ('method = "wild-cluster"\ncluster = "region"\nweights = "webb"\nenumerate = true', "only rademacher"),
    ('method = "wre"\ncluster = "city"', "method wre is for a regression with"),
    ('cluster = "region"\nenumerate = true\nkeep = "quantiles"', "keeps its draws"),
    ('cluster = "city"\nkeep = "median"', "median"),
)


def same(ours, theirs, what):
    theirs = np.array(theirs, float)
    check(np.array_equal(np.asarray(ours, float), theirs, equal_nan=True), f"{what}: {ours}, {theirs}")


def compare(name, group, shown):
    method = group.attrs["method"]
    kind = "jackknife" if method == "jackknife" else "wild" if "type" in group.attrs else "draws"
    for j, term in enumerate(shown["terms"]):
        for theirs, ours in NAMES[kind]:
            same(group[ours][j], term[theirs], f"{name} {ours}")
        if kind == "jackknife":
            same([group["conf_low"][j], group["conf_high"][j]], term["conf"], f"{name} interval")
            check(group["most_influential"][j].decode() == term["most_influential"], f"{name}: most influential")
            check([g.decode() for g in group["left_out"][()]] == shown["left_out"], f"{name}: names of clusters")
        elif kind == "draws":
            same([group["percentile_low"][j], group["percentile_high"][j]], term["conf_percentile"], f"{name} percentiles")
            same([group["t_low"][j], group["t_high"][j]], term["conf_t"], f"{name} percentile-t")
            if name == "moving":
                check("draw_std_error" not in group, "moving blocks are not studentised")
        data = "draw_statistic" if kind == "wild" else "draw"
        same(group[data][j], shown["draws"][j]["statistic" if kind == "wild" else "estimate"], f"{name} draws")


def check_refusals(study, stage, text):
    study.write_text(HEAD + f'[bootstrap.b]\nregression = "main"\n{stage}\n')
    done = call("plan", study, expect=78)
    check(text in done.stderr and "bootstrap.b" in done.stderr, f"{stage}: {done.stderr}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, panel, output = folder / "others.toml", folder / "panel.csv", folder / "others.h5"
        call("synth", "-o", panel, "--cities", 30, "--years", "2011:2016")
        header, *rows = panel.read_text(encoding="utf-8").splitlines()
        regions = {city: i % 5 for i, city in enumerate(dict.fromkeys(row.split(",")[0] for row in rows))}
        panel.write_text("\n".join([header + ",region", *(f"{row},{regions[row.split(',')[0]]}" for row in rows)]) + "\n",
                         encoding="utf-8")
        for stage, (words, formula, flags) in STAGES.items():
            regression = "second" if formula == IV else "main"
            study.write_text(HEAD + f'[bootstrap.{stage}]\nregression = "{regression}"\n{words}\n')
            call("plan", study)
            call("run", study, "-o", output, "--progress", "none", "--force")
            done = call("bootstrap", panel, formula, "--unit", "city", "--time", "year", *flags, "--draws", "--format", "json")
            with h5py.File(output, "r") as file:
                compare(stage, file["bootstrap"][stage], json.loads(done.stdout))
            shown = call("show", output, "bootstrap").stdout
            check(stage in shown and "intervals at 95 %" in shown, shown)
        for stage, text in REFUSED:
            check_refusals(study, stage, text)
        sweep = ('[lever.less]\noperations = [{ type = "scale", variable = "electricity", per_unit = -0.01 }]\n'
                 '[sweep.s]\nregression = "main"\nbootstrap = "b"\n[[sweep.s.levers]]\nlever = "less"\nintensities = [0, 5]\n')
        study.write_text(HEAD + '[bootstrap.b]\nregression = "main"\nmethod = "jackknife"\ncluster = "city"\n' + sweep)
        check("draws none (jackknife)" in call("plan", study, expect=78).stderr, "a sweep needs draws")
        study.write_text(HEAD + '[bootstrap.b]\nregression = "main"\nmethod = "residual"\nreplicates = 29\n' + sweep)
        call("run", study, "-o", output, "--progress", "none", "--force")
        with h5py.File(output, "r") as file:
            check(np.isfinite(file["sweep/s/econometric_draw"][()]).all(), "a sweep carries residual replicates on")
    print("jackknife, residual, moving-block, wre and enumerated bootstraps of a study are those of the one-shot")


if __name__ == "__main__":
    main()
