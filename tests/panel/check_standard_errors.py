#!/usr/bin/env python3
"""docs/standard-errors.md: the example worked there by hand, run by the program."""
import json
import os
import re
import subprocess
import sys
import tempfile

PROGRAM = os.environ.get("GREENFRONT_PROGRAM", "build/release/greenfront")
SOURCE = os.environ.get("GREENFRONT_SOURCE", ".")


def main():
    with open(os.path.join(SOURCE, "docs", "standard-errors.md"), encoding="utf-8") as file:
        text = file.read()
    data = re.search(r"```csv page.csv\n(.*?)```", text, re.S).group(1)
    table = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \| ([0-9.]+) \| (\d+) \|$", text, re.M)
    if len(table) < 13:
        sys.exit(f"the page has {len(table)} standard errors; the pattern finds too few")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "page.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write(data)
        for vcov, ssc, se, df in table:
            done = subprocess.run([PROGRAM, "regress", path, "y ~ x | unit", "--unit", "unit", "--time", "t", "--vcov", vcov,
                                   "--ssc", ssc, "--format", "json"], capture_output=True, text=True, timeout=60)
            if done.returncode != 0:
                sys.exit(f"{vcov}: exit {done.returncode}: {done.stderr}")
            got = json.loads(done.stdout)
            if abs(got["terms"][0]["estimate"] - 5 / 3) > 1e-12:
                sys.exit(f"{vcov}: estimate {got['terms'][0]['estimate']}")
            if f"{got['terms'][0]['std_error']:.6f}" != se or got["df_residual"] != int(df):
                sys.exit(f"{vcov} {ssc}: {got['terms'][0]['std_error']:.6f} with {got['df_residual']}, the page says {se} with {df}")
    print(f"{len(table)} standard errors of the page are those of the program")


if __name__ == "__main__":
    main()
