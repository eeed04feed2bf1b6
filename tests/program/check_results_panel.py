#!/usr/bin/env python3
"""The panel inside a result file as the panel of another analysis: the same numbers as from the file that it was made of, in one-shots
and in a study; clear words for files that hold none."""

import csv
import sys
import tempfile
from pathlib import Path

from program import call, check

PANEL = "city,year,gdp,capital,labour,region,time\n"
STUDY = """name = "one"
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[[prepare.derive]]
name = "energy"
expression = "0.3 * capital + labour"
[dea.eff]
inputs = ["capital", "labour"]
good = ["gdp"]
"""
AGAIN = """name = "two"
[panel]
file = "one.h5"
unit = "city"
time = "year"
[regression.main]
formula = "log(gdp) ~ log(capital) + log(energy) | city + year"
"""


def write(folder):
    """Names that look like numbers, a gap in the panel, a missing value, a row with the year alone missing elsewhere."""
    with open(folder / "panel.csv", "w", encoding="utf-8") as file:
        file.write(PANEL)
        for k, city in enumerate(("007", "12", "3", "北京", '"a,b"')):
            for year in (2011, 2013, 2014, 2017):
                if (city, year) == ("12", 2014):
                    continue
                gdp = "" if (city, year) == ("3", 2011) else repr(10 + 3 * k + (year * (k + 1)) % 7 + 0.1)
                file.write(f"{city},{year},{gdp},{5 + k + year % 5},{2 + (k * year) % 11},{'N' if k % 2 else ''},{year + k}\n")


def same(folder, *arguments):
    """A one-shot's answer is the same from both files."""
    answers = [call(arguments[0], folder / file, *arguments[1:]).stdout for file in ("prepared.csv", "one.h5")]
    check(answers[0] == answers[1] and len(answers[0]) > 100, f"{arguments}: other answers\n{answers[0]}\n{answers[1]}")


def refused(words, code, *arguments):
    done = call(*arguments, expect=code)
    check(words in done.stderr and not done.stdout, f"{arguments}: {done.stderr}")


def main():
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write(folder)
        (folder / "one.toml").write_text(STUDY, encoding="utf-8")
        call("run", folder / "one.toml", "-o", folder / "one.h5", "--progress", "none")
        call("prepare", folder / "one.toml", "-o", folder / "prepared.csv")
        names = ["--unit", "city", "--time", "year"]
        same(folder, "dea", *names, "--inputs", "capital,energy", "--good", "gdp", "--model", "sbm", "--format", "json")
        same(folder, "regress", "log(gdp) ~ log(capital) | city + year", *names, "--vcov", "cluster:city", "--format", "json")
        same(folder, "regress", "gdp ~ l(capital,1)", *names, "--format", "json")
        same(folder, "regress", "gdp ~ time + l(capital,1)", *names, "--format", "json")
        same(folder, "dea", "--unit", "city", "--time", "time", "--inputs", "capital", "--good", "gdp", "--model", "radial", "--format", "json")
        same(folder, "regress", "gdp ~ capital | region", *names, "--format", "json")
        with open(folder / "prepared.csv", newline="", encoding="utf-8") as file:
            rows = len(list(csv.reader(file))) - 1
        check(rows == 19, f"{rows} rows")
        # The panel's own column time is not the scale, whose name is free in the case of unit.
        scales = call("dea", folder / "one.h5", "--unit", "unit", "--time", "year", "--inputs", "capital", "--good", "gdp", "--model", "radial").stdout
        names_used = call("dea", folder / "one.h5", *names, "--inputs", "capital", "--good", "gdp", "--model", "radial").stdout
        check(scales == names_used, "the scale's own name is a name, too")

        # A study on it, from its preparation to its result.
        (folder / "two.toml").write_text(AGAIN, encoding="utf-8")
        call("run", folder / "two.toml", "-o", folder / "two.h5", "--progress", "none")
        (folder / "three.toml").write_text(AGAIN.replace("one.h5", "prepared.csv"), encoding="utf-8")
        call("run", folder / "three.toml", "-o", folder / "three.h5", "--progress", "none")
        check(*(lambda a, b: (a == b, f"{a}\n{b}"))(*(call("export", folder / f"{n}.h5", "tidy").stdout for n in ("two", "three"))))
        check(call("export", folder / "two.h5", "panel").stdout == call("export", folder / "one.h5", "panel").stdout, "the panel again")
        done = call("run", folder / "two.toml", "-o", folder / "one.h5", "--force", expect=73)
        check("one.h5" in done.stderr, done.stderr)

        # Columns that are called like a scale are read as what they are, everywhere.
        with open(folder / "prepared.csv", newline="", encoding="utf-8") as file:
            prepared = {(row["city"], row["year"]): row["time"] for row in csv.DictReader(file)}
        table = list(csv.DictReader(call("export", folder / "one.h5", "panel").stdout.splitlines()))
        check({(row["unit"], row["time"]): row["time_"] for row in table if row["capital"]} == prepared, f"panel: {table[:3]}")

        # What holds no panel.
        refused("town", 65, "dea", folder / "one.h5", "--unit", "town", "--time", "year", "--inputs", "capital", "--good", "gdp", "--model", "sbm")
        (folder / "cut.h5").write_bytes((folder / "one.h5").read_bytes()[:2000])
        refused("cut.h5", 65, "dea", folder / "cut.h5", *names, "--inputs", "capital", "--good", "gdp", "--model", "sbm")
        try:
            import h5py
        except ModuleNotFoundError:
            return 0
        with h5py.File(folder / "other.h5", "w") as file:
            file["x"] = [1.0]
        refused("other.h5", 65, "dea", folder / "other.h5", *names, "--inputs", "capital", "--good", "gdp", "--model", "sbm")
    return 0


if __name__ == "__main__":
    sys.exit(main())
