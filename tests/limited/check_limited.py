#!/usr/bin/env python3
"""Published tobit output, and models for limited outcomes through the command line and a study."""
import csv
import json
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SHARED = os.environ.get("GREENFRONT_SHARED", "../shared")
PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "build/release/greenfront")
AUTO = os.path.join(SHARED, "data", "panel-cases", "auto.csv")


def call(words, expect=0):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, timeout=120)
    if done.returncode != expect:
        sys.exit(f"{' '.join(words)}\nexit {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}")
    if expect != 0 and done.stdout:
        sys.exit(f"{' '.join(words)}: an error printed on standard output")
    return done


def check(condition, message):
    if not condition:
        sys.exit(message)


# Stata's tobit of mpg on weight in 1,000 pounds, N = 74: b, constant, variance of the error, log likelihood,
# LR chi2, pseudo R2, left-censored, uncensored, right-censored, with their printed digits. The figures are second-hand:
# as the tests of an open-source port of Stata's commands record them ("from actual Stata runs"). For ul(24) the log
# likelihood, chi2 and pseudo R2 also stand in a published Stata log (learneconometrics.com, class/stata/tobit.txt).
# Standard errors are not among them; those are compared with the twin.
STATA = {
    (17, None): ("-6.87305", "41.49856", "14.78942", "-164.25438", "72.85", "0.1815", 18, 56, 0),
    (None, 24): ("-5.080645", "36.08037", "5.689927", "-129.8279", "90.72", "0.2589", 0, 51, 23),
    (17, 24): ("-5.764448", "38.07469", "8.330943", "-104.25976", "77.60", "0.2712", 18, 33, 23),
}


def printed(what, got, want):
    """`got` rounded to the digits of `want`."""
    digits = len(want.partition(".")[2])
    check(f"{got:.{digits}f}" == want, f"{what}: {got} is not printed as {want}")


def published(folder):
    with open(AUTO) as file:
        rows = [(float(r["mpg"]), float(r["weight"]) / 1000) for r in csv.DictReader(file)]
    for (lower, upper), want in STATA.items():
        path = os.path.join(folder, "auto.csv")
        with open(path, "w") as file:
            file.write("mpg,wgt\n")
            for mpg, weight in rows:
                mpg = mpg if lower is None else max(mpg, lower)
                mpg = mpg if upper is None else min(mpg, upper)
                file.write(f"{mpg},{weight!r}\n")
        flags = [] if lower is None else ["--lower", str(lower)]
        flags += [] if upper is None else ["--upper", str(upper)]
        got = json.loads(call(["regress", path, "mpg ~ wgt", "--model", "tobit", "--format", "json", *flags]).stdout)
        label = f"tobit mpg wgt, {lower} {upper}"
        printed(label, got["terms"][0]["estimate"], want[0])
        printed(label, got["terms"][1]["estimate"], want[1])
        printed(label, got["sigma"]["estimate"] ** 2, want[2])
        printed(label, got["log_likelihood"], want[3])
        printed(label, got["chi2"]["statistic"], want[4])
        printed(label, got["pseudo_r2"], want[5])
        check(list(got["counts"].values()) == list(want[6:]), f"{label}: {got['counts']}")


def panel(folder):
    random = np.random.default_rng(3)
    path = os.path.join(folder, "panel.csv")
    with open(path, "w") as file:
        file.write("city,year,score,share,x,z\n")
        for city in range(40):
            for year in range(2011, 2015):
                x, z = random.normal(size=2)
                y = max(1.0, 1.2 + 0.3 * x - 0.1 * z + 0.4 * random.normal())
                file.write(f"c{city},{year},{y},{1 / y},{x},{z}\n")
    return path


def refusals(folder, path):
    tobit = ["--model", "tobit"]
    for expect, words, parts in (
        (64, ["score ~ x", *tobit], ["--lower", "--upper"]),
        (64, ["score ~ x", "--lower", "1"], ["truncated and tobit"]),
        (64, ["share ~ x", "--model", "fractional-logit", "--upper", "1"], ["fractional-logit"]),
        (64, ["score ~ x", "--model", "tobbit", "--lower", "1"], ["tobit"]),
        (64, ["score ~ x", *tobit, "--lower", "2", "--upper", "1"], ["not below"]),
        (64, ["score ~ x", *tobit, "--lower", "nan"], ["finite"]),
        (64, ["score ~ x", *tobit, "--lower", "1", "--ssc", "fixest"], ["--ssc"]),
        (64, ["score ~ x", *tobit, "--lower", "1", "--aweights", "z"], ["--aweights z: model tobit takes no weights"]),
        (64, ["score ~ x", *tobit, "--lower", "1", "--fweights", "year"], ["--fweights year: model tobit takes no weights"]),
        (64, ["score ~ x", *tobit, "--lower", "1", "--test", "x"], ["--test is for linear regressions"]),
        (64, ["score ~ x", *tobit, "--lower", "1", "--vif"], ["--vif is for linear regressions"]),
        (64, ["score ~ x", *tobit, "--lower", "1", "--estimator", "liml"], ["--estimator is for linear regressions"]),
        (64, ["score ~ x", *tobit, "--lower", "1", "--vcov", "hc3"], ["vcov \"hc3\" is not available with model tobit"]),
        (64, ["score ~ x | 0 | z ~ year", *tobit, "--lower", "1"], ["instruments"]),
        (64, ["score ~ x | city[z]", *tobit, "--lower", "1"], ["city[z]"]),
        (65, ["score ~ x", *tobit, "--lower", "1.1"], ["panel.csv", "record", "score", "below"]),
        (65, ["score ~ x", "--model", "fractional-logit"], ["above", "record"]),
        (65, ["score ~ x", *tobit, "--lower", "1", "--where", "score == 1"], ["no uncensored row"]),
    ):
        message = call(["regress", path, *words], expect).stderr
        check(all(part in message for part in parts), f"{words}: {message}")
    # The first row of the file is named, and it is the one.
    with open(path) as file:
        scores = [float(row["score"]) for row in csv.DictReader(file)]
    first = next(i for i, score in enumerate(scores) if score < 1.1) + 1
    message = call(["regress", path, "score ~ x", "--unit", "city", "--time", "year", *tobit, "--lower", "1.1"], 65).stderr
    check(f"record {first}," in message, f"record {first} is the first below 1.1: {message}")


