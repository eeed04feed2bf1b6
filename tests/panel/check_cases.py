#!/usr/bin/env python3
"""The public reference cases of kind ols, iv and error against `greenfront regress --format json`.

A case names its data, a specification in reghdfe's words and expected numbers with a tolerance. Skipped, by
name, where the cases are not at GREENFRONT_SHARED.
"""
import json
import math
import os
import subprocess
import sys

SHARED = os.environ.get("GREENFRONT_SHARED", "../shared")
PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "build/release/greenfront")
CASES = os.path.join(SHARED, "cases", "panel", "cases.json")


def command(case):
    spec = case["spec"]
    effects = []
    for effect in spec["fe"]:
        if "##c." in effect:
            name, slope = effect.split("##c.")
            effects.append(f"{name.replace('#', '^')}[{slope}]")
        elif "#c." in effect:
            name, slope = effect.split("#c.")
            effects.append(f"{name.replace('#', '^')}[[{slope}]]")
        else:
            effects.append(effect.replace("#", "^"))
    formula = f"{spec['y']} ~ {' + '.join(spec['x']) or '1'} | {' + '.join(effects) or '0'}"
    if spec.get("endog"):
        formula += f" | {' + '.join(spec['endog'])} ~ {' + '.join(spec['inst'])}"
    path = os.path.join(os.path.dirname(CASES), case["data"])
    words = [PROGRAM, "regress", path, formula, "--format", "json"]
    if spec["vcov"] == "cluster":
        words += ["--vcov", "cluster:" + "+".join(c.replace("#", "^") for c in spec["cluster"])]
    else:
        words += ["--vcov", spec["vcov"]]
    if not spec["drop_singletons"]:
        words.append("--keep-singletons")
    tests = []
    for column, operator, value in spec.get("subset", []):
        if isinstance(value, str):
            tests.append(f'{column} {"is" if operator == "==" else "is not"} "{value}"')
        else:
            tests.append(f"{column} {operator} {value}")
    if tests:
        words += ["--where", " and ".join(tests)]
    return words


def run(words):
    return subprocess.run(words, capture_output=True, text=True, timeout=300)


class Comparison:
    def __init__(self, tolerance):
        self.tolerance = tolerance
        self.problems = []
        self.count = 0

    def number(self, what, got, expected):
        self.count += 1
        if expected is None or got is None:
            if expected is not got:
                self.problems.append(f"{what}: {got} instead of {expected}")
            return
        near = math.isclose(got, expected, rel_tol=self.tolerance["rel"], abs_tol=self.tolerance["abs"])
        # A p value far in the tail is compared by its logarithm: it amplifies the last digit of t.
        tail = 0 < got < 1e-12 and 0 < expected < 1e-12 and math.isclose(math.log(got), math.log(expected), rel_tol=1e-7)
        if not near and not tail:
            self.problems.append(f"{what}: {got!r} instead of {expected!r}")

    def exact(self, what, got, expected):
        self.count += 1
        if got != expected:
            self.problems.append(f"{what}: {got!r} instead of {expected!r}")


def compare_terms(check, terms, expected, constant):
    for name, want in expected.items():
        if name not in terms:
            check.problems.append(f"no term {name}")
            continue
        got = terms[name]
        for key, field in (("estimate", "b"), ("std_error", "se"), ("statistic", "t"), ("p_value", "p")):
            check.number(f"{name}.{field}", got[key], want[field])
        check.number(f"{name}.ci.low", got["conf_low"], want["ci"][0])
        check.number(f"{name}.ci.high", got["conf_high"], want["ci"][1])
    if constant:
        check.number("_cons.b", terms["_cons"]["estimate"], constant["b"])
        check.number("_cons.se", terms["_cons"]["std_error"], constant["se"])


def compare_common(check, got, want):
    check.exact("n", got["n"], want["N"])
    check.exact("singletons", got["singletons_dropped"], want["num_singletons"])
    check.exact("df_residual", got["df_residual"], want["df_r"])
    check.exact("df_nested", got["df_nested"], want["df_a_nested"])
    check.exact("clusters", list(got["clusters"].values()), want["N_clust"])
    check.exact("omitted", [o["term"] for o in got["omitted"]], want["omitted"])
    table = [[row[k] for k in ("effect", "categories", "redundant", "coefficients", "nested")] for row in got["absorbed"]]
    check.exact("dof table", table, [[row[0].replace("#", "^")] + row[1:] for row in want["dof_table"]])
    for ours, theirs in (("rss", "rss"), ("r2", "r2"), ("within_r2", "r2_within"), ("rmse", "rmse"), ("f_statistic", "F")):
        check.number(ours, got[ours], want[theirs])


