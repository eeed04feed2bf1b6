"""scripts/bench report: tables and pictures of what scripts/bench scaling measured.

    scripts/bench report [SCALING.json] [-o FOLDER] [--formats png,svg,pdf]

FOLDER (default build/bench/report) receives scaling.md and, for every picture, a file in each format and NAME.csv
with its numbers; figures.json has the captions.
"""

import argparse
import json
import sys
from pathlib import Path

from . import outputs, tables

SOURCE = Path(__file__).resolve().parents[2]
FORMATS = ("png", "svg", "pdf")
NEEDED = ("machine", "seconds", "units", "replicates", "scenarios", "threads")


def read(file):
    """What scripts/bench scaling wrote. Ends the program where it is not that."""
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        print(f"bench: {file}: there is no such file; scripts/bench scaling makes one", file=sys.stderr)
        raise SystemExit(66) from None
    except ValueError as problem:
        print(f"bench: {file} is no JSON: {problem}", file=sys.stderr)
        raise SystemExit(65) from None
    missing = [key for key in NEEDED if not isinstance(found, dict) or key not in found]
    if missing:
        print(f"bench: {file} has no {', '.join(missing)}; it is not what scripts/bench scaling writes", file=sys.stderr)
        raise SystemExit(65)
    return found


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench report", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="SCALING.json", type=Path, nargs="?", default=SOURCE / "build" / "bench" / "scaling.json")
    parser.add_argument("-o", "--output", type=Path, default=SOURCE / "build" / "bench" / "report")
    parser.add_argument("--formats", default="png", help="some of png, svg, pdf (default: png)")
    options = parser.parse_args(arguments)
    formats = [word.strip() for word in options.formats.split(",")]
    if any(word not in FORMATS for word in formats):
        parser.error(f"--formats knows {', '.join(FORMATS)}, not {options.formats}")
    found = read(options.file)
    outputs.require_folder(options.output)
    # Only this word needs matplotlib.
    from greenfront_figures.style import Gallery

    from . import pictures
    options.output.mkdir(parents=True, exist_ok=True)
    page = tables.all_tables(found)
    (options.output / "scaling.md").write_text(page)
    gallery = Gallery(options.output, formats, [])
    pictures.draw_all(found, gallery)
    gallery.finish()
    print(page, end="")
    print(f"{len(gallery.entries)} pictures and scaling.md: {options.output}", file=sys.stderr)
    return 0
