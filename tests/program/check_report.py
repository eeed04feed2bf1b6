#!/usr/bin/env python3
"""`report` and scripts/figures: one page that asks nobody for anything and runs nothing, whatever the data are called; every
figure with its data; the same results give the same bytes; clear words where Python or matplotlib is missing."""

import base64
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree
from html.parser import HTMLParser
from pathlib import Path

from program import PROGRAM, SOURCE, call, check
from report_study import COLUMN, HOSTILE, TITLE, make

FIGURES = SOURCE / "scripts" / "figures"
EXPECTED = {"coverage", "spread", "efficiency", "efficiency-distribution", "frontier-eff", "productivity-growth", "weights", "coefficients",
            "curve-choices", "bootstrap", "placebo", "ranking-grid", "ranking-named", "by-period-grid", "by-period-named", "cost-grid",
            "saving-grid", "sensitivity-indices"}
ALLOWED = {"html", "head", "meta", "link", "title", "style", "body", "h1", "h2", "p", "a", "nav", "ul", "li", "section", "div", "table", "caption",
           "thead", "tbody", "tr", "th", "td", "span", "sup", "figure", "figcaption", "img", "strong", "details", "summary", "pre"}
EMPTY = {"meta", "link", "img"}


class Page(HTMLParser):
    """Elements, attributes and text of a page; complains of what is not closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.text, self.images, self.links = [], [], [], [], []
        self.feed(text)
        self.close()
        check(not self.open, f"elements are not closed: {self.open}")

    def handle_starttag(self, tag, attributes):
        check(tag in ALLOWED, f"the page has an element <{tag}>")
        given = dict(attributes)
        for name, value in given.items():
            check(not name.startswith("on"), f"<{tag}> has {name}")
            if name in ("src", "href"):
                check(value.startswith(("data:", "#")), f"<{tag} {name}> leads out of the page: {value[:80]}")
        self.elements.append(tag)
        if tag == "img":
            self.images.append(given)
        if tag == "a" and "download" in given:
            self.links.append(given)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        check(self.open and self.open[-1] == tag, f"</{tag}> closes {self.open[-1:]}")
        self.open.pop()

    def handle_data(self, data):
        self.text.append(data)


def inside(address, kind):
    front, _, body = address.partition(";base64,")
    check(front == f"data:{kind}", f"a {kind} is {front}")
    return base64.b64decode(body, validate=True)


def check_page(folder, results):
    page_file = folder / "report.html"
    done = call("report", results, "-o", page_file)
    check("18 figures" in done.stderr and done.stdout == "", done.stderr)
    text = page_file.read_text(encoding="utf-8")
    page = Page(text)
    check("default-src 'none'; img-src data:; style-src 'unsafe-inline'" in text, "the page has no policy")
    check(not re.search(r"@import|url\(", text), "the style asks for a file")
    said = "".join(page.text)
    check(TITLE in said, "the title is on the page")
    for name in (COLUMN, "<script>retrofit_&_%</script>", "both 都", "<i>main</i> & 100% of $a_b$"):
        check(name in said, f"{name} is not on the page as text")
    for words in ("Panel: 24 units, 4 periods (2011 to 2014), 96 rows.", "Productivity growth (malmquist)", "The first regressor of each regression",
                  "Efficiency scores", "Bootstraps", "Placebo tests", "Scenarios of sweep grid", "sensitivity", "The study, with all defaults filled in"):
        check(words in said, f"the page does not say \"{words}\"")
    check(len(page.images) == len(page.links) == len(EXPECTED), f"{len(page.images)} figures, {len(page.links)} data sets")
    check({link["download"] for link in page.links} == {f"{n}.csv" for n in EXPECTED}, "figures by name")
    for image in page.images:
        check(len(image["alt"]) > 40, "an image has no words in its place")
        check_picture(inside(image["src"], "image/svg+xml"))
    for link in page.links:
        rows = list(csv.reader(io.StringIO(inside(link["href"], "text/csv;charset=utf-8").decode("utf-8"))))
        check(len(rows) > 1 and all(len(r) == len(rows[0]) for r in rows), f"{link['download']}: {rows[:2]}")
    refused = call("report", results, "-o", page_file, expect=73).stderr
    check("--force" in refused, refused)
    call("report", results, "-o", page_file, "--force")
    check(page_file.read_text(encoding="utf-8") == text, "the same results give another page")
    check("is the file" in call("report", results, "-o", results, "--force", expect=73).stderr, "the results are no page")
    styled = folder / "styled.html"
    call("report", results, "-o", styled, "--decimals", "2", "--below", "p", "--no-figures")
    bare = styled.read_text(encoding="utf-8")
    check("p values in brackets" in bare and "without figures" in bare and not Page(bare).images, "--no-figures, --below")


def check_picture(svg):
    """Shapes and embedded dots only."""
    for element in xml.etree.ElementTree.fromstring(svg).iter():
        name = element.tag.rsplit("}", 1)[-1]
        check(name not in ("script", "foreignObject", "a", "text"), f"a picture has <{name}>")
        for key, value in element.attrib.items():
            key = key.rsplit("}", 1)[-1]
            check(not key.startswith("on"), f"a picture has {key}")
            if key == "href":
                check(value.startswith(("#", "data:image/png")), f"a picture refers to {value[:60]}")


def figures(*arguments, expect=0, python=None, **options):
    command = [str(FIGURES), *map(str, arguments)] if python is None else [python, "-I", "-B", str(FIGURES), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=540, **options)
    check(done.returncode == expect, f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def check_script(folder, results):
    out = folder / "fig"
    figures(results, "-o", out, "--only", "placebo,frontier,ranking-named")
    entries = json.loads((out / "figures.json").read_text(encoding="utf-8"))
    check({e["name"] for e in entries} == {"placebo", "frontier-eff", "ranking-named"}, f"--only: {entries}")
    for entry in entries:
        check(len(entry["title"]) > 5 and len(entry["caption"]) > 40, f"a caption says what to see: {entry}")
        for form, start in (("pdf", b"%PDF-"), ("svg", b"<?xml"), ("png", b"\x89PNG")):
            check((out / f"{entry['name']}.{form}").read_bytes().startswith(start), f"{entry['name']}.{form}")
    named = (out / "ranking-named.csv").read_text(encoding="utf-8")
    check("<script>retrofit_&_%</script>" in named and "both 都" in named, "data carry the names as they are")
    units = {r["unit"] for r in csv.DictReader(open(out / "frontier-eff.csv", newline="", encoding="utf-8"))}
    check(units <= set(HOSTILE) | {u for u in units if u not in HOSTILE} and len(units & set(HOSTILE)) > 3, "units of the frontier")
    first = {f.name: f.read_bytes() for f in out.iterdir()}
    figures(results, "-o", out, "--only", "placebo,frontier,ranking-named")
    check(first == {f.name: f.read_bytes() for f in out.iterdir()}, "the same results give the same pictures")
    check("--formats knows" in figures(results, "-o", out, "--formats", "gif", expect=64).stderr, "an unknown format")
    check("no such file" in figures(folder / "none.h5", "-o", out, expect=66).stderr, "no results")
    (folder / "text.h5").write_text("no results")
    check("text.h5" in figures(folder / "text.h5", "-o", out, expect=65).stderr, "not a result file")


def check_missing(folder, results):
    page = folder / "missing.html"
    done = call("report", results, "-o", page, "--python", folder / "no-python", expect=66)
    check("cannot be started" in done.stderr and "--no-figures" in done.stderr and not page.exists(), done.stderr)
    # A Python without matplotlib: the packages are named.
    stub = folder / "python"
    stub.write_text(f"#!/bin/sh\nshift 2\nexec {sys.executable} -I -S -B \"$@\"\n")
    stub.chmod(0o755)
    done = call("report", results, "-o", page, "--python", stub, expect=66)
    check("python3-matplotlib" in done.stderr and "--no-figures" in done.stderr and not page.exists(), done.stderr)
    left = [f for f in Path(tempfile.gettempdir()).glob("greenfront-??????") if f.stat().st_mtime > results.stat().st_mtime and not any(f.iterdir())]
    check(not left, f"folders are left behind: {left}")


def check_names(folder, results):
    """Names of files go to the script as they are, whatever a shell would make of them."""
    odd = folder / "a 'b'; touch owned; $(touch owned) .h5"
    odd.write_bytes(results.read_bytes())
    call("report", odd, "-o", folder / "odd.html", cwd=folder)
    check(not (folder / "owned").exists(), "a name became a command")
    check("a 'b'; touch owned; $(touch owned) .h5" in "".join(Page((folder / "odd.html").read_text(encoding="utf-8")).text), "the name is shown")


def installed(folder, results):
    """The program finds its script below share/ of an installation, too."""
    place = folder / "prefix"
    (place / "bin").mkdir(parents=True)
    scripts = place / "share" / "greenfront" / "scripts"
    scripts.mkdir(parents=True)
    os.link(PROGRAM, place / "bin" / "greenfront") if os.stat(PROGRAM).st_dev == os.stat(place).st_dev else \
        (place / "bin" / "greenfront").write_bytes(PROGRAM.read_bytes())
    (place / "bin" / "greenfront").chmod(0o755)
    command = [str(place / "bin" / "greenfront"), "report", str(results), "-o", str(folder / "i.html")]
    done = subprocess.run(command, capture_output=True, text=True)
    check(done.returncode == 66 and "cmake --install" in done.stderr, f"without its script: {done.returncode} {done.stderr}")
    (scripts / "figures").write_bytes(FIGURES.read_bytes())
    (scripts / "greenfront_figures").symlink_to(SOURCE / "scripts" / "greenfront_figures")
    done = subprocess.run(command, capture_output=True, text=True)
    check(done.returncode == 0, done.stderr)


def main():
    try:
        import h5py  # noqa: F401
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as missing:
        print(f"no {missing.name}: the figures cannot be drawn here")
        return 77
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        results = make(folder)
        check_page(folder, results)
        check_script(folder, results)
        check_missing(folder, results)
        check_names(folder, results)
        installed(folder, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
