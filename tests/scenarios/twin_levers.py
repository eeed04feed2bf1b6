"""Uncertain parameters of levers against SciPy: the same Philox words, the same quantiles; and the point value
is the median. Run by ctest; needs GREENFRONT_PROGRAM."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import stats

PROGRAM = os.environ["GREENFRONT_PROGRAM"]
STAGE_LEVER = 8
SEED, DRAWS = 20191231, 200

# TOML of a parameter, its SciPy twin.
CASES = {
    "uniform": ("low = -0.5, high = 2.0", stats.uniform(-0.5, 2.5)),
    "triangular": ("low = 0.1, mode = 0.3, high = 0.9", stats.triang(0.25, 0.1, 0.8)),
    "triangular_left": ("low = -1.0, mode = -1.0, high = 3.0", stats.triang(0, -1, 4)),
    "triangular_right": ("low = -1.0, mode = 3.0, high = 3.0", stats.triang(1, -1, 4)),
    "normal": ("mean = -0.3, sd = 0.2", stats.norm(-0.3, 0.2)),
    "lognormal": ("median = 0.4, sigma = 0.7", stats.lognorm(0.7, scale=0.4)),
    "beta": ("a = 2.0, b = 5.0", stats.beta(2, 5)),
    "beta_scaled": ("a = 0.7, b = 1.3, low = -2.0, high = 6.0", stats.beta(0.7, 1.3, -2, 8)),
}


def stream_of(text):
    """FNV-1a, 64 bits."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) % 2**64
    return value


def uniforms(seed, lever, place):
    """The first word of each replicate's stream, in (0, 1)."""
    stream = stream_of(f"{lever}.{place}")
    words = []
    for replicate in range(DRAWS):
        counter = sum(word << (64 * i) for i, word in enumerate([0, stream, replicate, STAGE_LEVER]))
        before = (counter - 1) % 2**256  # NumPy increments its counter before each block
        words.append(int(np.random.Philox(key=seed, counter=before).random_raw()))
    return (np.array([word >> 12 for word in words], dtype=float) + 0.5) / 2**52


def call(*arguments):
    done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{arguments}: {done.stderr}")
    return json.loads(done.stdout)


def main():
    operations = ", ".join(
        f'{{ type = "elasticity", variable = "x", base = 1.0, elasticity = {{ distribution = "{name.split("_")[0]}", {numbers} }} }}'
        for name, (numbers, _) in CASES.items())
    with tempfile.TemporaryDirectory() as folder:
        study = Path(folder) / "study.toml"
        study.write_text('name = "s"\n[panel]\nfile = "p.csv"\nunit = "u"\ntime = "t"\n'
                         f'[lever.try]\noperations = [{operations}]\n'
                         'cost_per_unit = { distribution = "uniform", low = 0, high = 1 }\n')
        result = call("levers", "try", "--study", study, "--draws", DRAWS, "--seed", SEED, "--format", "json")
    draws = result["draws"]
    for i, (name, (_, twin)) in enumerate(CASES.items()):
        place = f"operations.{i}.elasticity"
        expected = twin.ppf(uniforms(SEED, "try", place))
        worst = np.max(np.abs(np.array(draws[place]) - expected) / np.maximum(1e-3, np.abs(expected)))
        if worst > 1e-11:
            sys.exit(f"{name}: draws differ from SciPy's by {worst}")
        if abs(result["operations"][i]["elasticity"] - twin.median()) > 1e-12:
            sys.exit(f"{name}: the point value is not the median")
    if np.max(np.abs(np.array(draws["cost_per_unit"]) - uniforms(SEED, "try", "cost_per_unit"))) > 0:
        sys.exit("the cost's draws are not the uniform numbers themselves")
    if len({json.dumps(draw) for draw in draws.values()}) != len(draws):
        sys.exit("two parameters share their draws")
    print(f"{len(CASES)} distributions agree with SciPy")


if __name__ == "__main__":
    main()
