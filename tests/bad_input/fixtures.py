"""Good files of the program's own making, which cases damage: a result, parts, a failed unit and Stata's format."""

import json
import subprocess

from case import PANEL

STUDY = """name = "fixture"
[panel]
file = "p.csv"
unit = "city"
time = "year"
[dea.eff]
inputs = ["k"]
good = ["y"]
model = "radial"
[index.idx]
positive = ["x", "z"]
[regression.base]
formula = "y ~ x + z"
vcov = "cluster:city"
[bootstrap.boot]
regression = "base"
cluster = "city"
replicates = 20
[lever.push]
[[lever.push.operations]]
type = "scale"
variable = "x"
per_unit = 0.1
[sweep.few]
regression = "base"
bootstrap = "boot"
design = "grid"
[[sweep.few.levers]]
lever = "push"
intensities = [0, 1, 2]
"""

FAILED = {
    "format": "greenfront failed unit", "format_version": 1, "version": "0.1.0", "instruction_set": "avx2", "run_id": "0" * 32,
    "stage": "dea.eff", "scenario": "", "scenario_number": -1, "replicate": -1, "unit": "A", "time": 2011, "panel": "p.csv",
    "record": 1, "inputs": ["k"], "good": ["y"], "bad": [],
    "settings": {"model": "radial", "orientation": "input", "returns": "crs", "disposability": "strong", "input_weights": [],
                 "output_weights": [], "additive_weights": "ones", "item_weights": [],
                 "direction_inputs": {"kind": "zeros", "given": []}, "direction_good": {"kind": "observed", "given": []},
                 "direction_bad": {"kind": "observed", "given": []}, "slacks": True, "slack_weights": "mean", "super": False,
                 "super_bads": "denominator", "drop_zero_outputs": False, "digits": 100},
    "evaluated_column": 0, "reference_column": 0, "left_out": None,
    "evaluated": {"inputs": [[5.0, 4.0, 6.0]], "good": [[1.0, 2.0, 4.0]], "bad": [], "prices": []},
    "reference": {"inputs": [[5.0, 4.0, 6.0]], "good": [[1.0, 2.0, 4.0]], "bad": [], "prices": []},
}


def make_fixtures(program, folder):
    """The folder: r.h5, r.h5.parts of an unfinished run, p.dta, failed.json."""
    (folder / "p.csv").write_text(PANEL)
    (folder / "s.toml").write_text(STUDY)
    (folder / "failed.json").write_text(json.dumps(FAILED))
    for words in (["run", "s.toml", "-o", "r.h5"], ["run", "s.toml", "-o", "parts.h5", "--shard", "1/1"],
                  ["export", "r.h5", "panel", "--format", "dta", "-o", "p.dta"], ["replay", "failed.json"],
                  ["regress", "p.dta", "y ~ x", "--unit", "unit", "--time", "time"]):
        done = subprocess.run([program, *words], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, f"{words}: {done.returncode} {done.stderr}"
    return folder
