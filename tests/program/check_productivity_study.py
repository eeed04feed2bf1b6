"""Productivity stages of a study: the same numbers as the one-shot's, a column for later stages, tables, plan."""

import csv
import io
import json
import re
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from program import SOURCE, call, check, datasets

PANEL = SOURCE / "scenarios" / "data" / "countries.csv"
COLUMNS = 'inputs = ["capital", "labour", "energy"]\ngood = ["gdp"]\n'
BAD = 'bad = ["co2"]\n'
STAGES = {
    "gml": (BAD + 'measure = "malmquist-luenberger"\n', ["--bad", "co2", "--measure", "malmquist-luenberger"]),
    "ml": (BAD + 'measure = "malmquist-luenberger"\nfrontier = "adjacent"\ncolumn = "technical_change"\n',
           ["--bad", "co2", "--measure", "malmquist-luenberger", "--frontier", "adjacent"]),
    "fgnz": ('measure = "malmquist"\nfrontier = "sequential"\norientation = "input"\ncolumn = "cumulative"\n',
             ["--measure", "malmquist", "--frontier", "sequential", "--orientation", "input"]),
    "rd": ('measure = "malmquist"\nfrontier = "biennial"\ndecomposition = "ray-desli"\n',
           ["--measure", "malmquist", "--frontier", "biennial", "--decomposition", "ray-desli"]),
    "steps": (BAD + 'measure = "luenberger"\nweights = [0, 0, 0, 1, 1]\n',
              ["--bad", "co2", "--measure", "luenberger", "--weights", "0,0,0,1,1"]),
    "drawn": ('measure = "malmquist"\nfrontier = "adjacent"\nreplicates = 40\nconfidence = 0.9\nbandwidth = 0.5\n',
              ["--measure", "malmquist", "--frontier", "adjacent", "--replicates", "40", "--confidence", "0.9",
               "--bandwidth", "0.5", "--seed", "5"]),
}
PARTS = ("index", "efficiency_change", "technical_change", "pure_efficiency_change", "scale_change")


def text(value):
    """An attribute as text, whatever h5py makes of it."""
    return value.decode() if isinstance(value, bytes) else value


def study(extra=""):
    toml = f'name = "growth"\nseed = 5\n[panel]\nfile = "{PANEL}"\nunit = "iso3"\ntime = "year"\n'
    for name, (words, _) in STAGES.items():
        toml += f"\n[productivity.{name}]\n{COLUMNS}{words}"
    toml += f'\n[dea.gap]\n{COLUMNS}model = "radial"\nreturns = "vrs"\ngroups = "region"\n'
    toml += '\n[regression.growth]\nformula = "gml ~ trade_share | iso3 + year"\nvcov = "cluster:iso3"\n'
    toml += '\n[regression.level]\nformula = "log(fgnz) ~ trade_share | iso3 + year"\n'
    return toml + extra


def one_shot(options):
    done = call("productivity", PANEL, "--unit", "iso3", "--time", "year", "--inputs", "capital,labour,energy", "--good",
                "gdp", *options, "--format", "json")
    return json.loads(done.stdout)


def compare(file, name, answer):
    """Every number of the group is the one-shot's, bit by bit."""
    group = file["productivity"][name]
    units = {u.decode(): i for i, u in enumerate(group["unit"][()])}
    times = {int(t): i for i, t in enumerate(group["time"][()])}
    status = text(group["status"].attrs["flag_meanings"]).split()
    seen = np.zeros(group["index"].shape, bool)
    for u in answer["units"]:
        at = units[u["unit"]], times[u["to"]]
        seen[at] = True
        check(status[group["status"][at]] == u["status"], f"{name}: status of {u}")
        for part in PARTS:
            if part not in group:
                check(u[part] is None, f"{name}: {part} is not in the file")
                continue
            value = group[part][at]
            check(u[part] == value or (u[part] is None and np.isnan(value)), f"{name}: {part} {value} of {u}")
    for part in PARTS:
        if part in group:
            check(np.isnan(group[part][()][~seen]).all(), f"{name}: {part} where there is no pair")
    check((group["status"][()][~seen] == -1).all(), f"{name}: status where there is no pair")
    check(int(group.attrs["pairs"]) == len(answer["units"]), f"{name}: number of pairs")
    check(("index_sd" in group) == ("bootstrap" in answer), f"{name}: intervals")
    if "bootstrap" in answer:
        check_intervals(group, answer, units, times)
    return group


