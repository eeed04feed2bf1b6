"""1,000 random assignments of the group-difference permutation against NumPy: units from raw words, both groups
regressed on their own explicit dummies. Run by ctest; needs GREENFRONT_PROGRAM."""
import os
import sys
import tempfile

import numpy as np

from twins import PROGRAM, STAGE_GROUP_DIFFERENCE, Stream, close, dummies, make_panel, run, write_panel

B, SEED = 1000, 9


def first_group(units, size, b):
    stream = Stream(SEED, STAGE_GROUP_DIFFERENCE, b)
    order = list(range(units))
    for i in range(size):
        other = i + stream.below(units - i)
        order[i], order[other] = order[other], order[i]
    return order[:size]


def coefficient(data):
    """Of x1, with x2 and the effects of these rows alone."""
    columns = np.column_stack([data[:, 3:5], dummies(data[:, 0]), dummies(data[:, 1])])
    return (np.linalg.pinv(columns) @ data[:, 2])[0]


def twin(data, path, label):
    units = np.unique(data[:, 0])
    first = units % 3 == 0
    result = run(["group-difference", path, "y ~ x1 + x2 | unit + year", "--unit", "unit", "--time", "year", "--term",
                  "x1", "--group", "side", "--replicates", str(B), "--seed", str(SEED), "--draws", "--format", "json"])

    def difference(members):
        inside = np.isin(data[:, 0], members)
        return coefficient(data[inside]) - coefficient(data[~inside])

    observed = difference(units[first])
    draws = np.array([difference(units[first_group(len(units), int(first.sum()), b)]) for b in range(B)])
    close(f"{label} difference", result["difference"], observed)
    close(f"{label} draws", np.array(result["draws"]) + 1, draws + 1, 1e-8)
    tie = 1e-9 * (1 + abs(observed))
    extreme = int((np.abs(draws) >= abs(observed) - tie).sum())
    if result["n_greater"] + result["n_tie"] != extreme or result["replicates"] != B or result["enumerated"]:
        sys.exit(f"{label}: {extreme} of {B} expected, {result}")
    share = (draws >= observed - tie).mean()
    close(f"{label} p", [result["p_value"], result["p_one_sided"] + 1],
          [(extreme + 1) / (B + 1), 1 + (share if share <= 0.5 else 1 - share)])
    compatible = run(["group-difference", path, "y ~ x1 + x2 | unit + year", "--unit", "unit", "--time", "year", "--term",
                      "x1", "--group", "side", "--replicates", str(B), "--seed", str(SEED), "--method", "bdiff-compat",
                      "--format", "json"])
    close(f"{label} bdiff", compatible["p_value"] + 1, result["p_one_sided"] + 1)


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for missing, label in ((0.0, "balanced"), (0.12, "unbalanced")):
            data = make_panel(missing)
            path = os.path.join(folder, label + ".csv")
            write_panel(path, data, 1, label=("side", lambda unit: "east" if unit % 3 == 0 else "west"))
            twin(data, path, label)


main()
