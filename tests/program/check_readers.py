#!/usr/bin/env python3
"""The readers in scripts/: what Python and R read from a result file, and Stata from exported ones, is what `export` writes. Their
examples run. R is skipped where it or rhdf5 is missing; Stata cannot be had here, so its script is read: every command's datasets and
variables must exist, and the regression that it repeats must be the stored one."""

import csv
import io
import json
import math
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from page_files import missing
from program import QUICK, SOURCE, STUDY, call, check
from report_study import make

TABLES = {"dea/eff": ["unit", "time"], "panel": ["unit", "time"], "regression/main": ["term"], "sweep/grid": ["scenario"], "index/quality": None,
          "bootstrap/main/replicate": ["replicate"], "placebo/main": ["replicate"]}


def exported(results, name):
    """Rows of an export as dictionaries of texts."""
    return list(csv.DictReader(io.StringIO(call("export", results, name).stdout)))


def same(name, ours, theirs):
    """A cell that a reader gives, and one that export writes."""
    if ours is None or ours == "" or (isinstance(ours, float) and math.isnan(ours)) or ours == "NA":
        return theirs == ""
    try:
        return float(ours) == float(theirs)
    except ValueError:
        return str(ours) == theirs


def compare(what, rows, expected, names=None):
    """Rows of a reader against those of export, column by column."""
    check(len(rows) == len(expected) > 0, f"{what}: {len(rows)} rows, export has {len(expected)}")
    names = names or list(expected[0])
    for k, (mine, theirs) in enumerate(zip(rows, expected)):
        for name in names:
            check(name in mine, f"{what}: there is no {name}; there are {sorted(mine)}")
            check(same(name, mine[name], theirs[name]), f"{what}, row {k}, {name}: {mine[name]!r}, export has {theirs[name]!r}")


def self_test():
    for mine, theirs in (({"a": 1.5}, {"a": "1.6"}), ({"a": "x"}, {"a": "y"}), ({"a": math.nan}, {"a": "1"}), ({}, {"a": "1"})):
        try:
            compare("planted", [mine], [theirs])
        except SystemExit:
            continue
        sys.exit(f"takes {mine} for {theirs}")


def python(results):
    sys.path.insert(0, str(SOURCE / "scripts" / "python"))
    import greenfront_results as gf

    for name in TABLES:
        group = name.removesuffix("/replicate")
        rows = gf.frame(results, group, TABLES[name]).reset_index().to_dict("records")
        expected = exported(results, name)
        compare(f"Python, {name}", rows, expected, [c for c in expected[0] if not c.startswith("draw[")] if name == "sweep/grid" else None)
    data = gf.dataset(results, "dea/eff")
    check(data.score.dims == ("unit", "time") and data.slack.dims == ("unit", "time", "variable"), f"dimensions: {data.score.dims}")
    check(set(data.status.values.ravel()) <= {"optimal", "infeasible", "undefined", None}, "categories are words")
    check(data.attrs["model"] == "sbm", "attributes come along")
    tidy = [{k.replace(".", "_"): v for k, v in row.items()} for row in exported(results, "tidy")]
    compare("Python, coefficients", gf.coefficients(results).to_dict("records"), tidy)
    glance = exported(results, "glance")
    models = gf.models(results)
    for row in glance:
        check(models.loc[row["model"], "n"] == int(row["nobs"]) and models.loc[row["model"], "rmse"] == float(row["sigma"]), f"models: {row}")
    wide = gf.side_by_side(results, ["plain", "main"])
    check([c[0] for c in wide.columns] == ["plain"] * 2 + ["main"] * 2, f"columns: {wide.columns}")
    check(wide.loc["quality", ("main", "estimate")] == float(next(r["estimate"] for r in tidy if (r["model"], r["term"]) == ("main", "quality"))), "side by side")
    ranking = gf.ranking(results, "grid")
    printed = list(csv.DictReader(io.StringIO(call("compare", results, "--sweep", "grid", "--format", "csv").stdout)))
    check(list(ranking.index) == [row["Scenario"] for row in printed], "the ranking is that of compare")
    check(gf.groups(results)[0] == "panel" and gf.groups(results, "dea")[0] == "dea/eff", "groups")
    try:
        gf.coefficients(results, ["nowhere"])
        sys.exit("a regression that is not there is no error")
    except KeyError as error:
        check("main" in str(error), f"{error}")
    script = SOURCE / "scripts" / "python" / "greenfront_results.py"
    done = subprocess.run(["/usr/bin/python3", script, results, "dea/eff"], capture_output=True, text=True)
    check(done.returncode == 0 and "score" in done.stdout, done.stderr)


