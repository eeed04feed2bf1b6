#!/usr/bin/env python3
"""greenfront verify finds what was changed in a result file: bytes by their checksums, and values whose checksums were
made anew by what scores, peers and data say of each other."""

import shutil
import struct
import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from program import BADS, call, check, dea_study

DERIVED = {"tariff": "2"}
STAGES = {
    "radial": BADS + 'model = "radial"\nreturns = "vrs"\nreference = "global"\nscale_efficiency = true\nslacks = true',
    "sbm": BADS + 'model = "sbm"',
    "sbm_super": BADS + 'model = "sbm"\nsuper = true',
    "both": BADS + 'model = "sbm"\ncombine = true\nreference = "global"',
    "ddf": BADS + 'model = "ddf"\nreturns = "vrs"',
    "nddf": BADS + 'model = "nddf"',
    "additive": 'model = "additive"\nreturns = "vrs"\nweights = "ram"',
    "cost": 'model = "cost"\nprices_inputs = ["tariff", "tariff"]\nslacks = true',
    "fdh": 'model = "fdh"\nreturns = "crs"',
    "own_weights": BADS + 'model = "sbm"\nweights = [0.5, 0.5, 0.4, 0.3, 0.3]\nwhere = "municipality == 0"',
}
UNPROVED, DATA = 3, 65
P1, P2, P3, P4, P5 = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5)
ALL = (1 << 64) - 1


def rotated(x, by):
    return ((x << by) | (x >> (64 - by))) & ALL


def round_of(lane, word):
    return rotated((lane + word * P2) & ALL, 31) * P1 & ALL


def xxh64(data):
    """XXH64 with seed 0, from its public description."""
    at, n = 0, len(data)
    if n >= 32:
        lanes = [(P1 + P2) & ALL, P2, 0, -P1 & ALL]
        for at in range(0, n - 31, 32):
            lanes = [round_of(lane, word) for lane, word in zip(lanes, struct.unpack_from("<4Q", data, at))]
        at += 32
        h = sum(rotated(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18))) & ALL
        for lane in lanes:
            h = ((h ^ round_of(0, lane)) * P1 + P4) & ALL
    else:
        h = P5
    h = (h + n) & ALL
    while at + 8 <= n:
        h = (rotated(h ^ round_of(0, struct.unpack_from("<Q", data, at)[0]), 27) * P1 + P4) & ALL
        at += 8
    if at + 4 <= n:
        h = (rotated(h ^ struct.unpack_from("<I", data, at)[0] * P1 & ALL, 23) * P2 + P3) & ALL
        at += 4
    for byte in data[at:]:
        h = rotated(h ^ byte * P5 & ALL, 11) * P1 & ALL
    h = (h ^ (h >> 33)) * P2 & ALL
    h = (h ^ (h >> 29)) * P3 & ALL
    return f"{h ^ (h >> 32):016x}"


def packed(values):
    """The bytes that a checksum is made of."""
    if isinstance(values, (bytes, str)):
        return (values.encode() if isinstance(values, str) else values) + b"\0"
    values = np.asarray(values)
    if values.dtype.kind == "O":
        return b"".join(packed(value) for value in values.ravel())
    return values.tobytes()


def attributes_sum(group):
    items = {name.encode(): value for name, value in group.attrs.items() if name != "checksum"}
    return xxh64(b"".join(name + b"\0" + packed(items[name]) for name in sorted(items)))


def seal(file):
    """Makes all checksums anew, as one would who changes a file on purpose."""
    def visit(_, item):
        if isinstance(item, h5py.Dataset):
            item.attrs["checksum"] = xxh64(packed(item[()]))
        elif "checksum" in item.attrs:
            item.attrs["checksum"] = attributes_sum(item)

    file.visititems(visit)
    file.attrs["checksum"] = attributes_sum(file)


def check_sums(path):
    """The checksums of the file are those of our own XXH64."""
    check(xxh64(b"") == "ef46db3751d8e999" and xxh64(b"abc") == "44bc2cf5ad770999", "XXH64 of this test")
    count = [0]

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            check(item.attrs["checksum"] == xxh64(packed(item[()])), f"checksum of {name}")
            count[0] += 1
        elif "checksum" in item.attrs:
            check(item.attrs["checksum"] == attributes_sum(item), f"checksum of the attributes of {name}")
        else:
            check(not item.attrs and not any(isinstance(i, h5py.Dataset) for i in item.values()), f"{name}: no checksum")

    with h5py.File(path, "r") as file:
        file.visititems(visit)
        check(file.attrs["checksum"] == attributes_sum(file), "checksum of /")
    check(count[0] > 100, "few datasets")


def put(name, value, pick=None):
    """Sets the first scored row (or what `pick` says) of a dataset to a value or a function of it."""
    def change(group):
        values = group[name][()]
        at = pick(group) if pick else np.unravel_index(np.argmax(group["status"][()] == 0), group["status"].shape)
        values[at] = value(values[at]) if callable(value) else value
        group[name][...] = values
    return change


def everywhere(name, value):
    def change(group):
        group[name][...] = np.full_like(group[name][()], value)
    return change


