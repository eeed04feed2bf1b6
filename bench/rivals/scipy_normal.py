"""SciPy's normal quantiles, of all points in one call.

    scipy_normal.py FOLDER
"""

import sys

import numpy
import scipy
from clock import timed
from scipy.special import ndtri

MANY = 100_000


def main(_):
    print(f"uses SciPy {scipy.__version__}")
    p = (numpy.arange(MANY) + 0.5) / MANY
    quantiles = timed("quantiles", MANY, lambda: ndtri(p))
    for i in range(0, MANY, 997):
        print(f"answer quantiles {i} {quantiles[i]:.17g}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
