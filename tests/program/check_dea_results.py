#!/usr/bin/env python3
"""Every score of /dea is checked from results.h5 alone, by weak duality: the peers give a point of the technology,
the multipliers a bound that no reference row breaks, and both say the score. No solver, no other file."""

import json
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import BADS, call, check, dea_study

DERIVED = {"wage_rate": "1 + 0.1 * labour / (1 + labour)", "tariff": "2"}
STAGES = {
    "radial_in": BADS + 'model = "radial"\nreturns = "vrs"\nreference = "global"\nscale_efficiency = true',
    "radial_out": 'model = "radial"\norientation = "output"\nreturns = "nirs"\nslack_weights = "raw"',
    "radial_unit": 'model = "radial"\nsuper = true\nsuper_leave = "unit"\nreference = "global"',
    "sbm_plain": BADS + 'model = "sbm"\nwhere = "municipality == 0"\nreference = "window:1"',
    "sbm_inputs": BADS + 'model = "sbm"\nbads_as_inputs = true\nweights = [0.1, 0.2, 1, 0.3, 0.4]',
    "sbm_super": BADS + 'model = "sbm"\nreturns = "vrs"\nsuper = true\nreference = "sequential"',
    "sbm_above": BADS + 'model = "sbm"\nsuper = true\nsuper_bads = "numerator"',
    "sbm_both": BADS + 'model = "sbm"\ncombine = true\nreference = "global"\nweights = "groups"',
    "ddf_weak": BADS + 'model = "ddf"\nreturns = "vrs"\ndirection_inputs = "mean"\nslacks = false',
    "ddf_strong": BADS + 'model = "ddf"\ndisposability = "strong"\nreturns = "ndrs"\ndirection_good = [1000]',
    "nddf_third": BADS + 'model = "nddf"\nreference = "biennial"',
    "nddf_weak": BADS + 'model = "nddf"\nreturns = "vrs"\nweights = [1, 0, 2, 0.5, 0.5]\ndirection_inputs = "observed"',
    "additive_ram": 'model = "additive"\nreturns = "vrs"\nweights = "ram"\nreference = "trailing:1"',
    "cost_crs": 'model = "cost"\nprices_inputs = ["wage_rate", "tariff"]\nreference = "global"',
    "fdh_in": 'model = "fdh"\nreference = "global"',
}
EPSILON = 1e-7


class Stage:
    """One group of the file as matrices over the panel's rows; nothing comes from elsewhere."""

    def __init__(self, file, name):
        self.name, group, panel = name, file["dea"][name], file["panel"]
        self.a = {k: v.decode() if isinstance(v, bytes) else v for k, v in group.attrs.items()}
        self.names = [n.decode() for n in group["variable"][()]]
        self.goods = slice(len(self.a["inputs"]), len(self.a["inputs"]) + len(self.a["good"]))
        self.here = group["status"][()] >= 0
        self.cells = np.argwhere(self.here)
        self.data = np.stack([panel[n][()][self.here] for n in self.names], 1)
        self.price = np.stack([panel[n][()][self.here] for n in self.list("prices")], 1) if self.list("prices") else None
        rows = {k: group[k][()][self.here] for k in group if getattr(group[k], "ndim", 0) >= 2}
        self.score, self.status, self.used = rows["score"], rows["status"], rows["used"] == 1
        self.extra = rows
        position = {tuple(cell): r for r, cell in enumerate(self.cells)}
        at = [position[tuple(p)] for p in zip(group["peer_of_unit"][()], group["peer_of_time"][()])]
        peer = [position[tuple(p)] for p in zip(group["peer_unit"][()], group["peer_time"][()])]
        self.point, self.total = np.zeros_like(self.data), np.zeros(len(self.data))
        idle = group["idle"][()] if "idle" in group else np.zeros(len(at))
        self.peers = list(zip(at, peer))
        outputs = [v for v in range(len(self.names)) if v >= len(self.a["inputs"])]
        for r, j, lam, mu in zip(at, peer, group["lambda"][()], idle):
            amount = (lam + mu) * self.data[j]
            amount[outputs] = lam * self.data[j][outputs]
            self.point[r] += amount
            self.total[r] += lam + mu

    def list(self, key):
        return [v.decode() if isinstance(v, bytes) else v for v in np.atleast_1d(self.a[key])] if len(self.a[key]) else []

    def super_score(self, r):
        """With combine only rows without inefficiency have the super score."""
        if not self.a["super"]:
            return False
        return not self.a["combine"] or self.extra["rho"][r] >= 1 - self.a["efficiency_tolerance"]

    def reference(self, r):
        """Mask of the rows that span the technology of row r."""
        time, rule = self.cells[:, 1], self.a["reference"]
        own, width = time[r], int(rule.split(":")[1]) if ":" in rule else 0
        low, high = {"contemporaneous": (own, own), "global": (0, 99), "sequential": (0, own),
                     "window": (own - width, own + width), "trailing": (own - width, own),
                     "biennial": (own, own + 1)}[rule.split(":")[0]]
        mask = self.used & (time >= low) & (time <= high)
        if self.super_score(r):
            unit = self.cells[:, 0] == self.cells[r, 0]
            mask &= ~(unit if self.a["super_leave"] == "unit" else unit & (time == own))
        return mask

    def direction(self, r):
        """g by variable."""
        parts = []
        for key, names in (("direction_inputs", "inputs"), ("direction_good", "good"), ("direction_bad", "bad")):
            word, count = self.a[key], len(self.list(names))
            start = sum(len(p) for p in parts)
            own = self.data[r][start:start + count]
            parts.append(self.a[key + "_values"] if key + "_values" in self.a else own if word == "observed" else 0 * own)
        return np.concatenate(parts)


