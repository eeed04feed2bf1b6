"""The benchmark programs of a build (Google Benchmark) and what they print."""

import contextlib
import json
import os
import re
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


def start(program, *options, core=None):
    """The running program; `core`: the only one that it may use."""
    pin = None if core is None else lambda: os.sched_setaffinity(0, {core})
    return subprocess.Popen([program, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=pin)


def finish(process):
    """What a program has printed, when it has ended."""
    out, err = process.communicate()
    if process.returncode != 0:
        program, *options = process.args
        raise WrongAnswer(f"{program} {' '.join(options)} ended with {process.returncode}:\n{err.strip()}")
    return out


def call(program, *options):
    process = start(program, *options)
    with ended([process]):
        return finish(process)


def names(program, pattern=""):
    """The benchmarks of a program whose names match."""
    options = ["--benchmark_list_tests=true"] + ([f"--benchmark_filter={pattern}"] if pattern else [])
    lines = call(program, *options).splitlines()
    return [line for line in lines if line and not line.startswith("Failed to match")]


def require_pattern(parser, pattern):
    """Ends the program where --filter is no regular expression."""
    try:
        re.compile(pattern)
    except re.error as problem:
        parser.error(f"--filter {pattern}: {problem}")


def entries_of(program, text):
    entries = json.loads(text)["benchmarks"]
    for entry in entries:
        if entry.get("error_occurred"):
            raise WrongAnswer(f"{program}: {entry['name']}: {entry['error_message']}")
    return entries


def run(program, *options):
    """One entry a benchmark and repetition. Raises WrongAnswer where a benchmark says so."""
    return entries_of(program, call(program, "--benchmark_format=json", *options))


def run_together(programs, *options):
    """The entries of each, started in this order and run at once on one core, which the system deals out in turns of
    milliseconds: what slows the machine down for longer than that meets all alike."""
    core = max(os.sched_getaffinity(0))
    running = []
    with ended(running):
        running += (start(program, "--benchmark_format=json", *options, core=core) for program in programs)
        return [entries_of(process.args[0], finish(process)) for process in running]


@contextlib.contextmanager
def ended(running):
    """At the end none of the processes runs any more, whatever has happened."""
    try:
        yield
    finally:
        for process in running:
            if process.poll() is None:
                process.kill()
                process.communicate()


def on_the_clock(name):
    """Whether a benchmark's time is on the clock: it has several threads, or waits for files."""
    return "/real_time" in name


def seconds(entry):
    """Time of one iteration, CPU time or on the clock."""
    return entry["real_time" if on_the_clock(entry["name"]) else "cpu_time"] * SECONDS[entry["time_unit"]]


def exactly(name):
    """A filter that this benchmark alone matches."""
    special = r"\.^$|()[]{}*+?"
    return "^" + "".join("\\" + c if c in special else c for c in name) + "$"
