"""scripts/bench scaling and report: the answers of a short run, growth and shares of figures that are known, pictures."""

import contextlib
import csv
import io
import json
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from bench_tool import call
from program import PROGRAM, SOURCE, check

BUILD = PROGRAM.parent
SCALING = BUILD / "bench" / "scaling" / "scaling"
sys.path.insert(0, str(SOURCE / "scripts"))

from greenfront_bench import growth, tables  # noqa: E402
from greenfront_bench import main as main_of_bench  # noqa: E402
from greenfront_bench import scaling as scaling_of_bench  # noqa: E402

PICTURES = {"roofline", "units", "replicates", "scenarios", "threads"}


def near(a, b, share=1e-9):
    return abs(a - b) <= share * max(abs(a), abs(b))


def check_growth():
    """Exact powers are found; errors are those of the textbook, and cover the truth as often as they should."""
    sizes = [242, 1000, 3000, 10000]
    got = growth.fit(sizes, [3e-6 * n**1.25 for n in sizes])
    check(near(got.exponent, 1.25) and got.error < 1e-9 and near(got.factor, 3e-6, 1e-8), str(got))
    # Logarithms 0, 1, 2 against 0, 1, 3: slope 3/2, residuals 1/6, -1/3, 1/6, so the error is sqrt(1/6 / 1 / 2).
    got = growth.fit([math.exp(k) for k in (0, 1, 2)], [math.exp(k) for k in (0, 1, 3)])
    check(near(got.exponent, 1.5) and near(got.error, math.sqrt(1 / 12)), str(got))
    check(growth.fit([5, 5], [1, 2]) is None and growth.fit([], []) is None, "one size has no slope")
    check(math.isnan(growth.fit([1, 2], [1, 2]).error), "two points have no error")
    draw, inside = random.Random(5), 0
    for _ in range(2000):
        got = growth.fit(sizes, [n**1.1 * math.exp(draw.gauss(0, 0.1)) for n in sizes])
        inside += abs(got.exponent - 1.1) <= 4.303 * got.error  # Student's t, two degrees of freedom
    check(1860 <= inside <= 1940, f"the 95 % interval covers {inside} of 2000")


def check_parts():
    """Shares of what is known add up: 4 threads for 10 s, 28 s of work, 34 s of CPU time, 31 side by side."""
    got = growth.where_time_goes(4, 10.0, [9.5, 9.0, 9.0, 6.5], 28.0, 31.0)
    check(near(sum(got.values()), 1), str(got))
    expect = {"work": 28 / 40, "contention": 3 / 40, "overhead": 3 / 40, "imbalance": 4 / 40, "waiting": 2 / 40}
    check(all(near(got[part], value) for part, value in expect.items()), str(got))
    got = growth.where_time_goes(2, 1.0, [1.0], 1.0, 1.0)
    check(got == {"work": 0.5, "contention": 0, "overhead": 0, "imbalance": 0.5, "waiting": 0}, str(got))
    got = growth.where_time_goes(2, 1.0, [0.9, 0.8, 0.0], 1.6, 2.6)
    check(near(got["contention"], 0.05) and near(got["overhead"], 0) and near(sum(got.values()), 1), str(got))


