"""scripts/bench scaling: how time grows with threads, units, replicates and scenarios, and what the machine gives.

    scripts/bench scaling [--long | --short] [-o FILE.json]

Units, replicates: CPU time on one thread. Threads, scenarios: time on the clock, with the CPU time of every thread,
beside the same work in as many processes as there are threads. Every answer is checked. About four minutes on two
cores; --long goes on to a million units and 10,000 scenarios, --short takes the smallest sizes, to see that answers
are right. Ends with 70 on a wrong answer.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from . import growth, machine, outputs, programs, statistics, study

SOURCE = Path(__file__).resolve().parents[2]
STUDY = SOURCE / "bench" / "studies" / "sweep_10000.toml"
MODELS = ("radial_crs", "radial_vrs", "sbm_crs", "sbm_vrs")

SIZES = {
    "short": {"units": (100, 242), "efficiency_bootstrap": (20, 40), "pairs": (100, 200), "wild": (400, 800),
              "scenarios": (8, 16), "threads": (("sbm_crs", 242), ("pairs", 200)), "seconds": 0.0},
    "usual": {"units": (242, 1000, 3000, 10000, 30000, 100000), "efficiency_bootstrap": (100, 400, 1600, 6400),
              "pairs": (1000, 4000, 16000, 64000, 256000), "wild": (4000, 16000, 64000, 256000, 1024000),
              "scenarios": (64, 256, 1024, 2048), "seconds": 0.4,
              "threads": (("radial_vrs", 30000), ("sbm_crs", 30000), ("efficiency_bootstrap", 2000),
                          ("pairs", 50000), ("wild", 500000))},
}
SIZES["long"] = {**SIZES["usual"], "units": (*SIZES["usual"]["units"], 300000, 1000000),
                 "scenarios": (*SIZES["usual"]["scenarios"], 10000), "seconds": 2.0}
SWEEP = {"short": 16, "usual": 512, "long": 2048}
"""Scenarios of the sweep that runs on one thread, two, ..."""
TURNS = 5
"""How often numbers of threads are gone through, so that a slow while of the machine meets no single one of them."""
RUNS = 2
"""How often whole studies are run."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def play(program, work, size, threads, seconds):
    """What bench/scaling/scaling.cpp prints."""
    return json.loads(programs.call(program, work, str(size), str(threads), str(seconds)))


def cpu(rounds):
    return statistics.median([sum(r["busy"]) for r in rounds])


def grown(program, work, size, seconds):
    """One point of a curve: CPU seconds of a run on one thread."""
    got = play(program, work, size, 1, seconds)
    rounds = got.pop("rounds")
    say(f"  {work} {size}: {cpu(rounds):.4g} s")
    return {"work": work, "size": size, "seconds": cpu(rounds), "rounds": len(rounds), **got}


def thread_counts(cores):
    """All up to four, then about half as many more each time, and the last."""
    counts, n = [], 1
    while n < cores:
        counts.append(n)
        n = n + 1 if n < 4 else n * 3 // 2
    return [*counts, cores]


def side_by_side(program, work, size, processes, seconds):
    """CPU seconds of a run on one thread while as many processes do the same: the least of all their rounds."""
    words = [program, work, str(size), "1", str(seconds)]
    running = [programs.start(*words) for _ in range(processes)]
    with programs.ended(running):
        rounds = [r for process in running for r in json.loads(programs.finish(process))["rounds"]]
    return min(sum(r["busy"]) for r in rounds)


def threads_of(program, work, size, counts, seconds):
    """A row for each number of threads; of its rounds the fastest, and of CPU time on one thread, alone and side by side, the
    least: those that others disturbed least. A run beside others is one on one thread too, and bounds what one alone needs."""
    rounds, beside = {n: [] for n in counts}, {n: [] for n in counts}
    for _ in range(TURNS):
        for n in counts:
            rounds[n] += play(program, work, size, n, seconds / TURNS)["rounds"]
            beside[n] += [side_by_side(program, work, size, n, seconds / TURNS)] if n > 1 else []
    rows, alone = [], min([sum(r["busy"]) for r in rounds[counts[0]]] + [least for n in counts for least in beside[n]])
    for n in counts:
        best = min(rounds[n], key=lambda r: r["seconds"])
        rows.append({"work": work, "size": size, "threads": n, "seconds": best["seconds"], "busy": best["busy"],
                     "alone": alone, "side_by_side": min(beside[n], default=alone)})
        say(f"  {work} {size}, {n} threads: {best['seconds']:.4g} s")
    return rows


