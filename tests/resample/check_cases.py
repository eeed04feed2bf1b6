"""Public reference cases of resampling (kinds pairs, perm, wild, wre and fisher), through the program with --enumerate."""
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "")
SHARED = os.environ.get("GREENFRONT_SHARED", "")
CASES = os.path.join(SHARED, "cases", "panel", "cases.json")


def run(arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return json.loads(done.stdout)


def check(case, name, ours, expected):
    tolerance = case["tolerance"]
    if abs(ours - expected) > tolerance["abs"] + tolerance["rel"] * abs(expected):
        sys.exit(f"{case['id']}: {name} is {ours}, expected {expected}")


def pairs(case, path):
    spec, expected = case["spec"], case["expected"]
    formula = f"{spec['y']} ~ {' + '.join(spec['x'])} | {' + '.join(spec['fe']) or '0'}"
    result = run(["bootstrap", path, formula, "--cluster", spec["cluster"], "--term", spec["test"], "--enumerate",
                  "--draws", "--format", "json"])
    (term,) = result["terms"]
    draws = [d for d in result["draws"][0]["estimate"] if d is not None]
    for name, ours, wanted in (("B", result["replicates"], expected["B"]), ("G", result["clusters"], expected["G"]),
                               ("n_failed", result["infeasible"], expected["n_failed"]),
                               ("n_ok", len(draws), expected["n_ok"])):
        if ours != wanted:
            sys.exit(f"{case['id']}: {name} is {ours}, expected {wanted}")
    used = result["replicates"] - result["infeasible"]
    check(case, "p_value", term["p_value"], term["n_greater"] / used)
    check(case, "mean", float(np.mean(draws)), expected["mean"])
    check(case, "se_n1", term["std_error"], expected["se_n1"])
    check(case, "se_pop", float(np.std(draws)), expected["se_pop"])
    check(case, "p2_5_type2", term["conf_percentile"][0], expected["p2_5_type2"])
    check(case, "p97_5_type2", term["conf_percentile"][1], expected["p97_5_type2"])


def perm(case, path):
    """All assignments of the treated units. Permuted trajectories reach each assignment equally often."""
    spec, expected = case["spec"], case["expected"]
    with open(path, encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    with tempfile.TemporaryDirectory() as folder:
        extended = os.path.join(folder, "did.csv")
        with open(extended, "w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, [*rows[0], "did_"])
            writer.writeheader()
            for row in rows:
                product = float(row[spec["treat"]]) * float(row[spec["post"]])
                writer.writerow({**row, "did_": repr(product)})
        unit, time = spec["fe"]
        formula = f"{spec['y']} ~ {' + '.join(['did_', *spec['x']])} | {unit} + {time}"
        result = run(["placebo", extended, formula, "--unit", unit, "--time", time, "--treatment", "did_",
                      "--enumerate", "--draws", "--format", "json"])
    b = np.array([draw["estimate"] for draw in result["draws"]], float)
    check(case, "b", result["estimate"], expected["b"])
    copies = len(b) / expected["B"]
    if copies != int(copies):
        sys.exit(f"{case['id']}: {len(b)} permutations are not a multiple of {expected['B']} assignments")
    observed = result["estimate"]
    tie = 1e-9 * (1 + abs(observed))
    counts = {"n_greater": (np.abs(b) > abs(observed) + tie).sum(),
              "n_tie": (np.abs(np.abs(b) - abs(observed)) <= tie).sum(),
              "upper": (b > observed + tie).sum(), "lower": (b < observed - tie).sum()}
    for name, wanted in (("n_greater", expected["n_greater"]), ("n_tie", expected["n_tie"]),
                         ("upper", expected["upper"]["n_greater"]), ("lower", expected["lower"]["n_less"])):
        if counts[name] != wanted * copies:
            sys.exit(f"{case['id']}: {name} is {counts[name] / copies}, expected {wanted}")
    t = np.abs([draw["statistic"] for draw in result["draws"]])
    if result["n_extreme"] != int((t >= abs(result["statistic"]) - 1e-7 * (1 + abs(result["statistic"]))).sum()):
        sys.exit(f"{case['id']}: n_extreme does not count the draws")


def wild(case, path):
    spec, expected = case["spec"], case["expected"]
    clusters = spec["cluster"] if isinstance(spec["cluster"], list) else [spec["cluster"]]
    formula = f"{spec['y']} ~ {' + '.join(spec['x'])} | {' + '.join(spec['fe']) or '0'}"
    if "endog" in spec:
        endogenous = spec["endog"] if isinstance(spec["endog"], list) else [spec["endog"]]
        formula += f" | {' + '.join(endogenous)} ~ {' + '.join(spec['inst'])}"
    result = run(["bootstrap", path, formula, "--method", "wild-cluster", "--cluster", "+".join(clusters), "--term",
                  spec.get("test", spec.get("endog")), "--null", str(spec["r"]), "--enumerate", "--format", "json"]
                 + (["--boot-cluster", spec["boot_cluster"]] if "boot_cluster" in spec else [])
                 + ([] if spec.get("impose_null", True) else ["--unrestricted"]))
    (term,) = result["terms"]
    for name, ours, wanted in (("G", result["clusters"], expected["G"]),
                               ("B", result["replicates"] - term["infeasible"], expected["B"]),
                               ("n_greater", term["n_greater"], expected["n_greater"]),
                               ("n_tie", term["n_tie"], expected["n_tie"]),
                               ("upper", term["upper"]["n_greater"], expected["upper"]["n_greater"]),
                               ("upper tie", term["upper"]["n_tie"], expected["upper"]["n_tie"]),
                               ("lower", term["lower"]["n_less"], expected["lower"]["n_less"])):
        if ours != wanted:
            sys.exit(f"{case['id']}: {name} is {ours}, expected {wanted}")
    check(case, "b", term["estimate"], expected["b"])
    # ivregress without `small`, which the case of an IV bootstrap repeats, has no small-sample factor.
    factor = term["small_sample_factor"] if case["kind"] == "wre" else 1
    check(case, "t", term["statistic"] * factor**0.5, expected["t"])
    check(case, "p_strict", term["p_value"], expected["p_strict"])
    check(case, "p_equaltail_strict", term["p_equal_tailed"], expected["p_equaltail_strict"])


def fisher(case, path):
    spec, expected = case["spec"], case["expected"]
    formula = f"{spec['y']} ~ {' + '.join(spec['x'])} | {' + '.join(spec['fe']) or '0'}"
    arguments = ["group-difference", path, formula, "--term", spec["test"], "--group", spec["group"], "--enumerate",
                 "--format", "json"] + (["--unit", spec["unit"]] if "unit" in spec else [])
    result = run(arguments)
    for name, ours, wanted in (("B", result["replicates"] - result["infeasible"], expected["B"]),
                               ("n_greater", result["n_greater"], expected["n_greater"]),
                               ("n_tie", result["n_tie"], expected["n_tie"]),
                               ("upper", result["upper"]["n_greater"], expected["upper"]["n_greater"]),
                               ("upper tie", result["upper"]["n_tie"], expected["upper"]["n_tie"]),
                               ("lower", result["lower"]["n_less"], expected["lower"]["n_less"])):
        if ours != wanted:
            sys.exit(f"{case['id']}: {name} is {ours}, expected {wanted}")
    check(case, "diff", result["difference"], expected["diff"])
    check(case, "p_weak", result["p_value"], expected["p_weak"])
    check(case, "p_bdiff", result["p_one_sided"], expected["p_bdiff"])
    check(case, "p_bdiff", run(arguments + ["--method", "bdiff-compat"])["p_value"], expected["p_bdiff"])


KINDS = {"fisher": fisher, "pairs": pairs, "perm": perm, "wild": wild, "wre": wild}


def main():
    if not os.path.exists(CASES) or not os.path.exists(PROGRAM):
        print(f"SKIPPED: needs {CASES} and the program")
        sys.exit(77)
    with open(CASES, encoding="utf-8") as source:
        cases = json.load(source)
    checked = 0
    for case in cases:
        if case["kind"] not in KINDS:
            continue
        path = os.path.normpath(os.path.join(SHARED, "cases", "panel", case["data"]))
        KINDS[case["kind"]](case, path)
        print(f"passed {case['id']}")
        checked += 1
    if checked == 0:
        sys.exit("no case was checked")


main()
