"""Every key of every table of a study with a value of another type, and every table with a key that is not known. The
tables and keys are those of docs/formats/study.md, which the program itself writes."""

import os
import re
from pathlib import Path

from case import STUDY_TEXT, study

# Where a table of the page begins, what must stand before it for its path to exist.
PLACEHOLDER = "NAME"
WRONG = {  # no reader takes a date; and what else is wrong for the type
    "text": ["3", "[1]"], "texts": ['"k"', "[1]"], "integer": ['"3"', "1.5"], "number": ['"3"', "[1]"],
    "numbers": ['"3"', '["a"]'], "true or false": ['"true"', "1"], "text or number": ["[1]"], "text or numbers": ["true"],
    "number or text": ["[1]"], "number or distribution": ['"3"', '{ distribution = "normal", lwo = 1 }'],
}
HEADS = [r"`\[\[?(?P<table>[A-Za-z_.]+)\]\]?`", "The top of the file"]


def tables(page):
    """(path of the table, whether it is a list, [(key, type)])"""
    for section in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        head = section.splitlines()[0]
        if head.startswith("The top"):
            path, is_list = "", False
        else:
            found = re.match(r"`(\[\[?)([A-Za-z_.]+)\]\]?`", head)
            if not found:
                continue
            path, is_list = found[2], found[1] == "[["
        keys = re.findall(r"^\| `([a-z_]+)` \| (.*?) \| ", section, flags=re.MULTILINE)
        yield path, is_list, keys


def text_with(path, is_list, line):
    """A study whose table `path` has one more line; other keys of the table may be missing, which is reported too."""
    table = path.replace(PLACEHOLDER, "zz")
    if not table:
        return line + "\n" + STUDY_TEXT
    if table == "panel":
        return STUDY_TEXT.replace("[panel]", "[panel]\n" + line)
    parts = table.split(".")
    before = ""
    # The lists above the table: [[sweep.zz.levers]] stands before [sweep.zz.levers.path].
    for depth in range(2, len(parts)):
        above = ".".join(parts[:depth])
        if parts[depth - 1] in ("levers", "scenario", "operations", "types") and above != table:
            before += f"[[{above}]]\n"
    return STUDY_TEXT + before + (f"[[{table}]]\n" if is_list else f"[{table}]\n") + line + "\n"


def cases():
    page = (Path(os.environ["GREENFRONT_SOURCE"]) / "docs" / "formats" / "study.md").read_text(encoding="utf-8")
    count = 0
    for path, is_list, keys in tables(page):
        shown = path or "top"
        yield study(f"unknown key in {shown}", text_with(path, is_list, 'qwertyuiop = 1'), "s.toml:", "qwertyuiop", "unknown key")
        for key, kind in keys:
            count += 1
            values = WRONG.get(kind, ["3", '"qwertyuiop"'])  # a choice of words
            for rank, value in enumerate(["2011-01-05", *values]):
                if path == "panel" and key in ("file", "unit", "time"):
                    text = re.sub(f"^{key} = .*$", f"{key} = {value}", STUDY_TEXT, flags=re.MULTILINE)
                elif path == "" and key == "name":
                    text = STUDY_TEXT.replace('name = "s"', f"name = {value}")
                else:
                    text = text_with(path, is_list, f"{key} = {value}")
                case = study(f"{shown}.{key} = {value}", text, "s.toml:", key)
                case.rare = rank != count % (len(values) + 1)  # one value of each key in the ordinary tests
                yield case
    assert count > 150, f"only {count} keys are found on the page"
