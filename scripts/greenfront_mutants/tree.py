"""A copy of the project in which files are made wrong, built and tested."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from . import tests

BUILD_LIMIT = 900  # s
# Standard library and Eigen say so themselves where a mutant reaches beyond what is there.
FLAGS = "-O2 -D_GLIBCXX_ASSERTIONS -Wno-error=stringop-overflow"  # which takes what follows a failed assertion for possible
MEMORY_LIMIT = 8 << 30  # bytes for one process: a loop that never ends may ask for more at every turn


class Broken(Exception):
    """The project without any mutant does not build or does not pass its tests."""


class Tree:
    def __init__(self, source, folder):
        self.source, self.folder = Path(source), Path(folder)
        self.build = self.folder / "build" / "release"
        self.seconds = {}  # of each test program, nothing mutated

    def log(self):
        return self.folder.parent / (self.folder.name + ".log")

    def shared(self):
        return os.environ.get("GREENFRONT_SHARED", str(self.source.parent / "shared"))

    def call(self, *command, limit=BUILD_LIMIT):
        """The exit status; None where the limit was passed."""
        environment = {**os.environ, "CCACHE_BASEDIR": str(self.folder), "GREENFRONT_SHARED": self.shared(),
                       "GREENFRONT_SOURCE": str(self.folder), "GREENFRONT_PROGRAM": str(self.build / "greenfront")}
        with open(self.log(), "wb") as log:
            process = subprocess.Popen(["prlimit", f"--as={MEMORY_LIMIT}", *command], cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env=environment, start_new_session=True)
            try:
                return process.wait(limit)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)  # with the tests it has started
                process.wait()
                return None

    def prepare(self, test_folders, others):
        """A copy of what git knows or does not ignore, built (all of it for the others), its test programs passing and timed."""
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                                cwd=self.source, capture_output=True, check=True).stdout.decode().split("\0")
        for name in filter(None, listed):
            original, copy = self.source / name, self.folder / name
            if not original.is_file():
                continue  # deleted, and not yet committed
            copy.parent.mkdir(parents=True, exist_ok=True)
            if not copy.is_file() or copy.read_bytes() != original.read_bytes():
                shutil.copyfile(original, copy)
                shutil.copymode(original, copy)
        launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        targets = ["all"] if others else [f"test_{name}" for name in test_folders]
        for command in (["cmake", "--preset", "release", f"-DGREENFRONT_SHARED={self.shared()}", f"-DCMAKE_CXX_FLAGS_RELEASE={FLAGS}", *launcher],
                        ["cmake", "--build", "--preset", "release", "--target", *targets]):
            if self.call(*command, limit=3600) != 0:
                raise Broken(f"{' '.join(command)} failed; see {self.log()}")
        for name in test_folders:
            begin = time.monotonic()
            if self.own_tests(name, 600) != 0:
                raise Broken(f"test_{name} fails with nothing mutated; see {self.log()}")
            self.seconds[name] = time.monotonic() - begin

    def own_tests(self, name, limit):
        return self.call(str(self.build / "tests" / f"test_{name}"), "--abort-after=1", limit=limit)

    def judge(self, mutant, others):
        """(outcome, by): outcome is uncompiled, killed or survived; by is the test that saw it. Without the others only the
        test programs of its folder are asked."""
        path = self.folder / mutant.file
        original = path.read_text()
        path.write_text(mutant.applied(original))
        try:
            return self.outcome(mutant, others)
        finally:
            path.write_text(original)

    def outcome(self, mutant, others):
        names = tests.folders(mutant.file)
        build = ["cmake", "--build", "--preset", "release", "--target"]
        if self.call(*build, *(f"test_{name}" for name in names)) != 0:
            return "uncompiled", ""
        for name in names:
            code = self.own_tests(name, 30 + 5 * self.seconds[name])
            if code != 0:
                return "killed", f"test_{name}" + (" (time)" if code is None else "")
        if not others:
            return "survived", ""
        if self.call(*build, "all") != 0:
            return "uncompiled", ""
        code = self.call("ctest", "--test-dir", str(self.build), "-R", tests.ctest_pattern(mutant.file),
                         "--stop-on-failure", "--timeout", "240", limit=1200)
        return ("killed", self.failed_test() if code is not None else "time") if code != 0 else ("survived", "")

    def failed_test(self):
        failed = self.build / "Testing" / "Temporary" / "LastTestsFailed.log"
        return failed.read_text().split("\n")[0].partition(":")[2] if failed.exists() else "?"