R_TEST = """
source(file.path({source!r}, "scripts/R/greenfront.R"))
file <- {results!r}
write <- function(frame, name) write.csv(frame, file.path({folder!r}, name), row.names = FALSE, fileEncoding = "UTF-8")
exact <- function(frame) {{ for (n in names(frame)) if (is.numeric(frame[[n]])) frame[[n]] <- ifelse(is.na(frame[[n]]), NA, sprintf("%.17g", frame[[n]])); frame }}
{tables}
write(exact(gf_coefficients(file)), "tidy.csv")
write(exact(gf_models(file)[, c("model", "n", "rmse")]), "models.csv")
write(exact(gf_ranking(file, "grid")), "ranking.csv")
score <- gf_read(file, "dea/eff")$score
stopifnot(identical(names(dimnames(score)), c("unit", "time")), nrow(score) == 24, "dea/eff" %in% gf_groups(file, "dea"))
refused <- tryCatch({{ gf_read(file, "dea/none"); "" }}, error = function(e) conditionMessage(e))
stopifnot(grepl("dea/eff", refused))
"""


def r(results, folder):
    tables = "\n".join(f'write(exact(gf_frame(file, "{name.removesuffix("/replicate")}"{", " + json.dumps((dims or ["indicator"])[0]) if dims != ["unit", "time"] else ""})), '
                       f'"{k}.csv")' for k, (name, dims) in enumerate(TABLES.items()))
    script = folder / "test.R"
    script.write_text(R_TEST.format(source=str(SOURCE), results=str(results), folder=str(folder), tables=tables), encoding="utf-8")
    done = subprocess.run(["Rscript", script], capture_output=True, text=True, env={**os.environ, "LC_ALL": "C.UTF-8"})
    check(done.returncode == 0, f"R: {done.stdout[-2000:]}{done.stderr[-3000:]}")

    def rows(name):
        with open(folder / name, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    for k, name in enumerate(TABLES):
        compare(f"R, {name}", rows(f"{k}.csv"), exported(results, name))
    compare("R, coefficients", *(sorted(table, key=lambda row: row["model"]) for table in (rows("tidy.csv"), exported(results, "tidy"))))
    glance = exported(results, "glance")
    compare("R, models", sorted(rows("models.csv"), key=lambda row: row["model"]),
            sorted(({"model": g["model"], "n": g["nobs"], "rmse": g["sigma"]} for g in glance), key=lambda row: row["model"]))
    printed = list(csv.DictReader(io.StringIO(call("compare", results, "--sweep", "grid", "--format", "csv").stdout)))
    check([row["scenario"] for row in rows("ranking.csv")] == [row["Scenario"] for row in printed], "R: the ranking is that of compare")


# Words of Stata's language that the script may use; every other word must be a variable.
STATA = set("""version clear all use tabulate tabstat if by statistics n mean sd min p50 max keep rename merge using assert match nogenerate keepusing
encode generate xtset capture which reghdfe absorb vce cluster else areg i list noobs summarize detail histogram normal sort twoway rcap
scatter _rc reshape long j save replace""".split())


def stata(folder):
    """Every line of the .do file, with the variables that are in memory there."""
    script = (SOURCE / "scripts" / "stata" / "greenfront.do").read_text(encoding="utf-8")
    call("run", STUDY, "-o", folder / "results.h5", "--progress", "none", *QUICK)
    exports = re.findall(r"^\*     (greenfront export .*)$", script, re.M)
    check(len(exports) >= 7, "the script lost its exports")
    import pandas

    for line in exports:
        call(*line.split()[1:], cwd=folder)
    variables, saved = set(), {}
    for line in [line for line in script.splitlines() if line and not line.startswith("*")]:
        for name in re.findall(r'"([\w.]+\.dta)"', line):
            if line.startswith("save "):
                saved[name] = variables
                continue
            read = saved.get(name) or set(pandas.read_stata(folder / name, convert_categoricals=False).columns)
            kept = re.search(r"keepusing\(([\w ]+)\)", line)
            check(not kept or set(kept[1].split()) <= read, f"greenfront.do: {line}\n{name} has {sorted(read)}")
            variables = read if line.startswith("use ") else variables | (set(kept[1].split()) if kept else read)
        words = re.findall(r"[A-Za-z_]\w*", re.sub(r'"[^"]*"|\bm:1\b', "", line))
        made = re.findall(r"generate\((\w+)\)", line) + (words[2:3] if words[:1] == ["rename"] else [])
        if words[:1] == ["reshape"]:
            wide = {name for name in variables if name.startswith(words[2])}
            check(wide, f"greenfront.do: {line}\nthere is no {words[2]}...")
            variables, made = variables - wide, [words[2], re.search(r"j\((\w+)\)", line)[1]]
        check(not set(made) & variables, f"greenfront.do: {line}\nmakes a variable that is there")
        unknown = [word for word in words if word not in STATA | variables | set(made)]
        check(not unknown, f"greenfront.do: {line}\nthere are no variables {unknown}; in memory: {sorted(variables)}")
        if words[:1] == ["keep"]:
            variables = set(words[1:])
        elif words[:1] == ["rename"]:
            variables = variables - {words[1]}
        variables = variables | set(made)
    # The same merge, and the regression of step 3 by the program in Stata's place.
    merged = pandas.read_stata(folder / "panel.dta")
    scores = pandas.read_stata(folder / "scores.dta").set_index(["unit", "time"])["score"]
    capacity = pandas.wide_to_long(pandas.read_stata(folder / "capacity.dta"), "score_", "unit", "time")["score_"]
    for table, column in ((scores, "eff"), (capacity, "capacity")):
        merged[column] = table.loc[list(zip(merged["unit"], merged["time"]))].to_numpy()
    merged.to_csv(folder / "merged.csv", index=False)
    formula = re.search(r"reghdfe (eff) ([\w ]+), absorb\(id time\) vce\(cluster id\)", script)
    told = json.loads(call("regress", folder / "merged.csv", f"{formula[1]} ~ {formula[2].replace(' ', ' + ')} | unit + time", "--unit", "unit",
                           "--time", "time", "--vcov", "cluster:unit", "--format", "json").stdout)
    stored = pandas.read_stata(folder / "tidy.dta").query("model == 'controls'").set_index("term")
    for term in told["terms"]:
        for ours, name in (("estimate", "estimate"), ("std_error", "std_error"), ("p_value", "p_value")):
            check(math.isclose(term[ours], stored.loc[term["term"], name], rel_tol=1e-9, abs_tol=1e-12), f"{term}: stored {stored.loc[term['term']]}")


def main():
    self_test()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        results = make(folder)
        done, left = [], []
        for name, need, test in (("Python", "xarray", lambda: python(results)), ("R", "rhdf5", lambda: r(results, folder)),
                                 ("Stata", "xarray", lambda: stata(folder / "stata"))):
            (folder / "stata").mkdir(exist_ok=True)
            reason = missing(need)
            if reason:
                left.append(f"{name}: it {reason}")
                continue
            test()
            done.append(name)
        print(f"read back: {', '.join(done)}" + "".join(f"; skipped {line}" for line in left))
        if not done:
            return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
