"""Options of `greenfront dea` against linear programs written out here and solved by HiGHS (scipy)."""
import csv
import json
import os
import subprocess
import sys
import tempfile

import numpy as np
from linear_programs import cost, directional, radial, revenue, sbm

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
COLUMNS = ["k", "l", "y", "z", "b", "c", "pk", "pl", "py", "pz"]
X, Y, B = ["k", "l"], ["y", "z"], ["b", "c"]
TOLERANCE = 1e-7


def make_rows(seed, units, years):
    """Plants of different size and skill; one row a plant and year."""
    rng = np.random.RandomState(seed)
    rows = []
    for unit in units:
        size, skill = np.exp(rng.normal(0, 1)), np.exp(-abs(rng.normal(0, 0.3)))
        for year in years:
            noise = np.exp(rng.normal(0, 0.2, 6))
            k, l = size * noise[0], size * noise[1]
            made = skill * (k * l) ** 0.45
            values = [k, l, made * noise[2], made * noise[3], 0.5 * k * noise[4], 0.2 * size * noise[5]]
            rows.append({"city": unit, "year": year, **dict(zip(COLUMNS, [*values, *rng.uniform(1, 3, 4)]))})
    return rows


def write(path, rows):
    with open(path, "w", newline="") as f:
        writer = csv.DictWriter(f, ["city", "year", *COLUMNS])
        writer.writeheader()
        writer.writerows(rows)


def pick(rows, names):
    return np.array([[row[name] for name in names] for row in rows]).reshape(len(rows), len(names))


class Tester:
    def __init__(self, folder):
        self.folder = folder
        self.rows = make_rows(1, [f"P{i}" for i in range(12)], range(2001, 2004))
        self.path = os.path.join(folder, "panel.csv")
        write(self.path, self.rows)
        self.figures = 0

    def run(self, *args, path=None, errors=False):
        call = [PROGRAM, "dea", path or self.path, "--unit", "city", "--time", "year", "--inputs", ",".join(X),
                "--good", ",".join(Y), "--format", "json", *args]
        done = subprocess.run(call, capture_output=True, text=True)
        assert done.returncode == 0, (args, done.stderr)
        units = json.loads(done.stdout)["units"]
        return (units, done.stderr) if errors else units

    def close(self, got, want, what):
        self.figures += 1
        assert (got is None) == (want is None), (what, got, want)
        assert want is None or abs(got - want) <= TOLERANCE * max(1, abs(want)), (what, got, want)

    def scores(self, args, formula, reference=None, path=None, rows=None):
        """Every score against formula(row, reference rows); reference(row) gives those."""
        units = self.run(*args, path=path)
        for row, unit in zip(rows or self.rows, units):
            peers = reference(row) if reference else self.rows
            self.close(unit["score"], formula(row, peers), (args, row["city"], row["year"]))
        return units


def vectors(row):
    return tuple(pick([row], names)[0] for names in (X, Y, B))


def matrices(rows):
    return tuple(pick(rows, names) for names in (X, Y, B))


def check_bads_as_inputs(t):
    def as_inputs(score):
        def formula(row, peers):
            (x, y, b), (XR, YR, BR) = vectors(row), matrices(peers)
            return score(np.r_[x, b], y, np.c_[XR, BR], YR)
        return formula

    base = ["--bad", "b,c", "--bads-as-inputs", "--reference", "global"]
    nothing = np.empty(0)
    for returns in ("crs", "vrs"):
        more = [*base, "--returns", returns]
        t.scores(["--model", "radial", *more], as_inputs(lambda x, y, XR, YR: radial(x, y, XR, YR, returns)))
        t.scores(["--model", "sbm", *more],
                 as_inputs(lambda x, y, XR, YR: sbm(x, y, nothing, XR, YR, np.empty((len(XR), 0)), returns)))
    # The same technology as strongly disposable bads, with the bads' own direction.
    t.scores(["--model", "ddf", *base], lambda row, peers: directional(
        *vectors(row), *matrices(peers), np.r_[0, 0, vectors(row)[1], vectors(row)[2]], "crs", False))
    # Limits without the option.
    t.scores(["--model", "radial", "--bad", "b,c", "--reference", "global"], lambda row, peers: radial(
        *vectors(row)[:2], *matrices(peers)[:2], "crs", b=vectors(row)[2], BR=matrices(peers)[2]))


