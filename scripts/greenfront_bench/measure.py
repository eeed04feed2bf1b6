"""scripts/bench: every benchmark program once, a JSON file with machine and commit, and a table.

    scripts/bench [--filter REGEX] [--repetitions N] [--min-time SECONDS] [--short] [-o FILE.json]

Each benchmark is repeated (default 3 times, at least 0.1 seconds each); the table has medians and the spread of the
repetitions, (largest - smallest) / median. --short: one repetition of the least length, to see that all answers are
right. What --filter or --short leaves out is not in the JSON file either: theirs is build/bench/part.json, so that
`standing` has no part for the whole. Ends with 70 on a wrong answer.
"""

import argparse
import sys
import time
from pathlib import Path

from . import machine, outputs, programs, statistics

SOURCE = Path(__file__).resolve().parents[2]
OWN = {"name", "run_name", "run_type", "repetitions", "repetition_index", "threads", "iterations", "real_time", "cpu_time",
       "time_unit", "family_index", "per_family_instance_index"}
"""Keys of an entry that are Google Benchmark's; the others are counters."""


def summary(entries):
    """One benchmark of its repetitions: medians of time and counters."""
    times = [programs.seconds(entry) for entry in entries]
    counters = {key: statistics.median([entry[key] for entry in entries])
                for key in entries[0] if key not in OWN and isinstance(entries[0][key], (int, float))}
    middle = statistics.median(times)
    return {"name": entries[0]["run_name"], "seconds": middle, "spread": (max(times) - min(times)) / middle,
            "clock": "real" if programs.on_the_clock(entries[0]["run_name"]) else "cpu", "repetitions": len(times),
            "counters": counters, "label": entries[0].get("label", "")}


def measure(program, pattern, repetitions, least):
    options = [f"--benchmark_repetitions={repetitions}", f"--benchmark_min_time={least}"]
    if pattern:
        if not programs.names(program, pattern):
            return []
        options.append("--benchmark_filter=" + pattern)
    by_name = {}
    for entry in programs.run(program, *options):
        if entry.get("run_type") != "aggregate":
            by_name.setdefault(entry["run_name"], []).append(entry)
    return [summary(entries) for entries in by_name.values()]


def duration(seconds):
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def counter(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def table(results):
    """Markdown: a row a benchmark."""
    lines = ["| benchmark | median | spread | clock | counters |", "|---|---|---|---|---|"]
    for program, rows in results.items():
        for row in rows:
            counters = ", ".join(f"{key} {counter(value)}" for key, value in row["counters"].items())
            spread = f"{row['spread']:.1%}" if row["repetitions"] > 1 else ""
            lines.append(f"| {program}: {row['name']} | {duration(row['seconds'])} | {spread} | {row['clock']} | "
                         f"{counters} |")
    return "\n".join(lines)


def heading(facts, seconds):
    m = facts
    state = " with uncommitted changes" if m["uncommitted_changes"] else ""
    return (f"{m['processor']['name']}, {m['cores']} cores, {m['processor']['vectors']}, {m['memory_gib']} GiB; load "
            f"{m['load'][0]} at the start; commit {m['commit'][:12] or 'unknown'}{state}; {seconds:.0f} s")


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=SOURCE / "build" / "bench", help=argparse.SUPPRESS)
    parser.add_argument("--filter", default="", help="only benchmarks whose name this regular expression matches")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--min-time", type=float, default=0.1)
    parser.add_argument("--short", action="store_true", help="see only that answers are right")
    parser.add_argument("-o", "--output", type=Path, help="default build/bench/figures.json, or part.json with --filter or --short")
    options = parser.parse_args(arguments)
    if options.repetitions < 1:
        parser.error(f"--repetitions {options.repetitions}: at least 1")
    if not options.min_time > 0:
        parser.error(f"--min-time {options.min_time}: more than 0")
    programs.require_pattern(parser, options.filter)
    whole = not options.filter and not options.short
    output = options.output or options.build / ("figures.json" if whole else "part.json")
    outputs.require_place(output)
    repetitions, least = (1, 0.001) if options.short else (options.repetitions, options.min_time)
    facts, began, results = machine.describe(SOURCE), time.monotonic(), {}
    found = programs.programs(options.build)
    if not found:
        outputs.refuse(outputs.NO_INPUT, f"no benchmark was built in {options.build}")
    try:
        for name, program in found.items():
            print(name, file=sys.stderr, flush=True)
            rows = measure(program, options.filter, repetitions, least)
            if rows:
                results[name] = rows
    except programs.WrongAnswer as wrong:
        print(f"bench: {wrong}", file=sys.stderr)
        return 70
    if not results:
        outputs.refuse(outputs.USAGE, f"no benchmark matches {options.filter}")
    seconds = time.monotonic() - began
    outputs.write(output, {"machine": facts, "seconds": seconds, "whole": whole, "programs": results})
    print(heading(facts, seconds), "", table(results), sep="\n")
    print(f"all figures: {output}", file=sys.stderr)
    return 0
