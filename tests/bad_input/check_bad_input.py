#!/usr/bin/env python3
"""Hundreds of inputs that are wrong: every subcommand and every reader. Each run must end within ten seconds with the exit
code of the contract and a message that names the place, and must leave every file of its folder as it was.

    check_bad_input.py            all cases but some that differ in a value only
    check_bad_input.py --all      those, too
    check_bad_input.py WORD...    those whose name contains a word, with their messages"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from multiprocessing.pool import ThreadPool
from pathlib import Path

import cases_command
import cases_csv
import cases_expression
import cases_files
import cases_keys
import cases_results
import cases_study
from fixtures import make_fixtures

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "")
SECONDS, WAIT = 10, 120
SUPPRESSED = Path(__file__).resolve().parents[1] / "sanitizers" / "leaks.supp"
# A sanitizer makes everything slower, and what it has to say is no message for a user.
NOT_FOR_USERS = ("terminate called", "Sanitizer", "runtime error:", "internal error", "HDF5-DIAG", "bad_alloc",
                 "basic_string", "std::", "Assertion")


def prepare(case, folder, fixtures):
    for name, contents in case.files.items():
        path = folder / name
        if callable(contents):
            contents = contents(folder, fixtures)
        if contents is None:
            continue
        if contents == "/":
            path.mkdir(parents=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(contents.encode() if isinstance(contents, str) else contents)


def snapshot(folder):
    """Every file below the folder with its bytes; links are not followed."""
    return {str(path.relative_to(folder)): path.read_bytes() if path.is_file() and not path.is_symlink() else None
            for path in sorted(folder.rglob("*"))}


def faults_of(done, case):
    message = done.stderr.decode(errors="replace")
    if done.returncode < 0:
        yield f"killed by signal {-done.returncode}" + (f": more than {SECONDS} s" if -done.returncode in (9, 24) else "")
    if done.returncode not in case.exit:
        yield f"exit code {done.returncode}, expected {' or '.join(map(str, case.exit))}"
    if done.returncode not in (0, 3):  # 3: some units failed, the others are there
        if done.stdout:
            yield f"something on standard output: {done.stdout[:200]!r}"
        if not any(line.startswith("greenfront: ") for line in message.splitlines()):
            yield "no line of the message begins with the program's name"
        if any(ord(letter) < 32 and letter not in "\n\t" for letter in message):
            yield "control characters in the message"
    for word in NOT_FOR_USERS:
        if word in message:
            yield f"not a message for a user: {word}"
    for part in case.says:
        if part not in message:
            yield f"the message does not name {part!r}"
    if len(message) > 20000 or any(len(line) > 2000 for line in message.splitlines()):
        yield f"a message of {len(message)} characters"


def limited(command, folder, environment):
    """The process may compute for SECONDS, however busy the machine is, and last for WAIT."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL) as process:
        resource.prlimit(process.pid, resource.RLIMIT_CPU, (SECONDS, SECONDS))
        try:
            out, err = process.communicate(timeout=WAIT)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        return subprocess.CompletedProcess(command, process.returncode, out, err)


def tells_failure(path, was_there):
    """The progress file of a run that began says how it ended (docs/formats/progress.md)."""
    return not was_there and path.name.endswith(".progress.json") and json.loads(path.read_text())["state"] == "failed"


def run(case, fixtures):
    """(faults, message) of a case."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        prepare(case, folder, fixtures)
        before = snapshot(folder)
        environment = {**os.environ, "LSAN_OPTIONS": f"suppressions={SUPPRESSED}:print_suppressions=0", **case.environment}
        try:
            done = limited([PROGRAM] + case.command, folder, environment)
        except subprocess.TimeoutExpired:
            return [f"did not end within {WAIT} s"], ""
        except OSError as error:
            return [f"cannot be run: {error}"], ""
        faults = list(faults_of(done, case))
        if done.returncode not in (0, 3):
            after = snapshot(folder)
            changed = sorted(path for path in {*before, *after} if before.get(path, 0) != after.get(path, 0))
            changed = [path for path in changed if not tells_failure(folder / path, path in before)]
            if changed:
                faults.append(f"files lost, changed or left behind: {', '.join(changed)}")
        return faults, done.stderr.decode(errors="replace").strip()


def main():
    global SECONDS
    if not os.access(PROGRAM, os.X_OK):
        print("SKIPPED: the program is not built:", PROGRAM)
        return 77
    libraries = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True).stdout
    if "libasan" in libraries or "libtsan" in libraries:
        SECONDS = 60
    cases = [case for module in (cases_csv, cases_expression, cases_study, cases_keys, cases_command, cases_results, cases_files)
             for case in module.cases()]
    names = [case.name for case in cases]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice, f"cases of one name: {twice}"
    words = sys.argv[1:]
    if "--all" not in words:
        cases = [case for case in cases if not case.rare]
    words = [word for word in words if word != "--all"]
    if words:
        cases = [case for case in cases if any(word in case.name for word in words)]
    failed = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPool(2) as pool:
        fixtures = make_fixtures(PROGRAM, Path(folder))
        for case, (faults, message) in zip(cases, pool.imap(lambda case: run(case, fixtures), cases)):
            if words:
                print(f"{case.name}\n    {message[:600]}")
            if faults:
                failed += 1
                print(f"FAILED {case.name}: {' '.join(case.command)[:300]}")
                for line in [*faults, "standard error: " + message[:600]]:
                    print("   ", line.replace("\n", "\n      "))
    print(f"{len(cases) - failed} of {len(cases)} bad inputs are met as promised")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
