#!/usr/bin/env python3
"""Regressions of a study beyond the plain ones: groups, mediation, estimators; and what `regress` refuses.

The panel is made here; coefficients are compared with those of `regress --where` on each group, differences and
indirect effects with a least-squares computation on explicit dummies.
"""
import csv
import json
import math
import sys
import tempfile
from pathlib import Path

import numpy as np

from program import attributes, call, check, datasets

STUDY = """
name = "effects"
seed = 3

[panel]
file = "panel.csv"
unit = "city"
time = "year"

[regression.main]
formula = "y ~ x + w | city + year"
vcov = "cluster:city"

[regression.kinds]
formula = "y ~ x + w | city + year"
vcov = "cluster:city"
group = "kind"

[regression.wealth]
formula = "y ~ x + w | city + year"
vcov = "cluster:city"
group = "rich"
split = "median"
difference = "suest"

[regression.liml]
formula = "y ~ w | city + year | x ~ z1 + z2"
vcov = "cluster:city"
estimator = "liml"

[regression.iv]
formula = "y ~ w | city + year | x ~ z1 + z2"
vcov = "cluster:city"

[regression.iv_kinds]
formula = "y ~ w | city + year | x ~ z1"
vcov = "cluster:city"
group = "rich > 0 and x > -1e9"

[mediation.energy]
regression = "main"
treatment = "x"
mediator = "m"
cluster = "city"
replicates = 99

[regression.weighted]
formula = "y ~ x + w | city + year"
vcov = "cluster:city"
aweights = "people"
tests = ["x,w"]

[regression.weighted_kinds]
formula = "y ~ x + w | city + year"
vcov = "hc3"
aweights = "people"
group = "kind"

[mediation.weighted_energy]
regression = "weighted"
treatment = "x"
mediator = "m"
"""
# Each is refused by `plan`, with its key and these words.
REFUSED = (
    ('[bootstrap.b]\nregression = "weighted"\ncluster = "city"', "bootstrap.b: a bootstrap of a regression with weights"),
    ('[placebo.p]\nregression = "weighted"\ntreatment = "x"', "placebo.p: a placebo test of a regression with weights"),
    ('[mediation.m]\nregression = "weighted"\ntreatment = "x"\nmediator = "m"\ncluster = "city"',
     "mediation.m: a bootstrap of a regression with weights"),
    ('[regression.s]\nformula = "y ~ x | city"\ngroup = "kind"\ndifference = "suest"\nfweights = "fixed"',
     "regression.s.difference: suest takes no weights"),
    ('[regression.s]\nformula = "y ~ x | city"\ngroup = "kind"\ndifference = "suest"\nvcov = "hc3"',
     "not vcov hc3"),
    ('[regression.s]\nformula = "y ~ x | city"\naweights = "people"\nfweights = "fixed"', "weights of one kind"),
    ('[regression.s]\nformula = "y ~ x | city"\nsplit = "median"', "regression.s: split and difference belong to group"),
    ('[regression.s]\nformula = "y ~ x | city"\ngroup = "kinds"', "regression.s.group: "),
    ('[regression.s]\nformula = "y ~ x | city"\ngroup = "kind +"', "regression.s.group: "),
    ('[regression.s]\nformula = "y ~ w | city | x ~ z1"\ngroup = "kind"\nestimator = "liml"', "compared by 2sls only"),
    ('[regression.s]\nformula = "y ~ w | city | x ~ z1"\ngroup = "kind"\ndifference = "suest"',
     "regression.s.difference: a suest-type comparison"),
    ('[mediation.n]\nregression = "main"\ntreatment = "x"\nmediator = "m"\nreplicates = 9',
     "mediation.n.replicates: a bootstrap needs cluster"),
    ('[regression.s]\nformula = "y ~ x | city"\naweights = "poeple"', "regression.s.aweights: "),
    ('[regression.s]\nformula = "y ~ x | city"\ntests = ["x,w"]', 'regression.s.tests: "w" is no term'),
    ('[regression.s]\nformula = "y ~ x | city"\nvcov = "conley:people,nowhere,5"', "regression.s.vcov: "),
)


