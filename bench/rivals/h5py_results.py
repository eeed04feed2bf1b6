"""h5py reading all of our result file, and writing the same tables with the same pieces and filters.

    h5py_results.py FOLDER
"""

import os
import sys

import h5py
from clock import timed


def read(path):
    """Values, the filters' options and the attributes of every dataset, by name."""
    found = {}

    def see(name, item):
        if isinstance(item, h5py.Dataset):
            found[name] = (item[()], {"chunks": item.chunks, "compression": item.compression, "shuffle": item.shuffle,
                                      "compression_opts": item.compression_opts, "fletcher32": item.fletcher32})

    with h5py.File(path, "r") as file:
        file.visititems(see)
    return found


def write(path, datasets):
    """A new file that replaces the old one, as ours does it."""
    with h5py.File(path + ".new", "w") as file:
        for name, (values, options) in datasets.items():
            file.create_dataset(name, data=values, **(options if options["chunks"] else {}))
        file.flush()
    with open(path + ".new", "rb") as file:
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def answers(workload, datasets):
    for name, (values, _) in datasets.items():
        if name.startswith("sweep/effect"):
            print(f"answer {workload} {name.split('/')[1]} {values.sum():.17g}")


def main(folder):
    print(f"uses h5py {h5py.__version__}, HDF5 {h5py.version.hdf5_version}")
    found = timed("results-read", 1, lambda: read(f"{folder}/results.h5"))
    answers("results-read", found)
    timed("results-write", 1, lambda: write(f"{folder}/h5py.h5", found))
    answers("results-write", read(f"{folder}/h5py.h5"))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