def known():
    """What a machine that does exactly this would leave."""
    fact = {"programs": 1000, "pivots": 5000, "passes": 2000, "frame": 100, "rows": 6, "peak_mib": 12.0, "fallbacks": 0}
    curve = [("sbm_crs", 1.5), ("radial_vrs", 1.0)]
    units = [{"work": w, "size": n, "seconds": 1e-6 * n**e, "rounds": 3, **fact} for w, e in curve for n in (100, 1000, 10000)]
    replicates = [{"work": w, "size": b, "seconds": 1e-4 * b, "rounds": 3} for w, sizes in
                  (("pairs", (1000, 4000)), ("wild", (500, 5000, 50000))) for b in sizes]
    scenarios = [{"work": w, "size": n, "seconds": 0.01 * n} for w in ("whole run", "writing the results") for n in (64, 256)]
    threads = [{"work": "pairs", "size": 1000, "threads": n, "seconds": s, "busy": b, "alone": 8.0, "side_by_side": 8.5}
               for n, s, b in ((1, 8.0, [8.0]), (2, 5.0, [4.9, 4.1]), (4, 4.0, [3.0, 2.5, 2.5, 2.0]))]
    pricing = [{"kernel": k, "columns": c, "KiB": c * 48 / 1024, "intensity": i, "GB/s": 20.0, "GFLOP/s": 20.0 * i,
                "reading": 40.0, "product": 45.0} for k, i in (("one_program", 0.25), ("four_programs", 1.0)) for c in (128, 4096)]
    machine = {"processor": {"name": "A processor", "vectors": "avx2"}, "cores": 4, "memory_gib": 8.0, "load": [0.1, 0.1, 0.1],
               "commit": "0" * 40, "uncommitted_changes": False}
    return {"machine": machine, "seconds": 100.0, "units": units, "replicates": replicates, "scenarios": scenarios,
            "threads": threads, "pricing": pricing}


def is_picture(file):
    data = file.read_bytes()
    return data[:8] == b"\x89PNG\r\n\x1a\n" and len(data) > 8000


