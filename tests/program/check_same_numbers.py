"""What can be had along several ways is the same along all: tables, CSV and JSON, one-shots and studies, a test between
groups and the regression that it stands for."""
import csv
import io
import json
import os
import random
import re
import subprocess
import sys
import tempfile

import numpy as np

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
KEYS = ["--unit", "city", "--time", "year"]
STUDY = """name = "same"
[panel]
file = "p.csv"
unit = "city"
time = "year"
[dea.numbers]
inputs = ["k", "l"]
good = ["y"]
bad = ["b"]
model = "sbm"
weights = [0.7, 0.3, 0.6, 0.4]
[dea.lists]
inputs = ["k", "l"]
good = ["y"]
bad = ["b"]
model = "sbm"
weights_inputs = [0.7, 0.3]
weights_outputs = [0.6, 0.4]
[regression.base]
formula = "y ~ policy + x + z | city + year"
vcov = "cluster:city"
tests = ["x,z"]
"""


def panel():
    draw = random.Random(5)
    rows = []
    for c in range(24):
        for year in range(2011, 2017):
            k, l = draw.uniform(2, 9), draw.uniform(1, 5)
            rows.append({"city": f"C{c:02}", "year": year, "y": k**0.5 * l**0.4 * draw.uniform(0.5, 1), "x": draw.gauss(0, 1),
                         "z": draw.gauss(0, 1), "k": k, "l": l, "b": draw.uniform(1, 3), "g": c % 2,
                         "policy": int(year >= 2012 + c % 4)})
    return rows


def run(*words):
    done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def near(a, b, relative=1e-9):
    assert abs(a - b) <= relative * max(1.0, abs(a), abs(b)), (a, b)


def check_efficiency(rows):
    words = ["dea", "p.csv", *KEYS, "--inputs", "k,l", "--good", "y", "--bad", "b", "--model", "sbm", "--returns", "vrs",
             "--scale-efficiency", "--slacks", "mean", "--targets", "--prices", "--peers", "--format"]
    units = json.loads(run(*words, "json"))["units"]
    table = list(csv.DictReader(io.StringIO(run(*words, "csv"))))
    assert len(units) == len(table) == len(rows)
    for unit, line, row in zip(units, table, rows):
        assert (unit["unit"], str(unit["time"]), unit["status"], unit["returns_direction"]) == \
            (line["unit"], line["time"], line["status"], line["returns_direction"])
        for key in ("score", "scale_efficiency", "returns_price"):
            assert float(line[key]) == unit[key], key
        for key in ("slack", "target", "price", "shadow_price"):
            for name, value in unit[key].items():
                assert float(line[f"{key}.{name}"]) == value, (key, name)
        assert line["peers"].count(":") == len(unit["peers"])
        slack = unit["slack"]
        near((1 - (slack["k"] / row["k"] + slack["l"] / row["l"]) / 2) / (1 + (slack["y"] / row["y"] + slack["b"] / row["b"]) / 2),
             unit["score"])
        near(unit["score_crs"] / unit["score_vrs"], unit["scale_efficiency"])
        for name, sign in (("k", -1), ("l", -1), ("y", 1), ("b", -1)):
            near(row[name] + sign * slack[name], unit["target"][name])
    return len(units)


def check_studies():
    run("run", "s.toml", "-o", "s.h5")
    numbers, lists = (run("export", "s.h5", f"dea/{name}") for name in ("numbers", "lists"))
    assert numbers == lists and len(numbers.splitlines()) == 145
    one = [line.split(",") for line in run("dea", "p.csv", *KEYS, "--inputs", "k,l", "--good", "y", "--bad", "b", "--model", "sbm",
                                           "--weights", "0.7,0.3,0.6,0.4", "--format", "csv").splitlines()]
    at = numbers.splitlines()[0].split(",").index("score")
    assert [line.split(",")[at] for line in numbers.splitlines()[1:]] == [line[one[0].index("score")] for line in one[1:]]


