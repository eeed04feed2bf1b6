"""Bootstraps of scores and two-stage analyses of a study: the one-shots' numbers bit by bit, whatever the order of rows and the
threads, a column for later stages, tables, plan, shards, and faults that are named."""

import csv
import json
import re
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np
from program import call, check, datasets, differences

VARIABLES = ["--inputs", "k,l", "--good", "y"]
DEA = {"vrs": 'model = "radial"\nreturns = "vrs"\n',
       "out": 'model = "radial"\norientation = "output"\nreference = "global"\n',
       "late": 'model = "radial"\nreturns = "vrs"\nwhere = "year > 2001"\n',
       "sbm": 'model = "sbm"\nbad = ["b"]\nreference = "global"\n',
       "far": 'model = "ddf"\nbad = ["b"]\nreturns = "vrs"\ndirection_bad = "mean"\n',
       "hull": 'model = "fdh"\nreference = "global"\n',
       "dirty": 'model = "radial"\nbad = ["b"]\nbads_as_inputs = true\n'}
# dea stage, words of the study, options of the one-shot
BOOT = {
    "plain": ("vrs", "", ["--returns", "vrs"]),
    "theta": ("late", 'metric = "theta"\nbandwidth = 0.05\norder = "shrink-reflect"\nconfidence = 0.9\n',
              ["--returns", "vrs", "--metric", "theta", "--bandwidth", "0.05", "--order", "shrink-reflect", "--confidence", "0.9"]),
    "pooled": ("out", 'bandwidth = "rot"\nwinsorize = [5, 95]\n',
               ["--orientation", "output", "--reference", "global", "--bandwidth", "rot"]),
    "bads": ("dirty", "", ["--bad", "b", "--bads-as-inputs"]),
    "joint": ("vrs", 'method = "heterogeneous"\nsmoothing = "logs"\n',
              ["--returns", "vrs", "--method", "heterogeneous", "--smoothing", "logs"]),
    "sub": ("sbm", 'method = "subsample"\nkappa = 0.8\n',
            ["--model", "sbm", "--bad", "b", "--reference", "global", "--method", "subsample", "--kappa", "0.8"]),
    "drawn": ("far", 'method = "subsample"\nrate = 0.3\nreplacement = true\ncluster = "region"\n',
              ["--model", "ddf", "--bad", "b", "--returns", "vrs", "--direction-bad", "mean", "--method", "subsample", "--rate", "0.3",
               "--replacement", "--cluster", "region"]),
}
TESTS = {"constant": ("vrs", "", []), "rising": ("out", 'null = "nirs"\n', ["--orientation", "output", "--reference", "global",
                                                                             "--null", "nirs"])}
APART = {"apart": ("vrs", 'environment = ["u", "w"]\nsplits = 3\n', ["--returns", "vrs", "--environment", "u,w", "--splits", "3",
                                                                        "--bandwidth", "2"]),
         "hulls": ("hull", 'environment = ["w"]\nsplits = 1\n', ["--model", "fdh", "--reference", "global", "--environment", "w",
                                                                 "--splits", "1", "--bandwidth", "2"])}
TWO = {"one": ("vrs", "algorithm = 1\n", ["--returns", "vrs", "--algorithm", "1"]),
       "two": ("out", "algorithm = 2\nreplicates_bias = 11\nconfidence = 0.8\n",
               ["--orientation", "output", "--reference", "global", "--algorithm", "2", "--replicates-bias", "11",
                "--confidence", "0.8"])}
REPLICATES = 40


def make_rows():
    rng = np.random.RandomState(4)
    rows = []
    for city in range(24):
        for year in (2001, 2002, 2003):
            k, l, u, w = np.exp(rng.normal(size=2)).tolist() + rng.normal(size=2).tolist()
            waste = np.exp(abs(rng.normal()) / 4 + 0.2 * max(u, 0))
            rows.append({"city": f"c{city:02d}", "year": year, "region": "nesw"[city % 4] + str(city % 3), "k": k * waste, "l": l * waste,
                         "y": (k * l)**0.4, "b": k**0.5 * waste * np.exp(0.1 * rng.normal()), "u": u, "w": w})
    rows[7]["l"] = ""  # in no technology
    rows[31]["u"] = ""  # in none of a two-stage analysis
    return rows


