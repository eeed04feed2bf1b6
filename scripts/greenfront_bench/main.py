"""The words of scripts/bench that Python serves."""

import subprocess
from pathlib import Path

from . import compare, measure, report, rivals, scaling, standing

WORDS = {"compare": compare.main, "scaling": scaling.main, "report": report.main, "standing": standing.main}
FOLDER = Path(__file__).resolve().parents[2] / "build" / "bench"


def solvers(json):
    """The programs of one panel beside CLP, GLPK and lp_solve."""
    command = [FOLDER / "bench" / "rivals" / "bench_dea_rivals", "--only", "city", "--rounds", "3", "--json", json]
    return subprocess.run(command, check=False).returncode


def everything():
    """All benchmarks, the rivals, how it scales, then the tables and pictures of that; ends where something is wrong."""
    return (measure.main([]) or solvers(FOLDER / "rivals.json") or rivals.main(["--json", str(FOLDER / "scripts.json")])
            or scaling.main([]) or report.main([]) or standing.main([]))


def main(arguments):
    if arguments and arguments[0] in WORDS:
        return WORDS[arguments[0]](arguments[1:])
    if arguments[:2] == ["rivals", "--scripts"]:
        return rivals.main(arguments[2:])
    return measure.main(arguments) if arguments else everything()
