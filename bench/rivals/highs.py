"""HiGHS as SciPy's linprog gives it: one program a call, as most people write it, and several programs in one call.

    highs.py loop|blocks FOLDER

linprog takes no basis, so that every call starts cold; blocks save what a call costs. Data are divided by their means.
"""

import sys
import time

import numpy
import scipy
from scipy import sparse
from scipy.optimize import linprog

INPUTS, OUTPUT, BADS = ["capital", "labour", "energy"], ["output"], ["co2", "so2"]
SAMPLE = {242: 60, 2904: 16}
"""Units that are scored, evenly spaced, of so many."""
TOGETHER = {242: 10, 2904: 4}
"""Programs in one call; of 2, 4, 5, 10 and 20 the fastest over all models."""


def read(folder):
    table = numpy.genfromtxt(f"{folder}/panel.csv", delimiter=",", names=True)
    columns = [table[name] / table[name].mean() for name in INPUTS + OUTPUT + BADS]
    return numpy.array(columns), table["year"]


def radial(a, o, returns):
    """min theta: X lambda <= theta x_o, Y lambda >= y_o, B lambda <= b_o."""
    sign = numpy.array([1, 1, 1, -1, 1, 1])[:, None]
    first = numpy.where(numpy.arange(6) < 3, -a[:, o], 0.0)[:, None]
    above = sparse.csr_matrix(numpy.hstack([first, sign * a]))
    right = numpy.where(numpy.arange(6) < 3, 0.0, sign[:, 0] * a[:, o])
    n = a.shape[1]
    equal = sparse.csr_matrix(numpy.r_[0.0, numpy.ones(n)][None, :]) if returns == "vrs" else None
    return numpy.r_[1.0, numpy.zeros(n)], above, right, equal, numpy.ones(1 if returns == "vrs" else 0)


def sbm(a, o, returns):
    """Slacks-based measure with bad outputs, in the form of Charnes and Cooper: t, six slacks, lambda."""
    n = a.shape[1]
    sign = numpy.array([1, 1, 1, -1, 1, 1])
    rows = numpy.hstack([-a[:, [o]], numpy.diag(sign), a])
    normal = numpy.r_[1.0, numpy.zeros(3), 1 / (3 * a[3:, o]), numpy.zeros(n)]
    more = [numpy.r_[-1.0, numpy.zeros(6), numpy.ones(n)]] if returns == "vrs" else []
    equal = sparse.csr_matrix(numpy.vstack([rows, normal, *more]))
    right = numpy.zeros(equal.shape[0])
    right[6] = 1.0
    cost = numpy.r_[1.0, -1 / (3 * a[:3, o]), numpy.zeros(3 + n)]
    return cost, None, None, equal, right


def solve(programs):
    """One call for all of them; the optimum of each."""
    cost = numpy.concatenate([p[0] for p in programs])
    above, right_above, equal, right_equal = None, None, None, None
    if programs[0][1] is not None:
        above = sparse.block_diag([p[1] for p in programs], format="csc")
        right_above = numpy.concatenate([p[2] for p in programs])
    if programs[0][3] is not None:
        equal = sparse.block_diag([p[3] for p in programs], format="csc")
        right_equal = numpy.concatenate([p[4] for p in programs])
    found = linprog(cost, above, right_above, equal, right_equal, method="highs")
    if found.status != 0:
        return [float("nan")] * len(programs)
    values = (cost * found.x).reshape(len(programs), -1).sum(axis=1)
    return list(values)


def main(way, folder):
    panel, year = read(folder)
    print(f"uses SciPy {scipy.__version__}")
    for units in (242, 2904):
        a = panel[:, year == 0] if units == 242 else panel
        for model, returns in (("radial", "crs"), ("radial", "vrs"), ("SBM", "crs"), ("SBM", "vrs")):
            workload = f"{model}-{returns}-{units}"
            sample = [k * units // SAMPLE[units] for k in range(SAMPLE[units])]
            state = radial if model == "radial" else sbm
            size = TOGETHER[units] if way == "blocks" else 1
            scores = []
            begin = time.process_time()
            for at in range(0, len(sample), size):
                scores += solve([state(a, o, returns) for o in sample[at:at + size]])
            seconds = time.process_time() - begin
            print(f"time {workload} {seconds / len(sample):.9g} {len(sample)}")
            for o, score in zip(sample, scores):
                print(f"answer {workload} {o} {score:.17g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
