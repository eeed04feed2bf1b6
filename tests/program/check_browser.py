#!/usr/bin/env python3
"""The page of `greenfront report` in a real browser: it requests nothing, its console is silent, and nothing is wider than the window, at
the width of a desk and of a telephone.

    check_browser.py --long     the pages of both studies that come with the program, too"""

import sys
import tempfile
from pathlib import Path

from browser import program, visit
from program import SOURCE, STUDY, call, check
from report_study import make

WIDTHS = (1280, 390)
PLANTED = {
    "a script that fails": ("<script>undefined_thing()</script>", "undefined_thing"),
    "a picture from elsewhere": ('<img src="http://127.0.0.1:9/x.png" alt="">', "request: http://127.0.0.1:9/x.png"),
    "a style from a file": ('<link rel="stylesheet" href="missing.css">', "missing.css"),
    "a warning": ("<script>console.warn('beware')</script>", "beware"),
    "a policy that is broken": ("<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"><style>p {}</style>", "Content Security Policy"),
    "a wide element": ('<div style="width:1500px">x</div>', "DIV x"),
}


def judge(name, page):
    """Complaints about a page as one text."""
    told, measures = visit(page, WIDTHS)
    for width, state, measure in measures:
        check(measure and measure["elements"] > 3, f"{name}: there is no page: {measure}")
        if measure["wide"] or measure["scroll"] > measure["width"] + 1:
            told.append(f"{width} px, {state}: {measure['scroll']} px wide; sticking out: {measure['wide']}")
    return "\n".join(told)


def self_test(folder):
    page = folder / "planted.html"
    frame = "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>t</title></head><body><p>x</p>{}</body></html>"
    page.write_text(frame.format("<div style='overflow-x:auto'><div style='width:3000px'>x</div></div>"))
    quiet = judge("a page without faults", page)
    check(not quiet, f"complains of a page without faults:\n{quiet}")
    for name, (words, expected) in PLANTED.items():
        page.write_text(frame.format(words))
        told = judge(name, page)
        check(expected in told, f"{name} goes unnoticed: {told!r}")


def main():
    if program() is None:
        print("skipped: there is no chromium (scripts/packages.txt, group browser)")
        return 77
    try:
        import h5py  # noqa: F401
        import matplotlib  # noqa: F401
    except ModuleNotFoundError as missing:
        print(f"skipped: no {missing.name}, so there are no figures to show")
        return 77
    studies = {}
    if "--long" in sys.argv[1:]:
        studies = {path.stem: path for path in (STUDY, SOURCE / "scenarios" / "catalog" / "huang2025.toml")}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        self_test(folder)
        results = {"small": make(folder)}
        for name, study in studies.items():
            results[name] = folder / f"{name}.h5"
            call("run", study, "-o", results[name], "--progress", "none")
        for name, file in results.items():
            page = folder / f"{name}.html"
            call("report", file, "-o", page)
            told = judge(name, page)
            check(not told, f"the page of {name}:\n{told}")
            print(f"{name}: silent, asks for nothing, fits {WIDTHS} pixels")
    return 0


if __name__ == "__main__":
    sys.exit(main())