def write(path, rows):
    with open(path, "w", newline="") as f:
        table = csv.DictWriter(f, rows[0].keys())
        table.writeheader()
        table.writerows(rows)
    return path


def study(panel, extra=""):
    text = f'name = "sure"\nseed = 5\n[panel]\nfile = "{panel}"\nunit = "city"\ntime = "year"\n'
    for name, words in DEA.items():
        text += f'[dea.{name}]\ninputs = ["k", "l"]\ngood = ["y"]\n{words}'
    for name, (dea, words, _) in {**BOOT, **TESTS, **APART}.items():
        test = 'test = "returns"\n' if name in TESTS else 'test = "separability"\nbandwidth = 2\n' if name in APART else ""
        text += f'[boot_dea.{name}]\ndea = "{dea}"\nreplicates = {REPLICATES}\n{test}{words}'
    for name, (dea, words, _) in TWO.items():
        text += f'[two_stage.{name}]\ndea = "{dea}"\nenvironment = ["u", "w"]\nreplicates = {REPLICATES}\n{words}'
    text += '[index.mix]\npositive = ["u", "plain"]\n'
    text += '[regression.later]\nformula = "plain ~ w + sub + mix"\n[regression.clipped]\nformula = "pooled ~ w"\n'
    return text + extra


def one_shot(command, panel, options):
    done = call(command, panel, "--unit", "city", "--time", "year", *VARIABLES, *options, "--replicates", REPLICATES, "--seed", 5,
                "--format", "json")
    return json.loads(done.stdout)


def same(stored, value):
    return stored == value or (value is None and np.isnan(stored))


def words_of(variable):
    meanings = variable.attrs["flag_meanings"]
    return (meanings.decode() if isinstance(meanings, bytes) else meanings).split()


def compare_units(group, answer, names):
    """Every number of every row is the one-shot's, and there is none besides."""
    units = {u.decode(): i for i, u in enumerate(group["unit"][()])}
    times = {int(t): i for i, t in enumerate(group["time"][()])}
    status = words_of(group["status"])
    seen = np.zeros(group["status"].shape, bool)
    for unit in answer["units"]:
        at = units[unit["unit"]], times[unit["time"]]
        code = group["status"][at]
        if code == -1:
            check(unit["status"] == "undefined", f"{group.name}: {unit} is not used")
            continue
        seen[at] = True
        check(status[code] == unit["status"], f"{group.name}: status of {unit}")
        for name, theirs in names.items():
            check(same(group[name][at], unit[theirs]), f"{group.name}: {name} {group[name][at]} of {unit}")
    for name in names:
        check(np.isnan(group[name][()][~seen]).all(), f"{group.name}: {name} where there is no score")
    check(np.all(group["status"][()][~seen] == -1) and seen.sum() > 40, f"{group.name}: {seen.sum()} rows")


def compare_boot(file, name, panel, options):
    group, answer = file["boot_dea"][name], one_shot("boot-dea", panel, options)
    subsampled = "theta" not in answer["units"][0]
    names = {n: n for n in ("corrected", "bias", "sd", "conf_low", "conf_high")}
    names["score"] = "score" if subsampled else "theta"
    if not subsampled:
        names.update(q025="q025", q975="q975")
    if "beyond" in answer["units"][0]:
        names["beyond"] = "beyond"
    if names.get("beyond"):  # rows without a score count nothing there
        for unit in answer["units"]:
            unit["beyond"] = None if unit[names["score"]] is None else unit["beyond"]
    compare_units(group, answer, names)
    technologies = [t.decode() for t in group["technology"][()]]
    check(technologies == ["all" if t["time"] is None else str(t["time"]) for t in answer["technologies"]], str(technologies))
    for key in ("units", "bandwidth", "redrawn", "clusters", "drawn", "programs", "fallbacks"):
        if key in answer["technologies"][0]:
            check(group[key][()].tolist() == [t[key] for t in answer["technologies"]], f"{name}: {key}")
    for key in ("method", "model", "orientation", "returns", "reference", "metric", "order", "smoothing", "cluster", "kappa", "rate",
                "seed", "confidence", "replicates"):
        if key in answer:
            check(group.attrs[key] in (answer[key], str(answer[key]).encode()), f"{name}: {key} {group.attrs[key]} {answer[key]}")
    return group


