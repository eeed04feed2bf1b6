"""scripts/bench compare OLD NEW: whether a build is slower than another, in times and in instructions.

    scripts/bench compare OLD NEW [--filter REGEX] [--rounds N] [--only times|instructions] [--json FILE]

OLD and NEW are build folders (with greenfront and bench/ in them) or commits of this repository, which are built first,
in build/compare. Times: each benchmark runs in OLD and NEW in rounds, at once on one core and in CPU time, or, where
its time is on the clock (several threads, files), one after the other; the median ratio and its 99.97 % interval
decide. One that stays open gets twice, then four times as many rounds. Instructions: six commands on the panel that comes
with the program, counted by callgrind. Ends with 1 if anything is slower, 0 if not, 70 on a wrong answer.
"""

import argparse
import json
import math
import subprocess
import sys
from pathlib import Path

from . import instructions, machine, outputs, programs, statistics

SOURCE = Path(__file__).resolve().parents[2]


def say(text):
    print(text, file=sys.stderr, flush=True)


def build_of(word):
    """The build folder that a word of the command line means."""
    folder = Path(word)
    if folder.is_dir():
        if not (folder / "bench").is_dir() and not (folder / "greenfront").is_file():
            outputs.refuse(outputs.USAGE, f"{word} has neither bench/ nor greenfront; it is no build folder")
        return folder.resolve()
    commit = machine.output("git", "rev-parse", "--verify", "--quiet", word + "^{commit}", folder=SOURCE)
    if not commit:
        outputs.refuse(outputs.USAGE, f"{word} is neither a folder nor a commit of {SOURCE}")
    tree = SOURCE / "build" / "compare" / commit[:12]
    if not tree.is_dir():
        subprocess.run(["git", "worktree", "add", "--detach", tree, commit], cwd=SOURCE, check=True, stdout=sys.stderr)
    say(f"building {word}")
    subprocess.run(["bash", "-c", "source scripts/lib.sh && build bench"], cwd=tree, check=True, stdout=sys.stderr)
    return tree / "build" / "bench"


class Pair:
    """One benchmark in both builds."""

    def __init__(self, name, old, new):
        self.name, self.old, self.new = name, old, new
        self.ratios = []

    def times(self, *programs_in_order):
        if programs.on_the_clock(self.name):
            entries = [programs.run(program, self.filter(), "--benchmark_min_time=0.05") for program in programs_in_order]
        else:
            entries = programs.run_together(programs_in_order, self.filter(), "--benchmark_min_time=0.2")
        return [programs.seconds(entry) for (entry,) in entries]

    def filter(self):
        return "--benchmark_filter=" + programs.exactly(self.name)

    def round(self):
        # Who goes first alternates: what the first leaves warm or hot meets both.
        if len(self.ratios) % 2 == 0:
            old, new = self.times(self.old, self.new)
        else:
            new, old = self.times(self.new, self.old)
        self.ratios.append(new / old)

    def verdict(self):
        return statistics.judge(self.ratios)


def pairs_of(old, new, pattern):
    """Benchmarks that both builds have, and the names that only one has."""
    pairs, alone = [], []
    ours, theirs = programs.programs(new), programs.programs(old)
    for program in sorted(set(ours) | set(theirs)):
        before = programs.names(theirs[program], pattern) if program in theirs else []
        after = programs.names(ours[program], pattern) if program in ours else []
        pairs += [Pair(name, theirs[program], ours[program]) for name in after if name in before]
        alone += sorted(set(before) ^ set(after))
    return pairs, alone


def compare_times(old, new, pattern, rounds):
    pairs, alone = pairs_of(old, new, pattern)
    if not pairs:
        outputs.refuse(outputs.USAGE, "no benchmark is in both builds" + (f" and matches {pattern}" if pattern else ""))
    for pair in pairs:
        say(line_of(pair.name, statistics.decide(pair.ratios, rounds, pair.round)))
    for name in alone:
        say(f"  in one build only  {name}")
    return pairs


def line_of(name, verdict):
    bound = "   -  " if math.isinf(verdict.high) else f"{verdict.high:6.3f}"
    return f"  {verdict.ratio:6.3f}  [{verdict.low:6.3f}, {bound}]  {verdict.word:6}  {name}"


def compare_instructions(old, new):
    rows = []
    for (name, before), (_, after) in zip(instructions.count_all(old / "greenfront", SOURCE),
                                          instructions.count_all(new / "greenfront", SOURCE)):
        rows.append((name, before, after, instructions.verdict(before, after)))
        say(f"  {after / before:7.4f}  {before:>14,d} {after:>14,d}  {rows[-1][3]:6}  {name}")
    return rows


def report(pairs, rows):
    """What is slower or faster, one line each, on standard output."""
    for pair in pairs:
        if pair.verdict().word in ("slower", "faster"):
            print(f"{pair.verdict().word}: {pair.name}: {pair.verdict().ratio:.3f} times the old time, "
                  f"{len(pair.ratios)} rounds")
    for name, before, after, word in rows:
        if word in ("slower", "faster"):
            print(f"{word}: {name}: {after / before:.4f} times the old instructions")
    words = [pair.verdict().word for pair in pairs] + [row[3] for row in rows]
    print(", ".join(f"{words.count(word)} {word}" for word in ("slower", "faster", "same", "open")))
    return 1 if "slower" in words else 0


def described(build):
    """The folder of a build and the commit that lies around it ("" where there is none)."""
    return {"folder": str(build), "commit": machine.output("git", "describe", "--always", "--dirty", "--abbrev=40", folder=build)}


def write(file, old, new, pairs, rows):
    text = {
        "machine": machine.describe(SOURCE),
        "old": described(old),
        "new": described(new),
        "times": [{"name": p.name, "ratios": p.ratios, **vars(p.verdict())} for p in pairs],
        "instructions": [{"name": n, "old": b, "new": a, "word": w} for n, b, a, w in rows],
    }
    file.write_text(json.dumps(text, indent=1) + "\n")


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench compare", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", metavar="OLD")
    parser.add_argument("new", metavar="NEW")
    parser.add_argument("--filter", default="", help="only benchmarks whose name this regular expression matches")
    parser.add_argument("--rounds", type=int, default=15, help="at least 13 (default 15)")
    parser.add_argument("--only", choices=("times", "instructions"))
    parser.add_argument("--json", type=Path, help="write all ratios and counts")
    options = parser.parse_args(arguments)
    if statistics.order(options.rounds) == 0:
        parser.error(f"--rounds {options.rounds}: so few ratios have no {statistics.CONFIDENCE:.2%} interval; at least 13")
    programs.require_pattern(parser, options.filter)
    if options.json:
        outputs.require_place(options.json)
    try:
        old, new = build_of(options.old), build_of(options.new)
        pairs = compare_times(old, new, options.filter, options.rounds) if options.only != "instructions" else []
        rows = compare_instructions(old, new) if options.only != "times" else []
    except programs.WrongAnswer as wrong:
        say(f"bench: {wrong}")
        return 70
    if options.json:
        write(options.json, old, new, pairs, rows)
    return report(pairs, rows)