def sign_of(stage):
    sign = np.ones(len(stage.names))
    sign[stage.goods] = -1
    return sign


def check_primal(stage, r):
    """The peers' point lies where the score, the steps and the slacks say."""
    model, output = stage.a["model"], stage.a["orientation"] == "output"
    sign, own, score = sign_of(stage), stage.data[r], stage.score[r]
    limit = own.copy()
    if model == "radial":
        moves = sign < 0 if output else np.arange(len(own)) < len(stage.a["inputs"])
        limit[moves] *= score
    if model == "ddf":
        limit = own - sign * score * stage.direction(r)
    if model == "nddf":
        limit = own - sign * stage.extra["beta"][r] * stage.direction(r)
    slack = stage.extra["slack"][r] if "slack" in stage.extra else np.full(len(own), np.nan)
    gap = sign * (limit - stage.point[r])
    if model == "sbm" and stage.super_score(r):
        check(np.all(gap >= -slack - EPSILON * own), f"{stage.name} row {r}: expansions {slack}, gap {gap}")
    else:
        chosen = np.arange(len(own)) < len(stage.a["inputs"]) if model == "cost" else np.zeros(len(own), bool)
        check(np.all(chosen | (gap >= -EPSILON * own)), f"{stage.name} row {r}: outside of the technology by {gap}")
        known = ~np.isnan(slack)
        check(np.allclose(gap[known], slack[known], rtol=0, atol=EPSILON * own.max()), f"{stage.name} row {r}: {gap}, {slack}")
    total = {"crs": 0, "vrs": stage.total[r] - 1, "nirs": max(0, stage.total[r] - 1),
             "ndrs": min(0, stage.total[r] - 1)}[stage.a["returns"]]
    check(abs(total) < EPSILON, f"{stage.name} row {r}: the intensities add up to {stage.total[r]}")


def attained(stage, r):
    """The score that the peers' point attains, where it is a formula of slacks, steps or quantities."""
    model, own = stage.a["model"], stage.data[r]
    m = len(stage.a["inputs"])
    if model == "sbm":
        relative = stage.extra["slack"][r] / own * stage.a["item_weights"]
        numerator = list(range(m)) + (list(range(stage.goods.stop, len(own))) if stage.a["bads_as_inputs"] or
                                      stage.a.get("super_bads") == "numerator" else [])
        above = relative[numerator].sum()
        below = relative.sum() - above
        sign = -1 if stage.super_score(r) else 1
        return (1 - sign * above) / (1 + sign * below)
    if model == "nddf":
        return stage.extra["beta"][r] @ stage.a["item_weights"]
    if model == "additive":
        rows = stage.used & (stage.cells[:, 1] == stage.cells[r, 1])
        spread = np.ptp(stage.data[rows], axis=0)
        return (stage.extra["slack"][r] / (len(own) * spread)).sum()
    if model == "cost":
        return stage.price[r] @ stage.point[r][:m] / (stage.price[r] @ own[:m])
    return stage.score[r]


