#!/usr/bin/env python3
"""A word that the program does not know, near one that it knows: the message names that one, on the command line, in a study, in a
result file. Nothing near: no guess. Each with its exit code, and nothing on standard output."""

import sys
import tempfile
from pathlib import Path

from durable import make_study
from program import call, check

ROWS = "--unit city --time year --inputs labour,electricity --good gdp"
# (command line, exit code, what is meant); % stands for a blank within a word.
COMMANDS = [
    ("rnu study.toml", 64, "run"),
    ("--verison", 64, "--version"),
    ("compar results.h5", 64, "compare"),
    ("help dae", 64, "dea"),
    # Options: also where one that must be there is missing because of it, and with a value behind =.
    (f"dea panel.csv {ROWS} --modle radial", 64, "--model"),
    (f"dea panel.csv {ROWS} --modle=radial", 64, "--model"),
    (f"dea panel.csv {ROWS} --model radial --perrs", 64, "--peers"),
    (f"dea panel.csv {ROWS} --model radial --fromat json", 64, "--format"),
    (f"dea panel.csv {ROWS} --model radial --reference-p x.csv", 64, "--reference-panel"),  # begun
    ("export results.h5 panel --outptu x.csv", 64, "--output"),
    # Words of options.
    (f"dea panel.csv {ROWS} --model radail", 64, "radial"),
    (f"dea panel.csv {ROWS} --model radial --orientation inptu", 64, "input"),
    (f"dea panel.csv {ROWS} --model radial --reference globl", 64, "global"),
    (f"dea panel.csv {ROWS} --model radial --reference windwo:2", 64, "window"),
    (f"dea panel.csv {ROWS} --model ddf --direction-good obsreved", 64, "observed"),
    (f"dea panel.csv {ROWS} --bad co2 --model nddf --weights thrids", 64, "thirds"),
    (f"dea panel.csv {ROWS} --model additive --weights noramlized", 64, "normalized"),
    (f"dea panel.csv {ROWS} --model radial --format jsno", 64, "json"),
    (f"productivity panel.csv {ROWS} --measure malmquist --model rdial", 64, "radial"),
    (f"boot-dea panel.csv {ROWS} --bandwidth rto", 64, "rot"),
    ("regress panel.csv gdp%~%wage --vcov robsut", 64, "robust"),
    ("regress panel.csv gdp%~%wage --vcov clsuter:city", 64, "cluster"),
    ("regress panel.csv gdp%~%wage --ssc fixset", 64, "fixest"),
    ("bootstrap panel.csv gdp%~%wage --cluster city --method wild-clutser", 64, "wild-cluster"),
    ("placebo panel.csv gdp%~%wage --unit city --time year --treatment wage --method trajectroy", 64, "trajectory"),
    ("group-difference panel.csv gdp%~%wage --unit city --group wage --term wage --split medain", 64, "median"),
    ("run study.toml -o x.h5 --progress plian", 64, "plain"),
    # Columns and terms.
    ("dea panel.csv --unit ctiy --time year --inputs labour --good gdp --model radial", 65, '"city"'),
    ("dea panel.csv --unit city --time year --inputs labuor --good gdp --model radial", 65, '"labour"'),
    ("regress panel.csv gdp%~%wgae", 65, '"wage"'),
    ("regress panel.csv gdp%~%lgo(wage)", 65, '"log"'),
    ("regress panel.csv gdp%~%wage --where yaer%>%2011", 64, '"year"'),
    ("regress panel.csv gdp%~%wage --test wgae", 65, "wage"),
    ("bootstrap panel.csv gdp%~%wage --cluster city --term wgae", 64, "wage"),
    ("placebo panel.csv gdp%~%wage --unit city --time year --treatment wgae", 64, "wage"),
    ("group-difference panel.csv gdp%~%wage --unit city --group students --split median --term wgae", 64, "wage"),
    ("group-difference panel.csv gdp%~%wage --unit city --group students --split median --term wgae --method suest", 64, "wage"),
    # Levers.
    ("levers inteligent_manufacturing", 64, '"intelligent_manufacturing"'),
    # Tables, stages and datasets of a result file.
    ("show results.h5 regresion", 64, "regression"),
    ("show results.h5 dea/ef", 64, "dea/eff"),
    ("show results.h5 curve --term studnets", 64, "students"),
    ("export results.h5 dae/eff", 64, "dea/eff"),
    ("export results.h5 dea/eff/peer_entyr", 64, "dea/eff/peer_entry"),
    ("export results.h5 tidy/mian", 64, "regression/main"),
    ("export results.h5 regression --only mian", 64, "main"),
    ("compare results.h5 --sweep mnay", 64, "sweep/many"),
    ("compare results.h5 --by levre", 64, "lever"),
]
# (key of the study, value, exit code, what is meant)
STUDIES = [
    ("sede", "5", 78, '"seed"'),
    ("bootstrap.main.replicate", "5", 78, '"replicates"'),
    ("bootstrap.main.method", '"pairs-clsuter"', 78, '"pairs-cluster"'),
    ("sweep.many.design", '"latin"', 78, '"latin-hypercube"'),  # begun
    ("dea.eff.reference", '"globl"', 78, "global"),
    ("dea.eff.inputs", '["labuor"]', 78, '"labour"'),
    ("dea.eff.model", '"smb"', 78, '"sbm"'),
    ("bootstrap.main.regression", '"mian"', 78, "main"),
    ("placebo.main.treatment", '"studnets"', 78, "students"),
    ("sweep.few.dea", '"efff"', 78, "eff"),
    ("sweep.few.scenario", '[{ name = "a", levers = [{ lever = "retrofti", intensity = 1 }] }]', 78, "retrofit"),
    ("panel.unit", '"ctiy"', 65, '"city"'),
]
FAR = [
    ("zzzzqqq", 64),
    (f"dea panel.csv {ROWS} --model radial --zzzzqqq", 64),
    (f"dea panel.csv {ROWS} --model zzzzqqq", 64),
    ("dea panel.csv --unit city --time year --inputs zzzzqqq --good gdp --model radial", 65),
    ("show results.h5 zzzzqqq", 64),
    ("levers zzzzqqq", 64),
]


def said(line, code):
    done = call(*[word.replace("%", " ") for word in line.split()], expect=code)
    check(done.stdout == "", f"{line}: printed {done.stdout!r}")
    return done.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        study = make_study(folder, 64)
        call("run", study, "-o", folder / "results.h5", "--progress", "none")

        def here(line):
            for name in ("panel.csv", "results.h5", "study.toml"):
                line = line.replace(f" {name}", f" {folder / name}")
            return line

        for line, code, meant in COMMANDS:
            message = said(here(line), code)
            check(f"did you mean {meant}?" in message, f"{line}: {message}")
        for key, value, code, meant in STUDIES:
            done = call("plan", study, "--set", f"{key}={value}", expect=code)
            check(f"did you mean {meant}?" in done.stderr, f"{key} = {value}: {done.stderr}")
        for line, code in FAR:
            message = said(here(line), code)
            check("zzzzqqq" in message and "did you mean" not in message, f"{line}: {message}")
    print(f"{len(COMMANDS) + len(STUDIES)} words near others, {len(FAR)} far from all")
    return 0


if __name__ == "__main__":
    sys.exit(main())
