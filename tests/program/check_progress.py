#!/usr/bin/env python3
"""How a run tells of its progress: the file beside it (readable at every moment, after SIGKILL too; one a shard; without effect
on results), JSON lines, and the bar of a terminal."""

import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

from durable import compare, ended, everything, make_study, parts_of, start
from program import PROGRAM, call, check

KEYS = ["format", "format_version", "version", "command", "state", "message", "exit_code", "stage", "done", "units", "rate",
        "seconds_left", "stage_seconds", "stages_done", "failures", "elapsed_seconds", "interval_seconds", "started", "updated",
        "study", "output", "run_id", "shard", "host", "process", "threads"]
POINTS = 4096  # some seconds, so that the file is written on the way


def file_of(output, shard=""):
    return Path(f"{output}{shard}.progress.json")


def read(output, shard=""):
    facts = json.loads(file_of(output, shard).read_text())
    check(list(facts) == KEYS, f"keys of the progress file: {list(facts)}")
    check(not Path(f"{file_of(output, shard)}.new").exists() or facts["state"] == "running", "half a file is left behind")
    return facts


def watch(process, output, until):
    """Reads the file again and again while the run goes on; every reading must be whole."""
    seen = []
    while process.poll() is None:
        if file_of(output).exists():
            facts = read(output)
            if not seen or facts != seen[-1]:
                seen.append(facts)
            if facts["process"] == process.pid and until(facts):  # not what an earlier run has left
                return seen
        time.sleep(0.001)
    sys.exit(f"the run ended before the file said so: {seen[-1:]}\n{process.communicate()[1]}")


def on_its_way(facts):
    return facts["stage"] == "sweep.many" and facts["done"] > 0


def check_killed(folder, study, reference):
    output = folder / "killed.h5"
    process = start("run", study, "-o", output, "--progress", "none", "--threads", 1)
    seen = watch(process, output, on_its_way)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    facts = read(output)
    check(facts["state"] == "running" and facts["exit_code"] is None and facts["message"] == "", f"after SIGKILL: {facts}")
    check(facts["process"] == process.pid and facts["threads"] == 1, f"whose file is it: {facts}")
    check(0 < facts["done"] < facts["units"] == POINTS, f"units: {facts}")
    check(facts["rate"] > 0 and facts["seconds_left"] > 0, f"pace: {facts}")
    check(abs(facts["rate"] * facts["stage_seconds"] - facts["done"]) < 0.2 * facts["done"] + 128, f"rate and units: {facts}")
    # What a kill in the middle of a writing leaves.
    Path(f"{file_of(output)}.new").write_text('{"format": "green')

    process = start("run", study, "-o", output, "--progress", "none", "--threads", 1)
    watch(process, output, on_its_way)
    process.send_signal(signal.SIGTERM)
    ended(process, 75)
    facts = read(output)
    check(facts["state"] == "stopped" and facts["exit_code"] == 75 and facts["message"] == "SIGTERM", f"stopped: {facts}")
    check(facts["stage"] == "sweep.many" and facts["done"] < facts["units"] < POINTS, f"loaded scenarios count as work: {facts}")

    process = start("run", study, "-o", output, "--progress", "none")
    ended(process, 0)
    facts = read(output)
    check(facts["state"] == "done" and facts["exit_code"] == 0 and facts["stage"] is None, f"at the end: {facts}")
    check(facts["failures"] == 0 and facts["stages_done"] == 6, f"at the end: {facts}")
    compare("a run that was killed and stopped, with a progress file", reference, output)
    before = file_of(output).read_bytes()
    call("run", study, "-o", output, "--progress", "none")  # nothing to do
    check(file_of(output).read_bytes() == before, "a run with nothing to do has written the progress file")


def check_without(folder, study):
    """Results of a run without the file, and of one whose file cannot be written."""
    output, barred = folder / "without.h5", folder / "barred.h5"
    call("run", study, "-o", output, "--progress", "none", "--no-progress-file")
    check(not file_of(output).exists(), "--no-progress-file has left a file")
    reference = everything(output)
    file_of(barred).mkdir()
    done = call("run", study, "-o", barred, "--progress", "none")
    check(done.stderr.count("\n") == 1 and "the run goes on without it" in done.stderr, f"no warning, or many: {done.stderr}")
    check(not Path(f"{file_of(barred)}.new").exists(), "half a file is left behind")
    compare("a run whose progress file cannot be written", reference, barred)
    return reference


