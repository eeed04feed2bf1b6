#!/usr/bin/env python3
"""Fisher permutation between the groups of a study's regression: the numbers of `group-difference`, for every term."""

import csv
import json
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import call, check

HEAD = 'name = "groups"\nseed = 4\n[panel]\nfile = "panel.csv"\nunit = "city"\ntime = "year"\n'
FORMULA = "y ~ x + w | city + year"
KEYS = ("p_value", "p_one_sided", "p_share", "n_greater", "n_tie", "infeasible")


def make_panel(path):
    random = np.random.default_rng(8)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["city", "year", "kind", "rich", "three", "moving", "y", "x", "w", "people", "wc"])
        for city in range(16):
            level, rich = random.normal(), random.normal()
            for year in range(2010, 2016):
                x, w = random.normal() + level, random.normal()
                kind = "coast" if city < 7 else "inland"
                y = (0.6 if city < 7 else 0.2) * x + 0.1 * w + level + 0.1 * year + random.normal()
                writer.writerow([f"c{city:02d}", year, kind, rich, city % 3, year % 2, y, x, w if city < 13 else 0, 3, w if city < 7 else 0])


def compare(group, term, shown):
    j = [t.decode() for t in group["term"][()]].index(term)
    for key in KEYS:
        check(group[key][j] == shown[key], f"{term} {key}: {group[key][j]}, {shown[key]}")
    check(group["difference"][j] == shown["difference"], f"{term}: difference")
    for g in range(2):
        for key in ("estimate", "std_error"):
            check(group[key][j, g] == shown["groups"][g][key], f"{term} {key} of group {g}")
        check(group["units"][g] == shown["groups"][g]["units"], "units")
    check(np.array_equal(group["draw"][j], np.array(shown["draws"], float), equal_nan=True), f"{term}: draws")
    check(group.attrs["enumerated"] == (1 if shown["enumerated"] else 0), "enumerated")
    interval = [None if np.isnan(v) else v for v in (group["p_share_low"][j], group["p_share_high"][j])]
    check(interval == shown["p_share_conf"], f"{term}: {interval}, {shown['p_share_conf']}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, panel, output = folder / "study.toml", folder / "panel.csv", folder / "groups.h5"
        make_panel(panel)
        stage = f'[regression.NAME]\nformula = "{FORMULA}"\nvcov = "cluster:city"\ndifference = "permutation"\n'
        study.write_text(HEAD + stage.replace("NAME", "kinds") + 'group = "kind"\nreplicates = 499\n'
                         + stage.replace("NAME", "wealth") + 'group = "rich"\nsplit = "median"\nreplicates = 199\n'
                         + stage.replace("NAME", "every") + 'group = "kind"\nenumerate = true\n')
        call("plan", study)
        call("run", study, "-o", output, "--progress", "none")
        base = ["group-difference", panel, FORMULA, "--unit", "city", "--time", "year", "--draws", "--format", "json"]
        with h5py.File(output, "r") as file:
            for term in ("x", "w"):
                for stage_name, flags in (("kinds", ["--replicates", 499, "--seed", 4]), ("every", ["--enumerate"])):
                    shown = json.loads(call(*base, "--term", term, "--group", "kind", *flags).stdout)
                    compare(file["difference"][stage_name], term, shown)
            wealth, kinds = file["difference/wealth"], file["difference/kinds"]
            shown = json.loads(call(*base, "--term", "x", "--group", "rich", "--split", "median", "--replicates", 199).stdout)
            check(wealth["estimate"][0, 0] == shown["groups"][0]["estimate"], "groups at the median")
            check(not np.array_equal(wealth["draw"][0], shown["draws"]), "each permuted regression has its own stream")
            check(kinds.attrs["permuted"] in ("city", b"city") and np.isnan(kinds["statistic"][()]).all(), "no F")
            check(file["regression/kinds.coast"].attrs["difference_p"] == kinds["p_value"][0], "p beside the columns")
            check(file["regression/kinds.inland/estimate"][0] == kinds["estimate"][0, 1], "the groups' own regressions")
        table = call("show", output, "difference").stdout
        check("Fisher permutation over city, 499 random assignments, seed 4" in table and "all 11440 assignments" in table
              and "all together" not in table and "nan" not in table, table)
        check("Group difference, p: x" in call("show", output, "regression").stdout, "the row below the columns")
        # A control that one group does not identify has no p; the others keep theirs.
        formula = FORMULA.replace("+ w", "+ wc")
        study.write_text(HEAD + stage.replace("NAME", "kinds").replace(FORMULA, formula)
                         + 'group = "kind"\nreplicates = 99\n')
        call("run", study, "-o", output, "--progress", "none", "--force")
        with h5py.File(output, "r") as file:
            p = file["difference/kinds/p_value"][()]
            check(np.isfinite(p[0]) and np.isnan(p[1]) and file["difference/kinds/used"][1] == 0, f"p values {p}")
        for words, hint in (('group = "rich"\nsplit = "tercile"', "terciles are three"),
                            ('group = "kind"\nreplicates = 1', "at least 2"),
                            ('group = "kind"\naweights = "people"', "a permutation of groups of a regression with weights"),
                            ('group = "kind"\nformula = "y ~ w | city | x ~ people"', "with instruments")):
            text = stage.replace("NAME", "s")
            if "formula" in words:
                text = text.replace(f'formula = "{FORMULA}"\n', "")
            study.write_text(HEAD + text + words + "\n")
            done = call("plan", study, expect=78)
            check(hint in done.stderr and "regression.s" in done.stderr, f"{words}: {done.stderr}")
        study.write_text(HEAD + stage.replace("NAME", "s").replace("permutation", "suest") + 'group = "kind"\nenumerate = true\n')
        check("belong to difference" in call("plan", study, expect=78).stderr, "enumerate belongs to permutation")
        for words, hint in (('group = "three"', "a permutation compares two"), ('group = "moving"', "moves whole units")):
            study.write_text(HEAD + stage.replace("NAME", "s") + words + "\n")
            done = call("run", study, "-o", output, "--progress", "none", "--force", expect=65)
            check(hint in done.stderr, f"{words}: {done.stderr}")
    print("permutations between groups of a study are those of group-difference")


if __name__ == "__main__":
    main()
