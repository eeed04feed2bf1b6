#!/usr/bin/env python3
"""What cannot be estimated: exit code and message of `greenfront regress`, nothing on standard output."""
import csv
import json
import os
import subprocess
import sys
import tempfile

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "build/release/greenfront")


def panel():
    rows = []
    for c in range(8):
        for t in range(2001, 2007):
            noise = ((c * 31 + t * 17) % 13) / 13 - 0.5
            x = ((c * 7 + t * 5) % 11) + 0.1 * c
            rows.append({"city": f"C{c}", "year": t, "one": "all", "x": x, "z": ((c * 3 + t * t) % 7) / 3, "fixed": c * 1.5,
                         "two": 2 * x, "flat": 4.25, "y": 2 + 0.5 * x + 0.2 * c + noise, "exact": 3 + 2 * x,
                         "w": 1 + c % 3, "minus": -1 if (c, t) == (2, 2003) else 1, "half": 1.5 if c == 3 else 1,
                         "nothing": "", "lat": 30 + c, "lon": 110 + 0.5 * c, "off": 95 if c == 1 else 30})
    return rows


CASES = [
    # formula, options, exit code, pieces of the message
    ("y ~ x | city", ["--vcov", "cluster:one"], 65, ["only one cluster: one", "all"]),
    ("y ~ x | city", ["--vcov", "jackknife:one"], 65, ["only one cluster: one"]),
    ("y ~ fixed | city", [], 65, ["every regressor is omitted: fixed (absorbed by the fixed effects)"]),
    ("y ~ flat", [], 65, ["every regressor is omitted: flat (collinear with the constant)"]),
    ("exact ~ x | city", [], 65, ["exact is fitted perfectly", "standard errors are not defined"]),
    ("exact ~ x | city", ["--vcov", "hc3"], 65, ["exact is fitted perfectly"]),
    ("y ~ x | city", ["--where", "year > 3000"], 65, ["no observations are left"]),
    ("y ~ x + nothing | city", [], 65, ["no observations are left"]),
    ("y ~ x | city^year", ["--keep-singletons"], 65, ["no residual degrees of freedom: 48 rows"]),
    ("y ~ x | city^year", [], 65, ["no observations are left"]),
    ("y ~ x + z", ["--where", "city is \"C1\" and year <= 2003"], 65, ["no residual degrees of freedom: 3 rows, 2 regressors"]),
    ("flat ~ x | city", [], 65, ["flat is constant (4.25) in the 48 rows"]),
    ("fixed ~ x | city", [], 65, ["fixed is explained completely by the fixed effects"]),
    ("y ~ x | city | z ~ fixed", [], 65, ["not identified", "fixed is omitted"]),
    ("y ~ x | city", ["--aweights", "minus"], 65, ["column minus: -1 in data row 15", "cannot be negative"]),
    ("y ~ x | city", ["--fweights", "half"], 65, ["column half: 1.5", "whole number"]),
    ("y ~ x | city", ["--aweights", "nothing"], 65, []),
    ("y ~ x | city", ["--aweights", "w", "--fweights", "w"], 64, ["weights of one kind"]),
    ("y ~ x | city", ["--aweights", "absent"], 65, ["absent"]),
    ("y ~ x | city", ["--fweights", "w", "--vcov", "nw:1"], 65, ["nw with frequency weights"]),
    ("y ~ x | city", ["--vcov", "dk"], 64, ["lacks the number of lags"]),
    ("y ~ x | city", ["--vcov", "dk:-1"], 64, ["lacks the number of lags"]),
    ("y ~ x | city", ["--vcov", "dk:6"], 65, ["6 lags with 6 periods of year"]),
    ("y ~ x | city", ["--vcov", "nw:1.5"], 64, ["lags"]),
    ("y ~ x | city", ["--vcov", "jackknife:city+year"], 64, ["several cluster variables"]),
    ("y ~ x | city + city", [], 64, ["position 16", "the fixed effect city stands twice"]),
    ("y ~ x | city", ["--vcov", "cluster:city+city"], 64, ["names a cluster variable twice"]),
    ("y ~ x | city", ["--vcov", "cluster:city,year"], 64, ["with a comma", "plus sign"]),
    ("y ~ x + i.year | city", [], 64, ["position 9", "dummy variables of a column are fixed effects: y ~ x | column"]),
    ("y ~ x + C(year) | city", [], 64, ["fixed effects: y ~ x | column"]),
    ("y ~ c.x#c.z | city", [], 64, ["an interaction is written a:b"]),
    ("y ~ L.x | city", [], 64, ["L.x is written lag(x, 1)"]),
    ("y ~ x | city", ["--first"], 64, ["--first is for regressions with instruments"]),
    ("y ~ x | city", ["--vcov", "hc4"], 64, ["\"hc4\" is not known"]),
    ("y ~ x | city", ["--vcov", "cluster:"], 64, ["lacks the name"]),
    ("y ~ x | city", ["--vcov", "conley:lat,lon"], 64, ["radius in km"]),
    ("y ~ x | city", ["--vcov", "conley:lat,lon,-5"], 64, ["radius in km"]),
    ("y ~ x | city", ["--vcov", "conley:off,lon,50"], 65, ["column off: 95", "between -90 and 90"]),
    ("y ~ x | city", ["--vcov", "conley:lat,absent,50"], 65, ["absent"]),
    ("y ~ x | city | z ~ two", ["--vcov", "hc3"], 65, ["vcov hc3 with instruments is not available"]),
    ("y ~ x | city | z ~ two", ["--vcov", "hc2"], 65, ["vcov hc2 with instruments is not available", "iid, robust or cluster:NAME"]),
    ("y ~ x | city | z ~ two", ["--vcov", "jackknife:city", "--estimator", "liml"], 65, ["vcov jackknife:city with instruments"]),
    ("y ~ x | city | z ~ two", ["--vcov", "dk:1"], 65, ["vcov dk:1 with instruments"]),
    ("y ~ x | city | z ~ two", ["--vcov", "nw:1", "--estimator", "gmm"], 65, ["vcov nw:1 with instruments"]),
    ("y ~ x | city | z ~ two", ["--vcov", "conley:lat,lon,50"], 65, ["vcov conley:lat,lon,50 with instruments"]),
    ("y ~ x | city", ["--test", "x,z"], 65, ["z is no regressor of this model; it has x"]),
    ("y ~ x | city", ["--test", "x,,z"], 64, ["a term is missing"]),
    ("y ~ x + fixed | city", ["--test", "fixed"], 65, ["every term of \"fixed\" is omitted"]),
    ("y ~ x + I(city is \"C0\" and year == 2001) | city", ["--vcov", "hc3"], 65, ["hc3 is not defined: data rows 1 ", "leverage 1"]),
]