def sweep_threads(program, panel, scenarios, counts):
    """The same of a whole run of a study; its time beside others is not measured."""
    runs = {n: [] for n in counts}
    for _ in range(RUNS):
        for n in counts:
            runs[n].append(study.run(program, STUDY, panel, n, scenarios))
    rows, alone = [], min(got["cpu"] for got in runs[counts[0]])
    for n in counts:
        got = min(runs[n], key=lambda run: run["seconds"])
        rows.append({"work": "study with a sweep", "size": scenarios, "alone": alone, "side_by_side": None, **got})
        say(f"  study with {scenarios} scenarios, {n} threads: {got['seconds']:.4g} s")
    return rows


def pricing(program, short):
    """The pricing passes and what the machine gives, medians of the counters."""
    options = ["--benchmark_min_time=0.001"] if short else ["--benchmark_min_time=0.1", "--benchmark_repetitions=3"]
    by_name = {}
    for entry in programs.run(program, *options):
        if entry.get("run_type") != "aggregate":
            by_name.setdefault(entry["run_name"], []).append(entry)
    rows = []
    for name, entries in by_name.items():
        middle = {key: statistics.median([e[key] for e in entries])
                  for key in ("KiB", "intensity", "GB/s", "GFLOP/s", "reading", "product")}
        kernel, size = name.split("/")
        rows.append({"kernel": kernel, "columns": int(size.split(":")[-1]), **middle})
    return rows


def fits(curves):
    """The growth of each work of one curve."""
    found = {}
    for work in dict.fromkeys(row["work"] for row in curves):
        rows = [row for row in curves if row["work"] == work]
        got = growth.fit([r["size"] for r in rows], [r["seconds"] for r in rows])
        if got:
            found[work] = vars(got)
    return found


def measure(build, mode):
    sizes, cores = SIZES[mode], len(os.sched_getaffinity(0))
    program, seconds = build / "bench" / "scaling" / "scaling", sizes["seconds"]
    found = {}
    if (build / "bench" / "bench_pricing").is_file():
        say("pricing passes")
        found["pricing"] = pricing(build / "bench" / "bench_pricing", mode == "short")
    elif mode != "short":
        outputs.refuse(outputs.NO_INPUT, f"{build} has no bench/bench_pricing; it is no build of the preset bench")
    say("units")
    found["units"] = [grown(program, m, n, seconds) for m in MODELS for n in sizes["units"]]
    say("replicates")
    found["replicates"] = [grown(program, work, b, seconds) for work in ("efficiency_bootstrap", "pairs", "wild")
                           for b in sizes[work]]
    counts = thread_counts(cores)
    say("threads")
    found["threads"] = [row for work, size in sizes["threads"]
                        for row in threads_of(program, work, size, counts, 4 * seconds)]
    say("scenarios")
    with tempfile.TemporaryDirectory() as folder:
        panel = study.make_panel(build / "greenfront", Path(folder))
        found["scenarios"] = scenarios(build / "greenfront", panel, sizes["scenarios"], cores)
        found["threads"] += sweep_threads(build / "greenfront", panel, SWEEP[mode], counts)
    return found


def scenarios(program, panel, sizes, cores):
    """Three rows for each number of scenarios, of the fastest of its runs."""
    runs = {n: [] for n in sizes}
    for _ in range(RUNS):
        for n in sizes:
            runs[n].append(study.run(program, STUDY, panel, cores, n))
    rows = []
    for n in sizes:
        got = min(runs[n], key=lambda run: run["seconds"])
        say(f"  {n} scenarios: {got['seconds']:.4g} s")
        rows.append({"work": "whole run", "size": n, **got})
        rows.append({"work": "the sweep alone", "size": n, "seconds": got["stages"]["sweep.levers"]})
        rows.append({"work": "writing the results", "size": n, "seconds": got["commit"]})
    return rows


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench scaling", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=SOURCE / "build" / "bench", help=argparse.SUPPRESS)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--long", dest="mode", action="store_const", const="long", help="the largest sizes too")
    how.add_argument("--short", dest="mode", action="store_const", const="short", help="see only that answers are right")
    parser.add_argument("-o", "--output", type=Path, help="default build/bench/scaling.json, or part-scaling.json with --short")
    parser.set_defaults(mode="usual")
    options = parser.parse_args(arguments)
    output = options.output or options.build / ("scaling.json" if options.mode != "short" else "part-scaling.json")
    outputs.require_place(output)
    facts, began = machine.describe(SOURCE), time.monotonic()
    try:
        found = measure(options.build, options.mode)
    except programs.WrongAnswer as wrong:
        say(f"bench: {wrong}")
        return 70
    seconds = time.monotonic() - began
    found["fits"] = {curve: fits(found[curve]) for curve in ("units", "replicates", "scenarios")}
    outputs.write(output, {"machine": facts, "seconds": seconds, "mode": options.mode, **found})
    say(f"all figures: {output}, {seconds:.0f} s")
    return 0
