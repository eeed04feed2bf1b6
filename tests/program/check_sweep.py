#!/usr/bin/env python3
"""Sweeps of whole studies against the program's own commands and NumPy: the frontier channel is `dea` on the changed panel
with the baseline as reference, the econometric channel a closed form, Sobol' indices a plain formula; the packages of the
catalogue bring out the claim of the study that they come from, and `compare` prints every comparison."""

import csv
import io
import json
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import call, check

SOURCE = Path(__import__("os").environ["GREENFRONT_SOURCE"])

STUDY = """
name = "small"
[panel]
file = "PANEL"
unit = "city"
time = "year"
[dea.eff]
inputs = ["labour", "electricity"]
good = ["gdp"]
bad = ["co2", "pm25"]
reference = "REFERENCE"
returns = "RETURNS"
[regression.main]
formula = "eff ~ students + wage | city + year"
[bootstrap.main]
regression = "main"
cluster = "city"
replicates = 50
[lever.retrofit]
cost_per_unit = 2.5
cost_unit = "million yuan"
[[lever.retrofit.operations]]
type = "scale"
variable = "electricity"
per_unit = -0.01
[[lever.retrofit.operations]]
type = "scale"
variable = "co2"
per_unit = -0.008
[lever.study]
operations = [{ type = "scale", variable = "students", per_unit = 0.5 }]
[sweep.list]
dea = "eff"
regression = "main"
bootstrap = "main"
design = "list"
units = true
group = "resource_based"
[[sweep.list.scenario]]
name = "today"
levers = []
[[sweep.list.scenario]]
name = "retrofit"
levers = [{ lever = "retrofit", intensity = 20, where = "resource_based", path = { start = 2012 } }]
[[sweep.list.scenario]]
name = "both"
levers = [{ lever = "retrofit", intensity = 10, path = { start = 2013 } }, { lever = "study", path = { start = 2012 } }]
[sweep.indices]
dea = "eff"
regression = "main"
design = "saltelli"
points = 8
[[sweep.indices.levers]]
lever = "retrofit"
low = 0
high = 15
path = { start = 2012 }
[[sweep.indices.levers]]
lever = "study"
low = 0
high = 1
path = { start = 2012 }
"""


def read_csv(path):
    with open(path, newline="") as file:
        rows = list(csv.DictReader(file))
    return rows


def write_csv(path, rows):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def column(rows, name):
    return np.array([float(row[name]) for row in rows])


def close(name, found, expected, tolerance=1e-9):
    check(np.allclose(found, expected, rtol=tolerance, atol=1e-12, equal_nan=True), f"{name}: {found}, not {expected}")


def scores(folder, panel, reference, rule, returns):
    more = ["--reference-panel", reference] if reference else []
    out = call("dea", panel, "--unit", "city", "--time", "year", "--inputs", "labour,electricity", "--good", "gdp", "--bad",
               "co2,pm25", "--model", "sbm", "--returns", returns, "--reference", rule, "--format", "json", *more).stdout
    units = json.loads(out)["units"]
    return (np.array([np.nan if u["score"] is None else u["score"] for u in units]), [u["status"] for u in units])


def frontier(folder, panel_file, rule, returns):
    study = folder / "study.toml"
    text = STUDY.replace("PANEL", str(panel_file)).replace("REFERENCE", rule).replace("RETURNS", returns)
    study.write_text(text)
    output = folder / "small.h5"
    call("run", study, "-o", output, "--force", "--progress", "none")
    rows = read_csv(panel_file)
    year, heavy = column(rows, "year"), column(rows, "resource_based") == 1
    base, _ = scores(folder, panel_file, None, rule, returns)
    used = (year >= 2012) & ~np.isnan(base)
    changed = [dict(row) for row in rows]
    for row, acts in zip(changed, (year >= 2012) & heavy):
        if acts:
            row["electricity"] = repr(float(row["electricity"]) * (1 - 0.01 * 20))
            row["co2"] = repr(float(row["co2"]) * (1 - 0.008 * 20))
    write_csv(folder / "changed.csv", changed)
    after, status = scores(folder, folder / "changed.csv", panel_file, rule, returns)
    after = np.where([s == "infeasible" for s in status], 1.0, after)
    change = np.where((year >= 2012) & heavy, after - base, 0.0)
    with h5py.File(output) as file:
        sweep = file["sweep/list"]
        close(f"{rule} {returns} frontier", sweep["frontier_effect"][1], change[used].mean())
        check(sweep["frontier_effect"][0] == 0 and np.all(sweep["econometric_draw"][0] == 0), "no lever, yet an effect")
        for t, y in enumerate(range(2011, 2015)):
            expected = change[used & (year == y)].mean() if y >= 2012 else np.nan
            close(f"frontier in {y}", sweep["frontier_by_time"][1, t], expected)
        names = [n.decode() for n in file["unit"][()]]
        city = np.array([row["city"] for row in rows])
        for u in (0, 7, 19):
            close("frontier of a unit", sweep["frontier_by_unit"][1, u], change[used & (city == names[u])].mean())
        return output, rows, used, year


