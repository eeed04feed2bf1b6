"""h5py reading all of our result file, and writing the same tables with the same pieces and filters.

    h5py_results.py FOLDER
"""

import os
import sys

import h5py
from clock import timed


def every_dataset(path, what):
    """what(dataset), by name."""
    found = {}

    def see(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = what(item)

    with h5py.File(path, "r") as file:
        file.visititems(see)
    return found


def read(path):
    return every_dataset(path, lambda item: item[()])


def layout(item):
    """Pieces and filters, as create_dataset takes them."""
    if item.chunks is None:
        return {}
    return {"chunks": item.chunks, "compression": item.compression, "compression_opts": item.compression_opts,
            "shuffle": item.shuffle, "fletcher32": item.fletcher32}


def write(path, datasets, layouts):
    """A new file that replaces the old one, as ours does it."""
    with h5py.File(path + ".new", "w") as file:
        for name, values in datasets.items():
            file.create_dataset(name, data=values, **layouts[name])
        file.flush()
    with open(path + ".new", "rb") as file:
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def answers(workload, datasets):
    for name, values in datasets.items():
        if name.startswith("sweep/effect"):
            print(f"answer {workload} {name.split('/')[1]} {values.sum():.17g}")


def main(folder):
    print(f"uses h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}")
    found = timed("results-read", 1, lambda: read(f"{folder}/results.h5"))
    answers("results-read", found)
    layouts = every_dataset(f"{folder}/results.h5", layout)
    timed("results-write", 1, lambda: write(f"{folder}/h5py.h5", found, layouts))
    answers("results-write", read(f"{folder}/h5py.h5"))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