def make_panel(path):
    random = np.random.default_rng(11)
    rows = []
    for city in range(40):
        level, kind, wealth = random.normal(), city % 2, random.normal()
        for year in range(2010, 2018):
            z1, z2, w = random.normal(size=3)
            x = 0.5 * z1 + 0.4 * z2 + level + random.normal()
            m = 0.6 * x + 0.3 * w + random.normal()
            y = (0.8 + 0.7 * kind) * x + 0.5 * m - 0.2 * w + level + random.normal()
            rows.append([f"C{city:02d}", year, y, x, w, m, z1, z2, "coast" if kind else "inland", wealth, city,
                         1.0 + city % 3 + year % 2, "a/b" if kind else "a_b"])
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["city", "year", "y", "x", "w", "m", "z1", "z2", "kind", "rich", "fixed", "people", "alike"])
        writer.writerows([[repr(float(c)) if isinstance(c, float) else c for c in row] for row in rows])
    return rows


def near(what, got, want, tolerance=1e-9):
    check(math.isclose(got, want, rel_tol=tolerance), f"{what}: {got!r} instead of {want!r}")


def one_shot(panel, formula, *flags):
    done = call("regress", panel, formula, "--format", "json", *flags)
    result = json.loads(done.stdout)
    return {t["term"]: t for t in result["terms"]}, result


def check_groups(panel, values, facts):
    cluster = ("--vcov", "cluster:city")
    for label in ("coast", "inland"):
        terms, _ = one_shot(panel, "y ~ x + w | city + year", *cluster, "--where", f'kind is "{label}"')
        for j, term in enumerate(("x", "w")):
            near(f"{label} {term}", values[f"regression/kinds.{label}/estimate"][j], terms[term]["estimate"])
            near(f"{label} {term} se", values[f"regression/kinds.{label}/std_error"][j], terms[term]["std_error"])
    difference = values["difference/kinds/difference"][0]
    near("difference", difference, values["regression/kinds.coast/estimate"][0]
         - values["regression/kinds.inland/estimate"][0])
    near("F", values["difference/kinds/statistic"][0],
         (difference / values["difference/kinds/difference_std_error"][0]) ** 2)
    check(values["difference/kinds/p_value"][0] < 0.01, "the groups differ by construction")
    check(values["difference/kinds/df2"][0] == 39, "F of the interacted regression has the clusters of both groups")
    # suest on cities: variances of the groups add, one factor 40/39 in place of each group's own.
    variance = 0
    for label in ("low", "high"):
        group = facts[f"regression/wealth.{label}/small_sample_factor"]
        variance += values[f"regression/wealth.{label}/std_error"][0] ** 2 / group
    near("suest", values["difference/wealth/difference_std_error"][0] ** 2, variance * 40 / 39, 1e-8)


def check_mediation(values, facts):
    a, b, c, direct = values["mediation/energy/estimate"]
    sa, sb, _, _ = values["mediation/energy/std_error"]
    near("c = c' + a b", c, direct + a * b, 1e-10)
    near("a", a, values["regression/energy.mediator/estimate"][0])
    near("total", c, values["regression/main/estimate"][0])
    near("Sobel", values["mediation/energy/indirect_std_error"][0], math.sqrt(a * a * sb * sb + b * b * sa * sa))
    near("share", facts["mediation/energy/share"], a * b / c)
    draws = values["mediation/energy/draw"]
    check(len(draws) == 99 and np.isfinite(draws).all(), "99 draws of the indirect effect")
    near("bootstrap error", facts["mediation/energy/bootstrap_std_error"], np.std(draws, ddof=1))
    check(facts["mediation/energy/percentile_low"] < a * b < facts["mediation/energy/percentile_high"],
          "the interval holds the estimate")
    check(0.5 < np.std(draws, ddof=1) / values["mediation/energy/indirect_std_error"][0] < 2,
          "bootstrap and Sobel errors are of the same size")


