"""Instructions that whole commands execute, by callgrind: nearly the same number each time, whatever else the machine does.

Commands run on one thread with the kernels for processors without AVX-512, which valgrind does not know. What the
program does before it knows its command is a row of its own and is taken off the others. Highway's library is left out: as
it is loaded it looks how fine the processor's clock is, for as long as that takes (three million instructions, more or less
by a hundred thousand); the kernels that use Highway are part of the program itself.
"""

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
"""Counts of one program repeat to a few parts in ten thousand; a change by a hundredth is one of the program."""
NOT_OURS = "/libhwy.so"


def count_all(program, source):
    """(name, instructions) of the start and of every command beyond it."""
    start = count(program, ["--version"], source)
    yield "start of the program", start
    for name, arguments in COMMANDS.items():
        yield name, count(program, [*arguments, "--threads", "1"], source) - start


def count(program, arguments, source):
    """Instructions of one call, in the folder `source`."""
    with tempfile.TemporaryDirectory() as folder:
        counts = Path(folder) / "counts"
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={counts}", "--compress-strings=no", "--compress-pos=no",
             f"--log-file={Path(folder) / 'log'}", program, *arguments],
            cwd=source, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise WrongAnswer(f"{program} {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr.strip()}")
        by_object = add_up(counts.read_text().splitlines())
    if not by_object:
        raise WrongAnswer(f"callgrind counted nothing of {program}")
    return sum(n for name, n in by_object.items() if NOT_OURS not in name)


def add_up(lines):
    """Instructions by program or library, from callgrind's file: `ob=` names it, a line of a position and a count follows for
    every line of source, and the one after `calls=` is of the function called, which is counted where it stands itself."""
    found, name, of_call = {}, "", False
    for line in lines:
        if line.startswith("ob="):
            name = line[3:]
        elif line.startswith("calls="):
            of_call = True
        elif line[:1].isdigit():
            if not of_call:
                found[name] = found.get(name, 0) + int(line.split()[1])
            of_call = False
    return found


def verdict(old, new, threshold=THRESHOLD):
    ratio = new / old
    return "slower" if ratio > threshold else "faster" if ratio < 1 / threshold else "same"
