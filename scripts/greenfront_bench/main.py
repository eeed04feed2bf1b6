"""The words of scripts/bench that Python serves."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from . import compare, machine, measure, report, rivals, scaling, standing

WORDS = {"compare": compare.main, "scaling": scaling.main, "report": report.main, "standing": standing.main}
FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench"


def solvers(file):
    """The programs of two panels beside CLP, GLPK and lp_solve; the figures get machine and commit. 70 where an answer is wrong
    or the program does not end as it should: a solver that crashes takes it along."""
    facts = machine.describe(FOLDER.parents[1])
    command = [FOLDER / "bench" / "rivals" / "bench_dea_rivals", "--only", "city", "--rounds", "3", "--json", file]
    code = subprocess.run(command, check=False).returncode
    if code != 0:
        ended = f"was ended by signal {-code}" if code < 0 else f"ended with {code}"
        print(f"{command[0].name} {ended}: no figures of the solvers", file=sys.stderr)
        file.unlink(missing_ok=True)
        return 70
    file.write_text(json.dumps({**json.loads(file.read_text()), "machine": facts}, indent=1) + "\n")
    return 0


def everything():
    """All benchmarks, the rivals, how it scales, then the tables and pictures of that. What is wrong in one does not keep the
    others from being made; its code is the last word. Nothing of an earlier run is left to be taken for this one's."""
    files = {name: FOLDER / f"{name}.json" for name in ("figures", "rivals", "scripts", "scaling")}
    for file in files.values():
        file.unlink(missing_ok=True)
    if (FOLDER / "report").exists():
        shutil.rmtree(FOLDER / "report")
    codes = [measure.main([]), solvers(files["rivals"]), rivals.main(["--json", str(files["scripts"])]), scaling.main([])]
    if files["scaling"].exists():
        codes.append(report.main([]))
    if files["figures"].exists():
        codes.append(standing.main([]))
    return max(codes)


@contextlib.contextmanager
def temporary_files_in(folder):
    """Of this program and of those that it calls."""
    before = os.environ.get("TMPDIR"), tempfile.tempdir
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    try:
        yield
    finally:
        tempfile.tempdir = before[1]
        if before[0] is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = before[0]


def main(arguments):
    """Interrupted, it leaves no process, no temporary file, and no traceback."""
    with tempfile.TemporaryDirectory() as folder, temporary_files_in(folder):
        try:
            return serve(arguments)
        except KeyboardInterrupt:
            print("bench: interrupted; what was measured so far is not kept", file=sys.stderr)
            return 130


def serve(arguments):
    if arguments and arguments[0] in WORDS:
        return WORDS[arguments[0]](arguments[1:])
    if arguments[:2] == ["rivals", "--scripts"]:
        return rivals.main(arguments[2:])
    return measure.main(arguments) if arguments else everything()
