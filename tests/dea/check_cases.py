"""Public reference cases of radial and SBM models, through the program `greenfront dea`."""
import json
import math
import os
import subprocess
import sys
import tempfile

SHARED = os.environ.get("GREENFRONT_SHARED", "")
PROGRAM = os.environ["GREENFRONT_PROGRAM"]
CASES = os.path.join(SHARED, "cases", "dea", "cases.json")

if not os.path.exists(CASES):
    print("SKIPPED dea reference cases: no", CASES)
    sys.exit(77)

STORED = {}


def load(case):
    """X, Y, B, ids, years of a case, inline or from its data file."""
    if "$data" not in case:
        source = case
    else:
        path = os.path.normpath(os.path.join(os.path.dirname(CASES), case["$data"]))
        if path not in STORED:
            with open(path) as f:
                STORED[path] = json.load(f)
        source = STORED[path][case["key"]]
    n = len(source["X"])
    ids = source.get("ids") or case.get("ids") or list(range(n))
    return source["X"], source["Y"], source.get("B"), ids, source.get("years") or case.get("years")


def write_panel(path, X, Y, B, ids, years):
    names = [[f"{letter}{k}" for k in range(len(v[0]))] if v else [] for letter, v in (("x", X), ("y", Y), ("b", B))]
    with open(path, "w") as f:
        head = ["id"] + (["year"] if years else []) + sum(names, [])
        f.write(",".join(head) + "\n")
        for r in range(len(X)):
            row = [str(ids[r])] + ([str(years[r])] if years else [])
            for values in (X, Y, B):
                row += [repr(float(v)) for v in values[r]] if values else []
            f.write(",".join(row) + "\n")
    return names


def command(case, panel, names, years):
    o = case["options"]
    orientation = {"in": "input", "out": "output", "non": "none"}[o["orient"]]
    args = [PROGRAM, "dea", panel, "--unit", "id", "--inputs", ",".join(names[0]), "--good", ",".join(names[1]),
            "--model", case["model"], "--orientation", orientation, "--returns", o["rts"],
            "--slacks", o.get("slack_weights", "raw"), "--format", "json"]
    if case["model"] == "sbm" and names[2]:
        args += ["--bad", ",".join(names[2])]
    if years:
        args += ["--time", "year"]
    reference = o.get("reference", "global")
    if reference in ("window", "trailing"):
        reference += f":{o.get('h', 0)}"
    if years or reference == "global":
        args += ["--reference", reference]
    if o.get("super"):
        args += ["--super"]
    if o.get("y_zero") == "drop":
        args += ["--zeros", "drop"]
    return args


def close(got, want, tolerance, slack_scale=None):
    """None in the reference means: not unique, or no number."""
    if want is None:
        return True
    if got is None:
        return False
    bound = tolerance["abs"] + tolerance.get("rel", 0) * abs(want)
    if slack_scale is not None:
        bound = max(bound, tolerance.get("slack_rel", tolerance.get("rel", 0)) * max(abs(want), slack_scale))
    return abs(got - want) <= bound


def compare(case, units, names, data):
    expected = case["expected"]
    # Without a list of rows the figures are those of the first units.
    rows = case["options"].get("rows") or range(len(expected["status"]))
    problems, figures = [], 0
    for k, r in enumerate(rows):
        unit = units[r]
        if unit["status"] != expected["status"][k]:
            problems.append(f"row {r}: status {unit['status']}, expected {expected['status'][k]}")
        figures += 2
        want = expected["score"][k]
        if (want is None) != (unit["score"] is None) or not close(unit["score"], want, case["tolerance"]):
            problems.append(f"row {r}: score {unit['score']}, expected {want}")
        for field, group, values in zip(("slack_x", "slack_y", "slack_b"), names, data):
            if field not in expected or not group or expected[field] is None:
                continue
            for v, name in enumerate(group):
                want = expected[field][k][v]
                figures += want is not None
                # A slack is a difference of data: its accuracy is relative to the unit's own value.
                if not close(unit["slack"].get(name), want, case["tolerance"], abs(values[r][v])):
                    problems.append(f"row {r}: slack of {name} {unit['slack'].get(name)}, expected {want}")
    return problems, figures


def main():
    with open(CASES) as f:
        cases = json.load(f)
    failed, done, figures, skipped = [], 0, 0, {}
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            if case["model"] not in ("radial", "sbm"):
                skipped[case["model"]] = skipped.get(case["model"], 0) + 1
                continue
            X, Y, B, ids, years = load(case)
            panel = os.path.join(folder, "panel.csv")
            names = write_panel(panel, X, Y, B, ids, years)
            run = subprocess.run(command(case, panel, names, years), capture_output=True, text=True)
            if run.returncode != 0:
                failed.append((case["id"], [f"exit {run.returncode}: {run.stderr.strip()}"]))
                continue
            problems, count = compare(case, json.loads(run.stdout)["units"], names, (X, Y, B))
            done += 1
            figures += count
            if problems:
                failed.append((case["id"], problems))
    for name, problems in failed:
        print(f"FAILED {name}: {len(problems)} problems")
        for text in problems[:4]:
            print("   ", text)
    print(f"{done} cases, {figures} figures, {len(failed)} failed; "
          "left out, models that are not built: " + ", ".join(f"{k} {v}" for k, v in sorted(skipped.items())))
    return 1 if failed or done == 0 or not math.isfinite(figures) else 0


if __name__ == "__main__":
    sys.exit(main())
