#!/usr/bin/env python3
"""[curve.NAME]: its stages are those that a user would write by hand; /curve and `show RESULTS curve` hold their estimates."""

import itertools
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import call, check

HEAD = """
name = "curves"
[panel]
file = "synth:24x2011-2014"
unit = "city"
time = "year"
[[prepare.interpolate]]
columns = ["wage"]
extrapolate = true
[dea.eff]
inputs = ["labour", "electricity"]
good = ["gdp"]
bad = ["co2", "pm25"]
weights = "groups"
winsorize = [2, 98]
[index.quality]
positive = ["students", "wage"]
negative = ["pm25"]
[regression.main]
formula = "eff ~ quality + log(population) | city + year"
where = "quality > 0.01"
"""
CURVES = """
[curve.frontier]
regression = "main"
term = "quality"
dea = "eff"
models = ["sbm", "super-sbm", "super-radial", "ddf", "ddf:strong"]
references = ["global", "window:2"]
returns = ["crs", "vrs"]
[curve.weighting]
regression = "main"
term = "quality"
dea = "eff"
index = "quality"
methods = ["entropy", "critic", "fixed"]
weights = [1, 2, 3]
winsorize = ["off", "5-95"]
"""
OWN = '\nweights = "groups"'


def by_hand():
    """The same stages, one after the other; returns the study and the name of each regression with its term."""
    text, expected = HEAD, {}
    stage = 'inputs = ["labour", "electricity"]\ngood = ["gdp"]\nbad = ["co2", "pm25"]\nslacks = false\n'
    indicators = 'positive = ["students", "wage"]\nnegative = ["pm25"]\n'
    formula = "{} ~ {} + log(population) | city + year"

    def regression(name, outcome, term):
        nonlocal text
        text += f'[regression.{name}]\nformula = "{formula.format(outcome, term)}"\nwhere = "{term} > 0.01"\n'
        expected[name] = term

    models = {"sbm": 'model = "sbm"' + OWN, "super-sbm": 'model = "sbm"\ncombine = true', "super-radial": 'model = "radial"\nsuper = true', "ddf": 'model = "ddf"',
              "ddf:strong": 'model = "ddf"\ndisposability = "strong"'}
    for (model, settings), reference, returns in itertools.product(models.items(), ("global", "window:2"), ("crs", "vrs")):
        part = f"{model.replace('-', '_').replace(':', '')}_{reference.replace(':', '')}_{returns}"
        name = f"h_eff_{part}"
        text += (f'[dea.{name}]\n{stage}{settings}\nreference = "{reference}"\nreturns = "{returns}"\nwinsorize = [2, 98]\n')
        regression(f"frontier_{part}", f"1 / (1 + {name})" if model.startswith("ddf") else name, "quality")
    for method, clipping in itertools.product(("entropy", "critic", "fixed"), ("off", "5-95")):
        clip = "" if clipping == "off" else "winsorize = [5, 95]\n"
        part = clipping.replace("-", "_")
        if method == "entropy":
            text += f"[dea.h_eff_{part}]\n{stage}{OWN}\n{clip}"
        text += f'[index.h_quality_{method}_{part}]\n{indicators}method = "{method}"\n{clip}'
        text += "weights = [1, 2, 3]\n" if method == "fixed" else ""
        regression(f"weighting_{method}_{part}", f"h_eff_{part}", f"h_quality_{method}_{part}")
    return text, expected


def words(values):
    return [v.decode() if isinstance(v, bytes) else v for v in values]


def check_estimates(made, hand, expected):
    with h5py.File(made, "r") as ours, h5py.File(hand, "r") as theirs:
        seen = []
        for curve in ("frontier", "weighting"):
            group = ours["curve"][curve]
            names = words(group["specification"][()])
            check(names[0] == "main", "the first line of a curve is the study's own choice")
            for i, name in enumerate(names):
                term = expected.get(name, "quality")
                regression = theirs["regression"][name]
                at = words(regression["term"][()]).index(term)
                for key in ("estimate", "std_error", "p_value", "conf_low", "conf_high"):
                    check(group[key][i] == regression[key][at], f"{name} {key}: {group[key][i]}, {regression[key][at]}")
                check(group["n"][i] == regression.attrs["n"], f"{name}: n")
            seen += names[1:]
            model = words(group["model"][()])
            if curve == "frontier":
                check(model[0] == "sbm" and model.count("super-radial") == 4 and model.count("ddf") == 8, f"{model}")
                check(words(group["disposability"][()]).count("weak") == 4, "disposability")
            else:
                check(words(group["winsorize"][()]) == ["2-98"] + ["off", "5-95"] * 3, "clipping")
                check(words(group["method"][()])[1::2] == ["entropy", "critic", "fixed"], "methods")
        check(sorted(seen) == sorted(expected), "other specifications than by hand")
        score = ours["dea/frontier_eff_sbm_global_crs/score"][()]
        mean = np.clip(score, *np.percentile(score, [2, 98], method="averaged_inverted_cdf")).mean()
        at = words(ours["curve/frontier/specification"][()]).index("frontier_sbm_global_crs")
        check(abs(ours["curve/frontier/mean_outcome"][at] - mean) < 1e-12, "mean of the outcome")