def policy_weights(rows):
    """Residuals of the policy on the other regressors and both effects, as shares of their sum over treated cells."""
    cities, years = sorted({r["city"] for r in rows}), sorted({r["year"] for r in rows})
    X = np.array([[r["x"], r["z"], *(r["city"] == c for c in cities), *(r["year"] == t for t in years[1:])] for r in rows], float)
    policy = np.array([r["policy"] for r in rows], float)
    residual = policy - X @ np.linalg.lstsq(X, policy, rcond=None)[0]
    weight = residual[policy == 1] / residual[policy == 1].sum()
    return len(weight), int((weight < 0).sum()), weight[weight < 0].sum()


def check_regression(rows):
    words = ["regress", "p.csv", "y ~ policy + x + z | city + year", *KEYS, "--vcov", "cluster:city", "--test", "x,z", "--vif"]
    fit, text = json.loads(run(*words, "--format", "json")), run(*words)
    joint, policy = fit["tests"][0], fit["policy_weights"][0]
    treated, negative, total = policy_weights(rows)
    assert (policy["treated"], policy["negative"]) == (treated, negative)
    near(policy["sum_negative"], total)
    near(policy["share_negative"], negative / treated)
    for what in (fr"x, z +{joint['f']:.4f} +2, 23 +{joint['p_value']:.4f}", fr"policy +{treated} +{negative} +{100 * negative / treated:.2f} %"
                 fr" +{total:.4f}", *(fr"{name} +{value:.2f} +{1 / value:.6f}" for name, value in fit["vif"].items())):
        assert re.search(what, text), (what, text)
    of_test = next(csv.DictReader(io.StringIO(run("export", "s.h5", "regression/base/test"))))
    of_policy = next(csv.DictReader(io.StringIO(run("export", "s.h5", "regression/base/policy"))))
    for key, value in (("test_f", joint["f"]), ("test_df1", joint["df1"]), ("test_df2", joint["df2"]), ("test_p", joint["p_value"])):
        assert float(of_test[key]) == value, key
    near(float(of_policy["policy_negative_share"]), negative / treated)
    near(float(of_policy["policy_negative_sum"]), total)


def check_groups():
    words = ["group-difference", "p.csv", "y ~ x + z | city + year", *KEYS, "--term", "x", "--group", "g", "--method"]
    whole = json.loads(run(*words, "interaction", "--format", "json"))
    fit = json.loads(run("regress", "p.csv", "y ~ x + x:g + z + z:g | city + year^g", *KEYS, "--vcov", "cluster:city", "--format", "json"))
    term = next(t for t in fit["terms"] if t["term"] == "x:g")
    near(whole["difference"], -term["estimate"])
    near(whole["std_error"], term["std_error"])
    near(whole["statistic"], term["statistic"]**2)
    near(whole["p_value"], term["p_value"])
    apart = json.loads(run(*words, "suest", "--format", "json"))
    low, high = apart["groups"]
    near(apart["difference"], whole["difference"])
    near(apart["difference"], low["estimate"] - high["estimate"])
    # No city is in both groups, so nothing is added but the variances: with the factor of 24 cities, where each group's own
    # fit has that of 12, 72 rows, two slopes and six years.
    factor = (24 / 23) / (12 / 11 * 71 / (72 - 2 - 6))
    near(apart["std_error"]**2, factor * (low["std_error"]**2 + high["std_error"]**2))
    for found in (whole, apart):
        assert sum(group["n"] for group in found["groups"]) == 144
        line = run(*words, found["method"]).splitlines()[4].split()
        for shown, key in zip(line, ("difference", "std_error", "statistic")):
            near(float(shown), found[key], 1e-5)
        table = next(csv.DictReader(io.StringIO(run(*words, found["method"], "--format", "csv"))))
        near(float(table["difference"]), found["difference"])


def main():
    rows = panel()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        with open("p.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
        with open("s.toml", "w", encoding="utf-8") as file:
            file.write(STUDY)
        units = check_efficiency(rows)
        check_studies()
        check_regression(rows)
        check_groups()
        os.chdir("/")
    print(f"{units} scores, two studies, tests, policies and groups: the same along every way")
    return 0


if __name__ == "__main__":
    sys.exit(main())
