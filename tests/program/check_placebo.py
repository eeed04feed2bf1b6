#!/usr/bin/env python3
"""Placebo tests through the program: a study's stages give the numbers of the one-shot, fake adoptions in time are
regressions on the rows before adoption, and what cannot be permuted is refused by both."""
import csv
import json
import sys
import tempfile
from pathlib import Path

import numpy as np

from program import attributes, call, check, datasets

STUDY = """
name = "placebo"
seed = 4

[panel]
file = "panel.csv"
unit = "city"
time = "year"

[[prepare.derive]]
name = "twice"
expression = "x * x"

[regression.main]
formula = "y ~ x + w | city + year"
vcov = "cluster:city"

[regression.policy]
formula = "y ~ policy + w | city + year"
vcov = "cluster:city"
"""
STAGES = {  # of a study, and the flags that say the same
    "path": ('treatment = "x"\nreplicates = 40', ()),
    "year": ('treatment = "x"\nmethod = "within-time"\nwithin = "province"\nreplicates = 40',
             ("--method", "within-time", "--within", "province")),
    "city": ('treatment = "x"\nmethod = "within-unit"\nstatistic = "coefficient"\nreplicates = 40',
             ("--method", "within-unit", "--statistic", "coefficient")),
    "stata": ('treatment = "x"\ncompat = "ritest"\nreplicates = 40', ("--compat", "ritest")),
}
REFUSED = (  # lines of a placebo stage, words of the message
    ('regression = "main"\ntreatment = "x"\nmethod = "in-time"\nwithin = "province"', "no groups to stay within"),
    ('regression = "main"\ntreatment = "x"\nmethod = "in-time"\ncompat = "permute"', "in-time does not"),
    ('regression = "main"\ntreatment = "x"\nwithin = "provinz"', "placebo.p.within"),
    ('regression = "squares"\ntreatment = "x"', '"twice" is made from the same column as the treatment "x"'),
    ('regression = "squares"\ntreatment = "twice"', '"x" is made from the same column as the treatment "twice"'),
    ('regression = "product"\ntreatment = "x"', '"x:w" is made from the same column'),
)


def make_panel(path):
    random = np.random.default_rng(12)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["city", "year", "province", "y", "x", "w", "policy"])
        for city in range(24):
            level = random.normal()
            for year in range(2010, 2018):
                x, w = level + random.normal(size=2)
                policy = int(city % 2 == 0 and year >= 2015)
                y = 0.3 * x + 0.2 * w + level + random.normal() + 0.5 * policy
                writer.writerow([city, year, city % 4, repr(y), repr(x), repr(w), policy])


def one_shot(panel, treatment, *flags):
    return json.loads(call("placebo", panel, f"y ~ {treatment} + w | city + year", "--unit", "city", "--time", "year",
                           "--treatment", treatment, "--format", "json", "--draws", *flags).stdout)


def check_in_time(panel):
    result = one_shot(panel, "policy", "--method", "in-time")
    check(result["replicates"] == 4 and result["seed"] is None, "one draw for each of the four leads, nothing random")
    for draw in result["draws"]:
        begin = 2015 - draw["lead"]
        fake = f"fake{begin}"
        with open(panel, encoding="utf-8") as source:
            rows = [row for row in csv.DictReader(source) if int(row["year"]) < 2015]
        path = panel.with_name(fake + ".csv")
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*rows[0], fake])
            writer.writeheader()
            for row in rows:
                writer.writerow({**row, fake: int(int(row["city"]) % 2 == 0 and int(row["year"]) >= begin)})
        fit = json.loads(call("regress", path, f"y ~ {fake} + w | city + year", "--vcov", "cluster:city", "--format",
                              "json").stdout)
        term = fit["terms"][0]
        check(term["term"] == fake, "the fake policy is the first term")
        for key in ("estimate", "std_error", "statistic", "p_value"):
            check(abs(draw[key] - term[key]) < 1e-9 * (1 + abs(term[key])), f"in time, {begin}: {key}")
        check(draw["df"] == fit["df_residual"], "degrees of freedom of the lead")
    refused = call("placebo", panel, "y ~ x + w | city + year", "--unit", "city", "--time", "year", "--treatment", "x",
                   "--method", "in-time", expect=65)
    check("0 before a unit adopts it" in refused.stderr, refused.stderr)


def check_study(panel, folder):
    study = folder / "study.toml"
    text = STUDY + "".join(f'\n[placebo.{name}]\nregression = "main"\n{lines}\n' for name, (lines, _) in STAGES.items())
    text += '\n[placebo.early]\nregression = "policy"\ntreatment = "policy"\nmethod = "in-time"\n'
    study.write_text(text, encoding="utf-8")
    call("run", study, "-o", folder / "results.h5", "--progress", "none")
    values, facts = datasets(folder / "results.h5"), attributes(folder / "results.h5")
    for stream, (name, (_, flags)) in enumerate(STAGES.items()):
        group = f"placebo/{name}"
        result = one_shot(panel, "x", "--replicates", "40", "--seed", "4", *flags)
        for key in ("p_value", "p_share", "p_exact", "n_extreme", "estimate", "std_error"):
            if stream == 0 or key in ("estimate", "std_error"):  # other stages draw from streams of their own
                check(facts[f"{group}/{key}"] == result[key], f"{name}: {key}")
        if stream == 0:
            for key in ("estimate", "std_error", "statistic", "df", "p_value"):
                column = {"estimate": "draw"}.get(key, "draw_" + key)
                check(np.array_equal(values[f"{group}/{column}"], [d[key] for d in result["draws"]]), f"{name}: {column}")
        for key in ("method", "compared", "units", "items", "cells"):
            check(facts[f"{group}/{key}"] == result[key], f"{name}: {key} is {facts[f'{group}/{key}']}, {result[key]}")
    check(list(values["placebo/early/lead"]) == [1, 2, 3, 4], "leads of the study")
    shown = call("show", folder / "results.h5", "placebo").stdout
    for words in ("within-time within province", "p as Stata's ritest", "in-time"):
        check(words in shown, f"show placebo says {words}:\n{shown}")


def check_refused(panel, folder):
    study = folder / "refused.toml"
    more = ('\n[regression.squares]\nformula = "y ~ x + twice | city + year"\n'
            '\n[regression.product]\nformula = "y ~ x + x:w | city + year"\n')
    for lines, words in REFUSED:
        study.write_text(STUDY + more + f"\n[placebo.p]\n{lines}\n", encoding="utf-8")
        message = call("plan", study, expect=78).stderr
        check("placebo.p" in message and words in message, f"{lines}: {message}")
    product = call("placebo", panel, "y ~ x + x:w | city + year", "--unit", "city", "--time", "year", "--treatment", "x",
                   expect=64)
    check("made from the same column" in product.stderr, product.stderr)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        panel = folder / "panel.csv"
        make_panel(panel)
        check_in_time(panel)
        check_study(panel, folder)
        check_refused(panel, folder)


main()