def study(folder, path):
    text = f"""name = "second"
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[regression.linear]
formula = "score ~ x + z"
[regression.tobit]
formula = "score ~ x + z | year"
model = "tobit"
lower = 1
vcov = "cluster:city"
[regression.truncated]
formula = "score ~ x + z"
model = "truncated"
lower = 1
"""
    file = os.path.join(folder, "study.toml")
    with open(file, "w") as out:
        out.write(text)
    output = os.path.join(folder, "results.h5")
    call(["run", file, "-o", output, "--progress", "none"])
    words = ["regress", path, "score ~ x + z | year", "--model", "tobit", "--lower", "1", "--vcov", "cluster:city",
             "--unit", "city", "--time", "year"]
    want = json.loads(call([*words, "--format", "json"]).stdout)
    with h5py.File(output) as results:
        group = results["regression/tobit"]
        check([t["estimate"] for t in want["terms"]] == list(group["estimate"][()]), "estimates differ from regress")
        check([t["std_error"] for t in want["terms"]] == list(group["std_error"][()]), "standard errors differ")
        for row, effects in enumerate(want["marginal_effects"]):
            check([t["std_error"] for t in effects["terms"]] == list(group["margin_std_error"][row]), "margins differ")
        check(group.attrs["log_likelihood"] == want["log_likelihood"], "log likelihood")
        check(group.attrs["n_at_lower"] == want["counts"]["left_censored"], "censored rows")
        check(np.isinf(group.attrs["upper"]), "no upper limit")
    table = call(["show", output, "regression"]).stdout
    for word in ("Pseudo R2", "Sigma", "Log likelihood", "tobit", "truncated", "Fixed effects: year"):
        check(word in table, f"show regression has no {word}:\n{table}")
    detail = call(["show", output, "regression/tobit"]).stdout
    for word in ("observed", "latent", "Wald chi2(2)", "rows at the lower limit"):
        check(word in detail, f"show regression/tobit has no {word}:\n{detail}")
    csv_rows = call([*words, "--format", "csv"]).stdout.splitlines()
    check(any(row.startswith("marginal_observed,x,") for row in csv_rows), "csv has no marginal effects")
    check("Tobit regression" in call(words).stdout, "no table")
    # What uses the coefficients of a linear model refuses the tobit by its key.
    refusal = "needs a linear regression, model ols; this one has model tobit"
    for key, stage in (("bootstrap.b", 'regression = "tobit"\ncluster = "city"\n'),
                       ("placebo.p", 'regression = "tobit"\ntreatment = "x"\n'),
                       ("mediation.m", 'regression = "tobit"\ntreatment = "x"\nmediator = "z"\n'),
                       ("sweep.s", 'regression = "tobit"\n'),
                       ("regression.grouped.group", 'formula = "score ~ x"\nmodel = "tobit"\nlower = 1\ngroup = "city"\n')):
        with open(file, "w") as out:
            out.write(text + f"[{'.'.join(key.split('.')[:2])}]\n{stage}")
        message = call(["plan", file], 78).stderr
        check(any(line.find(f"{key}: ") >= 0 and refusal in line for line in message.splitlines()),
              f"{key} does not refuse a tobit: {message}")
    for extra, word in (('aweights = "z"', "aweights z: model tobit takes no weights"),
                        ('fweights = "year"', "fweights year: model tobit takes no weights"),
                        ('tests = ["x,z"]', "tests are for linear regressions")):
        with open(file, "w") as out:
            out.write(text.replace('vcov = "cluster:city"', f'vcov = "cluster:city"\n{extra}'))
        message = call(["plan", file], 78).stderr
        check(f"regression.tobit: {word}" in message, f"{extra} of a tobit is not refused: {message}")
    with open(file, "w") as out:
        out.write(text.replace("lower = 1\nvcov", "vcov"))
    check("lower" in call(["plan", file], 78).stderr, "a tobit without a limit is not refused")


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = panel(folder)
        refusals(folder, path)
        study(folder, path)
        if not os.path.exists(AUTO):
            print(f"SKIPPED published output: {AUTO} is absent")
            return 77
        published(folder)
    print("published output, refusals and a study agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
