#!/usr/bin/env python3
"""Texts of users and of their data are text wherever they come out: in the page, in Markdown, in LaTeX, in a terminal, in names
of files. Every place of a study that takes a text, and the names of units, columns and groups, carry markup, a shell's and a
terminal's words; the page must show them as they are and nothing may be run."""

import csv
import html.parser
import io
import json
import os
import re
import sys
import tempfile
from pathlib import Path

from program import SOURCE, call, check

EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&lt;{{7*7}}`touch gone`$(touch gone)|%n\\input{x}\x1b[2J"
TERMINAL = "\x1b[2J"


def text(word):
    """As TOML, with a word that tells where it stood."""
    return json.dumps(word + EVIL).replace("\\u001b", "\\u001B")


def panel():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["ci<b>ty", "year", "y<i>", "x'\"&", "k", "region"])
    for c in range(6):
        for year in range(2011, 2016):
            writer.writerow([f"unit{c}{EVIL}", year, 1 + (7 * c + 3 * year) % 11, 1 + (5 * c + year) % 7, 2 + (c * year) % 13,
                             f"region{c % 2}{EVIL}"])
    return out.getvalue()


STUDY = f"""name = {text("name")}
title = {text("title")}
description = {text("description")}
[panel]
file = "p.csv"
unit = "ci<b>ty"
time = "year"
[[prepare.derive]]
name = "log<x>"
expression = "log(`x'\\"&`)"
unit = {text("measure")}
[dea.eff]
inputs = ["k"]
good = ["y<i>"]
[regression.base]
formula = "`y<i>` ~ `log<x>` + k | region"
title = {text("heading")}
[bootstrap.boot]
regression = "base"
cluster = "ci<b>ty"
replicates = 20
[lever.push]
title = {text("lever")}
description = {text("what")}
source = {text("source")}
intensity_unit = {text("intensity")}
cost_unit = {text("cost")}
cost_per_unit = 1
[[lever.push.operations]]
type = "scale"
variable = "k"
per_unit = 0.1
assumption = {text("assumption")}
[sweep.many]
regression = "base"
bootstrap = "boot"
group = "region"
units = true
design = "list"
[[sweep.many.scenario]]
name = {text("scenario")}
[[sweep.many.scenario.levers]]
lever = "push"
"""


class Page(html.parser.HTMLParser):
    """Elements and attributes that could run something, and the text that is seen."""

    def __init__(self):
        super().__init__()
        self.alarms, self.shown, self.inside = [], [], []

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "link", "br", "img", "hr", "input", "col"):
            self.inside.append(tag)
        for name, value in attributes:
            if name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.alarms.append(f"<{tag} {name}={value!r}>")
            if name in ("src", "href") and not (value or "").startswith(("data:", "#")):
                self.alarms.append(f"<{tag} {name}={value!r}>")
        if tag in ("script", "iframe", "object", "embed", "b", "i"):
            self.alarms.append(f"<{tag}>")

    def handle_endtag(self, tag):
        check(self.inside and self.inside[-1] == tag, f"</{tag}> closes {self.inside[-3:]}")
        self.inside.pop()

    def handle_data(self, data):
        self.shown.append(data)


def check_page(page):
    found = Page()
    found.feed(page)
    check(not found.alarms, f"the page would run or load: {found.alarms[:5]}")
    check(not found.inside, f"not closed: {found.inside}")
    shown = "".join(found.shown)
    for word in ("title", "heading", "scenario"):
        check(word + "<script>alert(1)</script>" in shown, f"{word} is not shown as it is")


def check_tables(results, folder):
    for table in ("regression", "dea", "describe"):
        markdown = call("export", results, table, "--format", "md").stdout
        widths = {len(re.findall(r"(?<!\\)\|", line)) for line in markdown.splitlines() if line.startswith("|")}
        check(len(widths) <= 3 and TERMINAL not in markdown.replace("\\", ""), f"Markdown of {table}: {widths}\n{markdown[:600]}")
        tex = call("export", results, table, "--format", "tex").stdout
        check("\\input{x}" not in tex, f"LaTeX of {table} would read a file")
    data = call("export", results, "panel").stdout
    rows = list(csv.reader(io.StringIO(data)))
    check(len({len(row) for row in rows}) == 1 and any(EVIL in cell for row in rows for cell in row), "CSV lost a text")
    check(EVIL in json.dumps(json.loads(call("export", results, "panel", "--format", "json").stdout), ensure_ascii=False).replace(
        '\\"', '"').replace("\\\\", "\\").replace("\\u001b", "\x1b"), "JSON lost a text")
    for command in (["show", results], ["show", results, "dea/eff"], ["show", results, "regression"], ["show", results, "sweep/many"],
                    ["compare", results], ["compare", results, "--by", "group"], ["show", results, "contents"]):
        check(TERMINAL not in call(*command).stdout, f"{command[0]} speaks to the terminal")
    for command in (["dea", folder / "p.csv", "--unit", "ci<b>ty", "--time", "year", "--inputs", "k", "--good", "y<i>", "--model", "radial"],
                    ["regress", folder / "p.csv", "`y<i>` ~ k | region"], ["levers", "push", "--study", folder / "s.toml"]):
        done = call(*command)
        check(TERMINAL not in done.stdout + done.stderr, f"{command[0]} speaks to the terminal")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "p.csv").write_text(panel())
        study = folder / "s.toml"
        study.write_text(STUDY)
        results = folder / f"r{EVIL.replace('/', '')[:60]}.h5"
        done = call("run", study, "-o", results, cwd=folder)
        check(TERMINAL not in done.stderr, "the progress speaks to the terminal")
        for figures in (["--no-figures"], []):
            page = folder / "page.html"
            call("report", results, "-o", page, "--force", *figures, cwd=folder)
            check_page(page.read_text(encoding="utf-8"))
        check_tables(results, folder)
        check(not list(folder.rglob("gone")) and not os.path.exists("gone"), "a text was run as a command")
    for layer in ("kernels", "scenarios", "engine", "io"):
        for file in (SOURCE / layer).rglob("*.cpp"):
            call_of_shell = re.search(r"\b(system|popen|wordexp|execlp|execvp)\s*\(", file.read_text(encoding="utf-8"))
            check(not call_of_shell, f"{file} calls a shell: {call_of_shell}")
    print("markup, words of shells and of terminals are shown as text, and nothing is run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
