"""The commands synth, levers and index: files, exit codes, nothing on standard output after an error."""

import csv
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = os.environ["GREENFRONT_PROGRAM"]


def call(*arguments, expect=0, cwd):
    done = subprocess.run([PROGRAM, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=120)
    if done.returncode != expect:
        sys.exit(f"{arguments}: exit {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}")
    if expect != 0 and done.stdout:
        sys.exit(f"{arguments}: an error, but standard output has\n{done.stdout}")
    if expect != 0 and not done.stderr:
        sys.exit(f"{arguments}: exit {expect} without a message")
    return done


def check(condition, message):
    if not condition:
        sys.exit(message)


def synth(folder):
    call("synth", expect=64, cwd=folder)
    call("synth", "-o", "p.csv", "--years", "2011-2013", expect=64, cwd=folder)
    call("synth", "-o", "p.csv", "--cities", "3", expect=64, cwd=folder)
    call("synth", "-o", "absent/p.csv", expect=73, cwd=folder)
    made = call("synth", "-o", "p.csv", "--cities", "40", "--years", "2015:2017", cwd=folder)
    check(made.stdout == "" and "synthetic" in made.stderr, "synth does not say that its panel is synthetic")
    first = (folder / "p.csv").read_bytes()
    call("synth", "-o", "p.csv", "--cities", "20", expect=73, cwd=folder)
    check((folder / "p.csv").read_bytes() == first, "synth changed a file that it refused to overwrite")
    call("synth", "-o", "q.csv", "--cities", "40", "--years", "2015:2017", "--seed", "1", cwd=folder)
    check((folder / "q.csv").read_bytes() == first, "the same seed gave other bytes")
    call("synth", "-o", "q.csv", "--cities", "40", "--years", "2015:2017", "--seed", "2", "--force", cwd=folder)
    check((folder / "q.csv").read_bytes() != first, "another seed gave the same bytes")
    rows = list(csv.DictReader(first.decode().splitlines()))
    check(len(rows) == 120 and rows[0]["city"] == "C001" and rows[2]["year"] == "2017", "synth: wrong rows")


def levers(folder):
    catalogue = json.loads(call("levers", "--format", "json", cwd=folder).stdout)["levers"]
    rows = list(csv.DictReader(call("synth", "-o", "all.csv", "--cities", "10", cwd=folder) and open(folder / "all.csv")))
    known = set(rows[0]) | {"capital"}  # capital is made by perpetual inventory before levers act
    check(len(catalogue) >= 10, "the catalogue has few levers")
    for lever in catalogue:
        check(lever["source"] and lever["description"] and lever["operations"], f"{lever['name']}: undocumented")
        check(lever["intensity_low"] < lever["intensity_high"], f"{lever['name']}: empty range")
        for operation in lever["operations"]:
            check(operation["variable"] in known, f"{lever['name']} moves {operation['variable']}, which no panel has")
    text = call("levers", cwd=folder).stdout
    check(all(lever["name"] in text for lever in catalogue), "the table leaves levers out")
    table = list(csv.DictReader(call("levers", "--format", "csv", cwd=folder).stdout.splitlines()))
    check({row["lever"] for row in table} == {lever["name"] for lever in catalogue}, "CSV rows are incomplete")
    one_lever(folder, catalogue)


def one_lever(folder, catalogue):
    for lever in catalogue:
        text = call("levers", lever["name"], cwd=folder).stdout
        uncertain = any("uncertain" in operation for operation in lever["operations"])
        check(lever["title"] in text and "Source: " in text and "[[sweep.policy.levers]]" in text and
              ("at its median" in text) == uncertain, f"levers {lever['name']} explains too little:\n{text}")
        check(json.loads(call("levers", lever["name"], "--format", "json", cwd=folder).stdout) == lever, "JSON of one lever")
    check("unknown" not in text and "balanced" in call("levers", cwd=folder).stdout, "the list leaves packages out")
    check("emission_pressure" in call("levers", "dual_high", cwd=folder).stdout, "levers dual_high")
    check('did you mean "carbon_price"?' in call("levers", "carbon_prize", expect=64, cwd=folder).stderr, "no nearest name")
    call("levers", "talent", "--draws", "3", expect=64, cwd=folder)
    call("levers", "--draws", "3", "--format", "json", expect=64, cwd=folder)
    call("levers", "balanced", "--format", "csv", expect=64, cwd=folder)
    draws = json.loads(call("levers", "ccus", "--draws", "3", "--format", "json", cwd=folder).stdout)["draws"]
    check([len(values) for values in draws.values()] == [3, 3], f"draws of ccus: {draws}")
    # What it prints as TOML is a study's own lever; a lever of the study stands before the catalogue's.
    head = 'name = "s"\n[panel]\nfile = "p.csv"\nunit = "u"\ntime = "t"\n'
    copy = call("levers", "--format", "toml", cwd=folder).stdout
    (folder / "s.toml").write_text(head + copy.replace("Talent", "Own talent"), encoding="utf-8")
    check("Own talent" in call("levers", "talent", "--study", "s.toml", cwd=folder).stdout, "the study's lever is not used")
    check(call("levers", "--format", "toml", "--study", "s.toml", cwd=folder).stdout == copy.replace("Talent", "Own talent"),
          "TOML does not read back")
    (folder / "s.toml").write_text(head + '[lever.a]\noperations = [{ type = "cap", variable = "x", per_unit = 1 }]\n')
    check("operation 0 (cap of x): cap needs value" in call("levers", "--study", "s.toml", expect=78, cwd=folder).stderr, "no reason")


def index(folder):
    (folder / "small.csv").write_text("u,t,a,b,c\n02,1,1,5,7\n1,1,3,2,7\n10,1,2,,7\n", encoding="utf-8")
    base = ("index", "small.csv", "--unit", "u", "--time", "t")
    out = json.loads(call(*base, "--positive", "a", "--negative", "b", "--format", "json", cwd=folder).stdout)
    check(out["method"] == "entropy" and list(out["weights"]) == ["a", "b"], "index: wrong head")
    check(all(abs(w - 0.5) < 1e-12 for w in out["weights"].values()), "index: two rows give equal weights")
    expected = [{"unit": "02", "time": 1, "score": 0.0}, {"unit": "1", "time": 1, "score": 1.0},
                {"unit": "10", "time": 1, "score": None}]
    check(out["units"] == expected, f"index: units are {out['units']}")
    without = json.loads(call("index", "small.csv", "--unit", "u", "--positive", "a", "--format", "json", cwd=folder).stdout)
    check(without["units"][0]["time"] is None, "index: time without --time is not null")
    call(*base, "--positive", "a,c", expect=65, cwd=folder)                       # constant
    call(*base, "--positive", "a,zz", expect=65, cwd=folder)                      # unknown column
    call(*base, "--positive", "a", "--negative", "a", expect=64, cwd=folder)      # two roles
    call(*base, "--positive", "a,u", expect=64, cwd=folder)
    call(*base, expect=64, cwd=folder)
    call(*base, "--positive", "a", "--method", "critic", expect=65, cwd=folder)   # nothing to be in conflict with
    call(*base, "--positive", "a", "--method", "pca", expect=64, cwd=folder)
    call(*base, "--positive", "a", "--method", "fixed", expect=64, cwd=folder)
    call(*base, "--positive", "a", "--weights", "1", expect=64, cwd=folder)
    call(*base, "--positive", "a,b", "--method", "fixed", "--weights", "1", expect=65, cwd=folder)
    call(*base, "--positive", "a", "--shift", "-1", expect=64, cwd=folder)
    call("index", "absent.csv", "--unit", "u", "--positive", "a", expect=66, cwd=folder)
    call("index", "small.csv", "--positive", "a", expect=64, cwd=folder)
    check("0.5" in call(*base, "--positive", "a", "--negative", "b", cwd=folder).stdout, "index: no weights in the table")
    lines = call(*base, "--positive", "a", "--negative", "b", "--format", "csv", cwd=folder).stdout.splitlines()
    check(lines[0].startswith("unit,time,score") and len(lines) == 4, f"index: CSV is {lines}")


with tempfile.TemporaryDirectory() as name:
    for test in (synth, levers, index):
        test(Path(name))
        print(f"{test.__name__}: passed")
