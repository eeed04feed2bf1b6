#!/usr/bin/env python3
"""Whether `scripts/bench compare` finds what was planted, and keeps quiet where there is nothing.

    bench/planted.py [--repetitions N] [--time-filter REGEX] [--quiet-filter REGEX]

A copy of the project in build/compare/planted is made slower and built, first in one place and then in another:
1. every efficiency evaluation takes a tenth more CPU time: in times, the efficiency benchmarks must be called slower;
2. `greenfront regress` executes 2 % more instructions (a loop whose length is taken from callgrind's count of the build
   beside it): in instructions, the regression must be called slower, and nothing else;
3. N times (20 where nothing is said) the build against itself, times of the benchmarks that the quiet filter names and
   instructions of all commands: nothing may be called slower or faster.
An hour on two cores for 20. Exit 1 with what went otherwise. build/bench is what `scripts/bench` built.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SOURCE / "scripts"))

from greenfront_bench import instructions  # noqa: E402

OLD = SOURCE / "build" / "bench"
COPY = SOURCE / "build" / "compare" / "planted"
NEW = COPY / "build" / "bench"
REGRESSION = "regression with two effects"
PER_TURN = 6
"""Instructions of one turn of a loop over a volatile number, as GCC and Clang compile it for x86-64."""


def say(text):
    print(text, flush=True)


def copy():
    """What git knows, as it is now; what a plant has changed is as it was again, and what git no longer knows is gone."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=SOURCE, capture_output=True, check=True).stdout.decode()
    names = set(filter(None, listed.split("\0")))
    for path in COPY.rglob("*"):
        name = path.relative_to(COPY)
        if path.is_file() and name.parts[0] != "build" and str(name) not in names:
            path.unlink()
    for name in names:
        old, new = SOURCE / name, COPY / name
        if old.is_file() and not (new.is_file() and new.read_bytes() == old.read_bytes()):
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(old, new)


def plant(*edits):
    """The copy, made slower and built; an edit is (file, old text, new text)."""
    copy()
    for file, old, new in edits:
        path = COPY / file
        text = path.read_text()
        if text.count(old) != 1:
            raise SystemExit(f"bench/planted.py: {file} holds {text.count(old)} times what is to be changed, not once: {old}")
        path.write_text(text.replace(old, new))
    subprocess.run(["bash", "-c", "source scripts/lib.sh && build bench"], cwd=COPY, check=True, stdout=sys.stderr)


def plant_time():
    """A tenth longer, by reading the thread's CPU clock."""
    file = "kernels/dea/evaluate.cpp"
    plant((file, "#include <algorithm>", "#include <algorithm>\n#include <ctime>"),
          (file, "    return frame_holds(job) ? score_by_frame(job) : score_by_passes(job);",
           "    const auto clock = [] {\n"
           "        timespec t{};\n"
           "        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);\n"
           "        return t.tv_sec * 1'000'000'000L + t.tv_nsec;\n"
           "    };\n"
           "    const long begin = clock();\n"
           "    Scores scores = frame_holds(job) ? score_by_frame(job) : score_by_passes(job);\n"
           "    const long end = clock();\n"
           "    while (clock() < end + (end - begin) / 10) {\n    }\n"
           "    return scores;"))


def plant_instructions(turns):
    begin = "options->threads.run([&] { execute(*options); });"
    plant(("engine/app/regress.cpp", begin, f"for (volatile int turn = 0; turn < {turns};) turn = turn + 1; {begin}"))


def compare(old, new, *options):
    """Exit status, and what the comparison found by kind."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "found.json"
        done = subprocess.run([SOURCE / "scripts" / "bench", "compare", old, new, *options, "--json", file],
                              capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1) or not file.exists():
            raise SystemExit(f"bench/planted.py: the comparison ended with {done.returncode}:\n{done.stderr}")
        found = json.loads(file.read_text())
    words = {kind: {entry["name"]: entry for entry in found[kind]} for kind in ("times", "instructions")}
    return done.returncode, words


def check_time(pattern):
    plant_time()
    faults = []
    code, found = compare(OLD, NEW, "--only", "times", "--filter", pattern)
    for name, entry in found["times"].items():
        say(f"planted 10 % of time: {name}: median ratio {entry['ratio']:.3f} [{entry['low']:.3f}, {entry['high']:.3f}], "
            f"{len(entry['ratios'])} rounds: {entry['word']}")
        if entry["word"] != "slower":
            faults.append(f"{name} is a tenth slower and was called {entry['word']}")
    return faults + ([] if code == 1 else [f"the comparison of times ended with {code}"])


def check_instructions():
    counts = dict(instructions.count_all(OLD / "greenfront", SOURCE))
    plant_instructions(round(0.02 * counts[REGRESSION] / PER_TURN))
    faults = []
    code, found = compare(OLD, NEW, "--only", "instructions")
    for name, entry in found["instructions"].items():
        say(f"planted 2 % of instructions in the regression: {name}: {entry['new'] / entry['old']:.4f}: {entry['word']}")
        if (entry["word"] == "slower") != (name == REGRESSION):
            faults.append(f"{name} was called {entry['word']}")
    return faults + ([] if code == 1 else [f"the comparison of instructions ended with {code}"])


def check_quiet(pattern, repetitions):
    faults = []
    for repetition in range(1, repetitions + 1):
        code, found = compare(OLD, OLD, "--filter", pattern)
        entries = [*found["times"].values(), *found["instructions"].values()]
        loud = [f"{e['name']} {e['word']}" for e in entries if e["word"] in ("slower", "faster")]
        ratios = [e["ratio"] for e in found["times"].values()]
        say(f"identical builds, {repetition} of {repetitions}: {len(entries)} comparisons, median ratios "
            f"{min(ratios):.3f} to {max(ratios):.3f}, {len(loud)} called slower or faster")
        if loud or code != 0:
            faults.append(f"repetition {repetition} ended with {code}: {', '.join(loud)}")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repetitions", type=int, default=20)
    parser.add_argument("--time-filter", default="evaluate/W2_")
    parser.add_argument("--quiet-filter", default="evaluate/W2_(radial|sbm)_crs|pairs/with_t")
    options = parser.parse_args()
    faults = check_time(options.time_filter) + check_instructions() + check_quiet(options.quiet_filter, options.repetitions)
    for fault in faults:
        say(f"bench/planted.py: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
