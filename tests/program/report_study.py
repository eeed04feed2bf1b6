"""A small study with a stage of every kind that a page or a picture shows, and names that would act if they were not escaped."""

import csv

from program import call

HOSTILE = ["<script>alert(1)</script>", "a_b&c%", "北京", "$x^2_1$ #1~", '"><img src=x onerror=alert(1)>', "{\\input{secret}}",
           "'; touch owned; '", "_under|[link](javascript:alert(1))"]
TITLE = "<b>50 %</b> & $more$ 城市"
COLUMN = 'speed<i>"&\'_%'

STUDY = """
name = "hostile"
title = '<b>50 %</b> & $more$ 城市'
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[dea.eff]
inputs = ["labour", "electricity"]
good = ["gdp"]
bad = ["co2", "pm25"]
[productivity.growth]
inputs = ["labour", "electricity"]
good = ["gdp"]
measure = "malmquist"
frontier = "adjacent"
[index.quality]
positive = ["students", "population"]
negative = ["pm25"]
[regression.main]
formula = "eff ~ quality + log(population) | city + year"
title = "<i>main</i> & 100% of $a_b$"
vcov = "cluster:city"
[regression.plain]
formula = "eff ~ quality | city + year"
vcov = "robust"
[bootstrap.main]
regression = "main"
cluster = "city"
replicates = 99
[bootstrap.short]
regression = "main"
cluster = "city"
replicates = 199
keep = "quantiles"
[bootstrap.wild]
regression = "main"
method = "wild-cluster"
cluster = "city"
replicates = 99
[placebo.main]
regression = "main"
treatment = "quality"
replicates = 99
[placebo.short]
regression = "main"
treatment = "quality"
replicates = 199
keep = "quantiles"
[lever.retrofit]
cost_per_unit = 2.5
cost_unit = "million <b>yuan</b>"
[[lever.retrofit.operations]]
type = "scale"
variable = "electricity"
per_unit = -0.01
[[lever.retrofit.operations]]
type = "scale"
variable = "co2"
per_unit = -0.008
[lever.study]
cost_per_unit = 40.0
cost_unit = "million <b>yuan</b>"
operations = [{ type = "scale", variable = "students", per_unit = 0.5 }]
[sweep.grid]
dea = "eff"
regression = "main"
bootstrap = "main"
[[sweep.grid.levers]]
lever = "retrofit"
intensities = [0, 10, 20]
path = { start = 2012 }
[[sweep.grid.levers]]
lever = "study"
intensities = [0, 1]
path = { start = 2012 }
[sweep.named]
dea = "eff"
regression = "main"
design = "list"
[[sweep.named.scenario]]
name = "<script>retrofit_&_%</script>"
levers = [{ lever = "retrofit", intensity = 20, path = { start = 2012 } }]
[[sweep.named.scenario]]
name = "both 都"
levers = [{ lever = "retrofit", intensity = 10, path = { start = 2013 } }, { lever = "study", path = { start = 2012 } }]
[sweep.indices]
dea = "eff"
regression = "main"
design = "saltelli"
points = 4
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
[curve.choices]
regression = "main"
term = "quality"
dea = "eff"
models = ["sbm", "radial"]
references = ["contemporaneous", "global"]
"""


def make(folder):
    """Writes panel.csv and study.toml into `folder` and runs them; returns the result file."""
    call("synth", "-o", folder / "synthetic.csv", "--cities", "24", "--years", "2011:2014", "--seed", "3")
    with open(folder / "synthetic.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cities = list(dict.fromkeys(row["city"] for row in rows))
    renamed = dict(zip(cities, HOSTILE))
    for k, row in enumerate(rows):
        row["city"] = renamed.get(row["city"], row["city"])
        row[COLUMN] = str((k * 7919) % 101) if k % 5 else ""
    with open(folder / "panel.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    (folder / "study.toml").write_text(STUDY, encoding="utf-8")
    call("run", folder / "study.toml", "-o", folder / "results.h5", "--progress", "none")
    return folder / "results.h5"
