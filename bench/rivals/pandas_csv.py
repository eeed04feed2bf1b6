"""pandas reading the panel's CSV file with its C parser.

    pandas_csv.py FOLDER

The parser "round_trip" reads the nearest number, as ours does; pandas' usual one may miss the last digit.
"""

import sys
import time

import pandas

COLUMNS = ["capital", "labour", "energy", "output", "co2", "so2"]


def main(folder):
    print(f"uses pandas {pandas.__version__}")
    for _ in range(20):
        begin = time.process_time()
        table = pandas.read_csv(f"{folder}/panel.csv", float_precision="round_trip")
        passed = time.process_time() - begin
    print(f"time csv {passed:.9g} 1")
    for name in COLUMNS:
        print(f"answer csv {name} {table[name].sum():.17g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
