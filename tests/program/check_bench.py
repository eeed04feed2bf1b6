"""scripts/bench: what it says of two builds whose speeds are known, of wrong answers, of one build, and of rivals."""

import contextlib
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from unittest import mock

from bench_tool import CODE, call
from program import SOURCE, check

sys.path.insert(0, str(SOURCE / "scripts"))

from greenfront_bench import instructions, programs, rivals, statistics  # noqa: E402

# A benchmark program whose times are drawn: Google Benchmark's words, no work.
FAKE = """#!/usr/bin/python3 -SB
import json, random, re, sys
given = dict(word.split("=", 1) for word in sys.argv[1:] if "=" in word)
names = [name for name in {names} if re.search(given.get("--benchmark_filter", ""), name)]
if not names:  # as Google Benchmark does, with success
    sys.exit(print("Failed to match any benchmarks against regex", file=sys.stderr))
if "--benchmark_list_tests" in given:
    print("\\n".join(names))
    sys.exit()
entries = []
for name in names:
    for k in range(int(given.get("--benchmark_repetitions", 1))):
        time = {speed} * random.lognormvariate(0, 0.02)
        entry = dict(name=name, run_name=name, run_type="iteration", cpu_time=time, real_time=2 * time, time_unit="us", pivots=7)
        if {wrong} and name == "pass":
            entry.update(error_occurred=True, error_message="a score is not what it was")
        entries.append(entry)
print(json.dumps(dict(benchmarks=entries)))
"""


def build(folder, name, speed, wrong=False, names=("pass", "fit/8", "fit/real_time"), called="bench_fake"):
    program = folder / name / "bench" / called
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text(FAKE.replace("{speed}", str(speed)).replace("{wrong}", str(wrong)).replace("{names}", str(names)))
    program.chmod(0o755)
    return folder / name


def ratios(shift, noise, n, draw):
    return [shift * draw.lognormvariate(0, noise) for _ in range(n)]


def check_statistics():
    """Quiet on equal builds, sure of a tenth, in noise of every kind; no interval from few rounds."""
    draw = random.Random(3)

    def decided(shift, noise):
        """The word after as many looks as it takes, and the rounds."""
        given = []
        verdict = statistics.decide(given, 15, lambda: given.extend(ratios(shift, noise, 1, draw)))
        check(len(given) == 60 or (verdict.word != "open" and len(given) in (15, 30)), f"{len(given)} rounds, {verdict}")
        return verdict.word

    for noise in (0.005, 0.02, 0.05, 0.1, 0.3):
        words = [decided(1, noise) for _ in range(1000)]
        check(words.count("slower") + words.count("faster") <= 3, f"noise {noise}: {set(words)}")
    check(all(decided(1, noise) == "same" for noise in (0.005, 0.02) for _ in range(100)), "a little noise leaves nothing open")
    for noise in (0.005, 0.02, 0.05):
        for shift, word in ((1.1, "slower"), (1 / 1.1, "faster")):
            said = [decided(shift, noise) for _ in range(300)]
            check(said.count(word) >= 297, f"noise {noise}, {shift}: {said.count(word)} of 300 {word}")
    for n in (15, 30, 60):
        covered = sum(v.low <= 1 <= v.high for v in (statistics.judge(ratios(1, 0.1, n, draw)) for _ in range(9000)))
        check(covered >= 8990, f"the interval of {n} covers {covered} of 9000")
    check(statistics.judge(ratios(3, 0.01, 8, draw)).word == "slower" or statistics.order(8) == 0, "8 rounds")
    check(statistics.judge(ratios(3, 0.01, 8, draw)).word == "open", "too few rounds decide nothing")
    check(statistics.median([4, 1, 3]) == 3 and statistics.median([4, 1, 3, 2]) == 2.5, "median")
    for old, new, word in ((1000000, 1020000, "slower"), (1000000, 1000100, "same"), (1000000, 980000, "faster")):
        check(instructions.verdict(old, new) == word, f"{old} and {new} instructions")


