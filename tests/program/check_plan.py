#!/usr/bin/env python3
"""`plan` against the run of the same study: counts of programs, replicates and scenarios are the run's, numbers of a scenario
are those of its file, and predictions grow with the work. Nothing here looks at a clock: how near predictions come is measured
by bench/plan_accuracy.py."""

import json
import math
import tempfile
from pathlib import Path

import h5py

from program import BADS, call, check

HEAD = '''name = "planned"
[panel]
file = "{panel}"
unit = "city"
time = "year"
[[prepare.derive]]
name = "intensity"
expression = "log(co2 / gdp)"
[[prepare.derive]]
name = "digital"
expression = "log(digital_finance)"
[[prepare.derive]]
name = "density"
expression = "log(population / area)"
'''
VARIABLES = 'inputs = ["labour", "electricity"]\ngood = ["gdp"]\n'
DEA = {"slacks": 'model = "radial"\nreference = "global"\n',
       "plain": 'model = "radial"\nslacks = false\nwhere = "year > 2012"\n',
       "sbm": BADS + 'model = "sbm"\nreference = "global"\n',
       "scale": 'model = "sbm"\nreturns = "vrs"\nscale_efficiency = true\n',
       "groups": 'model = "sbm"\nreference = "global"\ngroups = "municipality"\n',
       "weak": BADS + 'model = "ddf"\nreference = "sequential"\n',
       "hull": 'model = "fdh"\n'}
PRODUCTIVITY = {"adjacent": 'measure = "malmquist"\nfrontier = "adjacent"\n',
                "all": BADS + 'measure = "malmquist-luenberger"\nfrontier = "global"\n'}
REST = '''
[regression.main]
formula = "intensity ~ digital + density | city + year"
vcov = "cluster:city"
[mediation.path]
regression = "main"
treatment = "digital"
mediator = "log(labour)"
[bootstrap.pairs]
regression = "main"
cluster = "city"
replicates = 40
[bootstrap.signs]
regression = "main"
method = "wild-cluster"
cluster = "municipality"
terms = ["digital"]
replicates = 99
[bootstrap.left_out]
regression = "main"
method = "jackknife"
cluster = "city"
[placebo.paths]
regression = "main"
treatment = "digital"
replicates = 30
[lever.saving]
operations = [{ type = "scale", variable = "electricity", per_unit = -0.01 }, { type = "scale", variable = "co2", per_unit = -0.01 }]
'''
SWEEPS = {"both": 'dea = "sbm"\nregression = "main"\nbootstrap = "pairs"\ngroup = "municipality"\nunits = true\n',
          "summary": 'dea = "sbm"\nregression = "main"\nbootstrap = "pairs"\nkeep = "summary"\nreplicates = 20\noutcomes = ["population"]\n',
          "frontier": 'dea = "sbm"\nfrontier = "moving"\n',
          "linear": 'regression = "main"\noutcomes = ["co2"]\n'}
LEVERS = 'design = "latin-hypercube"\npoints = 70\n[[sweep.{0}.levers]]\nlever = "saving"\nlow = 1\nhigh = 20\npath = {{ start = 2013 }}\n'


def study_text(panel="synth:20x2011-2014"):
    text = HEAD.format(panel=panel)
    text += "".join(f"[dea.{name}]\n{VARIABLES}{words}" for name, words in DEA.items())
    text += "".join(f"[productivity.{name}]\n{VARIABLES}{words}" for name, words in PRODUCTIVITY.items())
    return text + REST + "".join(f"[sweep.{name}]\n{words}{LEVERS.format(name)}" for name, words in SWEEPS.items())


def planned(study, *options):
    return json.loads(call("plan", study, "--format", "json", *options).stdout)


def check_counts(file, units):
    for kind, names in (("dea", DEA), ("productivity", PRODUCTIVITY)):
        for name in names:
            programs = file[kind][name].attrs["programs"]
            check(units[f"{kind}.{name}"] == programs, f"{kind}.{name}: {units[f'{kind}.{name}']} planned, {programs} solved")
    for name, count in (("pairs", 40), ("signs", 4), ("left_out", 20)):
        check(units[f"bootstrap.{name}"] == count, f"bootstrap.{name}: {units[f'bootstrap.{name}']}")
    check(file["bootstrap/pairs"].attrs["replicates"] == 40 and file["bootstrap/signs"].attrs["replicates"] == 4, "replicates")
    check(units["placebo.paths"] == file["placebo/paths"].attrs["replicates"] == 30, "placebo")