def compare_test(file, name, panel, options):
    group, answer = file["returns_test"][name], one_shot("boot-dea", panel, [*options, "--test", "returns"])
    for p, test in enumerate(answer["tests"]):
        check(group["technology"][p].decode() == ("all" if test["time"] is None else str(test["time"])), f"{name}: period")
        for key, value in test.items():
            if key != "time":
                check(group[key][p] == value, f"{name}: {key} {group[key][p]} {value}")
    check(len(answer["tests"]) == len(group["technology"]), name)


def compare_apart(file, name, panel, options):
    group, answer = file["separability_test"][name], one_shot("boot-dea", panel, [*options, "--test", "separability"])
    for p, test in enumerate(answer["tests"]):
        check(group["technology"][p].decode() == ("all" if test["time"] is None else str(test["time"])), f"{name}: period")
        for key, value in test.items():
            if key != "time":
                check(np.array_equal(group[key][p], value), f"{name}: {key} {group[key][p]} {value}")
    check(len(answer["tests"]) == len(group["technology"]) and group.attrs["halvings"] == answer["halvings"], name)


def compare_two(file, name, panel, options):
    group, answer = file["two_stage"][name], one_shot("two-stage", panel, ["--environment", "u,w", *options])
    second = answer["algorithm"] == 2
    check(("corrected" in group) == second, f"{name}: corrected")
    compare_units(group, answer, {"delta": "delta", **({"corrected": "corrected"} if second else {})})
    check([t.decode() for t in group["term"][()]] == [t["term"] for t in answer["terms"]], name)
    for t, term in enumerate(answer["terms"]):
        for key in ("estimate", "std_error", "conf_low", "conf_high", "basic_low", "basic_high"):
            check(group[key][t] == term[key], f"{name}: {key} of {term}")
        tail = (1 - answer["confidence"]) / 2
        draws = group["draw"][t][~np.isnan(group["draw"][t])]
        ends = np.quantile(draws, [tail, 1 - tail])
        check(np.allclose(ends, [term["conf_low"], term["conf_high"]], rtol=1e-12), f"{name}: draws of {term['term']}")
    for key in ("infeasible", "n", "efficient_left_out", "programs", "replicates"):
        check(group.attrs[key] == answer[key], f"{name}: {key}")


def check_columns(file):
    """Later stages read the corrected scores, clipped where the stage says so."""
    plain, pooled = file["boot_dea/plain/corrected"][()], file["boot_dea/pooled"]
    check(np.array_equal(file["boot_dea/plain/score"][()], file["dea/vrs/score"][()], equal_nan=True), "scores of the dea stage")
    used = ~np.isnan(plain) & ~np.isnan(file["panel/u"][()])
    check(file["index/mix"].attrs["rows_used"] == used.sum(), "rows of the index")
    known = ~np.isnan(plain) & ~np.isnan(file["boot_dea/sub/corrected"][()]) & used
    check(file["regression/later"].attrs["n"] == known.sum() > 40, f"{known.sum()} rows of the regression")
    values = pooled["corrected"][()]
    bounds = np.percentile(values[~np.isnan(values)], [5, 95], method="averaged_inverted_cdf")
    check(np.allclose(pooled["corrected_winsorized"][()], np.clip(values, *bounds), equal_nan=True, rtol=1e-13), "clipped column")
    w, y = file["panel/w"][()], pooled["corrected_winsorized"][()]
    keep = ~np.isnan(y)
    slope = np.linalg.lstsq(np.c_[w[keep], np.ones(keep.sum())], y[keep], rcond=None)[0][0]
    check(abs(file["regression/clipped/estimate"][0] - slope) < 1e-10, "the regression reads the clipped column")


def check_tables(out):
    shown = call("show", out, "boot_dea").stdout
    check(re.search(r"pooled +all +71 +\d+ ", shown) and "dea.sbm" in shown and "rows of one unit in several" in shown, shown)
    check(re.search(r"c00 +2001 +[01]\.\d{6} ", call("show", out, "boot_dea/plain").stdout), "scores by row")
    shown = call("show", out, "returns_test").stdout
    check(re.search(r"constant +2002 +2\d +crs ", shown) and re.search(r"rising +all +71 +nirs", shown), shown)
    shown = call("show", out, "separability_test").stdout
    check(re.search(r"apart +2002 +2\d ", shown) and re.search(r"hulls +all +71 ", shown) and "environment u, w" in shown, shown)
    shown = call("show", out, "two_stage").stdout
    check(re.search(r"two +sigma ", shown) and "after 11 for the bias" in shown, shown)
    check("Corrected" in call("show", out, "two_stage/two").stdout, "inefficiencies")
    check(re.search(r"pooled +boot_dea +7\d ", call("show", out, "describe").stdout), "description of the column")
    lines = call("export", out, "boot_dea/joint", "--format", "csv").stdout.splitlines()
    check(len(lines) == 73 and lines[0].startswith("unit,time,score,corrected,"), lines[0])


