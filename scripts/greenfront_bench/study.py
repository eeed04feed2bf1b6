"""One run of a study by the program: seconds of each stage, of writing the results, CPU time of each thread."""

import json
import resource
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from .programs import WrongAnswer

SAMPLE = 0.01
"""Seconds between two looks at the threads' CPU time."""


def watch(process, busy):
    """CPU seconds of every thread of a process until it ends, as last seen."""
    folder = Path(f"/proc/{process.pid}/task")
    while process.poll() is None:
        try:
            for task in folder.iterdir():
                busy[task.name] = int((task / "schedstat").read_text().split()[0]) * 1e-9
        except (OSError, IndexError):
            pass  # a thread, or the process, has just ended
        time.sleep(SAMPLE)


def timed_lines(stream):
    """Events, and what else is said as a note."""
    for line in stream:
        event = json.loads(line) if line.startswith("{") else {"event": "note", "text": line.strip()}
        yield time.monotonic(), event


def make_panel(program, folder):
    """The panel of the study as a file: to synthesize it takes longer than a small sweep."""
    panel = folder / "panel.csv"
    done = subprocess.run([program, "synth", "-o", panel], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WrongAnswer(f"greenfront synth: {done.stderr.strip()}")
    return panel


def run(program, study, panel, threads, scenarios):
    """Seconds on the clock and of CPU, of stages and of the commit (from the end of the last stage to the file)."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "results.h5"
        command = [program, "run", study, "-o", output, "--threads", str(threads), "--progress", "json", "--set", f"panel.file={panel}",
                   "--set", f"sweep.levers.points={scenarios}"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        busy = {}
        watcher = threading.Thread(target=watch, args=(process, busy))
        watcher.start()
        stages, last, written, said = {}, None, None, ""
        for when, event in timed_lines(process.stderr):
            said = event.get("text") or said
            if event["event"] == "end":
                stages[event["stage"]] = event["seconds"]
                last = when
            elif event["event"] == "note" and event["text"].startswith("wrote "):
                written = when
        code = process.wait()
        seconds = time.monotonic() - began
        watcher.join()
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if code != 0 or last is None or written is None:
            raise WrongAnswer(f"{study} ended with {code}: {said}")
        check(program, output)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"threads": threads, "seconds": seconds, "cpu": cpu, "busy": sorted(busy.values(), reverse=True),
                "stages": stages, "commit": written - last, "megabytes": output.stat().st_size * 1e-6}


def check(program, output):
    """Every stored efficiency, by certificates made anew from the file's data."""
    done = subprocess.run([program, "verify", output], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise WrongAnswer(f"greenfront verify: {done.stdout}{done.stderr}")
