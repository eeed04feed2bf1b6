#!/usr/bin/env python3
"""Checks what the compiler does not: the direction of includes, who may use which library, names, sizes.

Every rule is first tried on a small tree with that one mistake planted in it; a rule that cannot fail is
itself a failure. Only then is the real tree judged.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LAYERS = ["kernels", "scenarios", "engine", "io", "engine/app"]  # a layer sees itself and those before it
CODE = {".cpp", ".hpp"}
# Folders below tests/ with a program of their own, whose CMakeLists.txt takes every .cpp in them.
OWN_PROGRAMS = {("dea", "torture"), ("resample", "size"), ("resample", "frontier"), ("engine", "coverage"), ("fuzz",),
                ("sanitizers",)}
# Folders below bench/ whose files are parts of programs that bench/CMakeLists.txt and CMakeLists.txt name.
BENCH_PARTS = [["dea"], ["calibration"], ["contest"], ["scaling"]]
LONGEST = 450

# Who may include which library. The first matching prefix decides; a header that matches none and is not
# the C++ or C library's is an unknown dependency.
EVERYWHERE = {*LAYERS, "tests", "bench"}
LIBRARIES = [
    (r"Eigen/", EVERYWHERE),
    (r"fmt/", EVERYWHERE),
    (r"(oneapi/)?tbb/", {"kernels", "engine", "engine/app", "tests", "bench"}),
    (r"hwy/", {"kernels", "tests", "bench"}),
    (r"Random123/", {"kernels", "tests", "bench"}),
    (r"boost/", {"kernels", "tests", "bench"}),
    (r"muParser", {"scenarios"}),
    (r"xxhash\.h", {"engine", "io", "tests"}),
    (r"(hdf5|hdf5_hl|H5\w+)\.h", {"io", "engine/app", "tests"}),
    (r"readstat\.h", {"io"}),
    (r"toml\+\+/", {"io", "engine/app", "tests"}),
    (r"CLI/", {"engine/app"}),
    (r"nlohmann/", {"io", "engine/app", "tests", "bench"}),
    (r"doctest/", {"tests"}),
    (r"benchmark/", {"bench"}),
    (r"(Clp|Coin)\w+\.hpp", {"bench", "tests"}),
    (r"glpk\.h", {"bench", "tests"}),
    (r"lpsolve/", {"bench"}),
    (r"cblas\.h", {"bench"}),
    (r"(unistd|fcntl|sched|signal|errno)\.h|sys/\w+\.h", {"io", "engine/app", "tests", "bench"}),
    (r"(math|stdint|stddef|string)\.h", EVERYWHERE),
    (r"[a-z_]+$", EVERYWHERE),  # the C++ library; some of it is closed to some layers below
]
# No file, clock, thread or print in the kernels, no file in the scenarios; random numbers are our own.
CLOSED = {
    "kernels": {"iostream", "fstream", "cstdio", "filesystem", "chrono", "ctime", "thread", "execution", "random"},
    "scenarios": {"iostream", "fstream", "cstdio", "filesystem", "chrono", "ctime", "thread", "execution", "random"},
    "engine": {"iostream", "fstream", "filesystem", "execution", "random"},
    "io": {"execution", "random"},
    "engine/app": {"execution", "random"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
UNPORTABLE = re.compile(r"std::\w+_distribution\b|std::random_device\b|std::reduce\b|std::execution\b|\bs?rand\(\)"
                        r"|tbb::parallel_(?:deterministic_)?reduce\b")
PLACES = re.compile(r"(?<![\w.~-])/(?:wor" + r"k|hom" + r"e)/")


def layer_of(path):
    for layer in ["engine/app", *LAYERS[:4], "tests", "bench"]:
        if path.startswith(layer + "/"):
            return layer
    return None


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", lambda m: "\n" * m.group().count("\n"), text, flags=re.S)


def check_includes(tree):
    for path, text in tree.items():
        layer = layer_of(path)
        if Path(path).suffix not in CODE or layer is None or path.startswith("tests/consumer/"):
            continue
        for quote, target in INCLUDE.findall(without_comments(text)):
            if quote == '"':
                other = layer_of(target)
                if "/" in target and other is None and target not in ("hwy/foreach_target.h",):
                    yield f'{path}: "{target}" is not below the repository root; libraries are included with <>'
                elif other in LAYERS and layer in LAYERS and LAYERS.index(other) > LAYERS.index(layer):
                    yield f'{path}: upward include of "{target}": {layer} may not see {other}'
                elif other in ("tests", "bench") and layer in LAYERS:
                    yield f'{path}: the product may not include "{target}"'
                continue
            allowed = next((who for pattern, who in LIBRARIES if re.match(pattern, target)), None)
            if allowed is None:
                yield f"{path}: <{target}> belongs to no library that this project knows"
            elif layer not in allowed:
                yield f"{path}: <{target}> is not for {layer}; only {', '.join(sorted(allowed))} may use it"
            elif target in CLOSED.get(layer, ()):
                yield f"{path}: <{target}> is closed to {layer}"


def check_unportable(tree):
    for path, text in tree.items():
        if Path(path).suffix in CODE and layer_of(path) in LAYERS:
            for match in UNPORTABLE.finditer(without_comments(text)):
                yield f"{path}: {match.group()} makes results depend on the library or on threads"


def check_names(tree):
    cmake = tree.get("tests/CMakeLists.txt", "")
    programs = set(re.findall(r"^greenfront_test_program\((\w+)", cmake, re.M))
    listed = re.search(r"foreach\(folder ([\w ]+)\)", cmake)
    python_folders = set(listed.group(1).split()) if listed else set()
    for path, text in tree.items():
        parts, name, suffix = path.split("/"), Path(path).name, Path(path).suffix
        if layer_of(path) is None or parts[:2] == ["tests", "consumer"]:
            continue
        if suffix in CODE | {".py"} and not re.fullmatch(r"[a-z][a-z0-9_]*\.\w+", name):
            yield f"{path}: file names are snake_case"
        if parts[0] == "bench" and suffix == ".cpp" and len(parts) == 2 and not name.startswith("bench_"):
            yield f"{path}: only bench_*.cpp is built"
        if parts[0] == "bench" and suffix == ".cpp" and len(parts) > 2 and parts[1:-1] not in BENCH_PARTS:
            yield f"{path}: bench/CMakeLists.txt builds {', '.join('bench/' + '/'.join(p) for p in BENCH_PARTS)} only"
        if parts[0] != "tests":
            continue
        if suffix == ".cpp" and path != "tests/main.cpp" and tuple(parts[1:-1]) not in OWN_PROGRAMS:
            if len(parts) != 3 or not name.startswith("test_"):
                yield f"{path}: only tests/PART/test_*.cpp is built"
            elif parts[1] not in programs:
                yield f"{path}: tests/CMakeLists.txt makes no test program of folder {parts[1]}"
        if suffix == ".py":
            siblings = (t for p, t in tree.items() if p != path and p.startswith("tests/"))
            helper = re.compile(rf"^\s*(?:import|from)\s+{re.escape(Path(path).stem)}\b", re.M)
            if name.startswith(("twin_", "check_")):
                if parts[1] not in python_folders:
                    yield f"{path}: tests/CMakeLists.txt runs no Python tests of folder {parts[1]}"
            elif not any(helper.search(t) for t in siblings):
                yield f"{path}: neither a test (twin_*.py, check_*.py) nor imported by one"


def check_sizes(tree):
    for path, text in tree.items():
        lines = text.count("\n")
        if Path(path).suffix in CODE | {".py", ".sh", ".cmake"} and lines > LONGEST:
            yield f"{path}: {lines} lines; {LONGEST} is the limit, split it"


def check_places(tree):
    for path, text in tree.items():
        for match in PLACES.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: an absolute path of somebody's machine"


def check_version(tree):
    version = re.search(r"project\(greenfront VERSION (\d+\.\d+\.\d+)", tree.get("CMakeLists.txt", ""))
    if not version:
        yield "CMakeLists.txt: no project version found"
        return
    for path, form in (("CHANGELOG.md", r"^## \[{}\]"), ("CITATION.cff", r"^version: {}\s*$")):
        if not re.search(form.format(re.escape(version.group(1))), tree.get(path, ""), re.M):
            yield f"{path}: does not mention version {version.group(1)} of CMakeLists.txt"


CHECKS = [check_includes, check_unportable, check_names, check_sizes, check_places, check_version]


def problems(root):
    tree = read_tree(root)
    return [problem for check in CHECKS for problem in check(tree)]


def read_tree(root):
    """Text files of the checkout by path; what git ignores is not ours to judge."""
    listing = subprocess.run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                             capture_output=True)
    if listing.returncode == 0 and listing.stdout:
        paths = [Path(p) for p in listing.stdout.decode().split("\0") if p]
    else:  # a release archive or a planted tree
        paths = [p.relative_to(root) for p in Path(root).rglob("*")]
        paths = [p for p in paths if not {"build", ".git", "__pycache__"} & set(p.parts)]
    tree = {}
    for path in paths:
        if (root / path).is_file():
            try:
                tree[path.as_posix()] = (root / path).read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # an image or another binary file
    return tree


GOOD = {
    "CMakeLists.txt": "project(greenfront VERSION 1.2.3 LANGUAGES CXX)\n",
    "CHANGELOG.md": "## [1.2.3] - unreleased\n",
    "CITATION.cff": "version: 1.2.3\n",
    "kernels/a.hpp": "#include <Eigen/Core>\n#include <vector>\n",
    "scenarios/b.cpp": '#include <muParser.h>\n#include "kernels/a.hpp"\n',
    "engine/c.cpp": '#include <oneapi/tbb/parallel_for.h>\n#include "scenarios/b.hpp"\n',
    "io/d.cpp": '#include <hdf5.h>\n#include <fstream>\n#include "engine/c.hpp"\n',
    "engine/app/e.cpp": '#include <CLI/CLI.hpp>\n#include "io/d.hpp"\n',
    "tests/CMakeLists.txt": "greenfront_test_program(dea kernels)\nforeach(folder dea program)\n",
    "tests/dea/test_a.cpp": '#include <doctest/doctest.h>\n#include "kernels/a.hpp"\n',
    "tests/dea/twin_a.py": "import helper\n",
    "tests/dea/helper.py": "",
    "bench/bench_a.cpp": "#include <benchmark/benchmark.h>\n",
    "bench/dea/rival_a.cpp": "#include <glpk.h>\n",
    "docs/a.md": "see ../frame/" + "work/x\n",
}
PLANTED = [  # (file, its text, a word of the complaint)
    ("kernels/bad.cpp", '#include "scenarios/b.hpp"\n', "upward"),
    ("scenarios/bad.cpp", '#include "engine/c.hpp"\n', "upward"),
    ("engine/bad.cpp", '  #  include "io/d.hpp"\n', "upward"),
    ("io/bad.cpp", '#include "engine/app/e.hpp"\n', "upward"),
    ("kernels/bad.cpp", '#include "tests/dea/x.hpp"\n', "product"),
    ("kernels/bad.cpp", '#include "fmt/format.h"\n', "libraries are included with"),
    ("engine/bad.cpp", "#include <hdf5.h>\n", "not for engine"),
    ("engine/bad.cpp", "#include <toml++/toml.h>\n", "not for engine"),
    ("scenarios/bad.cpp", "#include <oneapi/tbb/parallel_for.h>\n", "not for scenarios"),
    ("io/bad.cpp", "#include <CLI/CLI.hpp>\n", "not for io"),
    ("kernels/bad.cpp", "#include <muParser.h>\n", "not for kernels"),
    ("kernels/bad.cpp", "#include <unistd.h>\n", "not for kernels"),
    ("kernels/bad.cpp", "#include <iostream>\n", "closed"),
    ("kernels/bad.cpp", "#include <chrono>\n", "closed"),
    ("kernels/bad.cpp", "#include <armadillo/x.h>\n", "no library"),
    ("kernels/bad.cpp", "std::normal_distribution<double> d;\n", "depend"),
    ("engine/bad.cpp", "tbb::parallel_reduce(r);\n", "depend"),
    ("kernels/Bad.cpp", "", "snake_case"),
    ("bench/speed.cpp", "", "bench_"),
    ("bench/other/rival.cpp", "", "builds bench/dea, bench/calibration"),
    ("engine/app/bad.cpp", "#include <readstat.h>\n", "not for engine/app"),
    ("engine/bad.cpp", "#include <glpk.h>\n", "not for engine"),
    ("tests/dea/extra.cpp", "", "test_"),
    ("tests/dea/torture/more/data.cpp", "", "test_"),
    ("tests/resample/torture/data.cpp", "", "test_"),
    ("tests/new/test_x.cpp", "", "no test program"),
    ("tests/dea/alone.py", "", "nor imported"),
    ("tests/new/check_x.py", "", "no Python tests"),
    ("kernels/bad.cpp", "\n" * (LONGEST + 1), "lines"),
    ("docs/bad.md", "see /wor" + "k/x\n", "absolute"),
    ("scripts/bad.sh", "cd /hom" + "e/me\n", "absolute"),
    ("CHANGELOG.md", "## [1.2.2]\n", "version"),
]


def plant(folder, files):
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)


def self_test():
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        plant(Path(folder), GOOD)
        failures += [f"self-test: complains of a good tree: {p}" for p in problems(Path(folder))]
    for path, text, word in PLANTED:
        with tempfile.TemporaryDirectory() as folder:
            plant(Path(folder), {**GOOD, path: text})
            found = problems(Path(folder))
            if not any(p.startswith(path) and word in p for p in found):
                failures.append(f"self-test: {path} with {text[:40]!r} was not found ({word}); found: {found}")
    return failures


def main():
    root = Path(os.environ.get("GREENFRONT_SOURCE") or Path(__file__).resolve().parents[2])
    found = self_test() or problems(root)
    for problem in found:
        print(problem)
    print(f"{len(PLANTED)} planted mistakes tried, {len(found)} problems")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
