"""What the tests of scripts/bench share: calling its Python part."""

import subprocess
import sys

from program import SOURCE, check


CODE = "import sys; sys.path.insert(0, sys.argv.pop(1)); from greenfront_bench.main import main; sys.exit(main(sys.argv[1:]))"
"""For `python -c`: what scripts/bench runs; its first word is the folder of scripts."""


def call(expect, *arguments):
    done = subprocess.run([sys.executable, "-B", "-c", CODE, SOURCE / "scripts", *arguments], capture_output=True, text=True,
                          check=False)
    check(done.returncode == expect, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done
