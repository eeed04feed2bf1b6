#!/usr/bin/env python3
"""Runs docs/tutorial.md as a newcomer would, and compares what it prints with what the page says.

In a `console` block, lines with "$ " are commands and the others are what they print, errors included. A
`toml NAME` block is a file to save. A `python` block is run, and the `text` block after it is its output.

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


def main():
    page = PAGE.read_text()
    with tempfile.TemporaryDirectory() as folder:
        reader = Reader(Path(folder))
        printed = BLOCK.sub(reader.block, page)
    check(min(reader.counts.values()) >= 1 and reader.counts["console"] >= 8, f"the page lost its blocks: {reader.counts}")
    if "--update" in sys.argv[1:]:
        PAGE.write_text(printed)
    elif printed != page:
        for old, new in zip(page.splitlines(), printed.splitlines()):
            check(old == new, f"docs/tutorial.md says\n  {old}\nthe program prints\n  {new}\n"
                              "If the program is right: tests/program/check_tutorial.py --update")
        sys.exit("docs/tutorial.md: the program prints more or less than the page says")
    print(f"docs/tutorial.md: {reader.counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