def check_plan(path, file):
    units = {s["stage"]: s for s in json.loads(call("plan", path, "--format", "json").stdout)["stages"]}
    for kind in ("boot_dea", "returns_test", "separability_test", "two_stage"):
        for name, group in file[kind].items():
            stage = units[f"{'boot_dea' if kind.endswith('_test') else kind}.{name}"]
            made = group.attrs["replicates"] + (group.attrs.get("replicates_bias", 0) if kind == "two_stage" else 0)
            check(stage["units"] == made and stage["work"] == "replicates" and stage["seconds"] > 0, str(stage))


def check_shards(folder, panel):
    """A sweep whose regression reads corrected scores: its shards make them, too."""
    path = folder / "swept.toml"
    path.write_text(study(panel, '[lever.more]\noperations = [{ type = "scale", variable = "w", per_unit = 0.01 }]\n'
                          '[sweep.all]\nregression = "later"\ndesign = "grid"\n[[sweep.all.levers]]\nlever = "more"\nintensities = [0, 5]\n'))
    whole, part, merged = folder / "whole.h5", folder / "part.h5", folder / "merged.h5"
    call("run", path, "-o", whole, "--progress", "none")
    call("run", path, "-o", part, "--progress", "none", "--shard", "1/1")
    call("merge", "-o", merged, str(part) + ".parts", "--progress", "none")
    check(not (wrong := differences(datasets(whole), datasets(merged))), f"merged: {wrong}")