def check_super(t):
    def formula(keep, combine=False, **options):
        def score(row, peers):
            rho = sbm(*vectors(row), *matrices(peers), "crs") if combine else 1.0
            if rho < 1 - 1e-8:
                return rho
            others = [peer for peer in peers if keep(row, peer)]
            return sbm(*vectors(row), *matrices(others), options.pop("returns", "crs"), sup=True, **options)
        return score

    other_row = lambda row, peer: (row["city"], row["year"]) != (peer["city"], peer["year"])
    other_unit = lambda row, peer: row["city"] != peer["city"]
    base = ["--model", "sbm", "--bad", "b,c", "--reference", "global", "--super"]
    rows = t.scores(base, formula(other_row))
    units = t.scores([*base, "--super-leave", "unit"], formula(other_unit))
    assert any(a["score"] != b["score"] for a, b in zip(rows, units))
    t.scores([*base, "--super-bads", "numerator"], formula(other_row, numerator=True))
    combined = t.scores([*base, "--combine"], formula(other_row, combine=True))
    plain = t.run("--model", "sbm", "--bad", "b,c", "--reference", "global")
    efficient = 0
    for alone, both, above in zip(plain, combined, rows):
        inefficient = alone["score"] < 1 - 1e-8
        efficient += not inefficient
        t.close(both["score"], (alone if inefficient else above)["score"], "combined score")
    assert 0 < efficient < len(rows)
    # The step of a directional distance is negative for those beyond the others.
    step = lambda row, peers: directional(*vectors(row), *matrices(peers),
                                          np.r_[0, 0, vectors(row)[1], vectors(row)[2]], "crs", True)
    units = t.scores(["--model", "ddf", "--bad", "b,c", "--super", "--reference", "global"], step,
                     lambda row: [peer for peer in t.rows if other_row(row, peer)])
    assert any(unit["score"] is not None and unit["score"] < -1e-6 for unit in units)
    t.scores(["--model", "radial", "--super", "--super-leave", "unit", "--reference", "global"],
             lambda row, peers: radial(*vectors(row)[:2], *matrices(peers)[:2], "crs"),
             lambda row: [peer for peer in t.rows if other_unit(row, peer)])


def check_scale(t):
    seen = set()
    for orientation in ("input", "output"):
        units = t.run("--model", "radial", "--orientation", orientation, "--scale-efficiency", "--reference", "global")
        for row, unit in zip(t.rows, units):
            crs, vrs, nirs = (radial(*vectors(row)[:2], *matrices(t.rows)[:2], returns, orientation)
                              for returns in ("crs", "vrs", "nirs"))
            t.close(unit["score"], crs, "crs score")
            t.close(unit["scale_efficiency"], crs / vrs if orientation == "input" else vrs / crs, "scale efficiency")
            word = "constant" if abs(crs - vrs) < 1e-7 else "decreasing" if abs(nirs - vrs) < 1e-7 else "increasing"
            assert unit["returns_direction"] == word, (row, unit)
            seen.add(word)
    assert seen == {"constant", "decreasing", "increasing"}, seen
    base = ["--model", "sbm", "--bad", "b,c", "--reference", "global", "--returns"]
    for crs, vrs, unit in zip(t.run(*base, "crs"), t.run(*base, "vrs"), t.run(*base, "ndrs", "--scale-efficiency")):
        t.close(unit["scale_efficiency"], min(1, crs["score"] / vrs["score"]), "scale efficiency of sbm")


