"""What the tests of runs that survive share: a study with many blocks, processes that are watched and ended."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from program import PROGRAM, attributes, call, check, datasets, differences

STUDY = """
name = "durable"
seed = 1
[panel]
file = "panel.csv"
unit = "city"
time = "year"
[dea.eff]
inputs = ["labour", "electricity"]
good = ["gdp"]
bad = ["co2"]
reference = "global"
[regression.main]
formula = "eff ~ students + wage | city + year"
[bootstrap.main]
regression = "main"
cluster = "city"
replicates = 20
[placebo.main]
regression = "main"
treatment = "students"
replicates = 19
[lever.retrofit]
operations = [{ type = "scale", variable = "electricity", per_unit = -0.01 }]
[lever.study]
operations = [{ type = "scale", variable = "students", per_unit = 0.5 }]
[sweep.few]
dea = "eff"
design = "list"
[[sweep.few.scenario]]
name = "retrofit"
levers = [{ lever = "retrofit", intensity = 20, path = { start = 2012 } }]
[sweep.many]
dea = "eff"
regression = "main"
bootstrap = "main"
design = "latin-hypercube"
points = POINTS
[[sweep.many.levers]]
lever = "retrofit"
low = 0
high = 15
path = { start = 2012 }
[[sweep.many.levers]]
lever = "study"
low = 0
high = 1
path = { start = 2012 }
"""


def make_study(folder, points, cities=20, years="2011:2014"):
    """A study beside its panel; returns its path. `points` scenarios are points / 64 blocks, and one more sweep has one."""
    call("synth", "-o", folder / "panel.csv", "--cities", cities, "--years", years)
    study = folder / "study.toml"
    study.write_text(STUDY.replace("POINTS", str(points)))
    return study


def parts_of(output):
    return Path(f"{output}.parts")


def blocks(output):
    """The parts of a run by name; a part that is made anew has another inode or time."""
    found = {}
    try:
        paths = list(parts_of(output).glob("sweep-*.part"))
    except FileNotFoundError:  # a run that ends takes the folder away
        return found
    for path in paths:
        try:
            facts = path.stat()
        except FileNotFoundError:  # and the parts before it
            continue
        found[path.name] = (facts.st_ino, facts.st_mtime_ns, facts.st_size)
    return found


def everything(output, merged=False):
    """All datasets and attributes but those of /provenance. A merge knows the panel by its absolute name."""
    found = {**datasets(output), **{f"attribute {name}": value for name, value in attributes(output).items()}}
    if merged:
        found = {k: v for k, v in found.items() if k not in ("attribute panel/source", "attribute panel/checksum")}
    return found


def compare(what, reference, output, merged=False):
    if merged:
        reference = {k: v for k, v in reference.items() if k not in ("attribute panel/source", "attribute panel/checksum")}
    found = differences(reference, everything(output, merged))
    check(not found, f"{what}: {len(found)} of {len(reference)} datasets and attributes differ: {found[:10]}")


def start(*arguments, **options):
    return subprocess.Popen([str(PROGRAM), *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            **options)


def ended(process, expect, *words):
    """Waits for the end of a process; its exit code and all `words` in its messages are checked."""
    out, err = process.communicate(timeout=540)
    check(process.returncode == expect, f"exit {process.returncode}, expected {expect}\n{process.args}\n{out}\n{err}")
    for word in words:
        check(word in err, f"the message does not say {word!r}:\n{process.args}\n{err}")
    return err


def wait_until(process, condition):
    """True when the condition holds while the process still runs."""
    while process.poll() is None:
        if condition():
            return True
    return False


def wait_for_blocks(process, output, count=1):
    if not wait_until(process, lambda: len(blocks(output)) >= count):
        sys.exit(f"the run ended before it had {count} blocks:\n{process.args}\n{process.communicate()[1]}")


def temporary_in(folder, front=""):
    try:
        return any(name.startswith(front) and name.endswith(".tmp") for name in os.listdir(folder))
    except FileNotFoundError:
        return False


class Killer:
    """Ends a run by SIGKILL at moments of every kind, and checks each time that nothing finished was lost or made again."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.kills = {"start": 0, "between": 0, "part": 0, "result": 0}

    def moment(self, output, kind):
        """When this kill is due."""
        if kind == "start":  # while the study is read, the lock is taken, the first stages run
            due = time.monotonic() + self.random.uniform(0, 0.1)
            return lambda: time.monotonic() >= due
        if kind == "result":  # while the results are written; they are never half there
            return lambda: temporary_in(output.parent, output.name + ".")
        wanted = len(blocks(output)) + self.random.randint(1, 4)
        if kind == "between":
            delay = self.random.uniform(0, 0.01)
            return lambda: len(blocks(output)) >= wanted and (time.sleep(delay) or True)
        return lambda: len(blocks(output)) >= wanted and temporary_in(parts_of(output), "sweep-")

    def run(self, output, command, kind):
        """True where the run was killed, False where it came to its end."""
        before = blocks(output)
        process = start(*command)
        due = wait_until(process, self.moment(output, kind))
        if due:
            process.send_signal(signal.SIGKILL)
        process.communicate()
        if process.returncode != -signal.SIGKILL:
            check(process.returncode == 0, f"a run that was to be killed ended with {process.returncode}")
            return False
        self.kills[kind] += 1
        after = blocks(output)
        for name, facts in before.items():
            check(after.get(name) == facts, f"kill {sum(self.kills.values())} ({kind}): {name} was lost or made again")
        return True


def skipped(what, why):
    print(f"not tried: {what}: {why}", file=sys.stderr)
