#!/usr/bin/env python3
"""Runs docs/tutorial.md as a newcomer would, and compares what it prints with what the page says.

    check_tutorial.py --update    writes the outputs into the page
"""

import sys

from pages import check_page, self_test
from program import check

NOT_RUN = {"export PATH=": "sets up what the test has set up"}


def main():
    self_test()
    counts = check_page("docs/tutorial.md", NOT_RUN, ["countries-as-panel"])
    check(counts["console"] >= 8 and counts["study"] >= 1 and counts["python"] >= 1, f"the page lost its blocks: {counts}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
