"""Instructions that whole commands execute, by callgrind: the same number each time, whatever else the machine does.

Commands run on one thread with the kernels for processors without AVX-512, which valgrind does not know. What the
program does before it knows its command is a row of its own and is taken off the others.
"""

import re
import subprocess
import tempfile
from pathlib import Path

from .programs import WrongAnswer

PANEL = "scenarios/data/countries.csv"
DEA = ["--unit", "iso3", "--time", "year", "--inputs", "capital,labour,energy", "--good", "gdp"]
COMMANDS = {
    "slacks-based efficiency": ["dea", PANEL, *DEA, "--bad", "co2", "--model", "sbm", "--reference", "global", "--format", "csv"],
    "radial efficiency, variable returns": ["dea", PANEL, *DEA, "--model", "radial", "--orientation", "input", "--returns",
                                            "vrs", "--format", "csv"],
    "Malmquist-Luenberger index": ["productivity", PANEL, *DEA, "--bad", "co2", "--measure", "malmquist-luenberger", "--format",
                                   "csv"],
    "bootstrap of efficiency, 20 replicates": ["boot-dea", PANEL, *DEA, "--replicates", "20", "--format", "csv"],
    "regression with two effects": ["regress", PANEL, "log(gdp) ~ log(capital) + log(labour) + log(energy) | iso3 + year",
                                    "--unit", "iso3", "--time", "year", "--vcov", "cluster:iso3"],
    "bootstrap of a regression, 999 draws": ["bootstrap", PANEL, "log(gdp) ~ log(capital) + log(labour) | iso3 + year", "--unit",
                                             "iso3", "--time", "year", "--cluster", "iso3", "--replicates", "999"],
}
THRESHOLD = 1.01
"""Counts of one program repeat to about one in ten thousand; a change by a hundredth is one of the program."""


def count_all(program, source):
    """(name, instructions) of the start and of every command beyond it."""
    start = count(program, ["--version"], source)
    yield "start of the program", start
    for name, arguments in COMMANDS.items():
        yield name, count(program, [*arguments, "--threads", "1"], source) - start


def count(program, arguments, source):
    """Instructions of one call, in the folder `source`."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", f"--log-file={log}", program, *arguments],
            cwd=source, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise WrongAnswer(f"{program} {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr.strip()}")
        found = re.search(r"Collected *: *(\d+)", log.read_text())
    if not found:
        raise WrongAnswer(f"callgrind counted nothing of {program}")
    return int(found.group(1))


def verdict(old, new, threshold=THRESHOLD):
    ratio = new / old
    return "slower" if ratio > threshold else "faster" if ratio < 1 / threshold else "same"
