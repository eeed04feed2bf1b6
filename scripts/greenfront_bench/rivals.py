"""scripts/bench rivals --scripts: the work that others do by script, beside ours, in one run.

    scripts/bench rivals --scripts [--rounds N] [--json FILE]

Our program writes the data and solves them; each script in bench/rivals solves the same data, in a process and on a
thread of its own. CPU time of the calls alone, without start and reading, for one program, fit or replicate; a ratio
is taken inside a round, the median of the rounds' ratios is printed. Answers are compared with ours in every round; a
rival with a wrong one is named and has no ratio. A rival that is not installed is left out, and named with its Debian
package. Ends with 70 where ours cannot be shown to be right.
"""

import argparse
import math
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from . import machine, outputs, statistics
from .measure import counter, duration, heading
from .programs import WrongAnswer

SOURCE = Path(__file__).resolve().parents[2]
TOLERANCE = 1e-6
"""Largest difference from ours, relative to max(1, |ours|): a score, weight, coefficient or standard error."""
PYTHON, R = "/usr/bin/python3", "Rscript"
UNITS = {"fit": "a fit", "fit-missing": "a fit", "share": "a fit", "censored": "a fit", "pairs": "a replicate", "pairs-t": "a replicate",
         "wild": "a replicate", "placebo": "a draw", "groups": "a draw", "entropy": "an index", "words": "a word",
         "below": "a number", "quantiles": "a quantile", "csv": "a file", "csv-write": "a file", "results-read": "a file",
         "results-write": "a file"}


@dataclass
class Rival:
    """A script: its words, what must be there (a test command), and the Debian package that has it."""

    name: str
    command: list
    test: list
    package: str


def r_rival(name, script, library):
    package = "r-cran-" + library.lower() if library != "stats" else "r-base-core"
    return Rival(name, [R, "--vanilla", script], [R, "--vanilla", "-e", f"library({library})"], package)


RIVALS = [
    Rival("SciPy HiGHS", [PYTHON, "-B", "highs.py", "loop"], [PYTHON, "-c", "import scipy.optimize"], "python3-scipy"),
    Rival("SciPy HiGHS, blocks", [PYTHON, "-B", "highs.py", "blocks"], [PYTHON, "-c", "import scipy.optimize"], "python3-scipy"),
    Rival("NumPy", [PYTHON, "-B", "numpy_panel.py"], [PYTHON, "-c", "import numpy"], "python3-numpy"),
    Rival("SciPy", [PYTHON, "-B", "scipy_normal.py"], [PYTHON, "-c", "import scipy.special"], "python3-scipy"),
    Rival("pandas", [PYTHON, "-B", "pandas_csv.py"], [PYTHON, "-c", "import pandas"], "python3-pandas"),
    Rival("h5py", [PYTHON, "-B", "h5py_results.py"], [PYTHON, "-c", "import h5py"], "python3-h5py"),
    r_rival("R lpSolve", "lpsolve.R", "lpSolve"),
    r_rival("R plm", "plm.R", "plm"),
    r_rival("R lm, sandwich", "sandwich.R", "sandwich"),
    r_rival("R glm, sandwich", "glm.R", "sandwich"),
    r_rival("R survreg", "survreg.R", "survival"),
    r_rival("R data.table", "fread.R", "data.table"),
    r_rival("R loop", "entropy.R", "stats"),
]


@dataclass
class Work:
    """What one program says of one workload."""

    seconds: float = math.nan
    units: int = 0
    answers: dict = field(default_factory=dict)
    proved: bool = False


def read(text):
    """Workloads by name, and what the program says that it uses."""
    works, uses = {}, ""
    for line in text.splitlines():
        word, _, rest = line.partition(" ")
        parts = rest.split()
        if word == "uses":
            uses = rest.strip()
        elif word == "time":
            work = works.setdefault(parts[0], Work())
            work.seconds, work.units = float(parts[1]), int(float(parts[2]))
        elif word == "answer":
            works.setdefault(parts[0], Work()).answers[parts[1]] = float(parts[2])
        elif word == "proved":
            works.setdefault(parts[0], Work()).proved = True
        else:
            raise WrongAnswer(f"a line that is neither time, answer, proved nor uses: {line}")
    return works, uses


def differences(ours, theirs, tolerance=TOLERANCE):
    """Keys whose answers are not ours, and the largest difference of the others. No answer is a wrong one."""
    wrong, largest = [], 0.0
    for key, value in theirs.items():
        if key not in ours:
            wrong.append(key)
            continue
        difference = abs(value - ours[key]) / max(1.0, abs(ours[key]))
        if not difference <= tolerance:
            wrong.append(key)
        else:
            largest = max(largest, difference)
    return wrong, largest


@dataclass
class Standing:
    """A rival in one workload, over all rounds."""

    name: str
    seconds: list = field(default_factory=list)
    ratios: list = field(default_factory=list)
    compared: int = 0
    wrong: set = field(default_factory=set)
    largest: float = 0.0

    def add(self, ours, theirs):
        if not theirs.answers or not theirs.seconds > 0:
            raise WrongAnswer(f"{self.name} has no answers or no time")
        wrong, largest = differences(ours.answers, theirs.answers)
        self.wrong |= set(wrong)
        self.compared = len(theirs.answers)
        self.largest = max(self.largest, largest)
        self.seconds.append(theirs.seconds)
        self.ratios.append(theirs.seconds / ours.seconds)


