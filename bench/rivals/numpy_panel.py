"""NumPy in matrix form, the strongest that a script offers on a balanced panel: a fit by demeaning in closed form, the
pairs bootstrap as one product (every city's moments once; a replicate is their weighted sum), the entropy index.

    numpy_panel.py FOLDER
"""

import sys
import time

import numpy

TERMS = ["capital", "labour", "energy", "co2", "so2", "policy"]
POSITIVE, NEGATIVE = ["labour", "output", "capital"], ["energy", "co2", "so2"]
YEARS = 12


def timed(workload, times, work):
    begin = time.process_time()
    for _ in range(times):
        result = work()
    print(f"time {workload} {(time.process_time() - begin) / times:.9g} {times}")
    return result


def fit(x, y):
    """Both effects taken off, normal equations, sandwich of the cities' scores without small-sample factors."""
    w = numpy.column_stack([x, y]).reshape(-1, YEARS, x.shape[1] + 1)
    w = w - w.mean(axis=1, keepdims=True) - w.mean(axis=0, keepdims=True) + w.mean(axis=(0, 1), keepdims=True)
    z, v = w[:, :, :-1], w[:, :, -1]
    flat = z.reshape(-1, x.shape[1])
    inverse = numpy.linalg.inv(flat.T @ flat)
    beta = inverse @ (flat.T @ v.ravel())
    sums = numpy.einsum("ctk,ct->ck", z, v - z @ beta)
    return beta, numpy.sqrt(numpy.diag(inverse @ (sums.T @ sums) @ inverse))


def pairs(x, y, counts):
    dummies = numpy.tile(numpy.eye(YEARS)[:, 1:], (len(x) // YEARS, 1))
    w = numpy.column_stack([x, dummies, y]).reshape(-1, YEARS, x.shape[1] + YEARS)
    w = w - w.mean(axis=1, keepdims=True)
    moments = numpy.einsum("cti,ctj->cij", w, w)
    k = w.shape[2] - 1
    sums = (counts @ moments.reshape(len(moments), -1)).reshape(-1, k + 1, k + 1)
    return numpy.linalg.solve(sums[:, :k, :k], sums[:, :k, k, None])[:, :x.shape[1], 0]


def entropy(values, negative):
    low, high = values.min(axis=0), values.max(axis=0)
    z = (values - low) / (high - low)
    z[:, negative] = 1 - z[:, negative]
    p = z / z.sum(axis=0)
    logs = numpy.log(p, out=numpy.zeros_like(p), where=p > 0)
    spread = 1 + (p * logs).sum(axis=0) / numpy.log(len(p))
    weight = spread / spread.sum()
    return weight, z @ weight


def main(folder):
    table = numpy.genfromtxt(f"{folder}/panel.csv", delimiter=",", names=True)
    counts = numpy.loadtxt(f"{folder}/draws.csv", delimiter=",")
    print(f"uses NumPy {numpy.__version__}")
    x = numpy.column_stack([table[name] if name == "policy" else numpy.log(table[name]) for name in TERMS])
    y = numpy.log(table["output"])
    beta, error = timed("fit", 100, lambda: fit(x, y))
    for name, value, deviation in zip(TERMS, beta, error):
        print(f"answer fit {name} {value:.17g}\nanswer fit {name}.se {deviation:.17g}")

    begin = time.process_time()
    draws = pairs(x, y, counts)
    print(f"time pairs {(time.process_time() - begin) / len(counts):.9g} {len(counts)}")
    for b, row in enumerate(draws):
        for name, value in zip(TERMS, row):
            print(f"answer pairs {b}.{name} {value:.17g}")

    values = numpy.column_stack([table[name] for name in POSITIVE + NEGATIVE])
    weight, score = timed("entropy", 100, lambda: entropy(values, [3, 4, 5]))
    for name, value in zip(POSITIVE + NEGATIVE, weight):
        print(f"answer entropy weight.{name} {value:.17g}")
    for row in range(0, len(score), 97):
        print(f"answer entropy {row} {score[row]:.17g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
