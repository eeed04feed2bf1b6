"""`greenfront productivity` against indices made of linear programs written out here and solved by HiGHS (scipy), and
what must not change its numbers."""
import csv
import json
import math
import os
import random
import subprocess
import sys
import tempfile

from linear_programs import directional, radial, sbm
from twin_models import B, COLUMNS, X, Y, make_rows, matrices, vectors, write

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
TOLERANCE = 1e-7
PARTS = ("index", "efficiency_change", "technical_change", "pure_efficiency_change", "scale_change")


def panel():
    """Twelve plants, four years with a gap in the calendar, and not every plant in every year."""
    rows = make_rows(5, [f"P{i}" for i in range(12)], (2001, 2002, 2003, 2005))
    gone = {("P1", 2001), ("P2", 2002), ("P3", 2005), ("P4", 2003)}
    return [row for row in rows if (row["city"], row["year"]) not in gone]


def run(path, *args, fails=False):
    call = [PROGRAM, "productivity", path, "--unit", "city", "--time", "year", "--inputs", ",".join(X), "--good",
            ",".join(Y), "--format", "json", *args]
    done = subprocess.run(call, capture_output=True, text=True)
    if fails:
        return done
    assert done.returncode == 0, (args, done.stderr)
    return json.loads(done.stdout)


class Twin:
    """Efficiencies E(row, rows of a technology) and what follows from them."""

    def __init__(self, rows, efficiency, frontier, difference=False, pure=None, ray_desli=False):
        self.rows, self.efficiency, self.frontier, self.difference = rows, efficiency, frontier, difference
        self.pure, self.ray_desli = pure, ray_desli
        self.years = sorted({row["year"] for row in rows})

    def technology(self, *years):
        if self.frontier == "sequential":
            years = [year for year in self.years if year <= max(years)]
        return [row for row in self.rows if row["year"] in years]

    def compare(self, a, b):
        if a is None or b is None:
            return None
        return b - a if self.difference else b / a

    def index(self, one, two, E):
        a, b = one["year"], two["year"]
        if self.frontier in ("global", "biennial"):
            pool = self.rows if self.frontier == "global" else [r for r in self.rows if r["year"] in (a, b)]
            return self.compare(E(one, pool), E(two, pool))
        parts = [self.compare(E(one, self.technology(y)), E(two, self.technology(y))) for y in (a, b)]
        if None in parts:
            return None
        return sum(parts) / 2 if self.difference else math.sqrt(parts[0] * parts[1])

    def pair(self, one, two):
        own = lambda E: self.compare(E(one, self.technology(one["year"])), E(two, self.technology(two["year"])))
        index, ec = self.index(one, two, self.efficiency), own(self.efficiency)
        pec = own(self.pure) if self.pure else None
        if self.ray_desli:
            tc = self.compare(pec, self.index(one, two, self.pure))
            return index, pec, tc, pec, self.compare(pec, self.compare(tc, index))
        return index, ec, self.compare(ec, index), pec, self.compare(pec, ec)


def check(rows, path, args, twin):
    got = {(u["unit"], u["from"], u["to"]): u for u in run(path, *args)["units"]}
    find = {(row["city"], row["year"]): row for row in rows}
    pairs = [(city, a, b) for city in sorted({row["city"] for row in rows}) for a, b in zip(twin.years, twin.years[1:])
             if (city, a) in find and (city, b) in find]
    assert sorted(got) == sorted(pairs), (args, set(got) ^ set(pairs))
    figures, nulls = 0, 0
    for city, a, b in pairs:
        wanted = twin.pair(find[city, a], find[city, b])
        for part, want in zip(PARTS, wanted):
            value = got[city, a, b][part]
            figures, nulls = figures + 1, nulls + (want is None)
            same = want == value if want is None or value is None else abs(want - value) <= TOLERANCE * max(1, abs(want))
            assert same, (args, city, a, b, part, value, want)
    return figures, nulls


def inverse(value):
    return None if value is None else 1 / value


def beyond_one(value):
    return None if value is None or 1 + value <= 1e-9 else 1 / (1 + value)


def negative(value):
    return None if value is None else -value


def theta(returns):
    return lambda row, peers: radial(*vectors(row)[:2], *matrices(peers)[:2], returns)


def phi(returns):
    return lambda row, peers: inverse(radial(*vectors(row)[:2], *matrices(peers)[:2], returns, "output"))


def distance(returns, weak, inputs=False, weights=None):
    def score(row, peers):
        x, y, b = vectors(row)
        g = [*(x if inputs else 0 * x), *y, *b]
        return directional(x, y, b, *matrices(peers), g, returns, weak, weights)
    return score


def measure_sbm(row, peers):
    """rho within the technology, delta beyond it."""
    rho = sbm(*vectors(row), *matrices(peers), "crs")
    return rho if rho is not None else sbm(*vectors(row), *matrices(peers), "crs", sup=True)


