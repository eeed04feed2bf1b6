#!/usr/bin/env python3
"""Little memory, few handles, small files, closed streams, odd names, other locales, no home, folders that cannot be written:
a message and an exit code, and nothing lost. What the machine does not allow to try is named.

    check_limits.py           what takes seconds
    check_limits.py --long    also a CSV file of 1 GiB and a panel of a million rows"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from program import PROGRAM, SOURCE, check

PANEL = "city,year,y,x,k\n" + "".join(
    f"{city},{year},{1 + (7 * c + 3 * year) % 11}.5,{1 + (5 * c + year) % 7}.25,{2 + (c * year) % 13}\n"
    for c, city in enumerate(["\u5317\u4eac", "\u4e0a\u6d77", "\u91cd\u5e86", "B d", "E'f", "G"]) for year in range(2011, 2017))
STUDY = """name = "limits"
[panel]
file = "PANEL"
unit = "city"
time = "year"
[dea.eff]
inputs = ["k"]
good = ["y"]
[regression.base]
formula = "y ~ x"
vcov = "cluster:city"
[bootstrap.boot]
regression = "base"
cluster = "city"
replicates = 50
[lever.push]
[[lever.push.operations]]
type = "scale"
variable = "x"
per_unit = 0.1
[sweep.few]
regression = "base"
bootstrap = "boot"
[[sweep.few.levers]]
lever = "push"
intensities = [0, 1, 2]
"""
MEBIBYTE = 1 << 20
NOT_FOR_USERS = ("terminate called", "internal error", "HDF5-DIAG", "HDF5: ", "Assertion", "std::")


def skipped(what, why):
    print(f"SKIPPED: {what}: {why}")


def make(folder, panel="p.csv"):
    (folder / panel).write_text(PANEL, encoding="utf-8")
    study = folder / "s.toml"
    study.write_text(STUDY.replace("PANEL", panel), encoding="utf-8")
    return study


def run(*arguments, program=PROGRAM, limits=(), **options):
    def prepare():
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for limit, value in limits:
            resource.setrlimit(limit, (value, value))

    for stream in ("stdout", "stderr"):
        options.setdefault(stream, subprocess.PIPE)
    if "env" in options:  # what a sanitizer is told is no part of a user's environment
        kept = {name: os.environ[name] for name in ("LSAN_OPTIONS", "TSAN_OPTIONS") if name in os.environ}
        options["env"] = {**kept, **options["env"]}
    return subprocess.run([str(program), *map(str, arguments)], preexec_fn=prepare, timeout=120, **options)


def expect(done, codes, *says):
    """The exit code, and a message for users that says so."""
    text = (done.stderr or b"").decode(errors="replace")
    command = " ".join(done.args)
    check(done.returncode in codes, f"{command}\nexit {done.returncode}, expected {codes}\n{text}")
    for word in NOT_FOR_USERS:
        check(word not in text, f"{command}\nnot for users: {text}")
    for word in says:
        check(word in text, f"{command}\nnothing about {word!r}: {text}")
    return text


def whole_or_absent(output):
    """An output is complete, as a verification finds, or there is none; no temporary file is left."""
    left = sorted(output.parent.glob(output.name + ".*tmp"))
    check(not left, f"left behind: {left}")
    if output.exists():
        expect(run("show", output), (0,))


def check_memory(folder):
    """From where the program can just be loaded to where there is enough: never a crash, never half a file."""
    probe = run("levers", limits=[(resource.RLIMIT_AS, 1024 * MEBIBYTE)])
    if b"Sanitizer" in probe.stderr:
        skipped("too little memory", "a sanitizer needs addresses beyond any limit")
        return
    study, succeeded, refused, ended = make(folder), 0, 0, 0
    sizes = (36, 40, 44, 45, 46, 47, 48, 49, 50, 53, 56, 60, 64, 72, 96, 160, 1024)
    for threads, size in ((threads, size) for threads in ("2", "1") for size in sizes):
        output = folder / f"memory-{threads}.h5"
        done = run("run", study, "-o", output, "--threads", threads, "--progress", "json", limits=[(resource.RLIMIT_AS, size * MEBIBYTE)])
        if done.returncode == 127:
            continue  # the system could not load the program, and says so itself
        text = expect(done, (0, 1, 74))
        if done.returncode == 0:
            succeeded += 1
        else:
            refused += 1
            check("memory" in text, f"{size} MiB: {text}")
            # Who reads the events instead of the messages is told the same.
            ends = [json.loads(line) for line in text.splitlines() if line.startswith('{"event":"finish"')]
            check(all("memory" in end["text"] and end["exit_code"] == done.returncode for end in ends), f"{size} MiB: {ends}")
            ended += len(ends)
        whole_or_absent(output)
        output.unlink(missing_ok=True)
    check(succeeded > 0, "a gibibyte is not enough")
    check(refused == 0 or ended > 0, "no run that had begun ended by too little memory")
    if refused == 0:
        skipped("too little memory", "every size that the program can be loaded in was enough")
    big = folder / "big.csv"
    big.write_text(PANEL + PANEL[PANEL.index("\n") + 1:].replace(",20", ",21") * 40000, encoding="utf-8")
    done = run("regress", big, "y ~ x", limits=[(resource.RLIMIT_AS, 150 * MEBIBYTE)])
    expect(done, (1, 127), "memory")
    big.unlink()


def check_handles(folder):
    study = make(folder)
    for count in (3, 4, 5, 6, 8, 12, 64):
        output = folder / "handles.h5"
        done = run("run", study, "-o", output, limits=[(resource.RLIMIT_NOFILE, count)])
        if done.returncode == 127:
            continue
        text = expect(done, (0, 66, 73, 74))
        check(done.returncode == 0 or "open files" in text, text)
        whole_or_absent(output)
        output.unlink(missing_ok=True)


def check_file_size(folder):
    study, output = make(folder), folder / "size.h5"
    for size in (512, 4096, 65536):
        done = run("run", study, "-o", output, limits=[(resource.RLIMIT_FSIZE, size)])
        expect(done, (74,), "File too large")
        check(not output.exists(), "half a result")
        whole_or_absent(output)
    expect(run("run", study, "-o", output), (0,))
    before = output.read_bytes()
    done = run("run", study, "-o", output, "--force", "--set", "seed=2", limits=[(resource.RLIMIT_FSIZE, 65536)])
    expect(done, (74,), "File too large")
    check(output.read_bytes() == before, "the old result is lost")
    page = folder / "page.html"
    expect(run("report", output, "-o", page, "--no-figures", limits=[(resource.RLIMIT_FSIZE, 1000)]), (74,), "File too large")
    check(not page.exists(), "half a page")


def check_streams(folder):
    study, output = make(folder), folder / "streams.h5"
    expect(run("levers", stdout=open("/dev/full", "wb")), (74,), "No space left")
    for closed in (1, 2):
        done = subprocess.run(["sh", "-c", f'exec "$0" "$@" {closed}>&-', str(PROGRAM), "run", str(study), "-o", str(output), "--force",
                               "--fresh"], capture_output=True, timeout=120)
        expect(done, (0,))
        whole_or_absent(output)
    done = subprocess.run(["sh", "-c", 'exec "$0" levers >&-', str(PROGRAM)], capture_output=True, timeout=120)
    expect(done, (74,), "standard output")
    for command, code in ((["regress"], 64), (["regress", folder / "none.csv", "y ~ x"], 66), (["regress", folder / "p.csv", "y ~ x"], 0)):
        for where in ("2>&-", "2>/dev/full"):
            done = subprocess.run(["sh", "-c", f'exec "$0" "$@" {where}', str(PROGRAM), *map(str, command)], capture_output=True, timeout=120)
            expect(done, (code,))
    reader = subprocess.run(["sh", "-c", '"$0" export "$1" panel; echo $? >&2', str(PROGRAM), str(output)], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, timeout=120)
    check(reader.stderr.decode().strip() == "0", reader.stderr.decode())


def check_names(folder):
    for name in ("with blanks and 'quotes'", "\u65b0\u80fd\u6e90 \u57ce\u5e02", "-o", "a;touch gone", "$(touch gone)", "new\nline", "%s%n{}"):
        place = folder / name
        place.mkdir()
        study = make(place, "p \u9762\u677f.csv")
        output = place / "r \u7ed3\u679c.h5"
        expect(run("run", study, "-o", output), (0,))
        expect(run("run", study, "-o", output), (0,), "is complete")
        for command in (["show", output], ["verify", output], ["export", output, "panel", "-o", place / "e.csv"],
                        ["report", output, "-o", place / "r.html", "--no-figures"], ["prepare", study, "-o", place / "q.csv"],
                        ["regress", place / "p \u9762\u677f.csv", "y ~ x"]):
            expect(run(*command), (0,))
        relative = run("run", "s.toml", "-o", "./-r.h5", cwd=place)
        expect(relative, (0,))
    check(not list(folder.rglob("gone")), "a name was run as a command")
    page = (folder / "new\nline" / "r.html").read_text(encoding="utf-8")
    check("\u5317\u4eac" in page or "limits" in page, "the page lost its letters")


def check_locale(folder):
    """Numbers are read and written with a point wherever the program runs."""
    study, output = make(folder), folder / "locale.h5"
    commands = (["regress", folder / "p.csv", "y ~ x", "--where", "x > 1.5", "--format", "csv"], ["plan", study, "--format", "csv"],
                ["levers", "carbon_price"])
    plain = [run(*command, env={"LC_ALL": "C"}).stdout for command in commands]
    places = folder / "locales"
    places.mkdir()
    made = shutil.which("localedef") and subprocess.run(
        ["localedef", "-i", "de_DE", "-f", "UTF-8", str(places / "de_DE.UTF-8")], capture_output=True)
    environment = {"LC_ALL": "de_DE.UTF-8", "LC_NUMERIC": "de_DE.UTF-8", "LOCPATH": str(places)}
    if not (places / "de_DE.UTF-8" / "LC_NUMERIC").exists():
        skipped("a locale with decimal commas", (made.stderr.decode().strip() if made else "there is no localedef")[:200])
        environment = {"LC_ALL": "de_DE.UTF-8"}
    for command, expected in zip(commands, plain):
        done = run(*command, env=environment)
        expect(done, (0,))
        check(done.stdout == expected, f"{command}: the locale changes what is printed\n{done.stdout.decode()}\n{expected.decode()}")
    expect(run("run", study, "-o", output, env=environment), (0,))
    expect(run("run", study, "-o", output, env={"LC_ALL": "C"}), (0,), "is complete")
    expect(run("levers", env={"LC_ALL": "no_SUCH.locale"}), (0,))


def check_environment(folder):
    study = make(folder)
    for what, environment in (("nothing", {}), ("no home", {"HOME": "/no/such"}), ("no folder for short-lived files", {"TMPDIR": "/no/such"}),
                              ("a long one", {"HOME": "x" * 100000, "PATH": "x" * 100000})):
        output = folder / "environment.h5"
        expect(run("run", study, "-o", output, "--force", "--fresh", env=environment), (0,))
        expect(run("report", output, "-o", folder / "page.html", "--force", "--no-figures", env=environment), (0,))
        whole_or_absent(output)
    done = run("report", output, "-o", folder / "page.html", "--force", env={"TMPDIR": "/no/such"})
    expect(done, (0, 73), "TMPDIR" if done.returncode else "")
    expect(run("run", study, "-o", output, "--force", env={"SLURM_CPUS_PER_TASK": "two"}), (64,), "SLURM_CPUS_PER_TASK")


def check_read_only(folder):
    """The program and its working folder on a file system that cannot be written; the output elsewhere."""
    disk = folder / "disk"
    disk.mkdir()
    size = 64 + os.path.getsize(PROGRAM) // MEBIBYTE  # a sanitizer's program is large
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}m", "greenfront-test", str(disk)], capture_output=True, text=True)
    if mounted.returncode != 0:
        skipped("a read-only file system", mounted.stderr.strip())
        return
    try:
        study = make(disk)
        program = disk / "greenfront"
        shutil.copy(PROGRAM, program)
        if subprocess.run(["strip", str(program)], capture_output=True).returncode != 0 and program.stat().st_size > 60 * MEBIBYTE:
            program = PROGRAM
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        output = folder / "elsewhere.h5"
        expect(run("run", "s.toml", "-o", output, program=program, cwd=disk), (0,))
        expect(run("report", output, "-o", folder / "page.html", "--no-figures", program=program, cwd=disk), (0,))
        expect(run("prepare", study, "-o", folder / "q.csv", program=program, cwd=disk), (0,))
        expect(run("run", "s.toml", "-o", "r.h5", program=program, cwd=disk), (73,), "Read-only file system")
        expect(run("prepare", "s.toml", "-o", "q.csv", program=program, cwd=disk), (73,), "q.csv")
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def check_together(folder):
    """Several processes begin one output at the same moment: each ends with it or says that another is at it."""
    study, output = make(folder), folder / "together.h5"
    started = [subprocess.Popen([str(PROGRAM), "run", str(study), "-o", str(output)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
               for _ in range(6)]
    codes = []
    for process in started:
        message = process.communicate(timeout=120)[1].decode()
        codes.append(process.returncode)
        check(process.returncode in (0, 73), f"exit {process.returncode}: {message}")
        check(process.returncode == 0 or "another process is computing" in message or "exists" in message, message)
    check(0 in codes, f"nobody made it: {codes}")
    whole_or_absent(output)
    check(not Path(str(output) + ".parts").exists(), "parts are left behind")


def check_width(folder):
    """A million columns, of which three are used."""
    wide = folder / "wide.csv"
    columns = 1000000
    with open(wide, "w", encoding="utf-8") as file:
        file.write("city,year,y,x," + ",".join(f"c{i}" for i in range(columns)) + "\n")
        for row in ("A,1,1,2", "B,1,2,3", "C,1,4,1", "D,1,3,5"):
            file.write(row + ",7" * columns + "\n")
    expect(run("regress", wide, "y ~ x", "--unit", "city", "--time", "year"), (0,))
    expect(run("regress", wide, "y ~ c999999x", "--unit", "city", "--time", "year"), (65,), "c999999x")


def check_size(folder):
    """A file of a gibibyte, and a million rows in a regression."""
    big = folder / "gibibyte.csv"
    row = ",".join(["1.25"] * 60)
    block = "".join(f"U{i},{2000 + i % 20},{i % 97}.5,{row}\n" for i in range(4000)).encode()
    header = ("city,year,y," + ",".join(f"x{i}" for i in range(60)) + "\n").encode()
    with open(big, "wb") as file:
        file.write(header)
        while file.tell() < 1 << 30:
            file.write(block)
    done = run("regress", big, "y ~ year", limits=[(resource.RLIMIT_AS, 2048 * MEBIBYTE)])
    expect(done, (1,), "memory")
    expect(run("regress", big, "y ~ year"), (0,))
    big.unlink()
    rows = folder / "million.csv"
    with open(rows, "w", encoding="utf-8") as file:
        file.write("city,year,y,x\n")
        for i in range(1000000):
            file.write(f"U{i // 10},{2000 + i % 10},{(i * 7919) % 1000 / 8},{(i * 104729) % 997 / 4}\n")
    expect(run("regress", rows, "y ~ x | city + year", "--unit", "city", "--time", "year", "--vcov", "cluster:city"), (0,))


def main():
    parts = [check_memory, check_handles, check_file_size, check_streams, check_names, check_locale, check_environment, check_read_only,
             check_together, check_width]
    if "--long" in sys.argv[1:]:
        parts.append(check_size)
    check(SOURCE.exists(), "GREENFRONT_SOURCE names the repository")
    for part in parts:
        with tempfile.TemporaryDirectory() as folder:
            part(Path(folder))
    print("limits of memory, handles, files, streams, names, locale and places: a message and a code, and nothing lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
