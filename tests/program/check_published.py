#!/usr/bin/env python3
"""[published] and `show RESULTS paper`: every obtained figure and every verdict is found again in the result file without
the program's own comparison; the embedded figures of the reference study are those of the CSV; faults are refused."""

import csv
import io
import json
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import SOURCE, call, check

STUDY = SOURCE / "scenarios" / "catalog" / "huang2025.toml"
FIGURES = SOURCE / "scenarios" / "data" / "huang2025_published.csv"
SMALL = """
name = "small"
[panel]
file = "synth:30x2011-2014"
unit = "city"
time = "year"
[published]
file = "figures.csv"
source = "A paper of ours"
[regression.main]
formula = "pm25 ~ labour + electricity | city + year"
"""
HEADER = "table,column,stage,term,statistic,value,stars,tolerance\n"


def words(values):
    return [v.decode() if isinstance(v, bytes) else v for v in values]


def describe(values, statistic):
    values = values[~np.isnan(values)]
    return {"n": np.size, "mean": np.mean, "sd": lambda v: np.std(v, ddof=1), "min": np.min, "max": np.max}[statistic](values)


def obtained(file, row):
    """A figure of the results, by what the columns of the CSV mean."""
    stage, term, statistic = row["stage"], row["term"], row["statistic"]
    if stage == "panel":
        return describe(file["panel"][term][()], statistic)
    group = file[stage]
    if stage.split("/")[0] in ("dea", "index") and statistic in ("n", "mean", "sd", "min", "max"):
        return describe(group["score_winsorized" if "score_winsorized" in group else "score"][()], statistic)
    if term:
        name = "estimate" if statistic == "coefficient" else statistic
        scale = "indicator" if stage.startswith("index/") else "term"
        return group[name][words(group[scale][()]).index(term)]
    if "." in statistic:
        key, position = statistic.split(".")
        return group.attrs[key][int(position) - 1]
    return group.attrs[statistic]


def within(row, value, error):
    """Yes, no, or None without a tolerance."""
    printed, rule = row["value"], row["tolerance"]
    if not rule:
        return None
    digits = len(printed.partition(".")[2])
    gap = abs(value - float(printed))
    room = {"%": lambda: float(rule[:-1]) / 100 * abs(float(printed)), "se": lambda: float(rule[:-2]) * error,
            "exact": lambda: 0.0}.get("exact" if rule == "exact" else "%" if rule[-1] == "%" else rule[-2:], lambda: float(rule))()
    return bool(gap <= room or gap <= 0.5 * 10.0 ** -digits * (1 + 1e-9))


def errors_of(rows):
    key = lambda r: (r["table"], r["column"], r["stage"], r["term"])
    errors = {key(r): float(r["value"]) for r in rows if r["statistic"] == "std_error"}
    return [errors.get(key(r), np.nan) if r["statistic"] == "coefficient" else np.nan for r in rows]


def compare(output, rows):
    """The group /published against our own comparison; returns what the summary line must say."""
    counts = {"within": 0, "judged": 0, "stars": 0, "starred": 0}
    with h5py.File(output, "r") as file:
        group = file["published"]
        check(len(group["value"]) == len(rows), "another number of figures")
        for key in ("table", "column", "stage", "term", "statistic", "stars", "tolerance"):
            check(words(group[key][()]) == [r[key] for r in rows], f"{key} is not that of the CSV")
        for i, (row, error) in enumerate(zip(rows, errors_of(rows))):
            value = obtained(file, row)
            same = np.isclose(group["obtained"][i], value, rtol=1e-12, atol=0, equal_nan=True)  # sums in another order
            check(same, f"{row}: {group['obtained'][i]}, not {value}")
            check(group["value"][i] == float(row["value"]), f"{row}: value")
            verdict = within(row, value, error)
            check(group["within"][i] == {None: -1, False: 0, True: 1}[verdict], f"{row}: {value} is judged {group['within'][i]}")
            counts["judged"] += verdict is not None
            counts["within"] += verdict is True
            gap = value - float(row["value"])
            check(np.isclose(group["difference_std_errors"][i], gap / error, rtol=1e-9, atol=1e-12, equal_nan=True),
                  f"{row}: in standard errors")
            if row["stars"]:
                stage = file[row["stage"]]
                p = stage["p_value"][words(stage["term"][()]).index(row["term"])]
                counts["starred"] += 1
                counts["stars"] += "*" * sum(p < level for level in (0.1, 0.05, 0.01)) == row["stars"].replace("none", "")
        check(group.attrs["figures_judged"] == counts["judged"] and group.attrs["figures_within"] == counts["within"], "counts")
    return counts


