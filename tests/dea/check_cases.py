"""Public reference cases of every efficiency model, through the program `greenfront dea`."""
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

MODELS = ("radial", "sbm", "super_sbm", "additive", "ddf", "nddf")
# A cap on projected bads that DEA.jl has and no text asks for; Greenfront does not have it.
LEFT_OUT = ("ml-env-apz",)
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


def direction(values):
    """The cases give numbers by row, the program by variable: every row must be the same."""
    if isinstance(values, str):
        return values
    assert all(row == values[0] for row in values), "a direction that differs by row"
    return ",".join(repr(float(v)) for v in values[0])


def disposability(o):
    """In the cases `weak` is the equality with one intensity, under vrs the naive form."""
    word = o.get("bads", "weak")
    if word == "kuosmanen":
        assert o["rts"] == "vrs"
        return "weak"
    return "weak-naive" if word == "weak" and o["rts"] != "crs" else word


def directional(o, names):
    args = ["--disposability", disposability(o)] if names[2] else []
    groups = (("inputs", "gx", "zeros"), ("good", "gy", "observed"), ("bad", "gb", "observed"))
    for (flag, key, by_default), group in zip(groups, names):
        if group:
            args += ["--direction-" + flag, direction(o.get(key, by_default))]
    return args


def weights(o):
    value = o.get("weights")
    if value is None:
        return []
    return ["--weights", value if isinstance(value, str) else ",".join(repr(float(v)) for v in value)]


def model_options(case, names):
    """What only some models take."""
    o, model = case["options"], case["model"]
    args = ["--model", "sbm" if model == "super_sbm" else model]
    if model in ("ddf", "nddf"):
        args += directional(o, names)
    else:
        orientation = {"in": "input", "out": "output", "non": "none"}[o.get("orient", "non")]
        args += ["--orientation", orientation]
    if model in ("additive", "nddf"):
        args += weights(o)
    if model not in ("radial", "additive") and names[2]:
        args += ["--bad", ",".join(names[2])]
    if model == "super_sbm" or o.get("super"):
        args += ["--super"]
    if o.get("bad_in"):
        args += ["--super-bads", o["bad_in"]]
    if o.get("y_zero") == "drop":
        args += ["--zeros", "drop"]
    return args


def command(case, panel, names, years):
    o = case["options"]
    reference = o.get("reference", "global")
    if reference in ("window", "trailing"):
        reference += f":{o.get('h', 0)}"
    args = [PROGRAM, "dea", panel, "--unit", "id", "--inputs", ",".join(names[0]), "--good", ",".join(names[1]),
            "--returns", {"irs": "ndrs"}.get(o["rts"], o["rts"]), "--reference", reference,
            "--slacks", o.get("slack_weights", "raw"), "--format", "json"]
    return args + (["--time", "year"] if years else []) + model_options(case, names)


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


def by_variable(expected, unit, k, r, names, data, tolerance, problems):
    """Slacks and steps of unit r; returns how many figures were compared."""
    figures = 0
    for letter, group, values in zip("xyb", names, data):
        for field in ("slack", "beta"):
            wanted = expected.get(f"{field}_{letter}")
            if wanted is None or not group:
                continue
            for v, name in enumerate(group):
                want, got = wanted[k][v], unit[field].get(name)
                figures += want is not None
                # A slack is a difference of data: its accuracy is relative to the unit's own value.
                scale = abs(values[r][v]) if field == "slack" else None
                if not close(got, want, tolerance, scale):
                    problems.append(f"row {r}: {field} of {name} {got}, expected {want}")
    return figures


def ill_conditioned(case):
    """Decided by the tenth digit of the data: a finite value or a warning is what can be asked for."""
    return "ill-conditioned" in case.get("tags", [])


def compare(case, units, names, data, warned):
    expected, tolerance = case["expected"], case["tolerance"]
    # Without a list of rows the figures are those of the first units.
    rows = case["options"].get("rows") or range(len(expected["status"]))
    problems, figures = [], 0
    for k, r in enumerate(rows):
        unit = units[r]
        if ill_conditioned(case):
            figures += 1
            if unit["score"] is None and not warned:
                problems.append(f"row {r}: neither a value nor a warning of the conditioning")
            continue
        if unit["status"] != expected["status"][k]:
            problems.append(f"row {r}: status {unit['status']}, expected {expected['status'][k]}")
        figures += 2
        want = expected["score"][k]
        if (want is None) != (unit["score"] is None) or not close(unit["score"], want, tolerance):
            problems.append(f"row {r}: score {unit['score']}, expected {want}")
        figures += by_variable(expected, unit, k, r, names, data, tolerance, problems)
        total = (expected.get("slack_sum") or {k: None})[k]
        if total is not None:  # the same for all optima of stage two
            parts = [s for s in unit["slack"].values() if s is not None]
            scale = sum(abs(v) for values in data if values for v in values[r])
            figures += 1
            if not close(sum(parts), total, tolerance, scale):
                problems.append(f"row {r}: sum of slacks {sum(parts)}, expected {total}")
    return problems, figures


def run_case(case, folder):
    X, Y, B, ids, years = load(case)
    panel = os.path.join(folder, "panel.csv")
    names = write_panel(panel, X, Y, B, ids, years)
    run = subprocess.run(command(case, panel, names, years), capture_output=True, text=True)
    warned = "ill-conditioned" in run.stderr
    if run.returncode != 0 and not (ill_conditioned(case) and warned and run.returncode == 3):
        return [f"exit {run.returncode}: {run.stderr.strip()}"], 0
    units = json.loads(run.stdout)["units"]
    if ill_conditioned(case):
        values = sum(unit["score"] is not None for unit in units)
        print(f"{case['id']}: {values} of {len(units)} scores, {'with' if warned else 'without'} a warning")
    return compare(case, units, names, (X, Y, B), warned)


def main():
    with open(CASES) as f:
        cases = json.load(f)
    failed, done, figures, skipped = [], {model: 0 for model in MODELS}, 0, {}
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            if case["model"] not in MODELS or case["id"] in LEFT_OUT:
                name = case["model"] if case["id"] not in LEFT_OUT else case["id"]
                skipped[name] = skipped.get(name, 0) + 1
                continue
            problems, count = run_case(case, folder)
            done[case["model"]] += 1
            figures += count
            if problems:
                failed.append((case["id"], problems))
    for name, problems in failed:
        print(f"FAILED {name}: {len(problems)} problems")
        for text in problems[:4]:
            print("   ", text)
    print(", ".join(f"{model} {count}" for model, count in done.items()) + f": {figures} figures, "
          f"{len(failed)} cases failed; not here: " + ", ".join(f"{k} {v}" for k, v in sorted(skipped.items())))
    return 1 if failed or not all(done.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