def check_shown(made):
    lines = call("export", made, "curve").stdout.splitlines()
    with h5py.File(made, "r") as file:
        estimates = np.concatenate([file["curve/frontier/estimate"][()], file["curve/weighting/estimate"][1:]])
    shown = [float(line.split(",")[6].strip('"* ')) for line in lines[1:]]
    check(np.allclose(shown, np.sort(estimates), rtol=1e-3), "the lines are not in the order of the estimates")
    text = " ".join(call("show", made, "curve").stdout.split())
    check(f"{len(estimates)} estimates: median" in text and "super-radial" in text and "ddf weak" in text, text)
    one = call("show", made, "curve/weighting").stdout
    check("7 estimates" in one and "critic" in one and "super" not in one, one)
    check("n from" in text and "own again" not in text, text)
    check("27 estimates" in " ".join(call("show", made, "curve", "--term", "quality").stdout.split()), "--term of curves")
    short, long = call("show", made).stdout, call("show", made, "regression").stdout
    check("stages that curves made are left out" in short and "frontier_ddf_global_vrs" not in short.split("Specification")[0],
          "show without a table")
    check("frontier_ddf_global_vrs" in long, "show regression")
    every = " ".join(call("show", made, "curve", "--term", "log(population)").stdout.split())
    check("27 estimates" in every and "Outcome" in every, every)
    check("no regression" in call("show", made, "curve", "--term", "nothing", expect=64).stderr, "unknown term")
    check("belongs to the table curve" in call("show", made, "dea", "--term", "x", expect=64).stderr, "--term elsewhere")
    check("proved" in call("verify", made).stdout, "verify")


def check_without_estimate(folder):
    """A choice that leaves nothing to explain is a line without an estimate, and the others go on."""
    study, output = folder / "flat.toml", folder / "flat.h5"
    study.write_text(HEAD + '[curve.flat]\nregression = "main"\nterm = "quality"\ndea = "eff"\n'
                     'winsorize = ["1-1.0001", "2-98"]\n')
    done = call("run", study, "-o", output, "--progress", "plain")
    check("regression.flat_1_1_0001: no estimate for the curve" in done.stderr, done.stderr)
    with h5py.File(output, "r") as file:
        group = file["curve/flat"]
        estimate, reason = group["estimate"][()], words(group["reason"][()])
        check(np.isnan(estimate[1]) and estimate[0] == estimate[2], f"{estimate}")
        check(reason[0] == reason[2] == "" and "constant" in reason[1], f"{reason}")
        check("flat_1_1_0001" not in file["regression"], "a regression without an estimate is stored")
    shown = call("show", output, "curve").stdout
    # The third line is the study's own choice again, and counts once.
    check("1 estimates" in shown and "1 choices that are the study's own again" in shown and "1 without an estimate" in shown, shown)


def check_refusals(study):
    changes = (('dea = "eff"\nmodels', 'models', "name it: dea"), ('term = "quality"', 'term = "wages"', "not a regressor"),
               ('"super-radial"', '"super-"', "is not [super-]MODEL"), ('"super-radial"', '"radiant"', "radiant"),
               ('models = ["sbm"', 'models = ["sbm", "sbm"', "a choice stands twice"),
               ('weights = [1, 2, 3]\nwinsorize', 'winsorize', "fixed and weights go together"),
               ('"5-95"', '"5"', "off, or two percentiles"), ('"5-95"', '"95-5"', "0 <= low < high"),
               ('regression = "main"', 'regression = "mian"', "did you mean main?"),
               ('weights = [1, 2, 3]', 'weights = [1, 2]', "2 numbers for 3 indicators"),
               ('["crs", "vrs"]', '["crs", "drs"]', "drs"))
    for old, new, hint in changes:
        check(old in CURVES, old)
        study.write_text(HEAD + CURVES.replace(old, new, 1))
        done = call("plan", study, expect=78)
        check(hint in done.stderr and "frontier" in done.stderr or "weighting" in done.stderr, f"{new}: {done.stderr}")
        check(hint in done.stderr, f"{hint}: {done.stderr}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, made, hand = folder / "curves.toml", folder / "made.h5", folder / "hand.h5"
        text, expected = by_hand()
        study.write_text(text)
        call("run", study, "-o", hand, "--progress", "none")
        check("no [curve.NAME]" in call("show", hand, "curve", expect=64).stderr, "curve without a curve")
        study.write_text(HEAD + CURVES)
        call("run", study, "-o", made, "--progress", "none")
        check_estimates(made, hand, expected)
        check_shown(made)
        check_without_estimate(folder)
        check_refusals(study)
    print(f"{len(expected)} specifications are those of stages written by hand")
    return 0


if __name__ == "__main__":
    sys.exit(main())