@dataclass
class Row:
    """One workload: ours and everyone who takes part."""

    name: str
    proved: bool = False
    seconds: list = field(default_factory=list)
    rivals: dict = field(default_factory=dict)

    def add(self, ours, name, theirs):
        self.rivals.setdefault(name, Standing(name)).add(ours, theirs)

    def best(self):
        """The fastest rival whose answers are all right, or None."""
        right = [rival for rival in self.rivals.values() if not rival.wrong]
        return min(right, key=lambda rival: statistics.median(rival.ratios), default=None)


def collect(rows, ours, theirs):
    """One round: what we say, and (name, what a rival says)."""
    for workload, work in ours.items():
        row = rows.setdefault(workload, Row(workload))
        row.proved = work.proved
        row.seconds.append(work.seconds)
    for name, works in theirs:
        for workload, work in works.items():
            if workload not in ours:
                raise WrongAnswer(f"{name} solves {workload}, which we do not")
            rows[workload].add(ours[workload], name, work)


def unsettled(rows):
    """Answers that differ where ours are not proved from the data: either may be wrong."""
    return [f"{rival.name}, {row.name}: {len(rival.wrong)} of {rival.compared} answers are not ours, first {sorted(rival.wrong)[0]}"
            for row in rows.values() if not row.proved for rival in row.rivals.values() if rival.wrong]


def table(rows):
    lines = ["| workload | Greenfront | best rival | its time | ratio | other rivals |", "|---|---|---|---|---|---|"]
    for row in rows.values():
        unit = UNITS.get(row.name, "a program")
        best = row.best()
        others = [describe(rival) for rival in row.rivals.values() if rival is not best]
        cells = ([best.name, duration(statistics.median(best.seconds)), times(best)]
                 if best else ["none", "", ""])
        lines.append(f"| {row.name}, {unit} | {duration(statistics.median(row.seconds))} | {' | '.join(cells)} | "
                     f"{'; '.join(others)} |")
    return "\n".join(lines)


def times(rival):
    """The median ratio, three digits of it."""
    return counter(float(f"{statistics.median(rival.ratios):.3g}")) + " times"


def describe(rival):
    if rival.wrong:
        return f"{rival.name} WRONG for {len(rival.wrong)} of {rival.compared}"
    return f"{rival.name} {duration(statistics.median(rival.seconds))} ({times(rival)})"


def report(rows, uses, facts, seconds):
    return {
        "machine": facts, "seconds": seconds, "uses": uses,
        "workloads": [{"name": row.name, "proved": row.proved, "seconds": row.seconds, "best": row.best() and row.best().name,
                       "rivals": [{"name": rival.name, "seconds": rival.seconds, "ratios": rival.ratios, "compared": rival.compared,
                                   "wrong": sorted(rival.wrong), "largest_difference": rival.largest}
                                  for rival in row.rivals.values()]} for row in rows.values()],
    }


def call(command, folder=None):
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=folder, env=alone, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WrongAnswer(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr.strip()}")
    return done.stdout


def present(rivals):
    """Those that are installed; the others are named."""
    found = []
    for rival in rivals:
        try:
            there = subprocess.run(rival.test, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            there = False
        if there:
            found.append(rival)
        else:
            print(f"bench: left out: {rival.name} is not installed (Debian package {rival.package})", file=sys.stderr)
    return found


def play(program, rivals, rounds, folder):
    rows, uses = {}, {}
    scripts = SOURCE / "bench" / "rivals"
    for k in range(rounds):
        ours, _ = read(call([program, folder]))
        theirs = []
        # Who goes first changes from round to round.
        for rival in rivals[k % len(rivals):] + rivals[:k % len(rivals)] if rivals else []:
            print(f"round {k + 1} of {rounds}: {rival.name}", file=sys.stderr, flush=True)
            works, uses[rival.name] = read(call([*rival.command, folder], scripts))
            theirs.append((rival.name, works))
        collect(rows, ours, theirs)
    return rows, uses


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench rivals --scripts", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=SOURCE / "build" / "bench", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures of every round")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    if options.json:
        outputs.require_place(options.json)
    facts, began = machine.describe(SOURCE), time.monotonic()
    try:
        with tempfile.TemporaryDirectory() as folder:
            program = options.build / "bench" / "rivals" / "bench_script_rivals"
            rows, uses = play(program, present(RIVALS), options.rounds, folder)
    except WrongAnswer as wrong:
        print(f"bench: {wrong}", file=sys.stderr)
        return 70
    seconds = time.monotonic() - began
    if options.json:
        outputs.write(options.json, report(rows, uses, facts, seconds))
    print(heading(facts, seconds), "", table(rows), "", "; ".join(f"{k}: {v}" for k, v in uses.items()), sep="\n")
    questions = unsettled(rows)
    for question in questions:
        print(f"bench: {question}", file=sys.stderr)
    return 70 if questions else 0
