#!/usr/bin/env python3
"""Completion, man page and help: what the program prints of itself. The bash script is sourced and asked as readline asks it; zsh
and fish read theirs without running them; groff and mandoc have no complaint. What is not installed is named."""

import csv
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from program import call, check

# What the program says when it meets a word that it does not know: its own list of words, which the one that is offered must be.
ROWS = "--unit city --time year --inputs labour --good gdp"
REFUSED = [
    ("dea", "--model", f"dea PANEL {ROWS}"),
    ("dea", "--orientation", f"dea PANEL {ROWS} --model radial"),
    ("dea", "--returns", f"dea PANEL {ROWS} --model radial"),
    ("dea", "--disposability", f"dea PANEL {ROWS} --bad co2 --model ddf"),
    ("dea", "--reference", f"dea PANEL {ROWS} --model radial"),
    ("dea", "--super-bads", f"dea PANEL {ROWS} --bad co2 --model sbm --super"),
    ("dea", "--super-leave", f"dea PANEL {ROWS} --model sbm --super"),
    ("dea", "--zeros", f"dea PANEL {ROWS} --model sbm"),
    ("dea", "--slacks", f"dea PANEL {ROWS} --model radial"),
    ("dea", "--direction-good", f"dea PANEL {ROWS} --model ddf"),
    ("productivity", "--measure", f"productivity PANEL {ROWS}"),
    ("productivity", "--frontier", f"productivity PANEL {ROWS} --measure malmquist"),
    ("productivity", "--decomposition", f"productivity PANEL {ROWS} --measure malmquist"),
    ("boot-dea", "--method", f"boot-dea PANEL {ROWS}"),
    ("boot-dea", "--test", f"boot-dea PANEL {ROWS}"),
    ("boot-dea", "--null", f"boot-dea PANEL {ROWS} --test returns"),
    ("boot-dea", "--metric", f"boot-dea PANEL {ROWS}"),
    ("boot-dea", "--order", f"boot-dea PANEL {ROWS}"),
    ("boot-dea", "--smoothing", f"boot-dea PANEL {ROWS} --method heterogeneous"),
    ("partial-frontier", "--model", f"partial-frontier PANEL {ROWS}"),
    ("index", "--method", "index PANEL --unit city --time year --positive wage"),
    ("regress", "--ssc", "regress PANEL FORMULA"),
    ("regress", "--model", "regress PANEL FORMULA"),
    ("regress", "--vcov", "regress PANEL FORMULA"),
    ("regress", "--estimator", "regress PANEL IV"),
    ("placebo", "--method", "placebo PANEL FORMULA --unit city --time year --treatment wage"),
    ("placebo", "--statistic", "placebo PANEL FORMULA --unit city --time year --treatment wage"),
    ("placebo", "--compat", "placebo PANEL FORMULA --unit city --time year --treatment wage"),
    # Checked by the parser itself.
    ("dea", "--format", f"dea PANEL {ROWS} --model radial"),
    ("dea", "--isa", f"dea PANEL {ROWS} --model radial"),
    ("bootstrap", "--weights", "bootstrap PANEL FORMULA --cluster city"),
    ("bootstrap", "--method", "bootstrap PANEL FORMULA --cluster city"),
    ("group-difference", "--method", "group-difference PANEL FORMULA --term wage --group city"),
    ("compare", "--by", "compare PANEL"),
    ("run", "--progress", "run PANEL -o x.h5"),
    ("completion", "SHELL", "completion"),
]


class Bash:
    """The script in a shell of its own, asked what it completes."""

    def __init__(self, folder):
        self.script = folder / "greenfront.bash"
        self.script.write_text(call("completion", "bash").stdout)
        self.folder = folder

    def __call__(self, line):
        """Offers for a line whose last word is being typed; readline takes words apart at = and : as well."""
        words = []
        for word in shlex.split(line) + ([""] if line.endswith(" ") else []):
            words += [piece for piece in re.split(r"([=:])", word) if piece] or [""]
            if word.endswith("="):
                words.append("")
        ask = (f"source {shlex.quote(str(self.script))}; COMP_WORDS=({' '.join(map(shlex.quote, words))}); "
               "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _greenfront; printf '%s\\n' \"${COMPREPLY[@]}\"")
        done = subprocess.run(["bash", "--norc", "-u", "-c", ask], capture_output=True, text=True, cwd=self.folder, timeout=60)
        check(done.returncode == 0 and done.stderr == "", f"{line!r}: {done.returncode}: {done.stderr}")
        return [word for word in done.stdout.split("\n") if word]


