"""Reads results of Greenfront into xarray and pandas: names of dimensions and labels come along, categories are words.

    import sys; sys.path.insert(0, "scripts/python")      # or copy this file beside your own
    import greenfront_results as gf

    gf.groups("results.h5")                       # what is there, in the study's order
    gf.dataset("results.h5", "dea/eff")           # xarray: score by unit and time, slack by unit, time and variable ...
    gf.frame("results.h5", "dea/eff")             # pandas: a row for each unit and time
    gf.coefficients("results.h5")                 # pandas: a row for each coefficient of each regression
    gf.models("results.h5")                       # pandas: a row for each regression
    gf.side_by_side("results.h5", ["base", "controls"])
    gf.ranking("results.h5", "policy")            # pandas: the scenarios of a sweep, best first

Run as a program it prints what there is: python3 greenfront_results.py results.h5 [GROUP]
Debian: python3-xarray python3-h5netcdf python3-pandas. Checksums are compared by `greenfront verify`, not here."""

import sys

import h5py
import numpy as np
import pandas as pd
import xarray as xr

COEFFICIENT = ["estimate", "std_error", "statistic", "p_value", "conf_low", "conf_high"]


def groups(file, below=""):
    """Names of the groups below one (all without it), in the order of the study."""
    found = []

    def walk(group, prefix):
        names = []
        group.id.links.iterate(names.append, idx_type=h5py.h5.INDEX_CRT_ORDER)
        for name in (raw.decode() for raw in names):
            item = group[name]
            if isinstance(item, h5py.Group):
                if len(item.attrs) or any(isinstance(part, h5py.Dataset) for part in item.values()):
                    found.append(prefix + name)
                walk(item, f"{prefix}{name}/")

    with h5py.File(file, "r") as opened:
        walk(opened, "")
    return [name for name in found if name.startswith(f"{below}/" if below else "")]


def dataset(file, group):
    """A group as an xarray Dataset in memory. Categories are words, None where missing; the group's attributes are `attrs`."""
    with xr.open_dataset(file, group=group, engine="h5netcdf", mask_and_scale=False) as opened:
        data = opened.load()
    for name, variable in data.variables.items():
        if "flag_meanings" in variable.attrs:
            words = dict(zip(np.atleast_1d(variable.attrs["flag_values"]).tolist(), variable.attrs["flag_meanings"].split()))
            texts = np.array([words.get(int(code)) for code in variable.values.ravel()], dtype=object).reshape(variable.shape)
            kept = {key: value for key, value in variable.attrs.items() if not key.startswith("flag_")}
            data[name] = (variable.dims, texts, kept)
    return data


def frame(file, group, dims=None):
    """The variables of a group over some dimensions as a DataFrame, one row for each combination of labels. Without `dims`: those of
    its first variable, as `greenfront export` has them. A variable with one more dimension becomes a column for each label of it,
    "slack[capital]"."""
    data = dataset(file, group)
    arrays = [name for name in data.data_vars if data[name].dims]
    if not arrays:
        raise ValueError(f"{file}: {group} has attributes only: dataset(file, group).attrs")
    dims = list(dims or data[arrays[0]].dims)
    columns = {}
    for name in arrays:
        variable = data[name]
        more = [dim for dim in variable.dims if dim not in dims]
        if not set(dims) <= set(variable.dims) or len(more) > 1:
            continue
        if not more:
            columns[name] = variable.transpose(*dims).values.ravel()
            continue
        for label in data[more[0]].values:
            columns[f"{name}[{label}]"] = variable.sel({more[0]: label}).transpose(*dims).values.ravel()
    labels = [data[dim].values for dim in dims]
    index = pd.MultiIndex.from_product(labels, names=dims) if len(dims) > 1 else pd.Index(labels[0], name=dims[0])
    return pd.DataFrame(columns, index=index)


def coefficients(file, only=None):
    """A row for each coefficient of each regression."""
    parts = []
    for name in names_of(file, "regression", only):
        part = frame(file, f"regression/{name}", ["term"])[COEFFICIENT].reset_index()
        part.insert(0, "model", name)
        parts.append(part)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["model", "term", *COEFFICIENT])


def models(file, only=None):
    """A row for each regression: its attributes that are single values."""
    rows = {}
    for name in names_of(file, "regression", only):
        with h5py.File(file, "r") as opened:
            attributes = {key: value for key, value in opened[f"regression/{name}"].attrs.items() if np.ndim(value) == 0}
        rows[name] = {key: value.item() if isinstance(value, np.generic) else value for key, value in attributes.items() if key != "checksum"}
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("model")


def side_by_side(file, only=None):
    """Regressions beside each other: terms down, and for each regression its estimates and standard errors."""
    table = coefficients(file, only)
    wide = table.pivot(index="term", columns="model", values=["estimate", "std_error"]).swaplevel(axis=1)
    order = names_of(file, "regression", only)
    return wide.reindex(list(dict.fromkeys(table["term"])))[[(name, what) for name in order for what in ("estimate", "std_error")]]


def ranking(file, sweep):
    """The scenarios of a sweep, best first: intensities of levers, effects with intervals, rank, cost; by scenario alone."""
    table = frame(file, f"sweep/{sweep}", ["scenario"])
    return table[[name for name in table if not name.split("[")[0].startswith(("point", "econometric_by", "frontier_by", "econometric_draw"))]
                 ].sort_values("rank", kind="stable")


def names_of(file, kind, only=None):
    """Names below a kind of group; those that are wanted, in that order."""
    there = [name.split("/", 1)[1] for name in groups(file, kind)]
    missing = [name for name in only or [] if name not in there]
    if missing:
        raise KeyError(f"{file}: there is no {kind} {', '.join(missing)}; there are {', '.join(there)}")
    return list(only) if only else there


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: greenfront_results.py results.h5 [GROUP]")
    print(frame(sys.argv[1], sys.argv[2]) if len(sys.argv) > 2 else "\n".join(groups(sys.argv[1])))
