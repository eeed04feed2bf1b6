#!/usr/bin/env python3
"""Pairs bootstraps in a study: 2SLS, the intervals of the one-shot, resamples that two specifications share, refusals."""

import json
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import call, check

STUDY = """
name = "pairs"
seed = 3
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[regression.short]
formula = "pm25 ~ electricity | city + year"
[regression.long]
formula = "pm25 ~ electricity + green_cover | city + year"
[regression.iv]
formula = "pm25 ~ labour | city + year | electricity ~ investment + gdp"
[bootstrap.first]
regression = "short"
cluster = "city"
replicates = 99
[bootstrap.again]
regression = "long"
cluster = "city"
draws = "first"
replicates = 99
[bootstrap.other]
regression = "long"
cluster = "city"
replicates = 99
[bootstrap.iv]
regression = "iv"
cluster = "city"
draws = "first"
replicates = 99
"""


def one_shot(panel, formula):
    done = call("bootstrap", panel, formula, "--unit", "city", "--time", "year", "--cluster", "city", "--replicates", 99,
                "--seed", 3, "--draws", "--format", "json")
    return json.loads(done.stdout)


def compare(group, shown, name):
    for j, term in enumerate(shown["terms"]):
        check(np.array_equal(group["draw"][j], np.array(shown["draws"][j]["estimate"], float)), f"{name}: draws")
        for ours, theirs in (("bias", "bias"), ("z0", "z0"), ("acceleration", "acceleration")):
            check(group[ours][j] == term[theirs], f"{name} {ours}: {group[ours][j]}, {term[theirs]}")
        for kind in ("normal", "bc", "bca"):
            check([group[f"{kind}_low"][j], group[f"{kind}_high"][j]] == term[f"conf_{kind}"], f"{name}: {kind}")


def check_refusals(study):
    for old, new, hint in (('draws = "first"', 'draws = "frist"', "did you mean first?"),
                           ('draws = "first"', 'draws = "other"', "must stand before"),
                           ('draws = "first"', 'draws = "again"', "must stand before"),
                           ('cluster = "city"\ndraws', 'cluster = "province"\ndraws', "draws clusters of city"),
                           ('draws = "first"', 'draws = "first"\nmethod = "wild-cluster"', "share draws")):
        check(old in STUDY, old)
        study.write_text(STUDY.replace(old, new, 1))
        done = call("plan", study, expect=78)
        check(hint in done.stderr and "bootstrap.again" in done.stderr, f"{new}: {done.stderr}")
    study.write_text(STUDY.replace("[regression.iv]", '[regression.iv]\nestimator = "liml"', 1))
    check("2sls only" in call("plan", study, expect=78).stderr, "LIML is refused")
    # Another sample with other clusters: the numbers of the draws would mean other cities.
    study.write_text(STUDY.replace("[regression.long]", "[regression.long]\nwhere = 'city != \"C001\"'", 1))
    with tempfile.TemporaryDirectory() as folder:
        done = call("run", study, "-o", Path(folder) / "refused.h5", "--progress", "none", expect=65)
        check("draws cannot be shared" in done.stderr, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, panel, output = folder / "pairs.toml", folder / "panel.csv", folder / "pairs.h5"
        call("synth", "-o", panel, "--cities", 30, "--years", "2011:2016")
        study.write_text(STUDY)
        call("plan", study)
        call("run", study, "-o", output, "--progress", "none")
        with h5py.File(output, "r") as file:
            boot = file["bootstrap"]
            compare(boot["first"], one_shot(panel, "pm25 ~ electricity | city + year"), "first")
            compare(boot["again"], one_shot(panel, "pm25 ~ electricity + green_cover | city + year"), "again")
            compare(boot["iv"], one_shot(panel, "pm25 ~ labour | city + year | electricity ~ investment + gdp"), "iv")
            check(boot["again"].attrs["draws"] in ("first", b"first"), "whose draws")
            short, paired, apart = (boot[name]["draw"][0] for name in ("first", "again", "other"))
            check(not np.array_equal(paired, apart), "a bootstrap without `draws` has its own")
            check(np.std(paired - short) < np.std(apart - short), "paired differences vary less")
        call("show", output, "bootstrap")
        check_refusals(study)
    print("pairs bootstraps of a study are those of the one-shot; two specifications share their resamples")


if __name__ == "__main__":
    main()
