"""NumPy in matrix form, the strongest that a script offers on a balanced panel: a fit by demeaning in closed form, the
pairs bootstrap as one product (every city's moments once; a replicate is their weighted sum), the wild bootstrap as products
of the cities' scores with the signs, the placebo test by looking up products of every city with every other one's treatment, the
entropy index, and the words of the generator that is NumPy's too.

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


def replicates(workload, count, work):
    """Three calls; the time of one replicate of the last, when everything is warm."""
    for _ in range(3):
        begin = time.process_time()
        result = work()
        passed = time.process_time() - begin
    print(f"time {workload} {passed / count:.9g} {count}")
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


def partialled(columns):
    """Both effects taken off: cities x years x columns."""
    w = columns.reshape(-1, YEARS, columns.shape[1])
    return w - w.mean(axis=1, keepdims=True) - w.mean(axis=0, keepdims=True) + w.mean(axis=(0, 1), keepdims=True)


def wild(x, y, signs):
    """t of the first regressor where it is none, restricted residuals, in the form of Roodman et al. (2019, 3.4)."""
    w = partialled(numpy.column_stack([x, y]))
    z, v = w[:, :, :-1], w[:, :, -1]
    flat, others = z.reshape(-1, x.shape[1]), z[:, :, 1:].reshape(-1, x.shape[1] - 1)
    u = v - (others @ numpy.linalg.lstsq(others, v.ravel(), rcond=None)[0]).reshape(v.shape)
    inverse = numpy.linalg.inv(flat.T @ flat)
    along = z @ inverse[:, 0]
    delta = inverse @ (numpy.einsum("ctk,ct->kc", z, u) @ signs.T)
    years = u.T @ signs.T / len(u)
    moved = (along * u).sum(axis=1)[:, None] * signs.T - along @ years - numpy.einsum("ctk,ct->ck", z, along) @ delta
    return delta[0] / numpy.sqrt((moved**2).sum(axis=0))


def products_with_every_trajectory(x, y):
    """Of each city's columns (an orthonormal basis of the other regressors, then the outcome without them) with the treatment
    of each city, and with each other: nothing of this changes in a permutation."""
    w = partialled(numpy.column_stack([x, y]))
    q = numpy.linalg.qr(w[:, :, :-2].reshape(-1, x.shape[1] - 1))[0]
    outcome = w[:, :, -1].ravel() - q @ (q.T @ w[:, :, -1].ravel())
    columns = numpy.column_stack([q, outcome]).reshape(len(w), YEARS, -1)
    treatment = w[:, :, -2]
    return (numpy.einsum("ht,ctk->hck", treatment, columns), (treatment**2).sum(axis=1),
            numpy.einsum("ctj,ctk->cjk", columns, columns))


def placebo(x, y, donors):
    every, square, within = products_with_every_trajectory(x, y)
    w = every[donors, numpy.arange(donors.shape[1])]
    d, s = w[:, :, :-1].sum(axis=1), square[donors]
    free = s.sum(axis=1) - (d**2).sum(axis=1)
    beta = w[:, :, -1].sum(axis=1) / free
    a = w[:, :, -1] - d @ within[:, :-1, -1].T
    quadratic = (d[:, :, None] * d[:, None, :]).reshape(len(d), -1) @ within[:, :-1, :-1].reshape(len(within), -1).T
    b = s - 2 * numpy.einsum("rck,rk->rc", w[:, :, :-1], d) + quadratic
    return beta, numpy.sqrt(((a - beta[:, None] * b)**2).sum(axis=1)) / free


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

    for b, row in enumerate(replicates("pairs", len(counts), lambda: pairs(x, y, counts))):
        for name, value in zip(TERMS, row):
            print(f"answer pairs {b}.{name} {value:.17g}")

    signs = numpy.loadtxt(f"{folder}/signs.csv", delimiter=",")
    for b, statistic in enumerate(replicates("wild", len(signs), lambda: wild(x, y, signs))):
        print(f"answer wild {b} {statistic:.17g}")

    donors = numpy.loadtxt(f"{folder}/permutations.csv", delimiter=",", dtype=int)
    for r, (value, deviation) in enumerate(zip(*replicates("placebo", len(donors), lambda: placebo(x, y, donors)))):
        print(f"answer placebo {r} {value:.17g}\nanswer placebo {r}.se {deviation:.17g}")

    # The counter is moved on before a block is drawn, so the one before the first.
    many = 100_000
    generator = numpy.random.Philox(key=7, counter=(1 << 192) + (2 << 128) - 1)
    begin = time.process_time()
    words = generator.random_raw(many)
    print(f"time words {(time.process_time() - begin) / many:.9g} {many}")
    for i in range(0, many, 997):
        for part in range(4):
            print(f"answer words {i}.{part} {int(words[i]) >> (16 * part) & 0xffff}")

    values = numpy.column_stack([table[name] for name in POSITIVE + NEGATIVE])
    weight, score = timed("entropy", 100, lambda: entropy(values, [3, 4, 5]))
    for name, value in zip(POSITIVE + NEGATIVE, weight):
        print(f"answer entropy weight.{name} {value:.17g}")
    for row in range(0, len(score), 97):
        print(f"answer entropy {row} {score[row]:.17g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