def check_shown(output, rows, counts):
    shown = call("show", output, "paper").stdout
    line = (f"{len(rows)} figures: {counts['within']} of {counts['judged']} with a tolerance agree, "
            f"{counts['judged'] - counts['within']} do not; stars as published for {counts['stars']} of {counts['starred']} "
            "coefficients")
    check(line in " ".join(shown.split()), f"{line}\n{shown[-1500:]}")
    cells = list(csv.reader(io.StringIO(call("export", output, "paper").stdout)))[1:]
    check(len(cells) == len(rows), f"{len(cells)} lines of CSV")
    for cell, row in zip(cells, rows):
        expected = [row[k] for k in ("table", "column", "stage", "term", "statistic", "value")]
        expected[2] = expected[2].removeprefix("regression/")
        check(cell[:6] == expected, f"{cell}, {row}")
        beyond = "beyond" in cell[11]
        check(not (beyond and not row["tolerance"]), f"judged without a tolerance: {cell}")
    check(sum("beyond" in c[11] for c in cells) == counts["judged"] - counts["within"], "lines marked as beyond")
    table = call("show", output, "paper/4").stdout
    check("table 4" in table and "t7_" not in table and "t4_nqm" in table, table)
    full = json.loads(call("export", output, "paper", "--format", "json").stdout)
    check([r["value"] for r in full] == [float(r["value"]) for r in rows], "JSON of the figures")


def check_reference_study(folder):
    output = folder / "huang.h5"
    with open(FIGURES, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    quick = ["--set", "bootstrap.baseline.replicates=19", "--set", "placebo.t4_controls.replicates=19",
             "--set", "sweep.policy.replicates=19"]
    call("run", STUDY, "-o", output, "--progress", "none", *quick)
    counts = compare(output, rows)
    check(counts["starred"] > 60 and counts["judged"] > 150, f"too few figures: {counts}")
    check_shown(output, rows, counts)


def check_small(folder):
    study, figures, output = folder / "small.toml", folder / "figures.csv", folder / "small.h5"
    study.write_text(SMALL)
    figures.write_text(HEADER + "A,1,regression/main,labour,coefficient,0.5,***,0.1se\n"
                       "A,1,regression/main,labour,std_error,0.1,,1000000%\nA,1,regression/main,,n,120,,exact\n"
                       "A,1,regression/main,,n_read,121,,exact\nB,1,panel,pm25,mean,3,,1e9\nB,1,panel,pm25,sd,3,,\n"
                       "B,2,regression/main,labor,coefficient,1,none,\n")
    done = call("run", study, "-o", output, "--progress", "plain")
    check('has no "labor"; it has labour' in done.stderr, f"a figure without a counterpart is not named: {done.stderr}")
    with h5py.File(output, "r") as file:
        verdicts = list(file["published/within"][()])
        check(verdicts[1:] == [1, 1, 0, 1, -1, -1], f"verdicts {verdicts}")
        check(np.isnan(file["published/obtained"][6]) and file["published"].attrs["figures_missing"] == 1, "missing figure")
    shown = " ".join(call("show", output, "paper").stdout.split())
    check("1 have no counterpart" in shown and "A paper of ours" in shown, shown)
    before = call("run", study, "-o", output, "--progress", "plain").stderr
    check("nothing to do" in before, before)
    figures.write_text(figures.read_text().replace("B,1,panel,pm25,sd,3", "B,1,panel,pm25,sd,4"))
    check("another run" in call("run", study, "-o", output, "--progress", "plain", expect=73).stderr, "figures are part of a run")


def check_refusals(folder):
    study, figures = folder / "small.toml", folder / "figures.csv"
    good = "A,1,regression/main,labour,std_error,0.1,,"
    cases = ((HEADER + good.replace("0.1", "O.1"), 65, "figures.csv:2"), (HEADER + good + "a lot", 65, "is no tolerance"),
             (HEADER + good.replace("std_error", "coefficient") + "0.5se", 65, "without a published standard error"),
             (HEADER + good + "\n" + good, 65, "the figure of line 2 again"), (HEADER, 65, "no figure"),
             ("table,column,stage,value\nA,1,panel,3\n", 65, '"statistic" is missing'),
             (HEADER.replace("stars", "asterisks") + good, 65, 'unknown column "asterisks"'),
             (HEADER + good.replace("main", "mian"), 78, "did you mean main?"),
             (HEADER + good.replace("regression/main", "regresion/main"), 78, "is not panel, dea/NAME"),
             (HEADER + good.replace("0.1,", "0.1,oo"), 65, "write *, **, ***, or none"))
    for text, code, hint in cases:
        figures.write_text(text)
        done = call("plan", study, expect=code)
        check(hint in done.stderr, f"{hint}: {done.stderr}")
    study.write_text(SMALL.replace("figures.csv", "embedded:huang2052"))
    check("huang2025 only" in call("plan", study, expect=78).stderr, "unknown embedded figures")
    study.write_text(SMALL.replace("figures.csv", "absent.csv"))
    call("plan", study, expect=66)


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check_reference_study(folder)
        check_small(folder)
        check_refusals(folder)
    print("published figures stand beside those of the results, and are judged alike by an independent reading")
    return 0


if __name__ == "__main__":
    sys.exit(main())
