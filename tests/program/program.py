"""What the tests of the program share: calling it, and reading its result files."""

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = Path(os.environ["GREENFRONT_PROGRAM"])
SOURCE = Path(os.environ["GREENFRONT_SOURCE"])
STUDY = SOURCE / "scenarios" / "catalog" / "countries.toml"
# The main study with few replicates: every stage runs, in a fraction of the time.
QUICK = ["--set", "bootstrap.controls.replicates=29", "--set", "bootstrap.pathway.replicates=29",
         "--set", "placebo.controls.replicates=29"]
BADS = 'bad = ["co2", "pm25"]\n'


def dea_study(stages, derived=(), panel="synth:24x2011-2014"):
    """TOML of a study: derived columns and efficiency stages by name, each stage with two inputs and one good output."""
    text = f'name = "frontiers"\n[panel]\nfile = "{panel}"\nunit = "city"\ntime = "year"\n'
    for name, expression in dict(derived).items():
        text += f'[[prepare.derive]]\nname = "{name}"\nexpression = "{expression}"\n'
    for name, words in stages.items():
        text += f'\n[dea.{name}]\ninputs = ["labour", "electricity"]\ngood = ["gdp"]\n{words}\n'
    return text


def call(*arguments, expect=0, **options):
    """Runs the program; anything but the expected exit code ends the test with all that was printed."""
    command = [str(PROGRAM), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=540, **options)
    if done.returncode != expect:
        sys.exit(f"{' '.join(command)}\nexit {done.returncode}, expected {expect}\n{done.stdout}\n{done.stderr}")
    return done


def check(condition, message):
    if not condition:
        sys.exit(message)


def datasets(path):
    """All datasets of a result file by name, as arrays; categories and strings as they are stored."""
    import h5py

    found = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith("provenance"):
            found[name] = item[()]

    with h5py.File(path, "r") as file:
        # visititems goes to a hard-linked dataset once only, so every group is walked by hand.
        def walk(group, prefix):
            for name, item in group.items():
                if isinstance(item, h5py.Group):
                    walk(item, f"{prefix}{name}/")
                else:
                    visit(prefix + name, item)

        walk(file, "")
    return found


def attributes(path):
    """All attributes of groups outside of /provenance, by group/name."""
    import h5py

    found = {}
    with h5py.File(path, "r") as file:
        def visit(name, item):
            if isinstance(item, h5py.Group) and not name.startswith("provenance"):
                for key, value in item.attrs.items():
                    found[f"{name}/{key}"] = value

        file.visititems(visit)
    return found


def differences(one, other):
    """Names of what is not the same bit for bit."""
    import numpy as np

    differing = sorted(set(one) ^ set(other))
    for name in sorted(set(one) & set(other)):
        a, b = np.asarray(one[name]), np.asarray(other[name])
        same = a.shape == b.shape and a.dtype == b.dtype
        if same and a.dtype.kind == "O":
            same = a.tolist() == b.tolist()
        elif same:
            same = a.tobytes() == b.tobytes()
        if not same:
            differing.append(name)
    return differing
