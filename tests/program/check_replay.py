#!/usr/bin/env python3
"""Programs that fail: a run counts them, keeps them as files and goes on; replay solves them again alone. Made to fail by
digits = 16 and a frontier with a cliff: between the cities B and C, the last two, the input rises from 1 to 2 and the
output by 1e-8."""

import json
import os
import random
import re
import tempfile
from pathlib import Path

from program import call, check

YEARS = (2011, 2012, 2013)
CLIFF = {"A": (3, 1 + 5e-9), "B": (1, 1.0), "C": (2, 1 + 1e-8), "D": (1, 1.1), "E": (4, 0.9), "G": (3, 0.5)}

STUDY = """
name = "cliff"
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[dea.eff]
inputs = ["x"]
good = ["y"]
model = "radial"
returns = "vrs"
digits = 16
[dea.cliff]
inputs = ["x"]
good = ["y"]
model = "radial"
returns = "vrs"
digits = 16
where = "d == 0"
[regression.main]
formula = "eff ~ z | year"
[bootstrap.joint]
method = "joint-cluster"
regression = "main"
cluster = "city"
replicates = 40
[lever.rise]
operations = [{ type = "scale", variable = "y", per_unit = 1 }]
[sweep.rise]
dea = "cliff"
design = "list"
[[sweep.rise.scenario]]
name = "onto the cliff"
levers = [{ lever = "rise", intensity = 1.00000001, where = "g == 1", path = { start = 2011 } }]
[[sweep.rise.scenario]]
name = "below it"
levers = [{ lever = "rise", intensity = 0.5, where = "g == 1", path = { start = 2011 } }]
"""


def write_panel(path):
    numbers = random.Random(5)
    lines = ["city,year,x,y,z,d,g"]
    cities = dict(CLIFF)
    for c in range(10):
        cities[f"c{c}"] = (numbers.uniform(4, 8), numbers.uniform(0.2, 0.9))
    for city, (x, y) in cities.items():
        lines += [f"{city},{year},{x!r},{y!r},{numbers.random()!r},{int(city == 'D')},{int(city == 'G')}" for year in YEARS]
    path.write_text("\n".join(lines) + "\n")


def replayed(file):
    answer = json.loads(call("replay", file, "--format", "json").stdout)
    by_digits = {a["digits"]: a for a in answer["attempts"]}
    check(list(by_digits) == [16, 34, 100], f"{file}: {answer}")
    check(by_digits[16]["status"] == "failed" and by_digits[16]["score"] is None, f"{file}: {by_digits[16]}")
    for digits in (34, 100):
        found = by_digits[digits]
        check(found["status"] == "optimal" and found["proved"] is True, f"{file}: {found}")
    return answer