# A benchmark program that says where it ran and from when to when, or ends with an error at once.
PLACED = """#!/usr/bin/python3 -SB
import json, os, time
begin = time.monotonic()
time.sleep({seconds})
entry = dict(name="placed", cores=sorted(os.sched_getaffinity(0)), begin=begin, end=time.monotonic())
print(json.dumps(dict(benchmarks=[entry])))
raise SystemExit({status})
"""


def placed(folder, name, seconds, status=0):
    program = folder / name
    program.write_text(PLACED.replace("{seconds}", str(seconds)).replace("{status}", str(status)))
    program.chmod(0o755)
    return program


def check_together(folder):
    """Both at once, on one core; when one fails none is left behind."""
    all_cores = os.sched_getaffinity(0)
    (first,), (second,) = programs.run_together([placed(folder, "first", 2), placed(folder, "second", 2)])
    check(first["cores"] == second["cores"] and len(first["cores"]) == 1, f"{first['cores']}, {second['cores']}")
    check(max(first["begin"], second["begin"]) < min(first["end"], second["end"]), f"one after the other: {first}, {second}")
    check(os.sched_getaffinity(0) == all_cores, "the tool itself keeps its cores")
    begin, started = time.monotonic(), []

    def recorded(*words, **options):
        started.append(start(*words, **options))
        return started[-1]

    start = programs.start
    with mock.patch.object(programs, "start", recorded):
        try:
            programs.run_together([placed(folder, "failing", 0, 3), placed(folder, "endless", 100)])
            check(False, "a program that fails is no figure")
        except programs.WrongAnswer as wrong:
            check("failing" in str(wrong) and "ended with 3" in str(wrong), str(wrong))
    check(time.monotonic() - begin < 50, "the other one was waited for")
    check([process.returncode for process in started] == [3, -9], "one is left running")


# A function of the program calls one of the library, which stands with what it executes itself.
COUNTED = """events: Ir
ob=/usr/bin/program
fl=main.cpp
fn=main
12 30
calls=2 40
13 1000
14 5
ob=/usr/lib/libother.so.3
fl=other.cpp
fn=work
40 1000
totals: 1035"""


def check_instructions():
    found = instructions.add_up(COUNTED.splitlines())
    check(found == {"/usr/bin/program": 35, "/usr/lib/libother.so.3": 1000}, f"instructions: {found}")


def check_compare(folder):
    old = build(folder, "old", 100)
    same, slow, wrong = build(folder, "same", 100), build(folder, "slow", 110), build(folder, "wrong", 100, True)
    done = call(0, "compare", old, same, "--only", "times")
    check(done.stdout == "0 slower, 0 faster, 3 same, 0 open\n", done.stdout + done.stderr)
    report = folder / "report.json"
    done = call(1, "compare", old, slow, "--only", "times", "--filter", "fit", "--json", report)
    check(done.stdout.count("slower: fit/") == 2 and "2 slower, 0 faster, 0 same, 0 open" in done.stdout, done.stdout)
    figures = json.loads(report.read_text())
    check([row["name"] for row in figures["times"]] == ["fit/8", "fit/real_time"], str(figures["times"]))
    check(all(1.05 < row["ratio"] < 1.15 and len(row["ratios"]) >= 15 for row in figures["times"]), str(figures["times"]))
    check(figures["machine"]["cores"] >= 1 and figures["machine"]["processor"]["name"], str(figures["machine"]))
    done = call(70, "compare", old, wrong, "--only", "times")
    check("pass: a score is not what it was" in done.stderr, done.stderr)
    done = call(2, "compare", old, same, "--rounds", "8")
    check("--rounds 8: so few ratios have no 99.97% interval; at least 13" in done.stderr, done.stderr)
    done = call(64, "compare", old, folder)
    check("it is no build folder" in done.stderr, done.stderr)
    done = call(64, "compare", old, "no-such-commit")
    check("neither a folder nor a commit" in done.stderr, done.stderr)
    done = call(64, "compare", old, same, "--filter", "nothing", "--only", "times")
    check("no benchmark is in both builds and matches nothing" in done.stderr, done.stderr)
    done = call(2, "compare", old, same, "--filter", "((", "--only", "times")
    check("--filter ((:" in done.stderr, done.stderr)
    done = call(73, "compare", old, same, "--only", "times", "--json", report / "below.json")
    check("cannot be written" in done.stderr and "slower" not in done.stdout, done.stderr)
    return old, wrong