def check_intervals(group, answer, units, times):
    """Every number of the bootstrap is the one-shot's."""
    pairs = 0
    for u in answer["units"]:
        at = units[u["unit"]], times[u["to"]]
        check(u["without"] == group["without"][at], f"replicates without an index of {u}")
        for part in PARTS:
            for key, value in u[part + "_interval"].items():
                stored = group[f"{part}_{key}"][at]
                check(value == stored or (value is None and np.isnan(stored)), f"{part} {key} {stored} of {u}")
                pairs += value is not None
    check(pairs > 20000, f"only {pairs} numbers of intervals")
    b, a = answer["bootstrap"], {k: text(v) for k, v in group.attrs.items()}
    for key in ("replicates", "seed", "confidence"):
        check(a[key] == b[key], f"{key}: {a[key]}, {b[key]}")
    check(a["bootstrap"] == b["method"], a["bootstrap"])
    check(a["bootstrap_programs"] == sum(p["programs"] for p in b["periods"]), "programs of the bootstrap")
    for p in b["periods"]:
        check(group["bandwidth"][times[p["to"]]] == p["bandwidth"] == 0.5, f"bandwidth of {p}")
        check(group["bootstrap_units"][times[p["to"]]] == p["units"], f"units of {p}")


def check_stars(shown, group):
    """A star stands where the interval leaves 1 out."""
    low, high = group["index_conf_low"][()], group["index_conf_high"][()]
    stars = int(np.sum((low > 1) | (high < 1)))
    check(0 < stars == sum(line.count("*") for line in shown.splitlines() if not line.startswith("* ")),
          f"{stars} intervals leave 1 out\n{shown}")
    check("* The interval at 90 % leaves out 1: bootstrap of both periods together, 40 replicates, seed 5." in shown, shown)


def check_scores(group, name):
    """Indices again from the stored scores."""
    a = {k: text(v) for k, v in group.attrs.items()}
    score = {k: group[k][()] for k in group if k.startswith("score_")}
    if name in ("gml", "ml"):
        E = {k: 1 / (1 + v) for k, v in score.items()}
    elif name == "steps":
        E = {k: -v for k, v in score.items()}
    else:
        E = {k: 1 / v if a["orientation"] == "output" else v for k, v in score.items()}
    c = (lambda x, y: y - x) if a["comparison"] == "difference" else (lambda x, y: y / x)
    before = lambda x: np.concatenate([np.full((len(x), 1), np.nan), x[:, :-1]], 1)
    if a["frontier"] == "global":
        index = c(before(E["score_global"]), E["score_global"])
    elif a["frontier"] == "biennial":
        index = c(before(E["score_next"]), E["score_before"])
    else:
        index = np.sqrt(c(before(E["score_own"]), E["score_before"]) * c(before(E["score_next"]), E["score_own"]))
    np.testing.assert_allclose(index, group["index"][()], rtol=1e-12, atol=1e-15)
    own = E["score_own_vrs" if name == "rd" else "score_own"]
    np.testing.assert_allclose(c(before(own), own), group["efficiency_change"][()], rtol=1e-12, atol=1e-15)
    mean = np.nanmean(index) if a["comparison"] == "difference" else np.exp(np.nanmean(np.log(index)))
    check(abs(mean - a["mean_index"]) < 1e-12, f"{name}: mean of all indices {mean}, {a['mean_index']}")
    total = group["cumulative"][()]
    steps = np.where(np.isnan(index[:, 1:]), np.nan, index[:, 1:])
    full = ~np.isnan(steps).any(1)
    ends = steps.sum(1) if a["comparison"] == "difference" else steps.prod(1)
    np.testing.assert_allclose(total[full, -1], ends[full], rtol=1e-12, atol=1e-14)
    check(np.all(total[full, 0] == (0 if a["comparison"] == "difference" else 1)), f"{name}: start of the chain")


