#!/usr/bin/env python3
"""What bootstraps and placebo tests say beside their numbers: too few clusters, options without effect, true counts in plan and
log, faults found before anything runs, seeds."""

import json
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import call, check

FORMULA = "y ~ x + w | city + year"
STUDY = """
name = "words"
seed = 7
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[regression.main]
formula = "y ~ x + w | city + year"
vcov = "cluster:city"
[regression.policy]
formula = "y ~ treated + w | city + year"
vcov = "cluster:city"
"""
STAGES = """
[bootstrap.leave]
regression = "main"
method = "jackknife"
cluster = "city"
[bootstrap.signs]
regression = "main"
method = "wild-cluster"
cluster = "prov"
terms = ["x"]
[bootstrap.resamples]
regression = "main"
cluster = "prov"
enumerate = true
[placebo.time]
regression = "policy"
treatment = "treated"
method = "in-time"
[placebo.few]
regression = "policy"
treatment = "treated"
within = "prov"
[placebo.many]
regression = "main"
treatment = "x"
replicates = 29
"""
COUNTS = {"bootstrap.leave": 20, "bootstrap.signs": 16, "bootstrap.resamples": 256, "placebo.time": 5, "placebo.few": 625,
          "placebo.many": 29}


def write_panel(path):
    """20 cities of four provinces, ten years; in each province one city is treated from the seventh year on."""
    rng = np.random.default_rng(4)
    lines = ["city,year,prov,y,x,w,treated"]
    for city in range(20):
        base = rng.normal()
        for year in range(2001, 2011):
            x, w = base + rng.normal(size=2)
            treated = int(city % 5 == 0 and year >= 2007)
            y = 0.8 * x + base + 0.1 * treated + rng.normal()
            lines.append(f"c{city:02d},{year},p{city // 5},{y:.6f},{x:.6f},{w:.6f},{treated}")
    path.write_text("\n".join(lines) + "\n")


def one_shot(command, panel, *extra, formula=FORMULA, expect=0):
    return call(command, panel, formula, "--unit", "city", "--time", "year", *extra, expect=expect)


def check_few_clusters(panel):
    wild = ["--method", "wild-cluster", "--cluster", "prov", "--term", "x"]
    done = one_shot("bootstrap", panel, *wild)
    check("warning: 4 clusters have only 16 vectors of signs" in done.stderr and "--weights webb" in done.stderr, done.stderr)
    check("n_tie" in done.stdout and "p_ties" in done.stdout and "no p is below 0.125" in " ".join(done.stdout.split()), done.stdout)
    term = json.loads(one_shot("bootstrap", panel, *wild, "--format", "json").stdout)["terms"][0]
    check(term["n_tie"] >= 2 and term["p_ties"] == (term["n_greater"] + term["n_tie"]) / 16 >= 0.125, f"{term}")
    check("warning" not in one_shot("bootstrap", panel, *wild, "--weights", "webb").stderr, "Webb with four clusters")
    check("warning" not in one_shot("bootstrap", panel, *wild, "--confidence", 0.8).stderr, "at 80 % they are enough")
    every = ["--method", "wild-cluster", "--cluster", "city", "--term", "x"]
    check("warning" not in one_shot("bootstrap", panel, *every).stderr, "twenty clusters are enough")