def compare_ols(check, case, got):
    want = case["expected"]
    terms = {t["term"]: t for t in got["terms"]}
    compare_common(check, got, want)
    check.exact("df_absorbed", got["df_absorbed"], want["df_a"])
    check.exact("df_model", got["df_model"], want["df_m"])
    check.exact("n_complete", got["n_complete"], want["N_complete"])
    check.exact("repaired", got["variance_repaired"], want["vcv_psd_fix"])
    for ours, theirs in (("tss", "tss"), ("tss_within", "tss_within"), ("adj_r2", "r2_a"),
                         ("within_adj_r2", "r2_a_within"), ("f_p_value", "F_p"), ("small_sample_factor", "dof_adj")):
        if theirs in want:
            check.number(ours, got[ours], want[theirs])
    compare_terms(check, terms, want["coef"], want["_cons"])
    if "fixest" in want:
        done = run(command(case) + ["--ssc", "fixest"])
        other = json.loads(done.stdout)
        terms = {t["term"]: t for t in other["terms"]}
        check.exact("fixest df", other["df_residual"], want["fixest"]["df_t"])
        check.number("fixest factor", other["small_sample_factor"], want["fixest"]["dof_adj"])
        for name, row in want["fixest"]["coef"].items():
            for key, field in (("std_error", "se"), ("statistic", "t"), ("p_value", "p")):
                check.number(f"fixest {name}.{field}", terms[name][key], row[field])


def compare_iv(check, case, got):
    want, iv = case["expected"], got["iv"]
    compare_common(check, got, want)
    check.exact("df_absorbed", got["df_absorbed"], want["absorb_ct"])
    compare_terms(check, {t["term"]: t for t in got["terms"]}, want["coef"], want.get("_cons"))
    check.number("cragg_donald_f", iv["cragg_donald_f"], want["cragg_donald_F"])
    lm = want["kp_rk_lm"] if case["spec"]["vcov"] != "iid" else want["anderson_lm"]
    for ours, theirs in (("statistic", "stat"), ("df", "df"), ("p_value", "p")):
        check.number(f"kp_rk_lm.{ours}", iv["kp_rk_lm"][ours], lm[theirs])
    check.number("kp_rk_wald_f", iv["kp_rk_wald_f"], want.get("kp_rk_wald_F"))
    overid = want["overid"]
    if overid["df"] == 0:
        check.exact("overid", iv["overid"], None)
    else:
        check.exact("overid.test", iv["overid"]["test"], "sargan" if overid["name"] == "Sargan" else "hansen")
        for ours, theirs in (("statistic", "stat"), ("df", "df"), ("p_value", "p")):
            check.number(f"overid.{ours}", iv["overid"][ours], overid[theirs])
    stages = {s["endogenous"]: s for s in iv["first_stage"]}
    for name, stage in want["first_stage"].items():
        check.number(f"first stage {name}.F", stages[name]["f"], stage["F"])
        check.exact(f"first stage {name}.df", [stages[name]["df1"], stages[name]["df2"]], [stage["df1"], stage["df2"]])
        if "SW_F" in stage:
            check.number(f"first stage {name}.SW", stages[name]["sanderson_windmeijer_f"], stage["SW_F"])
    if "anderson_rubin" in want:
        ar = want["anderson_rubin"]
        check.number("anderson_rubin.f", iv["anderson_rubin"]["f"], ar["F"])


def main():
    if not os.path.exists(CASES):
        print(f"SKIPPED panel public cases: {CASES} is not there")
        return 77
    with open(CASES, encoding="utf-8") as file:
        cases = [c for c in json.load(file) if c["kind"] in ("ols", "iv", "error")]
    failed, passed, missing, numbers = [], 0, [], 0
    wanted = set(sys.argv[1:])
    for case in cases:
        if wanted and case["id"] not in wanted:
            continue
        done = run(command(case))
        if "not available in this version" in done.stderr:
            missing.append(case["id"])
            continue
        if case["kind"] == "error":
            if done.returncode == 65 and done.stdout == "" and done.stderr.startswith("greenfront: "):
                passed += 1
                print(f"  {case['id']}: {done.stderr.strip()}")
            else:
                failed.append(f"{case['id']}: exit {done.returncode} instead of an error, {done.stderr.strip()}")
            continue
        if done.returncode != 0:
            failed.append(f"{case['id']}: exit {done.returncode}: {done.stderr.strip()}")
            continue
        check = Comparison(case["tolerance"])
        (compare_ols if case["kind"] == "ols" else compare_iv)(check, case, json.loads(done.stdout))
        numbers += check.count
        if check.problems:
            failed.append(case["id"] + "\n    " + "\n    ".join(check.problems))
        else:
            passed += 1
    print(f"{passed} cases passed with {numbers} numbers compared, {len(failed)} failed, "
          f"{len(missing)} need what this version lacks: {', '.join(missing) or 'none'}")
    for text in failed:
        print("FAILED " + text)
    return 1 if failed or passed == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