def check_bash(bash, folder):
    commands = bash("greenfront ")
    check({"run", "dea", "boot-dea", "help", "completion", "man", "--version"} <= set(commands), f"commands: {commands}")
    check(bash("greenfront bo") == ["boot-dea", "bootstrap"], "commands that begin with bo")
    check(bash("greenfront run study.toml --pro") == ["--progress"], "an option")
    check(bash("greenfront run study.toml --progress ") == ["auto", "plain", "json", "none"], "values")
    check(bash("greenfront run --progress=j") == ["json"], "a value behind =")
    check(bash("greenfront dea panel.csv --model s") == ["sbm"], "a model")
    check(bash("greenfront dea panel.csv --reference win") == ["window:"], "a word that goes on")
    check(bash("greenfront dea panel.csv --reference window:") == [], "nothing behind a colon")
    check(bash("greenfront dea panel.csv --threads ") == [], "nothing where a number stands")
    check(bash("greenfront levers catalogue_of_no") == [], "no lever begins so")
    check(set(bash("greenfront help --")) == {"--help", "--all"}, "options of help")

    (folder / "panel.csv").write_text('\ufeffcity,year,"labour",capital,gdp,$(touch broken)\r\na,2001,1,2,3,4\r\n', encoding="utf-8")
    (folder / "semicolon.txt").write_text("unit;period;energy use\n1;2;3\n")
    (folder / "my study.toml").write_text("")
    (folder / "sub").mkdir()
    check(bash("greenfront run my") == ["my study.toml"], "a file with a blank")
    check("panel.csv" in bash("greenfront dea ") and "sub" in bash("greenfront dea "), "a file in the first place")
    check("panel.csv" in bash("greenfront dea --model radial "), "the place after an option with its value")
    check("panel.csv" in bash("greenfront dea --model=radial "), "the place after an option with = and its value")
    check("panel.csv" in bash("greenfront merge -o x.h5 a.parts "), "another of several files")
    check(bash("greenfront dea x.csv --reference-panel pan") == ["panel.csv"], "a file of an option")
    check(bash("greenfront export r.h5 regr") == ["regression", "regression/"], "a table")
    check("--peers" in bash("greenfront dea panel.csv "), "options where no argument is left")

    check(bash("greenfront dea panel.csv --unit c") == ["city", "capital"], "columns")
    check(bash("greenfront dea panel.csv --inputs labour,ca") == ["labour,capital"], "several columns")
    check(bash("greenfront dea semicolon.txt --unit ") == ["unit", "period", r"energy\ use"], "columns between semicolons")
    check(bash("greenfront dea panel.csv --unit $") == [r"\$\(touch\ broken\)"], "a column that a shell would run")
    check(not (folder / "broken").exists(), "a column's name was run as a command")
    check(bash("greenfront dea missing.csv --unit c") == [], "columns of no file")
    if shutil.which("shellcheck"):
        done = subprocess.run(["shellcheck", "-s", "bash", bash.script], capture_output=True, text=True, timeout=120)
        check(done.returncode == 0, f"shellcheck: {done.stdout}")
    else:
        print("not tried: shellcheck is not installed", file=sys.stderr)


def check_everything_is_offered(bash):
    """Each command and each of its options that --help knows."""
    commands = [word for word in bash("greenfront ") if not word.startswith("-")]
    listed = re.search(r"Subcommands:\n(.*)", call("--help").stdout, re.S).group(1)
    check(commands == re.findall(r"^  (\S+)", listed, re.M), f"commands are not those of --help: {commands}")
    everything = call("help", "--all").stdout
    page = call("man").stdout
    for command in commands:
        text = call(command, "--help").stdout
        flags = set(re.findall(r"^  (?:-\w,)?(--[a-z-]+)", text, re.M))
        offered = {word for word in bash(f"greenfront {command} x y z --")}
        check(flags and flags == offered, f"{command}: {flags ^ offered}")
        check(f"\ngreenfront {command}" in "\n" + everything, f"help --all lacks {command}")
        check(f".SS {command}\n".replace("-", "\\-") in page, f"the man page lacks {command}")
        for flag in flags:
            check(flag.replace("-", "\\-") in page and flag in everything, f"man page or overview lack {flag}")
    check(call("help", "dea").stdout == call("dea", "--help").stdout, "help dea is not dea --help")
    check(call("help").stdout == call("--help").stdout, "help is not --help")
    check("did you mean dea?" in call("help", "dae", expect=64).stderr, "help dae")