def entry(name, value, at=0):
    return put(name, value, lambda group: at)


def attribute(name, value):
    def change(group):
        group.attrs[name] = value(group.attrs[name]) if callable(value) else value
    return change


def several(*changes):
    def change(group):
        for one in changes:
            one(group)
    return change


def inefficient(group):
    return np.unravel_index(np.argmax(group["rho"][()] < 0.9), group["rho"].shape)


def efficient(group):
    return np.unravel_index(np.argmax(group["rho"][()] >= 1), group["rho"].shape)


def unused(group):
    return np.unravel_index(np.argmax(group["used"][()] == 0), group["used"].shape)


MOVED = 2e-8
CASES = [  # stage, change, exit code, what the message says
    *((stage, put("score", lambda x: x + MOVED * max(1, x)), UNPROVED, "is not proved")
      for stage in ("radial", "sbm", "sbm_super", "nddf", "ddf", "cost", "fdh")),
    *((stage, put("score", np.nan), UNPROVED, "status optimal beside the score nan") for stage in STAGES),
    *((stage, put("status", 1), UNPROVED, "status infeasible beside") for stage in STAGES),
    *((stage, everywhere("lambda", np.nan), UNPROVED, "is not proved") for stage in STAGES),
    *((stage, everywhere("lambda", 77), UNPROVED, "is not proved") for stage in STAGES),
    *((stage, put("multiplier", np.nan), UNPROVED, "is not proved") for stage in STAGES if stage != "fdh"),
    *((stage, put("slack", lambda x: np.where(np.isnan(x), x, x + 100)), UNPROVED, "slacks or targets")
      for stage in ("radial", "sbm", "sbm_super", "both", "nddf", "additive", "fdh", "cost")),
    *((stage, put("target", lambda x: x * (1 + 1e-6)), UNPROVED, "slacks or targets") for stage in ("radial", "cost")),
    ("sbm", put("slack", np.nan), UNPROVED, "slacks or targets"),
    ("nddf", put("beta", lambda x: x + 1e-6), UNPROVED, "is not proved"),
    ("sbm", several(everywhere("score", np.nan), everywhere("status", 1)), UNPROVED, "in its own reference set"),
    ("sbm", several(everywhere("score", np.nan), everywhere("status", 3)), UNPROVED, "the data define a score"),
    ("sbm", several(everywhere("score", np.nan), everywhere("status", 2)), UNPROVED, ""),
    ("sbm", put("status", 9), UNPROVED, "9 is no status"),
    ("sbm", put("score", np.inf), UNPROVED, "beside the score inf"),
    ("sbm", put("unique", lambda x: 1 - x), 0, "Not checked: unique"),
    ("radial", put("used", 0), UNPROVED, "used is no, the data say yes"),
    ("own_weights", put("used", 0, lambda group: np.unravel_index(np.nanargmin(group["score"][()]), group["score"].shape)), UNPROVED, "although the row is not used"),
    ("own_weights", put("used", 1, unused), UNPROVED, "rows_scored"),
    ("own_weights", put("score", 0.5, unused), UNPROVED, "although the row is not used"),
    ("both", put("rho", 0.5, inefficient), UNPROVED, "neither rho"),
    ("both", put("rho", 0.5, efficient), UNPROVED, "neither rho"),
    ("both", put("rho", 1.5, efficient), UNPROVED, "larger than 1"),
    ("both", put("delta", 1.5, efficient), UNPROVED, "neither rho"),
    ("both", put("delta", 1.5, inefficient), UNPROVED, "delta 1.5 beside"),
    ("both", several(put("rho", 0.5, efficient), put("delta", np.nan, efficient), put("score", 0.5, efficient)),
     UNPROVED, "is not proved"),
    ("radial", put("score_vrs", 0.5), UNPROVED, "its own score is another"),
    ("radial", put("score_crs", 0.01), UNPROVED, "not the ratio"),
    ("radial", put("score_crs", 7), UNPROVED, "order of their technologies"),
    ("radial", put("score_nirs", 7), UNPROVED, "order of their technologies"),
    ("radial", put("scale_efficiency", 0.123), UNPROVED, "not the ratio"),
    ("radial", several(put("score_crs", lambda x: 0.9 * x), put("scale_efficiency", lambda x: 0.9 * x)), UNPROVED,
     "score_crs is"),
    ("radial/crs", put("score", lambda x: 0.9 * x), UNPROVED, "is not proved"),
    ("radial", put("returns_direction", lambda x: (x + 1) % 3), UNPROVED, "returns_direction does not follow"),
    ("sbm", entry("peer_unit", 999), DATA, "peer_entry 0: peer_unit is 999"),
    ("sbm", entry("peer_unit", -1, 3), DATA, "peer_entry 3: peer_unit is -1"),
    ("sbm", entry("peer_time", 999), DATA, "peer_time is 999"),
    ("sbm", entry("peer_time", 4), DATA, "peer_time is 4"),
    ("sbm", entry("peer_of_unit", 999), DATA, "peer_of_unit is 999"),
    ("sbm", entry("peer_of_time", -7), DATA, "peer_of_time is -7"),
    ("sbm", entry("peer_time", lambda t: (t + 1) % 4), DATA, "is not in its reference set"),
    ("own_weights", attribute("item_weights", lambda w: w * 2), DATA, "attributes do not go together: weights"),
    ("own_weights", attribute("weights_outputs", lambda w: w[::-1].copy()), DATA, "attribute weights_outputs"),
    ("sbm", attribute("item_weights", lambda w: w * 0.9), DATA, "attribute item_weights"),
    ("sbm", attribute("returns", "vsr"), DATA, "vsr"),
    ("sbm", attribute("rows_scored", np.int64(1)), UNPROVED, "rows_scored"),
]