def check_dual(stage, r):
    """No reference row breaks the multipliers' bound, and the bound is the score."""
    v, omega = stage.extra["multiplier"][r], stage.extra["returns_multiplier"][r]
    sign, m = sign_of(stage), len(stage.a["inputs"])
    columns = stage.data[stage.reference(r)]
    terms = columns * v * sign
    least = ((terms.sum(1) - omega) / np.maximum(1, np.abs(terms).sum(1))).min()
    if stage.a["disposability"] == "weak" and stage.a["returns"] == "vrs":
        least = min(least, (terms[:, :m].sum(1) - omega).min())
    check(least >= -1e-9, f"{stage.name} row {r}: a reference row has reduced cost {least}")
    pi = stage.data[r] @ (v * sign) - omega
    model, output = stage.a["model"], stage.a["orientation"] == "output"
    bound = {"radial": 1 + pi if output else 1 - pi, "sbm": 1 - pi, "cost": stage.data[r][:m] @ v[:m] - pi}.get(model, pi)
    check(abs(bound - stage.score[r]) < EPSILON * max(1, abs(bound)), f"{stage.name} row {r}: bound {bound}, score {stage.score[r]}")


def check_hull(stage, r):
    columns, own, m = stage.data[stage.reference(r)], stage.data[r], len(stage.a["inputs"])
    serves = np.all(columns[:, m:] >= own[m:], axis=1)
    check(abs((columns[serves, :m] / own[:m]).max(1).min() - stage.score[r]) < EPSILON, f"{stage.name} row {r}")


def check_stage(file, name):
    stage = Stage(file, name)
    optimal = np.flatnonzero(stage.status == 0)
    check(len(optimal) > 0.5 * stage.used.sum(), f"{name}: few scores")
    check(all(stage.used[r] for r in optimal), f"{name}: a row outside of the reference sets has a score")
    check(set(np.unique(stage.extra["unique"])) <= {-1, 0, 1}, f"{name}: unique")
    allowed = {r: stage.reference(r) for r in optimal}
    check(all(allowed[r][j] for r, j in stage.peers), f"{name}: a peer outside of the reference set")
    for r in optimal:
        if stage.a["model"] == "fdh":
            check_hull(stage, r)
            continue
        check_primal(stage, r)
        check_dual(stage, r)
        check(abs(attained(stage, r) - stage.score[r]) < EPSILON * max(1, abs(stage.score[r])),
              f"{name} row {r}: the peers attain {attained(stage, r)}, the score is {stage.score[r]}")
    return len(optimal), stage


def check_parts(stages):
    """What combine and scale efficiency store besides the score."""
    both = stages["sbm_both"]
    rho, delta = both.extra["rho"], both.extra["delta"]
    efficient = rho >= 1 - both.a["efficiency_tolerance"]
    check(0 < efficient.sum() < len(rho), "combine: nothing to combine")
    check(np.array_equal(np.where(efficient, delta, rho)[both.status == 0], both.score[both.status == 0]), "combine")
    check(np.all(np.isnan(delta[~efficient])), "combine: a super score of an inefficient row")
    scale = stages["radial_in"].extra
    check(np.allclose(scale["scale_efficiency"], np.minimum(1, scale["score_crs"] / scale["score_vrs"])), "scale efficiency")
    check(np.array_equal(scale["score_vrs"], stages["radial_in"].score), "the vrs score is the stage's own")
    same = lambda a, b: np.abs(scale[a] - scale[b]) <= 1e-8
    direction = np.where(same("score_crs", "score_vrs"), 1, np.where(same("score_nirs", "score_vrs"), 2, 0))
    check(np.array_equal(direction, scale["returns_direction"]) and len(set(direction)) > 1, "returns direction")


