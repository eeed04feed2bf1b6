"""scripts/bench standing: every workload as a ratio to the best rival and to the machine's limit.

    scripts/bench standing [FOLDER] [-o FILE.md]

FOLDER (default build/bench) has what scripts/bench leaves: figures.json, and as far as they were measured rivals.json (solvers)
and scripts.json (rivals --scripts). The best rival is the fastest of those whose
answers are all right; beside it stands what ours takes in that contest, whose data may be larger or smaller than the
benchmark's. The limit is what a benchmark names: work at the speed at which the machine did nothing else in the same run
(bench/calibration). The table is printed and written to FOLDER/report/standing.md.
"""

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from . import outputs, statistics
from .measure import duration, heading
from .tables import markdown

SOURCE = Path(__file__).resolve().parents[2]
CASES = ("radial_crs", "radial_vrs", "sbm_crs", "sbm_vrs")


def of_efficiency(panel, units):
    """Both contests: of solvers, which name a panel, and of scripts, which name its units."""
    return {f"bench_dea: evaluate/{panel}_{case}": [
        ("solvers", f"{panel} {case.replace('sbm', 'SBM').replace('_', ' ')}"),
        ("scripts", f"{case.replace('sbm', 'SBM').replace('_', '-')}-{units}")] for case in CASES}


RIVALS_OF = {
    **of_efficiency("W1", 242),
    **of_efficiency("W2", 2904),
    "bench_regression: one_fit/one_cell_in_missing:0": [("scripts", "fit")],
    "bench_regression: one_fit/one_cell_in_missing:10": [("scripts", "fit-missing")],
    "bench_limited: one_fit/tobit": [("scripts", "censored")],
    "bench_limited: one_fit/fractional_logit": [("scripts", "share")],
    "bench_resample: pairs/coefficients": [("scripts", "pairs")],
    "bench_resample: pairs/with_t": [("scripts", "pairs-t")],
    "bench_group_difference: permutation/unit_and_year": [("scripts", "groups")],
    "bench_resample: placebo/trajectory_with_t": [("scripts", "placebo")],
    "bench_wild: wild/type_11": [("scripts", "wild")],
    "bench_scenarios: entropy": [("scripts", "entropy")],
    "bench_random: words": [("scripts", "words")],
    "bench_random: below/n:242": [("scripts", "below")],
    "bench_random: quantile": [("scripts", "quantiles")],
    "bench_pipeline: csv_read/cities:242": [("scripts", "csv")],
    "bench_pipeline: csv_write/cities:242": [("scripts", "csv-write")],
    "bench_pipeline: results_read/scenarios:64": [("scripts", "results-read")],
    "bench_pipeline: results_write/scenarios:64": [("scripts", "results-write")],
}
"""Which contests are about what a benchmark measures: of solvers (bench/dea) or of scripts (bench/rivals), and their names."""
KINDS = {"rivals": "solvers", "scripts": "scripts"}
"""Files of contests, and whom they are with."""
NEEDED = {"figures": "programs", "rivals": "city", "scripts": "workloads"}
"""Files of figures, and the key that each has."""


@dataclass
class Contest:
    """What one unit, replicate or fit takes us, and the fastest rival whose answers are right, with its ratios to ours in all
    rounds; without one a word on why."""

    seconds: float
    rival: str
    ratios: list

    @property
    def ratio(self):
        return statistics.median(self.ratios) if self.ratios else float("inf")


def read(folder, name):
    """What a file of figures holds, or None where there is none; ends the program where it holds something else."""
    file = folder / f"{name}.json"
    try:
        found = json.loads(file.read_text())
    except FileNotFoundError:
        return None
    except ValueError as problem:
        print(f"bench: {file} is no JSON: {problem}", file=sys.stderr)
        raise SystemExit(65) from None
    if not isinstance(found, dict) or NEEDED[name] not in found or "machine" not in found:
        print(f"bench: {file} has no {NEEDED[name]} or no machine; make it again with scripts/bench", file=sys.stderr)
        raise SystemExit(65)
    return found


def fastest(seconds, rivals):
    """Of (name, ratios, whether all answers are right)."""
    right = [Contest(seconds, name, ratios) for name, ratios, well in rivals if well]
    return min(right, key=lambda contest: contest.ratio,
               default=Contest(seconds, "none is right" if rivals else "none is installed", []))