def econometric(output, rows, used, year):
    with h5py.File(output) as file:
        sweep, fit, boot = file["sweep/list"], file["regression/main"], file["bootstrap/main"]
        terms = [t.decode() for t in fit["term"][()]]
        beta = fit["estimate"][terms.index("students")]
        dx = 0.5 * column(rows, "students")[used].mean()
        close("econometric effect", sweep["econometric_effect"][2], beta * dx, 1e-12)
        drawn = [t.decode() for t in boot["term"][()]].index("students")
        draws = boot["draw"][()]
        draws = draws[drawn] if draws.shape[0] == len(boot["term"]) else draws[:, drawn]
        close("econometric draws", sweep["econometric_draw"][2], draws * dx, 1e-12)
        close("interval", [sweep["econometric_low"][2], sweep["econometric_high"][2]],
              np.percentile(draws * dx, [2.5, 97.5], method="averaged_inverted_cdf"), 1e-11)
        heavy = column(rows, "resource_based") == 1
        close("cost", sweep["cost"][()], [0, 2.5 * 20 * np.sum((year >= 2012) & heavy), 2.5 * 10 * np.sum(year >= 2013)])
        y = file["sweep/list/difference"][2, 1]
        close("difference", y, np.mean(draws * dx))
        # Sobol' indices, from the outcomes of the design.
        sweep = file["sweep/indices"]
        for o, name in enumerate(("econometric_effect", "frontier_effect")):
            table = sweep[name][()].reshape(-1, 4)
            a, b = table[:, 0], table[:, 1]
            both = np.concatenate([a, b])
            variance = np.mean((both - both.mean()) ** 2)
            for j in range(2):
                first = np.mean((b - both.mean()) * (table[:, 2 + j] - a)) / variance
                total = np.mean((a - table[:, 2 + j]) ** 2) / 2 / variance
                close("first-order index", sweep["sobol_first"][o, j], first)
                close("total index", sweep["sobol_total"][o, j], total)


def comparisons(output):
    for by, expected in (("group", "both"), ("year", "2013"), ("unit", "retrofit"), ("pairs", "Dominance"),
                         ("pareto", "Cost of one more unit"), ("inequality", "theil_between"), ("variable", "electricity")):
        text = call("compare", output, "--sweep", "list", "--by", by).stdout
        check(expected in text, f"compare --by {by}:\n{text}")
    check("Total" in call("compare", output, "--sweep", "indices", "--by", "sensitivity").stdout, "no table of indices")
    check("retrofit" in call("compare", output, "--sweep", "indices", "--by", "lever").stdout, "no table of levers")
    text = call("compare", output, "--sweep", "indices", "--top", "3").stdout
    check("first 3 of 32" in text, text)
    rows = list(csv.reader(io.StringIO(call("compare", output, "--sweep", "indices", "--format", "csv").stdout)))
    check(len(rows) >= 33, "a CSV holds every scenario")
    check("\\toprule" in call("compare", output, "--sweep", "list", "--format", "tex").stdout, "no LaTeX table")
    for arguments, message in ((["--sweep", "list", "--by", "sensitivity"], "saltelli"), (["--sweep", "list", "--by", "lever"], "list"),
                               (["--sweep", "nothing"], "list"), (["--format", "csv"], "--sweep")):
        done = call("compare", output, *arguments, expect=64)
        check(message in done.stderr and done.stdout == "", done.stderr)


def claim(folder):
    """Pressure without digital capacity fails; digital capacity carries the effect, with or without pressure."""
    output = folder / "policy.h5"
    study = SOURCE / "scenarios/catalog/huang2025_policy.toml"
    call("run", study, "-o", output, "--progress", "none", "--set", "sweep.claim.replicates=100", "--set",
         "sweep.packages.replicates=20", "--set", "sweep.levers.points=4")
    with h5py.File(output) as file:
        sweep = file["sweep/claim"]
        names = [n.decode() for n in sweep["scenario"][()]]
        effect, low, high = (dict(zip(names, sweep[k][()])) for k in ("econometric_effect", "econometric_low", "econometric_high"))
        check(low["pressure_only"] < 0 < high["pressure_only"], f"pressure alone has an effect: {low} {high}")
        for name in ("digital_first", "dual_high"):
            check(low[name] > 0 and effect[name] > 5 * abs(effect["pressure_only"]), f"{name}: {effect}, {low}")
            pair = names.index(name), names.index("pressure_only")
            check(sweep["difference_low"][pair] > 0, f"{name} is not surely better than pressure alone")
        check(len(file["sweep/packages/scenario"]) == 8 and not file["sweep/packages/refused"][()].any(), "all packages act")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        panel = folder / "panel.csv"
        call("synth", "-o", panel, "--cities", "40", "--years", "2011:2014", "--seed", "3")
        rows = read_csv(panel)
        rows = [row for row in rows if all(row[c] not in ("", "NA") for c in ("wage", "students", "electricity", "labour"))]
        write_csv(panel, rows)
        for rule, returns in (("contemporaneous", "vrs"), ("sequential", "crs"), ("global", "crs")):
            output, rows, used, year = frontier(folder, panel, rule, returns)
        econometric(output, rows, used, year)
        comparisons(output)
        claim(folder)


if __name__ == "__main__":
    sys.exit(main())