def twins(rows):
    bad = ["--bad", ",".join(B)]
    for frontier in ("global", "adjacent", "sequential", "biennial"):
        f = ["--frontier", frontier]
        yield [*f, "--measure", "malmquist"], Twin(rows, phi("crs"), frontier, pure=phi("vrs"))
        yield ([*f, "--measure", "malmquist", "--orientation", "input"],
               Twin(rows, theta("crs"), frontier, pure=theta("vrs")))
        yield ([*f, "--measure", "malmquist", "--orientation", "input", "--decomposition", "ray-desli"],
               Twin(rows, theta("crs"), frontier, pure=theta("vrs"), ray_desli=True))
        yield [*f, "--measure", "malmquist", "--returns", "vrs"], Twin(rows, phi("vrs"), frontier)
        yield ([*f, "--measure", "malmquist", "--model", "sbm", *bad],
               Twin(rows, measure_sbm, frontier, pure=lambda row, peers: sbm(*vectors(row), *matrices(peers), "vrs")))
        for returns, word in (("crs", "weak"), ("crs", "strong"), ("vrs", "weak")):
            more = [*f, *bad, "--returns", returns, "--disposability", word]
            weak = word == "weak"
            ml = distance(returns, weak)
            yield ([*more, "--measure", "malmquist-luenberger"],
                   Twin(rows, lambda row, peers, ml=ml: beyond_one(ml(row, peers)), frontier))
            both = distance(returns, weak, inputs=True)
            yield ([*more, "--measure", "luenberger", "--model", "ddf", "--direction-inputs", "observed"],
                   Twin(rows, lambda row, peers, d=both: negative(d(row, peers)), frontier, difference=True))
        steps = distance("crs", True, inputs=True, weights=[0.2, 0, 0.3, 0.1, 0.2, 0.2])
        yield ([*f, *bad, "--measure", "luenberger", "--weights", "0.2,0,0.3,0.1,0.2,0.2", "--direction-inputs", "observed"],
               Twin(rows, lambda row, peers: negative(steps(row, peers)), frontier, difference=True))


def same(a, b, what, tolerance=0.0):
    assert len(a) == len(b), what
    for one, two in zip(sorted(a, key=str), sorted(b, key=str)):
        for key in ("unit", "from", "to", "status"):
            assert one[key] == two[key], (what, one, two)
        for part in PARTS:
            p, q = one[part], two[part]
            assert p == q or (p is not None and q is not None and abs(p - q) <= tolerance * max(1, abs(p))), (what, one, two)


def key(unit):
    return unit["unit"], unit["from"]


VARIANTS = (["--measure", "malmquist", "--frontier", "adjacent"],
            ["--measure", "malmquist", "--model", "sbm", "--super", "--bad", ",".join(B)],
            ["--measure", "malmquist-luenberger", "--frontier", "adjacent", "--bad", ",".join(B)],
            ["--measure", "luenberger", "--frontier", "biennial", "--bad", ",".join(B)])


def check_invariance(rows, folder):
    path, other = os.path.join(folder, "panel.csv"), os.path.join(folder, "other.csv")
    shuffled = random.Random(3).sample(rows, len(rows))
    scaled = [{**row, **{name: row[name] * f for name, f in zip(COLUMNS, (1e6, 3e-5, 7.0, 1e3, 1e-7, 1e9))}} for row in rows]
    doubled = rows + [{**row, "city": row["city"] + "*"} for row in rows]
    for args in VARIANTS:
        plain = sorted(run(path, *args)["units"], key=key)
        same(plain, sorted(run(path, *args, "--threads", "1")["units"], key=key), "threads")
        same(plain, sorted(run(path, *args, "--threads", "3")["units"], key=key), "threads")
        write(other, shuffled)
        same(plain, sorted(run(other, *args)["units"], key=key), "order of rows")
        write(other, scaled)
        same(plain, sorted(run(other, *args)["units"], key=key), "units of measure", 1e-9)
        write(other, doubled)
        if "--super" not in args:  # a copy of an efficient row takes its super-efficiency away
            both = [u for u in run(other, *args)["units"] if not u["unit"].endswith("*")]
            same(plain, sorted(both, key=key), "duplicates", 1e-9)


