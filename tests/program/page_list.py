"""All pages of the documentation, who runs them, and what is shown but not run."""

import sys

from pages import check_page, self_test
from program import SOURCE, check

# Pages by the test that runs them; check_pages.py runs all others.
BY_TEST = {"check_tutorial.py": ["docs/tutorial.md"], "check_differences.py": ["docs/differences.md"],
           "check_report_guide.py": ["docs/guide/report.md"],
           "check_guides.py": ["README.md", *(f"docs/guide/{name}.md" for name in ("cluster", "faq", "long-runs", "r", "scale", "stata"))]}
# What is shown but not run here, and why; checked to be there.
NOT_RUN = {
    "CONTRIBUTING.md": {"scripts/mutate": "an hour; tests/structure/check_mutants.py tests what it draws",
                        "scripts/fuzz": "half an hour, and needs clang; the test fuzz.corpus reads what fuzzers found"},
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


def pages():
    """All of them."""
    found = [SOURCE / "README.md", SOURCE / "CONTRIBUTING.md", *sorted((SOURCE / "docs").rglob("*.md"))]
    return [str(page.relative_to(SOURCE)) for page in found]


def run_pages(test, least):
    """Runs the pages of a test, or those that are named on its command line; at least so many blocks must be found."""
    self_test()
    elsewhere = {page for pages_of_it in BY_TEST.values() for page in pages_of_it}
    there = pages()
    check(elsewhere | set(NOT_RUN) | set(FILES) <= set(there), "a page that is listed is gone")
    named = [word for word in sys.argv[1:] if not word.startswith("-")]
    ran = 0
    for page in named or BY_TEST.get(test) or [page for page in there if page not in elsewhere]:
        counts = check_page(page, NOT_RUN.get(page), FILES.get(page, ()))
        ran += counts["command"] + counts["console"] + counts["study"]
    check(named or ran >= least, f"only {ran} blocks with commands were found")
    print(f"{ran} blocks of commands and studies run")
