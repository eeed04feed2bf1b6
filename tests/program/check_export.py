#!/usr/bin/env python3
"""`export`: tables for papers and for other programs. What Stata files hold is what pandas reads, labels too; panels in
Stata's format give the answers of the same panel as CSV; LaTeX compiles where pdflatex is; nothing acts."""

import csv
import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from program import SOURCE, call, check
from report_study import HOSTILE, make


def rows_of(text):
    return list(csv.reader(io.StringIO(text)))


def broom(results):
    header, *tidy = rows_of(call("export", results, "tidy").stdout)
    check(header == ["model", "term", "estimate", "std.error", "statistic", "p.value", "conf.low", "conf.high"], f"tidy: {header}")
    by_key = {(r[0], r[1]): r[2:] for r in tidy}
    for name in ("main", "plain"):
        header, *own = rows_of(call("export", results, f"regression/{name}").stdout)
        for row in own:
            told = dict(zip(header, row))
            expected = [told[k] for k in ("estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high")]
            check(by_key[name, told["term"]] == expected, f"tidy has other numbers for {name} {told['term']}")
    check(len(by_key) == len(tidy) and {k[0] for k in by_key} >= {"main", "plain"}, "tidy names a coefficient twice or misses a model")
    alone = rows_of(call("export", results, "tidy/plain").stdout)
    check({r[0] for r in alone[1:]} == {"plain"}, "tidy/plain holds another regression")
    glance = json.loads(call("export", results, "glance", "--format", "json", "--only", "plain,main").stdout)
    facts = dict(rows_of(call("export", results, "regression/plain/attributes").stdout)[1:])
    check([g["model"] for g in glance] == ["plain", "main"], "--only keeps its order")
    for ours, name in (("nobs", "n"), ("r.squared", "r2"), ("df.residual", "df_residual"), ("sigma", "rmse"), ("statistic", "f_statistic")):
        check(np.isclose(glance[0][ours], float(facts[name]), rtol=1e-12), f"glance {ours}: {glance[0][ours]}, not {facts[name]}")
    check(glance[0]["logLik"] is None, "a linear model has no log likelihood here")


def refusals(folder, results):
    def refused(words, *arguments, code=64):
        done = call("export", results, *arguments, expect=code)
        check(words in done.stderr and done.stdout == "", f"{arguments}: {done.stderr}")

    refused("tidy and glance hold all regressions", "regression", "--format", "dta")
    refused("the printed table is called regression", "tidy", "--format", "tex")
    refused("did you mean main?", "tidy", "--only", "mani")
    refused("--only chooses columns", "dea", "--only", "main")
    refused("xlsx", "tidy", "--format", "xlsx")
    target = folder / "there.csv"
    target.write_text("mine")
    refused("--force", "tidy", "-o", target, code=73)
    refused("is the file", "tidy", "-o", results, "--force", code=73)
    check(target.read_text() == "mine", "a refused export left the file alone")
    call("export", results, "tidy", "-o", target, "--force")
    check(target.read_text() == call("export", results, "tidy").stdout, "-o writes what standard output gets")


def stata(folder, results):
    try:
        import pandas
    except ModuleNotFoundError:
        print("python3-pandas is not here: Stata files are not read by another program")
        return
    for table in ("panel", "dea/eff", "tidy", "glance", "sweep/grid", "productivity/growth", "provenance", "bootstrap/main/replicate"):
        call("export", results, table, "--format", "dta", "-o", folder / "t.dta", "--force")
        header, *rows = rows_of(call("export", results, table).stdout)
        with pandas.read_stata(folder / "t.dta", iterator=True) as reader:
            frame, labels, title = reader.read(), reader.variable_labels(), reader.data_label
        check(len(frame) == len(rows) and len(frame.columns) == len(header), f"{table}: {frame.shape}")
        check(title == f"Greenfront: {table} of study hostile", f"{table}: file label {title!r}")
        for c, (name, stored) in enumerate(zip(header, frame.columns)):
            check(labels[stored] != "", f"{table}: {stored} has no label")
            check(stored == name or name[:20] in labels[stored], f"{table}: the label of {stored} does not tell {name}: {labels[stored]}")
            values = frame[stored]
            told = [r[c] for r in rows]
            if values.dtype.kind in "fi":
                expected = np.array([np.nan if v == "" else float(v) for v in told])
                expected[np.isinf(expected)] = np.nan
                check(np.array_equal(values.to_numpy(float), expected, equal_nan=True), f"{table}: numbers of {name}")
            else:
                check(["" if v != v else str(v) for v in values] == told, f"{table}: texts of {name}")
    categories = pandas.read_stata(folder / "t.dta")  # of the last: statuses of replicates
    check("status" not in categories or str(categories["status"].dtype) == "category", "statuses have value labels")
    scored = folder / "eff.dta"
    call("export", results, "dea/eff", "--format", "dta", "-o", scored)
    with pandas.read_stata(scored, iterator=True) as reader:
        reader.read()
        check(reader.value_labels()["status"][0] == "optimal" and reader.variable_labels()["status"] == "how the unit of work ended",
              "value labels of a category")
    first = scored.read_bytes()
    call("export", results, "dea/eff", "--format", "dta", "-o", scored, "--force")
    check(scored.read_bytes() == first, "the same results give the same bytes")
    panels(folder, pandas)


