"""NumPy in matrix form, as an expert writes it: a fit by demeaning in closed form where the panel is balanced, by city means
and dummy variables of the years where it is not; the fractional logit by Newton's method; the pairs bootstrap and the
permutation of groups as products of draws and cities' moments, the wild bootstrap of signs and cities' scores, the placebo
test by looking up products of every city's data with every other one's treatment, all in blocks that stay in the caches; the
entropy index; and random numbers.

    numpy_panel.py FOLDER
"""

import sys

import numpy
from clock import replicates, timed

TERMS = ["capital", "labour", "energy", "co2", "so2", "policy"]
POSITIVE, NEGATIVE = ["labour", "output", "capital"], ["energy", "co2", "so2"]
YEARS = 12
BLOCK = 125
"""Replicates at a time; of 50 to 1,000 about the fastest. Divides the number of replicates."""
RANDOM = numpy.random.default_rng(1)


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


def fit_unbalanced(x, y, city, year):
    """City means taken off, then the years' dummy variables (Frisch, Waugh and Lovell); sandwich as above."""
    starts = numpy.flatnonzero(numpy.r_[True, city[1:] != city[:-1]])
    rows = numpy.diff(numpy.r_[starts, len(city)])
    table = numpy.column_stack([x, y, year[:, None] == numpy.arange(1, YEARS)])
    table -= numpy.repeat(numpy.add.reduceat(table, starts) / rows[:, None], rows, axis=0)
    columns, dummies = table[:, :x.shape[1] + 1], table[:, x.shape[1] + 1:]
    columns = columns - dummies @ numpy.linalg.solve(dummies.T @ dummies, dummies.T @ columns)
    z, v = columns[:, :-1], columns[:, -1]
    inverse = numpy.linalg.inv(z.T @ z)
    beta = inverse @ (z.T @ v)
    sums = numpy.add.reduceat(z * (v - z @ beta)[:, None], starts)
    return beta, numpy.sqrt(numpy.diag(inverse @ (sums.T @ sums) @ inverse))


def fractional_logit(x, y):
    """Newton's method from zero; sandwich of the cities' scores without small-sample factors."""
    z = numpy.column_stack([x, numpy.ones(len(y))])
    beta = numpy.zeros(z.shape[1])
    for _ in range(50):
        mean = 1 / (1 + numpy.exp(-(z @ beta)))
        inverse = numpy.linalg.inv(z.T @ (z * (mean * (1 - mean))[:, None]))
        step = inverse @ (z.T @ (y - mean))
        beta += step
        if numpy.abs(step).max() < 1e-10:
            break
    sums = (z * (y - mean)[:, None]).reshape(-1, YEARS, z.shape[1]).sum(axis=1)
    return beta, numpy.sqrt(numpy.diag(inverse @ (sums.T @ sums) @ inverse))


def draw_counts(n, cities):
    """How often each city is in each of n resamples."""
    drawn = RANDOM.integers(0, cities, size=(n, cities)) + (numpy.arange(n) * cities)[:, None]
    return numpy.bincount(drawn.ravel(), minlength=n * cities).reshape(n, cities).astype(float)


def draw_signs(n, cities):
    words = (cities + 7) // 8
    bits = numpy.unpackbits(numpy.frombuffer(RANDOM.bytes(n * words), numpy.uint8).reshape(n, words), axis=1)[:, :cities]
    return 2.0 * bits - 1


def draw_donors(n, cities):
    return RANDOM.permuted(numpy.tile(numpy.arange(cities), (n, 1)), axis=1)


