"""The files that pages of the documentation take for granted, made small: a panel of cities, a study of every stage, results."""

import csv
import json
import math
import os
import random
import shutil
import subprocess
from pathlib import Path

from program import QUICK, SOURCE, STUDY, call

SHARED = Path(os.environ.get("GREENFRONT_SHARED", SOURCE.parent / "shared")) / "data"

# What a page's part of a study is put behind, unless the page says otherwise.
PRELUDE = """name = "page"
[panel]
file = "panel.csv"
unit = "city"
time = "year"
"""

# Columns with the short names that pages use, made from those of a synthetic panel.
COLUMNS = {"digital": "digital_finance / 100", "gov": "budget_expenditure / gdp", "rd": "science_spending", "rail_km": "10 * sqrt(area)",
           "x1": "log(students + 1)", "x2": "log(loans / gdp)", "y": "log(gdp / population) + 0.1 * x1", "port": "pilot"}
YEARS = "2014-2019"


def raw_cities(folder):
    """panel.csv: a synthetic panel as `greenfront synth` writes it."""
    call("synth", "-o", folder / "panel.csv", "--cities", "16", "--years", YEARS.replace("-", ":"))


def cities(folder):
    """panel.csv: 16 cities and six years with the columns that pages use. Inputs are what the product needs, times a waste `u` that falls
    with digital capacity, so that frontiers, truncated regressions and tests have something to find."""
    study = f'name = "columns"\n[panel]\nfile = "synth:16x{YEARS}"\nunit = "city"\ntime = "year"\n'
    study += "".join(f'[[prepare.derive]]\nname = "{name}"\nexpression = "{words}"\n' for name, words in COLUMNS.items())
    (folder / "columns.toml").write_text(study, encoding="utf-8")
    call("prepare", folder / "columns.toml", "-o", folder / "columns.csv")
    noise = random.Random(7)

    def change(row):
        waste = 1 + abs(noise.gauss(0.6, 0.2) - 0.1 * float(row["digital"]))
        mix = noise.gauss(0, 0.3)
        gdp = float(row["gdp"])
        made = {"capital": 3e-1 * gdp * math.exp(mix), "labour": 3e-3 * gdp * math.exp(-mix), "energy": 1e-1 * gdp * math.exp(0.5 * mix)}
        return {**row, **{name: repr(waste * x) for name, x in made.items()}, "eff": repr(1 / waste),
                "region": "north" if row["city"] < "C009" else "south"}

    rewrite(folder / "columns.csv", folder / "panel.csv", change)
    (folder / "columns.toml").unlink()
    (folder / "columns.csv").unlink()


def without_eff(folder):
    """The cities' panel without its column eff, for pages whose studies make one."""
    rewrite(folder / "panel.csv", folder / "panel.csv", lambda row: {name: cell for name, cell in row.items() if name != "eff"})


def rewrite(source, target, change):
    """A CSV file with every row changed."""
    with open(source, newline="", encoding="utf-8") as file:
        rows = [change(row) for row in csv.DictReader(file)]
    with open(target, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def scores(folder):
    """scores.csv: the cities' panel with output scores, 1 and more."""
    rewrite(folder / "panel.csv", folder / "scores.csv", lambda row: {**row, "eff": repr(1 / float(row["eff"]))})


STUDY_TEXT = PRELUDE + """
[dea.coor]
inputs = ["capital", "labour", "energy"]
good = ["gdp"]
bad = ["co2"]
model = "sbm"
reference = "global"
[index.nqp]
positive = ["students", "robots"]
[regression.baseline]
formula = "coor ~ nqp + gov + log(energy) | city + year"
vcov = "cluster:city"
[bootstrap.baseline]
regression = "baseline"
method = "pairs-cluster"
cluster = "city"
replicates = 49
[curve.frontier]
regression = "baseline"
term = "nqp"
dea = "coor"
models = ["sbm", "radial"]
[sweep.policy]
dea = "coor"
regression = "baseline"
bootstrap = "baseline"
design = "sobol"
points = 500
units = true
[[sweep.policy.levers]]
lever = "talent"
path = { start = 2017 }
[[sweep.policy.levers]]
lever = "digital_infrastructure"
path = { start = 2017 }
"""


def study(folder):
    """study.toml: every stage that pages speak of, on the cities."""
    cities(folder)
    (folder / "study.toml").write_text(STUDY_TEXT, encoding="utf-8")


def results(folder):
    """results.h5 of study.toml."""
    study(folder)
    call("run", folder / "study.toml", "-o", folder / "results.h5", "--progress", "none")


def countries(folder):
    """countries.csv: the panel that comes with the program."""
    shutil.copy(SOURCE / "scenarios" / "data" / "countries.csv", folder / "countries.csv")


def countries_as_panel(folder):
    """The same as panel.csv."""
    shutil.copy(SOURCE / "scenarios" / "data" / "countries.csv", folder / "panel.csv")


def countries_results(folder):
    """results.h5 of the study that comes with the program, with few replicates."""
    call("run", STUDY, "-o", folder / "results.h5", "--progress", "none", *QUICK)


def fresh(folder):
    """Nothing of what was there but the source's folders."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif not path.is_symlink():
            path.unlink()


FILES = {"without-eff": without_eff, "fresh": fresh, "raw-cities": raw_cities, "cities": cities, "scores": scores, "study": study, "results": results, "countries": countries,
         "countries-as-panel": countries_as_panel, "countries-results": countries_results}


def courts(source, target):
    """Norwegian courts as pioneeR's tests have them (three inputs, four outputs)."""
    data = json.loads(source.read_text())["pioneer_norCourts2018"]
    with open(target, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["court", "x1", "x2", "x3", "y1", "y2", "y3", "y4"])
        for k, (x, y) in enumerate(zip(data["X"], data["Y"]), 1):
            table.writerow([k, *x, *y])


def provinces(source, target):
    """example.dta of gtfpch (Wang, Du and Zhang 2022), as CSV."""
    target.write_bytes(source.read_bytes())


NEEDED = {"courts.csv": (SHARED / "dea-cases/peers.json", courts), "provinces.csv": (SHARED / "china-province/gtfpch-example.csv", provinces)}
# Other programs, and a command that succeeds where they can be used.
PROGRAMS = {"glpsol": ["glpsol", "--version"], "lpSolve": ["Rscript", "-e", "library(lpSolve)"],
            "rhdf5": ["Rscript", "-e", "library(rhdf5)"],
            "sandwich": ["Rscript", "-e", "library(sandwich)"], "plm": ["Rscript", "-e", "library(plm)"], "xarray": ["/usr/bin/python3", "-c", "import xarray, h5netcdf, pandas"],
            "matplotlib": ["/usr/bin/python3", "-c", "import matplotlib, h5py"]}


def needed(folder):
    """Files that may not be passed on, where they are."""
    for name, (source, write) in NEEDED.items():
        if source.is_file():
            write(source, folder / name)


FILES["needed"] = needed


def missing(need):
    """Why a block cannot be run here; empty if it can."""
    if need in NEEDED:
        source = NEEDED[need][0]
        return "" if source.is_file() else f"reads {need}, made from a file that is not here: {source} (GREENFRONT_SHARED names its folder)"
    if need not in PROGRAMS:
        raise SystemExit(f"needs:{need} is not known to page_files.py")
    try:
        done = subprocess.run(PROGRAMS[need], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    except FileNotFoundError:
        return f"calls {need}, which is not installed"
    return f"calls {need}, which is not installed" if done.returncode else ""
