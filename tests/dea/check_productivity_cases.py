"""Public reference cases of productivity change, through `greenfront productivity`, and two published tables."""
import csv
import json
import os
import subprocess
import sys
import tempfile

from check_cases import CASES, PROGRAM, SHARED, close, directional, load, weights, write_panel

MEASURES = {"malmquist": "malmquist", "ml": "malmquist-luenberger", "luenberger_nddf": "luenberger"}
FIELDS = {"m": "index", "ec": "efficiency_change", "tc": "technical_change", "pec": "pure_efficiency_change",
          "sec": "scale_change"}


def command(case, panel, names):
    o, model = case["options"], case["model"]
    args = [PROGRAM, "productivity", panel, "--unit", "id", "--time", "year", "--inputs", ",".join(names[0]), "--good",
            ",".join(names[1]), "--measure", MEASURES[model], "--frontier", o.get("kind", "global"), "--returns",
            {"irs": "ndrs"}.get(o["rts"], o["rts"]), "--format", "json"]
    if model == "malmquist":
        return args + ["--orientation", {"in": "input", "out": "output"}[o["orient"]]]
    args += ["--bad", ",".join(names[2])] + directional(o, names)
    if model == "luenberger_nddf":
        args += ["--weights", "halves"] if o["weights"] == "halves_yb" else weights(o)
    return args


def compare(case, units):
    expected, tolerance = case["expected"], case["tolerance"]
    got = {(unit["unit"], unit["from"], unit["to"]): unit for unit in units}
    wanted = [(str(i), a, b) for i, a, b in zip(expected["id"], expected["from"], expected["to"])]
    problems, figures, nulls = [], 0, 0
    if sorted(got) != sorted(wanted) or len(got) != len(units):
        problems.append(f"{len(units)} pairs, expected {len(wanted)}: {sorted(set(got) ^ set(wanted))[:5]}")
        return problems, figures, nulls
    for k, key in enumerate(wanted):
        for short, field in FIELDS.items():
            if short not in expected:
                continue
            want, value = expected[short][k], got[key][field]
            figures += 1
            nulls += want is None
            if (want is None) != (value is None) or not close(value, want, tolerance):
                problems.append(f"{key}: {field} {value}, expected {want}")
        if (got[key]["status"] == "optimal") != (expected["m"][k] is not None):
            problems.append(f"{key}: status {got[key]['status']} beside index {expected['m'][k]}")
    return problems, figures, nulls


def run_cases(folder):
    with open(CASES) as f:
        cases = json.load(f)
    done, failed, figures, nulls, left_out = 0, [], 0, 0, []
    for case in cases:
        if case["model"] not in MEASURES:
            continue
        if case["options"].get("apz"):  # a cap on projected bads that Greenfront does not have
            left_out.append(case["id"])
            continue
        X, Y, B, ids, years = load(case)
        panel = os.path.join(folder, "panel.csv")
        names = write_panel(panel, X, Y, B, ids, years)
        run = subprocess.run(command(case, panel, names), capture_output=True, text=True)
        done += 1
        if run.returncode != 0:
            failed.append((case["id"], [f"exit {run.returncode}: {run.stderr.strip()}"]))
            continue
        problems, count, without = compare(case, json.loads(run.stdout)["units"])
        figures, nulls = figures + count, nulls + without
        if problems:
            failed.append((case["id"], problems))
    for name, problems in failed:
        print(f"FAILED {name}: {len(problems)} problems")
        for text in problems[:4]:
            print("   ", text)
    print(f"{done} cases, {figures} figures, {nulls} of them null, {len(failed)} cases failed; not here: {left_out}")
    return not failed and done > 0


# Wang, Du and Zhang (2022), Stata Journal 22(1): the article's data and what its program prints.
PUBLISHED = {
    "gtfpch-ref-gtfpch-global-ml.csv": (
        ["--measure", "malmquist-luenberger"],
        {"TFPCH": "index", "TECH": "efficiency_change", "TECCH": "technical_change"}),
    "gtfpch-ref-gtfpch-nonradial-luenberger.csv": (
        ["--measure", "luenberger", "--weights", "0,0,1,1"],
        {"TFPCH": "index", "TECH": "efficiency_change", "TECCH": "technical_change"}),
}


def run_published():
    folder = os.path.join(SHARED, "data", "china-province")
    panel = os.path.join(folder, "gtfpch-example.csv")
    if not os.path.exists(panel):
        print("SKIPPED the published tables: no", panel)
        return True
    good = True
    for name, (options, columns) in PUBLISHED.items():
        run = subprocess.run([PROGRAM, "productivity", panel, "--unit", "Province", "--time", "year", "--inputs", "K,L",
                              "--good", "Y", "--bad", "CO2", *options, "--format", "json"],
                             capture_output=True, text=True)
        assert run.returncode == 0, run.stderr
        got = {(u["unit"], u["to"]): u for u in json.loads(run.stdout)["units"]}
        with open(os.path.join(folder, name), encoding="utf-8") as f:
            rows = list(csv.DictReader(f))
        worst, figures = 0.0, 0
        for row in rows:
            year = int(float(row["Pdwise"].split("~")[1])) if "Pdwise" in row else int(float(row["year"]))
            for theirs, ours in columns.items():
                worst = max(worst, abs(got[row["Province"], year][ours] - float(row[theirs])))
                figures += 1
        print(f"{name}: {figures} figures, largest difference {worst:.1e}")
        good = good and worst <= 1e-6 and figures > 0
    return good


def main():
    with tempfile.TemporaryDirectory() as folder:
        cases = run_cases(folder)
    return 0 if run_published() and cases else 1


if __name__ == "__main__":
    sys.exit(main())
