"""`greenfront boot-dea --test returns` against the test written out here: the same draws, scores by HiGHS (scipy)."""
import json
import os
import sys
import tempfile

import numpy as np
from frontier import X, Y, call, check_unchanged, columns, make_rows, of_year, refused, run, same, scores, write
from scipy.special import ndtri
from twin_boot_dea import bandwidth
from twins import Stream

STAGE = 10  # kernels/rng/philox.hpp


def twin(rows, null, orientation, rule, replicates, seed, item):
    XR, YR, n = columns(rows, X), columns(rows, Y), len(rows)
    power = 1 if orientation == "input" else -1
    own = {returns: scores(rows, returns, orientation)**power for returns in (null, "vrs")}
    delta = 1 / own[null]
    h = bandwidth(delta, rule) if isinstance(rule, str) else rule
    stars = []
    for b in range(replicates):
        stream = Stream(seed, STAGE, b, item)
        beta = np.array([delta[stream.below(n)] for _ in range(n)])
        v = beta + h * ndtri([stream.uniform() for _ in range(n)])
        v = np.where(v < 1, 2 - v, v)
        ratio = (beta.mean() + (v - beta.mean()) / np.sqrt(1 + h**2 / delta.var())) / delta
        points = (XR * ratio[:, None], YR) if power == 1 else (XR, YR / ratio[:, None])
        stars.append(np.divide(*(np.sum(scores(rows, r, orientation, *points)**power) for r in (null, "vrs"))))
    S, stars = own[null].sum() / own["vrs"].sum(), np.array(stars)
    return {"statistic": S, "n_at_most": int((stars <= S * (1 + 1e-12)).sum()), "bandwidth": h,
            "p_value": (1 + (stars <= S * (1 + 1e-12)).sum()) / (replicates + 1), "critical_05": np.quantile(stars, 0.05),
            "critical_10": np.quantile(stars, 0.1), "critical_01": np.quantile(stars, 0.01),
            "mean_null": own[null].mean(), "mean_vrs": own["vrs"].mean(), "units": n}


def check_power(folder):
    """Constant returns are kept, strongly variable ones rejected."""
    rng = np.random.RandomState(8)
    for name, elasticity, rejected in (("constant", 1.0, False), ("variable", 0.5, True)):
        size = np.exp(rng.uniform(0, 2.5, 60))
        rows = [{"city": i, "k": s, "l": s, "y": s**elasticity * np.exp(-abs(e)), "z": 1}
                for i, (s, e) in enumerate(zip(size, rng.normal(0, 0.25, 60)))]
        path = os.path.join(folder, name + ".csv")
        write(path, rows)
        done = call("boot-dea", path, "--test", "returns", "--replicates", "400", "--format", "json", good=["y"])
        test = json.loads(done.stdout)["tests"][0]
        assert (test["p_value"] < 0.05) == rejected and (test["statistic"] < test["critical_05"]) == rejected, (name, test)


def main():
    with tempfile.TemporaryDirectory() as folder:
        rows = make_rows(12, (2001, 2002))
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        figures = 0
        for null, orientation, rule in (("crs", "input", "sj"), ("nirs", "output", "rot"), ("crs", "output", 0.1)):
            got = run("boot-dea", path, "--time", "year", "--test", "returns", "--null", null, "--orientation", orientation,
                      "--bandwidth", str(rule), "--replicates", "12", "--seed", "5")
            assert got["null"] == null and got["alternative"] == "vrs", got
            for item, test in enumerate(got["tests"]):
                for key, value in twin(of_year(rows, test["time"]), null, orientation, rule, 12, 5, item).items():
                    same(test[key], value, (null, orientation, test, key))
                    figures += 1
        check_unchanged("boot-dea", path, rows, ["--time", "year", "--test", "returns", "--replicates", "60"],
                        ("statistic", "p_value", "critical_05"), key="tests")
        check_power(folder)
        for words, args in (("--null", ["--null", "vrs"]), ("--test", ["--test", "size"]), ("--returns", ["--returns", "vrs"]),
                            ("--method", ["--method", "subsample"])):
            refused("boot-dea", path, 64, words, *(["--test", "returns"] if "--test" not in args else []), *args)
    print(f"{figures} figures as HiGHS and NumPy have them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
