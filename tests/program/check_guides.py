#!/usr/bin/env python3
"""Command lines in the documents. Every `greenfront ...` anywhere names a command and options that the program has; those of
docs/guide/report.md are run, one after the other, on the study that comes with the program."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from program import PROGRAM, QUICK, SOURCE, STUDY, call, check

SPAN = re.compile(r"`(greenfront [^`\n]+)`")
LINE = re.compile(r"^(?: {4}|\t|\$ )(greenfront .+)$", re.M)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
WORDS_BEHIND = re.compile(r"\s+#.*$|[|>;&].*$")  # comments, and what the shell does with the output


def pages():
    return [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *sorted((SOURCE / "docs").rglob("*.md"))]


def known_options():
    """Commands and their options, from the program's own help."""
    listing = call("--help").stdout
    commands = re.findall(r"^  ([a-z][a-z-]+) ", listing.split("Subcommands:")[1], re.M)
    return {name: set(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", call(name, "--help").stdout)) for name in commands}


def check_words(options):
    seen = 0
    for page in pages():
        text = page.read_text(encoding="utf-8")
        lines = SPAN.findall(text) + LINE.findall(text) + [line for block in BLOCK.findall(text) for line in block.splitlines()]
        for line in lines:
            try:
                words = shlex.split(WORDS_BEHIND.sub("", line))
            except ValueError:
                continue  # a line that goes on below, or a pattern with a lone quote
            if len(words) < 2 or words[0] != "greenfront" or words[1].startswith("-") or words[1].isupper() or not words[1][0].isalpha():
                continue
            where = f"{page.relative_to(SOURCE)}: {line}"
            check(words[1] in options, f"{where}\nthere is no command {words[1]}")
            for word in words[2:]:
                if re.fullmatch(r"--?[a-zA-Z][\w-]*(=.*)?", word):
                    check(word.split("=")[0] in options[words[1]], f"{where}\n{words[1]} has no option {word}")
            seen += 1
    check(seen > 40, f"only {seen} command lines were found in the documents")
    return seen


def run_guide():
    page = SOURCE / "docs" / "guide" / "report.md"
    commands = [line for block in BLOCK.findall(page.read_text(encoding="utf-8")) for line in block.splitlines() if line.strip()]
    check(len(commands) >= 8, f"the guide shows {len(commands)} commands")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / "scripts").symlink_to(SOURCE / "scripts")
        call("run", STUDY, "-o", folder / "results.h5", "--progress", "none", *QUICK)
        environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}"}
        for command in commands:
            done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=300)
            check(done.returncode == 0, f"{command}\nexit {done.returncode}\n{done.stderr}")
            check(done.stdout or "-o" in command, f"{command}\nprints nothing")
        for made in ("report.html", "figures/ranking-energy_or_carbon.pdf", "regressions.tex", "scores.dta", "draws.csv"):
            check((folder / made).stat().st_size > 1000, f"{made} was not made")
    return len(commands)


def main():
    words = check_words(known_options())
    try:
        import h5py  # noqa: F401
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as missing:
        print(f"{words} command lines checked; no {missing.name}: the guide to figures is not run")
        return 77
    print(f"{words} command lines checked, {run_guide()} run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