def check_errors(folder, panel):
    bad = folder / "bad.toml"
    cases = [
        ('[boot_dea.x]\ndea = "vr"\n', "boot_dea.x.dea: there is no [dea.vr] in this study (did you mean vrs?)"),
        ('[boot_dea.x]\ndea = "sbm"\n', "boot_dea.x.dea: dea.sbm: model: sbm: method homogeneous is for model radial"),
        ('[dea.dirt]\ninputs = ["k"]\ngood = ["y"]\nbad = ["b"]\nmodel = "radial"\n[boot_dea.x]\ndea = "dirt"\n',
         "boot_dea.x.dea: dea.dirt: bad: method homogeneous knows no bad outputs; count them as inputs (bads_as_inputs)"),
        ('[dea.run]\ninputs = ["k"]\ngood = ["y"]\nmodel = "radial"\nreference = "sequential"\n[two_stage.x]\ndea = "run"\n'
         'environment = ["u"]\nalgorithm = 1\n', "two_stage.x.dea: dea.run: reference: sequential: a two-stage analysis scores the rows"),
        ('[boot_dea.x]\ndea = "vrs"\nkappa = 0.5\n', "boot_dea.x: kappa: method homogeneous has no such option"),
        ('[boot_dea.x]\ndea = "vrs"\nmethod = "subsample"\nkappa = 2\n', "boot_dea.x: kappa: must lie above 0"),
        ('[boot_dea.x]\ndea = "vrs"\nbandwidth = "wide"\n', 'boot_dea.x: bandwidth: "wide" is neither sj, rot nor a positive number'),
        ('[boot_dea.x]\ndea = "vrs"\nbandwidth = [1]\n', "boot_dea.x.bandwidth: is a list, but must be a word in quotes or a number"),
        ('[boot_dea.x]\ndea = "vrs"\nmethod = "heterogeneous"\nbandwidth = "rot"\n', "boot_dea.x: bandwidth: rot: a joint density"),
        ('[boot_dea.x]\ndea = "vrs"\nreplicates = 1\n', "boot_dea.x: replicates: 1: at least 2 are needed"),
        ('[boot_dea.x]\ndea = "vrs"\nwinsorize = [9]\n', "boot_dea.x.winsorize: [9] must be two percentiles"),
        ('[boot_dea.x]\ndea = "vrs"\ntest = "returns"\nmetric = "theta"\n', "boot_dea.x: metric: the test of returns has no such option"),
        ('[boot_dea.x]\ndea = "vrs"\ntest = "separabilty"\n', 'boot_dea.x.test: "separabilty" is not known; did you mean "separability"?'),
        ('[boot_dea.x]\ndea = "vrs"\ntest = "separability"\n', "boot_dea.x: environment: name the columns that may move"),
        ('[boot_dea.x]\ndea = "vrs"\ntest = "separability"\nenvironment = ["v"]\n', "boot_dea.x.environment: "),
        ('[boot_dea.x]\ndea = "vrs"\ntest = "separability"\nenvironment = ["u"]\nreplicates = 30\n', "boot_dea.x: replicates: 30 halvings"),
        ('[boot_dea.x]\ndea = "sbm"\ntest = "separability"\nenvironment = ["u"]\n', "boot_dea.x.dea: dea.sbm: model: sbm: the test of"),
        ('[boot_dea.x]\ndea = "vrs"\nenvironment = ["u"]\n', "boot_dea.x: environment: method homogeneous has no such option"),
        ('[boot_dea.out]\ndea = "vrs"\n', "boot_dea.out: two stages of this name would make the same column"),
        ('[boot_dea.x]\ndea = "sbm"\nmethod = "subsample"\ncluster = "area"\n', "boot_dea.x.cluster: "),
        ('[two_stage.x]\ndea = "vrs"\nenvironment = ["v"]\nalgorithm = 1\n', "two_stage.x.environment: "),
        ('[two_stage.x]\ndea = "vrs"\nenvironment = ["u"]\nalgorithm = 3\n', "two_stage.x: algorithm: 3: there is 1 and 2"),
        ('[two_stage.x]\ndea = "vrs"\nenvironment = ["u"]\n', 'two_stage.x: the key "algorithm" is missing'),
        ('[bootstrap.x]\nregression = "later"\nmethod = "joint-cluster"\ncluster = "city"\n',
         "the regression reads boot_dea.plain, which is not estimated again in resamples"),
    ]
    for words, message in cases:
        bad.write_text(study(panel, words))
        errors = call("plan", bad, expect=78).stderr
        check(message in errors, f"{message} is not in\n{errors}")
    bad.write_text(study(panel, '[two_stage.x]\ndea = "vrs"\nenvironment = ["u", "u"]\nalgorithm = 1\n'))
    errors = call("run", bad, "-o", folder / "bad.h5", "--progress", "none", expect=65).stderr
    check("two_stage.x: u: " in errors and "leave this environmental variable out" in errors, errors)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        rows = make_rows()
        panel, late = write(folder / "panel.csv", rows), write(folder / "late.csv", [r for r in rows if r["year"] > 2001])
        path, out = folder / "study.toml", folder / "results.h5"
        path.write_text(study(panel))
        run = call("run", path, "-o", out, "--progress", "plain")
        with h5py.File(out) as file:
            for name, (dea, _, options) in BOOT.items():
                compare_boot(file, name, late if dea == "late" else panel, options)
            for name, (_, _, options) in TESTS.items():
                compare_test(file, name, panel, options)
            for name, (_, _, options) in APART.items():
                compare_apart(file, name, panel, options)
            for name, (_, _, options) in TWO.items():
                compare_two(file, name, panel, options)
            check_columns(file)
            check_plan(path, file)
        check_tables(out)
        check("boot_dea.plain: 1 row without a value" in run.stderr, run.stderr)
        first = datasets(out)
        for name, option in (("threads", ["--threads", "3"]), ("order", ["--set", f"panel.file='{folder}/shuffled.csv'"])):
            if name == "order":
                write(folder / "shuffled.csv", [rows[i] for i in np.random.RandomState(1).permutation(len(rows))])
            call("run", path, "-o", folder / f"{name}.h5", "--progress", "none", *option)
            check(not (wrong := differences(first, datasets(folder / f"{name}.h5"))), f"{name}: {wrong}")
        call("verify", out)
        check_shards(folder, panel)
        check_errors(folder, panel)
    print(f"{len(BOOT)} bootstraps, {len(TESTS) + len(APART)} tests and {len(TWO)} two-stage analyses as the one-shots have them; {len(first)} datasets "
          "the same with other threads and another order of rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
