#!/usr/bin/env python3
"""Runs docs/tutorial.md as a newcomer would, and compares what it prints with what the page says.

In a `console` block, lines with "$ " are commands and the others are what they print, errors included. A
`toml NAME` block is a file to save. A `python` block is run, and the `text` block after it is its output.
Numbers may differ by 1e-8 of themselves, those of four digits or more by one unit of their last digit, since processors
round differently.

    check_tutorial.py --update    writes the outputs into the page
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from program import PROGRAM, SOURCE, check

PAGE = SOURCE / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


class Reader:
    """A shell that starts in an empty folder with the panel, and does what the page says."""

    def __init__(self, folder):
        self.folder = folder
        self.environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "COLUMNS": "110"}
        self.pending = None  # output of the last Python block
        self.counts = {"console": 0, "toml": 0, "python": 0}
        (folder / "panel.csv").write_bytes((SOURCE / "scenarios" / "data" / "countries.csv").read_bytes())

    def shell(self, *command):
        done = subprocess.run(command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=300)
        return "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())

    def block(self, match):
        """The block as it must be, given what the commands print."""
        kind, name, text = match.groups()
        if kind in self.counts:
            self.counts[kind] += 1
        if kind == "toml":
            (self.folder / name).write_text(text)
        elif kind == "console":
            commands = [line for line in text.splitlines() if line.startswith("$ ")]
            text = "".join(f"{line}\n{self.shell('bash', '-o', 'pipefail', '-c', line[2:])}" for line in commands)
        elif kind == "python":
            self.pending = self.shell("/usr/bin/python3", "-c", text)
        elif kind == "text":
            text, self.pending = self.pending, None
        return f"```{kind}{' ' + name if name else ''}\n{text}```"


NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d{1,3}(?!\d))?(?![\w.]*[A-Za-z_])")
RUN_ID = re.compile(r"\b[0-9a-f]{32}\b")  # changes with every new key of a study


def rounding(number):
    """What rounding may change in a printed number: a unit of its last digit, if it has enough of them."""
    mantissa, _, exponent = number.partition("e")
    digits = len(mantissa.strip("-0.").replace(".", ""))
    if "." not in mantissa or digits < 4:
        return 0.0
    return 1.001 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def alike(old, new):
    """The same words, the same layout but for blanks and rules, the same numbers but for rounding."""
    def words(line):
        return re.sub(r"[-\s]+", " ", NUMBER.sub("#", RUN_ID.sub("ID", line)))

    old_numbers, new_numbers = (NUMBER.findall(RUN_ID.sub("ID", line)) for line in (old, new))
    return words(old) == words(new) and all(
        a == b or abs(float(a) - float(b)) <= max(1e-8 * abs(float(a)), min(rounding(a), rounding(b)))
        for a, b in zip(old_numbers, new_numbers))


def compare(page, printed):
    for old, new in zip(page, printed):
        check(alike(old, new), f"docs/tutorial.md says\n  {old}\nthe program prints\n  {new}\n"
                               "If the program is right: tests/program/check_tutorial.py --update")
    check(len(page) == len(printed), "docs/tutorial.md: the program prints more or less than the page says")


def self_test():
    check(alike("x  0.1234 (5)", "x 0.1235 (5)") and alike("id " + "a1" * 16, "id " + "b2" * 16), "compares too strictly")
    for old, new in (("x 0.1234", "x 0.1236"), ("n 5", "n 6"), ("x 1.5", "y 1.5"), ("p 1", "p 1 2"), ("e 1.0e-16", "e 1.2e-16"),
                     ("A 0.5", "A 0.6"), ("A 1", "A infeasible")):
        check(not alike(old, new), f"takes {old!r} for {new!r}")


def main():
    self_test()
    page = PAGE.read_text()
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder))
        printed = BLOCK.sub(reader.block, page)
    check(min(reader.counts.values()) >= 1 and reader.counts["console"] >= 8, f"the page lost its blocks: {reader.counts}")
    if "--update" in sys.argv[1:]:
        PAGE.write_text(printed)
    else:
        compare(page.splitlines(), printed.splitlines())
    print(f"docs/tutorial.md: {reader.counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
