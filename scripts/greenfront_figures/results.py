"""Reading result files: groups, datasets and attributes as plain Python and NumPy."""

import h5py
import numpy as np


def text(value):
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


class BadResults(Exception):
    """The file is not what this script reads; the message says why."""


class Group:
    """A group of the file. Numbers come as float arrays, texts as lists of str."""

    def __init__(self, node, path):
        self.node, self.path = node, path

    @property
    def name(self):
        return self.path.rsplit("/", 1)[-1]

    def has(self, name):
        return name in self.node and isinstance(self.node[name], h5py.Dataset)

    def numbers(self, name):
        return np.asarray(self.node[name][()], dtype=float)

    def integers(self, name):
        return np.asarray(self.node[name][()], dtype=int)

    def texts(self, name):
        return [text(v) for v in np.asarray(self.node[name][()]).ravel()]

    def labels(self, name):
        """A scale as words, numbers too."""
        values = np.asarray(self.node[name][()])
        if values.dtype.kind in "iu":
            return [str(v) for v in values]
        return [f"{v:g}" for v in values] if values.dtype.kind == "f" else [text(v) for v in values]

    def is_number(self, name):
        return self.node[name].dtype.kind == "f"

    def datasets(self):
        return [name for name, item in self.node.items() if isinstance(item, h5py.Dataset)]

    def unit_of(self, name):
        return text(self.node[name].attrs.get("units", ""))

    def dimensions(self, name):
        return [text(d) for d in self.node[name].attrs.get("DIMENSION_LABELS", [])]

    def word(self, name, default=""):
        value = self.node.attrs.get(name, default)
        return text(value) if isinstance(value, (str, bytes)) else default

    def number(self, name):
        value = self.node.attrs.get(name, np.nan)
        return float(value) if np.ndim(value) == 0 else float("nan")

    def words(self, name):
        value = self.node.attrs.get(name, [])
        return [text(value)] if isinstance(value, (str, bytes)) else [text(v) for v in np.ravel(value)]


class Results:
    def __init__(self, path):
        try:
            self.file = h5py.File(path, "r")
        except OSError as error:
            raise BadResults(f"{path}: cannot be read as a result file: {error}")
        if text(self.file.attrs.get("program", "")) != "greenfront":
            raise BadResults(f"{path}: is no result file of Greenfront; give what \"greenfront run\" wrote")
        version = int(self.file.attrs.get("format_version", 0))
        if version != 1:
            raise BadResults(f"{path}: has format version {version}; this script reads version 1")

    def find(self, path):
        return Group(self.file[path], path) if path in self.file else None

    def under(self, kind):
        """The groups below `kind` in the study's order, without the stages that curves made."""
        if kind not in self.file:
            return []
        made = self.made_by_curves() if kind != "curve" else {}
        return [Group(self.file[kind][name], f"{kind}/{name}") for name in self.ordered(kind)
                if isinstance(self.file[kind][name], h5py.Group) and name not in made.get(kind, ())]

    def ordered(self, kind):
        node = self.file[kind]
        creation = node.id.get_create_plist().get_link_creation_order() & h5py.h5p.CRT_ORDER_TRACKED
        if not creation:
            return list(node)
        names = []
        node.id.links.iterate(lambda name: names.append(text(name)), idx_type=h5py.h5.INDEX_CRT_ORDER)
        return names

    def made_by_curves(self):
        """Names of stages that stand in the file only for a specification curve."""
        made = {"dea": set(), "index": set(), "regression": set()}
        for name in self.file.get("curve", {}):
            curve = self.file["curve"][name]
            rows = [text(v) for v in curve["specification"][()]]
            base = {"dea": text(curve.attrs.get("dea", "")), "index": text(curve.attrs.get("index", "")),
                    "regression": text(curve.attrs.get("regression", ""))}
            for key, names in (("regression", rows), ("dea", [text(v) for v in curve["dea"][()]]),
                               ("index", [text(v) for v in curve["index"][()]])):
                made[key] |= {n for n in names if n != base[key] and n.startswith(f"{name}_")}
        return made