def check_measure(folder, good, wrong):
    figures = folder / "figures.json"
    done = call(0, "--build", good, "--repetitions", "5", "-o", figures)
    got = json.loads(figures.read_text())
    rows = got["programs"]["bench_fake"]
    check([row["name"] for row in rows] == ["pass", "fit/8", "fit/real_time"], str(rows))
    check(all(row["repetitions"] == 5 and row["counters"] == {"pivots": 7} for row in rows), str(rows))
    check(80e-6 < rows[0]["seconds"] < 120e-6 and 160e-6 < rows[2]["seconds"] < 240e-6, str(rows))
    check(got["machine"]["commit"] == "" or len(got["machine"]["commit"]) == 40, str(got["machine"]))
    check(done.stdout.count("| bench_fake: ") == 3 and "pivots 7" in done.stdout, done.stdout)
    check("a score is not what it was" in call(70, "--build", wrong, "--short").stderr, "a wrong answer ends the run")
    build(folder, "old", 100, names=("other",), called="bench_another")
    done = call(0, "--build", good, "--filter", "fit")
    check(done.stdout.count("| bench_fake: fit") == 2 and "other" not in done.stdout, done.stdout)
    part = json.loads((good / "part.json").read_text())
    check(list(part["programs"]) == ["bench_fake"] and not part["whole"] and not (good / "figures.json").exists(), str(part))
    done = call(0, "--build", good, "--short")
    check("| bench_another: other |" in done.stdout and "0.0%" not in done.stdout, done.stdout)
    check(not (good / "figures.json").exists(), "a short run is not taken for a whole one")
    call(0, "--build", good)
    check(json.loads((good / "figures.json").read_text())["whole"], "a whole run")
    check("no benchmark matches nothing" in call(64, "--build", good, "--filter", "nothing").stderr, "no match")
    for words in (("--filter", "(("), ("--repetitions", "0"), ("--repetitions", "-3"), ("--min-time", "0")):
        check(words[0] in call(2, "--build", good, *words).stderr, f"{words}")
    check("cannot be written" in call(73, "--build", good, "-o", figures / "x.json").stderr, "a file is no folder")
    check("no benchmark was built" in call(66, "--build", folder / "nowhere").stderr, "no build")


def check_interrupted(folder):
    """Ctrl-C ends the programs too, and leaves no temporary file and no traceback."""
    place = folder / "slow-build" / "bench"
    place.mkdir(parents=True)
    program, begun = place / "bench_slow", folder / "begun"
    program.write_text(f"#!/bin/sh\ntouch $TMPDIR/left; echo $$ $TMPDIR > {begun}.new; mv {begun}.new {begun}\nexec sleep 60\n")
    program.chmod(0o755)
    words = [sys.executable, "-B", "-c", CODE, SOURCE / "scripts", "--build", place.parent, "--short"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not begun.exists():
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=20)[1]
    child, temporary = begun.read_text().split()
    check(process.returncode == 130 and "interrupted" in err and "Traceback" not in err, err)
    check(not Path(f"/proc/{child}").exists() and not Path(temporary).exists(), "something is left")


