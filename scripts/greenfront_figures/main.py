"""The command line of scripts/figures."""

import argparse
import sys
import warnings
from pathlib import Path

from . import efficiency, regression, resampling, scenarios
from .results import BadResults, Results
from .style import Gallery

FORMATS = ("pdf", "svg", "png")


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/figures", description="Draws the figures of a result file, each with its data "
                                     "as CSV and a caption in figures.json.")
    parser.add_argument("results", metavar="RESULTS.h5")
    parser.add_argument("-o", "--output", default="figures", metavar="FOLDER", help="where they go (default: figures)")
    parser.add_argument("--formats", default="pdf,svg,png", help="some of pdf, svg, png (default: all)")
    parser.add_argument("--only", default="", metavar="NAME,...", help="these figures, or those whose names begin so: ranking, "
                        "placebo, frontier-eff, ...")
    return parser.parse_args()


def main():
    chosen = arguments()
    formats = [f.strip() for f in chosen.formats.split(",") if f.strip()]
    wrong = [f for f in formats if f not in FORMATS]
    if wrong or not formats:
        print(f"scripts/figures: --formats knows {', '.join(FORMATS)}, not \"{', '.join(wrong)}\"", file=sys.stderr)
        return 64
    if not Path(chosen.results).is_file():
        print(f"scripts/figures: {chosen.results}: there is no such file", file=sys.stderr)
        return 66
    try:
        results = Results(chosen.results)
    except BadResults as problem:
        print(f"scripts/figures: {problem}", file=sys.stderr)
        return 65
    folder = Path(chosen.output)
    folder.mkdir(parents=True, exist_ok=True)
    gallery = Gallery(folder, formats, [n.strip() for n in chosen.only.split(",") if n.strip()])
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for part in (efficiency, regression, resampling, scenarios):
            part.draw_all(results, gallery)
    if any("missing from current font" in str(w.message) for w in said):
        print("scripts/figures: some characters have no font here and are boxes; for Chinese names install Debian's "
              "fonts-wqy-microhei or fonts-noto-cjk", file=sys.stderr)
    if not gallery.entries:
        print("scripts/figures: nothing to draw" + (f"; no figure's name begins with {chosen.only}" if chosen.only else ""),
              file=sys.stderr)
    gallery.finish()
    return 0
