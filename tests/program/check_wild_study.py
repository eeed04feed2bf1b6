#!/usr/bin/env python3
"""Wild bootstraps in a study: the numbers of the one-shot, the layout that results.md promises, tables, refusals."""

import json
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import call, check

STUDY = """
name = "wild"
seed = 3
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[regression.main]
formula = "pm25 ~ labour + electricity | city + year"
vcov = "cluster:city"
[bootstrap.signs]
regression = "main"
method = "wild-cluster"
cluster = "city"
type = "33"
terms = ["electricity"]
null = 0.001
replicates = 199
[bootstrap.regions]
regression = "main"
method = "wild-cluster"
cluster = "province + city"
weights = "webb"
unrestricted = true
replicates = 99
[regression.second]
formula = "pm25 ~ labour | city + year | electricity ~ investment"
vcov = "cluster:city"
[bootstrap.efficient]
regression = "second"
method = "wild-cluster"
cluster = "province"
replicates = 4096
"""


def compare(file, name, shown):
    """A stage against `greenfront bootstrap --format json` with the same settings."""
    group = file["bootstrap"][name]
    terms = [t.decode() for t in group["term"][()]]
    check(terms == [t["term"] for t in shown["terms"]], f"{name}: terms {terms}")
    for j, term in enumerate(shown["terms"]):
        for ours, theirs in (("estimate", "estimate"), ("std_error", "std_error"), ("statistic", "statistic"),
                             ("p_value", "p_value"), ("p_equal_tailed", "p_equal_tailed"), ("p_plus_one", "p_plus_one"),
                             ("n_greater", "n_greater"), ("n_tie", "n_tie"), ("infeasible", "infeasible")):
            check(group[ours][j] == term[theirs], f"{name} {ours}: {group[ours][j]}, {term[theirs]}")
        ends = [end if np.isfinite(end) else None for end in (group["t_low"][j], group["t_high"][j])]
        check(ends == term["conf_t"], f"{name}: interval")
        draws = np.array(shown["draws"][j]["statistic"], float)
        check(np.array_equal(group["draw_statistic"][j], draws, equal_nan=True), f"{name}: draws")
    check(group["replicate"].shape == (shown["replicates"],), f"{name}: replicates")


def check_refusals(study, folder):
    changes = (('terms = ["electricity"]', 'terms = ["elektricity"]', "run", "elektricity"),
               ('cluster = "city"', 'cluster = "city + province"', "plan", "one cluster variable"),
               ('method = "wild-cluster"\ncluster = "city"', 'cluster = "city"', "plan", "belongs to method wild-cluster"),
               ('regression = "main"', 'regression = "second"', "plan", "type 11"),
               ('type = "33"', 'type = "32"', "plan", "32"))
    for old, new, command, hint in changes:
        check(old in STUDY, old)
        study.write_text(STUDY.replace(old, new, 1))
        extra = ["-o", folder / "refused.h5", "--progress", "none"] if command == "run" else []
        done = call(command, study, *extra, expect=78)
        check(hint in done.stderr and "bootstrap.signs" in done.stderr, f"{new}: {done.stderr}")
    study.write_text(STUDY + '[lever.less]\noperations = [{ type = "scale", variable = "electricity", per_unit = -0.01 }]\n'
                     '[sweep.s]\nregression = "main"\nbootstrap = "signs"\n[[sweep.s.levers]]\nlever = "less"\n'
                     'intensities = [0, 5]\n')
    done = call("plan", study, expect=78)
    check("tests coefficients and draws none" in done.stderr, done.stderr)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, panel, output = folder / "wild.toml", folder / "panel.csv", folder / "wild.h5"
        call("synth", "-o", panel, "--cities", 30, "--years", "2011:2016")
        study.write_text(STUDY)
        call("plan", study)
        call("run", study, "-o", output, "--progress", "none")
        base = ["bootstrap", panel, "pm25 ~ labour + electricity | city + year", "--unit", "city", "--time", "year",
                "--method", "wild-cluster", "--seed", 3, "--draws", "--format", "json"]
        signs = call(*base, "--cluster", "city", "--type", 33, "--term", "electricity", "--null", 0.001, "--replicates", 199)
        efficient = call("bootstrap", panel, "pm25 ~ labour | city + year | electricity ~ investment", *base[3:], "--cluster",
                         "province", "--replicates", 4096)
        with h5py.File(output, "r") as file:
            compare(file, "signs", json.loads(signs.stdout))
            compare(file, "efficient", json.loads(efficient.stdout))
            check(file["bootstrap/efficient"].attrs["estimator"] in ("2sls", b"2sls"), "estimator")
            check(file["bootstrap/efficient"].attrs["enumerated"] == 1, "few provinces: all signs, so no streams to compare")
            regions = file["bootstrap/regions"]
            check(1 < regions.attrs["clusters"] < 30, "weights are drawn for the first cluster variable")
            check(np.isfinite(regions["draw_numerator"][()]).all(), "every replicate has a numerator")
            for attribute in ("type", "weights", "null", "null_imposed", "enumerated"):
                check(attribute in regions.attrs, attribute)
        shown = call("show", output, "bootstrap").stdout
        check("wild-cluster (33, rademacher, null 0.001 imposed)" in shown and "not imposed" in shown, shown)
        call("export", output, "bootstrap/signs/replicate")
        check_refusals(study, folder)
    print("wild bootstraps of a study are those of the one-shot")
    return 0


if __name__ == "__main__":
    sys.exit(main())
