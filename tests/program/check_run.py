#!/usr/bin/env python3
"""`greenfront run` on the main study, and everything that reads its file: show, compare, export, xarray."""

import csv
import io
import json
import sys
import tempfile
from pathlib import Path

import numpy as np
import xarray

from program import QUICK, STUDY, call, check

SWEEPS = ("capacity_or_energy", "energy_or_carbon")


def check_overwriting(output):
    before = output.read_bytes()
    again = call("run", STUDY, "-o", output, "--progress", "plain", *QUICK)
    check("complete" in again.stderr, f"a complete result is not reported as such: {again.stderr}")
    refused = call("run", STUDY, "-o", output, *QUICK, "--set", "seed=2", expect=73)
    check(refused.stdout == "" and str(output) in refused.stderr and "--force" in refused.stderr,
          f"the refusal must name the file and --force: {refused.stderr}")
    check(output.read_bytes() == before, "the existing file was touched")
    call("run", STUDY, "-o", output, "--progress", "none", *QUICK, "--set", "seed=2", "--force")
    check(output.read_bytes() != before, "--force did not replace the file")
    call("run", STUDY, "-o", output, "--progress", "none", *QUICK, "--force")


def check_refusals(folder):
    """The user's faults: exit code, a message on stderr, nothing on stdout, no file."""
    output = folder / "refused.h5"
    for expect, arguments, word in (
        (78, ["run", STUDY, "-o", output, "--set", "dea.eff.modle=\"sbm\""], "model"),
        (78, ["run", STUDY, "-o", output, "--set", "regression.controls.formula=\"eff ~ capacty | iso3\""], "capacity"),
        (78, ["run", STUDY, "-o", output, "--set", "sweep.energy_or_carbon.dea=\"ef\""], "eff"),
        (66, ["run", folder / "absent.toml", "-o", output], "absent.toml"),
        (66, ["run", STUDY, "-o", output, "--set", "panel.file=\"absent.csv\""], "absent.csv"),
        (73, ["run", STUDY, "-o", folder / "absent" / "results.h5", *QUICK], "absent"),
        (64, ["run", STUDY], "output"),
        (64, ["run", STUDY, "-o", output, "--thread", "2"], "--thread"),
        (64, [], ""),
        (66, ["show", folder / "absent.h5"], "absent.h5"),
    ):
        done = call(*arguments, expect=expect)
        check(done.stdout == "", f"{arguments}: an error printed on standard output: {done.stdout}")
        check(word in done.stderr, f"{arguments}: the message does not say {word!r}: {done.stderr}")
        check(not output.exists(), f"{arguments}: left a file behind")


def check_tables(output):
    for table in ([], ["regression"], ["regression/controls"], ["dea"], ["index"], ["bootstrap"], ["placebo"],
                  ["describe"], ["contents"]):
        check(len(call("show", output, *table).stdout.splitlines()) >= 3, f"show {table} prints next to nothing")
    regression = call("show", output, "regression").stdout
    for word in ("capacity", "income", "Controls", "Pathway", "iso3"):
        check(word in regression, f"the regression table does not show {word}:\n{regression}")
    wrong = call("show", output, "regresion", expect=64)
    check(wrong.stdout == "" and "regression" in wrong.stderr, f"no nearest table is named: {wrong.stderr}")

    for sweep in SWEEPS:
        for by in ([], ["--by", "lever"], ["--by", "group"], ["--by", "year"]):
            text = call("compare", output, "--sweep", sweep, *by).stdout
            check("retrofit" in text or by == ["--by", "lever"] and "etrofit" in text, f"compare {sweep} {by}:\n{text}")

    for table in ("regression/controls", "sweep/energy_or_carbon", "dea/eff", "bootstrap/controls/replicate"):
        header, *rows = csv.reader(io.StringIO(call("export", output, table, "--format", "csv").stdout))
        check(rows and {len(row) for row in rows} == {len(header)}, f"export {table}: not a rectangle: {rows[:3]}")
        records = json.loads(call("export", output, table, "--format", "json").stdout)
        check(len(records) == len(rows) and list(records[0]) == header, f"export {table}: JSON and CSV have different shapes")
        for row, record in zip(rows, records):
            for cell, value in zip(row, record.values()):
                same = cell in ("", "NaN", "nan") if value is None else cell == value or float(cell) == value
                check(same, f"export {table}: {cell!r} in CSV, {value!r} in JSON")


def one_shot_scores(prepared, *arguments):
    done = call("dea", prepared, "--unit", "iso3", "--time", "year", "--inputs", "capital,labour,energy", "--good", "gdp",
                "--format", "json", *arguments)
    units = json.loads(done.stdout)["units"]
    return {(u["unit"], u["time"]): (np.nan if u["score"] is None else u["score"]) for u in units}


def check_xarray(output, prepared):
    """The file opens with its coordinates, and its scores are those of the one-shot command on the same panel."""
    for name, arguments in (
        ("eff", ["--bad", "co2", "--model", "sbm", "--returns", "crs", "--reference", "global"]),
        ("eff_vrs", ["--bad", "co2", "--model", "sbm", "--returns", "vrs", "--reference", "global"]),
        ("eff_year", ["--bad", "co2", "--model", "sbm", "--returns", "crs", "--reference", "contemporaneous"]),
        ("eff_classic", ["--model", "radial", "--orientation", "input", "--returns", "crs", "--reference", "global"]),
    ):
        with xarray.open_dataset(output, group=f"dea/{name}", engine="h5netcdf") as data:
            check({"unit", "time"} <= set(data.coords), f"dea/{name}: coordinates {list(data.coords)}")
            check(data["score"].dims == ("unit", "time"), f"dea/{name}: score has {data['score'].dims}")
            grid = data["score"].values
            scores = {(str(unit), int(time)): grid[u, t] for u, unit in enumerate(data["unit"].values)
                      for t, time in enumerate(data["time"].values)}
        once = one_shot_scores(prepared, *arguments)
        check(len(scores) == 1660 and set(scores) == set(once), f"dea/{name}: {len(scores)} rows, one-shot {len(once)}")
        worst = max(abs(scores[key] - once[key]) for key in scores)
        check(worst <= 1e-12, f"dea/{name}: differs from the one-shot command by {worst}")
    with xarray.open_dataset(output, group="sweep/capacity_or_energy", engine="h5netcdf") as data:
        check(data["econometric_effect"].dims == ("scenario",) and data.sizes["scenario"] == 27, f"the sweep is {data.sizes}")
        # No lever, no change: the scenario with all intensities at zero is the baseline.
        check(float(data["econometric_effect"][0]) == 0 and float(data["frontier_effect"][0]) == 0, "no lever moves something")
        # Connectivity and schooling move no variable of the frontier.
        idle = data["intensity"].sel(lever="retrofit").values == 0
        check(idle.sum() == 9 and np.all(data["frontier_effect"].values[idle] == 0), "a lever outside the frontier moves it")
        check(np.all(data["frontier_effect"].values[~idle] > 0), "saving energy must raise the scores")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        output, prepared = folder / "results.h5", folder / "prepared.csv"
        done = call("run", STUDY, "-o", output, "--progress", "plain", *QUICK)
        check(done.stdout == "", "run printed on standard output")
        check(not list(folder.glob("*.tmp*")), "run left a temporary file")
        check_tables(output)
        call("prepare", STUDY, "-o", prepared)
        check_xarray(output, prepared)
        check_overwriting(output)
        check_refusals(folder)
    print("run, show, compare, export and xarray agree")
    return 0


if __name__ == "__main__":
    sys.exit(main())
