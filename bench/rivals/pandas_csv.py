"""pandas reading the panel's CSV file with its C parser, and writing it.

    pandas_csv.py FOLDER

The usual way of reading, which may miss the last digit of a number; the nearest one, as ours reads it, takes
float_precision="round_trip", and longer. Written are the shortest digits that give the number back, as ours writes them.
"""

import sys

import pandas
from clock import timed

COLUMNS = ["capital", "labour", "energy", "output", "co2", "so2"]


def answers(workload, table):
    for name in COLUMNS:
        print(f"answer {workload} {name} {table[name].sum():.17g}")


def main(folder):
    print(f"uses pandas {pandas.__version__}")
    answers("csv", timed("csv", 1, lambda: pandas.read_csv(f"{folder}/panel.csv")))
    table = pandas.read_csv(f"{folder}/panel.csv", float_precision="round_trip")
    timed("csv-write", 1, lambda: table.to_csv(f"{folder}/pandas.csv", index=False))
    answers("csv-write", pandas.read_csv(f"{folder}/pandas.csv", float_precision="round_trip"))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
