#!/usr/bin/env python3
"""Every command line and every study on the pages that no other test runs (pages.py says how, page_list.py which).

    check_pages.py [--update] [PAGE...]"""

from page_list import run_pages

if __name__ == "__main__":
    run_pages("check_pages.py", 30)