def check_options(panel):
    wide = json.loads(one_shot("bootstrap", panel, "--cluster", "city", "--confidence", 0.5, "--format", "json").stdout)
    low, high = wide["terms"][0]["conf_percentile"]
    usual = json.loads(one_shot("bootstrap", panel, "--cluster", "city", "--format", "json").stdout)["terms"][0]["conf_percentile"]
    check(usual[0] < low < high < usual[1], "--confidence")
    for value in (0, 1, 1.5):
        one_shot("bootstrap", panel, "--cluster", "city", "--confidence", value, expect=64)
    for extra, hint in ((["--enumerate", "--replicates", 50], "--replicates is not used"), (["--enumerate", "--seed", 5], "--seed is not used"),
                        (["--draws", "--format", "csv"], "--draws is not used")):
        done = one_shot("bootstrap", panel, "--cluster", "prov", *extra)
        check(hint in done.stderr, f"{extra}: {done.stderr}")
    one_shot("bootstrap", panel, "--cluster", "city", "--replicates", 1, expect=64)
    one_shot("bootstrap", panel, "--cluster", "city", "--replicates", 5, "--seed", 2**64 - 1)
    for seed in (2**64, "-1", "1.5", "one"):
        check("is no seed" in one_shot("bootstrap", panel, "--cluster", "city", "--seed", seed, expect=64).stderr, f"seed {seed}")
    call("synth", "-o", panel.parent / "no.csv", "--seed", 2**64, expect=64)
    done = one_shot("group-difference", panel, "--term", "x", "--group", "provv", expect=65)
    check('did you mean "prov"' in done.stderr, done.stderr)
    one_shot("group-difference", panel, "--term", "x", "--group", "provv > 1", expect=64)
    residual = one_shot("bootstrap", panel, "--method", "residual", "--replicates", 9).stdout
    check("no cluster can be left out" in residual and "leaving out each" not in residual, residual)
    one = one_shot("bootstrap", panel, "--method", "wild-cluster", "--cluster", "treated", "--where", "year < 2007", expect=65).stderr
    check("only one cluster" in one and "--vcov" not in one, one)


def check_placebo(panel):
    formula = "y ~ treated + w | city + year"
    base = ["--treatment", "treated", "--within", "prov"]
    done = json.loads(one_shot("placebo", panel, *base, "--format", "json", formula=formula).stdout)
    check(done["enumerated"] and done["replicates"] == 625 and done["seed"] is None, f"{done}")
    check(done["p_value"] == done["p_share"] >= 1 / 625, "an enumerated p is a share")
    drawn = json.loads(one_shot("placebo", panel, *base, "--replicates", 99, "--format", "json", formula=formula).stdout)
    check(not drawn["enumerated"] and drawn["replicates"] == 99 and drawn["seed"] == 1, f"{drawn}")
    for tail, count in (("p_lower", "n_lower"), ("p_upper", "n_upper")):
        check(drawn[tail] == (drawn[count] + 1) / 100, f"{tail}: {drawn}")
    same = json.loads(one_shot("placebo", panel, *base, "--compat", "ritest", "--method", "trajectory", "--format", "json",
                               formula=formula).stdout)
    check(not same["enumerated"] and same["p_lower"] == same["n_lower"] / 999, f"{same}")
    lead = json.loads(one_shot("placebo", panel, "--treatment", "treated", "--method", "in-time", "--format", "json",
                               formula=formula).stdout)
    check(lead["p_exact"] is None and lead["p_share_std_error"] is None and lead["p_share_conf"] == [None, None], f"{lead}")
    text = one_shot("placebo", panel, "--treatment", "treated", "--method", "in-time", formula=formula).stdout
    check("95 % interval" not in text and "the leads are no draws" in text, text)
    # One city has years of its own and keeps its treatment.
    fixed = one_shot("placebo", panel, "--treatment", "x", "--where", 'year > 2001 or city is not "c03"').stdout
    check("1 of 20 units have nothing to change places with" in fixed, fixed)


def check_off_centre(folder):
    """x and y grow in half of the cities, which are observed in the late years only; paths move among them."""
    rng = np.random.default_rng(9)
    lines = ["city,year,y,x"]
    for city in range(30):
        for year in range(2001, 2011):
            late = year - 2000 if city % 2 else 0
            x = late + 0.3 * rng.normal()
            if late == 0 or year > 2005:
                lines.append(f"{city},{year},{x + 0.3 * rng.normal() + 0.1 * rng.normal():.6f},{x:.6f}")
    panel = folder / "late.csv"
    panel.write_text("\n".join(lines) + "\n")
    text = one_shot("placebo", panel, "--treatment", "x", formula="y ~ x | city + year").stdout
    check("draws are centred at" in text, text)