def contests(solvers, scripts):
    """(kind, workload) -> Contest."""
    found = {}
    for case in (solvers or {}).get("city", []):
        ours, *others = case["contestants"]
        rivals = [(row["name"], row["ratios"], row["wrong"] == 0 and row["unanswered"] == 0) for row in others]
        found["solvers", f"{case['panel']} {case['case']}"] = fastest(ours["median_us"] * 1e-6, rivals)
    for work in (scripts or {}).get("workloads", []):
        rivals = [(row["name"], row["ratios"], not row["wrong"]) for row in work["rivals"]]
        found["scripts", work["name"]] = fastest(statistics.median(work["seconds"]), rivals)
    return found


def strangers(figures, contest_of):
    """Contests that are in no row: of a name that no benchmark has, or that none is joined with."""
    there = {title(program, entry["name"]) for program, entries in figures["programs"].items() for entry in entries}
    joined = {contest for name, contests_of_it in RIVALS_OF.items() if name in there for contest in contests_of_it}
    return [f"{kind}: {name}" for kind, name in contest_of if (kind, name) not in joined]


def title(program, name):
    return f"{program}: " + "/".join(part for part in name.split("/") if part != "real_time" and not part.startswith("iterations:"))


def rows(figures, contest_of):
    """One row a benchmark: title, entry, the Contest with the fastest rival or None, share of the limit or None, its name."""
    table = []
    for program, entries in figures["programs"].items():
        for entry in entries:
            name = title(program, entry["name"])
            share = entry["counters"].get("of_limit")
            held = [contest_of[key] for key in RIVALS_OF.get(name, []) if key in contest_of]
            best = min(held, key=lambda contest: contest.ratio, default=None)
            table.append((name, entry, best, share, entry.get("label", "")))
    return table


def page(figures, contest_of, absent=()):
    """`absent`: kinds of contests that were not run; a benchmark that has rivals there is said to be not measured beside them."""
    body = []
    for name, entry, contest, share, label in rows(figures, contest_of):
        limit = ["", "none stated"] if share is None else [f"{share:.2g}", label]
        beside = ["no rival", "", ""]
        if contest:
            beside = [contest.rival, range_of(contest.ratios), duration(contest.seconds)]
        missing = sorted({kind for kind, _ in RIVALS_OF.get(name, []) if kind in absent})
        if missing:
            beside[0] = (beside[0] + "; " if contest else "") + f"{' and '.join(missing)} not measured"
        body.append([name, f"{duration(entry['seconds'])}{' on the clock' if entry['clock'] == 'real' else ''}", *limit, *beside])
    head = ["benchmark", "one call of it", "of the machine's limit", "the limit", "best rival", "its time, times ours",
            "ours there, a program, fit, replicate, number or file"]
    return f"{heading(figures['machine'], figures['seconds'])}\n\n{markdown(head, body)}\n"


def range_of(ratios):
    """Median, least and largest of the rounds."""
    if not ratios:
        return ""
    return f"{statistics.median(ratios):.3g}" + (f" [{min(ratios):.3g}, {max(ratios):.3g}]" if len(ratios) > 1 else "")


def main(arguments):
    parser = argparse.ArgumentParser(prog="scripts/bench standing", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", default=SOURCE / "build" / "bench")
    parser.add_argument("-o", "--output", type=Path, help="default FOLDER/report/standing.md")
    options = parser.parse_args(arguments)
    output = options.output or options.folder / "report" / "standing.md"
    outputs.require_place(output)
    figures = read(options.folder, "figures")
    if figures is None:
        print(f"bench: {options.folder / 'figures.json'}: there is no such file; scripts/bench makes one", file=sys.stderr)
        return 66
    others = {name: read(options.folder, name) for name in ("rivals", "scripts")}
    for name, found in others.items():
        if found is None:
            print(f"bench: there is no {options.folder / name}.json; what has rivals there is not measured", file=sys.stderr)
        elif found["machine"]["commit"] != figures["machine"]["commit"]:
            print(f"bench: {name}.json is of commit {found['machine']['commit'][:12]}, figures.json of "
                  f"{figures['machine']['commit'][:12]}", file=sys.stderr)
    contest_of = contests(others["rivals"], others["scripts"])
    text = page(figures, contest_of, {kind for name, kind in KINDS.items() if others[name] is None})
    output.write_text(text)
    print(text, end="")
    print(f"standing: {output}", file=sys.stderr)
    lost = strangers(figures, contest_of)
    for name in lost:
        print(f"bench: the contest of {name} has no benchmark in {options.folder / 'figures.json'}", file=sys.stderr)
    return 70 if lost else 0
