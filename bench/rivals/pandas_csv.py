"""pandas reading the panel's CSV file with its C parser.

    pandas_csv.py FOLDER

The usual way, which may miss the last digit of a number; the nearest one, as ours reads it, takes
float_precision="round_trip", and longer.
"""

import sys

import pandas
from clock import timed

COLUMNS = ["capital", "labour", "energy", "output", "co2", "so2"]


def main(folder):
    print(f"uses pandas {pandas.__version__}")
    table = timed("csv", 1, lambda: pandas.read_csv(f"{folder}/panel.csv"))
    for name in COLUMNS:
        print(f"answer csv {name} {table[name].sum():.17g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