def play(folder, ours, said, missing=()):
    """scripts/bench rivals --scripts with our program and rivals that say given lines: exit code, table, messages, report."""
    program = folder / "bench" / "rivals" / "bench_script_rivals"
    program.parent.mkdir(parents=True, exist_ok=True)
    program.write_text("#!/bin/sh\ncat <<'END'\n" + ours + "END\n")
    program.chmod(0o755)
    here = [rivals.Rival(name, ["printf", "%s\\n%.0s", text], ["true"], "") for name, text in said.items()]
    absent = [rivals.Rival(name, ["false"], test, "some-package") for name, test in missing]
    standing, rivals.RIVALS = rivals.RIVALS, here + absent
    out, err, report = io.StringIO(), io.StringIO(), folder / "rivals.json"
    report.unlink(missing_ok=True)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = rivals.main(["--build", str(folder), "--rounds", "2", "--json", str(report)])
    finally:
        rivals.RIVALS = standing
    return code, out.getvalue(), err.getvalue(), json.loads(report.read_text()) if report.exists() else None


def check_rivals(folder):
    """A right answer is accepted and its ratio quoted; a wrong one, none, and one to another question are not."""
    score, fit = "answer score 0 0.5\nanswer score 7 1\n", "answer fit x -120\n"
    ours = f"time score 1e-6 2\nproved score\n{score}time fit 0.001 1\n{fit}"
    right = f"uses itself\ntime score 3e-6 2\nanswer score 7 1.0000000001\ntime fit 0.004 1\nanswer fit x -120.00001"
    low = "time score 2e-6 2\nanswer score 0 0.5\nanswer score 7 0.99999"
    silent = "time score 2e-6 2\nanswer score 0 nan"
    code, out, err, report = play(folder, ours, {"right": right, "low": low, "silent": silent},
                                  [("absent", ["false"]), ("unknown", ["no-such-program"])])
    check(code == 0, out + err)
    check("| score, a program | 1 us | right | 3 us | 3 times | low WRONG for 1 of 2; silent WRONG for 1 of 1 |" in out, out)
    check("| fit, a fit | 1 ms | right | 4 ms | 4 times |  |" in out, out)
    for name in ("absent", "unknown"):
        check(f"left out: {name} is not installed (Debian package some-package)" in err, err)
    rows = {row["name"]: row for row in report["workloads"]}
    check(rows["score"]["best"] == "right" and [r["wrong"] for r in rows["score"]["rivals"]] == [[], ["7"], ["0"]], str(rows))
    check(len(rows["fit"]["rivals"][0]["ratios"]) == 2 and report["uses"]["right"] == "itself", str(report))
    # Nothing proves the fit: where a rival differs, nobody is called right.
    code, out, err, _ = play(folder, ours, {"other": "time fit 0.004 1\nanswer fit x -120.001"})
    check(code == 70 and "other, fit: 1 of 1 answers are not ours, first x" in err, err)
    for said, message in (("time fit 0.004 1", "other has no answers or no time"), ("answer fit x -120", "no answers or no time"),
                          ("time more 1 1\nanswer more 0 1", "other solves more, which we do not"), ("fit 1", "a line that is")):
        code, out, err, _ = play(folder, ours, {"other": said})
        check(code == 70 and message in err, f"{said}: {code} {err}")
    check(play(folder, ours, {})[0] == 0, "no rival is there")
    check(rivals.differences({"a": 1.0}, {"b": 1.0})[0] == ["b"], "an answer to what was not asked")
    check(rivals.differences({"a": 1e9}, {"a": 1e9 + 1}) == ([], 1e-9), "differences are relative")
    for rival in rivals.RIVALS:
        script = SOURCE / "bench" / "rivals" / next(word for word in rival.command if word.endswith((".py", ".R")))
        check(script.is_file() and rival.package, f"{rival.name}: {script} or its package")
    try:
        rivals.call(["false"])
    except programs.WrongAnswer:
        return
    check(False, "a script that fails is no rival")


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        check_statistics()
        check_together(folder)
        check_instructions()
        check_measure(folder, *check_compare(folder))
        check_interrupted(folder)
        check_rivals(folder)
    print("two builds compared at once on one core, wrong answers found, figures with their machine, rivals compared")
    return 0


if __name__ == "__main__":
    sys.exit(main())