def call(path, formula, options, periods=True):
    roles = ["--unit", "city", "--time", "year"] if periods else []
    return subprocess.run([PROGRAM, "regress", path, formula, *roles, *options, "--format", "json"], capture_output=True,
                          text=True, timeout=60)


def main():
    rows = panel()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "panel.csv")
        with open(path, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
        for formula, options, code, pieces in CASES:
            done = call(path, formula, options)
            what = f"{formula} {' '.join(options)}"
            if done.returncode != code or done.stdout or not done.stderr.startswith("greenfront: "):
                failed.append(f"{what}: exit {done.returncode} instead of {code}: {done.stderr}{done.stdout[:200]}")
            for piece in pieces:
                if piece not in done.stderr:
                    failed.append(f"{what}: no \"{piece}\" in: {done.stderr}")
        done = call(path, "y ~ x | city", ["--vcov", "dk:1"], periods=False)
        if done.returncode != 64 or "--unit and --time" not in done.stderr:
            failed.append(f"dk without roles: exit {done.returncode}: {done.stderr}")
        # Answers with a warning.
        got = json.loads(call(path, "y ~ x + two + fixed | city", ["--vcov", "dk:1", "--test", "x,two"]).stdout)
        if [o["term"] for o in got["omitted"]] != ["fixed", "two"] or got["tests"][0]["terms"] != ["x"]:
            failed.append(f"omitted {got['omitted']}, tests {got['tests']}")
        if not any("with 6 they tend to be too small" in w for w in got["warnings"]):
            failed.append(f"no warning of few periods: {got['warnings']}")
        if got["vcov"] != "dk:1" or got["periods"] != 6 or got["lags"] != 1:
            failed.append("dk: wrong facts")
        for vcov in ("hc2", "hc3", "jackknife:city", "dk:2", "nw:2", "conley:lat,lon,250.5"):
            got = json.loads(call(path, "y ~ x | city", ["--vcov", vcov]).stdout)
            if got["vcov"] != vcov:
                failed.append(f"vcov {vcov} is printed as {got['vcov']}")
        placebo = subprocess.run([PROGRAM, "placebo", path, "y ~ x | city", "--treatment", "x", "--unit", "city", "--time",
                                  "year", "--vcov", "hc3"], capture_output=True, text=True, timeout=60)
        if placebo.returncode != 64 or "a placebo test knows" not in placebo.stderr:
            failed.append(f"placebo --vcov hc3: exit {placebo.returncode}: {placebo.stderr}")
    for text in failed:
        print("FAILED " + text)
    print(f"{len(CASES) + 9} edge cases, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