def check_directions(t):
    """Every kind of direction and weight; the mean is over all rows of the file, whatever the reference set."""
    mean = {name: float(np.mean([row[name] for row in t.rows])) for name in X + Y + B}
    kinds = {"zeros": lambda row, names: [0.0] * len(names), "observed": lambda row, names: [row[n] for n in names],
             "mean": lambda row, names: [mean[n] for n in names], "ones": lambda row, names: [1.0] * len(names),
             "2,0.5": lambda row, names: [2.0, 0.5]}
    thirds, halves = [1 / 6] * 6, [0, 0, .25, .25, .25, .25]
    for inputs, good, bad, returns, word, weak in (
            ("zeros", "observed", "observed", "crs", "weak", True), ("mean", "ones", "2,0.5", "vrs", "weak", True),
            ("2,0.5", "mean", "zeros", "vrs", "strong", False), ("observed", "zeros", "mean", "nirs", "strong", False)):
        same_year = lambda row: [peer for peer in t.rows if peer["year"] == row["year"]]
        way = lambda row: np.r_[kinds[inputs](row, X), kinds[good](row, Y), kinds[bad](row, B)]
        args = ["--bad", "b,c", "--direction-inputs", inputs, "--direction-good", good, "--direction-bad", bad,
                "--returns", returns, "--disposability", word]
        t.scores(["--model", "ddf", *args], lambda row, peers: directional(
            *vectors(row), *matrices(peers), way(row), returns, weak), same_year)
        for name, weights in (("thirds", thirds), ("halves", halves), ("1,0,2,0,0,3", [1, 0, 2, 0, 0, 3])):
            t.scores(["--model", "nddf", "--weights", name, *args], lambda row, peers: directional(
                *vectors(row), *matrices(peers), way(row), returns, weak, weights), same_year)
    base = ["--model", "sbm", "--bad", "b", "--reference", "global"]
    for name, weights in (("groups", [.5, .5, .25, .25, .5]), (".9,.1,0.2,0.3,0.5", [.9, .1, .2, .3, .5])):
        t.scores([*base, "--weights", name], lambda row, peers: sbm(
            *vectors(row)[:2], vectors(row)[2][:1], *matrices(peers)[:2], matrices(peers)[2][:, :1], "crs", weights))


def check_prices(t):
    def formula(score, names, returns):
        return lambda row, peers: score(*vectors(row)[:2], pick([row], names)[0], *matrices(peers)[:2], returns)

    for returns in ("crs", "vrs"):
        base = ["--returns", returns, "--reference", "global", "--targets", "--peers"]
        for model, names, score, quantities in (("cost", ["pk", "pl"], cost, X), ("revenue", ["py", "pz"], revenue, Y)):
            flag = "--prices-inputs" if model == "cost" else "--prices-good"
            units = t.scores(["--model", model, flag, ",".join(names), *base], formula(score, names, returns))
            find = {(row["city"], row["year"]): row for row in t.rows}
            for row, unit in zip(t.rows, units):
                value = sum(row[p] * unit["target"][q] for p, q in zip(names, quantities))
                seen = sum(row[p] * row[q] for p, q in zip(names, quantities))
                t.close(value / seen if model == "cost" else seen / value, unit["score"], "value of the target")
                for q in quantities:
                    made = sum(p["lambda"] * find[p["unit"], p["time"]][q] for p in unit["peers"])
                    t.close(unit["target"][q], made, "target from the peers")


def check_fdh(t):
    def formula(row, peers):
        (x, y, b), (XR, YR, BR) = vectors(row), matrices(peers)
        return min(max(XR[j] / x) for j in range(len(XR)) if all(YR[j] >= y) and all(BR[j] <= b))

    t.scores(["--model", "fdh", "--bad", "b,c", "--reference", "global"], formula)


def check_targets(t):
    """The projection follows from score, slack and beta, with the bads' prices as ratios."""
    sign = {**{name: -1 for name in X + B}, **{name: 1 for name in Y}}
    for args in (["--model", "radial", "--slacks", "mean"],
                 ["--model", "radial", "--orientation", "output", "--slacks", "raw"], ["--model", "sbm"],
                 ["--model", "sbm", "--super", "--combine"], ["--model", "ddf", "--slacks", "mean"],
                 ["--model", "nddf", "--direction-inputs", "observed"], ["--model", "fdh"],
                 ["--model", "radial", "--bads-as-inputs"]):
        extra = [] if "--slacks" in args else ["--slacks", "mean"]
        prices = [] if "fdh" in args else ["--prices"]
        units = t.run(*args, *extra, *prices, "--targets", "--bad", "b,c", "--reference", "global")
        plain = t.run("--model", "sbm", "--bad", "b,c", "--reference", "global")
        model, output = args[1], "output" in args
        for row, unit, rho in zip(t.rows, units, plain):
            for name in X + Y + B:
                value, slack = row[name], unit["slack"][name]
                moves = name in (Y if output else X + B if "--bads-as-inputs" in args else X)
                if model in ("radial", "fdh") and moves:
                    value *= unit["score"]
                if model == "ddf" and name not in X:
                    value += sign[name] * unit["score"] * row[name]
                if model == "nddf":
                    value, slack = value + sign[name] * unit["beta"][name] * row[name], 0
                beyond = "--combine" in args and rho["score"] >= 1 - 1e-8
                t.close(unit["target"][name], value + (-1 if beyond else 1) * sign[name] * slack, (args, name))
            if prices:
                for name in B:
                    first = unit["price"]["y"]
                    t.close(unit["shadow_price"][name], unit["price"][name] / first if first else None, "shadow price")


