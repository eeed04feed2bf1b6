"""The benchmark programs of a build (Google Benchmark) and what they print."""

import json
import os
import subprocess
from pathlib import Path

SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1.0}


class WrongAnswer(Exception):
    """A benchmark found its own answer wrong, or could not be run."""


def programs(build):
    """The programs of a build folder, by name."""
    found = {}
    for path in sorted((Path(build) / "bench").glob("bench_*")):
        if path.is_file() and os.access(path, os.X_OK):
            found[path.name] = path
    return found


def call(program, *options):
    done = subprocess.run([program, *options], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WrongAnswer(f"{program} {' '.join(options)} ended with {done.returncode}:\n{done.stderr.strip()}")
    return done.stdout


def names(program, pattern=""):
    """The benchmarks of a program whose names match."""
    options = ["--benchmark_list_tests=true"] + ([f"--benchmark_filter={pattern}"] if pattern else [])
    lines = call(program, *options).splitlines()
    return [line for line in lines if line and not line.startswith("Failed to match")]


def run(program, *options):
    """One entry a benchmark and repetition. Raises WrongAnswer where a benchmark says so."""
    text = call(program, "--benchmark_format=json", *options)
    entries = json.loads(text)["benchmarks"]
    for entry in entries:
        if entry.get("error_occurred"):
            raise WrongAnswer(f"{program}: {entry['name']}: {entry['error_message']}")
    return entries


def seconds(entry):
    """CPU time of one iteration; of benchmarks with threads of their own time on the clock."""
    clock = "real_time" if "/real_time" in entry["name"] else "cpu_time"
    return entry[clock] * SECONDS[entry["time_unit"]]


def exactly(name):
    """A filter that this benchmark alone matches."""
    special = r"\.^$|()[]{}*+?"
    return "^" + "".join("\\" + c if c in special else c for c in name) + "$"