def check_weights(results, panel, values, facts):
    weights = ("--aweights", "people")
    terms, result = one_shot(panel, "y ~ x + w | city + year", "--vcov", "cluster:city", *weights, "--test", "x,w")
    for j, term in enumerate(("x", "w")):
        near(f"weighted {term}", values["regression/weighted/estimate"][j], terms[term]["estimate"])
        near(f"weighted {term} se", values["regression/weighted/std_error"][j], terms[term]["std_error"])
        near(f"weighted {term} VIF", values["regression/weighted/vif"][j], result["vif"][term])
    check(facts["regression/weighted/weights"] == "aweights:people" == result["weights"], "the result names its weights")
    check(list(values["regression/weighted/test"]) == [b"x,w"], "the joint test is stored")
    near("joint F", values["regression/weighted/test_f"][0], result["tests"][0]["f"])
    check(abs(terms["x"]["estimate"] / values["regression/main/estimate"][0] - 1) > 1e-6, "weights change the estimate")
    for label in ("coast", "inland"):
        terms, _ = one_shot(panel, "y ~ x + w | city + year", "--vcov", "hc3", *weights, "--where", f'kind is "{label}"')
        near(f"weighted {label}", values[f"regression/weighted_kinds.{label}/estimate"][0], terms["x"]["estimate"])
        near(f"weighted {label} se", values[f"regression/weighted_kinds.{label}/std_error"][0], terms["x"]["std_error"])
    a, b, c, direct = values["mediation/weighted_energy/estimate"]
    near("weighted c = c' + a b", c, direct + a * b, 1e-10)
    near("weighted total", c, values["regression/weighted/estimate"][0])
    shown = call("show", results, "regression").stdout
    for words in ("Weights", "aweights:people", "F: x,w = 0", "Cragg-Donald F", "{8.68}", "Overidentification"):
        check(words in shown, f"show regression has no {words}:\n{shown}")
    detail = call("show", results, "regression/weighted").stdout
    for words in ("Jointly zero", "Variance inflation", "1/VIF", "Weights: aweights:people."):
        check(words in detail, f"show regression/weighted has no {words}:\n{detail}")
    columns = call("export", results, "regression/weighted").stdout.splitlines()[0].split(",")
    check(columns[0] == "term" and "vif" in columns, f"export has no VIF: {columns}")
    rows = call("export", results, "regression/weighted/test").stdout.splitlines()
    check(rows[0] == "test,test_f,test_df1,test_df2,test_p" and rows[1].startswith('"x,w",'), f"exported tests: {rows}")
    check("weights,aweights:people" in call("export", results, "regression/weighted/attributes").stdout.splitlines(),
          "export of attributes has no weights")


