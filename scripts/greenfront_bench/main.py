"""The words of scripts/bench that Python serves."""

from . import compare, measure


def main(arguments):
    if arguments[:1] == ["compare"]:
        return compare.main(arguments[1:])
    return measure.main(arguments)
