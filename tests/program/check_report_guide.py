#!/usr/bin/env python3
"""Runs docs/guide/report.md: tables, datasets and figures of the study that comes with the program.

    check_report_guide.py --update    writes the outputs into the page"""

import sys

from page_files import missing
from page_list import run_pages

if __name__ == "__main__":
    if missing("matplotlib"):
        print(f"skipped: the page {missing('matplotlib')}")
        sys.exit(77)
    run_pages("check_report_guide.py", 4)
