#!/usr/bin/env python3
"""What `greenfront plan` predicts beside what the run takes: CPU seconds, peak of resident memory, size of the result file.

    bench/plan_accuracy.py --program build/release/greenfront [--threads 1] [--only NAME] [--no-slow]

Exit 1 when a time is off by more than a factor of 2 or a peak by more than 25 %. Time is user and system CPU time of the
run, all threads together, because other work on the machine stretches the clock more than it does this. A study of the
list runs once; the table is that of docs/guide/scale.md.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
CATALOG = HERE.parent / "scenarios" / "catalog"
# name, study, what --set changes, whether it takes more than half a minute
STUDIES = [
    ("reference study", CATALOG / "huang2025.toml", [], False),
    ("policy study", CATALOG / "huang2025_policy.toml", [], False),
    ("countries", CATALOG / "countries.toml", [], False),
    ("efficiency of 30,000 rows", HERE / "studies" / "efficiency_30000.toml", [], True),
    ("99,999 replicates", HERE / "studies" / "resampling_99999.toml", [], False),
    ("1,000 scenarios", HERE / "studies" / "sweep_10000.toml", ["sweep.levers.points=1000"], False),
    ("200 uncertain scenarios", HERE / "studies" / "sweep_10000.toml",
     ["sweep.levers.points=200", "sweep.levers.parameters=drawn"], True),
    ("10,000 scenarios", HERE / "studies" / "sweep_10000.toml", [], True),
]


def predicted(program, study, options, threads):
    command = [program, "plan", study, "--format", "json", "--threads", str(threads), *options]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def measured(program, study, options, threads):
    """CPU seconds, megabytes of memory and of the file."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "results.h5"
        command = [program, "run", study, "-o", output, "--threads", str(threads), "--progress", "none", *options]
        child = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: exit {child.returncode}")
        return used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6, output.stat().st_size / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/release/greenfront")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", default="", help="studies whose name contains this")
    parser.add_argument("--no-slow", action="store_true", help="without the studies that take more than half a minute")
    arguments = parser.parse_args()
    print("| study | CPU seconds: predicted, real | ratio | memory, MB | ratio | file, MB | ratio |")
    print("|---|---|---|---|---|---|---|")
    outside = 0
    for name, study, sets, slow in STUDIES:
        if arguments.only not in name or (slow and arguments.no_slow):
            continue
        options = [word for change in sets for word in ("--set", change)]
        plan = predicted(arguments.program, study, options, arguments.threads)
        real = measured(arguments.program, study, options, arguments.threads)
        guess = plan["seconds"], plan["memory_megabytes"], plan["file_megabytes"]
        ratio = [g / r for g, r in zip(guess, real)]
        cells = [f"{g:.3g}, {r:.3g} | {q:.2f}" for g, r, q in zip(guess, real, ratio)]
        print(f"| {name} | {' | '.join(cells)} |", flush=True)
        outside += not 0.5 <= ratio[0] <= 2 or not 0.75 <= ratio[1] <= 1.25
    if outside:
        sys.exit(f"{outside} studies are outside a factor of 2 of time or 25 % of memory")


if __name__ == "__main__":
    main()