def check_first_stages(results, panel, values, facts):
    _, first = one_shot(panel, "y ~ w | city + year | x ~ z1 + z2", "--vcov", "cluster:city", "--first")
    stage, = first["first_stage_regressions"]
    check([t["term"] for t in stage["terms"]] == ["w", "z1", "z2", "_cons"], f"terms of the first stage: {stage['terms']}")
    for name, equation in (("x", stage), ("reduced_form", first["reduced_form"])):
        for j, term in enumerate(equation["terms"]):
            near(f"{name} {term['term']}", values[f"first_stage/iv.{name}/estimate"][j], term["estimate"])
            near(f"{name} {term['term']} se", values[f"first_stage/iv.{name}/std_error"][j], term["std_error"])
    # The first stage alone, as a regression of its own, has the same coefficients.
    alone, _ = one_shot(panel, "x ~ w + z1 + z2 | city + year", "--vcov", "cluster:city", "--ssc", "ivreghdfe")
    for term in stage["terms"]:
        near("alone", term["estimate"], alone[term["term"]]["estimate"])
        near("alone se", term["std_error"], alone[term["term"]]["std_error"])
    near("joint F", stage["tests"][0]["f"], facts["regression/iv/first_stage_f"][0])
    near("Anderson-Rubin F", first["reduced_form"]["tests"][0]["f"], facts["regression/iv/anderson_rubin_f"])
    check(len(facts["regression/iv/effective_f_df"]) == 4 and facts["regression/iv/first_stage_df1"][0] == 2,
          "degrees of freedom of the first stage and of the effective F are stored")
    for group, where in (("no", "rich <= 0"), ("yes", "rich > 0")):
        terms, _ = one_shot(panel, "y ~ w | city + year | x ~ z1", "--vcov", "cluster:city", "--where", where)
        near(f"iv of group {group}", values[f"regression/iv_kinds.{group}/estimate"][1], terms["x"]["estimate"])
        stage, _ = one_shot(panel, "x ~ w + z1 | city + year", "--where", where)
        near(f"first stage of group {group}", values[f"first_stage/iv_kinds.{group}.x/estimate"][1],
             stage["z1"]["estimate"])
    check(facts["regression/iv_kinds.no/difference_term"] == "x", "the difference is that of the endogenous variable")
    shown = call("show", results, "first_stage").stdout
    for words in ("First stages and reduced forms", "iv: first stage", "iv: reduced form", "F: z1,z2 = 0"):
        check(words in shown, f"show first_stage has no {words}")
    detail = call("show", results, "regression/iv").stdout
    for words in ("First-stage F: x", "partial R2", "Effective F", "confidence set", "Stock-Wright S",
                  "Small sample: ivreghdfe", "excluded instruments: z1, z2", "maximal IV size: 19.93"):
        check(words in detail, f"show regression/iv has no {words}")
    shown = call("show", results, "regression", "--stars", "0.05,0.01,0.001", "--below", "t").stdout
    check("t (or z) statistics in parentheses. * p < 0.05, ** p < 0.01, *** p < 0.001." in shown, "the rule of stars")
    check("stars" in call("show", results, "regression", "--stars", "5", expect=64).stderr, "a wrong rule is refused")
    check("energy" in call("show", results, "mediation/energy").stdout
          and "weighted_energy" not in call("show", results, "mediation/energy").stdout, "one mediation alone")
    check("wealth" not in call("show", results, "difference/kinds").stdout, "one difference alone")
    printed = call("regress", panel, "y ~ w | city + year | x ~ z1 + z2", "--first").stdout
    for words in ("First stage of x", "Reduced form of y", "instrumented: x", "included instruments: w",
                  "excluded instruments: z1, z2", "partialled out: city, year", "Anderson-Rubin chi-squared",
                  "Partial R-squared of x", "difference of two Sargan statistics"):
        check(words in printed, f"regress --first prints no {words}")
    refused = call("regress", panel, "y ~ w | city + year | x ~ z1 + z2", "--first", "--format", "csv", expect=64).stderr
    check("--format table or json" in refused, f"--first as CSV: {refused}")
    refused = call("export", results, "regression", "--format", "json", expect=64).stderr
    check("regression is a table of show" in refused, f"a shown table as JSON: {refused}")
    check('  "' not in call("export", results, "regression").stdout, "cells of an exported table have no padding")
    shown = call("show", results, "dea", expect=64).stderr
    check("there is no table" in shown, "no table of a stage that the study has not")
    difference = call("show", results, "difference").stdout
    check("chi2(1)" in difference and "F(1, 39)" in difference and "(s.e.)" in difference, f"differences:\n{difference}")


