#!/usr/bin/env python3
"""Runs every command of docs/differences.md in an empty folder, and compares what it prints with what the page says.

A block with a name, as in `csv plants.csv`, is a file, wherever it stands. In a `console` block, lines with "$ " are
commands and the others are what they print. A `python` block is run, and the `text` block after it is its output. A
block marked `needs:NAME` reads a file that may not be passed on, or calls another program (NEEDED and PROGRAMS below); where
it is missing the block is skipped, and the test says so. Numbers may differ by 1e-8 (processors round differently), those
of four digits or more by one unit of their last digit.

    check_differences.py --update    writes the outputs into the page
"""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from check_tutorial import alike
from program import PROGRAM, SOURCE, check

PAGE = SOURCE / "docs" / "differences.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)
# Shown for those who have hours, or the bench: not run here, and why.
NOT_RUN = {"build/release/tests/torture": "hours; runs in ./scripts/test --long",
           "scripts/bench": "needs the build of the rivals"}
SHARED = Path(os.environ.get("GREENFRONT_SHARED", SOURCE.parent / "shared")) / "data"


def courts(source, target):
    """Norwegian courts as pioneeR's tests have them (three inputs, four outputs)."""
    data = json.loads(source.read_text())["pioneer_norCourts2018"]
    with open(target, "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["court", "x1", "x2", "x3", "y1", "y2", "y3", "y4"])
        for k, (x, y) in enumerate(zip(data["X"], data["Y"]), 1):
            table.writerow([k, *x, *y])


def provinces(source, target):
    """example.dta of gtfpch (Wang, Du and Zhang 2022), as CSV."""
    target.write_bytes(source.read_bytes())


NEEDED = {"courts.csv": (SHARED / "dea-cases/peers.json", courts), "provinces.csv": (SHARED / "china-province/gtfpch-example.csv", provinces)}
# Other programs, and a command that succeeds where they can be used.
PROGRAMS = {"glpsol": ["glpsol", "--version"], "lpSolve": ["Rscript", "-e", "library(lpSolve)"]}


def missing(need):
    """Why a block cannot be run here; empty if it can."""
    if need in NEEDED:
        source = NEEDED[need][0]
        return "" if source.is_file() else f"reads {need}, made from a file that is not here: {source} (GREENFRONT_SHARED names its folder)"
    check(need in PROGRAMS, f"docs/differences.md: needs:{need} is not known to this test")
    try:
        done = subprocess.run(PROGRAMS[need], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60)
    except FileNotFoundError:
        return f"calls {need}, which is not installed"
    return f"calls {need}, which is not installed" if done.returncode else ""


class Reader:
    """A shell in a folder with the page's files and the panel that comes with the program."""

    def __init__(self, folder, page):
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "COLUMNS": "110"}
        self.pending = None  # output of the last Python block
        self.counts = {"console": 0, "file": 0, "python": 0, "skipped": 0}
        (folder / "countries.csv").write_bytes((SOURCE / "scenarios" / "data" / "countries.csv").read_bytes())
        for kind, name, text in BLOCK.findall(page):
            if name and not name.startswith("needs:"):
                check(not (folder / name).exists(), f"docs/differences.md: two files {name}")
                (folder / name).write_text(text)
                (folder / name).chmod(0o755 if text.startswith("#!") else 0o644)
        for name, (source, write) in NEEDED.items():
            if source.is_file():
                write(source, folder / name)

    def shell(self, *command):
        done = subprocess.run(command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300)
        return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())

    def block(self, match):
        """The block as it must be, given what the commands print."""
        kind, name, text = match.groups()
        if name and not name.startswith("needs:"):
            self.counts["file"] += 1
            return match[0]
        reason = missing(name.removeprefix("needs:")) if name else ""
        if reason:
            self.counts["skipped"] += 1
            print(f"skipped a {kind} block: it {reason}")
            return match[0]
        if kind in self.counts:
            self.counts[kind] += 1
        if kind == "console":
            commands = [line for line in text.splitlines() if line.startswith("$ ")]
            check(commands, "docs/differences.md: a console block without a command")
            text = "".join(f"{line}\n{self.shell('bash', '-o', 'pipefail', '-c', line[2:])}" for line in commands)
        elif kind == "python":
            self.pending = self.shell("/usr/bin/python3", "-c", text)
        elif kind == "text":
            check(self.pending is not None, "docs/differences.md: a text block without the python block that prints it")
            text, self.pending = self.pending, None
        return f"```{kind}{' ' + name if name else ''}\n{text}```"


def check_shown(page):
    """No command stands outside of the blocks that are run, but those of NOT_RUN."""
    rest = BLOCK.sub("", page)
    for line in rest.splitlines():
        for command in re.findall(r"^ {4}(\S+)", line) + re.findall(r"`((?:greenfront|build/|scripts/)\S*) [^`]*`", line):
            if command == "greenfront" or command.startswith(("build/", "scripts/")):
                check(command in NOT_RUN, f"docs/differences.md shows a command that this test does not run:\n  {line}")
    for command, reason in NOT_RUN.items():
        if command in rest:
            print(f"not run: {command} ({reason})")


def compare(page, printed):
    for old, new in zip(page, printed):
        check(alike(old, new), f"docs/differences.md says\n  {old}\nit should say\n  {new}\n"
                               "If the program is right: tests/program/check_differences.py --update")
    check(len(page) == len(printed), "docs/differences.md: the programs print more or less than the page says")


def self_test():
    for planted in ("\n    greenfront dea panel.csv\n", "see `greenfront dea panel.csv`"):
        try:
            check_shown(planted)
        except SystemExit:
            continue
        sys.exit(f"a command outside of the blocks goes unnoticed: {planted!r}")
    check(alike("A 0.909091, B 1.2e-05", "A 0.909090, B 1.2e-05") and alike("mean 0.5", "mean 0.500000001"), "compares too strictly")
    check(not alike("A 0.5", "A 0.6") and not alike("A 0.909091", "A 0.909089") and not alike("A 1", "A infeasible"), "compares too loosely")


def main():
    self_test()
    page = PAGE.read_text(encoding="utf-8")
    check_shown(page)
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder), page)
        printed = BLOCK.sub(reader.block, page)
    check(min(reader.counts[kind] for kind in ("file", "console", "python")) >= 2 and reader.counts["console"] >= 20,
          f"the page lost its blocks: {reader.counts}")
    if "--update" in sys.argv[1:]:
        check(not reader.counts["skipped"], "--update needs what was skipped, or it would leave old figures in the page")
        PAGE.write_text(printed, encoding="utf-8")
    else:
        compare(page.splitlines(), printed.splitlines())
    print(f"docs/differences.md: {reader.counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