def check_sweeps(file, stages):
    """A scenario's numbers are the datasets over scenarios that its row is made of."""
    of_the_design = {"intensity", "point", "rank", "rank_mean", "rank_sd", "probability_best", "pareto", "scenario"}
    for name in SWEEPS:
        group, stage = file["sweep"][name], stages[f"sweep.{name}"]
        scenarios = len(group["scenario"])
        check(stage["units"] == scenarios == 70 and stage["blocks"] == 2, f"sweep.{name}: {stage}")
        numbers = sum(data.size // scenarios for field, data in group.items()
                      if field not in of_the_design and data.ndim > 0 and data.shape[0] == scenarios
                      and data.attrs["DIMENSION_LIST"][0].size > 0
                      and group[data.attrs["DIMENSION_LIST"][0][0]].name.endswith("/scenario"))
        check(stage["numbers_a_scenario"] == numbers, f"sweep.{name}: {stage['numbers_a_scenario']} numbers planned, {numbers} stored")
        if "frontier_programs" in group:
            programs = group["frontier_programs"][()]
            check((programs == stage["programs_a_scenario"]).all(), f"sweep.{name}: {stage['programs_a_scenario']}, not {programs[:5]}")


def check_growth(folder):
    study = folder / "grown.toml"
    study.write_text(study_text())

    def grown(larger, smaller, *keys):
        for key in keys:
            check(larger[key] > smaller[key] > 0, f"{key}: {smaller[key]} does not grow to {larger[key]}")

    few = planned(study, "--threads", "1")
    many = planned(study, "--threads", "1", "--set", "sweep.both.points=7000")
    grown(many, few, "seconds", "wall_seconds", "memory_megabytes", "values_megabytes", "file_megabytes", "blocks", "parts_megabytes")
    check(many["blocks"] == few["blocks"] + math.ceil(7000 / 64) - 2, f"{many['blocks']} blocks")
    check(few["suggested_shards"] == 1, "a minute needs no shards")
    threads = planned(study, "--threads", "2")
    check(threads["threads"] == 2 and threads["wall_seconds"] < few["wall_seconds"] and threads["seconds"] == few["seconds"]
          and threads["memory_megabytes"] > few["memory_megabytes"], f"{threads}")
    grown(planned(study, "--threads", "1", "--set", "bootstrap.pairs.replicates=20000"), few, "seconds", "memory_megabytes", "file_megabytes")
    study.write_text(study_text("synth:60x2011-2014"))
    grown(planned(study, "--threads", "1"), few, "seconds", "memory_megabytes", "file_megabytes")
    study.write_text(study_text("synth:400x2001-2020"))
    hours = planned(study, "--threads", "1", "--set", "sweep.frontier.points=500000")
    check(2 <= hours["suggested_shards"] <= hours["blocks"], f"{hours['suggested_shards']} shards")
    text = call("plan", study).stdout
    check("Suggested shards: 1" in text and "MB of memory" in text and "nothing was run" in text, text)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, output = folder / "study.toml", folder / "results.h5"
        study.write_text(study_text())
        plan = planned(study)
        call("run", study, "-o", output, "--progress", "none")
        stages = {stage["stage"]: stage for stage in plan["stages"]}
        with h5py.File(output, "r") as file:
            check_counts(file, {name: stage["units"] for name, stage in stages.items()})
            check_sweeps(file, stages)
            for group in ("panel", "dea", "productivity", "regression", "mediation", "bootstrap", "placebo", "sweep"):
                check(any(stage.split(".")[0] == group for stage in stages), f"{group} is not planned")
        check(stages["results"]["seconds"] > 0, "writing costs nothing")
        check_growth(folder)


if __name__ == "__main__":
    main()