def check_report(folder):
    given, out = folder / "known.json", folder / "known"
    given.write_text(json.dumps(known()))
    page = call(0, "report", given, "-o", out).stdout
    check((out / "scaling.md").read_text() == page, "the page is what was printed")
    check("| SBM crs | 1 ms | 31.6 ms | 1 s | 1.50 ± 0.00 | 1.50 |" in page, page)
    check("| pairs bootstrap | 100 ms | 400 ms | 1.00 | 1.00 |" in page, page)
    check("| pairs bootstrap | 2 | 5 s | 1.60 | 80% | 80.0% | 5.0% | 5.0% | 8.0% | 2.0% |" in page, page)
    check("| one program | 128 | 6 | 0.25 | 20.0 | 40.0 | 50% | 5.0 | 45.0 | 11% | 50% |" in page, page)
    # 2000 passes of 4800 bytes at 40 GB/s are 0.24 ms of 1 ms.
    check("| SBM crs | 100 | 1 ms | 1 us | 1,000,000 | 5.0 | 2.00 | 100 | 12 | 24% |" in page, page)
    entries = json.loads((out / "figures.json").read_text())
    check({e["name"] for e in entries} == PICTURES and all(e["caption"] for e in entries), str(entries))
    check(all(is_picture(out / f"{name}.png") for name in PICTURES), "pictures")
    with open(out / "units.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    check([(r["work"], int(r["size"])) for r in rows] == [(r["work"], r["size"]) for r in known()["units"]], str(rows))
    without = {key: value for key, value in known().items() if key != "pricing"}
    given.write_text(json.dumps(without))
    call(0, "report", given, "-o", folder / "without")
    check(not (folder / "without" / "roofline.png").exists(), "no passes, no roofline")
    given.write_text('{"machine": {}}')
    check("has no seconds, units, replicates, scenarios, threads" in call(65, "report", given).stderr, "another JSON file")
    given.write_text("no JSON")
    call(65, "report", given)
    check("scripts/bench scaling makes one" in call(66, "report", folder / "nothing.json").stderr, "no file")
    check("--formats knows" in call(2, "report", given, "--formats", "gif").stderr, "formats")


def check_standing(folder):
    """The best of those that are right, and the shares of the limits, beside each benchmark."""
    place = folder / "standing"
    place.mkdir()
    machine, other = known()["machine"], {**known()["machine"], "commit": "1" * 40}
    entry = {"name": "x", "seconds": 0.002, "spread": 0.1, "clock": "cpu", "repetitions": 3, "counters": {}, "label": ""}
    figures = {"machine": machine, "seconds": 1.0, "programs": {
        "bench_dea": [{**entry, "name": "evaluate/W2_sbm_crs", "counters": {"of_limit": 0.25, "LP/s": 5}, "label": "reading"}],
        "bench_wild": [{**entry, "name": "wild/type_11/real_time", "clock": "real"}, {**entry, "name": "wild/type_33"}],
        "bench_scenarios": [{**entry, "name": "entropy"}], "bench_random": [{**entry, "name": "words"}]}}
    solvers = [("Greenfront", 1.0, 0, 0), ("CLP warm", 300.0, 0, 0), ("reduced, CLP", 31.06, 0, 0), ("lp_solve warm", 7.0, 3, 0),
               ("reduced, lp_solve", 5.0, 0, 2)]
    city = [{"panel": "W2", "case": "SBM crs", "contestants": [
        {"name": n, "ratios": [r, r + 1, r - 1], "median_us": 2 * r, "wrong": w, "unanswered": u} for n, r, w, u in solvers]}]
    script = {"name": "SBM-crs-2904", "seconds": [1e-6], "rivals": [{"name": "SciPy HiGHS", "ratios": [4000], "wrong": []}]}
    words = {"name": "words", "seconds": [3e-9], "rivals": []}
    wild = {"name": "wild", "seconds": [3e-6, 1e-6, 2e-6], "rivals": [
        {"name": "R", "ratios": [50, 40, 60], "wrong": []}, {"name": "NumPy", "ratios": [4, 3, 100], "wrong": []}]}
    entropy = {"name": "entropy", "seconds": [1e-3], "rivals": [{"name": "R loop", "ratios": [9, 8, 7], "wrong": ["weight.a"]}]}

    def write(name, content):
        (place / f"{name}.json").write_text(json.dumps(content))

    check("there is no such file" in call(66, "standing", place).stderr, "no figures")
    write("figures", figures)
    alone = call(0, "standing", place)
    check("| bench_dea: evaluate/W2_sbm_crs | 2 ms | 0.25 | reading | scripts and solvers not measured |  |  |" in alone.stdout, alone.stdout)
    check("| bench_wild: wild/type_33 | 2 ms |  | none stated | no rival |  |  |" in alone.stdout, alone.stdout)
    check("there is no" in alone.stderr and "rivals.json" in alone.stderr and "scripts.json" in alone.stderr, alone.stderr)
    write("rivals", {"machine": machine, "city": city})
    half = call(0, "standing", place).stdout
    check("| reduced, CLP; scripts not measured | 31.1" in half and "| scripts not measured |  |  |" in half, half)
    write("scripts", {"machine": other, "workloads": [wild, entropy, script, words]})
    done = call(0, "standing", place)
    page = done.stdout
    check("scripts.json is of commit 111111111111, figures.json of 000000000000" in done.stderr, done.stderr)
    check((place / "report" / "standing.md").read_text() == page, "the page is what was printed")
    check("| bench_dea: evaluate/W2_sbm_crs | 2 ms | 0.25 | reading | reduced, CLP | 31.1 [30.1, 32.1] | 2 us |" in page, page)
    check("| bench_wild: wild/type_11 | 2 ms on the clock |  | none stated | NumPy | 4 [3, 100] | 2 us |" in page, page)
    check("| bench_random: words | 2 ms |  | none stated | none is installed |  | 3 ns |" in page, page)
    check("| bench_wild: wild/type_33 | 2 ms |  | none stated | no rival |  |  |" in page, page)
    check("| bench_scenarios: entropy | 2 ms |  | none stated | none is right |  | 1 ms |" in page, page)
    write("scripts", {"machine": machine, "workloads": [wild, {**wild, "name": "stranger"}]})
    done = call(70, "standing", place)
    check("scripts: stranger has no benchmark" in done.stderr and "| bench_wild: wild/type_11 |" in done.stdout, done.stderr)
    write("scripts", [])
    check("has no workloads or no machine" in call(65, "standing", place).stderr, "a list")
    (place / "rivals.json").write_text("{")
    check("is no JSON" in call(65, "standing", place).stderr, "half a file")


def check_everything(folder):
    """Every part is run though one is wrong, on nothing that an earlier run has left, and the wrong one's code is the last word."""
    place = folder / "everything"
    place.mkdir()
    (place / "rivals.json").write_text("of yesterday")
    (place / "report").mkdir()
    (place / "report" / "threads.png").write_text("of yesterday")
    played = []

    def part(name, code, leaves=None):
        def play(*_):
            played.append((name, sorted(file.stem for file in place.glob("*.json"))))
            if leaves:
                (place / f"{leaves}.json").write_text("{}")
            return code
        return play

    def run(codes):
        played.clear()
        for name, leaves in (("measure", "figures"), ("rivals", "scripts"), ("scaling", "scaling"), ("report", None), ("standing", None)):
            left = leaves if codes.get(name, 0) == 0 else None
            mock.patch.object(main_of_bench, name, SimpleNamespace(main=part(name, codes.get(name, 0), left))).start()
        mock.patch.object(main_of_bench, "solvers", part("solvers", codes.get("solvers", 0))).start()
        mock.patch.object(main_of_bench, "FOLDER", place).start()
        try:
            return main_of_bench.everything()
        finally:
            mock.patch.stopall()

    check(run({}) == 0 and [name for name, _ in played] == ["measure", "solvers", "rivals", "scaling", "report", "standing"],
          str(played))
    check(played[0][1] == [] and not (place / "report").exists(), f"left of an earlier run: {played[0]}")
    check(run({"solvers": 70}) == 70 and len(played) == 6 and played[0][1] == [], str(played))
    check(run({"scaling": 70}) == 70 and [name for name, _ in played][-2:] == ["scaling", "standing"], str(played))
    check(run({"measure": 70}) == 70 and [name for name, _ in played][-1] == "report", str(played))


def check_solvers(folder):
    """A solver that takes the program along is no success, and leaves no figures."""
    place = folder / "solvers"
    program = place / "build" / "bench" / "bench" / "rivals" / "bench_dea_rivals"
    program.parent.mkdir(parents=True)
    file = place / "rivals.json"
    for ending, code, words in (("exit 0", 0, ""), ("exit 1", 70, "ended with 1"), ("kill -SEGV $$", 70, "signal 11")):
        program.write_text(f"#!/bin/sh\necho '{{\"city\": []}}' > {file}\n{ending}\n")
        program.chmod(0o755)
        said = io.StringIO()
        with mock.patch.object(main_of_bench, "FOLDER", place / "build" / "bench"), contextlib.redirect_stderr(said):
            got = main_of_bench.solvers(file)
        check(got == code and file.exists() == (code == 0), f"{ending}: {got}")
        check(words in said.getvalue() if words else not said.getvalue(), f"{ending}: {said.getvalue()}")
    program.write_text(f"#!/bin/sh\necho '{{\"city\": []}}' > {file}\n")
    with mock.patch.object(main_of_bench, "FOLDER", place / "build" / "bench"):
        main_of_bench.solvers(file)
    check("commit" in json.loads(file.read_text())["machine"], "figures with machine and commit")


def scaling(expect, *words):
    done = subprocess.run([SCALING, *words], capture_output=True, text=True, check=False)
    check(done.returncode == expect, f"scaling {words} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def check_turns():
    """A slow while of the machine meets no number of threads alone, and a run beside others bounds one alone."""
    played = []

    def play(program, work, size, threads, seconds):
        played.append(threads)
        slow = 2.0 if len(played) <= 2 else 1.0
        return {"rounds": [{"seconds": slow * 8 / threads, "busy": [slow * 8 / threads] * threads} for _ in range(2)]}

    def run(program, file, panel, threads, count):
        played.append(threads)
        slow = 2.0 if len(played) <= 1 else 1.0
        return {"seconds": slow * count / threads, "cpu": slow * count, "stages": {"sweep.levers": slow}, "commit": slow}

    with mock.patch.object(scaling_of_bench, "play", play), \
            mock.patch.object(scaling_of_bench, "side_by_side", lambda *words: 7.5), \
            mock.patch.object(scaling_of_bench.study, "run", run), contextlib.redirect_stderr(io.StringIO()):
        rows = scaling_of_bench.threads_of("program", "pairs", 10, [1, 2], 1.0)
        check(played == [1, 2] * scaling_of_bench.TURNS, f"turns {played}")
        check([row["seconds"] for row in rows] == [8.0, 4.0] and rows[1]["busy"] == [4.0, 4.0], str(rows))
        check(all(row["alone"] == 7.5 for row in rows) and rows[1]["side_by_side"] == 7.5, str(rows))
        played.clear()
        sweep = scaling_of_bench.sweep_threads("program", "panel", 16, [1, 2])
        check([row["seconds"] for row in sweep] == [16.0, 8.0] and all(row["alone"] == 16.0 for row in sweep), str(sweep))
        played.clear()
        grown = scaling_of_bench.scenarios("program", "panel", [8, 16], 2)
        check([row["seconds"] for row in grown] == [4.0, 1.0, 1.0, 8.0, 1.0, 1.0], str(grown))


def check_answers(folder):
    """Every work of the program has right answers, and says so when they are made wrong."""
    for work, size in (("radial_crs", 150), ("radial_vrs", 150), ("sbm_crs", 150), ("sbm_vrs", 150),
                       ("efficiency_bootstrap", 20), ("pairs", 100), ("wild", 400)):
        got = json.loads(scaling(0, work, str(size), "2", "0").stdout)
        check(len(got["rounds"]) == 1 and sum(got["rounds"][0]["busy"]) > 0, str(got))
        check(f"scaling: {work} of size {size}: " in scaling(70, work, str(size), "1", "0", "--spoil").stderr, work)
    scaling(64, "cost", "10", "1", "0")
    scaling(64, "pairs", "10", "0", "0")
    scaling(64, "pairs")
    file = folder / "short.json"
    call(0, "scaling", "--build", BUILD, "--short", "-o", file)
    found = json.loads(file.read_text())
    check(found["mode"] == "short" and {row["work"] for row in found["units"]} == set(tables.NAMES) & {
        "radial_crs", "radial_vrs", "sbm_crs", "sbm_vrs"}, str(found["units"]))
    check({row["work"] for row in found["scenarios"]} == {"whole run", "the sweep alone", "writing the results"}, "scenarios")
    check(all(near(sum(tables.parts_of(row).values()), 1, 1e-6) for row in found["threads"]), str(found["threads"]))
    call(0, "report", file, "-o", folder / "short")


def check_wrong(folder):
    """A program whose answer is wrong ends the run."""
    fake = folder / "fake" / "bench" / "scaling" / "scaling"
    fake.parent.mkdir(parents=True)
    fake.write_text("#!/bin/sh\necho 'scaling: a score is not what it was' >&2\nexit 70\n")
    fake.chmod(0o755)
    done = call(70, "scaling", "--build", folder / "fake", "--short", "-o", folder / "wrong.json")
    check("a score is not what it was" in done.stderr and not (folder / "wrong.json").exists(), done.stderr)
    check("no build of the preset bench" in call(66, "scaling", "--build", folder / "fake").stderr, "pricing is missing")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        check_growth()
        check_parts()
        check_report(folder)
        check_standing(folder)
        check_everything(folder)
        check_solvers(folder)
        check_turns()
        check_wrong(folder)
        if not SCALING.is_file():
            raise SystemExit(f"FAILED: {SCALING} was not built")
        check_answers(folder)
    print("growth and shares of known figures, pictures of them, answers of a short run, wrong ones found")
    return 0


if __name__ == "__main__":
    sys.exit(main())