def words_in(message):
    """The words that a refusal lists: 'use one of: a, b', 'use a, b or c', 'there is a, b, or numbers'."""
    listed = re.search(r"(?:; use one of: |; use |there is )(.*)", message).group(1)
    listed = re.split(r", or numbers", listed)[0].replace(" or ", ", ")
    listed = re.sub(r"\((.*?)\)", r", \1", listed)  # robust (hc1)
    words = [re.sub(r":.*", ":", word.strip()) for word in listed.split(", ") if word.strip()]
    # "conley:LATITUDE,LONGITUDE,KM" and "cluster:A or cluster:A+B" are one word each.
    return {word for word in words if word}


def check_words(bash, panel):
    """The words that are offered are those that the program takes, by its own account; and all say what is near."""
    given = {"PANEL": str(panel), "FORMULA": "gdp ~ wage", "IV": "gdp ~ wage | 0 | labour ~ students"}
    for command, option, line in REFUSED:
        flag = [] if option == "SHELL" else [option]
        offered = bash(f"greenfront {' '.join([command, *flag])} ")
        check(len(offered) >= 1, f"{command} {option}: nothing is offered")
        words = [given.get(word, word) for word in line.split()]
        first = offered[0].rstrip(":")
        wrong = first + "q" if len(first) > 2 else first + "qq"  # near a word or not, it is none
        message = call(*words, *flag, wrong, expect=64).stderr
        check(words_in(message) == set(offered), f"{command} {option}: offered {offered}, but the program says: {message}")
        if len(first) > 2:
            check(f"did you mean {first}?" in message, f"{command} {option} {wrong}: {message}")


def check_other_shells(folder):
    for shell, command in (("zsh", ["zsh", "-n"]), ("fish", ["fish", "--no-execute"])):
        file = folder / f"script.{shell}"
        call("completion", shell, "-o", file)
        text = file.read_text()
        check(text == call("completion", shell).stdout and "boot-dea" in text and "malmquist-luenberger" in text, shell)
        if not shutil.which(shell):
            print(f"not tried: {shell} is not installed, so its script was not read by it", file=sys.stderr)
            continue
        done = subprocess.run([*command, file], capture_output=True, text=True, timeout=120)
        check(done.returncode == 0 and not done.stderr, f"{shell}: {done.stderr}")


def check_man(folder):
    page = folder / "greenfront.1"
    call("man", "-o", page)
    environment = {**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8"}
    for command in (["groff", "-man", "-ww", "-z", "-Tutf8"], ["mandoc", "-T", "lint", "-W", "warning"]):
        if not shutil.which(command[0]):
            print(f"not tried: {command[0]} is not installed", file=sys.stderr)
            continue
        done = subprocess.run([*command, page], capture_output=True, text=True, timeout=120, env=environment)
        # The page tells the version; a date would be that of the build, another one each time.
        complaints = [line for line in (done.stdout + done.stderr).splitlines() if "missing date" not in line]
        check(not complaints, f"{command}: {complaints}")
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-Tutf8", page], capture_output=True, text=True, timeout=120, env=environment)
        shown = re.sub("\x1b\\[[0-9;]*m|.\b", "", done.stdout)
        for words in ("--inputs COLUMNS", "EXIT STATUS", "Sobol'", "y ~ x1 + x2 | fe1 + fe2^fe3"):
            check(words in shown, f"the page does not show {words!r}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        bash = Bash(folder)
        check_bash(bash, folder)
        check_everything_is_offered(bash)
        panel = folder / "synth.csv"
        call("synth", "-o", panel, "--cities", 10, "--years", "2011:2012")
        with open(panel, newline="", encoding="utf-8") as file:
            check("wage" in next(csv.reader(file)), "the panel of this test has no wage")
        check_words(bash, panel)
        check_other_shells(folder)
        check_man(folder)
    print("completion, man page and help: everything of the parser, and nothing else")
    return 0


if __name__ == "__main__":
    sys.exit(main())