def check_errors(folder):
    bad = folder / "bad.toml"
    bad.write_text(study('\n[productivity.gap]\n' + COLUMNS + 'measure = "malmquist"\nsuper = true\n'
                         '\n[productivity.other]\n' + COLUMNS + 'measure = "malmquist"\norientation = "none"\n'
                         'where = "trade_shar > 1"\n'))
    errors = call("plan", bad, expect=78).stderr
    gap = folder / "gap.csv"
    lines = PANEL.read_text().splitlines(keepends=True)
    gap.write_text("".join(line for line in lines if not line.startswith("AGO,Angola,") or ",2011," not in line))
    bad.write_text(study('\n[productivity.loss]\n' + COLUMNS + 'measure = "malmquist"\nfrontier = "adjacent"\nreplicates = 9\n')
                   .replace(str(PANEL), str(gap)))
    lost = call("plan", bad, expect=78).stderr
    check("productivity.loss: " in lost and "AGO has a usable row in only one of the periods 2010 and 2011" in lost, lost)
    bad.write_text(study('\n[productivity.few]\n' + COLUMNS + 'measure = "malmquist"\nfrontier = "adjacent"\nreplicates = 1\n'
                         '\n[productivity.pool]\n' + COLUMNS + 'measure = "malmquist"\nreplicates = 9\n'
                         '\n[productivity.lone]\n' + COLUMNS + 'measure = "malmquist"\nbandwidth = 0.4\n'
                         '\n[productivity.sure]\n' + COLUMNS + 'measure = "malmquist"\nfrontier = "adjacent"\nreplicates = 9\n'
                         'confidence = 1\n'))
    messages = call("plan", bad, expect=78).stderr
    for words in ("productivity.few: replicates 1: at least 2 are needed, or 0 for none",
                  "productivity.pool: replicates: the bootstrap draws two periods together and needs frontier adjacent, not global",
                  "productivity.lone: bandwidth: is that of a bootstrap, which replicates asks for",
                  "productivity.sure: confidence must lie between 0 and 1"):
        check(words in messages, f"{words} is not in\n{messages}")
    for words in ("productivity.gap: two stages of this name", "productivity.gap: super: ",
                  "productivity.other: model radial needs an orientation", "productivity.other.where: "):
        check(words in errors, f"{words} is not in\n{errors}")
    bad.write_text(study('\n[productivity.p]\n' + COLUMNS + 'measure = "malmqist"\n'))
    errors = call("plan", bad, expect=78).stderr
    check('did you mean "malmquist"?' in errors, errors)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        path, out = folder / "study.toml", folder / "results.h5"
        path.write_text(study())
        plan = json.loads(call("plan", path, "--format", "json").stdout)
        run = call("run", path, "-o", out, "--progress", "none")
        counts = {entry["stage"]: entry["units"] for entry in plan["stages"]}
        with h5py.File(out) as file:
            for name, (_, options) in STAGES.items():
                answer = one_shot(options)
                group = compare(file, name, answer)
                check_scores(group, name)
                check(counts["productivity." + name] == answer["work"]["programs"] == group.attrs["programs"],
                      f"{name}: planned {counts['productivity.' + name]} programs, {answer['work']}")
            gap = file["dea"]["gap"]
            ratio = gap["score"][()] / gap["score_group"][()]
            np.testing.assert_allclose(gap["technology_gap"][()], np.minimum(ratio, 1), rtol=1e-12)
            words = text(gap["technology_group"].attrs["flag_meanings"])
            check("Sub-Saharan_Africa" in words.split(), words)
            infeasible = int(np.sum(file["productivity/ml/status"][()] == 1))
            n = int(file["regression/growth"].attrs["n"])
            check_stars(call("show", out, "productivity/drawn").stdout, file["productivity/drawn"])
            check(1000 < n < 1494, f"{n} rows with an index and a trade share")
        check(infeasible == 61, f"{infeasible} infeasible pairs")
        shown = call("show", out, "productivity").stdout
        check(re.search(r"ml +all +1494 +1433 ", shown), shown)
        check("Cumulative" in call("show", out, "productivity/fgnz").stdout, "index by unit")
        rows = list(csv.DictReader(io.StringIO(call("export", out, "productivity/gml", "--format", "csv").stdout)))
        check(len(rows) == 1660 and rows[1]["index"] != "" and rows[0]["index"] == "", str(rows[:2]))
        call("verify", out)
        first = datasets(out)
        again = folder / "again.h5"
        call("run", path, "-o", again, "--progress", "none", "--threads", "3")
        for name, values in datasets(again).items():
            same = np.array_equal(values, first[name], equal_nan=np.issubdtype(values.dtype, np.floating))
            check(same, f"{name} depends on threads")
        check_errors(folder)
        check("61 of 1494 pairs (4.1 %) have no index: infeasible" in run.stderr, run.stderr)
    print(f"{len(STAGES)} stages as the one-shot has them; {len(first)} datasets the same with three threads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
