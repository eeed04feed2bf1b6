#!/usr/bin/env python3
"""The calibrated panel: the study of the reference paper returns its tables; the panel without an effect has none."""

import json
import math
import tempfile
from pathlib import Path

from program import SOURCE, call, check

STUDY = SOURCE / "scenarios" / "catalog" / "huang2025.toml"
NULL = """
name = "null"
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[[prepare.perpetual_inventory]]
name = "capital"
investment = "investment"
deflator = "price_index"
depreciation_column = "depreciation"
[[prepare.interpolate]]
columns = ["natural_gas", "lpg", "library_books"]
[[prepare.derive]]
name = "output"
expression = "gdp / price_index"
[[prepare.derive]]
name = "energy"
expression = "13.3 * natural_gas + 1.7143 * lpg + 1.229 * electricity"
[dea.coor]
inputs = ["capital", "labour", "energy"]
good = ["output"]
bad = ["co2", "pm25"]
reference = "global"
winsorize = [1, 99]
[index.nqp]
positive = ["students", "robots", "library_books", "ai_enterprises"]
[regression.main]
formula = "coor ~ nqp | city + year"
vcov = "cluster:city"
"""


def estimate(output, name, term):
    return {r["term"]: r for r in json.loads(call("export", output, f"regression/{name}", "--format", "json").stdout)}[term]


def stars(p):
    return "".join("*" for level in (0.1, 0.05, 0.01) if p < level)


def check_published(folder):
    output = folder / "huang.h5"
    done = call("run", STUDY, "-o", output, "--progress", "plain")
    check("warning" not in done.stderr, f"the calibrated panel is not without a warning: {done.stderr}")
    figures = json.loads(call("export", output, "paper", "--format", "json").stdout)
    judged = [f for f in figures if f["tolerance"]]
    check(len(judged) > 200, f"only {len(judged)} figures are judged")
    missed = [f for f in judged if f["within"] != "yes" and f["term"] != "_cons"]
    check(not missed, "figures beyond their tolerance: " + json.dumps(missed, indent=1))
    starred = [f for f in figures if f["stars"] and f["statistic"] == "coefficient" and f["term"] != "_cons"]
    wrong = [f for f in starred if f["stars"].replace("none", "") != stars(f["obtained_p_value"])]
    check(len(starred) > 40 and not wrong, "stars differ: " + json.dumps(wrong, indent=1))
    opposite = [f for f in starred if f["value"] * f["obtained"] < 0]
    check(not opposite, "signs differ: " + json.dumps(opposite, indent=1))
    constants = [f for f in judged if f["term"] == "_cons" and f["statistic"] == "coefficient" and f["within"] != "yes"]
    check({f["stage"] for f in constants} <= {"regression/t7_ordinary", "regression/t7_resource"},
          "constants: " + json.dumps(constants, indent=1))


def check_null(folder):
    """Under the null of no effect, t is within what twelve draws of a t distribution allow."""
    statistics = []
    for seed in range(1, 13):
        call("synth", "-o", folder / "panel.csv", "--null", "--cities", "100", "--seed", seed, "--force")
        (folder / "null.toml").write_text(NULL)
        call("run", folder / "null.toml", "-o", folder / "null.h5", "--progress", "none", "--force")
        row = estimate(folder / "null.h5", "main", "nqp")
        statistics.append(row["estimate"] / row["std_error"])
    mean = sum(statistics) / len(statistics)
    check(abs(mean) < 3.3 / math.sqrt(len(statistics)), f"an effect where there is none: {statistics}")
    check(sum(abs(t) > 1.98 for t in statistics) <= 4, f"too many rejections: {statistics}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_published(folder)
        check_null(folder)


main()
