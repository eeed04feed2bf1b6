#!/usr/bin/env python3
"""Runs every command of docs/differences.md in an empty folder, and compares what it prints with what the page says. Blocks that need
a file which may not be passed on, or another program, are skipped where it is missing, and the test says so.

    check_differences.py --update    writes the outputs into the page
"""

import sys

from pages import check_page, self_test
from program import check

# Shown for those who have hours, or the bench: not run here, and why.
NOT_RUN = {"build/release/tests/torture": "hours; runs in ./scripts/test --long",
           "scripts/bench": "needs the build of the rivals"}


def main():
    self_test()
    counts = check_page("docs/differences.md", NOT_RUN, ["countries", "needed"])
    check(min(counts[kind] for kind in ("file", "console", "python")) >= 2 and counts["console"] >= 20,
          f"the page lost its blocks: {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