def check_refusals(folder):
    """A stage is refused like the command line, by its key; a sweep says which scores it cannot compare."""
    study = folder / "wrong.toml"
    for words, hint in (('model = "ddf"\nreturns = "nirs"\n' + BADS, "weak-naive"), ('model = "radial"\nweights = "ones"', "nddf"),
                        ('model = "nddf"\nweights = [1, 2]', "weights: 2 numbers"), ('model = "cost"', "prices_inputs"),
                        ('super_bads = "numerator"', "super_bads"), ('model = "fdh"\nsuper = true', "super"),
                        ('direction_good = "ones"', "direction_good"), ('model = "ddf"\ndirection_good = 3', "a word in quotes")):
        study.write_text(dea_study({"wrong": words}, DERIVED))
        done = call("plan", study, expect=78)
        check(hint in done.stderr and "dea.wrong" in done.stderr, f"{words}: {done.stderr}")
    sweep = '\n[lever.less]\noperations = [{ type = "scale", variable = "electricity", per_unit = -0.01 }]\n' \
            '[sweep.s]\ndea = "one"\n[[sweep.s.levers]]\nlever = "less"\nintensities = [0, 5]\n'
    for words, code in (('model = "ddf"', 78), ("super = true", 78), ('model = "radial"\norientation = "output"', 78),
                        ('model = "fdh"', 0), ('model = "cost"\nprices_inputs = ["tariff", "wage_rate"]', 0)):
        study.write_text(dea_study({"one": words}, DERIVED) + sweep)
        done = call("run", study, "-o", folder / "sweep.h5", "--force", "--progress", "none", expect=code)
        check(code == 0 or "cannot compare" in done.stderr, f"{words}: {done.stderr}")


def check_reference_panel(folder):
    """A stage with reference rows from another file: the scores of the one-shot, the reference rows in the file."""
    panel, other, study = folder / "panel.csv", folder / "other.csv", folder / "other.toml"
    call("synth", "-o", panel, "--cities", 12, "--years", "2011:2013")
    call("synth", "-o", other, "--cities", 15, "--years", "2012:2013", "--seed", 2)
    words = 'model = "radial"\nreference = "sequential"\nreference_panel = "other.csv"'
    study.write_text(dea_study({"eff": words}, panel="panel.csv"))
    output = folder / "other.h5"
    call("run", study, "-o", output, "--progress", "none")
    shown = call("dea", panel, "--unit", "city", "--time", "year", "--inputs", "labour,electricity", "--good", "gdp",
                 "--model", "radial", "--reference", "sequential", "--reference-panel", other, "--format", "json")
    units = json.loads(shown.stdout)["units"]
    with h5py.File(output, "r") as file:
        eff = file["dea/eff"]
        score, names = eff["score"][()], [n.decode() for n in file["unit"][()]]
        want = {(u["unit"], u["time"]): u["score"] for u in units}
        for (i, t), got in np.ndenumerate(score):
            value = want[names[i], int(file["time"][t])]
            check(np.isnan(got) if value is None else got == value, f"reference panel: {got}, {value}")
        check(np.isnan(score[:, 0]).all() and not np.isnan(score[:, 1:]).any(), "2011 has no reference rows")
        inputs = [n.decode() if isinstance(n, bytes) else n for n in eff.attrs["inputs"]]
        data = np.stack([file["panel"][n][()] for n in inputs + ["gdp"]], -1)
        point = np.zeros_like(data)
        for i, t, j, lam in zip(*(eff[k][()] for k in ("peer_of_unit", "peer_of_time", "peer_row", "lambda"))):
            point[i, t] += lam * eff["reference_value"][j]
        inside = point[:, 1:, :2] <= score[:, 1:, None] * data[:, 1:, :2] * (1 + 1e-9)
        check(inside.all() and (point[:, 1:, 2] >= data[:, 1:, 2] * (1 - 1e-9)).all(), "reference panel: peers")
    check(" 24 " in call("verify", output).stdout, "verify does not prove the 24 scores of two years")
    before = output.read_bytes()
    other.write_text(other.read_text() + "\n")
    call("run", study, "-o", output, "--progress", "none", expect=73)  # another reference panel is another run
    check(output.read_bytes() == before, "the result of another run was touched")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, output = folder / "models.toml", folder / "models.h5"
        study.write_text(dea_study(STAGES, DERIVED))
        call("run", study, "-o", output, "--progress", "none")
        check("not proved" not in call("verify", output).stderr, "a score that greenfront verify does not prove")
        shown = call("show", output, "dea").stdout
        check(all(stage in shown for stage in STAGES), "show dea leaves stages out")
        with h5py.File(output, "r") as file:
            checked = {stage: check_stage(file, stage) for stage in STAGES}
        check_parts({stage: found for stage, (_, found) in checked.items()})
        check_refusals(folder)
        check_reference_panel(folder)
    print(f"{sum(count for count, _ in checked.values())} scores of {len(STAGES)} stages follow from their file alone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
