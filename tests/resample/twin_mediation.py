"""1,000 draws of the indirect effect again from NumPy's raw words with explicit dummies: both equations of a replicate see
the same clusters. Run by ctest; needs GREENFRONT_PROGRAM."""
import os
import subprocess
import sys
import tempfile

import h5py
import numpy as np
from scipy import stats

from twins import PROGRAM, STAGE_BOOTSTRAP, Stream, close, dummies, write_panel

B, SEED = 1000, 23
FIRST_STREAM = 1 << 32  # of the study's first mediation
STUDY = """
name = "mediated"
seed = {seed}
[panel]
file = "{file}"
unit = "unit"
time = "year"
[regression.total]
formula = "y ~ x + w | unit + year"
[mediation.first]
regression = "total"
treatment = "x"
mediator = "m"
cluster = "{cluster}"
replicates = {replicates}
[mediation.second]
regression = "total"
treatment = "w"
mediator = "m"
cluster = "{cluster}"
replicates = {replicates}
"""
UNIT, YEAR, Y, X, W, M = range(6)


def make_panel(missing):
    rng = np.random.default_rng(31)
    rows = []
    for unit in range(16):
        base = rng.normal(size=3)
        for year in range(2001, 2008):
            x, w = base[:2] + rng.normal(size=2)
            m = 0.6 * x + 0.3 * w + base[2] + rng.normal() + 0.1 * (year - 2001)
            y = 0.4 * x - 0.2 * w + 0.5 * m + base[2] + rng.normal()
            if rng.random() >= missing:
                rows.append((unit, year, y, x, w, m))
    return np.array(rows)


def slopes(outcome, regressors, effects):
    columns = np.hstack([regressors, *map(dummies, effects)])
    return np.linalg.lstsq(columns, outcome, rcond=None)[0][: regressors.shape[1]]


def effects_of(rows, unit, treatment):
    """Indirect and direct effect of the treatment through m."""
    effects = [unit, rows[:, YEAR]]
    a = slopes(rows[:, M], rows[:, [X, W]], effects)[0 if treatment == "x" else 1]
    full = slopes(rows[:, Y], rows[:, [X, W, M]], effects)
    return a * full[2], full[0 if treatment == "x" else 1]


def twin(data, folder, label, cluster, name, treatment, stream):
    key = data[:, UNIT] % 5 if cluster == "region" else data[:, UNIT]
    levels = np.unique(key)
    rows_of = [np.flatnonzero(key == level) for level in levels]
    draws = np.empty((2, B))
    for r in range(B):
        words = Stream(SEED, STAGE_BOOTSTRAP, r, stream)
        drawn = [rows_of[words.below(len(levels))] for _ in levels]
        rows = data[np.concatenate(drawn)]
        copy = np.repeat(np.arange(len(drawn)), [len(d) for d in drawn])
        draws[:, r] = effects_of(rows, copy * 1000 + rows[:, UNIT], treatment)
    with h5py.File(os.path.join(folder, label + ".h5"), "r") as file:
        group = file["mediation"][name]
        close(f"{label} {name} indirect", group["draw"][()], draws[0], 1e-8)
        close(f"{label} {name} direct", group["draw_direct"][()], draws[1], 1e-8)
        close(f"{label} {name} std_error", group.attrs["bootstrap_std_error"], draws[0].std(ddof=1), 1e-8)
        ends = np.percentile(draws[0], [2.5, 97.5], method="averaged_inverted_cdf")
        close(f"{label} {name} percentiles", [group.attrs["percentile_low"], group.attrs["percentile_high"]], ends, 1e-8)
        indirect = effects_of(data, data[:, UNIT], treatment)[0]
        close(f"{label} {name} estimate", group.attrs["indirect"], indirect)
        z0 = stats.norm.ppf(np.mean(draws[0] < indirect))
        leave_out = np.array([effects_of(data[key != level], data[key != level, UNIT], treatment)[0] for level in levels])
        d = leave_out.mean() - leave_out
        a, z = (d**3).sum() / (6 * (d**2).sum() ** 1.5), stats.norm.ppf([0.025, 0.975])
        at = 100 * stats.norm.cdf(z0 + (z0 + z) / (1 - a * (z0 + z)))
        close(f"{label} {name} BCa", [group.attrs["bca_low"], group.attrs["bca_high"]],
              np.percentile(draws[0], at, method="averaged_inverted_cdf"), 1e-8)


def main():
    if not os.path.exists(PROGRAM):
        print("SKIPPED: GREENFRONT_PROGRAM does not name the program")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        for missing, cluster, label in ((0.0, "unit", "balanced"), (0.15, "unit", "unbalanced"),
                                        (0.1, "region", "regions")):
            data = make_panel(missing)
            write_panel(os.path.join(folder, label + ".csv"), data, 3, "y,x,w,m", ("region", lambda unit: unit % 5))
            study = os.path.join(folder, label + ".toml")
            with open(study, "w", encoding="utf-8") as out:
                out.write(STUDY.format(seed=SEED, file=label + ".csv", cluster=cluster, replicates=B))
            done = subprocess.run([PROGRAM, "run", study, "-o", os.path.join(folder, label + ".h5"), "--progress", "none"],
                                  capture_output=True, text=True)
            if done.returncode != 0:
                sys.exit(f"{label}: exit {done.returncode}\n{done.stderr}")
            twin(data, folder, label, cluster, "first", "x", FIRST_STREAM)
            twin(data, folder, label, cluster, "second", "w", FIRST_STREAM + 1)


main()
