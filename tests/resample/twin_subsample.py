"""`greenfront boot-dea --method subsample` against subsampling written out here: the same draws, scores by HiGHS (scipy)."""
import os
import sys
import tempfile

import numpy as np
from frontier import B, X, Y, check_unchanged, columns, make_rows, refused, run, same, write
from twins import Stream

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "dea"))
from linear_programs import directional, radial, sbm  # noqa: E402

STAGE = 9  # kernels/rng/philox.hpp
INFINITE = float("inf")


def drawn(G, kappa, replacement, seed, b, item):
    stream = Stream(seed, STAGE, b, item)
    g = int(np.floor(G**kappa + 1e-9))
    if replacement:
        return {stream.below(G) for _ in range(g)}
    place = list(range(G))
    for i in range(g):
        j = i + stream.below(G - i)
        place[i], place[j] = place[j], place[i]
    return set(place[:g])


def one_score(model, row, among, returns, orientation):
    x, y, b = (columns([row], names)[0] for names in (X, Y, B))
    XR, YR, BR = (columns(among, names) for names in (X, Y, B))
    if model == "radial":
        return radial(x, y, XR, YR, returns, orientation)
    if model == "sbm":
        rho = sbm(x, y, b, XR, YR, BR, returns)
        return sbm(x, y, b, XR, YR, BR, returns, sup=True) if rho is None else rho
    if model == "ddf":
        return directional(x, y, b, XR, YR, BR, np.r_[0 * x, y, b], returns, weak=True)
    as_much = (YR >= y).all(axis=1)
    return (XR[as_much] / x).max(axis=1).min() if as_much.any() else None


def twin(groups, model, returns, orientation, rate, kappa, replacement, cluster, replicates, seed):
    answer = {}
    difference, expands = model == "ddf", orientation == "output"
    for item, rows in enumerate(groups):
        names = sorted({row[cluster] for row in rows}, key=lambda name: min(
            (r["city"], r["year"]) for r in rows if r[cluster] == name))
        G, own = len(names), [one_score(model, row, rows, returns, orientation) for row in rows]
        psi = np.empty((len(rows), replicates))
        for b in range(replicates):
            chosen = {names[c] for c in drawn(G, kappa, replacement, seed, b, item)}
            among = [row for row in rows if row[cluster] in chosen]
            for i, row in enumerate(rows):
                star = one_score(model, row, among, returns, orientation)
                if star is None:
                    psi[i, b] = -1 if expands else -INFINITE if difference else INFINITE
                else:
                    psi[i, b] = star - own[i] if difference else star / own[i] - 1
        share = (np.floor(G**kappa + 1e-9) / G)**rate
        for i, row in enumerate(rows):
            def shifted(q):
                return None if not np.isfinite(q) else own[i] - share * q if difference else own[i] / (1 + share * q)
            beyond = int((~np.isfinite(psi[i])).sum() + (expands and (psi[i] <= -1).sum()))
            with np.errstate(invalid="ignore"):
                low, high = (shifted(np.quantile(psi[i], q)) for q in (0.975, 0.025))
                corrected = None if beyond else shifted(psi[i].mean())
            answer[row["city"], row["year"]] = {
                "score": own[i], "corrected": corrected, "conf_low": low, "conf_high": high, "beyond": beyond,
                "bias": None if beyond else own[i] - corrected,
                "sd": None if beyond else share * psi[i].std(ddof=1) * (1 if difference else own[i])}
    return answer


def check_twin(path, rows):
    years = sorted({row["year"] for row in rows})
    by_year = [[row for row in rows if row["year"] == year] for year in years]
    pooled = [sorted(rows, key=lambda row: (row["city"], row["year"]))]
    cases = (("radial", "vrs", "input", 2 / 5, by_year, "city", False), ("radial", "crs", "output", 2 / 4, pooled, "city", True),
             ("sbm", "crs", None, 2 / 5, pooled, "city", False), ("ddf", "crs", None, 2 / 5, by_year, "city", False),
             ("fdh", "vrs", "input", 1 / 4, pooled, "region", False))
    figures = none = 0
    for model, returns, orientation, rate, groups, cluster, replacement in cases:
        args = ["--time", "year", "--method", "subsample", "--model", model, "--returns", returns, "--kappa", "0.75",
                "--replicates", "9", "--seed", "5", "--reference", "global" if groups is pooled else "contemporaneous"]
        args += ["--orientation", orientation] if orientation else []
        args += ["--cluster", cluster] if cluster != "city" else []
        got = run("boot-dea", path, *args, *(["--replacement"] if replacement else []), bad=B if model in ("sbm", "ddf") else ())
        assert abs(got["rate"] - rate) < 1e-12 and got["cluster"] == cluster, got["rate"]
        assert got["rate_proven"] == (model not in ("sbm", "ddf")), (model, got["rate_proven"])
        want = twin(groups, model, returns, orientation, rate, 0.75, replacement, cluster, 9, 5)
        for unit in got["units"]:
            for key, value in want[unit["unit"], unit["time"]].items():
                same(unit[key], value, (model, unit, key))
                figures, none = figures + 1, none + (value is None)
    return figures, none


def check_properties(path, rows):
    base = ["--time", "year", "--method", "subsample", "--replicates", "60", "--returns", "vrs"]
    keys = ("score", "corrected", "conf_low", "conf_high", "beyond")
    for args, bad in ((["--model", "sbm", "--reference", "global"], B), (["--orientation", "output"], ())):
        plain = check_unchanged("boot-dea", path, rows, [*base, *args], keys, bad=bad)
        for unit in plain["units"]:
            # Fewer units span a smaller technology: no replicate is less efficient than the score itself.
            if unit["conf_low"] is not None and unit["conf_high"] is not None:
                assert unit["conf_low"] <= unit["conf_high"], unit
                side = unit["conf_low"] >= unit["score"] - 1e-9 if "output" in args else unit["conf_high"] <= unit["score"] + 1e-9
                assert side, unit
    # All units, drawn without replacement, are the sample itself.
    for unit in run("boot-dea", path, *base, "--kappa", "1")["units"]:
        for key in ("corrected", "conf_low", "conf_high"):
            assert abs(unit[key] - unit["score"]) < 1e-9 and unit["sd"] < 1e-9, unit
    for words, args in (("--metric", ["--metric", "theta"]), ("--kappa", ["--kappa", "1.5"]), ("--rate", ["--rate", "0"]),
                        ("--model cost", ["--model", "cost"]), ("--model", ["--model", "wide"])):
        refused("boot-dea", path, 64, words, *base, *args)
    refused("boot-dea", path, 64, "--kappa", "--time", "year", "--kappa", "0.5")
    few = path + ".few"
    write(few, [row for row in rows if row["city"] < "P02"])
    refused("boot-dea", few, 65, "period 2001: 2 units", *base)


def main():
    with tempfile.TemporaryDirectory() as folder:
        rows = make_rows(11, (2001, 2002))
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        figures, none = check_twin(path, rows)
        check_properties(path, rows)
    print(f"{figures} figures as HiGHS and NumPy have them, {none} of them null")
    return 0


if __name__ == "__main__":
    sys.exit(main())