def check_shards(folder, study):
    """A small sweep: each shard its own file, and one of the merge."""
    output = folder / "shards.h5"
    for k in (1, 2):
        call("run", study, "-o", output, "--progress", "none", "--shard", f"{k}/2")
        facts = read(output, f".shard-{k}-of-2")
        check(facts["shard"] == {"index": k, "count": 2} and facts["state"] == "done", f"shard {k}: {facts}")
    check(not file_of(output).exists(), "a shard has written the file of a whole run")
    first = next(parts_of(output).glob("sweep-1-*.part"))
    good = first.read_bytes()
    first.write_bytes(good[:-50])
    done = call("merge", "-o", output, parts_of(output), "--progress", "none", expect=65)
    facts = read(output)
    check(facts["state"] == "failed" and facts["exit_code"] == 65 and facts["command"] == "merge", f"a merge that fails: {facts}")
    check(facts["message"] in done.stderr and first.name in facts["message"], f"why it failed: {facts}")
    check(facts["stage"] == "sweep.many", f"where it failed: {facts}")
    first.write_bytes(good)
    call("merge", "-o", output, parts_of(output), "--progress", "none")
    facts = read(output)
    check(facts["state"] == "done" and facts["shard"] is None and facts["command"] == "merge", f"a merge: {facts}")


def check_lines(folder, study):
    """Every line is an object, and the events come in their order; a refused study has its last word, too."""
    done = call("run", study, "-o", folder / "lines.h5", "--progress", "json")
    objects = [json.loads(line) for line in done.stderr.splitlines()]
    stage = None
    for one in objects:
        if one["event"] == "begin":
            check(stage is None, f"a stage begins within another: {objects}")
            stage = one["stage"]
        elif one["event"] in ("advance", "end"):
            check(one["stage"] == stage and one["done"] <= one["units"] and one["failures"] == 0, f"{one}")
            if one["event"] == "advance":
                check(one["rate"] > 0 and one["seconds_left"] >= 0, f"{one}")
            else:
                stage = None
    check(objects[-1] == {"event": "finish", "state": "done", "exit_code": 0, "failures": 0, "text": ""}, f"{objects[-1]}")
    check(any(one["event"] == "advance" and one["stage"] == "sweep.many" for one in objects), "no sign on the way")
    done = call("run", study, "-o", folder / "stopped.h5", "--progress", "json", "--time-limit", "0:0:0", expect=75)
    last = json.loads(done.stderr.splitlines()[-1])
    check(last["event"] == "finish" and last["state"] == "stopped" and last["exit_code"] == 75, f"{done.stderr}")
    done = call("run", folder / "none.toml", "-o", folder / "none.h5", "--progress", "json", expect=66)
    last = json.loads(done.stderr.splitlines()[-2])  # behind it the message that people read
    check(last["event"] == "finish" and last["state"] == "failed" and "none.toml" in last["text"], f"{done.stderr}")
    check(not file_of(folder / "none.h5").exists(), "a run that never began has left a file")


def check_bar(folder, study):
    """A terminal of sixty columns: no line is wider, and the bar has rate and time left."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 60, 0, 0))
    process = subprocess.Popen([PROGRAM, "run", study, "-o", folder / "bar.h5", "--threads", "1"], stdin=slave, stdout=slave,
                               stderr=slave)
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # the other side has gone
            break
        if not piece:
            break
        shown += piece
    process.wait()
    os.close(master)
    text = shown.decode()
    check(process.returncode == 0, text)
    drawn = [line for line in text.replace("\n", "\r").split("\r") if "[" in line.replace("\x1b[K", "")]
    bars = [line.replace("\x1b[K", "") for line in drawn]
    check(all(len(line) < 60 for line in bars), f"wider than the terminal: {bars}")
    check(any("sweep.many [###" in line and "/s, " in line and " left" in line for line in bars), f"no bar: {bars}")
    check("sweep.many: " in text, f"no line at the end of a stage: {text}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        study = make_study(folder, POINTS, cities=100, years="2011:2016")
        reference = check_without(folder, study)
        check_killed(folder, study, reference)
        small = folder / "small"
        small.mkdir()
        study = make_study(small, 256)
        check_shards(small, study)
        check_lines(small, study)
        large = folder / "large"
        large.mkdir()
        check_bar(large, make_study(large, 8192))  # long enough for a bar to move on any machine
    print("progress: the file is whole at every moment and changes no result; lines, bar and shards are as documented")
    return 0


if __name__ == "__main__":
    sys.exit(main())