def check_refusals(folder, panel):
    def refused(code, words, *arguments):
        message = call("regress", panel, *arguments, expect=code)
        check(message.stdout == "", "an error prints nothing on standard output")
        for word in words:
            check(word in message.stderr, f"{arguments}: \"{word}\" is not in: {message.stderr}")

    refused(65, ["fixed is omitted (absorbed by the fixed effects)", "0 excluded instruments"],
            "y ~ w | city | x ~ fixed")
    refused(65, ["w is endogenous and an exogenous regressor"], "y ~ w | city | w ~ z1")
    refused(65, ["x is endogenous and an instrument"], "y ~ w | city | x ~ x")
    refused(65, ["1 excluded instrument for 2 endogenous variables", "fixed is omitted"],
            "y ~ 1 | city | x + m ~ z1 + fixed")
    refused(65, ["2 excluded instruments for 3 endogenous variables"], "y ~ 1 | city | x + m + w ~ z1 + z2")
    refused(65, ["I(2*w) is omitted (collinear with w)"], "y ~ w | city | x ~ I(2*w)")
    refused(65, ["I(3*z1) is omitted (collinear with z1)"], "y ~ w | city | x + m ~ z1 + I(3*z1)")
    refused(64, ["--estimator liml is for formulas with instruments"], "y ~ w | city", "--estimator", "liml")
    refused(64, ["estimator \"gmn\" is not known", "did you mean gmm"], "y ~ w | city | x ~ z1", "--estimator", "gmn")
    # Enough left without them: the result names what was omitted.
    _, result = one_shot(panel, "y ~ w | city | x ~ z1 + I(3*z1) + fixed + I(2*w)")
    reasons = {o["term"]: o["reason"] for o in result["omitted"]}
    check(reasons == {"I(3*z1)": "collinear with z1", "fixed": "absorbed by the fixed effects",
                      "I(2*w)": "collinear with w"}, f"omitted instruments: {reasons}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        panel = Path(folder) / "panel.csv"
        make_panel(panel)
        path = Path(folder) / "study.toml"
        path.write_text(STUDY, encoding="utf-8")
        results = Path(folder) / "results.h5"
        call("run", path, "-o", results)
        values, facts = datasets(results), attributes(results)
        check_groups(panel, values, facts)
        check_mediation(values, facts)
        terms, result = one_shot(panel, "y ~ w | city + year | x ~ z1 + z2", "--vcov", "cluster:city", "--estimator",
                                 "liml")
        near("LIML in a study", values["regression/liml/estimate"][1], terms["x"]["estimate"])
        near("k of LIML", facts["regression/liml/liml_k"], result["iv"]["liml_k"])
        check(result["iv"]["stock_yogo"]["10%"] == 8.68, "LIML has its own critical values")
        shown = call("show", results).stdout
        check("Group difference, p: x" in shown, "the table of regressions has a row for the difference")
        check("inland" in call("show", results, "difference").stdout, "the table of differences names the groups")
        check("sobel" in call("show", results, "mediation").stdout, "the table of mediation has its tests")
        check_weights(results, panel, values, facts)
        check_first_stages(results, panel, values, facts)
        check_refusals(folder, panel)
        for stage, words in REFUSED:
            path.write_text(STUDY + "\n" + stage + "\n", encoding="utf-8")
            message = call("plan", path, expect=78).stderr
            check(words in message, f"{stage}: \"{words}\" is not in: {message}")
        path.write_text(STUDY.replace('group = "kind"', 'group = "alike"', 1), encoding="utf-8")
        done = call("run", path, "-o", results, "--force", expect=78)
        check("regression/kinds.a_b would be stored twice" in done.stderr, f"labels that make one name: {done.stderr}")
        empty = STUDY.replace('group = "kind"', 'group = "kind"\nwhere = "x > -1e9 and (kind is \\"coast\\" or m > 1e9)"')
        path.write_text(empty, encoding="utf-8")
        done = call("run", path, "-o", results, "--force", expect=65)
        check("kind makes 1 group" in done.stderr, f"one group left: {done.stderr}")
    print("groups, mediation, estimators and refusals of a study are as computed here")
    return 0


if __name__ == "__main__":
    sys.exit(main())
