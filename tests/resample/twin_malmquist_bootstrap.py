"""`greenfront productivity --replicates` against the bootstrap written out here: the same draws, scores by HiGHS (scipy)."""
import os
import sys
import tempfile

import numpy as np
from frontier import X, Y, basic_interval, check_unchanged, columns, make_rows, of_year, refused, run, same, scores, write
from twin_heterogeneous import Joint
from twins import Stream

STAGE = 13  # kernels/rng/philox.hpp
PARTS = ("index", "efficiency_change", "technical_change", "pure_efficiency_change", "scale_change")


def changes(periods, points, orientation, returns, decomposition):
    """Index and parts of the units of two periods against two technologies."""
    power = 1 if orientation == "input" else -1

    def E(t, tau, under):
        return scores(periods[t], under, orientation, *points[tau])**power
    own = [E(t, t, returns) for t in (0, 1)]
    index = np.sqrt(E(1, 0, returns) / own[0] * own[1] / E(0, 1, returns))
    ec = own[1] / own[0]
    if returns != "crs":
        return index, ec, index / ec
    pure = E(1, 1, "vrs") / E(0, 0, "vrs")
    if decomposition == "fgnz":
        return index, ec, index / ec, pure, ec / pure
    under = np.sqrt(E(1, 0, "vrs") / E(0, 0, "vrs") * E(1, 1, "vrs") / E(0, 1, "vrs"))
    return index, pure, under / pure, pure, index / under


def moved(points, ratio, orientation):
    return (points[0] * ratio[:, None], points[1]) if orientation == "input" else (points[0], points[1] / ratio[:, None])


def twin(periods, orientation, returns, decomposition, h, replicates, seed, item):
    points = [(columns(rows, X), columns(rows, Y)) for rows in periods]
    own = changes(periods, points, orientation, returns, decomposition)
    power = -1 if orientation == "input" else 1
    Z = np.column_stack([scores(rows, returns, orientation)**power for rows in periods])
    draws = []
    for b in range(replicates):
        joint = Joint(Z, 2, Stream(seed, STAGE, b, item), h)
        ratio = joint.rows / Z
        draws.append(changes(periods, [moved(points[t], ratio[:, t], orientation) for t in (0, 1)], orientation, returns,
                             decomposition))
    return own, np.array(draws), joint.h  # parts x units; replicates x parts x units


def check_twin(path, rows, years):
    figures = none = 0
    for orientation, returns, decomposition, h in (("input", "crs", "fgnz", None), ("output", "crs", "ray-desli", 0.4),
                                                   ("output", "vrs", None, None)):
        got = run("productivity", path, "--time", "year", "--measure", "malmquist", "--frontier", "adjacent", "--orientation",
                  orientation, "--returns", returns, "--replicates", "7", "--seed", "3",
                  *(["--decomposition", decomposition] if decomposition else []), *(["--bandwidth", str(h)] if h else []))
        assert got["bootstrap"]["method"] == "simar-wilson-1999" and got["bootstrap"]["replicates"] == 7, got["bootstrap"]
        for item, (first, second) in enumerate(zip(years, years[1:])):
            periods = [of_year(rows, year) for year in (first, second)]
            own, draws, used = twin(periods, orientation, returns, decomposition, h, 7, 3, item)
            same(got["bootstrap"]["periods"][item]["bandwidth"], used, got["bootstrap"])
            units = [u for u in got["units"] if u["to"] == second]
            for i, unit in enumerate(units):
                assert unit["unit"] == periods[0][i]["city"] == periods[1][i]["city"], unit
                for p, part in enumerate(own):
                    name, values = PARTS[p], draws[:, p, i]
                    same(unit[name], part[i], (orientation, returns, unit, name))
                    missing = np.isnan(values).any() or np.isnan(part[i])
                    corrected, low, high = (None, None, None) if missing else basic_interval(part[i], values)
                    for key, want in (("corrected", corrected), ("conf_low", low), ("conf_high", high),
                                      ("sd", None if missing else values.std(ddof=1))):
                        same(unit[name + "_interval"][key], want, (orientation, returns, unit, name, key))
                        figures, none = figures + 1, none + (want is None)
                assert unit["without"] == np.isnan(draws[:, 0, i]).sum(), unit
    return figures, none


def main():
    with tempfile.TemporaryDirectory() as folder:
        years = (2001, 2002, 2003)
        rows = make_rows(9, years)
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        figures, none = check_twin(path, rows, years)
        base = ["--time", "year", "--measure", "malmquist", "--frontier", "adjacent"]
        plain = check_unchanged("productivity", path, rows, [*base, "--replicates", "60"], ("index", "technical_change"))
        without = run("productivity", path, *base)
        assert "bootstrap" not in without
        for one, two in zip(plain["units"], without["units"]):
            assert all(one[key] == two[key] for key in two), (one, two)
        for words, args in (("--replicates 1", ["--replicates", "1"]), ("--confidence", ["--replicates", "9", "--confidence", "1"])):
            refused("productivity", path, 64, words, *base, *args)
        refused("productivity", path, 64, "adjacent", "--time", "year", "--measure", "malmquist", "--replicates", "9")
        refused("productivity", path, 64, "malmquist", "--time", "year", "--measure", "luenberger", "--replicates", "9")
        gap = path + ".gap"
        write(gap, [row for row in rows if (row["city"], row["year"]) != ("P03", 2002)])
        refused("productivity", gap, 65, "P03 has a usable row in only one", *base, "--replicates", "9")
    print(f"{figures} figures as HiGHS and NumPy have them, {none} of them null")
    return 0


if __name__ == "__main__":
    sys.exit(main())