def check_reference_panel(t):
    """Reference rows of another file, by the values of time; no row of the panel belongs to them."""
    others = make_rows(2, ["P3", "P4", "Q1", "Q2", "Q3", "Q4"], (2000, 2001, 2003))
    path = os.path.join(t.folder, "others.csv")
    write(path, [{k: v for k, v in row.items() if k not in ("pk", "pl")} | {"pk": "", "pl": ""} for row in others])
    rules = {"contemporaneous": lambda a, b: a == b, "sequential": lambda a, b: b <= a, "global": lambda a, b: True,
             "trailing:1": lambda a, b: a - 1 <= b <= a, "biennial": lambda a, b: a <= b <= a + 1}
    for rule, within in rules.items():
        reference = lambda row: [peer for peer in others if within(row["year"], peer["year"])]
        formula = lambda row, peers: radial(*vectors(row)[:2], *matrices(peers)[:2], "crs") if peers else None
        units = t.scores(["--model", "radial", "--reference", rule, "--reference-panel", path, "--peers"], formula,
                         reference)
        known = {(row["city"], row["year"]) for row in others}
        assert all((p["unit"], p["time"]) in known for unit in units for p in unit["peers"])
        for row, unit in zip(t.rows, units):
            assert unit["status"] == ("optimal" if reference(row) else "undefined"), (rule, row, unit)
    _, errors = t.run("--model", "radial", "--reference-panel", path, errors=True)
    assert "12 rows have no reference row" in errors, errors  # year 2002
    leave = {"row": lambda a, b: (a["city"], a["year"]) != (b["city"], b["year"]),
             "unit": lambda a, b: a["city"] != b["city"]}
    for word, keep in leave.items():
        reference = lambda row: [peer for peer in others if keep(row, peer)]
        t.scores(["--model", "radial", "--reference", "global", "--reference-panel", path, "--super", "--super-leave",
                  word], lambda row, peers: radial(*vectors(row)[:2], *matrices(peers)[:2], "crs"), reference)
    # Prices are the evaluated row's; the other file needs none.
    t.scores(["--model", "cost", "--prices-inputs", "pk,pl", "--reference", "global", "--reference-panel", path],
             lambda row, peers: cost(*vectors(row)[:2], pick([row], ["pk", "pl"])[0], *matrices(peers)[:2], "crs"),
             lambda row: others)
    # The panel as its own reference panel: the same scores.
    one = t.run("--model", "ddf", "--bad", "b,c", "--reference", "sequential")
    two = t.run("--model", "ddf", "--bad", "b,c", "--reference", "sequential", "--reference-panel", t.path)
    for a, b in zip(one, two):
        t.close(a["score"], b["score"], "own panel as reference panel")


def check_collinear(t):
    rows = [{**row, "c": 3 * row["b"]} for row in t.rows]
    path = os.path.join(t.folder, "collinear.csv")
    write(path, rows)
    for word, warned in (("weak", True), ("strong", False)):
        done = subprocess.run([PROGRAM, "dea", path, "--unit", "city", "--time", "year", "--inputs", "k,l", "--good",
                               "y", "--bad", "b,c", "--model", "ddf", "--disposability", word, "--format", "json"],
                              capture_output=True, text=True)
        assert ("ill-conditioned" in done.stderr) == warned, done.stderr
        assert not warned or "3 of 3 reference sets" in done.stderr, done.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        tester = Tester(folder)
        for check in (check_bads_as_inputs, check_super, check_scale, check_directions, check_prices, check_fdh,
                      check_targets, check_reference_panel, check_collinear):
            check(tester)
    print(f"{tester.figures} figures as HiGHS has them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
