"""`greenfront boot-dea --test separability` against the test written out here: the same splits and halvings, scores by HiGHS (scipy)
and by plain comparisons (fdh)."""
import os
import sys
import tempfile

import numpy as np
from frontier import X, Y, call, check_unchanged, columns, make_rows, of_year, radial, refused, run, same, write
from scipy.stats import norm
from twins import Stream

STAGE = 14  # kernels/rng/philox.hpp


def permuted(items, stream):
    items = list(items)
    for i in range(len(items) - 1):
        j = i + stream.below(len(items) - i)
        items[i], items[j] = items[j], items[i]
    return items


def fdh(x, y, XR, YR, orientation):
    if orientation == "input":
        return (XR / x).max(1)[(YR >= y).all(1)].min()
    return (YR / y).min(1)[(XR <= x).all(1)].max()


def twin(rows, names, model, orientation, H, splits, halvings, seed, item):
    XR, YR, Z, n = columns(rows, X), columns(rows, Y), columns(rows, names), len(rows)
    v, r, n1 = len(X) + len(Y), len(names), n // 2
    n2 = n - n1
    kappa = {"vrs": 2 / (v + 1), "crs": 2 / v, "fdh": 1 / v}[model]
    H = H or 1.7401 * (4 / (r + 2))**(1 / (r + 4)) * n2**(-1 / (r + 4))
    h = H * Z.std(0, ddof=1)
    near = (np.abs(Z[:, None] - Z[None]) <= h).all(2)
    c1, c2 = n1, near.mean() * n2
    if kappa < (1 / 3 if model == "fdh" else 2 / 5) - 1e-12:
        c1, c2 = n1**(2 * kappa), c2**(2 * kappa)
    c1, c2 = int(c1), int(c2)

    def score(i, among):
        if model == "fdh":
            return fdh(XR[i], YR[i], XR[among], YR[among], orientation)
        return radial(XR[i], YR[i], XR[among], YR[among], model, orientation)

    def own(part):
        return np.array([score(i, part) for i in part])

    def local(part):
        return np.array([score(i, [j for j in part if near[i, j]]) for i in part])

    made = []
    for s in range(splits):
        order = permuted(range(n), Stream(seed, STAGE, s * (halvings + 1), item))
        first, second = order[:n1], order[n1:]
        one, two = own(first), local(second)
        halves = []
        for k in range(1, halvings + 1):
            stream = Stream(seed, STAGE, s * (halvings + 1) + k, item)
            a, b = permuted(first, stream), permuted(second, stream)
            halves.append([np.mean([own(part).mean() for part in (a[:n1 // 2], a[n1 // 2:])]),
                           np.mean([local(part).mean() for part in (b[:n2 // 2], b[n2 // 2:])])])
        bias = (np.mean(halves, 0) - [one.mean(), two.mean()]) / (2**kappa - 1)
        m = np.array([one[:c1].mean(), two[:c2].mean()]) - bias
        T = (m[0] - m[1]) / np.sqrt(one.var(ddof=1) / c1 + two.var(ddof=1) / c2) * (1 if orientation == "output" else -1)
        made.append([T, *m, *bias])
    made = np.array(made)
    T = np.sort(made[:, 0])[::-1][(splits + 1) // 2 - 1]
    p = norm.sf(T)
    mean = made.mean(0)
    return {"statistic": T, "p_value": p if splits == 1 else min(1, 2 * p), "mean": mean[1], "mean_local": mean[2], "bias": mean[3],
            "bias_local": mean[4], "bandwidth": H, "window": near.mean() * n2, "units": n, "counted": c1, "counted_local": c2}, made[:, 0]


def check_power(folder):
    """An environment that only adds waste is separable, one that lowers the frontier is not."""
    rng = np.random.RandomState(3)
    x, z, u = rng.uniform(1, 10, 300), rng.uniform(size=300), np.abs(rng.normal(0, 0.5, 300))
    for name, y, rejected in (("waste", x**0.5 * np.exp(-u * (1 + z)), False), ("frontier", x**0.5 * (1 - 0.6 * z) * np.exp(-u), True)):
        path = os.path.join(folder, name + ".csv")
        write(path, [{"city": i, "k": a, "l": a, "y": b, "w": c} for i, (a, b, c) in enumerate(zip(x, y, z))])
        args = ["--test", "separability", "--environment", "w", "--returns", "vrs", "--orientation", "output", "--splits", "5",
                "--replicates", "100"]
        test = run("boot-dea", path, *args, good=["y"])["tests"][0]
        assert (test["p_value"] < 0.05) == rejected, (name, test)


def check_doubt(folder):
    """Where a few extreme units span the frontier the jackknife leaves the range of scores, and the user hears so."""
    rng = np.random.RandomState(2)
    sizes = np.exp(rng.normal(0, 2, (60, 2)))
    path = os.path.join(folder, "heavy.csv")
    write(path, [{"city": i, "k": a, "l": a, "y": b, "w": rng.uniform()} for i, (a, b) in enumerate(sizes)])
    args = ["--test", "separability", "--environment", "w", "--returns", "vrs", "--splits", "2", "--replicates", "40"]
    test = run("boot-dea", path, *args, good=["y"])["tests"][0]
    doubt = min(test["mean"], test["mean_local"]) <= 0
    assert doubt and "beyond all possible scores" in call("boot-dea", path, *args, good=["y"]).stderr, test


def main():
    with tempfile.TemporaryDirectory() as folder:
        rng = np.random.RandomState(6)
        rows = [{**row, "u": rng.normal(), "w": 1e5 * rng.uniform()} for row in make_rows(26, (2001, 2002))]
        path = os.path.join(folder, "panel.csv")
        write(path, rows)
        figures = 0
        for model, orientation, names, H, splits in (("vrs", "input", ["u"], 0, 3), ("crs", "output", ["u"], 1.2, 1),
                                                     ("fdh", "output", ["w", "u"], 1.5, 2), ("vrs", "output", ["w", "u"], 1.5, 2)):
            own = ["--model", "fdh"] if model == "fdh" else ["--returns", model]
            got = run("boot-dea", path, "--time", "year", "--test", "separability", "--environment", ",".join(names), *own,
                      "--orientation", orientation, *(["--bandwidth", str(H)] if H else []), "--splits", str(splits), "--replicates",
                      str(2 * splits), "--seed", "5")
            assert got["method"] == "daraio-simar-wilson-2018" and got["splits"] == splits, got
            for item, test in enumerate(got["tests"]):
                wanted, statistics = twin(of_year(rows, test["time"]), names, model, orientation, H, splits, 2, 5, item)
                for key, value in wanted.items():
                    same(test[key], value, (model, orientation, test, key))
                    figures += 1
                for a, b in zip(test["split_statistic"], statistics, strict=True):
                    same(a, b, (model, orientation, test))
        args = ["--time", "year", "--test", "separability", "--environment", "u,w", "--bandwidth", "1.5", "--splits", "2", "--replicates", "8"]
        plain = check_unchanged("boot-dea", path, rows, args, ("statistic", "p_value"), key="tests")
        write(path + ".scaled", [{**row, "u": row["u"] * 1e-7} for row in rows])
        for one, two in zip(plain["tests"], run("boot-dea", path + ".scaled", *args)["tests"]):
            same(one["statistic"], two["statistic"], "units of the environment", 1e-9)
        check_power(folder)
        check_doubt(folder)
        for words, code, more in (("--environment", 64, []), ("--model", 64, ["--environment", "u", "--model", "sbm"]),
                                  ("--returns", 64, ["--environment", "u", "--returns", "nirs"]),
                                  ("--bandwidth", 64, ["--environment", "u", "--bandwidth", "rot"]),
                                  ("--metric", 64, ["--environment", "u", "--metric", "theta"]),
                                  ("--replicates", 64, ["--environment", "u", "--replicates", "30"]),
                                  ("same for all", 65, ["--environment", "one"]),
                                  ("too few for 4 inputs and outputs", 65, ["--environment", "u", "--bandwidth", "0.01"])):
            write(path, [{**row, "one": 1} for row in rows])
            refused("boot-dea", path, code, words, "--time", "year", "--test", "separability", *more)
        refused("boot-dea", path, 64, "--environment", "--time", "year", "--environment", "u")
    print(f"{figures} figures as HiGHS and NumPy have them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