def check_run(folder):
    write_panel(folder / "panel.csv")
    study = folder / "study.toml"
    study.write_text(STUDY)
    output = folder / "r.h5"
    done = call("run", study, "-o", output, "--progress", "plain", expect=3)
    files = sorted((folder / "r.h5.failed").iterdir())
    check(f"{len(files)} failed programs are kept" in done.stderr and "greenfront replay" in done.stderr, done.stderr)
    told = json.loads((folder / "r.h5.progress.json").read_text())
    check(told["state"] == "done" and told["exit_code"] == 3, f"progress of a run with failed units: {told}")
    check(f"{told['failures']} units of work failed" in done.stderr and told["failures"] > 0, f"{told}\n{done.stderr}")
    by_stage = {}
    for file in files:
        answer = replayed(file)
        by_stage.setdefault(answer["stage"], []).append(answer)
    print({stage: len(answers) for stage, answers in by_stage.items()})

    own = by_stage.pop("dea.cliff")
    check(sorted((a["unit"], a["time"]) for a in own) == [(c, year) for c in "AC" for year in YEARS], f"dea.cliff: {own}")
    # C spans the frontier; behind it stands A, whose input could be 1.5 instead of 3.
    check(all(abs(a["attempts"][1]["score"] - (1 if a["unit"] == "C" else 0.5)) < 1e-6 for a in own), f"{own}")
    swept = by_stage.pop("sweep.rise")
    check(sorted((a["unit"], a["time"], a["scenario"]) for a in swept) == [("G", y, "onto the cliff") for y in YEARS], f"{swept}")
    joint = by_stage.pop("bootstrap.joint")
    check({a["unit"] for a in joint} <= {"A", "C"} and len({a["replicate"] for a in joint}) >= 2, f"joint: {joint}")
    check(not by_stage, f"others failed: {list(by_stage)}")

    import h5py
    with h5py.File(output) as results:
        status = results["bootstrap/joint/status"]
        failed = list(status.attrs["flag_meanings"].split()).index("failed")
        replicates = {int(r) for r in (status[()] == failed).nonzero()[0]}
        check(replicates == {a["replicate"] for a in joint}, f"{replicates} failed, kept are {joint}")
        check(results["sweep/rise/frontier_failed"][()].tolist() == [3, 0], "frontier_failed")
    check("failed" in call("show", output).stdout, "show does not count failed units")

    # Programs of other returns to scale count, too.
    more = call("run", study, "-o", folder / "scale.h5", "--set", "dea.cliff.scale_efficiency=true", expect=3).stderr
    counts = [int(re.search(r"(\d+) units of work failed", text)[1]) for text in (done.stderr, more)]
    check(counts[1] > counts[0], f"{counts}: scale efficiency adds no failed program")

    # All digits: nothing fails, and the folder is not made again.
    for file in files:
        file.unlink()
    (folder / "r.h5.failed").rmdir()
    call("run", study, "-o", output, "--force", "--set", "dea.eff.digits=100", "--set", "dea.cliff.digits=34")
    check(not (folder / "r.h5.failed").exists(), "files of failed units without a failed unit")

    # Where they cannot be kept, the run ends all the same and says so.
    (folder / "r.h5.failed").write_text("in the way")
    done = call("run", study, "-o", output, "--force", expect=3)
    check("could not be kept" in done.stderr and output.exists(), done.stderr)


def check_words(folder):
    refused = call("run", folder / "study.toml", "-o", folder / "x.h5", "--set", "dea.eff.digits=20", expect=78)
    check("dea.eff" in refused.stderr and "digits" in refused.stderr and "34" in refused.stderr, refused.stderr)
    one = ["dea", folder / "panel.csv", "--unit", "city", "--time", "year", "--inputs", "x", "--good", "y", "--model", "radial",
           "--returns", "vrs"]
    check(call(*one, "--digits", "17", expect=64).stderr.count("--digits") == 1, "--digits 17")
    call(*one, "--digits", "34")
    call("replay", folder / "none.json", expect=66)
    call("replay", folder / "panel.csv", expect=65)


def check_portable(folder, kept):
    """The same bits whatever the C library would choose, and the set is named."""
    import h5py
    study = folder / "study.toml"
    study.write_text(STUDY.replace("digits = 16", "digits = 100"))
    values = []
    for name, settings in (("one", {}), ("two", {"GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2"})):
        output = folder / f"{name}.h5"
        call("run", study, "-o", output, "--isa", "portable", env={**os.environ, **settings})
        with h5py.File(output) as results:
            values.append((results["provenance"].attrs["instruction_set"], results["dea/eff/score"][()].tobytes(),
                           results["bootstrap/joint/draw"][()].tobytes()))
    check(values[0] == values[1], f"portable: {values[0][0]} and {values[1][0]} differ")
    native = json.loads(call("replay", kept, "--format", "json").stdout)["instruction_set"]
    portable = json.loads(call("replay", kept, "--isa", "portable", "--format", "json").stdout)["instruction_set"]
    check(portable == values[0][0], f"{portable} is not {values[0][0]}")
    call("run", study, "-o", folder / "one.h5", "--isa", "portable")  # complete
    call("run", study, "-o", folder / "native.h5")
    if native != portable:
        refused = call("run", study, "-o", folder / "native.h5", "--isa", "portable", expect=73)
        check(native in refused.stderr and "--force" in refused.stderr, refused.stderr)
    print(f"portable is {portable}, native is {native}")
    call("replay", kept, "--isa", "sse9", expect=64)


with tempfile.TemporaryDirectory(prefix="greenfront-replay-") as name:
    place = Path(name)
    check_run(place)
    (place / "r.h5.failed").unlink()
    call("run", place / "study.toml", "-o", place / "r.h5", "--force", expect=3)
    kept = sorted((place / "r.h5.failed").iterdir())[0]
    check_words(place)
    check_portable(place, kept)
print("failed programs are kept, named and solved again")