def check_study(folder):
    study, output = folder / "words.toml", folder / "words.h5"
    study.write_text(STUDY + STAGES)
    plan = {stage["stage"]: stage["units"] for stage in json.loads(call("plan", study, "--format", "json").stdout)["stages"]}
    done = call("run", study, "-o", output, "--progress", "plain")
    for stage, count in COUNTS.items():
        check(plan[stage] == count, f"plan: {stage} {plan[stage]}, not {count}")
        check(f"{stage}: {count} unit" in done.stderr, f"{stage} is not {count}: {done.stderr}")
    check("bootstrap.signs: 4 clusters have only 16" in done.stderr and 'weights webb' in done.stderr, done.stderr)
    with h5py.File(output, "r") as file:
        check({name for name, group in file["bootstrap"].items() if "seed" in group.attrs} == set(), "seed of what is enumerated")
        check({name for name, group in file["placebo"].items() if "seed" in group.attrs} == {"many"}, "seed of placebos")
    shown = " ".join(call("show", output, "bootstrap").stdout.split())
    check("p with ties" in shown and "no p is below 0.125" in shown and "seed" not in shown, shown)
    placebo = " ".join(call("show", output, "placebo").stdout.split())
    check("many: trajectory in regression main, SE clustered by city, t compared, seed 7" in placebo
          and "few: trajectory within prov in regression policy, SE clustered by city, t compared, every permutation" in placebo
          and "time: in-time in regression policy, SE clustered by city, t compared, fake adoptions" in placebo, placebo)


def check_refusals(folder):
    study = folder / "refused.toml"
    head = '\n[mediation.m]\nregression = "main"\ntreatment = "x"\nmediator = "w"\n'
    cases = ((head, "already in regression.main"),
             ('\n[placebo.p]\nregression = "main"\ntreatment = "x"\nmethod = "within-time"\nenumerate = true\n', "different permutations"),
             ('\n[bootstrap.b]\nregression = "main"\nmethod = "wild-cluster"\ncluster = "city"\nterms = ["q"]\n', "no coefficient of \"q\""))
    for text, hint in cases:
        study.write_text(STUDY + text)
        for command in (["plan", study], ["run", study, "-o", folder / "refused.h5", "--progress", "none"]):
            done = call(*command, expect=78)
            check(hint in done.stderr, f"{hint}: {done.stderr}")
    # Only the run knows that the resamples are too many.
    study.write_text(STUDY + '\n[bootstrap.b]\nregression = "main"\ncluster = "city"\nenumerate = true\n')
    call("run", study, "-o", folder / "refused.h5", "--progress", "none", expect=78)


def check_instruments(folder, panel):
    """A study's placebo of 2SLS is the one-shot's."""
    study, output = folder / "iv.toml", folder / "iv.h5"
    study.write_text(STUDY + '[regression.iv]\nformula = "y ~ w | city + year | x ~ l(x, 1)"\n[placebo.iv]\nregression = "iv"\n'
                     'treatment = "x"\nreplicates = 50\n')
    call("run", study, "-o", output, "--progress", "none")
    shown = json.loads(one_shot("placebo", panel, "--treatment", "x", "--replicates", 50, "--seed", 7, "--draws", "--format", "json",
                                formula="y ~ w | city + year | x ~ l(x, 1)").stdout)
    with h5py.File(output, "r") as file:
        group = file["placebo/iv"]
        check(list(group["draw"][()]) == [d["estimate"] for d in shown["draws"]], "draws of 2SLS")
        check(list(group["draw_std_error"][()]) == [d["std_error"] for d in shown["draws"]], "their errors")
        check(group.attrs["p_value"] == shown["p_value"], "p of 2SLS")
    study.write_text(study.read_text().replace('treatment = "x"', 'treatment = "w"'))
    check("one endogenous regressor" in call("plan", study, expect=78).stderr, "an exogenous treatment")
    one_shot("placebo", panel, "--treatment", "w", formula="y ~ w | city + year | x ~ l(x, 1)", expect=64)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        panel = folder / "panel.csv"
        write_panel(panel)
        check_few_clusters(panel)
        check_options(panel)
        check_placebo(panel)
        check_off_centre(folder)
        check_study(folder)
        check_refusals(folder)
        check_instruments(folder, panel)
    print("bootstraps and placebo tests say what their numbers are worth")
    return 0


if __name__ == "__main__":
    sys.exit(main())