def check_cases(original, folder):
    changed = folder / "changed.h5"
    for number, (stage, change, code, says) in enumerate(CASES):
        shutil.copy(original, changed)
        with h5py.File(changed, "r+") as file:
            change(file["dea"][stage])
            seal(file)
        done = call("verify", changed, expect=code)
        text = done.stdout + done.stderr
        check(says in " ".join(text.split()), f"case {number}, {stage}: no word of {says!r}:\n{text}")
        if code != 0:
            check(f"/dea/{stage}: " in text, f"case {number}: the group {stage} is not named:\n{text}")
        if code == DATA:
            check("--" not in text and "run the study again" in text, f"case {number}: {text}")


def flip(path, at):
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.write_bytes(data)


def check_bytes(original, folder):
    """One flipped bit is met in every kind of array, before anything else is said."""
    changed = folder / "flipped.h5"
    places = {}
    with h5py.File(original, "r") as file:
        for name in ("dea/sbm/score", "dea/sbm/status", "dea/fdh/peer_unit", "dea/fdh/lambda", "panel/gdp"):
            offset = file[name].id.get_offset()
            check(offset is not None, f"{name} is not contiguous: the test looks in the wrong place")
            places[name] = offset + file[name].dtype.itemsize // 2
        many = file["dea/big/multiplier"]
        check(many.chunks is not None and many.size >= 4096 and many.fletcher32, "no large array")
        places["dea/big/multiplier"] = many.id.get_chunk_info(0).byte_offset + 100
        city = file["unit"][3]
    data = original.read_bytes()
    places["unit"] = data.index(city)
    places["dea/big"] = data.index(b"municipality >= 0")  # an attribute
    for name, at in places.items():
        shutil.copy(original, changed)
        flip(changed, at)
        for command in ("verify", "show"):
            text = call(command, changed, expect=DATA).stderr
            check(name.split("/")[-1] in text, f"{command}: a changed byte of {name}: {text}")
    for name in ("dea/sbm/score", "dea/sbm"):  # nor may a checksum be missing
        shutil.copy(original, changed)
        with h5py.File(changed, "r+") as file:
            del file[name].attrs["checksum"]
        check("there is no checksum" in call("verify", changed, expect=DATA).stderr, f"{name} without checksum")


def check_names(folder):
    """Variables may have any name, those of the panel's own scales included."""
    rows = [f"{u},{t},{1 + i},{3 + (i * 5) % 7},{2 + (i * 3) % 5},0.7"
            for i, (u, t) in enumerate((u, t) for u in "ABCD" for t in (2011, 2012))][:7]
    text = "city,year,time,unit,y,flat\n" + "\n".join(rows) + "\n"
    (folder / "names.csv").write_text(text)
    (folder / "other.csv").write_text(text.replace("A,", "Q,"))
    study, output = folder / "names.toml", folder / "names.h5"
    for extra, proved in (('model = "radial"', 7), ('model = "radial"\nreference_panel = "other.csv"', None),
                          ('model = "additive"\nweights = "normalized"\nreturns = "vrs"\nreference = "global"', 7)):
        study.write_text('name = "n"\n[panel]\nfile = "names.csv"\nunit = "city"\ntime = "year"\n[dea.eff]\n'
                         'inputs = ["time", "unit", "flat"]\ngood = ["y"]\n' + extra + "\n")
        call("run", study, "-o", output, "--progress", "none", "--force")
        table = call("verify", output).stdout
        row = next(line.split() for line in table.splitlines() if line.strip().startswith("dea/eff"))
        check(int(row[2]) > 0 and (proved is None or int(row[2]) == proved) and row[3] == "0", f"{extra}: {table}")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study, output = folder / "verify.toml", folder / "verify.h5"
        study.write_text(dea_study(STAGES, DERIVED))
        call("run", study, "-o", output, "--progress", "none")
        done = call("verify", output)
        check(done.stderr == "", done.stderr)
        check_sums(output)
        check_cases(output, folder)
        large = {"big": BADS + 'model = "radial"\nwhere = "municipality >= 0"', "sbm": BADS + 'model = "sbm"', "fdh": 'model = "fdh"'}
        study.write_text(dea_study(large, DERIVED, "synth:300x2011-2014"))
        call("run", study, "-o", folder / "bytes.h5", "--progress", "none")
        check_bytes(folder / "bytes.h5", folder)
        check_names(folder)
    print(f"{len(CASES)} changed files are met as promised, and flipped bits in every kind of array")
    return 0


if __name__ == "__main__":
    sys.exit(main())
