#!/usr/bin/env python3
"""Every command line and every study on the pages that have no test of their own (pages.py says how).

    check_pages.py [--update] [PAGE...]"""

import sys

from pages import check_page, self_test
from program import SOURCE, check

# These have tests of their own: check_tutorial.py, check_differences.py.
OWN = {"docs/tutorial.md", "docs/differences.md"}
# What is shown but not run here, and why; checked to be there.
NOT_RUN = {
    "docs/performance.md": {"scripts/bench": "builds the benchmarks and takes minutes",
                            "greenfront synth": "tests/scenarios/check_commands.py runs it; five seconds each",
                            "greenfront run bench/studies/sweep_10000.toml": "a minute; bench/plan_accuracy.py runs it"},
    "docs/formats/input.md": {"greenfront show results.h5 paper": "tests/program/check_published.py runs it"},
    "docs/methods/synthetic-panel.md": {"greenfront synth": "tests/scenarios/check_commands.py runs it; five seconds",
                                        "greenfront show results.h5 paper": "tests/program/check_published.py runs it"},
    "docs/guide/cluster.md": {"scripts/slurm/submit ": "needs a Slurm cluster: tests/slurm/check_slurm",
                              "array=$(sbatch": "needs a Slurm cluster: tests/slurm/check_slurm",
                              "array.sbatch: task 1_2": "the log of a task, on a cluster",
                              "ssh ": "needs three machines",
                              "greenfront merge -o results.h5 node1.parts": "needs three machines"},
    "docs/guide/long-runs.md": {"greenfront replay": "there is no failed program to replay: tests/program/check_replay.py makes one"},
}
# What a page that the program writes takes for granted; other pages say so themselves.
FILES = {"docs/formats/study.md": ("cities",)}


def main():
    self_test()
    named = [word for word in sys.argv[1:] if not word.startswith("-")]
    found = [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *sorted((SOURCE / "docs").rglob("*.md"))]
    pages = [str(page.relative_to(SOURCE)) for page in found]
    check(set(NOT_RUN) | OWN <= set(pages), "a page that is listed here is gone")
    ran = 0
    for page in named or sorted(set(pages) - OWN):
        counts = check_page(page, NOT_RUN.get(page), FILES.get(page, ()))
        ran += counts["command"] + counts["console"] + counts["study"]
    check(named or ran > 60, f"only {ran} blocks with commands were found")
    print(f"{ran} blocks of commands and studies run")
    return 0


if __name__ == "__main__":
    sys.exit(main())
