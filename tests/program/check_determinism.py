#!/usr/bin/env python3
"""The main study gives the same bits with 1, 2 and 8 threads, and when the rows of its panel are shuffled."""

import random
import sys
import tempfile
from pathlib import Path

from program import QUICK, SOURCE, STUDY, attributes, call, check, datasets, differences


def everything(path):
    return {**datasets(path), **{f"attribute {name}": value for name, value in attributes(path).items()}}


def shuffled_panel(path):
    header, *rows = (SOURCE / "scenarios" / "data" / "countries.csv").read_text().splitlines()
    random.Random(7).shuffle(rows)
    path.write_text("\n".join([header, *rows]) + "\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)

        def run(name, *arguments):
            output = folder / f"{name}.h5"
            call("run", STUDY, "-o", output, "--progress", "none", *QUICK, *arguments)
            return everything(output)

        reference = run("threads1", "--threads", 1)
        numbers = [name for name in reference if name.count("/") >= 2]
        kinds = {name.split("/")[0] for name in reference}
        check({"panel", "dea", "index", "regression", "bootstrap", "placebo", "sweep"} <= kinds,
              f"the study must cover every kind of stage, the file has {sorted(kinds)}")
        check(len(numbers) > 100, f"only {len(numbers)} datasets and attributes: the comparison says little")

        for threads in (2, 8):
            found = differences(reference, run(f"threads{threads}", "--threads", threads))
            check(not found, f"--threads {threads} changes {len(found)} of {len(reference)}: {found[:20]}")

        # The comparison itself must be able to fail: another seed moves the draws and nothing before them.
        found = differences(reference, run("seed", "--set", "seed=2"))
        moved = {name.split("/")[0] for name in found if not name.startswith("attribute")}
        check("bootstrap" in moved, "another seed changes no bootstrap draw")
        check(not moved & {"dea", "index", "regression", "panel"}, f"the seed must not move {moved}")

        shuffled = folder / "shuffled.csv"
        shuffled_panel(shuffled)
        found = differences(reference, run("shuffled", "--set", f'panel.file="{shuffled}"'))
        # Another file has another name, which the checksum of the attributes covers.
        found = [name for name in found if name not in ("attribute panel/source", "attribute panel/checksum")]
        check(not found, f"shuffled rows change {len(found)} of {len(reference)}: {found[:20]}")
        print(f"{len(reference)} datasets and attributes are the same with 1, 2 and 8 threads and with shuffled rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
