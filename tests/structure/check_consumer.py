#!/usr/bin/env python3
"""Installs the build into an empty folder, moves it, and uses it from outside: the program on its own
study, and the kernels from a small CMake project (tests/consumer)."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = Path(os.environ["GREENFRONT_PROGRAM"])
SOURCE = Path(os.environ["GREENFRONT_SOURCE"])
BUILD = PROGRAM.parent


def call(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=540, **options)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def cached(name):
    """A variable of the build's CMake cache."""
    match = re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.M)
    return match.group(1) if match else ""


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        call("cmake", "--install", BUILD, "--prefix", folder / "first")
        # Moved after the installation: nothing may remember where it was installed, built or written.
        prefix = folder / "moved"
        shutil.move(folder / "first", prefix)
        for file in prefix.rglob("*.cmake"):
            text = file.read_text()
            for place in (str(SOURCE), str(BUILD), str(folder)):
                if place in text:
                    sys.exit(f"{file.relative_to(prefix)} mentions {place}")

        program = prefix / "bin" / "greenfront"
        call(program, "--version")
        call(program, "plan", prefix / "share" / "greenfront" / "catalog" / "countries.toml", cwd=folder)
        documents = prefix / "share" / "doc" / "greenfront"
        for name in ("LICENSE", "README.md", "CHANGELOG.md", "docs/tutorial.md"):
            if not (documents / name).is_file():
                sys.exit(f"{name} was not installed")

        for name in ("man/man1/greenfront.1", "bash-completion/completions/greenfront", "zsh/site-functions/_greenfront",
                     "fish/vendor_completions.d/greenfront.fish"):
            file = prefix / "share" / name
            if not file.is_file() or "boot-dea" not in file.read_text().replace("\\", ""):
                sys.exit(f"{name} was not installed, or lacks a command")

        scripts = prefix / "share" / "greenfront" / "scripts"
        for name in ("figures", "greenfront_figures/main.py"):
            if not (scripts / name).is_file():
                sys.exit(f"{name} was not installed: greenfront report would draw nothing")

        # A library built with a sanitizer, or counting its lines, can only be linked with that.
        sanitize = cached("GREENFRONT_SANITIZE")
        flags = f"-fsanitize={sanitize}" if sanitize else "--coverage" if cached("GREENFRONT_COVERAGE") == "ON" else ""
        call("cmake", "-S", SOURCE / "tests" / "consumer", "-B", folder / "build", "-G", "Ninja",
             f"-DCMAKE_PREFIX_PATH={prefix}", f"-DCMAKE_CXX_COMPILER={cached('CMAKE_CXX_COMPILER')}",
             f"-DCMAKE_CXX_FLAGS={flags}", "-DCMAKE_BUILD_TYPE=Release",
             # Warnings in our headers are ours, also in other people's projects.
             "-DCMAKE_COMPILE_WARNING_AS_ERROR=ON")
        call("cmake", "--build", folder / "build")
        print(call(folder / "build" / "consumer"), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