def panels(folder, pandas):
    """The same panel as CSV and as .dta, in formats of several decades."""
    panel = pandas.read_csv(SOURCE / "scenarios" / "data" / "countries.csv", keep_default_na=False, na_values=[""])
    command = ("--unit", "iso3", "--time", "year", "--inputs", "capital,labour,energy", "--good", "gdp", "--bad", "co2", "--model", "sbm",
               "--format", "json")
    expected = call("dea", SOURCE / "scenarios" / "data" / "countries.csv", *command).stdout
    for version in (114, 117, 118):
        data = panel.copy()
        if version < 118:  # their texts are Latin-1 by pandas' rule
            data = data[[c for c in data.columns if data[c].dtype != object or c == "iso3"]]
        data.to_stata(folder / "p.dta", write_index=False, version=version)
        check(call("dea", folder / "p.dta", *command).stdout == expected, f"format {version}: other scores than from CSV")
    data = panel[["iso3", "year", "capital", "labour", "energy", "gdp", "co2"]].copy()
    data["iso3"] = data["iso3"].astype("category")  # encode: numbers with labels
    data.to_stata(folder / "p.dta", write_index=False, version=118)
    check(call("dea", folder / "p.dta", *command).stdout == expected, "labelled units: other scores")
    study = folder / "stata.toml"
    study.write_text('name = "s"\n[panel]\nfile = "p.dta"\nunit = "iso3"\ntime = "year"\n[dea.eff]\ninputs = ["capital"]\ngood = ["gdp"]\n')
    call("run", study, "-o", folder / "stata.h5", "--progress", "none")
    (folder / "p.dta").write_bytes((folder / "p.dta").read_bytes()[:5000])
    message = call("dea", folder / "p.dta", *command, expect=65).stderr
    check("p.dta" in message and "Stata" in message, message)


DOCUMENT = r"""\documentclass{article}
\usepackage{booktabs,threeparttable}
\begin{document}
%s
\end{document}
"""


def papers(folder, results):
    tables = {name: call("export", results, name, "--format", "tex").stdout
              for name in ("regression", "dea", "index", "bootstrap", "placebo", "sweep/grid", "sweep/named", "productivity", "regression/main")}
    for name, text in tables.items():
        check(text == call("export", results, name, "--format", "latex").stdout, "latex is another word for tex")
        check(text.startswith("% needs \\usepackage{booktabs,threeparttable}\n"), name)
        body = text.replace("\\\\\n", "").replace("\\{", "").replace("\\}", "")
        check(body.count("{") == body.count("}"), f"{name}: braces do not match")
        for command in ("\\begin{table}", "\\begin{threeparttable}", "\\begin{tabular}", "\\toprule", "\\midrule", "\\bottomrule"):
            check(text.count(command) >= 1, f"{name} has no {command}")
        for line in text.splitlines():
            cells = line.split(" & ")
            check(len(cells) == 1 or line.endswith("\\\\"), f"{name}: {line}")
    check("100\\% of \\$a\\_b\\$" in tables["regression"] and "$<$i$>$main" in tables["regression"], "a title is escaped")
    short = call("export", results, "regression", "--format", "tex", "--only", "plain", "--decimals", "2").stdout
    check("main" not in short and "(0.41\\rlap{)}" in short, short)
    page = call("export", results, "sweep/named", "--format", "md").stdout
    check(page == call("export", results, "sweep/named", "--format", "markdown").stdout, "markdown is another word for md")
    check("\\<script>" in page and "<script" not in page.replace("\\<script", ""), page)
    if shutil.which("pdflatex") is None or not subprocess.run(["kpsewhich", "threeparttable.sty"], capture_output=True).stdout:
        print("pdflatex with threeparttable is not here: the tables are not compiled")
        return
    # pdflatex has no Chinese; xelatex would.
    text = "\n".join(t for t in tables.values()).replace("都", "du")
    (folder / "paper.tex").write_text(DOCUMENT % text)
    done = subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "paper.tex"], cwd=folder,
                          capture_output=True, timeout=300)
    check(done.returncode == 0 and (folder / "paper.pdf").stat().st_size > 10000, done.stdout.decode(errors="replace")[-2000:])


def main():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        results = make(folder)
        broom(results)
        refusals(folder, results)
        stata(folder, results)
        papers(folder, results)
        text = call("export", results, "panel").stdout
        check({r[0] for r in rows_of(text)} >= set(HOSTILE), "names of units come through CSV as they are")
    return 0


if __name__ == "__main__":
    sys.exit(main())