def draw_halves(n, cities):
    return RANDOM.permuted(numpy.tile(numpy.arange(cities) < cities // 2, (n, 1)), axis=1).astype(float)


def pairs(x, y, blocks, errors=False):
    """City means are taken off once; a replicate's year means from its sums of the cities' rows. A count may be zero or one,
    too: then it is the fit of the cities with one. With `errors` clustered standard errors beside the coefficients."""
    w = numpy.column_stack([x, y]).reshape(-1, YEARS, x.shape[1] + 1)
    w = w - w.mean(axis=1, keepdims=True)
    cities, _, n = w.shape
    k, upper = n - 1, numpy.triu_indices(n)
    rows, turned = w.reshape(-1, n), w[:, :, :-1].transpose(0, 2, 1).copy()
    m = len(upper[0])
    place = numpy.zeros((n, n), dtype=int)
    place[upper] = place.T[upper] = range(m)
    moments = numpy.concatenate([(w.transpose(0, 2, 1) @ w)[:, upper[0], upper[1]], w.reshape(cities, -1)], axis=1)
    beta, error = [], []
    for counts in blocks:
        sums, drawn = counts @ moments, counts.sum(axis=1)[:, None, None]
        years = sums[:, m:].reshape(-1, YEARS, n)
        products = sums[:, place] - years.transpose(0, 2, 1) @ years / drawn
        b = numpy.linalg.solve(products[:, :k, :k], products[:, :k, k, None])[:, :, 0]
        beta.append(b)
        if not errors:
            continue
        years = years / drawn
        inverse = numpy.linalg.inv(products[:, :k, :k])
        u = (rows @ numpy.column_stack([-b, numpy.ones(len(b))]).T).reshape(cities, YEARS, -1)
        u -= (years[:, :, k] - (years[:, :, :k] @ b[:, :, None])[:, :, 0]).T
        own = u.transpose(2, 0, 1)
        scores = (turned @ u).transpose(2, 0, 1) - own @ years[:, :, :k]
        meat = scores.transpose(0, 2, 1) @ (scores * counts[:, :, None])
        error.append(numpy.sqrt(numpy.diagonal(inverse @ meat @ inverse, axis1=1, axis2=2)))
    return (numpy.concatenate(beta), numpy.concatenate(error)) if errors else numpy.concatenate(beta)


def groups(x, y, blocks):
    """Coefficients of the first regressor in the cities with one and in those with zero."""
    return pairs(x, y, (numpy.concatenate([inside, 1 - inside]) for inside in blocks))[:, 0]


def partialled(columns):
    """Both effects taken off: cities x years x columns."""
    w = columns.reshape(-1, YEARS, columns.shape[1])
    return w - w.mean(axis=1, keepdims=True) - w.mean(axis=0, keepdims=True) + w.mean(axis=(0, 1), keepdims=True)


def wild(x, y, blocks):
    """t of the first regressor where it is none, restricted residuals, in the form of Roodman et al. (2019, 3.4)."""
    w = partialled(numpy.column_stack([x, y]))
    z, v = w[:, :, :-1], w[:, :, -1]
    flat = z.reshape(-1, x.shape[1])
    moments, others = flat.T @ flat, flat[:, 1:]
    u = (v.ravel() - others @ numpy.linalg.solve(moments[1:, 1:], others.T @ v.ravel())).reshape(v.shape)
    inverse, turned = numpy.linalg.inv(moments), z.transpose(0, 2, 1)
    along = z @ inverse[:, 0]
    own = (along * u).sum(axis=1)
    left = numpy.concatenate([u / len(u), (turned @ u[:, :, None])[:, :, 0] @ inverse], axis=1)
    right = numpy.concatenate([along, (turned @ along[:, :, None])[:, :, 0]], axis=1)
    t = []
    for signs in blocks:
        both = signs @ left
        moved = signs * own - both @ right.T
        t.append(both[:, YEARS] / numpy.sqrt(numpy.einsum("rc,rc->r", moved, moved)))
    return numpy.concatenate(t)


def products_with_every_trajectory(x, y):
    """Of each city's columns (an orthonormal basis of the other regressors, then the outcome without them) with the treatment
    of each city, and with each other: nothing of this changes in a permutation."""
    w = partialled(numpy.column_stack([x, y]))
    q = numpy.linalg.qr(w[:, :, :-2].reshape(-1, x.shape[1] - 1))[0]
    outcome = w[:, :, -1].ravel() - q @ (q.T @ w[:, :, -1].ravel())
    columns = numpy.column_stack([q, outcome]).reshape(len(w), YEARS, -1)
    treatment = w[:, :, -2]
    every = treatment @ columns.transpose(1, 0, 2).reshape(YEARS, -1)
    return every.reshape(len(w)**2, -1), (treatment**2).sum(axis=1), columns.transpose(0, 2, 1) @ columns


def placebo(x, y, blocks):
    every, square, within = products_with_every_trajectory(x, y)
    cities, k = within.shape[0], within.shape[1] - 1
    crossed, squares = within[:, :k, k].T.copy(), within[:, :k, :k].reshape(cities, -1).T.copy()
    beta, error = [], []
    for donors in blocks:
        w, s = every.take(donors * cities + numpy.arange(cities), axis=0), square[donors]
        sums = w.sum(axis=1)
        d = sums[:, :k]
        free = s.sum(axis=1) - (d * d).sum(axis=1)
        beta.append(sums[:, k] / free)
        quadratic = (d[:, :, None] * d[:, None, :]).reshape(len(donors), -1) @ squares
        a, b = w[:, :, k] - d @ crossed, s - 2 * (w[:, :, :k] @ d[:, :, None])[:, :, 0] + quadratic
        a -= beta[-1][:, None] * b
        error.append(numpy.sqrt(numpy.einsum("rc,rc->r", a, a)) / free)
    return numpy.concatenate(beta), numpy.concatenate(error)


def entropy(values, negative):
    low, high = values.min(axis=0), values.max(axis=0)
    z = (values - low) / (high - low)
    z[:, negative] = 1 - z[:, negative]
    p = z / z.sum(axis=0)
    logs = numpy.log(p, out=numpy.zeros_like(p), where=p > 0)
    spread = 1 + (p * logs).sum(axis=0) / numpy.log(len(p))
    weight = spread / spread.sum()
    return weight, z @ weight


def answers(workload, names, beta, error):
    for name, value, deviation in zip(names, beta, error):
        print(f"answer {workload} {name} {value:.17g}\nanswer {workload} {name}.se {deviation:.17g}")


def play_estimators(table, x, y):
    answers("fit", TERMS, *timed("fit", 1, lambda: fit(x, y)))
    city, year = table["city"], table["year"]
    there = numpy.arange(len(y)) * 7919 % 1009 >= 101
    answers("fit-missing", TERMS, *timed("fit-missing", 1, lambda: fit_unbalanced(x[there], y[there], city[there], year[there])))
    share = table["output"] / (table["output"] + table["capital"])
    answers("share", TERMS[1:] + ["_cons"], *timed("share", 1, lambda: fractional_logit(x[:, 1:], share)))


def play_resampling(folder, x, y):
    def play(workload, file, kind, work):
        given = numpy.loadtxt(f"{folder}/{file}.csv", delimiter=",", dtype=int if file == "permutations" else float)
        return replicates(workload, given, BLOCK, lambda n: kind(n, len(y) // YEARS), work)

    for b, row in enumerate(play("pairs", "draws", draw_counts, lambda draws: pairs(x, y, draws))):
        for name, value in zip(TERMS, row):
            print(f"answer pairs {b}.{name} {value:.17g}")
    for b, (row, deviation) in enumerate(zip(*play("pairs-t", "draws", draw_counts, lambda draws: pairs(x, y, draws, errors=True)))):
        answers("pairs-t", [f"{b}.{name}" for name in TERMS], row, deviation)
    found = play("groups", "assignments", draw_halves, lambda draws: groups(x, y, draws)).reshape(-1, 2, BLOCK)
    for group in (0, 1):
        for b, value in enumerate(found[:, group].ravel()):
            print(f"answer groups {b}.{group} {value:.17g}")
    for b, statistic in enumerate(play("wild", "signs", draw_signs, lambda draws: wild(x, y, draws))):
        print(f"answer wild {b} {statistic:.17g}")
    for r, (value, deviation) in enumerate(zip(*play("placebo", "permutations", draw_donors, lambda draws: placebo(x, y, draws)))):
        answers("placebo", [str(r)], [value], [deviation])


def play_numbers():
    # The counter is moved on before a block is drawn, so the one before the first.
    many = 100_000
    words = timed("words", many, lambda: numpy.random.Philox(key=7, counter=(1 << 192) + (2 << 128) - 1).random_raw(many))
    for i in range(0, many, 997):
        for part in range(4):
            print(f"answer words {i}.{part} {int(words[i]) >> (16 * part) & 0xffff}")
    drawn = timed("below", many, lambda: RANDOM.integers(0, 242, size=many, dtype=numpy.uint32))
    print(f"answer below different {len(numpy.unique(drawn))}")


def play_index(table):
    values = numpy.column_stack([table[name] for name in POSITIVE + NEGATIVE])
    weight, score = timed("entropy", 1, lambda: entropy(values, [3, 4, 5]))
    for name, value in zip(POSITIVE + NEGATIVE, weight):
        print(f"answer entropy weight.{name} {value:.17g}")
    for row in range(0, len(score), 97):
        print(f"answer entropy {row} {score[row]:.17g}")


def main(folder):
    print(f"uses NumPy {numpy.__version__}")
    table = numpy.genfromtxt(f"{folder}/panel.csv", delimiter=",", names=True)
    x = numpy.column_stack([table[name] if name == "policy" else numpy.log(table[name]) for name in TERMS])
    y = numpy.log(table["output"])
    play_estimators(table, x, y)
    play_resampling(folder, x, y)
    play_numbers()
    play_index(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