def check_relations(rows, path):
    """Parts make up the index; the global index goes around in a circle."""
    by_unit = {}
    for args in VARIANTS:
        difference = "luenberger" in args
        for unit in run(path, *args)["units"]:
            if unit["index"] is None:
                assert unit["technical_change"] is None and unit["status"] != "optimal"
                continue
            ec, tc = unit["efficiency_change"], unit["technical_change"]
            assert abs((ec + tc if difference else ec * tc) - unit["index"]) <= 1e-12 * abs(unit["index"]) + 1e-15
            if unit["pure_efficiency_change"] is not None and unit["scale_change"] is not None:
                assert abs(unit["pure_efficiency_change"] * unit["scale_change"] - ec) <= 1e-12 * ec
    # Without the year in between: the same global technology, and one index over both steps.
    bad = ["--measure", "malmquist-luenberger", "--bad", ",".join(B)]
    scores = subprocess.run([PROGRAM, "dea", path, "--unit", "city", "--time", "year", "--inputs", ",".join(X), "--good",
                             ",".join(Y), "--bad", ",".join(B), "--model", "ddf", "--reference", "global", "--format",
                             "json"], capture_output=True, text=True, check=True)
    D = {(u["unit"], u["time"]): u["score"] for u in json.loads(scores.stdout)["units"]}
    for unit in run(path, *bad)["units"]:
        by_unit.setdefault(unit["unit"], []).append(unit)
    circles = 0
    for name, steps in by_unit.items():
        if [s["from"] for s in steps[1:]] != [s["to"] for s in steps[:-1]]:
            continue
        total = math.prod(s["index"] for s in steps)
        ends = (1 + D[name, steps[0]["from"]]) / (1 + D[name, steps[-1]["to"]])
        assert abs(total - ends) <= 1e-13 * total, (name, total, ends)
        circles += len(steps) > 1
    assert circles > 5


def check_missing(rows, path, folder):
    """A row without a value: its pairs are listed, undefined, and it spans no frontier."""
    other, without = os.path.join(folder, "missing.csv"), os.path.join(folder, "without.csv")
    hole = ("P5", 2002)
    write(other, [{**row, "k": ""} if (row["city"], row["year"]) == hole else row for row in rows])
    write(without, [row for row in rows if (row["city"], row["year"]) != hole])
    args = ["--measure", "malmquist", "--frontier", "adjacent"]
    units, less = run(other, *args)["units"], run(without, *args)["units"]
    touched = [u for u in units if u["unit"] == "P5" and 2002 in (u["from"], u["to"])]
    assert len(touched) == 2 and all(u["status"] == "undefined" and u["index"] is None for u in touched), touched
    assert touched[0]["efficiency_change"] is None
    same([u for u in units if u not in touched], less, "a row without a value")


def check_one_period(rows, folder):
    other = os.path.join(folder, "one.csv")
    write(other, [row for row in rows if row["year"] == 2001])
    done = run(other, "--measure", "malmquist", fails=True)
    assert done.returncode == 0 and "nothing to compare" in done.stderr, done.stderr
    answer = json.loads(done.stdout)
    assert answer["units"] == [] and answer["means"][0]["pairs"] == 0 and answer["means"][0]["index"] is None


def check_refusals(path):
    bad = ["--bad", ",".join(B)]
    for args, word in ((["--measure", "malmquist", "--direction-good", "ones"], "--direction-good"),
                       (["--measure", "malmquist", "--weights", "1,1,1,1"], "--weights"),
                       (["--measure", "malmquist", "--disposability", "weak", *bad], "--disposability"),
                       (["--measure", "malmquist", "--model", "ddf"], "--model"),
                       (["--measure", "malmquist", "--super"], "--super"),
                       (["--measure", "malmquist", "--returns", "vrs", "--decomposition", "ray-desli"], "--decomposition"),
                       (["--measure", "malmquist", "--frontier", "meta"], "--frontier"),
                       (["--measure", "fisher"], "--measure"),
                       (["--measure", "malmquist-luenberger", "--orientation", "output", *bad], "--orientation"),
                       (["--measure", "luenberger", "--orientation", "none", *bad], "--orientation"),
                       (["--measure", "malmquist-luenberger", "--weights", "ones", *bad], "--weights"),
                       (["--measure", "malmquist-luenberger", "--returns", "nirs", *bad], "--disposability"),
                       (["--measure", "luenberger", "--direction-good", "zeros", "--direction-bad", "zeros", *bad],
                        "--direction-good"),
                       (["--measure", "malmquist", "--bad", "year"], "year")):
        done = run(path, *args, fails=True)
        assert done.returncode == 64 and word in done.stderr and not done.stdout, (args, done)


def main():
    rows = panel()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        figures, nulls, runs = 0, 0, 0
        for args, twin in twins(rows):
            count, without = check(rows, path, args, twin)
            figures, nulls, runs = figures + count, nulls + without, runs + 1
        check_invariance(rows, folder)
        check_relations(rows, path)
        check_missing(rows, path, folder)
        check_one_period(rows, folder)
        check_refusals(path)
    print(f"{runs} analyses, {figures} figures as HiGHS has them, {nulls} of them null")
    return 0


if __name__ == "__main__":
    sys.exit(main())
